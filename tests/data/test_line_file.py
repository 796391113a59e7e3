from __future__ import annotations

import re
import tomllib
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import line_schema as schema
from data.line import CARRIERS, END_USES, HOLDS, METER_KINDS, ROLES, STATES, Line
from data.line_file import (
    LineFaults,
    LineNotFound,
    NotALineFile,
    bundled_lines,
    describe,
    load_line,
    notes,
    parse_line,
)
from data.toml_file import Entry, keys_of

REPOSITORY = Path(__file__).parents[2]
SMALL = (REPOSITORY / "data" / "lines" / "small.toml").read_text(encoding="utf-8")
DOC = (REPOSITORY / "docs" / "line-file.md").read_text(encoding="utf-8")

# Every key of the format, at least once.
WHOLE = """
format = "greenline.line/1"

[plant]
id = "works"
names = { en = "Works", zh = "工厂" }
timezone = "Europe/Berlin"
currency = "EUR"
takt_s = 58.5

[[shift]]
name = "day"
start = "06:00"
end = "14:00"
days = [1, 2, 3, 4, 5]
breaks = [["09:00", "09:15"]]
plan = 400

[[shift]]
name = "night"
start = "22:00"
end = "06:00"
days = [1, 2, 3, 4, 5]
breaks = [["23:50", "00:10"]]

[[workshop]]
id = "body"
names = { zh = "焊装" }

[[workshop]]
id = "utilities"

[[station]]
id = "B1"
workshop = "body"
cycle_s = 55
places = 2

[[station]]
id = "B2"
workshop = "body"
names = { en = "Framing", zh = "总拼" }
cycle_s = { sedan = 54, bev = 57.5 }

[[station]]
id = "R1"
workshop = "body"

[[edge]]
from = "B1"
to = "B2"
capacity = 3
kind = "join"

[[edge]]
from = "B2"
to = "R1"
capacity = 0

[[edge]]
from = "R1"
to = "B1"
capacity = 1
kind = "rework"

[[variant]]
id = "sedan"
names = { en = "Sedan" }
share = 0.7
mass_kg = 1500
upstream_kgco2e = 6000

[[variant]]
id = "bev"
share = 0.3
bom = "parts.csv"

[[meter]]
id = "E"
carrier = "electricity"
kind = "counter"
unit = "kWh"
covers = ["plant"]
direction = "import"
rolls_over_at = 1000000

[[meter]]
id = "P"
carrier = "electricity"
kind = "power"
unit = "kW"
covers = ["plant"]
direction = "import"

[[meter]]
id = "E_B"
carrier = "electricity"
kind = "interval"
unit = "MWh"
covers = ["B1", "B2"]
parent = "P"
end_use = "welding"

[[meter]]
id = "E_C"
carrier = "electricity"
kind = "counter"
unit = "kWh"
covers = ["workshop:utilities"]
parent = "E"
end_use = "compressed_air"

[[meter]]
id = "AIR"
carrier = "compressed_air"
kind = "flow"
unit = "m³/min"
covers = ["workshop:utilities"]

[[converter]]
id = "compressor"
inputs = ["E_C"]
outputs = ["AIR"]

[[source]]
id = "plc"
kind = "opcua"
url = "opc.tcp://10.0.0.5:4841/line"
security = "Basic256Sha256/SignAndEncrypt"
user = "reader"
publishing_ms = 250

[[signal]]
source = "plc"
for = ["E", "P", "AIR", "E_C"]
role = "value"
node = "ns=2;s={meter}"
unit = "kW"
scale = 0.001
hold = "linear"
sampling_ms = 100
queue = 20
deadband = 0.5
expect_s = 10
must_move = true

[[signal]]
source = "plc"
for = "B?"
role = "state"
node = "nsu=urn:plant;s={station}.{{State}}"
map = { Execute = "processing", "6" = "failed" }

[[signal]]
for = "E_B"
role = "value"

[[signal]]
for = ["plant", "workshop:body"]
role = "outdoor_temperature"
unit = "°C"

[[table]]
id = "year"
time_column = "t"
format = "%Y-%m-%d %H:%M"
zone = "Europe/Berlin"
stamp = "begin"
midnight = "new_day"
columns = { A = { signal = "E_B.value", unit = "kWh" }, B = "plant.outdoor_temperature" }
delimiter = ";"
decimal = ","
encoding = "gbk"

[books]
location = "cn_grid_national"
market = "cn_grid_national_residual"
product = "cn_electricity_footprint"

[targets]
jph = 50

[[target_path]]
year = 2030
kgco2e_per_vehicle = 300
tco2e = 20000

[[alarm]]
id = "peak"
names = { en = "Peak", zh = "峰值" }
when = "peak_demand > 900"
unless = "B1.state = off"
priority = "high"
delay_s = 60
off_delay_s = 90
deadband = 20
action = { en = "Shed load", zh = "降负荷" }

[allocation]
idle = "equal"
base = "time"
shared = "direct"
scrap = "equal"
""".replace('for = ["E", "P", "AIR", "E_C"]\nrole = "value"', 'for = "P"\nrole = "value"')


