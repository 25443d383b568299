"""A letter to an institution: what is asked of it here, word for word, and how it can answer.

Plain text that reads well in a mail and on paper, in the language of the view. What it counts and
tells comes from where the pages take it.
"""

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from dashboard.language import translator, words
from dashboard.outputs import forms, telling
from dashboard.outputs.view import Edition, View
from dashboard.progress.filters import Filters
from dashboard.progress.replies import reply
from dashboard.progress.rows import Row
from dashboard.progress.status import SETTLED, answer_by
from dashboard.registry.grounds import ADDRESSED_ROLES, bodies_above
from dashboard.registry.model import Addressed, Known, Origin, Registry, Status
from dashboard.registry.problems import visible
from dashboard.registry.scalars import Clock, Language, Text

WIDTH = 76
"""Columns of a line, which a mail can quote twice and still show whole. An address is never broken."""

_SPACES = re.compile(r"[ \t\r\n]+")
_RULE = "-" * WIDTH


def of_registry(
    registry: Registry, clock: Clock, actor: str, language: Language, edition: Edition | None = None, site: str = ""
) -> str:
    """The letter without a reader's address: for the command line. `site`: where the dashboard is, if anywhere."""
    return letter(View(registry, clock, translator(language), Filters(), edition=edition, origin=site), actor)


def letter(view: View, actor: str) -> str:
    """The letter to an institution; empty where nothing is addressed to it or to a part of it."""
    rows = forms.institutions(view.frame.rows, view.registry).get(actor, [])
    if not rows:
        return ""
    blocks = [*_head(view, actor, rows)]
    for number, row in enumerate(rows, 1):
        blocks += [_RULE, *_point(view, actor, row, number)]
    blocks += [_RULE, *_positions(view), *_how(view, actor), *_end(view)]
    return "\n\n".join(blocks) + "\n"


def _head(view: View, actor: str, rows: Sequence[Row]) -> Iterator[str]:
    tr, file = view.tr, view.registry.file
    yield _wrapped(tr("To: {institution}", institution=_name(view, actor)))
    if telling.publisher(view) == file.publisher.name:
        yield _wrapped(tr("From: {publisher}", publisher=_clean(file.publisher.name)))
    else:
        yield "\n".join((tr("From (to be filled in; the publisher is not named yet):"), "_" * 48))
    yield tr("Date: {date}", date=tr.date(view.clock.today))
    yield _wrapped(
        tr(
            "“{registry}” is a public list of what certain texts ask and promise, who must act, how far it is, and "
            "how we know. It is not a list of everything that is asked, and no verdict on anybody.",
            registry=_words(view, file.title),
        )
    )
    yield _wrapped(
        tr.count(
            "{n} point in it is addressed to you or to a part of you. It stands below in the words of its source, "
            "with where it stands now. We ask you to say what you think of it.",
            "{n} points in it are addressed to you or to a part of you. They stand below in the words of their "
            "sources, with where each stands now. We ask you to say what you think of each.",
            len(rows),
        )
    )
    if tr.language != "en":
        yield _wrapped(
            tr(
                "This letter and the translations in it are drafts that no native speaker has checked. Where they "
                "differ from the words of a source, those words hold."
            )
        )


# --- one point --------------------------------------------------------------------------------------


