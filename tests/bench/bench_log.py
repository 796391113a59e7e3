"""What a shift log costs: 600 signals at 1 Hz over 8 hours, written live, and read.

    python -m tests.bench.bench_log [--check] [--json] [--report]

Beside it, in the same run and as ratios, the same samples of the first hour in a SQLite table with
one row per sample, indexed, and in a Parquet file (where pyarrow is there). ``--report`` also takes
the log through the mirror to its report, then once more from what was kept of it.

``--check`` does the same with 60 signals over 2 hours, and fails where a log does not give back
what was written. Times are CPU seconds of the whole process unless said otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from data.factors import Books
from data.line import Line
from data.line_file import parse_line
from data.samples import SampleBlock, Samples, TextTable, ValueType, empty
from data.sequencer import Sequencer
from data.shift_log import ContentDigest, ShiftLog, ShiftLogWriter

SECOND_NS = 1_000_000_000
BEGIN_NS = 1_772_402_400 * SECOND_NS


def make_line(signals: int) -> Line:
    """A line of that many meters of one server."""
    meters = "".join(
        f"""
[[meter]]
id = "M{i}"
carrier = "electricity"
kind = "power"
unit = "kW"
covers = ["S1"]
{'parent = "M0"' if i else ""}
"""
        for i in range(signals)
    )
    text = f"""
format = "greenline.line/1"
[plant]
id = "bench"
names = {{ en = "Bench", zh = "Bench" }}
timezone = "UTC"
currency = "EUR"
[[workshop]]
id = "w"
names = {{ en = "W", zh = "W" }}
[[station]]
id = "S1"
workshop = "w"
names = {{ en = "S1", zh = "S1" }}
{meters}
[[source]]
id = "plc"
kind = "opcua"
url = "opc.tcp://127.0.0.1:4840"
[[signal]]
source = "plc"
for = "M*"
role = "value"
node = "ns=2;s={{meter}}"
"""
    return parse_line(text, "bench")


def ticks(signals: int, seconds: int) -> Iterator[Samples]:
    """One block a second: powers that step and are noisy, counters, states; ms source times."""
    random = np.random.default_rng(1)
    index = np.arange(signals)
    kind = index % 3  # 0 power, 1 counter, 2 state
    level = random.uniform(5, 80, signals)
    counter = np.zeros(signals)
    state = random.integers(0, 7, signals)
    lag_ms = random.integers(5, 400, signals)
    for tick in range(seconds):
        changed = random.random(signals) < 0.02
        level[changed] = random.uniform(5, 80, int(changed.sum()))
        state[changed] = random.integers(0, 7, int(changed.sum()))
        power = np.round(level * random.normal(1, 0.01, signals), 2)
        counter += np.round(power / 3.6) / 1000
        receive_ns = BEGIN_NS + tick * SECOND_NS + 7_000_000
        rows = empty(signals)
        rows["signal"], rows["receive_ns"] = index, receive_ns
        rows["time_ns"] = receive_ns - (lag_ms + random.integers(0, 3, signals)) * 1_000_000
        rows["server_ns"] = rows["time_ns"]
        rows["type"] = np.where(kind == 2, ValueType.INTEGER, ValueType.REAL)
        rows["value"] = np.where(kind == 0, power, np.round(counter, 3))
        rows["exact"] = state
        yield rows


def measure(signals: int, seconds: int, folder: Path, *, report: bool) -> dict[str, float]:
    """Writes a shift and reads it back."""
    line, texts, path = make_line(signals), TextTable(), folder / "bench.glog"
    blocks = [SampleBlock(rows, texts) for rows in ticks(signals, seconds)]
    total = signals * seconds
    order = Sequencer(line, texts)
    books = Books.load(line.books, None).to_toml()
    log = ShiftLogWriter(path, line, texts, books_text=books, meta={}, order=order)
    digest = ContentDigest(line)
    spent = {"arrived": 0.0, "order": 0.0, "sequenced": 0.0, "digest": 0.0}

    def timed(name: str, begin_s: float) -> float:
        now_s = time.perf_counter()
        spent[name] += now_s - begin_s
        return now_s

    cpu_s = time.process_time()
    for block in blocks:
        at_s = time.perf_counter()
        log.arrived(block)
        at_s = timed("arrived", at_s)
        ordered = order.push(block)
        at_s = timed("order", at_s)
        log.sequenced(ordered)
        at_s = timed("sequenced", at_s)
        digest.update(ordered)
        timed("digest", at_s)
    last = order.flush()
    log.sequenced(last)
    digest.update(last)
    log.close()
    write_s = time.process_time() - cpu_s
    found = {
        "samples": float(total),
        "write_cpu_s": write_s,
        "share_of_a_core_percent": 100 * write_s / seconds,
        "megabytes": path.stat().st_size / 1e6,
        **{f"{name}_us_a_tick": 1e6 * value / seconds for name, value in spent.items()},
        "digest_million_samples_a_s": total / spent["digest"] / 1e6,
    }
    found |= measure_read(path, digest.hexdigest(), total)
    hour = np.concatenate([block.samples for block in blocks[:3600]])
    found |= beside(found, hour, min(seconds, 3600), path)
    return {**found, **(measure_report(path) if report else {})}


def beside(log: dict[str, float], hour: Samples, seconds: int, path: Path) -> dict[str, float]:
    """An hour's samples in other layouts; how many times as much as the log each one takes."""
    ways = {"rows": measure_rows, "parquet": measure_parquet}
    a_sample = {
        "write": log["write_cpu_s"] / log["samples"],
        "bytes": log["megabytes"] * 1e6 / log["samples"],
        "one_signal": log["one_signal_ms"] / log["samples"],
    }
    found = {}
    for name, way in ways.items():
        for what, value in way(hour, seconds, path.parent).items():
            found[f"{name}_{what}_x_log"] = value / hour.shape[0] / a_sample[what]
    return found


