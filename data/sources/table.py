"""Tables (CSV, XLSX, Parquet) as a source: by the line file's [[table]], sorted, as a session.

Everything is read and checked first, so a table with faults makes no log. The stream is final as
it is; it needs no sequencer.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.line import Line, Signal, TableColumn, TableMapping
from data.samples import Event, SampleBlock, Samples, TextTable, ValueType, empty, event
from data.sequencer import NUMERIC_ROLES, canonical_order
from data.table_file import Cell, TableFaults, TableFile, open_table, table_fault
from data.table_time import BadTimeError, TimeColumn
from data.toml_file import Fault, nearest, shown
from data.units import to_base

BAD_NO_DATA = 0x809B_0000  # OPC UA: there is no value for this time
MISSING = frozenset({"", "nan", "null", "none", "na", "n/a", "#n/a"})
MAX_FAULTS = 10
MAX_ROWS = 65_536
PROGRESS_ROWS = 20_000

Progress = Callable[[Path, int], None]  # the file, and how many of its rows were read


class TableSource:
    """The samples of one or more tables (data.samples.Source).

    ``progress`` is told the file and the rows read so far. Raises TableFaults, naming the first
    faults with row, column and value, and OSError where the system refuses a file.
    """

    def __init__(
        self, paths: Sequence[str | Path], line: Line, *, progress: Progress | None = None
    ) -> None:
        self._line = line
        self._texts = TextTable()
        self._stopped = False
        parts = [_Reader(path, line, self._texts, progress).samples() for path in paths]
        begins_ns = [begin_ns for _, begin_ns in parts]
        samples = np.concatenate([rows for rows, _ in parts]) if parts else empty()
        if not samples.shape[0]:
            where = ", ".join(map(str, paths))
            raise table_fault(Path(where), "holds no rows below the column names")
        self._refuse_overlap(paths, [rows for rows, _ in parts])
        self._samples = _session(samples, min(begins_ns))

    def _refuse_overlap(self, paths: Sequence[str | Path], parts: Sequence[Samples]) -> None:
        """Two tables that hold the same signal at the same time would count it twice."""
        seen: dict[tuple[int, int], str | Path] = {}
        for path, rows in zip(paths, parts, strict=True):
            keys = list(zip(rows["signal"].tolist(), rows["time_ns"].tolist(), strict=True))
            again = [key for key in keys if key in seen]
            if again:
                signal, time_ns = again[0]
                key, other = self._line.signals[signal].key, seen[again[0]]
                moment = datetime.fromtimestamp(time_ns / 1e9, UTC).isoformat()
                raise table_fault(
                    Path(path),
                    f"{len(again)} values stand in {other} too, the first {key} at {moment}; "
                    "give each table once",
                )
            if len(parts) > 1:
                seen.update(dict.fromkeys(keys, path))

    @property
    def line(self) -> Line:
        """The line whose signals the tables fill."""
        return self._line

    @property
    def texts(self) -> TextTable:
        """The tables' texts."""
        return self._texts

    @property
    def span_ns(self) -> tuple[int, int]:
        """Begin of the first interval, and end of the last."""
        samples = self._samples
        begin = samples["signal"] == Event.SESSION_BEGIN
        return int(samples["time_ns"][begin][0]), int(samples["time_ns"][-1])

    def blocks(self) -> Iterator[SampleBlock]:
        """The samples in canonical order, between the begin and the end of the session."""
        for start in range(0, self._samples.shape[0], MAX_ROWS):
            if self._stopped:
                return
            yield SampleBlock(self._samples[start : start + MAX_ROWS], self._texts)

    def stop(self) -> None:
        """Ends ``blocks``."""
        self._stopped = True


