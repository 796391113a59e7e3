"""A change in a series: since when it differs from its own model, how, and by how much.

Model. Observations y[i] at times t[i] with weights w[i] and known causes x[i] (k columns, mostly
a constant first):

    y = x beta + size * shape + noise

The *shape* is 0 outside of [a, b); within, a step is 1 and a ramp counts the hours since a. For a
given a, b the size is that of weighted least squares with beta left free, so that a baseline of a
few observations is worth no more than it is, and causes that moved along with the change take
their share. The statistic is the generalised likelihood ratio: with t = size / its standard error
and f degrees of freedom, z = sqrt(f ln(1 + t^2 / f)), so that few observations prove little.
Residuals of lag-one correlation phi count for (1 - phi) / (1 + phi) of their number (AR(1)).

``first_change`` asks after each observation, as if nothing followed, whether there is a change
that goes on: the earliest one that says so is when a watchful reader would have known. ``best_fit``
then describes it from all that is known by now, and may find its end.

``python`` functions are the reference, the others the same source compiled, with the same bits.
"""

from __future__ import annotations

from math import log1p, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.compiled import part

STEP, RAMP = 0, 1
# What a fit says, by its place in the array that is handed back.
A, B, SHAPE, SIZE, ERROR, NOW, CERTAINTY, OWN, BETA = range(9)
_MOST_PHI = 0.95
_TINY = 1e-9  # keeps a cause that never moved from being divided by

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Limits = NDArray[np.float64]
# What ``limits`` holds: z, and what a size must reach: absolute, and relative to the mean |y|;
# the least noise, the same two; observations before and after a step; the fewest of a ramp;
# observations that it looks back over; 1: only a rise counts; observations beyond the causes.
(
    Z,
    LEAST_ABSOLUTE,
    LEAST_RELATIVE,
    NOISE_ABSOLUTE,
    NOISE_RELATIVE,
    BEFORE,
    AFTER,
    RAMP_BEFORE,
    RAMP_AFTER,
    WINDOW,
    RISE_ONLY,
    SPARE,
) = range(12)


@part
def _factor(gram: Floats) -> Floats:
    """The lower Cholesky factor of a symmetric matrix, (k, k)."""
    k = gram.shape[0]
    lower = np.zeros((k, k))
    for i in range(k):
        for j in range(i + 1):
            total = gram[i, j]
            for m in range(j):
                total -= lower[i, m] * lower[j, m]
            if i == j:
                lower[i, i] = sqrt(max(total, _TINY * (1.0 + gram[i, i])))
            else:
                lower[i, j] = total / lower[j, j]
    return lower


@part
def _solve_lower(lower: Floats, right: Floats) -> Floats:
    """The solution of lower @ v = right, (k,)."""
    k = right.shape[0]
    found = np.empty(k)
    for i in range(k):
        total = right[i]
        for j in range(i):
            total -= lower[i, j] * found[j]
        found[i] = total / lower[i, i]
    return found


@part
def _solve(lower: Floats, right: Floats) -> Floats:
    """The solution of lower @ lower.T @ v = right, (k,)."""
    half = _solve_lower(lower, right)
    k = right.shape[0]
    for i in range(k - 1, -1, -1):
        for j in range(i + 1, k):
            half[i] -= lower[j, i] * half[j]
        half[i] /= lower[i, i]
    return half


@part
def _sums(x: Floats, y: Floats, w: Floats, t: Floats) -> tuple[Floats, Floats, Floats]:
    """Running sums before each observation: of w x x', of w (x, y, 1) and of w t (x, y, 1).

    The last one's final column holds w t t beside it.
    """
    n, k = x.shape
    gram = np.zeros((n + 1, k, k))
    plain = np.zeros((n + 1, k + 2))
    timed = np.zeros((n + 1, k + 3))
    for i in range(n):
        for c in range(k):
            for d in range(k):
                gram[i + 1, c, d] = gram[i, c, d] + w[i] * x[i, c] * x[i, d]
            plain[i + 1, c] = plain[i, c] + w[i] * x[i, c]
            timed[i + 1, c] = timed[i, c] + w[i] * t[i] * x[i, c]
        plain[i + 1, k] = plain[i, k] + w[i] * y[i]
        plain[i + 1, k + 1] = plain[i, k + 1] + w[i]
        timed[i + 1, k] = timed[i, k] + w[i] * t[i] * y[i]
        timed[i + 1, k + 1] = timed[i, k + 1] + w[i] * t[i]
        timed[i + 1, k + 2] = timed[i, k + 2] + w[i] * t[i] * t[i]
    return gram, plain, timed


