"""The simulated plant's OPC UA server, seen by the stock client of the library."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from opcua import Client, ua

from data.line import Line
from data.line_file import load_line, parse_line
from data.samples import ValueType
from data.toml_file import Faults
from plc_sim.command import default_endpoint, serve
from plc_sim.plant_file import load_plant
from plc_sim.server import EndpointError, SimServer
from plc_sim.signals import Change
from plc_sim.source import PlantSource
from tests.plc_sim.sim_lines import START_NS, Ledger

EPOCH = datetime(1970, 1, 1)
NAMESPACE = "urn:greenline:plant:small"
Reports = dict[int, list[tuple[int, Any]]]  # by signal: source time [ns], value


@pytest.fixture(scope="module")
def small() -> Line:
    return load_line("small")


@pytest.fixture
def endpoint() -> str:
    return free_endpoint()


def free_endpoint() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"opc.tcp://127.0.0.1:{free.getsockname()[1]}"


class Served:
    """``serve`` on a thread."""

    def __init__(self, line: Line, endpoint: str, **options: Any) -> None:
        self.said: list[str] = []
        self.error: BaseException | None = None
        self._stop = threading.Event()
        self._answers = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(line, endpoint), kwargs=options)
        self._thread.start()
        assert self._answers.wait(30)

    def _run(self, line: Line, endpoint: str, **options: Any) -> None:
        options = {"speed": 20.0, "seed": 1, "start_ns": START_NS, **options}
        try:
            serve(line, endpoint=endpoint, stop=self._stop, say=self._say, **options)
        except BaseException as error:
            self.error = error
        finally:
            self._answers.set()

    def _say(self, text: str) -> None:
        self.said.append(text)
        self._answers.set()

    def join(self) -> None:
        self._thread.join(60)
        assert not self._thread.is_alive()
        assert self.error is None

    def stop(self) -> None:
        self._stop.set()
        self.join()


@contextmanager
def served(line: Line, endpoint: str, **options: Any) -> Iterator[Served]:
    running = Served(line, endpoint, **options)
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def connected(endpoint: str) -> Iterator[Client]:
    client = Client(endpoint, timeout=5)
    client.connect()
    try:
        yield client
    finally:
        client.disconnect()


@pytest.fixture(scope="module")
def bare(small: Line) -> Iterator[SimServer]:
    """A server without a plant, that the test writes to."""
    types = load_plant(small).signal_types
    server = SimServer(small, types, free_endpoint(), 20.0)
    server.start(
        Change(index, START_NS, "" if opc_type == "String" else 0)
        for index, opc_type in enumerate(types)
    )
    yield server
    server.stop()


def node_of(client: Client, line: Line, key: str) -> Any:
    name = (line.signals[line.signal_index[key]].node or "").split(";s=")[1]
    return client.get_node(ua.NodeId(name, client.get_namespace_index(NAMESPACE)))


def time_ns(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1) * 1000


class Handler:
    """Keeps what a subscription reports."""

    def __init__(self, index_of: dict[Any, int]) -> None:
        self._index_of = index_of
        self.reports: Reports = defaultdict(list)

    def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
        at = data.monitored_item.Value.SourceTimestamp
        self.reports[self._index_of[node.nodeid]].append((time_ns(at), value))


def subscribe(client: Client, line: Line, period_ms: float = 100) -> Handler:
    nodes = [node_of(client, line, signal.key) for signal in line.signals]
    handler = Handler({node.nodeid: index for index, node in enumerate(nodes)})
    client.create_subscription(period_ms, handler).subscribe_data_change(nodes)
    return handler


def wait_for(what: Callable[[], bool], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "did not come"
        time.sleep(0.02)


def offline(line: Line, duration_s: float) -> Reports:
    """The same plant without a server."""
    reports: Reports = defaultdict(list)
    source = PlantSource(line, seed=1, start_ns=START_NS, duration_s=duration_s)
    for block in source.blocks():
        for row in block.samples:
            if row["signal"] >= 0:
                value = row["value"] if row["type"] == ValueType.REAL else int(row["exact"])
                if row["type"] == ValueType.TEXT:
                    value = block.texts[int(row["exact"])]
                reports[int(row["signal"])].append((int(row["time_ns"]), value))
    return reports


def test_every_write_is_reported_at_speed_20(small, endpoint, tmp_path):
    duration_s = 90
    with served(small, endpoint, duration_s=duration_s, truth=tmp_path / "t.jsonl") as running:
        client = Client(endpoint, timeout=5)
        client.connect()
        handler = subscribe(client, small, period_ms=300)  # 6 s of plant time in one response
        wait_for(lambda: len(handler.reports) == len(small.signals))
        running.join()  # the plant comes to its end and the server closes
        client.uaclient._uasocket.disconnect_socket()
        client.keepalive.stop()
    expected = offline(small, duration_s)
    assert set(handler.reports) == set(expected)
    for index, reported in handler.reports.items():
        first = expected[index].index(reported[0])
        assert reported == expected[index][first:], small.signals[index].key
    total = sum(len(reported) for reported in handler.reports.values())
    assert total > 1000
    assert running.said[0] == f"serving small on {endpoint} at speed 20, seed 1"
    assert "90 s of plant time" in running.said[-1]


def test_served_and_offline_plant_have_the_same_truth(small, endpoint, tmp_path):
    with served(small, endpoint, speed=200.0, duration_s=100, truth=tmp_path / "a.jsonl") as run:
        run.join()
    source = PlantSource(
        small, seed=1, start_ns=START_NS, duration_s=100, truth_path=tmp_path / "b.jsonl"
    )
    for _ in source.blocks():
        pass
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_nodes_types_units_and_speed(small, bare):
    with connected(bare.endpoint) as client:
        types = load_plant(small).signal_types
        for signal_ in small.signals:
            value = node_of(client, small, signal_.key).get_data_value()
            assert value.Value.VariantType.name == types[signal_.index]
            assert value.StatusCode.value == 0
            assert value.SourceTimestamp is not None
        index = client.get_namespace_index("urn:greenline:sim")
        assert client.get_node(ua.NodeId("Greenline/Speed", index)).get_value() == 20.0
        unit_ids = {
            key: node_of(client, small, f"{key}.value").get_properties()[0].get_value().UnitId
            for key in ("P_B010", "P_BODY", "E_B010", "E_BODY", "G_BODY")
        }
        assert unit_ids == {
            "P_B010": 5723220,  # W: the line file scales it to kW
            "P_BODY": 4937556,
            "E_B010": 5720146,
            "E_BODY": 4937544,
            "G_BODY": 5067857,
        }
        folder = client.get_objects_node().get_child(
            [f"{index}:Small body workshop", f"{index}:Body workshop", f"{index}:B030 Framing"]
        )
        names = {child.get_browse_name().Name for child in folder.get_children()}
        assert {"State", "Vehicle", "Variant", "GoodCount", "P_B030", "E_B030"} <= names


def test_source_times_are_plant_time(small, endpoint):
    with served(small, endpoint), connected(endpoint) as client:
        power, state = node_of(client, small, "P_BODY.value"), node_of(client, small, "B010.state")
        first, begun = power.get_data_value(), time.monotonic()
        time.sleep(1.5)
        second, wall_s = power.get_data_value(), time.monotonic() - begun
        passed_s = (second.SourceTimestamp - first.SourceTimestamp).total_seconds()
        assert passed_s == pytest.approx(20 * wall_s, rel=0.25)
        assert state.get_data_value().SourceTimestamp < second.SourceTimestamp


def test_nobody_writes(small, bare):
    with connected(bare.endpoint) as client:
        node = node_of(client, small, "B010.state")
        before = node.get_value()
        with pytest.raises(ua.UaStatusCodeError):
            node.set_value("Aborted")
        with pytest.raises(ua.UaStatusCodeError):
            client.get_objects_node().add_folder(2, "mine")
        assert node.get_value() == before


RESTART = """
format = "greenline.scenario/1"
[[fault]]
kind = "server_restart"
at_s = 1.0
for_s = 1.5
"""


def test_a_restart_seen_from_a_plain_client(small, endpoint, tmp_path):
    schedule = tmp_path / "restart.toml"
    schedule.write_text(RESTART)
    port = int(endpoint.rsplit(":", 1)[1])
    with served(small, endpoint, faults=schedule, truth=tmp_path / "t.jsonl") as running:
        client = Client(endpoint, timeout=5)
        client.connect()
        before = node_of(client, small, "P_BODY.value").get_data_value()
        receiver = client.uaclient._uasocket._thread
        wait_for(lambda: not receiver.is_alive())  # the connection is dead
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)
        client.uaclient._uasocket.disconnect_socket()
        client.keepalive.stop()
        wait_for(lambda: any("up again" in text for text in running.said))
        with connected(endpoint) as again:
            after = node_of(again, small, "P_BODY.value").get_data_value()
            gap_s = (after.SourceTimestamp - before.SourceTimestamp).total_seconds()
            assert gap_s > 20 * 1.4  # the plant ran on
            for signal_ in small.signals:
                value = node_of(again, small, signal_.key).get_data_value()
                assert value.SourceTimestamp is not None
            handler = subscribe(again, small)
            wait_for(lambda: len(handler.reports.get(small.signal_index["P_BODY.value"], ())) > 5)
            received = dict(handler.reports)
    expected = offline(small, 600)
    for index, reported in received.items():
        assert all(report in expected[index] for report in reported[:20])


def test_a_port_in_use_is_said_in_one_line_and_leaves_nothing(small, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        endpoint = f"opc.tcp://127.0.0.1:{taken.getsockname()[1]}"
        threads = threading.active_count()
        with pytest.raises(EndpointError) as raised:
            serve(
                small,
                endpoint=endpoint,
                start_ns=START_NS,
                truth=tmp_path / "t.jsonl",
                stop=threading.Event(),
                say=print,
            )
    assert str(raised.value) == f"{endpoint}: the port is in use by another program"
    assert not (tmp_path / "t.jsonl").exists()
    wait_for(lambda: threading.active_count() == threads)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"endpoint": "http://127.0.0.1"}, "must be opc.tcp://HOST:PORT"),
        ({"endpoint": "opc.tcp://127.0.0.1:99999"}, "must be opc.tcp://HOST:PORT"),
        ({"speed": 0.0}, "speed 0: must be above 0 and at most 1000"),
        ({"speed": float("nan")}, "speed nan: must be above 0"),
        ({"seed": -1}, "seed -1: must be 0 or above"),
        ({"duration_s": 0.0}, "duration 0: must be above 0"),
        ({"scenario": "server_restat"}, 'did you mean "server_restart"'),
    ],
)
def test_wrong_options_are_said_before_anything_starts(small, options, message):
    with pytest.raises(Faults, match=message):
        serve(small, start_ns=START_NS, stop=threading.Event(), say=print, **options)


def test_a_ledger_that_cannot_be_written_ends_the_server(small, endpoint, tmp_path):
    with pytest.raises(FileNotFoundError):
        serve(
            small,
            endpoint=endpoint,
            start_ns=START_NS,
            truth=tmp_path / "nowhere" / "t.jsonl",
            stop=threading.Event(),
            say=print,
        )
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(endpoint.rsplit(":", 1)[1])), timeout=1)


def test_the_default_endpoint_stays_on_this_machine(small):
    assert default_endpoint(small) == "opc.tcp://127.0.0.1:4840"
    remote = parse_line(small.text.replace("127.0.0.1:4840", "plc7.example:4999/ua"), "line")
    assert default_endpoint(remote) == "opc.tcp://127.0.0.1:4999/ua"


PROGRAM = """
import signal, sys, threading
from pathlib import Path
from data.line_file import load_line
from plc_sim.command import serve
stop = threading.Event()
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: stop.set())
serve(load_line("small"), endpoint=sys.argv[1], speed=20, start_ns=int(sys.argv[2]),
      truth=Path(sys.argv[3]), stop=stop, say=lambda text: print(text, flush=True))