def _session(samples: Samples, begin_ns: int) -> Samples:
    end_ns = int(samples["time_ns"].max())
    begin, end = event(Event.SESSION_BEGIN, 0), event(Event.SESSION_END, 0)
    begin["time_ns"], end["time_ns"] = begin_ns, end_ns
    rows = np.concatenate([samples, begin, end])
    rows["order_ns"] = rows["time_ns"]
    return rows.take(canonical_order(rows))


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that fills a signal; ``factor`` makes its numbers what the signal counts in."""

    name: str
    place: int
    signal: Signal
    factor: float

    @property
    def numeric(self) -> bool:
        return self.signal.role in NUMERIC_ROLES and not self.signal.map


class _Reader:
    """Reads one file."""

    def __init__(
        self, path: str | Path, line: Line, texts: TextTable, progress: Progress | None
    ) -> None:
        self._file = open_table(path)
        self._line = line
        self._texts = texts
        self._progress = progress
        self._faults: list[Fault] = []
        self._mapping, self._time_place, self._columns = self._match()
        self._rows = array("q")
        self._times = array("q")
        self._values = [array("d") for _ in self._columns]
        self._kinds = [array("B") for _ in self._columns]
        self._read()
        if self._faults:
            raise TableFaults(self._faults)

    # --- which columns ----------------------------------------------------------------------

    def _match(self) -> tuple[TableMapping, int, tuple[_Column, ...]]:
        """The [[table]] of the line file that this file has all columns of."""
        if not self._line.tables:
            raise table_fault(
                self._file.path, f"the line {self._line.plant.id} has no [[table]] to read it by"
            )
        headers = [(m, self._file.header(m.encoding, m.delimiter)) for m in self._line.tables]
        mapping, header = min(headers, key=lambda pair: len(_missing(*pair)))
        missing = _missing(mapping, header)
        if missing:
            raise TableFaults(self._no_column(mapping, header, name) for name in missing)
        for name in {mapping.time_column, *(c.column for c in mapping.columns)}:
            if header.count(name) > 1:
                raise table_fault(self._file.path, f'has more than one column "{name}"')
        columns = tuple(self._column(column, header) for column in mapping.columns)
        self._width = len(header)
        return mapping, header.index(mapping.time_column), columns

    def _no_column(self, mapping: TableMapping, header: tuple[str, ...], name: str) -> Fault:
        there = ", ".join(header[:12]) + (", ..." if len(header) > 12 else "")
        return Fault(
            where=str(self._file.path),
            line=1,
            path="",
            id=None,
            value=None,
            limit=f'there is no column "{name}", which [[table]] {mapping.id} of the line '
            f"{self._line.plant.id} reads; there are: {there}",
            near=nearest(name, header),
        )

    def _column(self, column: TableColumn, header: tuple[str, ...]) -> _Column:
        signal = self._line.signals[self._line.signal_index[column.signal]]
        factor = 1.0
        if column.unit is not None and signal.unit is not None and column.unit != signal.unit:
            given, wanted = to_base(column.unit), to_base(signal.unit)
            factor = given.multiplier / wanted.multiplier / signal.scale
        return _Column(column.column, header.index(column.column), signal, factor)

    # --- the rows ---------------------------------------------------------------------------

    def _read(self) -> None:
        clock = TimeColumn(self._mapping)
        rows = self._file.rows(self._mapping.encoding, self._mapping.delimiter)
        next(rows)
        for count, (number, cells) in enumerate(rows, 1):
            self._take_row(number, cells, clock)
            if len(self._faults) >= MAX_FAULTS:
                raise TableFaults(self._faults)
            if self._progress is not None and count % PROGRESS_ROWS == 0:
                self._progress(self._file.path, count)
        if self._progress is not None:
            self._progress(self._file.path, len(self._times))

    def _take_row(self, number: int, cells: Sequence[Cell], clock: TimeColumn) -> None:
        if any(cell not in (None, "") for cell in cells[self._width :]):
            # Something is shifted, by a comma within a number perhaps: no cell is sure.
            limit = f"has {len(cells)} cells, where there are {self._width} columns"
            self._faults.append(Fault(str(self._file.path), number, "", None, None, limit))
            return
        try:
            time_ns = clock.time_ns(_cell(cells, self._time_place))
        except BadTimeError as error:
            cell = _cell(cells, self._time_place)
            self._fault(number, self._mapping.time_column, cell, str(error))
            return
        self._rows.append(number)
        self._times.append(time_ns)
        for i, column in enumerate(self._columns):
            kind, value = self._value(number, column, _cell(cells, column.place))
            self._kinds[i].append(kind)
            self._values[i].append(value)

    def _value(self, number: int, column: _Column, cell: Cell) -> tuple[int, float]:
        text = "" if cell is None else str(cell).strip()
        if text.casefold() in MISSING:
            return ValueType.NONE, 0.0
        if not column.numeric:
            return ValueType.TEXT, float(self._texts.intern(_word(cell, text)))
        try:
            value = self._number(cell, text) * column.factor
        except ValueError:
            comma = "a decimal comma" if self._mapping.decimal == "," else "a decimal point"
            self._fault(number, column.name, cell, f"must be a number with {comma}, or empty")
            return ValueType.NONE, 0.0
        return ValueType.REAL, value

    def _number(self, cell: Cell, text: str) -> float:
        if isinstance(cell, bool):
            raise ValueError(text)
        if isinstance(cell, int | float):
            value = float(cell)
        else:
            if self._mapping.decimal == ",":
                if "." in text:
                    raise ValueError(text)
                text = text.replace(",", ".")
            if "_" in text:  # float() takes it as Python's digit grouping
                raise ValueError(text)
            value = float(text)
        if value in (float("inf"), float("-inf")):
            raise ValueError(text)
        return value

    def _fault(self, number: int, column: str, cell: Cell, limit: str) -> None:
        value = '""' if cell is None else shown(cell)
        self._faults.append(
            Fault(str(self._file.path), number, f'column "{column}"', None, value, limit)
        )

    # --- the samples ------------------------------------------------------------------------

    def samples(self) -> tuple[Samples, int]:
        """All samples of the file, and when its first interval begins."""
        times_ns = np.array(self._times, np.int64)
        self._refuse_repeats(times_ns)
        parts, begins_ns = [], [np.iinfo(np.int64).max]
        for column, kinds, values in zip(self._columns, self._kinds, self._values, strict=True):
            rows = _samples(column, times_ns, np.array(kinds, np.uint8), np.array(values))
            if rows.shape[0]:
                begins_ns.append(self._place_intervals(rows, column))
            parts.append(rows)
        return np.concatenate([empty(), *parts]), int(min(begins_ns))

    def _place_intervals(self, rows: Samples, column: _Column) -> int:
        """Times to the interval's end where a value speaks of one; gives the first begin."""
        first_ns = int(rows["time_ns"].min())
        if column.signal.hold != "mean_before":
            return first_ns
        length_ns = self._interval_ns(rows["time_ns"], column)
        if self._mapping.stamp == "begin":
            rows["time_ns"] += length_ns
            return first_ns
        return first_ns - length_ns

    def _interval_ns(self, times_ns: NDArray[np.int64], column: _Column) -> int:
        if column.signal.expect_s is not None:
            return round(column.signal.expect_s * 1e9)
        steps = np.diff(np.sort(times_ns))
        if not steps.shape[0]:
            raise table_fault(
                self._file.path,
                f'how long the interval of the one row is cannot be told: set "expect_s" of '
                f"{column.signal.key}",
            )
        return int(np.median(steps))

    def _refuse_repeats(self, times_ns: NDArray[np.int64]) -> None:
        order = np.argsort(times_ns, kind="stable")
        repeated = order[1:][times_ns[order][1:] == times_ns[order][:-1]]
        before = order[:-1][times_ns[order][1:] == times_ns[order][:-1]]
        faults = [
            Fault(
                where=str(self._file.path),
                line=self._rows[int(row)],
                path=f'column "{self._mapping.time_column}"',
                id=None,
                value=None,
                limit=f"has the time of row {self._rows[int(first)]}; each may come only once",
            )
            for row, first in zip(repeated[:MAX_FAULTS], before, strict=False)
        ]
        if faults:
            raise TableFaults(faults)


def _missing(mapping: TableMapping, header: tuple[str, ...]) -> list[str]:
    names = [mapping.time_column, *(column.column for column in mapping.columns)]
    return [name for name in names if name not in header]


def _cell(cells: Sequence[Cell], place: int) -> Cell:
    return cells[place] if place < len(cells) else None


def _word(cell: Cell, text: str) -> str:
    """A spreadsheet keeps 3 as 3.0."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else text


def _samples(
    column: _Column,
    times_ns: NDArray[np.int64],
    kinds: NDArray[np.uint8],
    values: NDArray[np.float64],
) -> Samples:
    rows = empty(times_ns.shape[0])
    rows["signal"], rows["type"], rows["time_ns"] = column.signal.index, kinds, times_ns
    real, text = kinds == ValueType.REAL, kinds == ValueType.TEXT
    rows["value"][real] = values[real]
    rows["exact"][text] = values[text].astype(np.int64)
    rows["status"][kinds == ValueType.NONE] = BAD_NO_DATA
    return rows


__all__ = ["TableFaults", "TableFile", "TableSource"]
