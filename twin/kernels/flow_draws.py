"""Draws of the forward model: counter-based, so that no order, thread or lane changes them.

A draw is a function of the replication's key and of what it is for: splitmix64 (Steele, Lea, Flood,
"Fast splittable pseudorandom number generators", OOPSLA 2014) of ``key + counter * GOLDEN``. The
same vehicle at the same station has the same luck in two runs that are to be compared (common
random numbers). Times are quantised to 2^-20 s, so that their sums are exact whatever the order.

Plain Python needs ``numpy.errstate(over="ignore")`` around it: the arithmetic is modulo 2^64.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from twin.kernels.flow_options import helper

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1, MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
SHIFT_30, SHIFT_27, SHIFT_31 = np.uint64(30), np.uint64(27), np.uint64(31)
SHIFT_11 = np.uint64(11)
UNIT = 2.0**-53
QUANTA, QUANTUM_S = 2.0**20, 2.0**-20
# What a draw is for: each kind has a key of its own, made from the replication's.
CYCLE, FAILURE, REPAIR, REJECT = range(4)
TOUR = np.uint64(40)  # rework comes again with the counter 2^40 further on


@helper
def mix(z: Any) -> Any:
    """The finaliser of splitmix64; uint64 to uint64."""
    z = (z ^ (z >> SHIFT_30)) * MIX_1
    z = (z ^ (z >> SHIFT_27)) * MIX_2
    return z ^ (z >> SHIFT_31)


@helper
def key_of(seed: Any, run: int, kind: int) -> Any:
    """The key of one kind of draw in one replication; seed: uint64."""
    return mix(mix(seed + np.uint64(run) * GOLDEN) + np.uint64(kind) * GOLDEN)


@helper
def uniform(key: Any, counter: Any) -> float:
    """A number within (0, 1); counter: uint64."""
    z = mix(key + counter * GOLDEN)
    return (float(np.int64(z >> SHIFT_11)) + 0.5) * UNIT


@helper
def quantised(time_s: float) -> float:
    """The nearest multiple of 2^-20 s."""
    return np.floor(time_s * QUANTA + 0.5) * QUANTUM_S  # type: ignore[no-any-return]


@helper
def triangular(u: float, shape: Any) -> float:
    """The u-quantile of a triangular distribution [s], quantised; shape: see ``shape_of``."""
    early = u < shape[1]  # no branch: it would be guessed wrong every other time
    root_s = math.sqrt(u * shape[3] if early else (1.0 - u) * shape[4])
    return quantised(shape[0] + root_s if early else shape[2] - root_s)


@helper
def exponential(u: float, mean_s: float) -> float:
    """The quantile of an exponential distribution from above [s], quantised."""
    return quantised(-math.log(u) * mean_s)


@helper
def counter_of(item: int, station: int, stations: int, tour: int) -> Any:
    """What a visit draws by: vehicle, station and how often it came back; uint64."""
    return np.uint64(item * stations + station) + (np.uint64(tour) << TOUR)


def shape_of(
    low_s: float, mode_s: float, high_s: float
) -> tuple[float, float, float, float, float]:
    """Of a triangular distribution: low, share below the mode, high, weight below and above."""
    width_s = high_s - low_s
    if width_s <= 0.0:
        return low_s, 1.0, high_s, 0.0, 0.0
    below_s, above_s = mode_s - low_s, high_s - mode_s
    return low_s, below_s / width_s, high_s, width_s * below_s, width_s * above_s
