"""Which entry a private address or number stands in, so that it is left out with it."""

import pytest

from dashboard.registry.privacy import private

TEXT = """themes:
- id: law
recommendations:
- id: first
  note: fine
- id: second
  related:
    - id: third
      relation: beside
  note: write to anna@mail.example
actors:
- id: state
"""


@pytest.mark.parametrize("indent", ["", "  ", "    "])
def test_a_finding_belongs_to_its_entry_however_the_list_is_indented(indent: str) -> None:
    lines = [line if line[:1].isalpha() else indent + line for line in TEXT.splitlines()]
    [found] = private("\n".join(lines), "r.yaml")
    assert found.path == ("recommendations", "second")
    assert (found.line, found.column) == (10, len(indent) + len("  note: write to anna") + 1)


def test_a_finding_outside_the_lists_belongs_to_none() -> None:
    [found] = private("title: anna@mail.example\nactors:\n  - id: state\n", "r.yaml")
    assert found.path == ()
