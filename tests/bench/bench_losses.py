"""How often losses and bottleneck agree with the simulated plant's truth, over seeds.

    python -m tests.bench.bench_losses [LOG...] [--seeds N] [--hours H] [--line small] [--check]

For each seed a plain run, and on ``small`` one run for each station with that station 25 % slower.
Prints the part of the lost minutes that are charged to the same station and cause, and how often
each method names the bottleneck that the plant's reruns found. With logs, whose truth ledgers lie
beside them (``x.jsonl`` of ``x.glog``), these take the place of the runs. ``--check`` is one seed
and a quarter of an hour, and fails where less than LEAST_ALIKE of the minutes are charged alike.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from data.line_file import load_line
from main import place_caches
from tests.twin.plant_runs import Run, run_plant
from tests.twin.test_losses import charged_alike
from twin import bottleneck
from ui.cli.logs import booked_log

SLOW = '[[event]]\nkind = "slow"\nstations = "{station}"\nat_s = 0\nfactor = 1.25\n'


LEAST_ALIKE = 0.9  # with --check


def main() -> int:
    """Prints a line for each run, and the sums; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", nargs="*", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--line", default="small")
    parser.add_argument("--check", action="store_true", help="short, and fails below a share")
    arguments = parser.parse_args()
    if arguments.check:
        arguments.seeds, arguments.hours = 1, 0.25
    least = 1.0
    named: Counter[str] = Counter()
    spans = 0
    runs = (
        _logged(arguments.logs)
        if arguments.logs
        else _runs(arguments.line, arguments.seeds, arguments.hours)
    )
    for label, run in runs:
        alike = charged_alike(run, {station.id for station in run.booked.line.stations})
        least = min(least, alike)
        print(f"{label}: {alike:.1%} of the lost minutes charged alike")
        for truth in run.records["bottleneck"]:
            end_ns = min(truth["to_ns"], run.booked.to_ns)
            found = bottleneck.find(run.booked, run.spells, truth["from_ns"], end_ns)
            spans += 1
            ties = run.records.get("alike", [])
            right = [truth["station"]]
            right += [each["station"] for each in ties if each["from_ns"] == truth["from_ns"]]
            named["answer"] += found.station in right
            named["critical path"] += found.critical_path.station in right
            named["turning point"] += found.turning_point.station in right
            named["active period"] += found.active_period.station in right
            print(f"  bottleneck {' or '.join(right)}, found {found.station} {found.certainty:.2f}")
    for method, count in named.items():
        print(f"{method}: {count} of {spans} spans")
    return 1 if arguments.check and least < LEAST_ALIKE else 0


def _logged(logs: Iterable[Path]) -> Iterator[tuple[str, Run]]:
    place_caches()
    for path in logs:
        yield path.name, Run(booked_log(path).ledger, path.with_suffix(".jsonl"))


def _runs(line: str, seeds: int, hours: float) -> Iterator[tuple[str, Run]]:
    slowed = [station.id for station in load_line(line).stations] if line == "small" else []
    for seed in range(1, seeds + 1):
        for station in (None, *slowed):
            scenario = None if station is None else SLOW.format(station=station)
            with tempfile.TemporaryDirectory() as folder:
                run = run_plant(
                    Path(folder),
                    line,
                    hours * 3600,
                    seed=seed,
                    scenario=scenario,
                    reruns=True,
                )
                yield f"seed {seed}, {station or 'nothing'} slower", run


if __name__ == "__main__":
    sys.exit(main())
