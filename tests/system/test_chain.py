"""A chain of logs: work in progress has an account that is carried on."""

from __future__ import annotations

import csv
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import main
from tests.system.commands import greenline_here, read_report


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three logs of half an hour, each after the other."""
    folder = tmp_path_factory.mktemp("chain")
    logs: list[Path] = []
    for number in range(3):
        log = folder / f"{number}.glog"
        after = ("--after", logs[-1]) if logs else ()
        sim = ("sim", "small", "--offline", "--duration", 1800, "--seed", 3)
        greenline_here(*sim, "--out", log, *after)
        logs.append(log)
    return logs


@pytest.fixture(scope="module")
def reports(chain: list[Path]) -> list[dict[str, Any]]:
    found = []
    for log in chain:
        out = log.with_suffix(".json")
        greenline_here("report", log, "--out", out)
        found.append(read_report(out))
    return found


def exported(log: Path, what: str) -> list[dict[str, str]]:
    out = log.with_name(f"{log.stem}-{what}.csv")
    if not out.exists():
        greenline_here("export", log, "--what", what, "--out", out)
    with out.open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


def vehicles(log: Path) -> list[dict[str, str]]:
    return [row for row in exported(log, "vehicles") if row["carrier"] == "electricity"]


def carried_kwh(rows: list[dict[str, str]], carrier: str, *, completed: bool) -> float:
    """On completed vehicles, or on those in progress [kWh]."""
    return math.fsum(
        float(row[key])
        for row in rows
        if row["carrier"] == carrier and bool(row["completed_ns"]) == completed
        for key in ("direct_kwh", "shared_kwh", "scrap_kwh")
    )


def test_what_one_log_ends_with_the_next_begins_with(reports: list[dict[str, Any]]) -> None:
    for before, after in pairwise(reports):
        assert before["energy_kwh"]["wip_close"] > 0
        assert after["energy_kwh"]["wip_open"] == pytest.approx(before["energy_kwh"]["wip_close"])
        assert before["to"] <= after["from"]


def test_every_log_closes_its_account(reports: list[dict[str, Any]]) -> None:
    for report in reports:
        energy = report["energy_kwh"]
        accounted = energy["on_vehicles"] + energy["wip_close"] - energy["wip_open"]
        accounted += energy["losses"] + energy["unexplained"]
        assert accounted == pytest.approx(energy["total"], rel=1e-9)


def test_a_vehicle_is_completed_once_and_whole(chain: list[Path]) -> None:
    completed: list[str] = []
    whole: list[str] = []
    for log in chain:
        rows = [row for row in vehicles(log) if row["completed_ns"]]
        completed += [row["vehicle"] for row in rows]
        whole += [row["vehicle"] for row in rows if row["complete"] == "True"]
    assert len(completed) == len(set(completed))
    assert len(completed) > 70
    # Only those that were on the line when the first log began are not whole.
    assert len(completed) - len(whole) <= 10


def test_the_exported_files_add_up_to_the_meters(
    chain: list[Path], reports: list[dict[str, Any]]
) -> None:
    """metered = on completed vehicles + change of WIP + losses + unexplained: files alone."""
    whole: dict[str, list[float]] = {}
    for number, (log, report) in enumerate(zip(chain, reports, strict=True)):
        rows, cells = exported(log, "vehicles"), exported(log, "ledger")
        before = exported(chain[number - 1], "vehicles") if number else []
        for carrier, balance in report["wip"]["balance_kwh"].items():
            metered = math.fsum(float(c["kwh"]) for c in cells if c["carrier"] == carrier)
            done = carried_kwh(rows, carrier, completed=True)
            closing = carried_kwh(rows, carrier, completed=False)
            opening = carried_kwh(before, carrier, completed=False)
            accounted = math.fsum(
                (done, closing, -opening, balance["losses"], balance["unexplained"])
            )
            assert accounted == pytest.approx(metered, rel=1e-9)
            assert metered == pytest.approx(balance["metered"], rel=1e-9)
            assert report["wip"]["change"][carrier] == pytest.approx(closing - opening)
            sums = whole.setdefault(carrier, [0.0, 0.0])
            sums[0] += metered
            sums[1] += done + balance["losses"] + balance["unexplained"]
    for carrier, (metered, gone) in whole.items():  # over the chain: opened with nothing
        left = carried_kwh(exported(chain[-1], "vehicles"), carrier, completed=False)
        assert gone + left == pytest.approx(metered, rel=1e-9)


def test_the_same_in_kilograms(reports: list[dict[str, Any]]) -> None:
    for report in reports:
        for view, row in report["wip"]["balance_kg"].items():
            if row["metered"] is None:
                continue
            accounted = row["on_vehicles"] + row["wip_close"] - row["wip_open"]
            accounted += row["losses"] + row["unexplained"]
            assert accounted == pytest.approx(row["metered"], rel=1e-9), view
    for before, after in pairwise(reports):
        for view, row in after["wip"]["balance_kg"].items():
            assert row["wip_open"] == pytest.approx(before["wip"]["balance_kg"][view]["wip_close"])


def test_the_passport_of_a_vehicle_that_spans_two_logs_is_its_row(chain: list[Path]) -> None:
    was_there = {row["vehicle"] for row in vehicles(chain[0])}
    row = next(
        row
        for row in vehicles(chain[1])
        if row["completed_ns"] and row["vehicle"] in was_there and row["complete"] == "True"
    )
    out = chain[1].with_name("passport.json")
    greenline_here("passport", *chain[:2], "--vehicle", row["vehicle"], "--out", out)
    passport = read_report(out)
    electricity = passport["energy_kwh"]["by_carrier"]["electricity"]
    for part in ("direct", "shared", "scrap"):
        assert electricity[part] == pytest.approx(float(row[f"{part}_kwh"]))
    stations = passport["energy_kwh"]["by_station"].values()
    placed = math.fsum(each["direct"] + each["shared"] for each in stations)
    total = passport["energy_kwh"]["total"] - passport["energy_kwh"]["scrap"]
    assert placed == pytest.approx(total, rel=1e-9)
    assert len(passport["route"]) == 6
    assert all(visit["leave"] for visit in passport["route"])


def test_what_cannot_be_continued_is_one_line(
    chain: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "x.glog")
    sim = ["--offline", "--duration", "60", "--out", out, "--after", str(chain[0])]
    early = [*sim, "--start", "2026-03-02T06:10"]
    apart = ["passport", str(chain[0]), str(chain[2]), "--vehicle", "X", "--out", f"{out}.json"]
    for arguments, said in (
        (["sim", "demo", *sim], "is a log of the line small, not of demo"),
        (["sim", "small", *early], "lies before the end of"),
        (apart, "does not continue"),
    ):
        assert main.main(arguments) == 2
        faults = [f for f in capsys.readouterr().err.splitlines() if f.startswith("greenline:")]
        assert len(faults) == 1
        assert said in faults[0]