def measure_rows(hour: Samples, seconds: int, folder: Path) -> dict[str, float]:
    """One row per sample, indexed by signal and time, committed every minute."""
    path, signals = folder / "rows.db", hour.shape[0] // seconds
    cpu_s = time.process_time()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(
            "CREATE TABLE sample (signal INTEGER, time_ns INTEGER, value REAL, status INTEGER)"
        )
        db.execute("CREATE INDEX by_signal ON sample (signal, time_ns)")
        for start in range(0, hour.shape[0], 60 * signals):
            rows = hour[start : start + 60 * signals]
            columns = [rows[name].tolist() for name in ("signal", "time_ns", "value", "status")]
            with db:
                db.executemany("INSERT INTO sample VALUES (?, ?, ?, ?)", zip(*columns, strict=True))
    write_s = time.process_time() - cpu_s
    with closing(sqlite3.connect(path)) as db:
        begin_s = time.perf_counter()
        db.execute("SELECT time_ns, value FROM sample WHERE signal = 7").fetchall()
        one_s = time.perf_counter() - begin_s
    return {"write": write_s, "bytes": float(path.stat().st_size), "one_signal": 1000 * one_s}


def measure_parquet(hour: Samples, seconds: int, folder: Path) -> dict[str, float]:
    """One Parquet file, sorted by signal, zstd; nothing where pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        return {}
    path = folder / "samples.parquet"
    cpu_s = time.process_time()
    rows = hour.take(np.argsort(hour["signal"], kind="stable"))
    names = ("signal", "time_ns", "value", "status")
    columns = {name: np.ascontiguousarray(rows[name]) for name in names}
    table = pyarrow.table(columns)
    parquet.write_table(table, path, compression="zstd", row_group_size=seconds)
    write_s = time.process_time() - cpu_s
    begin_s = time.perf_counter()
    parquet.read_table(path, filters=[("signal", "=", 7)])
    one_s = time.perf_counter() - begin_s
    return {"write": write_s, "bytes": float(path.stat().st_size), "one_signal": 1000 * one_s}


def measure_report(path: Path) -> dict[str, float]:
    """From the log to its report: through the mirror, then from what was kept; kernels are warm."""
    from ui.cli.logs import booked_log

    os.environ["GREENLINE_CACHE_DIR"] = str(path.parent / "cache")
    found = {}
    for name in ("first", "mirrored", "kept"):
        if name != "kept":
            shutil.rmtree(path.parent / "cache", ignore_errors=True)
        begin_s, cpu_s = time.perf_counter(), time.process_time()
        booked_log(path).report()
        found[f"report_{name}_s"] = time.perf_counter() - begin_s
        found[f"report_{name}_cpu_s"] = time.process_time() - cpu_s
    return found


def measure_read(path: Path, digest: str, total: int) -> dict[str, float]:
    """Reads the whole log, and one signal."""
    with ShiftLog.open(path) as log:
        begin_s = time.perf_counter()
        count = sum(len(block) for block in log.blocks())
        whole_s = time.perf_counter() - begin_s
        begin_s = time.perf_counter()
        one = log.signal(7)
        one_s = time.perf_counter() - begin_s
        if count != total + 2 or one.shape[0] == 0:
            sys.exit(f"the log holds {count} rows, {total + 2} were written")
        if log.content_digest() != digest or not log.recovered.clean:
            sys.exit("the log does not give back what was written")
    return {"whole_read_s": whole_s, "one_signal_ms": 1000 * one_s}


def main() -> None:
    """Measures, and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="the short form")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--report", action="store_true", help="log to report, too")
    given = parser.parse_args()
    signals, hours = (60, 2) if given.check else (600, 8)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(signals, hours * 3600, Path(folder), report=given.report)
    if given.json:
        print(json.dumps(found, indent=2))
    else:
        for name, value in found.items():
            print(f"{name:32} {value:14,.3f}")


if __name__ == "__main__":
    main()
