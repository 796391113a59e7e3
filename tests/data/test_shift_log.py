"""The shift log: what goes in comes out; what breaks is named, and the rest reads."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import log_writer
from data.digest import DigestAside
from data.factors import Books
from data.samples import Event, SampleBlock, Samples, TextTable, empty
from data.shift_log import (
    ContentDigest,
    LogExists,
    LogFailed,
    LogInUse,
    NotALog,
    ShiftLog,
    ShiftLogWriter,
)
from tests.data import logs
from tests.data.logs import LINE, content

COUNT = 400
ROOT = Path(__file__).parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="POSIX signals and limits")


@pytest.fixture(autouse=True, scope="module")
def small_segments() -> Iterator[None]:
    """Several segments and commits in a short stream."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_writer, "SEGMENT_MIN", 500)
        patch.setattr(log_writer, "SEGMENT_MAX", 3_000)
        patch.setattr(log_writer, "COMMIT_S", 0.02)
        yield


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed log of several segments."""
    path = tmp_path_factory.mktemp("sealed") / "a.glog"
    logs.write(path, 1, COUNT)
    return path


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log as a killed writer leaves it: segments, checkpoint, journal."""
    folder = tmp_path_factory.mktemp("left")
    log = logs.write(folder / "a.glog", 1, COUNT, close=False)
    wait_until_kept(log)
    copy = tmp_path_factory.mktemp("copy")
    for file in folder.iterdir():
        shutil.copy(file, copy)
    log.close()
    return copy


def wait_until_kept(log: ShiftLogWriter) -> None:
    deadline = time.monotonic() + 30
    while (log._arrivals or log._checkpoints) and time.monotonic() < deadline:
        time.sleep(0.05)


@cache
def expected(seed: int = 1, count: int = COUNT) -> list[tuple[object, ...]]:
    texts = TextTable()
    return content(logs.sequenced(seed, count, texts), texts)


def read(log: ShiftLog) -> list[tuple[object, ...]]:
    """What is in it, without the notes of what was lost."""
    rows = np.concatenate([empty(), *(block.samples for block in log.blocks(1000))])
    return content(rows[rows["signal"] != Event.SAMPLES_LOST], log.texts)


# --- what goes in comes out ------------------------------------------------------------------


def test_a_sealed_log_is_one_file_and_gives_back_what_was_sequenced(sealed: Path) -> None:
    assert [path.name for path in sealed.parent.iterdir()] == ["a.glog"]
    with ShiftLog.open(sealed) as log:
        assert read(log) == expected()
        assert log.sealed
        assert log.recovered.clean
        assert log.recovered.lines() == ()
        assert log.line == LINE
        assert log.meta["books"] == "book"
        assert log.meta["a"] == "b"


@pytest.mark.parametrize("seed", range(2, 8))
def test_any_stream_comes_back(tmp_path: Path, seed: int) -> None:
    logs.write(tmp_path / "a.glog", seed, 40 * seed)
    with ShiftLog.open(tmp_path / "a.glog") as log:
        assert read(log) == expected(seed, 40 * seed)


def test_one_signal_is_its_part_of_the_whole(sealed: Path) -> None:
    with ShiftLog.open(sealed) as log:
        whole = np.concatenate([block.samples for block in log.blocks()])
        for index in (0, len(LINE.signals) - 1):
            mine = whole[whole["signal"] == index]
            assert content(log.signal(index), log.texts) == content(mine, log.texts)
        assert content(log.events(), log.texts) == content(whole[whole["signal"] < 0], log.texts)
        assert log.span_ns == (whole["order_ns"][0], whole["order_ns"][-1])
        assert log.samples == whole.shape[0]


def test_the_digest_of_live_and_read_is_the_same(sealed: Path) -> None:
    texts = TextTable()
    digest = ContentDigest(LINE)
    digest.update(SampleBlock(logs.sequenced(1, COUNT, texts), texts))
    with ShiftLog.open(sealed) as log:
        assert log.content_digest() == digest.hexdigest() == log.meta["digest"]


def test_a_log_that_was_not_closed_gives_the_same(left: Path) -> None:
    with ShiftLog.open(left / "a.glog") as log:
        assert read(log) == expected()
        assert not log.sealed
        assert log.recovered.from_journal > 0
        assert log.recovered.lost == ()
        assert "came out of its journal" in log.recovered.lines()[0]


