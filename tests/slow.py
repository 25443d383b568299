"""The counts of a registry, computed a second time: slowly, from the plain YAML, straight from the
rules of METHODOLOGY.md. It shares no line with the project, so that both cannot be wrong alike.

`read` gives the files as plain mappings, `facts` one mapping for each record that counts on a day,
and everything else loops over those. A selection is a mapping of the keys of an address to lists.
"""

from calendar import monthrange
from datetime import date, timedelta
from pathlib import Path

import yaml

SIDES = ("state", "foreign", "society")
ROLES = ("must-act", "together", "must-agree", "helps", "pays")
STATUSES = (
    "implemented",
    "partly-implemented",
    "in-progress",
    "ongoing",
    "promised",
    "reversed",
    "refused",
    "blocked",
    "not-started",
    "nothing-found",
    "not-assessed",
)
KNOWN = ("own-word", "press", "official", "independent", "none")
OPEN = ("promised", "in-progress", "ongoing", "partly-implemented")
SETTLED = ("implemented", "reversed", "refused")
GROUP = {
    "not-started": 1,
    "blocked": 1,
    "refused": 1,
    "promised": 2,
    "in-progress": 3,
    "ongoing": 3,
    "partly-implemented": 4,
    "implemented": 5,
    "reversed": 6,
}


def counts(path: Path, as_of: date, today: date) -> dict:
    """{"sides": {side: {status: n}}, "total": n, "testable": n, "checked": n, "done": n} as of a day."""
    result = {"sides": {}, "total": 0, "testable": 0, "checked": 0, "done": 0}
    for fact in facts(read(path), as_of, today):
        side = result["sides"].setdefault(fact["side"], {})
        side[fact["status"]] = side.get(fact["status"], 0) + 1
        result["total"] += 1
        for key in ("testable", "checked", "done"):
            result[key] += fact[key] and fact["testable"]
    return result


def read(path: Path) -> dict:
    """The registry as it is written, with its sources, evidence and actors by id."""
    registry = plain(path)
    sources = [plain(file) for file in sorted(path.parent.glob("sources/*.yaml"))]
    return {
        "registry": registry,
        "records": registry.get("recommendations", []),
        "sources": {source["id"]: source for source in sources},
        "actors": {actor["id"]: actor for actor in registry["actors"]},
        "evidence": {entry["id"]: entry for entry in registry.get("evidence", [])},
        "themes": registry["themes"],
        "rules": registry.get("rules", {}),
    }


def facts(books: dict, as_of: date, today: date) -> list:
    """What is true of each record that counts on a day, by side, status and id."""
    found = []
    for record in books["records"]:
        fact = _fact(record, books, as_of, today)
        if fact:
            found.append(fact)
    return sorted(found, key=lambda f: (SIDES.index(f["side"]), STATUSES.index(f["status"]), f["id"]))


def asked_on(record, books):
    published = [books["sources"][origin["source"]]["published"] for origin in record["origin"]]
    return record.get("on") or min(published, key=lambda day: span(day)[0])


def counted(day, as_of, today):
    """A month or a year counts for a past day when it is over, for today once it has begun."""
    return (span(day)[1] if as_of < today else span(day)[0]) <= as_of


