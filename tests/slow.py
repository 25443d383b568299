"""The counts of a registry, computed a second time: slowly, from the plain YAML, straight from the
rules of METHODOLOGY.md. It shares no line with the project, so that both cannot be wrong alike.
"""

from calendar import monthrange
from datetime import date
from pathlib import Path

import yaml


def counts(path: Path, as_of: date, today: date) -> dict:
    """{"sides": {side: {status: n}}, "total": n, "testable": n, "checked": n, "done": n} as of a day."""

    def counted(day):
        return (span(day)[1] if as_of < today else span(day)[0]) <= as_of

    registry = plain(path)
    sources = {source["id"]: source for source in map(plain, sorted(path.parent.glob("sources/*.yaml")))}
    actors = {actor["id"]: actor for actor in registry["actors"]}
    evidence = {entry["id"]: entry for entry in registry.get("evidence", [])}
    result = {"sides": {}, "total": 0, "testable": 0, "checked": 0, "done": 0}
    for record in registry.get("recommendations", []):
        published = [sources[origin["source"]]["published"] for origin in record["origin"]]
        asked = record.get("on") or min(published, key=lambda day: span(day)[0])
        gone = "retired" in record and counted(record["retired"]["on"])
        if not counted(asked) or gone:
            continue
        addressed = addressees(record, actors)
        valid = [
            given
            for given in record.get("assessments", [])
            if counted(given["as_of"]) and not ("withdrawn" in given and counted(given["withdrawn"]["on"]))
        ]
        status = headline(record, valid, addressed, evidence, sources)
        acting = [actors[given["actor"]] for given in record["actors"] if given["role"] == "must-act"]
        side = result["sides"].setdefault(acting[0]["side"], {})
        side[status] = side.get(status, 0) + 1
        result["total"] += 1
        public = any(actor["kind"] == "public" for actor in acting)
        if record.get("done_when") and record.get("open_ended") != "true" and not public:
            checked = any(given["by"] not in addressed for given in valid)
            result["testable"] += 1
            result["checked"] += checked
            result["done"] += checked and status == "implemented"
    return result


def plain(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)


def span(day):
    """The first and the last day that a date to the day, month or year can mean."""
    numbers = [int(part) for part in day.rstrip("~").split("-")]
    first = date(*[*numbers, 1, 1][:3])
    year, month = numbers[0], [*numbers, 12][1]
    return first, date(year, month, numbers[2] if len(numbers) == 3 else monthrange(year, month)[1])


def addressees(record, actors):
    """Who must act or acts together, all under the same top body, and successors."""

    def top(actor):
        while "part_of" in actors[actor]:
            actor = actors[actor]["part_of"]
        return actor

    members = {given["actor"] for given in record["actors"] if given["role"] in ("must-act", "together")}
    before = None
    while members != before:
        before = set(members)
        tops = {top(actor) for actor in members}
        members |= {actor for actor in actors if top(actor) in tops or actors[actor].get("successor_of") in members}
    return members


def headline(record, valid, addressed, evidence, sources):
    """The display rule: the newest of those who are not addressed, else the addressee's own."""
    newest = {}
    for given in valid:
        if given["status"] != "nothing-found":
            age = (span(given["as_of"])[0], span(given["assessed_on"])[0])
            if given["by"] not in newest or age >= newest[given["by"]][0]:
                newest[given["by"]] = (age, given)
    others = [pair for by, pair in newest.items() if by not in addressed]
    own = [pair for by, pair in newest.items() if by in addressed]
    if others:
        return latest(others, record)["status"]
    if own:
        given = latest(own, record)
        claims = given["status"] in ("implemented", "partly-implemented")
        return "promised" if claims and not shown(given, record, addressed, evidence, sources) else given["status"]
    if valid:
        return "nothing-found"
    return "promised" if record["kind"] == "commitment" else "not-assessed"


def latest(pairs, record):
    """The newest by its two dates; of equally new ones the one that stands later in the record."""
    place = {id(given): n for n, given in enumerate(record["assessments"])}
    return max(pairs, key=lambda pair: (pair[0], place[id(pair[1])]))[1]


def shown(given, record, addressed, evidence, sources):
    """Whether it is known by official or independent evidence: rules 26 and 27."""

    def strong(reference):
        name, _, paragraph = reference.removeprefix("source:").partition("#")
        if reference.startswith("source:"):
            entry = sources[name]
            voices = [o["by"] for o in record["origin"] if (o["source"], o.get("paragraph")) == (name, paragraph)]
        else:
            entry = evidence[name]
            while "copy_of" in entry:
                entry = evidence[entry["copy_of"]]
            voices = [entry["voice"]] if "voice" in entry else []
        if entry["form"] == "document-with-effect":
            return True
        return [*voices, entry.get("owned_by")][0] not in addressed and entry["form"] != "news"

    lists = [met["evidence"] for met in given.get("conditions_met", [])] or [given["evidence"]]
    return all(any(strong(reference) for reference in references) for references in lists)
