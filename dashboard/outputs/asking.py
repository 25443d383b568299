"""Questions to put to a counterpart, made by rule from what a record lacks.

From the day by which it was due, an answer that was asked for, what its editors do not know, its next
step, its last word. A question asks; it never says more than the record does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashboard.language import words
from dashboard.outputs import telling
from dashboard.outputs.telling import name, said
from dashboard.outputs.view import View
from dashboard.progress.agenda import last_asked, overdue
from dashboard.progress.rows import Row
from dashboard.progress.status import SETTLED, AnswerState
from dashboard.registry.model import Addressed, Basis, Known, Role, Status, Step, StepState
from dashboard.registry.scalars import Text

AT_LEAST = 4
"""Questions that a brief puts where its records hold so many: of few records more than one each."""


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask of a record. `first`: the first one of its record, so that its facts stand with it once."""

    row: Row
    words: str
    first: bool


def chosen(view: View, rows: Sequence[Row], most: int) -> list[Question]:
    """Of the records the most pressing questions, those of the subjects to follow first.

    One a record, as far as there are records; then further ones until there are AT_LEAST.
    """
    lists = {row.id: found for row in rows if (found := list(questions(view, row)))}
    asked = [row for row in _in_order(view, rows) if row.id in lists][:most]
    taken = {row.id: 1 for row in asked}
    for turn in range(1, max(map(len, lists.values()), default=0)):
        for row in asked:
            if sum(taken.values()) < AT_LEAST and turn < len(lists[row.id]):
                taken[row.id] += 1
    return [Question(row, lists[row.id][n], n == 0) for row in asked for n in range(taken[row.id])]


def askable(view: View, rows: Sequence[Row]) -> list[Row]:
    """Records that there is something to ask about, and somebody to ask: the public at large cannot be met."""
    return [row for row in rows if any(True for _ in questions(view, row))]


def _in_order(view: View, rows: Sequence[Row]) -> list[Row]:
    """The most pressing of each subject to follow, in the order of the subjects; then the others."""
    pressing = sorted(rows, key=lambda row: (_urgency(view, row), -row.standing.months_still, row.id))
    best: dict[str, Row] = {}
    for row in pressing:
        best.setdefault(row.record.theme, row)
    first = [best[theme.id] for theme in view.registry.file.themes if theme.headline and theme.id in best]
    return [*first, *(row for row in pressing if row not in first)]


def _urgency(view: View, row: Row) -> int:
    """What presses most comes first: a day that has passed, an answer that is awaited, a dispute, a standstill."""
    now = row.standing
    if row.status in SETTLED:
        return 7
    pressing = (
        overdue(row, view.clock),
        now.answer in (AnswerState.OVERDUE, AnswerState.WAITING),
        now.disagree,
        now.no_movement,
        row.status not in (Status.NOTHING_FOUND, Status.NOT_ASSESSED),
        row.status is Status.NOTHING_FOUND,
    )
    return pressing.index(True) if True in pressing else len(pressing)


def questions(view: View, row: Row) -> Iterator[str]:
    """What can be asked about a record, the most telling first; nothing where the public at large must act."""
    tr, now, record = view.tr, row.standing, row.record
    if all(view.registry.actors[actor].kind == "public" for actor in row.acting):
        return
    if record.due and overdue(row, view.clock):
        yield tr("It was to be done by {date}. Is it done, and where can that be read?", date=tr.day(record.due.on))
    if now.answer in (AnswerState.OVERDUE, AnswerState.WAITING) and (asked := last_asked(row)):
        yield tr("An answer was asked for on {date}; none is on record. What is the answer?", date=tr.day(asked))
    yield from (said(view, each) for each in _to_others_first(record.open_questions))
    if step := next_step(row):
        yield _of_step(view, step)
    if now.disagree:
        yield tr("Those who have judged it disagree. How far is it, and what shows that?")
    yield _of_status(view, row)


