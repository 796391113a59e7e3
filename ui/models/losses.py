"""The tables of losses: the moments behind a bar, and what stood by plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data.line import STATES
from twin.losses import CAUSES, Standstill
from ui import text, words
from ui.desk import Desk, Place
from ui.models.base import NS, Column, TextTable
from ui.names import PlaceNames
from ui.words import translate

_NONE: NDArray[np.void] = np.zeros(0, [("t0", "<i8")])


class MomentModel(TextTable):
    """The spells behind a loss, in order of time."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._zone, self._line = place.zone, place.line
        self._names = PlaceNames(desk, place.line)
        self._spells = _NONE
        self.columns = (
            Column(lambda: translate("Losses", "From"), True, self._from),
            Column(lambda: translate("Losses", "To"), True, self._to),
            Column(lambda: translate("Losses", "Lasted"), True, self._lasted),
            Column(lambda: translate("Losses", "Station"), False, self._station),
            Column(lambda: translate("Losses", "State"), False, self._state),
            Column(lambda: translate("Losses", "Because of"), False, self._cause),
            Column(lambda: translate("Losses", "Evidence"), False, self._evidence),
        )

    def row_total(self) -> int:
        """Moments."""
        return len(self._spells)

    def show_spells(self, spells: NDArray[np.void]) -> None:
        """Shows these."""
        if np.array_equal(spells, self._spells):
            return
        self.beginResetModel()
        self._spells = spells
        self.endResetModel()

    def begin_ns(self, row: int) -> int:
        """When a moment began, UTC."""
        return int(self._spells["t0"][row])

    def _from(self, row: int) -> str:
        return text.clock(self.begin_ns(row), self._zone)

    def _to(self, row: int) -> str:
        return text.clock(int(self._spells["t1"][row]), self._zone)

    def _lasted(self, row: int) -> str:
        return text.stopwatch((int(self._spells["t1"][row]) - self.begin_ns(row)) / NS)

    def _station(self, row: int) -> str:
        return self._names.station(self._line.stations[self._spells["station"][row]].id)

    def _state(self, row: int) -> str:
        return words.state(STATES[self._spells["state"][row]])

    def _cause(self, row: int) -> str:
        station = self._line.stations[self._spells["caused_by"][row]].id
        return f"{station} {words.cause(CAUSES[self._spells['cause'][row]])}"

    def _evidence(self, row: int) -> str:
        return words.evidence("estimated" if self._spells["derived"][row] else "measured")


class StandstillModel(TextTable):
    """What each workshop drew while it stood by plan."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._names = PlaceNames(desk, place.line)
        self._rows: tuple[Standstill, ...] = ()
        self.columns = (
            Column(lambda: translate("Losses", "Workshop"), False, self._workshop),
            Column(lambda: translate("Losses", "Stood for"), False, self._cause),
            Column(lambda: translate("Losses", "min"), True, self._minutes),
            Column(lambda: translate("Losses", "Stations kWh"), True, self._stations),
            Column(lambda: translate("Losses", "Base kWh"), True, self._base),
        )

    def row_total(self) -> int:
        """Workshops that stood, by cause."""
        return len(self._rows)

    def show_standstills(self, rows: Sequence[Standstill]) -> None:
        """Shows these."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def _workshop(self, row: int) -> str:
        return self._names.workshop(self._rows[row].workshop)

    def _cause(self, row: int) -> str:
        return words.cause(self._rows[row].cause)

    def _minutes(self, row: int) -> str:
        return text.number(self._rows[row].minutes, 0)

    def _stations(self, row: int) -> str:
        return text.number(self._rows[row].stations_kwh, 1)

    def _base(self, row: int) -> str:
        return text.number(self._rows[row].base_kwh, 1)
