"""Outdoor temperature as the plant's own signal tells it."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from data.samples import SEVERITY_SHIFT, Flag, SampleBlock, Samples, ValueType

OUTDOOR = np.dtype([("t", "<i8"), ("celsius", "<f8")])
_BAD = 2  # severity of a status
Temperatures = NDArray[np.void]  # (n,) OUTDOOR in order of time


class Thermometer:
    """Collects the readings of one outdoor thermometer: the plant's, else a workshop's first."""

    def __init__(self, line: Line) -> None:
        found = [signal for signal in line.signals if signal.role == "outdoor_temperature"]
        found.sort(key=lambda signal: signal.subject_kind != "plant")
        self._signal = found[0].index if found else -1
        self._scale = found[0].scale if found else 1.0
        self._read: list[Temperatures] = []

    def take(self, block: SampleBlock) -> None:
        """Keeps a block's good readings."""
        if self._signal < 0:
            return
        samples = block.samples[block.samples["signal"] == self._signal]
        samples = samples[_is_good(samples)]
        if not len(samples):
            return
        read = np.zeros(len(samples), OUTDOOR)
        read["t"], read["celsius"] = samples["order_ns"], samples["value"] * self._scale
        self._read.append(read)

    def readings(self) -> Temperatures:
        """All of them so far."""
        self._read = [np.concatenate([np.zeros(0, OUTDOOR), *self._read])]
        return self._read[0]


def _is_good(samples: Samples) -> NDArray[np.bool_]:
    good = (samples["status"] >> SEVERITY_SHIFT) < _BAD
    good &= (samples["flags"] & Flag.REFUSED) == 0
    good &= samples["type"] != ValueType.TEXT
    return np.asarray(good & (samples["type"] != ValueType.NONE) & np.isfinite(samples["value"]))


def mean_celsius(
    readings: Temperatures, from_ns: int, to_ns: int, silent_ns: Iterable[tuple[int, int]] = ()
) -> float | None:
    """Mean temperature of a period, each reading held until the next; None where there is none.

    Times in ``silent_ns`` count for nothing.
    """
    begins = np.maximum(readings["t"], from_ns)
    ends = np.minimum(np.append(readings["t"][1:], to_ns), to_ns)
    held_ns = np.maximum(ends - begins, 0)
    for a, b in silent_ns:
        held_ns -= np.maximum(np.minimum(ends, b) - np.maximum(begins, a), 0)
    held_ns = np.maximum(held_ns, 0)
    total_ns = int(held_ns.sum())
    return math.fsum(readings["celsius"] * held_ns) / total_ns if total_ns else None
