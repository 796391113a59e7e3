"""A segment of a shift log: consecutive sequenced samples, packed in one chunk per signal."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from data.log_chunks import Chunk, Ints, pack_bytes, pack_chunk, pack_whole
from data.log_schema import row_crc
from data.rows import joined
from data.samples import Event, Samples

if TYPE_CHECKING:
    from sqlite_utils import Database

_EVENT_NAMES = {int(event): event.name for event in Event}


class Segment:
    """Packs one segment, and writes it; the samples are let go once they are packed."""

    def __init__(self, parts: list[Samples]) -> None:
        self._parts = parts
        self._chunks: list[Chunk] | None = None

    def pack(self) -> Iterator[None]:
        """Packs, chunk by chunk, so that the caller can do other things between; only once."""
        if self._chunks is not None:
            return
        rows = joined(self._parts)
        order_ns = rows["order_ns"]
        self._begin_ns, self._end_ns = int(order_ns[0]), int(order_ns[-1])
        self._count = int(rows.shape[0])
        self._receive_ns: Ints = np.unique(rows["receive_ns"])
        self._events = rows.compress(rows["signal"] < 0)
        chunks = []
        for samples, number in self._by_signal(rows):
            chunks.append(pack_chunk(samples, number))
            yield
        self._chunks = chunks
        self._parts = []

    def _by_signal(self, rows: Samples) -> Iterator[tuple[Samples, Ints]]:
        rows = rows.compress(rows["signal"] >= 0)
        signal = rows["signal"]
        narrow = signal.astype(np.int16) if signal.max(initial=0) < 2**15 else signal
        rows = rows.take(np.argsort(narrow, kind="stable"))
        number = np.searchsorted(self._receive_ns, rows["receive_ns"]).astype(np.int64)
        cuts = np.flatnonzero(np.diff(rows["signal"])) + 1
        bounds = [0, *cuts.tolist(), rows.shape[0]]
        for start, stop in pairwise(bounds):
            if stop > start:
                yield rows[start:stop], number[start:stop]

    def insert(self, db: Database) -> None:
        """Writes what was packed, within the caller's transaction."""
        number = self._insert_head(db)
        db.conn.executemany(
            "INSERT INTO chunk (segment, signal, count, begin_ns, end_ns, plan, data, crc)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (number, c.signal, c.count, c.begin_ns, c.end_ns, c.plan, c.data, c.crc(number))
                for c in self._chunks or ()
            ],
        )
        db.conn.executemany(
            "INSERT INTO event (segment, kind, code, time_ns, order_ns, receive_ns, exact, value,"
            " status, flags, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [_with_crc(number, *_event_values(row)) for row in self._events],
        )

    def _insert_head(self, db: Database) -> int:
        plan, receive = pack_whole(self._receive_ns)
        head = (
            self._begin_ns,
            self._end_ns,
            self._count,
            int(self._events.shape[0]),
            _next_id(db, "chunk"),
            ranges_text([chunk.signal for chunk in self._chunks or ()]),
            json.dumps([self._receive_ns.shape[0], plan], separators=(",", ":")),
            pack_bytes(receive),
        )
        cursor = db.execute(
            "INSERT INTO segment (begin_ns, end_ns, samples, events, first_chunk, signals,"
            " receive_plan, receive, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*head, head_crc(*head)),
        )
        return int(cursor.lastrowid or 0)


def head_crc(*values: object) -> int:
    """CRC-32 of what a segment's row says; the packed receive times come last."""
    *head, receive = values
    data = receive if isinstance(receive, bytes) else b""
    return zlib.crc32(data, zlib.crc32(",".join(map(str, head)).encode()))


def ranges_text(numbers: list[int]) -> str:
    """Ascending numbers as "0-4,7"."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(f"{a}-{b}" if b > a else f"{a}" for a, b in parts)


def ranges_of(text: str) -> list[int]:
    """The reverse of ranges_text; ValueError where it is none."""
    numbers: list[int] = []
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        numbers.extend(range(int(first), int(last or first) + 1))
    return numbers


def _next_id(db: Database, table: str) -> int:
    row = db.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return int(row[0] or 0) + 1


def _with_crc(*values: object) -> tuple[object, ...]:
    return (*values, row_crc(*values))


def _event_values(row: Samples) -> tuple[object, ...]:
    code = int(row["signal"])
    numbers = [int(row[name]) for name in ("time_ns", "order_ns", "receive_ns", "exact")]
    value = float(row["value"])
    known = None if value != value else value
    name = _EVENT_NAMES.get(code, "UNKNOWN")
    return (name, code, *numbers, known, int(row["status"]), int(row["flags"]))
