"""A log's books: kept in it, recomputed under others with the difference, said in every format."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import pytest

from data.line_file import load_line
from tests.system.commands import greenline, greenline_here, read_report


@pytest.fixture(scope="module")
def demo_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty minutes of the demo plant at noon: the roof generates, the storage works."""
    log = tmp_path_factory.mktemp("demo") / "demo.glog"
    sim = ("sim", "demo", "--offline", "--duration", 1200, "--start", "2026-03-02T11:00")
    greenline_here(*sim, "--out", log)
    return log


@pytest.fixture(scope="module")
def report(demo_log: Path) -> dict[str, Any]:
    out = demo_log.with_suffix(".json")
    greenline_here("report", demo_log, "--out", out)
    return read_report(out)


def test_the_demo_plant_explains_its_supply(report: dict[str, Any]) -> None:
    energy = report["energy_kwh"]
    assert report["supply"]["kwh"]["generate"] > 0
    assert report["metering"]["negative_rests"] == 0
    assert abs(energy["unexplained"]) <= 0.03 * energy["total"]
    assert energy["balance_error"]["electricity"] <= 1e-9
    for cut in ("by_station", "by_workshop", "by_state", "by_evidence", "by_end_use"):
        assert math.fsum(energy[cut].values()) == pytest.approx(energy["total"], rel=1e-9)


def test_the_exported_ledger_names_the_unexplained(demo_log: Path, report: dict[str, Any]) -> None:
    out = demo_log.with_suffix(".csv")
    greenline_here("export", demo_log, "--what", "ledger", "--out", out)
    with out.open(newline="", encoding="utf-8-sig") as lines:
        rows = [row for row in csv.DictReader(lines) if row["station"] == "unexplained"]
    assert math.fsum(float(row["kwh"]) for row in rows) == pytest.approx(
        report["energy_kwh"]["unexplained"], abs=1e-9
    )
    assert {row["vehicle"] for row in rows} == {""}


def test_the_bundled_demo_has_cost_coal_and_budget(report: dict[str, Any]) -> None:
    assert report["cost"]["total"] > 0
    assert set(report["cost"]["by_band"]) == {"peak"}
    assert report["cost"]["carbon"]["shadow"]
    assert report["kgce"]["total"] > 0
    assert report["budget"]["by"] == "plan"
    assert {each["converter"] for each in report["converted"]} == {
        converter.id for converter in load_line("demo").converters
    }


def test_another_book_shows_its_difference(
    demo_log: Path, report: dict[str, Any], tmp_path: Path
) -> None:
    out = tmp_path / "x.json"
    greenline_here(
        *("report", demo_log, "--book", "cn_grid_jilin", "--book", "tariff=cn_flat"),
        *("--book", "carbon_price=cn_shadow_high", "--out", out),
    )
    found = read_report(out)
    against = found["against"]
    location = against["carbon_kg"]["location"]
    assert location["before"] == report["carbon_kg"]["location"]["total"]
    assert location["after"] == found["carbon_kg"]["location"]["total"]
    assert location["difference"] == location["after"] - location["before"] < 0
    assert against["carbon_kg"]["market"]["difference"] == 0
    assert against["cost"]["before"] == report["cost"]["total"]
    assert against["cost"]["after"] == found["cost"]["total"]
    assert found["cost"]["carbon"]["price_per_t"] == 110
    assert set(against["books"]) == {"location", "tariff", "carbon_price"}


def test_a_book_that_is_not_there_is_one_line(demo_log: Path, tmp_path: Path) -> None:
    asked = ("report", demo_log, "--out", tmp_path / "x.json", "--book")
    for wrong, said in (
        ("tariff=cn_guandong", 'did you mean "cn_guangdong"?'),
        ("taxes=cn_ets", "must be one of location, market, product, tariff, carbon_price"),
        ("carbon_price=cn_flat", "is no carbon price book"),
    ):
        done = greenline(*asked, wrong)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
        assert said in done.stderr


def test_a_person_reads_it_in_both_languages(demo_log: Path, tmp_path: Path) -> None:
    for language, words in (
        ("en", ("Electricity by band", "Standard coal", "Carbon budget", "unexplained")),
        ("zh", ("电费（按时段）", "标准煤", "碳预算", "未解释")),
    ):
        out = tmp_path / f"{language}.html"
        greenline_here("report", demo_log, "--out", out, "--language", language)
        text = out.read_text(encoding="utf-8")
        assert all(word in text for word in words)


def test_check_says_what_the_books_leave_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bill.toml").write_text(
        """
format = "greenline.factors/1"
[[book]]
id = "bill"
currency = "EUR"
[[price]]
id = "bill_2026"
book = "bill"
carrier = "electricity"
from = 2026-01-01
value = 0.2
unit = "EUR/kWh"
source = "bill"
evidence = "supplied"
""",
        encoding="utf-8",
    )
    line = tmp_path / "small.toml"
    line.write_text(load_line("small").text.replace('"cn_guangdong"', '"bill.toml"'), "utf-8")
    greenline_here("check", line)
    said = capsys.readouterr().out
    assert "natural gas: the tariff bill has no price, so the cost is not known" in said
    assert "the tariff bill is in EUR" in said
    greenline_here("check", line, "--language", "zh")
    assert "天然气：电价 bill 没有价格，费用未知" in capsys.readouterr().out
