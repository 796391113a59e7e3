"""Lines and streams made up for the tests of this folder."""

from __future__ import annotations

import numpy as np

from data.line import Line, Names, Plant, Signal, SourceConfig
from data.samples import SampleBlock, Samples, TextTable, ValueType, empty

T0 = 1_750_000_000 * 1_000_000_000  # 2025-06-15T15:06:40Z
SECOND = 1_000_000_000


def signal(index: int, role: str = "value", source: str | None = "a") -> Signal:
    """Signal number ``index``, of one source."""
    return Signal(
        index=index,
        key=f"M{index}.{role}",
        source=source,
        subject=f"M{index}",
        subject_kind="meter",
        role=role,
        node=None,
        map={},
        unit="kW",
        scale=1.0,
        hold="step",
        sampling_ms=None,
        queue=None,
        deadband=None,
        expect_s=None,
        must_move=False,
    )


def line(count: int = 4, *, roles: tuple[str, ...] = (), sources: tuple[str, ...] = ("a",)) -> Line:
    """A line of ``count`` signals; signal i has roles[i] if given, and sources in turn."""
    signals = [
        signal(i, roles[i] if i < len(roles) else "value", sources[i % len(sources)])
        for i in range(count)
    ]
    servers = [
        SourceConfig(id=name, kind="opcua", url="", security="None", user=None, publishing_ms=100.0)
        for name in sources
    ]
    plant = Plant(id="t", names=Names("t", "t"), timezone="UTC", currency="EUR", takt_s=None)
    text = line_text(count, roles, sources)
    return Line(plant=plant, signals=tuple(signals), sources=tuple(servers), text=text)


def line_text(count: int, roles: tuple[str, ...], sources: tuple[str, ...]) -> str:
    """A comment only: these lines are not read back."""
    return f"# {count} signals of {sources}, {roles}"


def reals(signals: object, times_ns: object, values: object, receive_ns: int) -> Samples:
    """Good samples of type REAL, received together."""
    columns = np.broadcast_arrays(np.atleast_1d(signals), times_ns, values)  # type: ignore[arg-type]
    rows = empty(columns[0].shape[0])
    rows["signal"], rows["time_ns"], rows["value"] = columns
    rows["type"], rows["receive_ns"] = ValueType.REAL, receive_ns
    return rows


def block(rows: Samples, texts: TextTable | None = None) -> SampleBlock:
    """A block of these rows."""
    return SampleBlock(rows, texts if texts is not None else TextTable())
