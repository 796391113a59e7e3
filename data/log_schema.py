"""What every part of a shift log agrees on: its format, its checksums, the errors it may raise."""

from __future__ import annotations

import zlib

from data.samples import LogTrouble

FORMAT_NAME = "greenline.log"
FORMAT_VERSION = 1
FORMAT = f"{FORMAT_NAME}/{FORMAT_VERSION}"
PAGE_BYTES = 4096  # the schema fits one page
APPLICATION_ID = 0x474C4F47  # "GLOG" in the SQLite header


class LogError(Exception):
    """A shift log that cannot be written or read; one clear line."""


class NotALog(LogError):
    """The file is not a shift log that this version can read."""


class LogExists(LogError):
    """There is a file already: a log is never overwritten."""


class LogInUse(LogError):
    """Another process is writing this log."""


class LogFailed(LogError, LogTrouble):
    """Samples could not be put on disk; they are kept in memory, and it is tried again."""


def row_crc(*values: object) -> int:
    """CRC-32 of a row of small values, as text with commas between; NULL is "None"."""
    return zlib.crc32(",".join(map(str, values)).encode("utf-8", "surrogatepass"))


def checkpoint_crc(arrival: int, tail: bytes, sequencer: bytes) -> int:
    """CRC-32 of a checkpoint."""
    return zlib.crc32(sequencer, zlib.crc32(tail, zlib.crc32(b"%d" % arrival)))
