"""What there is to jump to in a log: failures of stations, gaps, shifts and their breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from data.line import Line, Signal
from data.samples import SEVERITY_SHIFT, Event, Samples, TextTable
from twin import shifts
from twin.decode import raw_text

FAILED, GAP, SHIFT, BREAK = KINDS = ("failed", "gap", "shift", "break")


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that began at ``time_ns`` and lasted to ``to_ns``; None: to the log's end.

    ``kind`` is one of KINDS; ``where`` a station, a source, or a shift's name.
    """

    time_ns: int
    to_ns: int | None
    kind: str
    where: str


def moments(
    line: Line,
    texts: TextTable,
    span_ns: tuple[int, int],
    events: Samples,
    samples_of: Callable[[int], Samples],
) -> tuple[Moment, ...]:
    """All of a log, in order of time. ``samples_of`` gives those of one signal, by its number."""
    found = [*_gaps(line, events), *_plan(line, span_ns)]
    for signal in line.signals:
        if signal.role == "state" and signal.subject in line.station_index:
            found += _failures(signal, samples_of(signal.index), texts)
    inside = (m for m in found if span_ns[0] <= m.time_ns <= span_ns[1])
    return tuple(sorted(inside, key=lambda m: (m.time_ns, KINDS.index(m.kind), m.where)))


def _failures(signal: Signal, samples: Samples, texts: TextTable) -> Iterator[Moment]:
    """From each turn to ``failed`` to the next other word; what is bad tells nothing."""
    since_ns: int | None = None
    for sample in samples[samples["status"] >> SEVERITY_SHIFT < 2]:
        word = raw_text(sample, texts) or ""
        failed = signal.map.get(word, word) == FAILED
        if failed and since_ns is None:
            since_ns = int(sample["time_ns"])
        elif not failed and since_ns is not None:
            yield Moment(since_ns, int(sample["time_ns"]), FAILED, signal.subject)
            since_ns = None
    if since_ns is not None:
        yield Moment(since_ns, None, FAILED, signal.subject)


def _gaps(line: Line, events: Samples) -> Iterator[Moment]:
    open_ns: dict[int, int] = {}
    kinds = (int(Event.GAP_BEGIN), int(Event.GAP_END))
    for row in events[np.isin(events["signal"], kinds)]:
        source, time_ns = int(row["exact"]), int(row["time_ns"])
        if row["signal"] == Event.GAP_BEGIN:
            open_ns[source] = time_ns
        elif source in open_ns:
            yield Moment(open_ns.pop(source), time_ns, GAP, _source(line, source))
    for source, time_ns in open_ns.items():
        yield Moment(time_ns, None, GAP, _source(line, source))


def _source(line: Line, number: int) -> str:
    return line.sources[number].id if number < len(line.sources) else ""


def _plan(line: Line, span_ns: tuple[int, int]) -> Iterator[Moment]:
    for window in shifts.windows(line, *span_ns):
        if window.shift is not None:
            yield Moment(window.from_ns, window.to_ns, SHIFT, window.shift.name)
            for begin_ns, end_ns in window.breaks_ns:
                yield Moment(begin_ns, end_ns, BREAK, window.shift.name)
