"""How the alarm system itself does, by EEMUA 191 and ISA-18.2: is there too much to attend to?

Aims: at most one alarm raised in ten minutes on average and ten at most; floods (more than ten in
ten minutes) at most 1 % of the time; none that chatters or goes stale; of the priorities about
80 % low, 15 % medium, 5 % high and urgent.
Source: EEMUA 191 (3rd edition) and ANSI/ISA-18.2-2016, clause 16, from public summaries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from twin.alarm_rules import NS, PRIORITIES
from twin.alarms import Board, Entry

TEN_MINUTES_NS = 600 * NS
STALE_NS = 86_400 * NS  # stands longer than a day
CHATTERS, CHATTER_NS = 3, 60 * NS  # raised so often in a minute
MOST_FREQUENT = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """Over one session, begin to now.

    windows: alarms raised in each ten minutes. per_ten_minutes: their mean; flood_share: the
    part of the time in flood. standing, stale: now. chattering: keys. frequent: (key, raised),
    the most frequent ten. acknowledged_s: median time to an acknowledgement [s]; None: none was.
    """

    begin_ns: int
    raised: int
    windows: tuple[int, ...]
    per_ten_minutes: float | None
    most_in_ten_minutes: int
    flood_share: float
    standing: int
    stale: int
    chattering: tuple[str, ...]
    frequent: tuple[tuple[str, int], ...]
    frequent_share: float | None
    by_priority: Mapping[str, int]
    acknowledged_s: float | None


def figures(board: Board) -> Figures:
    """The figures of a board's session."""
    raised = [entry for entry in board.journal if entry.what == "raised"]
    span_ns = board.time_ns - board.from_ns
    counts = Counter(entry.key for entry in raised)
    frequent = tuple(counts.most_common(MOST_FREQUENT))
    standing = [a for a in board.alarms if a.state in ("unacknowledged", "acknowledged")]
    stale = [a for a in standing if board.time_ns - (a.raised_ns or 0) > STALE_NS]
    return Figures(
        begin_ns=board.from_ns,
        raised=len(raised),
        windows=_windows(raised, board),
        per_ten_minutes=len(raised) * TEN_MINUTES_NS / span_ns if span_ns > 0 else None,
        most_in_ten_minutes=_most(raised, TEN_MINUTES_NS),
        flood_share=_flood_ns(board) / span_ns if span_ns > 0 else 0.0,
        standing=len(standing),
        stale=len(stale),
        chattering=_chattering(raised),
        frequent=frequent,
        frequent_share=sum(n for _, n in frequent) / len(raised) if raised else None,
        by_priority={p: sum(e.priority == p for e in raised) for p in PRIORITIES},
        acknowledged_s=_acknowledged_s(board.journal),
    )


def _windows(raised: Sequence[Entry], board: Board) -> tuple[int, ...]:
    """Raised in each ten minutes from the begin on, the last one not yet over."""
    if board.time_ns <= board.from_ns:
        return ()
    counts = [0] * ((board.time_ns - board.from_ns - 1) // TEN_MINUTES_NS + 1)
    for entry in raised:
        window = (entry.time_ns - board.from_ns) // TEN_MINUTES_NS
        counts[min(max(window, 0), len(counts) - 1)] += 1
    return tuple(counts)


def _most(raised: Sequence[Entry], span_ns: int) -> int:
    """The most that were raised in any stretch of time so long."""
    times = sorted(entry.time_ns for entry in raised)
    most = begin = 0
    for end, time_ns in enumerate(times):
        while times[begin] <= time_ns - span_ns:
            begin += 1
        most = max(most, end - begin + 1)
    return most


def _chattering(raised: Sequence[Entry]) -> tuple[str, ...]:
    by_key: dict[str, list[Entry]] = {}
    for entry in raised:
        by_key.setdefault(entry.key, []).append(entry)
    return tuple(key for key, of in by_key.items() if _most(of, CHATTER_NS) >= CHATTERS)


def _flood_ns(board: Board) -> int:
    """How long it was a flood [ns]."""
    total = 0
    began: int | None = None
    for entry in board.journal:
        if entry.what == "flood_began":
            began = entry.time_ns
        elif entry.what == "flood_ended" and began is not None:
            total, began = total + entry.time_ns - began, None
    return total + (board.time_ns - began if began is not None else 0)


def _acknowledged_s(journal: Sequence[Entry]) -> float | None:
    waiting: dict[str, int] = {}
    times = []
    for entry in sorted(journal, key=lambda e: e.time_ns):
        if entry.what == "raised":
            waiting.setdefault(entry.key, entry.time_ns)
        elif entry.what == "acknowledged" and entry.key in waiting:
            times.append((entry.time_ns - waiting.pop(entry.key)) / NS)
    return median(times) if times else None