def _point(view: View, actor: str, row: Row, number: int) -> Iterator[str]:
    tr, record = view.tr, row.record
    kind = tr(words.KIND[record.kind])
    given = f", {tr(words.AS_GIVEN[record.as_given])}" if record.as_given else ""
    yield "\n".join(
        (
            _wrapped(f"{number}. {_words(view, record.title)}"),
            _wrapped(f"{kind}{given}", 3),
            *(_wrapped(_addressed(view, each), 3) for each in _meant(view, actor, row)),
        )
    )
    if record.text:
        yield _quoted(tr("The full wording:"), _words(view, record.text))
    for origin in record.origin:
        yield from _origin(view, origin)
    yield "\n".join(_wrapped(sentence, 3) for sentence in _stands(view, row))
    if record.done_when:
        yield _listed(tr("We count it as done when:"), (_words(view, each) for each in record.done_when))
    if questions := list(_questions(view, row)):
        yield _listed(tr("What we ask you beside your position:"), questions)
    yield "\n".join(_answers(view, actor, row))
    if view.origin:
        address = view.origin + view.link(f"/r/{row.id}", lang=tr.language)
        yield "\n".join((_wrapped(tr("This point with all its evidence:"), 3), f"   {address}"))
    asked = tr("Your position (its number below), and what you want to say:")
    yield f"   {asked}\n\n   {'_' * 60}"


def _meant(view: View, actor: str, row: Row) -> list[Addressed]:
    """In which parts of it, and how, an institution is addressed."""
    return [
        each
        for each in row.record.actors
        if each.role in ADDRESSED_ROLES and actor in (each.actor, *bodies_above(view.registry, each.actor))
    ]


def _addressed(view: View, each: Addressed) -> str:
    tr = view.tr
    role, basis = tr(words.ROLE[each.role]), tr(words.BASIS[each.basis])
    why = f" {_words(view, each.why)}" if each.why else ""
    return f"{_name(view, each.actor)}: {role}; {basis}.{why}"


def _origin(view: View, origin: Origin) -> Iterator[str]:
    """The exact words, whose they are, where they stand; our translation, said to be one."""
    tr, source = view.tr, view.registry.source_by_id[origin.source]
    if origin.quote:
        yield _quoted(tr("The words of the source:"), f"“{_clean(origin.quote)}”")
    by, told = _name(view, origin.by), tr(words.TOLD[origin.told])
    place = [f"{by}, {told}: {_clean(source.title)}", _clean(source.publisher), tr.day(source.published)]
    if origin.paragraph:
        place.append(tr("paragraph {n}", n=origin.paragraph))
    if origin.locator:
        place.append(_clean(origin.locator))
    yield "\n".join((_wrapped(", ".join(place), 5), f"     {_clean(source.url)}"))
    ours = origin.translation.held(tr.language) if origin.translation else None
    if ours and origin.translation:
        draft = tr.language in origin.translation.drafts
        said = tr("Our translation, a draft that no native speaker has checked:") if draft else tr("Our translation:")
        yield _quoted(said, f"“{_clean(ours)}”")


def _stands(view: View, row: Row) -> Iterator[str]:
    """Where it stands and how we know, as the page of the point says it."""
    tr, now = view.tr, row.standing
    yield tr("Where it stands: {status}.", status=telling.stands(tr, now))
    if now.as_of and now.status is not Status.NOTHING_FOUND and not now.last_seen_only:
        yield tr("True on {date}.", date=tr.day(now.as_of))
    if now.status is Status.NOTHING_FOUND:
        yield tr("How we know: we looked and found nothing either way.")
    elif now.known is not Known.NONE:
        yield tr("How we know: {kind}.", kind=tr(words.KNOWN[now.known]))
    yield tr("Checked on {date}.", date=tr.day(now.checked_on)) if now.checked_on else tr("Nobody has checked.")
    if now.own_word:
        yield tr("Only the body addressed has spoken; nobody else has assessed it.")
    if now.says_delivered:
        yield tr("It says that it has delivered.")
    if now.disagree:
        yield tr("Assessors disagree.")


def _questions(view: View, row: Row) -> Iterator[str]:
    tr, record = view.tr, row.record
    if record.due:
        yield tr("It was to be done by {date}. By when will it be?", date=tr.day(record.due.on)) + (
            f" ({_words(view, record.due.basis)})"
        )
    elif row.status not in SETTLED and not record.open_ended:
        yield tr("By when do you mean to do it, and who is in charge?")
    yield from (_words(view, each) for each in record.open_questions)


