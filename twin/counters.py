"""What happened to meters, and what they show that cannot be.

Counters that started anew, rolled over, were replaced, count backwards or showed what was not
believed; meters with the wrong sign; a power and a counter that contradict each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernels import booking as kernel
from twin.mirror import Booked

NAMES = {
    kernel.NOTE_RESET: "COUNTER_RESET",
    kernel.NOTE_ROLLOVER: "COUNTER_ROLLOVER",
    kernel.NOTE_REFUSED: "READING_REFUSED",
    kernel.NOTE_REPLACED: "COUNTER_REPLACED",
    kernel.NOTE_BACKWARDS: "COUNTER_BACKWARDS",
}
WRONG_SIGN, CONTRADICTION = "METER_WRONG_SIGN", "POWER_CONTRADICTS_COUNTER"
APART = 0.2  # a power and a counter differ by so large a part of the larger in a slot, at least
STEPS_APART = 20.0  # and by so many of the counter's steps
LEAST_APART_KWH = 1.0


@dataclass(frozen=True, slots=True)
class CounterEvent:
    """One of NAMES, WRONG_SIGN or CONTRADICTION.

    ``about`` is the signal's key, ``count`` what it then showed: of a contradiction the kWh that
    the counter counted beyond the power in that slot.
    """

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
    for number in sorted(booked.negative_signals):
        shown = float(booked.newest[number]["value"])
        key = booked.line.signals[number].key
        found.append(CounterEvent(WRONG_SIGN, booked.from_ns, key, shown))
    for point, slot_ns, kwh in contradictions(booked):
        found.append(CounterEvent(CONTRADICTION, slot_ns, _counter_key(booked, point), kwh))
    return sorted(found, key=lambda event: event.time_ns)


def _counter_key(booked: Booked, point: int) -> str:
    amount = booked.line.points[point].amount
    return f"{amount.id}.value" if amount is not None else booked.line.points[point].id


def contradictions(booked: Booked) -> list[tuple[int, int, float]]:
    """(point, slot [ns], kWh) where a counter and the power beside it contradict each other.

    One of them is frozen, or counts something else: a fifth of the larger and 20 steps of the
    counter lie between them in a 15-minute slot; kWh is the counter's less the power's.
    """
    both = booked.points["kind"] == kernel.RATE_AND_COUNTER
    both &= (booked.points["has_rate"] == 1) & (booked.points["counter"]["has_count"] == 1)
    segments = booked.segments
    inner = segments["point"] < len(both)
    segments = segments[inner][both[segments["point"][inner]]]
    if not len(segments):
        return []
    slots = segments["t0"] // kernel.SLOT_NS
    width = int(slots.max() - slots.min()) + 1
    keys, group = np.unique(segments["point"] * width + (slots - slots.min()), return_inverse=True)
    counted, shaped = _sums(group, segments["kwh"]), _sums(group, segments["shape_kwh"])
    points = keys // width
    least = np.maximum(STEPS_APART * booked.points["least_rise"][points], LEAST_APART_KWH)
    larger = np.maximum(np.abs(counted), np.abs(shaped))
    apart = np.abs(counted - shaped) > np.maximum(least, APART * larger)
    return [
        (
            int(points[i]),
            int((keys[i] % width + slots.min()) * kernel.SLOT_NS),
            float(counted[i] - shaped[i]),
        )
        for i in np.flatnonzero(apart).tolist()
    ]


def _sums(group: NDArray[np.int64], kwh: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.bincount(group, weights=kwh), np.float64)
