"""The wire between the plant and whoever reads it, with its faults: changes in, changes out.

Only the signals of faults that are under way leave the fast path; they pass value by value through
every fault, in the order of the schedule. Nothing here reaches back into the plant: its truth is
the same with any faults, and the ledger says which there were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from heapq import heappop, heappush
from math import ceil, inf, nan

import numpy as np

from plc_sim.calendar import NS_PER_US
from plc_sim.faults import NEVER_US, ON_ENDPOINT, WireFault, counter_range
from plc_sim.meters import RawValue, rounded_to_type
from plc_sim.signals import NO_TIME, Change, Changes, Poll, Signals
from plc_sim.streams import stream
from plc_sim.truth import Truth

BAD_NODE_ID_UNKNOWN = 0x80340000
# At their begin the present values are sent anew, so that a signal at rest shows the fault too ...
_ANNOUNCED = ("bad_status", "uncertain_status", "nan", "inf", "node_gone", "counter_reset")
# ... and at their end, so that no value is left standing that the plant no longer has.
_MADE_GOOD = (
    "bad_status",
    "uncertain_status",
    "nan",
    "inf",
    "node_gone",
    "frozen_value",
    "missing",
)
_DECIMALS = 9  # of a difference of two readings


class Link(Enum):
    """What a client finds at the endpoint."""

    UP = "up"
    DOWN = "down"  # closed: connections are cut and refused
    SILENT = "silent"  # open, and never an answer


class Wire:
    """The signals of a plant as they arrive; drive it with ``advance`` as one would ``Signals``."""

    def __init__(
        self, faults: Sequence[WireFault], signals: Signals, again: Callable[[], Signals]
    ) -> None:
        """``again``: the signals of a second plant like this one, to look ahead in."""
        self._faults = faults
        self._signals = signals
        self._links = [fault for fault in faults if fault.kind in ON_ENDPOINT]
        ours = [fault for fault in faults if fault.kind not in ON_ENDPOINT]
        # What is held back goes through no other fault any more.
        ours.sort(key=lambda fault: fault.kind == "out_of_order")
        self._acts = [_Act(fault, number, signals, again) for number, fault in enumerate(ours)]
        self._live: list[_Act] = []
        self._at_us = -1
        self._true: dict[int, Change] = {}  # newest of the signals of what is under way
        self._sent: dict[int, Change] = {}  # and what of them was sent
        self._held: list[tuple[int, int, Change]] = []  # out of order: due [us], number, change
        self._count = 0
        self._enter(0)

    def advance(self, until_us: int) -> Changes:
        """Runs the plant to a time; what arrives of what it shows."""
        self._enter(until_us)
        step = self._signals.advance(until_us)
        if self._live:
            step = self._through(step, until_us)
        self._at_us = until_us
        return step

    def current(self) -> list[Change]:
        """The newest value of every signal, as it was sent."""
        return [self._sent.get(change.signal, change) for change in self._signals.current()]

    def each(self, step: Changes) -> Iterator[Change]:
        """A step value by value, in the order of sending."""
        return self._signals.each(step)

    def next_turn(self, at_us: int) -> int:
        """When the endpoint next goes or comes back, after a time [us]."""
        turns = (us for fault in self._links for us in (fault.begin_us, fault.end_us))
        return min((us for us in turns if us > at_us), default=NEVER_US)

    def link(self, at_us: int) -> Link:
        """How the endpoint is at a time."""
        for fault in self._links:
            if fault.begin_us <= at_us < fault.end_us:
                return Link.DOWN if fault.kind == "server_restart" else Link.SILENT
        return Link.UP

    def gone(self, at_us: int) -> frozenset[int]:
        """Signals whose nodes are not there at a time."""
        acts = (act for act in self._live if act.fault.kind == "node_gone")
        return frozenset(s for act in acts if act.lasts(at_us) for s in act.fault.signals)

    def write(self, truth: Truth) -> None:
        """Writes every fault that has begun by now; the run is over."""
        plant = self._signals.plant
        for fault in sorted(self._faults, key=lambda fault: fault.begin_us):
            if fault.begin_us <= plant.now_us:
                record = {
                    "fault": fault.kind,
                    "signals": [self._signals.line.signals[s].key for s in fault.signals],
                    "from_ns": plant.time_ns(fault.begin_us),
                    "to_ns": plant.time_ns(min(fault.end_us, plant.now_us)),
                }
                truth.write("fault", record)

    def _enter(self, until_us: int) -> None:
        """Takes up the faults that are under way at some time until then."""
        live = [act for act in self._acts if act.meets(self._at_us, until_us)]
        if live == self._live:
            return
        touched = {signal for act in live for signal in act.fault.signals}
        before = touched & self._true.keys()
        self._true = {signal: self._true[signal] for signal in before}
        self._sent = {signal: self._sent[signal] for signal in before}
        self._live = live
        fresh = touched - before
        for change in self._signals.current() if fresh else ():
            if change.signal in fresh:
                self._true[change.signal] = self._sent[change.signal] = change
                self._pass(change, -1, [])  # as it was before the start

    def _through(self, step: Changes, until_us: int) -> Changes:
        changes, polls, touched = self._split(step)
        touched += self._sent_anew(until_us)
        # At one instant: what the plant shows, then what is only sent anew.
        touched.sort(key=lambda each: (each[0], each[2] is None, each[1]))
        arrived: list[Change] = []
        for at_us, signal, change in touched:
            self._release(at_us, arrived)
            if change is None:
                time_ns = self._signals.plant.time_ns(at_us)
                if self._true[signal].time_ns == time_ns:
                    continue
                change = self._true[signal]._replace(time_ns=time_ns)
            else:
                self._true[signal] = change
            self._pass(change, at_us, arrived)
        self._release(until_us, arrived)
        return Changes(changes, polls, arrived)

    def _split(
        self, step: Changes
    ) -> tuple[list[Change], list[Poll], list[tuple[int, int, Change | None]]]:
        """What no fault touches, and the rest by time [us] and signal."""
        ours = self._true.keys()
        plain = [change for change in step.changes if change.signal not in ours]
        touched = [change for change in step.changes if change.signal in ours]
        polls = []
        mask = np.zeros(len(self._signals.line.signals), bool)
        mask[list(ours)] = True
        for poll in step.polls:
            hit = mask[poll.signals]
            if not hit.any():
                polls.append(poll)
                continue
            ours_of_it = Poll(poll.time_ns, poll.signals[hit], poll.values[hit])
            touched += self._signals.one_by_one(ours_of_it)
            if not hit.all():
                polls.append(Poll(poll.time_ns, poll.signals[~hit], poll.values[~hit]))
        return plain, polls, [(self._us(change), change.signal, change) for change in touched]

    def _sent_anew(self, until_us: int) -> list[tuple[int, int, Change | None]]:
        """When present values are sent again, and of which signals."""
        return [
            (at_us, signal, None)
            for act in self._live
            for signal in act.fault.signals
            for at_us in act.sent_anew(signal, self._at_us, until_us)
        ]

    def _pass(self, change: Change, at_us: int, arrived: list[Change]) -> None:
        """Sends a change through all faults; what comes out arrives, now or later."""
        passing = [change]
        for act in self._live:
            if act.fits(change.signal, at_us):
                if act.fault.kind == "out_of_order":
                    for each in passing:
                        self._count += 1
                        heappush(self._held, (at_us + act.delay_us(), self._count, each))
                    return
                before = self._sent[change.signal]
                passing = [out for each in passing for out in act.change(each, before)]
        arrived += passing
        if passing:
            self._sent[change.signal] = passing[-1]

    def _release(self, until_us: int, arrived: list[Change]) -> None:
        while self._held and self._held[0][0] <= until_us:
            _, _, change = heappop(self._held)
            arrived.append(change)
            if change.signal in self._sent:
                self._sent[change.signal] = change

    def _us(self, change: Change) -> int:
        return (change.time_ns - self._signals.plant.start_ns) // NS_PER_US


class _Act:
    """One fault at work, and what it keeps of each signal."""

    def __init__(
        self, fault: WireFault, number: int, signals: Signals, again: Callable[[], Signals]
    ) -> None:
        self.fault = fault
        self._signals = signals
        self._members = frozenset(fault.signals)
        self._draws = stream(signals.plant.seed, "wire", str(number))
        self._kept: dict[int, Change] = {}  # what stood when the fault first met the signal
        self._begin_us = fault.begin_us
        if fault.kind == "counter_rollover":
            self._begin_us = -NEVER_US  # the counter is one that comes to its end by then
            ahead = again()
            ahead.advance(fault.begin_us)
            self._kept = {change.signal: change for change in ahead.current()}

    def lasts(self, at_us: int) -> bool:
        """Whether it is under way at a time."""
        return self._begin_us <= at_us < self.fault.end_us

    def meets(self, after_us: int, until_us: int) -> bool:
        """Whether it is, or what it holds back is still to come, at some time in a step."""
        over_us = self.fault.end_us
        if self.fault.kind == "out_of_order":
            over_us += self.fault.within_us
        return self._begin_us <= until_us and after_us < over_us

    def fits(self, signal: int, at_us: int) -> bool:
        """Whether it touches a change of a signal at a time."""
        return signal in self._members and self.lasts(at_us)

    def delay_us(self) -> int:
        """Draws how much later a change arrives."""
        return int(self._draws.integers(0, self.fault.within_us + 1))

    def sent_anew(self, signal: int, after_us: int, until_us: int) -> list[int]:
        """When in a step the present value is sent again."""
        fault, times_us = self.fault, []
        if fault.kind in _ANNOUNCED:
            times_us.append(fault.begin_us)
        if fault.kind in _MADE_GOOD:
            times_us.append(fault.end_us)
        if fault.kind == "burst":
            tick_us = max(1, self._signals.period_us(signal) // fault.factor)
            first = ceil(max(0, after_us + 1 - fault.begin_us) / tick_us)
            last_us = min(until_us, fault.end_us - 1)
            times_us += range(fault.begin_us + first * tick_us, last_us + 1, tick_us)
        return [at_us for at_us in times_us if after_us < at_us <= until_us]

    def change(self, change: Change, before: Change) -> list[Change]:
        """What becomes of a change; ``before`` is what was sent of its signal last."""
        fault = self.fault
        match fault.kind:
            case "missing":
                return []
            case "duplicate":
                return [change, change]
            case "bad_status":
                return [change._replace(value=None, status=fault.status)]
            case "uncertain_status":
                return [change._replace(status=fault.status)]
            case "nan":
                return [change._replace(value=nan)]
            case "inf":
                return [change._replace(value=inf)]
            case "frozen_value":
                stands = self._kept.setdefault(change.signal, before)
                return [stands._replace(time_ns=change.time_ns)]
            case "frozen_time":
                stands = self._kept.setdefault(change.signal, before)
                return [change._replace(time_ns=stands.time_ns)]
            case "clock_jump":
                return [change._replace(time_ns=change.time_ns + self._jump_ns())]
            case "no_clock":
                return [change._replace(time_ns=NO_TIME)]
            case "node_gone":
                return self._gone(change)
            case "counter_reset":
                begun = self._kept.setdefault(change.signal, change)
                return [self._counted(change, begun, 0.0)]
            case "counter_rollover":
                _, step = self._range(change.signal)
                return [self._counted(change, self._kept[change.signal], -step)]
            case _:  # a burst adds changes, and leaves them as they are
                return [change]

    def _jump_ns(self) -> int:
        if self.fault.to_ns is None:
            return self.fault.jump_ns
        return self.fault.to_ns - self._signals.plant.time_ns(self.fault.begin_us)

    def _gone(self, change: Change) -> list[Change]:
        """That the node is no more is said once."""
        if change.signal in self._kept:
            return []
        self._kept[change.signal] = change
        return [change._replace(value=None, status=BAD_NODE_ID_UNKNOWN)]

    def _counted(self, change: Change, begun: Change, shows: float) -> Change:
        """A counter that showed ``shows`` when it really showed what it did at ``begun``."""
        count = _number(change.value) - _number(begun.value) + shows
        rolls_at, _ = self._range(change.signal)
        if rolls_at > 0.0:
            count %= rolls_at
        opc_type = self._signals.opc_type(change.signal)
        return change._replace(value=rounded_to_type(round(count, _DECIMALS), opc_type))

    def _range(self, index: int) -> tuple[float, float]:
        signal = self._signals.line.signals[index]
        if signal.subject_kind != "meter":
            return 0.0, 1.0
        return counter_range(signal, self._signals.line, self._signals.plant.file)


def _number(value: RawValue | None) -> float:
    """A value in a counter's stream; what another fault has left no number counts as 0."""
    return value if isinstance(value, int | float) else 0.0