@part
def _right(x: Floats, y: Floats, w: Floats, low: int, n: int) -> Floats:
    """Sum of w x y over [low, n), (k,)."""
    found = np.zeros(x.shape[1])
    for i in range(low, n):
        for c in range(x.shape[1]):
            found[c] += w[i] * x[i, c] * y[i]
    return found


@part
def _gain(
    plain: Floats,
    timed: Floats,
    half_y: Floats,
    lower: Floats,
    start: float,
    a: int,
    b: int,
    shape: int,
) -> tuple[float, float]:
    """(s'My, s'Ms) of a shape over [a, b): its size is their ratio, its gain their first squared
    over the second; M takes out the known causes."""
    k = lower.shape[0]
    with_x = np.empty(k)
    for c in range(k):
        with_x[c] = plain[b, c] - plain[a, c]
        if shape == RAMP:
            with_x[c] = timed[b, c] - timed[a, c] - start * with_x[c]
    with_y = plain[b, k] - plain[a, k]
    square = plain[b, k + 1] - plain[a, k + 1]
    if shape == RAMP:
        with_y = timed[b, k] - timed[a, k] - start * with_y
        first = timed[b, k + 1] - timed[a, k + 1]
        square = timed[b, k + 2] - timed[a, k + 2] - 2.0 * start * first + start * start * square
    half = _solve_lower(lower, with_x)
    for c in range(k):
        with_y -= half[c] * half_y[c]
        square -= half[c] * half[c]
    return with_y, square


@part
def _residuals(
    x: Floats, y: Floats, w: Floats, t: Floats, lower: Floats, low: int, n: int, fit: Floats
) -> tuple[Floats, Floats]:
    """sqrt(w) times what a fit leaves of the observations [low, n), (n - low,); its beta, (k,)."""
    k = x.shape[1]
    a, b = int(fit[A]), int(fit[B])
    start = t[a - 1]
    less = np.empty(n - low)
    for i in range(low, n):
        shape = 0.0
        if a <= i < b:
            shape = 1.0 if fit[SHAPE] == STEP else t[i] - start
        less[i - low] = y[i] - fit[SIZE] * shape
    right = np.zeros(k)
    for i in range(low, n):
        for c in range(k):
            right[c] += w[i] * x[i, c] * less[i - low]
    beta = _solve(lower, right)
    for i in range(low, n):
        for c in range(k):
            less[i - low] -= beta[c] * x[i, c]
        less[i - low] *= sqrt(w[i])
    return less, beta


@part
def _own(
    plain: Floats, timed: Floats, start: float, a: int, b: int, low: int, n: int, fit: Floats
) -> float:
    """Share of a shape's variance that no known cause moved along with; ERROR holds s'Ms yet."""
    total = plain[n, -1] - plain[low, -1]
    first = plain[b, -1] - plain[a, -1]
    second = first
    if fit[SHAPE] == RAMP:
        timed_w = timed[b, -2] - timed[a, -2]
        second = timed[b, -1] - timed[a, -1] - 2.0 * start * timed_w + start * start * first
        first = timed_w - start * first
    return float(fit[ERROR] / max(second - first * first / total, _TINY))


@part
def _noise(left: Floats, used: int, floor: float) -> tuple[float, float]:
    """Variance of a weighted residual in a sum of them, with their memory; degrees of freedom."""
    count, squares, products = 0, 0.0, 0.0
    before = 0.0
    for value in left:
        if value != 0.0:
            count += 1
            squares += value * value
            products += value * before
            before = value
    free = float(max(count - used, 1))
    phi = products / squares if squares > 0.0 else 0.0
    phi = min(max(phi + (1.0 + 3.0 * phi) / max(count, 1), 0.0), _MOST_PHI)
    memory = (1.0 + phi) / (1.0 - phi)
    return max(squares / free, floor * floor) * memory, max(free / memory, 1.0)


