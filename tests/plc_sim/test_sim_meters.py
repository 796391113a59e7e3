"""Loads and meters side by side: the same as one by one, and as real meters are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.line_file import load_line, parse_line
from data.samples import ValueType
from plc_sim.load import US_PER_S, Load, LoadBank, microseconds
from plc_sim.meters import MeterBank, MeterSpec, rounded_to_type
from plc_sim.plant import Plant
from plc_sim.plant_file import load_plant, parse_plant
from plc_sim.plant_schema import MeterEntry
from plc_sim.signals import Signals
from plc_sim.source import PlantSource
from plc_sim.truth import Truth
from tests.plc_sim.sim_lines import START_NS, wide

DAY_US = 86_400 * US_PER_S
STEPS = st.tuples(st.integers(1, 10**8), st.integers(0, 2), st.floats(0, 500), st.booleans())


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEPS, min_size=1, max_size=80), forget_each=st.integers(1, 30))
def test_a_bank_reads_what_its_loads_say(steps, forget_each):
    loads = [Load(lag_s, 10.0) for lag_s in (0.0, 0.7, 300.0)]
    bank = LoadBank(loads)
    columns = bank.columns(loads)
    now_us, noted, expected = 0, [], []
    for number, (span_us, which, level, settles) in enumerate(steps):
        now_us += span_us
        noted.append((bank.in_force(columns), now_us))
        expected.append([(load.rate(now_us), load.amount(now_us)) for load in loads])
        loads[which].cut(now_us)
        loads[which].approach(level)
        if settles:
            loads[which].settle()
        if number % forget_each == 0 or number == len(steps) - 1:
            pieces = np.concatenate([pieces for pieces, _ in noted])
            times_us = np.repeat([float(at_us) for _, at_us in noted], len(loads))
            read = np.transpose(bank.read(pieces, times_us)).reshape(-1, len(loads), 2)
            np.testing.assert_allclose(read, expected, rtol=1e-9, atol=1e-12)
            bank.forget()
            noted, expected = [], []


def spec(kind: str, loads: list[tuple[Load, float]], **entry: object) -> MeterSpec:
    return MeterSpec(
        name="M",
        kind=kind,
        loads=loads,
        entry=MeterEntry.model_validate({"for": "M", "type": "Double", **entry}),
        sent_per_load=1.0,
        sent_per_unit=1.0,
    )


def read(spec_: MeterSpec, *times_s: float) -> list[float]:
    bank = MeterBank([spec_], seed=1)
    collector = bank.collector([0])
    for at_s in times_s:
        bank.poll(collector, microseconds(at_s))
    return [float(reading.values[0]) for reading in bank.take()]


def test_what_flows_the_other_way_is_taken_off():
    loads = [(Load(0.0, 50.0), 1.0), (Load(0.0, 20.0), 1.0), (Load(0.0, 30.0), -1.0)]
    assert read(spec("power", loads), 1.0) == [40.0]
    assert read(spec("counter", loads), 3600.0) == pytest.approx([40.0], rel=1e-12)
    assert read(spec("power", [(Load(0.0, 30.0), -1.0)]), 1.0) == [-30.0]


def test_a_gain_drifts_by_so_much_a_day():
    drift = {"gain_error": 0.02, "drift_per_day": 0.01}
    times_s = np.linspace(0, 86_400, 1441)
    loads = [(Load(0.0, 10.0), 1.0)]
    power = read(spec("power", loads, **drift), *times_s)
    assert power == pytest.approx(10.0 * 1.02 * (1 + 0.01 * times_s / 86_400), rel=1e-12)
    counted = read(spec("counter", loads, **drift), *times_s)
    assert counted[-1] == pytest.approx(240 * 1.02 * (1 + 0.01 / 2), rel=1e-5)


def test_a_counter_that_drifts_down_never_runs_backwards():
    load = Load(0.0, 100.0)
    bank = MeterBank([spec("counter", [(load, 1.0)], drift_per_day=-0.1)], seed=1)
    collector = bank.collector([0])
    for hour in range(50):
        now_us = microseconds(3600 * hour)
        load.cut(now_us)
        load.approach(100.0 if hour < 5 else 0.0)
        bank.poll(collector, now_us)
    counted = [float(reading.values[0]) for reading in bank.take()]
    assert (np.diff(counted) >= 0).all()
    assert 490 < counted[-1] < 500


@pytest.mark.parametrize(
    ("opc_type", "level", "sent"),
    [
        ("Int16", 40_000.0, 32_767),
        ("Byte", 300.0, 255),
        ("UInt32", 5e9, 4_294_967_295),
        ("Int64", 1e19, 9_223_372_036_854_774_784),
        ("Float", 1e39, float(np.finfo(np.float32).max)),
        ("Float", 0.1, float(np.float32(0.1))),
        ("Double", 1e39, 1e39),
    ],
)
def test_a_type_holds_no_more_than_it_can(opc_type, level, sent):
    assert read(spec("power", [(Load(0.0, level), 1.0)], type=opc_type), 1.0) == [sent]
    assert rounded_to_type(level, opc_type) == sent


def test_less_than_nothing_in_a_type_without_sign():
    assert read(spec("power", [(Load(0.0, 30.0), -1.0)], type="UInt16"), 1.0) == [0.0]


def test_noise_is_that_of_the_meter_alone():
    loads = [(Load(0.0, 100.0), 1.0)]
    times_s = range(1, 3001)
    values = np.array(read(spec("power", loads, noise=0.02), *times_s))
    assert values.mean() == pytest.approx(100.0, rel=2e-3)
    assert values.std() == pytest.approx(2.0, rel=0.1)
    assert np.abs(values - 100).max() <= 8.0  # cut at four standard deviations


def test_meters_of_a_workshop_are_read_together():
    line_text, plant_text = wide(stations=12, workshops=3)
    line = parse_line(line_text, "line")
    plant = parse_plant(plant_text, line, "plant")
    source = PlantSource(line, seed=1, start_ns=START_NS, duration_s=5, plant=plant)
    rows = np.concatenate([block.samples for block in source.blocks()])
    phases = defaultdict(set)
    for row in rows[rows["type"] == ValueType.REAL]:
        signal = line.signals[int(row["signal"])]
        if signal.role == "value":
            name = signal.subject.split("_")[1]
            station = {s.id: s.workshop for s in line.stations}
            phases[station.get(name, name)].add(int(row["time_ns"]) % 10**9)
    assert {len(phase) for phase in phases.values()} == {1}
    assert len({frozenset(phase) for phase in phases.values()}) == 3


GAUGE = """
[[signal]]
source = "plc"
for = "plant"
role = "outdoor_temperature"
node = "nsu=urn:greenline:plant:small;s=T"
unit = "degC"
scale = 0.1
"""


def test_gauges_are_read_every_five_seconds():
    small = load_line("small")
    line = parse_line(small.text + GAUGE, "line")
    parameters = load_plant(small)
    index = line.signal_index["plant.outdoor_temperature"]
    types = list(parameters.signal_types)
    types.insert(index, "Int16")
    parameters = replace(parameters, signal_types=tuple(types))
    plant = Plant(line, parameters, seed=1, start_ns=START_NS, truth=Truth(None))
    plant.gauges["plant", "outdoor_temperature"] = lambda: 20.0 + plant.now_us / US_PER_S
    signals = Signals(line, plant)
    step = signals.advance(60 * US_PER_S)
    told = [change for change in signals.each(step) if change.signal == index]
    assert np.diff([change.time_ns for change in told]).tolist() == [5 * 10**9] * 11
    for change in told:  # in tenths
        assert change.value == round(200 + (change.time_ns - START_NS) / 10**8)
        assert isinstance(change.value, int)
