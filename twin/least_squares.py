"""Ordinary least squares in plain Python: a few drivers, the same bits everywhere.

Modified Gram-Schmidt on centred columns, every sum by ``math.fsum``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Column = Sequence[float]


@dataclass(frozen=True, slots=True)
class Fit:
    """y = intercept + sum of coefficient x column, by least squares over n rows.

    covariance: of the intercept, then the coefficients, divided by the residual variance.
    """

    intercept: float
    coefficients: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    residuals: tuple[float, ...]


def fit(columns: Sequence[Column], y: Column) -> Fit:
    """Fits y (n,) by columns (n,) each, none constant and none a combination of the others."""
    n = len(y)
    means = [math.fsum(column) / n for column in columns]
    q, r = _orthogonal([_less(column, mean) for column, mean in zip(columns, means, strict=True)])
    y_mean = math.fsum(y) / n
    along = [_dot(each, _less(y, y_mean)) for each in q]
    coefficients = _solved(r, along)
    inverse = _inverse(r)
    intercept = y_mean - _dot(coefficients, means)
    columns_by_row = list(zip(*columns, strict=True)) if columns else [()] * n
    residuals = [y[i] - intercept - _dot(coefficients, row) for i, row in enumerate(columns_by_row)]
    return Fit(intercept, tuple(coefficients), _covariance(inverse, means, n), tuple(residuals))


def inflations(columns: Sequence[Column]) -> tuple[float, ...]:
    """Variance inflation of each column by the others, 1 where they tell nothing of it.

    1 / (1 - R2) of the column on all the others; infinite for one that they make up.
    """
    found = []
    for j, column in enumerate(columns):
        others = [each for i, each in enumerate(columns) if i != j]
        centred = [_less(each, math.fsum(each) / len(each)) for each in (*others, column)]
        _, r = _orthogonal(centred)
        left, size = r[-1][-1], math.sqrt(_dot(centred[-1], centred[-1]))
        found.append((size / left) ** 2 if left > 1e-12 * size else math.inf)
    return tuple(found)


def _orthogonal(columns: Sequence[Column]) -> tuple[list[list[float]], list[list[float]]]:
    """Q, as columns of length 1 (0 for one that the earlier ones make up), and R by its columns."""
    q: list[list[float]] = []
    r: list[list[float]] = []
    for column in columns:
        rest, along = list(column), [0.0] * len(q)
        for _ in range(2):  # again, for what rounding left of it
            for k, each in enumerate(q):
                part = _dot(each, rest)
                along[k] += part
                rest = [a - part * b for a, b in zip(rest, each, strict=True)]
        size = math.sqrt(_dot(rest, rest))
        q.append([a / size for a in rest] if size else rest)
        r.append([*along, size])
    return q, r


def _solved(r: Sequence[Sequence[float]], b: Sequence[float]) -> list[float]:
    """x of R x = b, R upper triangular and given by its columns."""
    x = [0.0] * len(b)
    for i in reversed(range(len(b))):
        rest = b[i] - math.fsum(r[k][i] * x[k] for k in range(i + 1, len(b)))
        x[i] = rest / r[i][i]
    return x


def _inverse(r: Sequence[Sequence[float]]) -> list[list[float]]:
    """(R'R)^-1 = R^-1 R^-1'."""
    size = len(r)
    columns = [_solved(r, [1.0 if i == j else 0.0 for i in range(size)]) for j in range(size)]
    rows = list(zip(*columns, strict=True)) if columns else []
    return [[_dot(a, b) for b in rows] for a in rows]


def _covariance(
    inverse: Sequence[Sequence[float]], means: Column, n: int
) -> tuple[tuple[float, ...], ...]:
    """With the intercept, whose error grows with the distance of the means from nothing."""
    across = [-_dot(row, means) for row in inverse]
    first = 1.0 / n - _dot(across, means)
    rows = [(across[i], *row) for i, row in enumerate(inverse)]
    return ((first, *across), *rows)


def _dot(a: Column, b: Column) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def _less(column: Column, mean: float) -> list[float]:
    return [each - mean for each in column]
