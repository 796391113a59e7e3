"""Samples of meters that get lost on the way: one by one, and in bursts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from data.samples import SampleBlock
from plc_sim.streams import stream

BURST_S = 10
_SECOND_NS = 1_000_000_000


class LossyWire:
    """Loses a share of the meters' samples, half of it one by one, half in bursts of ten seconds.

    A burst takes power and counter of a metering point together. The first second comes whole.
    """

    def __init__(
        self, line: Line, *, seed: int, start_ns: int, duration_s: float, share: float
    ) -> None:
        self._start_ns = start_ns
        self._point_of = np.full(len(line.signals), -1, np.int64)
        for p, point in enumerate(line.points):
            for meter in (point.amount, point.rate):
                if meter is not None and f"{meter.id}.value" in line.signal_index:
                    self._point_of[line.signal_index[f"{meter.id}.value"]] = p
        seconds = int(duration_s) + 2
        draws = stream(seed, "lossy", "bursts")
        self._away = np.array([_bursts(draws, seconds, share / 2) for _ in line.points])
        # Of what the bursts leave.
        self._alone = (share / 2) / (1 - share / 2)
        self._draws = stream(seed, "lossy", "alone")

    def pass_on(self, block: SampleBlock) -> SampleBlock:
        """What arrives of a block."""
        rows = block.samples
        signals = np.maximum(rows["signal"], 0)
        point = np.where(rows["signal"] >= 0, self._point_of[signals], -1)
        second = np.clip((rows["time_ns"] - self._start_ns) // _SECOND_NS, 0, None)
        second = np.minimum(second, self._away.shape[1] - 1)
        lost = self._away[point, second] | (self._draws.random(len(rows)) < self._alone)
        return SampleBlock(rows[~(lost & (point >= 0) & (second > 0))], block.texts)


def _bursts(draws: np.random.Generator, seconds: int, share: float) -> NDArray[np.bool_]:
    """Which seconds are within a burst, (seconds,): so large a share of them in the mean."""
    between_s = BURST_S * (1 - share) / share
    begins = np.cumsum(draws.exponential(between_s, 2 + int(3 * seconds / between_s)) + BURST_S)
    away = np.zeros(seconds, bool)
    for begin in begins[begins < seconds].astype(int).tolist():
        away[begin : begin + BURST_S] = True
    return away
