"""Starts and speaks to the node-opcua server of tests/peers/node, and knows its energy."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "node"
URI = "urn:peer:line"
READY_S = 60.0
ANSWER_S = 10.0


def why_missing() -> str | None:
    """Why the peer cannot run here, None where it can."""
    if shutil.which("node") is None:
        return "node is not installed: the node-opcua peer does not run here"
    if not (HERE / "node_modules" / "node-opcua").is_dir():
        return "tests/peers/node has no node_modules: run `npm ci` there"
    return None


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Schedule:
    """Power in W that goes through ``levels_w``, ``step_ms`` each, again and again."""

    step_ms: int = 1000
    levels_w: tuple[float, ...] = (36000, 108000, 0, 72000, 18000)

    def energy_wh(self, from_ms: float, to_ms: float) -> float:
        """Energy [Wh] between two moments after the start [ms]."""
        return self._since_start_wh(to_ms) - self._since_start_wh(from_ms)

    def _since_start_wh(self, at_ms: float) -> float:
        at_ms = max(at_ms, 0.0)
        rounds, rest_ms = divmod(at_ms, self.step_ms * len(self.levels_w))
        total = rounds * sum(self.levels_w) * self.step_ms
        for level in self.levels_w:
            total += level * min(rest_ms, self.step_ms)
            rest_ms = max(rest_ms - self.step_ms, 0)
        return total / 3.6e6


class NodeServer:
    """One node-opcua server process; ``restart`` keeps its port. Options: see node/server.js."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.port = free_port()
        self.url = f"opc.tcp://127.0.0.1:{self.port}"
        self.options = {"folder": str(folder), "port": self.port, **options}
        self.schedule = Schedule(
            self.options.get("step_ms", 1000),
            tuple(self.options.get("levels_w", Schedule.levels_w)),
        )
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, **changed: Any) -> None:
        """Starts the process and waits until it answers."""
        self.options.update(changed)
        self._answers = queue.Queue()
        self._process = subprocess.Popen(
            ["node", "server.js", json.dumps(self.options)],
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        threading.Thread(
            target=self._read, args=(self._process, self._answers), daemon=True
        ).start()
        self._answer("ready", READY_S)

    def start_stepping(self) -> int:
        """Power begins to step; when that was [Unix ns]."""
        self._say("start")
        return int(self._answer("started_ms", ANSWER_S)) * 1_000_000

    def set(self, name: str, kind: str, value: Any) -> None:
        """Sets a variable, with the present as its source time."""
        self._say(f"set {name} {kind} {value if kind == 'String' else json.dumps(value)}")
        self._answer("set", ANSWER_S)

    def kill(self) -> None:
        """Ends the process at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None

    def freeze(self) -> None:
        """Stops the process as it is: its connections stay open and silent."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def restart(self, **changed: Any) -> None:
        self.kill()
        self.start(**changed)

    def _say(self, line: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _answer(self, key: str, timeout_s: float) -> Any:
        while True:
            answer = self._answers.get(timeout=timeout_s)
            if "ended" in answer:
                raise RuntimeError("the node-opcua server ended: start it by hand to see why")
            if key in answer:
                return answer[key]

    @staticmethod
    def _read(process: subprocess.Popen[str], answers: queue.Queue[dict[str, Any]]) -> None:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith("{"):
                    answers.put(json.loads(line))
        except ValueError:
            pass  # the pipe was closed by kill()
        answers.put({"ended": True})
