"""A sealed log's file is stamped with a checksum over all of its bytes.

CRC-32 of the file with the stamp's own four bytes as zeros, in SQLite's ``user_version`` (bytes 60
to 63, big-endian), which SQLite itself leaves alone. 0 there means that there is no stamp. So a
byte that changes anywhere is seen, also where no sample, text or event lies.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

_PLACE, _BYTES = 60, 4
_PART_BYTES = 1 << 20


def stamp(path: Path) -> None:
    """Stamps a file that nobody has open. Raises OSError where it cannot be written."""
    number = _checksum(path)
    with path.open("r+b") as file:
        file.seek(_PLACE)
        file.write(number.to_bytes(_BYTES, "big"))
        file.flush()
        os.fsync(file.fileno())


def is_as_stamped(path: Path) -> bool | None:
    """Is every byte as it was when the file was stamped? None where it never was."""
    with path.open("rb") as file:
        file.seek(_PLACE)
        stamped = int.from_bytes(file.read(_BYTES), "big")
    return None if stamped == 0 else stamped == _checksum(path)


def _checksum(path: Path) -> int:
    with path.open("rb") as file:
        head = file.read(_PLACE)
        file.read(_BYTES)
        crc = zlib.crc32(bytes(_BYTES), zlib.crc32(head))
        while part := file.read(_PART_BYTES):
            crc = zlib.crc32(part, crc)
    return crc or 1
