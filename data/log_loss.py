"""What a damaged log says of samples that do not read any more: from when on, of which signals."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from data.samples import Event, Samples, empty

BAD_DATA_LOST = 0x809D_0000  # OPC UA status


def losses(signals: Collection[int], time_ns: int) -> Samples:
    """One event per signal whose samples are lost from ``time_ns`` on."""
    rows = empty(len(signals))
    rows["signal"], rows["value"] = int(Event.SAMPLES_LOST), 0.0
    rows["time_ns"] = rows["order_ns"] = time_ns
    rows["exact"], rows["status"] = sorted(signals), BAD_DATA_LOST
    return rows


def with_losses(
    rows: Samples, lost_from: Collection[int], signals: int, begin_ns: int
) -> tuple[Samples, list[tuple[int, int]]]:
    """Sequenced rows with a note of each loss, and from when to when (order_ns) each one was.

    ``lost_from``: receive times from which on something is missing; ``begin_ns``: the order_ns
    before the first row. All ``signals`` of a line may have been in what is lost.
    """
    newest_ns = np.maximum.accumulate(rows["receive_ns"])
    parts, spans, done = [], [], 0
    for receive_ns in sorted(lost_from):
        place = max(done, int(np.searchsorted(newest_ns, receive_ns)))
        parts.append(rows[done:place])
        before_ns = int(rows["order_ns"][place - 1]) if place else begin_ns
        after_ns = int(rows["order_ns"][place]) if place < rows.shape[0] else before_ns
        parts.append(losses(range(signals), before_ns))
        spans.append((before_ns, after_ns))
        done = place
    return np.concatenate([*parts, rows[done:]]), spans
