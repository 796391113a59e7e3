"""Which readings of a counter are believed, and what they counted.

A counter only counts on. A reading that falls, or that rises further than likely, is in doubt
until the next one: what that continues from is believed. So a dip or a spike that returns is
refused, whatever it shows; a fall that stays is a rollover or a reset. What shows more after a
fall than it can have counted since, and a rise that stays and is more than likely, is another
counter: it counts from what it shows, and what was drawn until then is as much as the power beside
it says. One that falls again and again counts backwards, and counts nothing. A rise that was
believed and was too much after all is not taken back, since energy is never negative: what the
counter counts next pays for it.

A record that keeps this has a ``COUNTER`` in it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from twin.kernels.compiled import part

NS_PER_HOUR = 3.6e12
CERTAIN, RISE, FALL = 0, 1, 2
TIMES = 20.0  # so many times what is likely is in doubt
LEAST = 1.0  # a rise of less never is [kWh, or the carrier's base unit]
MOST_FALLS = 3  # then it counts backwards
MOST = 1e6  # the most where nothing is known of a meter [kW, or base units an hour]

COUNTER = np.dtype(
    [
        ("has_count", "u1"),
        ("count_integer", "u1"),
        ("doubt", "u1"),
        ("doubt_integer", "u1"),
        ("count", "<f8"),  # the last reading that was believed
        ("count_exact", "<i8"),
        ("t_count", "<i8"),
        ("count_before", "<f8"),  # the one that it rose from
        ("count_owed", "<f8"),  # was counted already
        ("count_most", "<f8"),  # largest rise so far [kWh an hour]
        ("doubt_count", "<f8"),  # the reading in doubt
        ("doubt_exact", "<i8"),
        ("t_doubt", "<i8"),
        ("doubt_kwh", "<f8"),  # by the power, from the last believed reading to the one in doubt
        ("falls", "<i8"),  # to other counters since it last rose
        ("count_kwh", "<f8"),  # kWh per unit of the counter
        ("rolls_over_at", "<f8"),  # 0: never
        ("rollovers", "<i8"),
        ("resets", "<i8"),
        ("refused", "<i8"),
        ("replaced", "<i8"),
        ("backwards", "<i8"),
    ]
)


@part
def begin(r: Any, row: Any) -> None:
    """The first reading, or one from before anything is booked: nothing is counted."""
    r["has_count"] = 1
    r["doubt"] = CERTAIN
    r["count"], r["count_exact"], r["count_integer"] = row["value"], row["exact"], row["integer"]
    r["t_count"] = row["t"]
    r["count_before"] = row["value"]
    r["count_owed"] = 0.0


@part
def take(r: Any, row: Any, expected_kwh: float) -> float:
    """kWh that a reading counts, with those of one that it confirms.

    ``expected_kwh``: by the power of the same metering point since the last believed reading; 0
    where there is none.
    """
    units = 0.0
    if r["doubt"] != CERTAIN:
        t_count = r["t_count"]
        units = _confirm(r, row)
        if r["t_count"] != t_count:
            expected_kwh -= r["doubt_kwh"]
    step = _step(r["count"], r["count_exact"], r["count_integer"], row)
    if step < 0.0 and row["value"] >= r["count_before"]:
        # Within its last rise: that was too much.
        r["count_owed"] -= step
        r["refused"] += 1
        _stand(r, row["value"], row["exact"], row["integer"], row["t"])
    elif step < 0.0 or _is_unlikely(r, step, row["t"], expected_kwh):
        r["doubt"] = FALL if step < 0.0 else RISE
        r["doubt_count"], r["doubt_exact"] = row["value"], row["exact"]
        r["doubt_integer"], r["t_doubt"] = row["integer"], row["t"]
        r["doubt_kwh"] = max(expected_kwh, 0.0)
    else:
        units += _rise(r, step, row["value"], row["exact"], row["integer"], row["t"])
    return float(units * r["count_kwh"])


@part
def conclude(r: Any) -> float:
    """kWh of a reading that is still in doubt at the end: a fall is believed, a rise is not."""
    units = 0.0
    if r["doubt"] == FALL:
        units = _fall(r)
    elif r["doubt"] == RISE:
        r["refused"] += 1
    r["doubt"] = CERTAIN
    return float(units * r["count_kwh"])


@part
def _confirm(r: Any, row: Any) -> float:
    """Units that the reading in doubt counted, if the next one continues from it."""
    doubt = r["doubt"]
    r["doubt"] = CERTAIN
    if doubt == RISE:
        if _step(r["doubt_count"], r["doubt_exact"], r["doubt_integer"], row) >= 0.0:
            return _replace(r)
    elif _step(r["count"], r["count_exact"], r["count_integer"], row) < 0.0:
        return _fall(r)
    r["refused"] += 1
    return 0.0


@part
def _step(count: float, exact: int, integer: int, row: Any) -> float:
    """From a reading to the next one; exact where both are whole numbers."""
    if integer == 1 and row["integer"] == 1:
        return float(row["exact"] - exact)
    return float(row["value"] - count)


@part
def _is_unlikely(r: Any, step: float, t: int, expected_kwh: float) -> bool:
    kwh = abs(step * r["count_kwh"])
    hours = (t - r["t_count"]) / NS_PER_HOUR
    likely = TIMES * max(r["count_most"] * hours, expected_kwh)
    return bool(kwh > LEAST and kwh > (likely if likely > 0.0 else MOST * hours))


@part
def _replace(r: Any) -> float:
    """Another counter, from the reading in doubt on; units by the power until then."""
    if r["falls"] < MOST_FALLS:
        r["replaced"] += 1
    r["count_owed"] = 0.0
    r["count_before"] = r["doubt_count"]
    _stand(r, r["doubt_count"], r["doubt_exact"], r["doubt_integer"], r["t_doubt"])
    return float(r["doubt_kwh"] / abs(r["count_kwh"])) if r["count_kwh"] != 0.0 else 0.0


@part
def _rise(r: Any, step: float, count: float, exact: int, integer: int, t: int) -> float:
    hours = (t - r["t_count"]) / NS_PER_HOUR
    if hours > 0.0:
        r["count_most"] = max(r["count_most"], abs(step * r["count_kwh"]) / hours)
    if step > 0.0:
        r["count_before"] = r["count"]
        r["falls"] = 0
    paid = min(step, r["count_owed"])
    r["count_owed"] -= paid
    _stand(r, count, exact, integer, t)
    return float(step - paid)


@part
def _fall(r: Any) -> float:
    """Rolled over, or started anew: what it shows was counted since; before it is not known."""
    if r["count_integer"] == 1 and r["doubt_integer"] == 1:
        rolled = float(r["doubt_exact"] - r["count_exact"]) + r["rolls_over_at"]
    else:
        rolled = r["doubt_count"] - r["count"] + r["rolls_over_at"]
    if r["rolls_over_at"] > 0.0 and 0.0 <= rolled <= 0.25 * r["rolls_over_at"]:
        units = rolled
        r["rollovers"] += 1
    elif _is_unlikely(r, r["doubt_count"], r["t_doubt"], r["doubt_kwh"]):
        r["falls"] += 1
        if r["falls"] == MOST_FALLS:
            r["backwards"] += 1
        return _replace(r)
    else:
        units = max(r["doubt_count"], 0.0)
        r["resets"] += 1
    r["count_before"] = r["doubt_count"]
    r["count_owed"] = 0.0
    _stand(r, r["doubt_count"], r["doubt_exact"], r["doubt_integer"], r["t_doubt"])
    return float(units)


@part
def _stand(r: Any, count: float, exact: int, integer: int, t: int) -> None:
    r["count"], r["count_exact"], r["count_integer"] = count, exact, integer
    r["t_count"] = t
