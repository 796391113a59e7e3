"""Faults of the wire: the stock client sees them, offline rows have them, the truth does not."""

from __future__ import annotations

import math
import socket
import struct
import time
from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opcua import Client, ua
from opcua.common.utils import Buffer
from opcua.ua import ua_binary

from data.line import Line
from data.line_file import load_line
from data.samples import Event, Flag, SampleBlock, Samples, TextTable, ValueType
from data.sequencer import Sequencer
from plc_sim.faults import KINDS, ON_ENDPOINT
from plc_sim.live_values import encoded
from plc_sim.signals import NO_TIME
from plc_sim.source import PlantSource
from tests.plc_sim.sim_lines import START_NS, Ledger
from tests.plc_sim.test_sim_server import (
    connected,
    free_endpoint,
    node_of,
    served,
    time_ns,
    wait_for,
)

HEAD = 'format = "greenline.scenario/1"\n'
BEGIN_S, LAST_S, DURATION_S = 80, 20, 120
SIGNALS = {  # each fault on a signal of its own
    "bad_status": "P_B010.value",
    "uncertain_status": "P_B020.value",
    "frozen_value": "P_B030.value",
    "frozen_time": "P_B040.value",
    "clock_jump": "P_B050.value",
    "counter_reset": "E_B010.value",
    "counter_rollover": "E_B020.value",
    "nan": "P_B060.value",
    "inf": "P_BODY.value",
    "out_of_order": "E_B030.value",
    "duplicate": "E_B040.value",
    "node_gone": "E_B060.value",
    "burst": "E_B050.value",
    "missing": "E_BODY.value",
}
MORE = {"clock_jump": 'to = "2000-01-01"', "uncertain_status": "status = 0x40920000"}
NO_END = ("counter_reset", "counter_rollover")


class Report(NamedTuple):
    """One value as it arrived."""

    time_ns: int
    value: Any
    status: int


Reports = dict[str, list[Report]]  # by signal key, in order of arrival


def entry(kind: str, signal: str | None, at_s: float, for_s: float | None, more: str = "") -> str:
    text = f'[[fault]]\nkind = "{kind}"\nat_s = {at_s}\n{more}\n'
    text += "" if for_s is None else f"for_s = {for_s}\n"
    return text + ("" if signal is None else f'signals = "{signal}"\n')


def schedule() -> str:
    """Every fault but those of the endpoint, at the same time."""
    return HEAD + "".join(
        entry(kind, key, BEGIN_S, None if kind in NO_END else LAST_S, MORE.get(kind, ""))
        for kind, key in SIGNALS.items()
    )


@pytest.fixture(scope="module")
def small() -> Line:
    return load_line("small")


class Handler:
    """Keeps what a subscription reports."""

    def __init__(self, key_of: dict[Any, str]) -> None:
        self._key_of = key_of
        self.reports: Reports = defaultdict(list)

    def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
        value_ = data.monitored_item.Value
        report = Report(time_ns(value_.SourceTimestamp), value, value_.StatusCode.value)
        self.reports[self._key_of[node.nodeid]].append(report)


def rows_of(line: Line, text: str, folder: Path, duration_s: float = DURATION_S) -> Samples:
    """The offline rows of a plant with a schedule."""
    path = folder / "faults.toml"
    path.write_text(text)
    source = PlantSource(
        line,
        seed=1,
        start_ns=START_NS,
        duration_s=duration_s,
        faults=path,
        truth_path=folder / "t.jsonl",
    )
    return np.concatenate([block.samples for block in source.blocks()])


def reports_of(line: Line, rows: Samples) -> Reports:
    reports: Reports = defaultdict(list)
    for row in rows:
        value: Any = int(row["exact"])
        if row["type"] in (ValueType.REAL, ValueType.NONE):
            value = None if row["type"] == ValueType.NONE else float(row["value"])
        if row["signal"] >= 0 and row["type"] != ValueType.TEXT:
            key = line.signals[int(row["signal"])].key
            reports[key].append(Report(int(row["time_ns"]), value, int(row["status"])))
    return reports


