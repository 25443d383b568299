"""What is wrong with a file that somebody brings in: where, what was found, what is allowed.

As problems.Problem for the registry, but a place is also a cell of a workbook, and each remark has a
reason in few words, by which rejected rows are counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dashboard.registry.problems import Problem, visible


@dataclass(frozen=True, slots=True)
class Remark:
    """`place` is FILE:LINE:COLUMN of a CSV file, FILE:SHEET!CELL of a workbook."""

    place: str
    found: str
    allowed: str
    reason: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return visible(f"{self.place}: {self.severity}: {self.found}; {self.allowed}")


class Unfit(Exception):
    """A file or a MAP with which nothing can be done; nothing was written."""

    def __init__(self, remarks: Iterable[Remark]) -> None:
        self.remarks = tuple(remarks)
        super().__init__("\n".join(map(str, self.remarks)))


def of_problem(problem: Problem) -> Remark:
    field = f"{problem.field}: " if problem.field else ""
    return Remark(problem.place(), field + problem.found, problem.allowed, severity=problem.severity)
