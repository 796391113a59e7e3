"""Tables behind the views: lazy, sortable, with tens of thousands of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from data.line import ENERGY_CARRIERS, Line, Station, Workshop
from twin.snapshot import SignalView, VehicleTable, Visit
from ui import text, words
from ui.desk import Desk, Place
from ui.variants import variant_name
from ui.words import translate

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
NS = 1_000_000_000
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_NOWHERE = QModelIndex()
_ANSWERED = frozenset((Role.DisplayRole, Role.TextAlignmentRole, Role.ForegroundRole))


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how it is called now, whether it holds figures, and its text in a row."""

    head: Callable[[], str]
    figures: bool
    cell: Callable[[int], str]
    tone: Callable[[int], str] | None = None  # a token, where a cell is abnormal


class TextTable(QAbstractTableModel):
    """A table whose cells are made when they are looked at."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.columns: tuple[Column, ...] = ()

    def row_total(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Qt's hook."""
        return 0 if parent.isValid() else self.row_total()

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Qt's hook."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Qt's hook."""
        # Asked a dozen times per cell: what is never answered goes first.
        if role not in _ANSWERED or not index.isValid() or index.row() >= self.row_total():
            return None
        column = self.columns[index.column()]
        if role == Role.DisplayRole:
            return column.cell(index.row())
        if role == Role.TextAlignmentRole:
            return _RIGHT if column.figures else _LEFT
        if role == Role.ForegroundRole and column.tone is not None:
            tone = column.tone(index.row())
            return self.desk.tokens.color(tone) if tone else None
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> Any:
        """Qt's hook."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Role.DisplayRole:
            return self.columns[section].head()
        if role == Role.TextAlignmentRole:
            return _RIGHT if self.columns[section].figures else _LEFT
        return None

    def retranslate(self) -> None:
        """Every word anew."""
        if self.columns:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        self.refresh()

    def refresh(self) -> None:
        """Every cell anew."""
        if self.row_total() and self.columns:
            last = self.index(self.row_total() - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)


_NO_INT: NDArray[np.int64] = np.zeros(0, np.int64)
_NO_FLOAT: NDArray[np.float64] = np.zeros(0)
NO_VEHICLES = VehicleTable(
    vehicle=(),
    variant=(),
    station=(),
    entered_ns=_NO_INT,
    completed_ns=_NO_INT,
    state=np.zeros(0, np.uint8),
    complete=np.zeros(0, np.bool_),
    final=np.zeros(0, np.bool_),
    direct_kwh=_NO_FLOAT,
    shared_kwh=_NO_FLOAT,
    scrap_kwh=_NO_FLOAT,
    carbon_kg=_NO_FLOAT,
    evidence=(),
)


