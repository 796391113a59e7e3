"""Linear algebra of the virtual meters: lags, regressors, normal equations, Cholesky, score sums.

Model. A feeder's power y_t is a sum of regressors, y_t = x_t . theta + r_t, with residuals of first
order, r_t = rho r_(t-1) + e_t. A row that does not follow on the one before it begins anew. All
sums run in a fixed order, in strict IEEE arithmetic, without BLAS: a log gives the same bits
wherever it is computed. Inner loops run along rows, so that they are fast as they stand.

``NAME_python`` is the reference, ``NAME`` the same source compiled.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

PART = np.dtype([("t0", "<i8"), ("t1", "<i8"), ("column", "<i4"), ("lag_s", "<f8")])
TAIL = 12.0  # lags after which nothing of a part is left

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Table = NDArray[np.void]


def fill_design_python(parts: Table, from_ns: int, width_ns: int, x: Floats) -> None:
    """Adds to x (rows, columns) what its parts have of each row's time, as a lag shows it [1].

    parts: (n,) PART; row i spans [from_ns + i width_ns, from_ns + (i + 1) width_ns). A part is
    approached as 1 - exp(-t / lag) from its begin on, and runs out so after its end. Of its length
    d, d - (1 - exp(-d / lag)) lag exp(-s / lag) has been seen s after its end.
    """
    width_s = width_ns / 1e9
    for k in range(parts.shape[0]):
        lag_s, column = parts[k]["lag_s"], parts[k]["column"]
        length_s = (parts[k]["t1"] - parts[k]["t0"]) / 1e9
        last_s = length_s + TAIL * lag_s
        reached = 1.0 - math.exp(-length_s / lag_s) if lag_s > 0.0 else 0.0
        i = max((parts[k]["t0"] - from_ns) // width_ns, 0)
        since_s = (from_ns + i * width_ns - parts[k]["t0"]) / 1e9
        seen_s = 0.0
        if since_s > length_s:
            seen_s = length_s
            if lag_s > 0.0:
                seen_s -= reached * lag_s * math.exp((length_s - since_s) / lag_s)
        elif since_s > 0.0:
            seen_s = since_s
            if lag_s > 0.0:
                seen_s -= lag_s * (1.0 - math.exp(-since_s / lag_s))
        while i < x.shape[0] and since_s < last_s:
            since_s += width_s
            if since_s > length_s:
                now_s = length_s
                if lag_s > 0.0:
                    now_s -= reached * lag_s * math.exp((length_s - since_s) / lag_s)
            else:
                now_s = since_s
                if lag_s > 0.0:
                    now_s -= lag_s * (1.0 - math.exp(-since_s / lag_s))
            x[i, column] += (now_s - seen_s) / width_s
            seen_s = now_s
            i += 1


def run_out_python(
    level_kw: Floats, length_s: Floats, lag_s: Floats, anew: Flags, kwh: Floats
) -> None:
    """The energy of each of a row of parts whose power follows its level with a lag [kWh].

    level_kw, length_s, lag_s, anew: (n,); anew: nothing came before it, it begins at its level.
    kwh: (n,), is filled. A part that begins at r has L d + (r - L) lag (1 - exp(-d / lag)).
    """
    kw = 0.0
    for k in range(level_kw.shape[0]):
        if anew[k] or lag_s[k] <= 0.0:
            kw = level_kw[k]
        above = kw - level_kw[k]
        left = math.exp(-length_s[k] / lag_s[k]) if lag_s[k] > 0.0 else 0.0
        kwh[k] = (level_kw[k] * length_s[k] + above * lag_s[k] * (1.0 - left)) / 3600.0
        kw = level_kw[k] + above * left


def lagged_sums_python(z: Floats, follows: Flags) -> tuple[Floats, Floats, Floats, Floats]:
    """Sums of products that give the normal equations for any rho.

    z: (n, q), the regressors and, as the last column, y; few entries of a row are not zero.
    follows: (n,), does a row follow on the one before it? Returns four (q, q): over the rows that
    follow the sums of z_t z_t', z_t z_(t-1)' and z_(t-1) z_(t-1)'; over the others of z_t z_t'.
    """
    n, q = z.shape
    now, cross = np.zeros((q, q)), np.zeros((q, q))
    before, first = np.zeros((q, q)), np.zeros((q, q))
    here, there = np.zeros(q, np.int64), np.zeros(q, np.int64)
    many_there = 0
    for t in range(n):
        many = 0
        for j in range(q):
            if z[t, j] != 0.0:
                here[many] = j
                many += 1
        for a in range(many):
            i, value = here[a], z[t, here[a]]
            for b in range(many):
                if follows[t]:
                    now[i, here[b]] += value * z[t, here[b]]
                else:
                    first[i, here[b]] += value * z[t, here[b]]
            if follows[t]:
                for b in range(many_there):
                    cross[i, there[b]] += value * z[t - 1, there[b]]
        if follows[t]:
            for a in range(many_there):
                i, value = there[a], z[t - 1, there[a]]
                for b in range(many_there):
                    before[i, there[b]] += value * z[t - 1, there[b]]
        for a in range(many):
            there[a] = here[a]
        many_there = many
    return now, cross, before, first


def factor_python(a: Floats) -> Floats:
    """The upper Cholesky factor u of a symmetric positive definite a = u' u, (p, p).

    A direction without weight, as rounding may leave one, is given a very large factor: it stays
    where it is.
    """
    p = a.shape[0]
    u = a.copy()
    for k in range(p):
        pivot = u[k, k]
        root = math.sqrt(pivot) if pivot > 1e-13 * a[k, k] and pivot > 0.0 else 1e150
        u[k, k] = root
        for j in range(k + 1, p):
            u[k, j] /= root
        for i in range(k + 1, p):
            u[i, k] = 0.0
            value = u[k, i]
            if value != 0.0:
                for j in range(i, p):
                    u[i, j] -= value * u[k, j]
    return u


def solve_python(u: Floats, b: Floats) -> Floats:
    """The solution of u' u x = b for each column of b; u: (p, p) upper; b, x: (p, m)."""
    p, m = b.shape
    x = b.copy()
    for k in range(p):
        for c in range(m):
            x[k, c] /= u[k, k]
        for j in range(k + 1, p):
            value = u[k, j]
            if value != 0.0:
                for c in range(m):
                    x[j, c] -= value * x[k, c]
    for k in range(p - 1, -1, -1):
        for j in range(k + 1, p):
            value = u[k, j]
            if value != 0.0:
                for c in range(m):
                    x[k, c] -= value * x[j, c]
        for c in range(m):
            x[k, c] /= u[k, k]
    return x


