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
_LINES = 8  # more are not read by anybody
_PLURALS = {
    "text": "texts",
    "segment": "heads of segments",
    "chunk": "chunks",
    "event": "parts of the events",
    "journal": "journal entries",
}
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
        what = self.signal or self.table
        span = ""
        if self.begin_ns is not None and self.end_ns is not None:
            span = f" from {_iso(self.begin_ns)} to {_iso(self.end_ns)}"
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

    def lines(self) -> tuple[str, ...]:
        """What a person should know, a few lines; empty when all is well."""
        found = []
        if not self.sealed:
            found.append(self._unsealed())
        tables: dict[str, list[Lost]] = {}
        for lost in self.lost:
            tables.setdefault(lost.table, []).append(lost)
        found += [_summary(table, lost) for table, lost in tables.items()]
        if self.lost_samples:
            found.append(f"lost in all: {self.lost_samples:,} samples{_between(self.lost_spans)}")
        several = (lost for lost in self.lost if len(tables[lost.table]) > 1)
        found += [f"for one: {lost}" for lost, _ in zip(several, range(2), strict=False)]
        return tuple(found[:_LINES])

    def _unsealed(self) -> str:
        if self.samples:
            return f"the log was not sealed; {self.from_journal:,} samples came out of its journal"
        wal = "" if self.beside else ": there is no -wal file beside it"
        return f"the log was not sealed and holds no samples{wal}"


def _summary(table: str, lost: list[Lost]) -> str:
    if table == "file":
        return lost[0].reason
    if len(lost) == 1:
        return f"lost: {lost[0]}"
    signals = len({one.signal for one in lost if one.signal is not None})
    of = f" of {signals:,} {'signal' if signals == 1 else 'signals'}" if signals else ""
    spans = [(x.begin_ns, x.end_ns) for x in lost if x.begin_ns is not None]
    known = [(begin, end) for begin, end in spans if end is not None]
    counts = [one.samples for one in lost if one.samples is not None]
    count = f", {sum(counts):,} samples" if counts else ""
    return f"lost: {len(lost):,} {_PLURALS.get(table, table)}{of}{_between(known)}{count}"


def _between(spans: Sequence[tuple[int, int]]) -> str:
    if not spans:
        return ""
    begin_ns, end_ns = min(begin for begin, _ in spans), max(end for _, end in spans)
    return f" between {_iso(begin_ns)} and {_iso(end_ns)}"


def merged_spans(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Spans in order, those that touch as one."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return tuple(merged)


def _iso(time_ns: int) -> str:
    try:
        text = datetime.fromtimestamp(time_ns / 1e9, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return f"{time_ns} ns"
    return text.replace("+00:00", "Z")


class Salvage:
    """A connection to a log, read-only, that survives damage."""

    def __init__(self, path: Path) -> None:
        _check_file(path)
        self._path = path
        self._pages: Pages | None = None
        self._db = _connect(path)
        self.beside = path.with_name(path.name + "-wal").exists()
        self.cut = None if self.beside else _cut(path)

    def close(self) -> None:
        """Lets the file go."""
        self._db.close()

    def meta(self) -> dict[str, str]:
        """What reads of the meta table."""
        found: dict[str, str] = {}
        for number in range(1, _META_ROWS):
            row = self._fetch("SELECT key, value, crc FROM meta WHERE rowid = ?", number)
            if isinstance(row, tuple) and row_crc(*row[:2]) == row[2]:
                found[str(row[0])] = str(row[1])
        return found

    def last_id(self, table: str) -> int:
        """The largest id that the table ever had, as far as that can be told; -1 if it had none."""
        row = self._fetch("SELECT seq FROM sqlite_sequence WHERE name = ?", table)
        if not isinstance(row, tuple):
            row = self._fetch(f"SELECT max(id) FROM {table}")
        number = row[0] if isinstance(row, tuple) else None
        return number if isinstance(number, int) and 0 <= number <= _LAST_ID else -1

    def row(self, table: str, columns: str, number: int) -> tuple[Any, ...] | str | None:
        """One row by its id; None if there is none, a text where it is damaged: the reason."""
        return self._fetch(f"SELECT {columns} FROM {table} WHERE id = ?", number)

    def chunk(self, columns: str, number: int) -> tuple[Any, ...] | str | None:
        """As ``row``, of a chunk: found in the file itself where SQLite does not get to it."""
        row = self.row("chunk", columns, number)
        if not isinstance(row, str):
            return row
        try:
            self._pages = self._pages or Pages(self._path)
        except OSError:
            return row
        return self._pages.chunk(number) or row

    def rows(
        self, table: str, columns: str, first: int, last: int
    ) -> Iterator[tuple[int, tuple[Any, ...] | str]]:
        """Id and row, or the reason why it does not read, of all ids that exist."""
        for number in range(first, last + 1):
            row = self.row(table, columns, number)
            if row is not None:
                yield number, row

    def _fetch(self, sql: str, *values: object) -> tuple[Any, ...] | str | None:
        try:
            row: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
        except _DAMAGE as error:
            return str(error)
        return row


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


def _connect(path: Path) -> sqlite3.Connection:
    """Read-only; beside a journal file of SQLite's own, with what is in it."""
    place = path.resolve().as_uri()
    waiting = [f"{place}?mode=ro"] if path.with_name(path.name + "-wal").exists() else []
    reason = ""
    for uri in (*waiting, f"{place}?immutable=1"):
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        try:
            # Else SQLite opens no file that is shorter than its header says.
            connection.execute("PRAGMA writable_schema=ON")
            connection.execute("PRAGMA mmap_size=0")
            _check_format(path, connection)
        except NotALog:
            connection.close()
            raise
        except _DAMAGE as error:
            connection.close()
            reason = str(error)
            continue
        return connection
    raise NotALog(
        _too_short(path) or f"{path}: is not a shift log, or too damaged to read: {reason}"
    )


def _too_short(path: Path) -> str | None:
    cut = _cut(path)
    return f"{path}: nothing of it reads: {cut}, too few for its head" if cut else None


def _check_format(path: Path, connection: sqlite3.Connection) -> None:
    row = connection.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    name, _, version = str(row[0] if row else "").partition("/")
    if name != FORMAT_NAME or not version.isdigit():
        raise NotALog(_too_short(path) or f"{path}: is a database, but not a shift log")
    if int(version) > FORMAT_VERSION:
        raise NotALog(
            f"{path}: has the format {name}/{version}; this version reads {FORMAT} and older"
        )