def faults_of(text: str) -> str:
    with pytest.raises(LineFaults) as caught:
        parse_line(text, "x.toml")
    return str(caught.value)


def changed(*changes: tuple[str, str], text: str = WHOLE) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


@pytest.fixture(scope="module")
def whole() -> Line:
    return parse_line(WHOLE, "whole.toml")


def test_bundled_lines_load_and_say_nothing_wrong():
    assert {"small", "uci_steel"} <= set(bundled_lines())
    for name in bundled_lines():
        line = load_line(name)
        assert line.plant.id == name
        assert line.text.startswith("#")


def test_small_has_its_metering_tree():
    line = load_line("small")
    points = {point.id: point for point in line.points}
    assert [p.id for p in line.points if p.boundary] == ["E_BODY", "G_BODY"]
    assert points["E_BODY"].rate is not None
    assert points["E_BODY"].rate.id == "P_BODY"
    assert points["E_B010"].parent == "E_BODY"
    assert points["E_B010"].end_use == "welding"
    assert points["E_B010"].workshop == "body"
    assert points["E_BODY"].stations == ("B010", "B020", "B030", "B040", "B050", "B060")
    assert line.sinks() == ("B060",)


def test_signals_are_numbered_by_role_then_by_file():
    line = load_line("small")
    ranks = [ROLES.index(signal.role) for signal in line.signals]
    assert ranks == sorted(ranks)
    assert [signal.index for signal in line.signals] == list(range(len(line.signals)))
    states = [signal.subject for signal in line.signals if signal.role == "state"]
    assert states == ["B010", "B020", "B030", "B040", "B050", "B060"]
    power = line.signals[line.signal_index["P_B030.value"]]
    assert (power.scale, power.unit, power.node) == (
        0.001,
        "kW",
        "nsu=urn:greenline:plant:small;s=P_B030",
    )


def test_every_key_arrives(whole: Line):
    assert whole.plant.timezone == "Europe/Berlin"
    assert whole.shifts[1].breaks == ((time(23, 50), time(0, 10)),)
    assert whole.workshops[0].names.en == whole.workshops[0].names.zh == "焊装"
    assert whole.stations[1].cycle_s == {"sedan": 54.0, "bev": 57.5}
    assert whole.stations[0].names.en == "B1"
    assert [edge.kind for edge in whole.edges] == ["join", "flow", "rework"]
    assert whole.converters[0].inputs == ("E_C",)
    assert whole.sources[0].user == "reader"
    assert whole.tables[0].columns[0].unit == "kWh"
    assert whole.targets == {"jph": 50.0}
    assert whole.target_path[0].tco2e == 20000
    assert whole.alarms[0].action.zh == "降负荷"
    assert whole.allocation.base == "time"
    assert whole.text == WHOLE


def test_points_of_the_whole_line(whole: Line):
    points = {point.id: point for point in whole.points}
    assert set(points) == {"E", "E_B", "E_C", "AIR"}
    # Its parent is named by the power; the point is named by the counter.
    assert points["E_B"].parent == "E"
    assert points["E"].workshop is None
    assert points["E_C"].workshop == "utilities"
    assert not points["AIR"].boundary


def test_signals_of_the_whole_line(whole: Line):
    signals = {signal.key: signal for signal in whole.signals}
    assert signals["B1.state"].node == "nsu=urn:plant;s=B1.{State}"
    assert signals["E_B.value"].hold == "mean_before"
    assert signals["E_B.value"].unit == "MWh"
    assert signals["plant.outdoor_temperature"].subject_kind == "plant"
    assert signals["body.outdoor_temperature"].subject_kind == "workshop"


