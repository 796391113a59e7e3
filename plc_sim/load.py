"""A load and its energy in closed form: the rate follows its level with a first-order lag.

Times are whole microseconds of plant time. A rate is in units per hour (kW for energy), an amount
in those units (kWh). A load is a piece of that curve; a LoadBank reads many loads at many instants
at once, from the pieces that were in force then.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, expm1

import numpy as np
from numpy.typing import NDArray

US_PER_S = 1_000_000
S_PER_H = 3600.0

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
# Level, rate above it at the last cut, that times the lag, time of the cut [us], -1/lag [1/s; 0
# for none], amount at the cut.
Piece = tuple[float, float, float, float, float, float]


def microseconds(seconds: float) -> int:
    """Seconds as plant time."""
    return round(seconds * US_PER_S)


class Load:
    """A rate that approaches its level exponentially: r(t) = level + (r0 - level) exp(-t / lag)."""

    __slots__ = ("_counted", "_known", "_lag_s", "_level", "_rate", "_since_us", "_stale")

    def __init__(self, lag_s: float, level: float) -> None:
        """Starts at time 0, settled at ``level``; a lag of 0 s follows at once."""
        self._lag_s = lag_s
        self._level = self._rate = level
        self._since_us = 0
        self._counted = 0.0
        self._known = False  # to a bank, as it is now
        self._stale: list[Load] = []

    def rate(self, now_us: int) -> float:
        """The rate at a time that is not before the last ``cut``."""
        if self._lag_s == 0.0:
            return self._level
        decay = exp(-(now_us - self._since_us) / US_PER_S / self._lag_s)
        return self._level + (self._rate - self._level) * decay

    def amount(self, now_us: int) -> float:
        """What it has drawn from time 0 to now."""
        return self._counted + self._piece(now_us)

    def cut(self, now_us: int) -> float:
        """What it has drawn since the last cut."""
        piece = self._piece(now_us)
        self._rate = self.rate(now_us)
        self._since_us = now_us
        self._counted += piece
        self._changed()
        return piece

    def approach(self, level: float) -> None:
        """A new level from the last cut on."""
        self._level = level
        if self._lag_s == 0.0:
            self._rate = level
        self._changed()

    def settle(self) -> None:
        """Is at its level from the last cut on."""
        self._rate = self._level
        self._changed()

    def surge(self, rate: float) -> None:
        """Begins at no less than this rate, from the last cut on: an inrush that the lag ends."""
        if self._lag_s > 0.0 and rate > self._rate:
            self._rate = rate
            self._changed()

    def report_to(self, stale: list[Load]) -> None:
        """Puts itself into the list now, and at its first change after each ``piece``."""
        self._stale = stale
        self._known = False
        stale.append(self)

    def piece(self) -> Piece:
        """Its curve since the last cut."""
        self._known = True
        above = self._rate - self._level
        per_s = -1.0 / self._lag_s if self._lag_s > 0.0 else 0.0
        since_us = float(self._since_us)
        return self._level, above, above * self._lag_s, since_us, per_s, self._counted

    def _changed(self) -> None:
        if self._known:
            self._known = False
            self._stale.append(self)

    def _piece(self, now_us: int) -> float:
        elapsed_s = (now_us - self._since_us) / US_PER_S
        area = self._level * elapsed_s
        if self._lag_s > 0.0:
            area -= (self._rate - self._level) * self._lag_s * expm1(-elapsed_s / self._lag_s)
        return area / S_PER_H


class LoadBank:
    """Loads side by side: ``in_force`` keeps their pieces of an instant, ``read`` many at once."""

    def __init__(self, loads: Sequence[Load]) -> None:
        self._column = {load: number for number, load in enumerate(loads)}
        self._newest = np.arange(len(loads))
        self._used = len(loads)
        self._pieces = np.zeros((6, 2 * len(loads) + 64))
        self._stale: list[Load] = []
        for load in loads:
            load.report_to(self._stale)

    def columns(self, loads: Sequence[Load]) -> Indices:
        """Where these loads are in the bank."""
        return np.array([self._column[load] for load in loads], np.int64)

    def in_force(self, columns: Indices) -> Indices:
        """The pieces of some loads as they are now, for ``read`` before the next ``forget``."""
        if self._stale:
            self._keep()
        return self._newest[columns]

    def read(self, pieces: Indices, times_us: Floats) -> tuple[Floats, Floats]:
        """Rates, and amounts since time 0, of pieces at a time each."""
        level, above, tail, since_us, per_s, counted = self._pieces.take(pieces, axis=1)
        elapsed_s = (times_us - since_us) / US_PER_S
        fallen = np.expm1(elapsed_s * per_s)
        return level + above * (1.0 + fallen), counted + (
            level * elapsed_s - tail * fallen
        ) / S_PER_H

    def forget(self) -> None:
        """Lets go of all pieces but the newest of each load."""
        count = len(self._newest)
        if self._used > count:
            self._pieces[:, :count] = self._pieces[:, self._newest]
            self._newest = np.arange(count)
            self._used = count

    def _keep(self) -> None:
        end = self._used + len(self._stale)
        if end > self._pieces.shape[1]:
            self._pieces = np.concatenate([self._pieces, np.zeros_like(self._pieces)], axis=1)
        self._pieces[:, self._used : end] = np.array([load.piece() for load in self._stale]).T
        for number, load in enumerate(self._stale, self._used):
            self._newest[self._column[load]] = number
        self._used = end
        self._stale.clear()
