"""What there is to jump to in a log, told by its samples and events."""

from __future__ import annotations

import numpy as np

from data.line_file import load_line
from data.samples import Event, Samples, TextTable, ValueType, empty
from twin.moments import moments

NS = 1_000_000_000
SHIFT_NS = 1_772_402_400 * NS  # 2026-03-02 06:00 in Shanghai
SPAN = (SHIFT_NS, SHIFT_NS + 8 * 3600 * NS)
LINE = load_line("small")
TEXTS = TextTable(("Execute", "Aborted"))
B010 = next(s for s in LINE.signals if s.key == "B010.state")


def state_samples(*rows: tuple[int, str, int]) -> Samples:
    """(second, word, severity)."""
    samples = empty(len(rows))
    for sample, (second, word, severity) in zip(samples, rows, strict=True):
        sample["signal"] = B010.index
        sample["time_ns"] = SHIFT_NS + second * NS
        sample["type"] = ValueType.TEXT
        sample["exact"] = TEXTS.intern(word)
        sample["status"] = severity << 30
    return samples


def events(*rows: tuple[Event, int]) -> Samples:
    samples = empty(len(rows))
    for sample, (kind, second) in zip(samples, rows, strict=True):
        sample["signal"], sample["time_ns"], sample["exact"] = kind, SHIFT_NS + second * NS, 0
    return samples


def found(samples: Samples, told: Samples) -> list[tuple[int, int | None, str, str]]:
    def of(index: int) -> Samples:
        return samples if index == B010.index else empty()

    return [
        ((m.time_ns - SHIFT_NS) // NS, m.to_ns and (m.to_ns - SHIFT_NS) // NS, m.kind, m.where)
        for m in moments(LINE, TEXTS, SPAN, told, of)
        if m.kind in ("failed", "gap")
    ]


def failed_word() -> str:
    return next((word for word, state in B010.map.items() if state == "failed"), "failed")


def test_a_failure_lasts_from_its_word_to_the_next_other_one() -> None:
    down = failed_word()
    rows = state_samples((10, "Execute", 0), (60, down, 0), (90, down, 0), (300, "Execute", 0))
    assert found(rows, empty()) == [(60, 300, "failed", "B010")]


def test_a_failure_at_the_end_is_open_and_bad_values_tell_nothing() -> None:
    down = failed_word()
    rows = state_samples((60, down, 0), (90, "Execute", 2), (120, down, 2))
    assert found(rows, empty()) == [(60, None, "failed", "B010")]


def test_gaps_are_told_by_the_stream() -> None:
    told = events((Event.GAP_BEGIN, 100), (Event.GAP_END, 160), (Event.GAP_BEGIN, 900))
    source = LINE.sources[0].id
    assert found(empty(), told) == [(100, 160, "gap", source), (900, None, "gap", source)]


def test_shifts_and_breaks_come_from_the_plan_and_all_are_in_order() -> None:
    all_of_it = moments(LINE, TEXTS, SPAN, empty(), lambda _: empty())
    assert any(m.kind == "shift" and m.time_ns == SHIFT_NS for m in all_of_it)
    times = np.array([m.time_ns for m in all_of_it])
    assert (np.diff(times) >= 0).all()
    assert ((times >= SPAN[0]) & (times <= SPAN[1])).all()
