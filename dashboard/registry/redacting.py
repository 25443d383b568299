"""The door for taking a passage out for good: role, lock, refusals, the registry's own files, the history.

Under the lock of every save (store.py). What the history is made of is rewriting.py's; what a passage is,
spellings.py's. A passage is never in a message.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dashboard.registry import access, edits, events, reader, recording, rewriting, swapping
from dashboard.registry.access import Action, Who
from dashboard.registry.edits import Addition
from dashboard.registry.reader import Loaded
from dashboard.registry.recording import Message
from dashboard.registry.rewriting import Survey
from dashboard.registry.scalars import LANGUAGES
from dashboard.registry.spellings import LEAST_LETTERS, MARK, Passages
from dashboard.registry.store import Closed

MOST_PLACES = 50
"""Of a passage in the present files; a word that stands in more is perhaps a common one."""

_OWN = "tree parent author committer encoding gpgsig mergetag object type commit tagger refs heads tags HEAD tracker"
"""Words that git's own objects are made of."""

WAS = {
    "en": "Something that had to go to protect somebody",
    "ru": "То, что пришлось убрать, чтобы кого-то защитить",
    "kk": "Біреуді қорғау үшін алып тастауға тура келген нәрсе",
}
ELSEWHERE = {
    "en": "Something, not in this point but elsewhere in this registry or its history, that had to go to protect somebody",
    "ru": "То, что стояло не в этом пункте, а в другом месте реестра или его истории и что пришлось убрать, чтобы кого-то защитить",
    "kk": "Осы тармақта емес, тізілімнің басқа жерінде не тарихында тұрған және біреуді қорғау үшін алып тастауға тура келген нәрсе",
}
NOW = {
    "en": f"{MARK}, in every spelling that the editors named",
    "ru": f"{MARK}, во всех написаниях, которые назвали редакторы",
    "kk": f"{MARK}, редакторлар атаған барлық жазылуында",
}
_WHAT = "Take out a passage to protect somebody"


class Unfit(Exception):
    """The passage cannot be taken out as it is; the message says why and what to do, not what it is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done with the present files."""

    loaded: Loaded
    after: Mapping[str, bytes]
    """The registry and its sources by their names, as they will be."""
    counts: Mapping[str, int]
    """In how many places it stands, by file: the registry, its sources, and other files that git keeps."""
    look: tuple[str, ...]
    """Fields of which one language held it and another did not."""
    quotes: tuple[str, ...]
    """Quotes that are no longer the source's words."""


@dataclass
class Done:
    """What was done, for those who have to go on from there."""

    plan: Plan
    survey: Survey | None = None
    commits: int = 0
    renamed: int = 0
    signed: int = 0
    remotes: Mapping[str, list[rewriting.Ref]] = field(default_factory=dict)
    branches: frozenset[str] = frozenset()
    """Those of this repository."""
    settings: list[str] = field(default_factory=list)
    """Files in git's folder that somebody set up and that still hold it."""


def checked(passages: Passages) -> None:
    """Raises Unfit where a passage cannot be looked for."""
    if numbers := passages.too_short:
        which = ", ".join(map(str, numbers))
        raise Unfit(f"passage {which}: fewer than {LEAST_LETTERS} letters; write more of what stands around it")
    own = "\n".join([MARK, _OWN, _WHAT, *WAS.values(), *ELSEWHERE.values(), *NOW.values()])
    if any(passages.count_text(line) for line in own.replace(" ", "\n").split("\n") + own.split("\n")):
        raise Unfit("a passage is a word of git's own or of the note that is left in its place; write more of it")


def planned(path: Path, passages: Passages, today: date, all_places: bool) -> Plan:
    """What would become of the files. Nothing is written. Raises Unfit, Closed, Unreadable, rewriting.Refused."""
    checked(passages)
    before = reader.load(path, today)
    if before.registry is None:
        raise Closed(f"{path}: it cannot be read as a registry; run validate, mend it by hand or take it back from git")
    after = {name: passages.cleaned(data) for name, data in before.texts.contents.items()}
    counts = {name: passages.count(data) for name, data in before.texts.contents.items()}
    counts |= {str(file): passages.count(_content(file)) for file in _beside(path)}
    if sum(counts.values()) > MOST_PLACES and not all_places:
        raise Unfit(
            f"it stands in {sum(counts.values())} places of the present files, as a common word does; write more of what "
            "stands around it, or say --all-places"
        )
    look: list[str] = []
    quotes: list[str] = []
    for name, data in before.texts.contents.items():
        if after[name] != data:
            at = (Path(name).name,)
            pairs = list(_pairs(_value(data, name), _mended(after[name], name, at), at))
            look += _siblings(pairs)
            quotes += [_said(at) for at, was, now in pairs if at[-1] == "quote" and was != now]
    _sound(before, _texts(before, after), passages, today)
    return Plan(before, after, {name: count for name, count in counts.items() if count}, tuple(look), tuple(quotes))


