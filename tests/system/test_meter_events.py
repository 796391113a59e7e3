"""What a counter did besides counting on is in the events of its log, and in its report."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.system.commands import greenline_here, read_report

LINE = """
format = "greenline.line/1"
[plant]
id = "one"
names = { en = "One meter", zh = "一" }
timezone = "Asia/Shanghai"
currency = "CNY"
[[meter]]
id = "E"
carrier = "electricity"
kind = "counter"
unit = "kWh"
covers = ["plant"]
direction = "import"
[[signal]]
for = "E"
role = "value"
[[table]]
id = "t"
time_column = "time"
format = "%H:%M %d.%m.%Y"
columns = { kwh = "E.value" }
"""


@pytest.mark.parametrize(
    ("shown", "kwh", "bad", "events"),
    [
        ((100, 110, 99_999_999, 120, 130), 30, 1, ["READING_REFUSED"]),
        ((100, 110, 5, 15, 25), 35, 0, ["COUNTER_RESET"]),
        ((100, 110, -50, 120, 130), 30, 1, []),
    ],
)
def test_a_counter_tells_what_happened_to_it(
    shown: tuple[int, ...], kwh: float, bad: int, events: list[str], tmp_path: Path
) -> None:
    (tmp_path / "one.toml").write_text(LINE)
    rows = [f"12:{5 * i:02} 02.03.2026,{reading}" for i, reading in enumerate(shown)]
    (tmp_path / "t.csv").write_text("\n".join(["time,kwh", *rows]))
    log, table = tmp_path / "one.glog", tmp_path / "events.csv"
    greenline_here("import", tmp_path / "t.csv", "--line", tmp_path / "one.toml", "--out", log)
    greenline_here("replay", log, "--headless", "--report", tmp_path / "r.json")
    greenline_here("export", log, "--what", "events", "--out", table)
    report = read_report(tmp_path / "r.json")
    assert report["energy_kwh"]["total"] == pytest.approx(kwh)
    assert report["quality"]["bad"] == bad
    with table.open(newline="") as lines:
        told = [row for row in csv.DictReader(lines) if row["about"] == "E.value"]
    assert [row["event"] for row in told] == events
    assert all(row["time"].startswith("2026-03-02T12:10") for row in told)
