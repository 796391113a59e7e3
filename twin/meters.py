"""Virtual meters: power by station, state and variant, estimated from the feeder above them.

For each metering point that feeds stations without a meter of their own, its rest (its power less
that of its sub-meters) is taken apart by what those stations did (``meter_fit``). The parts are
scaled, slot by slot, so that stations and base load sum to the rest exactly. What one shift taught
the next one begins with.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from twin import meter_design as designs
from twin import meter_fit as fits
from twin.kernels import booking, virtual
from twin.meter_design import PHASES, PROCESSING, Column
from twin.meter_knowledge import Knowledge, Known, known_prior, widened
from twin.meter_prior import waiting_part
from twin.meter_tree import feeders, is_all_stations
from twin.mirror import Booked

FEWEST_ROWS = 90  # a quarter of an hour of buckets
WIDEST_BUCKET_NS = 30_000_000_000  # beyond that no cycle is seen
RENEWED_NS = 300_000_000_000
NOT_TOLD = 0.5  # of what is assumed at first of a level's standard deviation is left
SEEN = 2.0  # standard errors above nothing
_TINY_SHARE, _TINY_KWH = 0.005, 0.01  # of the sub-meters, and in a slot: what meters round away

Floats = NDArray[np.float64]
Cells = NDArray[np.void]
Table = NDArray[np.void]


@dataclass(frozen=True, slots=True)
class StatePower:
    """A station's mean power in a state (of a variant) [kW], its standard error, and seconds seen.

    variant: "" where the state has none.
    """

    station: str
    state: str
    variant: str
    kw: float
    se_kw: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Group:
    """Stations that the feeder does not tell apart: the sum of their processing power [kW]."""

    stations: tuple[str, ...]
    kw: float
    se_kw: float


@dataclass(frozen=True, slots=True)
class Skipped:
    """A feeder that is not taken apart, and why.

    reason: "several_workshops" (too many stations that know nothing of each other), "too_coarse"
    (a counter alone, or a log too long for its cycles to be seen), "too_short" (of a log), or
    "nothing_left" (sub-meters account for it).
    """

    point: int
    stations: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Energies:
    """Processing energy of vehicles (at stations), as estimated, with standard errors [kWh].

    vehicle, station: (n,) numbers in Booked and Line; station -1: all that are estimated.
    """

    vehicle: NDArray[np.int64]
    station: NDArray[np.int64]
    kwh: Floats
    se_kwh: Floats


@dataclass(frozen=True)
class Feeder:
    """One feeder's estimate.

    point: its number; stations: numbers of those it feeds without a meter of their own. pieces:
    (n,) PIECE, what they did. seconds: (columns,) seen. residual_kw: (buckets,) measured minus
    modelled, NaN where not measured. spread: from vehicle to vehicle, relative. middle_ns: the
    time that powers hold at; drifts are from there.
    """

    booked: Booked
    point: int
    stations: tuple[int, ...]
    pieces: Table
    columns: tuple[Column, ...]
    seconds: Floats
    fit: fits.Fit
    residual_kw: Floats
    spread: float
    middle_ns: int

    @property
    def id(self) -> str:
        """The metering point's id."""
        return self.booked.line.points[self.point].id

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of its stations."""
        return tuple(self.booked.line.stations[s].id for s in self.stations)

    @property
    def base_kw(self) -> Floats:
        """The base load at its knots, a slot apart, from the slot that booking began in [kW]."""
        return self.fit.base_kw

    @cached_property
    def powers(self) -> tuple[StatePower, ...]:
        """Each station's power by state and variant."""
        keys = dict.fromkeys((c.station, c.state, c.variant) for c in self.columns)
        return tuple(self._power(*key) for key in keys)

    def _power(self, station: str, state: str, variant: str) -> StatePower:
        chosen = [
            (c.station, c.state, c.variant) == (station, state, variant) for c in self.columns
        ]
        kw, se_kw = self._mean(np.array(chosen))
        return StatePower(
            station, state, variant, kw, se_kw, math.fsum(self.seconds[np.array(chosen)])
        )

    def _mean(self, chosen: NDArray[np.bool_]) -> tuple[float, float]:
        """Mean power over some columns by the seconds seen in each, and its standard error."""
        weights = np.where(chosen, np.maximum(self.seconds, 1e-9), 0.0)
        weights /= math.fsum(weights)
        p = len(self.columns)
        return math.fsum(weights * self.fit.kw), _sd(weights, self.fit.covariance[:p, :p])

    @cached_property
    def processing(self) -> dict[str, tuple[float, float, float]]:
        """By station that was seen processing: mean power, its standard error [kW], and doubt.

        doubt: its relative standard error against what was assumed of levels at first.
        """
        found = {}
        for name in self.names:
            if self._works(name).any():
                kw, se_kw = self._sum([name])
                doubt = se_kw / fits.SE_FACTOR / kw / fits.LEVEL_SD if kw > 0 else math.inf
                found[name] = (kw, se_kw, doubt)
        return found

    def _works(self, name: str) -> NDArray[np.bool_]:
        return np.array([c.station == name and c.state == "processing" for c in self.columns])

    @cached_property
    def seen(self) -> frozenset[str]:
        """Stations whose processing is told from nothing; the others' energy stays in the base."""
        return frozenset(
            name for name, (kw, se_kw, _) in self.processing.items() if kw > SEEN * se_kw
        )

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Stations that it does not tell apart, joined where their estimates trade off."""
        doubtful = [name for name, (_, _, doubt) in self.processing.items() if doubt > NOT_TOLD]
        joined: list[list[str]] = []
        for name in doubtful:
            near = [g for g in joined if any(self._correlation(name, o) < -0.5 for o in g)]
            joined = [g for g in joined if g not in near] + [[*chain.from_iterable(near), name]]
        return tuple(Group(tuple(names), *self._sum(names)) for names in joined)

    def _correlation(self, one: str, two: str) -> float:
        (_, a), (_, b), (_, both) = self._sum([one]), self._sum([two]), self._sum([one, two])
        return (both**2 - a**2 - b**2) / (2.0 * a * b) if a and b else 0.0

    def _sum(self, names: list[str]) -> tuple[float, float]:
        """The sum of some stations' processing powers and its standard error [kW]."""
        weights = np.zeros(len(self.columns))
        for name in names:
            share = np.where(self._works(name), np.maximum(self.seconds, 1e-9), 0.0)
            weights += share / math.fsum(share)
        p = len(self.columns)
        return math.fsum(weights * self.fit.kw), _sd(weights, self.fit.covariance[:p, :p])

    @cached_property
    def piece_kwh(self) -> Floats:
        """Modelled energy of each piece [kWh], (n,); in an unknown state by the station's mean."""
        seconds = designs.phase_seconds(self.pieces)
        known = self.pieces["column"] >= 0
        columns = np.minimum(
            self.pieces["column"][:, None] + np.arange(PHASES), len(self.columns) - 1
        )
        kws = (seconds * np.where(known[:, None], self.fit.kw[columns], 0.0)).sum(axis=1)
        unknown = np.array([self._mean_kw(s) for s in self.pieces["station"][~known].tolist()])
        kws[~known] = seconds[~known].sum(axis=1) * unknown
        return np.asarray(kws * (1.0 + self._drift * self._time) / 3600.0)

    def _mean_kw(self, station: int) -> float:
        name = self.booked.line.stations[station].id
        own = np.array([c.station == name for c in self.columns])
        seconds = math.fsum(self.seconds[own])
        return math.fsum((self.seconds * self.fit.kw)[own]) / seconds if seconds else 0.0

    @cached_property
    def _drift(self) -> Floats:
        """Each piece's station's drift, (n,)."""
        by_station = np.zeros(len(self.booked.line.stations))
        names = list(dict.fromkeys(c.station for c in self.columns))
        for name, drift in zip(names, self.fit.drift.tolist(), strict=True):
            by_station[self.booked.line.station_index[name]] = drift
        return by_station[self.pieces["station"]]

    @cached_property
    def _time(self) -> Floats:
        """The middle of each piece from the middle of the estimate, in DRIFT_SPAN_S, (n,)."""
        middle = self.pieces["t0"] + (self.pieces["t1"] - self.pieces["t0"]) // 2 - self.middle_ns
        return np.asarray(middle / 1e9 / fits.DRIFT_SPAN_S)

    def energies(self, *, by_station: bool) -> Energies:
        """Processing energy of each vehicle, at each station or at all of this feeder's."""
        works = (self.pieces["state"] == PROCESSING) & (self.pieces["visit"] >= 0)
        works &= self.pieces["column"] >= 0
        chosen = self.pieces[works]
        vehicle = self.booked.visits["vehicle"][chosen["visit"]].astype(np.int64)
        station = chosen["station"].astype(np.int64) if by_station else np.full(len(chosen), -1)
        keys, row = np.unique(np.stack([vehicle, station], axis=1), axis=0, return_inverse=True)
        row = row.ravel()
        many, p = len(keys), len(self.columns)
        weights = np.zeros((many, p))
        seconds = designs.phase_seconds(chosen)
        for phase in range(PHASES):
            here = chosen["phases"] > phase
            at = (row[here], chosen["column"][here] + phase)
            np.add.at(weights, at, seconds[here, phase] / 3600.0)
        kwh = np.bincount(row, self.piece_kwh[works], many)
        variance = (virtual.product(weights, self.fit.covariance[:p, :p]) * weights).sum(axis=1)
        alone = np.bincount(row, self._squares(works, row, station, many), many)
        variance += self.spread**2 * alone
        return Energies(keys[:, 0], keys[:, 1], kwh, np.sqrt(variance))

    def _squares(
        self, works: NDArray[np.bool_], row: NDArray[np.int64], station: NDArray[np.int64], n: int
    ) -> Floats:
        """For each piece its part of the sum over stations of the vehicle's energy squared."""
        kwh = self.piece_kwh[works]
        at = self.pieces["station"][works].astype(np.int64) * n + row
        return np.asarray(kwh * np.bincount(at, kwh)[at])


