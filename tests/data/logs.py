"""A stream to log, made from a number: arrivals with gaps, late samples, texts and integers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from data.line_file import load_line
from data.samples import Event, Flag, SampleBlock, Samples, TextTable, ValueType, empty, event
from data.sequencer import Sequencer
from data.shift_log import ShiftLogWriter

SECOND = 1_000_000_000
T0 = 1_772_402_400 * SECOND - 1500 * SECOND  # an hour of plant time ends within the stream
LINE = load_line("small")


def arrivals(texts: TextTable, seed: int, count: int, step_s: float = 1.0) -> Iterator[Samples]:
    """``count`` blocks as a server might send them, ``step_s`` apart."""
    random = np.random.default_rng(seed)
    signals = len(LINE.signals)
    for number in range(count):
        receive_ns = T0 + int(number * step_s * SECOND)
        if number % 97 == 50:
            yield event(Event.GAP_BEGIN, receive_ns)
            continue
        if number % 97 == 55:
            yield event(Event.GAP_END, receive_ns)
            continue
        rows = empty(int(random.integers(1, signals)))
        size = rows.shape[0]
        rows["signal"] = random.choice(signals, size, replace=False)
        rows["receive_ns"] = receive_ns
        delay_ms = random.choice([0, 20, 300, 2_500], size, p=[0.5, 0.3, 0.15, 0.05])
        rows["time_ns"] = receive_ns - delay_ms * 1_000_000
        rows["server_ns"] = np.where(random.random(size) < 0.5, rows["time_ns"] + 3_000_000, 0)
        rows["status"] = random.choice([0, 0x4000_0000, 0x8000_0000], size, p=[0.9, 0.05, 0.05])
        rows["flags"] = np.where(random.random(size) < 0.02, int(Flag.OVERFLOW), 0)
        rows["type"] = random.choice(4, size, p=[0.02, 0.6, 0.28, 0.1])
        real = rows["type"] == ValueType.REAL
        rows["value"][real] = np.round(random.normal(50, 20, int(real.sum())), 2)
        rows["value"][real & (random.random(size) < 0.01)] = np.nan
        rows["exact"] = random.integers(-(2**60), 2**60, size)
        for i in np.flatnonzero(rows["type"] == ValueType.TEXT):
            rows["exact"][i] = texts.intern(f"车 {random.integers(0, 300)}")
        yield rows


def sequenced(seed: int, count: int, texts: TextTable) -> Samples:
    """What the sequencer makes of the whole stream."""
    order = Sequencer(LINE, texts)
    parts = [order.push(SampleBlock(rows, texts)).samples for rows in arrivals(texts, seed, count)]
    return np.concatenate([*parts, order.flush().samples])


def write(path: Path, seed: int, count: int, *, close: bool = True) -> ShiftLogWriter:
    """Logs the stream as a live session does."""
    texts = TextTable()
    order = Sequencer(LINE, texts)
    log = ShiftLogWriter(path, LINE, texts, books_text="book", meta={"a": "b"}, order=order)
    for rows in arrivals(texts, seed, count):
        block = SampleBlock(rows, texts)
        log.arrived(block)
        log.sequenced(order.push(block))
    if close:
        log.sequenced(order.flush())
        log.close()
    return log


def content(rows: Samples, texts: TextTable) -> list[tuple[object, ...]]:
    """All that a log keeps of samples to the bit; server time to the millisecond."""
    fields = ["signal", "type", "flags", "status", "time_ns", "receive_ns", "order_ns"]
    text = rows["type"] == ValueType.TEXT
    exact = [
        texts[x] if is_text else x
        for x, is_text in zip(rows["exact"].tolist(), text.tolist(), strict=True)
    ]
    server_ms = ((rows["server_ns"] + 500_000) // 1_000_000).tolist()
    bits = rows["value"].view("<i8").tolist()
    return list(zip(*(rows[name].tolist() for name in fields), exact, server_ms, bits, strict=True))


def write_until_killed(path: Path, seed: int, told: Path) -> None:
    """Logs on and on; tells how many arrivals were handed over, and how many must be on disk."""
    texts = TextTable()
    order = Sequencer(LINE, texts)
    log = ShiftLogWriter(path, LINE, texts, books_text="", meta={}, order=order)
    handed: list[float] = []
    tell = told.open("w", buffering=1)
    for rows in arrivals(texts, seed, 1_000_000):
        block = SampleBlock(rows, texts)
        log.arrived(block)
        log.sequenced(order.push(block))
        now = time.monotonic()
        handed.append(now)
        safe = sum(at <= now - 1.0 for at in handed[-4000:]) + max(0, len(handed) - 4000)
        tell.write(f"{len(handed)} {safe}\n")
        time.sleep(0.004)
