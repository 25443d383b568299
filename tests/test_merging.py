"""Two changes brought together, entry by entry."""

import pytest

from dashboard.registry import merging
from tests.small import REGISTRY, SOURCE

NAME = "recommendations.yaml"
EVIDENCE = """\
  - id: {name}
    says: Counted again.
    owner: independent
    form: report
    url: https://example.org/{name}
    publisher: An audit office
"""


def merged(ours: str | None, theirs: str | None, before: str | None = REGISTRY) -> str | None:
    found = merging.merged(*(each.encode() if each is not None else None for each in (before, ours, theirs)), NAME)
    return None if found is None else found.decode()


def with_evidence(text: str, name: str) -> str:
    return text.replace("recommendations:\n", EVIDENCE.format(name=name) + "recommendations:\n")


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


OURS = changed(REGISTRY, "Eleven of seventeen.", "Twelve of seventeen.")


@pytest.mark.parametrize(
    "theirs",
    [
        changed(REGISTRY, "en: Fund shelters", "en: Pay for shelters"),
        changed(REGISTRY, "# One comment at the top.", "# Another comment."),
        changed(REGISTRY, "en: Small", "en: Smaller"),
        with_evidence(REGISTRY, "second-audit"),
        changed(REGISTRY, "  - id: fund-shelters", "  # About money.\n  - id: fund-shelters"),
        changed(REGISTRY, "  - id: open-shelters\n", "  # About shelters.\n  - id: open-shelters\n"),
    ],
)
def test_what_others_changed_elsewhere_stays_and_ours_comes_on_top(theirs: str) -> None:
    assert merged(OURS, theirs) == changed(theirs, "Eleven of seventeen.", "Twelve of seventeen.")


def test_what_both_add_at_the_same_place_stands_there_twice() -> None:
    found = merged(with_evidence(REGISTRY, "ours"), with_evidence(REGISTRY, "theirs"))
    assert found == with_evidence(with_evidence(REGISTRY, "theirs"), "ours")


def test_where_one_side_changed_nothing_the_other_stands() -> None:
    assert merged(OURS, REGISTRY) == OURS
    assert merged(REGISTRY, OURS) == OURS
    assert merged(OURS, OURS) == OURS


def test_a_change_that_both_made_is_made_once() -> None:
    theirs = changed(OURS, "en: Fund shelters", "en: Pay for shelters")
    assert merged(OURS, theirs) == theirs


@pytest.mark.parametrize(
    ("ours", "theirs", "names"),
    [
        (OURS, changed(REGISTRY, "Eleven of seventeen.", "Ten of seventeen."), "^open-shelters$"),
        (OURS, changed(REGISTRY, "{on: 2025-06, by: editors,", "{on: 2025-07, by: editors,"), "^open-shelters$"),
        (OURS, REGISTRY[: REGISTRY.index("  - id: open-shelters")] + "...\n", "^open-shelters$"),
        (with_evidence(REGISTRY, "same"), changed(with_evidence(REGISTRY, "same"), "again", "once"), "^same$"),
        (
            changed(REGISTRY, "en: Small", "en: Ours"),
            changed(REGISTRY, "en: Small", "en: Theirs"),
            "outside its entries",
        ),
        (REGISTRY[: REGISTRY.index("  - id: fund-shelters")] + "...\n", with_evidence(REGISTRY, "x"), "were deleted"),
    ],
)
def test_where_both_changed_the_same_it_is_named(ours: str, theirs: str, names: str) -> None:
    with pytest.raises(merging.Conflict, match=names):
        merged(ours, theirs)


def test_an_entry_that_would_not_read_in_the_others_layout_is_a_conflict() -> None:
    begin = REGISTRY.index("recommendations:\n") + len("recommendations:\n")
    deeper = "".join(f"  {line}" for line in REGISTRY[begin:].removesuffix("...\n").splitlines(keepends=True))
    theirs = changed(REGISTRY[:begin] + deeper + "...\n", "en: Fund shelters", "en: Pay for shelters")
    with pytest.raises(merging.Conflict):
        merged(OURS, theirs)


@pytest.mark.parametrize("cut", ["", "recommendations:\n", "{"])
def test_a_file_that_others_left_unreadable_is_a_conflict(cut: str) -> None:
    with pytest.raises(merging.Conflict):
        merged(OURS, REGISTRY[: REGISTRY.index("recommendations:")] + cut)


def test_a_file_in_which_others_left_a_mistake_is_a_conflict() -> None:
    with pytest.raises(merging.Conflict):
        merged(OURS, changed(REGISTRY, "licence: CC-BY-4.0\n", "licence: CC-BY-4.0\nlicence: CC0-1.0\n"))


def test_files_that_came_or_went() -> None:
    assert merged(SOURCE, None, before=None) == SOURCE
    assert merged(None, SOURCE, before=SOURCE) is None
    assert merged(SOURCE, None, before=SOURCE) is None
    for ours, theirs in ((None, OURS), (OURS, None)):
        with pytest.raises(merging.Conflict):
            merged(ours, theirs)
    with pytest.raises(merging.Conflict):
        merged(SOURCE, SOURCE + "# more", before=None)
