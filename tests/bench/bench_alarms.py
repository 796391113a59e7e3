"""What alarms cost as they follow a log's stream, and how many it raises.

    python -m tests.bench.bench_alarms [LOG] [--json] [--check]

Without LOG an hour of the simulated ``small``. Of the stream alone: what rests on KPIs and on the
books comes with a session's snapshots. ``--check`` fails where alarms of a line without faults
flood or chatter.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from time import process_time

from data.shift_log import ShiftLog
from data.sources.replay import ReplaySource
from main import main as greenline
from twin.alarm_figures import figures
from twin.alarms import Alarms


def measure(path: Path) -> dict[str, float | int | None]:
    """Figures of one log; samples per second of processor time, of the alarms alone."""
    with ShiftLog.open(path) as log:
        alarms = Alarms(log.line)
        samples, spent_s = 0, 0.0
        for block in ReplaySource(log, speed=None).blocks():
            began = process_time()
            alarms.advance(block)
            spent_s += process_time() - began
            samples += len(block)
    alarms.finish()
    found = figures(alarms.freeze())
    return {
        "samples": samples,
        "samples_per_s": round(samples / spent_s),
        "raised": found.raised,
        "raised_in_ten_minutes": found.per_ten_minutes,
        "most_in_ten_minutes": found.most_in_ten_minutes,
        "flood_share": found.flood_share,
        "chattering": len(found.chattering),
    }


def main() -> int:
    """Prints the figures, one a line; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log", type=Path, nargs="?")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true", help="fails where alarms flood or chatter")
    arguments = parser.parse_args()
    measured = measure(arguments.log) if arguments.log else _of_a_plant()
    if arguments.json:
        print(json.dumps(measured))
    else:
        for name, value in measured.items():
            print(f"{name:24} {value:.3g}" if isinstance(value, float) else f"{name:24} {value}")
    calm = not measured["chattering"] and not measured["flood_share"]
    return 0 if calm or not arguments.check else 1


def _of_a_plant() -> dict[str, float | int | None]:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "small.glog"
        greenline(["sim", "small", "--offline", "--duration", "3600", "--out", str(log)])
        return measure(log)


if __name__ == "__main__":
    sys.exit(main())