def test_parallel_feeders_pair_in_file_order():
    second = """
[[meter]]
id = "{0}"
carrier = "electricity"
kind = "{1}"
unit = "{2}"
covers = ["plant"]
direction = "import"
"""
    more = second.format("E2", "counter", "kWh") + second.format("P2", "power", "kW")
    points = {point.id: point for point in parse_line(WHOLE + more, "x").points}
    assert points["E"].rate is not None
    assert points["E"].rate.id == "P"
    assert points["E2"].rate is not None
    assert points["E2"].rate.id == "P2"
    assert points["E2"].boundary
    alone = faults_of(WHOLE + second.format("E2", "counter", "kWh"))
    assert "cannot tell which of E, P, E2 belong together" in alone


FAULTS = {
    "cycle below 0": ("cycle_s = 55", "cycle_s = -5", "station[0].cycle_s (B1) = -5: must be sec"),
    "cycle nan": ("cycle_s = 55", "cycle_s = nan", "= nan: must be seconds above 0"),
    "cycle text": ("cycle_s = 55", 'cycle_s = "x"', '= "x": must be seconds above 0'),
    "cycle of no variant": ("sedan = 54", "sedam = 54", 'no such variant; did you mean "sedan"?'),
    "capacity": ("capacity = 3", "capacity = -1", "edge[0].capacity = -1: must be at least 0"),
    "capacity part": ("capacity = 3", "capacity = 1.5", "must be a whole number"),
    "places": ("places = 2", "places = 0", "must be at least 1"),
    "takt": ("takt_s = 58.5", "takt_s = inf", "must be a finite number"),
    "takt true": ("takt_s = 58.5", "takt_s = true", "plant.takt_s = true: must be a number"),
    "share": ("share = 0.3", "share = 0.31", "come to 1.01; together at most 1"),
    "share above 1": ("share = 0.3", "share = 3", "must be at most 1"),
    "edge to nowhere": ('to = "B2"', 'to = "B3"', 'edge[0].to = "B3": no such station'),
    "edge to itself": ('to = "B2"', 'to = "B1"', "leads back to where it begins"),
    "flow in a circle": ('kind = "rework"', 'kind = "flow"', "goes in a circle (B1, B2, R1)"),
    "edge kind": ('kind = "join"', 'kind = "joint"', 'must be "flow", "rework" or "join"; did'),
    "duplicate": ('id = "bev"', 'id = "sedan"', "is already the id of variant[0]"),
    "id": ('id = "bev"', 'id = "b v"', "must be an id"),
    "id plant": ('id = "bev"', 'id = "plant"', "means the plant itself"),
    "workshop": ('workshop = "body"', 'workshop = "bdy"', 'no such workshop; did you mean "body"'),
    "zone": ("Europe/Berlin", "Europe/Berlni", "unknown time zone: it is an IANA name such as"),
    "unknown key": ("takt_s", "tact_s", 'plant.tact_s: unknown key; did you mean "takt_s"?'),
    "misspelt key": ("timezone", "timezon", 'plant.timezon: unknown key; did you mean "timezone'),
    "unknown table": ("[books]", "[book]", 'book: unknown key; did you mean "books"?'),
    "nested key": (
        'zh = "焊装"',
        'zn = "焊装"',
        'names.zn (body): unknown key: known are "en" or "zh"',
    ),
    "missing": ('name = "day"\n', "", "shift[0].name: is missing"),
    "break outside": ('"09:15"', '"14:15"', "must begin and end within the shift, 06:00 to 14:00"),
    "break backwards": ('"09:15"', '"08:15"', "must begin and end within the shift"),
    "breaks overlap": (
        '[["09:00", "09:15"]]',
        '[["09:00", "09:15"], ["09:10", "09:20"]]',
        "shift[0].breaks[1] (day)",
    ),
    "break alone": ('[["09:00", "09:15"]]', '[["09:00"]]', "each break must be two times"),
    "time": ('start = "06:00"', 'start = "6:00"', 'must be a time of day such as "06:00"'),
    "shifts overlap": ('start = "22:00"', 'start = "13:00"', 'overlaps shift "day"'),
    "empty shift": ('end = "14:00"', 'end = "06:00"', "must differ from start"),
    "days": ("days = [1, 2, 3, 4, 5]", "days = [0]", "must be weekdays from 1 (Monday) to 7"),
    "currency": ('"EUR"', '"euro"', 'must be three capital letters, such as "CNY"'),
    "carrier": ('"compressed_air"\nkind', '"compresed_air"\nkind', "compressed_air"),
    "unit": ('unit = "MWh"', 'unit = "MwH"', 'meter[2].unit (E_B) = "MwH": unknown unit'),
    "unit of another kind": ('unit = "MWh"', 'unit = "kW"', '"interval" of electricity is in'),
    "kind of carrier": ('kind = "flow"', 'kind = "power"', '"power" of compressed_air is in'),
    "roll over": ('unit = "MWh"', 'unit = "MWh"\nrolls_over_at = 9', "only a meter of kind"),
    "covers": ('covers = ["B1", "B2"]', 'covers = ["B9"]', "no such station"),
    "covers shop": ('"workshop:utilities"', '"workshop:utility"', "no such workshop"),
    "covers nothing": ('covers = ["B1", "B2"]', "covers = []", "must not be empty"),
    "parent": ('parent = "P"', 'parent = "Q"', 'meter[2].parent (E_B) = "Q": no such meter'),
    "parent of itself": ('parent = "P"', 'parent = "E_B"', "a meter cannot be above itself"),
    "other parent": ('parent = "P"', 'parent = "AIR"', "must be a meter of electricity, but it"),
    "parent not above": ('parent = "P"', 'parent = "E_C"', "does not cover B1, B2"),
    "circle": (
        "rolls_over_at = 1000000",
        'parent = "E_X"\n[[meter]]\nid = "E_X"\ncarrier = "electricity"\nkind = "counter"\n'
        'unit = "kWh"\ncovers = ["plant"]\nparent = "E"',
        "the meters form a circle: E -> E_X -> E",
    ),
    "twice": (
        'kind = "interval"\nunit = "MWh"\ncovers = ["B1", "B2"]\nparent = "P"\nend_use = "welding"',
        'kind = "interval"\nunit = "MWh"\ncovers = ["plant"]\ndirection = "import"',
        "meter the same energy twice",
    ),
    "converter": ('inputs = ["E_C"]', 'inputs = ["E_D"]', "converter[0].inputs[0] (compressor)"),
    "converter both": ('outputs = ["AIR"]', 'outputs = ["E_C"]', "cannot be input and output"),
    "url": ("opc.tcp://10.0.0.5:4841/line", "http://10.0.0.5", "must be opc.tcp://HOST:PORT/PATH"),
    "password": ("opc.tcp://10.0.0.5", "opc.tcp://me:pw@10.0.0.5", "must be opc.tcp://HOST"),
    "port": (":4841", ":99999", "must be opc.tcp://HOST:PORT/PATH"),
    "security": ("SignAndEncrypt", "Encrypt", 'must be "None", "Basic256Sha256/Sign" or'),
    "publishing": ("publishing_ms = 250", "publishing_ms = 1", "must be at least 10"),
    "source": ('source = "plc"', 'source = "plv"', 'no such source; did you mean "plc"?'),
    "source missing": ('source = "plc"\nfor = "B?"', 'for = "B?"', "signal[1].source: is missing"),
    "node missing": ('node = "ns=2;s={meter}"\n', "", "signal[0].node: is missing"),
    "no match": ('"B?"', '"Q*"', "the pattern matches nothing: the role state is of a station"),
    "wrong role": (
        'for = "P"',
        'for = "B1"',
        "the role value is of a meter, and this is a station",
    ),
    "role": ('role = "state"', 'role = "states"', 'did you mean "state"?'),
    "subject": ('for = "P"', 'for = "PP"', 'no such meter; did you mean "P"?'),
    "subject number": ('for = "P"', "for = 7", "must be an id, a pattern"),
    "given twice": ('for = "E_B"', 'for = ["E_B", "P"]', "P.value is already given by signal[0]"),
    "state": ('"processing"', '"procesing"', 'no such state; did you mean "processing"?'),
    "map of a number": ("scale = 0.001", 'map = { a = "b" }', "which is a number"),
    "scale of a text": ('role = "state"', 'role = "state"\nscale = 2', "which is a text"),
    "scale 0": ("scale = 0.001", "scale = 0", "must not be 0"),
    "other unit": ('unit = "kW"\nscale', 'unit = "kWh"\nscale', "does not convert to kW"),
    "node": ("ns=2;s={meter}", "s={meter}", 'must be "ns=N;..." or "nsu=URI;..."'),
    "node number": ("ns=2;s={meter}", "ns=2;i=abc", "i=NUMBER"),
    "placeholder": ("s={meter}", "s={metre}", "has an unknown placeholder {metre}"),
    "placeholder of another": ("s={meter}", "s={station}", "{station} has no value: P is a meter"),
    "brace": ("s={meter}", "s={meter", "has a brace alone"),
    "a format": ("s={meter}", "s={meter!r:>9}", "has a placeholder with a format"),
    "namespace": ("ns=2;s={meter}", "ns=70000;s={meter}", "has a namespace above 65535"),
    "shared node": ("{station}.{{State}}", "State", '"B1" and "B2" would share one node'),
    "hold": ('for = "E_B"', 'for = "E_B"\nhold = "step"', 'its hold is "mean_before"'),
    "column": ('"E_B.value"', '"E_C.value"', 'no such signal; did you mean "E_B.value"?'),
    "column of what": ('B = "plant.outdoor_temperature"', "B = 7", 'must be "SUBJECT.ROLE" or a'),
    "column twice": ('B = "plant.outdoor_temperature"', 'B = "E_B.value"', '"A" already fills'),
    "column unit": ('unit = "kWh" }', 'unit = "m3" }', "does not convert to MWh"),
    "format of time": ('"%Y-%m-%d %H:%M"', '"%H:%M"', "strptime codes with year, month and day"),
    "decimal": ('delimiter = ";"', 'delimiter = ","', "delimiter and decimal must differ"),
    "encoding": ('encoding = "gbk"', 'encoding = "gkb"', "unknown encoding"),
    "target": ("jph = 50", '"JPH now" = 50', 'targets."JPH now" = 50: is no KPI id'),
    "target text": ("jph = 50", 'jph = "50"', 'targets.jph = "50": must be a finite number'),
    "target year": ("kgco2e_per_vehicle = 300\ntco2e = 20000", "", "needs kgco2e_per_vehicle"),
    "rule": ('base = "time"', 'base = "times"', 'allocation.base = "times": must be "equal"'),
    "version": (
        '"greenline.line/1"',
        '"greenline.line/2"',
        'this version reads "greenline.line/1"',
    ),
    "a table for an array": ("[books]", "[books]\n[alarm.x]", "not valid TOML"),
}


