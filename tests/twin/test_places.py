"""Who is inside: stations of several places, against a truth made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.factors import Books
from data.line import Line
from data.line_file import parse_line
from data.samples import Event, SampleBlock
from tests.twin.streams import LINE as TWO
from tests.twin.streams import T0, Stream, cut
from twin import view
from twin.ledger import Ledger, close, export_columns
from twin.mirror import Booked, Mirror

PLACES = 3


def oven_line() -> Line:
    """S1 feeds S2 through a buffer of two; S2 has three places, S3 takes from it."""
    text = TWO.replace(
        'names = { en = "Two", zh = "二" }\ncycle_s = 50',
        f'names = {{ en = "Two", zh = "二" }}\ncycle_s = 150\nplaces = {PLACES}',
    )
    text = text.replace(
        '[[edge]]\nfrom = "S1"',
        """[[station]]
id = "S3"
workshop = "shop"
names = { en = "Three", zh = "三" }
cycle_s = 50
[[edge]]
from = "S2"
to = "S3"
capacity = 2
[[edge]]
from = "S1\"""",
    )
    text = text.replace('for = ["S1", "S2"]', 'for = ["S1", "S2", "S3"]')
    counts = """
[[signal]]
source = "plc"
for = "S2"
role = "good_count"
node = "ns=2;s={station}.good"
"""
    return parse_line(text + counts, "oven.toml")


LINE = oven_line()
BOOKS = Books.load(LINE.books, None)
OVEN = LINE.station_index["S2"]


def booked(blocks: list[SampleBlock], compiled: bool = True) -> Booked:
    mirror = Mirror(LINE, BOOKS)
    if compiled:
        mirror.warm_up()
    for block in blocks:
        mirror.advance(block)
    return mirror.booked()


def stays(found: Booked) -> dict[str, list[tuple[float, float | None]]]:
    """Seconds at which each vehicle came into the oven and left it."""
    seconds: dict[str, list[tuple[float, float | None]]] = {}
    for visit in found.visits[found.visits["station"] == OVEN]:
        enter = (int(visit["enter"]) - T0) / 1e9
        leave = None if visit["leave"] < 0 else (int(visit["leave"]) - T0) / 1e9
        seconds.setdefault(found.vehicles[visit["vehicle"]], []).append((enter, leave))
    return seconds


def kwh(ledger: Ledger, vehicle: str, station: str = "S2") -> float:
    columns = export_columns(ledger)
    return math.fsum(
        float(str(value))
        for i, value in enumerate(columns["kwh"])
        if columns["station"][i] == station and columns["vehicle"][i] == vehicle
    )


class Oven:
    """Plays bodies through the oven: what its signals show, and what is true."""

    def __init__(self) -> None:
        self.stream = Stream(LINE)
        self.inside: list[str] = []
        self.good = 0
        self.stream.at(-1, "S2.vehicle", "")
        self.stream.at(-1, "S2.good_count", 0)
        self.stream.at(-1, "S2.state", "processing")
        self.stream.event(0, Event.SESSION_BEGIN)

    def enters(self, second: float, vehicle: str) -> None:
        self.inside.append(vehicle)
        self.stream.at(second, "S2.vehicle", vehicle)

    def leaves(self, second: float, vehicle: str, *, counted: bool = True) -> None:
        shown = self.inside[-1]
        self.inside.remove(vehicle)
        if shown == vehicle:
            self.stream.at(second, "S2.vehicle", self.inside[-1] if self.inside else "")
        self.good += 1
        if counted:
            self.stream.at(second, "S2.good_count", self.good)

    def seen_on(self, second: float, vehicle: str) -> None:
        self.stream.at(second, "S3.vehicle", vehicle)

    def ends(self, second: float, kw: float | list[float] = 36.0) -> Booked:
        """``kw``: all the time, or at each second."""
        for each in range(int(second) + 1):
            self.stream.at(each, "P2.value", kw[each] if isinstance(kw, list) else kw)
        self.stream.event(second, Event.SESSION_END)
        block = self.stream.block()
        whole = booked([block])
        pieces = booked(cut(block, [1] * (len(block) - 1)), compiled=False)
        assert whole.visits.tobytes() == pieces.visits.tobytes()
        assert whole.segments.tobytes() == pieces.segments.tobytes()
        return whole


def test_a_visit_is_open_until_its_vehicle_leaves() -> None:
    oven = Oven()
    for i in range(3):
        oven.enters(10 + 10 * i, f"V{i}")
    for i in range(3):
        oven.leaves(100 + 10 * i, f"V{i}")
        oven.seen_on(105 + 10 * i, f"V{i}")
    found = oven.ends(200)
    assert stays(found) == {f"V{i}": [(10.0 + 10 * i, 100.0 + 10 * i)] for i in range(3)}
    assert found.visits["good"][found.visits["station"] == OVEN].tolist() == [1, 1, 1]


