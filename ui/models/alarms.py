"""The tables of the alarms: what is not normal, and what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, Qt

from twin.alarm_rules import PRIORITIES
from twin.alarms import AlarmView, Board, Entry, urgency
from ui import alarm_words, text
from ui.desk import Desk, Place
from ui.models.base import Column, TextTable
from ui.words import translate

SHELF = ("shelved", "out_of_service", "suppressed")
_NOWHERE = QModelIndex()


class AlarmModel(TextTable):
    """Alarms that are not normal; sorted and filtered, rows kept by key."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._place = place
        self._all: tuple[AlarmView, ...] = ()
        self._rows: list[AlarmView] = []
        self._wanted, self._which = "", "list"
        self._sort: tuple[int, Qt.SortOrder] | None = None
        self.lit = True  # what is new blinks
        self.columns = (
            Column(lambda: translate("Alarms", "Priority"), False, self._priority, self._tone),
            Column(lambda: translate("Alarms", "Alarm"), False, self._name),
            Column(lambda: translate("Alarms", "Source"), False, self._source),
            Column(lambda: translate("Alarms", "Since"), True, self._since),
            Column(lambda: translate("Alarms", "Status"), False, self._state, self._new),
            Column(lambda: translate("Alarms", "Now"), True, self._now),
            Column(lambda: translate("Alarms", "Limit"), True, self._limit),
        )

    def row_total(self) -> int:
        """Alarms that pass the filter."""
        return len(self._rows)

    def alarm(self, row: int) -> AlarmView:
        """The alarm in a row."""
        return self._rows[row]

    def row_of(self, key: str) -> int | None:
        """The row of an alarm; None where it is not shown."""
        return next((i for i, alarm in enumerate(self._rows) if alarm.rule.key == key), None)

    def set_filter(self, wanted: str, which: str) -> None:
        """Which: "list" (to attend to), "new" (not acknowledged), or "shelf" (all set aside)."""
        self._wanted, self._which = wanted.strip().casefold(), which
        self._take(reset=True)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Qt's hook; column -1 is by urgency."""
        self._sort = (column, order) if column >= 0 else None
        self._take(reset=False)

    def show_board(self, board: Board) -> None:
        """Takes a newer board; rows that were selected stay so."""
        self._all = board.alarms
        self._take(reset=False)

    def blink(self) -> None:
        """Half a blink."""
        self.lit = not self.lit
        if any(alarm.state == "unacknowledged" for alarm in self._rows):
            last = self.index(len(self._rows) - 1, 0)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.ForegroundRole])

    def _take(self, *, reset: bool) -> None:
        wish = self._wish()
        keys = [alarm.rule.key for alarm in wish]
        before = [alarm.rule.key for alarm in self._rows]
        if reset or not before or not keys:
            self.beginResetModel()
            self._rows = wish
            self.endResetModel()
        elif keys == before:
            self._rows = wish
            self.refresh()
        else:
            self._rearrange(wish, before, keys)

    def _rearrange(self, wish: list[AlarmView], before: list[str], keys: list[str]) -> None:
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        names = [before[index.row()] for index in old]
        self._rows = wish
        place = {key: row for row, key in enumerate(keys)}
        new = [
            self.index(place[name], i.column()) if name in place else QModelIndex()
            for name, i in zip(names, old, strict=True)
        ]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _wish(self) -> list[AlarmView]:
        rows = [alarm for alarm in self._all if self._passes(alarm)]
        if self._sort is None:
            return sorted(rows, key=urgency)
        column, order = self._sort
        return sorted(rows, key=self._key(column), reverse=order == Qt.SortOrder.DescendingOrder)

    def _passes(self, alarm: AlarmView) -> bool:
        aside = alarm.state in SHELF
        if aside != (self._which == "shelf"):
            return False
        if self._which == "new" and alarm.state not in ("unacknowledged", "returned"):
            return False
        name = alarm_words.rule_name(self.desk, alarm.rule)
        source = alarm_words.source_name(self.desk, self._place.line, alarm.rule.source)
        return self._wanted in f"{name} {source} {alarm.rule.key}".casefold()

    def _key(self, column: int) -> Callable[[AlarmView], Any]:
        keys: tuple[Callable[[AlarmView], Any], ...] = (
            lambda a: PRIORITIES.index(a.rule.priority),
            lambda a: alarm_words.rule_name(self.desk, a.rule),
            lambda a: a.rule.source,
            lambda a: a.raised_ns or 0,
            lambda a: a.state,
            lambda a: alarm_words.value_text(self._place.line, a),
            lambda a: alarm_words.limit_text(self._place.line, a),
        )
        return keys[column]

    def _priority(self, row: int) -> str:
        return alarm_words.priority(self._rows[row].rule.priority)

    def _tone(self, row: int) -> str:
        alarm = self._rows[row]
        if alarm.state in SHELF or (alarm.state == "unacknowledged" and not self.lit):
            return "soft"
        return alarm_words.TONES[alarm.rule.priority]

    def _name(self, row: int) -> str:
        alarm = self._rows[row]
        name = alarm_words.rule_name(self.desk, alarm.rule)
        return translate("Alarms", "{name} (first)").format(name=name) if alarm.first else name

    def _source(self, row: int) -> str:
        return alarm_words.source_name(self.desk, self._place.line, self._rows[row].rule.source)

    def _since(self, row: int) -> str:
        return text.clock(self._rows[row].raised_ns, self._place.zone)

    def _state(self, row: int) -> str:
        return alarm_words.state(self._rows[row].state)

    def _new(self, row: int) -> str:
        return "" if self._rows[row].state == "unacknowledged" else "soft"

    def _now(self, row: int) -> str:
        return alarm_words.value_text(self._place.line, self._rows[row])

    def _limit(self, row: int) -> str:
        return alarm_words.limit_text(self._place.line, self._rows[row])


