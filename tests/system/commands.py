"""The program as a person starts it: processes, files, exit statuses."""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import main

ROOT = Path(__file__).parents[2]


def command(*arguments: object) -> list[str]:
    """The command line of one greenline command."""
    return [sys.executable, str(ROOT / "main.py"), *map(str, arguments)]


def greenline(*arguments: object, timeout_s: float = 240) -> subprocess.CompletedProcess[str]:
    """Runs one command to its end."""
    environment = {**os.environ, "PYTHONFAULTHANDLER": "1"}
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env=environment,
        check=False,
    )


def greenline_here(*arguments: object) -> None:
    """Runs one command within this process, which has its kernels compiled already."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        status = main.main([str(argument) for argument in arguments])
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert status == 0, f"exit status {status} of {arguments}"


def free_endpoint() -> str:
    """An endpoint on loopback that nobody serves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"opc.tcp://127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def plant(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """``greenline sim`` in the background, ended by SIGTERM; it answers when this is entered."""
    process = subprocess.Popen(command("sim", *arguments), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    first = process.stderr.readline()
    reader = threading.Thread(target=process.stderr.read, daemon=True)
    reader.start()
    try:
        assert first.startswith("serving"), first
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        reader.join()
        process.stderr.close()


def read_report(path: Path) -> dict[str, Any]:
    """A report as JSON."""
    loaded: dict[str, Any] = json.loads(path.read_bytes())
    return loaded


def utc_ns(text: str) -> int:
    """A report's time in UTC nanoseconds."""
    return round(datetime.fromisoformat(text).timestamp() * 1e6) * 1000


def processing_kwh(log: Path, folder: Path) -> dict[tuple[str, str], float]:
    """Direct electricity by (vehicle, station), from the exported ledger alone [kWh]."""
    table = folder / f"{log.stem}-ledger.csv"
    done = greenline("export", log, "--what", "ledger", "--out", table)
    assert done.returncode == 0, done.stderr
    found: dict[tuple[str, str], float] = {}
    with table.open(newline="", encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            if row["state"] == "processing" and row["carrier"] == "electricity":
                key = (row["vehicle"], row["station"])
                found[key] = found.get(key, 0.0) + float(row["kwh"])
    return found


def true_visits(truth: Path) -> dict[str, list[dict[str, Any]]]:
    """The truth ledger's visits by vehicle."""
    visits: dict[str, list[dict[str, Any]]] = {}
    for line in truth.read_text().splitlines():
        record = json.loads(line)
        if record["kind"] == "visit":
            visits.setdefault(record["vehicle"], []).append(record)
    return visits


def whole_vehicles(truth: Path, report: dict[str, Any], stations: int) -> dict[str, float]:
    """True processing energy of the vehicles whose every visit lies inside the report [kWh]."""
    begin, end = utc_ns(report["from"]), utc_ns(report["to"])
    return {
        vehicle: sum(visit["kwh"]["electricity"]["processing"] for visit in visits)
        for vehicle, visits in true_visits(truth).items()
        if len(visits) == stations
        and all(v["enter_ns"] >= begin and v["leave_ns"] and v["leave_ns"] <= end for v in visits)
    }
