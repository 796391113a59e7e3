"""Tables out: CSV, Parquet and XLSX by the file's ending, whole or not at all.

CSV is UTF-8 with every float as the shortest text that reads back to it, and nothing where there
is no value. XLSX has units and notes on a second sheet, Parquet in its metadata.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from data.log_reader import ShiftLog
from data.samples import SEVERITY_SHIFT, Event, Flag, Samples, ValueType, empty

Column = Sequence[Any] | NDArray[Any]
Batch = Mapping[str, Column]
ENDINGS = (".csv", ".parquet", ".xlsx")
SHEET_ROWS = 1_048_576
SEVERITIES = ("good", "uncertain", "bad", "bad")
_EXACT_IN_SHEET = 1 << 53  # a sheet's numbers are floats


class TableError(ValueError):
    """A table that cannot be written as asked; one clear line."""


@dataclass(frozen=True)
class Table:
    """A table in batches of columns, so that it need not be in memory as a whole."""

    names: tuple[str, ...]
    rows: int  # so many at most
    batches: Iterable[Batch]
    units: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def check_ending(path: str | Path) -> str:
    """The ending that says the format. Raises TableError for another one."""
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise TableError(
            f"{path}: the ending {ending or '(none)'} is no table format; "
            f"use {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
        )
    return ending


def write_table(
    path: str | Path,
    columns: Batch | Table,
    *,
    units: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Writes a table; replaces a file of that name only once it is complete.

    Raises TableError for an unknown ending, columns of unequal length, or more rows than a sheet
    holds (before anything is written), and OSError where the system refuses.
    """
    path = Path(path)
    ending = check_ending(path)
    table = columns if isinstance(columns, Table) else _table(columns, units or {}, notes)
    if ending == ".xlsx" and table.rows > SHEET_ROWS - 1:
        raise TableError(
            f"{path}: {table.rows} rows do not fit a sheet, which holds {SHEET_ROWS - 1} below "
            "its header; write .csv or .parquet"
        )
    writers: dict[str, Callable[[Path, Table], None]] = {
        ".csv": _write_csv,
        ".parquet": _write_parquet,
        ".xlsx": _write_xlsx,
    }
    _replace(path, lambda part: writers[ending](part, table))


def _table(columns: Batch, units: Mapping[str, str], notes: Sequence[str]) -> Table:
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise TableError(f"columns of unequal length: {lengths}")
    return Table(tuple(columns), next(iter(lengths.values()), 0), (columns,), units, tuple(notes))


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        write(part)
        part.chmod(0o644)
        part.replace(path)
    except BaseException as fault:
        part.unlink(missing_ok=True)
        if isinstance(fault, OSError):
            fault.filename = str(path)  # a full disk names no file, and the part is not known
        raise


# --- the formats -----------------------------------------------------------------------------


def _write_csv(path: Path, table: Table) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.names)
        for batch in table.batches:
            writer.writerows(zip(*(_texts(batch[name]) for name in table.names), strict=True))


def _texts(column: Column) -> Iterable[object]:
    """Cells of a CSV: repr for floats (csv does that), nothing for what is none."""
    return ("" if cell is None or cell != cell else cell for cell in _plain(column))


def _plain(column: Column) -> Iterable[Any]:
    """Python values of a column."""
    return column.tolist() if isinstance(column, np.ndarray) else column