class JournalModel(TextTable):
    """What happened, the newest first."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._place = place
        self._all: tuple[Entry, ...] = ()
        self._rows: list[Entry] = []
        self._wanted = ""
        self.columns = (
            Column(lambda: translate("Alarms", "Time"), False, self._time),
            Column(lambda: translate("Alarms", "What happened"), False, self._what),
            Column(lambda: translate("Alarms", "Alarm"), False, self._name),
            Column(lambda: translate("Alarms", "Source"), False, self._source),
            Column(lambda: translate("Alarms", "Priority"), False, self._priority),
            Column(lambda: translate("Alarms", "Value"), True, self._value),
            Column(lambda: translate("Alarms", "By"), False, lambda r: self._rows[r].who),
            Column(lambda: translate("Alarms", "Reason"), False, lambda r: self._rows[r].reason),
        )

    def row_total(self) -> int:
        """Entries that pass the filter."""
        return len(self._rows)

    def total(self) -> int:
        """All entries."""
        return len(self._all)

    def set_filter(self, wanted: str) -> None:
        """Keeps the entries that hold this text."""
        self._wanted = wanted.strip().casefold()
        self._reset(self._all)

    def show_journal(self, entries: Sequence[Entry]) -> None:
        """Takes a newer journal."""
        if len(entries) != len(self._all) or (entries and entries[-1] != self._all[-1]):
            self._reset(tuple(entries))

    def _reset(self, entries: tuple[Entry, ...]) -> None:
        self.beginResetModel()
        self._all = entries
        newest = sorted(entries, key=lambda entry: -entry.time_ns)
        self._rows = [entry for entry in newest if self._wanted in self._haystack(entry)]
        self.endResetModel()

    def _haystack(self, entry: Entry) -> str:
        line = self._place.line
        name = alarm_words.entry_name(self.desk, line, entry)
        source = alarm_words.source_name(self.desk, line, entry.source)
        what = alarm_words.happened(entry.what)
        return f"{name} {source} {what} {entry.who} {entry.reason}".casefold()

    def _time(self, row: int) -> str:
        return text.moment(self._rows[row].time_ns, self._place.zone)

    def _what(self, row: int) -> str:
        return alarm_words.happened(self._rows[row].what)

    def _name(self, row: int) -> str:
        return alarm_words.entry_name(self.desk, self._place.line, self._rows[row])

    def _source(self, row: int) -> str:
        return alarm_words.source_name(self.desk, self._place.line, self._rows[row].source)

    def _priority(self, row: int) -> str:
        return alarm_words.priority(self._rows[row].priority)

    def _value(self, row: int) -> str:
        return alarm_words.entry_value(self._place.line, self._rows[row])
