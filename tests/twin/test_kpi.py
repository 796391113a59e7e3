"""The KPIs on small ledgers made by hand; every expected figure is reckoned beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from data.factors import Books
from data.line import KPI_IDS, BookNames, Line, Shift
from data.line_file import parse_line
from data.samples import Event
from tests.twin.streams import LINE as TEXT
from tests.twin.streams import Stream, two_stations
from twin import kpi
from twin.accounts import allot
from twin.kpi import Basis, Scope
from twin.kpis import energy, production, times
from twin.ledger import close
from twin.mirror import Mirror

LINE = two_stations()
NO_BOOKS = Books.load(LINE.books, None)
GRID = Books.load(BookNames(location="cn_grid_national"), None)  # 0.5306 kg/kWh in March 2026
PRICED = Books.load(BookNames(location="cn_grid_national", tariff="cn_guangdong"), None)
DOCS = Path(__file__).parents[2] / "docs"
# The stream begins at 06:00 plant time: 06:00 to 06:20 without 06:05 to 06:10 are 15 minutes.
EARLY = Shift(
    name="early",
    start=time(6, 0),
    end=time(6, 20),
    days=(1, 2, 3, 4, 5, 6, 7),
    breaks=((time(6, 5), time(6, 10)),),
    plan=None,
)


def basis_of(stream: Stream, line: Line = LINE, books: Books = NO_BOOKS) -> Basis:
    mirror = Mirror(line, books)
    mirror.warm_up()
    mirror.advance(stream.block())
    ledger = close(mirror.booked())
    return Basis(ledger, allot(ledger))


def visit(stream: Stream, station: str, vehicle: str, enter: float, leave: float | None) -> None:
    stream.at(enter, f"{station}.vehicle", vehicle)
    if leave is not None:
        stream.at(leave, f"{station}.vehicle", "")


def vehicles(stream: Stream) -> None:
    """V1 and V2 good, V3 scrapped, V4 still at S1."""
    for number, enter in enumerate((10, 100, 300), 1):
        visit(stream, "S1", f"V{number}", enter, enter + 50)
        visit(stream, "S2", f"V{number}", enter + 60, enter + 90)
    visit(stream, "S1", "V4", 1700, None)
    stream.at(-1, "S2.reject_count", 7)
    stream.at(380, "S2.reject_count", 8)


def states(stream: Stream) -> None:
    """Processing: S1 0 to 450 s and 900 to 1350 s, S2 0 to 1350 s."""
    for second, state in ((-1, "processing"), (450, "failed"), (900, "processing"), (1350, "idle")):
        stream.at(second, "S1.state", state)
    stream.at(-1, "S2.state", "processing")
    stream.at(1350, "S2.state", "blocked")


def power(stream: Stream) -> None:
    """S1 36, then 18 kW, S2 18 kW; the feeder 60 kW in the first 15 minutes, 40 kW in the second.

    S1: 9 + 4.5 kWh, S2: 4.5 + 4.5 kWh, the rest 1.5 + 1 kWh; processing 4.5 + 2.25 + 6.75 kWh.
    """
    for second in range(0, 1801, 10):
        stream.at(second, "P1.value", 36.0 if second < 900 else 18.0)
        stream.at(second, "P2.value", 18.0)
    for second, kwh in ((0, 100.0), (900, 115.0), (1800, 125.0)):
        stream.at(second, "FEED.value", kwh)


def half_an_hour(*parts: object, end: float = 1800) -> Stream:
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    for part in parts:
        part(stream)  # type: ignore[operator]
    stream.event(end, Event.SESSION_END)
    return stream


@pytest.fixture(scope="module")
def whole() -> Basis:
    """Vehicles, states and power of half an hour, without a plan, under the grid's factor."""
    return basis_of(half_an_hour(vehicles, states, power), books=PRICED)


@pytest.fixture(scope="module")
def planned() -> Basis:
    """The same with 15 minutes planned."""
    return basis_of(half_an_hour(vehicles, states, power), replace(LINE, shifts=(EARLY,)))