@pytest.mark.parametrize(("old", "new", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_named_with_its_limit(old: str, new: str, said: str):
    assert said in faults_of(changed((old, new)))


def test_all_faults_come_at_once():
    changes = [(old, new) for old, new, _ in FAULTS.values()]
    picked = [changes[i] for i in (0, 4, 9, 11, 19, 24, 36, 61)]
    text = changed(*picked)
    found = faults_of(text).splitlines()
    assert len(found) >= len(picked)
    for i in (0, 4, 9, 11, 19, 24, 36, 61):
        said = list(FAULTS.values())[i][2]
        assert any(said in line for line in found), said


def test_a_faulty_entry_makes_no_second_fault():
    """Who names a station whose own entry is wrong is not to blame."""
    found = faults_of(changed(("cycle_s = 55", "cycle_s = 0"))).splitlines()
    assert len(found) == 1
    found = faults_of(changed(('id = "B1"\nworkshop = "body"', 'id = "B1"'))).splitlines()
    assert found == ["x.toml:33: station[0].workshop (B1): is missing"]


@pytest.mark.parametrize(("old", "new", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_line_number_is_true_or_absent(old: str, new: str, said: str):
    text = changed((old, new))
    lines = text.split("\n")
    with pytest.raises(LineFaults) as caught:
        parse_line(text, "x.toml")
    for fault in caught.value.faults:
        if fault.line is not None and fault.path:
            section = fault.path.split("[")[0].split(".")[0]
            key = re.sub(r"\[\d+\]$", "", fault.path).split(".")[-1].strip('"')
            here = lines[fault.line - 1]
            assert key in here or here.strip().startswith(
                (f"[{section}", f"[[{section}", "columns", "map", "cycle_s", "names", "pin")
            )


def test_texts_of_several_lines_leave_no_line_number():
    text = changed(('name = "day"', 'name = """\n[[shift]]\n"""'), ("takt_s = 58.5", "takt_s = 0"))
    with pytest.raises(LineFaults) as caught:
        parse_line(text, "x.toml")
    assert {fault.line for fault in caught.value.faults} == {None}


def test_unknown_book_is_a_fault_of_a_file_but_not_of_a_kept_text(tmp_path: Path):
    text = changed(('"cn_grid_national"', '"cn_grid_nationl"'), ('bom = "parts.csv"', ""))
    assert parse_line(text, "log").books.location == "cn_grid_nationl"
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LineFaults, match=r'books.location = "cn_grid_nationl": no such book.*did'):
        load_line(path)


def test_tariff_that_is_not_there(tmp_path: Path):
    path = tmp_path / "x.toml"
    path.write_text(changed(("[books]", '[books]\ntariff = "tou"'), ('bom = "parts.csv"', "")))
    with pytest.raises(LineFaults, match=r'books.tariff = "tou": no such book'):
        load_line(path)


def test_faults_of_an_own_book_come_with_those_of_the_line(tmp_path: Path):
    (tmp_path / "own.toml").write_text('format = "greenline.factors/1"\n[[book]]\n')
    path = tmp_path / "x.toml"
    path.write_text(changed(('"cn_grid_national"', '"own.toml"')), encoding="utf-8")
    with pytest.raises(LineFaults) as caught:
        load_line(path)
    text = str(caught.value)
    assert "own.toml:2: book[0].id: is missing" in text
    assert 'variant[1].bom (bev) = "parts.csv": no such file' in text


def test_byte_order_mark_is_read_over(tmp_path: Path):
    path = tmp_path / "bom.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    line = load_line(path)
    assert line.plant.id == "small"
    assert not line.text.startswith("\ufeff")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            '[plant]\nid = "厂"\n'.encode("gbk"),
            ":2: is not UTF-8 (it may be GBK); save it as UTF-8",
        ),
        ("[plant]".encode("utf-16"), "is UTF-16; save it as UTF-8"),
        (b"\x7fELF\0\0\xff\xfe", "is a binary file, not TOML"),
        (b"", 'is no line file: that begins with format = "greenline.line/1"'),
        (b"a = 1\nb = = 2\n", ":2: is not valid TOML at column 5"),
        (b"a = [1,\n", "is not valid TOML"),
        (b"a = " + b"[" * 5000, "is nested too deeply"),
        (b"a = " + b"9" * 5000, "is not valid TOML"),
        (b"[[plant]]\n", "plant = [{  }]: must be a table"),
        (b"plant = 7\nstation = 7\n", "must be an array of tables, [[station]]"),
    ],
    ids=["gbk", "utf-16", "binary", "empty", "toml", "cut", "deep", "huge", "array", "number"],
)
def test_a_file_that_is_no_line_file_is_one_clear_message(tmp_path: Path, content, said):
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(LineFaults) as caught:
        load_line(path)
    assert said in str(caught.value)


