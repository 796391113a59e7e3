"""Where the stations of any line lie on the screen: pure geometry, from a grid and a room.

A lane with more columns than fit goes on in the next band, as lines of text do; lanes that are
short share a shelf where that makes everything larger. Columns lie under one another on all
shelves, so that a way from lane to lane runs between stations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from data.line import Edge
from ui.flow_grid import Cell, Grid, columns_of

BLOCK_W, BLOCK_H = 172.0, 128.0  # a station at full size
LEAST_W, LEAST_H, LEAST_GAP = 58.0, 20.0, 18.0
LEAST_PASSAGE = 7.0  # between two rows, for the ways
LANE_HEAD = 20.0
APART = 1  # columns left free between two lanes of a shelf
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
class _Seat:
    """A lane on its shelf: the column that it begins in, and the rows of each of its bands."""

    shop: str
    cells: Mapping[str, Cell]
    start: int
    columns: int
    bands: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which lanes share a shelf, where a lane is broken after ``columns``."""

    columns: int
    shelves: tuple[tuple[_Seat, ...], ...]

    def shelf_rows(self) -> list[int]:
        """The rows that each shelf needs."""
        return [max(sum(seat.bands) for seat in shelf) for shelf in self.shelves]

    def wide(self) -> int:
        """Columns of the widest shelf."""
        return max(shelf[-1].start + shelf[-1].columns for shelf in self.shelves)


@dataclass(frozen=True, slots=True)
class _Sizes:
    left: float
    gap: float
    block_w: float
    cell_h: float
    block_h: float


def place(cells: Grid, width: float, height: float, least_w: float = LEAST_W) -> Layout:
    """The grid in a room of this size [px], in its middle; higher than it where it cannot fit.

    ``least_w``: no station is narrower [px], so that its id can be read.
    """
    fit = max(int((width - 24) / (least_w + LEAST_GAP)), 1)
    plan = max(_plans(cells, fit), key=lambda p: _worth(p, width, height))
    shelves, rows = len(plan.shelves), sum(plan.shelf_rows())
    columns = plan.wide()
    cell_w = min((width - 24) / columns, BLOCK_W * 1.42)
    gap = min(max(cell_w * 0.22, LEAST_GAP), 62.0)
    block_w = max(cell_w - gap, least_w)
    room = height - LANE_HEAD * shelves
    cell_h = min(max(room / rows, LEAST_H + LEAST_PASSAGE), BLOCK_H + 44)
    block_h = min(max(cell_h - max(10.0, cell_h * 0.2), LEAST_H), BLOCK_H)
    used = columns * (block_w + gap) - gap
    left = max((width - used) / 2, 14.0)
    return _placed(cells, plan, _Sizes(left, gap, block_w, cell_h, block_h), width, height)


def _plans(cells: Grid, fit: int) -> Iterable[_Plan]:
    """Every way to break lanes into bands and to set them on shelves."""
    whole = sum(columns_of(lane) + APART for _, lane in cells.lanes) - APART
    for columns in range(1, min(whole, fit) + 1):
        yield _plan(cells, columns, shared=False)
        if len(cells.lanes) > 1:
            yield _plan(cells, columns, shared=True)


def _plan(cells: Grid, columns: int, *, shared: bool) -> _Plan:
    shelves: list[list[_Seat]] = []
    for shop, lane in cells.lanes:
        wide = min(columns_of(lane), columns)
        start = 0
        if shared and shelves:
            last = shelves[-1][-1]
            start = last.start + last.columns + APART
        if not start or start + wide > columns:
            start = 0
            shelves.append([])
        shelves[-1].append(_Seat(shop, lane, start, wide, _bands(lane, columns)))
    return _Plan(columns, tuple(tuple(shelf) for shelf in shelves))


def _worth(plan: _Plan, width: float, height: float) -> tuple[float, float, int, int]:
    """Large stations first; then low ones, a shelf for each lane, and few breaks."""
    shelves, rows = len(plan.shelves), sum(plan.shelf_rows())
    wide = (width - 24) / plan.wide() / (BLOCK_W * 1.36)
    high = max(height - LANE_HEAD * shelves, 0.0) / rows / (BLOCK_H * 1.25)
    scale = min(wide, high, 1.0)
    least_h = shelves * LANE_HEAD + rows * (LEAST_H + LEAST_PASSAGE)
    return round(scale, 3), -max(least_h - height, 0.0), shelves, plan.columns