def test_energy_is_shared_in_equal_parts_by_all_inside() -> None:
    oven = Oven()
    oven.enters(10, "V1")
    oven.enters(20, "V2")
    oven.leaves(40, "V1")
    oven.leaves(50, "V2")
    ledger = close(oven.ends(100))
    assert kwh(ledger, "V1") == pytest.approx((10 + 20 / 2) * 0.01)
    assert kwh(ledger, "V2") == pytest.approx((20 / 2 + 10) * 0.01)
    assert kwh(ledger, "") == pytest.approx((10 + 50) * 0.01)
    direct = {visit.vehicle: visit.direct_kwh["electricity"] for visit in view.visits(ledger)}
    assert direct["V1"] == pytest.approx(kwh(ledger, "V1"))


def test_what_empty_places_draw_is_no_vehicles() -> None:
    """An empty place draws 4 kW, one with a vehicle 10 kW: the meter shows both as it fills."""
    oven = Oven()
    spans = {"V1": (60, 900), "V2": (300, 1200), "V3": (600, 1500)}
    moves = [(at, name) for name, times in spans.items() for at in times]
    for at, name in sorted(moves):
        (oven.enters if at == spans[name][0] else oven.leaves)(at, name)
    inside = [sum(a <= second < b for a, b in spans.values()) for second in range(1801)]
    ledger = close(oven.ends(1800, [4.0 * (PLACES - n) + 10.0 * n for n in inside]))
    for name, (enter, leave) in spans.items():
        assert kwh(ledger, name) == pytest.approx(10.0 * (leave - enter) / 3600, rel=0.005)
    empty_s = sum(PLACES - n for n in inside[:1800])
    assert kwh(ledger, "") == pytest.approx(4.0 * empty_s / 3600, rel=0.005)
    assert ledger.balance_error("electricity") <= 1e-9


def test_who_overtook_is_known_when_it_is_seen_further_on() -> None:
    oven = Oven()
    for i in range(3):
        oven.enters(10 + 10 * i, f"V{i}")
    oven.leaves(100, "V1")
    oven.seen_on(104, "V1")
    oven.leaves(110, "V0")
    oven.seen_on(114, "V0")
    oven.leaves(120, "V2")
    oven.seen_on(124, "V2")
    assert {v: s[0][1] for v, s in stays(oven.ends(200)).items()} == {
        "V1": 100.0,
        "V0": 110.0,
        "V2": 120.0,
    }


def test_who_came_in_last_and_left_first_is_known_at_once() -> None:
    oven = Oven()
    oven.enters(10, "V0")
    oven.enters(20, "V1")
    oven.leaves(100, "V1")  # the signal shows V0 again
    assert stays(oven.ends(200)) == {"V0": [(10.0, None)], "V1": [(20.0, 100.0)]}


def test_a_count_that_jumps_counts_them_all() -> None:
    oven = Oven()
    for i in range(3):
        oven.enters(10 + 10 * i, f"V{i}")
    oven.leaves(100, "V0", counted=False)
    oven.leaves(101, "V1")
    assert {v: s[0][1] for v, s in stays(oven.ends(200)).items()} == {
        "V0": 101.0,
        "V1": 101.0,
        "V2": None,
    }


def test_a_missed_count_is_made_good_by_who_is_seen_further_on() -> None:
    oven = Oven()
    for i in range(2):
        oven.enters(10 + 10 * i, f"V{i}")
    oven.leaves(100, "V0", counted=False)
    oven.good -= 1  # it never comes
    oven.seen_on(103, "V0")
    oven.leaves(150, "V1")
    oven.seen_on(153, "V1")
    assert stays(oven.ends(200)) == {"V0": [(10.0, 103.0)], "V1": [(20.0, 150.0)]}


def test_more_than_there_are_places_cannot_be_inside() -> None:
    oven = Oven()
    for i in range(PLACES + 1):
        oven.enters(10 + 10 * i, f"V{i}")
    found = stays(oven.ends(100))
    assert found["V0"] == [(10.0, 40.0)]
    assert all(found[f"V{i}"][0][1] is None for i in range(1, PLACES + 1))


def test_a_reject_means_the_one_that_left() -> None:
    oven = Oven()
    oven.stream.at(-1, "S2.reject_count", 0)
    oven.enters(10, "V0")
    oven.enters(20, "V1")
    oven.leaves(100, "V0", counted=False)
    oven.good -= 1
    oven.stream.at(100, "S2.reject_count", 1)
    oven.leaves(120, "V1")
    found = oven.ends(200)
    marks = found.visits[found.visits["station"] == OVEN][["good", "reject"]].tolist()
    assert marks == [(0, 1), (1, 0)]


