"""How well energy is booked, against the truth ledger of a simulated plant (docs/accuracy.md).

Compared is the electricity of visits in state ``processing``: what a station drew while it worked
on a vehicle. A visit that began before the run or goes on at its end is left out, and a part
counts as a vehicle of its own until it is joined. Errors are relative to the truth.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from data.units import to_base
from twin import report
from twin.accounts import allot
from twin.decode import CARRIER_INDEX
from twin.ledger import PROCESSING, Ledger
from twin.meter_feeder import Feeder

Record = Mapping[str, Any]
Visited = tuple[str, str]  # vehicle, station
Floats = NDArray[np.float64]
TRUTH_KINDS = ("run", "visit", "station", "meter")  # the records that are compared with
_CARRIER = "electricity"
SEEN_S = 60.0  # a power is compared where its state was seen for so long
HALF_WIDTH = 1.645  # of a 90 % interval, in standard errors
_SAME = 1e-6  # relative: a meter that counted what a station drew sees that station alone


@dataclass(frozen=True, slots=True)
class Truth:
    """What a truth ledger says of electricity [kWh].

    processing_kwh: of each vehicle at each station; broken: those of which a visit lies partly
    outside the run; ended: visits that ended in it. state_kwh and state_s [s] by (station, state).
    metered_kwh: by meter, what an ideal one would have counted.
    """

    processing_kwh: Mapping[Visited, float]
    broken: frozenset[Visited]
    ended: Mapping[Visited, int]
    variants: Mapping[str, str]
    state_kwh: Mapping[tuple[str, str], float]
    state_s: Mapping[tuple[str, str], float]
    metered_kwh: Mapping[str, float]

    def station_kwh(self, station: str) -> float:
        """All that a station drew [kWh]."""
        return math.fsum(kwh for (name, _), kwh in self.state_kwh.items() if name == station)

    def mean_kw(self, station: str, state: str) -> float:
        """Mean power of a station in a state [kW]; 0 where it never was in it."""
        seconds = self.state_s.get((station, state), 0.0)
        return 3600 * self.state_kwh[station, state] / seconds if seconds else 0.0


def read_truth(records: Iterable[Record]) -> Truth:
    """The records of the kinds TRUTH_KINDS (docs/simulator.md), the run's first."""
    kwh: dict[Visited, float] = defaultdict(float)
    broken: set[Visited] = set()
    ended: Counter[Visited] = Counter()
    variants: dict[str, str] = {}
    state_kwh, state_s, metered = {}, {}, {}
    start_ns = 0
    for record in records:
        match record["kind"]:
            case "run":
                start_ns = record["start_ns"]
            case "visit":
                visited = (record["vehicle"], record["station"])
                variants[record["vehicle"]] = record["variant"]
                kwh[visited] += record["kwh"].get(_CARRIER, {}).get("processing", 0.0)
                ended[visited] += record["leave_ns"] is not None
                if record["enter_ns"] < start_ns or record["leave_ns"] is None:
                    broken.add(visited)
            case "station":
                key = (record["station"], record["state"])
                state_kwh[key] = record["kwh"].get(_CARRIER, 0.0)
                state_s[key] = record["seconds"]
            case "meter" if record["carrier"] == _CARRIER:
                metered[record["meter"]] = record["amount"] * to_base(record["unit"]).multiplier
    return Truth(dict(kwh), frozenset(broken), ended, variants, state_kwh, state_s, metered)


def booked_kwh(ledger: Ledger) -> dict[Visited, float]:
    """Processing electricity of each vehicle at each station, as the ledger has it [kWh]."""
    cells, line = ledger.cells, ledger.line
    ours = cells["carrier"] == CARRIER_INDEX[_CARRIER]
    ours &= (cells["state"] == PROCESSING) & (cells["vehicle"] >= 0)
    ours &= cells["place"] < len(line.stations)
    found: dict[Visited, float] = defaultdict(float)
    for cell in cells[ours]:
        vehicle = ledger.booked.vehicles[cell["vehicle"]]
        found[vehicle, line.stations[cell["place"]].id] += float(cell["kwh"])
    return dict(found)