def _sd(weights: Floats, covariance: Floats) -> float:
    used = np.flatnonzero(weights)
    inner = covariance[np.ix_(used, used)] * np.outer(weights[used], weights[used])
    return math.sqrt(max(0.0, math.fsum(inner.ravel())))


@dataclass(frozen=True)
class Estimates:
    """What the virtual meters say of everything booked."""

    feeders: tuple[Feeder, ...]
    skipped: tuple[Skipped, ...]

    def split(self, p: int, rest: Cells, own: Cells) -> Cells:
        """A point's rest with its stations' cells taken out; both sum to the same in each slot.

        rest: the point's CELLs beyond its sub-meters; own: before they were taken off. Slots in
        which nothing is left beyond what meters round away stay as they are.
        """
        feeder = next((each for each in self.feeders if each.point == p), None)
        if feeder is None or not len(rest):
            return rest
        return _split(feeder, rest, own)

    def visits(self) -> Energies:
        """Processing energy of each vehicle at each estimated station."""
        return _joined([feeder.energies(by_station=True) for feeder in self.feeders])

    def vehicles(self) -> Energies:
        """Processing energy of each vehicle at all estimated stations together."""
        each = _joined([feeder.energies(by_station=False) for feeder in self.feeders])
        vehicle, row = np.unique(each.vehicle, return_inverse=True)
        kwh = np.bincount(row, each.kwh, len(vehicle))
        variance = np.bincount(row, np.square(each.se_kwh), len(vehicle))
        return Energies(vehicle, np.full(len(vehicle), -1), kwh, np.sqrt(variance))

    def energy_se(self, vehicle: int, station: int | None = None) -> float | None:
        """Standard error of a vehicle's processing energy [kWh]; None where none is estimated."""
        table = self._vehicles if station is None else self._visits
        found = table.vehicle == vehicle
        if station is not None:
            found &= table.station == station
        return float(table.se_kwh[found][0]) if found.any() else None

    @cached_property
    def _visits(self) -> Energies:
        return self.visits()

    @cached_property
    def _vehicles(self) -> Energies:
        return self.vehicles()

    def knowledge(self) -> Knowledge:
        """What the next shift begins with: powers and their covariance, a little wider."""
        return Knowledge(
            {
                feeder.id: widened(Known(feeder.columns, feeder.fit.kw, feeder.fit.covariance))
                for feeder in self.feeders
            }
        )

    def of(self, booked: Booked) -> Estimates:
        """The same powers for what was booked since; residuals and errors stay as they were."""
        return replace(self, feeders=tuple(_renewed(feeder, booked) for feeder in self.feeders))