def _fact(record, books, as_of, today):
    def has(day):
        return counted(day, as_of, today)

    actors, asked = books["actors"], asked_on(record, books)
    if not has(asked) or ("retired" in record and has(record["retired"]["on"])):
        return None
    addressed = addressees(record, actors)
    valid = [
        given
        for given in record.get("assessments", [])
        if has(given["as_of"]) and not ("withdrawn" in given and has(given["withdrawn"]["on"]))
    ]
    status, head = headline(record, valid, addressed, books)
    if head:
        known, true_on = known_by(head, record, addressed, books), head["as_of"]
    elif status == "promised":
        origin = record["origin"][0]
        known, true_on = kind(books["sources"][origin["source"]], origin["by"], addressed), asked
    else:
        known, true_on = "none", None
    looks = [given["assessed_on"] for given in valid if given["by"] not in addressed]
    looks += [look["on"] for look in record.get("checks", []) if look["by"] not in addressed and has(look["on"])]
    checked_on = max(looks, key=lambda day: span(day)[0], default=None)
    again = span(checked_on)[0] + timedelta(days=rhythm(record, status, books)) if checked_on else None
    acting = [given["actor"] for given in record["actors"] if given["role"] == "must-act"]
    public = any(actors[actor]["kind"] == "public" for actor in acting)
    testable = bool(record.get("done_when")) and record.get("open_ended") != "true" and not public
    checked = any(given["by"] not in addressed for given in valid)
    still = months_still(record, valid, status, asked, has, as_of) if head else 0
    requests = [each["on"] for each in record.get("asked", []) if has(each["on"])]
    return {
        "id": record["id"],
        "record": record,
        "side": actors[acting[0]]["side"],
        "status": status,
        "known": known,
        "kind": record["kind"],
        "theme": record["theme"],
        "sources": {origin["source"] for origin in record["origin"]},
        "actors": [(given["actor"], given["role"], given["basis"]) for given in record["actors"]],
        "asked": asked,
        "as_of": true_on,
        "checked_on": checked_on,
        "again": again,
        "due": again is not None and again < as_of,
        "disagree": disagree(valid, books),
        "testable": testable,
        "checked": checked,
        "done": testable and checked and status == "implemented",
        "still": still,
        "no_movement": still >= number(books, "no_movement_months", 18),
        "last_seen": status == "ongoing"
        and months(span(true_on)[1], as_of) >= number(books, "ongoing_within_months", 12),
        "says_delivered": status == "promised"
        and any(n["by"] in addressed and n["status"] in ("implemented", "partly-implemented") for n in newest(valid)),
        "in_vain": status != "nothing-found" and in_vain(valid),
        "newest": newest(valid),
        "last_asked": max(requests, key=lambda day: span(day)[0], default=None),
        "answer_by": max((span(day)[0] for day in requests), default=as_of)
        + timedelta(days=number(books, "answer_within_days", 60)),
        "answer_in_time": as_of
        <= max((span(day)[0] for day in requests), default=as_of)
        + timedelta(days=number(books, "answer_within_days", 60)),
        "waits_for_answer": bool(requests)
        and not any(
            has(each["on"]) and span(each["on"])[1] >= max(span(day)[0] for day in requests)
            for each in record.get("answers", [])
        ),
        "overdue": "due" in record and span(record["due"]["on"])[1] < as_of and status not in SETTLED,
        "drafts": drafts(record),
    }


def plain(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)


def number(books, name, otherwise):
    return int(books["rules"].get(name, otherwise))


def term(status, books):
    """Days until a record of a status is looked at again."""
    told = books["rules"].get("check_again_after_days", {})
    return int(told.get("open", 180)) if status in OPEN else int(told.get("other", 365))


def rhythm(record, status, books):
    """The same for one record: its subject may ask for more, never for less."""
    told = [theme.get("check_every_days") for theme in books["themes"] if theme["id"] == record["theme"]]
    return min([term(status, books), *(int(days) for days in told if days)])


def span(day):
    """The first and the last day that a date to the day, month or year can mean."""
    numbers = [int(part) for part in day.rstrip("~").split("-")]
    first = date(*[*numbers, 1, 1][:3])
    year, month = numbers[0], [*numbers, 12][1]
    return first, date(year, month, numbers[2] if len(numbers) == 3 else monthrange(year, month)[1])


def months(earlier, later):
    """Whole months: how many times a month can be added to the earlier day without passing the later."""
    n = 0
    while earlier < later:
        year, month = divmod(earlier.year * 12 + earlier.month - 1 + n + 1, 12)
        if (year, month + 1, earlier.day) > (later.year, later.month, later.day):
            break
        n += 1
    return n


def top(actor, actors):
    return [actor, *above(actor, actors)][-1]


def above(actor, actors):
    """The bodies that it is part of, the nearest first."""
    found = []
    while "part_of" in actors[actor]:
        actor = actors[actor]["part_of"]
        found.append(actor)
    return found


def addressees(record, actors):
    """Who must act or acts together, all under the same top body, and successors."""
    members = {given["actor"] for given in record["actors"] if given["role"] in ("must-act", "together")}
    before = None
    while members != before:
        before = set(members)
        tops = {top(actor, actors) for actor in members}
        members |= {a for a in actors if top(a, actors) in tops or actors[a].get("successor_of") in members}
    return members


def age(given):
    return span(given["as_of"])[0], span(given["assessed_on"])[0]


