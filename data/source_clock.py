"""The plant's clock as the arrivals tell it, so that one absurd timestamp moves nothing.

One rule, from the arrivals alone. Of every source we keep an anchor: its newest accepted time
and when it was received. At receive time r its plant clock should then show
``anchor + speed * (r - anchor's receive time)``. A time further ahead of that than a margin is
not believed: ``AHEAD_NS``, or what a fast plant does in ``AHEAD_RECEIVE_NS``. While the anchor was
not yet seen to move on, it may be an old value; until then the sample's server time and our own
clock, the earlier of the two, may bear a time out as well. But where most of the source's signals
say so, of those whose newest time was a recent one (at least two of them, or one that says it
again where none says otherwise), the clock was set, or was never ours, and the anchor follows.

What is not believed, and what has no time at all, gets an estimate: the server's time if that is
within the margin of the plant clock above (of our own, before the first anchor), else that clock.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from data.samples import Flag, Samples

AHEAD_NS = 60 * 1_000_000_000  # plant time
AHEAD_RECEIVE_NS = 10 * 1_000_000_000  # the same for a plant that runs fast: receive time
MOVING_NS = 5 * 1_000_000_000  # receive time; the first values of all items are in by then
MAX_SPEED = 1e6
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
        self._first = self.newest.copy()  # the first anchor, and when it was received
        self._first_received = self.newest.copy()
        self._speed = np.ones(tables + 1)
        self._verdict = np.full(len(line.signals), UNHEARD, np.int8)

    def set_speed(self, speed: float) -> None:
        """Plant seconds per second of our clock, from now on; what is no speed is ignored."""
        if 0 < speed <= MAX_SPEED:
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
        expected_ns = self.expected_ns(source, receive_ns)
        if newest_ns > expected_ns + self._margin_ns(source):
            ahead = self._ahead(rows, source, receive_ns)
        else:
            ahead = np.zeros(rows.shape[0], np.bool_)
        doubtful = ahead | (time_ns <= 0)
        if doubtful.any():
            believed = time_ns[~doubtful]
            newest_ns = int(believed.max()) if believed.size else int(NEVER)
        if newest_ns > self.newest[source]:
            self._anchor(source, newest_ns, receive_ns)
        recent_ns = self.expected_ns(source, receive_ns) - self._margin_ns(source)
        self._verdict[rows["signal"][~doubtful & (time_ns >= recent_ns)]] = BELIEVED
        if doubtful.any():
            rows["time_ns"][doubtful] = self._estimate(rows[doubtful], source, receive_ns)
            rows["flags"][doubtful] |= _CLOCK

    def _anchor(self, source: int, time_ns: int, receive_ns: int) -> None:
        self.newest[source], self._received[source] = time_ns, receive_ns
        if self._first[source] == NEVER:
            self._first[source], self._first_received[source] = time_ns, receive_ns

    def _is_moving(self, source: int) -> bool:
        """Has the anchor moved on as a clock does?"""
        elapsed_ns = int(self._received[source] - self._first_received[source])
        moved_ns = int(self.newest[source] - self._first[source])
        return elapsed_ns >= MOVING_NS and moved_ns >= 0.5 * float(self._speed[source]) * elapsed_ns

    def _margin_ns(self, source: int) -> int:
        return max(AHEAD_NS, int(AHEAD_RECEIVE_NS * float(self._speed[source])))

    def _ahead(self, rows: Samples, source: int, receive_ns: int) -> NDArray[np.bool_]:
        """Which rows are not to be believed; follows the clock where most signals agree."""
        time_ns, margin_ns = rows["time_ns"], self._margin_ns(source)
        ahead: NDArray[np.bool_] = time_ns > self.expected_ns(source, receive_ns) + margin_ns
        if not self._is_moving(source):
            server_ns = np.where(rows["server_ns"] > 0, rows["server_ns"], receive_ns)
            ahead &= time_ns > np.minimum(server_ns, receive_ns) + margin_ns
        if not self._agreed(rows["signal"][ahead], source):
            return ahead
        agreed_ns = int(np.sort(time_ns[ahead])[(int(ahead.sum()) - 1) // 2])
        self._first[source] = NEVER
        self._anchor(source, agreed_ns, receive_ns)
        self._verdict[self.source_of == source] = UNHEARD
        ahead = time_ns > agreed_ns + margin_ns
        self._verdict[rows["signal"][ahead]] = AHEAD
        return ahead

    def _agreed(self, ahead: NDArray[np.int32], source: int) -> bool:
        """Do most of a source's signals say, with these, that its clock is ahead?"""
        again = bool((self._verdict[ahead] == AHEAD).any())
        self._verdict[ahead] = AHEAD
        verdicts = self._verdict[self.source_of == source]
        agreeing, heard = int((verdicts == AHEAD).sum()), int((verdicts != UNHEARD).sum())
        return ahead.size > 0 and 2 * agreeing > heard and (agreeing > 1 or again)

    def _estimate(self, rows: Samples, source: int, receive_ns: int) -> NDArray[np.int64]:
        clock_ns = self.expected_ns(source, receive_ns)
        if clock_ns == NEVER:
            clock_ns = receive_ns
        server_ns = rows["server_ns"]
        sane = (server_ns > 0) & (np.abs(server_ns - clock_ns) <= self._margin_ns(source))
        estimate: NDArray[np.int64] = np.where(sane, server_ns, clock_ns)
        return estimate

    def state(self) -> dict[str, NDArray[np.generic]]:
        """All that settle depends on."""
        return {
            "clock_newest": self.newest,
            "clock_received": self._received,
            "clock_first": self._first,
            "clock_first_received": self._first_received,
            "clock_speed": self._speed,
            "clock_verdict": self._verdict,
        }

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Takes up a state() of the same line."""
        self.newest[:] = state["clock_newest"]
        self._received[:] = state["clock_received"]
        self._first[:] = state.get("clock_first", self._first)
        self._first_received[:] = state.get("clock_first_received", self._first_received)
        self._speed[:] = state["clock_speed"]
        self._verdict[:] = state["clock_verdict"]