@pytest.fixture(scope="module")
def nothing() -> Basis:
    """A session of half an hour in which nobody said anything."""
    return basis_of(half_an_hour(), books=GRID)


EXPECTED: dict[str, float | None] = {
    "vehicles_completed": 3,
    "vehicles_good": 2,
    "wip": 1,
    "jph": 6,  # 3 in half an hour
    "takt_attainment": 0.1,  # 3 x 60 s / 1800 s
    "availability": 0.625,  # S1 900 s, S2 1350 s of 1800 s
    "oee": 2 * 50 / 1800,
    "quality_ratio": 2 / 3,
    "plan_attainment": None,  # no plan
    "lead_time": 1.5,  # 90 s each
    "throughput": 6,
    "line_balance": (300 + 450) / (2 * 450),  # S1 900 s and S2 1350 s of work for 3 vehicles
    "effectiveness": 3 * 50 / 900,  # of S1, which sets the pace
    "utilisation": (900 / 1800 + 1350 / 1800) / 2,  # failed, idle and blocked are delays
    "allocation": 1,
    "technical_efficiency": (900 / 1800 + 1350 / 1800) / 2,
    "nee": 2 * 50 / 1800,  # no setup
    "first_time_through": 2 / 3,
    "base_load": 40,
    "renewable_share": 0,  # all of it is purchased, without a contract
    "self_consumption": None,  # nothing generates
    "kgce_per_vehicle": 12.5 * 0.1229,  # GB/T 2589
    "cost_per_vehicle": 12.5 * 0.293,  # from 0 to 8 o'clock the sample tariff's valley price holds
    "water_per_vehicle": None,
    "voc_per_vehicle": None,
    "energy_total": 25,
    "energy_per_vehicle": 12.5,
    "carbon_total": 25 * 0.5306,
    "carbon_per_vehicle": 12.5 * 0.5306,
    "idle_energy_share": 0.4,  # (22.5 - 13.5) / 22.5 kWh of the stations
    "value_adding_share": 0.54,  # 13.5 / 25 kWh
    "peak_demand": 60,
    "load_factor": 50 / 60,
}


def test_every_kpi_has_an_expected_value() -> None:
    assert set(EXPECTED) == set(kpi.KPIS)


@pytest.mark.parametrize("id_", kpi.KPIS)
def test_kpi_by_hand(id_: str, whole: Basis) -> None:
    expected = EXPECTED[id_]
    value = kpi.KPIS[id_].formula(whole)
    assert value is None if expected is None else value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("id_", "value"),
    [
        ("jph", 12),  # 3 in a quarter of an hour
        ("takt_attainment", 0.2),
        ("oee", 2 * 50 / 900),
        # Planned are 0 to 300 and 600 to 1200 s: S1 processed 300 + 300 s of it, S2 all.
        ("availability", (600 / 900 + 1) / 2),
    ],
)
def test_what_rests_on_planned_time_leaves_out_breaks(
    id_: str, value: float, planned: Basis
) -> None:
    assert kpi.KPIS[id_].formula(planned) == pytest.approx(value)


def test_availability_effectiveness_and_quality_make_oee() -> None:
    """ISO 22400-2, at a line of one station: APT/PBT x PRI PQ/APT x GQ/PQ = GQ PRI/PBT."""
    stations = tuple(replace(s, cycle_s=c) for s, c in zip(LINE.stations, (10, 50), strict=True))
    stream = half_an_hour(vehicles, lambda s: s.at(-1, "S2.state", "processing"))
    basis = basis_of(stream, replace(LINE, stations=stations))
    availability, quality = times.availability(basis), production.quality_ratio(basis)
    assert availability is not None
    assert quality is not None
    effectiveness = 50 * 3 / 1800  # PRI x PQ / APT
    assert times.oee(basis) == pytest.approx(availability * effectiveness * quality)