def newest(valid):
    """Each assessor's newest judgement; of equally new ones the one that stands later in the record."""
    found = {}
    for place, given in enumerate(valid):
        if given["status"] != "nothing-found":
            best = found.get(given["by"])
            if best is None or (age(given), place) > (age(best[1]), best[0]):
                found[given["by"]] = (place, given)
    return [given for _, given in sorted(found.values(), key=lambda pair: pair[0])]


def in_vain(valid):
    """Whether somebody looked and found nothing, and has not judged since."""
    own = {given["by"]: given for given in newest(valid)}
    return any(
        given["status"] == "nothing-found" and (given["by"] not in own or age(given) > age(own[given["by"]]))
        for given in valid
    )


def headline(record, valid, addressed, books):
    """The display rule: the newest of those who are not addressed, else the addressee's own. And which it is."""
    judged = newest(valid)
    others = [given for given in judged if given["by"] not in addressed]
    if others:
        head = latest(others, record)
        return head["status"], head
    if judged:
        head = latest(judged, record)
        claims = head["status"] in ("implemented", "partly-implemented")
        backed = known_by(head, record, addressed, books) in ("official", "independent")
        return "promised" if claims and not backed else head["status"], head
    if valid:
        return "nothing-found", latest(valid, record)
    return "promised" if record["kind"] == "commitment" else "not-assessed", None


def latest(given, record):
    """The newest by its two dates; of equally new ones the one that stands later in the record."""
    place = {id(each): n for n, each in enumerate(record["assessments"])}
    return max(given, key=lambda each: (age(each), place[id(each)]))


def known_by(given, record, addressed, books):
    """Rule 27: the best evidence decides; of conditions met, the weakest of their best."""
    strength = {"none": 0, "own-word": 1, "press": 2, "independent": 3, "official": 3}

    def best(references):
        kinds = [kind_of(reference, record, addressed, books) for reference in references]
        for one in ("official", "independent", "press", "own-word"):
            if one in kinds:
                return one
        return "none"

    if given["status"] == "nothing-found":
        return "none"
    if given.get("conditions_met"):
        return min((best(met["evidence"]) for met in given["conditions_met"]), key=strength.get)
    return best(given["evidence"])


def kind_of(reference, record, addressed, books):
    """Rule 26 for one piece of evidence or one passage."""
    if reference.startswith("source:"):
        name, _, paragraph = reference.removeprefix("source:").partition("#")
        voices = [o["by"] for o in record["origin"] if (o["source"], o.get("paragraph")) == (name, paragraph)]
        return kind(books["sources"][name], voices[0] if voices else None, addressed)
    entry = books["evidence"][reference]
    while "copy_of" in entry:
        entry = books["evidence"][entry["copy_of"]]
    return kind(entry, entry.get("voice"), addressed)


def kind(entry, voice, addressed):
    if entry["form"] == "document-with-effect":
        return "official"
    if (voice or entry.get("owned_by")) in addressed:
        return "own-word"
    return "press" if entry["form"] == "news" else "independent"


def disagree(valid, books):
    """Two newest judgements in different groups, not further apart than the shorter of their terms."""
    judged = newest(valid)
    for one in judged:
        for other in judged:
            apart = abs((span(one["as_of"])[0] - span(other["as_of"])[0]).days)
            shorter = min(term(one["status"], books), term(other["status"], books))
            if GROUP[one["status"]] != GROUP[other["status"]] and apart <= shorter:
                return True
    return False


def months_still(record, valid, status, asked, has, as_of):
    """Whole months since the ask, a new status other than promised, conduct seen, a step, money."""
    if status in (*SETTLED, "not-assessed", "nothing-found"):
        return 0
    moved, before = [asked], None
    for given in sorted(valid, key=age):
        if given["status"] == "nothing-found":
            continue
        if given["status"] == "ongoing" or (given["status"] != "promised" and given["status"] != before):
            moved.append(given["as_of"])
        before = given["status"]
    for step in record.get("steps", []):
        if step["state"] == "done" and "on" in step and has(step["on"]):
            moved.append(step["on"])
    for money in record.get("funding", []):
        if money["stage"] in ("allocated", "paid") and "on" in money and has(money["on"]):
            moved.append(money["on"])
    return months(max(span(day)[1] for day in moved), as_of)


def drafts(value):
    """How many texts no native speaker has checked, one in two languages twice."""
    if isinstance(value, list):
        return sum(map(drafts, value))
    if isinstance(value, dict):
        return len(value.get("drafts", [])) + sum(drafts(held) for name, held in value.items() if name != "drafts")
    return 0