def _content(file: Path) -> bytes:
    return str(file.readlink()).encode() if file.is_symlink() else file.read_bytes() if file.is_file() else b""


def _beside(path: Path) -> list[Path]:
    """Other files that git keeps."""
    if rewriting.folder_of(path.resolve()) is None:
        return []
    own = {path.resolve(), *(file.resolve() for file in reader.source_files(path))}
    return [file for file in rewriting.tracked(path.resolve()) if file not in own]


def _texts(before: Loaded, after: Mapping[str, bytes]) -> reader.Texts:
    name = before.texts.name
    return reader.Texts(name, after[name], {each: after[each] for each in before.texts.sources})


def _sound(before: Loaded, texts: reader.Texts, passages: Passages, today: date) -> Loaded:
    """The files as they will be, where nothing is wrong in them that was not before. Raises Unfit."""
    after = reader.read(texts, today)
    known = {problem.at(0, 0) for problem in before.problems}
    fresh = [each for each in after.problems if each.severity == "error" and each.at(0, 0) not in known]
    if fresh:
        places = "\n".join(passages.cleaned_text(each.message()) for each in fresh[:10])
        raise Unfit(
            f"{places}\nit stands where the registry needs another word: an id, a date, a status, an address. Change or "
            "rename that by hand first (edit, retire, merge; an id in every place), commit, and run this again"
        )
    return after


def _value(data: bytes, name: str) -> Any:
    return events.build(data, name)[0]


def _mended(data: bytes, name: str, at: tuple[str, ...]) -> Any:
    """What a file will say. Raises Unfit where it could not be read any more."""
    try:
        return _value(data, name)
    except events.Cut:
        raise _over(at) from None


def _over(at: tuple[str, ...]) -> Unfit:
    return Unfit(
        f"{_said(at)}: it stands in the name of a field or over several entries; name what stands in one entry, a line "
        "each, or change that by hand first"
    )


Pair = tuple[tuple[str, ...], Any, Any]


def _pairs(was: Any, now: Any, at: tuple[str, ...]) -> Iterator[Pair]:
    """Each value beside what becomes of it. Raises Unfit where they are not built alike."""
    if isinstance(was, dict) and isinstance(now, dict) and list(was) == list(now):
        yield at, was, now
        for key in was:
            yield from _pairs(was[key], now[key], (*at, key))
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for n, (one, other) in enumerate(zip(was, now, strict=True)):
            named = now[n].get("id", str(n + 1)) if isinstance(other, dict) else str(n + 1)
            yield from _pairs(one, other, (*at, str(named)))
    elif isinstance(was, dict | list) or isinstance(now, dict | list):
        raise _over(at)
    else:
        yield at, was, now


def _said(at: tuple[str, ...]) -> str:
    return "/".join(at)


def _siblings(pairs: Iterable[Pair]) -> Iterator[str]:
    """Texts of which some languages held it and others did not."""
    for at, was, now in pairs:
        there = [each for each in LANGUAGES if isinstance(was, dict) and each in was]
        same = [each for each in there if was[each] == now[each]]
        if same and len(same) < len(there):
            yield f"{_said(at)}: {', '.join(same)}"


# --- the act ----------------------------------------------------------------------------------------


def ready(path: Path, passages: Passages) -> str:
    """Why it cannot be done here and now, and what to do; empty where it can. Raises rewriting.Refused."""
    target = path.resolve()
    folder = rewriting.folder_of(target)
    if folder is None or not rewriting.tracked(target):
        return ""
    if reason := recording.busy(target):
        return reason
    if reason := rewriting.hindrance(target, folder, passages):
        return reason
    if not (folder / rewriting.COPY).exists() and (files := rewriting.changed(target)):
        names = ", ".join(passages.cleaned_text(each) for each in files[:5])
        return (
            f"not committed: {names}; commit it (git commit -a) or take it back (git restore FILE), then run this again"
        )
    return ""


def redact(path: Path, passages: Passages, who: Callable[[], Who], today: date, all_places: bool = False) -> Done:
    """Takes the passages out of the registry, its sources and the history. On disk when this returns.

    Raises NotAllowed, Unfit, Closed, Changed, Unreadable, recording.Refused, OSError.
    """
    person = who()
    access.require(person, Action.REDACT)
    checked(passages)
    target = path.resolve()
    with swapping.locked(target.parent):
        swapping.swept(target)
        if not ready(path, passages):
            recording.caught_up(target)
        if reason := ready(path, passages):
            raise Closed(reason)
        plan = planned(target, passages, today, all_places)
        folder = rewriting.folder_of(target)
        if folder is None or not rewriting.tracked(target):
            done = _in_files(target, plan, passages, today)
        else:
            with recording.alone(target):
                message = Message(_WHAT, person.organisation, today)
                done = _in_history(target, folder, plan, passages, message)
        _swept(target, passages)
    return done