"""


def test_a_signal_leaves_a_whole_ledger_and_no_process(small, endpoint, tmp_path):
    path = tmp_path / "t.jsonl"
    command = [sys.executable, "-c", PROGRAM, endpoint, str(START_NS), str(path)]
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("serving small on")
        with connected(endpoint):
            time.sleep(1.0)
            half = path.read_text("utf-8")  # a reader during the run sees whole lines
            assert all(json.loads(line) for line in half.splitlines())
            process.send_signal(signal.SIGTERM)
            _, complaints = process.communicate(timeout=15)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert "Traceback" not in complaints
    ledger = Ledger(path)
    assert ledger.records[-1]["kind"] == "end"
    assert set(ledger.meters()) == {meter.id for meter in small.meters}
    by_state = [sum(record["kwh"]["electricity"] for record in ledger.of("station"))]
    stations_kwh = sum(ledger.meters()[f"P_{s.id}"]["amount"] for s in small.stations)
    assert sum(by_state) == pytest.approx(stations_kwh, rel=1e-9)


def test_an_unchanged_value_is_reported_too(small, bare):
    index = small.signal_index["P_B010.value"]
    with connected(bare.endpoint) as client:
        bare.write([Change(index, START_NS, 0.0)])
        handler = subscribe(client, small)
        wait_for(lambda: index in handler.reports)
        for second in range(1, 4):
            bare.write([Change(index, START_NS + second * 10**9, 700.0)])
        wait_for(lambda: len(handler.reports[index]) == 4)
        assert [value for _, value in handler.reports[index]] == [0, 700.0, 700.0, 700.0]


def test_a_burst_between_two_publishes_is_queued_whole(small, bare):
    index = small.signal_index["E_B010.value"]
    with connected(bare.endpoint) as client:
        handler = subscribe(client, small, period_ms=500)
        wait_for(lambda: index in handler.reports)
        burst = [Change(index, START_NS + n * 10**6, n) for n in range(1, 3000)]
        bare.write(burst)
        wait_for(lambda: len(handler.reports[index]) == 3000)
        assert handler.reports[index][1:] == [(change.time_ns, change.value) for change in burst]


def test_a_deadband_compares_with_what_was_reported(small, bare):
    index = small.signal_index["P_B010.value"]
    with connected(bare.endpoint) as client:
        bare.write([Change(index, START_NS, 0.0)])
        node = node_of(client, small, "P_B010.value")
        handler = Handler({node.nodeid: index})
        subscription = client.create_subscription(50, handler)
        subscription.deadband_monitor(node, 10)
        wait_for(lambda: index in handler.reports)
        for step in range(1, 11):  # 4 at a time: each within the band, all together not
            bare.write([Change(index, START_NS + step * 10**9, 4.0 * step)])
        wait_for(lambda: len(handler.reports[index]) == 4)
        assert [value for _, value in handler.reports[index]] == [0, 12.0, 24.0, 36.0]


@pytest.mark.parametrize(
    "message",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"HELF\xff\xff\xff\x7f" + bytes(100),
        b"HELF\x08\x00\x00\x00",
        b"\x00" * 64,
    ],
)
def test_what_cannot_be_read_ends_that_connection_alone(small, bare, message):
    with connected(bare.endpoint) as client:
        port = int(bare.endpoint.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as hostile:
            hostile.settimeout(5)
            hostile.sendall(message)
            try:
                answer = hostile.recv(1)
            except ConnectionResetError:
                answer = b""
            assert answer == b""
        assert node_of(client, small, "B010.good_count").get_value() == 0


def test_a_request_that_fails_is_answered(small, bare):
    with connected(bare.endpoint) as client:
        subscription = client.create_subscription(100, Handler({}))
        parameters = ua.ModifyMonitoredItemsParameters()
        parameters.SubscriptionId = subscription.subscription_id
        item = ua.MonitoredItemModifyRequest()
        item.MonitoredItemId = 99_999  # the library's server raises on it, and stays silent
        parameters.ItemsToModify = [item]
        with pytest.raises(ua.UaStatusCodeError, match="BadInternalError"):
            client.uaclient.modify_monitored_items(parameters)
        assert node_of(client, small, "B010.good_count").get_value() == 0


def test_nothing_is_kept_for_a_client_that_fetches_nothing(small, bare, monkeypatch):
    monkeypatch.setattr("plc_sim.subscriptions.LIFETIME_MS", 300.0)
    with connected(bare.endpoint) as client:
        parameters = ua.CreateSubscriptionParameters()
        parameters.RequestedPublishingInterval = 50
        parameters.RequestedLifetimeCount = 10_000
        parameters.RequestedMaxKeepAliveCount = 1
        created = client.uaclient.create_subscription(parameters, lambda _: None)  # no publish
        assert created.RevisedLifetimeCount == 6
        items = ua.CreateMonitoredItemsParameters()
        items.SubscriptionId = created.SubscriptionId
        item = ua.MonitoredItemCreateRequest()
        item.ItemToMonitor.NodeId = node_of(client, small, "E_B010.value").nodeid
        item.ItemToMonitor.AttributeId = ua.AttributeIds.Value
        items.ItemsToCreate = [item]
        client.uaclient.create_monitored_items(items)
        index = small.signal_index["E_B010.value"]
        assert bare.listeners(index) == 1
        for count in range(100):
            bare.write([Change(index, START_NS + count, count)])
            time.sleep(0.01)
        assert bare.listeners(index) == 0
