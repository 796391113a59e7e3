"""The whole program against a server that others wrote, by a line file alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.peers.peer_node import NodeServer
from tests.system.commands import greenline, read_report, utc_ns

LINE = """
format = "greenline.line/1"
[plant]
id = "press"
names = { en = "One press", zh = "一台压力机" }
timezone = "Asia/Shanghai"
currency = "CNY"
[[workshop]]
id = "stamping"
names = { en = "Stamping", zh = "冲压" }
[[station]]
id = "P1"
workshop = "stamping"
names = { en = "Press", zh = "压力机" }
cycle_s = 2
[[meter]]
id = "POWER"
carrier = "electricity"
kind = "power"
unit = "kW"
covers = ["P1"]
[[meter]]
id = "ENERGY"
carrier = "electricity"
kind = "counter"
unit = "Wh"
covers = ["P1"]
[[source]]
id = "press"
kind = "opcua"
url = "opc.tcp://127.0.0.1:4840"
publishing_ms = 100
[[signal]]
source = "press"
for = "P1"
role = "state"
node = "nsu=urn:peer:line;s=State"
map = { Execute = "processing", Idle = "idle" }
sampling_ms = 50
[[signal]]
source = "press"
for = "P1"
role = "vehicle"
node = "nsu=urn:peer:line;s=VIN"
sampling_ms = 50
[[signal]]
source = "press"
for = "POWER"
role = "value"
node = "nsu=urn:peer:line;s=Power"
scale = 0.001
sampling_ms = 50
[[signal]]
source = "press"
for = "ENERGY"
role = "value"
node = "nsu=urn:peer:line;s=Energy"
sampling_ms = 50
"""


@pytest.mark.parametrize("metered_by", ["power and counter", "power alone"])
def test_a_server_that_others_wrote(
    make_node_server: Callable[..., NodeServer], tmp_path: Path, metered_by: str
) -> None:
    server = make_node_server()
    text = LINE
    if metered_by == "power alone":
        meter = text.index('[[meter]]\nid = "ENERGY"')
        signal = text.index('[[signal]]\nsource = "press"\nfor = "ENERGY"')
        text = text[:meter] + text[text.index("[[source]]") : signal]
    (tmp_path / "press.toml").write_text(text)
    started_ms = server.start_stepping() / 1e6
    done = greenline(
        "watch",
        tmp_path / "press.toml",
        "--endpoint",
        server.url,
        "--headless",
        "--duration",
        21,
        "--report",
        tmp_path / "r.json",
    )
    assert done.returncode == 0, done.stderr
    report = read_report(tmp_path / "r.json")
    begin, end = (utc_ns(report[key]) / 1e6 - started_ms for key in ("from", "to"))
    assert end - begin > 15_000
    expected_kwh = server.schedule.energy_wh(begin, end) / 1000
    assert report["energy_kwh"]["total"] == pytest.approx(expected_kwh, rel=0.01)
    idle = report["energy_kwh"]["by_state"].get("idle", 0.0)
    assert idle <= 0.01 * expected_kwh
