"""Where the stations of any line lie on the screen: pure geometry, from the line file alone.

Workshops are lanes. In a lane a station's column is the longest way that leads to it, stations
of one column lie in rows, near to where their vehicles come from. A lane with more columns than
fit goes on in the next band, as lines of text do. Ways back (rework) and cycles never move a
station.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from data.line import Edge, Line

BLOCK_W, BLOCK_H = 172.0, 128.0  # a station at full size
LEAST_W, LEAST_H, LEAST_GAP = 58.0, 34.0, 20.0
LANE_HEAD = 22.0
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in logical pixels."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.h

    @property
    def middle(self) -> Point:
        """Its centre."""
        return self.x + self.w / 2, self.y + self.h / 2


@dataclass(frozen=True, slots=True)
class Link:
    """A way between two stations: its corners, and where its buffer is drawn."""

    edge: Edge
    back: bool  # against the flow: drawn dashed
    path: tuple[Point, ...]
    buffer: Point


@dataclass(frozen=True, slots=True)
class Lane:
    """A workshop's strip."""

    workshop: str
    box: Box


@dataclass(frozen=True, slots=True)
class Layout:
    """The drawn line: stations by id, lanes, links, and the size that it all takes."""

    stations: Mapping[str, Box]
    lanes: tuple[Lane, ...]
    links: tuple[Link, ...]
    width: float
    height: float


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

    def columns(self) -> int:
        """The most columns of any lane."""
        return max((max(cell.column for cell in cells.values()) + 1 for _, cells in self.lanes))


def grid(line: Line) -> Grid | None:
    """Lanes, columns and rows of a line; None for a line without stations."""
    if not line.stations:
        return None
    back = _back_edges(line)
    forward = [edge for i, edge in enumerate(line.edges) if i not in back]
    depth = _longest([station.id for station in line.stations], forward)
    of = {station.id: station.workshop for station in line.stations}
    order = {shop: i for i, shop in enumerate(dict.fromkeys(of.values()))}
    first = {shop: min(depth[s] for s in of if of[s] == shop) for shop in order}
    shops = sorted(order, key=lambda shop: (first[shop], order[shop]))
    lanes = tuple((shop, _lane([s for s in of if of[s] == shop], forward)) for shop in shops)
    return Grid(lanes, line.edges, frozenset(back))


def place(cells: Grid, width: float, height: float) -> Layout:
    """The grid in a room of this size [px], in its middle; higher than it where it cannot fit."""
    fit = max(int((width - 24) / (LEAST_W + LEAST_GAP)), 1)
    most = min(cells.columns(), fit)
    columns = max(range(1, most + 1), key=lambda n: _scale(cells, n, width, height))
    rows = _rows(cells, columns)
    cell_w = min((width - 24) / columns, BLOCK_W * 1.42)
    gap = min(max(cell_w * 0.22, LEAST_GAP), 62.0)
    block_w = max(cell_w - gap, LEAST_W)
    room = height - LANE_HEAD * len(cells.lanes)
    cell_h = min(max(room / rows, LEAST_H + 16), BLOCK_H + 44)
    block_h = min(max(cell_h - max(16.0, cell_h * 0.2), LEAST_H), BLOCK_H)
    used = columns * (block_w + gap) - gap
    left = max((width - used) / 2, 14.0)
    return _placed(cells, columns, _Sizes(left, gap, block_w, cell_h, block_h), width, height)


@dataclass(frozen=True, slots=True)
class _Sizes:
    left: float
    gap: float
    block_w: float
    cell_h: float
    block_h: float


def _scale(cells: Grid, columns: int, width: float, height: float) -> float:
    rows = _rows(cells, columns)
    wide = (width - 24) / columns / (BLOCK_W * 1.36)
    high = max(height - LANE_HEAD * len(cells.lanes), 0.0) / rows / (BLOCK_H * 1.25)
    # Of two that fit equally well, the one with fewer breaks.
    return min(wide, high, 1.0) + columns * 1e-6


def _bands(lane: Mapping[str, Cell], columns: int) -> list[int]:
    """Rows in each band of a lane that is broken after ``columns`` columns."""
    last = max(cell.column for cell in lane.values()) // columns
    rows = [1] * (last + 1)
    for cell in lane.values():
        band = cell.column // columns
        rows[band] = max(rows[band], cell.row + 1)
    return rows


def _rows(cells: Grid, columns: int) -> int:
    return sum(sum(_bands(lane, columns)) for _, lane in cells.lanes)


