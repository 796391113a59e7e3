"""What the residual watch carries from log to log, and how a log keeps it.

Of each series its last observations, those of a change left out: the model of the log that follows
begins with them, so that a change that began with that log is one, and its baseline is long enough.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Remembered:
    """Observations of one series: y (n,), the known causes x (n, k) by name, and weights (n,)."""

    columns: tuple[str, ...]
    x: Floats
    y: Floats
    weight: Floats

    def in_columns(self, wanted: tuple[str, ...]) -> tuple[tuple[str, ...], Floats]:
        """The columns of both sides, ``wanted`` first, and x in them, (n, more)."""
        names = (*wanted, *(name for name in self.columns if name not in wanted))
        x = np.zeros((len(self.y), len(names)))
        for c, name in enumerate(self.columns):
            x[:, names.index(name)] = self.x[:, c]
        return names, x


@dataclass(frozen=True)
class WatchKnowledge:
    """What is remembered of each series, by its key."""

    series: Mapping[str, Remembered] = field(default_factory=dict)

    def to_text(self) -> str:
        """As a log keeps it: JSON; numbers in single precision, as they are good for."""
        return json.dumps({key: _packed(each) for key, each in sorted(self.series.items())})

    @staticmethod
    def from_text(text: str) -> WatchKnowledge:
        """What ``to_text`` wrote. Raises ValueError where it is not that."""
        try:
            kept = json.loads(text)
            return WatchKnowledge({key: _unpacked(each) for key, each in kept.items()})
        except (AttributeError, KeyError, TypeError, zlib.error) as fault:
            raise ValueError(f"not what the watch keeps: {fault}") from fault


NOTHING_KNOWN = WatchKnowledge()


def _packed(each: Remembered) -> dict[str, object]:
    table = np.column_stack([each.y, each.weight, each.x]).astype("<f4")
    packed = base64.b64encode(zlib.compress(table.tobytes())).decode()
    return {"columns": list(each.columns), "table": packed}


def _unpacked(each: Mapping[str, object]) -> Remembered:
    columns = tuple(str(name) for name in each["columns"])  # type: ignore[attr-defined]
    raw = zlib.decompress(base64.b64decode(str(each["table"])))
    table = np.frombuffer(raw, "<f4").astype(np.float64).reshape(-1, 2 + len(columns))
    return Remembered(columns, table[:, 2:].copy(), table[:, 0].copy(), table[:, 1].copy())
