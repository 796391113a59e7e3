"""Power by station, state and variant from a feeder: generalised least squares with a prior.

y_t = base_t + sum over stations of (1 + drift x time) x power of its columns + r_t, by bucket of
10 s, with residuals of first order. Powers may come out below nothing: a bound on one that is
hardly seen would lift its station's level by what is noise, shift after shift. The estimate is the
mode of the posterior; its covariance is a sandwich whose middle allows for residuals that hang
together over WINDOW_S (Newey and West 1987), widened by SE_FACTOR, since even that is too narrow by
so much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twin.kernels import virtual
from twin.meter_design import Column
from twin.meter_prior import Waiting, covariance_parts, mean_parts, penalty
from twin.sums import exact_sum

WINDOW_S = 600.0
SE_FACTOR = 1.3
DRIFT_SD = 0.03  # of a station's level over DRIFT_SPAN_S
DRIFT_SPAN_S = 28_800.0
LAG_S, _LAG_SD = 0.8, 1e-3
_FIRST_LEVEL_SD, LEVEL_SD = 1.0, 0.3
_WAITING_SD_ALONE = 1.0
_BASE_STEP, _BASE_LEVEL_ALONE = 0.012, 0.005
_ROUNDS, _FIRST_ROUNDS = 4, 2
_HIGHEST_RHO = 0.98

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Data:
    """A feeder's rows that count, (n,): its rest [kW] and what its stations did.

    x: (n, columns) shares of the bucket; base: (n, knots); follows: on the row before; time: of
    DRIFT_SPAN_S, 0 in the middle; own_kw: the meter's mean before its sub-meters; alone: does the
    rest hold nothing but stations?
    """

    y_kw: Floats
    x: Floats
    base: Floats
    follows: Flags
    time: Floats
    width_s: float
    own_kw: float
    alone: bool


@dataclass(frozen=True)
class Prior:
    """Mean (p,) [kW] and covariance (p, p) [kW2] of the columns' powers.

    likely_kw: (p,), the mean or a first estimate: what drifts are in parts of.
    """

    mean_kw: Floats
    covariance: Floats
    likely_kw: Floats


@dataclass(frozen=True)
class Fit:
    """The estimate: of columns (p,), stations' drifts (s,) and the base's knots.

    covariance: (p + s, p + s) of powers and drifts; model: the same if all that is assumed holds.
    residual_kw: (n,). inflation: of the
    variance of what rho leaves over.
    """

    kw: Floats
    drift: Floats
    base_kw: Floats
    covariance: Floats
    model: Floats
    residual_kw: Floats
    rho: float
    inflation: float


def first_prior(data: Data, columns: list[Column], waiting: Waiting) -> Prior | None:
    """What is assumed before the first shift; None where there is nothing to share out.

    The levels' scale comes from the feeder: first one for all, from its mean less its least and
    what its stations did; then one for each station, by a fit with a prior that is as wide.
    """
    parts = mean_parts(columns, waiting)
    least_kw = 0.0 if data.alone else float(np.quantile(data.y_kw, 0.02))
    work = float(virtual.product(data.x, parts[:, None]).mean())
    level_kw = (float(data.y_kw.mean()) - least_kw) / work if work > 0 else 0.0
    if level_kw <= 0:
        return None
    scale = np.full(len(columns), level_kw)
    first = fit(
        data, columns, _scaled(data, columns, waiting, scale, _FIRST_LEVEL_SD), drifts=False
    )
    for station in dict.fromkeys(column.station for column in columns):
        own = np.array([column.station == station for column in columns])
        works = own & np.array([column.state == "processing" for column in columns])
        seconds = data.x[:, works].sum(axis=0)
        if seconds.sum() > 0:
            level = math.fsum(seconds * first.kw[works]) / math.fsum(seconds)
            scale[own] = max(level, 0.02 * level_kw)
    return replace(_scaled(data, columns, waiting, scale, LEVEL_SD), likely_kw=first.kw)


def _scaled(
    data: Data, columns: list[Column], waiting: Waiting, scale_kw: Floats, level_sd: float
) -> Prior:
    if data.alone:
        waiting = replace(waiting, sd=_WAITING_SD_ALONE)
    covariance = covariance_parts(columns, waiting, level_sd)
    mean_kw = mean_parts(columns, waiting) * scale_kw
    return Prior(mean_kw, covariance * np.outer(scale_kw, scale_kw), mean_kw)


def fit(data: Data, columns: list[Column], prior: Prior, *, drifts: bool = True) -> Fit:
    """The mode of the posterior and its covariance."""
    p = len(columns)
    stations = list(dict.fromkeys(column.station for column in columns)) if drifts else []
    drift = _drift_columns(data, columns, prior.likely_kw, stations)
    z = np.concatenate([data.x, drift, data.base, data.y_kw[:, None]], axis=1)
    sums = virtual.lagged_sums(z, data.follows)
    precision, weighted_mean = _precision(data, prior, len(stations))
    size = z.shape[1] - 1
    rho, variance, inflation = 0.0, (0.05 * float(np.abs(data.y_kw).mean())) ** 2, 1.0
    theta = np.zeros(size)
    for _ in range(_ROUNDS if drifts else _FIRST_ROUNDS):
        normal = _normal(sums, rho) / (variance * inflation)
        a = normal[:size, :size] + precision
        u = virtual.factor(a)
        theta = virtual.solve(u, (normal[:size, size] + weighted_mean)[:, None])[:, 0]
        residual = data.y_kw - virtual.product(z[:, :size], theta[:, None])[:, 0]
        rho = _rho(residual, data.follows)
        left = residual[1:] - rho * residual[:-1]
        left = left[data.follows[1:]]
        variance = float(np.square(left).mean())
        inflation = _inflation(left, data.width_s)
    covariance = model = np.zeros((0, 0))
    if drifts:
        model = virtual.solve(u, np.eye(size))
        covariance = _sandwich(
            data, z[:, :size], residual, rho, model, precision, variance * inflation
        )
    shown = p + len(stations)
    return Fit(
        kw=theta[:p],
        drift=theta[p:shown],
        base_kw=theta[shown:],
        covariance=covariance[:shown, :shown] * SE_FACTOR**2,
        model=model[:shown, :shown],
        residual_kw=residual,
        rho=rho,
        inflation=inflation,
    )


def _drift_columns(
    data: Data, columns: list[Column], likely_kw: Floats, stations: list[str]
) -> Floats:
    """For each station its expected power times the time, (n, stations)."""
    found = np.zeros((len(data.y_kw), len(stations)))
    for i, station in enumerate(stations):
        own = np.array([column.station == station for column in columns])
        expected = virtual.product(data.x[:, own], likely_kw[own][:, None])[:, 0]
        found[:, i] = expected * data.time
    return found


def _precision(data: Data, prior: Prior, drifts: int) -> tuple[Floats, Floats]:
    """The prior's precision over powers, drifts and base, and its product with the mean."""
    p, knots = len(prior.mean_kw), data.base.shape[1]
    begin = p + drifts  # of the base
    size = begin + knots
    precision = np.zeros((size, size))
    jitter = np.diag(np.full(p, 1e-9 * float(np.diag(prior.covariance).max())))
    u = virtual.factor(prior.covariance + jitter)
    precision[:p, :p] = virtual.solve(u, np.eye(p))
    precision[range(p, begin), range(p, begin)] = 1.0 / DRIFT_SD**2
    mean_kw = float(np.abs(data.y_kw).mean())
    level_kw = _BASE_LEVEL_ALONE * data.own_kw if data.alone else mean_kw * math.sqrt(knots)
    step_kw = min(_BASE_STEP * mean_kw, level_kw)
    precision[begin:, begin:] = penalty(knots, step_kw, level_kw)
    weighted = np.zeros(size)
    weighted[:p] = virtual.product(precision[:p, :p], prior.mean_kw[:, None])[:, 0]
    return precision, weighted


