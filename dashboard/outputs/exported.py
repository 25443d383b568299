"""Tables as files to take away: CSV, JSON, Parquet, workbook, data package. Pure: a view in, bytes out.

CSV is that of RFC 4180: UTF-8 with a byte order mark, lines end with CR LF, every table has its head. A cell
that a spreadsheet could run as a formula has an apostrophe before it; `plain_cell` takes it back. The
same state of the data makes the same bytes.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from dashboard.outputs import carried, chosen, packaged, tables, workbook
from dashboard.outputs.cells import cell
from dashboard.outputs.cells import plain_cell as plain_cell
from dashboard.outputs.columns import Kind, lines_cell
from dashboard.outputs.tables import NAMES, Table, Unknown, table
from dashboard.outputs.view import View
from dashboard.outputs.workbook import TooLong as TooLong
from dashboard.registry.model import RegistryFile, Source
from dashboard.registry.problems import nearest, shown

FORMATS = ("csv", "xlsx", "json", "parquet", "datapackage")

MEDIA: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "datapackage": "application/zip",
    "zip": "application/zip",
}
"""Format to media type; several tables as csv or parquet are a zip."""


def one(view: View, name: str, format: str, columns: Sequence[str] = ()) -> bytes:
    """One table. Raises tables.Unknown, and TooLong where a workbook cannot hold it."""
    known(format)
    return _WRITTEN[format](view, [table(view, name, columns)])


def whole(view: View, format: str) -> bytes:
    """All tables, or as json the registry itself. Raises tables.Unknown, and TooLong as `one` does."""
    known(format)
    if format == "json":
        return _json(registry(view))
    made = [table(view, name) for name in NAMES]
    if format in ("xlsx", "datapackage"):
        return _WRITTEN[format](view, made)
    return zipped({f"{each.name}.{format}": _WRITTEN[format](view, [each]) for each in made})


def known(format: str) -> None:
    """Raises Unknown where there is no such format."""
    if format not in FORMATS:
        raise Unknown(f"there is no format {shown(format)}; {nearest(format, FORMATS)}")


def file_name(view: View, what: str, format: str) -> str:
    """A safe name with the day that is shown: records-2026-11-21.csv, all-2026-11-21-csv.zip."""
    safe = re.sub(r"[^a-z0-9-]+", "-", what.lower()).strip("-") or "table"
    end = ending(what, format)
    return f"{safe}-{view.clock.as_of}{f'-{format}' if end == '.zip' else ''}{end}"


def ending(what: str, format: str) -> str:
    """Of the name of a file: tables that stand in files of their own come as a zip."""
    apart = format == "datapackage" or (what == "all" and format in ("csv", "parquet"))
    return ".zip" if apart else f".{format}"


# --- CSV --------------------------------------------------------------------------------------------


def comma_separated(of: Table) -> bytes:
    """One table as CSV."""
    columns = [_cells(column.kind, values) for column, values in zip(of.columns, of.values, strict=True)]
    lines = [",".join(column.name for column in of.columns), *map(",".join, zip(*columns, strict=True)), ""]
    return b"\xef\xbb\xbf" + "\r\n".join(lines).encode()


def _cells(kind: Kind, values: Iterable[Any]) -> list[str]:
    """The values of a column as they stand in CSV."""
    if kind == "money":  # 5 and 5.00 are equal, and written differently
        return ["" if value is None else str(value) for value in values]
    # Most columns say the same few things over and over.
    made = {value: _quoted(_text(kind, value)) for value in set(values)}
    return [made[value] for value in values]


def _text(kind: Kind, value: Any) -> str:
    match kind:
        case _ if value is None:
            return ""
        case "truth":
            return "true" if value else "false"
        case "ids":
            return " ".join(value)
        case "lines":
            return lines_cell(value)
    return str(value)


_SPECIAL = re.compile('[",\r\n]')


def _quoted(text: str) -> str:
    """A text as CSV has it. Not by the csv module, which goes letter by letter and takes several times as long."""
    text = cell(text)
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text


# --- JSON -------------------------------------------------------------------------------------------


def meta(view: View) -> dict[str, Any]:
    """What is shown: of which registry, day, version and edition, under which licence, where it can be read."""
    file, edition = view.registry.file, view.edition
    return {
        "title": {"en": file.title.en, "ru": file.title.ru, "kk": file.title.kk},
        "publisher": file.publisher.name,
        "licence": file.licence,
        "shown_as_of": str(view.clock.as_of),
        "commit": tables.version(view),
        "data_of": str(edition.on) if edition else None,
        "edition": tables.edition(view),
        "address": view.lasting("/points"),
        "selection": chosen.line(view) or None,
    }


def registry(view: View) -> dict[str, Any]:
    """The registry in the words of its files, what goes out of it with the view; computed values apart."""
    rows = {row.id: row for row in carried.rows(view)}
    given = view.registry.file
    file = replace(
        given,
        recommendations=tuple(rows[record.id].record for record in given.recommendations if record.id in rows),
        evidence=carried.evidence(view),
        corrections=carried.corrections(view),
    )
    computed = {one["id"]: one for one in tables.summaries(view)}
    return {
        "meta": meta(view),
        # The numbers of the rules are written out, so that they stay when their defaults change.
        "registry": {**_plain(RegistryFile, file), "rules": _plain(type(file.rules), file.rules, whole=True)},
        "sources": _plain(tuple[Source, ...], carried.sources(view)),
        "computed": computed,
    }


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _plain(kind: Any, value: object, whole: bool = False) -> Any:
    return _adapter(kind).dump_python(value, mode="json", by_alias=True, exclude_defaults=not whole)


def _table_json(view: View, made: Sequence[Table]) -> bytes:
    (of,) = made
    names = [column.name for column in of.columns]
    columns = [
        {"name": column.name, "kind": column.kind, "computed": column.computed, "says": view.tr(column.says)}
        for column in of.columns
    ]
    lines = [dict(zip(names, line, strict=True)) for line in of.lines]
    return _json({"meta": meta(view), "table": of.name, "columns": columns, "lines": lines})


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n").encode()


# --- several files ----------------------------------------------------------------------------------


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Files in a zip, all with the same date."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)  # its date is then 1 January 1980
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(entry, data)
    return out.getvalue()


def _parquet(view: View, made: Sequence[Table]) -> bytes:
    from dashboard.outputs.columnar import parquet  # its library takes long to load

    return parquet(made[0], meta(view), view.tr)


def _package(view: View, made: Sequence[Table]) -> bytes:
    files = {f"{each.name}.csv": comma_separated(each) for each in made}
    described = packaged.described(view, made, files, meta(view))
    return zipped({"datapackage.json": _json(described), **files})


_WRITTEN: Mapping[str, Callable[[View, Sequence[Table]], bytes]] = {
    "csv": lambda _, made: comma_separated(made[0]),
    "xlsx": workbook.workbook,
    "json": _table_json,
    "parquet": _parquet,
    "datapackage": _package,
}
