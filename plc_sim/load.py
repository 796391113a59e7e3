"""A load and its energy in closed form: the rate follows its level with a first-order lag.

Times are whole microseconds of plant time. A rate is in units per hour (kW for energy), an amount
in those units (kWh).
"""

from __future__ import annotations

from math import exp, expm1

US_PER_S = 1_000_000
S_PER_H = 3600.0


def microseconds(seconds: float) -> int:
    """Seconds as plant time."""
    return round(seconds * US_PER_S)


class Load:
    """A rate that approaches its level exponentially: r(t) = level + (r0 - level) exp(-t / lag)."""

    __slots__ = ("_counted", "_lag_s", "_level", "_rate", "_since_us")

    def __init__(self, lag_s: float, level: float) -> None:
        """Starts at time 0, settled at ``level``; a lag of 0 s follows at once."""
        self._lag_s = lag_s
        self._level = self._rate = level
        self._since_us = 0
        self._counted = 0.0

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
        return piece

    def approach(self, level: float) -> None:
        """A new level from the last cut on."""
        self._level = level
        if self._lag_s == 0.0:
            self._rate = level

    def settle(self) -> None:
        """Is at its level from the last cut on."""
        self._rate = self._level

    def _piece(self, now_us: int) -> float:
        elapsed_s = (now_us - self._since_us) / US_PER_S
        area = self._level * elapsed_s
        if self._lag_s > 0.0:
            area -= (self._rate - self._level) * self._lag_s * expm1(-elapsed_s / self._lag_s)
        return area / S_PER_H