def _normal(sums: tuple[Floats, Floats, Floats, Floats], rho: float) -> Floats:
    """The sums of products after the rows are freed of rho (Prais and Winsten 1954)."""
    now, cross, before, first = sums
    return now - rho * (cross + cross.T) + rho**2 * before + (1.0 - rho**2) * first


def _rho(residual: Floats, follows: Flags) -> float:
    pairs = exact_sum((residual[1:] * residual[:-1])[follows[1:]])
    total = exact_sum(np.square(residual))
    return min(_HIGHEST_RHO, max(0.0, pairs / total)) if total > 0 else 0.0


def _inflation(left: Floats, width_s: float) -> float:
    """How much larger the variance of a mean is than without autocorrelation (Bartlett)."""
    lags = max(2, int(WINDOW_S / width_s))
    total = exact_sum(np.square(left))
    if total <= 0 or len(left) <= lags:
        return 1.0
    weights = [(1.0 - lag / lags) * exact_sum(left[lag:] * left[:-lag]) for lag in range(1, lags)]
    return max(1.0, 1.0 + 2.0 * math.fsum(weights) / total)


def _sandwich(
    data: Data,
    x: Floats,
    residual: Floats,
    rho: float,
    inverse: Floats,
    precision: Floats,
    variance: float,
) -> Floats:
    window = max(6, int(WINDOW_S / data.width_s))
    stride = window // 6
    scores = virtual.score_sums(x, residual, data.follows, rho, window, stride)
    scores *= math.sqrt(stride / window) / variance
    outer = virtual.product(scores, inverse)
    bread = virtual.product(inverse, virtual.product(precision, inverse))
    return np.asarray(virtual.product(np.ascontiguousarray(outer.T), outer) + bread)
