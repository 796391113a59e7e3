"""What is assumed of stations before a feeder has shown anything, free of scale.

Each station has a level of its own when it processes; all else is in parts of it. The parts below
are those of machines in general, not of any line: they count where the feeder cannot tell, which
is above all the level of a station that is never off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.line import STATES
from twin.meter_design import Column
from twin.meter_tree import FEEDS
from twin.mirror import Booked

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a machine that waits draws, in parts of what it draws when it processes.

    sd: how far that may be off, relative, for all stations of a feeder alike.
    """

    part: float
    sd: float


# Machines that wait draw a tenth to a third of what they draw processing; a line of few meters
# tells nothing of it, so that it is a weak assumption.
WAITING = Waiting(0.1, 0.6)
_KNOWN_SD = 0.1  # where the line has meters on enough stations
_OWN_WAITING_SD = 0.15  # how far each station is from the others
_ENOUGH_STATIONS, _ENOUGH_S = 5, 60.0
# The other states in parts of what it draws waiting; their spread for all alike and for each.
_OF_WAITING = {
    "off": (0.05, 0.05, 0.05),
    "standby": (0.35, 0.06, 0.1),
    "warming_up": (2.0, 1.0, 1.0),
    "idle": (1.3, 0.15, 0.3),
    "starved": (1.0, 0.0, 0.1),
    "blocked": (1.1, 0.05, 0.1),
    "setup": (2.0, 1.0, 1.0),
    "failed": (0.8, 0.1, 0.1),
    "stopped": (0.7, 0.15, 0.2),
    "held": (1.0, 0.3, 0.3),
}
_ALIKE = 0.4
_STRAYS = 2.0  # steps that the base load strays from its mean
_PHASE_SD = 0.5  # of the shape over the cycle, the same for all variants
_VARIANT_SD = 0.15  # of a variant's level
_VARIANT_PHASE_SD = 0.06  # of a variant's own shape


def waiting_part(booked: Booked, carrier: str) -> Waiting:
    """What the stations of a carrier draw that wait.

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
    if len(parts) < _ENOUGH_STATIONS:
        return WAITING
    return Waiting(_mode(np.sort(parts)), _KNOWN_SD)


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


def mean_parts(columns: list[Column], waiting: Waiting) -> Floats:
    """Each column's power in parts of its station's level, (p,)."""
    return np.array([_part(column, waiting)[0] for column in columns])


def _part(column: Column, waiting: Waiting) -> tuple[float, float, float]:
    """Mean power and its spreads, for all stations alike and for each, in parts of its level."""
    if column.state == "processing":
        return 1.0, 0.0, 0.0
    mean, alike, own = (waiting.part * part for part in _OF_WAITING[column.state])
    return mean, alike, own


def covariance_parts(columns: list[Column], waiting: Waiting, level_sd: float) -> Floats:
    """Covariance of the columns in parts of their stations' levels, (p, p).

    level_sd: how far a level is unknown, relative; by _ALIKE of its square all are off alike.
    """
    parts = np.array([_part(column, waiting) for column in columns])
    mean = parts[:, 0]
    stations = np.array([c.station for c in columns])
    states = np.array([c.state for c in columns])
    works = np.array([c.state == "processing" for c in columns])
    same = stations[:, None] == stations[None, :]
    waits = np.where(works, 0.0, mean)
    covariance = (_ALIKE + (1.0 - _ALIKE) * same) * np.outer(mean, mean) * level_sd**2
    covariance += (waiting.sd**2 + same * _OWN_WAITING_SD**2) * np.outer(waits, waits)
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
    """Precision of the base load's knots [1/kW2].

    step_kw: from one knot to the next; level_kw: of each of them. They stray from their mean by
    _STRAYS steps, as what forgets within some two hours does.
    """
    precision = np.eye(knots) / level_kw**2
    precision += (np.eye(knots) - 1.0 / knots) / (_STRAYS * step_kw) ** 2
    for k in range(1, knots):
        for i, j, value in ((k, k, 1.0), (k - 1, k - 1, 1.0), (k, k - 1, -1.0), (k - 1, k, -1.0)):
            precision[i, j] += value / step_kw**2
    return precision
