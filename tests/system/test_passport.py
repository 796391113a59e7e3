"""A bill of material from beside the line file, by way of the log, into the passport."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

import main
from tests.system.commands import ROOT, greenline_here, read_report

BILL = """
format = "greenline.bom/1"
[bill]
country = "CN"
fossil_carbon_kg = 100
[[part]]
id = "body"
mass_kg = 400
kgco2e_per_kg = 2.0
[[part]]
id = "glass"
mass_kg = -30
kgco2e_per_kg = 1.5
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty minutes of ``small``, whose variants name a bill with a fault in it."""
    folder = tmp_path_factory.mktemp("bill")
    text = (ROOT / "data" / "lines" / "small.toml").read_text("utf-8")
    (folder / "line.toml").write_text(
        re.sub(r"(\[\[variant\]\]\n)", r'\1bom = "bill.toml"\n', text), "utf-8"
    )
    (folder / "bill.toml").write_text(BILL, "utf-8")
    out = folder / "shift.glog"
    sim = ("sim", folder / "line.toml", "--offline", "--duration", 1200, "--out", out)
    greenline_here(*sim)
    (folder / "bill.toml").unlink()  # the log alone is mailed
    return out


def a_vehicle(log: Path) -> str:
    table = log.with_suffix(".csv")
    greenline_here("export", log, "--what", "vehicles", "--out", table)
    with table.open(newline="", encoding="utf-8-sig") as lines:
        return next(r["vehicle"] for r in csv.DictReader(lines) if r["complete"] == "True")


def test_a_log_alone_has_the_bill_and_what_is_wrong_with_it(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = log.with_name("passport.json")
    greenline_here("passport", log, "--vehicle", a_vehicle(log), "--out", out)
    assert "mass_kg (glass)" in capsys.readouterr().err
    passport = read_report(out)
    assert passport["upstream"]["basis"] == "bom"
    assert passport["upstream"]["kgco2e"] == 800.0
    assert not passport["upstream"]["complete"]
    assert passport["pact"] is None
    assert passport["pact_missing"] == ["bom_incomplete", *passport["pact_missing"][1:]]


def test_another_bill_makes_it_a_footprint_for_partners(log: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(BILL.replace("-30", "30"), "utf-8")
    out = tmp_path / "v.json"
    greenline_here("passport", log, "--vehicle", a_vehicle(log), "--bom", own, "--out", out)
    passport = read_report(out)
    assert passport["upstream"]["kgco2e"] == 845.0
    assert passport["footprint"]["boundary"] == "cradle-to-gate"
    assert (passport["pact"] is None) == bool(passport["pact_missing"])


def test_a_vehicle_that_is_not_there_is_one_line(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    near = a_vehicle(log)[:-1] + "X"
    ask = ["passport", str(log), "--vehicle", near, "--out", str(tmp_path / "v.html")]
    capsys.readouterr()
    assert main.main(ask) == 2
    said = [f for f in capsys.readouterr().err.splitlines() if f.startswith("greenline:")]
    assert len(said) == 1
    assert "did you mean" in said[0]
    assert main.main([*ask[:-1], str(tmp_path / "v.doc")]) == 2
