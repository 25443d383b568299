"""The fields of a command as widgets, and the command from what was typed in them.

Nothing is chosen beforehand that somebody has to judge: a page that grew old saves no value that
nobody chose. Streamlit; the door asks again who may.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import EnumType
from hashlib import sha256
from typing import Any, Literal, get_args, get_origin, get_type_hints

import streamlit as st
from pydantic import TypeAdapter, ValidationError

from dashboard.entering import VERBS
from dashboard.language import NAMES, Translator, words
from dashboard.outputs.view import View
from dashboard.registry import commands, wording
from dashboard.registry.commands import Command
from dashboard.registry.model import EDITORS, Actor, Evidence, Form, Owner, Recommendation, Side, Source
from dashboard.registry.problems import Problem
from dashboard.registry.scalars import LANGUAGES, Day, Text

_FIXED = ("record", "records", "id", "of", "field", "theme")
"""Fields that the page itself is about."""

_APART = ("record", "records", "id", "of", "new", "theme")
_SELDOM = ("assessed_on", "reviewed_by", "until", "iati")
"""Folded away: most who enter something leave them empty."""

_LATER: dict[type, tuple[str, ...]] = {
    Recommendation: (
        "text", "alignments", "beyond_test", "due", "steps", "answers", "asked", "funding", "assessments", "checks",
        "setbacks", "open_questions", "retired", "related",
    ),
    Source: ("not_tracked", "text_sha256"),
    Evidence: ("sha256", "archive_url", "archived_on"),
    Actor: ("same_as",),
}  # fmt: skip
"""What of a new entry is entered afterwards, each with a command of its own."""

_OURS = ("assess", "look")
"""Verbs of what the editors do themselves, unless somebody else is named."""

_ACTORS = ("by", "voice", "owned_by", "part_of", "successor_of", "actor")
_SAID: dict[str, Mapping[Any, str]] = {
    "role": words.ROLE, "basis": words.BASIS, "side": words.SIDE, "told": words.TOLD, "as_given": words.AS_GIVEN,
    "owner": words.OWNER, "form": words.FORM, "status": words.STATUS, "position": words.POSITION, "state": words.STEP,
    "stage": words.STAGE, "match": words.MATCH, "relation": words.RELATION,
}  # fmt: skip

_WIDE = ("evidence", "conditions_met", "value", "text", "checked", "url", "title", "quote")

_SLUG = re.compile(r"[^a-z0-9]+")
_LETTERS = str.maketrans("абвгдежзийклмнопрстуфхцчшщыэюяёәғқңөұүһі", "abvgdezzijklmnoprstufhccssyeuaeagknouuhi")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is filled in for one command: `given` is what a message or the present state proposes."""

    view: View
    verb: str
    key: str
    record: Recommendation | None = None
    given: Mapping[str, Any] | None = None

    def filled(self) -> dict[str, Any]:
        """Draws the fields; what stands in them, by name, nothing where a field is empty."""
        kind, _ = VERBS[self.verb]
        hints = get_type_hints(kind)
        named = [field.name for field in fields(kind) if field.name not in _APART]
        language = self._language() if any(_is(hint, Text) for hint in hints.values()) else "en"
        fixed = {name: self._given(name) for name in _FIXED if name in hints}
        values = {name: each for name, each in fixed.items() if each is not None}
        asked = [name for name in named if name not in values]
        self._several([name for name in asked if name not in _SELDOM], hints, language, values)
        if "new" in hints:
            self._new_evidence(values, language)
        if seldom := [name for name in asked if name in _SELDOM]:
            with st.expander(self.view.tr("More")):
                self._several(seldom, hints, language, values)
        return values

    def _several(self, names: Sequence[str], hints: Mapping[str, Any], language: str, values: dict[str, Any]) -> None:
        """Long texts over the whole width, short fields two in a row."""
        row: list[Any] = []
        for name in names:
            if _is(hints[name], Text) or name in _WIDE:
                row = []
                typed = self._drawn(name, hints[name], language)
            else:
                row = row or list(st.columns(2))
                with row.pop(0):
                    typed = self._drawn(name, hints[name], language)
            if typed not in (None, "", [], ()):
                values[name] = typed

    def _given(self, name: str) -> Any:
        return (self.given or {}).get(name)

    def _key(self, name: str) -> str:
        return f"{self.key}:{self.verb}:{name}"

    def _label(self, name: str) -> str:
        said = words.FIELD.get(f"{self.verb}.{name}", words.FIELD.get(name))  # each has words: a test sees to it
        return self.view.tr(said) if said else name

    def _language(self) -> str:
        """In which language the texts are written: that of the message, else the reader's."""
        texts = [each for each in (self.given or {}).values() if isinstance(each, dict)]
        written = next((key for each in texts for key in each if key in LANGUAGES), self.view.tr.language)
        label = self.view.tr("The language in which you write")
        chosen = st.radio(
            label, LANGUAGES, LANGUAGES.index(written), NAMES.__getitem__, self._key("in"), horizontal=True
        )
        return str(chosen)

    def _drawn(self, name: str, hint: Any, language: str) -> Any:
        given, key, label = self._given(name), self._key(name), self._label(name)
        if _is(hint, Text):
            shown = next(iter(given.values()), "") if isinstance(given, dict) else given or ""
            typed = st.text_area(label, shown, key=key, height=240 if name == "text" else None)
            return {language: typed.strip()} if typed.strip() else None
        if name == "checked":
            return "true" if st.checkbox(label, key=key) else None
        if name == "conditions_met":
            return self._conditions()
        if name == "evidence":
            return several(label, self._evidence(given or ()), key, list(given or ()))
        if choices := self._choices(name, hint):
            proposed = str(given or (EDITORS if name == "by" and EDITORS in choices and self.verb in _OURS else ""))
            return one(label, choices, key, proposed)
        if name in ("value", "text"):
            return st.text_area(label, str(given or ""), key=key).strip()
        hint_of_date = "2026-11-25 · 2026-11 · 2026" if _is(hint, Day) else None
        return st.text_input(label, str(given or ""), key=key, placeholder=hint_of_date).strip()

    def _choices(self, name: str, hint: Any) -> dict[str, str]:
        """What can be chosen, by id, in words; nothing where it is typed."""
        tr, record, registry = self.view.tr, self.record, self.view.registry
        if name == "into" or (self.verb, name) == ("relate", "to"):
            return {each.id: each.title.shown(tr.language)[0] for each in registry.records.values()}
        if name in ("by", "actor", "to", "whose", "reviewed_by"):
            ours = name == "reviewed_by" or (name == "by" and self.verb in _OURS)
            return ({EDITORS: tr("Editors")} if ours else {}) | self._actors()
        if name == "source":
            return {each.id: each.title for each in registry.source_by_id.values()}
        if name == "assessment" and record:
            given = zip(commands.names(record.assessments), record.assessments, strict=True)
            standing = ((named, each) for named, each in given if not each.withdrawn)
            actors = {EDITORS: tr("Editors")} | self._actors()
            return {
                named: f"{tr(words.STATUS[each.status])} · {each.assessed_on} · {actors.get(each.by, each.by)}"
                for named, each in standing
            }
        if name == "number" and record:
            return {str(n): each.step.shown(tr.language)[0] for n, each in enumerate(record.steps, 1)}
        if name == "language":
            return {str(each): said for each, said in NAMES.items()}
        return {str(each): tr(_SAID.get(name, {}).get(each, str(each))) for each in _members(hint)}

    def _actors(self) -> dict[str, str]:
        """Those of the record first, then everybody by name."""
        language, actors = self.view.tr.language, self.view.registry.actors
        near = [each.actor for each in self.record.actors] if self.record else []
        rest = sorted(actors, key=lambda name: actors[name].name.shown(language)[0].casefold())
        return {name: actors[name].name.shown(language)[0] for name in dict.fromkeys([*near, *rest]) if name in actors}

    def _state_bodies(self) -> dict[str, str]:
        actors = self.view.registry.actors
        return {name: said for name, said in self._actors().items() if actors[name].side is Side.STATE}

    def _evidence(self, given: Sequence[str] = ()) -> dict[str, str]:
        """What can show something, in one line each: the entries, the passages of this point, and what is given."""
        known = {each.id: _line(each) for each in self.view.registry.evidence.values()}
        quoted = self.record.origin if self.record else ()
        passages = [f"source:{each.source}#{each.paragraph}" for each in quoted if each.paragraph]
        return {each: each for each in (*passages, *given)} | known

    def _conditions(self) -> list[dict[str, Any]]:
        """For each condition the evidence that shows it met. Their words stand beside the form, by number."""
        met = []
        known = self._evidence()
        for n, condition in enumerate(self.record.done_when if self.record else (), 1):
            words_of = sha256(repr(condition).encode()).hexdigest()[:8]  # of another wording nothing is kept
            label = self.view.tr("Condition {n} is met, shown by", n=n)
            if shown := several(label, known, self._key(f"met:{n}:{words_of}")):
                met.append({"condition": str(n), "evidence": shown})
        return met

    def _new_evidence(self, values: dict[str, Any], language: str) -> None:
        """A page that is not in the registry yet: entered with the judgement that rests on it."""
        tr, link = self.view.tr, str((self.given or {}).get("link", ""))
        with st.expander(tr("A page that is not in the registry yet"), expanded=bool(link)):
            typed: dict[str, str | None] = {"url": st.text_input(self._label("url"), link, key=self._key("url"))}
            left, right = st.columns(2)
            with left:
                typed["publisher"] = st.text_input(self._label("publisher"), key=self._key("publisher"))
                typed["owner"] = self._one("owner", {str(each): words.OWNER[each] for each in Owner})
            with right:
                typed["published"] = st.text_input(
                    self._label("published"), key=self._key("published"), placeholder="2026-11-25"
                )
                owns = tr("Which state body owns it (only for a state’s)")
                typed["owned_by"] = one(owns, self._state_bodies(), self._key("owned_by"))
            typed["form"] = self._one("form", {str(each): words.FORM[each] for each in Form})
            says = st.text_area(self._label("says"), key=self._key("says")).strip()
        if not any(value for value in typed.values()) and not says:
            return
        entry = {name: value.strip() for name, value in typed.items() if value and value.strip()}
        entry["id"] = _named(entry, self.view.registry.evidence)
        values["new"] = [entry | ({"says": {language: says}} if says else {})]
        values["evidence"] = [*values.get("evidence", []), entry["id"]]

    def _one(self, name: str, choices: Mapping[str, str]) -> str | None:
        said = {each: self.view.tr(told) for each, told in choices.items()}
        return one(self._label(name), said, self._key(name))


