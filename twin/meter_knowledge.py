"""What virtual meters carry from shift to shift, and how a log keeps it."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernels import virtual
from twin.meter_design import Column
from twin.meter_fit import LEVEL_SD, Prior
from twin.meter_prior import Waiting, covariance_parts, mean_parts

_STATION_SD = 0.02  # how far a station's level may have moved since, relative
_COLUMN_SD = 0.01
_LEAST_S = 1e-3

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Known:
    """Of one feeder: its columns, their mean powers (p,) [kW] and covariance (p, p) [kW2]."""

    columns: tuple[Column, ...]
    mean_kw: Floats
    covariance: Floats


@dataclass(frozen=True)
class Knowledge:
    """By the metering point's id, what is known of its stations."""

    feeders: Mapping[str, Known]

    def to_text(self) -> str:
        """As a log keeps it: JSON; numbers in single precision, as they are good for."""
        return json.dumps({name: _packed(each) for name, each in sorted(self.feeders.items())})

    @staticmethod
    def from_text(text: str) -> Knowledge:
        """What ``to_text`` wrote. Raises ValueError where it is not that."""
        try:
            return Knowledge({name: _unpacked(each) for name, each in json.loads(text).items()})
        except (AttributeError, KeyError, TypeError, zlib.error) as fault:
            raise ValueError(f"not what virtual meters keep: {fault}") from fault


def widened(known: Known, seconds: Floats) -> Known:
    """For the shift that follows: powers as they are, their covariance wider.

    known.covariance may hold more than the columns: what comes after them is left out. seconds:
    (p,), how long each column was seen. A feeder hardly shows a station's mean power, but how its
    states differ to a thousandth; so the least change of a difference must not move the mean, and
    the two go on without what they have in common.
    """
    p, mean = len(known.columns), known.mean_kw
    stations = np.array([column.station for column in known.columns])
    same = stations[:, None] == stations[None, :]
    covariance = known.covariance[:p, :p] + same * np.outer(mean, mean) * _STATION_SD**2
    covariance = _means_apart(covariance, same, seconds)
    weights = np.where(same, np.maximum(seconds, _LEAST_S), 0.0)
    levels = virtual.product(weights, mean[:, None])[:, 0] / weights.sum(axis=1)
    return Known(known.columns, mean, covariance + np.diag(np.square(_COLUMN_SD * levels)))


def _means_apart(covariance: Floats, same: Flags, seconds: Floats) -> Floats:
    """The covariance (p, p) without that between stations' means and what differs from them.

    same: (p, p), do two columns belong to one station? Means are by the seconds seen.
    """
    weights = np.where(same, np.maximum(seconds, _LEAST_S), 0.0)
    weights = weights / weights.sum(axis=1)[:, None]
    means = virtual.product(weights, covariance)  # of a column's station with another column
    both = virtual.product(means, np.ascontiguousarray(weights.T))
    return np.asarray(covariance - means - means.T + 2.0 * both)


def known_prior(known: Known, columns: list[Column], waiting: Waiting) -> Prior | None:
    """The prior of columns; those that are new to their station in parts of its known level."""
    at = {column: i for i, column in enumerate(known.columns)}
    works = np.array([column.state == "processing" for column in known.columns])
    if not works.any():
        return None
    level = float(known.mean_kw[works].mean())
    levels = {}
    for station in dict.fromkeys(column.station for column in columns):
        own = works & np.array([column.station == station for column in known.columns])
        levels[station] = float(known.mean_kw[own].mean()) if own.any() else level
    scale = np.array([levels[column.station] for column in columns])
    mean = mean_parts(columns, waiting) * scale
    covariance = covariance_parts(columns, waiting, LEVEL_SD) * np.outer(scale, scale)
    old = np.array([column in at for column in columns])
    source = np.array([at[column] for column in columns if column in at], np.int64)
    return _given(
        mean,
        covariance,
        old,
        known.mean_kw[source],
        known.covariance[np.ix_(source, source)],
    )


def _given(mean: Floats, covariance: Floats, old: Flags, known_kw: Floats, known: Floats) -> Prior:
    """A prior in which some columns are known, and the others follow from them."""
    among = covariance[np.ix_(old, old)]
    jitter = np.diag(np.full(len(among), 1e-9 * float(np.diag(among).max())))
    gain = virtual.solve(virtual.factor(among + jitter), covariance[np.ix_(old, ~old)])
    mean[~old] += virtual.product((known_kw - mean[old])[None, :], gain)[0]
    less = virtual.product(gain.T, virtual.product(among - known, gain))
    covariance[np.ix_(~old, ~old)] -= less
    covariance[np.ix_(old, ~old)] = cross = virtual.product(known, gain)
    covariance[np.ix_(~old, old)] = cross.T
    covariance[np.ix_(old, old)], mean[old] = known, known_kw
    return Prior(mean, covariance, mean)


def _packed(known: Known) -> dict[str, object]:
    upper = np.triu_indices(len(known.columns))
    return {
        "columns": [[c.station, c.state, c.variant, c.phase] for c in known.columns],
        "mean_kw": _to_base64(known.mean_kw),
        "covariance": _to_base64(known.covariance[upper]),
    }


def _unpacked(each: Mapping[str, object]) -> Known:
    columns = tuple(Column(*parts) for parts in each["columns"])  # type: ignore[attr-defined]
    upper = np.triu_indices(len(columns))
    covariance = np.zeros((len(columns), len(columns)))
    covariance[upper] = _from_base64(str(each["covariance"]))
    covariance = covariance + covariance.T - np.diag(np.diag(covariance))
    return Known(columns, _from_base64(str(each["mean_kw"])), covariance)


def _to_base64(values: Floats) -> str:
    return base64.b64encode(zlib.compress(values.astype("<f4").tobytes())).decode()


def _from_base64(text: str) -> Floats:
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), "<f4").astype(np.float64)
