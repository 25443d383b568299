"""Who may do what: one small table. Asked by the door and by the inbox, at the moment of the act."""

from dataclasses import dataclass
from enum import StrEnum

from dashboard.registry.model import EDITORS


class Role(StrEnum):
    """What somebody is to this registry."""

    READER = "reader"
    CONTRIBUTOR = "contributor"
    EDITOR = "editor"


class Action(StrEnum):
    """What somebody wants to do."""

    SEND = "send"
    """Tell the editors something, without a name."""
    SIGN = "sign"
    """Tell them in the name of an organisation."""
    TEND = "tend"
    """Read what was sent, and publish or decline it."""
    SAVE = "save"
    """Change the registry."""
    REDACT = "redact"
    """Take a passage out of the registry, its history and every copy here, for good."""


_MAY: dict[Role, frozenset[Action]] = {
    Role.READER: frozenset({Action.SEND}),
    Role.CONTRIBUTOR: frozenset({Action.SEND, Action.SIGN}),
    Role.EDITOR: frozenset(Action),
}


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody, by role and organisation: never by name or address."""

    role: Role
    organisation: str = ""
    """An actor's id, or `editors`: what a commit and a signature bear."""


NOBODY = Who(Role.READER)
LOCAL_EDITOR = Who(Role.EDITOR, EDITORS)
"""Whoever may write the file on this computer."""


class NotAllowed(Exception):
    """The role may not do this."""


def may(who: Who, action: Action) -> bool:
    return action in _MAY[who.role]


def require(who: Who, action: Action) -> None:
    """Raises NotAllowed, with what to do."""
    if not may(who, action):
        allowed = " or ".join(role for role in Role if action in _MAY[role])
        raise NotAllowed(f"a {who.role} may not {action}; sign in as {allowed}, or ask those who keep the registry")
