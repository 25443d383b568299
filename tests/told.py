"""What a reader must meet in numbers and dates on each page, line by line, from the slow second count.

Words as the English page says them, spelled out here once more. `…` stands for words without a
digit, `↗` for an address; `drawn` takes the same lines from a page, in the same order.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from tests import slow, slow_planning
from tests.markup import Element

SIDE = {
    "state": "Kazakhstan’s state",
    "foreign": "Foreign donors and governments",
    "society": "Society and media",
}
STATUS = {
    "not-assessed": "Nobody has checked yet",
    "nothing-found": "Checked, nothing found",
    "not-started": "Shown not to have begun",
    "promised": "Promised, nothing more seen",
    "in-progress": "Under way",
    "ongoing": "Ongoing",
    "partly-implemented": "Partly done",
    "implemented": "Done",
    "blocked": "Blocked",
    "reversed": "Undone",
    "refused": "Refused or dropped",
}
PART = {
    "implemented": "done",
    "partly-implemented": "partly done",
    "in-progress": "under way",
    "ongoing": "ongoing",
    "promised": "promised only",
    "reversed": "undone",
    "refused": "refused or dropped",
    "blocked": "blocked",
    "not-started": "shown not to have begun",
    "nothing-found": "checked, nothing found",
    "not-assessed": "that nobody has checked yet",
}
KNOWN = {
    "own-word": "own word",
    "press": "press",
    "official": "official record",
    "independent": "independent check",
    "none": "nothing",
}
ROLE = {
    "must-act": "must act",
    "together": "together with",
    "must-agree": "must agree",
    "helps": "helps",
    "pays": "pays",
}
BASIS = {"named": "named in the source", "inferred": "our reading, not in the source"}
KIND = {"recommendation": "Recommendation", "demand": "Call", "commitment": "Promise"}
DESK = {
    "due": "Due for a check",
    "disagree": "Assessors disagree",
    "overdue": "Its day has passed",
    "nothing-found": "Checked, nothing found",
    "not-checked": "Nobody has checked yet",
    "own-word": "Known from its own word only",
    "answer": "Answers waited for",
    "translation": "Translations that nobody has checked",
}
MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
PAGE = 50


class Day:
    """One day of a registry as the slow count sees it, and a selection of its records."""

    def __init__(self, books: dict[str, Any], as_of: date, today: date, chosen: dict[str, list[str]]) -> None:
        self.books, self.as_of, self.today, self.chosen = books, as_of, today, chosen
        self.whole = slow.facts(books, as_of, today)
        self.kept = slow.kept(self.whole, chosen, books)
        self.narrows = any(chosen.values())
        homes = {a["country"] for a in books["actors"].values() if a["side"] == "state" and a.get("country")}
        self.sides = SIDE if homes == {"KZ"} else {**SIDE, "state": "States and their bodies"}

    # --- pages, from above to below ---------------------------------------------------------------

    def start(self) -> Iterator[str]:
        if self.narrows:
            yield from self.selection()
        sources = self._sources(self.kept)
        yield f"{_asks(len(self.kept))} found {_texts(len(sources))}."
        led = {  # without a quote the record holds the passage itself; without a paragraph the place tells two apart
            (o["source"], o.get("paragraph") or f"at {o.get('locator')}", o.get("quote") or f"text of {r['id']}")
            for r in self.books["records"]
            for o in r["origin"]
        }
        left = sum(len(source.get("not_tracked", [])) for source in self.books["sources"].values())
        examined = (
            f" Passages examined: {len(led) + left}. Of these, {len(led)} led to the points; for the other {left} the"
            " reason why not is kept. See every passage · Who runs this?"
        )
        years = f"Texts of {_years(sources)}." if sources else ""
        yield years + (examined if self.as_of == self.today and not self.narrows else "")
        for side, of_side in _by_side(self.kept):
            yield f"{self.sides[side]} {_points(len(of_side))}"
            if len(self.kept) <= 200:
                yield " ".join(f"{en(f['record']['title'])}: {stands(f)}" for f in of_side)
            yield from parts(of_side)
        testable = [f for f in self.kept if f["testable"]]
        checked = [f for f in testable if f["checked"]]
        if testable:
            yield (
                f"{_points(len(testable))} have an end that can be tested; of these, {len(checked)} were checked; of"
                f" those checked, {sum(f['done'] for f in checked)} are done."
            )
        known = (f"{KNOWN[kind]} {sum(f['known'] == kind for f in self.kept)}" for kind in slow.KNOWN)
        yield f"How we know: {' · '.join(known)}"
        for status in slow.STATUSES:
            if any(f["status"] == status for f in self.kept):
                for _, of_side in _by_side(self.kept):
                    yield str(sum(f["status"] == status for f in of_side))
        yield from self._subjects()
        new = slow.newly_asked(self.kept, slow.facts(self.books, _year_before(self.as_of), self.today))
        if new:
            yield _many(new, "{n} point was newly asked or promised.", "{n} points were newly asked or promised.")
        yield from self._last_look()
        unchecked = sum(f["status"] == "not-assessed" for f in self.kept)
        if unchecked:
            yield _many(
                unchecked,
                "See the {n} point that nobody has judged yet",
                "See the {n} points that nobody has judged yet",
            )
        waiting = {
            f["id"]
            for name, held, *_ in slow.desk(self.kept)
            for f in held
            if name in ("due", "overdue", "nothing-found", "not-checked", "own-word") and not slow.resting(name, f)
        }
        yield _many(len(waiting), "See the {n} point to look at next", "See the {n} points to look at next")

    def points(self) -> Iterator[str]:
        yield from self.selection()
        if len(self.kept) > 1:
            for side, of_side in _by_side(self.kept):
                yield f"{self.sides[side]} {_points(len(of_side))}"
                yield from parts(of_side)
        for fact in self.kept[:PAGE]:
            yield " · ".join((stands(fact), *notes(fact)))
        yield from self.above()
        if len(self.kept) > PAGE:
            yield from map(str, range(1, -(-len(self.kept) // PAGE) + 1))

    def actors(self) -> Iterator[str]:
        yield from self.selection()
        every = slow.bodies(self.kept, self.books)
        for side in slow.SIDES:
            for actor, _, roles, held in every:
                if self.books["actors"][actor]["side"] == side:
                    yield f"{en(self.books['actors'][actor]['name'])} {_points(len(held))} Asked and answered"
                    yield from (f"{ROLE[role]} {n}" for role, n in roles.items())
                    yield from parts(held)
        yield from self.above()

    def sources(self) -> Iterator[str]:
        for source in self.books["sources"].values():
            authors = ", ".join(source.get("authors", [])) or "The text names no author"
            yield f"{authors} · {source['publisher']} · {told(source['published'])}"
            yield en(source["summary"])
            if source.get("published_note"):
                yield en(source["published_note"])
            if source["rights"] == "quote-only":
                yield f"Rights: {source['licence']}. We quote at most 25 words at a time."
            passages = {
                (origin.get("paragraph"), origin.get("quote", record["id"]))
                for record in self.books["records"]
                for origin in record["origin"]
                if origin["source"] == source["id"]
            }
            held = [fact for fact in self.whole if source["id"] in fact["sources"]]
            led = _many(len(passages), "{n} passage led to points:", "{n} passages led to points:")
            yield f"{led} {_points(len(held))}"
            left = source.get("not_tracked", [])
            yield _many(
                len(left),
                "{n} passage is not tracked, with the reason",
                "{n} passages are not tracked, with the reasons",
            )
            yield from (passage["paragraph"] for passage in left)

    def desk(self) -> Iterator[str]:
        if self.as_of == self.today:
            yield from self._plan()
        for name, held, again, texts, resting, minutes in slow.desk(self.whole):
            said = [DESK[name], _points(len(held)), *([_many(texts, "{n} text", "{n} texts")] if texts else [])]
            said += [_many(minutes, "about {n} minute", "about {n} minutes")] if minutes else []
            yield " · ".join(said)
            more = []
            if again:
                more.append(
                    _many(
                        again,
                        "{n} of them is in a list above already: one look serves both, and its minutes are counted there.",
                        "{n} of them are in a list above already: one look serves both, and its minutes are counted there.",
                    )
                )
            if resting and name == "answer":
                more.append(
                    _many(resting, "{n} of them still has time to answer.", "{n} of them still have time to answer.")
                )
            elif resting:
                more.append(
                    _many(
                        resting,
                        "{n} of them was looked at within its term: no look is planned until that is over.",
                        "{n} of them were looked at within their term: no look is planned until that is over.",
                    )
                )
            if more:
                yield "…" + " ".join(more)
            for fact in held[:50]:
                why = _why(name, fact, self.as_of)
                yield en(fact["record"]["title"]) + (f" · {why}" if why else "")
            if len(held) > 50:
                yield _many(
                    len(held) - 50,
                    "{n} more that presses less is not shown here.",
                    "{n} more that press less are not shown here.",
                )

        for theme in self.books["themes"]:
            if often := theme.get("check_every_days"):
                yield _many(int(often), "at least every {n} day", "at least every {n} days")
            yield str(sum(fact["theme"] == theme["id"] for fact in self.whole))

    def _plan(self) -> Iterator[str]:
        plan = slow_planning.planned(self.books, self.today)
        this, most, steady = plan["weeks"].pop(0, []), plan["most"], plan["steady"]
        within = _many(
            steady,
            "To look at each point within its term takes about {n} minute a week.",
            "To look at each point within its term takes about {n} minutes a week.",
        )
        if this:
            done = {name for name, *_ in this} - {name for name, *_, done in this if not done}
            points, minutes = len({name for name, *_ in this}), sum(minutes for _, _, minutes, _, _ in this)
            said = f"This week: {_points(points)}, {_many(minutes, 'about {n} minute', 'about {n} minutes')}."
            yield said + (_many(len(done), " {n} of them is done.", " {n} of them are done.") if done else "")
        if steady > most:
            few = "In the long run there {} a week too {}."
            few = few.format("is {n} minute", "little") if steady == most + 1 else few.format("are {n} minutes", "few")
            yield few.replace("{n}", str(steady - most)) + f" {within} …"
        yield from self._tasks(this, plan["then"])
        said = []
        if plan["round"] > 1:
            said.append(f"What waits now takes {plan['round']} weeks, this one included.")
        said += [within] if steady <= most else []
        said.append(_many(most, "There is {n} minute a week.", "There are {n} minutes a week."))
        if plan["late"]:
            said.append(
                _many(
                    plan["late"],
                    "{n} look whose term is still to come cannot be made within it.",
                    "{n} looks whose term is still to come cannot be made within it.",
                )
            )
        yield " ".join(said)
        monday = self.today - timedelta(days=self.today.weekday())
        later = sorted(plan["weeks"].items())
        for n, tasks in later[:12]:
            begins, minutes = _written(monday + timedelta(weeks=n)), sum(minutes for _, _, minutes, _, _ in tasks)
            points = _points(len({name for name, *_ in tasks}))
            yield f"Week of {begins} · {points} · {_many(minutes, 'about {n} minute', 'about {n} minutes')}"
            yield from self._tasks(tasks, plan["then"])
        if len(later) > 12:
            yield _many(len(later) - 12, "{n} later week is not shown here.", "{n} later weeks are not shown here.")

    def _tasks(self, tasks: list[Any], then: dict[str, Any]) -> Iterator[str]:
        for name, kinds, _, by, done in tasks[:50]:
            fact = then[name]
            coming = kinds[0] == "due" and not fact["due"]
            why = f"to be looked at by {_written(by)}" if coming else _why(kinds[0], fact, self.as_of)
            yield ("Done: " if done else "") + en(fact["record"]["title"]) + (f" · {why}" if why else "")
        if len(tasks) > 50:
            yield _many(
                len(tasks) - 50,
                "{n} more that presses less is not shown here.",
                "{n} more that press less are not shown here.",
            )

    def foot(self, commit: str) -> Iterator[str]:
        """The foot of a page that shows a selection; the data are of the day itself."""
        registry = self.books["registry"]
        version = f"as on {_written(self.as_of)}; data of {_written(self.as_of)}, version {commit}"
        title, licence = en(registry["title"]), registry["licence"]
        yield (
            f"Published by: not yet named. Data of {_written(self.as_of)}, version {commit}. Licence of the data:"
            f" {licence}. Quotes belong to their authors."
        )
        whole = f"{_asks(len(self.whole))} found {_texts(len(self._sources(self.whole)), _years(self._sources(self.whole)))}"
        told = f"{len(self.kept)} of {whole} fit this selection: …." if self.narrows else f"{whole}."
        sides = "".join(f" {self.sides[side]}: {_row(list(parts(of_side)))}." for side, of_side in _by_side(self.kept))
        yield f"{told}{sides} ({title}; {version}) ↗"
        for _ in range(2):
            yield f"Publisher not yet named: {title}; {version}. {licence}. ↗"

    def sentence(self, fact: dict[str, Any], commit: str) -> str:
        """Where one record stands, to be copied."""
        names = [en(self.books["actors"][actor]["name"]) for actor, role, _ in fact["actors"] if role == "must-act"]
        said = [
            f"“{en(fact['record']['title'])}”. {KIND[fact['kind']]}; must act: {_row(names)}.",
            f"Where it stands: {stands(fact)}.",
        ]
        if fact["as_of"] and not fact["last_seen"] and fact["status"] != "nothing-found":
            said.append(f"True on {told(fact['as_of'])}.")
        if fact["known"] != "none":
            said.append(f"How we know: {KNOWN[fact['known']]}.")
        said.append(f"Checked on {told(fact['checked_on'])}." if fact["checked_on"] else "Nobody has checked.")
        day = _written(self.as_of)
        return " ".join(
            [*said, f"({en(self.books['registry']['title'])}; as on {day}; data of {day}, version {commit})"]
        )

    def selection(self) -> Iterator[str]:
        n = len(self.kept)
        yield f"Shown: {n} of {len(self.whole)}. …." if self.narrows else f"Shown: all {len(self.whole)}"

    def who(self, fact: dict[str, Any]) -> str:
        """Of a record in the list: its kind, who must act, and whom the selection means beside these."""
        names = {name: en(actor["name"]) for name, actor in self.books["actors"].items()}
        acting = [actor for actor, role, _ in fact["actors"] if role == "must-act"]
        said = [KIND[fact["kind"]], f"must act: {', '.join(names[actor] for actor in acting)}"]
        for actor, role, basis in fact["actors"] if self.chosen.get("actor") else ():
            if actor not in acting and slow.meant((actor, role, basis), self.chosen, self.books):
                said.append(f"{ROLE[role]}: {names[actor]} ({BASIS[basis]})")
        [theme] = [en(theme["name"]) for theme in self.books["themes"] if theme["id"] == fact["theme"]]
        return " · ".join([*said, theme])

    def above(self) -> Iterator[str]:
        for held in slow.to_those_above(self.whole, self.chosen, self.books).values():
            yield _many(
                len(held),
                "{n} point names the body above, not the one selected; it does not count in the selection.",
                "{n} points name the body above, not the one selected; they do not count in the selection.",
            )
            yield from (f"{en(fact['record']['title'])} · {stands(fact)}" for fact in held)

    # --- parts of the first page --------------------------------------------------------------------

    def _subjects(self) -> Iterator[str]:
        headlines = [theme for theme in self.books["themes"] if theme.get("headline") == "true"]
        if self.narrows:
            headlines = [t for t in headlines if any(fact["theme"] == t["id"] for fact in self.kept)]
        if headlines:
            yield _many(len(headlines), "{n} subject to follow", "{n} subjects to follow")
        for theme in headlines:
            held = [fact for fact in self.kept if fact["theme"] == theme["id"]]
            looks = [fact["checked_on"] for fact in held if fact["checked_on"]]
            if len(held) == 1:
                [fact] = held
                last = f"; last word {told(fact['as_of'])}" if fact["as_of"] and not fact["last_seen"] else ""
                still = _many(
                    fact["still"], " · No movement found for {n} month.", " · No movement found for {n} months."
                )
                yield stands(fact) + last + (still if fact["no_movement"] else "")
            else:
                yield from parts(held)
            if looks:
                newest = told(max(looks, key=lambda day: slow.span(day)[0]))
                yield newest if len(held) == 1 else f"{len(looks)} of {len(held)}, {newest}"

    def _last_look(self) -> Iterator[str]:
        if self.as_of < self.today:
            return
        records = self.books["records"]
        looks = [given["assessed_on"] for record in records for given in record.get("assessments", [])]
        looks += [check["on"] for record in records for check in record.get("checks", [])]
        pages = [entry["published"] for entry in self.books["evidence"].values() if "published" in entry]
        if looks:
            last = told(max(looks, key=lambda day: slow.span(day)[0]))
            newest = told(max(pages, key=lambda day: slow.span(day)[0]))
            yield (
                f"We last looked on {last}. The newest page that we could see is of {newest}; what came later is not"
                " known here."
            )

    def _sources(self, facts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        names = {name for fact in facts for name in fact["sources"]}
        return [self.books["sources"][name] for name in names]


# --- what a page says -------------------------------------------------------------------------------


def drawn(page: Element, held: Iterable[str]) -> list[str]:
    """The lines of a page that hold a digit, once what the registry itself says is taken out."""
    lines = (_plain(line, held) for line in page.lines())
    return [line for line in lines if re.search(r"\d", line)]


def fits(lines: list[str], expected: Iterable[str], held: Iterable[str]) -> str:
    """Empty where the lines are those expected, in their order; else the first two that differ."""
    wanted = [line for line in (_plain(line, held) for line in expected) if re.search(r"\d", line)]
    for said, meant in zip(lines, wanted, strict=False):
        if not re.fullmatch(re.escape(meant).replace("…", r"\D*").replace("↗", r"\S+"), said):
            return f"the page says {said!r}, the count {meant!r}"
    if len(lines) != len(wanted):
        return f"beyond the {min(len(lines), len(wanted))} alike: {lines[len(wanted) :]} or {wanted[len(lines) :]}"
    return ""


def texts_with_digits(books: dict[str, Any]) -> list[str]:
    """What the registry itself says that holds letters and digits: titles, names, quotes. Longest first."""
    found = set(_strings([books["registry"], *books["sources"].values()]))
    mixed = {" ".join(text.split()) for text in found if re.search(r"\d", text) and re.search(r"[^\W\d_]", text)}
    return sorted(mixed, key=len, reverse=True)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value if isinstance(value, list) else value.values():
            yield from _strings(each)


def _plain(line: str, held: Iterable[str]) -> str:
    line = " ".join(line.split())
    for text in held:
        if text in line:
            line = line.replace(text, "§")
    return line


# --- words --------------------------------------------------------------------------------------------


def en(text: Any) -> str:
    """A text as an English page shows it; all that are shown have English."""
    return " ".join((text if isinstance(text, str) else text["en"]).split())


def told(day: str) -> str:
    """A date as exact as it was written."""
    numbers = [int(part) for part in day.rstrip("~").split("-")]
    words = [str(numbers[2])] if len(numbers) == 3 else []
    words += [MONTHS[numbers[1] - 1]] if len(numbers) > 1 else []
    written = " ".join([*words, str(numbers[0])])
    return f"about {written}" if day.endswith("~") else written


def _written(day: date) -> str:
    return told(day.isoformat())


def stands(fact: dict[str, Any]) -> str:
    if fact["last_seen"]:
        return f"Ongoing when last seen, {told(fact['as_of'])}"
    if fact["status"] == "promised" and not fact["checked_on"]:
        return "Promised; nobody has checked since"
    if fact["status"] == "not-assessed" and fact["checked_on"]:
        return f"Looked on {told(fact['checked_on'])}, not judged yet"
    return STATUS[fact["status"]]


def notes(fact: dict[str, Any]) -> Iterator[str]:
    if fact["as_of"] and not fact["last_seen"] and fact["status"] != "nothing-found":
        yield f"as of {told(fact['as_of'])}"
    if fact["says_delivered"]:
        yield "says it has delivered"
    if fact["in_vain"]:
        yield "looked, could not confirm"
    if fact["known"] != "none":
        yield f"known from: {KNOWN[fact['known']]}"
    if fact["disagree"]:
        yield "assessors disagree"


def parts(held: list[dict[str, Any]]) -> Iterator[str]:
    """The parts of a sum by status."""
    for status in slow.STATUSES:
        of_status = [fact for fact in held if fact["status"] == status]
        if of_status:
            late = " when last seen" if all(fact["last_seen"] for fact in of_status) else ""
            part = PART[status]
            if status == "not-assessed" and any(fact["checked_on"] for fact in of_status):
                part = "that nobody has judged yet"
            yield f"{len(of_status)} {part}{late}"


def _why(name: str, fact: dict[str, Any], as_of: date) -> str:
    record = fact["record"]
    match name:
        case "due":
            return f"due since {_written(fact['again'])}"
        case "disagree":
            return "assessors disagree"
        case "overdue":
            return f"was due by {told(record['due']['on'])}"
        case "nothing-found":
            return (
                f"last looked on {told(fact['checked_on'])}"
                if fact["checked_on"]
                else "only the body itself has looked"
            )
        case "not-checked" if fact["checked_on"]:
            return f"looked on {told(fact['checked_on'])}, not judged yet"
        case "not-checked" | "own-word":
            return f"{'promised' if fact['kind'] == 'commitment' else 'asked'} on {told(fact['asked'])}"
        case "answer":
            until = fact["answer_by"]
            step = "…" if until < as_of else f"… {_written(until)}…"
            return f"asked on {told(fact['last_asked'])}{step}"
    return ""


def _by_side(held: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for side in slow.SIDES:
        of_side = [fact for fact in held if fact["side"] == side]
        if of_side:
            yield side, of_side


def _many(n: int, one: str, many: str) -> str:
    return (one if n == 1 else many).replace("{n}", f"{n:,}")


def _points(n: int) -> str:
    return _many(n, "{n} point", "{n} points")


def _asks(n: int) -> str:
    return _many(n, "{n} ask or promise", "{n} asks and promises")


def _texts(n: int, years: str = "") -> str:
    return _many(n, "in {n} text", "in {n} texts") + (f" of {years}" if years else "")


def _years(sources: list[dict[str, Any]]) -> str:
    years = sorted({slow.span(source["published"])[0].year for source in sources})
    return f"{years[0]}–{years[-1]}" if len(years) > 1 else "".join(map(str, years))


def _row(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _year_before(day: date) -> date:
    return date(day.year - 1, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)