@pytest.fixture(scope="module")
def offline(small: Line, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    return reports_of(small, rows_of(small, schedule(), tmp_path_factory.mktemp("offline")))


@pytest.fixture(scope="module")
def plain(small: Line, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    return reports_of(small, rows_of(small, HEAD, tmp_path_factory.mktemp("plain")))


@pytest.fixture(scope="module")
def online(small: Line, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """What a stock client was told of the same plant, served at speed 20."""
    path, endpoint = tmp_path_factory.mktemp("online") / "faults.toml", free_endpoint()
    path.write_text(schedule())
    with served(small, endpoint, faults=path, duration_s=DURATION_S) as running:
        client = Client(endpoint, timeout=5)
        client.connect()
        nodes = {key: node_of(client, small, key) for key in SIGNALS.values()}
        handler = Handler({node.nodeid: key for key, node in nodes.items()})
        client.create_subscription(100, handler).subscribe_data_change(list(nodes.values()))
        running.join()
        client.uaclient._uasocket.disconnect_socket()
        client.keepalive.stop()
    return handler.reports


@pytest.fixture(params=["offline", "online"])
def seen(request: pytest.FixtureRequest) -> Reports:
    reports: Reports = request.getfixturevalue(request.param)
    return reports


def during(reports: list[Report]) -> list[Report]:
    """What has a source time within the fault."""
    begin_ns = START_NS + BEGIN_S * 10**9
    return [r for r in reports if begin_ns <= r.time_ns < begin_ns + LAST_S * 10**9]


def after(reports: list[Report]) -> list[Report]:
    return [r for r in reports if r.time_ns >= START_NS + (BEGIN_S + LAST_S) * 10**9]


def before(reports: list[Report]) -> list[Report]:
    return [r for r in reports if r.time_ns < START_NS + BEGIN_S * 10**9]


def same(one: list[Report], other: list[Report]) -> bool:
    return repr(one) == repr(other)  # NaN is NaN


def test_the_client_sees_what_the_offline_rows_say(offline, online):
    assert set(online) == set(SIGNALS.values())
    for key, reports in online.items():
        told = [r for r in reports if r.status != 0x80340000 or r in offline[key]]
        if not same(told[:1], offline[key][-len(told) :][:1]):  # it came in on what stood
            told = told[1:]
        assert len(told) > 20, key
        assert same(told, offline[key][-len(told) :]), key


def test_bad_status_has_no_value_and_ends(seen):
    reports = seen[SIGNALS["bad_status"]]
    assert len(during(reports)) >= LAST_S
    assert {(r.value, r.status) for r in during(reports)} == {(None, 0x808C0000)}
    assert {r.status for r in before(reports) + after(reports)} == {0}
    assert after(reports)[0].time_ns == START_NS + (BEGIN_S + LAST_S) * 10**9  # sent anew


def test_uncertain_status_keeps_the_value(seen, plain):
    key = SIGNALS["uncertain_status"]
    assert {r.status for r in during(seen[key])} == {0x40920000}
    values = {r.time_ns: r.value for r in during(seen[key])}
    assert all(values[r.time_ns] == r.value for r in during(plain[key]))


def test_frozen_value_stands_while_its_time_moves(seen, plain):
    key = SIGNALS["frozen_value"]
    assert {r.value for r in during(seen[key])} == {before(seen[key])[-1].value}
    assert [r.time_ns for r in during(seen[key])] == [r.time_ns for r in during(plain[key])]


def test_frozen_time_stands_while_the_value_moves(seen, plain):
    key = SIGNALS["frozen_time"]
    stood_ns = before(plain[key])[-1].time_ns
    frozen = [r.value for r in seen[key] if r.time_ns == stood_ns][1:]
    assert frozen == [r.value for r in during(plain[key])]
    assert len(set(frozen)) > 3


def test_a_clock_of_the_year_2000_runs_on(seen, plain):
    key = SIGNALS["clock_jump"]
    epoch_ns = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * 10**9
    jumped = [r for r in seen[key] if r.time_ns < START_NS - 10**15]
    off_ns = START_NS + BEGIN_S * 10**9 - epoch_ns
    assert [r._replace(time_ns=r.time_ns + off_ns) for r in jumped] == during(plain[key])


def test_a_counter_is_reset_and_counts_on(seen, plain):
    key = SIGNALS["counter_reset"]
    counted = [r.value for r in during(seen[key]) + after(seen[key])]
    assert counted[0] == 0
    assert counted == sorted(counted)
    truth = during(plain[key]) + after(plain[key])
    assert counted[-1] - counted[1] == truth[-1].value - truth[0].value


def test_a_counter_passes_its_end_shortly_after(seen, plain):
    key = SIGNALS["counter_rollover"]
    values = [r.value for r in seen[key]]
    (rolled,) = [i for i, (one, other) in enumerate(pairwise(values)) if other < one]
    begin_ns = START_NS + BEGIN_S * 10**9
    assert begin_ns - 10**9 <= seen[key][rolled].time_ns < begin_ns + 10 * 10**9
    assert values[rolled] > 99_999_900
    steps = np.diff(values[-60:]) % 100_000_000
    assert steps.tolist() == np.diff([r.value for r in plain[key][-60:]]).tolist()


@pytest.mark.parametrize("kind", ["nan", "inf"])
def test_numbers_that_are_none(seen, kind):
    reports = seen[SIGNALS[kind]]
    wrong = math.isnan if kind == "nan" else math.isinf
    assert len(during(reports)) >= LAST_S
    assert all(wrong(r.value) and r.status == 0 for r in during(reports))
    assert all(math.isfinite(r.value) for r in before(reports) + after(reports))


def test_out_of_order_loses_nothing(seen, plain):
    key = SIGNALS["out_of_order"]
    assert [r.time_ns for r in seen[key]] != sorted(r.time_ns for r in seen[key])
    assert sorted(during(seen[key])) == during(plain[key])
    late_ns = [max(0, one.time_ns - other.time_ns) for one, other in pairwise(seen[key])]
    assert max(late_ns) <= 5 * 10**9


def test_duplicates_are_the_same_twice(seen, plain):
    key = SIGNALS["duplicate"]
    assert during(seen[key])[::2] == during(seen[key])[1::2] == during(plain[key])


def test_a_node_that_is_gone_says_so_once(seen):
    reports = seen[SIGNALS["node_gone"]]
    assert during(reports) == [Report(START_NS + BEGIN_S * 10**9, None, 0x80340000)]
    assert after(reports)[0].status == 0


def test_a_burst_is_ten_times_the_rate(seen, plain):
    key = SIGNALS["burst"]
    assert len(during(plain[key])) == LAST_S
    assert len(during(seen[key])) == pytest.approx(10 * LAST_S, abs=LAST_S + 1)
    assert {r.time_ns for r in during(plain[key])} <= {r.time_ns for r in during(seen[key])}


def test_what_is_missing_is_not_there(seen):
    reports = seen[SIGNALS["missing"]]
    assert not during(reports)
    assert before(reports)
    assert len(after(reports)) >= 10


def test_a_node_that_is_gone_from_a_plain_client(small, tmp_path):
    path, endpoint = tmp_path / "f.toml", free_endpoint()
    path.write_text(HEAD + entry("node_gone", "P_BODY.value", 25, 35))
    with served(small, endpoint, faults=path), connected(endpoint) as client:
        node = node_of(client, small, "P_BODY.value")
        handler = Handler({node.nodeid: "P_BODY.value"})
        subscription = client.create_subscription(100, handler)
        item = subscription.subscribe_data_change(node)
        wait_for(lambda: any(r.status == 0x80340000 for r in handler.reports["P_BODY.value"]))
        time.sleep(0.2)
        with pytest.raises(ua.UaStatusCodeError, match="BadNodeIdUnknown"):
            node.get_value()
        with pytest.raises(ua.UaStatusCodeError, match="BadNodeIdUnknown"):
            client.create_subscription(100, handler).subscribe_data_change(node)
        wait_for(lambda: handler.reports["P_BODY.value"][-1].status == 0)
        time.sleep(0.2)
        assert node.get_value() > 0
        subscription.unsubscribe(item)


def hello(endpoint: str) -> bytes:
    """A connection's first message (Part 6, 7.1.2.3)."""
    url = endpoint.encode()
    body = struct.pack("<5Ii", 0, 65536, 65536, 0, 0, len(url)) + url
    return b"HELF" + struct.pack("<I", 8 + len(body)) + body


def test_a_half_open_connection_from_a_plain_client(small, tmp_path):
    path, endpoint = tmp_path / "f.toml", free_endpoint()
    path.write_text(HEAD + entry("half_open", None, 1.0, 2.0))
    port = int(endpoint.rsplit(":", 1)[1])
    with served(small, endpoint, faults=path, truth=tmp_path / "t.jsonl") as running:
        client = Client(endpoint, timeout=0.5)
        client.connect()
        receiver = client.uaclient._uasocket._thread
        node = node_of(client, small, "P_BODY.value")
        handler = Handler({node.nodeid: "P_BODY.value"})
        client.create_subscription(50, handler).subscribe_data_change(node)
        wait_for(lambda: any("silent" in text for text in running.said))
        time.sleep(0.1)
        told = len(handler.reports["P_BODY.value"])
        with pytest.raises(TimeoutError):
            node.get_value()
        with socket.create_connection(("127.0.0.1", port), timeout=1) as another:
            another.sendall(hello(endpoint))
            another.settimeout(0.4)
            with pytest.raises(TimeoutError):
                another.recv(1)  # open, and never an answer
        assert receiver.is_alive()
        assert len(handler.reports["P_BODY.value"]) == told
        wait_for(lambda: not receiver.is_alive())  # it is over: the old connections are cut
        client.keepalive.stop()
        with connected(endpoint) as again:
            assert node_of(again, small, "P_BODY.value").get_value() > 0
    (record,) = Ledger(tmp_path / "t.jsonl").of("fault")
    assert (record["fault"], len(record["signals"])) == ("half_open", len(small.signals))
    assert record["to_ns"] - record["from_ns"] == 2 * 20 * 10**9  # wall seconds, at speed 20


@pytest.mark.parametrize("kind", ON_ENDPOINT)
def test_an_endpoint_that_is_away_is_a_gap_offline(small, tmp_path, kind):
    rows = rows_of(small, HEAD + entry(kind, None, 10, 5), tmp_path, 30)
    begin, end = np.flatnonzero(rows["signal"] < Event.SESSION_END)
    assert (rows["signal"][begin], rows["signal"][end]) == (Event.GAP_BEGIN, Event.GAP_END)
    assert end == begin + 1
    assert rows["receive_ns"][end] - rows["receive_ns"][begin] == 5 * 10**9


def test_the_ledger_names_every_fault_with_its_signals_and_times(small, tmp_path):
    rows_of(small, schedule(), tmp_path)
    ledger = Ledger(tmp_path / "t.jsonl")
    found = {record["fault"]: record for record in ledger.of("fault")}
    assert {kind: record["signals"] for kind, record in found.items()} == {
        kind: [key] for kind, key in SIGNALS.items()
    }
    begin_ns, end_ns = START_NS + BEGIN_S * 10**9, START_NS + DURATION_S * 10**9
    for kind, record in found.items():
        to_ns = end_ns if kind in NO_END else begin_ns + LAST_S * 10**9
        assert (record["from_ns"], record["to_ns"]) == (begin_ns, to_ns)
        assert set(record) == {"kind", "fault", "signals", "from_ns", "to_ns"}
    assert ledger.records[-1]["kind"] == "end"


def test_the_same_faults_make_the_same_rows(small, tmp_path):
    one, other = (rows_of(small, schedule(), tmp_path) for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_a_fault_moves_no_other_signal(small, tmp_path, plain):
    text = HEAD + entry("out_of_order", "*_B010.value", 5, 60) + entry("burst", "E_BODY.*", 9, 9)
    reports = reports_of(small, rows_of(small, text, tmp_path))
    for key in plain:
        if "B010.value" not in key and key != "E_BODY.value":
            assert reports[key] == plain[key]


ENTRIES = st.builds(
    lambda kind, at_s, for_s: entry(
        kind,
        None,
        at_s,
        None if kind in NO_END else for_s,
        "jump_s = -7.5" if kind == "clock_jump" else "",
    ),
    st.sampled_from([kind for kind in KINDS if kind not in ON_ENDPOINT]),
    st.sampled_from([0, 3.7, 20]),
    st.sampled_from([0.5, 11, 100]),
)


@pytest.fixture(scope="module")
def truth(small: Line, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The ledger of the plant without faults."""
    folder = tmp_path_factory.mktemp("truth")
    rows_of(small, HEAD, folder, 40)
    return (folder / "t.jsonl").read_text("utf-8")


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(entries=st.lists(ENTRIES, max_size=4))
def test_no_fault_changes_the_truth_of_the_plant(small, tmp_path, truth, entries):
    rows_of(small, HEAD + "".join(entries), tmp_path, 40)
    records = (tmp_path / "t.jsonl").read_text("utf-8").splitlines(keepends=True)
    faults = [record for record in records if record.startswith('{"kind": "fault"')]
    assert len(faults) == len(entries)
    assert "".join(record for record in records if record not in faults) == truth


def test_a_missing_clock_is_a_value_without_source_time(small, tmp_path):
    key = "P_B010.value"
    text = f'{HEAD}[[fault]]\nkind = "no_clock"\nat_s = 80\nfor_s = 20\nsignals = "{key}"\n'
    rows = rows_of(small, text, tmp_path)
    mine = rows[rows["signal"] == small.signal_index[key]]
    without = mine[mine["time_ns"] == NO_TIME]
    assert len(without) == 20
    assert len(mine) > 110
    value = ua_binary.from_binary(ua.DataValue, Buffer(encoded(1.5, "Float", NO_TIME)))
    assert (value.Value.Value, value.SourceTimestamp) == (1.5, None)
    texts = TextTable()
    sequencer = Sequencer(small, texts)
    blocks = [sequencer.push(SampleBlock(mine, texts)), sequencer.flush()]
    settled = np.concatenate([block.samples for block in blocks])
    marked = settled[(settled["flags"] & Flag.CLOCK) != 0]
    assert len(marked) == 20
    assert (marked["time_ns"] > START_NS).all()
