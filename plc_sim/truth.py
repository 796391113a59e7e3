"""The truth ledger: what really happened, as JSON Lines (docs/simulator.md lists the records)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO


class Truth:
    """Writes one whole line a record, at once; with no path it writes nothing."""

    def __init__(self, path: str | Path | None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    @property
    def kept(self) -> bool:
        """Whether anything is written at all."""
        return self._file is not None

    def open(self) -> None:
        """Creates or replaces the file; raises OSError where that cannot be done."""
        if self._path is not None:
            # Unbuffered: each line leaves the process whole, in one write.
            self._file = open(self._path, "wb", buffering=0)  # noqa: SIM115 - open for the run

    def write(self, kind: str, record: Mapping[str, object]) -> None:
        """Adds a record."""
        if self._file is not None:
            line = json.dumps({"kind": kind, **record}, ensure_ascii=False, allow_nan=False)
            self._file.write(line.encode() + b"\n")

    def close(self) -> None:
        """Closes the file; more than once is well."""
        if self._file is not None:
            self._file.close()
            self._file = None
