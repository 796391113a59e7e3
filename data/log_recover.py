"""Reads the tables of a shift log row by row, whatever has happened to the file.

SQLite stops a query at the first damaged page. So rows are fetched one by one, by their ids; what
cannot be fetched, or does not have the checksum that was written with it, is named and left out,
and the rest reads. Nothing here writes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.log_schema import FORMAT, FORMAT_NAME, FORMAT_VERSION, NotALog, row_crc

MAGIC = b"SQLite format 3\0"
_LAST_ID = 5_000_000  # beyond what a log ever holds: a damaged number
_META_ROWS = 1000
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
    """What a log was read with: whether it was sealed, what the journal gave, what is lost."""

    sealed: bool
    from_journal: int  # samples that came out of the journal
    lost: tuple[Lost, ...]

    @property
    def clean(self) -> bool:
        """Sealed, and nothing lost."""
        return self.sealed and not self.lost

    def lines(self) -> tuple[str, ...]:
        """What a person should know, one line each; empty when all is well."""
        found = []
        if not self.sealed:
            found.append(
                f"the log was not sealed; {self.from_journal} samples came out of its journal"
            )
        return (*found, *(f"lost: {lost}" for lost in self.lost))


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
        self._db = _connect(path)

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
    raise NotALog(f"{path}: is not a shift log, or too damaged to read: {reason}")


def _check_format(path: Path, connection: sqlite3.Connection) -> None:
    row = connection.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    name, _, version = str(row[0] if row else "").partition("/")
    if name != FORMAT_NAME or not version.isdigit():
        raise NotALog(f"{path}: is a database, but not a shift log")
    if int(version) > FORMAT_VERSION:
        raise NotALog(
            f"{path}: has the format {name}/{version}; this version reads {FORMAT} and older"
        )