# --- errors --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Errors:
    """Relative errors, above 0 where too much was booked.

    vehicle: (v,) of each vehicle that went all the way through; at_station: (w,) of each vehicle
    at each station.
    """

    vehicle: Floats
    at_station: Floats


def errors(
    line: Line,
    truth: Truth,
    found_kwh: Mapping[Visited, float],
    scope: Collection[str],
    stations: Collection[str],
) -> Errors:
    """``found_kwh`` against the truth at ``stations``, for who passed the whole ``scope``.

    A scope is the stations of a workshop or of the line; those that are compared lie in it.
    """
    kwh = truth.processing_kwh
    ours = [visited for visited in kwh if visited[1] in stations]
    through = set(passed_through(line, truth, scope))
    true_sum: dict[str, float] = defaultdict(float)
    found_sum: dict[str, float] = defaultdict(float)
    for visited in ours:
        if visited[0] in through:
            true_sum[visited[0]] += kwh[visited]
    for visited, found in found_kwh.items():
        if visited[1] in stations and visited[0] in through:
            found_sum[visited[0]] += found
    whole = [visited for visited in ours if visited not in truth.broken]
    return Errors(
        vehicle=_relative((found_sum[name], true) for name, true in true_sum.items()),
        at_station=_relative((found_kwh.get(visited, 0.0), kwh[visited]) for visited in whole),
    )


def _relative(pairs: Iterable[tuple[float, float]]) -> Floats:
    return np.array([found / true - 1 for found, true in pairs if true > 0], np.float64)


def passed_through(line: Line, truth: Truth, scope: Collection[str]) -> list[str]:
    """Who came into a scope at its head and left it at its end, all within the run."""
    ways = [e for e in line.edges if e.kind == "flow"]
    inner = [e for e in ways if e.from_station in scope and e.to_station in scope]
    heads = set(scope) - {e.to_station for e in inner}
    ends = set(scope) - {e.from_station for e in inner}
    seen: dict[str, set[str]] = defaultdict(set)
    broken: set[str] = set()
    for vehicle, station in truth.processing_kwh:
        if station in scope:
            seen[vehicle].add(station)
            if (vehicle, station) in truth.broken:
                broken.add(vehicle)
    return [
        vehicle
        for vehicle, stations in seen.items()
        if vehicle not in broken and stations & heads and stations & ends
    ]


def metered_alone(line: Line, truth: Truth) -> tuple[str, ...]:
    """Stations whose own meters see them alone, and all that they draw."""
    return tuple(s.id for s in line.stations if _is_metered_alone(line, truth, s.id))


def _is_metered_alone(line: Line, truth: Truth, station: str) -> bool:
    counted = [
        (-1 if point.direction == "export" else 1) * truth.metered_kwh[point.id]
        for point in line.points
        if point.carrier == _CARRIER and point.covers == (station,)
    ]
    drawn = truth.station_kwh(station)
    return bool(counted) and abs(math.fsum(counted) - drawn) <= _SAME * abs(drawn)


# --- the naive splits ----------------------------------------------------------------------

NAIVE = ("count", "count_base_removed", "nominal_time")


def naive_splits(
    line: Line, truth: Truth, feeder_kwh: float, stations: Collection[str]
) -> dict[str, dict[Visited, float]]:
    """What a feeder's energy [kWh] comes to at each visit by the ways that plants know.

    ``count``: all of it, alike on every visit that ended; ``count_base_removed``: the same, less
    what no station drew (taken from the truth: as well as it can be known); ``nominal_time``: that
    by the line file's cycle times.
    """
    ended = {visited: n for visited, n in truth.ended.items() if visited[1] in stations and n}
    worked_kwh = math.fsum(truth.station_kwh(station) for station in stations)
    visits = sum(ended.values())
    nominal_s = {visited: n * _nominal_s(line, truth, visited) for visited, n in ended.items()}
    all_s = math.fsum(nominal_s.values())
    return {
        "count": {visited: feeder_kwh * n / visits for visited, n in ended.items()},
        "count_base_removed": {visited: worked_kwh * n / visits for visited, n in ended.items()},
        "nominal_time": {visited: worked_kwh * s / all_s for visited, s in nominal_s.items()},
    }


