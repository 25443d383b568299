"""What an editor does at the desk: reads the inbox, enters, mends and takes back; never YAML.

Every act goes through the door, which asks again who may. A refused act keeps what was typed, and says
what changed meanwhile. Streamlit; in its session stand only plain strings.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn

import streamlit as st

from dashboard import fields, reading, sorting
from dashboard.entering import ADDED, VERBS
from dashboard.fields import Sheet, command
from dashboard.language import words
from dashboard.outputs import forms, pages
from dashboard.outputs.view import View
from dashboard.registry import access, commands, edits, inbox, lineage, reader, slices, store, swapping
from dashboard.registry.access import Who
from dashboard.registry.commands import Command
from dashboard.registry.inbox import Reason, Waiting
from dashboard.registry.problems import visible
from dashboard.registry.scalars import LANGUAGES, today

_SAID = "desk:said"
_TENDED = "desk:tended"
_FIELD = "desk:field"
_KEPT = ("id", "assessments.", "checks.")
"""Fields that are never mended: a wrong judgement is withdrawn, an id stays."""

_OF_ANY = {"evidence": ("edit", "translate", "withhold"), "themes": ("tend", "edit", "translate")}
"""What can be done with entries that are no points."""

_NOT_WITH_POINTS = ("withhold", "tend")
_EMPTIED = {"tend": {"steward": "", "check_every_days": ""}, "edit": {"value": ""}}
"""Fields that hold what stands there now: left empty, they take it out."""

_WORDED = ("title", "summary", "done_when", "beyond_test", "open_questions", "name", "says")
"""Fields whose text is in English where no language is named."""

_ACTING = Lock()
"""A second click begins a second run while the first still saves: they act one after the other."""

_JUST_SAVED: deque[tuple[str, str]] = deque(maxlen=100)
"""Into which state of the file a command was saved: the same on the same state is one act, clicked twice.

Not in the session: the first run ends at its next look into it.
"""

_REFUSALS = (
    access.NotAllowed, commands.Impossible, edits.Misplaced, inbox.Full, inbox.NoSuchMessage, inbox.Settled,
    reader.Unreadable, store.Closed, swapping.Changed, OSError,
)  # fmt: skip
"""What the door and the inbox may answer; each message says what to do."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a form showed when it was first drawn: its entry, and what could be chosen, as digests."""

    form: str
    of: str = ""
    name: str = ""
    entry: str = ""
    offered: str = ""


