"""A chain of logs: work in progress has an account that is carried on."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

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


def vehicles(log: Path) -> list[dict[str, str]]:
    out = log.with_suffix(".csv")
    greenline_here("export", log, "--what", "vehicles", "--out", out)
    with out.open(newline="", encoding="utf-8-sig") as lines:
        return [row for row in csv.DictReader(lines) if row["carrier"] == "electricity"]


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
