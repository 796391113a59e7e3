"""The simulated plant as a client sees it that others wrote: node-opcua's."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from data.line import Line
from data.line_file import load_line
from data.units import opcua_unit_id
from plc_sim.command import serve
from plc_sim.server_security import PASSWORD_VARIABLE
from tests.peers.peer_node import HERE, free_port, why_missing

LINES = ["small", "demo"]
SPEED = 20.0
START_NS = 1_772_431_200_000_000_000
LISTEN_S = 6.0  # two minutes in the plant: every station takes up a vehicle
SECRET = "s3cret, 密码"

pytestmark = pytest.mark.skipif(why_missing() is not None, reason=why_missing() or "")


class Plant:
    """``serve`` on a thread."""

    def __init__(self, line: Line, user: str | None) -> None:
        self.url = f"opc.tcp://127.0.0.1:{free_port()}"
        self.said: list[str] = []
        self._stop = threading.Event()
        self._answers = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(line, user))
        self._thread.start()
        assert self._answers.wait(60)

    def _run(self, line: Line, user: str | None) -> None:
        try:
            serve(
                line,
                endpoint=self.url,
                speed=SPEED,
                start_ns=START_NS,
                user=user,
                stop=self._stop,
                say=self._say,
            )
        finally:
            self._answers.set()

    def _say(self, text: str) -> None:
        self.said.append(text)
        if len(self.said) > 1:
            self._answers.set()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()


Serve = Callable[..., Plant]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For the client's certificates: making them takes seconds."""
    return tmp_path_factory.mktemp("browser")


@pytest.fixture
def serve_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Serve]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "keys"))
    plants: list[Plant] = []

    def start(line: Line, user: str | None = None) -> Plant:
        plants.append(Plant(line, user))
        return plants[-1]

    yield start
    for plant in plants:
        plant.stop()


def browse(plant: Plant, folder: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    request = {"url": plant.url, "folder": str(folder), "nodes": [], "seconds": 0, **options}
    return subprocess.run(
        ["node", "browse.js"],
        cwd=HERE,
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def found_by(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.parametrize("name", LINES)
def test_a_browser_by_others_finds_its_way(serve_line: Serve, folder: Path, name: str) -> None:
    line = load_line(name)
    nodes = {s.key: s.node for s in line.signals if s.source is not None}
    found = found_by(browse(serve_line(line), folder, nodes=list(nodes.values()), seconds=LISTEN_S))
    check_machines(line, found)
    check_meters(line, found["meters"])
    check_signals(line, {key: found["signals"][node] for key, node in nodes.items()})


def check_machines(line: Line, found: dict[str, Any]) -> None:
    assert set(found["machines"]) == set(found["packml"]) == {s.id for s in line.stations}
    roles = {(s.subject, s.role) for s in line.signals}
    numbers = {"NotAvailable": 0, "OutOfService": 1, "NotExecuting": 2, "Executing": 3}
    for station in line.stations:
        machine = found["machines"][station.id]
        assert machine["manufacturer"]
        assert machine["serial"] == f"{line.plant.id}-{station.id}"
        assert machine["uri"].endswith(f":{station.id}")
        assert machine["location"].endswith(f"/{station.workshop}/{station.id}")
        if (station.id, "state") in roles:
            assert machine["state_number"] == numbers[machine["state"]]
            assert machine["state_id"].endswith(("i=5004", "i=5005", "i=5006", "i=5007"))
            assert machine["mode"] in ("None", "Maintenance", "Setup", "Processing")
            assert machine["packml_state"] in (2, 3, 4, 5, 6, 9, 11)
            assert machine["unit_mode"] in (1, 2, 3)
            assert not (machine["starved"] and machine["blocked"])
        if (station.id, "good_count") in roles:
            assert machine["processed"] >= 0
        if (station.id, "reject_count") in roles:
            assert machine["processed"] >= machine["defective"]
    states = {machine["state"] for machine in found["machines"].values()}
    assert "Executing" in states


def check_meters(line: Line, found: dict[str, Any]) -> None:
    sent = {s.subject for s in line.signals if s.role == "value" and s.source is not None}
    points = [
        point
        for point in line.points
        if any(meter and meter.id in sent for meter in (point.amount, point.rate))
    ]
    assert len(found) == len(points)
    tags = {meter["ApplicationTag"]["value"] for meter in found.values()}
    assert tags == {point.id for point in points}
    units = {
        "AcActivePowerTotal": "W",
        "AcActiveEnergyTotalImportLp": "Wh",
        "AcActiveEnergyTotalImportHp": "Wh",
        "VolumeFlowRate": "m3/s",
        "Volume": "m3",
    }
    seen = set()
    for place, meter in found.items():
        assert "/Monitoring/Consumption/" in place
        for value, unit in units.items():
            if value in meter:
                seen.add(value)
                assert meter[value]["unit"]["id"] == opcua_unit_id(unit), place
                assert isinstance(meter[value]["value"], int | float)
    assert {"AcActivePowerTotal", "AcActiveEnergyTotalImportLp", "Volume"} <= seen


def check_signals(line: Line, found: dict[str, Any]) -> None:
    assert all(signal["count"] >= 1 for signal in found.values())
    assert not any(signal["bad"] for signal in found.values())
    changing = {"state": 0, "vehicle": 0, "good_count": 0, "value": 0}
    for signal in line.signals:
        if signal.key not in found:
            continue
        if signal.role in changing and len(found[signal.key]["values"]) > 1:
            changing[signal.role] += 1
        if signal.role == "value" and signal.scale in (1.0, 0.001):  # 0.1 kWh is no unit
            assert found[signal.key]["unit"], signal.key
    stations, meters = len(line.stations), len(line.meters)
    assert changing["state"] >= stations / 3
    assert changing["vehicle"] >= stations / 3
    assert changing["good_count"] >= stations / 3
    assert changing["value"] >= meters / 3
    vins = {
        vin for key, signal in found.items() if key.endswith(".vehicle") for vin in signal["values"]
    }
    assert any(len(vin) == 17 for vin in vins)  # others are racks of parts


def test_a_password_over_an_encrypted_channel(
    serve_line: Serve, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, SECRET)
    line = load_line("small")
    plant = serve_line(line, user="op")
    node = line.signals[line.signal_index["P_B010.value"]].node
    # Two seconds a token: the channel is renewed, with new keys, while values come.
    options = {"user": "op", "password": SECRET, "token_ms": 2000, "nodes": [node], "seconds": 5}
    attempts = [{"user": "op", "password": "wrong"}, {"user": "admin", "password": SECRET}, {}]
    found = found_by(browse(plant, folder, attempts=attempts, **options))
    assert found["signals"][node]["count"] > 60
    assert plant.said[1].replace(":", "").endswith(found["certificate"].upper())
    assert "BadUserAccessDenied" in found["attempts"][0]
    assert "BadUserAccessDenied" in found["attempts"][1]
    assert found["attempts"][2] != "let in"


def test_the_certificate_is_kept_and_its_key_is_ours_alone(
    serve_line: Serve, tmp_path: Path
) -> None:
    line = load_line("small")
    first, second = serve_line(line), serve_line(line)
    assert first.said[1] == second.said[1]
    keys = list((tmp_path / "keys").rglob("*_key.pem"))
    assert len(keys) == 1
    if sys.platform != "win32":
        assert keys[0].stat().st_mode & 0o077 == 0
