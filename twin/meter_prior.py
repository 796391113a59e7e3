"""What is assumed of stations before a feeder has shown anything, free of scale.

Each station has a level of its own when it processes; all else is in parts of it. The parts below
are those of machines in general, not of any line: they count where the feeder cannot tell, which
is above all the level of a station that is never off.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from data.line import STATES
from twin.meter_design import Column
from twin.meter_tree import FEEDS
from twin.mirror import Booked

Floats = NDArray[np.float64]

# What a machine that waits draws, in parts of what it draws when it processes: a mean and how far
# it may be off, for all stations of a feeder alike and for each of them, relative.
WAITING, WAITING_SD, _OWN_WAITING_SD = 0.16, 0.4, 0.15
_KNOWN_WAITING_SD = 0.1  # where the line has meters on enough stations: see ``waiting``
_ENOUGH_STATIONS, _ENOUGH_S = 5, 60.0
# The other states in parts of what it draws waiting; their spread for all alike and for each.
_OF_WAITING = {
    "off": (0.05, 0.05, 0.05),
    "standby": (0.35, 0.06, 0.1),
    "warming_up": (2.0, 1.0, 1.0),
    "idle": (1.3, 0.5, 0.5),
    "starved": (1.0, 0.0, 0.1),
    "blocked": (1.1, 0.05, 0.1),
    "setup": (2.0, 1.0, 1.0),
    "failed": (0.8, 0.1, 0.1),
    "stopped": (0.7, 0.15, 0.2),
    "held": (1.0, 0.3, 0.3),
}
_PHASE_SD = 0.5  # of the shape over the cycle, the same for all variants
_VARIANT_SD = 0.15  # of a variant's level
_VARIANT_PHASE_SD = 0.06  # of a variant's own shape


def waiting_part(booked: Booked, carrier: str) -> float:
    """What a station that waits draws, in parts of what it draws when it processes.

    The mode of the stations that have a meter of their own (Robertson and Cryer 1974): machines
    whose fans and heaters run on do not move it. Where there are too few of them, WAITING.
    """
    parts = []
    for p, point in enumerate(booked.line.points):
        if (
            point.carrier == carrier
            and booked.points[p]["station"] >= 0
            and point.direction in FEEDS
        ):
            own = booked.segments[booked.segments["point"] == p]
            waits, works = (_mean_kw(own, state) for state in ("starved", "processing"))
            if waits is not None and works:
                parts.append(waits / works)
    return _mode(np.sort(parts)) if len(parts) >= _ENOUGH_STATIONS else WAITING


def _mean_kw(segments: NDArray[np.void], state: str) -> float | None:
    """Mean power in a state; None where it was there for less than a minute."""
    chosen = segments[segments["state"] == STATES.index(state)]
    seconds = float((chosen["t1"] - chosen["t0"]).sum()) / 1e9
    return math.fsum(chosen["kwh"]) * 3600.0 / seconds if seconds >= _ENOUGH_S else None


def _mode(values: Floats) -> float:
    """The half-sample mode of sorted values: the densest half, of that the densest half, ..."""
    while len(values) > 3:
        half = (len(values) + 1) // 2
        widths = values[half - 1 :] - values[: len(values) - half + 1]
        first = int(np.argmin(widths))
        values = values[first : first + half]
    return math.fsum(values) / len(values)


def mean_parts(columns: list[Column], waiting: float) -> Floats:
    """Each column's power in parts of its station's level, (p,)."""
    return np.array([_part(column, waiting)[0] for column in columns])


def _part(column: Column, waiting: float) -> tuple[float, float, float]:
    """Mean power and its spreads, for all stations alike and for each, in parts of its level."""
    if column.state == "processing":
        return 1.0, 0.0, 0.0
    mean, alike, own = (waiting * part for part in _OF_WAITING[column.state])
    return mean, alike, own


def covariance_parts(
    columns: list[Column], waiting: float, level_sd: float, waiting_sd: float
) -> Floats:
    """Covariance of the columns in parts of their stations' levels, (p, p).

    level_sd: how far the levels are unknown, each station's and all alike, relative; waiting_sd:
    how far the waiting part is, alike for all stations of the feeder, relative.
    """
    parts = np.array([_part(column, waiting) for column in columns])
    mean = parts[:, 0]
    stations = np.array([c.station for c in columns])
    states = np.array([c.state for c in columns])
    works = np.array([c.state == "processing" for c in columns])
    same = stations[:, None] == stations[None, :]
    waits = np.where(works, 0.0, waiting * np.array([_OF_WAITING.get(c.state, (0.0,))[0] for c in columns]))
    covariance = (1.0 + same) * np.outer(mean, mean) * level_sd**2
    covariance += (waiting_sd**2 + same * _OWN_WAITING_SD**2) * np.outer(waits, waits)
    covariance += (states[:, None] == states[None, :]) * np.outer(parts[:, 1], parts[:, 1])
    covariance += np.diag(np.square(parts[:, 2]))
    phased = same & works[:, None] & works[None, :]
    phase, variant = np.array([c.phase for c in columns]), np.array([c.variant for c in columns])
    same_phase = phased & (phase[:, None] == phase[None, :])
    same_variant = phased & (variant[:, None] == variant[None, :])
    covariance += same_phase * _PHASE_SD**2
    covariance += same_variant * _VARIANT_SD**2
    covariance += np.diag(np.where(works, _VARIANT_PHASE_SD**2, 0.0))
    return np.asarray(covariance)


def penalty(knots: int, step_kw: float, level_kw: float) -> Floats:
    """Precision of the base load's knots: steps of a random walk, and how large it may be [1/kW2].

    step_kw: from one knot to the next; level_kw: at each of them.
    """
    precision = np.eye(knots) / level_kw**2
    for k in range(1, knots):
        for i, j, value in ((k, k, 1.0), (k - 1, k - 1, 1.0), (k, k - 1, -1.0), (k - 1, k, -1.0)):
            precision[i, j] += value / step_kw**2
    return precision
