"""The OPC UA source against node-opcua, a server written by others."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from data.samples import Event, Samples
from data.sources.opcua_link import Tuning
from data.sources.opcua_security import PASSWORD_VARIABLE, SECURED
from data.sources.opcua_source import NoConnection, OpcuaSource
from tests.peers.peer_node import URI, NodeServer
from tests.peers.peer_watch import Watch, line_of

NAMES = ("Power", "Energy", "EnergyCount", "State", "VIN", "Big", "Label", "Single", "Flag")
NODES = {name: f"nsu={URI};s={name}" for name in NAMES}
Maker = Callable[..., NodeServer]


def step_energy_wh(power: Samples, from_ns: int, to_ns: int) -> float:
    """Integral of a power in W that holds until its next sample."""
    total = 0.0
    edges = [*power["time_ns"].tolist(), to_ns]
    for value, begin, end in zip(power["value"].tolist(), edges, edges[1:], strict=False):
        total += value * max(min(end, to_ns) - max(begin, from_ns), 0)
    return total / 3.6e12


def test_a_password_never_goes_over_an_open_channel(served: NodeServer) -> None:
    line = line_of(served.url, NODES, user="op")
    with pytest.raises(NoConnection, match="would send the password in the clear"):
        next(OpcuaSource(line).blocks())


def test_forbidden_node_costs_itself_alone(served: NodeServer) -> None:
    nodes = {**NODES, "Forbidden": f"nsu={URI};s=Forbidden", "Gone": f"nsu={URI};s=Gone"}
    with Watch(OpcuaSource(line_of(served.url, nodes))) as watch:
        watch.until(lambda: len(watch.of("Power")))
        index = watch.source.line.signal_index
        lost = set(watch.events(Event.SIGNAL_LOST)["exact"].tolist())
        forbidden = watch.of("Forbidden")
    # A server may refuse the item, or serve it with a bad status.
    assert index["Gone"] in lost
    assert index["Forbidden"] in lost or (forbidden["status"] >> 30 >= 2).all()


def test_deadband_is_absolute(served: NodeServer) -> None:
    with Watch(OpcuaSource(line_of(served.url, NODES, deadband=10.0))) as watch:
        watch.until(lambda: all(len(watch.of(key)) for key in NODES))  # words have no deadband
        for value in (5.0, 9.0, 11.0, 20.0, 22.5):
            served.set("Power", "Double", value)
            time.sleep(0.15)
        watch.until(lambda: 22.5 in watch.values("Power"))
        assert watch.values("Power") == [0.0, 11.0, 22.5]


def test_half_open_server_is_stale_within_five_seconds(served: NodeServer) -> None:
    with Watch(OpcuaSource(line_of(served.url, NODES))) as watch:
        watch.until(lambda: len(watch.of("Power")))
        served.freeze()
        watch.until(lambda: watch.source.status()[0].state == "stale", 5)
        assert "nothing came" in str(watch.source.status()[0].reason)
        served.thaw()
        watch.until(lambda: watch.source.status()[0].state == "live", 10)
        watch.until(lambda: len(watch.events(Event.GAP_END)))
        assert len(watch.events(Event.GAP_BEGIN)) == 1


def test_energy_known_in_closed_form(served: NodeServer) -> None:
    with Watch(OpcuaSource(line_of(served.url, NODES))) as watch:
        watch.until(lambda: all(len(watch.of(key)) for key in NODES))
        start_ns = served.start_stepping()
        watch.until(lambda: watch.values("VIN")[-1] == "V000005", 30)
        power, energy, count = watch.of("Power"), watch.of("Energy"), watch.of("EnergyCount")
        words, vehicles = watch.values("State"), watch.values("VIN")
        exact = {key: watch.values(key)[0] for key in ("Big", "Label", "Single", "Flag")}
    to_ns = int(power["time_ns"][-1])
    expected_wh = served.schedule.energy_wh(0, (to_ns - start_ns) / 1e6)
    assert step_energy_wh(power, start_ns, to_ns) == pytest.approx(expected_wh, rel=1e-9)
    for row in energy[energy["time_ns"] >= start_ns]:
        at_ms = (int(row["time_ns"]) - start_ns) / 1e6
        assert row["value"] == pytest.approx(served.schedule.energy_wh(0, at_ms))
    assert int(count["exact"][-1]) == int(
        served.schedule.energy_wh(0, (int(count["time_ns"][-1]) - start_ns) / 1e6)
    )
    # One word per change: the fourth and fifth level run on from the third's "Execute".
    assert words == ["Idle", "Execute", "Idle", "Execute"]
    assert vehicles == ["", *(f"V{i:06}" for i in range(1, 6))]
    assert exact == {"Big": 2**60 + 1, "Label": "label", "Single": 1.5, "Flag": 1}


def test_channel_renewals_lose_nothing(make_node_server: Maker) -> None:
    server = make_node_server(token_ms=1500, step_ms=200)
    tuning = Tuning(channel_s=1.5)
    with Watch(OpcuaSource(line_of(server.url, NODES), tuning=tuning)) as watch:
        watch.until(lambda: len(watch.of("Power")))
        server.start_stepping()
        time.sleep(5)  # four renewals
        stamps = watch.of("Power")["time_ns"][1:]
        status = watch.source.status()[0]
    assert (status.state, status.sessions) == ("live", 1)
    assert len(stamps) > 20
    # Two levels in a row are never alike, so that no step may be missing.
    assert set((stamps[1:] - stamps[:-1]).tolist()) == {200_000_000}


def test_items_are_asked_for_within_the_limits_of_the_server(make_node_server: Maker) -> None:
    server = make_node_server(max_items_per_call=20, max_items_per_subscription=45, extra=90)
    nodes = {f"X{i}": f"nsu={URI};s=X{i}" for i in range(90)}
    with Watch(OpcuaSource(line_of(server.url, {**nodes, **NODES}))) as watch:
        watch.until(lambda: all(len(watch.of(key)) for key in nodes))
        assert [watch.values(key)[0] for key in nodes] == [float(i) for i in range(90)]
        assert watch.source.status()[0].items == 99
        server.set("X0", "Double", -1.5)
        server.set("X89", "Double", -2.5)
        watch.until(lambda: watch.values("X0")[-1] == -1.5 and watch.values("X89")[-1] == -2.5)


def test_killed_server_is_missed_and_found_again(node_server: NodeServer) -> None:
    with Watch(OpcuaSource(line_of(node_server.url, NODES))) as watch:
        watch.until(lambda: len(watch.of("Power")))
        node_server.kill()
        watch.until(lambda: watch.source.status()[0].state != "live", 5)
        node_server.start(namespaces=["urn:moved:1", "urn:moved:2"])
        node_server.set("Power", "Double", 42.0)
        watch.until(lambda: 42.0 in watch.values("Power"), 10)
        assert len(watch.events(Event.GAP_BEGIN)) == len(watch.events(Event.GAP_END)) == 1


def test_secured_channel_needs_the_trusted_fingerprint(
    make_node_server: Maker, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    server = make_node_server(user="op", password="secret")
    line = line_of(server.url, NODES, security=SECURED, user="op")
    with pytest.raises(NoConnection, match=PASSWORD_VARIABLE):
        next(OpcuaSource(line).blocks())
    monkeypatch.setenv(PASSWORD_VARIABLE, "secret")
    with pytest.raises(NoConnection, match="fingerprint is ") as caught:
        next(OpcuaSource(line).blocks())
    shown = str(caught.value).split("fingerprint is ")[1].split(": compare")[0]
    assert len(shown) == 95
    with pytest.raises(NoConnection, match="not 00"):
        next(OpcuaSource(line, trust="00" * 32).blocks())
    tuning = Tuning(channel_s=2.0)
    with Watch(OpcuaSource(line, trust=shown, tuning=tuning)) as watch:
        watch.until(lambda: all(len(watch.of(key)) for key in NODES))
        server.start_stepping()
        time.sleep(4)  # two renewals, with new keys
        assert watch.source.status()[0].sessions == 1
        before = len(watch.of("Energy"))
        watch.until(lambda: len(watch.of("Energy")) > before + 5)
    monkeypatch.setenv(PASSWORD_VARIABLE, "wrong")
    with pytest.raises(NoConnection, match=r"BadUserAccessDenied|BadIdentityTokenRejected"):
        next(OpcuaSource(line, trust=shown).blocks())