def _in_files(target: Path, plan: Plan, passages: Passages, today: date) -> Done:
    """Where there is no history: the files alone."""
    content = _noted(plan, passages, today, public=bool(plan.counts))
    files = {**plan.after, plan.loaded.texts.name: content}
    for name, old in plan.loaded.texts.contents.items():
        if files[name] != old:
            swapping.swap(Path(name), files[name], old)
    return Done(plan)


def _in_history(target: Path, folder: Path, plan: Plan, passages: Passages, message: Message) -> Done:
    found = rewriting.survey(folder, passages)
    if not found.total and not plan.counts:
        return Done(plan, found)
    public = bool(plan.counts) or sum(found.holding.values()) > found.unreachable or bool(found.refs)
    content = _noted(plan, passages, message.on, public)
    moment = int(datetime(message.on.year, message.on.month, message.on.day, tzinfo=UTC).timestamp())
    remotes = rewriting.remotes(folder)
    made = rewriting.made(folder, passages, target, message, moment, content)
    rewriting.handed_over(target, folder, made, passages, content, plan.loaded.texts.registry)
    left = rewriting.cleared(folder, passages)
    names = frozenset(ref.name.removeprefix("refs/heads/") for ref in made.after)
    return Done(plan, found, made.commits, len(made.renamed), made.signed, remotes, names, left)


def _noted(plan: Plan, passages: Passages, today: date, public: bool) -> bytes:
    """The registry as it will be, with the note that something was taken out. Raises Unfit."""
    name = plan.loaded.texts.name
    content = plan.after[name]
    registry = plan.loaded.registry
    assert registry
    records = list(registry.records)
    concerned = next(_concerned(plan, passages), "")
    if not public or not records or _told_today(registry.file.corrections, concerned, today):
        return content
    was = WAS if concerned else ELSEWHERE
    drafts = {"drafts": ["ru", "kk"]}
    value = {"on": str(today), "record": concerned or records[0], "was": {**was, **drafts}, "now": {**NOW, **drafts}}
    made = edits.spliced(content, [Addition("corrections", value)], plan.loaded.positions).data
    _sound(plan.loaded, replace(_texts(plan.loaded, plan.after), registry=made), passages, today)
    return made


def _told_today(corrections: Iterable[Any], concerned: str, today: date) -> bool:
    """Whether the note is there already: this is done again, since it was cut off or for another passage."""
    told = [each for each in corrections if str(each.on) == str(today) and each.now.en == NOW["en"]]
    return any(concerned in ("", each.record) for each in told)


def _concerned(plan: Plan, passages: Passages) -> Iterator[str]:
    """The points in which it stood, then those that rest on an entry or a source in which it stood."""
    name = plan.loaded.texts.name
    whole = _value(plan.loaded.texts.registry, name)
    records = [(each["id"], json.dumps(each, ensure_ascii=False)) for each in whole["recommendations"]]
    yield from (record for record, text in records if passages.count_text(text))
    named = [
        each["id"]
        for key, entries in whole.items()
        if isinstance(entries, list) and key not in ("recommendations", "corrections")
        for each in entries
        if passages.count_text(json.dumps(each, ensure_ascii=False))
    ]
    named += [Path(source).stem for source in plan.loaded.texts.sources if plan.counts.get(source)]
    yield from (record for record, text in records if any(f'"{each}"' in text for each in named))


def _swept(target: Path, passages: Passages) -> None:
    """What saves keep beside the registry for a while goes at once where it holds the passage."""
    prefixes = (swapping.TEMPORARY, swapping.DISPLACED, f"{target.stem}{swapping.RESCUED}")
    for folder in (target.parent, target.parent / "sources"):
        for file in folder.iterdir() if folder.is_dir() else ():
            if file.name.startswith(prefixes) and passages.count(file.read_bytes()):
                file.unlink()


def kept_aside(path: Path, passages: Passages) -> int:
    """How many files that saves keep beside the registry for a while hold the passage."""
    target = path.resolve()
    prefixes = (swapping.TEMPORARY, swapping.DISPLACED, f"{target.stem}{swapping.RESCUED}")
    folders = [each for each in (target.parent, target.parent / "sources") if each.is_dir()]
    files = [file for each in folders for file in each.iterdir() if file.name.startswith(prefixes)]
    return sum(bool(passages.count(file.read_bytes())) for file in files)