def test_what_is_no_line_file_is_told_from_one_with_faults(tmp_path: Path):
    """The one is wrong use, the other is what a check finds."""
    path = tmp_path / "x.toml"
    for text in ("", "[tool]\nx = 1\n", 'format = "greenline.line/2"\nother = 1\n', "é\0"):
        path.write_bytes(text.encode("latin-1"))
        with pytest.raises(NotALineFile) as caught:
            load_line(path)
        assert len(caught.value.faults) == 1
    for text in ("[plant\n", "[plant]\n"):
        path.write_text(text)
        with pytest.raises(LineFaults) as caught_faults:
            load_line(path)
        assert not isinstance(caught_faults.value, NotALineFile)


def test_a_file_far_too_large_is_not_read(tmp_path: Path):
    path = tmp_path / "large.toml"
    with path.open("wb") as file:
        file.truncate(17 << 20)
    with pytest.raises(LineFaults, match="is larger than 16 MiB"):
        load_line(path)


def test_directory(tmp_path: Path):
    with pytest.raises(LineFaults, match="is a directory"):
        load_line(tmp_path)


def test_a_line_that_is_not_there_names_what_there_is(tmp_path: Path):
    with pytest.raises(LineNotFound, match=r'bundled are .*"small".*did you mean "small"'):
        load_line("smal")
    (tmp_path / "paint.toml").write_text("")
    with pytest.raises(LineNotFound, match=r"did you mean .*paint.toml"):
        load_line(tmp_path / "pant.toml")
    for odd in ("a\0b", "x" * 5000, "\ud800"):
        with pytest.raises(LineNotFound):
            load_line(odd)