def test_a_log_opens_while_it_is_written(tmp_path: Path) -> None:
    log = logs.write(tmp_path / "a.glog", 1, 50, close=False)
    wait_until_kept(log)
    with ShiftLog.open(tmp_path / "a.glog") as reading:
        assert len(read(reading)) == len(expected(1, 50))
    log.close()


def test_close_without_flush_ends_the_session(tmp_path: Path) -> None:
    log = logs.write(tmp_path / "a.glog", 1, 50, close=False)
    log.close()
    log.close()
    with ShiftLog.open(tmp_path / "a.glog") as reading:
        assert read(reading) == expected(1, 50)


def test_an_import_needs_no_sequencer(tmp_path: Path) -> None:
    texts = TextTable()
    rows = logs.sequenced(3, 100, texts)
    log = ShiftLogWriter(tmp_path / "a.glog", LINE, texts, books_text="", meta={})
    for part in np.array_split(rows, 7):
        log.sequenced(SampleBlock(part, texts))
    log.close()
    with ShiftLog.open(tmp_path / "a.glog") as reading:
        assert read(reading) == content(rows, texts)


def test_what_is_out_of_order_is_not_taken(tmp_path: Path) -> None:
    rows = empty(2)
    rows["order_ns"] = [2, 1]
    log = ShiftLogWriter(tmp_path / "a.glog", LINE, TextTable(), books_text="", meta={})
    with pytest.raises(ValueError, match="order"):
        log.sequenced(SampleBlock(rows, TextTable()))
    log.close()


def test_an_empty_log_reads(tmp_path: Path) -> None:
    ShiftLogWriter(tmp_path / "a.glog", LINE, TextTable(), books_text="", meta={}).close()
    with ShiftLog.open(tmp_path / "a.glog") as log:
        assert list(log.blocks()) == []
        assert log.span_ns is None


def test_the_plain_shell_sees_tables_and_views(sealed: Path) -> None:
    with sqlite3.connect(sealed) as db:
        gaps = db.execute("SELECT source, seconds FROM gaps").fetchall()
        assert gaps
        assert all(source == 0 for source, _ in gaps)
        keys = [row[0] for row in db.execute("SELECT key FROM signals WHERE samples > 0")]
        assert LINE.signals[0].key in keys
        assert db.execute("SELECT sum(samples) FROM segments").fetchone()[0] == len(expected())
        kinds = {row[0] for row in db.execute("SELECT kind FROM events")}
        assert {"SESSION_BEGIN", "GAP_BEGIN", "GAP_END", "SESSION_END"} <= kinds


# --- the digest ------------------------------------------------------------------------------


@cache
def two_tables() -> tuple[tuple[Samples, TextTable], tuple[Samples, TextTable]]:
    """One stream with two tables of texts."""
    texts, other = TextTable(), TextTable(tuple("xyz"))
    return (logs.sequenced(1, 300, texts), texts), (logs.sequenced(1, 300, other), other)


@given(st.lists(st.integers(0, 12_000), max_size=8))
@settings(max_examples=15, deadline=None)
def test_the_digest_does_not_see_cuts_nor_text_ids(cuts: list[int]) -> None:
    (rows, texts), (same, other) = two_tables()
    whole, parts = ContentDigest(LINE), ContentDigest(LINE)
    whole.update(SampleBlock(rows, texts))
    for part in np.split(same, sorted(cuts)):
        parts.update(SampleBlock(part, other))
        parts.hexdigest()
    assert whole.hexdigest() == parts.hexdigest()


def test_a_digest_on_a_thread_of_its_own_is_the_same() -> None:
    (rows, texts), _ = two_tables()
    whole, aside = ContentDigest(LINE), DigestAside(ContentDigest(LINE))
    whole.update(SampleBlock(rows, texts))
    for part in np.array_split(rows, 9):
        aside.update(SampleBlock(part, texts))
    assert aside.hexdigest() == whole.hexdigest()


@pytest.mark.parametrize(
    "field", ["signal", "type", "flags", "status", "time_ns", "order_ns", "value", "exact"]
)
def test_the_digest_sees_every_field_of_every_row(field: str) -> None:
    texts = TextTable(("a", "b"))
    rows = logs.sequenced(1, 30, texts)
    kind = {"value": 1, "type": 1, "exact": 2}.get(field)
    place = rows["signal"] >= 0 if kind is None else rows["type"] == kind
    for at in np.flatnonzero(place & np.isfinite(rows["value"]))[::37]:
        changed = rows.copy()
        changed[field][at] += 1
        digests = []
        for stream in (rows, changed):
            digest = ContentDigest(LINE)
            digest.update(SampleBlock(stream, texts))
            digests.append(digest.hexdigest())
        assert digests[0] != digests[1]