@dataclass(frozen=True, slots=True)
class Blank:
    """A new entry of the registry: its own fields, and of what it is made of one each."""

    view: View
    command: type[Command]
    key: str

    def filled(self) -> dict[str, Any]:
        """Draws the fields of the entry; what stands in them, by name, nothing where a field is empty."""
        label = self.view.tr("The language in which you write")
        now = LANGUAGES.index(self.view.tr.language)
        language = str(st.radio(label, LANGUAGES, now, NAMES.__getitem__, key=f"{self.key}:in", horizontal=True))
        return self._group(get_type_hints(self.command)["entry"], self.key, language)

    def _group(self, kind: Any, key: str, language: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        row: list[Any] = []
        for field in fields(kind):
            name, hint = field.name, get_type_hints(kind)[field.name]
            if name in _LATER.get(kind, ()):
                continue
            short = wording.field_kinds(kind)[name]
            if name in _WIDE or short is Text or _made_of_several(short):
                row = []
                typed = self._one(kind, name, hint, f"{key}:{name}", language)
            else:
                row = row or list(st.columns(2, vertical_alignment="bottom"))
                with row.pop(0):
                    typed = self._one(kind, name, hint, f"{key}:{name}", language)
            if typed not in (None, "", [], {}):
                values[name] = typed
        return values

    def _one(self, kind: Any, name: str, hint: Any, key: str, language: str) -> Any:
        tr = self.view.tr
        label = tr(words.ENTRY_FIELD.get(name) or words.FIELD[name])
        inner = wording.field_kinds(kind)[name]
        if _made_of_several(inner):  # one of what may be several
            st.caption(label)
            part = self._group(inner, key, language)
            return [part] if part and get_origin(hint) is tuple else part
        if inner is Text:
            typed = st.text_area(label, key=key, height=80).strip()
            return {language: typed} if typed else None
        if inner is bool:
            return "true" if st.checkbox(label, key=key) else None
        said = {str(each): tr(told) for each, told in _SAID.get(name, {}).items()}
        choices = {each: said.get(each, each) for each in map(str, _members(inner))}
        if choices := self._known(name) or choices:
            return one(label, choices, key)
        typed = st.text_input(label, key=key, placeholder="2026-11-25" if inner is Day else None).strip()
        return [each.strip() for each in typed.split(",")] if typed and get_origin(hint) is tuple else typed

    def _known(self, name: str) -> dict[str, str]:
        """What a field can name of the registry, by id, in words; nothing where it names none."""
        registry, language = self.view.registry, self.view.tr.language
        if name in _ACTORS:
            return {each.id: each.name.shown(language)[0] for each in registry.actors.values()}
        match name:
            case "theme":
                return {each.id: each.name.shown(language)[0] for each in registry.themes.values()}
            case "instrument":
                return {each.id: each.name.shown(language)[0] for each in registry.instruments.values()}
            case "source":
                return {each.id: each.title for each in registry.source_by_id.values()}
            case "copy_of":
                return {each: each for each in registry.evidence}
        return {}


def command(view: View, kind: type[Command], values: Mapping[str, Any]) -> tuple[Command | None, list[str]]:
    """The command, or everything that is wrong with what was typed, each in one line."""
    try:
        return TypeAdapter(kind).validate_python(dict(values)), []
    except ValidationError as error:
        verb = next((name for name, (each, _) in VERBS.items() if each is kind), "")
        return None, [wrong(view, problem, verb) for problem in wording.problems(error, kind, "", (), "")]


def wrong(view: View, problem: Problem, verb: str = "") -> str:
    """What is wrong with a field, which is named as on the page."""
    named = [str(part) for part in problem.path if isinstance(part, str)]
    missing = re.match(r"the field (\w+) is missing", problem.found)
    names = [missing[1]] if missing else [*reversed(named)]
    said = words.ENTRY_FIELD | words.FIELD if "entry" not in named else words.FIELD | words.ENTRY_FIELD
    known = [said.get(f"{verb}.{each}", said.get(each, "")) for each in names]
    label = next((view.tr(each) for each in known if each), names[0] if names else "")
    if missing:
        return view.tr("{field}: nothing stands there yet.", field=label)
    return f"{label}: {problem.found}; {problem.allowed}"


def one(label: str, choices: Mapping[str, str], key: str, proposed: str = "") -> str | None:
    """One of `choices`, by id; nothing is chosen beforehand but what is proposed.

    What was chosen and is no longer offered is handed on as it is, for the door to refuse: Streamlit
    would put the first value in its place, which nobody chose.
    """
    held = st.session_state.get(key)
    index = list(choices).index(proposed) if proposed in choices else None
    chosen = st.selectbox(label, list(choices), index, distinct(choices).__getitem__, key=key, placeholder="")
    return str(held) if held and held not in choices else chosen


def several(label: str, choices: Mapping[str, str], key: str, proposed: Sequence[str] = ()) -> list[str]:
    """Some of `choices`, by id; what is no longer offered is handed on as by `one`."""
    held = [str(each) for each in st.session_state.get(key) or ()]
    chosen = st.multiselect(
        label, list(choices), list(proposed), distinct(choices).__getitem__, key=key, placeholder=" ", select_all=False
    )
    return held if any(each not in choices for each in held) else chosen


def distinct(choices: Mapping[str, str]) -> dict[str, str]:
    """The same choices, no two in the same words: the browser sends words back, and the last of equals would win."""
    often = Counter(choices.values())
    return {name: said if often[said] == 1 else f"{said} · {name}" for name, said in choices.items()}


def offered(view: View) -> str:
    """A digest of the words of whatever can be chosen: those are what the browser sends back."""
    registry, language = view.registry, view.tr.language
    said = [
        *((each.id, each.name.shown(language)[0]) for each in registry.actors.values()),
        *((each.id, each.name.shown(language)[0]) for each in registry.themes.values()),
        *((each.id, each.name.shown(language)[0]) for each in registry.instruments.values()),
        *((each.id, each.title.shown(language)[0]) for each in registry.records.values()),
        *((each.id, each.title) for each in registry.source_by_id.values()),
        *((each.id, _line(each)) for each in registry.evidence.values()),
    ]
    return sha256(repr(said).encode()).hexdigest()[:16]


def _line(entry: Evidence) -> str:
    """An evidence entry in one line."""
    return f"{entry.id} · {entry.publisher or ''} · {entry.published or ''}"


def texts(entry: Any, path: str = "") -> dict[str, str]:
    """Each text of a plain entry by the path that `edit` takes, such as title.ru or done_when.2."""
    if isinstance(entry, list):
        entry = {str(n): each for n, each in enumerate(entry, 1)}
    if not isinstance(entry, dict):
        return {path: str(entry)}
    found: dict[str, str] = {}
    of_a_text = ("from", "drafts") if set(entry) & set(LANGUAGES) else ()  # which translate keeps in step
    for name, each in entry.items():
        if name not in of_a_text:
            found |= texts(each, f"{path}.{name}" if path else name)
    return found


def place(tr: Translator, path: str) -> str:
    """Where a text stands, in an editor's words: of `done_when.2.ru` "Counts as done when 2, Русский"."""
    of_acts = path.partition(".")[0] in words.PLACE
    said: dict[str, str] = (
        words.ENTRY_FIELD | words.FIELD if of_acts else words.FIELD | words.ENTRY_FIELD
    ) | words.PLACE
    languages = {str(code): name for code, name in NAMES.items()}
    parts: list[str] = []
    for part in path.split("."):
        if part.isdecimal() and parts:
            parts[-1] += f" {part}"
        else:
            # What follows in brackets or behind a colon tells how to fill it in.
            named = tr(said[part]) if part in said else languages.get(part, part)
            parts.append(re.split(r" \(|: |:$", named)[0])
    return ", ".join(parts)


def _named(entry: Mapping[str, str], taken: Iterable[str]) -> str:
    """An id for an evidence entry from its publisher and day, one that is free."""
    stem = f"{entry.get('publisher', 'page')} {entry.get('published', '')}".lower().translate(_LETTERS)
    stem = _SLUG.sub("-", stem).strip("-")[:60].strip("-") or "page"
    free = (name for n in range(1, 1000) if (name := stem if n == 1 else f"{stem}-{n}") not in taken)
    return next(free)


def _members(hint: Any) -> list[Any]:
    """The words that a field allows."""
    for each in (hint, *get_args(hint)):
        if isinstance(each, EnumType):
            return [*each]
        if get_origin(each) is Literal:
            return list(get_args(each))
    return []


def _made_of_several(kind: Any) -> bool:
    return is_dataclass(kind) and kind not in (Text, Day)


def _is(hint: Any, kind: type) -> bool:
    return hint is kind or kind in get_args(hint)