def documented() -> dict[str, set[str]]:
    """Keys by section as docs/line-file.md lists them."""
    found: dict[str, set[str]] = {}
    section, table = "", ""
    for row in DOC.splitlines():
        if row.startswith("## "):
            section, table = row[3:].strip("`[] "), ""
        elif row.startswith("| ") and not table:
            table = row.split("|")[1].strip()
        elif not row.startswith("|"):
            table = ""
        key = re.match(r"\| `(\w+)` \|", row)
        if key and table in ("key", "column key"):
            found.setdefault(section if table == "key" else table, set()).add(key[1])
    return found


def test_every_key_is_documented_and_every_documented_key_is_known():
    models: dict[str, type[Entry]] = {**schema.TABLES, **schema.ARRAYS}
    models["column key"] = schema.ColumnEntry
    expected = {name: set(keys_of(model)) for name, model in models.items()}
    assert documented() == {**expected, "Top level": {"format"}}
    sections = set(re.findall(r"^## `\[+(\w+)\]+`", DOC, re.MULTILINE))
    assert sections | {"format"} == set(schema.SECTIONS)


def test_needed_keys_are_those_that_are_missed():
    for section, model in {**schema.TABLES, **schema.ARRAYS}.items():
        needed = {f.alias or n for n, f in model.model_fields.items() if f.is_required()}
        block = (
            re.split(rf"\n## `\[+{section}\]+`", DOC)[1].split("\n## ", 1)[0].split("column key")[0]
        )
        assert set(re.findall(r"\| `(\w+)` \| \*\*needed\*\*", block)) == needed, section


