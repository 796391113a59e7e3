"""The truth ledger: what really happened, as JSON Lines (docs/simulator.md lists the records)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import IO

from data.toml_file import Faults, whole

_BEGINS = b'{"kind": "run"'


class Truth:
    """Writes one whole line a record, at once; with no path it writes nothing."""

    def __init__(self, path: str | Path | None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._closed = False
        self._early: list[bytes] = []  # what happened at the very start, before it was opened

    @property
    def kept(self) -> bool:
        """Whether anything is written at all."""
        return self._file is not None

    def open(self, kind: str, record: Mapping[str, object]) -> None:
        """Creates the file, or replaces a ledger, with its first record.

        Raises Faults where another kind of file is there, OSError where it cannot be written.
        """
        if self._path is not None:
            _refuse_another_file(Path(self._path))
            # Unbuffered: each line leaves the process whole, in one write.
            self._file = open(self._path, "wb", buffering=0)  # noqa: SIM115 - open for the run
            self.write(kind, record)
            self._file.writelines(self._early)
            self._early.clear()

    def write(self, kind: str, record: Mapping[str, object]) -> None:
        """Adds a record."""
        if self._path is None:
            return
        text = json.dumps({"kind": kind, **record}, ensure_ascii=False, allow_nan=False)
        line = text.encode() + b"\n"
        if self._file is not None:
            self._file.write(line)
        elif not self._closed:
            self._early.append(line)

    def close(self) -> None:
        """Closes the file; more than once is well."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._closed = True


class RememberedTruth(Truth):
    """Keeps the records of some kinds in memory; nothing is written, and no loss worked out."""

    def __init__(self, kinds: Collection[str]) -> None:
        super().__init__(None)
        self.records: list[dict[str, object]] = []
        self._kinds = kinds

    def write(self, kind: str, record: Mapping[str, object]) -> None:
        """Adds a record, where its kind is wanted."""
        if kind in self._kinds:
            self.records.append({"kind": kind, **record})


def _refuse_another_file(path: Path) -> None:
    if not path.is_file():
        return
    with path.open("rb") as file:
        begins = file.read(len(_BEGINS))
    if begins and begins != _BEGINS:
        limit = "is there already and is no truth ledger; it is not replaced: choose another name"
        raise Faults([whole(str(path), limit)])