# --- one writer, no overwriting ---------------------------------------------------------------


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    log = ShiftLogWriter(tmp_path / "a.glog", LINE, TextTable(), books_text="", meta={})
    with pytest.raises(LogInUse, match=f"another process .number {os.getpid()}"):
        ShiftLogWriter(tmp_path / "a.glog", LINE, TextTable(), books_text="", meta={})
    log.close()
    with pytest.raises(LogExists, match="never overwritten"):
        ShiftLogWriter(tmp_path / "a.glog", LINE, TextTable(), books_text="", meta={})
    assert [path.name for path in tmp_path.iterdir()] == ["a.glog"]


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "a.glog.lock").write_text("999999999\n")
    ShiftLogWriter(tmp_path / "a.glog", LINE, TextTable(), books_text="", meta={}).close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.glog"]


def test_a_folder_that_does_not_exist_is_the_systems_own_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        ShiftLogWriter(tmp_path / "no" / "a", LINE, TextTable(), books_text="", meta={})


# --- not a log -------------------------------------------------------------------------------


def database(path: Path, *statements: str) -> Path:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def test_what_is_not_a_log_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("time,value\n1,2\n")
    (tmp_path / "head").write_bytes(b"SQLite format 3\0" + bytes(200))
    database(tmp_path / "other", "CREATE TABLE t (a)")
    meta = "CREATE TABLE meta (key, value)"
    database(tmp_path / "new", meta, "INSERT INTO meta VALUES ('format', 'greenline.log/9')")
    database(tmp_path / "odd", meta, "INSERT INTO meta VALUES ('format', 'x/1')")
    expected_words = {
        "empty": "is empty",
        "text": "is not a shift log",
        "head": "not a shift log",
        "other": "not a shift log",
        "new": "greenline.log/9",
        "odd": "not a shift log",
        ".": "is a folder",
    }
    for name, words in expected_words.items():
        with pytest.raises(NotALog, match=words) as caught:
            ShiftLog.open(tmp_path / name)
        assert "\n" not in str(caught.value)
    with pytest.raises(FileNotFoundError):
        ShiftLog.open(tmp_path / "none")


# --- damage ----------------------------------------------------------------------------------


def is_part_of(part: list[tuple[object, ...]], whole: list[tuple[object, ...]]) -> bool:
    remaining = iter(whole)
    return all(row in remaining for row in part)


def without_clock_and_text(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Receive times and texts may be lost while the sample itself reads."""
    return [(*row[:5], row[6], row[9]) for row in rows]


def survives(path: Path, whole: list[tuple[object, ...]]) -> bool:
    """Opens and reads a damaged log; False if it is said to be none."""
    try:
        log = ShiftLog.open(path)
    except NotALog as error:
        return "\n" in str(error)
    with log:
        found = read(log)
        assert is_part_of(without_clock_and_text(found), without_clock_and_text(whole))
        if len(found) < len(whole):
            assert log.recovered.lost
            assert not log.recovered.clean
            assert all("\n" not in line for line in log.recovered.lines())
    return True


def test_a_log_cut_anywhere_gives_what_is_left_and_names_what_is_not(
    sealed: Path, tmp_path: Path
) -> None:
    data, whole = sealed.read_bytes(), expected()
    cuts = random.Random(5)
    opened = 0
    for number in range(30):
        path = tmp_path / f"{number}.glog"
        path.write_bytes(data[: cuts.randrange(100, len(data))])
        opened += survives(path, whole)
    assert opened > 10


@pytest.fixture(scope="module", params=[600, 3600], ids=["ten minutes", "an hour"])
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed log of a session of so many seconds."""
    path = tmp_path_factory.mktemp("session") / "a.glog"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_writer, "SEGMENT_MAX", 2_500_000)
        logs.write(path, 4, request.param)
    return path


HEAD_BYTES = 8 * 4096  # line file and books: what a log needs to open at all


