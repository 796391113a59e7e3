"""Reads a shift log: its content in canonical order, whole or by signal, and what is lost of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType

import numpy as np

from data.digest import ContentDigest
from data.factors import Books, bundled_books
from data.line import BookNames, Line
from data.line_file import LineFaults, parse_line
from data.log_chunks import (
    Chunk,
    ChunkReader,
    Damaged,
    Ints,
    unpack_bytes,
    unpack_whole,
)
from data.log_loss import losses
from data.log_merge import merged
from data.log_recover import FILE, HEAD, Lost, Recovery, Salvage, merged_spans
from data.log_schema import NotALog, row_crc
from data.log_segment import head_crc, ranges_of
from data.log_tail import Tail, read_tail
from data.samples import SampleBlock, Samples, TextTable, ValueType, empty

MAX_ROWS = 262_144
_TEXT = int(ValueType.TEXT)
_HEAD = {  # what a log always has, and what a person is told where it is lost
    "books": "its books (bundled ones that its line file names stand in)",
    "opening_wip": "the work in progress that it takes over",
}
_CHUNK = "segment, signal, count, begin_ns, end_ns, plan, data, crc"
_SEGMENT = "begin_ns, end_ns, samples, events, first_chunk, signals, receive_plan, receive"
_EVENT = "kind, code, time_ns, order_ns, receive_ns, exact, value, status, flags"
_EVENT_FIELDS = ("signal", "time_ns", "order_ns", "receive_ns", "exact", "value", "status", "flags")


@dataclass(frozen=True, slots=True)
class _Head:
    """A segment's row: what it holds, and where."""

    number: int
    begin_ns: int
    end_ns: int
    samples: int
    events: int
    chunks: Mapping[int, int]  # chunk id to signal
    receive_ns: Ints