class Desk:
    """The desk in one run of the page. `who` is asked anew at every act."""

    def __init__(self, view: View, who: Callable[[], Who]) -> None:
        self.view = view
        self.tr = view.tr
        self.who = who
        self.path = reading.path()

    def told(self) -> None:
        """What became of the last act."""
        st.session_state[_TENDED] = "1"
        if said := st.session_state.pop(_SAID, ""):
            _box(str(said).split("\n"), "status")

    def taken_away(self) -> None:
        """Somebody who was an editor here and is none any more: told so, and what was typed is shown to be copied."""
        if st.session_state.get(_TENDED) != "1":
            return
        try:
            access.require(self.who(), access.Action.SAVE)
        except access.NotAllowed as refusal:
            self._wrong([str(refusal)])
        if written := _written():
            st.caption(self.tr("What you had written. Copy it: this page does not keep it."))
            for text in written:
                st.html(f'<div class="t"><pre class="copyable">{escape(text)}</pre></div>')

    # --- today ------------------------------------------------------------------------------------

    def today(self, who: Who) -> None:
        """What waits, and a look at several points at once."""
        try:
            folder = inbox.place(self.path)
            waiting, damaged = inbox.waiting(folder), len(inbox.damaged(folder))
        except (inbox.Full, inbox.Misplaced, OSError) as error:
            _box([str(error)])
            waiting, damaged = [], 0
        st.html(pages.desk_today(self.view, who, waiting, damaged))
        with st.expander(self.tr("Looked at several points, nothing new in any")):
            self._looked()

    def _looked(self) -> None:
        rows = sorted(self.view.frame.rows, key=lambda row: (not row.standing.due, str(row.standing.checked_on or "")))
        titles = fields.distinct({row.id: row.record.title.shown(self.tr.language)[0] for row in rows})
        with st.form("desk:looked", border=False, enter_to_submit=False):
            chosen = fields.several(self.tr("Which points"), titles, "looked:records")
            where = st.text_area(self.tr(words.FIELD["where"]), key="looked:where").strip()
            shown = self._shown("looked")
            if not st.form_submit_button(self.tr("Save: nothing new"), type="primary"):
                return
        values = {"records": chosen, "where": {self.tr.language: where}} if where else {"records": chosen}
        self._through(commands.Look, values, shown)

    # --- one message ------------------------------------------------------------------------------

    def message(self, number: int) -> None:
        """A message beside the point that it is about; what becomes of it below."""
        try:
            waiting = inbox.read(inbox.place(self.path), number)
        except (inbox.Settled, inbox.NoSuchMessage, inbox.Full, inbox.Misplaced, OSError) as gone:
            self._opened(self.tr("Inbox"))
            _box([str(gone)], "status")
            return
        told = waiting.message
        self._opened(self.tr(forms.SAYING[told.kind]))
        left, right = st.columns(2, gap="large")
        with left:
            st.html(pages.message(self.view, waiting, self.path))
        with right:
            st.html(pages.point_now(self.view, told.about))
        if told.about in self.view.registry.records:
            verb, given = sorting.suggested(told, today())
            self._entered(told.about, f"message{number}", verb or "edit", given | {"link": told.link}, waiting)
        with st.expander(self.tr("Do not publish it")):
            self._declined(waiting)
        with st.expander(self.tr("What it asks for is done already")):
            self._settled_by_hand(waiting)

    def _declined(self, waiting: Waiting) -> None:
        key = f"decline{waiting.number}"
        with st.form(key, border=False, enter_to_submit=False):
            kinds = {str(each): self.tr(forms.REASON[each]) for each in Reason}
            label = self.tr("Why (the number of each kind of reason is public)")
            reason = st.selectbox(label, list(kinds), None, kinds.__getitem__, key=f"{key}:reason", placeholder="")
            typed = st.text_area(
                self.tr("What the sender reads with the receipt besides"), key=f"{key}:words", max_chars=1000
            )
            if not st.form_submit_button(self.tr("Decline, and delete its text")):
                return
        if reason is None:
            self._wrong([self.tr("Choose a reason.")])
            return
        try:
            sorting.decline(self.path, waiting.number, reason, typed, self.who, today())
        except _REFUSALS as refusal:
            self._refused(refusal)
            return
        self._done(self.tr("Message {n}: not published. Its text is deleted.", n=waiting.number))

    def _settled_by_hand(self, waiting: Waiting) -> None:
        """Where it takes more than one act, or one elsewhere: first all of that, and then it is settled."""
        st.caption(
            self.tr(
                "Where it takes more than one act, or one elsewhere on the desk: do all of it first, then settle it."
            )
        )
        if st.button(self.tr("Done: settle it as published"), key=f"settle{waiting.number}"):
            try:
                sorting.settle(self.path, waiting.number, self.who, today())
            except _REFUSALS as refusal:
                self._refused(refusal)
                return
            self._done(self.tr("Message {n} is settled.", n=waiting.number))

    # --- one point --------------------------------------------------------------------------------

    def point(self, name: str, verb: str) -> None:
        """A point as it stands, and every act that changes it."""
        self._opened(self.tr("Work on a point"))
        named = {each.id: each.title.shown(self.tr.language)[0] for each in self.view.registry.file.recommendations}
        titles = fields.distinct(named)
        if name not in titles:
            name = self._one_of(titles, "point:which", self.tr("Which point"))
        if name:
            st.html(pages.point_now(self.view, name))
            self._entered(name, f"point:{name}", verb, {})

    def entry(self, of: str, name: str, verb: str = "edit") -> None:
        """Whatever stands beside the points: a page that shows something, a body, a subject. Mended field by field."""
        self._opened(self.tr("Mend evidence, a body or a subject"))
        lists = {each: self.tr(words.LIST[each]) for each in commands.ENTRY_LISTS if each != "recommendations"}
        of = of if of in lists else self._one_of(lists, "entry:of", self.tr("What kind of entry"))
        if not of:
            return
        held = sorted(each.id for each in getattr(self.view.registry.file, of))
        name = (
            name if name in held else self._one_of({each: each for each in held}, f"entry:{of}", self.tr("Which entry"))
        )
        if name:
            self._entered(name, f"entry:{of}:{name}", verb or "edit", {}, of=of)

    def _entered(
        self,
        name: str,
        key: str,
        proposed: str,
        given: Mapping[str, Any],
        waiting: Waiting | None = None,
        of: str = "recommendations",
    ) -> None:
        """The form of one command for one entry."""
        record = self.view.registry.records.get(name) if of == "recommendations" else None
        of_entries = _OF_ANY.get(of, ("edit", "translate"))
        offered = [verb for verb in words.COMMAND if (verb not in _NOT_WITH_POINTS if record else verb in of_entries)]
        label = self.tr("What becomes of it") if waiting else self.tr("What do you want to enter?")
        index = offered.index(proposed) if proposed in offered else None
        verb = st.selectbox(
            label, offered, index, lambda each: self.tr(words.COMMAND[each]), key=f"{key}:verb", placeholder=""
        )
        if verb is None:
            return
        fixed = {"record": name, "records": [name], "id": name, "of": of, "theme": name}
        more = given if verb == proposed else {"link": given.get("link", "")}
        form = f"{key}:{verb}"
        if verb in ("edit", "translate"):
            field = self._field(of, name, key, verb)
            if not field:
                return
            more, form = {**more, **field}, f"{form}:{field['field']}"
        sheet = Sheet(self.view, verb, form, record, {**self._as_it_stands(verb, name, waiting), **more, **fixed})
        with st.form(form, border=False, enter_to_submit=False):
            values = _EMPTIED.get(verb, {}) | sheet.filled()
            shown = self._shown(form, of, name, verb not in ("edit", "translate"))
            pressed = st.form_submit_button(self.tr("Publish") if waiting else self.tr("Save"), type="primary")
        if pressed:
            # The point that a merger leaves was not shown; both are named, and nothing of either is overwritten.
            self._through(VERBS[verb][0], values, replace(shown, entry="") if verb == "merge" else shown, waiting)

    def _as_it_stands(self, verb: str, name: str, waiting: Waiting | None) -> dict[str, Any]:
        """What stands there now; a judgement that is to be confirmed in the new wording begins as the last one."""
        if verb == "tend":
            theme = self.view.registry.themes[name]
            return {"steward": theme.steward or "", "check_every_days": str(theme.check_every_days or "")}
        if verb != "assess" or waiting or st.query_params.get("again") != "1":
            return {}
        given = [each for each in self.view.registry.records[name].assessments if not each.withdrawn]
        last = commands.plain(given[-1]) if given else {}
        return {field: last[field] for field in ("status", "as_of", "note", "evidence") if field in last}

    def _field(self, of: str, name: str, key: str, verb: str) -> dict[str, Any]:
        """Which field, chosen before the form is drawn, so that it holds what stands there now."""
        data = reader.texts(self.path).registry
        texts = fields.texts(edits.value(data, of, name, reading.positions()))
        if verb == "translate":
            return self._translated(texts, key)
        shown = {p: f"{fields.place(self.tr, p)}: {text[:60]}" for p, text in texts.items() if not p.startswith(_KEPT)}
        if of == "recommendations":
            shown |= {
                path: self.tr("{field}: one more", field=fields.place(self.tr, path)) for path in _one_more(texts)
            }
        path = self._field_of(shown, f"{key}:field")
        return {"field": path, "value": texts.get(path, "")} if path else {}

    def _translated(self, texts: Mapping[str, str], key: str) -> dict[str, Any]:
        """Which text, shown in the languages that it has."""
        held: dict[str, dict[str, str]] = {}
        for path, text in texts.items():
            stem, _, language = path.rpartition(".")
            if language in LANGUAGES:
                held.setdefault(stem, {})[language] = text
            elif f"{path}.en" not in texts and path.partition(".")[0] in _WORDED:
                held[path] = {"en": text}
        shown = {
            stem: f"{fields.place(self.tr, stem)}: {next(iter(each.values()))[:60]}" for stem, each in held.items()
        }
        path = self._field_of(shown, f"{key}:text")
        if path:
            st.html(pages.texts(self.view, held[path]))
        return {"field": path} if path else {}

    def _field_of(self, shown: Mapping[str, str], key: str) -> str:
        """The field, also in the address: what stands in it, and so its words here, may change meanwhile."""
        path = self._one_of(shown, key, self.tr(words.FIELD["field"]), st.query_params.get("field", ""))
        if path and path != st.session_state.get(_FIELD):
            st.session_state[_FIELD] = st.query_params["field"] = path
        return path

    @staticmethod
    def _one_of(shown: Mapping[str, str], key: str, label: str, proposed: str = "") -> str:
        index = list(shown).index(proposed) if proposed in shown else None
        return str(st.selectbox(label, list(shown), index, shown.__getitem__, key=key, placeholder="") or "")

    # --- new entries ------------------------------------------------------------------------------

    def add(self, what: str) -> None:
        """A new entry: a page that shows something, a body, a source, a point."""
        self._opened(self.tr("Add something new"))
        kinds = {name: self.tr(words.ENTRY[name]) for name in ADDED}
        index = list(kinds).index(what) if what in kinds else None
        chosen = st.selectbox(
            self.tr("What do you want to add?"), list(kinds), index, kinds.__getitem__, key="add:what", placeholder=""
        )
        if chosen is None:
            return
        with st.form(f"add:{chosen}", border=False, enter_to_submit=False):
            values = fields.Blank(self.view, ADDED[chosen], f"add:{chosen}").filled()
            shown = self._shown(f"add:{chosen}")
            if not st.form_submit_button(self.tr("Save"), type="primary"):
                return
        self._through(ADDED[chosen], {"entry": values}, shown)

    # --- what came another way -----------------------------------------------------------------------

    def letter(self) -> None:
        """A slip that came by any channel, into the inbox."""
        self._opened(self.tr("Take in a slip that came another way"))
        with st.form("desk:slip", border=False, enter_to_submit=False):
            text = st.text_area(
                self.tr("The slip, as it came (quotation marks of mail do no harm)"), key="slip:text", height=280
            )
            if not st.form_submit_button(self.tr("Into the inbox"), type="primary"):
                return
        try:
            with _ACTING:
                receipt = self._waits_already(text) or sorting.take_in(self.path, text, today(), self.who)
        except inbox.BadSlip as bad:
            self._wrong(str(bad).split("\n"))
            return
        except _REFUSALS as refusal:
            self._refused(refusal)
            return
        self._done(self.tr("It is in the inbox. Its receipt is {code}.", code=receipt))

    def _waits_already(self, text: str) -> str:
        """The receipt of a message that says just this and waits: a second click brings nothing twice."""
        told = inbox.from_slip(text, today(), self.view.registry)
        waiting = inbox.waiting(inbox.place(self.path))
        return next((each.receipt for each in waiting if each.message == told), "")

    # --- through the door -----------------------------------------------------------------------------

    def _shown(self, form: str, of: str = "", name: str = "", chooses: bool = True) -> Shown:
        """What the form showed when it was first drawn. `chooses`: something of the registry can be chosen in it.

        It travels with the form as a field that nobody sees: like what is typed, it stays in the browser
        when the line is cut or the server begins anew, and a page that grew old cannot pass for a fresh one.
        """
        entry = store.seen(self.path, [(of, name)]) if name else ""
        offered, slot = fields.offered(self.view) if chooses else "", f"{form}:seen"
        if slot not in st.session_state:
            st.session_state[f"{form}:was"] = _lines(reader.texts(self.path).registry, of, name)
            st.session_state[f"{form}:offered"] = offered
        st.html("<style>.st-key-seen { display: none }</style>")
        with st.container(key="seen"):
            entry, _, offered = st.text_input("seen", f"{entry}/{offered}", key=slot).partition("/")
        return Shown(form, of, name, entry, offered)

    def _meanwhile(self, shown: Shown) -> None:
        """What somebody else did to the entry since this page showed it."""
        was = lineage.read(str(st.session_state.get(f"{shown.form}:was", "")).encode())
        now = self.view.registry.records.get(shown.name) if shown.of == "recommendations" else None
        if was and now:
            st.html(pages.meanwhile(self.view, lineage.differences(was, now)))
        st.caption(self.tr("What you typed is still here. Above you see what stands there now."))
        label = self.tr("I have read it: let me save")
        st.button(label, key=f"{shown.form}:again", on_click=_read_anew, args=(self.path, shown))

    def _through(
        self, kind: type[Command], values: Mapping[str, Any], shown: Shown, waiting: Waiting | None = None
    ) -> None:
        """Built, and through the door; what was wrong is said, and what was typed stays."""
        if shown.offered != st.session_state.get(f"{shown.form}:offered"):
            self._wrong(
                [self.tr("What can be chosen here has changed since you opened it. Look at each choice once more.")]
            )
            self._meanwhile(shown)
            return
        made, wrong = command(self.view, kind, values)
        if made is None:
            self._wrong(wrong)
            return
        try:
            told = self._saved(made, shown.entry, waiting)
        except store.Spoiled as spoiled:
            self._wrong([fields.wrong(self.view, problem) for problem in spoiled.problems])
            return
        except _REFUSALS as refusal:
            self._refused(refusal)
            if isinstance(refusal, swapping.Changed) and shown.name:
                self._meanwhile(shown)
            return
        for slot in [each for each in st.session_state if str(each).startswith(f"{shown.form}:")]:
            del st.session_state[slot]
        self._done("\n".join([self.tr("Saved: {what}", what=commands.told(made)), *told]))

    def _saved(self, made: Command, seen: str, waiting: Waiting | None) -> tuple[str, ...]:
        """Saves a command, once however often the button is clicked; what else somebody should know."""
        with _ACTING:
            now, day = reading.known(), today()
            if now and (now.digest, repr(made)) in _JUST_SAVED:
                return ()
            if waiting is None:
                saved = store.save(self.path, made, self.who, seen, day, now)
            else:
                saved = sorting.publish(self.path, waiting.number, made, self.who, seen, day)[0]
            reading.saved(saved.loaded, day)
            _JUST_SAVED.append((saved.loaded.digest, repr(made)))
            return saved.told

    def _refused(self, refusal: Exception) -> None:
        """Why nothing was done. What was typed stays."""
        self._wrong([str(refusal)])

    def _wrong(self, lines: Sequence[str]) -> None:
        _box([self.tr("Nothing was saved."), *lines])

    def _done(self, said: str) -> NoReturn:
        st.session_state[_SAID] = said
        for name in ("item", "point", "do", "verb", "again", "of", "id", "what", "field"):
            st.query_params.pop(name, None)
        st.rerun()

    def _opened(self, title: str) -> None:
        """The way back to the list, and what is done here."""
        st.html(pages.desk_back(self.view) + f'<div class="t"><h1>{escape(title)}</h1></div>')