def _answers(view: View, actor: str, row: Row) -> Iterator[str]:
    """What it has answered so far; otherwise whether it has been asked."""
    tr = view.tr
    for answer in row.record.answers:
        said = {"position": tr(words.POSITION[answer.position]), "date": tr.day(answer.on)}
        yield _wrapped(tr("Answer on record: {by}, {date}: {position}.", by=_name(view, answer.by), **said), 3)
    its = reply(row, view.registry, view.clock, actor)
    if its.last and its.until and not its.answers:
        days = {"date": tr.day(its.last.on), "until": tr.date(its.until)}
        yield _wrapped(tr("An answer was asked for on {date}, by {until}; none of yours is on record.", **days), 3)
    elif not row.record.answers:
        yield _wrapped(tr("No answer is on record."), 3)


# --- what can be answered, and how --------------------------------------------------------------------


def _positions(view: View) -> Iterator[str]:
    tr = view.tr
    choices = (
        tr("Agreed"),
        tr("Agreed in part: which part, and why not the rest?"),
        tr("Took note, did not agree"),
        tr("Declined: why?"),
        tr("Not ours: whose is it then?"),
        tr("Done already: where is it shown?"),
    )
    yield _listed(tr("The positions that you can take, on each point:"), choices, indent=0)


def _how(view: View, actor: str) -> Iterator[str]:
    tr = view.tr
    yield tr("How to answer")
    ways = []
    if view.origin:
        address = view.origin + view.link("/answer", actor=actor, lang=tr.language)
        here = tr("On this page, without an account:")
        ways.append(f"{here} {address}")
    if contact := view.registry.file.publisher.contact:
        ways.append(tr("By writing to {contact}; on paper is as good.", contact=_clean(contact)))
    else:
        ways.append(tr("By giving your answer to those from whom you have this letter; on paper is as good."))
    yield "\n".join(_wrapped(f"- {way}", hang=2) for way in ways)
    yield _wrapped(
        tr(
            "Your answer is shown in full and in its own language, beside what was asked. It does not change by "
            "itself where a point stands: what is said and what is done are kept apart."
        )
    )
    within = view.registry.rules.answer_within_days
    yield _wrapped(
        tr.count(
            "Please answer by {date}: that is {n} day from the date of this letter.",
            "Please answer by {date}: that is {n} days from the date of this letter.",
            within,
            date=tr.date(answer_by(view.clock.today, view.registry.rules)),
        )
    )
    yield _wrapped(
        tr.count(
            "Where an answer was asked for and none has come after {n} day, the page of the point says so.",
            "Where an answer was asked for and none has come after {n} days, the page of the point says so.",
            within,
        )
    )
    yield _wrapped(
        tr("Of whoever sends the answer nothing is kept: no name, no address and no hour; only the institution’s name.")
    )


def _end(view: View) -> Iterator[str]:
    yield _wrapped(_clean(telling.provenance(view)))


# --- plain text -------------------------------------------------------------------------------------


def _words(view: View, text: Text) -> str:
    return _clean(telling.said(view, text))


def _name(view: View, actor: str) -> str:
    return _clean(telling.name(view, actor))


def _clean(text: str) -> str:
    """Words from a file in one run, what steers a screen or cannot be seen spelled out."""
    kept = _SPACES.sub(" ", text).strip()
    return "".join(c if unicodedata.category(c) == "Zs" else visible(c) for c in kept)


def _wrapped(text: str, indent: int = 0, hang: int = 0) -> str:
    first, rest = " " * indent, " " * (indent + hang)
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def _quoted(label: str, quote: str) -> str:
    return "\n".join((_wrapped(label, 3), _wrapped(quote, 5)))


def _listed(label: str, items: Iterable[str], indent: int = 3) -> str:
    lines = (_wrapped(f"{n}. {item}", indent + 2, hang=3) for n, item in enumerate(items, 1))
    return "\n".join((_wrapped(label, indent), *lines))