class ShiftLog:
    """A shift log, read-only. Open with ``ShiftLog.open``; close it, or use it in ``with``."""

    def __init__(self, path: Path, salvage: Salvage) -> None:
        self.path = path
        self._salvage = salvage
        self.meta: Mapping[str, str] = salvage.meta()
        if "line" not in self.meta:
            salvage.close()
            if salvage.cut is not None:
                raise NotALog(f"{path}: {salvage.cut}, too few to hold its head")
            raise NotALog(f"{path}: is too damaged to read: its line file is lost")
        self._lost: dict[tuple[str, int], Lost] = {}
        if salvage.cut is not None:
            self._lost[FILE, 0] = Lost(FILE, None, None, None, None, salvage.cut)
        for number, (key, what) in enumerate(_HEAD.items()):
            if key not in self.meta and (key != "opening_wip" or "continues" in self.meta):
                self._lost[HEAD, number] = Lost(HEAD, None, None, None, None, what)
        self._found: dict[int, int] = {}  # samples that read, by segment
        self._damaged: set[int] = set()  # segments with a chunk that does not read
        self._chunk_reader = ChunkReader()
        self._scanned = False

    @classmethod
    def open(cls, path: str | Path) -> ShiftLog:
        """A log that was closed, is being written, or was left or cut off anyhow.

        Raises NotALog (one clear line), or OSError where the system refuses the file.
        """
        return cls(Path(path), Salvage(Path(path)))

    def close(self) -> None:
        """Lets the file go."""
        self._salvage.close()

    def __enter__(self) -> ShiftLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- what it is -------------------------------------------------------------------------

    @property
    def line_text(self) -> str:
        """The line file that was in force."""
        return self.meta["line"]

    @cached_property
    def books(self) -> Books:
        """The books that were in force; where they are lost, the bundled ones that the line names.

        Raises BookFaults where the text does not read.
        """
        if "books" in self.meta:
            return Books.from_toml(self.meta["books"])
        names = asdict(self.line.books)
        return Books.load(
            BookNames(
                **{view: name if name in bundled_books() else None for view, name in names.items()}
            ),
            None,
        )

    @cached_property
    def line(self) -> Line:
        """The line that was in force. Raises NotALog where this version does not read it."""
        try:
            return parse_line(self.line_text, str(self.path))
        except LineFaults as error:
            first = str(error).splitlines()[0]
            raise NotALog(f"{self.path}: its line file does not read: {first}") from error

    @property
    def sealed(self) -> bool:
        """Was closed by its writer, and can hold nothing but segments."""
        return "sealed" in self.meta

    @cached_property
    def span_ns(self) -> tuple[int, int] | None:
        """The order_ns of the first and the last sample; None of an empty log."""
        tail = self._tail.rows["order_ns"]
        begins = [head.begin_ns for head in self._heads.values()] + tail[:1].tolist()
        ends = [head.end_ns for head in self._heads.values()] + tail[-1:].tolist()
        return (min(begins), max(ends)) if begins else None

    @property
    def segments(self) -> tuple[tuple[int, int], ...]:
        """Where each segment ends (order_ns), and how many rows it holds, events included."""
        return tuple((head.end_ns, head.samples) for head in self._heads.values())

    def signals_changed(self) -> list[str]:
        """The signals of which the file's table says something else than its line file."""
        changed = []
        for signal in self.line.signals:
            row = self._salvage.row("signal", "key, subject, role, unit, source", signal.index)
            own = (signal.key, signal.subject, signal.role, signal.unit, signal.source)
            if row != own:
                changed.append(signal.key)
        return changed

    @cached_property
    def samples(self) -> int:
        """How many rows it holds, events included, had nothing been lost."""
        return sum(head.samples for head in self._heads.values()) + int(self._tail.rows.shape[0])

    @property
    def recovered(self) -> Recovery:
        """What the log was read with; reads every checksum unless all was read before."""
        if not self._scanned:
            for number, head in self._segments():
                for _ in self._chunks(number, head):
                    pass
                self._events(number, head)
            self._scanned = True
        tail, _ = self._tail, self.texts
        lost = (*self._lost.values(), *tail.lost)
        count, spans = self._losses()
        return Recovery(
            sealed=self.sealed,
            from_journal=tail.from_journal,
            lost=lost,
            samples=sum(self._found.values()) + int((tail.rows["signal"] >= 0).sum()),
            lost_samples=count,
            lost_spans=spans,
            beside=self._salvage.beside,
        )

    def _losses(self) -> tuple[int, tuple[tuple[int, int], ...]]:
        """Samples lost, and from when to when; a sealed log knows how many it must hold."""
        lost = (*self._lost.values(), *self._tail.lost)
        count = sum(x.samples or 0 for x in lost if x.table in ("journal", "chunk"))
        known = list(self._tail.lost_spans)
        known += [
            (self._since_ns(number, head), head.end_ns)
            for number, head in self._heads.items()
            if number in self._damaged
        ]
        for number, head in self._heads.items():
            missing = head.samples - head.events - self._found.get(number, 0)
            if missing > 0:
                count += missing
                known.append((self._since_ns(number, head), head.end_ns))
        whole = self.meta.get("samples", "") if self.sealed else ""
        if whole.isdigit():
            elsewhere = int(whole) - sum(self._found.values()) - count
            if elsewhere > 0:
                count += elsewhere
                known += self._unknown_spans()
        return count, merged_spans(known)

    def _unknown_spans(self) -> list[tuple[int, int]]:
        """The times of a sealed log that no segment's row speaks of."""
        first, _, last = self.meta.get("span_ns", "").partition(" ")
        if not (first.isdigit() and last.isdigit()):
            return []
        numbers = sorted(self._heads)
        at_ns, before, spans = int(first), 0, []
        for number in numbers:
            head = self._heads[number]
            if number > before + 1:
                spans.append((at_ns, head.begin_ns))
            at_ns, before = head.end_ns, number
        if at_ns < int(last) or not numbers:
            spans.append((at_ns, int(last)))
        return spans

    def content_digest(self) -> str:
        """The digest (data.digest) of what the log holds, read anew."""
        digest = ContentDigest(self.line)
        for block in self.blocks():
            digest.update(block)
        return digest.hexdigest()

    # --- samples ----------------------------------------------------------------------------

    def blocks(self, max_rows: int = MAX_ROWS) -> Iterator[SampleBlock]:
        """All samples and events in canonical order."""
        _ = self.texts  # on this thread, before another one needs them
        for parts in self._read_ahead():
            for rows in parts:
                yield from self._cut(rows, max_rows)
        self._scanned = True
        yield from self._cut(self._tail.rows, max_rows)

    def signal(self, index: int) -> Samples:
        """All samples of one signal, in canonical order."""
        parts = []
        for number, head in self._segments():
            parts += [
                self._unpacked(chunk_id, chunk, head)
                for chunk_id, chunk in self._chunks(number, head, index)
            ]
        tail = self._tail.rows
        return np.concatenate([empty(), *parts, tail[tail["signal"] == index]])

    def events(self) -> Samples:
        """All events, in order."""
        parts = [self._events(number, head) for number, head in self._segments()]
        tail = self._tail.rows
        return np.concatenate([empty(), *parts, tail[tail["signal"] < 0]])

    def _cut(self, rows: Samples, max_rows: int) -> Iterator[SampleBlock]:
        for start in range(0, rows.shape[0], max_rows):
            yield SampleBlock(rows[start : start + max_rows], self.texts)

    def _read_ahead(self) -> Iterator[list[Samples]]:
        """The segments in order; the next one unpacks while the one before is dealt with."""
        with ThreadPoolExecutor(1, "shift log reader") as ahead:
            waiting: Future[list[Samples]] | None = None
            for number, head in self._segments():
                following = ahead.submit(self._ordered, number, head)
                if waiting is not None:
                    yield waiting.result()
                waiting = following
            if waiting is not None:
                yield waiting.result()

    def _ordered(self, number: int, head: _Head | None) -> list[Samples]:
        """A segment's rows in canonical order, in parts."""
        return list(merged(*self._segment_rows(number, head)))

    def _segment_rows(self, number: int, head: _Head | None) -> tuple[Samples, Ints]:
        """A segment's rows signal by signal, then its events; and where each begins."""
        found = list(self._chunks(number, head))
        counts = [chunk.count for _, chunk in found]
        bounds = np.cumsum([0, *counts], dtype=np.int64)
        rows = empty(int(bounds[-1]))
        good = np.ones(rows.shape[0], np.bool_)
        for (chunk_id, chunk), start in zip(found, bounds, strict=False):
            if not self._unpack(chunk_id, chunk, head, rows[start : start + chunk.count]):
                good[start : start + chunk.count] = False
        if not good.all():
            bounds = np.append(0, np.cumsum(good))[bounds]
            rows = rows.compress(good)
        lost = self._lost_signals(number, head, rows)
        notes = losses(lost, self._since_ns(number, head)) if lost else empty()
        rows = np.concatenate([rows, notes, self._events(number, head)])
        return rows, np.append(bounds, rows.shape[0])

    def _lost_signals(self, number: int, head: _Head | None, rows: Samples) -> set[int]:
        """Signals of which something in a segment does not read."""
        found = set(np.unique(rows["signal"]).tolist())
        if head is not None:
            return set(head.chunks.values()) - found
        # Which ones it held is not known, unless no chunk is missing anywhere.
        return set() if self._all_chunks_read else set(range(len(self.line.signals))) - found

    @cached_property
    def _all_chunks_read(self) -> bool:
        """Is every chunk of every segment whose own row is lost there?"""
        known = sum(len(head.chunks) for head in self._heads.values())
        orphans = sum(len(ids) for ids in self._orphans.values())
        return known + orphans == self._salvage.last_id("chunk")

    def _since_ns(self, number: int, head: _Head | None) -> int:
        """Up to here (order_ns) all is known of the time before a segment."""
        before = [self._heads[n].end_ns for n in self._heads if n < number]
        if before:
            return max(before)
        if head is not None:
            return head.begin_ns
        first, _, _ = self.meta.get("span_ns", "").partition(" ")
        after = [each.begin_ns for each in self._heads.values()]
        return int(first) if first.isdigit() else min(after, default=0)

    # --- rows of the tables -----------------------------------------------------------------

    def _segments(self) -> Iterator[tuple[int, _Head | None]]:
        """All segments, also those of which only chunks are left, or nothing."""
        numbers = set(self._heads) | set(self._orphans)
        numbers |= {number for table, number in self._lost_heads() if table == "segment"}
        return ((number, self._heads.get(number)) for number in sorted(numbers))

    @cached_property
    def _heads(self) -> dict[int, _Head]:
        heads: dict[int, _Head] = {}
        last = self._salvage.last_id("segment")
        for number in range(1, last + 1):
            row = self._salvage.row("segment", f"{_SEGMENT}, crc", number)
            try:
                heads[number] = _head(number, row)
            except Damaged as error:
                self._lost["segment", number] = Lost(
                    "segment", None, None, None, None, f"segment {number} does not read: {error}"
                )
        return heads

    @cached_property
    def _orphans(self) -> dict[int, list[int]]:
        """Chunk ids by segment, of the segments whose own row is lost."""
        orphans: dict[int, list[int]] = {}
        if not any(table == "segment" for table, _ in self._lost_heads()):
            return orphans
        known = {chunk for head in self._heads.values() for chunk in head.chunks}
        for number in range(1, self._salvage.last_id("chunk") + 1):
            if number in known:
                continue
            row = self._salvage.row("chunk", _CHUNK, number)
            if isinstance(row, tuple) and isinstance(row[0], int):
                orphans.setdefault(row[0], []).append(number)
        return orphans

    def _lost_heads(self) -> list[tuple[str, int]]:
        _ = self._heads
        return list(self._lost)

    def _chunks(
        self, number: int, head: _Head | None, signal: int | None = None
    ) -> Iterator[tuple[int, Chunk]]:
        """The chunks of a segment that read, by signal; the others are noted as lost."""
        ids = head.chunks if head is not None else dict.fromkeys(self._orphans.get(number, ()), -1)
        found = 0
        for chunk_id, expected in ids.items():
            if signal is not None and expected not in (signal, -1):
                continue
            try:
                chunk = _chunk(number, self._salvage.row("chunk", _CHUNK, chunk_id))
            except Damaged as error:
                self._lose_chunk(chunk_id, expected, head, str(error))
                continue
            found += chunk.count
            if signal in (None, chunk.signal):
                yield chunk_id, chunk
        if signal is None:
            self._found[number] = found

    def _lose_chunk(
        self, chunk_id: int, signal: int, head: _Head | None, reason: str, count: int | None = None
    ) -> None:
        key = self._signal_key(signal) if signal >= 0 else None
        begin_ns = head.begin_ns if head is not None else None
        end_ns = head.end_ns if head is not None else None
        if head is not None:
            self._damaged.add(head.number)
        self._lost["chunk", chunk_id] = Lost("chunk", key, begin_ns, end_ns, count, reason)

    def _signal_key(self, index: int) -> str:
        signals = self.line.signals
        return signals[index].key if index < len(signals) else f"signal {index}"

    def _unpack(self, chunk_id: int, chunk: Chunk, head: _Head | None, out: Samples) -> bool:
        receive_ns = head.receive_ns if head is not None else np.empty(0, np.int64)
        try:
            if not 0 <= chunk.signal < len(self.line.signals):
                raise Damaged(f"there is no signal {chunk.signal}")
            self._chunk_reader.unpack(chunk, receive_ns, out)
        except Damaged as error:
            self._lose_chunk(chunk_id, chunk.signal, head, str(error), chunk.count)
            return False
        self._cover_texts(out)
        return True

    def _unpacked(self, chunk_id: int, chunk: Chunk, head: _Head | None) -> Samples:
        rows = empty(chunk.count)
        return rows if self._unpack(chunk_id, chunk, head, rows) else empty()

    def _events(self, number: int, head: _Head | None) -> Samples:
        found = self._event_rows.get(number, [])
        if head is not None and len(found) < head.events:
            missing = head.events - len(found)
            self._lost["event", number] = Lost(
                "event", None, head.begin_ns, head.end_ns, missing, "do not read"
            )
        return np.concatenate([empty(), *found])

    @cached_property
    def _event_rows(self) -> dict[int, list[Samples]]:
        """Events by segment."""
        rows: dict[int, list[Samples]] = {}
        last = self._salvage.last_id("event")
        for _, row in self._salvage.rows("event", f"segment, {_EVENT}, crc", 1, last):
            if isinstance(row, tuple) and row_crc(*row[:-1]) == row[-1]:
                rows.setdefault(row[0], []).append(_event(row[2:-1]))
        return rows

    @cached_property
    def _tail(self) -> Tail:
        if self.sealed:
            return Tail(empty(), 0, ())
        ends = [head.end_ns for head in self._heads.values()]
        tail = read_tail(self._salvage, self.line, self.texts, self.meta, max(ends, default=None))
        self._cover_texts(tail.rows)
        return tail

    @cached_property
    def texts(self) -> TextTable:
        """The log's texts by number; not read where nobody asks for samples."""
        texts = TextTable()
        for number in range(self._salvage.last_id("text") + 1):
            row = self._salvage.row("text", "text, crc", number)
            whole = isinstance(row, tuple) and row_crc(number, row[0]) == row[1]
            _append_text(texts, str(row[0]) if whole and row is not None else None)
            if not whole:
                self._lost["text", number] = Lost(
                    "text", None, None, None, None, f"number {number}"
                )
        return texts

    def _cover_texts(self, rows: Samples) -> None:
        """Texts that are lost are still told apart, by their number."""
        text = rows["type"] == _TEXT
        if text.any():
            for _ in range(len(self.texts), int(rows["exact"][text].max()) + 1):
                _append_text(self.texts, None)


