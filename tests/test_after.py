"""What is read again after a change is what a full read says, however the file came to be."""

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from dashboard.registry import events, reader, slices
from dashboard.registry.reader import Loaded, Texts
from tests import fuzz, generate
from tests.small import REGISTRY, SOURCE

TODAY = generate.TODAY
KEY = "recommendations"
LOOK = "      - {on: 2025-06, by: editors, where: The ministry's page}\n"
"""The last line of the first record."""
LAST = "      - {actor: the-donor, role: must-act, basis: named}\n"
"""The last line of the last one."""
FIRST_RECORD = REGISTRY[REGISTRY.index("  - id: open-shelters") : REGISTRY.index("  - id: fund-shelters")]
LAST_RECORD = REGISTRY[REGISTRY.index("  - id: fund-shelters") : REGISTRY.index("...\n")]
THIRD = LAST_RECORD.replace("fund-shelters", "name-shelters")

Change = tuple[str, str]
"""What stands in the registry, and what takes its place."""


def texts(registry: str | bytes) -> Texts:
    data = registry.encode() if isinstance(registry, str) else registry
    return Texts("recommendations.yaml", data, {"sources/report-one.yaml": SOURCE.encode()})


class Reads:
    """Reads a state after another, and says what of it a full read tells otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.in_full = 0
        self._read = reader.read
        monkeypatch.setattr(reader, "read", self._counted)

    def _counted(self, given: Texts, today: Any) -> Loaded:
        self.in_full += 1
        return self._read(given, today)

    def quick(self, was: Texts, now: Texts) -> bool:
        """Whether it was read without reading all; asserts that it is the same."""
        return self.after(self._read(was, TODAY), now)

    def after(self, seen: Loaded, now: Texts) -> bool:
        self.in_full = 0
        found = reader.after(seen, now, TODAY)
        quick = not self.in_full
        assert told(found) == told(self._read(now, TODAY))
        return quick


def told(loaded: Loaded) -> dict[str, Any]:
    """All that is read of a registry."""
    made = loaded.registry
    return {
        "digest": loaded.digest,
        "texts": loaded.texts,
        "problems": loaded.problems,
        "positions": dict(loaded.positions),
        "held": made and (made.file, made.sources, made.left_out),
        "looked up": made and {key: dict(held) for key, held in made.lists.items()},
    }


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    return Reads(monkeypatch)


def changed(text: str, *changes: Change) -> str:
    for was, now in changes:
        assert text.count(was) == 1, was
        text = text.replace(was, now)
    return text


RECORDS_ALONE: dict[str, tuple[Change, ...]] = {
    "a word": (("Eleven of seventeen", "Twelve of seventeen"),),
    "a status": (("status: in-progress", "status: refused"),),
    "a field more": (("    open_ended: true\n", "    open_ended: true\n    open_questions: [Who pays?]\n"),),
    "a field less": (("    open_ended: true\n", ""),),
    "an entry in a list": ((LOOK, LOOK + "      - {on: 2025-07, by: editors, where: Its letters}\n"),),
    "the order of fields": (
        ("    kind: demand\n    theme: shelters\n", "    theme: shelters\n    kind: demand\n"),
    ),
    "a comment within": (("by: editors   # who looked", "by: editors   # who looked well"),),
    "a comment that stands deeper": ((LOOK, LOOK + "      # Only once.\n"),),
    "a blank line within": (("    kind: demand\n", "\n    kind: demand\n"),),
    "a record in both": (("Eleven of", "Twelve of"), ("donors should keep", "donors must keep")),
    "a record more": ((LAST, LAST + THIRD),),
    "two more": ((LAST, LAST + THIRD + THIRD.replace("name-shelters", "heat-shelters")),),
    "one changed and one more": (("donors should", "donors must"), (LAST, LAST + THIRD)),
    "both changed and one more": (("Eleven of", "Twelve of"), ("donors should", "donors must"), (LAST, LAST + THIRD)),
    "one that names the one before it": ((LAST, LAST + THIRD + "    related: [{id: open-shelters, relation: beside}]\n"),),
}  # fmt: skip
"""Changes of records and of nothing else: they alone are read."""

MORE: dict[str, tuple[Change, ...]] = {
    "nothing": (),
    "a record gone": ((FIRST_RECORD, ""),),
    "the last record gone": ((LAST_RECORD, ""),),
    "a record renamed": (("- id: fund-shelters", "- id: pay-shelters"),),
    "the order": ((FIRST_RECORD, ""), (LAST, LAST + FIRST_RECORD)),
    "one put between": ((LOOK, LOOK + THIRD),),
    "one put first": (("recommendations:\n", "recommendations:\n" + THIRD),),
    "an id twice": ((LAST, LAST + THIRD.replace("name-shelters", "open-shelters")),),
    "two more of one id": ((LAST, LAST + THIRD + THIRD),),
    "an id with capitals": ((LAST, LAST + THIRD.replace("name-shelters", "Open-Shelters")),),
    "an actor": (("The donor", "The giver"),),
    "the evidence": (("Eleven shelters were counted", "Twelve shelters were counted"),),
    "evidence of a record": (
        ("  - id: audit-report\n", "  - id: other-report\n"), ("evidence: [audit-report]", "evidence: [other-report]"),
    ),
    "the title of all": (("title: {en: Small,", "title: {en: Tiny,"),),
    "a list below": (("...\n", "corrections:\n  - {on: 2026-01-01, record: open-shelters, was: A, now: B}\n...\n"),),
    "a comment at the top": (("# One comment", "# A comment"),),
    "a comment between": ((LOOK, LOOK + "  # The donors.\n"),),
    "a comment at the edge": ((LOOK, LOOK + "# The donors.\n"),),
    "a comment at the end": (("...\n", "  # The end.\n...\n"),),
    "a blank line between": ((LOOK, LOOK + "\n"),),
    "the end mark": (("...\n", ""),),
    "the whole list": (("recommendations:\n", "recommendations: []\nsome:\n"),),
    "a second key": (("version: 1\n", "version: 1\nrecommendations: []\n"),),
    "a quoted list": (("title: {en: Small, ru: Малый, kk: Шағын}\n", 'title: "Small\nrecommendations:\n  - id: fund-shelters\n"\n'),),
}  # fmt: skip
"""Changes of more than records, and what cannot be told: all is read."""

BROKEN: dict[str, tuple[Change, ...]] = {
    "an unknown status": (("status: in-progress", "status: nearly-there"),),
    "an unknown field": (("    kind: demand\n", "    kind: demand\n    colour: red\n"),),
    "a name of nobody": (("{actor: the-donor,", "{actor: the-giver,"),),
    "a reference to nothing": (("evidence: [audit-report]", "evidence: [audit]"),),
    "a day to come": (("on: 2025-06,", "on: 2099-06,"),),
    "a look before the ask": (("as_of: 2025-03-01", "as_of: 2020-03-01"),),
    "a quote too long": (("quote: donors should keep", f"quote: {'donors ' * 30}should keep"),),
    "nobody who must act": (("the-donor, role: must-act", "the-donor, role: helps"),),
    "a text in one language": (("{en: Fund shelters, ru: Финансировать приюты, kk: Баспананы қаржыландыру}", "Fund"),),
    "an open quote": (("note: Eleven", "note: 'Eleven"),),
    "an open bracket": (("evidence: [audit-report]", "evidence: [audit-report"),),
    "an anchor": (("note: Eleven", "note: &a Eleven"),),
    "a field twice": (("    kind: demand\n", "    kind: demand\n    kind: demand\n"),),
    "an address": (("Eleven of seventeen", "Write to a@b.kz"),),
    "a tab": (("    kind: demand\n", "\tkind: demand\n"),),
    "a sign that nobody sees": (("Eleven of", "Ele\u200bven of"),),
    "an address in a comment between": ((LOOK, LOOK + "  # Write to a@b.kz\n"),),
    "an address in a comment at the end": (("...\n", "  # Write to a@b.kz\n...\n"),),
    "an address between one and one more": ((LAST, LAST + "  # Write to a@b.kz\n" + THIRD),),
    "a number in a comment and a word": (("Eleven of", "Twelve of"), (LOOK, LOOK + "# +7 701 123 45 67\n")),
    "a sign that nobody sees between": ((LOOK, LOOK + "  # a\u200bb\n"),),
    "a control character between": ((LOOK, LOOK + "  # \x01\n"),),
    "a tab between": ((LOOK, LOOK + "\t\n"),),
    "a tab at the end": (("...\n", "  \t\n...\n"),),
    "a carriage return between": ((LOOK, LOOK + "  # a\rb\n"),),
}  # fmt: skip
"""Changes that bring a problem: all is read, for its place."""


def _styles() -> dict[str, Callable[[str], str]]:
    return {
        "as one writes it": lambda text: text,
        "carriage returns": lambda text: text.replace("\n", "\r\n"),
        "lists at the edge": lambda text: re.sub(r"(?m)^  ", "", text),
        "a quoted key": lambda text: text.replace("\nrecommendations:", '\n"recommendations":'),
        "comments and blank lines": lambda text: text.replace(LAST, LAST + "\n  # The last.\n"),
        "with a warning": lambda text: text.replace(", kk: Баспана ашу", "").replace(", kk: Мемлекет", ""),
        "a warning behind": lambda text: text.replace(LAST, LAST + "    summary: Money.\n"),
        "texts in blocks": lambda text: text.replace(
            "    kind: demand\n",
            "    kind: demand\n    summary:\n      en: |\n        As it says:\n        - id: fund-shelters\n        # no\n"
            '      ru: "а\n\n        - id: open-shelters\n        б"\n      kk: c\n',
        ),
    }


STYLES = _styles()


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("what", RECORDS_ALONE)
def test_where_records_alone_changed_they_alone_are_read(reads: Reads, style: str, what: str) -> None:
    write = STYLES[style]
    took = reads.quick(texts(write(REGISTRY)), texts(write(changed(REGISTRY, *RECORDS_ALONE[what]))))
    # A record with a warning has to be read with all others, for its place.
    assert took or style in ("with a warning", "a warning behind", "comments and blank lines")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("what", MORE)
def test_where_more_changed_all_is_read(reads: Reads, style: str, what: str) -> None:
    write = STYLES[style]
    assert not reads.quick(texts(write(REGISTRY)), texts(write(changed(REGISTRY, *MORE[what]))))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("what", BROKEN)
def test_a_problem_that_a_change_brings_is_told_with_its_place(reads: Reads, style: str, what: str) -> None:
    write = STYLES[style]
    was, now = texts(write(REGISTRY)), texts(write(changed(REGISTRY, *BROKEN[what])))
    assert reads.quick(was, now) is False
    found = reader.read(now, TODAY).problems
    assert found
    assert reads.quick(now, was) is bool(what == "a text in one language")


DEEP = "    checks:\n" + LOOK, "    summary: |\n      Money.\n"
"""A record that ends with a text in lines."""


@pytest.mark.parametrize("style", ["as one writes it", "carriage returns", "lists at the edge"])
@pytest.mark.parametrize("line", ["", "  ", "      ", "        ", "                 ", "  \n                 "])
def test_a_blank_line_below_a_text_is_of_the_text_where_yaml_says_so(reads: Reads, style: str, line: str) -> None:
    """One that is longer than the text stands deep is a line of it."""
    was = changed(REGISTRY, DEEP)
    blank = was.replace("      Money.\n", f"      Money.\n{line}\n")
    write = STYLES[style]
    reads.quick(texts(write(was)), texts(write(blank)))
    assert reads.quick(texts(write(blank)), texts(write(blank.replace("Money", "More money"))))


@pytest.mark.parametrize(
    "now",
    [
        replace(texts(REGISTRY.replace("Eleven of", "Twelve of")), name="other.yaml"),
        replace(texts(REGISTRY), sources={}),
        replace(texts(REGISTRY), sources={"sources/report-one.yaml": SOURCE.replace("2024", "2023").encode()}),
        replace(texts(REGISTRY), sources={"sources/report-two.yaml": SOURCE.encode()}),
        replace(texts(REGISTRY.replace("Eleven of", "Twelve of")), sources={}),
        texts(""),
        texts("..."),
        texts(REGISTRY.encode("utf-16")),
        texts(REGISTRY.replace("Eleven of", "Twelve of").encode() + b"\xff"),
        texts(REGISTRY.encode()[:-300]),
    ],
)
def test_where_another_file_changed_or_this_one_is_no_registry_all_is_read(reads: Reads, now: Texts) -> None:
    assert not reads.quick(texts(REGISTRY), now)
    assert not reads.quick(now, texts(REGISTRY))


FAKE = THIRD.replace("name-shelters", "fake-shelters")


def test_a_text_that_keeps_the_blank_lines_below_it_is_read_in_full(reads: Reads) -> None:
    was = changed(REGISTRY, ("    checks:\n" + LOOK, "    summary: |+\n      Money.\n\n\n"))
    assert not reads.quick(texts(was), texts(was.replace("Money", "More money")))


def test_a_warning_on_a_line_that_changed_is_told_with_its_new_place(reads: Reads) -> None:
    was = STYLES["with a warning"](REGISTRY)
    now = was.replace("title: {en: Open", "title:   {en: Open")
    assert not reads.quick(texts(was), texts(now))
    assert [each.column for each in reader.read(texts(now), TODAY).problems] == [11, 14]


IN_QUOTES = {
    "a list in the title": ("title: {en: Small, ru: Малый, kk: Шағын}\n", f'title: "Small\nrecommendations:\n{LAST_RECORD}"\n'),
    "a record in a record": (LAST, f'{LAST}    open_questions:\n      - "Who\n{FAKE}  # "\n'),
    "one with an id that is there": (LAST, f'{LAST}    open_questions:\n      - "Who\n{FIRST_RECORD}  # "\n'),
}  # fmt: skip


@pytest.mark.parametrize("fake", IN_QUOTES)
def test_what_stands_in_quotes_and_looks_like_a_record_is_a_text(reads: Reads, fake: str) -> None:
    was, now = IN_QUOTES[fake]
    quoted = changed(REGISTRY, (was, now))
    other = now.replace("donors should", "donors must").replace("Eleven of", "Twelve of")
    assert reader.read(texts(quoted), TODAY).errors == 0
    assert not reads.quick(texts(quoted), texts(changed(REGISTRY, (was, other))))


def test_a_file_with_carriage_returns_alone_is_read_in_full(reads: Reads) -> None:
    """They are line ends to YAML, and the lines of problems are told by line feeds."""
    was = STYLES["a warning behind"](REGISTRY).replace("# One comment at the top.", "# One\r# two\r# three")
    assert reader.read(texts(was), TODAY).problems
    assert not reads.quick(texts(was), texts(was.replace("Eleven of", "Twelve of")))


def test_what_had_a_problem_is_read_in_full(reads: Reads) -> None:
    wrong = REGISTRY.replace("status: in-progress", "status: nearly-there")
    assert not reads.quick(texts(wrong), texts(wrong.replace("donors should", "donors must")))


def test_a_file_that_grew_too_large_is_refused_as_any_other(reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = reader.read(texts(REGISTRY), TODAY)
    monkeypatch.setattr(events, "MAX_BYTES", len(REGISTRY.encode()))
    assert not reads.after(seen, texts(REGISTRY.replace("Eleven of", "Twelve or eleven of")))


# --- at random ------------------------------------------------------------------------------------------


def _swapped(random: Random, data: bytes) -> bytes:
    """Two records change places, or one stands twice, or is put elsewhere under another id."""
    spans = slices.entries(data, KEY)
    if len(spans) < 2:
        return data
    one, other = sorted(random.sample(spans, 2), key=lambda span: span.begin)
    match random.randrange(4):
        case 0:
            between = data[one.end : other.begin]
            return data[: one.begin] + other.of(data) + between + one.of(data) + data[other.end :]
        case 1:
            return data[: one.end] + one.of(data) + data[one.end :]
        case 2:
            return data[: one.begin] + data[one.end :]
    new = re.sub(rb"id: [a-z0-9-]+", b"id: a-new-one", one.of(data), count=1)
    at = random.choice((spans[-1].end, spans[-1].end, other.end))
    return data[:at] + new + data[at:]


def _lines(random: Random, data: bytes) -> bytes:
    """A line comes, goes, moves or is written otherwise, somewhere in the records."""
    begin = data.find(b"recommendations") + len(b"recommendations")
    lines = data[begin:].split(b"\n")
    n = random.randrange(len(lines))
    match random.randrange(6):
        case 0:
            lines.insert(n, b" " * random.randrange(14) + random.choice(_LINES))
        case 1:
            lines.insert(random.randrange(len(lines)), lines.pop(n))
        case 2:
            lines[n] = lines[n].replace(b"e", b"o")
        case 3:
            lines[n] += random.choice((b" ", b"  # c", b" x", b"\t", b"\r", b",", b"'"))
        case 4:
            name, colon, _ = lines[n].partition(b": ")
            lines[n] = name + colon + random.choice(_VALUES)
        case _:
            del lines[n]
    return data[:begin] + b"\n".join(lines)


_LINES = (b"", b"# c", b"# a@b.kz", b"- x", b"x: y", b"- id: fund-shelters", b"id: open-shelters", b"\t", b"...", b'"')
_VALUES = (b"x", b"2099", b"2020", b"editors", b"demand", b"true", b"|+", b"|", b">-", b'"a\\u0041"', b"{en: A}", b"")
_CHANGES = (*fuzz.CHANGES, _swapped, _lines, _lines, _lines, _lines)


def _mutated(random: Random, data: bytes) -> bytes:
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        data = random.choice(_CHANGES)(random, data) if data else data
    return data


def _bases() -> dict[str, Texts]:
    files = generate.registry(3, 6, 3)
    made = files.pop("recommendations.yaml").encode()
    sources = {name: text.encode() for name, text in files.items()}
    return {
        **{name: texts(write(REGISTRY)) for name, write in STYLES.items()},
        "generated": Texts("recommendations.yaml", made, sources),
    }


BASES = _bases()


@pytest.mark.parametrize("base", BASES)
def test_whatever_is_done_to_a_file_it_is_read_as_in_full(reads: Reads, base: str) -> None:
    seen, quick = reader.read(BASES[base], TODAY), 0
    for seed in range(250):
        data = _mutated(Random(seed), BASES[base].registry)
        quick += reads.after(seen, replace(BASES[base], registry=data))
    assert 5 < quick < 150, "both ways must have been tried"


def test_so_it_is_after_many_changes_one_after_the_other(reads: Reads) -> None:
    """What was read quickly is what the next state is read after; a state that is not sound is passed over."""
    quick = 0
    for seed in range(6):
        base, random = BASES["generated"], Random(seed)
        seen = reader.read(base, TODAY)
        for _ in range(60):
            now = replace(base, registry=random.choice((_lines, _lines, _swapped))(random, seen.texts.registry))
            quick += reads.after(seen, now)
            if not (found := reader.after(seen, now, TODAY)).errors:
                seen = found
    assert 40 < quick < 300, "both ways must have been tried"


def test_of_records_far_apart_only_those_that_differ_are_read(reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is looked for in all of the text: what lies between them would make a long list very slow."""
    alone: list[str] = []
    read_alone = reader._alone
    monkeypatch.setattr(reader, "_alone", lambda data, key, name: alone.append(name) or read_alone(data, key, name))
    many = [THIRD.replace("name-shelters", f"shelter-{n}") for n in range(reader._MOST_ALONE + 1)]
    was = changed(REGISTRY, (LAST, LAST + "".join(many)))
    asks = [each.replace("donors should", "donors must") for each in many]
    apart = was.replace(many[0], asks[0]).replace(many[-1], asks[-1])
    assert reads.quick(texts(was), texts(apart))
    assert alone == ["shelter-0", f"shelter-{len(many) - 1}"]
    assert reads.quick(texts(was), texts(was.replace("".join(many[1:]), "".join(asks[1:]))))
    assert not reads.quick(texts(was), texts(was.replace("".join(many), "".join(asks))))
