"""What happened to counters: they started anew, rolled over, or showed what was not believed."""

from __future__ import annotations

from dataclasses import dataclass

from twin.kernels import booking as kernel
from twin.mirror import Booked

NAMES = {
    kernel.NOTE_RESET: "COUNTER_RESET",
    kernel.NOTE_ROLLOVER: "COUNTER_ROLLOVER",
    kernel.NOTE_REFUSED: "READING_REFUSED",
}


@dataclass(frozen=True, slots=True)
class CounterEvent:
    """One of NAMES; ``about`` is the signal's key, ``count`` what it then showed."""

    name: str
    time_ns: int
    about: str
    count: float


def events(booked: Booked) -> list[CounterEvent]:
    """All of them, in the order of their times."""
    found = [
        CounterEvent(
            name=NAMES[int(note["kind"])],
            time_ns=int(note["t"]),
            about=_counter_key(booked, int(note["point"])),
            count=float(note["count"]),
        )
        for note in booked.notes
    ]
    return sorted(found, key=lambda event: event.time_ns)


def _counter_key(booked: Booked, point: int) -> str:
    amount = booked.line.points[point].amount
    return f"{amount.id}.value" if amount is not None else booked.line.points[point].id