@part
def _fit_until(
    x: Floats,
    y: Floats,
    w: Floats,
    t: Floats,
    sums: tuple[Floats, Floats, Floats],
    n: int,
    limits: Limits,
    may_end: bool,
) -> Floats:
    """The best shape in the first n observations; SIZE 0 where there is none."""
    gram, plain, timed = sums
    fit = np.zeros(BETA + x.shape[1])
    low = max(0, n - int(limits[WINDOW]))
    if n - low < x.shape[1] + int(limits[SPARE]):
        return fit
    lower = _factor(gram[n] - gram[low])
    half_y = _solve_lower(lower, _right(x, y, w, low, n))
    best = 0.0
    for shape in range(2):
        before = int(limits[BEFORE] if shape == STEP else limits[RAMP_BEFORE])
        after = int(limits[AFTER] if shape == STEP else limits[RAMP_AFTER])
        for a in range(low + before, n - after + 1):
            first = a + after if may_end else n
            for b in range(first, n + 1):
                if n - int(limits[AFTER]) < b < n:
                    continue
                with_y, square = _gain(plain, timed, half_y, lower, t[a - 1], a, b, shape)
                if square <= _TINY * (1.0 + plain[b, -1] - plain[a, -1]):
                    continue
                if with_y < 0.0 and limits[RISE_ONLY] == 1.0:
                    continue
                if with_y * with_y / square > best:
                    best = with_y * with_y / square
                    fit[A], fit[B], fit[SHAPE] = a, b, shape
                    fit[SIZE], fit[ERROR] = with_y / square, square
    if best == 0.0:
        return fit
    a, b = int(fit[A]), int(fit[B])
    left, beta = _residuals(x, y, w, t, lower, low, n, fit)
    for c in range(beta.shape[0]):
        fit[BETA + c] = beta[c]
    fit[OWN] = _own(plain, timed, t[a - 1], a, b, low, n, fit)
    mean_w = (plain[n, -1] - plain[low, -1]) / (n - low)
    level = 0.0
    for i in range(low, n):
        level += abs(y[i]) / (n - low)
    floor = (limits[NOISE_ABSOLUTE] + limits[NOISE_RELATIVE] * level) * sqrt(mean_w)
    variance, free = _noise(left, x.shape[1] + 2, floor)
    fit[ERROR] = sqrt(variance / fit[ERROR])
    t_value = fit[SIZE] / fit[ERROR]
    fit[CERTAINTY] = sqrt(free * log1p(t_value * t_value / free))
    fit[NOW] = fit[SIZE] * (1.0 if fit[SHAPE] == STEP else t[b - 1] - t[a - 1])
    least = limits[LEAST_ABSOLUTE] + limits[LEAST_RELATIVE] * level
    if abs(fit[NOW]) < least or fit[CERTAINTY] < limits[Z]:
        fit[SIZE] = 0.0
    return fit


def first_change_python(
    x: Floats, y: Floats, w: Floats, t: Floats, asked: Ints, limits: Limits
) -> int:
    """After how many observations a change that goes on is first certain; -1: never.

    x: (n, k) known causes; y, w, t: (n,) observations, their weights, their times [h]; w 0 leaves
    an observation out. asked: after which numbers of observations it is asked.
    """
    sums = _sums(x, y, w, t)
    for n in asked:
        if _fit_until(x, y, w, t, sums, n, limits, False)[SIZE] != 0.0:
            return int(n)
    return -1


def best_fit_python(x: Floats, y: Floats, w: Floats, t: Floats, limits: Limits) -> Floats:
    """The change that explains all the observations best, which may have ended: (BETA + k,).

    A, B: from which observation up to which; SHAPE; SIZE [of y, a ramp's per hour] and its
    standard error; NOW, the size at its last observation; CERTAINTY, z; OWN, the share of the
    shape that no cause moved along with; from BETA on what the causes do. SIZE 0: none.
    """
    return _fit_until(x, y, w, t, _sums(x, y, w, t), len(y), limits, True)


def squares_left_python(x: Floats, y: Floats, w: Floats) -> tuple[float, float]:
    """What weighted least squares leaves of y, and the last column's size; x: (n, k)."""
    n, k = x.shape
    gram = np.zeros((k, k))
    for i in range(n):
        for c in range(k):
            for d in range(k):
                gram[c, d] += w[i] * x[i, c] * x[i, d]
    beta = _solve(_factor(gram), _right(x, y, w, 0, n))
    squares = 0.0
    for i in range(n):
        left = y[i]
        for c in range(k):
            left -= beta[c] * x[i, c]
        squares += w[i] * left * left
    return squares, beta[k - 1]


first_change = njit(cache=True, nogil=True)(first_change_python)
best_fit = njit(cache=True, nogil=True)(best_fit_python)
squares_left = njit(cache=True, nogil=True)(squares_left_python)
