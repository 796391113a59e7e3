"""Runs an OpcuaSource in a thread and keeps what it yields, for tests that look from outside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy as np

from data.line import Line, Names, Plant, Signal, SourceConfig
from data.samples import Event, Samples, ValueType, empty
from data.sources.opcua_source import OpcuaSource


def line_of(
    url: str,
    nodes: dict[str, str],
    *,
    publishing_ms: float = 50,
    sampling_ms: float | None = 20,
    deadband: float | None = None,
    security: str = "None",
    user: str | None = None,
) -> Line:
    """A line of one source whose signals are ``nodes``: key to node."""
    names = Names("test", "test")
    config = SourceConfig(
        id="plc",
        kind="opcua",
        url=url,
        security=security,
        user=user,
        publishing_ms=publishing_ms,
    )
    signals = tuple(
        Signal(
            index=index,
            key=key,
            source="plc",
            subject=key,
            subject_kind="meter",
            role="value",
            node=node,
            map={},
            unit=None,
            scale=1.0,
            hold="step",
            sampling_ms=sampling_ms,
            queue=100,
            deadband=deadband,
            expect_s=None,
            must_move=False,
        )
        for index, (key, node) in enumerate(nodes.items())
    )
    plant = Plant(id="test", names=names, timezone="UTC", currency="EUR", takt_s=None)
    return Line(plant=plant, sources=(config,), signals=signals)


class Watch:
    """What a source yields, gathered in the background."""

    def __init__(self, source: OpcuaSource) -> None:
        self.source = source
        self.error: Exception | None = None
        self.block_times_s: list[float] = []
        self.receive_counts: list[int] = []
        self._parts: list[Samples] = [empty()]
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.source.stop()
        self._thread.join(20)
        assert not self._thread.is_alive(), "blocks() did not end"

    def _run(self) -> None:
        try:
            for block in self.source.blocks():
                self.block_times_s.append(time.monotonic())
                self.receive_counts.append(len(np.unique(block.samples["receive_ns"])))
                self._parts.append(block.samples)
        except Exception as error:
            self.error = error

    @property
    def rows(self) -> Samples:
        """All rows so far, in arrival order."""
        return np.concatenate(self._parts)

    def of(self, key: str) -> Samples:
        """The rows of one signal."""
        rows = self.rows
        found: Samples = rows[rows["signal"] == self.source.line.signal_index[key]]
        return found

    def values(self, key: str) -> list[Any]:
        """The values of one signal: texts, integers or reals."""
        out: list[Any] = []
        for row in self.of(key):
            match ValueType(int(row["type"])):
                case ValueType.TEXT:
                    out.append(self.source.texts[int(row["exact"])])
                case ValueType.INTEGER:
                    out.append(int(row["exact"]))
                case ValueType.REAL:
                    out.append(float(row["value"]))
                case ValueType.NONE:
                    out.append(None)
        return out

    def events(self, kind: Event) -> Samples:
        rows = self.rows
        found: Samples = rows[rows["signal"] == int(kind)]
        return found

    def until(self, seen: Callable[[], object], timeout_s: float = 15.0) -> None:
        """Waits until ``seen`` is true; fails with what the source says of itself."""
        deadline_s = time.monotonic() + timeout_s
        while not seen():
            if self.error is not None:
                raise self.error
            assert time.monotonic() < deadline_s, f"not seen: {self.source.status()}"
            time.sleep(0.02)
