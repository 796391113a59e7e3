"""Tables in: what they say becomes samples, and what is wrong is named with its row."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.line import Line
from data.line_file import load_line, parse_line
from data.samples import Event, Samples, ValueType
from data.sources.table import BAD_NO_DATA, TableSource
from data.table_file import TableFaults

STEEL = Path(__file__).parents[3] / "shared/data/uci-851-steel/Steel_industry_data.csv"
SECOND = 1_000_000_000

LINE = """
format = "greenline.line/1"
[plant]
id = "t"
names = {{ en = "T", zh = "T" }}
timezone = "Europe/Berlin"
currency = "EUR"
[[workshop]]
id = "w"
names = {{ en = "W", zh = "W" }}
[[station]]
id = "S1"
workshop = "w"
names = {{ en = "S1", zh = "S1" }}
[[meter]]
id = "E"
carrier = "electricity"
kind = "interval"
unit = "kWh"
covers = ["plant"]
[[signal]]
for = "E"
role = "value"
hold = "mean_before"
{expect}
[[signal]]
for = "S1"
role = "state"
[[table]]
id = "t"
time_column = "time"
format = "{format}"
zone = "{zone}"
stamp = "{stamp}"
{more}
columns = {{ {columns} }}
"""


def line(
    *,
    form: str = "%Y-%m-%d %H:%M:%S",
    zone: str = "UTC",
    stamp: str = "end",
    more: str = "",
    expect: str = "expect_s = 900",
    columns: str = 'kwh = "E.value"',
) -> Line:
    text = LINE.format(
        format=form, zone=zone, stamp=stamp, more=more, expect=expect, columns=columns
    )
    return parse_line(text, "t")


def samples(source: TableSource) -> Samples:
    rows = np.concatenate([block.samples for block in source.blocks()])
    return rows[rows["signal"] >= 0]


def ns(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp()) * SECOND


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


# --- a real year -----------------------------------------------------------------------------


@pytest.mark.skipif(not STEEL.exists(), reason="THE REAL DATA SET IS NOT HERE: uci-851-steel")
def test_a_real_year_comes_in_to_the_kilowatt_hour() -> None:
    told: list[int] = []
    source = TableSource(
        [STEEL], load_line("uci_steel"), progress=lambda _, rows: told.append(rows)
    )
    rows = samples(source)
    assert rows.shape[0] == 35_040
    assert round(float(rows["value"].sum())) == 959_637
    assert source.span_ns == (ns("2018-01-01T00:00+09:00"), ns("2019-01-01T00:00+09:00"))
    assert (np.diff(rows["time_ns"]) == 900 * SECOND).all()
    assert told[-1] == 35_040
    every = np.concatenate([block.samples for block in source.blocks()])
    assert every["signal"][[0, -1]].tolist() == [Event.SESSION_BEGIN, Event.SESSION_END]


# --- formats ---------------------------------------------------------------------------------

ROWS = [("2026-03-02 06:15:00", 1.5), ("2026-03-02 06:30:00", 2.25), ("2026-03-02 06:45:00", 3.0)]


def csv_text(delimiter: str = ",", decimal: str = ".", end: str = "\n") -> str:
    lines = [f"time{delimiter}kwh{delimiter}说明"]
    lines += [f"{t}{delimiter}{str(v).replace('.', decimal)}{delimiter}甲" for t, v in ROWS]
    return end.join(lines) + end


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize(
    ("delimiter", "decimal"), [(",", "."), (";", "."), (";", ","), ("\t", ","), ("|", ".")]
)
def test_a_csv_is_read_whatever_its_encoding_and_delimiter(
    tmp_path: Path, encoding: str, delimiter: str, decimal: str
) -> None:
    path = write(tmp_path / "t.csv", csv_text(delimiter, decimal, "\r\n"), encoding)
    rows = samples(TableSource([path], line(more=f'decimal = "{decimal}"')))
    assert rows["value"].tolist() == [1.5, 2.25, 3.0]
    assert rows["time_ns"][0] == ns("2026-03-02T06:15+00:00")


def test_xlsx_and_parquet_give_the_same_as_csv(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["time", "kwh"])  # type: ignore[union-attr]
    for text, value in ROWS:
        book.active.append([datetime.fromisoformat(text), value])  # type: ignore[union-attr]
    book.save(tmp_path / "t.xlsx")
    times = [datetime.fromisoformat(text) for text, _ in ROWS]
    table = pa.table({"time": times, "kwh": [value for _, value in ROWS]})
    pq.write_table(table, tmp_path / "t.parquet")
    aware = pa.table(
        {
            "time": pa.array(times, pa.timestamp("us", "UTC")),
            "kwh": [value for _, value in ROWS],
        }
    )
    pq.write_table(aware, tmp_path / "aware.parquet")
    expected = samples(TableSource([write(tmp_path / "t.csv", csv_text())], line())).tolist()
    for name in ("t.xlsx", "t.parquet", "aware.parquet"):
        assert repr(samples(TableSource([tmp_path / name], line())).tolist()) == repr(expected)


@pytest.mark.parametrize(
    ("form", "cell"),
    [
        ("epoch_s", "1772432100"),
        ("epoch_ms", "1772432100000"),
        ("epoch_ns", "1772432100000000000"),
        ("excel", "46083.2604166667"),
        ("%d.%m.%y %H:%M", "02.03.26 06:15"),
        ("%Y-%m-%dT%H:%M:%S%z", "2026-03-02T14:15:00+0800"),
    ],
)
def test_times_in_any_format(tmp_path: Path, form: str, cell: str) -> None:
    path = write(tmp_path / "t.csv", f"time,kwh\n{cell},1\n")
    assert samples(TableSource([path], line(form=form)))["time_ns"].tolist() == [
        ns("2026-03-02T06:15+00:00")
    ]


@given(
    st.lists(
        st.tuples(st.integers(1_700_000_000, 1_700_200_000), st.floats(-1e9, 1e9)),
        min_size=2,
        max_size=30,
        unique_by=lambda row: row[0],
    )
)
@settings(max_examples=25, deadline=None)
def test_any_numbers_come_in_sorted_and_exact(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[int, float]]
) -> None:
    path = tmp_path_factory.mktemp("t") / "t.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("time", "kwh"), *table])
    rows = samples(TableSource([path], line(form="epoch_s")))
    expected = sorted((t, v) for t, v in table)
    assert rows["value"].tolist() == [value for _, value in expected]


# --- intervals and clocks --------------------------------------------------------------------


def test_a_stamp_at_the_begin_is_moved_to_the_end(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", csv_text())
    source = TableSource([path], line(stamp="begin"))
    assert samples(source)["time_ns"][0] == ns("2026-03-02T06:30+00:00")
    assert source.span_ns == (ns("2026-03-02T06:15+00:00"), ns("2026-03-02T07:00+00:00"))


def test_without_expect_s_the_rows_tell_the_interval(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", csv_text())
    source = TableSource([path], line(expect=""))
    assert source.span_ns[0] == ns("2026-03-02T06:00+00:00")


def test_midnight_may_carry_the_date_of_the_day_that_it_ends(tmp_path: Path) -> None:
    text = "time,kwh\n2026-03-02 23:45:00,1\n2026-03-02 00:00:00,2\n2026-03-03 00:15:00,3\n"
    path = write(tmp_path / "t.csv", text)
    rows = samples(TableSource([path], line(more='midnight = "old_day"')))
    assert rows["value"].tolist() == [1.0, 2.0, 3.0]
    assert (np.diff(rows["time_ns"]) == 900 * SECOND).all()


@pytest.mark.parametrize("day", ["2025-10-25", "2025-10-26", "2026-03-28"])
def test_the_hour_that_the_clocks_run_twice_is_two_hours(tmp_path: Path, day: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    start = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=zone)
    instants = [start.timestamp() + 900 * i for i in range(40)]
    walls = [datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S") for at in instants]
    text = "time,kwh\n" + "".join(f"{wall},1\n" for wall in walls)
    rows = samples(TableSource([write(tmp_path / "t.csv", text)], line(zone="Europe/Berlin")))
    assert rows["time_ns"].tolist() == [int(at) * SECOND for at in instants]


def test_a_time_that_the_clocks_leave_out_is_a_fault(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "time,kwh\n2026-03-29 02:30:00,1\n")
    with pytest.raises(TableFaults, match="does not exist in Europe/Berlin"):
        TableSource([path], line(zone="Europe/Berlin"))


# --- values ----------------------------------------------------------------------------------


def test_empty_cells_are_kept_as_bad_samples(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.csv",
        "time,kwh\n2026-03-02 06:15:00,\n2026-03-02 06:30:00,NaN\n2026-03-02 06:45:00,1\n",
    )
    rows = samples(TableSource([path], line()))
    assert rows["type"].tolist() == [ValueType.NONE, ValueType.NONE, ValueType.REAL]
    assert rows["status"].tolist() == [BAD_NO_DATA, BAD_NO_DATA, 0]


def test_words_fill_signals_of_words_and_units_are_converted(tmp_path: Path) -> None:
    columns = 'kwh = { signal = "E.value", unit = "MWh" }, state = "S1.state"'
    made = line(columns=columns)
    path = write(tmp_path / "t.csv", "time,kwh,state\n2026-03-02 06:15:00,0.5,processing\n")
    source = TableSource([path], made)
    rows = {int(row["signal"]): row for row in samples(source)}
    assert rows[made.signal_index["E.value"]]["value"] == 500.0
    state = rows[made.signal_index["S1.state"]]
    assert state["type"] == ValueType.TEXT
    assert source.texts[int(state["exact"])] == "processing"


def test_several_files_are_one_session(tmp_path: Path) -> None:
    first = write(tmp_path / "b.csv", "time,kwh\n2026-03-02 07:00:00,2\n")
    second = write(tmp_path / "a.csv", "time,kwh\n2026-03-02 06:45:00,1\n")
    source = TableSource([first, second], line())
    assert samples(source)["value"].tolist() == [1.0, 2.0]
    assert source.span_ns == (ns("2026-03-02T06:30+00:00"), ns("2026-03-02T07:00+00:00"))


def test_stop_ends_it(tmp_path: Path) -> None:
    source = TableSource([write(tmp_path / "t.csv", csv_text())], line())
    source.stop()
    assert list(source.blocks()) == []


# --- faults ----------------------------------------------------------------------------------

FAULTS = [
    ("", "is empty"),
    (" \n\n", "is empty"),
    ("time,kwh\n", "no rows"),
    ("time,kWh\n2026-03-02 06:15:00,1\n", 'there is no column "kwh".*did you mean "kWh"'),
    ("when,kwh\n2026-03-02 06:15:00,1\n", 'there is no column "time"'),
    ("time,kwh,kwh\n2026-03-02 06:15:00,1,2\n", 'more than one column "kwh"'),
    ("time,kwh\n2026-03-02 06:15:00,abc\n", r't\.csv:2: column "kwh" = "abc": must be a number'),
    ("time,kwh\n2026-03-02 06:15:00,1_0\n", "must be a number"),
    ("time,kwh\n2026-03-02 06:15:00,inf\n", "must be a number"),
    ('time,kwh\n2026-03-02 06:15:00,"1,5"\n', "must be a number with a decimal point"),
    ("time,kwh\n02.03.2026,1\n", r":2: column \"time\" = \"02.03.2026\": must be a time as"),
    ("time,kwh\n,1\n", "there is no time"),
    ("time,kwh\n1066-10-14 09:00:00,1\n", "1971"),
    ("time,kwh\n2026-03-02 06:15:00,1,5\n", r"t\.csv:2: has 3 cells, where there are 2 columns"),
    (
        "time,kwh\n2026-03-02 06:15:00,1\n2026-03-02 06:30:00,1\n2026-03-02 06:15:00,2\n",
        r":4: column \"time\": has the time of row 2",
    ),
    ("\0\1\2\3", "is not a table"),
    ("PK\3\4rubbish", "is not an XLSX"),
    ("PAR1rubbish", "is not a Parquet"),
]


@pytest.mark.parametrize(("text", "words"), FAULTS, ids=[words for _, words in FAULTS])
def test_faults_say_where_and_what_would_be_right(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(TableFaults, match=words) as caught:
        TableSource([write(tmp_path / "t.csv", text)], line())
    assert all("\n" not in str(fault) for fault in caught.value.faults)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "America/New_York"])
@pytest.mark.parametrize("cell", ["0001-01-01 00:15:00", "9999-12-31 23:59:59"])
def test_a_time_at_the_end_of_the_calendar_is_a_fault(tmp_path: Path, zone: str, cell: str) -> None:
    with pytest.raises(TableFaults, match="must lie in the years 1971 to 2199"):
        TableSource([write(tmp_path / "t.csv", f"time,kwh\n{cell},1\n")], line(zone=zone))


def test_empty_cells_beyond_the_last_column_are_none(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "time,kwh\n2026-03-02 06:15:00,1,,\n")
    assert samples(TableSource([path], line()))["value"].tolist() == [1.0]


def test_the_first_faults_are_listed_and_no_more(tmp_path: Path) -> None:
    rows = "".join(f"2026-03-02 06:15:{i % 60:02},x\n" for i in range(500))
    with pytest.raises(TableFaults) as caught:
        TableSource([write(tmp_path / "t.csv", "time,kwh\n" + rows)], line())
    assert [fault.line for fault in caught.value.faults] == list(range(2, 12))


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TableFaults, match="is a folder"):
        TableSource([tmp_path], line())
    with pytest.raises(FileNotFoundError):
        TableSource([tmp_path / "none.csv"], line())


def test_a_line_without_tables_says_so(tmp_path: Path) -> None:
    with pytest.raises(TableFaults, match=r"small has no \[\[table\]\]"):
        TableSource([write(tmp_path / "t.csv", csv_text())], load_line("small"))


@given(st.binary(max_size=300), st.sampled_from([b"", b"time,kwh\n", b"PK\x03\x04", b"PAR1"]))
@settings(max_examples=60, deadline=None)
def test_nonsense_is_a_fault_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, head: bytes
) -> None:
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_bytes(head + data)
    with pytest.raises(TableFaults):
        TableSource([path], line())
