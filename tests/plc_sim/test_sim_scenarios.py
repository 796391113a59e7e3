"""Each scenario leaves its signature in the truth ledger, where and when it says."""

from __future__ import annotations

from collections import Counter

import pytest

from data.line import ENERGY_CARRIERS
from data.line_file import load_line
from plc_sim.load import microseconds
from plc_sim.reruns import Setting, bottlenecks
from plc_sim.scenario import SCENARIOS, bundled_scenarios, stage
from tests.plc_sim.demo_runs import EARLY_NS, NOON_NS, Ledger, run_demo

MINUTE_NS = 60 * 10**9


def after(seconds: float) -> int:
    return EARLY_NS + round(seconds * 1e9)


@pytest.fixture(scope="module")
def normal(tmp_path_factory) -> Ledger:
    """Two hours in which nothing is done to the plant."""
    return run_demo(tmp_path_factory.mktemp("normal"), "normal", 7200)


def electricity(ledger: Ledger) -> float:
    """What all stations and units drew [kWh]."""
    records = ledger.of("station") + ledger.of("unit")
    return sum(record["kwh"].get("electricity", 0.0) for record in records)


def test_every_scenario_says_what_is_to_be_found():
    for name in bundled_scenarios():
        text = (SCENARIOS / f"{name}.toml").read_text("utf-8")
        assert "find = { en = " in text, name
        assert 'zh = "' in text.split("find = ")[1].split("\n")[0], name


def test_a_normal_shift_has_no_events(normal):
    assert normal.of("event") == []
    assert 100 <= len(normal.of("vehicle")) <= 125


def test_a_break_with_everything_left_on_costs(tmp_path):
    ledger = run_demo(tmp_path, "lunch_left_on", 4500, costs=True)
    event = ledger.event("left_on")
    assert (event["from_ns"], event["to_ns"]) == (after(1800), after(3600))
    assert event["extra_kwh"] > 500
    idle = [r for r in ledger.of("loss", state="stopped") if r["cause"] == "break"]
    assert len({r["station"] for r in idle}) > 30
    assert all(after(1790) <= r["from_ns"] and r["to_ns"] <= after(3610) for r in idle)


def test_a_press_that_fails_is_charged_with_what_it_stops(tmp_path):
    ledger = run_demo(tmp_path, "press_fails", 4500, costs=True)
    (own,) = [
        r
        for r in ledger.of("loss", station="S020", state="failed")
        if r["to_ns"] - r["from_ns"] > 40 * MINUTE_NS
    ]
    assert own["caused_by"] == "S020"
    assert own["to_ns"] == after(4200)
    event = ledger.event("fail")
    assert event["station"] == "S020"
    assert event["extra_kwh"] < 0  # it draws less while it stands


def test_an_air_leak_grows_at_the_compressors(tmp_path, normal):
    ledger = run_demo(tmp_path, "air_leak", 7200, costs=True)
    event = ledger.event("leak")
    assert event["station"] == "leak"
    (leak,) = ledger.of("unit", unit="leak")
    (usual,) = normal.of("unit", unit="leak")
    lost_m3 = leak["kwh"]["compressed_air"] - usual["kwh"]["compressed_air"]
    assert lost_m3 > 1000
    # Screw compressors make a cubic metre from about 0.1 kWh.
    assert 0.05 <= event["extra_kwh"] / lost_m3 <= 0.2


def test_an_oven_that_drifts_burns_more_gas_at_the_same_heat(tmp_path, normal):
    ledger = run_demo(tmp_path, "oven_drifts", 7200, costs=True)
    event = ledger.event("growth")
    assert event["station"] == "topcoat_oven"

    def gas(of: Ledger, station: str) -> float:
        return sum(r["kwh"].get("natural_gas", 0.0) for r in of.of("station", station=station))

    more = gas(ledger, "P130") - gas(normal, "P130")
    assert event["extra_kwh"] == pytest.approx(more, rel=0.01)
    assert more > 0.01 * gas(normal, "P130")
    assert gas(ledger, "P030") == pytest.approx(gas(normal, "P030"), rel=1e-9)
    assert ledger.plant.gauges["P130", "process_value"]() == pytest.approx(142, abs=8)


def test_the_bottleneck_moves(tmp_path):
    ledger = run_demo(tmp_path, "bottleneck_moves", 7200)
    assert most_charged(ledger, 1200, 3600) == "A080"
    assert most_charged(ledger, 4800, 7200) == "A020"
    assert [event["station"] for event in ledger.of("event")] == ["A080", "A020"]


def most_charged(ledger: Ledger, from_s: float, to_s: float) -> str:
    """The station that made others wait longest in assembly and at the end of the line."""
    waited_ns: Counter[str] = Counter()
    for loss in ledger.of("loss"):
        within_ns = min(loss["to_ns"], after(to_s)) - max(loss["from_ns"], after(from_s))
        if loss["state"] in ("starved", "blocked") and loss["station"][0] in "AQ":
            waited_ns[loss["caused_by"]] += max(0, within_ns)
    return waited_ns.most_common(1)[0][0]


