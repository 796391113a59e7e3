"""Writes a shift log: a journal of what arrived, then chunks of what was sequenced.

The caller's thread only hands over; one worker thread owns the database. It journals what has
arrived every half second. Where an hour of plant time is complete it packs that into a segment
and commits it in one transaction with the state that the rest of the stream goes on from (what
the sequencer holds, and what it gave that is in no segment yet), cutting the journal to what
arrived after that. So at every moment the file holds the whole stream up to half a second ago.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sqlite3
import threading
import time
import uuid
import zlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Protocol

import numpy as np
from sqlite_utils import Database

from data.digest import ContentDigest
from data.line import Line
from data.log_chunks import pack_bytes, pack_rows
from data.log_lock import WriterLock
from data.log_schema import (
    APPLICATION_ID,
    FORMAT,
    PAGE_BYTES,
    LogExists,
    LogFailed,
    checkpoint_crc,
    row_crc,
)
from data.log_seal import write_in_order
from data.log_segment import Segment
from data.log_tables import migrate
from data.rows import joined
from data.samples import SAMPLE, SampleBlock, Samples, TextTable
from data.sequencer import WINDOW_NS

COMMIT_S = 0.5
RETRY_S = 1.0
HOUR_NS = 3600 * 1_000_000_000
SEGMENT_MIN = 20_000  # samples: a segment of fewer takes in the next hour, too
SEGMENT_MAX = 2_500_000  # samples in no segment yet, which are held in memory
BACKLOG_MAX = 2_000_000  # samples that wait for the journal while the disk is full
QUEUE_MAX = 2  # checkpoints that an import may be ahead of the disk


class Stateful(Protocol):
    """A sequencer as the log sees it."""

    @property
    def ended(self) -> bool:
        """Flush was called."""
        ...

    def state(self) -> bytes:
        """All that its future depends on."""
        ...

    def flush(self) -> SampleBlock:
        """Gives what is still held, and the end of the session."""
        ...


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    """Segments to write, and what the stream goes on from behind them."""

    segments: tuple[Segment, ...]
    tail: tuple[Samples, ...]  # sequenced, in no segment
    sequencer: bytes
    arrival: int  # all arrivals up to this one are in the above
    texts: int


class ShiftLogWriter:
    """Keeps one session's samples in a new file (data.samples.Log).

    ``arrived`` is called before ``sequenced``, with every block of a live source; ``order`` is
    the sequencer between the two. For a source that is sequenced already there is none, and
    ``sequenced`` alone is called. Both raise LogFailed, once, when samples cannot be put on
    disk: they are taken all the same, kept in memory and tried again; ``failure`` says so
    meanwhile. ``meta`` may hold any texts; ``continues`` and ``opening_wip`` have a meaning.

    Raises LogInUse, LogExists, and OSError where the system refuses the file.
    """

    def __init__(
        self,
        path: str | Path,
        line: Line,
        texts: TextTable,
        *,
        books_text: str,
        meta: Mapping[str, str],
        window_ns: int = WINDOW_NS,
        order: Stateful | None = None,
    ) -> None:
        self.path = Path(path)
        self._texts = texts
        self._order = order
        self._tail = _Tail(ContentDigest(line))
        self._wake = threading.Condition()
        self._arrivals: deque[tuple[int, Samples]] = deque()
        self._arrival = 0  # number of the newest
        self._backlog = 0  # samples in _arrivals
        self._checkpoints: deque[_Checkpoint] = deque()
        self._notes: dict[str, str] = {}
        self._texts_kept = 0
        self._failure: str | None = None
        self._unreported = False
        self._closing = False
        self._sealed = False
        self._lock = WriterLock(self.path)
        try:
            given = {**meta, "line": line.text, "books": books_text, "window_ns": str(window_ns)}
            self._db = _create(self.path, line, given)
        except BaseException:
            self._lock.release()
            raise
        self._worker = threading.Thread(target=self._work, name="shift log", daemon=True)
        self._worker.start()

    @property
    def failure(self) -> str | None:
        """Why samples are not on disk now; None while all is well."""
        return self._failure

    def note(self, meta: Mapping[str, str]) -> None:
        """Adds to the log's meta data, or changes it."""
        with self._wake:
            self._notes.update(meta)

    def arrived(self, block: SampleBlock) -> None:
        """Keeps samples as they arrived, on disk within a second. May raise LogFailed, once."""
        if self._order is None:
            raise ValueError("a log that takes arrivals needs the sequencer that orders them")
        if len(block):
            with self._wake:
                self._arrival += 1
                self._arrivals.append((self._arrival, block.samples))
                self._backlog += len(block)
        self._report()

    def sequenced(self, block: SampleBlock) -> None:
        """Keeps samples in their final order. May raise LogFailed, once."""
        if len(block):
            segments = self._tail.add(block)
            if segments:
                self._hand_over(segments)
        if self._backlog > BACKLOG_MAX:
            self._shed()
        self._report()

    def close(self) -> None:
        """Seals the log: all in segments, one file; harmless when repeated.

        Raises LogFailed where it cannot be sealed; it then opens as after a crash.
        """
        if self._closing:
            return
        if self._order is not None and not self._order.ended:
            with contextlib.suppress(LogFailed):
                self.sequenced(self._order.flush())
        self._hand_over(self._tail.cut())
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        self._worker.join()
        self._lock.release()
        if not self._sealed:
            raise LogFailed(f"{self.path}: could not be sealed: {self._failure}")

    # --- the caller's thread ----------------------------------------------------------------

    def _report(self) -> None:
        if self._unreported:
            self._unreported = False
            raise LogFailed(f"{self.path}: cannot be written: {self._failure}")

    def _hand_over(self, segments: list[Segment]) -> None:
        state = self._order.state() if self._order is not None else b""
        tail = tuple(self._tail.parts)
        checkpoint = _Checkpoint(tuple(segments), tail, state, self._arrival, len(self._texts))
        with self._wake:
            self._checkpoints.append(checkpoint)
            self._wake.notify_all()
            while self._order is None and len(self._checkpoints) > QUEUE_MAX and not self._failure:
                self._wake.wait(COMMIT_S)

    def _shed(self) -> None:
        """The journal cannot follow: what arrived so far waits packed, as segments, instead."""
        self._hand_over(self._tail.cut())
        with self._wake:
            self._arrivals.clear()
            self._backlog = 0

    # --- the worker's thread ----------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._wake:
                if not (self._closing or self._checkpoints):
                    self._wake.wait(COMMIT_S)
                closing = self._closing
            done = self._attempt()
            if closing:
                self._sealed = done and self._seal()
                with contextlib.suppress(sqlite3.Error):
                    self._db.conn.close()
                return
            if not done:
                time.sleep(RETRY_S)

    def _attempt(self) -> bool:
        """Puts on disk what waits; False where that failed."""
        try:
            self._journal()
            while self._checkpoints:
                self._write(self._checkpoints[0])
        except (sqlite3.Error, OSError) as error:
            self._fail(error)
            return False
        self._failure = None
        return True

    def _fail(self, error: Exception) -> None:
        if self._failure is None:
            self._unreported = True
        self._failure = str(error)

    def _journal(self) -> None:
        """Commits what has arrived: one blob, and one more for each checkpoint between."""
        with self._wake:
            waiting = list(self._arrivals)
            cuts = [checkpoint.arrival for checkpoint in self._checkpoints]
            texts, notes = len(self._texts), dict(self._notes)
        if not waiting and not notes:
            return
        with self._db.atomic():
            self._keep_texts(texts)
            _put_meta(self._db, notes)
            for arrivals in _split(waiting, cuts):
                self._insert_arrivals(arrivals)
        with self._wake:
            self._texts_kept = max(self._texts_kept, texts)
            self._notes = {k: v for k, v in self._notes.items() if notes.get(k) != v}
            self._forget_arrivals(waiting[-1][0] if waiting else 0)

    def _forget_arrivals(self, last: int) -> None:
        while self._arrivals and self._arrivals[0][0] <= last:
            self._backlog -= self._arrivals.popleft()[1].shape[0]

    def _insert_arrivals(self, arrivals: list[tuple[int, Samples]]) -> None:
        rows = joined([samples for _, samples in arrivals])
        data = pack_rows(rows)
        receive_ns = rows["receive_ns"]
        begin_ns, end_ns = int(receive_ns[0]), int(receive_ns[-1])
        self._db.execute(
            "INSERT INTO journal (last_arrival, begin_receive_ns, end_receive_ns, count, data, crc)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (arrivals[-1][0], begin_ns, end_ns, int(rows.shape[0]), data, zlib.crc32(data)),
        )

    def _keep_texts(self, count: int) -> None:
        new = self._texts.since(self._texts_kept)[: max(0, count - self._texts_kept)]
        rows = [(self._texts_kept + i, text) for i, text in enumerate(new)]
        self._db.conn.executemany(
            "INSERT INTO text (id, text, crc) VALUES (?, ?, ?)",
            [(*row, row_crc(*row)) for row in rows],
        )

    def _write(self, checkpoint: _Checkpoint) -> None:
        """One transaction: the segments, the state behind them, the journal cut."""
        for segment in checkpoint.segments:
            self._pack(segment)
        tail = joined(checkpoint.tail)
        blobs = (pack_rows(tail), pack_bytes(checkpoint.sequencer))
        with self._db.atomic():
            self._keep_texts(checkpoint.texts)
            for segment in checkpoint.segments:
                segment.insert(self._db)
            self._db.execute(
                "INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?, ?, ?)",
                (checkpoint.arrival, *blobs, checkpoint_crc(checkpoint.arrival, *blobs)),
            )
            self._db.execute("DELETE FROM journal WHERE last_arrival <= ?", (checkpoint.arrival,))
        with self._wake:
            self._texts_kept = max(self._texts_kept, checkpoint.texts)
            self._forget_arrivals(checkpoint.arrival)
            self._checkpoints.popleft()
            self._wake.notify_all()

    def _pack(self, segment: Segment) -> None:
        """Packs a segment; what arrives meanwhile is journalled in time."""
        due_s = time.monotonic() + COMMIT_S
        for _ in segment.pack():
            if time.monotonic() > due_s:
                self._journal()
                due_s = time.monotonic() + COMMIT_S

    def _seal(self) -> bool:
        try:
            with self._db.atomic():
                self._db.execute("DELETE FROM checkpoint")
                self._db.execute("DELETE FROM journal")
                _put_meta(self._db, self._tail.totals())
                _put_meta(self._db, {"sealed": _now()})
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._db.execute("PRAGMA journal_mode=DELETE").fetchall()
            self._db.conn.close()
        except (sqlite3.Error, OSError) as error:
            self._fail(error)
            return False
        # It takes room for a copy; where there is none the log is whole all the same.
        with contextlib.suppress(sqlite3.Error, OSError):
            write_in_order(self.path)
        return True