NOTHING = Estimates((), ())


class Estimator:
    """Estimates for a screen that asks several times a second.

    Powers are estimated anew every RENEWED_NS of plant time, and after a step back; between, they
    are applied to what was booked since.
    """

    def __init__(self, known: Knowledge | None = None) -> None:
        self._known = known
        self._newest: Estimates | None = None
        self._at_ns = 0

    def at(self, booked: Booked) -> Estimates:
        """The estimates for everything booked."""
        if self._newest is not None and 0 <= booked.to_ns - self._at_ns < RENEWED_NS:
            return self._newest.of(booked)
        self._newest, self._at_ns = estimate(booked, self._known), booked.to_ns
        return self._newest


def _joined(parts: list[Energies]) -> Energies:
    if not parts:
        empty = np.zeros(0, np.int64)
        return Energies(empty, empty, np.zeros(0), np.zeros(0))
    return Energies(
        np.concatenate([each.vehicle for each in parts]),
        np.concatenate([each.station for each in parts]),
        np.concatenate([each.kwh for each in parts]),
        np.concatenate([each.se_kwh for each in parts]),
    )


def estimate(booked: Booked, known: Knowledge | None = None) -> Estimates:
    """Takes every feeder apart; ``known`` is what the shift before has taught."""
    found: list[Feeder] = []
    skipped: list[Skipped] = []
    if booked.begun:
        for p, stations in feeders(booked).items():
            each = _estimate(booked, p, stations, known)
            if isinstance(each, Feeder):
                found.append(each)
            else:
                names = tuple(booked.line.stations[s].id for s in stations)
                skipped.append(Skipped(p, names, each))
    return Estimates(tuple(found), tuple(skipped))


