"""The demo plant: its truth ledger adds up, its parts meet their vehicles, it repeats itself."""

from __future__ import annotations

from collections import defaultdict

import pytest

from data.line import ENERGY_CARRIERS
from data.line_file import load_line
from plc_sim.source import PlantSource
from tests.plc_sim.demo_runs import EARLY_NS, Ledger, run_demo, setting_of


@pytest.fixture(scope="module", params=[1, 2])
def ledger(request, tmp_path_factory) -> Ledger:
    folder = tmp_path_factory.mktemp("demo")
    return run_demo(folder, None, 2400, seed=request.param)


def total(records, carrier: str) -> float:
    return sum(record["kwh"].get(carrier, 0.0) for record in records)


def test_stations_and_units_sum_to_the_boundary_meters(ledger):
    line = ledger.plant.line
    drawn = {
        carrier: total(ledger.of("station"), carrier) + total(ledger.of("unit"), carrier)
        for carrier in ENERGY_CARRIERS
    }
    metered = dict.fromkeys(ENERGY_CARRIERS, 0.0)
    signs = {"import": 1, "generate": 1, "discharge": 1, "charge": -1, "export": -1, "consume": 1}
    for point in line.points:
        if point.boundary:
            (record,) = ledger.of("meter", meter=point.id)
            heating = ledger.plant.file.heating_value.get(point.carrier, 1.0)
            kwh = record["amount"] * (heating if record["unit"] == "m3" else 1.0)
            kwh *= 1000 if record["unit"] == "MWh" else 1
            metered[point.carrier] += signs[point.direction] * kwh
    for carrier, kwh in drawn.items():
        assert metered[carrier] == pytest.approx(kwh, rel=1e-9, abs=1e-9), carrier


def test_losses_are_all_that_is_drawn_without_making_anything(ledger):
    machines = ledger.plant.file.machines
    drawn: dict[tuple[str, str], float] = defaultdict(float)
    for record in ledger.of("station"):
        if record["station"] not in machines and record["state"] != "processing":
            kwh = sum(record["kwh"].get(carrier, 0.0) for carrier in ENERGY_CARRIERS)
            drawn[record["station"], record["state"]] += kwh
    lost: dict[tuple[str, str], float] = defaultdict(float)
    for record in ledger.of("loss"):
        lost[record["station"], record["state"]] += record["kwh"]
        assert record["from_ns"] < record["to_ns"]
        assert record["caused_by"] in ledger.plant.stations
    by_station: dict[str, tuple[float, float]] = {}
    for (station, _), kwh in drawn.items():
        ours = sum(v for (s, _), v in lost.items() if s == station)
        all_drawn = sum(v for (s, _), v in drawn.items() if s == station)
        by_station[station] = (ours, all_drawn)
        assert kwh >= -1e-9
    for station, (ours, all_drawn) in by_station.items():
        assert ours == pytest.approx(all_drawn, rel=1e-9, abs=1e-6), station


def test_lost_time_is_all_time_without_processing(ledger):
    seconds: dict[str, float] = defaultdict(float)
    for record in ledger.of("station"):
        if record["state"] != "processing":
            seconds[record["station"]] += record["seconds"]
    lost: dict[str, float] = defaultdict(float)
    for record in ledger.of("loss"):
        lost[record["station"]] += (record["to_ns"] - record["from_ns"]) / 1e9
    for station, idle_s in seconds.items():
        if station not in ledger.plant.file.machines:
            assert lost[station] == pytest.approx(idle_s, abs=1e-6), station


def test_a_vehicle_carries_the_processing_energy_of_its_parts(ledger):
    took: dict[str, float] = defaultdict(float)
    for visit in ledger.of("visit"):
        took[visit["vehicle"]] += visit["kwh"].get("electricity", {}).get("processing", 0.0)
    parts: dict[str, list[str]] = defaultdict(list)
    for join in ledger.of("join"):
        parts[join["vehicle"]].append(join["part"])
    assert len(ledger.of("vehicle")) > 20
    for vehicle in ledger.of("vehicle"):
        number = vehicle["vehicle"]
        mine = took[number] + sum(took[part] for part in parts[number])
        assert vehicle["kwh"]["electricity"] == pytest.approx(mine, rel=1e-9, abs=1e-9)


def test_every_vehicle_meets_what_its_variant_needs(ledger):
    met: dict[str, set[str]] = defaultdict(set)
    for join in ledger.of("join", station="A050"):
        met[join["vehicle"]].add(join["part"].split("-")[0])
    variant = {visit["vehicle"]: visit["variant"] for visit in ledger.of("visit", station="A050")}
    needs = {part.prefix: part.variants for part in ledger.plant.file.parts}
    at_marriage = {prefix for prefixes in met.values() for prefix in prefixes}
    assert len(at_marriage) == 2
    for number, prefixes in met.items():
        expected = {p for p in at_marriage if needs[p] is None or variant[number] in needs[p]}
        assert prefixes == expected


def test_feedback_flows_back_at_the_test_benches(ledger):
    backs = [m for m in ledger.plant.line.meters if m.direction == "export" and m.stations]
    assert backs
    for meter in backs:
        assert ledger.meter(meter.id) > 0


def test_the_line_runs_near_its_takt(ledger):
    per_hour = len(ledger.of("vehicle")) / (2400 / 3600)
    assert 45 <= per_hour <= 66


def test_the_same_seed_gives_the_same_samples_and_ledger(tmp_path):
    def rows() -> bytes:
        source = PlantSource(load_line("demo"), seed=5, start_ns=EARLY_NS, duration_s=300)
        return b"".join(block.samples.tobytes() for block in source.blocks())

    def records(name: str) -> bytes:
        folder = tmp_path / name
        folder.mkdir()
        return run_demo(folder, "air_leak", 300, seed=5).path.read_bytes()

    assert rows() == rows()
    assert records("one") == records("two")


def test_a_press_starts_with_an_inrush():
    plant = setting_of(None).build()
    press = plant.stations["S020"].places[0]
    peaks, levels = [], []
    was = press.state

    def look() -> None:
        nonlocal was
        if press.state == "processing" and was != "processing":
            peaks.append(press.loads["electricity"].rate(plant.now_us))
            levels.append(press.loads["electricity"].rate(plant.now_us + 4_000_000))
        was = press.state
        plant.changed.clear()

    plant.advance(900_000_000, look)
    assert len(peaks) > 3
    assert all(peak > 1.3 * level for peak, level in zip(peaks, levels, strict=True))
