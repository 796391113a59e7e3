"""How good each signal is now, and why it is not: in words for the person who must mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.line import Line, Signal
from twin.snapshot import SignalView
from ui import words
from ui.words import translate

if TYPE_CHECKING:
    from twin.session import ConnectionView

NS = 1_000_000_000
FROZEN_S = 600.0  # a value that must move is not frozen before
FROZEN_TIMES = 3.0  # of expect_s


@dataclass(frozen=True, slots=True)
class SignalState:
    """A quality's id (words.quality), and the reason in words; "" where all is well."""

    quality: str
    reason: str


class SignalJudge:
    """Judges signals by their newest samples, and by how long a value has stood still."""

    def __init__(self, line: Line) -> None:
        self._signals: Mapping[str, Signal] = {signal.key: signal for signal in line.signals}
        self._still: dict[str, tuple[str | None, int]] = {}  # text, and since when it stands
        self._connections: Mapping[str, ConnectionView] = {}
        self._time_ns = 0

    def take(self, views: Sequence[SignalView], time_ns: int) -> None:
        """Takes newer samples; a replay that went back begins anew."""
        if time_ns < self._time_ns:
            self._still.clear()
        self._time_ns = time_ns
        for view in views:
            before = self._still.get(view.key)
            if before is None or before[0] != view.text:
                self._still[view.key] = (view.text, view.time_ns or time_ns)

    def take_connections(self, connections: Sequence[ConnectionView]) -> None:
        """How the sources are connected now."""
        self._connections = {each.source: each for each in connections}

    def state(self, view: SignalView) -> SignalState:
        """How good a signal is, and why it is not."""
        match view.quality:
            case "missing":
                return SignalState("missing", self._why_missing(view))
            case "lost":
                said = translate("Signals", "The server does not know this node, or refuses it")
                return SignalState("lost", said)
            case "refused":
                said = translate("Signals", "Not of the right type, or no finite number; not used")
                return SignalState("refused", said)
            case "bad":
                return SignalState("bad", translate("Signals", "Marked as bad by the server"))
            case "uncertain":
                said = translate("Signals", "Marked as uncertain by the server, or without a time")
                return SignalState("uncertain", said)
            case _:
                return self._in_time(view)

    def _in_time(self, view: SignalView) -> SignalState:
        """A good value may still be late or frozen, where the line file says what to expect."""
        signal = self._signals.get(view.key)
        if signal is None or view.time_ns is None:
            return SignalState(view.quality, "")
        age_s = (self._time_ns - view.time_ns) / NS
        if signal.expect_s is not None and age_s > signal.expect_s:
            said = translate("Signals", "No value for {time}; one is expected every {expected}")
            expected = words.duration(signal.expect_s)
            said = said.format(time=words.duration(age_s), expected=expected)
            return SignalState("late", said)
        if signal.must_move:
            still_s = (self._time_ns - self._still[view.key][1]) / NS
            if still_s > max(FROZEN_S, FROZEN_TIMES * (signal.expect_s or 0.0)):
                said = translate("Signals", "Has not moved for {time}, and should")
                return SignalState("frozen", said.format(time=words.duration(still_s)))
        return SignalState(view.quality, "")

    def _why_missing(self, view: SignalView) -> str:
        signal = self._signals.get(view.key)
        if signal is None or signal.source is None:
            return translate("Signals", "No source of the line file gives it; a table may fill it")
        connection = self._connections.get(signal.source)
        if connection is None or connection.state == "live":
            return translate("Signals", "Its source has not sent a value yet")
        said = translate("Signals", "Its source is {state}: {reason}")
        state = words.connection(connection.state)
        return said.format(state=state, reason=connection.reason).rstrip(": ")