class VehicleModel(TextTable):
    """All vehicles; sorts and filters by an order of row numbers, never by copying rows."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._zone, self._line = place.zone, place.line
        self._table = NO_VEHICLES
        self._order = _NO_INT
        self._sort = (3, Qt.SortOrder.DescendingOrder)
        self._wanted = ""
        self.columns = (
            Column(lambda: translate("Vehicles", "Vehicle"), False, self._vehicle),
            Column(lambda: translate("Vehicles", "Variant"), False, self._variant),
            Column(lambda: translate("Vehicles", "Status"), False, self._status, self._tone),
            Column(lambda: translate("Vehicles", "Entered"), True, self._entered),
            Column(lambda: translate("Vehicles", "Completed"), True, self._completed),
            Column(lambda: translate("Vehicles", "Total kWh"), True, self._total),
            Column(lambda: translate("Vehicles", "kg CO₂e"), True, self._carbon),
            Column(lambda: translate("Vehicles", "Lead time"), True, self._lead),
            Column(lambda: translate("Vehicles", "Direct kWh"), True, self._direct),
            Column(lambda: translate("Vehicles", "Shared kWh"), True, self._shared),
            Column(lambda: translate("Vehicles", "Evidence"), False, self._evidence),
        )

    def row_total(self) -> int:
        """Vehicles that pass the filter."""
        return int(self._order.size)

    def table_row(self, row: int) -> int:
        """The VehicleTable's row behind a row of the view."""
        return int(self._order[row])

    def row_of(self, vehicle: str) -> int | None:
        """The view's row of a vehicle; None when it is unknown or filtered out."""
        if vehicle not in self._table.vehicle:
            return None
        found = np.flatnonzero(self._order == self._table.vehicle.index(vehicle))
        return int(found[0]) if found.size else None

    def set_filter(self, wanted: str) -> None:
        """Keeps the vehicles whose number holds this text."""
        self._wanted = wanted.strip().upper()
        self._reset(self._table)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Qt's hook."""
        self._sort = (column, order)
        self._rearrange(self._wish(self._table))

    def show_table(self, table: VehicleTable) -> None:
        """Takes a newer table; rows that were selected stay so."""
        grown = len(table) >= len(self._table) and (
            table.vehicle[: len(self._table)] == self._table.vehicle
        )
        if not grown or not self._order.size:
            self._reset(table)
            return
        wish = self._wish(table)
        if wish.size > self._order.size:
            first = self._order.size
            self.beginInsertRows(_NOWHERE, first, wish.size - 1)
            self._table = table
            self._order = np.concatenate([self._order, np.setdiff1d(wish, self._order)])
            self.endInsertRows()
        elif wish.size < self._order.size:
            self._reset(table)
            return
        self._table = table
        self._rearrange(wish)
        self.refresh()

    def _reset(self, table: VehicleTable) -> None:
        self.beginResetModel()
        self._table = table
        self._order = self._wish(table)
        self.endResetModel()

    def _rearrange(self, wish: NDArray[np.int64]) -> None:
        if np.array_equal(wish, self._order):
            return
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        place = {int(number): row for row, number in enumerate(wish)}
        rows = [place[int(self._order[index.row()])] for index in old]
        self._order = wish
        new = [self.index(row, i.column()) for row, i in zip(rows, old, strict=True)]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _wish(self, table: VehicleTable) -> NDArray[np.int64]:
        keys = self._keys(table)
        order = np.argsort(keys, kind="stable")
        if self._sort[1] == Qt.SortOrder.DescendingOrder:
            order = order[::-1]
        if self._wanted:
            hits = np.array([self._wanted in v.upper() for v in table.vehicle], np.bool_)
            order = order[hits[order]]
        return np.asarray(order, np.int64)

    def _keys(self, table: VehicleTable) -> NDArray[Any]:
        by_column: tuple[Callable[[], NDArray[Any]], ...] = (
            lambda: np.array(table.vehicle, dtype=object),
            lambda: np.array(table.variant, dtype=object),
            lambda: table.state,
            lambda: table.entered_ns,
            lambda: table.completed_ns,
            lambda: total_kwh(table),
            lambda: np.nan_to_num(table.carbon_kg, nan=-1.0),
            lambda: table.completed_ns - table.entered_ns,
            lambda: table.direct_kwh,
            lambda: table.shared_kwh,
            lambda: np.array(table.evidence, dtype=object),
        )
        return by_column[self._sort[0]]()

    def _vehicle(self, row: int) -> str:
        return self._table.vehicle[self.table_row(row)]

    def _variant(self, row: int) -> str:
        return variant_name(self.desk, self._line, self._table.variant[self._order[row]])

    def _status(self, row: int) -> str:
        return status_text(self._table, int(self._order[row]))

    def _tone(self, row: int) -> str:
        return "warn" if self._table.state[self._order[row]] == 2 else ""

    def _entered(self, row: int) -> str:
        return text.clock(int(self._table.entered_ns[self._order[row]]), self._zone)

    def _completed(self, row: int) -> str:
        return text.clock(int(self._table.completed_ns[self._order[row]]), self._zone)

    def _lead(self, row: int) -> str:
        number = self._order[row]
        begin, end = self._table.entered_ns[number], self._table.completed_ns[number]
        return text.stopwatch((int(end) - int(begin)) / NS) if begin and end else text.DASH

    def _direct(self, row: int) -> str:
        return text.number(float(self._table.direct_kwh[self._order[row]]), 2)

    def _shared(self, row: int) -> str:
        return text.number(float(self._table.shared_kwh[self._order[row]]), 2)

    def _total(self, row: int) -> str:
        table, number = self._table, self._order[row]
        parts = (table.direct_kwh[number], table.shared_kwh[number], table.scrap_kwh[number])
        return text.number(float(sum(parts)), 2)

    def _carbon(self, row: int) -> str:
        return text.number(float(self._table.carbon_kg[self._order[row]]), 2)

    def _evidence(self, row: int) -> str:
        return words.evidence(self._table.evidence[self._order[row]])


