"""Input that nobody here made: a year of a steel works' metering."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.system.commands import ROOT, greenline, read_report

STEEL = ROOT.parent / "shared" / "data" / "uci-851-steel" / "Steel_industry_data.csv"


@pytest.mark.skipif(not STEEL.exists(), reason=f"{STEEL} is not here")
def test_a_year_of_a_steel_works(tmp_path: Path) -> None:
    done = greenline("import", STEEL, "--line", "uci_steel", "--out", tmp_path / "year.glog")
    assert done.returncode == 0, done.stderr
    done = greenline("report", tmp_path / "year.glog", "--out", tmp_path / "year.json")
    assert done.returncode == 0, done.stderr
    report = read_report(tmp_path / "year.json")
    with STEEL.open(newline="", encoding="utf-8-sig") as lines:
        column = [float(row["Usage_kWh"]) for row in csv.DictReader(lines)]
    assert report["energy_kwh"]["total"] == pytest.approx(sum(column), rel=1e-12)
    assert round(report["energy_kwh"]["total"]) == 959_637
    assert report["kpi"]["peak_demand"]["value"] == pytest.approx(max(column) * 4)
    assert report["kpi"]["peak_demand"]["value"] == pytest.approx(628.7, abs=0.05)
    assert report["kpi"]["load_factor"]["value"] == pytest.approx(0.174, abs=0.0005)
    assert report["energy_kwh"]["balance_error"]["electricity"] <= 1e-9
    assert (report["from"], report["to"]) == (
        "2017-12-31T15:00:00.000000Z",
        "2018-12-31T15:00:00.000000Z",
    )
    assert report["kpi"]["jph"]["value"] is None
