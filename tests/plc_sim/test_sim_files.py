"""Plant files and schedules: every fault at once, each with what would be right."""

from __future__ import annotations

import pytest

from data.line import Line
from data.line_file import load_line, parse_line
from data.toml_file import Faults
from plc_sim.faults import ServerRestart, bundled_scenarios, load_schedule, parse_schedule
from plc_sim.plant_file import PLANTS, bundled_plants, load_plant, parse_plant
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
    with pytest.raises(Faults, match="no simulated plant for this line; there is one for small"):
        PlantSource(load_line("uci_steel"), seed=1, start_ns=START_NS, duration_s=1)


def test_bundled_scenarios_read():
    assert "server_restart" in bundled_scenarios()
    assert load_schedule("server_restart", None) == (ServerRestart(45, 15),)
    assert load_schedule(None, None) == ()


def test_an_unknown_scenario_names_the_nearest():
    with pytest.raises(Faults, match=r'no such scenario.*did you mean "server_restart"'):
        load_schedule("server_restat", None)
    with pytest.raises(Faults, match="no such scenario; there is server_restart"):
        load_schedule("quake", None)


def test_faults_of_a_schedule():
    text = """
format = "greenline.scenario/1"
[[event]]
kind = "server_restrat"
after_s = 5
down_s = 0
"""
    with pytest.raises(Faults) as raised:
        parse_schedule(text + "until_s = 3\n", "own.toml")
    message = str(raised.value)
    assert "event[0].until_s: unknown key" in message
    assert "own.toml:6: event[0].down_s = 0: must be above 0" in message
    with pytest.raises(Faults, match='no such kind of event; did you mean "server_restart"'):
        parse_schedule(text.replace("down_s = 0", "down_s = 1"), "own.toml")


def test_restarts_that_overlap(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        'format = "greenline.scenario/1"\n'
        '[[event]]\nkind = "server_restart"\nafter_s = 50\ndown_s = 5\n'
    )
    with pytest.raises(Faults, match="a restart at 50 s begins before that at 45 s is over"):
        load_schedule("server_restart", own)