def _estimate(booked: Booked, p: int, stations: list[int], known: Knowledge | None) -> Feeder | str:
    """One feeder's estimate, or why there is none."""
    if len({booked.line.stations[s].workshop for s in stations}) > 1:
        return "several_workshops"
    if booked.bucket_ns > WIDEST_BUCKET_NS or booked.points[p]["kind"] >= booking.COUNTER:
        return "too_coarse"
    series = designs.rest_series(booked, p)
    found = designs.pieces(booked, stations)
    before = known.feeders.get(booked.line.points[p].id) if known is not None else None
    columns = sorted({*designs.columns_of(booked, found), *(before.columns if before else ())})
    columns = [c for c in columns if booked.line.station_index.get(c.station, -1) in stations]
    designs.set_columns(booked, found, columns)
    rows = np.flatnonzero(series.good & ~designs.unknown_rows(found, booked))
    if len(rows) < FEWEST_ROWS:
        return "too_short"
    own_kw = booked.bucket_kwh[p][rows] / (booked.bucket_ns / booking.NS_PER_HOUR)
    if _is_tiny(math.fsum(series.kw[rows]), math.fsum(own_kw)):
        return "nothing_left"
    data, seconds = _data(booked, p, series, found, len(columns), rows, float(own_kw.mean()))
    waiting = waiting_part(booked, booked.line.points[p].carrier)
    prior = (
        known_prior(before, columns, waiting)
        if before is not None
        else fits.first_prior(data, columns, waiting)
    )
    if prior is None:
        return "nothing_left"
    fit = fits.fit(data, columns, prior)
    residual_kw = np.full(len(series.kw), np.nan)
    residual_kw[rows] = fit.residual_kw
    feeder = Feeder(
        booked=booked,
        point=p,
        stations=tuple(stations),
        pieces=found,
        columns=tuple(columns),
        seconds=seconds,
        fit=fit,
        residual_kw=residual_kw,
        spread=0.0,
        middle_ns=_middle_ns(booked),
    )
    return replace(feeder, spread=_spread(feeder, data.width_s))


def _middle_ns(booked: Booked) -> int:
    return booked.buckets_from_ns + booked.bucket_kwh.shape[1] * booked.bucket_ns // 2


