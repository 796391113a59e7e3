"""Series of millions of buckets, brought down to what a screen can show.

A column of pixels keeps the minimum and the maximum of what it stands for, so that no peak is
lost; NaN stays a hole.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]

_COARSE = 64  # buckets in one bucket of the coarse copy


def steps(kw: Floats, first: int) -> Pair:
    """Buckets as steps, (2n,) each: x in buckets from the series' begin, y.

    ``kw``: (n,) means of the buckets ``first``, ``first + 1``, ...
    """
    edges = np.arange(first, first + kw.size + 1, dtype=np.float64)
    x = np.repeat(edges, 2)[1:-1]
    return x, np.repeat(kw, 2)


def columns(low: Floats, high: Floats, first: int, bucket: int, count: int) -> Pair:
    """At most ``count`` columns, (2m,) each: x in fine buckets, y minimum then maximum.

    ``low`` and ``high``: (n,) extremes of buckets that are ``bucket`` fine buckets wide, the
    first of which is ``first`` (in fine buckets).
    """
    if not low.size:
        return np.empty(0), np.empty(0)
    cuts = np.unique(np.linspace(0, low.size, min(count, low.size) + 1).astype(np.int64)[:-1])
    y = np.empty(2 * cuts.size)
    y[0::2] = np.fmin.reduceat(low, cuts)
    y[1::2] = np.fmax.reduceat(high, cuts)
    x = np.repeat(first + cuts.astype(np.float64) * bucket, 2)
    return x, y


class Envelope:
    """One series with a coarse copy of its extremes, made once: any view of it costs the same."""

    def __init__(self, kw: Floats) -> None:
        self.kw = kw

    @cached_property
    def _coarse(self) -> Pair:
        cuts = np.arange(0, self.kw.size, _COARSE)
        return np.fmin.reduceat(self.kw, cuts), np.fmax.reduceat(self.kw, cuts)

    def view(self, begin: float, end: float, count: int) -> Pair:
        """The curve between two places [buckets] in about ``count`` columns.

        Steps where a bucket is wider than half a column, else minimum and maximum per column.
        """
        first = max(int(begin) - 1, 0)
        last = min(int(end) + 2, self.kw.size)
        if last <= first:
            return np.empty(0), np.empty(0)
        if last - first <= 2 * count:
            return steps(self.kw[first:last], first)
        if last - first <= 4 * _COARSE * count:
            part = self.kw[first:last]
            return columns(part, part, first, 1, count)
        low, high = self._coarse
        part = slice(first // _COARSE, -(-last // _COARSE))
        return columns(low[part], high[part], first // _COARSE * _COARSE, _COARSE, count)


def top(kw: Floats) -> float:
    """The largest value, 0 without any."""
    return float(np.fmax.reduce(kw)) if kw.size and not np.isnan(kw).all() else 0.0
