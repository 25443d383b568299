"""Entries found at memory speed stand where a full parse finds them, or are not found at all."""

import pytest

from dashboard.registry import slices
from tests import splice
from tests.small import REGISTRY

DATA = REGISTRY.encode()
FIELDS = b"  - id: open-shelters\n    title: {en: Open"


def _alone(data: bytes, name: str, key: str = "recommendations") -> bytes | None:
    span = slices.entry(data, key, name)
    return span.of(data) if span else None


@pytest.mark.parametrize("wild", [0.0, 0.3, 1.0])
def test_entries_stand_where_a_full_parse_finds_them(wild: float) -> None:
    found = several = 0
    for seed in range(15):
        loaded, _ = splice.restyled(seed, wild)
        data = loaded.texts.registry
        for key, places in splice.entry_lines(data).items():
            spans = slices.entries(data, key)
            for begin, end, name in places:
                several += bool(name)
                if name and (span := slices.entry(data, key, name)):
                    found += 1
                    assert (span.begin, span.end) == (begin, end), (seed, key, name)
                    assert span in spans
    assert found > {0.0: 0.5, 0.3: 0.4, 1.0: 0.1}[wild] * several


def test_of_a_file_written_as_one_writes_it_every_entry_is_found() -> None:
    data = splice.SHIPPED.read_bytes()
    for key, places in splice.entry_lines(data).items():
        assert [(span.begin, span.end) for span in slices.entries(data, key)] == [place[:2] for place in places]
        for begin, end, name in places:
            span = slices.entry(data, key, name)
            assert span
            assert (span.begin, span.end) == (begin, end)


@pytest.mark.parametrize(
    "fake",
    [
        "    summary: |\n      - id: fund-shelters\n        title: no\n",
        "    summary: >-\n      as it says:\n      - id: fund-shelters\n",
        '    summary: "as it says:\n      - id: fund-shelters\n      "\n',
        "    # - id: fund-shelters\n  # - id: fund-shelters\n",
        "    related:\n    - id: fund-shelters\n      relation: beside\n",
        "    related:\n      - relation: beside\n        id: fund-shelters\n",
        "    related: [{id: fund-shelters, relation: beside}]\n",
    ],
)
def test_what_only_looks_like_the_entry_is_not_taken_for_it(fake: str) -> None:
    data = DATA.replace(b"    kind: demand\n", fake.encode() + b"    kind: demand\n")
    taken = _alone(data, "fund-shelters")
    assert taken is None or taken == _alone(DATA, "fund-shelters")
    assert _alone(data, "open-shelters") in (
        None,
        data[data.index(FIELDS) : data.index(b"  - id: fund-shelters\n    title")],
    )


@pytest.mark.parametrize(
    "fake",
    [
        'title: "Small\nrecommendations:\n  - id: fund-shelters\n"\n',
        "title: 'Small\nrecommendations:\n  - id: fund-shelters\n'\n",
    ],
)
def test_a_list_that_stands_in_a_quoted_text_is_none(fake: str) -> None:
    data = DATA.replace("title: {en: Small, ru: Малый, kk: Шағын}\n".encode(), fake.encode())
    assert slices.entries(data, "recommendations") == []
    assert _alone(data, "fund-shelters") is None


def test_of_two_with_the_same_id_none_is_taken() -> None:
    data = DATA.replace(b"- id: fund-shelters", b"- id: open-shelters")
    assert len(slices.entries(data, "recommendations")) == 2
    assert _alone(data, "open-shelters") is None


def test_the_id_may_stand_anywhere_among_the_fields() -> None:
    data = DATA.replace(b"  - id: fund-shelters\n    title", b"  - title").replace(
        b"    open_ended: true\n", b"    open_ended: true\n    id: 'fund-shelters'  # here\n"
    )
    taken = _alone(data, "fund-shelters")
    assert taken
    assert taken.startswith(b"  - title: {en: Fund")


def test_comments_and_blank_lines_below_an_entry_belong_to_nobody() -> None:
    data = DATA.replace(b"  - id: fund-shelters\n", b"\n  # The donors.\n# Left.\n  - id: fund-shelters\n").replace(
        b"...\n", b"  # The end.\n\n...\n"
    )
    assert _alone(data, "open-shelters") == _alone(DATA, "open-shelters")
    assert _alone(data, "fund-shelters") == _alone(DATA, "fund-shelters")


def test_a_comment_that_may_be_a_line_of_a_text_stays_with_it() -> None:
    data = DATA.replace(
        b"        note: Eleven of seventeen.\n",
        b"        note: Eleven of seventeen.\n    summary: |\n      One\n      # two\n",
    )
    moved = data.replace(b"    checks:\n      - {on: 2025-06, by: editors, where: The ministry's page}\n", b"")
    taken = _alone(moved, "open-shelters")
    assert taken
    assert taken.endswith(b"      One\n      # two\n")


def test_a_text_that_keeps_the_blank_lines_below_it_is_not_cut() -> None:
    data = DATA.replace(b"{on: 2025-06, by: editors, where: The ministry's page}", b"on: 2025-06\n        by: editors\n        where: |+\n          Here\n\n")  # fmt: skip
    assert _alone(data, "open-shelters") is None


@pytest.mark.parametrize("spoilt", [b"\r", b"# a\rb\n"])
def test_in_a_file_with_carriage_returns_alone_nothing_is_found(spoilt: bytes) -> None:
    data = DATA.replace(b"\n", spoilt) if spoilt == b"\r" else DATA.replace(b"# One comment at the top.\n", spoilt)
    assert slices.entries(data, "recommendations") == []
    assert _alone(data, "open-shelters") is None


def test_a_digest_tells_a_change_of_the_entry_and_of_no_other() -> None:
    def digest(data: bytes) -> str:
        return slices.digest(data, [slices.entry(data, "recommendations", "fund-shelters")])

    assert digest(DATA.replace(b"Eleven", b"Twelve")) == digest(DATA)
    assert digest(DATA.replace(b"keep funding", b"go on funding")) != digest(DATA)
    gone = DATA.replace(b"fund-shelters", b"pay-shelters")
    assert digest(gone) != digest(gone.replace(b"Eleven", b"Twelve"))
