"""Reads the tables of a shift log row by row, whatever has happened to the file.

SQLite stops a query at the first damaged page. So rows are fetched one by one, by their ids; what
cannot be fetched, or does not have the checksum that was written with it, is named and left out,
and the rest reads. Nothing here writes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from data.log_pages import Pages
from data.log_schema import (
    APPLICATION_ID,
    FORMAT,
    FORMAT_NAME,
    FORMAT_VERSION,
    NotALog,
    row_crc,
)

MAGIC = b"SQLite format 3\0"
_LAST_ID = 5_000_000  # beyond what a log ever holds: a damaged number
_META_ROWS = 1000
_HEADER_BYTES = 100  # of any SQLite file
UNREAD = "it does not read any more"
FILE, HEAD = "file", "head"
_WORDS = {  # more than one of them
    "text": "texts",
    "segment": "heads of segments",
    "chunk": "parts of signals",
    "event": "parts of the events",
    "journal": "journal entries",
    "checkpoint": "checkpoint",
}
# Not those that are deleted from: what was in them may still lie in the file.
_SOUGHT = ("text", "segment", "chunk", "event")
_DAMAGE = (sqlite3.Error, OverflowError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Lost:
    """Something of a log that does not read; None is what is not known of it."""

    table: str
    signal: str | None
    begin_ns: int | None
    end_ns: int | None
    samples: int | None
    reason: str

    def __str__(self) -> str:
        if self.table == HEAD:
            return self.reason
        what = self.signal or self.table
        span = ""
        if self.begin_ns is not None and self.end_ns is not None:
            span = f" from {iso(self.begin_ns)} to {iso(self.end_ns)}"
        count = "" if self.samples is None else f", {self.samples} samples"
        return f"{what}{span}{count}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a log was read with: whether it was sealed, what reads, what is lost."""

    sealed: bool
    from_journal: int  # samples that came out of the journal
    lost: tuple[Lost, ...]
    samples: int = 0  # that read, without events
    lost_samples: int = 0  # as far as they can be counted, without events
    lost_spans: tuple[tuple[int, int], ...] = ()  # order_ns from and to, ascending, apart
    beside: bool = True  # SQLite's -wal file is there

    @property
    def clean(self) -> bool:
        """Sealed, and nothing lost."""
        return self.sealed and not self.lost

    @property
    def recovered(self) -> int:
        """Samples that had to be recovered: all that read of a damaged log, else the journal's."""
        return self.samples if self.lost else self.from_journal

    def lines(self) -> tuple[str, ...]:
        """What a person should know, one line or two; empty when all is well."""
        if self.clean:
            return ()
        what = [] if self.sealed else [self._unsealed()]
        what += [lost.reason for lost in self.lost if lost.table == FILE]
        if self.lost and self.sealed and not what:
            what = ["the log is damaged"]
        if self.lost_samples:
            whole = self.samples + self.lost_samples
            span = _between(self.lost_spans)
            what.append(f"{self.lost_samples:,} of {whole:,} samples are lost{span}")
        also = self._also()
        return ("; ".join(what), *([also] if also else []))

    def _also(self) -> str:
        """What else is lost, or the one thing that is."""
        rest = [lost for lost in self.lost if lost.table != FILE]
        if len(rest) == 1:
            return f"lost: {rest[0]}"
        parts = []
        parts += [lost.reason for lost in rest if lost.table == HEAD]
        for table, words in _WORDS.items():
            count = sum(lost.table == table for lost in rest)
            if count:
                parts.append(f"{count:,} {words}")
        return f"lost: {', '.join(parts)}" if parts else ""

    def _unsealed(self) -> str:
        if self.samples:
            return f"the log was not sealed; {self.from_journal:,} samples came out of its journal"
        wal = "" if self.beside else ": there is no -wal file beside it"
        return f"the log was not sealed and holds no samples{wal}"


def _between(spans: Sequence[tuple[int, int]]) -> str:
    if not spans:
        return ""
    begin_ns, end_ns = min(begin for begin, _ in spans), max(end for _, end in spans)
    return f" between {iso(begin_ns)} and {iso(end_ns)}"