def _to_others_first(open_questions: Sequence[Text]) -> list[Text]:
    """Those that go on after the question mark, to say what we have not read, are for us to answer first.

    By the original, so that a brief asks the same in every language.
    """
    return sorted(open_questions, key=lambda each: not (each.held(each.original) or "").rstrip().endswith("?"))


def next_step(row: Row) -> Step | None:
    """The first step after the last one done that is not known to be done; None where nothing is waited for."""
    if row.status in SETTLED:
        return None
    steps = row.record.steps
    done = max((n for n, step in enumerate(steps, 1) if step.state is StepState.DONE), default=0)
    open_states = (StepState.NOT_DONE, StepState.UNKNOWN, StepState.LAPSED)
    return next((step for step in steps[done:] if step.state in open_states), None)


def _of_step(view: View, step: Step) -> str:
    words_of = said(view, step.step)
    match step.state:
        case StepState.LAPSED:
            return view.tr("This has lapsed: “{step}”. Is it to be renewed, and by whom?", step=words_of)
        case StepState.NOT_DONE:
            return view.tr("The next step is not done: “{step}”. Who decides on it, and by when?", step=words_of)
    return view.tr(
        "We do not know whether this step was taken: “{step}”. Was it; and if not, who decides on it, and by when?",
        step=words_of,
    )


def _of_status(view: View, row: Row) -> str:
    tr, now = view.tr, row.standing
    match now.status:
        case Status.NOT_ASSESSED | Status.NOTHING_FOUND:
            return tr("What has been done about it so far, and where can that be read?")
        case Status.PROMISED:
            return tr("Does the promise still hold, who is in charge of it, and by when is it to be kept?")
        case Status.BLOCKED:
            return tr("What stands in its way, and who could clear it?")
        case Status.NOT_STARTED:
            return tr("By when is it to begin, and who is in charge of it?")
        case Status.REFUSED | Status.REVERSED:
            return tr("Is that the last word, or may it be taken up again?")
        case Status.IMPLEMENTED:
            return tr("How is it seen to that it lasts?")
    return tr("What is still to be done, who is in charge of it, and by when?")


# --- the facts beside a question -----------------------------------------------------------------------


def facts(view: View, row: Row) -> str:
    """Where a record stands, in short: what is known of it, from what kind of evidence, of which days."""
    tr, now = view.tr, row.standing
    found = [telling.stands(tr, now)]
    if now.as_of and not now.last_seen_only and now.status is not Status.NOTHING_FOUND:
        found.append(tr("as of {date}", date=tr.day(now.as_of)))
    if now.known is not Known.NONE:
        found.append(tr("known from: {kind}", kind=tr(words.KNOWN[now.known])))
    if now.says_delivered:
        found.append(tr("says it has delivered"))
    if now.looked_not_confirmed:
        found.append(tr("looked, could not confirm"))
    if now.checked_on:
        found.append(tr("checked on {date}", date=tr.day(now.checked_on)))
    elif row.status not in (Status.PROMISED, Status.NOT_ASSESSED):
        found.append(tr("nobody else has checked"))
    if now.no_movement:
        found.append(tr.count("no movement found for {n} month", "no movement found for {n} months", now.months_still))
    return " · ".join(found)


def addressed(view: View, row: Row) -> str:
    """Whom to ask: of a record that names those who were selected, these, in their part; else whoever must act."""
    tr, registry = view.tr, view.registry
    meant = [each for each in row.record.actors if view.filters.actor and view.filters.meant(each, registry)]
    return tr.list([_in_part(view, each) for each in meant or row.record.actors if meant or each.role is Role.MUST_ACT])


def _in_part(view: View, each: Addressed) -> str:
    """A body, with its part where that is not to act, and whether the source names it."""
    tr = view.tr
    notes = [tr(words.ROLE[each.role])] if each.role is not Role.MUST_ACT else []
    notes += [tr(words.BASIS[each.basis])] if each.basis is Basis.INFERRED else []
    told = name(view, each.actor)
    return f"{told} ({', '.join(notes)})" if notes else told
