"""The flow kernels beside SimPy and C, in turns on one pinned core; ratios of medians.

    python -m tests.bench.bench_flow [--check] [--json] [--rounds N]

The case: 60 stations in series, 59 buffers of 1 to 4 (20 between workshops), 3 variants, 480
vehicles, exponential failures, standby and warm-up, seconds by station and state for 3 carriers.
SimPy gets its draws made beforehand, the kernels draw for themselves; all leave at the same times
and book the same seconds, which is checked. The C twin is built where there is a compiler. Then
two threads, what compiling costs, and 10 to 1,000 stations.

``--check`` is a short form, and fails where results differ or a ratio falls far below its goal.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import main as greenline

greenline.place_caches()

import numpy as np  # noqa: E402

from tests.bench.flow_rival import draw, run_simpy  # noqa: E402
from twin import flow  # noqa: E402
from twin.flow_arrays import fresh, graph_of, serial_of  # noqa: E402
from twin.flow_model import STATES, Cycle, FlowModel, Item, StationModel, WayModel  # noqa: E402
from twin.kernels.flow_graph import events  # noqa: E402
from twin.kernels.flow_lanes import LANES, lanes  # noqa: E402
from twin.kernels.flow_rows import in_rows  # noqa: E402
from twin.kernels.flow_serial import Serial  # noqa: E402
from twin.kernels.flow_tables import Graph  # noqa: E402

SEED, RUN = 7, 3
# Neither changes a bit; without them gcc calls sqrt and floor one by one.
LOOSE = ("-fno-math-errno", "-fno-trapping-math")
BATCHES = 4  # of LANES replications in one timing
GOALS = {"monte_carlo": 1500.0, "single": 1000.0, "graph": 100.0}
LEAST = {"monte_carlo": 300.0, "single": 60.0, "graph": 15.0}  # with --check, on a busy machine
COMPILE = """
import time, main, os, tempfile
os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp()
import numba
from tests.bench import bench_flow as bench
model = bench.case(4, 4)
began = time.process_time()
bench.{call}
print(time.process_time() - began)
"""


def case(stations: int = 60, vehicles: int = 480) -> FlowModel:
    """The line of the measurements, drawn once."""
    random = np.random.default_rng(1)
    room = random.integers(1, 5, stations)
    for workshop in (1, 2, 3):
        room[min(stations - 1, workshop * stations // 4 - 1)] = 20
    mode_s = random.uniform(44, 52, (stations, 1)) * np.array([1.0, 1.03, 0.95])
    variant = random.choice(3, vehicles, p=[0.5, 0.3, 0.2])
    mtbf_s, mttr_s = random.uniform(2, 6, stations) * 3600, random.uniform(60, 300, stations)
    sleeps, wake_s = random.random(stations) < 0.7, random.uniform(5, 15, stations)
    base_kw = random.uniform(5, 120, (stations, 1, 1)) * np.array([1, 0.6, 0.2])
    share = np.array([0, 0.12, 0.8, 0.45, 0.45, 0.3, 0.2, 1.0, 1.08, 0.93])
    made = [
        StationModel(
            id=f"S{s}",
            cycles=tuple(Cycle(0.92 * m, m, 1.15 * m) for m in mode_s[s].tolist()),
            mtbf_s=float(mtbf_s[s]),
            mttr_s=float(mttr_s[s]),
            standby_after_s=90.0 if sleeps[s] else None,
            wake_s=float(wake_s[s]),
            off=True,
        )
        for s in range(stations)
    ]
    return FlowModel(
        stations=tuple(made),
        ways=tuple(
            WayModel(origin=s, target=s + 1, room=int(room[s])) for s in range(stations - 1)
        ),
        items=tuple(
            Item(variant=int(v), station=0, release_s=60.0 * i) for i, v in enumerate(variant)
        ),
        variants=("a", "b", "c"),
        carriers=("electricity", "natural_gas", "compressed_air"),
        power_kw=base_kw * share[: len(STATES) + 3, None],
    )


def run_lanes(model: FlowModel, m: Serial, first: int = 0) -> np.ndarray:
    """A batch of LANES replications, and its energy."""
    return flow.energy_kwh(model, lanes(m, SEED, first, LANES)[0]).sum(axis=(1, 2))


def run_single(model: FlowModel, m: Serial) -> tuple[np.ndarray, np.ndarray]:
    """One replication, and its energy."""
    leave_s = np.empty((m.variant.shape[0], m.room.shape[0]))
    seconds = np.zeros(model.power_kw.shape[:2])
    in_rows(m, SEED, RUN, leave_s, seconds)
    flow.energy_kwh(model, seconds).sum(axis=(0, 1))
    return leave_s, seconds


def run_graph(model: FlowModel, template: Graph) -> np.ndarray:
    """One replication by events, and its energy."""
    m = fresh(template)
    events(m, np.uint64(SEED), RUN)
    flow.energy_kwh(model, m.booking.seconds).sum(axis=(0, 1))
    return m.booking.seconds


def build_c(folder: Path) -> Callable[[Serial, int], np.ndarray] | None:
    """The C twin of the lanes; None where there is no compiler."""
    compiler = shutil.which("gcc") or shutil.which("clang") or shutil.which("cc")
    if compiler is None:
        return None
    source, built = Path(__file__).with_name("flow_lanes.c"), folder / "flow_lanes.so"
    options = ["-O3", "-march=native", "-ffp-contract=off", *LOOSE, "-shared", "-fPIC"]
    subprocess.run([compiler, *options, str(source), "-o", str(built), "-lm"], check=True)
    library = ctypes.CDLL(str(built))

    def run(m: Serial, first: int) -> np.ndarray:
        stations, variants = m.shapes.shape[:2]
        seconds = np.zeros((LANES, stations, len(STATES) + variants))
        arrays = (
            m.shapes, m.room, m.standby_s, m.wake_s, m.mtbf_s, m.mttr_s, m.variant, m.release_s,
        )  # fmt: skip
        library.run_lanes(
            *(ctypes.c_int64(n) for n in (m.variant.shape[0], stations, variants)),
            ctypes.c_uint64(SEED),
            ctypes.c_int64(first),
            *(a.ctypes.data_as(ctypes.c_void_p) for a in (*arrays, seconds)),
        )
        return seconds

    return run


def cpu_us(work: Callable[[], object], times: int = 1) -> float:
    """CPU time of one call [us]."""
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e6


def agree(model: FlowModel, m: Serial, twin_c: Callable[[Serial, int], np.ndarray] | None) -> None:
    """All engines leave at the same times and book the same seconds, or this exits."""
    leave_s, seconds = run_single(model, m)
    simpy_leave_s, simpy_seconds = run_simpy(m, draw(m, SEED, RUN))
    kept_s = np.zeros((LANES, *leave_s.shape))
    by_lane, _ = lanes(m, SEED, 0, LANES, kept_s)
    same = [
        np.array_equal(leave_s, np.array(simpy_leave_s)),
        np.array_equal(seconds, np.array(simpy_seconds)),
        np.array_equal(kept_s[RUN], leave_s),
        np.array_equal(by_lane[RUN], seconds),
        np.array_equal(run_graph(model, graph_of(model)), seconds),
        twin_c is None or np.array_equal(twin_c(m, 0), by_lane),
    ]
    if not all(same):
        sys.exit(f"the engines differ (departures and seconds of SimPy, lanes, graph, C): {same}")


def measure(model: FlowModel, rounds: int, folder: Path) -> dict[str, float]:
    """Medians of interleaved rounds: microseconds a shift, and ratios."""
    m = serial_of(model)
    twin_c, drawn, template = build_c(folder), draw(m, SEED, RUN), graph_of(model)
    agree(model, m, twin_c)
    engines: dict[str, tuple[Callable[[], object], int, int]] = {
        "simpy": (lambda: run_simpy(m, drawn), 1, 1),
        "monte_carlo": (lambda: run_lanes(model, m), BATCHES, LANES),
        "single": (lambda: run_single(model, m), 10, 1),
        "graph": (lambda: run_graph(model, template), 10, 1),
    }
    if twin_c is not None:
        engines["monte_carlo_c"] = (lambda: twin_c(m, 0), BATCHES, LANES)
    spent: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name, (work, times, replications) in engines.items():
            spent[name].append(cpu_us(work, times) / replications)
    found = {f"{name}_us": statistics.median(values) for name, values in spent.items()}
    for name in GOALS:
        pairs = zip(spent["simpy"], spent[name], strict=True)
        found[f"{name}_x_simpy"] = statistics.median(simpy / own for simpy, own in pairs)
    if twin_c is not None:
        pairs = zip(spent["monte_carlo"], spent["monte_carlo_c"], strict=True)
        found["monte_carlo_numba_to_c"] = statistics.median(own / c for own, c in pairs)
    return found


def two_cores(model: FlowModel, rounds: int) -> float:
    """How much faster two threads are; wall time, on all cores."""
    ratios = []
    for _ in range(rounds):
        walls = []
        for threads in (1, 2):
            began = time.perf_counter()
            flow.simulate(model, 8 * LANES, SEED, threads=threads)
            walls.append(time.perf_counter() - began)
        ratios.append(walls[0] / walls[1])
    return statistics.median(ratios)


def scaling(sizes: tuple[int, ...], rounds: int) -> dict[str, float]:
    """Nanoseconds a cell (vehicle at a station) of the lanes, by the number of stations."""
    found = {}
    for stations in sizes:
        model = case(stations, 240)
        m = serial_of(model)
        spent = [cpu_us(lambda m=m, model=model: run_lanes(model, m)) for _ in range(rounds + 1)]
        cells = LANES * stations * 240
        found[f"ns_a_cell_{stations}_stations"] = statistics.median(spent[1:]) * 1e3 / cells
    return found


def compile_s() -> dict[str, float]:
    """CPU seconds to compile each kernel, in a process of its own without a cache."""
    calls = {
        "single": "run_single(model, bench.serial_of(model))",
        "monte_carlo": "run_lanes(model, bench.serial_of(model))",
        "graph": "run_graph(model, bench.graph_of(model))",
    }
    return {
        f"compile_{name}_s": float(
            subprocess.run(
                [sys.executable, "-c", COMPILE.format(call=call)],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for name, call in calls.items()
    }


def pin(cores: set[int] | None) -> None:
    """To these cores, where the system can."""
    if hasattr(os, "sched_setaffinity") and cores:
        os.sched_setaffinity(0, cores)


def machine() -> str:
    """What this ran on."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def main() -> int:
    """Measures, and prints; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--check", action="store_true", help="short, and fails below a ratio")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    every = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    pin({min(every)} if every else None)
    with tempfile.TemporaryDirectory() as folder:
        model = case(12, 60) if given.check else case()
        found = measure(model, 1 if given.check else given.rounds, Path(folder))
    if not given.check:
        found |= scaling((10, 60, 200, 1000), given.rounds)
        pin(every)
        found["two_threads_x_one"] = two_cores(model, given.rounds)
        found |= compile_s()
    if given.json:
        print(json.dumps({"machine": machine(), **found}, indent=2))
    else:
        print(machine())
        for name, value in found.items():
            print(f"{name:32} {value:14,.2f}")
    return int(given.check and any(found[f"{n}_x_simpy"] < least for n, least in LEAST.items()))


if __name__ == "__main__":
    sys.exit(main())