def total_kwh(table: VehicleTable) -> NDArray[np.float64]:
    """All energy on each vehicle [kWh], (vehicles,)."""
    return table.direct_kwh + table.shared_kwh + table.scrap_kwh


def status_text(table: VehicleTable, number: int) -> str:
    """Where a vehicle stands: in the line and where, good, or scrapped."""
    match int(table.state[number]):
        case 1:
            return translate("Vehicles", "good")
        case 2:
            return translate("Vehicles", "✕ scrapped")
        case _:
            station = table.station[number]
            at = translate("Vehicles", "at {station}").format(station=station)
            return at if station else translate("Vehicles", "between stations")


def energy_of(kwh: Mapping[str, float]) -> float:
    """The boundary carriers' sum of a visit's energies [kWh]."""
    return sum(amount for carrier, amount in kwh.items() if carrier in ENERGY_CARRIERS)


class VisitModel(TextTable):
    """The stays of one vehicle."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._zone = place.zone
        self._visits: tuple[Visit, ...] = ()
        self.columns = (
            Column(lambda: translate("Vehicles", "Station"), False, self._station),
            Column(lambda: translate("Vehicles", "Enter"), True, self._enter),
            Column(lambda: translate("Vehicles", "Leave"), True, self._leave),
            Column(lambda: translate("Vehicles", "Work s"), True, self._work),
            Column(lambda: translate("Vehicles", "Direct kWh"), True, self._direct),
            Column(lambda: translate("Vehicles", "Wait kWh"), True, self._waiting),
            Column(lambda: translate("Vehicles", "Evidence"), False, self._evidence),
        )

    def row_total(self) -> int:
        """Stays of the vehicle."""
        return len(self._visits)

    def show_visits(self, visits: Sequence[Visit]) -> None:
        """Shows these."""
        new = tuple(visits)
        if new == self._visits:
            return
        if len(new) == len(self._visits):
            self._visits = new
            self.refresh()
            return
        self.beginResetModel()
        self._visits = new
        self.endResetModel()

    def _station(self, row: int) -> str:
        return self._visits[row].station

    def _enter(self, row: int) -> str:
        return text.clock(self._visits[row].enter_ns, self._zone)

    def _leave(self, row: int) -> str:
        leave = self._visits[row].leave_ns
        return translate("Vehicles", "there") if leave is None else text.clock(leave, self._zone)

    def _work(self, row: int) -> str:
        return text.number(self._visits[row].processing_s, 1)

    def _direct(self, row: int) -> str:
        return text.number(energy_of(self._visits[row].direct_kwh), 3)

    def _waiting(self, row: int) -> str:
        return text.number(energy_of(self._visits[row].waiting_kwh), 3)

    def _evidence(self, row: int) -> str:
        visit = self._visits[row]
        word = words.evidence(visit.evidence)
        return word if visit.whole else translate("Vehicles", "{word}, part").format(word=word)


_BAD = {"bad": "alarm", "lost": "alarm", "refused": "alarm", "uncertain": "warn", "missing": "warn"}
_MARK = {"alarm": "◆ ", "warn": "▲ "}


class SignalModel(TextTable):
    """Every signal with its newest value, its age and how good it is."""

    def __init__(self, desk: Desk, line: Line) -> None:
        super().__init__(desk)
        self._all: tuple[SignalView, ...] = ()
        self._rows: list[SignalView] = []
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
            Column(lambda: translate("Signals", "Node"), False, self._node),
        )

    def row_total(self) -> int:
        """Signals that pass the filter."""
        return len(self._rows)

    def abnormal_total(self) -> int:
        """Signals that are not good."""
        return sum(view.quality != "good" for view in self._all)

    def total(self) -> int:
        """All signals."""
        return len(self._all)

    def set_filter(self, wanted: str, *, abnormal: bool) -> None:
        """Keeps signals whose key holds this text; ``abnormal``: only those that are not good."""
        self._wanted, self._abnormal = wanted.strip().lower(), abnormal
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Qt's hook."""
        self._sort = (column, order)
        self._arrange()

    def show_signals(self, signals: tuple[SignalView, ...], time_ns: int) -> None:
        """Takes newer values."""
        self._all, self._time_ns = signals, time_ns
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
        if self._abnormal and view.quality == "good":
            return False
        return self._wanted in view.key.lower()

    def _key(self, column: int) -> Callable[[SignalView], Any]:
        keys: tuple[Callable[[SignalView], Any], ...] = (
            lambda v: v.key,
            lambda v: _as_number(v.text),
            lambda v: v.unit or "",
            lambda v: -(v.time_ns or 0),
            lambda v: (v.quality == "good", v.quality),
            lambda v: self._source.get(v.key, ("", ""))[0],
            lambda v: self._source.get(v.key, ("", ""))[1],
        )
        return keys[column]

    def _value(self, row: int) -> str:
        return self._rows[row].text or text.DASH

    def _age(self, row: int) -> str:
        at = self._rows[row].time_ns
        return text.DASH if at is None else words.age(max(self._time_ns - at, 0) / NS)

    def _quality(self, row: int) -> str:
        return _MARK.get(self._tone(row), "") + words.quality(self._rows[row].quality)

    def _tone(self, row: int) -> str:
        return _BAD.get(self._rows[row].quality, "")

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