class _Tail:
    """What was sequenced and is in no segment yet; cut at the hours of plant time."""

    def __init__(self, digest: ContentDigest) -> None:
        self.parts: list[Samples] = []
        self._digest = digest
        self._chain: list[str] = []  # the digest of everything up to the end of each segment
        self._count = 0
        self._hour_end_ns = 0
        self._first_ns: int | None = None
        self._last_ns: int | None = None
        self._samples = 0  # ever taken, without events

    def totals(self) -> dict[str, str]:
        """Meta data that tells how much a sealed log must hold, and what."""
        totals = {"samples": str(self._samples), "digest": self._digest.hexdigest()}
        totals["chain"] = " ".join(self._chain)
        if self._first_ns is not None:
            totals["span_ns"] = f"{self._first_ns} {self._last_ns}"
        return totals

    def add(self, block: SampleBlock) -> list[Segment]:
        """Takes samples; gives the segments that are complete. ValueError if out of order."""
        rows = block.samples
        order_ns = rows["order_ns"]
        if not (order_ns[1:] >= order_ns[:-1]).all() or (self._last_ns or 0) > order_ns[0]:
            raise ValueError("samples that are not in canonical order")
        if self._first_ns is None:
            self._first_ns = int(order_ns[0])
        self._last_ns = int(order_ns[-1])
        self._samples += int((rows["signal"] >= 0).sum())
        segments: list[Segment] = []
        while rows.shape[0]:
            if not self._count:
                self._begin_hour(rows)
            stop = int(np.searchsorted(rows["order_ns"], self._hour_end_ns))
            stop = min(stop, SEGMENT_MAX - self._count)
            if stop:
                self.parts.append(rows[:stop])
                self._digest.update(SampleBlock(rows[:stop], block.texts))
                self._count += stop
            rows = rows[stop:]
            if rows.shape[0]:
                segments += self.cut() if self._count >= SEGMENT_MIN else []
                self._begin_hour(rows)
        return segments

    def _begin_hour(self, rows: Samples) -> None:
        self._hour_end_ns = (int(rows["order_ns"][0]) // HOUR_NS + 1) * HOUR_NS

    def cut(self) -> list[Segment]:
        """All of it as a segment, if there is anything."""
        if not self._count:
            return []
        segment = Segment(self.parts)
        self.parts, self._count = [], 0
        self._chain.append(self._digest.hexdigest())
        return [segment]


def _split(arrivals: list[tuple[int, Samples]], cuts: list[int]) -> list[list[tuple[int, Samples]]]:
    """Arrivals cut behind the given numbers, so that a checkpoint can drop all up to its own."""
    parts: dict[int, list[tuple[int, Samples]]] = {}
    for arrival in arrivals:
        parts.setdefault(sum(arrival[0] > cut for cut in cuts), []).append(arrival)
    return list(parts.values())


def _create(path: Path, line: Line, meta: Mapping[str, str]) -> Database:
    """A new log without samples, on disk as one file, then ready for quick commits."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644))
    except FileExistsError:
        raise LogExists(f"{path}: exists already; a log is never overwritten") from None
    try:
        connection = sqlite3.connect(path, check_same_thread=False)
        db = Database(connection, execute_plugins=False)
        _fill(db, line, meta)
    except sqlite3.Error as error:
        with contextlib.suppress(OSError, UnboundLocalError):
            connection.close()
            path.unlink()
        raise LogFailed(f"{path}: cannot be written: {error}") from error
    return db


def _fill(db: Database, line: Line, meta: Mapping[str, str]) -> None:
    db.execute(f"PRAGMA page_size={PAGE_BYTES}")
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute("PRAGMA synchronous=FULL")
    with db.atomic():
        migrate.apply(db)
        db.table("signal").insert_all(
            {
                "id": signal.index,
                "key": signal.key,
                "subject": signal.subject,
                "role": signal.role,
                "unit": signal.unit,
                "source": signal.source,
            }
            for signal in line.signals
        )
        own = {"format": FORMAT, "created": _now(), "log_id": uuid.uuid4().hex}
        _put_meta(db, {**meta, **own, "software": _software(), "row": str(SAMPLE.descr)})
    db.execute("PRAGMA journal_mode=WAL").fetchall()


def _put_meta(db: Database, meta: Mapping[str, str]) -> None:
    db.conn.executemany(
        "INSERT OR REPLACE INTO meta (key, value, crc) VALUES (?, ?, ?)",
        [(key, value, row_crc(key, value)) for key, value in meta.items()],
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _software() -> str:
    names = ("greenline", "numpy", "zstandard", "sqlite-utils")
    versions = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    for name in names:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions.append(f"{name} {metadata.version(name)}")
    return ", ".join(versions)
