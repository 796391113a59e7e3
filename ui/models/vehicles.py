"""The tables of vehicles: lazy, sortable, with tens of thousands of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from data.line import ENERGY_CARRIERS
from twin.snapshot import VehicleTable, Visit
from ui import text, words
from ui.desk import Desk, Place
from ui.models.base import NOWHERE, NS, Column, TextTable
from ui.variants import variant_name
from ui.words import translate

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
        self._variant_wanted: str | None = None
        self._state_wanted: int | None = None
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

    def set_filter(
        self, wanted: str, *, variant: str | None = None, state: int | None = None
    ) -> None:
        """Keeps the vehicles whose number holds this text, of a variant, in a state."""
        self._wanted = wanted.strip().upper()
        self._variant_wanted, self._state_wanted = variant, state
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
            self.beginInsertRows(NOWHERE, first, wish.size - 1)
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
        if self._variant_wanted is not None:
            order = order[np.array(table.variant, dtype=object)[order] == self._variant_wanted]
        if self._state_wanted is not None:
            order = order[table.state[order] == self._state_wanted]
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
        return _metered(self._visits[row].direct_kwh)

    def _waiting(self, row: int) -> str:
        return _metered(self._visits[row].waiting_kwh)

    def _evidence(self, row: int) -> str:
        visit = self._visits[row]
        word = words.evidence(visit.evidence) if visit.evidence else text.DASH
        return word if visit.whole else translate("Vehicles", "{word}, part").format(word=word)


def _metered(kwh: Mapping[str, float]) -> str:
    return text.number(energy_of(kwh) if kwh else None, 3)