def _placed(cells: Grid, columns: int, sizes: _Sizes, width: float, height: float) -> Layout:
    stations: dict[str, Box] = {}
    lanes: list[Lane] = []
    rows = _rows(cells, columns)
    spare = max(height - rows * sizes.cell_h - LANE_HEAD * len(cells.lanes), 0.0)
    room = spare / len(cells.lanes)
    y = 0.0
    for shop, lane in cells.lanes:
        bands = _bands(lane, columns)
        tops = [sum(bands[:i]) for i in range(len(bands))]
        for station, cell in lane.items():
            band, column = divmod(cell.column, columns)
            x = sizes.left + column * (sizes.block_w + sizes.gap)
            row_y = y + LANE_HEAD + room / 2 + (tops[band] + cell.row) * sizes.cell_h
            row_y += (sizes.cell_h - sizes.block_h) / 2
            stations[station] = Box(x, row_y, sizes.block_w, sizes.block_h)
        high = LANE_HEAD + sum(bands) * sizes.cell_h + room
        lanes.append(Lane(shop, Box(0, y, width, high)))
        y += high
    links = tuple(
        _link(edge, i in cells.back, stations, sizes) for i, edge in enumerate(cells.edges)
    )
    right = max(box.right for box in stations.values())
    return Layout(stations, tuple(lanes), links, max(width, right + 14), y)


def _link(edge: Edge, back: bool, stations: Mapping[str, Box], sizes: _Sizes) -> Link:
    a, b = stations[edge.from_station], stations[edge.to_station]
    start, end = (a.right, a.middle[1]), (b.x, b.middle[1])
    if back:
        return _way_back(edge, a, b, sizes)
    if b.x > a.x and abs(start[1] - end[1]) < 1:
        if b.x - a.right <= sizes.gap + 1:
            return Link(edge, False, (start, end), ((start[0] + end[0]) / 2, start[1]))
        return _over(edge, a, b, sizes)
    if b.x > a.right - 1:
        turn = b.x - sizes.gap / 2
        if turn - a.right < sizes.gap:
            middle = (turn, (start[1] + end[1]) / 2)
            return Link(edge, False, (start, (turn, start[1]), (turn, end[1]), end), middle)
    return _around(edge, a, b, sizes)


def _over(edge: Edge, a: Box, b: Box, sizes: _Sizes) -> Link:
    """Past stations in between: above them."""
    y = a.y - (sizes.cell_h - sizes.block_h) * 0.3
    x1, x2 = a.right + sizes.gap * 0.3, b.x - sizes.gap * 0.3
    path = ((a.right, a.middle[1]), (x1, a.middle[1]), (x1, y), (x2, y), (x2, b.middle[1]))
    return Link(edge, False, (*path, (b.x, b.middle[1])), ((x1 + x2) / 2, y))


def _around(edge: Edge, a: Box, b: Box, sizes: _Sizes) -> Link:
    """On in another band or lane: out to the right, between the rows, in from the left."""
    x1, x2 = a.right + sizes.gap * 0.4, b.x - sizes.gap * 0.4
    x2 = max(x2, 5.0)
    down = b.y > a.y
    y = (b.y if down else a.y) - (sizes.cell_h - sizes.block_h) * 0.5
    path = ((a.right, a.middle[1]), (x1, a.middle[1]), (x1, y), (x2, y), (x2, b.middle[1]))
    return Link(edge, False, (*path, (b.x, b.middle[1])), ((x1 + x2) / 2, y))


def _way_back(edge: Edge, a: Box, b: Box, sizes: _Sizes) -> Link:
    """Out below, back below the lower of both, in from below."""
    y = max(a.bottom, b.bottom) + (sizes.cell_h - sizes.block_h) * 0.28
    x1, x2 = a.x + a.w * 0.62, b.x + b.w * 0.38
    path = ((x1, a.bottom), (x1, y), (x2, y), (x2, b.bottom))
    return Link(edge, True, path, ((x1 + x2) / 2, y))


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


def _lane(ids: list[str], edges: list[Edge]) -> dict[str, Cell]:
    """Columns by the longest way inside the lane, rows by the mean row of those before."""
    depth = _longest(ids, edges)
    before: dict[str, list[str]] = {station: [] for station in ids}
    for edge in edges:
        if edge.from_station in before and edge.to_station in before:
            before[edge.to_station].append(edge.from_station)
    cells: dict[str, Cell] = {}
    for column in range(max(depth.values()) + 1):
        here = [station for station in ids if depth[station] == column]
        wish = {s: _mean_row(before[s], cells, i) for i, s in enumerate(here)}
        for row, station in enumerate(sorted(here, key=lambda s: wish[s])):
            cells[station] = Cell(column, row)
    return cells


def _mean_row(before: list[str], cells: Mapping[str, Cell], default: int) -> float:
    rows = [cells[station].row for station in before if station in cells]
    return sum(rows) / len(rows) if rows else float(default)
