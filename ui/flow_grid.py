"""Lanes, columns and rows of any line, from the line file alone.

Workshops are lanes, in order of the flow. In a lane a station's column is the longest way that
leads to it, stations of one column lie in rows, near to where their vehicles come from; stations
without any way (compressors, boilers) stand side by side below them. Ways back (rework) and
cycles never move a station.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from data.line import Edge, Line


@dataclass(frozen=True, slots=True)
class Cell:
    """A station's place in its lane."""

    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Stations in their lanes' cells, before any size is known; lanes in order of the flow."""

    lanes: tuple[tuple[str, Mapping[str, Cell]], ...]
    edges: tuple[Edge, ...]
    back: frozenset[int]  # numbers of the edges that go against the flow


def grid(line: Line) -> Grid | None:
    """Lanes, columns and rows of a line; None for a line without stations."""
    if not line.stations:
        return None
    back = _back_edges(line)
    forward = [edge for i, edge in enumerate(line.edges) if i not in back]
    of = {station.id: station.workshop for station in line.stations}
    shops = _in_order_of_flow(of, forward)
    moving = {end for edge in line.edges for end in (edge.from_station, edge.to_station)}
    inside = {shop: [s for s in of if of[s] == shop] for shop in shops}
    lanes = tuple((shop, _lane(inside[shop], moving, forward)) for shop in shops)
    return Grid(lanes, line.edges, frozenset(back))


def columns_of(lane: Mapping[str, Cell]) -> int:
    """How many columns a lane has."""
    return max(cell.column for cell in lane.values()) + 1


def _in_order_of_flow(of: Mapping[str, str], forward: list[Edge]) -> list[str]:
    """Workshops by how far the line's end is from them: each stands before what it feeds.

    Those through which nothing moves come last.
    """
    turned = [replace(e, from_station=e.to_station, to_station=e.from_station) for e in forward]
    to_end = _longest(list(of), turned)
    shops = dict.fromkeys(of.values())
    far = {shop: max(to_end[s] for s in of if of[s] == shop) for shop in shops}
    moving = {of[end] for edge in forward for end in (edge.from_station, edge.to_station)}
    return sorted(shops, key=lambda shop: (shop not in moving, -far[shop]))


def _back_edges(line: Line) -> set[int]:
    """Rework edges, and those that close a cycle on a walk in line order."""
    back = {i for i, edge in enumerate(line.edges) if edge.kind == "rework"}
    out: dict[str, list[int]] = {station.id: [] for station in line.stations}
    for i, edge in enumerate(line.edges):
        if i not in back:
            out[edge.from_station].append(i)
    done: set[str] = set()
    for root in out:
        if root in done:
            continue
        open_: set[str] = {root}
        stack = [(root, iter(out[root]))]
        while stack:
            node, edges = stack[-1]
            number = next(edges, None)
            if number is None:
                stack.pop()
                open_.discard(node)
                done.add(node)
                continue
            target = line.edges[number].to_station
            if target in open_:
                back.add(number)
            elif target not in done:
                open_.add(target)
                stack.append((target, iter(out[target])))
    return back


def _longest(ids: list[str], edges: Iterable[Edge]) -> dict[str, int]:
    """The longest way to each station, in edges; ``edges`` hold no cycle."""
    inner = set(ids)
    out: dict[str, list[str]] = {station: [] for station in ids}
    waits = dict.fromkeys(ids, 0)
    for edge in edges:
        if edge.from_station in inner and edge.to_station in inner:
            out[edge.from_station].append(edge.to_station)
            waits[edge.to_station] += 1
    depth = dict.fromkeys(ids, 0)
    ready = [station for station in ids if not waits[station]]
    for station in ready:
        for target in out[station]:
            depth[target] = max(depth[target], depth[station] + 1)
            waits[target] -= 1
            if not waits[target]:
                ready.append(target)
    return depth


def _lane(ids: list[str], moving: set[str], edges: list[Edge]) -> dict[str, Cell]:
    """Columns by the longest way inside the lane, rows by the mean row of those before; below
    them, side by side, the stations that no way leads to or from.
    """
    chained = [station for station in ids if station in moving]
    depth = _longest(chained, edges)
    before: dict[str, list[str]] = {station: [] for station in chained}
    for edge in edges:
        if edge.from_station in before and edge.to_station in before:
            before[edge.to_station].append(edge.from_station)
    cells: dict[str, Cell] = {}
    for column in range(max(depth.values(), default=-1) + 1):
        here = [station for station in chained if depth[station] == column]
        wish = {s: _mean_row(before[s], cells, i) for i, s in enumerate(here)}
        for row, station in enumerate(sorted(here, key=lambda s: wish[s])):
            cells[station] = Cell(column, row)
    alone = [station for station in ids if station not in moving]
    return {**cells, **_side_by_side(alone, cells)}


def _side_by_side(alone: list[str], above: Mapping[str, Cell]) -> dict[str, Cell]:
    columns = columns_of(above) if above else len(alone)
    first = max((cell.row for cell in above.values()), default=-1) + 1
    return {
        station: Cell(number % columns, first + number // columns)
        for number, station in enumerate(alone)
    }


def _mean_row(before: list[str], cells: Mapping[str, Cell], default: int) -> float:
    rows = [cells[station].row for station in before if station in cells]
    return sum(rows) / len(rows) if rows else float(default)
