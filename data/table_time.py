"""The time column of a table: from cells to UTC nanoseconds."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from data.line import TableMapping
from data.table_file import Cell
from data.zones import zone

EPOCHS = {"epoch_s": 1_000_000_000, "epoch_ms": 1_000_000, "epoch_ns": 1}
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_EXCEL_ZERO = datetime(1899, 12, 30)
_MICROSECOND = timedelta(microseconds=1)
_EARLIEST, _LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

_RANGE = "must lie in the years 1971 to 2199"


class BadTimeError(ValueError):
    """A cell that is no time; the text says what would be right."""


class TimeColumn:
    """Reads the times of one table, row by row, in the order of the rows.

    An hour that the clocks run twice is told apart by that order: its first pass comes first.
    """

    def __init__(self, mapping: TableMapping) -> None:
        self._mapping = mapping
        self._zone = zone(mapping.zone)
        self._before: datetime | None = None
        self._read = self._reader()

    def time_ns(self, cell: Cell) -> int:
        """UTC nanoseconds of a cell. Raises BadTimeError."""
        if isinstance(cell, str):
            cell = cell.strip()
        if cell is None or cell == "":
            raise BadTimeError(f"there is no time; it is {self._expected()}")
        unit_ns = EPOCHS.get(self._mapping.time_format)
        if unit_ns is not None and not isinstance(cell, datetime):
            return self._epoch(cell, unit_ns)
        return _nanoseconds(self._utc(self._read(cell)))

    def _reader(self) -> Callable[[Cell], datetime]:
        return self._excel if self._mapping.time_format == "excel" else self._text

    def _expected(self) -> str:
        wanted = self._mapping.time_format
        return f"a time as {wanted}" if "%" in wanted else f"a number: {wanted}"

    def _epoch(self, cell: Cell, unit_ns: int) -> int:
        try:
            number = Decimal(str(cell))
            time_ns = int((number * unit_ns).to_integral_value())
        except (InvalidOperation, ValueError, OverflowError):
            raise BadTimeError(f"must be {self._expected()}") from None
        if not _nanoseconds(_EARLIEST) <= time_ns < _nanoseconds(_LATEST):
            raise BadTimeError(f"must be {self._expected()}, of the years 1971 to 2199")
        return time_ns

    def _excel(self, cell: Cell) -> datetime:
        if isinstance(cell, datetime | date):
            return _as_datetime(cell)
        try:
            days = float(str(cell).replace(",", "."))
            if not math.isfinite(days):
                raise ValueError(days)
            # A serial number has about a microsecond of room; whole milliseconds were meant.
            return _EXCEL_ZERO + timedelta(milliseconds=round(days * 86_400_000))
        except (ValueError, OverflowError):
            raise BadTimeError("must be a day number of a spreadsheet, or a date") from None

    def _text(self, cell: Cell) -> datetime:
        if isinstance(cell, datetime | date):
            return _as_datetime(cell)
        try:
            return datetime.strptime(str(cell), self._mapping.time_format)
        except ValueError:
            example = datetime(2026, 3, 2, 14, 30).strftime(self._mapping.time_format)
            raise BadTimeError(f"must be {self._expected()}, such as {example}") from None

    def _utc(self, local: datetime) -> datetime:
        if not _EARLIEST.year - 1 <= local.year <= _LATEST.year:
            raise BadTimeError(_RANGE)  # further out a datetime has no other zone, nor a next day
        if self._mapping.midnight == "old_day" and local.time() == time(0):
            local += timedelta(days=1)
        aware = local.tzinfo is not None
        utc = local.astimezone(UTC) if aware else self._utc_of_wall_clock(local)
        if not _EARLIEST <= utc < _LATEST:
            raise BadTimeError(_RANGE)
        self._before = utc
        return utc

    def _utc_of_wall_clock(self, local: datetime) -> datetime:
        first = local.replace(tzinfo=self._zone, fold=0).astimezone(UTC)
        second = local.replace(tzinfo=self._zone, fold=1).astimezone(UTC)
        if first == second:
            return first
        if first > second:
            name = self._mapping.zone
            raise BadTimeError(f"does not exist in {name}: the clocks were set forward there")
        return second if self._before is not None and first <= self._before else first


def _as_datetime(cell: datetime | date) -> datetime:
    return cell if isinstance(cell, datetime) else datetime.combine(cell, time(0))


def _nanoseconds(utc: datetime) -> int:
    return (utc - _UNIX) // _MICROSECOND * 1000
