"""Series of millions of buckets, brought down to what a screen can show.

A column of pixels keeps the minimum and the maximum of what it stands for, so that no peak is
lost, beside the mean; NaN stays a hole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_COARSE = 64  # buckets in one bucket of the coarse copy


@dataclass(frozen=True, slots=True)
class Curve:
    """What is drawn of a series: x in buckets from its begin, and y.

    ``x``, ``y``: the line; steps where every bucket is drawn, else the mean of each column.
    ``edge_x``, ``edge_y``: minimum and maximum of each column, one after the other; empty where
    every bucket is drawn.
    """

    x: Floats
    y: Floats
    edge_x: Floats
    edge_y: Floats

    def top(self) -> float:
        """The largest value, 0 without any."""
        known = self.edge_y if self.edge_y.size else self.y
        return float(np.fmax.reduce(known, initial=0.0))


@dataclass(frozen=True, slots=True)
class _Extremes:
    """Buckets of equal width: minimum, maximum, sum and number of the known values in each."""

    low: Floats
    high: Floats
    sum: Floats
    count: Floats

    @classmethod
    def of(cls, kw: Floats) -> _Extremes:
        """Every value is a bucket of its own."""
        known = np.isfinite(kw)
        return cls(kw, kw, np.where(known, kw, 0.0), known.astype(np.float64))

    def grouped(self, cuts: NDArray[np.int64]) -> _Extremes:
        """Wider buckets that begin at these."""
        return _Extremes(
            np.fmin.reduceat(self.low, cuts),
            np.fmax.reduceat(self.high, cuts),
            np.add.reduceat(self.sum, cuts),
            np.add.reduceat(self.count, cuts),
        )

    def part(self, begin: int, end: int) -> _Extremes:
        """Some of the buckets."""
        cut = slice(begin, end)
        return _Extremes(self.low[cut], self.high[cut], self.sum[cut], self.count[cut])

    def mean(self) -> Floats:
        """Means; NaN where nothing is known."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.count > 0, self.sum / self.count, np.nan)


class Envelope:
    """One series with a coarse copy of its extremes, made once: any view of it costs the same."""

    def __init__(self, kw: Floats) -> None:
        self.kw = kw

    @cached_property
    def _coarse(self) -> _Extremes:
        return _Extremes.of(self.kw).grouped(np.arange(0, self.kw.size, _COARSE))

    def view(self, begin: float, end: float, count: int) -> Curve:
        """The curve between two places [buckets] in about ``count`` columns of pixels."""
        first = max(int(begin) - 1, 0)
        last = min(int(end) + 2, self.kw.size)
        if last <= first:
            return Curve(*(np.empty(0),) * 4)
        if last - first <= 2 * count:
            return _steps(self.kw[first:last], first)
        if last - first <= 4 * _COARSE * count:
            return _columns(_Extremes.of(self.kw[first:last]), first, 1, count)
        a, b = first // _COARSE, -(-last // _COARSE)
        return _columns(self._coarse.part(a, b), a * _COARSE, _COARSE, count)


def _steps(kw: Floats, first: int) -> Curve:
    """Buckets ``first``, ``first + 1``, ... as steps."""
    edges = np.arange(first, first + kw.size + 1, dtype=np.float64)
    return Curve(np.repeat(edges, 2)[1:-1], np.repeat(kw, 2), np.empty(0), np.empty(0))


def _columns(fine: _Extremes, first: int, width: int, count: int) -> Curve:
    """At most ``count`` columns of buckets that are ``width`` fine ones wide, from ``first``."""
    size = fine.low.size
    cuts = np.unique(np.linspace(0, size, min(count, size) + 1).astype(np.int64)[:-1])
    wide = fine.grouped(cuts)
    x = first + cuts.astype(np.float64) * width
    edge_y = np.empty(2 * cuts.size)
    edge_y[0::2], edge_y[1::2] = wide.low, wide.high
    return Curve(x, wide.mean(), np.repeat(x, 2), edge_y)
