"""The plant's clock as the arrivals tell it, so that one absurd timestamp moves nothing.

One rule, from the arrivals alone. Of every source we keep an anchor: its newest accepted time
and when it was received. At receive time r its plant clock should then show
``anchor + speed * (r - anchor's receive time)``. A time further ahead than ``AHEAD_NS`` of both
that and our own clock is not believed, unless more than half of the source's signals that have
reported (and at least two) say so too: then the source's clock was set, and the anchor follows.
What is not believed, and what has no time at all, gets an estimate: the server's time if it is
within ``AHEAD_NS`` of ours, else our receive time; but the plant clock above where that runs at
another speed or is elsewhere than ours.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from data.samples import Flag, Samples

AHEAD_NS = 3600 * 1_000_000_000  # plant time
AHEAD_RECEIVE_NS = 60 * 1_000_000_000  # the same for a plant that runs fast: receive time
NEVER = np.iinfo(np.int64).min // 4  # sums and differences of it do not overflow

_CLOCK = np.uint8(Flag.CLOCK)
UNHEARD, BELIEVED, AHEAD = -1, 0, 1


class SourceClocks:
    """The plant clock of every source of a line; pure state, fed by arrivals."""

    def __init__(self, line: Line) -> None:
        numbers = {source.id: i for i, source in enumerate(line.sources)}
        tables = len(numbers)  # signals without a server share one more clock
        self.source_of = np.array(
            [numbers.get(signal.source or "", tables) for signal in line.signals], np.int32
        )
        self.newest = np.full(tables + 1, NEVER, np.int64)
        self._received = np.full(tables + 1, NEVER, np.int64)
        self._speed = np.ones(tables + 1)
        self._verdict = np.full(len(line.signals), UNHEARD, np.int8)
        self._quorum = min(2, len(line.signals))

    def set_speed(self, speed: float) -> None:
        """Plant seconds per second of our clock, from now on; what is no speed is ignored."""
        if np.isfinite(speed) and speed > 0:
            self._speed[:] = speed

    def settle(self, rows: Samples, receive_ns: int) -> None:
        """Gives every sample of one arrival a time to count by; changes ``rows`` in place."""
        source_of_row = self.source_of[rows["signal"]]
        first = int(source_of_row[0])
        if (source_of_row == first).all():
            self._settle_source(rows, first, receive_ns)
            return
        for source in np.unique(source_of_row):
            mine = source_of_row == source
            part = rows.compress(mine)
            self._settle_source(part, int(source), receive_ns)
            rows[mine] = part

    def expected_ns(self, source: int, receive_ns: int) -> int:
        """What the source's clock should show; NEVER while it is unknown."""
        if self.newest[source] == NEVER:
            return int(NEVER)
        elapsed_ns = receive_ns - int(self._received[source])
        return int(self.newest[source]) + int(elapsed_ns * float(self._speed[source]))

    def _settle_source(self, rows: Samples, source: int, receive_ns: int) -> None:
        time_ns: NDArray[np.int64] = rows["time_ns"]
        newest_ns = int(time_ns.max())
        if newest_ns > self._ceiling_ns(source, receive_ns):
            ahead = self._ahead(rows, source, receive_ns)
        else:
            ahead = np.zeros(rows.shape[0], np.bool_)
            self._verdict[rows["signal"]] = BELIEVED
        doubtful = ahead | (time_ns <= 0)
        if doubtful.any():
            believed = time_ns[~doubtful]
            newest_ns = int(believed.max()) if believed.size else int(NEVER)
        if newest_ns > self.newest[source]:
            self.newest[source], self._received[source] = newest_ns, receive_ns
        if doubtful.any():
            rows["time_ns"][doubtful] = self._estimate(rows[doubtful], source, receive_ns)
            rows["flags"][doubtful] |= _CLOCK

    def _margin_ns(self, source: int) -> int:
        return max(AHEAD_NS, int(AHEAD_RECEIVE_NS * float(self._speed[source])))

    def _ceiling_ns(self, source: int, receive_ns: int) -> int:
        expected_ns = self.expected_ns(source, receive_ns)
        return max(expected_ns, receive_ns) + self._margin_ns(source)

    def _ahead(self, rows: Samples, source: int, receive_ns: int) -> NDArray[np.bool_]:
        """Which rows are not to be believed; follows the clock where most signals agree."""
        time_ns = rows["time_ns"]
        ahead: NDArray[np.bool_] = time_ns > self._ceiling_ns(source, receive_ns)
        self._verdict[rows["signal"]] = np.where(ahead, AHEAD, BELIEVED)
        verdicts = self._verdict[self.source_of == source]
        agreeing = int((verdicts == AHEAD).sum())
        if agreeing < self._quorum or 2 * agreeing <= int((verdicts != UNHEARD).sum()):
            return ahead
        agreed_ns = int(np.sort(time_ns[ahead])[(int(ahead.sum()) - 1) // 2])
        self.newest[source], self._received[source] = agreed_ns, receive_ns
        ahead = time_ns > agreed_ns + self._margin_ns(source)
        self._verdict[self.source_of == source] = UNHEARD
        self._verdict[rows["signal"]] = np.where(ahead, AHEAD, BELIEVED)
        return ahead

    def _estimate(self, rows: Samples, source: int, receive_ns: int) -> NDArray[np.int64]:
        expected_ns = self.expected_ns(source, receive_ns)
        elsewhere = abs(expected_ns - receive_ns) > AHEAD_NS or self._speed[source] != 1
        if expected_ns != NEVER and elsewhere:
            return np.full(rows.shape[0], expected_ns, np.int64)
        server_ns = rows["server_ns"]
        sane = (server_ns > 0) & (np.abs(server_ns - receive_ns) <= AHEAD_NS)
        estimate: NDArray[np.int64] = np.where(sane, server_ns, receive_ns)
        return estimate

    def state(self) -> dict[str, NDArray[np.generic]]:
        """All that settle depends on."""
        return {
            "clock_newest": self.newest,
            "clock_received": self._received,
            "clock_speed": self._speed,
            "clock_verdict": self._verdict,
        }

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Takes up a state() of the same line."""
        self.newest[:] = state["clock_newest"]
        self._received[:] = state["clock_received"]
        self._speed[:] = state["clock_speed"]
        self._verdict[:] = state["clock_verdict"]
