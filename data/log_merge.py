"""From chunks per signal back to the one order of all samples."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from data.samples import Flag, Samples
from data.sequencer import canonical_order

SLICE = 200_000  # samples sorted at a time: they fit the cache
_LATE = np.uint8(Flag.LATE)
_KEY_BITS = 62


def merged(rows: Samples, bounds: NDArray[np.int64]) -> Iterator[Samples]:
    """Samples that lie signal by signal, each in order, in canonical order, slice by slice.

    ``bounds`` (n + 1) are where the n signals begin and end in ``rows``.
    """
    if rows.shape[0] == 0:
        return
    order_ns = np.ascontiguousarray(rows["order_ns"])
    key = _sort_key(rows, order_ns)
    cuts = _slice_cuts(order_ns, bounds)
    for low, high in pairwise(cuts):
        index = _ranges(low, high)
        if key is None:
            part = rows.take(index)
            yield part.take(canonical_order(part))
        elif index.shape[0]:
            # A merge sort: it makes use of the runs, and keeps the places of ties.
            yield rows.take(index.take(np.argsort(key.take(index), kind="stable")))


def _sort_key(rows: Samples, order_ns: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Order, class and signal in one number; None where they do not fit."""
    begin_ns = int(order_ns.min())
    signal = rows["signal"]
    bits = int(signal.max(initial=0)).bit_length() + 2
    if (int(order_ns.max()) - begin_ns).bit_length() + bits > _KEY_BITS:
        return None
    key = (order_ns - begin_ns) << bits
    event, late = signal < 0, (rows["flags"] & _LATE) != 0
    late &= ~event
    key += np.maximum(signal, 0)
    if late.any():
        key[late] += 1 << (bits - 2)
    if event.any():
        key[event] += 2 << (bits - 2)
    return key


def _slice_cuts(order_ns: NDArray[np.int64], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each signal is cut, (slices + 1, n): the same instants for all."""
    count = max(1, -(-order_ns.shape[0] // SLICE))
    begin_ns, end_ns = int(order_ns.min()), int(order_ns.max())
    instants = np.array([begin_ns + (end_ns - begin_ns) * i // count for i in range(1, count)])
    cuts = np.empty((count + 1, bounds.shape[0] - 1), np.int64)
    cuts[0], cuts[-1] = bounds[:-1], bounds[1:]
    if count > 1:
        for i, (start, stop) in enumerate(pairwise(bounds)):
            cuts[1:-1, i] = start + np.searchsorted(order_ns[start:stop], instants)
    return cuts


def _ranges(low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.int64]:
    """All numbers of all ranges, one range behind the other."""
    length = high - low
    ends = np.cumsum(length)
    return np.repeat(low - ends + length, length) + np.arange(ends[-1])