def _bands(lane: Mapping[str, Cell], columns: int) -> tuple[int, ...]:
    """Rows in each band of a lane that is broken after ``columns`` columns."""
    rows = [1] * ((columns_of(lane) - 1) // columns + 1)
    for cell in lane.values():
        band = cell.column // columns
        rows[band] = max(rows[band], cell.row + 1)
    return tuple(rows)


def _placed(cells: Grid, plan: _Plan, sizes: _Sizes, width: float, height: float) -> Layout:
    stations: dict[str, Box] = {}
    lanes: list[Lane] = []
    shelf_rows = plan.shelf_rows()
    needed = sum(shelf_rows) * sizes.cell_h + LANE_HEAD * len(plan.shelves)
    room = max(height - needed, 0.0) / len(plan.shelves)
    y = 0.0
    for shelf, rows in zip(plan.shelves, shelf_rows, strict=True):
        high = LANE_HEAD + rows * sizes.cell_h + room
        for seat in shelf:
            stations.update(_seated(seat, plan.columns, sizes, y + LANE_HEAD + room / 2))
        lanes += _lanes(shelf, sizes, Box(0, y, width, high))
        y += high
    return _linked(cells, stations, lanes, sizes, Box(0, 0, width, y))


def _seated(seat: _Seat, columns: int, sizes: _Sizes, top: float) -> dict[str, Box]:
    """A lane's stations, from ``top`` [px] on."""
    boxes = {}
    for station, cell in seat.cells.items():
        band, column = divmod(cell.column, columns)
        x = sizes.left + (seat.start + column) * (sizes.block_w + sizes.gap)
        y = top + (sum(seat.bands[:band]) + cell.row) * sizes.cell_h
        y += (sizes.cell_h - sizes.block_h) / 2
        boxes[station] = Box(x, y, sizes.block_w, sizes.block_h)
    return boxes


def _lanes(shelf: tuple[_Seat, ...], sizes: _Sizes, box: Box) -> list[Lane]:
    """The strips of a shelf's lanes, which part its width among them."""
    pitch = sizes.block_w + sizes.gap
    begins = [sizes.left + (s.start - APART / 2) * pitch - sizes.gap / 2 for s in shelf]
    begins[0] = 0.0
    ends = [*begins[1:], box.w]
    return [
        Lane(seat.shop, Box(begin, box.y, end - begin, box.h))
        for seat, begin, end in zip(shelf, begins, ends, strict=True)
    ]


def _linked(
    cells: Grid, stations: Mapping[str, Box], lanes: list[Lane], sizes: _Sizes, sheet: Box
) -> Layout:
    routes = _Routes(stations, sizes)
    links = tuple(routes.link(edge, i in cells.back) for i, edge in enumerate(cells.edges))
    right = max(box.right for box in stations.values())
    return Layout(stations, tuple(lanes), links, max(sheet.w, right + 14), sheet.h)


class _Routes:
    """Finds each way's corners; ways that share a passage lie beside one another."""

    def __init__(self, stations: Mapping[str, Box], sizes: _Sizes) -> None:
        self._stations, self._sizes = stations, sizes
        self._between = sizes.cell_h - sizes.block_h
        self._taken: Counter[int] = Counter()

    def link(self, edge: Edge, back: bool) -> Link:
        """The way of an edge."""
        a, b = self._stations[edge.from_station], self._stations[edge.to_station]
        if back:
            return self._way_back(edge, a, b)
        start, end = (a.right, a.middle[1]), (b.x, b.middle[1])
        if b.x > a.x and abs(start[1] - end[1]) < 1:
            if self._clear(start, end):
                return Link(edge, False, (start, end), ((start[0] + end[0]) / 2, start[1]))
            return self._around(edge, a, b, a.y)
        turn = b.x - self._sizes.gap / 2
        if a.right - 1 < turn < a.right + self._sizes.gap:
            middle = (turn, (start[1] + end[1]) / 2)
            return Link(edge, False, (start, (turn, start[1]), (turn, end[1]), end), middle)
        return self._around(edge, a, b, max(a.y, b.y))

    def _clear(self, start: Point, end: Point) -> bool:
        """Does no station stand between two points of a row?"""
        return not any(
            box.x < end[0] and box.right > start[0] and box.y < start[1] < box.bottom
            for box in self._stations.values()
        )

    def _around(self, edge: Edge, a: Box, b: Box, row_y: float) -> Link:
        """Out to the right, along above the row at ``row_y``, in from the left."""
        share = self._share(row_y)
        y = row_y - self._between * share
        x1, x2 = a.right + self._sizes.gap * 0.4, max(b.x - self._sizes.gap * share, 5.0)
        path = ((a.right, a.middle[1]), (x1, a.middle[1]), (x1, y), (x2, y), (x2, b.middle[1]))
        return Link(edge, False, (*path, (b.x, b.middle[1])), ((x1 + x2) / 2, y))

    def _share(self, row_y: float) -> float:
        """Where in the passage above a row the next way lies, as a share of its height."""
        number = self._taken[round(row_y)]
        self._taken[round(row_y)] += 1
        return (0.5, 0.75, 0.3)[number % 3]

    def _way_back(self, edge: Edge, a: Box, b: Box) -> Link:
        """Out below, back below the lower of both, in from below."""
        y = max(a.bottom, b.bottom) + self._between * 0.28
        x1, x2 = a.x + a.w * 0.62, b.x + b.w * 0.38
        path = ((x1, a.bottom), (x1, y), (x2, y), (x2, b.bottom))
        return Link(edge, True, path, ((x1 + x2) / 2, y))