def _data(
    booked: Booked,
    p: int,
    series: designs.Series,
    found: Table,
    columns: int,
    rows: NDArray[np.int64],
    own_kw: float,
) -> tuple[fits.Data, Floats]:
    """The rows that count, and the seconds of each column in them."""
    x = designs.design(found, columns, booked, series.delay_ns)[rows]
    follows = np.zeros(len(rows), bool)
    follows[1:] = np.diff(rows) == 1
    width_s = booked.bucket_ns / 1e9
    begin_ns = booked.buckets_from_ns + rows * booked.bucket_ns
    time = (begin_ns + booked.bucket_ns // 2 - _middle_ns(booked)) / 1e9 / fits.DRIFT_SPAN_S
    data = fits.Data(
        y_kw=series.kw[rows],
        x=x,
        base=designs.hats(booked)[rows],
        follows=follows,
        time=time,
        width_s=width_s,
        own_kw=own_kw,
        alone=is_all_stations(booked, p),
    )
    return data, x.sum(axis=0) * width_s


def _spread(feeder: Feeder, width_s: float) -> float:
    """How far a vehicle's energy at a station strays from its variant's, relative.

    From the residual over windows of a cycle: its variance there is that of as many vehicles as
    there are stations. What wanders more slowly than 15 windows is no vehicle's.
    """
    works = (feeder.pieces["state"] == PROCESSING) & (feeder.pieces["visit"] >= 0)
    visits = np.unique(feeder.pieces["visit"][works])
    spans = feeder.pieces["t1"][works] - feeder.pieces["t0"][works]
    if len(visits) < 15:
        return 0.0
    cycle_s = float(spans.sum()) / 1e9 / len(visits)
    buckets = max(1, round(cycle_s / width_s))
    residual = feeder.residual_kw[np.isfinite(feeder.residual_kw)]
    count = len(residual) // buckets
    means = residual[: count * buckets].reshape(count, buckets).mean(axis=1)
    if count < 30:
        return 0.0
    sums = np.cumsum(np.concatenate([[0.0], means]))
    slow = (sums[15:] - sums[:-15]) / 15
    kwh = (means[7:-7] - slow) * (buckets * width_s / 3600.0)
    station = feeder.pieces["station"][works]
    mean_kwh = [
        math.fsum(feeder.piece_kwh[works][station == s])
        / len(np.unique(feeder.pieces["visit"][works][station == s]))
        for s in np.unique(station).tolist()
    ]
    variance = math.fsum(np.square(kwh)) / len(kwh) * 15 / 14
    total = math.fsum(each**2 for each in mean_kwh)
    return math.sqrt(variance / total) if total > 0 else 0.0


def _renewed(feeder: Feeder, booked: Booked) -> Feeder:
    found = designs.pieces(booked, list(feeder.stations))
    designs.set_columns(booked, found, list(feeder.columns))
    return replace(feeder, booked=booked, pieces=found)


def _is_tiny(rest: float, own: float) -> bool:
    """Is what is left no more than meters round away of the sub-meters?"""
    return rest <= _TINY_SHARE * abs(own - rest)


def _split(feeder: Feeder, rest: Cells, own: Cells) -> Cells:
    """See Estimates.split."""
    slots = np.unique(rest["slot_ns"])
    left = _by_slot(rest["slot_ns"], rest["kwh"], slots)
    whole = _by_slot(own["slot_ns"], own["kwh"], slots)
    enough = left > _TINY_KWH + _TINY_SHARE * np.abs(whole - left)
    seen = [feeder.booked.line.station_index[name] for name in sorted(feeder.seen)]
    pieces, kwh = feeder.pieces, feeder.piece_kwh
    at = np.searchsorted(slots, pieces["t0"] // booking.SLOT_NS * booking.SLOT_NS)
    inside = at < len(slots)
    inside[inside] = slots[at[inside]] == pieces["t0"][inside] // booking.SLOT_NS * booking.SLOT_NS
    modelled = np.bincount(at[inside], kwh[inside], len(slots)) + _base_kwh(feeder, slots)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(enough & (modelled > 0), left / modelled, 0.0)
    booked_here = inside & (pieces["column"] >= 0) & np.isin(pieces["station"], seen)
    chosen, slot = pieces[booked_here], at[booked_here]
    cells = np.zeros(len(chosen), rest.dtype)
    cells["place"], cells["state"] = chosen["station"], chosen["state"]
    visited = chosen["visit"] >= 0
    cells["vehicle"] = -1
    cells["vehicle"][visited] = feeder.booked.visits["vehicle"][chosen["visit"][visited]]
    cells["carrier"], cells["point"] = rest["carrier"][0], rest["point"][0]
    cells["slot_ns"], cells["evidence"] = slots[slot], booking.ESTIMATED
    cells["kwh"] = kwh[booked_here] * scale[slot]
    cells = cells[cells["kwh"] != 0.0]
    taken = cells.copy()
    for name in ("place", "state", "vehicle"):
        taken[name] = rest[name][0]
    taken["kwh"] *= -1.0
    base = rest.copy()  # what is left of an estimate is one
    base["evidence"][np.isin(rest["slot_ns"], slots[scale > 0])] = booking.ESTIMATED
    return np.concatenate([base, cells, taken])


def _by_slot(slot_ns: NDArray[np.int64], kwh: Floats, slots: NDArray[np.int64]) -> Floats:
    at = np.searchsorted(slots, slot_ns)
    inside = (at < len(slots)) & (slots[np.minimum(at, len(slots) - 1)] == slot_ns)
    return np.bincount(at[inside], kwh[inside], len(slots))


def _base_kwh(feeder: Feeder, slots: NDArray[np.int64]) -> Floats:
    """The modelled base load in each slot, as far as it was booked [kWh], (slots,)."""
    booked = feeder.booked
    first = booked.buckets_from_ns // booking.SLOT_NS * booking.SLOT_NS
    knots = first + np.arange(len(feeder.base_kw)) * booking.SLOT_NS
    begin = np.maximum(slots, booked.from_ns)
    end = np.minimum(slots + booking.SLOT_NS, booked.to_ns)
    kw = np.interp(begin + (end - begin) // 2, knots, feeder.base_kw)
    return np.asarray(kw * np.maximum(end - begin, 0) / booking.NS_PER_HOUR)
