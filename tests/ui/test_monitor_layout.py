"""Any flow graph finds its place."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from data.line import Edge, Line, Names, Plant, Station, Workshop
from tests.ui.hand_made import load_line
from tests.ui.plant import plant_line
from ui.flow_grid import grid
from ui.flow_layout import Box, place

SMALL = load_line("small")


def line_of(count: int, shops: int, edges: list[tuple[int, int, str]]) -> Line:
    names = Names("x", "x")
    stations = tuple(
        Station(id=f"S{i}", workshop=f"W{i % shops}", names=names, cycle_s=60, places=1)
        for i in range(count)
    )
    return Line(
        plant=Plant(id="p", names=names, timezone="UTC", currency="EUR", takt_s=60),
        workshops=tuple(Workshop(id=f"W{i}", names=names) for i in range(shops)),
        stations=stations,
        edges=tuple(
            Edge(from_station=f"S{a}", to_station=f"S{b}", capacity=2, kind=kind)
            for a, b, kind in edges
        ),
    )


def apart(a: Box, b: Box) -> bool:
    return a.right <= b.x or b.right <= a.x or a.bottom <= b.y or b.bottom <= a.y


@st.composite
def lines(draw: st.DrawFn) -> Line:
    count = draw(st.integers(1, 24))
    number = st.integers(0, count - 1)
    kinds = st.sampled_from(["flow", "flow", "rework", "join"])
    edges = draw(st.lists(st.tuples(number, number, kinds), max_size=40))
    return line_of(count, draw(st.integers(1, 4)), edges)


@given(lines(), st.integers(500, 2400), st.integers(180, 1200))
def test_no_two_stations_overlap_and_all_are_on_the_sheet(line: Line, w: int, h: int) -> None:
    cells = grid(line)
    assert cells is not None
    layout = place(cells, w, h)
    boxes = list(layout.stations.values())
    assert set(layout.stations) == {station.id for station in line.stations}
    assert all(apart(a, b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(b.x >= 0 and b.right <= layout.width + 1e-6 for b in boxes)
    assert all(b.y >= 0 and b.bottom <= layout.height + 1e-6 for b in boxes)
    assert len(layout.links) == len(line.edges)


def test_a_series_stands_in_one_row_in_order() -> None:
    cells = grid(SMALL)
    assert cells is not None
    layout = place(cells, 1260, 220)
    boxes = [layout.stations[station.id] for station in SMALL.stations]
    assert len({box.y for box in boxes}) == 1
    assert [box.x for box in boxes] == sorted(box.x for box in boxes)


def test_parallel_stations_share_a_column_and_rework_goes_back_dashed() -> None:
    flow = [(0, 1, "flow"), (0, 2, "flow"), (1, 3, "flow"), (2, 3, "flow"), (3, 0, "rework")]
    cells = grid(line_of(4, 1, flow))
    assert cells is not None
    layout = place(cells, 900, 500)
    one, two = layout.stations["S1"], layout.stations["S2"]
    assert one.x == two.x
    assert one.y != two.y
    assert [link.back for link in layout.links] == [False, False, False, False, True]


def test_a_long_shop_goes_on_in_the_next_band() -> None:
    series = [(i, i + 1, "flow") for i in range(39)]
    cells = grid(line_of(40, 1, series))
    assert cells is not None
    layout = place(cells, 1260, 500)
    assert len({box.y for box in layout.stations.values()}) > 1
    assert min(box.w for box in layout.stations.values()) >= 58


def test_short_workshops_share_a_shelf_where_they_would_else_be_small() -> None:
    cells = grid(plant_line())
    assert cells is not None
    layout = place(cells, 1250, 380)
    assert layout.height <= 380
    tops = {lane.workshop: lane.box.y for lane in layout.lanes}
    assert tops["stamping"] == tops["body"] < tops["paint"] < tops["assembly"]
    roomy = place(cells, 2400, 3000)
    assert len({lane.box.y for lane in roomy.lanes}) == 8


def test_stations_without_ways_stand_side_by_side() -> None:
    cells = grid(plant_line())
    assert cells is not None
    layout = place(cells, 1250, 380)
    boxes = [layout.stations[f"U{i}10"] for i in range(7)]
    assert len({box.y for box in boxes}) == 1
    assert cells.lanes[-1][0] == "utilities"


@given(lines(), st.integers(700, 2400), st.integers(180, 1200))
def test_no_way_runs_through_a_station_upright(line: Line, w: int, h: int) -> None:
    cells = grid(line)
    assert cells is not None
    layout = place(cells, w, h)
    for link in layout.links:
        if link.back:
            continue
        for (x1, y1), (x2, y2) in pairwise(link.path):
            if x1 != x2:
                continue
            low, high = min(y1, y2), max(y1, y2)
            for box in layout.stations.values():
                assert not (box.x < x1 < box.right and low < box.bottom and box.y < high)


def test_a_line_without_stations_has_no_grid() -> None:
    assert grid(replace(SMALL, stations=(), edges=())) is None