def product_python(a: Floats, b: Floats) -> Floats:
    """The matrix product a b; a: (n, k), b: (k, m)."""
    n, many = a.shape
    out = np.zeros((n, b.shape[1]))
    for i in range(n):
        for j in range(many):
            value = a[i, j]
            if value != 0.0:
                for c in range(b.shape[1]):
                    out[i, c] += value * b[j, c]
    return out


def score_sums_python(
    x: Floats, residual: Floats, follows: Flags, rho: float, window: int, stride: int
) -> Floats:
    """Sums of the scores (x_t - rho x_(t-1)) e_t over windows of rows, (windows, p).

    Their outer products, summed and scaled by stride / window, are a Bartlett estimate of the
    scores' covariance with that window (Newey and West 1987). residual: (n,) of y, in levels.
    """
    n, p = x.shape
    many = max(1, (n - window) // stride + 1)
    steps = np.zeros((max(n // stride + 1, many + 1), p))
    for t in range(n):
        step = t // stride
        lag = rho if follows[t] else 0.0
        scale = 1.0 if follows[t] else math.sqrt(1.0 - rho * rho)
        e = residual[t] - (lag * residual[t - 1] if lag != 0.0 else 0.0)
        e *= scale * scale
        for j in range(p):
            if x[t, j] != 0.0:
                steps[step, j] += x[t, j] * e
        if lag != 0.0:
            for j in range(p):
                if x[t - 1, j] != 0.0:
                    steps[step, j] -= lag * x[t - 1, j] * e
    sums = np.zeros((many, p))
    for k in range(many):
        for step in range(k, min(k + window // stride, steps.shape[0])):
            for j in range(p):
                sums[k, j] += steps[step, j]
    return sums


fill_design: Callable[..., None] = njit(cache=True, nogil=True)(fill_design_python)
run_out: Callable[..., None] = njit(cache=True, nogil=True)(run_out_python)
lagged_sums: Callable[..., tuple[Floats, Floats, Floats, Floats]] = njit(cache=True, nogil=True)(
    lagged_sums_python
)
factor: Callable[[Floats], Floats] = njit(cache=True, nogil=True)(factor_python)
solve: Callable[[Floats, Floats], Floats] = njit(cache=True, nogil=True)(solve_python)
product: Callable[[Floats, Floats], Floats] = njit(cache=True, nogil=True)(product_python)
score_sums: Callable[..., Floats] = njit(cache=True, nogil=True)(score_sums_python)
