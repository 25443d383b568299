"""Every command on every record of many registries, in every style: `python -m tests.splice [--registries N]`.

Of each: only the lines of the entries concerned change, the whole reads as the command applied to the
plain values, and what the door reads anew (`reader.again`) equals a full read. Exits 1 on any breach.
"""

import argparse
import gc
import json
import pickle
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import yaml
from pydantic import TypeAdapter

from dashboard.registry import commands, edits, events, grounds, reader
from dashboard.registry.commands import Command, Impossible, Now
from dashboard.registry.edits import NewSource
from dashboard.registry.model import RegistryFile
from dashboard.registry.reader import Loaded, Texts
from tests import generate

SHIPPED = Path(__file__).resolve().parent.parent / "recommendations.yaml"
Plain = Any
File = dict[str, Any]

SAID = (
    "Short.",
    "The ministry published the figures for 2024, region by region, and said in the same letter that it would do so every year",
    "Министерство опубликовало данные: по регионам, по годам, и пообещало делать это «впредь» — так сказано в письме от марта",
    "Әр өңірде баспана ашылды 🏛, ал есеп жарияланды: 12 % 😀",
    "It's said: \"yes\" # and no",
    "- a dash",
    "a: b",
    "@at, !tag, &a, *a, %x, `y`",
    "true",
    "2024-02-30",
    "12",
    "null",
    "~",
    "[1, 2]",
    "{a: b}",
    "First line\nsecond line: with a colon\n\n    and a line further in\n# no comment\n- no item",
    "Бірінші жол\r\nекінші жол\r\n",
    "...",
    "---\nand so on...",
    "- id: open-shelters",
    "word " * 60 + "end",
    "#hash " * 40 + "end",
    "a  b " * 50,
    "tab\there",
    "ends with a colon:",
    "? | > what",
    "\\n no escape \\x41",
)  # fmt: skip


def kept(text: str) -> str:
    """A text as it is kept."""
    return text.replace("\r\n", "\n").strip()


# --- what each command shall do, on plain values ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trial:
    """A command, what it shall make of the plain file, and the entries whose lines it may change."""

    command: Command
    applied: Callable[[File], None]
    entries: tuple[tuple[str, str], ...] = ()
    grown: tuple[str, ...] = ()
    """Lists that get one more entry."""
    takes_out: bool = False


def made(kind: type, **values: Any) -> Command:
    command: Command = TypeAdapter(kind).validate_python(values)
    return command


def record(file: File, name: str) -> dict[str, Any]:
    return next(each for each in file["recommendations"] if each["id"] == name)


def grow(name: str, key: str, value: Plain) -> Callable[[File], None]:
    def applied(file: File) -> None:
        record(file, name)[key] = [*(record(file, name).get(key) or []), value]

    return applied


def put(name: str, path: Sequence[Any], value: Plain) -> Callable[[File], None]:
    def applied(file: File) -> None:
        held: Any = record(file, name)
        for part in path[:-1]:
            held = held[part]
        held[path[-1]] = value

    return applied


def both(*changes: Callable[[File], None]) -> Callable[[File], None]:
    def applied(file: File) -> None:
        for change in changes:
            change(file)

    return applied


def added(key: str, value: Plain) -> Callable[[File], None]:
    def applied(file: File) -> None:
        file.setdefault(key, []).append(value)

    return applied


def said(random: Random) -> tuple[Plain, Plain]:
    """A text as it is given to a command, and as it shall read."""
    words = [random.choice(SAID) for _ in range(3)]
    match random.randrange(4):
        case 0:
            return {"ru": words[0]}, {"ru": kept(words[0])}
        case 1:
            given = dict(zip(("en", "ru", "kk"), words, strict=True))
            return {**given, "drafts": ["ru", "kk"]}, {**{k: kept(v) for k, v in given.items()}, "drafts": ["ru", "kk"]}
        case 2:
            return {"kk": words[0], "en": words[1], "from": "kk"}, {
                "kk": kept(words[0]),
                "en": kept(words[1]),
                "from": "kk",
            }
    return words[0], kept(words[0])


