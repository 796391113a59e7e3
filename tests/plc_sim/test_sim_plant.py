"""The simulated plant: its flow, its energy, its truth."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.line import STATES, Line
from data.line_file import load_line, parse_line
from data.samples import Event, SampleBlock, ValueType
from data.toml_file import Faults
from plc_sim.load import Load
from plc_sim.plant_file import load_plant, parse_plant
from plc_sim.source import PlantSource
from plc_sim.vin import check_digit, vin
from tests.plc_sim.sim_lines import (
    BASE_KW,
    HEAD,
    PLANT_HEAD,
    PLANT_STATION,
    START_NS,
    STATION,
    Ledger,
    plants,
)

DURATION_S = 900
EXACT = 1e-9
WITH_VEHICLE = ("processing", "blocked", "failed", "idle", "warming_up")


@pytest.fixture(scope="module")
def small() -> Line:
    return load_line("small")


def run(line: Line, path: Path, *, seed: int = 1, duration_s: float = 2400) -> Ledger:
    source = PlantSource(line, seed=seed, start_ns=START_NS, duration_s=duration_s, truth_path=path)
    for _ in source.blocks():
        pass
    return Ledger(path)


def samples(line: Line, seed: int, duration_s: float = 300) -> list[SampleBlock]:
    return list(PlantSource(line, seed=seed, start_ns=START_NS, duration_s=duration_s).blocks())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files=plants(), seed=st.integers(0, 2**32))
def test_parts_of_the_truth_sum_to_its_meters(files, seed, tmp_path_factory):
    path = tmp_path_factory.mktemp("truth") / "t.jsonl"
    line = parse_line(files[0], "line")
    plant = parse_plant(files[1], line, "plant")
    source = PlantSource(
        line, seed=seed, start_ns=START_NS, duration_s=DURATION_S, truth_path=path, plant=plant
    )
    for _ in source.blocks():
        pass
    ledger = Ledger(path)
    _check_energy(line, ledger)
    _check_time(line, ledger)
    _check_flow(line, ledger)


def _check_energy(line: Line, ledger: Ledger) -> None:
    by_station, meters = ledger.station_kwh(), ledger.meters()
    for station in line.stations:
        metered = meters[f"E_{station.id}"]
        assert metered["unit"] == "Wh"
        booked = by_station[station.id]
        assert sum(booked.values()) == pytest.approx(metered["amount"] / 1000, rel=EXACT)
        visits = [v["kwh"]["electricity"] for v in ledger.of("visit") if v["station"] == station.id]
        for state in WITH_VEHICLE:
            on_vehicles = sum(kwh.get(state, 0.0) for kwh in visits)
            assert on_vehicles == pytest.approx(booked.get(state, 0.0), rel=EXACT, abs=1e-12)
        assert not {"starved", "standby"} & {state for kwh in visits for state in kwh}
    stations_kwh = sum(sum(booked.values()) for booked in by_station.values())
    total = stations_kwh + BASE_KW * DURATION_S / 3600
    assert meters["E"]["amount"] == pytest.approx(total, rel=EXACT)
    visits = ledger.visits()
    for vehicle in ledger.of("vehicle"):
        processing = [
            v["kwh"]["electricity"].get("processing", 0.0) for v in visits[vehicle["vehicle"]]
        ]
        assert vehicle["kwh"]["electricity"] == pytest.approx(sum(processing), rel=EXACT, abs=1e-12)


def _check_time(line: Line, ledger: Ledger) -> None:
    for station in line.stations:
        seconds = {
            r["state"]: r["seconds"] for r in ledger.of("station") if r["station"] == station.id
        }
        assert set(seconds) <= set(STATES)
        assert sum(seconds.values()) == pytest.approx(station.places * DURATION_S, rel=EXACT)


def _check_flow(line: Line, ledger: Ledger) -> None:
    """No station holds more than it has places for; each vehicle goes along the edges, in order."""
    end_ns = ledger.of("end")[0]["end_ns"]
    ways = {(edge.from_station, edge.to_station) for edge in line.edges}
    for visits in ledger.visits().values():
        for one, other in pairwise(visits):
            assert (one["station"], other["station"]) in ways
            assert one["leave_ns"] <= other["enter_ns"]
    for station in line.stations:
        marks = []
        for visit in ledger.of("visit"):
            if visit["station"] == station.id:
                leave_ns = end_ns + 1 if visit["leave_ns"] is None else visit["leave_ns"]
                marks += [(visit["enter_ns"], 1), (leave_ns, -1)]
        inside = np.cumsum([step for _, step in sorted(marks)])
        assert inside.max(initial=0) <= station.places


@settings(max_examples=40, deadline=None)
@given(
    levels=st.lists(st.tuples(st.integers(1, 10**8), st.floats(0, 500)), min_size=1, max_size=20),
    lag_s=st.sampled_from([0.0, 0.3, 30.0]),
)
def test_energy_in_closed_form_is_the_integral_of_the_power(levels, lag_s):
    load, now_us, fine = Load(lag_s, 10.0), 0, 0.0
    for span_us, level in levels:
        load.approach(level)
        grid = np.linspace(now_us, now_us + span_us, 4001)
        rates = np.array([load.rate(int(t)) for t in grid])
        fine += float(np.trapezoid(rates, grid)) / 3.6e9
        now_us += span_us
        load.cut(now_us)
    assert load.amount(now_us) == pytest.approx(fine, rel=2e-3, abs=1e-6)


def test_same_seed_same_bytes(small, tmp_path):
    run(small, tmp_path / "a.jsonl", seed=7, duration_s=600)
    run(small, tmp_path / "b.jsonl", seed=7, duration_s=600)
    run(small, tmp_path / "c.jsonl", seed=8, duration_s=600)
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert (tmp_path / "a.jsonl").read_bytes() != (tmp_path / "c.jsonl").read_bytes()
    ours = np.concatenate([block.samples for block in samples(small, 7)])
    again = np.concatenate([block.samples for block in samples(small, 7)])
    assert ours.tobytes() == again.tobytes()


def test_a_longer_run_begins_as_the_shorter_one(small):
    short = np.concatenate([block.samples for block in samples(small, 3, 120)])
    long = np.concatenate([block.samples for block in samples(small, 3, 240)])
    assert long[: len(short)].tobytes() == short.tobytes()


def test_the_plant_is_full_when_it_starts(small, tmp_path):
    ledger = run(small, tmp_path / "t.jsonl", duration_s=200)
    firsts = {}
    for visit in sorted(ledger.of("visit"), key=lambda visit: visit["enter_ns"]):
        firsts.setdefault(visit["station"], visit)
    assert set(firsts) == {station.id for station in small.stations}
    assert all(visit["enter_ns"] < START_NS for visit in firsts.values())
    assert len({START_NS - visit["enter_ns"] for visit in firsts.values()}) == len(firsts)


@pytest.mark.parametrize("seed", range(1, 11))
def test_enough_vehicles_pass_from_end_to_end(small, tmp_path, seed):
    ledger = run(small, tmp_path / "t.jsonl", seed=seed)
    begin_ns, end_ns = START_NS + 300 * 10**9, START_NS + 2400 * 10**9
    visits = ledger.visits()
    whole = [
        vehicle
        for vehicle in ledger.of("vehicle")
        if len(visits[vehicle["vehicle"]]) == len(small.stations)
        and all(
            begin_ns <= v["enter_ns"] <= v["leave_ns"] <= end_ns for v in visits[vehicle["vehicle"]]
        )
    ]
    assert len(whole) >= (30 if seed == 1 else 24)
    assert 3.5 <= np.mean([vehicle["kwh"]["electricity"] for vehicle in whole]) <= 4.5


def test_a_shift_at_about_the_lines_takt(small, tmp_path):
    ledger = run(small, tmp_path / "t.jsonl", seed=4, duration_s=3 * 3600)
    per_hour = len(ledger.of("vehicle")) / 3
    assert 57 <= per_hour <= 70
    states = {record["state"] for record in ledger.of("station")}
    assert {"processing", "idle", "starved", "blocked", "failed"} <= states
    scrapped = [vehicle for vehicle in ledger.of("vehicle") if not vehicle["good"]]
    assert 1 <= len(scrapped) <= 12  # 2 % of 200
    shares = np.bincount(
        [("sedan", "suv", "bev").index(v["variant"]) for v in ledger.of("vehicle")]
    )
    np.testing.assert_allclose(shares / shares.sum(), [0.5, 0.3, 0.2], atol=0.08)


def test_true_cycle_times_are_3_to_10_percent_off_the_line_files(small):
    plant = load_plant(small)
    for station in small.stations:
        for variant in small.variants:
            said = station.cycle_s
            said = said[variant.id] if isinstance(said, dict) else said
            off = abs(plant.stations[station.id].cycle(variant.id) / said - 1)
            assert 0.03 <= off <= 0.10


def test_the_ledger_has_exactly_the_contracts_keys(small, tmp_path):
    ledger = run(small, tmp_path / "t.jsonl", duration_s=400)
    keys = {}
    for record in ledger.records:
        keys.setdefault(record["kind"], set()).add(tuple(record))
    assert keys == {
        "run": {("kind", "line", "seed", "start_ns")},
        "visit": {("kind", "vehicle", "variant", "station", "enter_ns", "leave_ns", "kwh")},
        "vehicle": {("kind", "vehicle", "variant", "good", "entered_ns", "completed_ns", "kwh")},
        "station": {("kind", "station", "state", "seconds", "kwh")},
        "loss": {
            ("kind", "station", "caused_by", "cause", "state", "from_ns", "to_ns", "kwh"),
        },
        "unit": {("kind", "unit", "at", "kwh")},
        "meter": {("kind", "meter", "carrier", "unit", "amount")},
        "bottleneck": {("kind", "station", "from_ns", "to_ns")},
        "alike": {("kind", "station", "bottleneck", "from_ns", "to_ns")},
        "end": {("kind", "end_ns")},
    }
    assert sum(visit["leave_ns"] is None for visit in ledger.of("visit")) > 0
    meters = ledger.meters()
    assert set(meters) == {meter.id for meter in small.meters}
    assert meters["P_BODY"]["unit"] == "kWh"
    assert meters["P_BODY"]["amount"] == pytest.approx(meters["E_BODY"]["amount"], rel=EXACT)
    assert meters["E_B010"]["amount"] == pytest.approx(1000 * meters["P_B010"]["amount"], rel=EXACT)
    assert meters["G_BODY"]["unit"] == "m3"


def test_meters_follow_the_truth_within_what_they_can_resolve(small, tmp_path):
    path = tmp_path / "t.jsonl"
    source = PlantSource(small, seed=4, start_ns=START_NS, duration_s=3000, truth_path=path)
    rows = np.concatenate([block.samples for block in source.blocks()])
    meters = Ledger(path).meters()
    for station in small.stations:
        index = small.signal_index[f"E_{station.id}.value"]
        counts = rows[rows["signal"] == index]["exact"]
        steps = np.diff(counts)
        rolled = steps < 0
        assert rolled.sum() == (station.id == "B050")  # set to roll over within minutes
        steps[rolled] += 100_000_000
        assert abs(steps.sum() - meters[f"E_{station.id}"]["amount"]) < 40  # Wh: its last second
        power = rows[rows["signal"] == small.signal_index[f"P_{station.id}.value"]]["value"]
        assert np.allclose(power / 10, np.round(power / 10))  # W, in steps of 10
        mean_kwh = power.mean() / 1000 * 3000 / 3600
        assert mean_kwh == pytest.approx(meters[f"P_{station.id}"]["amount"], rel=0.01)


def test_the_first_block_is_the_plant_as_it_stands(small):
    first = samples(small, 1, 3)[0]
    assert first.samples["signal"][0] == Event.SESSION_BEGIN
    rows = first.samples[1:]
    assert sorted(rows["signal"]) == [signal.index for signal in small.signals]
    assert len(set(first.samples["receive_ns"])) == 1
    assert (rows["time_ns"] <= START_NS).all()
    assert (rows["time_ns"] < START_NS).sum() > len(rows) / 2
    states = [
        first.texts[int(row["exact"])]
        for row in rows
        if small.signals[int(row["signal"])].role == "state"
    ]
    assert states == ["Execute"] * 6


def test_samples_arrive_in_order_with_types_that_the_plant_file_names(small):
    rows = np.concatenate([block.samples for block in samples(small, 5)])
    rows = rows[rows["signal"] >= 0]
    assert (np.diff(rows["receive_ns"]) >= 0).all()
    assert (rows["time_ns"] <= rows["receive_ns"]).all()
    assert (rows["time_ns"] % 1000 == 0).all()  # what the wire can carry
    type_of = {
        "good_count": ValueType.INTEGER,
        "variant": ValueType.INTEGER,
        "vehicle": ValueType.TEXT,
        "state": ValueType.TEXT,
    }
    for signal in small.signals:
        types = set(rows[rows["signal"] == signal.index]["type"])
        if signal.role in type_of:
            assert types <= {type_of[signal.role]}
    power = rows[rows["signal"] == small.signal_index["P_BODY.value"]]
    assert set(power["type"]) == {ValueType.REAL}
    assert (power["value"] == power["value"].astype(np.float32)).all()


def test_states_and_vehicles_shown_are_those_of_the_truth(small, tmp_path):
    path = tmp_path / "t.jsonl"
    source = PlantSource(small, seed=1, start_ns=START_NS, duration_s=1200, truth_path=path)
    shown = {}
    for block in source.blocks():
        for row in block.samples:
            if row["signal"] >= 0 and small.signals[int(row["signal"])].role == "vehicle":
                station = small.signals[int(row["signal"])].subject
                text = block.texts[int(row["exact"])]
                shown.setdefault(station, []).append((int(row["time_ns"]), text))
    for visit in Ledger(path).of("visit"):
        assert (visit["enter_ns"], visit["vehicle"]) in shown[visit["station"]]
        if visit["leave_ns"] is not None:
            after = [
                text for time_ns, text in shown[visit["station"]] if time_ns == visit["leave_ns"]
            ]
            assert len(after) == 1
            assert after[0] != visit["vehicle"]


def test_stopping_early_leaves_a_whole_ledger(small, tmp_path):
    path = tmp_path / "t.jsonl"
    source = PlantSource(small, seed=1, start_ns=START_NS, duration_s=10_000, truth_path=path)
    for number, _ in enumerate(source.blocks()):
        if number == 100:
            source.stop()
    ledger = Ledger(path)
    assert ledger.of("end")[0]["end_ns"] == START_NS + 100 * 10 * 10**9
    assert len(ledger.of("meter")) == len(small.meters)


def test_the_ledger_grows_by_whole_lines_while_the_plant_runs(small, tmp_path):
    path = tmp_path / "t.jsonl"
    source = PlantSource(small, seed=1, start_ns=START_NS, duration_s=600, truth_path=path)
    sizes = []
    for number, _ in enumerate(source.blocks()):
        if number % 10 == 0:
            text = path.read_text("utf-8")
            assert text.endswith("\n")
            sizes.append(sum(1 for line in text.splitlines() if json.loads(line)))
    assert sizes == sorted(sizes)
    assert sizes[-2] > sizes[0]


def test_a_server_restart_is_a_gap_and_changes_nothing_in_the_plant(small, tmp_path):
    plain, restarted = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    run(small, plain, duration_s=120)
    source = PlantSource(
        small,
        seed=1,
        start_ns=START_NS,
        duration_s=120,
        truth_path=restarted,
        scenario="server_restart",
    )
    blocks = list(source.blocks())
    told = restarted.read_bytes().splitlines(keepends=True)
    assert plain.read_bytes() == b"".join(line for line in told if b'"kind": "fault"' not in line)
    rows = np.concatenate([block.samples for block in blocks])
    kinds = [int(kind) for kind in rows["signal"] if kind < 0]
    assert kinds == [Event.SESSION_BEGIN, Event.GAP_BEGIN, Event.GAP_END]
    begin, end = np.flatnonzero(rows["signal"] < Event.SESSION_END)
    assert end == begin + 1  # nothing arrives in between
    after = rows[end + 1 : end + 1 + len(small.signals)]
    assert sorted(after["signal"]) == [signal.index for signal in small.signals]
    assert rows["receive_ns"][end] - rows["receive_ns"][begin] == 15 * 10**9


def one_station() -> str:
    return PLANT_STATION.format(
        id="S0",
        cycle_s=30.0,
        slow_s=30.0,
        load_s=3.0,
        mtbf_h=100.0,
        reject=0.0,
        standby_after_s=300.0,
        power=30.0,
        lag_s=0.5,
    )


def test_bodies_are_released_by_takt_where_the_plant_asks(tmp_path):
    line = parse_line(HEAD + STATION.format(id="S0", places=1), "line")
    plant = parse_plant(PLANT_HEAD + '[flow]\nrelease = "takt"\n' + one_station(), line, "plant")
    path = tmp_path / "t.jsonl"
    source = PlantSource(
        line, seed=1, start_ns=START_NS, duration_s=1200, truth_path=path, plant=plant
    )
    for _ in source.blocks():
        pass
    entered_ns = [v["entered_ns"] for v in Ledger(path).of("vehicle")][2:]
    assert len(entered_ns) >= 25
    assert set(np.diff(entered_ns)) == {40 * 10**9}  # the line's takt; the cycle takes 30 s


def test_an_interval_meter_sends_what_was_drawn_since_the_last_time(tmp_path):
    text = HEAD.replace('kind = "counter"', 'kind = "interval"', 1)
    line = parse_line(text + STATION.format(id="S0", places=1), "line")
    meter = '[[meter]]\nfor = "E"\ntype = "Double"\nperiod_s = 60\nresolution = 0.1\n'
    head = PLANT_HEAD.replace('[[meter]]\nfor = "E*"', meter + '[[meter]]\nfor = "E_*"')
    plant = parse_plant(head + one_station(), line, "plant")
    path = tmp_path / "t.jsonl"
    source = PlantSource(
        line, seed=1, start_ns=START_NS, duration_s=3600, truth_path=path, plant=plant
    )
    rows = np.concatenate([block.samples for block in source.blocks()])
    values = rows[rows["signal"] == line.signal_index["E.value"]]["value"][1:]
    assert len(values) == 60
    amount = Ledger(path).meters()["E"]["amount"]
    assert amount - 1.2 < values.sum() <= amount + 1e-9  # its last minute is not told yet
    assert np.allclose(values * 10, np.round(values * 10))


ROLES = """
[[signal]]
source = "plc"
for = "S*"
role = "alarm"
node = "ns=2;s={station}.Alarm"
[[signal]]
source = "plc"
for = "S*"
role = "cycle_time"
node = "ns=2;s={station}.Cycle"
unit = "s"
"""


def test_alarm_and_cycle_time_follow_the_station():
    line = parse_line(HEAD + ROLES + STATION.format(id="S0", places=1), "line")
    failing = one_station().replace("mtbf_h = 100.0", "mtbf_h = 0.05")
    plant = parse_plant(PLANT_HEAD + failing, line, "plant")
    source = PlantSource(line, seed=1, start_ns=START_NS, duration_s=3600, plant=plant)
    blocks = list(source.blocks())
    rows = np.concatenate([block.samples for block in blocks])

    def of(key: str) -> np.ndarray:
        return rows[rows["signal"] == line.signal_index[key]]

    failed = [
        int(row["time_ns"]) for row in of("S0.state") if source.texts[int(row["exact"])] == "failed"
    ]
    raised = of("S0.alarm")
    assert len(failed) > 5
    assert [int(row["time_ns"]) for row in raised if row["exact"] == 1] == failed
    assert set(raised["exact"]) == {0, 1}
    cycles = of("S0.cycle_time")["value"][1:]
    assert 20 < np.percentile(cycles, 10) < 35
    assert cycles.max() > 50  # with a repair in it


def test_no_vehicle_is_taken_up_in_a_break_where_the_plant_asks(tmp_path):
    shift = (
        '[[shift]]\nname = "early"\nstart = "14:00"\nend = "22:00"\ndays = [1, 2, 3, 4, 5, 6, 7]\n'
    )
    text = HEAD + STATION.format(id="S0", places=1) + shift + 'breaks = [["14:05", "14:15"]]\n'
    line = parse_line(text, "line")
    plant = parse_plant(PLANT_HEAD + "[flow]\nbreaks = true\n" + one_station(), line, "plant")
    path = tmp_path / "t.jsonl"
    source = PlantSource(  # START_NS is 14:00 in Shanghai
        line, seed=1, start_ns=START_NS, duration_s=1800, truth_path=path, plant=plant
    )
    for _ in source.blocks():
        pass
    ledger = Ledger(path)
    begin_ns, end_ns = START_NS + 300 * 10**9, START_NS + 900 * 10**9
    entered = [visit["enter_ns"] for visit in ledger.of("visit")]
    assert not any(begin_ns <= enter_ns < end_ns for enter_ns in entered)
    assert any(enter_ns == end_ns for enter_ns in entered)
    stopped = [r["seconds"] for r in ledger.of("station") if r["state"] == "stopped"]
    assert 550 <= stopped[0] <= 600


@given(st.integers(0, 30), st.integers(0, 10**7))
def test_vehicle_numbers_are_well_formed(model, serial):
    number = vin(model, serial)
    assert len(number) == 17
    assert not set(number) & set("IOQ")
    assert number[8] == check_digit(number)


def test_check_digit_of_a_known_number():
    assert check_digit("1M8GDM9AXKP042788") == "X"


def test_a_ledger_replaces_a_ledger_alone(small, tmp_path):
    path = tmp_path / "t.jsonl"
    for _ in range(2):
        run(small, path, duration_s=60)
    path.write_bytes(b"SQLite format 3\0")
    with pytest.raises(Faults, match="is there already and is no truth ledger"):
        run(small, path, duration_s=60)
    assert path.read_bytes() == b"SQLite format 3\0"


def test_who_does_not_wait_for_reruns_gets_a_whole_ledger_without_them(small, tmp_path):
    path = tmp_path / "t.jsonl"
    said = []
    source = PlantSource(
        small,
        seed=1,
        start_ns=START_NS,
        duration_s=2400,
        truth_path=path,
        scenario="lunch_left_on",
        say=lambda text: (said.append(text), source.stop()),
    )
    for _ in source.blocks():
        pass
    ledger = Ledger(path)
    assert len(said) == 1
    assert [event["extra_kwh"] for event in ledger.of("event")] == [None]
    assert ledger.of("bottleneck") == []
    assert len(ledger.of("end")) == 1


def test_a_plant_that_is_closed_stays_closed_whatever_its_shifts(small, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        'format = "greenline.scenario/1"\n[[set]]\ntable = "flow"\nclosed = true\nshifts = true\n'
    )
    source = PlantSource(small, seed=1, start_ns=START_NS, duration_s=600, faults=own)
    rows = sum(len(block.samples) for block in source.blocks())
    assert rows > 0
    assert source.plant.finished == 0