def test_a_sealed_log_opens_wherever_it_is_cut_behind_its_head(
    session: Path, tmp_path: Path
) -> None:
    data = session.read_bytes()
    with ShiftLog.open(session) as log:
        whole, span_ns = log.recovered.samples, log.span_ns
        assert log.recovered.clean
    assert span_ns is not None
    path, kept = tmp_path / "a.glog", []
    for percent in (5, 10, 25, 40, 50, 75, 90):
        size = len(data) * percent // 100
        path.write_bytes(data[:size])
        try:
            log = ShiftLog.open(path)
        except NotALog as error:
            said = str(error)
        else:
            said = ""
        if said:
            assert size < HEAD_BYTES
            assert f"cut off: {size:,} of {len(data):,} bytes are left" in said
            assert str(path) in said
            assert "\n" not in said
            continue
        with log:
            rows = np.concatenate([empty(), *(block.samples for block in log.blocks())])
            recovered = log.recovered
        read_samples = int((rows["signal"] >= 0).sum())
        assert recovered.samples == read_samples
        assert recovered.lost_samples == whole - read_samples > 0
        assert not recovered.clean
        assert recovered.lost_spans
        assert all(span_ns[0] <= a <= b <= span_ns[1] for a, b in recovered.lost_spans)
        lines = recovered.lines()
        assert "cut off" in lines[0]
        assert len(lines) <= 2
        assert not any("malformed" in line for line in lines)
        assert recovered.recovered == read_samples
        kept.append(read_samples)
    assert kept == sorted(kept)
    assert kept[-1] > 0


