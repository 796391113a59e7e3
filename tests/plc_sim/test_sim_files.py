"""Plant files and schedules: every fault at once, each with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.line import Line
from data.line_file import load_line, parse_line
from data.toml_file import Faults
from plc_sim.faults import KINDS
from plc_sim.plant_file import PLANTS, bundled_plants, load_plant, parse_plant
from plc_sim.scenario import bundled_scenarios, stage, stories
from plc_sim.source import PlantSource
from tests.plc_sim.sim_lines import START_NS


@pytest.fixture(scope="module")
def small() -> Line:
    return load_line("small")


@pytest.fixture(scope="module")
def text() -> str:
    return (PLANTS / "small.toml").read_text("utf-8")


def faults_of(text: str, line: Line) -> str:
    with pytest.raises(Faults) as raised:
        parse_plant(text, line, "small.toml")
    return str(raised.value)


@pytest.mark.parametrize("name", bundled_plants())
def test_bundled_plants_fit_their_lines(name):
    assert load_plant(load_line(name)).stations


CASES = [
    ('line = "small"', 'line = "smal"', 'line = "smal": must be "small"'),
    ("fill = 0.3", "fill = 1.3", "flow.fill = 1.3: must be at most 1"),
    ("fill = 0.3", "fil = 0.3", 'flow.fil: unknown key; did you mean "fill"?'),
    ('id = "B020"', 'id = "B02"', 'no such station in the line file; did you mean "B020"?'),
    ('id = "B020"', 'id = "B02"', 'the line\'s station "B020" is missing'),
    ('id = "B020"', 'id = "B010"', 'station[1].id (B010) = "B010": is there twice'),
    ("cycle_s = 50.2", "cycle_s = 4", "must be above load_s + unload_s = 5.5"),
    ("suv = 55.0, ", "", 'variant "suv" is missing'),
    ("suv = 55.0", "suw = 55.0", 'no such variant in the line file; did you mean "suv"?'),
    ("[0.12, 0.45]", "[0.22, 0.45]", "shares must sum to 1, not 1.1"),
    ("[0.12, 0.45]", "[0.12]", "must be pairs"),
    ('for = "P_BODY"', 'for = "P_BODI"', 'no such meter in the line file; did you mean "P_BODY"?'),
    ('for = "P_BODY"', 'for = "P_BODI"', 'the line\'s meter "P_BODY" is missing'),
    ('type = "UInt32"\nperiod_s = 1\nresolution = 1\nstart = 41', 'type = "Int16"\nstart = 41',
     '"E_B010" counts to 1e+08 as sent, more than Int16 holds'),
    ('type = "Float"', 'type = "float"', 'must be "Float", "Double"'),
    ("natural_gas = 10.814", "", 'natural unit of "G_BODY" is m3: needs kWh per m3'),
    ('covers = "workshop:body"', 'covers = "workshop:bodi"', 'did you mean "workshop:body"?'),
    ('state = "String"', 'state = "Int32"', "are no whole numbers"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "message"), CASES)
def test_a_fault_is_named_with_what_would_be_right(small, text, right, wrong, message):
    assert right in text
    assert message in faults_of(text.replace(right, wrong, 1), small)


def test_all_faults_at_once(small, text):
    bad = text.replace("fill = 0.3", "fill = 2").replace("cycle_spread = 0.012", "cycle_spread = 9")
    found = faults_of(bad.replace("mttr_s = 120", "mttr_s = -1", 1), small).splitlines()
    assert len(found) == 4  # cycle_spread stands at two stations


def test_a_line_that_the_plant_cannot_play(small, text):
    joined = small.text.replace("capacity = 1", 'capacity = 1\nkind = "join"', 1)
    weather = """
[[signal]]
source = "plc"
for = "B010"
role = "process_value"
node = "nsu=urn:greenline:plant:small;s=T"
unit = "degC"
"""
    found = faults_of(text, parse_line(joined + weather, "line"))
    assert "no part comes the way that joins from B010 to B020" in found
    assert "the plant gives no process_value of B010" in found


def test_a_line_without_a_plant():
    with pytest.raises(Faults, match=r"no simulated plant for this line; there is one for .*small"):
        PlantSource(load_line("uci_steel"), seed=1, start_ns=START_NS, duration_s=1)


HEAD = 'format = "greenline.scenario/1"\n'


def wire_faults_of(line: Line, text: str, folder: Path, scenario: str | None = None) -> str:
    """What is said of a schedule of one's own."""
    own = folder / "own.toml"
    own.write_text(HEAD + text)
    with pytest.raises(Faults) as raised:
        stage(line, scenario, own)
    return str(raised.value)


@pytest.mark.parametrize("name", bundled_scenarios())
def test_bundled_scenarios_read(small, name):
    line = small if name == "server_restart" else load_line("demo")
    staged = stage(line, name)
    assert staged.scenario.name == name


def test_scenarios_are_offered_for_the_line_that_they_are_made_for(small):
    assert "server_restart" in [story.name for story in stories("small")]
    assert "air_leak" not in [story.name for story in stories("small")]
    assert len(stories("demo")) == len(bundled_scenarios())
    with pytest.raises(Faults, match=r'line = "demo": is not "small", the line that is to be'):
        stage(small, "air_leak")


def test_a_restart_is_in_wall_seconds(small):
    (restart,) = stage(small, "server_restart", speed=20.0).faults
    assert restart.kind == "server_restart"
    assert (restart.begin_us, restart.end_us) == (20 * 45 * 10**6, 20 * 60 * 10**6)
    assert stage(small, None).faults == ()