def test_a_station_that_runs_at_the_begin_is_taken_for_full() -> None:
    stream = Stream(LINE)
    stream.at(-9, "S2.vehicle", "V0")
    stream.at(-9, "S2.good_count", 7)
    stream.at(-9, "S2.state", "processing")
    stream.event(0, Event.SESSION_BEGIN)
    stream.at(0, "P2.value", 36.0)
    for second, count in ((30, 8), (60, 9), (90, 10)):
        stream.at(second, "S2.good_count", count)
    stream.event(100, Event.SESSION_END)
    found = booked([stream.block()])
    assert stays(found)["V0"] == [(-9.0, 90.0)]
    ledger = close(found)
    assert kwh(ledger, "V0") == pytest.approx((30 / 3 + 30 / 2 + 30) * 0.01)
    assert kwh(ledger, "V0") + kwh(ledger, "") == pytest.approx(1.0)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_parallel_places_are_followed_exactly(data: st.DataObject) -> None:
    """Bodies in any order through parallel places, one leave at a time, each seen further on."""
    oven, second, number = Oven(), 0, 0
    truth: dict[str, tuple[float, float]] = {}
    entered: dict[str, float] = {}
    for _ in range(data.draw(st.integers(1, 30))):
        second += data.draw(st.integers(12, 40))
        if len(oven.inside) < PLACES and (not oven.inside or data.draw(st.booleans())):
            entered[f"V{number}"] = second
            oven.enters(second, f"V{number}")
            number += 1
        else:
            vehicle = data.draw(st.sampled_from(oven.inside))
            oven.leaves(second, vehicle)
            oven.seen_on(second + 3, vehicle)
            truth[vehicle] = (float(entered[vehicle]), float(second))
    found = stays(oven.ends(second + 20))
    assert {v: s[0] for v, s in found.items() if s[0][1] is not None} == truth


def test_never_more_are_inside_than_there_are_places() -> None:
    """Seven came one after the other, none of them was seen on, and the way on holds two."""
    stream = Stream(LINE)
    stream.at(-5, "S2.good_count", 0)
    for number in range(7):
        stream.at(-5 + number / 10, "S2.vehicle", f"V{number}")
    stream.event(0, Event.SESSION_BEGIN)
    stream.at(5.6, "S2.good_count", 2)
    stream.event(2000, Event.SESSION_END)
    found = stays(booked([stream.block()]))
    assert sum(leave is None for ((_, leave),) in found.values()) <= PLACES


# --- whatever happens -----------------------------------------------------------------------


@st.composite
def troubled(draw: st.DrawFn) -> Stream:
    """Anything at all on the signals of an oven line."""
    stream = Stream(LINE)
    seconds = 2000
    whole = st.integers(0, seconds * 10)

    def samples(key: str, values: st.SearchStrategy[int | float | str], most: int) -> None:
        for tenth in sorted(draw(st.lists(whole, max_size=most, unique=True))):
            status = draw(st.sampled_from((0, 0, 0, 0x40000000, 0x80000000)))
            stream.at(tenth / 10 - 5, key, draw(values), status=status)

    vehicles = st.sampled_from(("", "V1", "V2", "V3", "V4", "V5", "V6"))
    for station in ("S1", "S2", "S3"):
        samples(f"{station}.state", st.sampled_from(("processing", "idle", "failed", "?")), 8)
        samples(f"{station}.vehicle", vehicles, 20)
    samples("S2.good_count", st.integers(0, 12), 12)
    samples("S2.reject_count", st.integers(0, 3), 4)
    kw = st.integers(-5, 500).map(float)
    for key in ("P1.value", "P2.value"):
        samples(key, kw, 20)
    samples("E1.value", st.integers(0, 99_999), 12)
    samples("FEED.value", st.integers(0, 99_999).map(lambda tenth: tenth / 100.0), 12)
    stream.event(0, Event.SESSION_BEGIN)
    begin = draw(st.integers(1, seconds - 1))
    stream.event(begin, Event.GAP_BEGIN)
    stream.event(draw(st.integers(begin, seconds)), Event.GAP_END)
    stream.event(seconds, Event.SESSION_END)
    return stream


@settings(max_examples=40, deadline=None)
@given(troubled(), st.lists(st.integers(0, 9), max_size=20))
def test_the_balance_closes_and_blocks_change_nothing(stream: Stream, sizes: list[int]) -> None:
    whole = booked([stream.block()])
    for compiled in (True, False):
        pieces = booked(cut(stream.block(), sizes), compiled)
        for name in ("segments", "visits", "unnamed", "bucket_kwh"):
            ours, theirs = getattr(whole, name), getattr(pieces, name)
            assert np.ascontiguousarray(ours).tobytes() == np.ascontiguousarray(theirs).tobytes()
    ledger = close(whole)
    for carrier in ledger.carriers:
        assert ledger.balance_error(carrier) <= 1e-9
    inside = whole.visits[whole.visits["station"] == OVEN]
    assert np.count_nonzero(inside["leave"] < 0) <= PLACES
    ended = inside[inside["leave"] >= 0]
    assert (ended["leave"] >= ended["enter"]).all()
