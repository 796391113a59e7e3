"""Finds the rows of a shift log page by page, where SQLite's way to them is lost.

SQLite reaches the rows of a table through the inner pages of its tree; in a file that is cut or
damaged those may be gone while the rows are there. What is found here is only trusted with its
checksum. The layout of pages is SQLite's file format, which is fixed and public.
"""

from __future__ import annotations

import struct
from pathlib import Path

_LEAF = 0x0D  # first byte of a page with rows of a table
# No two tables of a log have as many columns, but for meta, whose first one is no id.
_TABLES = {3: "text", 9: "chunk", 10: "segment", 12: "event"}
_META_COLUMNS = 3
_REAL = 7  # the serial type of 8-byte floats
_REALS = {12: 8}  # by columns: where a real is, which SQLite stores as an integer if it is one
_NUMBERS = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}  # serial type to bytes
_CONSTANTS = {8: 0, 9: 1}
_DAMAGE = (IndexError, ValueError, KeyError, UnicodeDecodeError)

Row = tuple[object, ...]


class Pages:
    """The pages of a log's file as they lie there. Raises OSError where they do not read."""

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()
        size = int.from_bytes(self._data[16:18], "big")
        self._size = 65_536 if size == 1 else max(size, 512)
        self._usable = self._size - self._data[20]
        self._cells = self._found()

    def row(self, table: str, number: int) -> Row | None:
        """All columns of a row but its id; None where it is not in the file, or not whole."""
        try:
            return self._row(self._cells[table, number])
        except _DAMAGE:
            return None

    def last_id(self, table: str) -> int:
        """The largest id of a table that is in the file; -1 if there is none."""
        return max((number for name, number in self._cells if name == table), default=-1)

    def _found(self) -> dict[tuple[str, int], int]:
        """Where the cells of rows begin, by table and id."""
        cells: dict[tuple[str, int], int] = {}
        for page in range(self._size, len(self._data), self._size):
            if self._data[page] != _LEAF:
                continue
            count = self._number(page + 3, 2)
            for i in range(min(count, self._size // 4)):
                try:
                    cell = page + self._number(page + 8 + 2 * i, 2)
                    length, at = self._varint(cell)
                    rowid, at = self._varint(at)
                    table = _table(self._types(self._data[at : at + 64])[0])
                    if length and table is not None:
                        cells[table, rowid] = cell
                except _DAMAGE:
                    continue
        return cells

    def _row(self, cell: int) -> Row:
        length, at = self._varint(cell)
        _, at = self._varint(at)
        payload = self._payload(at, length)
        types, place = self._types(payload)
        values: list[object] = []
        for kind in types:
            size = _NUMBERS[kind] if kind < 12 else (kind - 12) // 2
            part = payload[place : place + size]
            if len(part) < size:
                raise ValueError("the row is cut off")
            place += size
            values.append(_value(kind, part))
        real = _REALS.get(len(types))
        if real is not None and isinstance(values[real], int):
            values[real] = float(str(values[real]))
        return tuple(values[1:]) if types[0] == 0 else tuple(values)

    def _payload(self, at: int, length: int) -> bytes:
        """The bytes of a row: those in its page, then its overflow pages."""
        usable = self._usable
        if length <= usable - 35:
            return self._data[at : at + length]
        least = (usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (usable - 4)
        if local > usable - 35:
            local = least
        parts = [self._data[at : at + local]]
        following, left = self._number(at + local, 4), length - local
        while left > 0 and following:
            page = (following - 1) * self._size
            part = self._data[page + 4 : page + 4 + min(left, usable - 4)]
            if not part:
                break
            parts.append(part)
            left -= len(part)
            following = self._number(page, 4)
        return b"".join(parts)

    def _types(self, payload: bytes) -> tuple[list[int], int]:
        """The serial types of a row's columns, and where its values begin."""
        end, at = _varint(payload, 0)
        types = []
        while at < end:
            kind, at = _varint(payload, at)
            types.append(kind)
        return types, end

    def _varint(self, at: int) -> tuple[int, int]:
        return _varint(self._data, at)

    def _number(self, at: int, size: int) -> int:
        part = self._data[at : at + size]
        if len(part) < size:
            raise IndexError("beyond the end of the file")
        return int.from_bytes(part, "big")


def _table(types: list[int]) -> str | None:
    """The table that a row with such columns is of; its id is stored beside it, and here null."""
    if types and types[0] == 0:
        return _TABLES.get(len(types))
    return "meta" if len(types) == _META_COLUMNS else None


def _value(kind: int, part: bytes) -> object:
    if kind >= 12:
        return part.decode() if kind % 2 else part
    if kind == 0:
        return None
    if kind == _REAL:
        return float(struct.unpack(">d", part)[0])
    return _CONSTANTS.get(kind, int.from_bytes(part, "big", signed=True))


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """SQLite's variable-length number, and where it ends."""
    number = 0
    for i in range(8):
        byte = data[at + i]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, at + i + 1
    return number << 8 | data[at + 8], at + 9
