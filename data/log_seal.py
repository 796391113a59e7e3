"""Writes a log that is closed anew, in the order in which a reader needs it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

from data.log_schema import APPLICATION_ID, PAGE_BYTES
from data.log_stamp import stamp

# The head first, then the samples, then what a sealed log no longer needs.
_ORDER = (
    *("meta", "signal", "text", "segment", "event"),
    "chunk",
    *("journal", "checkpoint", "_sqlite_migrations"),
)
# Short values first, so that they share one page; accounts can be reckoned again.
_META_ORDER = "key IN ('opening_wip', 'closing_wip', 'chain'), length(value)"


def write_in_order(path: Path) -> None:
    """Puts a copy in the order of need in the log's place; nobody may be writing it.

    Raises sqlite3.Error or OSError where there is no room for a copy, or the file is held; the
    log is then as it was.
    """
    target = path.resolve()
    copy = target.with_name(f"{target.name}.sealing")
    copy.unlink(missing_ok=True)
    try:
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as db:
            _copy(db, target)
        stamp(copy)
        shutil.copymode(target, copy)
        copy.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            copy.unlink(missing_ok=True)
        raise


def _copy(db: sqlite3.Connection, source: Path) -> None:
    db.execute(f"PRAGMA page_size={PAGE_BYTES}")
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("ATTACH DATABASE ? AS source", (os.fspath(source),))
    db.execute("BEGIN")
    for table in _ORDER:
        _run(db, "name = ?", table)
        order = _META_ORDER if table == "meta" else "rowid"
        db.execute(f"INSERT INTO main.{table} SELECT * FROM source.{table} ORDER BY {order}")
        if table == "event":
            db.execute("DELETE FROM main.sqlite_sequence")
            db.execute("INSERT INTO main.sqlite_sequence SELECT * FROM source.sqlite_sequence")
    _run(db, "type IN ('index', 'view') AND sql IS NOT NULL")
    db.execute("COMMIT")


def _run(db: sqlite3.Connection, where: str, *values: object) -> None:
    """Creates the parts of the source's schema that meet a condition."""
    rows = db.execute(f"SELECT sql FROM source.sqlite_schema WHERE {where} ORDER BY rowid", values)
    for (sql,) in rows.fetchall():
        db.execute(sql)
