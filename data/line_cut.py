"""A line with fewer meters: what is left to know where a plant has not metered every station."""

from __future__ import annotations

from dataclasses import replace

from data.line import Line, Meter


def with_feeders_alone(line: Line) -> Line:
    """The line without the meters that name stations, and without their signals and converters.

    The meters of workshops and of the plant stay as they are; ``text`` is still that of the whole
    line.
    """
    kept = {meter.id for meter in line.meters if not _names_stations(meter)}
    signals = [s for s in line.signals if s.subject_kind != "meter" or s.subject in kept]
    return replace(
        line,
        meters=tuple(meter for meter in line.meters if meter.id in kept),
        points=tuple(point for point in line.points if point.id in kept),
        converters=tuple(c for c in line.converters if kept.issuperset(c.inputs + c.outputs)),
        signals=tuple(replace(signal, index=i) for i, signal in enumerate(signals)),
        tables=(),
    )


def _names_stations(meter: Meter) -> bool:
    return any(cover != "plant" and ":" not in cover for cover in meter.covers)
