"""An independent recount of what each meter said, straight from its samples.

It knows no station, no state and no segment, only counters and rates, so that the ledger's
balance is checked against something that the ledger did not make. Which readings of a counter
are believed is said in one place for both (readings.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.kernels import readings
from twin.kernels.booking import (
    BAD,
    OP_BEGIN,
    OP_COUNTER,
    OP_INTERVAL,
    OP_LOST_RATE,
    OP_RATE,
)
from twin.kernels.compiled import kernel, part

_NS_PER_HOUR = 3.6e12

TALLY = np.dtype(
    [
        ("hold", "u1"),
        ("has_counter", "u1"),  # a counter settles the amount
        ("has_rate", "u1"),
        ("lost", "u1"),  # the rate's samples since t_rate do not read
        ("rate", "<f8"),
        ("t_rate", "<i8"),
        ("area", "<f8"),  # kWh by the hold rule, begin to t_rate
        ("area_first", "<f8"),  # the area at the first reading
        ("area_last", "<f8"),
        ("area_doubt", "<f8"),  # the area at the reading in doubt
        ("counted", "<f8"),  # kWh, first to last reading
        ("counter", readings.COUNTER),
    ]
)


@part
def _area_at(tally: Any, t: int) -> float:
    if tally["has_rate"] == 0 or tally["lost"] == 1 or t <= tally["t_rate"]:
        return float(tally["area"])
    return float(tally["area"] + tally["rate"] * ((t - tally["t_rate"]) / _NS_PER_HOUR))


@part
def _read(tally: Any, row: Any, begun: bool) -> None:
    area = _area_at(tally, row["t"]) if begun else 0.0
    if not begun or tally["counter"]["has_count"] == 0:
        if begun:
            tally["area_first"] = area
        tally["area_last"] = area
        readings.begin(tally["counter"], row)
        return
    t_count = tally["counter"]["t_count"]
    expected_kwh = area - tally["area_last"] if tally["has_counter"] == 1 else 0.0
    kwh = readings.take(tally["counter"], row, expected_kwh)
    tally["counted"] += kwh
    if tally["counter"]["doubt"] == readings.CERTAIN:
        tally["area_last"] = area
    else:
        if kwh != 0.0 or tally["counter"]["t_count"] != t_count:
            tally["area_last"] = tally["area_doubt"]
        tally["area_doubt"] = area


@part
def _sample(tally: Any, row: Any, begun: bool) -> None:
    if begun and tally["has_rate"] == 1 and tally["lost"] == 0:
        hours = (row["t"] - tally["t_rate"]) / _NS_PER_HOUR
        if tally["hold"] == 1:
            tally["area"] += 0.5 * (tally["rate"] + row["value"]) * hours
        elif tally["hold"] == 2:
            tally["area"] += row["value"] * hours
        else:
            tally["area"] += tally["rate"] * hours
    tally["rate"] = row["value"]
    tally["t_rate"] = row["t"]
    tally["has_rate"] = 1
    tally["lost"] = 0


@part
def _lose(tally: Any, t: int, begun: bool) -> None:
    """From t on the rate is not known; a mean of the time before t would come behind it."""
    if begun and tally["hold"] != 2:
        tally["area"] = _area_at(tally, t)
    if begun:
        tally["t_rate"] = max(t, tally["t_rate"])
    tally["lost"] = tally["has_rate"]


def recount_python(rows: NDArray[np.void], tallies: NDArray[np.void], clock: Any) -> None:
    """Adds rows (n,) ROW to tallies (p,) TALLY; clock: [begun, newest t] int64."""
    for i in range(rows.shape[0]):
        row = rows[i]
        op = row["op"]
        if op == OP_BEGIN:
            clock[0] = 1
            clock[1] = row["t"]
            for p in range(tallies.shape[0]):
                tallies[p]["t_rate"] = row["t"]
            continue
        if op == 0:
            continue
        if clock[0] == 1 and row["t"] > clock[1]:
            clock[1] = row["t"]
        if op == OP_LOST_RATE:
            _lose(tallies[row["target"]], row["t"], clock[0] == 1)
            continue
        again = op == OP_RATE and tallies[row["target"]]["lost"] == 1
        if row["quality"] == BAD or (row["duplicate"] == 1 and not again):
            continue
        if op == OP_RATE:
            _sample(tallies[row["target"]], row, clock[0] == 1)
        elif op == OP_COUNTER:
            _read(tallies[row["target"]], row, clock[0] == 1)
        elif op == OP_INTERVAL and clock[0] == 1:
            tallies[row["target"]]["counted"] += row["value"]


def amounts_kwh(tallies: NDArray[np.void], t_end: int) -> NDArray[np.float64]:
    """What each meter said in all [kWh], (p,): counted, and by its rate where it was not."""
    totals = np.empty(len(tallies))
    for p in range(len(tallies)):
        tally = tallies[p].copy()  # what the end concludes, the next reading may change
        if tally["counter"]["doubt"] == readings.FALL:
            tally["area_last"] = tally["area_doubt"]
        tally["counted"] += readings.conclude(tally["counter"])
        area_end = _area_at(tally, t_end)
        if tally["counter"]["has_count"] == 1:
            head, tail = tally["area_first"], area_end - tally["area_last"]
            totals[p] = head + tally["counted"] + tail
        else:
            totals[p] = tally["counted"] + area_end
    return totals


recount: Callable[..., None] = kernel(recount_python)
