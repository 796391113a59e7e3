"""A shift log as a source: the sequenced stream as it was logged, at any speed.

Playing, ``blocks`` yields samples when they are due: by their order_ns, against a monotonic
clock, at ``speed``. What a screen does to it (pause, speed, seek) comes from other threads.

A seek ends the running ``blocks`` and raises ``generation``. Whoever drives the source resets
what it has built from the stream and calls ``blocks`` again: that begins at the log's begin, gives
everything up to the new position without waiting, and goes on from there. So a seek gives the
same as having played to there.

    while True:
        generation = source.generation
        begin_anew()
        for block in source.blocks():
            take(block)
        if source.generation == generation:
            break
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from data.line import Line
from data.log_reader import MAX_ROWS, ShiftLog
from data.samples import Event, SampleBlock, TextTable, empty

TICK_S = 0.05  # playing, samples are handed on in steps of this
EVER_NS = (1 << 63) - 1
WAIT_S = 0.25  # an empty block at least so often


@dataclass(frozen=True, slots=True)
class _Anchor:
    """At ``clock_s`` the position was ``order_ns``; it moves on at ``speed``."""

    clock_s: float
    order_ns: int
    speed: float  # 0: paused

    def position_ns(self, clock_s: float) -> int:
        return self.order_ns + int((clock_s - self.clock_s) * self.speed * 1e9)


class ReplaySource:
    """Plays a shift log (data.samples.Source); speed is plant seconds per second, None: maximal.

    With ``linger`` the end of the log does not end ``blocks``: it yields empty blocks until a
    seek or ``stop``, so that a screen stays where it is. All methods are safe from any thread.
    """

    def __init__(
        self,
        log: ShiftLog,
        *,
        speed: float | None,
        linger: bool = False,
        max_rows: int = MAX_ROWS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._linger = linger
        self._max_rows = max_rows
        self._clock = clock
        self._changed = threading.Condition()
        self._speed = _checked(speed)
        self._paused = False
        self._stopped = False
        self._generation = 0
        begin_ns, end_ns = _session_span(log)
        self._span_ns = (begin_ns, end_ns)
        self._target_ns = begin_ns  # up to here nothing waits
        self._anchor: _Anchor | None = None  # None: not playing in time
        self._given_ns = begin_ns

    # --- what it is -------------------------------------------------------------------------

    @property
    def line(self) -> Line:
        """The line that the log was written with."""
        return self._log.line

    @property
    def texts(self) -> TextTable:
        """The log's texts."""
        return self._log.texts

    @property
    def span_ns(self) -> tuple[int, int]:
        """Begin and end of the log; (0, 0) if it is empty."""
        return self._span_ns

    @property
    def position_ns(self) -> int:
        """Up to where the stream was given."""
        with self._changed:
            return self._position_ns()

    @property
    def generation(self) -> int:
        """How often the position was set."""
        return self._generation

    @property
    def speed(self) -> float | None:
        """Plant seconds per second; None: as fast as it goes."""
        return self._speed

    @property
    def playing(self) -> bool:
        """Goes on by itself; False: paused."""
        return not self._paused

    # --- control ----------------------------------------------------------------------------

    def pause(self) -> None:
        """Holds still until ``play``."""
        self._play(self._speed, paused=True)

    def play(self) -> None:
        """Goes on."""
        self._play(self._speed, paused=False)

    def set_speed(self, speed: float | None) -> None:
        """Plays on at this speed. ValueError unless it is above 0."""
        self._play(_checked(speed), paused=self._paused)

    def seek(self, time_ns: int) -> None:
        """Goes to a position; ``blocks`` ends and is to be called again."""
        begin_ns, end_ns = self._span_ns
        with self._changed:
            self._generation += 1
            self._target_ns = min(max(int(time_ns), begin_ns), end_ns)
            self._given_ns = self._target_ns
            self._anchor = None
            self._changed.notify_all()

    def stop(self) -> None:
        """Ends ``blocks``."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _play(self, speed: float | None, *, paused: bool) -> None:
        """From the position as it is, on as it shall be."""
        with self._changed:
            position_ns = self._position_ns()
            self._speed, self._paused = speed, paused
            if self._anchor is not None:
                self._anchor = self._anchor_at(position_ns)
            self._changed.notify_all()

    # --- the stream -------------------------------------------------------------------------

    def blocks(self) -> Iterator[SampleBlock]:
        """The log's samples from its begin; ends at its end, at a seek and at ``stop``."""
        generation = self._generation
        for block in self._log.blocks(self._max_rows):
            for part in self._in_time(block, generation):
                if self._over(generation):
                    return
                yield part
            if self._over(generation):
                return
        while self._linger and not self._over(generation):
            with self._changed:
                self._changed.wait(WAIT_S)
            yield SampleBlock(empty(), self.texts)

    def _over(self, generation: int) -> bool:
        return self._stopped or generation != self._generation

    def _in_time(self, block: SampleBlock, generation: int) -> Iterator[SampleBlock]:
        """A block in parts, each as it is due; empty ones while there is nothing to give."""
        rows = block.samples
        order_ns = np.ascontiguousarray(rows["order_ns"])
        while rows.shape[0] and not self._over(generation):
            due = int(np.searchsorted(order_ns, self._due_ns(int(order_ns[0])), side="right"))
            yield SampleBlock(rows[:due], block.texts)
            if due:
                with self._changed:
                    self._given_ns = max(self._given_ns, int(order_ns[due - 1]))
                rows, order_ns = rows[due:], order_ns[due:]
            if rows.shape[0] and not self._over(generation):
                self._wait(int(order_ns[0]))

    def _due_ns(self, next_ns: int) -> int:
        """Everything up to here is to be given now."""
        with self._changed:
            if next_ns <= self._target_ns:
                return self._target_ns
            if self._speed is None and not self._paused:
                return EVER_NS
            if self._anchor is None:
                self._anchor = self._anchor_at(self._given_ns)
            position_ns = self._position_ns()
            # A damaged log may hold rows behind the end that its heads tell.
            return EVER_NS if position_ns >= self._span_ns[1] else position_ns

    def _wait(self, next_ns: int) -> None:
        """Until the next sample is due, a tick at least; or until something changes."""
        with self._changed:
            speed = 0.0 if self._paused or self._speed is None else self._speed
            wait_s = (next_ns - self._position_ns()) / 1e9 / speed if speed else WAIT_S
            self._changed.wait(min(max(wait_s, TICK_S), WAIT_S))

    def _position_ns(self) -> int:
        if self._anchor is None:
            return self._given_ns
        position_ns = self._anchor.position_ns(self._clock())
        return min(position_ns, self._span_ns[1])

    def _anchor_at(self, order_ns: int) -> _Anchor | None:
        if self._paused:
            return _Anchor(self._clock(), order_ns, 0.0)
        return None if self._speed is None else _Anchor(self._clock(), order_ns, self._speed)


def _session_span(log: ShiftLog) -> tuple[int, int]:
    """From where energy is booked to the end; values that were older come all at once."""
    begin_ns, end_ns = log.span_ns or (0, 0)
    events = log.events()
    begins = events["order_ns"][events["signal"] == Event.SESSION_BEGIN]
    return (max(begin_ns, int(begins[0])) if len(begins) else begin_ns, end_ns)


def _checked(speed: float | None) -> float | None:
    if speed is not None and not 0 < speed < float("inf"):
        raise ValueError(f"speed {speed}: must be above 0, or None for maximal")
    return speed
