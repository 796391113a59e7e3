"""A shelf of blobs by key in the user's cache: what can be reckoned again, and takes long.

Nothing rests on it. A blob that is not whole counts as absent; where nothing can be written
nothing is kept; beyond KEPT_BYTES what was not used for longest goes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import uuid
from pathlib import Path

import zstandard

KEPT_BYTES = 1 << 30
_LEVEL = 1
_CHECK_BYTES = 32
_ENDING = ".kept"


class Shelf:
    """The blobs of one folder, which is made when it is needed."""

    def __init__(self, folder: Path, kept_bytes: int = KEPT_BYTES) -> None:
        self._folder = folder
        self._kept_bytes = kept_bytes

    def get(self, key: str) -> bytes | None:
        """What was put under a key; None where there is none, or it is not whole."""
        path = self._path(key)
        try:
            if not self._is_ours() or not stat.S_ISREG(path.lstat().st_mode):
                return None
            data = path.read_bytes()
        except OSError:
            return None
        check, packed = data[:_CHECK_BYTES], data[_CHECK_BYTES:]
        if _check(key, packed) != check:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        try:
            return zstandard.ZstdDecompressor().decompress(packed)
        except zstandard.ZstdError:
            return None

    def put(self, key: str, blob: bytes) -> None:
        """Keeps a blob, if that can be."""
        packed = zstandard.ZstdCompressor(level=_LEVEL).compress(blob)
        draft = self._folder / f"{uuid.uuid4().hex}.draft"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._is_ours():
                return
            draft.write_bytes(_check(key, packed) + packed)
            draft.replace(self._path(key))
            self._clear()
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def _is_ours(self) -> bool:
        """Is it a folder of this user, into which nobody else can write?"""
        status = self._folder.lstat()
        if not stat.S_ISDIR(status.st_mode):
            return False
        if not hasattr(os, "getuid"):  # Windows keeps a user's cache apart by itself
            return True
        return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}{_ENDING}"

    def _clear(self) -> None:
        """Lets go what was not used for longest, until the rest fits."""
        found = [(path, path.stat()) for path in self._folder.glob(f"*{_ENDING}")]
        found.sort(key=lambda each: each[1].st_mtime_ns, reverse=True)
        used = 0
        for path, status in found:
            used += status.st_size
            if used > self._kept_bytes:
                path.unlink(missing_ok=True)


def _check(key: str, packed: bytes) -> bytes:
    """Of a blob and what it is kept as: one in another's place is not whole."""
    return hashlib.blake2b(packed, digest_size=_CHECK_BYTES, key=key.encode()[:64]).digest()
