"""What other programs read: the registry, the selected points and what changed, as JSON; and its description.

Days are text, as they were written; nothing bears an hour. The addresses and their keys are those of
dashboard/serving.py; `openapi` describes them by the same constants.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from dashboard.outputs import digest, exported, feed, pages, tables
from dashboard.outputs.view import View
from dashboard.progress import changes
from dashboard.progress.filters import FLAGS, WORDS, Filters
from dashboard.registry.model import Correction, Known, Side, Status
from dashboard.registry.scalars import LANGUAGES, day

ROOT = "/api/v1"

ZIPS = {"all-csv.zip": "csv", "all-parquet.zip": "parquet", "datapackage.zip": "datapackage"}
"""Files of many tables, and the format of outputs/exported.py that makes them."""

TABLE_FORMATS = ("csv", "xlsx", "json", "parquet")

BETWEEN = ("from", "to")
"""Keys of what is told between two days."""

LEFT_OUT = "Left-Out"
"""Header of an answer: what of the address was not understood, for forms that have no place to tell it."""


def registry_json(view: View) -> bytes:
    """The registry in the words of its files, with nothing lost; what is computed stands apart."""
    return exported.whole(view, "json")


def records_json(view: View) -> bytes:
    """The points that are selected, in short, in the order of the pages."""
    return _written({"meta": _meta(view), "records": tables.summaries(view)})


def changes_json(view: View) -> bytes:
    """What changed between two days, as the page What changed tells it."""
    earlier, later = pages.days(view)
    found = pages.compared(view)
    days = {"from": str(earlier), "to": str(later)}
    chosen = replace(view, filters=replace(view.filters, since=earlier, until=later))
    return _written(
        {
            "meta": {**_meta(view, BETWEEN), "address": chosen.lasting("/changes"), **days},
            **{kind: _moves(getattr(found, kind)) for kind in ("forward", "back", "neither", "new", "evidence")},
            "gone": [
                {
                    "id": each.row.id,
                    "was": each.row.status,
                    "retired_on": str(each.retired.on) if each.retired else None,
                }
                for each in found.gone
            ],
            "due": [{"id": row.id, "now": row.status} for row in found.due],
            "quiet": [{"id": row.id, "now": row.status} for row in found.quiet],
            "taken_back": _moves(found.taken_back),
            "corrected": [_correction(each) for each in found.corrected],
            "news": [_event(event) for event in found.news],
            "last": _event(found.last) if found.last else None,
            "looked": _text(found.looked),
            "newest_page": _text(found.newest),
        }
    )


def left_out(view: View, also: Iterable[str] = ()) -> list[str]:
    """What an address asked for and nobody understood: days and values that name nothing, and keys unknown there.

    `also`: the keys that this address knows beside those of every selection.
    """
    keys = {*Filters.keys(), "lang"} - {*BETWEEN} | {*also}

    def understood(key: str, value: str) -> bool:
        return key in keys and (key != "lang" or value in LANGUAGES)

    other = (f"{key}={value}" for key, value in view.place.pairs if key not in FLAGS and not understood(key, value))
    return [*misnamed(view, also), *other]


def misnamed(view: View, also: Iterable[str] = ()) -> list[str]:
    """Values of a selection that name nothing, and days that are none: without them more is selected than was meant."""
    named = {**dict.fromkeys(FLAGS, ("1",)), **({feed.ONLY: view.registry.records} if feed.ONLY in also else {})}
    wrong = (f"{key}={value}" for key, value in view.place.pairs if key in named and value not in named[key])
    days = [
        value for key, value in view.place.pairs if key == digest.SINCE and key in also and not _is_past(value, view)
    ]
    return [*view.filters.unknown, *wrong, *(f"{digest.SINCE}={value}" for value in days)]


def _is_past(text: str, view: View) -> bool:
    """Whether a day of an address is one, and not later than the day that is shown."""
    try:
        return day(text).first <= view.clock.as_of
    except ValueError:
        return False


def _meta(view: View, also: Iterable[str] = ()) -> dict[str, Any]:
    return {**exported.meta(view), "count": len(view.kept), "left_out": left_out(view, also)}


def _moves(moves: Iterable[changes.Move]) -> list[dict[str, Any]]:
    return [
        {
            "id": move.row.id,
            "was": move.was,
            "now": move.row.status,
            "facts": [_event(event) for event in move.facts],
        }
        for move in moves
    ]


def _event(event: changes.Event) -> dict[str, Any]:
    return {
        "on": str(event.on),
        "id": event.record,
        "what": event.what,
        "status": event.status,
        "text": {code: said for code in LANGUAGES if event.text and (said := event.text.held(code))},
    }


def _correction(each: Correction) -> dict[str, Any]:
    said = {
        name: {code: text.held(code) for code in LANGUAGES if text.held(code)}
        for name, text in (("was", each.was), ("now", each.now))
    }
    return {"on": str(each.on), "id": each.record, **said}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _written(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


# --- how it is described ----------------------------------------------------------------------------


def openapi(site: str = "") -> dict[str, Any]:
    """OpenAPI 3.1 of these addresses. `site`: where they stand, such as https://example.org."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Policy recommendation tracker",
            "version": "1",
            "description": "Read only, without an account. Several values of a key mean or, several keys mean and; "
            "what names nothing is left out and told under meta.left_out and in the header Left-Out; an answer that has "
            "no such place is refused with 400 where more would be selected than was meant.",
        },
        **({"servers": [{"url": site}]} if site else {}),
        "paths": dict(_paths()),
        "components": {"schemas": _SCHEMAS},
    }


