"""Small lines with a plant of their own, drawn at random, and what a truth ledger says of them."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

START_NS = 1_772_431_200_000_000_000  # 2026-03-02T06:00Z
BASE_KW = 12.0

HEAD = """
format = "greenline.line/1"
[plant]
id = "tiny"
names = { en = "Tiny", zh = "小" }
timezone = "Asia/Shanghai"
currency = "CNY"
takt_s = 40
[[workshop]]
id = "body"
names = { en = "Body", zh = "车间" }
[[variant]]
id = "a"
names = { en = "A", zh = "甲" }
share = 0.7
[[variant]]
id = "b"
names = { en = "B", zh = "乙" }
share = 0.3
[[source]]
id = "plc"
kind = "opcua"
url = "opc.tcp://127.0.0.1:4840"
security = "None"
publishing_ms = 100
[[meter]]
id = "E"
carrier = "electricity"
kind = "counter"
unit = "kWh"
covers = ["workshop:body"]
direction = "import"
[[signal]]
source = "plc"
for = "S*"
role = "state"
node = "ns=2;s={station}.State"
[[signal]]
source = "plc"
for = "S*"
role = "vehicle"
node = "ns=2;s={station}.VIN"
[[signal]]
source = "plc"
for = ["E", "E_S*"]
role = "value"
node = "ns=2;s={meter}"
"""
STATION = """
[[station]]
id = "{id}"
workshop = "body"
names = {{ en = "{id}", zh = "{id}" }}
cycle_s = 30
places = {places}
[[meter]]
id = "E_{id}"
carrier = "electricity"
kind = "counter"
unit = "Wh"
covers = ["{id}"]
parent = "E"
direction = "consume"
"""
EDGE = """
[[edge]]
from = "{0}"
to = "{1}"
capacity = {2}
kind = "{3}"
"""
PLANT_HEAD = f"""
format = "greenline.plant/1"
line = "tiny"
[[base]]
id = "light"
covers = "workshop:body"
carrier = "electricity"
level = {BASE_KW}
[[meter]]
for = "E*"
type = "Double"
"""
PLANT_STATION = """
[[station]]
id = "{id}"
cycle_s = {{ a = {cycle_s}, b = {slow_s} }}
load_s = {load_s}
unload_s = 1.5
cycle_spread = 0.1
mtbf_h = {mtbf_h}
mttr_s = 40
reject = {reject}
standby_after_s = {standby_after_s}
wake_s = 5
[station.load.electricity]
processing = {{ a = {power}, b = 25.0 }}
phases = [[0.25, 0.5], [0.5, 1.4], [0.25, 0.7]]
spread = 0.05
lag_s = {lag_s}
idle = 6.0
starved = 4.0
blocked = 5.0
failed = 3.0
standby = 1.0
"""


@st.composite
def plants(draw: st.DrawFn) -> tuple[str, str]:
    """A line file and its plant file: stations in a row, with a bypass and rework perhaps."""
    count = draw(st.integers(1, 4))
    ids = [f"S{n}" for n in range(count)]
    line, plant = HEAD, PLANT_HEAD
    for name in ids:
        line += STATION.format(id=name, places=draw(st.integers(1, 2)))
        plant += PLANT_STATION.format(
            id=name,
            cycle_s=draw(st.sampled_from([20.0, 33.3, 41.7])),
            slow_s=draw(st.sampled_from([25.0, 40.0])),
            load_s=draw(st.sampled_from([0.0, 3.0])),
            mtbf_h=draw(st.sampled_from([0.05, 0.5, 4.0])),
            reject=0.3 if name == ids[-1] else 0.0,
            standby_after_s=draw(st.sampled_from([10.0, 300.0])),
            power=draw(st.floats(10.0, 90.0)),
            lag_s=draw(st.sampled_from([0.0, 0.7, 4.0])),
        )
    for one, other in pairwise(ids):
        line += EDGE.format(one, other, draw(st.integers(0, 3)), "flow")
    if count > 2 and draw(st.booleans()):
        line += EDGE.format(ids[0], ids[-1], draw(st.integers(0, 2)), "flow")
    if count > 1 and draw(st.booleans()):
        line += EDGE.format(ids[-1], ids[-2], 5, "rework")
    return line, plant


class Ledger:
    """A truth ledger, read."""

    def __init__(self, path: Path) -> None:
        self.records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [record for record in self.records if record["kind"] == kind]

    def visits(self) -> dict[str, list[dict[str, Any]]]:
        """Visits by vehicle, in order."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for visit in self.of("visit"):
            found[visit["vehicle"]].append(visit)
        return found

    def station_kwh(self) -> dict[str, dict[str, float]]:
        """Electricity by station and state."""
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for record in self.of("station"):
            found[record["station"]][record["state"]] = record["kwh"]["electricity"]
        return found

    def meters(self) -> dict[str, dict[str, Any]]:
        return {record["meter"]: record for record in self.of("meter")}