def merged_spans(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Spans in order, those that touch as one."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return tuple(merged)


def iso(time_ns: int) -> str:
    """A moment in UTC to the second; what is no moment as the number that it is."""
    try:
        text = datetime.fromtimestamp(time_ns / 1e9, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return f"{time_ns} ns"
    return text.replace("+00:00", "Z")


class Salvage:
    """The rows of a log, read-only, whatever has happened to the file."""

    def __init__(self, path: Path) -> None:
        _check_file(path)
        self._path = path
        self.cut = None if _wal(path).exists() else _cut(path)
        self.beside = _wal(path).exists()
        self._db = _connect(path)
        try:
            self._meta = self._read_meta()
            self._check_format()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Lets the file go."""
        if self._db is not None:
            self._db.close()

    def meta(self) -> dict[str, str]:
        """What reads of the meta table."""
        return self._meta

    def _read_meta(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for number in range(1, _META_ROWS):
            sql = "SELECT key, value, crc FROM meta WHERE rowid = ?"
            for row in self._versions("meta", sql, number):
                if len(row) == 3 and row_crc(*row[:2]) == row[2]:
                    found[str(row[0])] = str(row[1])
                    break
        return found

    def _versions(self, table: str, sql: str, number: int) -> Iterator[tuple[Any, ...]]:
        """A row as SQLite gives it, then as it lies in the file."""
        row = self._fetch(sql, number)
        if isinstance(row, tuple):
            yield row
        if row is not None:
            found = self._pages.row(table, number)
            if found is not None:
                yield found

    @cached_property
    def _pages(self) -> Pages:
        return Pages(self._path)

    def _check_format(self) -> None:
        """NotALog unless it is a log that this version reads."""
        row = self._fetch("SELECT value FROM meta WHERE key = 'format'")
        text = str(row[0]) if isinstance(row, tuple) else self._meta.get("format", "")
        name, _, version = text.partition("/")
        if name == FORMAT_NAME and version.isdigit():
            if int(version) > FORMAT_VERSION:
                raise NotALog(
                    f"{self._path}: has the format {text}; this version reads {FORMAT} and older"
                )
            return
        if self.cut is not None:
            raise NotALog(f"{self._path}: {self.cut}, too few to hold its head")
        raise NotALog(f"{self._path}: is not a shift log, or its head is too damaged to read")

    def last_id(self, table: str) -> int:
        """The largest id that the table ever had, as far as that can be told; -1 if it had none."""
        row = self._fetch("SELECT seq FROM sqlite_sequence WHERE name = ?", table)
        if not isinstance(row, tuple):
            row = self._fetch(f"SELECT max(id) FROM {table}")
        if isinstance(row, str):
            row = (self._pages.last_id(table),)
        number = row[0] if isinstance(row, tuple) else None
        return number if isinstance(number, int) and 0 <= number <= _LAST_ID else -1

    def row(self, table: str, columns: str, number: int) -> tuple[Any, ...] | str | None:
        """One row by its id; None if there is none, a text where it does not read.

        Where SQLite does not get to it, it is sought in the file itself: then ``columns`` must be
        the table's own, in its order.
        """
        sql = f"SELECT {columns} FROM {table} WHERE id = ?"
        row = self._fetch(sql, number)
        if not isinstance(row, str) or table not in _SOUGHT:
            return row
        return self._pages.row(table, number) or row

    def rows(
        self, table: str, columns: str, first: int, last: int
    ) -> Iterator[tuple[int, tuple[Any, ...] | str]]:
        """Id and row, or the reason why it does not read, of all ids that exist."""
        for number in range(first, last + 1):
            row = self.row(table, columns, number)
            if row is not None:
                yield number, row

    def _fetch(self, sql: str, *values: object) -> tuple[Any, ...] | str | None:
        if self._db is None:
            return UNREAD
        try:
            row: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
        except _DAMAGE:
            return UNREAD
        return row


def _wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _check_file(path: Path) -> None:
    """NotALog for what is plainly something else; OSError where the system refuses the file."""
    if path.is_dir():
        raise NotALog(f"{path}: is a folder, not a shift log")
    with path.open("rb") as file:
        head = file.read(len(MAGIC))
    if not head:
        raise NotALog(f"{path}: is empty, not a shift log")
    if head != MAGIC:
        raise NotALog(f"{path}: is not a shift log")


def _cut(path: Path) -> str | None:
    """That bytes of a log are missing at the end, by what its first page says; None if not."""
    with path.open("rb") as file:
        head = file.read(_HEADER_BYTES)
    if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        return None
    page = int.from_bytes(head[16:18], "big")
    whole = int.from_bytes(head[28:32], "big") * (65_536 if page == 1 else page)
    size = path.stat().st_size
    return f"the file is cut off: {size:,} of {whole:,} bytes are left" if size < whole else None


def _connect(path: Path) -> sqlite3.Connection | None:
    """Read-only; beside a journal file of SQLite's own, with what is in it; None if it fails."""
    place = path.resolve().as_uri()
    waiting = [f"{place}?mode=ro"] if _wal(path).exists() else []
    for uri in (*waiting, f"{place}?immutable=1"):
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        try:
            # Else SQLite opens no file that is shorter than its header says.
            connection.execute("PRAGMA writable_schema=ON")
            connection.execute("PRAGMA mmap_size=0")
            connection.execute("SELECT value FROM meta LIMIT 1").fetchone()
        except _DAMAGE:
            connection.close()
            continue
        return connection
    return None