def test_cycles_by_variant_pace_by_what_was_made() -> None:
    cycles: tuple[Mapping[str, float] | float, ...] = ({"a": 40.0, "b": 90.0}, 45.0)
    stations = tuple(replace(s, cycle_s=c) for s, c in zip(LINE.stations, cycles, strict=True))
    line = replace(LINE, stations=stations)
    # The line makes "a" alone, in 40 s at S1: S2's 45 s pace it.
    assert times.oee(basis_of(half_an_hour(vehicles), line)) == pytest.approx(2 * 45 / 1800)
    other = replace(LINE.variants[0], id="b")
    line = replace(line, variants=(*LINE.variants, other))
    # Of two, nobody knows which: the mean of S1's cycles, 65 s, paces the line.
    assert times.oee(basis_of(half_an_hour(vehicles), line)) == pytest.approx(2 * 65 / 1800)


def test_two_places_halve_a_cycle() -> None:
    stations = (replace(LINE.stations[0], cycle_s=80.0, places=2), LINE.stations[1])
    basis = basis_of(half_an_hour(vehicles), replace(LINE, stations=stations))
    assert times.oee(basis) == pytest.approx(2 * 50 / 1800)


def test_gas_counts_by_its_lower_heating_value() -> None:
    """3.6 m3/h for half an hour are 1.8 m3 of 38.931 MJ and 2.162 kg each."""
    stream = half_an_hour(lambda s: [s.at(t, "G.value", 3.6) for t in range(0, 1801, 10)])
    basis = basis_of(stream, books=GRID)
    assert energy.energy_total(basis) == pytest.approx(1.8 * 38.931 / 3.6)
    assert energy.carbon_total(basis) == pytest.approx(1.8 * 2.162, rel=2e-3)
    assert energy.peak_demand(basis) is None, "gas is no electricity"
    assert energy.load_factor(basis) is None


COUNTS = {
    "vehicles_completed",
    "vehicles_good",
    "wip",
    "jph",
    "throughput",
    "takt_attainment",
    "oee",
}


@pytest.mark.parametrize("id_", kpi.KPIS)
def test_without_vehicles_and_meters_nothing_is_known_but_counts(id_: str, nothing: Basis) -> None:
    assert kpi.KPIS[id_].formula(nothing) == (0 if id_ in COUNTS else None)


def test_vehicles_without_meters_have_no_energy() -> None:
    basis = basis_of(half_an_hour(vehicles), books=GRID)
    assert energy.energy_per_vehicle(basis) is None
    assert energy.carbon_per_vehicle(basis) is None


def test_meters_without_vehicles_have_no_energy_per_vehicle() -> None:
    basis = basis_of(half_an_hour(power), books=GRID)
    assert energy.energy_total(basis) == pytest.approx(25)
    assert energy.energy_per_vehicle(basis) is None
    assert energy.carbon_per_vehicle(basis) is None
    assert production.quality_ratio(basis) is None


def test_without_a_book_there_is_no_carbon() -> None:
    basis = basis_of(half_an_hour(vehicles, power))
    assert energy.energy_per_vehicle(basis) == pytest.approx(12.5)
    assert energy.carbon_total(basis) is None
    assert energy.carbon_per_vehicle(basis) is None


def test_without_takt_and_cycles_nothing_is_attained() -> None:
    stations = tuple(replace(station, cycle_s=None) for station in LINE.stations)
    line = replace(LINE, stations=stations, plant=replace(LINE.plant, takt_s=None))
    basis = basis_of(half_an_hour(vehicles), line)
    assert production.takt_attainment(basis) is None
    assert times.oee(basis) is None


def test_where_nothing_is_planned_only_the_rate_is_known() -> None:
    sunday = replace(EARLY, days=(7,))  # the stream lies on a Monday
    basis = basis_of(half_an_hour(vehicles, states), replace(LINE, shifts=(sunday,)))
    assert production.jph(basis) == pytest.approx(6)
    assert production.takt_attainment(basis) is None
    assert times.oee(basis) is None
    assert times.availability(basis) is None


