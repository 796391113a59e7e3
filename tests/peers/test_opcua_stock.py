"""The OPC UA source against the ``opcua`` package's own server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from opcua import ua

from data.line import Line
from data.samples import Event, Flag, ValueType
from data.sources.opcua_client import GuardedSocket
from data.sources.opcua_link import Tuning
from data.sources.opcua_source import NoConnection, OpcuaSource
from tests.peers.peer_node import free_port
from tests.peers.peer_stock import StockServer, node
from tests.peers.peer_watch import Watch, line_of

VALUES = {
    "Real": 1.5,
    "Word": "Execute",
    "Big": (2**60 + 1, ua.VariantType.Int64),
    "Huge": (2**63 + 2**20, ua.VariantType.UInt64),
    "Small": (-7, ua.VariantType.Int16),
    "Flag": True,
    "Label": ua.LocalizedText("label"),
    "List": [1.0, 2.0],
}
NODES = {name: node(name) for name in VALUES}


@pytest.fixture(scope="module")
def served() -> Iterator[StockServer]:
    """One server for all tests: it takes long to start."""
    server = StockServer(VALUES).start()
    yield server
    server.stop()


@pytest.fixture
def server(served: StockServer) -> StockServer:
    served.reset()
    return served


def test_initial_values_come_with_their_types(server: StockServer) -> None:
    with Watch(OpcuaSource(line_of(server.url, NODES))) as watch:
        watch.until(lambda: all(len(watch.of(key)) for key in NODES))
        found = {key: watch.values(key)[0] for key in NODES}
        huge, listed = watch.of("Huge")[0], watch.of("List")[0]
    assert found == {
        "Real": 1.5,
        "Word": "Execute",
        "Big": 2**60 + 1,
        "Huge": float(2**63 + 2**20),
        "Small": -7,
        "Flag": 1,
        "Label": "label",
        "List": None,
    }
    assert huge["flags"] & Flag.REFUSED
    assert listed["flags"] & Flag.REFUSED
    assert listed["type"] == ValueType.NONE


def test_every_change_arrives_once_in_order_with_its_source_time(server: StockServer) -> None:
    begin = datetime(2026, 3, 2, 6, 0, 0, 123456)
    with Watch(OpcuaSource(line_of(server.url, NODES))) as watch:
        watch.until(lambda: len(watch.of("Real")))
        for i in range(200):
            value = ua.DataValue(ua.Variant(float(i)))
            value.SourceTimestamp = begin + timedelta(milliseconds=i)
            value.ServerTimestamp = begin + timedelta(seconds=1)
            server.set_value("Real", value)
            time.sleep(0.002)
        watch.until(lambda: watch.values("Real")[-1] == 199.0)
        rows = watch.of("Real")[1:]
    assert rows["value"].tolist() == [float(i) for i in range(200)]
    begin_ns = 1_772_431_200_123_456_000
    assert rows["time_ns"].tolist() == [begin_ns + i * 1_000_000 for i in range(200)]
    assert set(rows["server_ns"].tolist()) == {begin_ns + 1_000_000_000}


def test_status_and_overflow_are_kept(server: StockServer) -> None:
    with Watch(OpcuaSource(line_of(server.url, NODES))) as watch:
        watch.until(lambda: len(watch.of("Real")))
        uncertain = ua.StatusCode(0x408F0000)
        server.set_value("Real", ua.DataValue(ua.Variant(3.0), uncertain))
        watch.until(lambda: len(watch.of("Real")) == 2)
        server.set_value("Real", ua.DataValue(ua.Variant(4.0), ua.StatusCode(0x480)))
        watch.until(lambda: len(watch.of("Real")) == 3)
        rows = watch.of("Real")
    assert rows["status"].tolist() == [0, 0x408F0000, 0x480]
    assert (rows["flags"] & Flag.OVERFLOW).astype(bool).tolist() == [False, False, True]


def test_stream_begins_with_the_session_and_never_pauses_for_long(server: StockServer) -> None:
    with Watch(OpcuaSource(line_of(server.url, NODES))) as watch:
        watch.until(lambda: len(watch.of("Real")))
        seen = len(watch.block_times_s)
        watch.until(lambda: len(watch.block_times_s) > seen + 5)
        rows = watch.rows
    assert rows["signal"][0] == Event.SESSION_BEGIN
    assert (np.diff(rows["receive_ns"]) >= 0).all()
    assert max(watch.receive_counts) == 1
    assert len(watch.events(Event.SESSION_BEGIN)) == 1


def test_missing_nodes_cost_themselves_alone(server: StockServer) -> None:
    wrong = {"Gone": node("Gone"), "Else": "nsu=urn:nobody;s=Real", "Bad": "ns=x;y"}
    with Watch(OpcuaSource(line_of(server.url, {**wrong, **NODES}))) as watch:
        watch.until(lambda: len(watch.of("Real")))
        lost = watch.events(Event.SIGNAL_LOST)
        (status,) = watch.source.status()
    index = watch.source.line.signal_index
    assert dict(zip(lost["exact"].tolist(), lost["status"].tolist(), strict=True)) == {
        index["Gone"]: 0x80340000,
        index["Else"]: 0x80340000,
        index["Bad"]: 0x80330000,
    }
    assert status.items == len(NODES)
    assert dict(status.refused).keys() == wrong.keys()
    assert "BadNodeIdUnknown" in dict(status.refused)["Gone"]


def test_speed_of_the_simulated_plant_is_read(server: StockServer) -> None:
    server.add_speed(20.0)
    with Watch(OpcuaSource(line_of(server.url, NODES))) as watch:
        watch.until(lambda: len(watch.of("Real")))
        assert watch.events(Event.SPEED)["value"].tolist() == [20.0]
        assert watch.source.status()[0].speed == 20.0


def two_sources(first_url: str, second_url: str) -> Line:
    """A line whose first source has the signal Real, whose second one Word and Small."""
    line = line_of(first_url, {name: NODES[name] for name in ("Real", "Word", "Small")})
    (config,) = line.sources
    signals = tuple(replace(s, source="b") if s.key != "Real" else s for s in line.signals)
    return replace(line, sources=(config, replace(config, id="b", url=second_url)), signals=signals)


def test_two_servers_make_one_stream(server: StockServer) -> None:
    second = StockServer(VALUES).start()
    try:
        with Watch(OpcuaSource(two_sources(server.url, second.url))) as watch:
            watch.until(lambda: all(len(watch.of(key)) for key in ("Real", "Word", "Small")))
            second.stop()
            watch.until(lambda: watch.source.status()[1].state == "down")
            server.set("Real", 77.0)
            watch.until(lambda: 77.0 in watch.values("Real"))
            assert watch.events(Event.GAP_BEGIN)["exact"].tolist() == [1]
            assert [status.source for status in watch.source.status()] == ["plc", "b"]
            assert [status.items for status in watch.source.status()] == [1, 2]
            assert (np.diff(watch.rows["receive_ns"]) >= 0).all()
    finally:
        second.stop()


def test_a_missing_second_server_has_a_gap_from_the_start(server: StockServer) -> None:
    line = two_sources(server.url, f"opc.tcp://127.0.0.1:{free_port()}")
    with Watch(OpcuaSource(line, first_try_s=1.0)) as watch:
        watch.until(lambda: len(watch.of("Real")))
        assert watch.events(Event.GAP_BEGIN)["exact"].tolist() == [1]
        assert watch.source.status()[1].state == "connecting"
        assert watch.source.status()[1].reason == "connection refused"


def test_a_full_queue_drops_and_says_so(server: StockServer) -> None:
    source = OpcuaSource(line_of(server.url, NODES), queue_rows=20)
    blocks = source.blocks()
    rows = [next(blocks).samples]
    sent = 60
    for i in range(sent):
        server.set("Real", 1000.0 + i)
        time.sleep(0.01)
    time.sleep(0.3)
    dropped = source.status()[0].dropped
    source.stop()
    rows += [block.samples for block in blocks]
    found = np.concatenate(rows)
    samples = found[found["signal"] >= 0]
    drops = found[found["signal"] == Event.DROPPED]
    assert dropped > 0
    assert int(drops["exact"].sum()) == dropped
    assert len(samples) + dropped == source.status()[0].received
    assert samples["value"][-1] == 1000.0 + sent - 1  # the newest are kept


def test_only_reading_services_are_ever_asked_for(
    server: StockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = set()
    send = GuardedSocket._send_request

    def spy(link: GuardedSocket, request: object, *args: object, **more: object) -> object:
        asked.add(type(request).__name__)
        return send(link, request, *args, **more)

    monkeypatch.setattr(GuardedSocket, "_send_request", spy)
    tuning = Tuning(channel_s=1.0)
    with Watch(OpcuaSource(line_of(server.url, NODES), tuning=tuning)) as watch:
        watch.until(lambda: len(watch.of("Real")))
        time.sleep(1.2)
    assert asked == {
        "OpenSecureChannelRequest",
        "CreateSessionRequest",
        "ActivateSessionRequest",
        "ReadRequest",
        "CreateSubscriptionRequest",
        "CreateMonitoredItemsRequest",
        "PublishRequest",
        "CloseSessionRequest",
        "CloseSecureChannelRequest",
    }


def test_nobody_answers() -> None:
    url = f"opc.tcp://127.0.0.1:{free_port()}"
    source = OpcuaSource(line_of("opc.tcp://127.0.0.1:1", NODES), endpoint=url, first_try_s=0.5)
    with pytest.raises(NoConnection, match="connection refused") as caught:
        next(source.blocks())
    assert url in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:4840", "must read opc.tcp://HOST:PORT"),
        ("opc.tcp://127.0.0.1:99999", "port is not a number"),
        ("opc.tcp://me:secret@127.0.0.1:4840", "do not belong in a URL"),
    ],
)
def test_url_that_names_no_server_is_refused_at_once(url: str, reason: str) -> None:
    with pytest.raises(NoConnection, match=reason) as caught:
        next(OpcuaSource(line_of(url, NODES)).blocks())
    assert "secret" not in caught.value.reason


def test_stop_from_another_thread_while_nobody_answers() -> None:
    source = OpcuaSource(line_of(f"opc.tcp://127.0.0.1:{free_port()}", NODES))
    timer = threading.Timer(0.3, source.stop)
    timer.start()
    assert list(source.blocks()) == []
    timer.join()
    source.stop()


def test_quiet_server_stays_live(server: StockServer) -> None:
    line = line_of(server.url, NODES)
    with Watch(OpcuaSource(line, tuning=Tuning(silence_s=1.5, keep_alive_s=0.3))) as watch:
        watch.until(lambda: len(watch.of("Real")))
        time.sleep(2.2)
        status = watch.source.status()[0]
        assert (status.state, status.sessions) == ("live", 1)
        assert status.data_age_s is not None
        assert status.data_age_s > 2


def test_slow_publishing_is_probed_between(server: StockServer) -> None:
    line = line_of(server.url, {"Real": NODES["Real"]}, publishing_ms=2500)
    with Watch(OpcuaSource(line, tuning=Tuning(silence_s=1.2))) as watch:
        watch.until(lambda: watch.source.status()[0].state == "live")
        time.sleep(2.4)
        assert watch.source.status()[0].sessions == 1
        assert watch.source.status()[0].state == "live"


def test_gap_end_comes_with_the_first_data(server: StockServer) -> None:
    with Watch(OpcuaSource(line_of(server.url, NODES))) as watch:
        watch.until(lambda: len(watch.of("Real")))
        server.stop()
        watch.until(lambda: len(watch.events(Event.GAP_BEGIN)))
        server.start()
        watch.until(lambda: len(watch.events(Event.GAP_END)))
        rows = watch.rows
    signals = rows["signal"].tolist()
    begin, end = signals.index(Event.GAP_BEGIN), signals.index(Event.GAP_END)
    assert begin < end
    assert all(signal < 0 for signal in signals[begin:end])
    assert signals[end + 1] >= 0
    assert rows["receive_ns"][end] == rows["receive_ns"][end + 1]


def test_restarts_leave_gaps_marked_and_nothing_behind(server: StockServer) -> None:
    threads = threading.active_count()
    with Watch(OpcuaSource(line_of(server.url, NODES))) as watch:
        watch.until(lambda: len(watch.of("Real")))
        for restart in range(1, 4):
            server.stop()
            watch.until(lambda: watch.source.status()[0].state == "down")
            # Other namespaces come first now: the indices have moved.
            server.start(before=tuple(f"urn:new:{i}" for i in range(restart)))
            marker = 100.0 + restart
            server.set("Real", marker)
            begun_s = time.monotonic()
            watch.until(lambda m=marker: m in watch.values("Real"))  # type: ignore[misc]
            assert time.monotonic() - begun_s < 10
        begins, ends = watch.events(Event.GAP_BEGIN), watch.events(Event.GAP_END)
        assert begins["exact"].tolist() == ends["exact"].tolist() == [0, 0, 0]
        status = watch.source.status()[0]
        assert (status.state, status.sessions) == ("live", 4)
    server.stop()
    deadline_s = time.monotonic() + 5
    while threading.active_count() >= threads and time.monotonic() < deadline_s:
        time.sleep(0.05)
    left = [thread.name for thread in threading.enumerate()]
    assert not [name for name in left if name.startswith("opcua")], left