def trials(file: File, name: str, random: Random) -> Iterator[Trial]:
    """Each command on the record `name`, such that the door would let it in and such that it would not."""
    mine = (("recommendations", name),)
    is_ = record(file, name)
    others = [each["id"] for each in file["recommendations"] if each["id"] != name]
    actor, evidence = random.choice(file["actors"])["id"], random.choice(file.get("evidence") or [{"id": "e"}])["id"]

    def grown(kind: type, key: str, value: Plain, **given: Any) -> Trial:
        return Trial(made(kind, record=name, **given), grow(name, key, value), mine)

    yield from _judgements(file, name, random, actor, evidence)
    text, reads = said(random)
    yield grown(commands.Answer, "answers", {"by": actor, "position": "not-ours", "on": "2026-02", "text": reads, "whose": actor, "evidence": [evidence]}, by=actor, position="not-ours", on="2026-02", text=text, whose=actor, evidence=[evidence])  # fmt: skip
    yield grown(commands.Answer, "answers", {"by": actor, "position": "agreed", "on": "2999-01-01", "text": reads}, by=actor, position="agreed", on="2999-01-01", text=text)  # fmt: skip
    yield grown(commands.Step, "steps", {"step": reads, "state": "done", "on": "2025~", "until": "2030", "evidence": ["source:x#1", evidence]}, state="done", step=text, on="2025~", until="2030", evidence=["source:x#1", evidence])  # fmt: skip
    yield grown(commands.Fund, "funding", {"by": actor, "stage": "paid", "purpose": reads, "to": actor, "on": "2025", "amount": "12000.50", "currency": "EUR", "iati": "XX-1: #2"}, by=actor, stage="paid", purpose=text, to=actor, on="2025", amount="12000.50", currency="EUR", iati="XX-1: #2")  # fmt: skip
    yield grown(commands.Setback, "setbacks", {"on": "2026-01", "what": reads, "evidence": [evidence]}, on="2026-01", what=text, evidence=[evidence])  # fmt: skip
    part = random.choice(is_["actors"])["actor"]
    yield grown(commands.Ask, "asked", {"actor": part, "on": "2026-01-31", "how": reads}, actor=part, on="2026-01-31", how=text)  # fmt: skip
    yield grown(commands.Quote, "origin", {"source": "document-1", "paragraph": "4", "locator": "p. 3: 'x'", "quote": "as # they: said", "by": actor, "told": "reported", "translation": reads}, source="document-1", paragraph="4", locator="p. 3: 'x'", quote="as # they: said", by=actor, told="reported", translation=text)  # fmt: skip
    if all((each["actor"], each["role"]) != (actor, "helps") for each in is_["actors"]):
        yield grown(commands.Involve, "actors", {"actor": actor, "role": "helps", "basis": "inferred", "why": reads}, actor=actor, role="helps", basis="inferred", why=text)  # fmt: skip
    if all(each["code"] != "A/HRC/44/10#139.27" for each in is_.get("alignments", ())):
        yield grown(commands.Align, "alignments", {"code": "A/HRC/44/10#139.27", "match": "near"}, code="A/HRC/44/10#139.27", match="near")  # fmt: skip
    yield Trial(made(commands.Due, record=name, on="2027-01", basis=text), put(name, ["due"], {"on": "2027-01", "basis": reads}), mine, takes_out="due" in is_)  # fmt: skip
    for other in others[:1]:
        yield grown(
            commands.Relate, "related", {"id": other, "relation": "depends-on"}, to=other, relation="depends-on"
        )
        there = record(file, other)
        if not is_.get("retired") and not there.get("retired"):
            change = [put(name, ["retired"], {"on": "2026-11-20", "reason": reads, "into": other})]
            if all(each["id"] != name for each in there.get("related", ())):
                change.append(grow(other, "related", {"id": name, "relation": "repeats"}))
            yield Trial(made(commands.Merge, record=name, into=other, reason=text, on="2026-11-20"), both(*change), (*mine, ("recommendations", other)))  # fmt: skip
    if not is_.get("retired"):
        yield Trial(made(commands.Retire, record=name, reason=text), put(name, ["retired"], {"on": str(generate.TODAY), "reason": reads}), mine)  # fmt: skip
    yield Trial(made(commands.Correct, record=name, was=text, now="x: y"), added("corrections", {"on": str(generate.TODAY), "record": name, "was": reads, "now": "x: y"}), grown=("corrections",))  # fmt: skip
    yield from _changes(is_, name, random)
    yield from _of_others(file, random)
    yield from _additions(file, random)


def _of_others(file: File, random: Random) -> Iterator[Trial]:
    """On a subject and on a piece of evidence."""
    theme = random.choice(file["themes"])["id"]
    tended = {"steward": "A union: #1", "check_every_days": "90"}
    yield Trial(made(commands.Tend, theme=theme, **tended), entered("themes", theme, tended), (("themes", theme),))
    if page := next((each for each in file.get("evidence") or () if "sha256" not in each), None):
        kept = {"sha256": "ab" * 32, **({} if page.get("withheld") else {"archived_on": str(generate.TODAY)})}
        change = entered("evidence", page["id"], kept)
        yield Trial(made(commands.Archive, id=page["id"], sha256="ab" * 32), change, (("evidence", page["id"]),))


def entered(key: str, name: str, fields: dict[str, str]) -> Callable[[File], None]:
    def applied(file: File) -> None:
        next(each for each in file[key] if each["id"] == name).update(fields)

    return applied