def _write_parquet(path: Path, table: Table) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    batches = iter(table.batches)
    first = next(batches, {name: [] for name in table.names})
    schema = _schema(pa, table, first)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in chain([first], batches):
            arrays = [
                pa.array(batch[name], type=schema.field(name).type, from_pandas=True)
                for name in table.names
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _schema(pa: Any, table: Table, first: Batch) -> Any:
    fields = []
    for name in table.names:
        kind = pa.array(first[name], from_pandas=True).type
        kind = pa.string() if pa.types.is_null(kind) else kind
        unit = table.units.get(name)
        fields.append(pa.field(name, kind, metadata={"unit": unit} if unit else None))
    return pa.schema(fields, metadata={"notes": "\n".join(table.notes)} if table.notes else None)


def _write_xlsx(path: Path, table: Table) -> None:
    import xlsxwriter

    options = {"constant_memory": True, "nan_inf_to_errors": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(str(path), {**options, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("data")
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, table.names, bold)
        sheet.freeze_panes(1, 0)
        number = 1
        for batch in table.batches:
            for cells in zip(*(_plain(batch[name]) for name in table.names), strict=True):
                for place, cell in enumerate(cells):
                    _write_cell(sheet, number, place, cell)
                number += 1
        if table.units or table.notes:
            _write_notes(book.add_worksheet("notes"), table)


def _write_cell(sheet: Any, row: int, place: int, cell: Any) -> None:
    """Whole numbers that a sheet would round are written as text."""
    if cell is None or cell != cell:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif isinstance(cell, int) and abs(cell) > _EXACT_IN_SHEET:
        sheet.write_string(row, place, str(cell))
    elif isinstance(cell, int | float) and abs(cell) != float("inf"):
        sheet.write_number(row, place, cell)
    else:
        sheet.write_string(row, place, str(cell))


def _write_notes(sheet: Any, table: Table) -> None:
    lines = [(name, unit) for name, unit in table.units.items()] + [(n, "") for n in table.notes]
    for row, (name, text) in enumerate(lines):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, text)


# --- what a log holds ------------------------------------------------------------------------


def samples_table(log: ShiftLog) -> Table:
    """All samples of a log, raw as the server sent them, in the order in which they count."""
    names = ("signal", "time", "time_ns", "order_ns", "value", "text", "unit", "status", "flags")
    return Table(
        names,
        log.samples,
        (_sample_batch(log, block.samples) for block in log.blocks()),
        {"time": "UTC", "time_ns": "ns since 1970, UTC", "order_ns": "ns since 1970, UTC"},
        (
            "value and text are as the source sent them; the unit is of the value times the "
            "signal's scale in the line file",
            "status is an OPC UA status code; flags: " + _flag_names(int(sum(Flag))),
        ),
    )


def _sample_batch(log: ShiftLog, rows: Samples) -> Batch:
    rows = rows.compress(rows["signal"] >= 0)
    signals = log.line.signals
    keys = np.array([signal.key for signal in signals], object)
    units = np.array([signal.unit or "" for signal in signals], object)
    return {
        "signal": keys[rows["signal"]],
        "time": iso_times(rows["time_ns"]),
        "time_ns": np.ascontiguousarray(rows["time_ns"]),
        "order_ns": np.ascontiguousarray(rows["order_ns"]),
        "value": np.ascontiguousarray(rows["value"]),
        "text": _sample_texts(log, rows),
        "unit": units[rows["signal"]],
        "status": [_status_text(status) for status in rows["status"].tolist()],
        "flags": [_flag_names(flags) for flags in rows["flags"].tolist()],
    }


def _sample_texts(log: ShiftLog, rows: Samples) -> list[str]:
    """Texts; of whole numbers that a float does not hold, their digits."""
    found = [""] * rows.shape[0]
    kind, exact = rows["type"], rows["exact"]
    for i in np.flatnonzero(kind == ValueType.TEXT).tolist():
        found[i] = log.texts[int(exact[i])]
    large = (kind == ValueType.INTEGER) & (np.abs(exact) > _EXACT_IN_SHEET)
    for i in np.flatnonzero(large).tolist():
        found[i] = str(int(exact[i]))
    return found


class MeterEvent(Protocol):
    """What happened to a counter at ``time_ns`` and what it then showed; or what a watch found, or
    where a vehicle was seen."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def time_ns(self) -> int: ...  # noqa: D102
    @property
    def about(self) -> str: ...  # noqa: D102
    @property
    def count(self) -> float: ...  # noqa: D102


def events_table(log: ShiftLog, of_meters: Sequence[MeterEvent] = ()) -> Table:
    """What happened to the stream of a log: sessions, gaps, drops, lost signals; and to meters."""
    found = log.events()
    rows = np.concatenate([found, empty(len(of_meters))])
    rows["time_ns"][len(found) :] = [event.time_ns for event in of_meters]
    rows["order_ns"][len(found) :] = [event.time_ns for event in of_meters]
    rows["value"][len(found) :] = [event.count for event in of_meters]
    names = [_event_name(code) for code in found["signal"].tolist()]
    names += [event.name for event in of_meters]
    about = [_about(log, row) for row in found] + [event.about for event in of_meters]
    order = np.argsort(rows["order_ns"], kind="stable")
    rows = rows[order]
    batch: Batch = {
        "event": [names[i] for i in order],
        "time": iso_times(rows["time_ns"]),
        "time_ns": np.ascontiguousarray(rows["time_ns"]),
        "order_ns": np.ascontiguousarray(rows["order_ns"]),
        "about": [about[i] for i in order],
        "number": np.ascontiguousarray(rows["exact"]),
        "value": np.ascontiguousarray(rows["value"]),
        "status": [_status_text(status) for status in rows["status"].tolist()],
    }
    units = {"time": "UTC", "time_ns": "ns since 1970, UTC", "order_ns": "ns since 1970, UTC"}
    return Table(tuple(batch), rows.shape[0], (batch,), units)


def _event_name(code: int) -> str:
    return Event(code).name if code in list(Event) else f"event {code}"


def _about(log: ShiftLog, row: Samples) -> str:
    """The source or signal that an event speaks of."""
    code, number = int(row["signal"]), int(row["exact"])
    if code in (Event.GAP_BEGIN, Event.GAP_END) and 0 <= number < len(log.line.sources):
        return log.line.sources[number].id
    if code == Event.SIGNAL_LOST and 0 <= number < len(log.line.signals):
        return log.line.signals[number].key
    return ""


def iso_times(times_ns: NDArray[np.int64]) -> list[str]:
    """ISO 8601 in UTC, to the microsecond."""
    texts = np.datetime_as_string(times_ns.astype("datetime64[ns]").astype("datetime64[us]"))
    return [f"{text}Z" for text in texts.tolist()]


def _status_text(status: int) -> str:
    severity = SEVERITIES[status >> SEVERITY_SHIFT]
    return severity if status == 0 else f"{severity} 0x{status:08X}"


def _flag_names(flags: int) -> str:
    return " ".join(flag.name.lower() for flag in Flag if flags & flag and flag.name)
