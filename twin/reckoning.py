"""A log's ledger and what is found in it as bytes, to be taken up under other books and rules.

All of it is the same under every allocation rule, and under all books that make the same kWh of
what meters count. Line and books themselves are left out, and put in again when it is read.

The bytes are a pickle: read only what this program wrote, into a folder that only its user can
write (as numba's compiled kernels are).
"""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass, replace

from data.factors import Books
from data.line import Line
from twin.fates import Fates
from twin.found import Found
from twin.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a log comes to before it is allotted; digest: of its sequenced content."""

    ledger: Ledger
    fates: Fates
    found: Found
    digest: str


def to_bytes(done: Reckoning) -> bytes:
    """Everything but the line and the books."""
    booked, file = done.ledger.booked, io.BytesIO()
    # A ledger's copy is without what it has worked out meanwhile, under its books.
    plain = replace(done, ledger=replace(done.ledger))
    _Writer(file, booked.line, booked.books).dump(plain)
    return file.getvalue()


def from_bytes(data: bytes, line: Line, books: Books) -> Reckoning:
    """The reverse of to_bytes, under this line (but for its allocation the same) and books."""
    found = _Reader(io.BytesIO(data), {"line": line, "books": books}).load()
    if not isinstance(found, Reckoning):
        raise TypeError(f"{type(found).__name__}: must be what to_bytes wrote")
    return found


class _Writer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, line: Line, books: Books) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._names = {id(line): "line", id(books): "books"}

    def persistent_id(self, obj: object) -> str | None:
        return self._names.get(id(obj))


class _Reader(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, parts: dict[str, Line | Books]) -> None:
        super().__init__(file)
        self._parts = parts

    def persistent_load(self, pid: str) -> Line | Books:
        return self._parts[pid]
