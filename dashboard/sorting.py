"""From the inbox into the registry: what a message suggests, and its publishing or declining.

The desk and the command line share it. Who may is asked at the moment of the act.
"""

import argparse
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from dashboard import entering
from dashboard.registry import access, commands, inbox, reader, store
from dashboard.registry.access import Action, Who
from dashboard.registry.commands import Command
from dashboard.registry.inbox import Message, Outcome, Reason, Saying, Sign, State, Waiting
from dashboard.registry.model import EDITORS
from dashboard.registry.problems import nearest

Say = Callable[[str], None]


def suggested(told: Message, today: date) -> tuple[str, dict[str, Any]]:
    """The verb that a message suggests, and what it gives of the command: an editor mends the rest.

    Empty where only a reader can tell what should become of it.
    """
    text = {told.language: told.text}
    by = told.organisation if told.sign == Sign.ORGANISATION else EDITORS
    match told.kind:
        case Saying.NOTHING_NEW:
            return "look", {"records": [told.about], "where": text, "by": by, "on": told.when or today.isoformat()}
        case Saying.ANSWER:
            given = {"record": told.about, "position": told.position, "by": told.body or by, "text": text}
            return "answer", given | {"on": told.when or today.isoformat()} | (
                {"whose": told.whose} if told.whose else {}
            )
        case Saying.CHANGED:
            given = {"record": told.about, "note": text, "by": by, "as_of": told.when or today.isoformat()[:7]}
            return "assess", given | ({"status": str(told.status)} if told.status else {})
    return "", {}


def listed(registry: Path, who: Callable[[], Who]) -> list[Waiting]:
    """What waits, for whoever may read it. Raises NotAllowed, Misplaced, OSError."""
    access.require(who(), Action.TEND)
    return inbox.waiting(inbox.place(registry))


def publish(
    registry: Path, number: int, made: Command, who: Callable[[], Who], seen: str, today: date
) -> tuple[store.Saved, Outcome | None]:
    """Through the door, and then the message is settled: what it said is only in the registry from then on.

    Whoever is stopped between the two finds the message waiting, and its words in the registry: to decline it
    as already-known ends that. Raises as store.save, and Settled, NoSuchMessage.
    """
    access.require(who(), Action.TEND)
    folder = inbox.place(registry)
    inbox.read(folder, number)
    saved = store.save(registry, made, who, seen, today)
    try:
        return saved, inbox.settle(folder, number, State.PUBLISHED, today)
    except (inbox.Settled, inbox.NoSuchMessage, inbox.Full, OSError) as error:
        said = (
            f"the registry has it, but message {number} could not be settled ({error}); where it still waits, "
            f"decline it as {Reason.ALREADY_KNOWN}"
        )
        return replace(saved, told=(*saved.told, said)), None


def settle(registry: Path, number: int, who: Callable[[], Who], today: date) -> Outcome:
    """Note that what a message asks for is done. Raises NotAllowed, Settled, NoSuchMessage, OSError."""
    access.require(who(), Action.TEND)
    return inbox.settle(inbox.place(registry), number, State.PUBLISHED, today)


def decline(registry: Path, number: int, reason: str, words: str, who: Callable[[], Who], today: date) -> Outcome:
    """Raises NotAllowed, Wrong, Settled, NoSuchMessage, OSError."""
    access.require(who(), Action.TEND)
    if reason not in set(Reason):
        raise entering.Wrong(f"--reason: {reason!r} is none; {nearest(reason, Reason)}")
    return inbox.settle(inbox.place(registry), number, State.DECLINED, today, Reason(reason), words)


def take_in(registry: Path, text: str, today: date, who: Callable[[], Who]) -> str:
    """A slip that came another way, into the inbox; its receipt. Raises BadSlip, Full, NotAllowed."""
    access.require(who(), Action.TEND)
    loaded = reader.load(registry, today)
    told = inbox.from_slip(text, today, loaded.registry)
    return inbox.add(told, inbox.place(registry), today)


# --- the command line -------------------------------------------------------------------------------


def act(options: argparse.Namespace, today: date, say: Say, complain: Say) -> int:
    """`inbox list | show | add | publish | decline`."""
    path: Path = options.registry
    match options.act:
        case "list":
            for each in listed(path, entering.me):
                say(
                    f"{each.number:>4}  {each.day}  {each.message.kind:<11}  {each.message.about or 'the whole registry'}"
                )
            for bad in inbox.damaged(inbox.place(path)):
                complain(f"{bad}: cannot be read as a message; look at it by hand")
        case "show":
            access.require(entering.me(), Action.TEND)
            _shown(inbox.read(inbox.place(path), options.number), say)
        case "add":
            try:
                text = reader.content(options.slip).decode("utf-8-sig")
            except UnicodeDecodeError:
                raise inbox.BadSlip([(1, "the slip is not UTF-8; save it as UTF-8 text")]) from None
            say(f"taken in; receipt {take_in(path, text, today, entering.me)}")
        case "decline":
            outcome = decline(path, options.number, options.reason, options.words, entering.me, today)
            say(f"message {outcome.number}: not published, {outcome.reason}; its text is deleted")
        case "publish":
            _published(options, today, say, complain)
    return 0


def _shown(waiting: Waiting, say: Say) -> None:
    say(f"message {waiting.number}, receipt {waiting.receipt}, came on {waiting.day}")
    for line in inbox.slip(waiting.message).splitlines():
        say(line)


def _published(options: argparse.Namespace, today: date, say: Say, complain: Say) -> None:
    access.require(entering.me(), Action.TEND)
    told = inbox.read(inbox.place(options.registry), options.number).message
    way, given = suggested(told, today)
    name = options.way or way
    if not name:
        raise entering.Wrong(
            f"a message of the kind {told.kind} suggests no command; name one behind the number, such as edit or correct"
        )
    try:
        made = entering.command(name, options, given if name == way else _about(name, told))
    except entering.Wrong as wrong:
        how = f"write it behind the number, such as: inbox publish {options.number} {name} --FIELD VALUE"
        raise entering.Wrong(f"{wrong}\n{how}; {name} --help lists the fields and their words") from None
    saved, outcome = publish(options.registry, options.number, made, entering.me, "", today)
    say(f"{options.registry}: {commands.told(made)}" + (f" ({saved.commit})" if saved.commit else ""))
    for each in saved.told:
        complain(each)
    if outcome:
        say(f"message {outcome.number}: published; its text is deleted from the inbox")


def _about(name: str, told: Message) -> dict[str, Any]:
    """What any command can take from a message: the point that it is about."""
    kind, _ = entering.VERBS[name]
    held = {field.name for field in fields(kind)}
    given = {"record": told.about, "records": [told.about], "id": told.about}
    return {key: value for key, value in given.items() if key in held and told.about}