def _nominal_s(line: Line, truth: Truth, visited: Visited) -> float:
    """The line file's cycle time of a vehicle at a station [s]; the mean for a part."""
    vehicle, station = visited
    cycle_s = line.stations[line.station_index[station]].cycle_s
    if isinstance(cycle_s, Mapping):
        mean_s = math.fsum(cycle_s.values()) / len(cycle_s)
        return cycle_s.get(truth.variants[vehicle], mean_s)
    return cycle_s or 0.0


def feeder_kwh(ledger: Ledger, workshop: str) -> float:
    """All electricity of a workshop that no meter of a use of its own counted [kWh]."""
    cells = ledger.cells
    return math.fsum(cells["kwh"][np.isin(cells["point"], _feeders(ledger.line, workshop))])


def _feeders(line: Line, workshop: str) -> list[int]:
    """The electricity points of a whole workshop that lie below no other one of it."""
    return [
        p
        for p, point in enumerate(line.points)
        if point.carrier == _CARRIER and point.covers == (f"workshop:{workshop}",)
        if not _is_below(line, p)
    ]


def _is_below(line: Line, p: int) -> bool:
    """Does a point lie under another one of the same workshop?"""
    parent = line.points[p].parent
    return parent is not None and line.points[line.point_index[parent]].covers == (
        line.points[p].covers
    )


# --- power by state, and intervals ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StateError:
    """The estimated mean power of a station in a state, against the truth.

    error: absolute, of the station's rated power (its mean while processing); inside: does the
    90 % interval hold the truth?
    """

    station: str
    state: str
    error: float
    inside: bool


def state_errors(
    feeder: Feeder | None, line: Line, truth: Truth, stations: Collection[str]
) -> tuple[StateError, ...]:
    """Every state that a station of one place was in for SEEN_S or more, where it draws at all.

    Where the feeder was not taken apart nothing was found, and no interval holds it.
    """
    found = {} if feeder is None else _estimated_kw(feeder)
    ours = {s.id for s in line.stations if s.places == 1 and s.id in stations}
    errors = []
    for (station, state), seconds in truth.state_s.items():
        rated_kw = truth.mean_kw(station, "processing")
        if station not in ours or seconds < SEEN_S or not rated_kw:
            continue
        kw, se_kw = found.get((station, state), (0.0, 0.0))
        off_kw = abs(kw - truth.mean_kw(station, state))
        errors.append(StateError(station, state, off_kw / rated_kw, off_kw <= HALF_WIDTH * se_kw))
    return tuple(errors)


def _estimated_kw(feeder: Feeder) -> dict[tuple[str, str], tuple[float, float]]:
    """Power by station and state, and its standard error [kW]; processing over all variants."""
    others = {(p.station, p.state): (p.kw, p.se_kw) for p in feeder.powers}
    working = {(name, "processing"): (p[0], p[1]) for name, p in feeder.processing.items()}
    return others | working


def vehicles_inside(
    feeder: Feeder | None, truth: Truth, found_kwh: Mapping[Visited, float], scope: Collection[str]
) -> NDArray[np.bool_]:
    """Does the 90 % interval of each vehicle that passed a scope hold its true energy? (v,)"""
    if feeder is None:
        return np.zeros(0, bool)
    line, names = feeder.booked.line, feeder.booked.vehicles
    table = feeder.energies(by_station=False)
    spreads = zip(table.vehicle.tolist(), table.se_kwh.tolist(), strict=True)
    se_kwh = {names[vehicle]: se for vehicle, se in spreads}
    off_kwh: dict[str, float] = dict.fromkeys(passed_through(line, truth, scope), 0.0)
    for kwh, way in ((found_kwh, 1.0), (truth.processing_kwh, -1.0)):
        for (vehicle, station), amount in kwh.items():
            if vehicle in off_kwh and station in scope:
                off_kwh[vehicle] += way * amount
    inside = [abs(off) <= HALF_WIDTH * se_kwh.get(name, 0.0) for name, off in off_kwh.items()]
    return np.array(inside, bool)


