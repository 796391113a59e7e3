"""The life of one alarm by ISA-18.2: a pure step for each thing that can happen to it.

Model. A condition that has held for the on-delay raises the alarm, one that has been over for the
off-delay clears it. A raised alarm waits for its acknowledgement, before and after it clears:
normal, unacknowledged, acknowledged, returned (cleared, not acknowledged). Beside these, and
stronger: shelved (until a time, with a reason), out of service (with a reason), suppressed (by
design). What happens meanwhile is followed but not annunciated; an alarm that stands when that is
over is raised anew. Times are UTC nanoseconds of the plant; nothing reads a clock, so the same
happenings give the same life, however finely time is cut.
Source: ANSI/ISA-18.2-2016, alarm state transition diagram, from public summaries.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

State = Literal[
    "normal",
    "unacknowledged",
    "acknowledged",
    "returned",
    "shelved",
    "out_of_service",
    "suppressed",
]
What = Literal[
    "raised",
    "cleared",
    "acknowledged",
    "shelved",
    "unshelved",
    "shelf_expired",
    "out_of_service",
    "in_service",
    "suppressed",
    "unsuppressed",
]


@dataclass(frozen=True, slots=True)
class Delays:
    """How long a condition must hold, and be over [ns]."""

    on_ns: int
    off_ns: int


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened to an alarm at a time [UTC ns]."""

    time_ns: int
    what: What


@dataclass(frozen=True, slots=True)
class Life:
    """Where one alarm is.

    holds: its condition holds now, since changed_ns; stands: it was raised and did not clear.
    raised_ns, cleared_ns: the last time that it did; shelved_until_ns: None where it is not.
    """

    holds: bool = False
    changed_ns: int = 0
    stands: bool = False
    acknowledged: bool = True
    raised_ns: int | None = None
    cleared_ns: int | None = None
    shelved_until_ns: int | None = None
    out_of_service: bool = False
    suppressed: bool = False

    @property
    def state(self) -> State:
        """Its state as a person sees it."""
        if self.out_of_service:
            return "out_of_service"
        if self.shelved_until_ns is not None:
            return "shelved"
        if self.suppressed:
            return "suppressed"
        if self.stands:
            return "acknowledged" if self.acknowledged else "unacknowledged"
        return "normal" if self.acknowledged else "returned"

    @property
    def silent(self) -> bool:
        """Is it shelved, out of service or suppressed?"""
        return self.out_of_service or self.shelved_until_ns is not None or self.suppressed


NEW = Life()
Step = tuple[Life, tuple[Change, ...]]


def due_ns(life: Life, delays: Delays) -> int | None:
    """When something happens by itself: a delay or the time on the shelf is over."""
    times = []
    if life.holds != life.stands:
        times.append(life.changed_ns + (delays.on_ns if life.holds else delays.off_ns))
    if life.shelved_until_ns is not None:
        times.append(life.shelved_until_ns)
    return min(times, default=None)


def until(life: Life, delays: Delays, time_ns: int) -> Step:
    """What happens by itself up to and at a time."""
    changes: list[Change] = []
    while (due := due_ns(life, delays)) is not None and due <= time_ns:
        shelf = life.shelved_until_ns
        if shelf is not None and shelf <= due:
            life, done = _freed(replace(life, shelved_until_ns=None), shelf, "shelf_expired")
        else:
            life, done = _rise_or_clear(life, due)
        changes += done
    return life, tuple(changes)


def condition(life: Life, time_ns: int, *, holds: bool) -> Life:
    """The condition begins to hold, or ends."""
    return life if holds == life.holds else replace(life, holds=holds, changed_ns=time_ns)


def design(life: Life, time_ns: int, *, suppressed: bool) -> Step:
    """Suppression by design begins or ends."""
    if suppressed == life.suppressed:
        return life, ()
    if suppressed:
        return replace(_quiet(life), suppressed=True), (Change(time_ns, "suppressed"),)
    return _freed(replace(life, suppressed=False), time_ns, "unsuppressed")


def acknowledge(life: Life, time_ns: int) -> Step:
    """A person has seen it."""
    if life.acknowledged or life.silent:
        return life, ()
    return replace(life, acknowledged=True), (Change(time_ns, "acknowledged"),)


def shelve(life: Life, time_ns: int, until_ns: int) -> Step:
    """Aside until a time; again: until another."""
    if until_ns <= time_ns or life.out_of_service:
        return life, ()
    return replace(_quiet(life), shelved_until_ns=until_ns), (Change(time_ns, "shelved"),)


def unshelve(life: Life, time_ns: int) -> Step:
    """Back from the shelf before its time."""
    if life.shelved_until_ns is None:
        return life, ()
    return _freed(replace(life, shelved_until_ns=None), time_ns, "unshelved")


def take_out(life: Life, time_ns: int) -> Step:
    """Out of service until it is put back."""
    if life.out_of_service:
        return life, ()
    quiet = replace(_quiet(life), out_of_service=True, shelved_until_ns=None)
    return quiet, (Change(time_ns, "out_of_service"),)


def put_back(life: Life, time_ns: int) -> Step:
    """In service again."""
    if not life.out_of_service:
        return life, ()
    return _freed(replace(life, out_of_service=False), time_ns, "in_service")


def _rise_or_clear(life: Life, time_ns: int) -> Step:
    if not life.stands:
        life = replace(life, stands=True, raised_ns=time_ns, acknowledged=life.silent)
        return life, () if life.silent else (Change(time_ns, "raised"),)
    life = replace(life, stands=False, cleared_ns=time_ns)
    return life, () if life.silent else (Change(time_ns, "cleared"),)


def _quiet(life: Life) -> Life:
    """Nothing is left to acknowledge: a person, or the design, has dealt with it."""
    return replace(life, acknowledged=True)


def _freed(life: Life, time_ns: int, what: What) -> Step:
    """Annunciated again; what stands is raised anew, once nothing else keeps it silent."""
    first = Change(time_ns, what)
    if life.silent or not life.stands:
        return life, (first,)
    life = replace(life, raised_ns=time_ns, acknowledged=False)
    return life, (first, Change(time_ns, "raised"))