def test_the_bottleneck_is_where_a_faster_cycle_gains_most(tmp_path):
    own = tmp_path / "moves.toml"
    own.write_text(
        'format = "greenline.scenario/1"\n'
        '[[event]]\nkind = "slow"\nstations = "B050"\nat_s = 0\nfor_s = 3600\nfactor = 1.4\n'
        '[[event]]\nkind = "slow"\nstations = "B020"\nat_s = 3600\nfactor = 1.4\n'
    )
    small = load_line("small")
    staged = stage(small, None, own)
    setting = Setting(
        line=small,
        plant=staged.plant,
        seed=1,
        start_ns=EARLY_NS,
        effects=staged.scenario.effects,
    )
    plant = setting.build()
    plant.advance(microseconds(7200), plant.changed.clear)
    found = [each for each in bottlenecks(setting, plant) if each["kind"] == "bottleneck"]
    first, second = found
    assert (first["station"], second["station"]) == ("B050", "B020")
    assert first["to_ns"] == second["from_ns"] == after(3600)


def test_a_new_variant_begins_when_it_is_said(tmp_path):
    ledger = run_demo(tmp_path, "new_variant", 5400)
    visits = ledger.of("visit", station="B010")
    before = Counter(v["variant"] for v in visits if v["enter_ns"] < after(3600 - 300))
    later = Counter(v["variant"] for v in visits if v["enter_ns"] > after(3600 + 300))
    # What was on the line at the start was made by the mix of that time as well.
    assert before["bev"] == 0
    assert 0.15 <= later["bev"] / later.total() <= 0.65


def test_a_voltage_dip_stops_the_body_shop_at_once(tmp_path):
    ledger = run_demo(tmp_path, "voltage_dip", 2700)
    failed = [
        r
        for r in ledger.of("loss", state="failed")
        if r["from_ns"] <= after(1800 + 90) and r["to_ns"] == after(2040)
    ]
    stations = {r["station"] for r in failed}
    assert len(stations) > 10
    assert all(name.startswith("B") for name in stations)
    (gap,) = stage(load_line("demo"), "voltage_dip").faults
    assert (gap.begin_us, gap.end_us) == (1800 * 10**6, 1860 * 10**6)


def test_clouds_cost_what_the_roof_does_not_give(tmp_path):
    ledger = run_demo(tmp_path, "cloudy_afternoon", 5400, start_ns=NOON_NS, costs=True)
    clear = run_demo(tmp_path, "normal", 5400, start_ns=NOON_NS)
    (roof,) = [m.id for m in ledger.plant.line.meters if m.direction == "generate" and _amount(m)]
    missing = clear.meter(roof) - ledger.meter(roof)
    assert missing > 0.2 * clear.meter(roof)
    assert ledger.event("clouds")["extra_kwh"] == pytest.approx(missing, rel=0.05)


def _amount(meter) -> bool:
    return meter.kind in ("counter", "interval")


def test_a_rush_makes_more_vehicles_at_less_energy_each(tmp_path, normal):
    ledger = run_demo(tmp_path, "month_end_rush", 7200)
    rushed, usual = len(ledger.of("vehicle")), len(normal.of("vehicle"))
    assert rushed > usual
    assert electricity(ledger) / rushed < electricity(normal) / usual


def test_a_weekend_is_base_load_alone(tmp_path, normal):
    ledger = run_demo(tmp_path, "weekend", 7200)
    assert ledger.of("vehicle") == []
    assert {r["state"] for r in ledger.of("station")} & {"starved", "failed"} == set()
    assert 0.05 <= electricity(ledger) / electricity(normal) <= 0.5


def test_a_cold_start_heats_before_it_makes_anything(tmp_path):
    ledger = run_demo(tmp_path, "cold_start", 3600)
    assert ledger.of("vehicle") == []
    warming = ledger.of("loss", station="P030", state="warming_up")
    assert sum(r["to_ns"] - r["from_ns"] for r in warming) > 10 * MINUTE_NS
    gas = sum(r["kwh"].get("natural_gas", 0.0) for r in ledger.of("station", station="P030"))
    assert gas > 100


def test_energy_of_losses_is_energy_alone(normal):
    """No cubic metres of air or water among the kWh of a loss."""
    for record in normal.of("station", station="B320"):
        if record["state"] == "starved":
            kwh = sum(record["kwh"].get(carrier, 0.0) for carrier in ENERGY_CARRIERS)
            lost = sum(r["kwh"] for r in normal.of("loss", station="B320", state="starved"))
            assert lost == pytest.approx(kwh, rel=1e-9, abs=1e-9)
