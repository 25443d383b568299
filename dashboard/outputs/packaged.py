"""The description of tables as a Frictionless data package: types, keys, licence, sources.

https://specs.frictionlessdata.io/tabular-data-package/ (version 1, which readers of version 2 take too).
Keys to another table are named where they hold: a selection may leave out what an entry names.
"""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from dashboard.outputs import carried
from dashboard.outputs.columns import Column, Kind
from dashboard.outputs.explained import TABLE
from dashboard.outputs.tables import Table
from dashboard.outputs.view import View

_TYPES: Mapping[Kind, str] = {
    "text": "string",
    "written": "string",
    "day": "date",
    "whole": "integer",
    "truth": "boolean",
    "money": "number",
    "ids": "string",
    "lines": "string",
}

_REFERS: Mapping[str, Sequence[str]] = {
    "records": ("record", "related", "retired_into", "supports"),
    "sources": ("source",),
    "themes": ("theme",),
    "instruments": ("instrument",),
    "evidence": ("copy_of",),
    "actors": ("actor", "by", "to", "whose", "owned_by", "voice", "part_of", "successor_of", "top_body", "reviewed_by"),
}
"""Table to the columns of all tables that name one of its lines by id."""


def described(view: View, made: Sequence[Table], files: Mapping[str, bytes], meta: Mapping[str, Any]) -> dict[str, Any]:
    """datapackage.json. `files`: the CSV of each table under its name."""
    ids = {each.name: set(each.values[0]) for each in made}
    title = view.registry.file.title
    return {
        "profile": "tabular-data-package",
        "name": "asked-and-promised",
        "title": title.shown(view.tr.language)[0],
        "titles": {code: text for code, text in meta["title"].items() if text},
        "version": meta["commit"] or str(view.clock.as_of),
        **({"homepage": view.origin} if view.origin else {}),
        "shown_as_of": meta["shown_as_of"],
        "edition": meta["edition"],
        "address": meta["address"],
        "selection": meta["selection"],
        "contributors": [{"title": meta["publisher"], "role": "publisher"}],
        "licenses": [_licence(meta["licence"], view)],
        "sources": [{"title": each.title, "path": each.url} for each in carried.sources(view)],
        "resources": [_resource(view, each, files[f"{each.name}.csv"], ids) for each in made],
    }


def _licence(name: str, view: View) -> dict[str, str]:
    if re.fullmatch(r"[-a-zA-Z0-9._]+", name):
        return {"name": name}
    return {"title": name, "path": f"{view.origin}/about"}


def _resource(view: View, of: Table, data: bytes, ids: Mapping[str, set[Any]]) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": of.name,
        "path": f"{of.name}.csv",
        "title": of.name,
        "description": view.tr(TABLE[of.name]),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "bytes": len(data),
        "hash": f"sha256:{sha256(data).hexdigest()}",
        "dialect": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\r\n", "header": True},
        "schema": {
            "fields": [_field(view, column) for column in of.columns],
            "missingValues": [""],
            "primaryKey": "id",
            "foreignKeys": _keys(of, ids),
        },
    }


def _field(view: View, column: Column) -> dict[str, Any]:
    kind: dict[str, Any] = {"type": _TYPES[column.kind]}
    if column.kind == "truth":
        kind |= {"trueValues": ["true"], "falseValues": ["false"]}
    constraints = {"required": True, "unique": True} if column.name == "id" else {}
    return {
        "name": column.name,
        **kind,
        "description": view.tr(column.says),
        "computed": column.computed,
        **({"constraints": constraints} if constraints else {}),
    }


def _keys(of: Table, ids: Mapping[str, set[Any]]) -> list[dict[str, Any]]:
    """The columns of a table whose every value is the id of a line of another."""
    found = []
    for column, listed in zip(of.columns, of.values, strict=True):
        target = next((name for name, columns in _REFERS.items() if column.name in columns), "")
        values = set(listed) - {None} if column.kind == "text" else set()
        if values and values <= ids.get(target, set()):
            to = {"resource": "" if target == of.name else target, "fields": "id"}
            found.append({"fields": column.name, "reference": to})
    return found
