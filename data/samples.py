"""SampleBlock: which signal, when, what value, how good; and the Source and Log interfaces.

A block is one structured array. Real numbers travel in ``value``, exact integers in ``exact``
(a float64 holds none above 2**53), texts as an id into a TextTable that grows with the stream.
What happens to the stream itself (a session begins, a gap, a drop) travels in the same array as
a row whose ``signal`` is negative, so that one order and one log hold everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from data.line import Line

SAMPLE = np.dtype(
    [
        ("signal", "<i4"),  # index into Line.signals; below 0 an Event
        ("type", "u1"),  # a ValueType
        ("flags", "u1"),  # Flag bits
        ("status", "<u4"),  # OPC UA StatusCode; its two top bits are the severity
        ("time_ns", "<i8"),  # source time, UTC
        ("server_ns", "<i8"),  # server time, 0 where the server gave none
        ("receive_ns", "<i8"),  # our own clock, UTC
        ("order_ns", "<i8"),  # when it counts: time_ns, or later for what came late
        ("value", "<f8"),  # reals; integers as the nearest float; else NaN
        ("exact", "<i8"),  # integers; text ids; an event's argument
    ]
)
Samples = NDArray[np.void]


class ValueType(IntEnum):
    """Which field of a sample holds its value."""

    NONE = 0  # no value: see its status
    REAL = 1  # value
    INTEGER = 2  # exact (and value, rounded)
    TEXT = 3  # exact is an id into the TextTable


class Flag(IntFlag):
    """What the way in decided about a sample."""

    LATE = 1  # came after its time was passed on; counts from order_ns
    DUPLICATE = 2  # same signal, time and value as before; confirms, adds nothing
    CLOCK = 4  # the source time was missing or absurd; time_ns is an estimate
    OVERFLOW = 8  # the server's queue dropped values before this one
    REFUSED = 16  # a value of the wrong type, NaN or infinite: kept, never used


class Event(IntEnum):
    """Rows with a negative ``signal``: what happened to the stream itself."""

    SESSION_BEGIN = -1  # time_ns: from here on energy is booked
    SESSION_END = -2  # time_ns: the newest source time
    GAP_BEGIN = -3  # exact: the source's index; time_ns: its last source time
    GAP_END = -4  # exact: the source's index; time_ns: its first new source time
    DROPPED = -5  # exact: how many samples a full queue dropped
    SIGNAL_LOST = -6  # exact: the signal's index; status says why
    SPEED = -7  # value: plant seconds per second of the server
    SAMPLES_LOST = -8  # exact: the signal's index; a damaged log: from here on they do not read


SEVERITY_SHIFT = 30  # status >> 30: 0 good, 1 uncertain, 2 and 3 bad


class TextTable:
    """The texts of one stream by id, in order of first appearance; it only grows."""

    def __init__(self, texts: tuple[str, ...] = ()) -> None:
        self._texts: list[str] = []
        self._ids: dict[str, int] = {}
        for text in texts:
            self.intern(text)

    def intern(self, text: str) -> int:
        """Id of a text, given on first sight."""
        number = self._ids.get(text)
        if number is None:
            number = self._ids[text] = len(self._texts)
            self._texts.append(text)
        return number

    def __getitem__(self, number: int) -> str:
        return self._texts[number]

    def __len__(self) -> int:
        return len(self._texts)

    def since(self, number: int) -> tuple[str, ...]:
        """The texts from this id on."""
        return tuple(self._texts[number:])


@dataclass(frozen=True, slots=True)
class SampleBlock:
    """Some samples, and the table that their text ids point into."""

    samples: Samples
    texts: TextTable

    def __len__(self) -> int:
        return int(self.samples.shape[0])


def empty(count: int = 0) -> Samples:
    """``count`` zeroed samples: good status, no value."""
    samples = np.zeros(count, SAMPLE)
    samples["value"] = np.nan
    return samples


def event(kind: Event, receive_ns: int, *, exact: int = 0, value: float = 0.0) -> Samples:
    """One event row as a source writes it; the sequencer gives it its time."""
    row = empty(1)
    row["signal"], row["receive_ns"] = int(kind), receive_ns
    row["exact"], row["value"] = exact, value
    return row


class Source(Protocol):
    """Where samples come from.

    Live sources yield arrival order, one ``receive_ns`` per block, and an empty block at least
    every 0.25 s, so that whoever drives them can look up. A replay yields the sequenced order.
    """

    @property
    def line(self) -> Line:
        """The line whose signals the samples index."""
        ...

    @property
    def texts(self) -> TextTable:
        """The table that the blocks' text ids point into."""
        ...

    def blocks(self) -> Iterator[SampleBlock]:
        """The samples, block by block, until the source ends or is stopped."""
        ...

    def stop(self) -> None:
        """Ends ``blocks`` soon; safe from any thread, and more than once."""
        ...


class Order(Protocol):
    """Decides once, on the way in, in which order samples count (see data.sequencer)."""

    def push(self, block: SampleBlock) -> SampleBlock:
        """Takes samples in arrival order; gives what can be passed on, in final order."""
        ...

    def flush(self) -> SampleBlock:
        """Gives what is still held, and the end of the session."""
        ...


class LogTrouble(Exception):
    """Samples cannot be put on disk now; they are kept in memory, and it is tried again."""


class Log(Protocol):
    """Keeps samples (see data.shift_log); what it raises is LogTrouble, once each time."""

    @property
    def failure(self) -> str | None:
        """Why samples are not on disk now; None while all is well."""
        ...

    def arrived(self, block: SampleBlock) -> None:
        """Keeps samples as they arrived, safely on disk within a second."""
        ...

    def sequenced(self, block: SampleBlock) -> None:
        """Keeps samples in their final order."""
        ...

    def close(self) -> None:
        """Seals the log."""
        ...
