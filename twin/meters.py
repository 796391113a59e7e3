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

import numpy as np
from numpy.typing import NDArray

from twin import meter_design as designs
from twin import meter_fit as fits
from twin.kernels import booking
from twin.meter_design import PROCESSING
from twin.meter_feeder import Energies, sums
from twin.meter_feeder import Feeder as Feeder
from twin.meter_knowledge import Knowledge, Known, known_prior, widened
from twin.meter_prior import waiting_part
from twin.meter_split import is_tiny, split_rest
from twin.meter_tree import feeders, is_all_stations
from twin.mirror import Booked

FEWEST_ROWS = 90  # a quarter of an hour of buckets
WIDEST_BUCKET_NS = 30_000_000_000  # beyond that no cycle is seen
RENEWED_NS = 300_000_000_000

Floats = NDArray[np.float64]
Cells = NDArray[np.void]
Table = NDArray[np.void]


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
        return split_rest(feeder, rest, own)

    def visits(self) -> Energies:
        """Processing energy of each vehicle at each estimated station."""
        return _joined([feeder.energies(by_station=True) for feeder in self.feeders])

    def vehicles(self) -> Energies:
        """Processing energy of each vehicle at all estimated stations together."""
        each = _joined([feeder.energies(by_station=False) for feeder in self.feeders])
        vehicle, row = np.unique(each.vehicle, return_inverse=True)
        kwh = sums(row, each.kwh, len(vehicle))
        variance = sums(row, np.square(each.se_kwh), len(vehicle))
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
                feeder.id: widened(
                    Known(feeder.columns, feeder.fit.kw, feeder.fit.model), feeder.seconds
                )
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
    if is_tiny(math.fsum(series.kw[rows]), math.fsum(own_kw)):
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
    return booked.buckets_from_ns + int(booked.bucket_kwh.shape[1]) * booked.bucket_ns // 2


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