def test_a_plant_meter_alone_has_no_line() -> None:
    head, tail = TEXT.index("[[workshop]]"), TEXT.index("[[meter]]")
    meter = '[[meter]]\nid = "M"\ncarrier = "electricity"\nkind = "power"\nunit = "kW"\n'
    signal = '[[signal]]\nfor = "M"\nrole = "value"\n'
    assert tail > head
    plant = TEXT[:head] + meter + 'covers = ["plant"]\ndirection = "import"\n' + signal
    line = parse_line(plant, "meter.toml")
    stream = Stream(line)
    stream.event(0, Event.SESSION_BEGIN)
    for second in range(0, 1801, 10):
        stream.at(second, "M.value", 20.0)
    stream.event(1800, Event.SESSION_END)
    found = kpi.all_kpis(basis_of(stream, line, GRID))
    known = {id_ for id_, figure in found.items() if figure.value is not None}
    electric = {"base_load", "peak_demand", "load_factor", "renewable_share"}
    assert known == {"energy_total", "carbon_total", *electric}
    assert found["peak_demand"].value == pytest.approx(20)


def gap(stream: Stream) -> None:
    """S1 processes at 36 kW, silent from 600 to 1200 s, idle from 1500 s; S2 says nothing."""
    stream.at(-1, "S1.state", "processing")
    stream.event(600, Event.GAP_BEGIN)
    stream.event(1200, Event.GAP_END)
    stream.at(1200, "S1.state", "processing")
    stream.at(1500, "S1.state", "idle")
    for second in [*range(0, 601, 10), *range(1200, 1801, 10)]:
        stream.at(second, "P1.value", 36.0)
        stream.at(second, "E1.value", second * 10)


def test_what_a_gap_hides_is_neither_idle_nor_processing() -> None:
    basis = basis_of(half_an_hour(gap))
    # Known are 900 s of processing and 300 s of idle, at the same power.
    assert energy.idle_energy_share(basis) == pytest.approx(0.25)
    assert times.availability(basis) == pytest.approx(0.75)
    assert {figure.evidence for figure in kpi.all_kpis(basis).values() if figure.value} == {
        "estimated"
    }


def test_evidence_and_target_stand_beside_each_value() -> None:
    line = replace(LINE, targets={"jph": 54.0})
    found = kpi.all_kpis(basis_of(half_an_hour(vehicles, states, power), line))
    assert found["jph"].target == 54.0
    assert found["oee"].target is None
    assert {figure.evidence for figure in found.values() if figure.value is not None} == {
        "measured"
    }
    assert found["carbon_total"].evidence is None


def test_docs_list_exactly_the_kpis() -> None:
    rows = [
        [cell.strip() for cell in row.strip("|\n").split("|")]
        for row in (DOCS / "kpis.md").read_text(encoding="utf-8").splitlines()
        if row.startswith("| `")
    ]
    units = {row[0].strip("`"): row[3] for row in rows}
    assert units == {id_: definition.unit for id_, definition in kpi.KPIS.items()}


def test_vehicle_counts() -> None:
    counts = kpi.vehicle_counts(basis_of(half_an_hour(vehicles)))
    assert counts == {
        "completed": 3,
        "good": 2,
        "rework": 0,
        "scrap": 1,
        "by_variant": {"a": 3},
    }


def test_a_line_file_can_set_a_target_for_every_kpi() -> None:
    assert tuple(kpi.KPIS) == KPI_IDS


def test_good_vehicles_against_what_was_due_of_the_plan() -> None:
    """A shift of 06:00 to 06:20 with a break plans 6 vehicles; 10 minutes of its 15 are due 4."""
    line = replace(LINE, shifts=(replace(EARLY, plan=6),))

    def one(stream: Stream) -> None:
        visit(stream, "S1", "V1", 10, 60)
        visit(stream, "S2", "V1", 70, 100)

    part = basis_of(half_an_hour(one, end=900), line)
    assert production.plan_attainment(part) == pytest.approx(1 / 4)
    assert production.plan_attainment(basis_of(half_an_hour(one), line)) == pytest.approx(1 / 6)