def test_the_whole_line_uses_every_key():
    used = tomllib.loads(WHOLE)
    for section, model in {**schema.TABLES, **schema.ARRAYS}.items():
        entries = used[section] if isinstance(used[section], list) else [used[section]]
        keys = {key for entry in entries for key in entry}
        assert set(keys_of(model)) - keys <= {"tariff", "carbon_price"}, section


def test_every_word_of_the_vocabulary_is_documented():
    for word in (*STATES, *ROLES, *CARRIERS, *END_USES, *HOLDS, *METER_KINDS):
        assert f"`{word}`" in DOC or f'`"{word}"`' in DOC, word


def test_vocabularies_of_schema_and_model_agree():
    def choices(alias) -> set[str]:
        return set(alias.__args__)

    assert choices(schema.Carrier) == set(CARRIERS)
    assert choices(schema.EndUse) == set(END_USES)
    assert choices(schema.Role) == set(ROLES)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_description_names_what_is_there(language):
    text = describe(load_line("small"), language)
    assert "B010 -(1)-> B020 -(2)-> B030 -(2)-> B040 -(1)-> B050 -(1)-> B060" in text
    assert "    E_B010  electricity" in text
    assert "state 6" in text
    assert "cn_electricity_footprint" in text
    assert ("焊装车间" in text) == (language == "zh")


def test_description_of_a_flow_that_forks_and_merges():
    more = """
[[station]]
id = "{0}"
workshop = "body"
"""
    edge = '\n[[edge]]\nfrom = "{0}"\nto = "{1}"\ncapacity = {2}\n'
    text = WHOLE + "".join(more.format(name) for name in ("X1", "X2", "X3", "X4"))
    text += edge.format("R1", "X1", 7) + edge.format("R1", "X2", 8)
    text += edge.format("X1", "X3", 5) + edge.format("X2", "X3", 6)
    words = describe(parse_line(text, "x"))
    for way in ("B2 -(0)-> R1\n", "R1 -(7)-> X1\n", "R1 -(8)-> X2\n", "X1 -(5)-> X3\n"):
        assert way in words
    assert "B1 -(3)-> B2 (joins)" in words
    assert "R1 -(1)-> B1 (rework)" in words
    assert "X4 (without a way in or out)" in words


def test_notes_say_what_is_missing():
    text = changed(
        ("share = 0.3", "share = 0.2"),
        ('market = "cn_grid_national_residual"\n', ""),
        ('security = "Basic256Sha256/SignAndEncrypt"', 'security = "None"'),
        ("sedan = 54, ", ""),
        ('parent = "P"\n', 'direction = "import"\n'),
    )
    said = "\n".join(notes(parse_line(text, "x")))
    for part in (
        "the variants' shares come to 0.9, not to 1",
        "no market book",
        "no state signal, so no energy by state: R1",
        "no vehicle signal, so no energy of single vehicles: B1, B2, R1",
        "no signal gives a value to meter: E, E_C, AIR",
        "neither a source nor a table fills: body.outdoor_temperature",
        "no cycle_s, so no forecast: R1",
        "cycle_s of B2 leaves out: sedan",
        "E and E_B both count in the totals, though one covers the other: is a parent missing?",
        "source plc names a user on an unencrypted channel",
    ):
        assert part in said
    assert notes(load_line("small")) == ()


