"""The shift log: one SQLite file that keeps a session's samples; write, seal, recover, read.

docs/shift-log.md describes the format. The parts: ``log_schema`` (checksums, errors),
``log_tables``, ``log_chunks`` (packing), ``log_segment`` and ``log_writer`` (writing),
``log_recover``, ``log_tail``, ``log_merge`` and ``log_reader`` (reading), ``log_lock``.
"""

from data.digest import ContentDigest
from data.log_reader import ShiftLog
from data.log_recover import Lost, Recovery
from data.log_schema import FORMAT, LogError, LogExists, LogFailed, LogInUse, NotALog
from data.log_writer import ShiftLogWriter

__all__ = [
    "FORMAT",
    "ContentDigest",
    "LogError",
    "LogExists",
    "LogFailed",
    "LogInUse",
    "Lost",
    "NotALog",
    "Recovery",
    "ShiftLog",
    "ShiftLogWriter",
]
