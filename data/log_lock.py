"""One writer per log: a lock file beside it that dies with its process."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO

from data.log_schema import LogInUse


class WriterLock:
    """Holds ``PATH.lock`` until released, or until the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        while True:
            file = self._path.open("a+", encoding="utf-8")
            if not _lock(file):
                owner = _owner(file)
                file.close()
                raise LogInUse(f"{path}: is being written by another process{owner}")
            if _same_file(file, self._path):
                break
            file.close()  # its last holder removed it meanwhile
        self._file = file
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()

    def release(self) -> None:
        """Gives the log free and removes the lock file; harmless when repeated."""
        if self._file.closed:
            return
        if sys.platform != "win32":  # there an open file cannot be removed
            self._path.unlink(missing_ok=True)
        self._file.close()
        if sys.platform == "win32":
            self._path.unlink(missing_ok=True)


def _owner(file: IO[str]) -> str:
    try:
        file.seek(0)
        number = file.read(20).strip()
    except OSError:
        return ""
    return f" (number {number})" if number.isdigit() else ""


def _same_file(file: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