VALUES = st.sampled_from(
    ["nan", "-inf", "0", "-1", "1e308", "9" * 400, '""', '"plant"', '"B*"', '"{station}"', "[]",
     "[[]]", "{}", "{ a = { b = 1 } }", "true", "1979-05-27", "07:32:00", '"\\u0000"', "[1, 'a']",
     '"workshop:"', '"workshop:body"', '["plant", "plant"]', '"E_BODY"', '"[!"', "'x\ty'",
     "[['06:00', '07:00'], ['06:30', '06:40']]", '"{"', '"{0}"', '"{station!r:>9}"', "-0.0"]
)  # fmt: skip


ODD = ["x", "[", "[[", "#", "=", '"', "é", "\0", "\u2028", "\ud7ff", "\t", "."]


@st.composite
def mutated(draw) -> str:
    lines = draw(st.sampled_from([WHOLE, SMALL])).split("\n")
    for _ in range(draw(st.integers(1, 4))):
        i = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["value", "value", "value", "drop", "twice", "move", "key"])):
            case "value" if "=" in lines[i]:
                lines[i] = lines[i].split("=")[0] + "= " + draw(VALUES)
            case "drop":
                lines[i] = ""
            case "twice":
                lines.insert(draw(st.integers(0, len(lines))), lines[i])
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(i))
            case "key":
                lines[i] = draw(st.sampled_from(ODD)) + lines[i]
    return "\n".join(lines)


@given(mutated())
def test_a_mutated_file_gives_a_line_or_faults_of_one_line_each(text: str):
    try:
        line = parse_line(text, "x.toml")
    except LineFaults as error:
        said = [str(fault) for fault in error.faults]
    else:
        assert describe(line)
        assert len(line.signal_index) == len(line.signals)
        assert {p.parent for p in line.points} <= {None, *line.point_index}
        return
    assert said
    assert all(text.isprintable() and text.startswith("x.toml") for text in said)


@given(st.binary(max_size=200))
def test_any_bytes_give_faults_of_one_line_each(tmp_path_factory, content: bytes):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content)
    with pytest.raises(LineFaults) as caught:
        load_line(path)
    assert all(str(fault).isprintable() for fault in caught.value.faults)


def test_the_spine_is_what_every_vehicle_passes():
    small, demo = load_line("small"), load_line("demo")
    assert small.spine() == tuple(station.id for station in small.stations)
    spine = demo.spine()
    assert {"B310", "P130", "A050", "Q050"} <= set(spine)
    # Press lines side by side, part lines and utilities are not on every vehicle's way.
    assert not {"S020", "S030", "B110", "D010", "W010", "U010"} & set(spine)


# --- what has to stay quick ------------------------------------------------------------------


def test_a_key_of_many_parts_is_refused_before_it_is_parsed():
    assert "is nested too deeply" in faults_of(WHOLE + ".".join(["a"] * 20_000) + " = 1\n")


@pytest.mark.parametrize("back", [False, True], ids=["a chain", "a circle"])
def test_a_long_chain_is_told_from_a_circle(back: bool):
    """Stripped a station at a time, this would take minutes."""
    count = 5_000
    text = WHOLE[: WHOLE.index("[[")]
    text += '[[workshop]]\nid = "w"\n'
    text += "".join(
        f'[[station]]\nid = "S{i}"\nworkshop = "w"\ncycle_s = 50\n' for i in range(count)
    )
    ways = [(i, i + 1) for i in range(count - 1)] + ([(count - 1, count - 2)] if back else [])
    text += "".join(f'[[edge]]\nfrom = "S{a}"\nto = "S{b}"\ncapacity = 1\n' for a, b in ways)
    found = faults_of(text) if back else ""
    if back:
        assert "the flow goes in a circle (" in found
    else:
        assert len(parse_line(text, "x").edges) == count - 1


def test_targets_are_kpis_and_names_are_of_one_line(tmp_path: Path):
    path = tmp_path / "l.toml"
    path.write_text(WHOLE.replace("jph = 50", "jhp = 50"), encoding="utf-8")
    with pytest.raises(LineFaults, match=r'targets\.jhp = 50.0: is no KPI id.*did you mean "jph"'):
        load_line(path)
    parse_line(WHOLE.replace("jph = 50", "jhp = 50"), "a log")
    assert "without control characters" in faults_of(WHOLE.replace('en = "', 'en = "\\u001b[2J', 1))
    assert "of a size from 1e-30" in faults_of(WHOLE.replace("scale = 0.001", "scale = 1e-320", 1))
