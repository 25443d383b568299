"""A made-up export in the shape of UPR Info's: Mac Roman, bare carriage returns, comma lists, repeats.

The real one has no licence, so nothing of it stands here: every country, wording and year is invented.
"""

import csv
import io
from pathlib import Path
from random import Random

HEAD = ("To", "To-Rgrp", "To-Org", "Text", "From", "From-Rgrp", "From-Org", "Response", "Action", "Issue", "Session")

_COUNTRIES = [f"{name}{end}" for name in ("Alba", "Bór", "Cé", "Dra", "Elo", "Fan") for end in ("land", "stan", "via")]
_ISSUES = ("Women's rights", "Rights of the Child", "NHRI", "Death penalty", "HIV - Aids", "Right to water")
_VERBS = ("Ratify", "Continue to strengthen", "Consider, as soon as possible,", "Abolish", "Take further steps on")
_THINGS = (
    "the protocol on the rights of those who wait",
    "the law on shelters, in line with what the committee asked for in its last report on the matter",
    "its “plan” for café owners & others",
    "the institution for the defence of rights, with enough money and in full independence from the government",
)


def rows(number: int, seed: int = 1) -> list[tuple[str, ...]]:
    """So many rows, one in a hundred of them the repeat of the one before."""
    random = Random(seed)
    made: list[tuple[str, ...]] = []
    for n in range(number):
        if n % 100 == 99:
            made.append(made[-1])
            continue
        to, asker = random.sample(_COUNTRIES, 2)
        response = random.choices(("Accepted", "Noted", "Voluntary Pledge"), (72, 25, 3))[0]
        text = f"{random.choice(_VERBS)} {random.choice(_THINGS)} ({n})" + random.choice(("", " ", "."))
        issues = ",".join(random.sample(_ISSUES, random.choice((1, 1, 2, 3))))
        asker = to if response == "Voluntary Pledge" else asker
        session = str(random.randint(1, 20))
        made.append(
            (to, "Group", "A, B", text, asker, "Group", "", response, str(random.randint(1, 5)), issues, session)
        )
    return made


def content(given: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r").writerows([HEAD, *given])
    return out.getvalue().encode("mac-roman")


def years(lacking: str = "") -> bytes:
    """The years of both reviews of each country; one of them may have none for its first."""
    lines = [f"{name},{'.' if name == lacking else 2008 + n % 4},{2012 + n % 4}" for n, name in enumerate(_COUNTRIES)]
    return "\r".join(["country,review1,review2", *lines, ""]).encode("mac-roman")


def write(folder: Path, given: list[tuple[str, ...]], name: str = "1-5.csv", lacking: str = "") -> Path:
    """The export in a folder, with the file of the years beside it."""
    path = folder / name
    path.write_bytes(content(given))
    (folder / "upr-years.csv").write_bytes(years(lacking))
    return path
