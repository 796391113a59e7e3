"""Joining: which part each vehicle took out of a rack, from counts, variants and anchors.

Model. Parts enter a rack in the order in which they leave their last station, and leave it in that
order. ``rack[j]`` is how many lie in it when taker j takes one, its own among them; what no log saw
coming in is among them too. From one taker to the next it grows by the parts that came and falls by
the one taken; any other step means that something passed unseen, and costs ``JUMP``. Each taker has
a cost of its own for each size of the rack: a variant that does not fit, an anchor that is missed.
The sequence of least cost is found by the recursion of Viterbi (1967).

``racks_python`` is the reference, ``racks`` the same source compiled. Costs are small multiples of
a power of two, so that their sums are exact and both give the same.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

JUMP = 3.0  # as much as three variants that do not fit
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def racks_python(cost: Floats, came: Ints, first: Floats) -> Ints:
    """Parts in the rack when each taker takes one, (n,), each 1..R.

    cost: (n, R) of taker j where the rack holds r + 1. came: (n,) parts that came into the rack
    since the taker before. first: (R,) cost of each size at the first taker.
    """
    n, sizes = cost.shape
    found = np.zeros(n, np.int64)
    if n == 0:
        return found
    before = np.zeros((n, sizes), np.int64)
    best = first + cost[0]
    for j in range(1, n):
        cheapest = 0
        for r in range(1, sizes):
            if best[r] < best[cheapest]:
                cheapest = r
        now = np.zeros(sizes)
        for r in range(sizes):
            steady = r - (came[j] - 1)
            source, value = cheapest, best[cheapest] + JUMP
            if 0 <= steady < sizes and best[steady] <= value:
                source, value = steady, best[steady]
            before[j, r] = source
            now[r] = value + cost[j, r]
        best = now
    at = 0
    for r in range(1, sizes):
        if best[r] < best[at]:
            at = r
    for j in range(n - 1, -1, -1):
        found[j] = at + 1
        at = before[j, at]
    return found


racks = njit(cache=True)(racks_python)
