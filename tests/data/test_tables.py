"""Tables out: what is written reads back, and nothing is left half-written."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.line_file import load_line
from data.samples import Event, SampleBlock, TextTable, ValueType, empty
from data.sequencer import canonical_order
from data.shift_log import ShiftLog, ShiftLogWriter
from data.tables import SHEET_ROWS, TableError, events_table, samples_table, write_table
from tests.data.make import SECOND, T0

COLUMNS = {
    "name": ["底板", 'a "quoted", one', ""],
    "kwh": np.array([0.1, math.nan, -1e-300]),
    "count": np.array([1, 2**60, -3]),
    "maybe": [None, 1.5, 2.0],
}


@given(st.lists(st.floats(allow_nan=False), max_size=30))
def test_floats_of_a_csv_read_back_to_the_same_bits(
    tmp_path_factory: pytest.TempPathFactory, values: list[float]
) -> None:
    path = tmp_path_factory.mktemp("t") / "x.csv"
    write_table(path, {"x": np.array(values)})
    with path.open(encoding="utf-8", newline="") as file:
        read = [float(row["x"]) for row in csv.DictReader(file)]
    assert np.array(read).tobytes() == np.array(values).tobytes()


def test_csv_leaves_out_what_is_none(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", COLUMNS)
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["kwh"] for row in rows] == ["0.1", "", "-1e-300"]
    assert [row["maybe"] for row in rows] == ["", "1.5", "2.0"]
    assert rows[0]["name"] == "底板"
    assert rows[1]["count"] == str(2**60)


def test_parquet_keeps_types_units_and_none(tmp_path: Path) -> None:
    write_table(tmp_path / "t.parquet", COLUMNS, units={"kwh": "kWh"}, notes=["made up"])
    table = pq.read_table(tmp_path / "t.parquet")
    assert table.column("count").to_pylist() == [1, 2**60, -3]
    assert table.column("kwh").to_pylist() == [0.1, None, -1e-300]
    assert table.schema.field("kwh").metadata[b"unit"] == b"kWh"
    assert table.schema.metadata[b"notes"] == b"made up"


def test_xlsx_reads_back_with_its_notes(tmp_path: Path) -> None:
    write_table(tmp_path / "t.xlsx", COLUMNS, units={"kwh": "kWh"}, notes=["=1+1"])
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    rows = list(book["data"].iter_rows(values_only=True))
    assert rows[0] == ("name", "kwh", "count", "maybe")
    assert rows[1] == ("底板", 0.1, 1, None)
    assert rows[2] == ('a "quoted", one', None, str(2**60), 1.5)
    assert [row[0] for row in book["notes"].iter_rows(values_only=True)] == ["kwh", "=1+1"]


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.xlsx"])
def test_an_empty_table_is_a_header(tmp_path: Path, name: str) -> None:
    write_table(tmp_path / name, {"a": [], "b": np.array([])})
    assert (tmp_path / name).stat().st_size > 0


def test_more_rows_than_a_sheet_holds_are_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    with pytest.raises(TableError, match="do not fit a sheet"):
        write_table(tmp_path / "t.xlsx", {"a": np.zeros(SHEET_ROWS)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["t.txt", "t", "t.csv.gz"])
def test_an_unknown_ending_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(TableError, match=r"\.csv, \.parquet or \.xlsx"):
        write_table(tmp_path / name, COLUMNS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.xlsx"])
def test_a_failure_leaves_the_old_file_alone(tmp_path: Path, name: str) -> None:
    write_table(tmp_path / name, COLUMNS)
    before = (tmp_path / name).read_bytes()
    with pytest.raises(Exception):  # noqa: B017, PT011  (each format has its own)
        write_table(tmp_path / name, {"a": [1, object()], "b": _Failing()})  # type: ignore[dict-item]
    assert (tmp_path / name).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [name]


class _Failing:
    def __len__(self) -> int:
        return 2

    def __iter__(self) -> object:
        raise OSError("no more")


def test_columns_of_unequal_length_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="unequal"):
        write_table(tmp_path / "t.csv", {"a": [1], "b": [1, 2]})


def test_a_log_comes_out_as_samples_and_events(tmp_path: Path) -> None:
    line, texts = load_line("small"), TextTable()
    rows = empty(4)
    rows["signal"] = [0, 1, Event.SESSION_BEGIN, Event.GAP_BEGIN]
    rows["time_ns"] = rows["order_ns"] = [T0, T0, T0, T0 + SECOND]
    rows["type"] = [ValueType.REAL, ValueType.TEXT, 0, 0]
    rows["value"][0], rows["exact"][1] = 0.1, texts.intern("在线")
    rows["status"][1], rows["flags"][0] = 0x8000_0000, 1 | 2
    rows["order_ns"][0] += 5
    rows = rows[canonical_order(rows)]
    log = ShiftLogWriter(tmp_path / "a.glog", line, texts, books_text="", meta={})
    log.sequenced(SampleBlock(rows, texts))
    log.close()
    with ShiftLog.open(tmp_path / "a.glog") as log_read:
        write_table(tmp_path / "s.parquet", samples_table(log_read))
        write_table(tmp_path / "e.csv", events_table(log_read))
    samples = {row["signal"]: row for row in pq.read_table(tmp_path / "s.parquet").to_pylist()}
    real, text = samples[line.signals[0].key], samples[line.signals[1].key]
    assert (real["value"], real["flags"], real["time_ns"]) == (0.1, "late duplicate", T0)
    assert (text["value"], text["text"], text["status"]) == (None, "在线", "bad 0x80000000")
    assert real["time"] == "2025-06-15T15:06:40.000000Z"
    with (tmp_path / "e.csv").open(encoding="utf-8", newline="") as file:
        events = list(csv.DictReader(file))
    assert [row["event"] for row in events] == ["SESSION_BEGIN", "GAP_BEGIN"]
    assert events[1]["about"] == line.sources[0].id


def test_a_full_disk_is_said_with_the_files_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _table: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("data.tables._write_csv", full)
    with pytest.raises(OSError, match=r"x\.csv"):
        write_table(tmp_path / "x.csv", COLUMNS)
    assert list(tmp_path.iterdir()) == []