# --- what a run comes to -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StationRun:
    """A run with its station meters; ``errors`` by what was done to the meters.

    one_place: the same at stations of one place alone; empty where the line has no others.
    balance_error: the largest of all carriers; unexplained: of all energy, both relative.
    """

    line: str
    errors: Mapping[str, Errors]
    one_place: Mapping[str, Errors]
    balance_error: float
    unexplained: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FeederShift:
    """A workshop's shift with its feeder alone: the ``number``-th of a chain, from 1 on."""

    line: str
    workshop: str
    number: int
    errors: Errors
    naive: Mapping[str, Errors]
    powers: tuple[StateError, ...]
    vehicles_inside: NDArray[np.bool_]
    balance_error: float


def station_errors(ledger: Ledger, truth: Truth, stations: Collection[str]) -> Errors:
    """Of the vehicles on the whole line, at stations that have a meter to themselves."""
    everywhere = [station.id for station in ledger.line.stations]
    return errors(ledger.line, truth, booked_kwh(ledger), everywhere, stations)


def station_run(ledgers: Mapping[str, Ledger], truth: Truth) -> StationRun:
    """What a run came to by its station meters; ``ledgers`` by what was done to them."""
    whole = next(iter(ledgers.values()))
    energy = report.build(whole, allot(whole), "")["energy_kwh"]
    metered = metered_alone(whole.line, truth)
    single = {station.id for station in whole.line.stations if station.places == 1}
    alone = [name for name in metered if name in single]
    several = len(alone) < len(metered)
    return StationRun(
        line=whole.line.plant.id,
        errors={way: station_errors(each, truth, metered) for way, each in ledgers.items()},
        one_place={way: station_errors(each, truth, alone) for way, each in ledgers.items()}
        if several
        else {},
        balance_error=max(map(balance_error, ledgers.values())),
        unexplained=abs(energy["unexplained"]) / energy["total"],
    )


def feeder_shifts(ledger: Ledger, truth: Truth, number: int) -> list[FeederShift]:
    """What a shift came to in each workshop that has a feeder."""
    shops = [workshop.id for workshop in ledger.line.workshops]
    return [
        _feeder_shift(ledger, truth, shop, number) for shop in shops if _feeders(ledger.line, shop)
    ]


def _feeder_shift(ledger: Ledger, truth: Truth, workshop: str, number: int) -> FeederShift:
    line, found_kwh = ledger.line, booked_kwh(ledger)
    stations = [station.id for station in line.stations if station.workshop == workshop]
    splits = naive_splits(line, truth, feeder_kwh(ledger, workshop), stations)
    feeder = _taken_apart(ledger, workshop)
    return FeederShift(
        line=line.plant.id,
        workshop=workshop,
        number=number,
        errors=errors(line, truth, found_kwh, stations, stations),
        naive={name: errors(line, truth, kwh, stations, stations) for name, kwh in splits.items()},
        powers=state_errors(feeder, line, truth, stations),
        vehicles_inside=vehicles_inside(feeder, truth, found_kwh, stations),
        balance_error=balance_error(ledger),
    )


def _taken_apart(ledger: Ledger, workshop: str) -> Feeder | None:
    """The estimate of a workshop's feeder; None where it could not be taken apart."""
    points = _feeders(ledger.line, workshop)
    return next((each for each in ledger.estimates.feeders if each.point in points), None)


def balance_error(ledger: Ledger) -> float:
    """The largest of the carriers' balance errors."""
    return max(ledger.balance_error(carrier) for carrier in ledger.carriers)
