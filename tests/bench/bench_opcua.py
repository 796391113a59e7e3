"""CPU time per value change: our OPC UA source beside the ``opcua`` client as it comes.

Both clients take turns at one server, which runs in a process of its own; the figure is the ratio.
Run as ``python -m tests.bench.bench_opcua [--check]``; ``--check`` is short and fails below a
ratio that leaves room for a busy machine.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from opcua import Client, Server, ua

from data.sources.opcua_decode import shared_compiler
from data.sources.opcua_source import OpcuaSource
from tests.peers.peer_node import free_port
from tests.peers.peer_watch import line_of

PUBLISHING_MS = 100
LEAST_RATIO = 8.0  # with --check; the goal of the long run is 20


@dataclass(frozen=True)
class Cost:
    """What one client took in, and the CPU time of its process for it."""

    changes: int
    cpu_s: float
    wall_s: float

    @property
    def us_per_change(self) -> float:
        return self.cpu_s / self.changes * 1e6


def serve(port: int, nodes: int) -> None:
    """Serves ``nodes`` Doubles that all change five times a second, until standard input ends."""
    server = Server()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    objects = server.get_objects_node()
    variables = [
        objects.add_variable(ua.NodeId(f"X{i}", 2), f"X{i}", float(i)) for i in range(nodes)
    ]
    server.start()
    ended = threading.Event()
    threading.Thread(target=_await_end, args=(ended,), daemon=True).start()
    print("ready", flush=True)
    step = 0.0
    while not ended.wait(0.2):
        step += 1.0
        for variable in variables:
            variable.set_value(step)
    server.stop()


def _await_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


class Counter:
    """A handler of the stock client that does nothing but count."""

    def __init__(self) -> None:
        self.changes = 0

    def datachange_notification(self, node: object, value: object, data: object) -> None:
        self.changes += 1


def measure(count: Callable[[], int], seconds: float) -> Cost:
    """The cost of the changes that come in so many seconds, after the initial values."""
    time.sleep(1.5)
    before, cpu_s, begin_s = count(), time.process_time(), time.monotonic()
    time.sleep(seconds)
    return Cost(count() - before, time.process_time() - cpu_s, time.monotonic() - begin_s)


def stock_client(url: str, nodes: int, seconds: float) -> Cost:
    """The library's own subscription."""
    client, counter = Client(url), Counter()
    client.connect()
    try:
        subscription = client.create_subscription(PUBLISHING_MS, counter)
        found = [client.get_node(ua.NodeId(f"X{i}", 2)) for i in range(nodes)]
        for first in range(0, nodes, 500):
            subscription.subscribe_data_change(found[first : first + 500])
        return measure(lambda: counter.changes, seconds)
    finally:
        client.disconnect()


def our_source(url: str, nodes: int, seconds: float) -> Cost:
    """Our source, its blocks taken by a thread that counts their rows."""
    names = {f"X{i}": f"ns=2;s=X{i}" for i in range(nodes)}
    source = OpcuaSource(
        line_of(url, names, publishing_ms=PUBLISHING_MS, sampling_ms=PUBLISHING_MS)
    )
    rows = [0]

    def take() -> None:
        for block in source.blocks():
            rows[0] += int((block.samples["signal"] >= 0).sum())

    thread = threading.Thread(target=take)
    thread.start()
    deadline_s = time.monotonic() + 60
    while rows[0] < nodes and time.monotonic() < deadline_s:
        time.sleep(0.05)
    try:
        shared_compiler().wait()
        return measure(lambda: rows[0], seconds)
    finally:
        source.stop()
        thread.join()


def show(name: str, costs: list[Cost]) -> float:
    """Prints a client's line; gives its microseconds per change."""
    median = statistics.median(cost.us_per_change for cost in costs)
    rate = sum(cost.changes for cost in costs) / sum(cost.wall_s for cost in costs)
    print(f"{name:24s} {median:8.2f} us of CPU per change   {rate:8.0f} changes/s")
    return median


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="short, and fails below a ratio")
    parser.add_argument("--serve", nargs=2, type=int, metavar=("PORT", "NODES"))
    options = parser.parse_args()
    if options.serve:
        serve(*options.serve)
        return 0
    nodes, seconds, rounds = (500, 3.0, 1) if options.check else (2000, 6.0, 3)
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.bench_opcua", "--serve", str(port), str(nodes)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdout.readline()
        url = f"opc.tcp://127.0.0.1:{port}"
        stock, ours = [], []
        for _ in range(rounds):
            stock.append(stock_client(url, nodes, seconds))
            ours.append(our_source(url, nodes, seconds))
        server.stdin.close()
        server.wait()
    ratio = show("opcua as it comes", stock) / show("our source", ours)
    print(f"ratio {ratio:.1f}")
    return 1 if options.check and ratio < LEAST_RATIO else 0


if __name__ == "__main__":
    sys.exit(main())