def _judgements(file: File, name: str, random: Random, actor: str, evidence: str) -> Iterator[Trial]:
    mine = (("recommendations", name),)
    is_ = record(file, name)
    today = str(generate.TODAY)
    text, reads = said(random)
    given = {"status": "nothing-found", "as_of": "2026-11", "assessed_on": today, "by": "editors", "recorded_on": today, "evidence": [], "note": reads, "judged": "?"}  # fmt: skip
    yield Trial(made(commands.Assess, record=name, status="nothing-found", as_of="2026-11", note=text), grow(name, "assessments", given), mine)  # fmt: skip
    met = [{"condition": "1", "evidence": [evidence]}, {"condition": "9", "evidence": ["new-page"]}]
    page = {"id": "new-page", "says": reads, "owner": "independent", "form": "news", "url": "https://example.org/a?b=1#c", "publisher": "A: B"}  # fmt: skip
    given = {"status": "implemented", "as_of": "2026~", "assessed_on": "2026-11-20", "by": actor, "recorded_on": today, "evidence": [evidence, "new-page"], "note": reads, "conditions_met": met, "reviewed_by": actor, "judged": "?"}  # fmt: skip
    yield Trial(
        made(
            commands.Assess, record=name, status="implemented", as_of="2026~", assessed_on="2026-11-20", by=actor, note=text,
            evidence=[evidence, "new-page"], conditions_met=met, reviewed_by=actor, new=[{**page, "says": text}],
        ),
        both(added("evidence", page), grow(name, "assessments", given)), mine, grown=("evidence",),
    )  # fmt: skip
    looked = {"on": "2026-11", "by": actor, "where": reads, "recorded_on": today}
    several = list(dict.fromkeys([name, *random.sample([each["id"] for each in file["recommendations"]], 2)]))
    yield Trial(made(commands.Look, records=several, where=text, by=actor, on="2026-11"), both(*(grow(each, "checks", looked) for each in several)), tuple(("recommendations", each) for each in several))  # fmt: skip
    for n, each in enumerate(is_.get("assessments", ())):
        if "withdrawn" not in each:
            yield Trial(made(commands.Withdraw, record=name, assessment=str(n + 1), why=text), put(name, ["assessments", n, "withdrawn"], {"on": today, "why": reads}), mine)  # fmt: skip
            yield Trial(made(commands.Edit, id=name, field=f"assessments.{n + 1}.reviewed_by", value=actor), put(name, ["assessments", n, "reviewed_by"], actor), mine)  # fmt: skip
    for n, each in enumerate(is_.get("steps", ())):
        change = [put(name, ["steps", n, "state"], "lapsed"), put(name, ["steps", n, "until"], "2026")]
        change.append(put(name, ["steps", n, "evidence"], [*each.get("evidence", ()), evidence]))
        yield Trial(made(commands.Step, record=name, number=str(n + 1), state="lapsed", until="2026", evidence=[evidence]), both(*change), mine)  # fmt: skip


