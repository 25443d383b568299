"""The JSON Schema of the registry's files, made from the models, for editors that complete while typing.

It describes YAML as other programs read it (`version: 1` is a number there). The models and the
rules decide what is valid; the schema can only say less.
"""

from typing import Any

from pydantic import TypeAdapter

from dashboard.registry.model import RegistryFile, Source

Schema = dict[str, Any]

_SHAPES = (
    (r"^(source:", "The id of an evidence entry, or a passage of a source: source:ID#PARAGRAPH"),
    (r"^[a-z0-9]+(-", "An id: lower-case Latin letters, digits and single hyphens"),
    (r"^https?", "A whole address that begins with https:// or http://"),
    (r"^[a-z]{2,3}$", "The language's code, such as en"),
    (r"^[A-Z]{3}$", "The currency's three capital letters, such as EUR"),
    (r"^[A-Z]{2}", "The ISO 3166 code, such as KZ or KZ-ALA"),
    (r"^[0-9a-f]{12}$", "Stamped by the command stamp; leave it out"),
    (r"^[0-9a-f]{64}$", "The sha256 in hexadecimal"),
)


def schemas() -> dict[str, Schema]:
    """File name to schema: of recommendations.yaml, and of a file under sources/."""
    return {
        "recommendations.schema.json": _schema(RegistryFile, "Registry of recommendations"),
        "source.schema.json": _schema(Source, "Source document of a registry of recommendations"),
    }


def _schema(kind: type, title: str) -> Schema:
    made = _plain(TypeAdapter(kind).json_schema(by_alias=True, mode="validation"))
    top = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": title}
    for group in (top, *top.get("$defs", {}).values()):
        for name, field in group.get("properties", {}).items():
            group["properties"][name] = _described(field, top.get("$defs", {}))
    return top


def _plain(value: Any) -> Any:
    """Without what only pydantic needs: null (a field is left out instead), empty defaults, made-up titles."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    made = {key: _plain(each) for key, each in value.items() if not _noise(key, each, value)}
    if "anyOf" in made:
        made["anyOf"] = [each for each in made["anyOf"] if each != {"type": "null"}]
        if len(made["anyOf"]) == 1:
            made = {**made.pop("anyOf")[0], **made}
    if made.get("const") == "1":
        return {"enum": [1, "1"], "description": "The version of the file's format"}
    if made.get("anyOf", [{}])[0] == {"type": "string"}:
        made["anyOf"][0]["minLength"] = 1
    return made


def _noise(key: str, each: Any, beside: Schema) -> bool:
    of_field = key == "title" and isinstance(each, str) and "properties" not in beside
    return of_field or (key == "default" and each in (None, []))


def _described(field: Schema, groups: Schema) -> Schema:
    """With a description: its own, that of its list's items, or what its shape says."""
    if "description" in field or "$ref" in field:
        return field
    of_items = groups.get(str(field.get("items", {}).get("$ref", "")).rpartition("/")[2], {})
    if "description" in of_items:
        return {**field, "description": f"A list. Each: {of_items['description']}"}
    shape = str(field.get("pattern") or field.get("items", {}).get("pattern") or "")
    for begins, says in _SHAPES:
        if shape.startswith(begins):
            return {**field, "description": says}
    if "anyOf" in field:
        return {**field, "description": "A text in English, or a group of en, ru, kk (and from, drafts)"}
    return field