def _paths() -> Iterable[tuple[str, dict[str, Any]]]:
    selecting = [*_SELECTING, *_DAYS]
    yield f"{ROOT}/registry.json", _path("The registry, with nothing lost", selecting, _json("Registry"), chosen=True)
    yield f"{ROOT}/records.json", _path("The selected points, in short", selecting, _json("Records"))
    yield f"{ROOT}/changes.json", _path("What changed between two days", [*selecting, *_BETWEEN], _json("Changes"))
    yield f"{ROOT}/openapi.json", _path("This description", [], _json(None))
    for format in TABLE_FORMATS:
        # Under these two names stands a JSON that means more than a table.
        whole = ("records", "registry") if format == "json" else ()
        tables_of = [name for name in (*tables.NAMES, tables.INBOX) if name not in whole]
        of = {"name": "table", "in": "path", "required": True, "schema": {"type": "string", "enum": tables_of}}
        answer = _json("Table") if format == "json" else _file(exported.MEDIA[format])
        says = f"One table as {format}"
        yield f"{ROOT}/{{table}}.{format}", _path(says, [of, *selecting, _COLUMNS], answer, chosen=True)
    yield f"{ROOT}/all.xlsx", _path("All tables as one workbook", selecting, _file(exported.MEDIA["xlsx"]), chosen=True)
    for name, format in ZIPS.items():
        yield f"{ROOT}/{name}", _path(f"All tables as {format}", selecting, _file(exported.MEDIA["zip"]), chosen=True)
    atom, only = _file("application/atom+xml"), _key(feed.ONLY, "an id under recommendations: that point alone")
    says = "What was entered last and what falls due, as an Atom feed"
    yield "/feed.atom", _path(says, [*selecting, only], atom, chosen=True)
    since = _key(digest.SINCE, "YYYY-MM-DD; four weeks before the day that is shown where nothing is said")
    says = "What happened since a day, as text for a chat or a newsletter"
    yield "/digest.txt", _path(says, [*selecting, since], _file("text/plain"), chosen=True)


def _path(says: str, keys: Iterable[dict[str, Any]], answer: dict[str, Any], chosen: bool = False) -> dict[str, Any]:
    """`chosen`: whether what is asked for may not be there or not fit, and no place in it tells what was left out."""
    refused = {"400": _MISNAMED, "422": "more than a workbook can hold"} if chosen else {}
    wrong = {
        **refused,
        "404": "nothing had been published on the day asked for",
        "503": "no registry can be read at this moment",
    }
    answers = {
        "200": {"description": "as asked for", "headers": _HEADERS, "content": answer},
        "304": {"description": "as it was: what If-None-Match names"},
    }
    told = {code: {"description": why, "content": _json("Error")} for code, why in wrong.items()}
    return {"get": {"summary": says, "parameters": list(keys), "responses": {**answers, **told}}}


_MISNAMED = "a column that is not there, or a value of the selection that names nothing"


def _json(name: str | None) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{name}"} if name else {"type": "object"}
    return {"application/json": {"schema": schema}}


def _file(media: str) -> dict[str, Any]:
    return {media.partition(";")[0]: {}}


def _key(name: str, says: str, several: bool = False) -> dict[str, Any]:
    text = {"type": "string"}
    schema = {"type": "array", "items": text} if several else text
    return {"name": name, "in": "query", "description": says, "schema": schema}


_IDS = {"actor": "an id under actors, or ID:ROLE; whatever is part of it too", "theme": "an id under themes", "source": "an id of a source"}  # fmt: skip

