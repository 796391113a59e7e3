"""The tables of signals and of connections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from data.line import Line
from twin.snapshot import SignalView
from ui import text, words
from ui.desk import Desk
from ui.models.base import NS, Column, TextTable
from ui.signal_state import SignalJudge, SignalState
from ui.words import translate

if TYPE_CHECKING:
    from twin.session import ConnectionView

_BAD = {
    **dict.fromkeys(("bad", "lost", "refused"), "alarm"),
    **dict.fromkeys(("uncertain", "missing", "late", "frozen"), "warn"),
}
_MARK = {"alarm": "◆ ", "warn": "▲ "}


class SignalModel(TextTable):
    """Every signal with its newest value, its age and how good it is."""

    def __init__(self, desk: Desk, line: Line) -> None:
        super().__init__(desk)
        self._all: tuple[SignalView, ...] = ()
        self._rows: list[SignalView] = []
        self._judge = SignalJudge(line)
        self._states: dict[str, SignalState] = {}
        self._time_ns = 0
        self._wanted = ""
        self._abnormal = False
        self._sort = (-1, Qt.SortOrder.AscendingOrder)
        self._source = {s.key: (s.source or text.DASH, s.node or "") for s in line.signals}
        self.columns = (
            Column(lambda: translate("Signals", "Signal"), False, lambda r: self._rows[r].key),
            Column(lambda: translate("Signals", "Value"), True, self._value),
            Column(lambda: translate("Signals", "Unit"), False, lambda r: self._rows[r].unit or ""),
            Column(lambda: translate("Signals", "Age"), True, self._age),
            Column(lambda: translate("Signals", "Quality"), False, self._quality, self._tone),
            Column(lambda: translate("Signals", "Source"), False, self._origin),
            Column(lambda: translate("Signals", "Why not good"), False, self._reason),
            Column(lambda: translate("Signals", "Node"), False, self._node),
        )

    def row_total(self) -> int:
        """Signals that pass the filter."""
        return len(self._rows)

    def abnormal_total(self) -> int:
        """Signals that are not good."""
        return sum(state.quality != "good" for state in self._states.values())

    def total(self) -> int:
        """All signals."""
        return len(self._all)

    def set_filter(self, wanted: str, *, abnormal: bool) -> None:
        """Keeps signals of which a cell holds this text; ``abnormal``: those that are not good."""
        self._wanted, self._abnormal = wanted.strip().lower(), abnormal
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Qt's hook."""
        self._sort = (column, order)
        self._arrange()

    def show_signals(self, signals: tuple[SignalView, ...], time_ns: int) -> None:
        """Takes newer values."""
        self._all, self._time_ns = signals, time_ns
        self._judge.take(signals, time_ns)
        self.judge_anew()

    def show_connections(self, connections: Sequence[ConnectionView]) -> None:
        """Takes how the sources are connected: a value that is missing may be missing by that."""
        self._judge.take_connections(connections)

    def judge_anew(self) -> None:
        """How good each is now."""
        self._states = {view.key: self._judge.state(view) for view in self._all}
        self._arrange()

    def _arrange(self) -> None:
        rows = [view for view in self._all if self._passes(view)]
        column, order = self._sort
        if column >= 0:
            rows.sort(key=self._key(column), reverse=order == Qt.SortOrder.DescendingOrder)
        if [v.key for v in rows] == [v.key for v in self._rows]:
            self._rows = rows
            self.refresh()
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def _passes(self, view: SignalView) -> bool:
        state = self._states[view.key]
        if self._abnormal and state.quality == "good":
            return False
        told = (view.key, words.quality(state.quality), *self._source.get(view.key, ()))
        return any(self._wanted in part.lower() for part in told)

    def _key(self, column: int) -> Callable[[SignalView], Any]:
        keys: tuple[Callable[[SignalView], Any], ...] = (
            lambda v: v.key,
            lambda v: _as_number(v.text),
            lambda v: v.unit or "",
            lambda v: -(v.time_ns or 0),
            lambda v: (self._states[v.key].quality == "good", self._states[v.key].quality),
            lambda v: self._source.get(v.key, ("", ""))[0],
            lambda v: self._states[v.key].reason,
            lambda v: self._source.get(v.key, ("", ""))[1],
        )
        return keys[column]

    def _value(self, row: int) -> str:
        return self._rows[row].text or text.DASH

    def _age(self, row: int) -> str:
        at = self._rows[row].time_ns
        return text.DASH if at is None else words.age(max(self._time_ns - at, 0) / NS)

    def _quality(self, row: int) -> str:
        return _MARK.get(self._tone(row), "") + words.quality(self._state(row).quality)

    def _tone(self, row: int) -> str:
        return _BAD.get(self._state(row).quality, "")

    def _reason(self, row: int) -> str:
        return self._state(row).reason

    def _state(self, row: int) -> SignalState:
        return self._states[self._rows[row].key]

    def _origin(self, row: int) -> str:
        return self._source.get(self._rows[row].key, (text.DASH, ""))[0]

    def _node(self, row: int) -> str:
        return self._source.get(self._rows[row].key, ("", text.DASH))[1]


def _as_number(shown: str | None) -> tuple[int, float, str]:
    try:
        return (0, float(shown or "nan"), "")
    except ValueError:
        return (1, 0.0, shown or "")


class ConnectionModel(TextTable):
    """The connection to each source."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._rows: tuple[Any, ...] = ()
        self.columns = (
            Column(lambda: translate("Signals", "Source"), False, lambda r: self._rows[r].source),
            Column(lambda: translate("Signals", "Endpoint"), False, lambda r: self._rows[r].url),
            Column(lambda: translate("Signals", "Connection"), False, self._state, self._tone),
            Column(lambda: translate("Signals", "Age"), True, self._age),
            Column(lambda: translate("Signals", "Items"), True, self._items),
            Column(lambda: translate("Signals", "Refused"), True, self._refused),
            Column(lambda: translate("Signals", "Received"), True, self._received),
            Column(lambda: translate("Signals", "Dropped"), True, self._dropped),
            Column(lambda: translate("Signals", "Reason"), False, self._reason),
        )

    def row_total(self) -> int:
        """Sources."""
        return len(self._rows)

    def show_connections(self, rows: tuple[Any, ...]) -> None:
        """Takes newer ones."""
        if len(rows) != len(self._rows):
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        elif rows != self._rows:
            self._rows = rows
            self.refresh()

    def _state(self, row: int) -> str:
        return _MARK.get(self._tone(row), "") + words.connection(self._rows[row].state)

    def _tone(self, row: int) -> str:
        return {"down": "alarm", "stale": "warn"}.get(self._rows[row].state, "")

    def _age(self, row: int) -> str:
        return words.age(self._rows[row].age_s)

    def _items(self, row: int) -> str:
        return text.number(self._rows[row].items_ok, 0)

    def _refused(self, row: int) -> str:
        return text.number(self._rows[row].items_refused, 0)

    def _received(self, row: int) -> str:
        return text.number(self._rows[row].received, 0)

    def _dropped(self, row: int) -> str:
        return text.number(self._rows[row].dropped, 0)

    def _reason(self, row: int) -> str:
        return self._rows[row].reason or text.DASH