def test_an_unknown_scenario_names_the_nearest(small):
    with pytest.raises(Faults, match=r'no such scenario.*did you mean "server_restart"'):
        stage(small, "server_restat")
    with pytest.raises(Faults, match=r"no such scenario; there is .*server_restart"):
        stage(small, "quake")


def test_all_faults_of_a_schedule_at_once(small, tmp_path):
    text = """
[[fault]]
kind = "server_restrat"
at_s = 5
[[fault]]
kind = "half_open"
at_s = -1
for_s = 0
[[fault]]
kind = "half_open"
at_s = 1
signals = "*"
[[fault]]
kind = "frozen_value"
at_s = 5
until_s = 3
signals = ["P_B010.value", "P_BODI.value"]
[[event]]
kind = "quake"
[[earthquake]]
"""
    message = wire_faults_of(small, text, tmp_path)
    assert 'own.toml:4: fault[0].kind = "server_restrat": no such kind of fault' in message
    assert 'did you mean "server_restart"' in message
    assert "fault[1].at_s = -1: must be at least 0" in message
    assert "fault[1].for_s = 0: must be above 0" in message
    assert 'fault[2].signals = "*": is no key of a half_open' in message
    assert "fault[2].for_s: is missing" in message
    assert "fault[3].until_s: unknown key" in message
    assert 'event[0].kind = "quake": no such kind of event' in message
    assert "earthquake: unknown key" in message
    assert 'no such signal; did you mean "P_BODY.value"' in message


IMPOSSIBLE = [
    ("nan", 'signals = "E_B0*"', "a nan needs a signal of type Float or Double: none of these"),
    ("counter_reset", 'signals = "P_BODY.value"', "a counter_reset needs a counter: none"),
    ("counter_rollover", 'signals = "B010.*"', "a counter with rolls_over_at in the line"),
    ("counter_reset", "for_s = 5", "fault[0].for_s = 5.0: is no key of a counter_reset"),
    ("bad_status", "status = 0x40000000", "0x40000000 is no such status: must be 0x80000000 to"),
    ("uncertain_status", "status = 0", "0x00000000 is no such status: must be 0x40000000 to"),
    ("clock_jump", "", "needs one of jump_s and to"),
    ("clock_jump", 'jump_s = 5\nto = "2000-01-01"', "needs one of jump_s and to"),
    ("clock_jump", 'to = "yesterday"', 'must be a date such as "2000-01-01"'),
    ("burst", "for_s = 5\nfactor = 1", "fault[0].factor = 1: must be at least 2"),
    ("burst", "", "fault[0].for_s: is missing"),
    ("missing", "jump_s = 5", "fault[0].jump_s = 5.0: is no key of a missing"),
    ("missing", 'clock = "wal"', 'did you mean "wall"'),
]


@pytest.mark.parametrize(("kind", "keys", "message"), IMPOSSIBLE)
def test_what_a_fault_cannot_be_is_said(small, tmp_path, kind, keys, message):
    text = f'[[fault]]\nkind = "{kind}"\nat_s = 5\n{keys}\n'
    assert message in wire_faults_of(small, text, tmp_path)


def test_the_endpoint_cannot_be_away_twice_at_once(small, tmp_path):
    text = '[[fault]]\nkind = "half_open"\nat_s = 50\nfor_s = 5\n'
    message = wire_faults_of(small, text, tmp_path, "server_restart")
    limit = "the half_open at 50 s begins before the server_restart at 45 s is over"
    assert limit in message
    assert "own.toml" in message


def test_every_kind_of_fault_is_documented():
    text = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text("utf-8")
    assert [kind for kind in KINDS if f"| `{kind}` |" not in text] == []


def test_scenario_and_plant_are_checked_together(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        f"{HEAD}"
        '[[set]]\ntable = "ahu"\nid = "ghost"\nfan_kw = 3\n'
        '[[event]]\nkind = "mix"\nshares = { ice = 0.0 }\n'
        '[[event]]\nkind = "fail"\nstations = []\n'
        '[[fault]]\nkind = "nan"\nat_s = 1\nsignals = []\n'
        '[[fault]]\nkind = "clock_jump"\nat_s = 1\nto = "9999-12-31"\n'
    )
    with pytest.raises(Faults) as caught:
        stage(load_line("demo"), None, own)
    message = str(caught.value)
    assert 'the scenario changes ahu "ghost", which is not there' in message
    assert "event[0].shares = { ice = 0.0 }: must sum to more than 0" in message
    assert "event[1].stations = []: names no station" in message
    assert "fault[0].signals = []: names no signal" in message
    assert 'fault[1].to = "9999-12-31": must lie in the years 1971 to 2199' in message


def test_an_impossible_cycle_and_power_are_one_line_each(small, text):
    bad = text.replace("cycle_s = 50.2", "cycle_s = 0").replace(
        "processing = 26.3", "processing = -4"
    )
    lines = faults_of(bad, small).splitlines()
    assert len(lines) == 2
    assert "station[0].cycle_s (B010) = 0: must be a number from 0.1 to 1e+06" in lines[0]
    assert "processing (B060) = -4: must be a number from 0 to 1e+09" in lines[1]


def test_units_that_do_not_fit_are_named(small, text):
    oven = (
        '\n[[oven]]\nid = "building"\nat = "B010"\nfuel = "steam"\nset_c = 100\nmax_kw = 10\n'
        "ua_kw_per_k = 0.1\nmass_kwh_per_k = 1\n"
        '[[ahu]]\nid = "air"\nat = "B020"\nfan_kw = 1\nair_kw_per_k = 1\n'
    )
    found = faults_of(text + oven, small)
    assert 'oven[0].fuel (building) = "steam": no such carrier with a meter' in found
    assert '"building" is the id of two loads' in found
    assert 'ahu[0].heat_by (air) = "hot_water": nothing in the plant makes it' in found