_SELECTING = [
    *(_key(name, ", ".join(sorted(words)), several=True) for name, words in WORDS.items() if name != "sort"),
    *(_key(name, says, several=True) for name, says in _IDS.items()),
    *(_key(name, "1: only those") for name in FLAGS),
    _key("q", "words, in any of the languages and of their forms"),
    _key("sort", ", ".join(sorted(WORDS["sort"]))),
    _key("lang", "en, ru or kk: of sentences, such as that of the selection; en where nothing is said"),
]
_DAYS = [
    _key("as_of", "YYYY-MM-DD: how it stood then, by what is known today"),
    _key("published_on", "YYYY-MM-DD, or with -COMMIT: what the registry said then"),
]
_BETWEEN = [_key("from", "YYYY-MM-DD; a year before the other where nothing is said"), _key("to", "YYYY-MM-DD")]
_COLUMNS = _key("columns", "names of columns, separated by commas; all where none is named", several=True)


_HEADERS = {
    "ETag": {"description": "of the data, the day and what was asked", "schema": {"type": "string"}},
    LEFT_OUT: {"description": "keys and values that name nothing here, as in an address", "schema": {"type": "string"}},
}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


_STRING, _TRUTH, _COUNT = {"type": "string"}, {"type": "boolean"}, {"type": "integer", "minimum": 0}
_MAYBE = {"type": ["string", "null"]}


def _many(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _of(schema: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{schema}"}


_STATUS = {"type": "string", "enum": [str(status) for status in Status]}
_MAYBE_STATUS = {"type": ["string", "null"], "enum": [*map(str, Status), None]}
_DAY = {"type": "string", "format": "date"}
_SELECTED = {"count": _COUNT, "left_out": _many(_STRING)}
_SHOWN = {
    "title": {"type": "object"}, "publisher": _STRING, "licence": _STRING, "shown_as_of": _DAY,
    "commit": _MAYBE, "data_of": _MAYBE, "edition": _MAYBE, "address": _STRING, "selection": _MAYBE,
}  # fmt: skip

_SCHEMAS: dict[str, Any] = {
    "Error": _object(error=_STRING),
    "Shown": _object(**_SHOWN),
    "Meta": _object(**_SHOWN, **_SELECTED),
    "Between": _object(**_SHOWN, **_SELECTED, **dict.fromkeys(("from", "to"), _DAY)),
    "Event": _object(on=_STRING, id=_STRING, what=_STRING, status=_MAYBE_STATUS, text={"type": "object"}),
    "Move": _object(id=_STRING, was=_MAYBE_STATUS, now=_STATUS, facts=_many(_of("Event"))),
    "Record": _object(
        id=_STRING, title=_STRING, titles={"type": "object"}, kind=_STRING, side={"enum": [str(side) for side in Side]},
        theme=_STRING, must_act=_many(_STRING), actors=_many(_object(actor=_STRING, role=_STRING, basis=_STRING)),
        asked_on=_MAYBE, status=_STATUS, known={"enum": [str(known) for known in Known]}, since=_MAYBE, as_of=_MAYBE,
        checked_on=_MAYBE, due=_TRUTH, disagree=_TRUTH, testable=_TRUTH, checked=_TRUTH, done=_TRUTH,
        months_still={"type": ["integer", "null"], "minimum": 0}, difference=_STRING, answer=_STRING, address=_STRING,
    ),
    "Records": _object(meta=_of("Meta"), records=_many(_of("Record"))),
    "Registry": _object(
        meta=_of("Shown"), registry={"type": "object"}, sources=_many({"type": "object"}), computed={"type": "object"}
    ),
    "Changes": _object(
        meta=_of("Between"), **dict.fromkeys(("forward", "back", "neither", "new", "evidence", "taken_back"), _many(_of("Move"))),
        gone=_many(_object(id=_STRING, was=_STATUS, retired_on=_MAYBE)), **dict.fromkeys(("due", "quiet"), _many(_object(id=_STRING, now=_STATUS))),
        corrected=_many(_object(on=_STRING, id=_STRING, was={"type": "object"}, now={"type": "object"})),
        news=_many(_of("Event")), last={"anyOf": [_of("Event"), {"type": "null"}]}, looked=_MAYBE, newest_page=_MAYBE,
    ),
    "Table": _object(
        meta=_of("Shown"), table=_STRING, lines=_many({"type": "object"}),
        columns=_many(_object(name=_STRING, kind=_STRING, computed=_TRUTH, says=_STRING)),
    ),
}  # fmt: skip
