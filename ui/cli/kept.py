"""What a whole log came to, kept in the user's cache until log, line or program change."""

from __future__ import annotations

import hashlib
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from ui.cli.terminal import software

if TYPE_CHECKING:
    from data.factors import Books
    from data.line import Line
    from data.shelf import Shelf
    from data.shift_log import ShiftLog
    from twin.reckoning import Reckoning
    from twin.session import Result

_PACKAGES = ("numpy", "numba", "llvmlite")
_SOURCES = ("data", "twin")


def cache_folder() -> Path:
    """Where this program keeps what it can make again; GREENLINE_CACHE_DIR says otherwise."""
    from platformdirs import user_cache_path

    base = os.environ.get("GREENLINE_CACHE_DIR")
    return Path(base) if base else user_cache_path("greenline")


def key_of(log: ShiftLog, books: Books) -> str | None:
    """What everything that is booked of a log depends on; None where it is not sealed.

    The bytes of its file, the kWh that the books make of what meters count, and the program.
    """
    if not log.sealed:
        return None
    with log.path.open("rb") as file:
        key = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
    key.update(books.energy_key.encode())
    key.update(_program())
    return key.hexdigest()


def taken(key: str | None, line: Line, books: Books) -> Reckoning | None:
    """What is kept under a key; None where there is nothing."""
    from twin.reckoning import from_bytes

    data = _shelf().get(key) if key is not None else None
    if data is None:
        return None
    try:
        return from_bytes(data, line, books)
    except Exception:  # whatever a pickle of something else raises: as if nothing were kept
        return None


def keep(key: str | None, log: ShiftLog, result: Result) -> None:
    """Keeps what a log came to, if that is all of a log of which nothing is lost."""
    from twin.reckoning import Reckoning, to_bytes

    whole = result.digest == log.meta.get("digest") and log.recovered.clean
    if key is not None and result.found is not None and whole:
        fates = result.accounts.fates
        done = Reckoning(result.ledger, fates, result.found, result.digest)
        _shelf().put(key, to_bytes(done))


def _shelf() -> Shelf:
    from data.shelf import Shelf

    return Shelf(cache_folder() / "shifts")


def _program() -> bytes:
    """A digest of whatever of the program has a say in what is booked."""
    root = Path(__file__).parents[2]
    digest = hashlib.blake2b(digest_size=16)
    for folder in _SOURCES:
        for path in sorted((root / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    here = [software(), platform.machine(), platform.python_version(), *map(_version, _PACKAGES)]
    digest.update(", ".join(here).encode())
    return digest.digest()


def _version(package: str) -> str:
    """A package and its version, which a frozen program may not know."""
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return package