def test_setup_costs_availability_but_not_net_effectiveness() -> None:
    """ISO 22400-2: NEE takes AUPT, processing and setup, where OEE takes APT."""

    def set_up(stream: Stream) -> None:
        for second, state in ((-1, "processing"), (600, "setup"), (900, "off"), (1200, "starved")):
            stream.at(second, "S1.state", state)

    stations = tuple(replace(s, cycle_s=c) for s, c in zip(LINE.stations, (50, 10), strict=True))
    basis = basis_of(half_an_hour(vehicles, set_up), replace(LINE, stations=stations))
    at_s1 = basis.within(Scope("station", "S1"))
    assert times.availability(at_s1) == pytest.approx(600 / 1800)
    assert times.allocation(at_s1) == pytest.approx(1500 / 1800)  # off is no order's time
    assert times.utilisation(at_s1) == pytest.approx(600 / 1500)
    assert times.technical_efficiency(at_s1) == pytest.approx(600 / (600 + 600))
    assert times.effectiveness(basis) == pytest.approx(50 * 3 / 600)
    assert times.oee(basis) == pytest.approx(2 * 50 / 1800)
    assert times.nee(basis) == pytest.approx(900 / 1800 * (50 * 3 / 600) * (2 / 3))


def test_a_vehicle_that_goes_back_is_good_but_not_at_the_first_time() -> None:
    def again(stream: Stream) -> None:
        for enter in (10, 200):
            visit(stream, "S1", "V1", enter, enter + 50)
            visit(stream, "S2", "V1", enter + 60, enter + 90)
        visit(stream, "S1", "V2", 400, 450)
        visit(stream, "S2", "V2", 460, 490)

    basis = basis_of(half_an_hour(again))
    assert values(basis)["quality_ratio"] == 1
    assert values(basis)["first_time_through"] == pytest.approx(1 / 2)


def values(basis: Basis) -> dict[str, float | None]:
    return {id_: figure.value for id_, figure in kpi.all_kpis(basis).items()}


MORE_METERS = """
[[meter]]
id = "PV"
carrier = "electricity"
kind = "power"
unit = "kW"
covers = ["plant"]
direction = "generate"
[[meter]]
id = "OUT"
carrier = "electricity"
kind = "power"
unit = "kW"
covers = ["plant"]
direction = "export"
[[meter]]
id = "W"
carrier = "water"
kind = "flow"
unit = "L/h"
covers = ["plant"]
[[meter]]
id = "V"
carrier = "voc"
kind = "flow"
unit = "kg/h"
covers = ["workshop:shop"]
[[signal]]
source = "plc"
for = ["PV", "OUT", "W", "V"]
role = "value"
node = "ns=2;s={meter}"
"""


def test_renewable_power_water_and_solvents_by_hand() -> None:
    line = parse_line(TEXT + MORE_METERS, "more.toml")
    stream = Stream(line)
    stream.event(0, Event.SESSION_BEGIN)
    vehicles(stream)
    power(stream)
    for second in range(0, 1801, 10):
        for key, value in (("PV", 20.0), ("OUT", 5.0), ("W", 3000.0), ("V", 1.5)):
            stream.at(second, f"{key}.value", value)
    stream.event(1800, Event.SESSION_END)
    basis = basis_of(stream, line, GRID)
    # 25 kWh from the grid, 10 of their own, 2.5 given away: 32.5 used, 7.5 of them self-made.
    assert energy.energy_total(basis) == pytest.approx(32.5)
    assert energy.renewable_share(basis) == pytest.approx(7.5 / 32.5)
    assert energy.self_consumption(basis) == pytest.approx(0.75)
    assert energy.water_per_vehicle(basis) == pytest.approx(1.5 / 2)
    assert energy.voc_per_vehicle(basis) == pytest.approx(0.75 / 2)


def test_base_load_leaves_out_quarters_that_nobody_heard() -> None:
    def half_heard(stream: Stream) -> None:
        stream.event(950, Event.GAP_BEGIN)
        stream.event(1750, Event.GAP_END)
        for second in [*range(0, 951, 10), *range(1750, 2701, 10)]:
            stream.at(second, "P1.value", 30.0 if second < 1800 else 40.0)
            stream.at(second, "FEED.value", 100 + second * 50 / 3600)

    basis = basis_of(half_an_hour(half_heard, end=2700))
    assert energy.base_load(basis) == pytest.approx(50)
    assert len(basis.demand_kw) == 3
    assert len(basis.heard_demand_kw) == 2
