"""CPU time per sample of the mirror: its compiled kernel beside the plain-Python reference.

Both take the same stream in turns, and must book the same cells; the figure is the ratio.
Run as ``python -m tests.bench.bench_mirror [--check]``; ``--check`` is short and fails below a
ratio that leaves room for a busy machine.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time

import numpy as np

from data.factors import Books
from data.samples import Event, SampleBlock
from tests.twin.streams import Stream, two_stations
from twin.ledger import close, export_columns
from twin.mirror import Mirror

LEAST_RATIO = 20.0  # with --check
STATES = ("processing", "processing", "processing", "blocked", "starved", "idle")


def steady_shift(seconds: int) -> SampleBlock:
    """Two stations and their meters at 1 Hz: states every 10 s, vehicles every minute."""
    stream = Stream(two_stations())
    random = np.random.default_rng(1)
    kw = np.round(random.uniform(2, 20, (seconds + 1, 3)), 3)
    counted = np.cumsum(kw[:, 0] / 3.6)
    stream.event(0, Event.SESSION_BEGIN)
    for second in range(seconds + 1):
        for i, station in enumerate(("S1", "S2")):
            if second % 10 == 0:
                stream.at(second, f"{station}.state", STATES[(second // 10 + 2 * i) % len(STATES)])
            if second % 60 == 0:
                stream.at(second, f"{station}.vehicle", f"V{second // 60 - i}")
        for i, meter in enumerate(("P1", "P2", "G")):
            stream.at(second, f"{meter}.value", float(kw[second, i]))
        stream.at(second, "E1.value", int(counted[second]) % 100_000)
    stream.event(seconds, Event.SESSION_END)
    return stream.block()


def measured(block: SampleBlock, compiled: bool) -> tuple[float, dict[str, list[object]]]:
    """CPU time per sample [us], and the cells that were booked."""
    line = two_stations()
    mirror = Mirror(line, Books.load(line.books, None))
    if compiled:
        mirror.warm_up()
    began = time.process_time()
    mirror.advance(block)
    spent_us = (time.process_time() - began) * 1e6
    return spent_us / len(block.samples), export_columns(close(mirror.booked()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="short, and fails below a ratio")
    check = parser.parse_args().check
    block = steady_shift(1_800 if check else 7_200)
    plain_us, compiled_us = [], []
    for _ in range(3 if check else 5):
        plain, plain_cells = measured(block, compiled=False)
        compiled, compiled_cells = measured(block, compiled=True)
        if plain_cells != compiled_cells:
            print("the compiled kernel books other cells than its reference", file=sys.stderr)
            return 1
        plain_us.append(plain)
        compiled_us.append(compiled)
    plain, compiled = statistics.median(plain_us), statistics.median(compiled_us)
    ratio = plain / compiled
    print(f"samples             {len(block.samples):10,}")
    print(f"plain Python        {plain:10.3f} us a sample")
    print(f"compiled            {compiled:10.3f} us a sample")
    print(f"ratio               {ratio:10.1f} x")
    return int(check and ratio < LEAST_RATIO)


if __name__ == "__main__":
    sys.exit(main())