def test_books_that_are_lost_are_named_and_the_bundled_ones_stand_in(
    sealed: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.glog"
    shutil.copy(sealed, path)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = 'x' WHERE key = 'books'")
    with ShiftLog.open(path) as log:
        assert read(log) == expected()
        assert log.books == Books.load(LINE.books, None)
        assert any("books" in line for line in log.recovered.lines())


def test_what_is_lost_of_a_signal_is_noted_where_it_begins(sealed: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.glog"
    shutil.copy(sealed, path)
    with sqlite3.connect(path) as db:
        query = "SELECT chunk.id, signal, (SELECT end_ns FROM segment s WHERE s.id = segment - 1)"
        number, signal, end_ns = db.execute(f"{query} FROM chunk WHERE segment = 2").fetchone()
        db.execute("UPDATE chunk SET crc = 0 WHERE id = ?", (number,))
    with ShiftLog.open(path) as log:
        rows = np.concatenate([block.samples for block in log.blocks()])
        (begin_ns, _), *others = log.recovered.lost_spans
    (note,) = rows[rows["signal"] == Event.SAMPLES_LOST]
    assert (note["exact"], note["order_ns"]) == (signal, end_ns)
    assert begin_ns == end_ns
    assert others == []
    assert (rows["order_ns"][1:] >= rows["order_ns"][:-1]).all()


def test_chunks_are_found_where_the_way_to_them_is_lost(sealed: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.glog"
    with sqlite3.connect(sealed) as db:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'chunk'"
        (root,) = db.execute(query).fetchone()
    data = bytearray(sealed.read_bytes())
    data[(root - 1) * 4096 : root * 4096] = bytes(4096)
    path.write_bytes(data)
    with ShiftLog.open(path) as log:
        assert read(log) == expected()
        assert log.recovered.lost == ()


def test_events_are_found_where_the_schema_is_damaged(sealed: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.glog"
    data = sealed.read_bytes()
    assert data.count(b"CREATE TABLE event") == 1
    path.write_bytes(data.replace(b"CREATE TABLE event", b"CREATE TABLE evend"))
    with ShiftLog.open(path) as log:
        assert read(log) == expected()


def test_a_killed_log_without_its_wal_says_that_it_holds_nothing(tmp_path: Path) -> None:
    log = logs.write(tmp_path / "a.glog", 1, 20, close=False)
    wait_until_kept(log)
    shutil.copy(tmp_path / "a.glog", tmp_path / "b.glog")
    log.close()
    with ShiftLog.open(tmp_path / "b.glog") as reading:
        assert read(reading) == []
        (line,) = reading.recovered.lines()
    assert "not sealed and holds no samples" in line
    assert "-wal" in line


def test_events_are_not_counted_as_samples_that_the_journal_gave(tmp_path: Path) -> None:
    log = logs.write(tmp_path / "a.glog", 1, 60, close=False)  # with a gap
    wait_until_kept(log)
    for name in ("a.glog", "a.glog-wal"):
        shutil.copy(tmp_path / name, tmp_path / name.replace("a", "b", 1))
    log.close()
    with ShiftLog.open(tmp_path / "b.glog") as reading:
        rows = np.concatenate([block.samples for block in reading.blocks()])
        assert (rows["signal"] < 0).any()
        samples = int((rows["signal"] >= 0).sum())
        assert reading.recovered.from_journal == reading.recovered.samples == samples


def test_a_log_cut_near_its_end_keeps_almost_everything(sealed: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.glog"
    path.write_bytes(sealed.read_bytes()[: -9 * 4096])  # the last ones hold nothing any more
    with ShiftLog.open(path) as log:
        assert len(read(log)) > 0.5 * len(expected())
        assert any(lost.signal is not None for lost in log.recovered.lost)


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_flipped_bits_are_found_and_the_rest_reads(
    sealed: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content_bytes = bytearray(sealed.read_bytes())
    for at in data.draw(st.lists(st.integers(100, len(content_bytes) - 1), min_size=1, max_size=4)):
        content_bytes[at] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path_factory.mktemp("flipped") / "a.glog"
    path.write_bytes(content_bytes)
    try:
        with ShiftLog.open(path) as log:
            found = read(log)
            told = bool(log.recovered.lost) or log.content_digest() != log.meta.get("digest")
    except NotALog:
        return
    assert told or without_clock_and_text(found) == without_clock_and_text(expected())


def test_a_damaged_chunk_is_named_by_signal_and_hour_and_alone(
    sealed: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.glog"
    shutil.copy(sealed, path)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE chunk SET data = zeroblob(length(data)) WHERE id = 5")
        number, count = db.execute("SELECT signal, count FROM chunk WHERE id = 5").fetchone()
    with ShiftLog.open(path) as log:
        assert len(read(log)) == len(expected()) - count
        (lost,) = log.recovered.lost
        assert lost.signal == LINE.signals[number].key
        assert LINE.signals[number].key in str(lost)
        assert "2026-03-01T" in str(lost)


def test_a_lost_segment_row_loses_no_samples(sealed: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.glog"
    shutil.copy(sealed, path)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE segment SET receive = zeroblob(length(receive)) WHERE id = 1")
    with ShiftLog.open(path) as log:
        found = without_clock_and_text(read(log))
        assert found == without_clock_and_text(expected())
        assert log.recovered.lost


def test_a_lost_seal_changes_nothing_else(sealed: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.glog"
    shutil.copy(sealed, path)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = 'x' WHERE key = 'sealed'")
    with ShiftLog.open(path) as log:
        assert read(log) == expected()


def test_a_wal_that_is_cut_loses_its_end_alone(left: Path, tmp_path: Path) -> None:
    texts = TextTable()
    order = logs.sequenced(1, COUNT, texts)
    wal = (left / "a.glog-wal").read_bytes()
    cuts = random.Random(3)
    counts = []
    for number, share in enumerate(sorted(cuts.random() for _ in range(12))):
        folder = tmp_path / str(number)
        folder.mkdir()
        shutil.copy(left / "a.glog", folder)
        (folder / "a.glog-wal").write_bytes(wal[: int(share * len(wal))])
        with ShiftLog.open(folder / "a.glog") as log:
            rows = np.concatenate([empty(), *(block.samples for block in log.blocks())])
            assert log.recovered.lost == ()
        counts.append(rows.shape[0])
        common = min(rows.shape[0], order.shape[0]) - 200  # the end of the session comes earlier
        if common > 0:
            assert content(rows[:common], log.texts) == content(order[:common], texts)
    assert counts == sorted(counts)
    assert counts[-1] > 0


def test_a_damaged_journal_entry_is_named(left: Path, tmp_path: Path) -> None:
    for file in left.iterdir():
        shutil.copy(file, tmp_path)
    with sqlite3.connect(tmp_path / "a.glog") as db:
        db.execute("UPDATE journal SET crc = 0 WHERE id = (SELECT max(id) FROM journal)")
    with ShiftLog.open(tmp_path / "a.glog") as log:
        read(log)
        assert [lost.table for lost in log.recovered.lost] == ["journal"]
        assert log.recovered.lost[0].samples


def test_a_damaged_checkpoint_is_named_and_the_journal_still_reads(
    left: Path, tmp_path: Path
) -> None:
    for file in left.iterdir():
        shutil.copy(file, tmp_path)
    with sqlite3.connect(tmp_path / "a.glog") as db:
        db.execute("UPDATE checkpoint SET sequencer = x'00'")
    with ShiftLog.open(tmp_path / "a.glog") as log:
        found = np.concatenate([block.samples for block in log.blocks()])
        assert [lost.table for lost in log.recovered.lost] == ["checkpoint"]
        assert found["signal"][-1] == Event.SESSION_END
        assert (found["order_ns"][1:] >= found["order_ns"][:-1]).all()


# --- kill, and a full disk -------------------------------------------------------------------


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@LINUX
def test_killed_at_any_moment_at_most_the_last_second_is_lost(tmp_path: Path) -> None:
    moments = random.Random(11)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.data.logs"])
    for number in range(10):
        path, told = tmp_path / f"{number}.glog", tmp_path / f"{number}.txt"
        writer = processes.Process(target=logs.write_until_killed, args=(path, number, told))
        writer.start()
        while not (told.exists() and told.read_text()):
            time.sleep(0.01)
        time.sleep(moments.uniform(0.0, 1.3))
        writer.kill()
        writer.join()
        handed, safe = last_numbers(told.read_text())
        check_killed(path, number, handed, safe)


def last_numbers(told: str) -> tuple[int, int]:
    """Of the last line that is complete."""
    handed, safe = told.rpartition("\n")[0].rpartition("\n")[2].split()
    return int(handed), int(safe)


def check_killed(path: Path, seed: int, handed: int, safe: int) -> None:
    texts = TextTable()
    blocks = list(logs.arrivals(texts, seed, handed + 100))
    with ShiftLog.open(path) as log:
        rows = np.concatenate([empty(), *(block.samples for block in log.blocks())])
        assert log.recovered.lost == ()
    kept = int((rows["signal"] >= 0).sum())
    sizes = np.cumsum([int((block["signal"] >= 0).sum()) for block in blocks])
    assert kept in {0, *sizes.tolist()}  # whole arrivals
    assert kept >= (sizes[safe - 1] if safe else 0)
    count = int(np.searchsorted(sizes, kept)) + 1 if kept else 0
    if count:
        texts = TextTable()
        known = {row for row in content(logs.sequenced(seed, count, texts), texts) if row[0] >= 0}  # type: ignore[operator]
        assert {row for row in content(rows, log.texts) if row[0] >= 0} == known  # type: ignore[operator]


@LINUX
def test_a_full_disk_is_said_once_and_logging_goes_on_when_there_is_room(tmp_path: Path) -> None:
    program = """
        import resource, signal, sys, time
        from pathlib import Path
        from data.samples import SampleBlock, TextTable
        from data.sequencer import Sequencer
        from data.shift_log import LogFailed, ShiftLogWriter
        from tests.data import logs

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        texts = TextTable()
        order = Sequencer(logs.LINE, texts)
        log = ShiftLogWriter(
            Path(sys.argv[1]), logs.LINE, texts, books_text="", meta={}, order=order
        )
        size = Path(sys.argv[1]).stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40_000, -1))
        failures = 0
        for number, rows in enumerate(logs.arrivals(texts, 1, 400)):
            block = SampleBlock(rows, texts)
            for take in (lambda: log.arrived(block), lambda: log.sequenced(order.push(block))):
                try:
                    take()
                except LogFailed as error:
                    failures += 1
                    print(error, flush=True)
            if number == 300:
                resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
            time.sleep(0.005)
        print(failures, flush=True)
        log.close()
        assert log.failure is None
    """
    path = tmp_path / "a.glog"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(),
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *messages, count = done.stdout.splitlines()
    assert count == "1"
    assert "cannot be written" in messages[0]
    with ShiftLog.open(path) as log:
        assert read(log) == expected()
        assert log.recovered.clean


def test_a_log_that_cannot_be_sealed_says_so_and_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = logs.write(tmp_path / "a.glog", 1, 50, close=False)
    wait_until_kept(log)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(log, "_write", full)
    with pytest.raises(LogFailed, match="disk is full"):
        log.close()
    with ShiftLog.open(tmp_path / "a.glog") as reading:
        assert read(reading) == expected(1, 50)