# --- selections -------------------------------------------------------------------------------------


def kept(found: list, chosen: dict, books: dict) -> list:
    """Which of the facts a selection keeps: values of one key mean or, keys mean and."""
    return [fact for fact in found if fits(fact, chosen, books)]


def fits(fact, chosen, books):
    for key in ("side", "status", "known", "theme", "kind"):
        if chosen.get(key) and fact[key] not in chosen[key]:
            return False
    for key in ("disagree", "due", "testable"):
        if chosen.get(key) and not fact[key]:
            return False
    if chosen.get("source") and not fact["sources"].intersection(chosen["source"]):
        return False
    asks_for_actors = any(chosen.get(key) for key in ("actor", "role", "basis"))
    return not asks_for_actors or any(meant(party, chosen, books) for party in fact["actors"])


def meant(party, chosen, books):
    """Whether one actor of a record is meant: by name, by role and by basis at once."""
    actor, role, basis = party
    if chosen.get("role") and role not in chosen["role"]:
        return False
    if chosen.get("basis") and basis not in chosen["basis"]:
        return False
    if not chosen.get("actor"):
        return True
    for wanted in chosen["actor"]:
        body, _, bound = wanted.partition(":")
        if body in (actor, *above(actor, books["actors"])) and bound in ("", role):
            return True
    return False


def live(found: list, chosen: dict, key: str, value: str, books: dict) -> int:
    """How many records a choice would show beside what else is selected."""
    return len(kept(found, {**chosen, key: [value]}, books))


def to_those_above(found: list, chosen: dict, books: dict) -> dict:
    """What is addressed to the bodies above those selected, and is not in the selection."""
    others = {key: values for key, values in chosen.items() if key != "actor"}
    result = {}
    for wanted in chosen.get("actor", []):
        for body in above(wanted.partition(":")[0], books["actors"]):
            apart = [
                fact
                for fact in kept(found, others, books)
                if not fits(fact, chosen, books)
                and any(party[0] == body and meant(party, others, books) for party in fact["actors"])
            ]
            if apart:
                result[body] = apart
    return result


def bodies(found: list, books: dict) -> list:
    """(actor, depth, {role: n}, points) of each body with its parts; parts below it, those with most first."""
    actors, points, roles = books["actors"], {}, {}
    for fact in found:
        for actor, role, _ in fact["actors"]:
            for body in (actor, *above(actor, actors)):
                points.setdefault(body, {})[fact["id"]] = fact
                roles.setdefault(body, {}).setdefault(role, set()).add(fact["id"])

    def below(parent, depth):
        level = [actor for actor in points if actors[actor].get("part_of") == parent]
        for actor in sorted(level, key=lambda actor: (-len(points[actor]), actor)):
            held = {role: len(roles[actor][role]) for role in ROLES if role in roles[actor]}
            yield actor, depth, held, list(points[actor].values())
            yield from below(actor, depth + 1)

    return list(below(None, 0))


def newly_asked(found: list, before: list) -> int:
    """How many of the facts were not there on an earlier day."""
    return len({fact["id"] for fact in found} - {fact["id"] for fact in before})


def desk(found: list) -> list:
    """(list, facts, of these in a list of looks above, texts, of these resting, minutes): what waits to be looked at."""

    def asked(f):
        return span(f["asked"])[0]

    def looked_at(f):
        return span(f["checked_on"])[0] if f["checked_on"] else date.min

    lists = (
        ("due", 6, lambda f: f["due"], lambda f: f["again"]),
        ("disagree", 10, lambda f: f["disagree"], lambda f: max(span(n["as_of"])[0] for n in f["newest"])),
        ("overdue", 6, lambda f: f["overdue"], lambda f: span(f["record"]["due"]["on"])[1]),
        ("nothing-found", 6, lambda f: f["status"] == "nothing-found", looked_at),
        ("not-checked", 8, lambda f: f["status"] == "not-assessed", asked),
        ("own-word", 6, lambda f: not f["checked_on"] and f["status"] not in ("not-assessed", "nothing-found"), asked),
        ("answer", 3, lambda f: f["waits_for_answer"], lambda f: span(f["last_asked"])[0]),
        ("translation", 1, lambda f: f["drafts"], lambda f: -f["drafts"]),
    )
    result, looked = [], set()
    for name, each, waits, presses in lists:
        held = sorted((f for f in found if waits(f)), key=lambda f, by=presses: (by(f), f["id"]))
        again = texts = rest = 0
        if name in ("due", "overdue", "nothing-found", "not-checked", "own-word"):
            rest = sum(resting(name, fact) for fact in held)
            again = sum(fact["id"] in looked for fact in held if not resting(name, fact))
            looked |= {fact["id"] for fact in held if not resting(name, fact)}
        if name == "answer":
            rest = sum(resting(name, fact) for fact in held)
        if name == "translation":
            texts = sum(fact["drafts"] for fact in held)
        if held:
            result.append((name, held, again, texts, rest, each * (texts or len(held) - again - rest)))
    return result


