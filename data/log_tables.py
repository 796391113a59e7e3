"""The tables of a shift log, as named migrations.

docs/shift-log.md describes them for who reads a log with other software.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from data.log_schema import FORMAT_NAME

migrate = Migrations(FORMAT_NAME)


@migrate()
def m001_content(db: Database) -> None:
    """The samples: what arrived last as it arrived, everything else in chunks per signal."""
    db.table("meta").create({"key": str, "value": str, "crc": int}, pk="key")
    db.table("signal").create(
        {"id": int, "key": str, "subject": str, "role": str, "unit": str, "source": str}, pk="id"
    )
    db.table("text").create({"id": int, "text": str, "crc": int}, pk="id")
    # The ids of what can be damaged are never used again, so that a hole in them is a loss.
    _execute(
        db,
        """
        CREATE TABLE segment (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            begin_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL,
            samples INTEGER NOT NULL, events INTEGER NOT NULL,
            first_chunk INTEGER NOT NULL, signals TEXT NOT NULL,
            receive_plan TEXT NOT NULL, receive BLOB NOT NULL, crc INTEGER NOT NULL)
        """,
    )
    _execute(
        db,
        """
        CREATE TABLE event (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            segment INTEGER NOT NULL REFERENCES segment(id), kind TEXT NOT NULL,
            code INTEGER NOT NULL, time_ns INTEGER NOT NULL, order_ns INTEGER NOT NULL,
            receive_ns INTEGER NOT NULL, exact INTEGER NOT NULL, value REAL,
            status INTEGER NOT NULL, flags INTEGER NOT NULL, crc INTEGER NOT NULL)
        """,
    )
    _execute(
        db,
        """
        CREATE TABLE journal (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            last_arrival INTEGER NOT NULL,
            begin_receive_ns INTEGER NOT NULL, end_receive_ns INTEGER NOT NULL,
            count INTEGER NOT NULL, data BLOB NOT NULL, crc INTEGER NOT NULL)
        """,
    )
    _execute(
        db,
        """
        CREATE TABLE checkpoint (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            arrival INTEGER NOT NULL, tail BLOB NOT NULL, sequencer BLOB NOT NULL,
            crc INTEGER NOT NULL)
        """,
    )
    # Last, and so last in a sealed file: wherever that is cut, what reads a chunk comes before it.
    _execute(
        db,
        """
        CREATE TABLE chunk (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            segment INTEGER NOT NULL REFERENCES segment(id), signal INTEGER NOT NULL,
            count INTEGER NOT NULL, begin_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL,
            plan TEXT NOT NULL, data BLOB NOT NULL, crc INTEGER NOT NULL)
        """,
    )
    db.table("chunk").create_index(["signal", "segment"])


def _compact(sql: str) -> str:
    """On one line: all of the schema must fit the first page of the file."""
    return " ".join(sql.split())


def _execute(db: Database, sql: str) -> None:
    db.execute(_compact(sql))


def _utc(column: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {column} / 1e9, 'unixepoch')"


@migrate()
def m002_views(db: Database) -> None:
    """What a plain SQLite shell likes to see."""
    db.create_view(
        "signals",
        _compact(f"""
        SELECT signal.id, key, unit, sum(count) AS samples, {_utc("min(begin_ns)")} AS first,
               {_utc("max(end_ns)")} AS last, sum(length(data)) AS bytes
        FROM signal LEFT JOIN chunk ON chunk.signal = signal.id GROUP BY signal.id
        """),
    )
    db.create_view(
        "segments",
        _compact(f"""
        SELECT id, {_utc("begin_ns")} AS first, {_utc("end_ns")} AS last, samples, events,
               (SELECT count(*) FROM chunk WHERE chunk.segment = segment.id) AS chunks,
               (SELECT sum(length(data)) FROM chunk WHERE chunk.segment = segment.id) AS bytes
        FROM segment
        """),
    )
    db.create_view(
        "events",
        _compact(f"""
        SELECT id, kind, {_utc("time_ns")} AS time, exact, value, status FROM event
        """),
    )
    db.create_view(
        "gaps",
        _compact(f"""
        SELECT a.exact AS source, {_utc("a.time_ns")} AS begin, {_utc("b.time_ns")} AS end,
               (b.time_ns - a.time_ns) / 1e9 AS seconds
        FROM event a LEFT JOIN event b ON b.id = (
            SELECT min(id) FROM event
            WHERE kind = 'GAP_END' AND exact = a.exact AND id > a.id)
        WHERE a.kind = 'GAP_BEGIN'
        """),
    )
