"""Replay: the logged stream again, in time, under control."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from data.samples import Samples, TextTable, empty
from data.shift_log import ShiftLog
from data.sources.replay import ReplaySource
from tests.data import logs
from tests.data.logs import content

SECOND = 1_000_000_000


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("replay") / "a.glog"
    logs.write(path, 1, 120)
    return path


@pytest.fixture
def log(path: Path) -> Iterator[ShiftLog]:
    with ShiftLog.open(path) as opened:
        yield opened


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def take(source: ReplaySource, clock: Clock, step_s: float, ticks: int) -> Samples:
    """What comes in so many blocks, time going on a step before each."""
    parts = [empty()]
    stream = source.blocks()
    for _ in range(ticks):
        block = next(stream, None)
        if block is None:
            break
        parts.append(block.samples)
        clock.now_s += step_s
    return np.concatenate(parts)


def whole(log: ShiftLog) -> list[tuple[object, ...]]:
    return content(np.concatenate([block.samples for block in log.blocks()]), log.texts)


@pytest.mark.parametrize("max_rows", [7, 100_000])
def test_at_most_speed_everything_comes_at_once(log: ShiftLog, max_rows: int) -> None:
    source = ReplaySource(log, speed=None, max_rows=max_rows)
    rows = np.concatenate([block.samples for block in source.blocks()])
    assert content(rows, source.texts) == whole(log)
    texts = TextTable()
    assert content(rows, source.texts) == content(logs.sequenced(1, 120, texts), texts)
    assert source.position_ns == source.span_ns[1]
    assert source.line == logs.LINE


def test_in_time_samples_come_when_they_are_due(log: ShiftLog) -> None:
    clock = Clock()
    source = ReplaySource(log, speed=10.0, clock=clock)
    begin_ns, _ = source.span_ns
    got = begin_ns
    stream = source.blocks()
    for tick in range(20):
        rows = next(stream).samples
        clock.now_s = 100.0 + tick * 0.05
        if rows.shape[0]:
            got = int(rows["order_ns"][-1])
        assert got <= begin_ns + tick * SECOND // 2
    assert got > begin_ns + 5 * SECOND


def test_a_played_log_is_complete(log: ShiftLog) -> None:
    clock = Clock()
    rows = take(ReplaySource(log, speed=200.0, clock=clock), clock, 0.5, 1000)
    assert content(rows, log.texts) == whole(log)


def test_paused_nothing_comes_and_the_position_stands(log: ShiftLog) -> None:
    clock = Clock()
    source = ReplaySource(log, speed=1.0, clock=clock)
    stream = source.blocks()
    next(stream)
    clock.now_s += 30
    source.pause()
    next(stream)
    position_ns = source.position_ns
    clock.now_s += 1000
    source.set_speed(5.0)
    assert next(stream).samples.shape[0] == 0
    assert source.position_ns == position_ns
    assert not source.playing
    source.play()
    clock.now_s += 2
    assert source.position_ns == position_ns + 10 * SECOND


def test_a_change_of_speed_goes_on_from_where_it_is(log: ShiftLog) -> None:
    clock = Clock()
    source = ReplaySource(log, speed=2.0, clock=clock)
    end_ns = source.span_ns[1]
    stream = source.blocks()
    while next(stream).samples.shape[0]:
        pass
    start_ns = source.position_ns
    clock.now_s += 10
    source.set_speed(1.0)
    clock.now_s += 10
    assert source.position_ns == start_ns + 30 * SECOND
    source.set_speed(None)
    rest = [block.samples for block in stream]
    assert rest[-1]["order_ns"][-1] == end_ns


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("paused", [False, True])
def test_a_seek_begins_anew_and_gives_all_up_to_there(
    log: ShiftLog, share: float, paused: bool
) -> None:
    clock = Clock()
    source = ReplaySource(log, speed=1.0, clock=clock, linger=True)
    stream = source.blocks()
    next(stream)
    generation = source.generation
    begin_ns, end_ns = source.span_ns
    target_ns = begin_ns + int(share * (end_ns - begin_ns))
    if paused:
        source.pause()
    source.seek(target_ns)
    assert list(stream) == []
    assert source.generation == generation + 1
    assert source.position_ns == target_ns
    parts = [empty()]
    again = source.blocks()
    while (rows := next(again).samples).shape[0]:
        parts.append(rows)
    got = content(np.concatenate(parts), log.texts)
    expected = [row for row in whole(log) if row[6] <= target_ns]  # type: ignore[operator]
    assert got == expected


def test_a_seek_beyond_the_ends_goes_to_the_ends(log: ShiftLog) -> None:
    source = ReplaySource(log, speed=1.0)
    source.seek(0)
    assert source.position_ns == source.span_ns[0]
    source.seek(2**62)
    assert source.position_ns == source.span_ns[1]


def test_at_the_end_it_lingers_until_it_is_stopped(log: ShiftLog) -> None:
    source = ReplaySource(log, speed=None, linger=True)
    ended = threading.Event()

    def drive() -> None:
        for _ in source.blocks():
            pass
        ended.set()

    thread = threading.Thread(target=drive)
    thread.start()
    assert not ended.wait(0.3)
    source.stop()
    source.stop()
    assert ended.wait(10)
    thread.join()


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_a_speed_that_is_none_is_refused(log: ShiftLog, speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        ReplaySource(log, speed=speed)
    with pytest.raises(ValueError, match="speed"):
        ReplaySource(log, speed=1.0).set_speed(speed)


@pytest.mark.parametrize("speed", [None, 1000.0])
def test_a_log_whose_segment_does_not_read_comes_to_an_end(path, tmp_path, speed):
    damaged = tmp_path / "damaged.glog"
    shutil.copy(path, damaged)
    with closing(sqlite3.connect(damaged)) as database:
        database.execute("UPDATE segment SET crc = crc + 1")
        database.commit()
    with ShiftLog.open(path) as log:
        rows = log.samples
    with ShiftLog.open(damaged) as log:
        clock = Clock()
        got = take(ReplaySource(log, speed=speed, clock=clock), clock, 60.0, 400)
    assert 0.9 * rows < len(got) <= rows
