"""Lines that lock themselves: a circle of stations, each of which waits for room in the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.flow_model import FlowModel
from twin.kernels.flow_tables import Graph


@dataclass(frozen=True, slots=True)
class Deadlock:
    """Station ids in the direction of the flow, and the replication in which it came to that."""

    circle: tuple[str, ...]
    run: int

    def __str__(self) -> str:
        way = " -> ".join((*self.circle, self.circle[0]))
        return f"the line locks itself in run {self.run}: {way}, each waits for room in the next"


@dataclass(frozen=True, slots=True)
class Circle:
    """Stations on a way back to themselves; ``holds`` vehicles in and between them lock it."""

    stations: tuple[str, ...]
    holds: int

    def __str__(self) -> str:
        way = " -> ".join((*self.stations, self.stations[0]))
        return f"the line can lock itself: {way}, where {self.holds} vehicles fill it"


def locked_circle(model: FlowModel, m: Graph) -> tuple[str, ...]:
    """The circle that is locked at the end of a replication; empty: none.

    Locked is a station all of whose places wait for room before locked stations.
    """
    if not m.ways["blocked"].any():
        return ()
    waits_for: dict[int, set[int]] = {}
    for s in range(len(model.stations)):
        on = m.places["blocked_on"][m.places["station"] == s]
        if (on >= 0).all():
            waits_for[s] = {int(m.ways[w]["target"]) for w in on}
    while True:
        moving = [s for s, targets in waits_for.items() if not targets <= waits_for.keys()]
        if not moving:
            break
        for s in moving:
            del waits_for[s]
    if not waits_for:
        return ()
    path = [min(waits_for)]
    while True:
        after = min(waits_for[path[-1]])
        if after in path:
            return tuple(model.stations[s].id for s in path[path.index(after) :])
        path.append(after)


def circles(model: FlowModel) -> tuple[Circle, ...]:
    """The shortest way back to each station that has one: where a line can lock itself."""
    found: dict[frozenset[int], Circle] = {}
    for s in range(len(model.stations)):
        path = _way_back(model, s)
        if path and frozenset(path) not in found:
            found[frozenset(path)] = Circle(
                tuple(model.stations[k].id for k in path), _holds(model, path)
            )
    return tuple(found.values())


def _way_back(model: FlowModel, start: int) -> list[int]:
    before: dict[int, int] = {}
    waiting = [start]
    while waiting:
        here = waiting.pop(0)
        for way in model.ways:
            if way.origin != here or way.kind == "join" or way.target in before:
                continue
            before[way.target] = here
            if way.target == start:
                return _path(before, start)
            waiting.append(way.target)
    return []


def _path(before: dict[int, int], start: int) -> list[int]:
    path = [before[start]]
    while path[-1] != start:
        path.append(before[path[-1]])
    return path[::-1]


def _holds(model: FlowModel, path: list[int]) -> int:
    places = sum(model.stations[s].places for s in path)
    steps = set(zip(path, np.roll(path, -1).tolist(), strict=True))
    return places + sum(way.room for way in model.ways if (way.origin, way.target) in steps)