def leaves(value: Plain, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every text below a value, and of every group that may be taken out as a whole."""
    match value:
        case dict():
            for key, each in value.items():
                yield (*path, key)
                yield from leaves(each, (*path, key))
        case list():
            for n, each in enumerate(value):
                yield (*path, n)
                yield from leaves(each, (*path, n))


def at(value: Plain, path: Sequence[Any]) -> Plain:
    for part in path:
        value = value[part]
    return value


def _changes(is_: dict[str, Any], name: str, random: Random) -> Iterator[Trial]:
    """Edits and translations of what is there, some of each, and what goes."""
    mine = (("recommendations", name),)
    paths = [path for path in leaves(is_) if path[0] not in ("id", "assessments", "checks")]
    texts = [
        path for path in paths if isinstance(at(is_, path), str) and path[-1] not in ("from",) and "drafts" not in path
    ]
    for path in random.sample(texts, min(4, len(texts))):
        value = random.choice(SAID)
        # A text in English alone, and the original of one, are named without a language too: here in full.
        yield Trial(made(commands.Edit, id=name, field=typed(path), value=value), put(name, path, kept(value)), mine)
    for path in random.sample(paths, min(3, len(paths))):
        if path[-1] in ("from", "drafts", "en", "ru", "kk") or "drafts" in path:
            continue
        yield Trial(
            made(commands.Edit, id=name, field=typed(path), value=""), dropped(name, path), mine, takes_out=True
        )
    for key in ("done_when", "open_questions", "beyond_test"):
        value = random.choice(SAID)
        yield Trial(made(commands.Edit, id=name, field=f"{key}.new", value=value), grow(name, key, kept(value)), mine)
    groups = [
        path for path in leaves(is_) if isinstance(held := at(is_, path), dict) and {"en", "ru", "kk"} & set(held)
    ]
    for path in random.sample(groups, min(4, len(groups))):
        yield from _translated(at(is_, path), name, path, random)


def _translated(was: dict[str, Any], name: str, path: tuple[Any, ...], random: Random) -> Iterator[Trial]:
    original = was.get("from") or next(each for each in ("en", "ru", "kk") if each in was)
    language = random.choice([each for each in ("en", "ru", "kk") if each != original])
    text, checked = random.choice(SAID), random.random() < 0.5
    shall = {**was, language: kept(text)}
    drafts = {*was.get("drafts", ())} - {language} | (set() if checked else {language})
    shall.pop("drafts", None)
    if drafts:
        shall["drafts"] = sorted(drafts, key=("en", "ru", "kk").index)
    if drafts == {*was.get("drafts", ())} and drafts:
        shall["drafts"] = was["drafts"]
    if "from" not in was and next(each for each in ("en", "ru", "kk") if each in shall) != original:
        shall["from"] = original
    mine = (("recommendations", name),)
    yield Trial(made(commands.Translate, id=name, field=typed(path), language=language, text=text, checked=str(checked).lower()), put(name, path, shall), mine, takes_out=True)  # fmt: skip


def typed(path: Sequence[Any]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def dropped(name: str, path: Sequence[Any]) -> Callable[[File], None]:
    """What stands at a path goes, and with it each list that it was the last of."""

    def applied(file: File) -> None:
        left = list(path)
        while len(left) > 1 and len(at(record(file, name), left[:-1])) == 1:
            left.pop()
        del at(record(file, name), left[:-1])[left[-1]]

    return applied


def _kept_all(value: Plain) -> Plain:
    match value:
        case dict():
            return {key: _kept_all(each) for key, each in value.items()}
        case list():
            return [_kept_all(each) for each in value]
    return kept(value)


def _additions(file: File, random: Random) -> Iterator[Trial]:
    text, reads = said(random)
    actor = {"id": "new-body", "name": text, "kind": "donor", "side": "foreign", "same_as": ["Q: 1", "x"]}
    yield Trial(made(commands.AddActor, entry=actor), added("actors", {**actor, "name": reads}), grown=("actors",))
    for kind, key in ((commands.AddInstrument, "instruments"), (commands.AddTheme, "themes")):
        yield Trial(made(kind, entry={"id": "new-one", "name": text}), added(key, {"id": "new-one", "name": reads}), grown=(key,))  # fmt: skip
    page = {"id": "hidden-page", "says": text, "owner": "state", "form": "seen", "withheld": "true"}
    yield Trial(made(commands.AddEvidence, entry=page), added("evidence", {**page, "says": reads}), grown=("evidence",))
    point = deepcopy(random.choice(file["recommendations"])) | {"id": "a-new-point", "title": text}
    shall = _kept_all(point) | {"title": reads}
    yield Trial(made(commands.AddRecord, entry=point), added("recommendations", shall), grown=("recommendations",))
    if "a-record" not in [each["id"] for each in file["recommendations"]]:
        head = {"id": "new-source", "title": "T: t", "publisher": "P", "owner": "independent", "form": "report", "published": "2024", "url": "https://example.org/x", "language": "en", "licence": "l", "rights": "quote-only", "summary": text}  # fmt: skip
        yield Trial(made(commands.AddSource, entry=head), lambda file: None)


# --- judging ----------------------------------------------------------------------------------------


def entry_lines(data: bytes) -> dict[str, list[tuple[int, int, str]]]:
    """List to (first byte, byte behind the last line, id) of each entry: from YAML's own marks, by a full parse."""
    mark = 1 if data.startswith(b"\xef\xbb\xbf") else 0
    text = data.decode("utf-8-sig")
    tree: Any = yaml.compose(text, yaml.CSafeLoader)
    found: dict[str, list[tuple[int, int, str]]] = {}
    places = _Places(text, mark)
    for key, value in tree.value:
        if isinstance(value, yaml.SequenceNode):
            found[key.value] = [_entry(places, each) for each in value.value]
    return found


class _Places:
    """Characters to bytes."""

    def __init__(self, text: str, mark: int) -> None:
        self.text, self.before, self.at = text, 3 * mark, 0
        self.known: dict[int, int] = {}

    def byte(self, index: int) -> int:
        if index < self.at:
            return (
                3 * bool(self.before) + len(self.text[:index].encode())
                if index not in self.known
                else self.known[index]
            )
        self.before, self.at = self.before + len(self.text[self.at : index].encode()), index
        self.known[index] = self.before
        return self.before


def _entry(places: _Places, node: Any) -> tuple[int, int, str]:
    text = places.text
    first = text.rfind("\n", 0, node.start_mark.index)
    first = max(first, text.rfind("\r", 0, node.start_mark.index)) + 1
    last = _last(node)
    end = last.end_mark.index
    if isinstance(last, yaml.ScalarNode) and last.style in ("|", ">"):
        end = len(text[: last.end_mark.index].rstrip(" \t\r\n"))
    if node.flow_style:
        end = node.end_mark.index
    found = re.compile(r"\r\n|\r|\n").search(text, end)
    ends = found.end() if found else len(text)
    name = next((each.value for key, each in node.value if key.value == "id"), "") if isinstance(node, yaml.MappingNode) else ""  # fmt: skip
    return places.byte(first), places.byte(ends), name


def _last(node: Any) -> Any:
    """What stands last in a value."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return node
    last = node.value[-1]
    return _last(last[1] if isinstance(last, tuple) else last)


COMMENT = re.compile(r"# c[0-9]+\.")


@dataclass(slots=True)
class Counts:
    spliced: int = 0
    alone: int = 0
    again: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Counts") -> "Counts":
        self.spliced, self.alone, self.again = (
            self.spliced + other.spliced,
            self.alone + other.alone,
            self.again + other.again,
        )
        self.refused += other.refused
        self.breaches += other.breaches
        return self


def plain(data: bytes) -> Any:
    """As an ordinary YAML library reads it, every scalar a text."""
    return yaml.load(data, yaml.CBaseLoader)


def judge(loaded: Loaded, before: bytes, spans: Mapping[str, Any], trial: Trial, where: str, counts: Counts, again: bool, day: date = generate.TODAY) -> None:  # fmt: skip
    """One command on one registry, of which `before` is the plain values pickled; it was read on `day`. What is wrong goes to `counts`."""
    data = loaded.texts.registry
    assert loaded.registry
    now = Now(loaded.registry, data, loaded.positions, generate.TODAY)
    what = f"{where}: {commands.told(trial.command)}"
    try:
        steps = [each for each in trial.command.changes(now) if not isinstance(each, NewSource)]
        spliced = edits.spliced(data, steps, loaded.positions)
    except (edits.Misplaced, Impossible) as refused:
        counts.refused[f"{type(refused).__name__}: {refused} [{where.partition(' ')[0]}]"] += 1
        return
    counts.spliced += 1
    counts.alone += spliced.touched is not None
    shall = pickle.loads(before)
    trial.applied(shall)
    try:
        reads = plain(spliced.data) if counts.spliced % 4 == 0 else events.build(spliced.data, "after")[0]
    except (yaml.YAMLError, events.Cut) as error:
        counts.breaches.append(f"{what}: cannot be read: {error}")
        return
    _stamped(reads, shall)
    if reads != shall:
        counts.breaches.append(f"{what}: reads otherwise: {_difference(reads, shall)}")
    if outside := _outside(data, spliced.data, spans, trial):
        counts.breaches.append(f"{what}: {outside}")
    if not trial.takes_out and Counter(COMMENT.findall(data.decode())) - Counter(
        COMMENT.findall(spliced.data.decode())
    ):
        counts.breaches.append(f"{what}: a comment is gone")
    if again:
        counts.again += 1
        counts.breaches += [f"{what}: {each}" for each in unlike(loaded, spliced, shall, day)]


def _stamped(reads: Plain, shall: Plain) -> None:
    """The fingerprint is proved with the models: here it need only be one."""
    for here, there in zip(reads.get("recommendations", ()), shall["recommendations"], strict=False):
        for one, other in zip(here.get("assessments", ()), there.get("assessments", ()), strict=False):
            if other.get("judged") == "?" and re.fullmatch("[0-9a-f]{12}", str(one.get("judged"))):
                other["judged"] = one["judged"]


def _difference(one: Plain, other: Plain, path: str = "") -> str:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {*one, *other}:
            if one.get(key) != other.get(key):
                return _difference(one.get(key), other.get(key), f"{path}.{key}")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for n, (here, there) in enumerate(zip(one, other, strict=True)):
            if here != there:
                return _difference(here, there, f"{path}.{n + 1}")
    return f"{path}: {one!r:.200} instead of {other!r:.200}"


def _outside(before: bytes, after: bytes, spans: Mapping[str, Any], trial: Trial) -> str:
    """Whether anything outside the entries concerned changed: what stood around them stands there still."""
    free = [(begin, end) for key, name in trial.entries for begin, end, id_ in spans[key] if id_ == name]
    for key in trial.grown:
        if spans.get(key):
            free.append(
                (spans[key][-1][0] if _in_brackets(before, spans[key]) else spans[key][-1][1], spans[key][-1][1])
            )
        else:  # a list that was not there: below the last thing in the file
            end = max(end for held in spans.values() for _, end, _ in held)
            free.append((end, end))
    rest, place = [], 0
    for begin, end in sorted(free):
        rest.append(before[place:begin])
        place = max(place, end)
    rest.append(before[place:])
    if not after.startswith(rest[0]) or not after.endswith(rest[-1]) or len(after) < sum(map(len, rest)):
        return "something outside the entry changed"
    place = len(rest[0])
    for part in rest[1:-1]:
        found = after.find(part, place, len(after) - len(rest[-1]))
        if found < 0:
            return "something between the entries changed"
        place = found + len(part)
    return "" if len(rest) > 1 or before == after else "something changed"


def _in_brackets(data: bytes, entries: Sequence[tuple[int, int, str]]) -> bool:
    begin, _, _ = entries[-1]
    return not data[begin:].lstrip(b" ").startswith(b"- ") and not data[begin:].lstrip(b" ").startswith(
        (b"-\n", b"-\r")
    )


def unlike(seen: Loaded, spliced: edits.Spliced, shall: Plain | None, day: date = generate.TODAY) -> Iterator[str]:
    """Where what the door reads anew, on the day on which it was `seen`, differs from a full read, or that from the
    values.
    """
    whole = reader.read(Texts(seen.texts.name, spliced.data, seen.texts.sources), day)
    anew = reader.again(seen, spliced.data, spliced.touched, day)
    for name in ("problems", "digest", "positions"):
        if getattr(whole, name) != getattr(anew, name):
            yield f"again: other {name}"
    if (whole.registry is None) != (anew.registry is None):
        yield "again: other registry"
    if whole.registry and anew.registry:
        for name in ("file", "sources", "left_out"):
            if getattr(whole.registry, name) != getattr(anew.registry, name):
                yield f"again: other {name}"
        if (
            shall is not None
            and not whole.problems
            and TypeAdapter(RegistryFile).validate_python(shall) != whole.registry.file
        ):
            yield "the models differ from the values"
        yield from _fingerprints(seen, whole)


def _fingerprints(seen: Loaded, whole: Loaded) -> Iterator[str]:
    """What a new assessment remembers is what it judged."""
    assert seen.registry
    assert whole.registry
    for each in whole.registry.file.recommendations:
        was = seen.registry.records.get(each.id)
        for given in each.assessments[len(was.assessments) if was else 0 :]:
            if was and given.judged != grounds.fingerprint(whole.registry, each, given):
                yield "another fingerprint"


def tried(loaded: Loaded, where: str, random: Random, records: int = 0, again: float = 1.0, every: int = 1) -> Counts:
    """Every command on every record (or on so many) of a registry."""
    counts = Counts()
    data = loaded.texts.registry
    before, spans = plain(data), entry_lines(data)
    pickled = pickle.dumps(before)
    names = [each["id"] for each in before["recommendations"]]
    for name in random.sample(names, records) if records else names:
        for trial in islice(trials(before, name, random), len(data) % every, None, every):
            try:
                judge(loaded, pickled, spans, trial, where, counts, random.random() < again)
            except Exception as error:
                counts.breaches.append(f"{where}: {type(error).__name__}: {error} in {commands.told(trial.command)}")
    return counts


# --- styles -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Style:
    """Writes plain values as somebody with these habits would. `wild`: from 0, as one writes it, to 1."""

    random: Random
    wild: float
    newline: str = "\n"
    comments: int = 0

    def often(self, share: float) -> bool:
        return self.random.random() < share * self.wild

    def remark(self) -> str:
        self.comments += 1
        return f"# c{self.comments}. {self.random.choice(('see above', '- id: open-shelters', 'note: «қараңыз» 😀', 'recommendations:'))}"

    def written(self, file: File) -> bytes:
        lines = [
            *(["# A registry in some style"] if self.random.random() < 0.5 else []),
            *self.group(file, 0, top=True),
            "...",
        ]
        text = self.newline.join(lines) + self.newline
        data = (b"\xef\xbb\xbf" if self.often(0.3) else b"") + text.encode()
        # A blank line below a text that keeps them would be one more of its own: drawn anew.
        return data if plain(data) == file else self.written(file)

    def between(self, indent: int) -> Iterator[str]:
        """Blank lines and comments that may stand between two fields or items."""
        if self.often(0.06):
            yield ""
        if self.often(0.08):
            yield " " * self.random.choice((0, indent, indent)) + self.remark()
        if self.often(0.03):
            yield self.random.choice(("", "  "))

    def behind(self) -> str:
        return self.random.choice((" ", "  ")) + self.remark() if self.often(0.08) else ""

    def group(self, value: dict[str, Any], indent: int, top: bool = False) -> list[str]:
        names = list(value)
        if not top and self.often(0.3):
            self.random.shuffle(names)
        lines: list[str] = []
        for n, name in enumerate(names):
            if n:
                lines += self.between(indent)
            key = f"'{name}'" if self.often(0.02) and not top else name
            lines += self.field(key, value[name], indent, top)
        return lines

    def field(self, key: str, value: Plain, indent: int, top: bool) -> list[str]:
        pad = " " * indent
        if isinstance(value, str):
            first, *more = self.scalar(value, indent, top)
            return [f"{pad}{key}: {first}", *more]
        if not value or (not top and self.often(0.25)) or (top and self.often(0.04)):
            return self.in_brackets(f"{pad}{key}: ", value, indent)
        step = self.random.choice((2, 2, 2, 3, 4)) if self.wild else 2
        if isinstance(value, dict):
            return [f"{pad}{key}:{self.behind()}", *self.between(indent + step), *self.group(value, indent + step)]
        inner = indent if self.often(0.3) else indent + step
        lines = [f"{pad}{key}:{self.behind()}"]
        for item in value:
            lines += [*self.between(inner), *self.item(item, inner, top)]
        return lines

    def item(self, value: Plain, indent: int, top: bool) -> list[str]:
        pad = " " * indent
        if isinstance(value, str):
            first, *more = self.scalar(value, indent, False)
            return [f"{pad}- {first}", *more]
        if not value or self.often(0.2):
            return self.in_brackets(f"{pad}- ", value, indent)
        if self.often(0.02):
            return [f"{pad}-{self.behind()}", *self.group(value, indent + 2)]
        space = 3 if self.often(0.03) else 1
        first, *more = self.group(value, indent + 1 + space)
        return [f"{pad}-{' ' * space}{first.lstrip(' ')}", *more]

    def scalar(self, value: str, indent: int, top: bool) -> list[str]:
        """What follows a name or a dash; more lines stand below."""
        ways: list[Callable[[], list[str]]] = [lambda: [quoted(value, "'") + self.behind()] if "\n" not in value else [json.dumps(value, ensure_ascii=False) + self.behind()]]  # fmt: skip
        ways.append(
            lambda: [json.dumps(value, ensure_ascii=max(value) < "\U00010000" and self.often(0.1)) + self.behind()]
        )
        if safe := (_SAFE.fullmatch(value) and value == value.strip() and "\n" not in value):
            ways += [lambda: [value + self.behind()]] * 5
        pad = " " * (indent + self.random.choice((1, 2, 2, 4)) if self.wild else indent + 2)
        if _FOLDED.fullmatch(value) and len(value) > 20:
            ways += [lambda: self.folded(value, pad, ">-")] * 2
            ways.append(lambda: self.quoted_lines(value, pad))
            if safe:
                ways.append(lambda: self.broken(value, pad))
        if value.strip() and value == value.strip(" ") and not value.startswith("\n") and "\n " not in value:
            ways.append(lambda: self.literal(value, indent))
        return self.random.choice(ways if self.wild else ways[2:3] or ways[:1])()

    def folded(self, value: str, pad: str, mark: str) -> list[str]:
        return [mark + (self.behind() and "  " + self.remark()), *(pad + line for line in self.words(value))]

    def words(self, value: str) -> list[str]:
        lines: list[str] = [""]
        for word in value.split(" "):
            if lines[-1] and self.random.random() < 0.2 and not word.startswith("#"):
                lines.append("")
            lines[-1] += f" {word}" if lines[-1] else word
        return lines

    def broken(self, value: str, pad: str) -> list[str]:
        first, *more = self.words(value)
        return [first, *(pad + line for line in more)]

    def quoted_lines(self, value: str, pad: str) -> list[str]:
        first, *more = self.words(value.replace("'", "''"))
        return (
            ["'" + first, *(pad + line for line in more[:-1]), pad + more[-1] + "'" + self.behind()]
            if more
            else ["'" + first + "'"]
        )

    def literal(self, value: str, indent: int) -> list[str]:
        body = value.rstrip("\n")
        tail = value[len(body) :]
        mark = "|-" if not tail else "|" if tail == "\n" else "|+"
        step = 2
        if self.often(0.3):
            step = self.random.choice((1, 2, 4))
            mark = f"|{step}{mark[1:]}"
        if not tail and "\n" not in value and self.often(0.3):
            mark = ">" + mark[1:]
        lines = [" " * (indent + step) + line if line else "" for line in body.split("\n")]
        return [mark + (self.behind() and " " + self.remark()), *lines, *[""] * (len(tail) - 1)]

    def in_brackets(self, before: str, value: Plain, indent: int) -> list[str]:
        text = self.flow(value)
        if not value or not self.often(0.3) or "\n" in text:
            return [before + text + self.behind()]
        parts = [self.flow({key: each})[1:-1].strip(" ,") for key, each in value.items()] if isinstance(value, dict) else [self.flow(each) for each in value]  # fmt: skip
        lines = [before + ("{" if isinstance(value, dict) else "[")]
        for n, part in enumerate(parts):
            comma = "," if n < len(parts) - 1 or self.often(0.5) else ""
            if self.often(0.3) or n == 0:
                lines.append(" " * (indent + 2) + part + comma + (self.behind()))
            elif "#" in lines[-1]:
                lines.append(" " * (indent + 3) + part + comma)
            else:
                lines[-1] += " " + part + comma
        close = "}" if isinstance(value, dict) else "]"
        return (
            [*lines, " " * (indent + 1) + close]
            if self.often(0.5) or "#" in lines[-1]
            else [*lines[:-1], lines[-1] + close]
        )

    def flow(self, value: Plain) -> str:
        gap = self.random.choice(("", "", " ")) if self.wild else ""
        comma = "," if value and not isinstance(value, str) and self.often(0.1) else ""
        match value:
            case dict():
                return (
                    "{"
                    + gap
                    + ", ".join(f"{key}: {self.flow(each)}" for key, each in value.items())
                    + comma
                    + gap
                    + "}"
                )
            case list():
                return "[" + gap + ", ".join(map(self.flow, value)) + comma + gap + "]"
        if (
            _SAFE.fullmatch(value)
            and not set(value) & set(",[]{}")
            and value == value.strip()
            and self.random.random() < 0.8
        ):
            return str(value)
        return (
            quoted(value, "'")
            if "\n" not in value and self.random.random() < 0.5
            else json.dumps(value, ensure_ascii=False)
        )


_SAFE = re.compile(r"[\w«(](?:[^:#\n]|:(?=[^\s,\[\]{}])|(?<=\S)#)*(?<!:)")
_FOLDED = re.compile(r"[^\s#]\S*( \S+)+")


def quoted(value: str, mark: str) -> str:
    return mark + value.replace(mark, mark * 2) + mark


def enriched(file: File, random: Random) -> File:
    """Texts as people send them, in place of some."""

    def other(value: Plain, name: str = "") -> Plain:
        match value:
            case dict():
                return {key: other(each, key) for key, each in value.items()}
            case list():
                return [other(each) for each in value]
        if name in ("en", "ru", "kk", "title", "note", "why", "how") and random.random() < 0.1:
            return random.choice(SAID).replace("\r\n", "\n") + random.choice(("", "", "", "\n"))
        return value

    changed: File = other(file)
    return changed


def restyled(seed: int, wild: float | None = None) -> tuple[Loaded, Random]:
    """A generated registry in a style of its own."""
    random = Random(seed)
    files = generate.registry(seed, random.randint(2, 5), 2)
    file = enriched(plain(files.pop("recommendations.yaml").encode()), random)
    style = Style(
        random, random.choice((0.0, 0.3, 1.0)) if wild is None else wild, random.choice(("\n", "\n", "\r\n", "\r"))
    )
    data = style.written(file)
    texts = Texts("recommendations.yaml", data, {name: text.encode() for name, text in files.items()})
    return reader.read(texts, generate.TODAY), random


# --- running ----------------------------------------------------------------------------------------


def of_generated(seed: int) -> Counts:
    loaded, random = restyled(seed)
    if loaded.errors or loaded.registry is None:
        return Counts(breaches=[f"generated {seed}: {loaded.problems[0].message()}"])
    return tried(loaded, f"generated {seed}", random, records=2, again=0.1)


def of_shipped(part: int, parts: int, again: float = 1.0, every: int = 1) -> Counts:
    """Of every so many-th record each command, or of each record every so many-th command."""
    day = max(generate.TODAY, date.today())
    loaded = reader.load(SHIPPED, day)
    data = loaded.texts.registry
    before, spans, counts, random = plain(data), entry_lines(data), Counts(), Random(part)
    pickled = pickle.dumps(before)
    for n, name in enumerate([each["id"] for each in before["recommendations"]][part::parts]):
        for trial in islice(trials(before, name, random), n % every, None, every):
            judge(loaded, pickled, spans, trial, "shipped", counts, random.random() < again, day)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.splice", description=__doc__)
    parser.add_argument("--registries", type=int, default=1000, help="how many generated registries (default 1000)")
    parser.add_argument("--first", type=int, default=1, help="the number of the first (default 1)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    given = parser.parse_args()
    breaches: list[str] = []
    with ProcessPoolExecutor(given.workers, initializer=gc.disable) as pool:
        for what, work in (
            ("the shipped registry", [pool.submit(of_shipped, n, given.workers) for n in range(given.workers)]),
            (
                f"{given.registries:,} generated registries",
                [pool.submit(of_generated, given.first + n) for n in range(given.registries)],
            ),
        ):
            begun, counts = time.perf_counter(), Counts()
            for each in work:
                counts += each.result()
            print(
                f"{what}: {counts.spliced:,} commands spliced ({counts.alone:,} by the entry alone), {counts.again:,} read anew as "
                f"in full, {counts.refused.total():,} refused, {len(counts.breaches)} breaches, {time.perf_counter() - begun:.0f} s",
                flush=True,
            )
            for refused, number in counts.refused.most_common(20):
                print(f"  {number} x {refused}")
            breaches += counts.breaches
    for breach in breaches[:40]:
        print(f"  {breach}")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