WIDE_STATION = """
[[station]]
id = "{id}"
workshop = "{workshop}"
names = {{ en = "{id}", zh = "{id}" }}
cycle_s = 55
"""
WIDE_METER = """
[[meter]]
id = "{id}"
carrier = "{carrier}"
kind = "{kind}"
unit = "{unit}"
covers = ["{covers}"]
{more}
"""
WIDE_WORKSHOP = """
[[workshop]]
id = "{0}"
names = {{ en = "{0}", zh = "{0}" }}
"""
WIDE_PLANT = """
format = "greenline.plant/1"
line = "wide"
[heating_value]
natural_gas = 10.8
[[meter]]
for = "P_*"
type = "Float"
resolution = 10
noise = 0.008
gain_error = 0.002
[[meter]]
for = "E_*"
type = "UInt32"
start = 1_000_000
[[meter]]
for = "A_*"
type = "Float"
resolution = 0.1
noise = 0.01
"""
WIDE_LOADS = """
[station.load.compressed_air]
processing = 12.0
phases = [[0.5, 1.6], [0.5, 0.4]]
idle = 2.0
lag_s = 2.0
"""


def wide(stations: int = 65, workshops: int = 6) -> tuple[str, str]:
    """A line file and its plant file of the size of a whole plant: stations in one long row.

    Every station has a power, a counter and a flow of compressed air, every workshop a power and
    a counter: with 65 stations 207 meters, each read once a second, and 662 signals.
    """
    shops = [f"W{n}" for n in range(workshops)]
    line = HEAD.split("[[workshop]]")[0].replace('"tiny"', '"wide"').replace("40", "60")
    line += "".join(WIDE_WORKSHOP.format(shop) for shop in shops)
    line += "[[variant]]" + HEAD.split("[[variant]]", 1)[1].split("[[meter]]")[0]
    plant = WIDE_PLANT
    for number in range(stations):
        name, shop = f"S{number:02}", shops[number * workshops // stations]
        line += WIDE_STATION.format(id=name, workshop=shop)
        plant += _wide_station(name)
        line += _wide_meters(name, name, f'parent = "E_{shop}"')
        line += WIDE_METER.format(
            id=f"A_{name}", carrier="compressed_air", kind="flow", unit="m3/h", covers=name, more=""
        )
    line += "".join(_wide_meters(shop, f"workshop:{shop}", "") for shop in shops)
    names = [f"S{number:02}" for number in range(stations)]
    line += "".join(EDGE.format(one, other, 2, "flow") for one, other in pairwise(names))
    for role in ("state", "vehicle", "variant", "good_count", "reject_count", "cycle_time"):
        line += _wide_signal("S*", role, f"{{station}}.{role}", 'unit = "s"' * (role[0] == "c"))
    line += _wide_signal("S*", "alarm", "{station}.alarm", "")
    line += _wide_signal("*_*", "value", "{meter}", "")
    return line, plant


def _wide_station(name: str) -> str:
    text = PLANT_STATION.format(
        id=name,
        cycle_s=52.0,
        slow_s=54.0,
        load_s=3.0,
        mtbf_h=4.0,
        reject=0.0,
        standby_after_s=300.0,
        power=30.0,
        lag_s=0.7,
    )
    return text + WIDE_LOADS


def _wide_meters(name: str, covers: str, more: str) -> str:
    power = {"id": f"P_{name}", "kind": "power", "unit": "W", "more": ""}
    counter = {"id": f"E_{name}", "kind": "counter", "unit": "Wh", "more": more}
    return "".join(
        WIDE_METER.format(carrier="electricity", covers=covers, **meter)
        for meter in (power, counter)
    )


def _wide_signal(for_: str, role: str, node: str, more: str) -> str:
    return f"""
[[signal]]
source = "plc"
for = "{for_}"
role = "{role}"
node = "ns=2;s={node}"
{more}
"""
