"""Who is asked: each actor that records name, with the bodies above it, its roles and its points."""

from dataclasses import dataclass

import pandas as pd

from dashboard.progress.frame import Frame
from dashboard.progress.rows import Row
from dashboard.registry.grounds import bodies_above
from dashboard.registry.model import Actor, Role, Side


@dataclass(frozen=True, slots=True)
class Body:
    """An actor with everything that is part of it.

    `roles`: in how many points it, or a part of it, has each role; `rows`: the points, each once.
    `depth`: how many of the bodies above it are shown before it.
    """

    actor: Actor
    depth: int
    roles: dict[Role, int]
    rows: tuple[Row, ...]


def bodies(frame: Frame) -> dict[Side, list[Body]]:
    """Side of the actor to its bodies, whole bodies before their parts, those with most points first."""
    actors, parties = frame.registry.actors, frame.parties
    once = parties.drop_duplicates(["point", "actor", "role"])
    counted = once.groupby(["actor", "role"], observed=True).size()
    # A body's points in the order of the frame: the line in which each stands, sorted.
    lines = pd.Series(range(len(frame)), index=frame.table.index)
    named = parties.drop_duplicates(["point", "actor"])
    stand = named.assign(line=lines.loc[named["point"]].to_numpy()).sort_values("line")
    made: dict[str, Body] = {}
    for name, held in stand.groupby("actor", observed=True)["line"]:
        roles = {role: int(counted.get((name, role), 0)) for role in Role}
        above = [body for body in bodies_above(frame.registry, str(name)) if body in actors]
        mine = tuple(frame.rows[line] for line in held)
        made[str(name)] = Body(actors[str(name)], len(above), {r: n for r, n in roles.items() if n}, mine)
    sides: dict[Side, list[Body]] = {side: [] for side in Side}
    for body in sorted(made.values(), key=lambda body: _place(frame, made, body)):
        sides[body.actor.side].append(body)
    return sides


def _place(frame: Frame, made: dict[str, Body], body: Body) -> tuple[tuple[int, str], ...]:
    """Where a body stands in its list: below the body above it, the one with most points first."""
    line = [*reversed(bodies_above(frame.registry, body.actor.id)), body.actor.id]
    return tuple((-len(made[name].rows), name) for name in line if name in made)
