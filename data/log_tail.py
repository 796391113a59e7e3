"""The end of a log that was not sealed: the checkpoint, and the journal behind it.

The journal holds what arrived, so it is sequenced here, by the rule that did it live, from the
state that the checkpoint kept.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from data.line import Line
from data.log_chunks import Damaged, unpack_bytes, unpack_rows
from data.log_loss import with_losses
from data.log_recover import Lost, Salvage
from data.log_schema import checkpoint_crc
from data.rows import joined
from data.samples import Event, SampleBlock, Samples, TextTable, empty
from data.sequencer import WINDOW_NS, Sequencer

_JOURNAL = "last_arrival, begin_receive_ns, end_receive_ns, count, data, crc"


@dataclass(frozen=True, slots=True)
class Tail:
    """What is sequenced behind the last segment."""

    rows: Samples
    from_journal: int  # samples that were read from the journal
    lost: tuple[Lost, ...]
    lost_spans: tuple[tuple[int, int], ...] = ()  # order_ns


@dataclass(frozen=True, slots=True)
class _Start:
    """Where the journal goes on from; sequencer None: the log takes no arrivals."""

    rows: Samples
    sequencer: Sequencer | None
    arrival: int


def read_tail(
    salvage: Salvage,
    line: Line,
    texts: TextTable,
    meta: Mapping[str, str],
    last_ns: int | None,
) -> Tail:
    """What a log holds behind its last segment, which ends at ``last_ns``."""
    lost: list[Lost] = []
    lost_from: list[int] = []  # receive times
    window = meta.get("window_ns", "")
    window_ns = int(window) if window.isdigit() else WINDOW_NS
    try:
        start = _checkpoint(salvage, line, texts)
    except Damaged as error:
        lost.append(Lost("checkpoint", None, last_ns, last_ns, None, str(error)))
        lost_from.append(0)
        start = None
    begun = start is not None
    if start is None:
        sequencer = (
            Sequencer(line, texts, window_ns)
            if last_ns is None
            else Sequencer.resume(line, texts, last_ns, window_ns)
        )
        start = _Start(empty(), sequencer, 0)
    arrivals = _arrivals(salvage, start.arrival, lost, lost_from, len(line.signals))
    if not arrivals and not lost and not begun and last_ns is not None:
        return Tail(empty(), 0, ())  # sealed after all: only the note of it is lost
    parts = [start.rows]
    for rows in arrivals:
        if start.sequencer is not None:
            parts.append(start.sequencer.push(SampleBlock(rows, texts)).samples)
    parts.append(_end(start, arrivals, last_ns))
    rows = joined(parts)
    spans: list[tuple[int, int]] = []
    if lost_from and rows.shape[0]:
        begin_ns = last_ns if last_ns is not None else int(rows["order_ns"][0])
        rows, spans = with_losses(rows, lost_from, len(line.signals), begin_ns)
    return Tail(rows, sum(map(_samples, arrivals)), tuple(lost), tuple(spans))


def _samples(rows: Samples) -> int:
    return int((rows["signal"] >= 0).sum())


def _checkpoint(salvage: Salvage, line: Line, texts: TextTable) -> _Start | None:
    row = salvage.row("checkpoint", "arrival, tail, sequencer, crc", 1)
    if row is None:
        return None
    if isinstance(row, str):
        raise Damaged(row)
    arrival, tail, state, crc = row
    if not isinstance(tail, bytes) or not isinstance(state, bytes):
        raise Damaged("it holds something else")
    if checkpoint_crc(arrival, tail, state) != crc:
        raise Damaged("its checksum is wrong")
    unpacked = unpack_bytes(state)
    try:
        sequencer = Sequencer.restore(line, texts, unpacked) if unpacked else None
    except ValueError as error:
        raise Damaged(str(error)) from error
    return _Start(unpack_rows(tail), sequencer, arrival)


def _arrivals(
    salvage: Salvage, after: int, lost: list[Lost], lost_from: list[int], signals: int
) -> list[Samples]:
    """The journal's entries that read, in order; the others are noted as lost, and since when."""
    found: list[Samples] = []
    unread: list[str] = []
    known_ns = 0  # the newest arrival
    for _, row in salvage.rows("journal", _JOURNAL, 1, salvage.last_id("journal")):
        if isinstance(row, str):
            unread.append(row)
            lost_from.append(known_ns + 1)
            continue
        arrival, begin_ns, end_ns, count, data, crc = row
        if isinstance(arrival, int) and arrival <= after:
            continue
        try:
            found.append(_entry(data, crc, signals))
            known_ns = int(found[-1]["receive_ns"].max(initial=known_ns))
        except Damaged as error:
            lost_from.append(known_ns + 1)
            lost.append(Lost("journal", None, begin_ns, end_ns, count, str(error)))
    if unread:
        reason = f"{len(unread)} entries do not read"
        lost.append(Lost("journal", None, None, None, None, reason))
    return found


def _entry(data: object, crc: object, signals: int) -> Samples:
    if not isinstance(data, bytes) or zlib.crc32(data) != crc:
        raise Damaged("its checksum is wrong")
    rows = unpack_rows(data)
    if rows.shape[0] and int(rows["signal"].max()) >= signals:
        raise Damaged("it names signals that the line does not have")
    return rows


def _end(start: _Start, arrivals: list[Samples], last_ns: int | None) -> Samples:
    """What the sequencer still held, and the end of the session."""
    if start.sequencer is not None and not start.sequencer.ended:
        known = arrivals or start.rows.shape[0] or last_ns is not None
        return start.sequencer.flush().samples if known else empty()
    end_ns = int(start.rows["order_ns"][-1]) if start.rows.shape[0] else last_ns
    ended = start.rows.shape[0] and start.rows["signal"][-1] == Event.SESSION_END
    if end_ns is None or ended:
        return empty()
    row = empty(1)
    row["signal"], row["value"] = int(Event.SESSION_END), 0.0
    row["time_ns"] = row["order_ns"] = end_ns
    return row