def resting(name, fact):
    """Whether nothing is to be done yet: looked at within its term, and since its day has passed; time for an answer."""
    if name == "answer":
        return fact["answer_in_time"]
    if name not in ("due", "overdue", "nothing-found", "not-checked", "own-word"):
        return False
    if fact["due"] or not fact["checked_on"]:
        return False
    return name != "overdue" or span(fact["checked_on"])[0] > span(fact["record"]["due"]["on"])[1]


# --- what is covered --------------------------------------------------------------------------------


def coverage(found: list, books: dict, as_of: date, today: date) -> dict:
    """Who judged what and when, alone or with whom; how known; how long ago looked; named or inferred; passages."""
    told = {name: {} for name in ("judged", "pairs", "assessors", "own", "newest", "known", "looked", "addressed")}
    for fact in found:
        side, record = fact["side"], fact["record"]
        addressed = addressees(record, books["actors"])
        for given in record.get("assessments", []):
            taken_back = "withdrawn" in given and counted(given["withdrawn"]["on"], as_of, today)
            if counted(given["as_of"], as_of, today) and not taken_back:
                told["assessors"].setdefault((given["by"], side), set()).add(fact["id"])
                told["newest"].setdefault(given["by"], []).append(span(given["assessed_on"])[0])
                if given["by"] in addressed:
                    told["own"].setdefault((given["by"], side), set()).add(fact["id"])
        _put(told["judged"], (side, _how_judged(fact, books)), fact)
        for n, one in enumerate(fact["newest"]):
            for other in fact["newest"][:n]:
                pair = sorted((one["by"], other["by"]))
                _put(told["pairs"], (*pair, side, _apart([one, other], books)), fact)
        _put(told["known"], (side, fact["status"], fact["known"]), fact)
        _put(told["looked"], (side, _how_long_ago(fact, as_of)), fact)
        for _, role, basis in fact["actors"]:
            _put(told["addressed"], (side, role, basis), fact)
    told["newest"] = {by: max(days) for by, days in told["newest"].items()}
    told["passages"] = {
        name: _passages(name, source, found, books)
        for name, source in books["sources"].items()
        if counted(source["published"], as_of, today)
    }
    return told


def _put(held, key, fact):
    held.setdefault(key, set()).add(fact["id"])


def _how_judged(fact, books):
    if len(fact["newest"]) > 1:
        return {"none": "agree"}.get(_apart(fact["newest"], books), _apart(fact["newest"], books))
    if fact["newest"]:
        return "one"
    return "nothing-found" if fact["status"] == "nothing-found" else "nobody"


def _apart(judged, books):
    if disagree(judged, books):
        return "disagree"
    return "none" if len({GROUP[given["status"]] for given in judged}) == 1 else "at-different-dates"


def _how_long_ago(fact, as_of):
    if not fact["checked_on"]:
        return "never"
    ago = months(span(fact["checked_on"])[0], as_of)
    return "under-3" if ago < 3 else "under-6" if ago < 6 else "under-12" if ago < 12 else "older"


def _passages(name, source, found, books):
    """(tracked, {reason: n}, points) of one source."""
    led = {
        (o.get("paragraph") or f"at {o.get('locator')}", o.get("quote") or f"text of {record['id']}")
        for record in books["records"]
        for o in record["origin"]
        if o["source"] == name
    }
    reasons = {}
    for passage in source.get("not_tracked", []):
        reasons[passage["reason"]] = reasons.get(passage["reason"], 0) + 1
    return len(led), reasons, sum(name in fact["sources"] for fact in found)