def _lines(data: bytes, of: str, name: str) -> str:
    """The record as it is written; empty for another entry, and where it cannot be cut out."""
    span = slices.entry(data, of, name) if of == "recommendations" else None
    text = span.of(data).decode("utf-8", "replace") if span else ""
    return f"recommendations:\n{text}...\n" if text else ""


def _one_more(texts: Mapping[str, str]) -> list[str]:
    """Where one more text can stand: a summary, a condition, a limb beyond any test, an open question."""
    found = [] if any(path.startswith("summary") for path in texts) else ["summary"]
    for name in ("done_when", "beyond_test", "open_questions"):
        numbers = [int(path.split(".")[1]) for path in texts if path.startswith(f"{name}.")]
        found.append(f"{name}.{max(numbers, default=0) + 1}")
    return found


def _read_anew(path: Path, shown: Shown) -> None:
    """What the page shows now counts as seen."""
    entry = store.seen(path, [(shown.of, shown.name)]) if shown.name else ""
    st.session_state[f"{shown.form}:seen"] = f"{entry}/{st.session_state.get(f'{shown.form}:offered', '')}"
    st.session_state[f"{shown.form}:was"] = _lines(reader.texts(path).registry, shown.of, shown.name)


def _written() -> list[str]:
    """What stands in the fields of this page, of more than one word; no slot of ours."""
    ours = ("desk:", "f_", "was_")
    held = [(str(name), text) for name, text in st.session_state.items() if isinstance(text, str)]
    typed = [
        text for name, text in held if not name.startswith(ours) and not name.endswith((":was", ":seen", ":offered"))
    ]
    return list(dict.fromkeys(text for text in typed if len(text.split()) > 1))


def _box(lines: Sequence[str], role: str = "alert") -> None:
    """Lines that may hold what anybody typed: as text. Markdown would make links and pictures of it."""
    said = "".join(f"<p>{escape(visible(line))}</p>" for line in lines)
    st.html(f'<div class="t"><div class="asof" role="{role}">{said}</div></div>')
