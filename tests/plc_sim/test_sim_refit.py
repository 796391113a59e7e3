"""A plant through other meters, and over a wire that loses samples."""

from __future__ import annotations

import numpy as np
import pytest

from data.line_cut import with_feeders_alone
from data.line_file import load_line
from data.samples import SampleBlock, TextTable, empty
from plc_sim.lossy import BURST_S, LossyWire
from plc_sim.refit import for_line, with_even_meters
from plc_sim.source import PlantSource
from plc_sim.truth import RememberedTruth
from tests.plc_sim.demo_runs import EARLY_NS


@pytest.fixture(scope="module")
def small():
    return load_line("small")


def test_station_meters_become_even_and_the_feeders_stay(small):
    plant = with_even_meters(small, noise=0.01, gain_error=0.005, seed=3)
    one, other = plant.meters["P_B010"], plant.meters["P_B020"]
    assert (one.noise, one.period_s) == (0.01, 1.0)
    assert one.gain_error == plant.meters["E_B010"].gain_error != other.gain_error
    assert 0 < abs(one.gain_error) < 0.005 * 3**0.5
    assert plant.meters["P_BODY"].noise == 0.007
    fair = with_even_meters(small, noise=0.01, gain_error=0.0, seed=3)
    assert {entry.gain_error for entry in fair.meters.values()} == {0.0}


def _truth(line, plant):
    truth = RememberedTruth(("visit", "station"))
    source = PlantSource(line, seed=4, start_ns=EARLY_NS, duration_s=600, plant=plant, truth=truth)
    samples = np.concatenate([block.samples for block in source.blocks()])
    return truth.records, samples


def test_the_same_happens_in_a_plant_that_is_metered_less(small):
    line = with_feeders_alone(small)
    whole, _ = _truth(small, None)
    fewer, samples = _truth(line, for_line(small, line))
    assert fewer == whole
    assert {record["kind"] for record in fewer} == {"visit", "station"}
    seen = {line.signals[i].subject for i in np.unique(samples["signal"][samples["signal"] >= 0])}
    assert {"E_BODY", "P_BODY", "B010"} <= seen
    assert "P_B010" not in seen


SECONDS = 20_000


@pytest.fixture(scope="module")
def passed(small):
    """Power and counter of B010 once a second, and a state each second, over the wire."""
    numbers = [small.signal_index[key] for key in ("P_B010.value", "E_B010.value", "B010.state")]
    rows = empty(len(numbers) * SECONDS)
    rows["signal"] = np.tile(numbers, SECONDS)
    rows["time_ns"] = EARLY_NS + np.repeat(np.arange(SECONDS), len(numbers)) * 10**9
    wire = LossyWire(small, seed=5, start_ns=EARLY_NS, duration_s=SECONDS, share=0.1)
    blocks = np.array_split(rows, 400)
    out = np.concatenate([wire.pass_on(SampleBlock(b, TextTable())).samples for b in blocks])
    return [(out["time_ns"][out["signal"] == number] - EARLY_NS) // 10**9 for number in numbers]


def test_a_share_of_the_meters_samples_is_lost_and_nothing_else(passed):
    power, counter, state = passed
    assert len(state) == SECONDS
    for seconds in (power, counter):
        assert 1 - len(seconds) / SECONDS == pytest.approx(0.1, abs=0.015)
        assert seconds[0] == 0


def test_bursts_take_power_and_counter_together(passed):
    power, counter, _ = passed
    gone = ~np.isin(np.arange(SECONDS), power) & ~np.isin(np.arange(SECONDS), counter)
    runs = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], gone, [0]]).astype(int))))[::2]
    bursts = runs[runs >= BURST_S]
    assert bursts.sum() / SECONDS == pytest.approx(0.05, abs=0.015)


def test_what_is_lost_is_the_same_each_time(small, passed):
    wires = [
        LossyWire(small, seed=5, start_ns=EARLY_NS, duration_s=100, share=0.1) for _ in range(2)
    ]
    rows = empty(100)
    rows["signal"] = small.signal_index["P_B010.value"]
    rows["time_ns"] = EARLY_NS + np.arange(100) * 10**9
    one, other = (wire.pass_on(SampleBlock(rows, TextTable())).samples for wire in wires)
    assert np.array_equal(one["time_ns"], other["time_ns"])
