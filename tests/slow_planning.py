"""The plan of the coming weeks, computed a second time: slowly, from the plain YAML, straight from
METHODOLOGY.md (How looks are planned). It shares no line with the project, so that both cannot be wrong alike.
"""

from datetime import date, timedelta
from fractions import Fraction
from math import ceil

from tests.slow import desk, facts, number, resting, rhythm, span

LOOKS = ("due", "overdue", "nothing-found", "not-checked", "own-word")
MINUTES = {
    "due": 6, "disagree": 10, "overdue": 6, "nothing-found": 6, "not-checked": 8, "own-word": 6, "answer": 3
}  # fmt: skip


def planned(books: dict, today: date) -> dict:
    """{"weeks": {number: [(id, kinds, minutes, by, done), ...]}, "round": n, "late": n, "steady": n, "most": n}.

    Beside them "then": what was true of each record on Monday, by id.
    """
    monday = today - timedelta(days=today.weekday())
    then = facts({**books, "records": [known(record, monday) for record in books["records"]]}, monday, monday)
    now = {fact["id"]: fact for fact in facts(books, today, today)}
    most = number(books, "desk_minutes_a_week", 40)
    tasks = _tasks(then)
    weeks = {n: held for n, held in _weeks(tasks, monday, most).items() if held}
    open_now = _waiting(list(now.values()))
    known_then = {fact["id"]: fact for fact in then}
    told = {
        n: [(*each, n == 0 and _done(each, known_then, now, open_now)) for each in held] for n, held in weeks.items()
    }
    waiting = [n for n, held in weeks.items() for *_, by in held if by is None or by < monday]
    late = [1 for n, held in weeks.items() for *_, by in held if by and monday <= by < monday + timedelta(weeks=n)]
    steady = sum(Fraction(42, rhythm(fact["record"], fact["status"], books)) for fact in then)
    return {
        "weeks": told,
        "round": max(waiting, default=-1) + 1,
        "late": len(late),
        "steady": ceil(steady),
        "most": most,
        "then": known_then,
    }


def known(record: dict, day: date) -> dict:
    """A record without what was entered on that day or later."""

    def before(*days):
        return span(next(each for each in days if each))[0] < day

    kept = dict(record)
    kept["assessments"] = []
    for given in record.get("assessments", []):
        if before(given.get("recorded_on"), given["assessed_on"]):
            later = "withdrawn" in given and not before(given["withdrawn"]["on"])
            kept["assessments"].append({k: v for k, v in given.items() if not (later and k == "withdrawn")})
    kept["checks"] = [look for look in record.get("checks", []) if before(look.get("recorded_on"), look["on"])]
    for name in ("answers", "asked"):
        kept[name] = [each for each in record.get(name, []) if before(each["on"])]
    return kept


def _waiting(found: list) -> dict:
    """Record to the lists in which it waits, in their order; the desk's own work alone."""
    kinds: dict = {}
    for name, held, *_ in desk(found):
        for fact in held:
            if name != "translation" and not resting(name, fact):
                kinds.setdefault(fact["id"], []).append(name)
    return kinds


def _tasks(found: list) -> list:
    """(id, kinds, minutes, last day) of what waits, then of the looks whose term is still to come."""
    by_id = {fact["id"]: fact for fact in found}
    tasks, waiting = [], _waiting(found)
    for name, kinds in waiting.items():
        looks = [kind for kind in kinds if kind in LOOKS]
        minutes = sum(MINUTES[kind] for kind in kinds if kind not in LOOKS or kind == looks[0])
        tasks.append((name, kinds, minutes, by_id[name]["again"] if "due" in kinds else None))
    for fact in found:
        if fact["again"] and not any(kind in LOOKS for kind in waiting.get(fact["id"], [])):
            tasks.append((fact["id"], ["due"], 6, fact["again"]))
    return tasks


def _weeks(tasks: list, monday: date, most: int) -> dict:
    """Week by week, trying each in turn."""
    dated = sorted((each for each in tasks if each[3]), key=lambda each: (each[3], each[0]))
    latest: dict = {}
    held: dict = {}

    def full(of, n, minutes):
        return bool(of.get(n)) and sum(each[2] for each in of[n]) + minutes > most

    n = 10**6
    for task in reversed(dated):
        n = min(n, (task[3] - monday).days // 7)
        if full(held, n, task[2]):
            n -= 1
        held.setdefault(n, []).append(task)
        latest[task[0]] = n
    weeks: dict = {}
    n = 0
    for task in dated:
        n = max(n, latest[task[0]])
        while full(weeks, n, task[2]):
            n += 1
        weeks.setdefault(n, []).append(task)
    for task in tasks:
        if not task[3]:
            n = 0
            while full(weeks, n, task[2]):
                n += 1
            weeks.setdefault(n, []).append(task)
    return weeks


def _done(task: tuple, then: dict, now: dict, open_now: dict) -> bool:
    """Whether a look was entered since, and the rest is settled."""
    name, kinds, *_ = task
    if name not in now:
        return True
    looked, before = now[name]["checked_on"], then[name]["checked_on"]
    if any(kind in LOOKS for kind in kinds) and not (looked and (not before or span(looked)[0] > span(before)[0])):
        return False
    return not any(kind in open_now.get(name, []) for kind in kinds if kind not in LOOKS)
