"""Where in its file a problem stands: by one more pass over each file that has any.

Rules name a list item by its id; a line number needs its position.
"""

from collections.abc import Iterable, Mapping

from dashboard.registry import events
from dashboard.registry.problems import Path, Problem
from dashboard.registry.wording import folded

Positions = Mapping[tuple[str, str], int]
"""List and folded id to the item's position in the registry file; of two equal ids the first."""


def located(problems: Iterable[Problem], contents: Mapping[str, bytes], positions: Positions) -> list[Problem]:
    """The problems with line and column, those that have them already unchanged."""
    problems = list(problems)
    paths = {problem: _numeric(problem.path, positions) for problem in problems if not problem.line}
    places = {file: _places(file, contents, paths) for file in {problem.file for problem in paths}}
    return [p if p.line else _placed(p, paths[p], places[p.file]) for p in problems]


def _places(file: str, contents: Mapping[str, bytes], paths: Mapping[Problem, Path]) -> events.Places:
    wanted = {path[:cut] for p, path in paths.items() if p.file == file for cut in range(len(path) + 1)}
    return events.places(contents[file], wanted)


def _numeric(path: Path, positions: Positions) -> Path:
    """The path with a list item's id replaced by its position."""
    match path:
        case (str(key), str(name), *rest) if (key, folded(name)) in positions:
            return (key, positions[key, folded(name)], *rest)
    return path


def _placed(problem: Problem, path: Path, places: events.Places) -> Problem:
    """At the value; at the key where that is what is wrong; else at the nearest that stands there."""
    for cut in range(len(path), -1, -1):
        if at := places.get(path[:cut]):
            key, value = at
            return problem.at(*(key if problem.on_key and cut == len(path) else value))
    return problem.at(1, 1)
