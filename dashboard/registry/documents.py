"""A YAML file of another kind than a registry, such as the MAP of an import, read as strictly as one."""

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dashboard.registry import events, placing, reader, wording
from dashboard.registry.problems import Problem


def read(path: Path, kind: type, name: str = "") -> tuple[Any, tuple[Problem, ...]]:
    """The file as a value of `kind` (None where it is none), and all its problems with their places.
    It need not end with the line `...`. Raises reader.Unreadable.
    """
    data, name = reader.content(path), name or str(path)
    value: Any = None
    try:
        text = events.decoded(data, name).rstrip("\n") + "\n"
        data = (text if text.endswith("\n...\n") else f"{text}...\n").encode()
        plain, problems = events.build(data, name)
    except events.Cut as cut:
        return None, (cut.problem,)
    problems += events.characters(text, name)
    try:
        value = TypeAdapter(kind).validate_python(plain)
    except ValidationError as error:
        problems += wording.problems(error, kind, name, (), "")
    return value, located(problems, data, name)


def located(problems: list[Problem], data: bytes, name: str) -> tuple[Problem, ...]:
    found = placing.located(problems, {name: data}, {})
    return tuple(sorted(dict.fromkeys(found), key=lambda problem: (problem.line, problem.column)))
