"""The bounded hand-over between threads that receive and the one that works."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from enum import Enum

from data.samples import Event, Samples, event


class Overflow(Enum):
    """What a full queue does: which samples it drops."""

    DROP_OLDEST = "drop_oldest"
    DROP_NEWEST = "drop_newest"


class HandOver:
    """Blocks of samples in arrival order, at most ``max_rows`` of them; drops are counted.

    Each block gets its ``receive_ns`` on the way in, never below the one before. Where samples
    were dropped an Event.DROPPED row takes their place; rows that are events are never dropped.
    """

    def __init__(self, max_rows: int, policy: Overflow, clock_ns: Callable[[], int]) -> None:
        if max_rows < 1:
            raise ValueError(f"max_rows={max_rows}: must be at least 1")
        self._max_rows = max_rows
        self._policy = policy
        self._clock_ns = clock_ns
        self._blocks: deque[tuple[int, Samples]] = deque()  # source, rows
        self._rows = 0  # of the blocks that count
        self._last_ns = 0
        self._changed = threading.Condition()
        self.dropped: Counter[int] = Counter()  # by source

    def put(self, source: int, rows: Samples) -> None:
        """Takes a block from a source, which must not touch it again. Never waits."""
        with self._changed:
            self._last_ns = max(self._last_ns, self._clock_ns())
            rows["receive_ns"] = self._last_ns
            self._blocks.append((source, rows))
            self._rows += _weight(rows)
            while self._rows > self._max_rows:
                self._drop_one()
            self._changed.notify()

    def get(self, timeout_s: float) -> Samples | None:
        """The next block, None where none comes in time."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._blocks), timeout_s)
            if not self._blocks:
                return None
            _, rows = self._blocks.popleft()
            self._rows -= _weight(rows)
            return rows

    def wake(self) -> None:
        """Lets a waiting ``get`` look again."""
        with self._changed:
            self._changed.notify_all()

    def _drop_one(self) -> None:
        order = range(len(self._blocks))
        if self._policy is Overflow.DROP_NEWEST:
            order = order[::-1]
        at = next(i for i in order if _weight(self._blocks[i][1]))
        source, rows = self._blocks[at]
        samples = rows["signal"] >= 0
        count = int(samples.sum())
        self._rows -= _weight(rows)
        self.dropped[source] += count
        self._replace(at, source, rows[~samples], count, int(rows["receive_ns"][-1]))

    def _replace(self, at: int, source: int, kept: Samples, count: int, receive_ns: int) -> None:
        del self._blocks[at]
        neighbour = at - 1 if at > 0 else None
        if neighbour is not None and _is_drop(self._blocks[neighbour][1]):
            self._blocks[neighbour][1]["exact"] += count
        else:
            self._blocks.insert(at, (source, event(Event.DROPPED, receive_ns, exact=count)))
            at += 1
        if len(kept):
            self._blocks.insert(at, (source, kept.copy()))


def _weight(rows: Samples) -> int:
    """Rows that count against the bound: a block of events alone weighs nothing."""
    return len(rows) if len(rows) and (rows["signal"] >= 0).any() else 0


def _is_drop(rows: Samples) -> bool:
    return len(rows) == 1 and int(rows["signal"][0]) == Event.DROPPED
