"""What virtual meters carry from shift to shift, and how a log keeps it."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.meter_design import Column
from twin.meter_fit import LEVEL_SD, SE_FACTOR, Prior
from twin.meter_prior import covariance_parts, mean_parts

_STATION_SD = 0.02  # how far a station's level may have moved since, relative
_COLUMN_SD = 0.01
_LEAST_KW = 1e-3

Floats = NDArray[np.float64]


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


def widened(known: Known) -> Known:
    """For the shift that follows: powers as they are, their covariance wider.

    known.covariance may hold more than the columns: what comes after them is left out. What makes
    standard errors wide enough does not pile up from shift to shift.
    """
    p, mean = len(known.columns), np.maximum(known.mean_kw, _LEAST_KW)
    stations = np.array([column.station for column in known.columns])
    same = stations[:, None] == stations[None, :]
    covariance = known.covariance[:p, :p] / SE_FACTOR**2
    covariance = covariance + same * np.outer(mean, mean) * _STATION_SD**2
    return Known(known.columns, mean, covariance + np.diag(np.square(_COLUMN_SD * mean)))


def known_prior(known: Known, columns: list[Column], waiting: float) -> Prior | None:
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
    covariance = covariance_parts(columns, waiting, LEVEL_SD, 0.0) * np.outer(scale, scale)
    old = np.array([column in at for column in columns])
    source = np.array([at[column] for column in columns if column in at], np.int64)
    covariance[old, :] = covariance[:, old] = 0.0
    covariance[np.ix_(old, old)] = known.covariance[np.ix_(source, source)]
    mean[old] = known.mean_kw[source]
    return Prior(mean, covariance)


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
