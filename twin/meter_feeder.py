"""One feeder's estimate: stations' powers, what is not told apart, energies and their errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from data.line import STATES
from twin import meter_design as designs
from twin import meter_fit as fits
from twin.kernels import virtual
from twin.meter_design import PHASES, PROCESSING, Column
from twin.mirror import Booked

NOT_TOLD = 0.5  # of what is assumed at first of a level's standard deviation is left
SEEN = 2.0  # standard errors above nothing

Floats = NDArray[np.float64]
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

    @cached_property
    def kw(self) -> Floats:
        """Power of each column as it is booked [kW], (columns,): nothing draws less than nothing.

        But a station that feeds back what it tested may, while it processes.
        """
        works = np.array([column.state == "processing" for column in self.columns])
        return np.where(works, self.fit.kw, np.maximum(self.fit.kw, 0.0))

    def _power(self, station: str, state: str, variant: str) -> StatePower:
        chosen = [
            (c.station, c.state, c.variant) == (station, state, variant) for c in self.columns
        ]
        kw, se_kw = self._mean(np.array(chosen))
        if (station, state, variant) in self._drawn:
            kwh, seconds = self._drawn[station, state, variant]
            kw = 3600.0 * kwh / seconds
        return StatePower(
            station, state, variant, kw, se_kw, math.fsum(self.seconds[np.array(chosen)])
        )

    @cached_property
    def _drawn(self) -> dict[tuple[str, str, str], tuple[float, float]]:
        """Energy [kWh] and time [s] by station, state and variant, where that was at all."""
        keys, row = np.unique(self.pieces[["station", "state", "variant"]], return_inverse=True)
        kwh = sums(row.ravel(), self.piece_kwh, len(keys))
        seconds = sums(row.ravel(), (self.pieces["t1"] - self.pieces["t0"]) / 1e9, len(keys))
        stations, variants = self.booked.line.stations, self.booked.variants
        return {
            (stations[s].id, STATES[state], variants[v] if v >= 0 else ""): (each, long)
            for (s, state, v), each, long in zip(
                keys.tolist(), kwh.tolist(), seconds.tolist(), strict=True
            )
            if long > 0
        }

    def _mean(self, chosen: NDArray[np.bool_]) -> tuple[float, float]:
        """Mean power over some columns by the seconds seen in each, and its standard error."""
        weights = np.where(chosen, np.maximum(self.seconds, 1e-9), 0.0)
        weights /= math.fsum(weights)
        p = len(self.columns)
        return math.fsum(weights * self.kw), _sd(weights, self.fit.covariance[:p, :p])

    @cached_property
    def processing(self) -> dict[str, tuple[float, float, float]]:
        """By station that was seen processing: mean power, its standard error [kW], and doubt.

        doubt: its relative standard error against what was assumed of levels at first.
        """
        found = {}
        for name in self.names:
            if self._works(name).any():
                kw, se_kw = self._sum([name])
                worked = [v for k, v in self._drawn.items() if k[:2] == (name, "processing")]
                if worked:
                    kwh, seconds = (math.fsum(each) for each in zip(*worked, strict=True))
                    kw = 3600.0 * kwh / seconds
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
        return math.fsum(weights * self.kw), _sd(weights, self.fit.covariance[:p, :p])

    @cached_property
    def piece_kwh(self) -> Floats:
        """Modelled energy of each piece [kWh], (n,); in an unknown state by the station's mean."""
        seconds = designs.phase_seconds(self.pieces)
        known = self.pieces["column"] >= 0
        columns = np.minimum(
            self.pieces["column"][:, None] + np.arange(PHASES), len(self.columns) - 1
        )
        kw = self.kw[columns]
        unknown = [self._mean_kw(s) for s in self.pieces["station"][~known].tolist()]
        kw[~known] = np.array(unknown).reshape(-1, 1)
        drifted = 1.0 + self._drift * self._time
        row, phase = np.nonzero(seconds)
        anew = np.diff(row, prepend=-1) > 0
        anew[anew] = designs.comes_anew(self.pieces)[row[anew]]
        kwh = np.zeros(len(row))
        virtual.run_out(
            kw[row, phase] * drifted[row],
            seconds[row, phase],
            np.full(len(row), designs.LAG_S),
            anew,
            kwh,
        )
        return sums(row, kwh, len(self.pieces))

    def _mean_kw(self, station: int) -> float:
        name = self.booked.line.stations[station].id
        own = np.array([c.station == name for c in self.columns])
        seconds = math.fsum(self.seconds[own])
        return math.fsum((self.seconds * self.kw)[own]) / seconds if seconds else 0.0

    @cached_property
    def _drift(self) -> Floats:
        """Each piece's station's drift, (n,)."""
        by_station = np.zeros(len(self.booked.line.stations))
        names = list(dict.fromkeys(c.station for c in self.columns))
        for name, drift in zip(names, self.fit.drift.tolist(), strict=True):
            by_station[self.booked.line.station_index[name]] = drift
        return np.asarray(by_station[self.pieces["station"]])

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
        kwh = sums(row, self.piece_kwh[works], many)
        variance = (virtual.product(weights, self.fit.covariance[:p, :p]) * weights).sum(axis=1)
        alone = sums(row, self._squares(works, row, station, many), many)
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


def sums(at: NDArray[np.int64], values: Floats, many: int) -> Floats:
    """The sum of the values that go to each number, (many,)."""
    return np.bincount(at, values, many).astype(np.float64)