def _append_text(texts: TextTable, text: str | None) -> None:
    number = len(texts)
    if text is None or texts.intern(text) != number:
        texts.intern(f"lost text {number}")


def _head(number: int, row: tuple[object, ...] | str | None) -> _Head:
    if not isinstance(row, tuple):
        raise Damaged(row or "there is none")
    *values, crc = row
    begin_ns, end_ns, samples, events, first_chunk, signals, receive_plan, receive = values
    if head_crc(*values) != crc:
        raise Damaged("its checksum is wrong")
    if not isinstance(receive, bytes) or not isinstance(first_chunk, int):
        raise Damaged("it holds something else")
    count, plan = json.loads(str(receive_plan))
    receive_ns, _ = unpack_whole(plan, memoryview(unpack_bytes(receive)), count)
    chunks = {first_chunk + i: signal for i, signal in enumerate(ranges_of(str(signals)))}
    return _Head(
        number=number,
        begin_ns=int(str(begin_ns)),
        end_ns=int(str(end_ns)),
        samples=int(str(samples)),
        events=int(str(events)),
        chunks=chunks,
        receive_ns=receive_ns,
    )


def _chunk(segment: int, row: tuple[object, ...] | str | None) -> Chunk:
    if not isinstance(row, tuple):
        raise Damaged(row or "the chunk is missing")
    number, signal, count, begin_ns, end_ns, plan, data, crc = row
    if not isinstance(data, bytes) or not isinstance(plan, str):
        raise Damaged("the chunk holds something else")
    numbers = [x for x in (number, signal, count, begin_ns, end_ns) if isinstance(x, int)]
    if len(numbers) < 5:
        raise Damaged("the chunk holds something else")
    chunk = Chunk(numbers[1], numbers[2], numbers[3], numbers[4], plan, data)
    if numbers[0] != segment or chunk.crc(segment) != crc:
        raise Damaged("the chunk's checksum is wrong")
    return chunk


def _event(values: tuple[object, ...]) -> Samples:
    row = empty(1)
    for name, value in zip(_EVENT_FIELDS, values, strict=True):
        row[name] = np.nan if value is None else value
    return row
