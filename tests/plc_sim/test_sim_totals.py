"""Runs for totals alone: the same plant as that of any other run."""

from __future__ import annotations

import json

from data.line_file import load_line
from plc_sim.source import PlantSource
from plc_sim.totals import run_totals

START_NS = 1_772_402_400_000_000_000


def test_a_run_for_totals_counts_what_the_meters_of_any_run_count(tmp_path):
    line, truth = load_line("small"), tmp_path / "truth.jsonl"
    common = {"seed": 3, "start_ns": START_NS, "duration_s": 600.0}
    for _ in PlantSource(line, truth_path=truth, **common).blocks():
        pass
    records = [json.loads(text) for text in truth.read_text().splitlines()]
    wanted = [record for record in records if record["kind"] in ("meter", "vehicle")]
    found = run_totals(line, None, **common)
    assert len(found) > len(line.meters)
    assert found == wanted


def test_a_run_for_totals_can_be_broken_off():
    line, asked = load_line("small"), []

    def go_on(part: float) -> bool:
        asked.append(part)
        return part < 0.5

    records = run_totals(line, None, seed=3, start_ns=START_NS, duration_s=3600.0, go_on=go_on)
    assert asked == [0.0, 0.25, 0.5]
    assert {record["kind"] for record in records} == {"meter", "vehicle"}
