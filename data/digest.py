"""One digest over the content of a stream of samples, whatever blocks it comes in.

It covers, in order, of each sample: its signal (by key), type, flags, status, source time, when
it counts, and its value (texts by their content). Not when it was received or sent: of these a
log keeps less than every bit.
"""

from __future__ import annotations

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from data.rows import copied, joined
from data.samples import SampleBlock, Samples, TextTable, ValueType

BATCH = 8192  # samples hashed at a time; part of the definition
BEHIND = 2  # blocks that wait for the thread of a digest
_BYTES = 16


class ContentDigest:
    """BLAKE2b over sequenced samples: update with blocks in order, then hexdigest."""

    def __init__(self, line: Line) -> None:
        self._hash = hashlib.blake2b(digest_size=_BYTES, person=b"greenline.log/1")
        for signal in line.signals:
            self._hash.update(signal.key.encode() + b"\0")
        self._parts: list[Samples] = []  # less than a batch
        self._count = 0
        self._texts = np.empty(0, np.int64)
        self._table: TextTable | None = None

    def update(self, block: SampleBlock) -> None:
        """Takes the next samples."""
        self._table = block.texts
        self._parts.append(block.samples)
        self._count += len(block)
        if self._count < BATCH:
            return
        rows = joined(self._parts)
        whole = self._count - self._count % BATCH
        for start in range(0, whole, BATCH):
            self._hash_batch(self._hash, rows[start : start + BATCH])
        self._parts = [copied(rows[whole:])]
        self._count -= whole

    def hexdigest(self) -> str:
        """Of all samples so far: 32 hexadecimal digits."""
        final = self._hash.copy()
        if self._count:
            self._hash_batch(final, joined(self._parts))
        final.update(b"%d" % self._count)
        return final.hexdigest()

    def _hash_batch(self, into: Any, rows: Samples) -> None:
        signal, kind, time_ns = rows["signal"], rows["type"], rows["time_ns"]
        _hash_column(into, signal)
        _hash_column(into, kind)
        _hash_column(into, rows["flags"])
        _hash_column(into, rows["status"])
        _hash_column(into, time_ns)
        _hash_column(into, rows["order_ns"] - time_ns)
        _hash_column(into, self._payload(rows, kind))
        events = signal < 0
        if events.any():
            _hash_column(into, rows["exact"][events])
            _hash_column(into, rows["value"][events].view("<i8"))

    def _payload(self, rows: Samples, kind: NDArray[np.uint8]) -> NDArray[np.int64]:
        real = kind == ValueType.REAL
        bits: NDArray[np.int64] = rows["value"].view("<i8")
        if real.all():
            return bits
        exact = np.where(kind == ValueType.NONE, 0, rows["exact"])
        text = kind == ValueType.TEXT
        if text.any():
            exact[text] = self._text_hashes()[exact[text]]
        return np.where(real, bits, exact)

    def _text_hashes(self) -> NDArray[np.int64]:
        if self._table is not None and len(self._table) > self._texts.shape[0]:
            new = self._table.since(self._texts.shape[0])
            self._texts = np.append(self._texts, [_text_hash(text) for text in new])
        return self._texts


class DigestAside:
    """A digest on a thread of its own, a few blocks behind whoever hands them over."""

    def __init__(self, digest: ContentDigest) -> None:
        self._digest = digest
        self._worker = ThreadPoolExecutor(1, "content digest")
        self._waiting: deque[Future[None]] = deque()

    def update(self, block: SampleBlock) -> None:
        """Takes the next samples, which nobody may change any more."""
        self._waiting.append(self._worker.submit(self._digest.update, block))
        self._wait_for_all_but(BEHIND)

    def hexdigest(self) -> str:
        """Of all samples so far."""
        self._wait_for_all_but(0)
        return self._digest.hexdigest()

    def _wait_for_all_but(self, count: int) -> None:
        while len(self._waiting) > count:
            self._waiting.popleft().result()


def _text_hash(text: str) -> np.int64:
    data = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return np.frombuffer(data, "<i8")[0]  # type: ignore[no-any-return]


def _hash_column(into: Any, column: NDArray[Any]) -> None:
    """A column that is constant by its one value."""
    if (column == column[0]).all():
        into.update(b"=")
        into.update(column[:1].tobytes())
    else:
        into.update(b":")
        into.update(np.ascontiguousarray(column))
