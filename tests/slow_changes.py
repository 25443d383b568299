"""The comparison of two days, computed a second time: slowly, from the plain YAML, straight from the
rules of METHODOLOGY.md. It shares no line with the project, so that both cannot be wrong alike.
"""

from datetime import date
from pathlib import Path

from tests.slow import asked_on, counted, facts, read, span

NEARER = ["promised", "in-progress", "ongoing", "partly-implemented", "implemented"]
STOPPED = ["blocked", "reversed", "refused"]


def compared(path: Path, earlier: date, later: date, today: date) -> dict:
    """List name to {id: [(date, kind of fact), ...]}; for due and gone to a set of ids.

    Beside them `moved`, on the headline themes, and `last`: the first day of the newest fact there.
    """
    books = read(path)
    then = {fact["id"]: fact for fact in facts(books, earlier, today)}
    now = {fact["id"]: fact for fact in facts(books, later, today)}
    followed = {theme["id"] for theme in books["themes"] if theme.get("headline") == "true"}
    found = {name: {} for name in ("forward", "back", "neither", "evidence", "new")}
    found |= {"quiet": set(), "taken_back": set(), "corrected": set()}
    for each in books["registry"].get("corrections", []):
        if counted(each["on"], later, today) and not counted(each["on"], earlier, today):
            found["corrected"].add((each["on"], each["record"]))
    found |= {"due": set(), "gone": set(then) - set(now), "moved": False, "last": None}
    for name, fact in now.items():
        record, was = fact["record"], then.get(name)
        if fact["due"] and not (was and was["due"]):
            found["due"].add(name)
        known = dated(record, asked_on(record, books), later, today)
        told = [each for each in known if not counted(each[0], earlier, today)]
        shown = sorted(((day, what) for day, what, _ in told), key=lambda each: (span(each[0])[0], each))
        checks = [each["on"] for each in record.get("checks", []) if counted(each["on"], later, today)]
        looked = any(each[1] == "looked" for each in told) or any(not counted(on, earlier, today) for on in checks)
        if any(each[1] == "withdrawn" for each in told):
            found["taken_back"].add(name)
        elif looked and was and was["status"] == fact["status"] and all(each[1] == "looked" for each in told):
            found["quiet"].add(name)
        of_acts = [each for each in told if each[1] not in ("looked", "withdrawn")]
        if was is None:
            found["new"][name] = shown
        elif was["status"] != fact["status"]:
            found[way(was["status"], fact["status"])][name] = shown
        elif of_acts:
            found["evidence"][name] = shown
        if record["theme"] not in followed:
            continue
        for _, what, status in of_acts:
            arrived = status == fact["status"] and (was is None or was["status"] != status)
            if what in ("step", "funding", "answer") or arrived:
                found["moved"] = True
        for day, what, _ in known:
            if what not in ("looked", "withdrawn") and (found["last"] is None or span(day)[0] > found["last"]):
                found["last"] = span(day)[0]
    return found


def dated(record, asked, day, today):
    """(date, kind, status or None) of everything dated by that day, the ask itself not among it."""
    found = []
    for given in record.get("assessments", []):
        if not counted(given["as_of"], day, today):
            continue
        if "withdrawn" in given and counted(given["withdrawn"]["on"], day, today):
            found.append((given["withdrawn"]["on"], "withdrawn", given["status"]))
        elif given["status"] == "nothing-found":
            found.append((given["as_of"], "looked", "nothing-found"))
        elif given["status"] != "promised" or given["as_of"] != asked:
            found.append((given["as_of"], "assessed", given["status"]))
    for step in record.get("steps", []):
        if step["state"] == "done" and "on" in step and counted(step["on"], day, today):
            found.append((step["on"], "step", None))
    for name, what in (("funding", "funding"), ("setbacks", "setback"), ("answers", "answer")):
        for entry in record.get(name, []):
            if "on" in entry and counted(entry["on"], day, today):
                found.append((entry["on"], what, None))
    return found


def way(was, now):
    """forward, back or neither, case by case."""
    if now in ("not-assessed", "nothing-found"):
        return "neither"
    if now in STOPPED:
        return "neither" if was in STOPPED else "back"
    if now == "not-started":
        return "back" if was in NEARER else "neither"
    if was not in NEARER:
        return "forward"
    return "forward" if NEARER.index(now) > NEARER.index(was) else "back"