class PointModel(TextTable):
    """The metering points as a tree in rows: children under their parents, indented."""

    def __init__(self, desk: Desk, line: Line) -> None:
        super().__init__(desk)
        self._line = line
        self._rows = _tree(line)
        self._now: dict[str, float] = {}
        self._mean: dict[str, float] = {}
        self.columns = (
            Column(lambda: translate("Energy", "Metering point"), False, self._name),
            Column(lambda: translate("Energy", "Carrier"), False, self._carrier),
            Column(lambda: translate("Energy", "Now kW"), True, self._now_text),
            Column(lambda: translate("Energy", "Mean kW"), True, self._mean_text),
        )

    def row_total(self) -> int:
        """Metering points."""
        return len(self._rows)

    def point(self, row: int) -> str:
        """The point's id in a row."""
        return self._rows[row][0]

    def first_parts(self, count: int) -> list[int]:
        """The rows of the first few electric parts of a whole."""
        points = (self._line.points[self._line.point_index[id_]] for id_, _ in self._rows)
        parts = [
            row
            for row, point in enumerate(points)
            if point.parent is not None and point.carrier == "electricity"
        ]
        return parts[:count]

    def show_power(self, point: Sequence[str], kw: NDArray[np.float64]) -> None:
        """Takes newer power, (points, buckets) [kW]."""
        if not kw.shape[1]:
            return
        with np.errstate(invalid="ignore"):
            known = np.isfinite(kw)
            count = known.sum(axis=1)
            total = np.where(known, kw, 0.0).sum(axis=1)
        for i, id_ in enumerate(point):
            last = np.flatnonzero(known[i, -3:])
            self._now[id_] = float(kw[i, -3:][last[-1]]) if last.size else float("nan")
            self._mean[id_] = float(total[i] / count[i]) if count[i] else float("nan")
        self.refresh()

    def _name(self, row: int) -> str:
        id_, depth = self._rows[row]
        return "    " * depth + id_ + "   " + self._covers(id_)

    def _covers(self, id_: str) -> str:
        point = self._line.points[self._line.point_index[id_]]
        return ", ".join(self._covered(cover) for cover in point.covers)

    def _covered(self, cover: str) -> str:
        if cover == "plant":
            return self.desk.name(self._line.plant.names)
        id_ = cover.removeprefix("workshop:")
        for thing in (*self._line.stations, *self._line.workshops):
            if isinstance(thing, Station | Workshop) and thing.id == id_:
                return self.desk.name(thing.names)
        return cover

    def _carrier(self, row: int) -> str:
        point = self._line.points[self._line.point_index[self._rows[row][0]]]
        return words.carrier(point.carrier)

    def _now_text(self, row: int) -> str:
        return text.number(self._now.get(self._rows[row][0]), 1)

    def _mean_text(self, row: int) -> str:
        return text.number(self._mean.get(self._rows[row][0]), 1)


def _tree(line: Line) -> list[tuple[str, int]]:
    """Metering points as (id, depth), children right after their parent."""
    children: dict[str | None, list[str]] = {}
    for point in line.points:
        children.setdefault(point.parent, []).append(point.id)
    rows: list[tuple[str, int]] = []

    def walk(parent: str | None, depth: int) -> None:
        for id_ in children.get(parent, ()):
            rows.append((id_, depth))
            walk(id_, depth + 1)

    walk(None, 0)
    return rows
