"""What each vehicle inside a station of several places has of what the station drew.

Model. At every moment the power is shared in equal parts among all that are inside, those without
a number as well; an empty place has ``empty`` of such a part. Of a segment with energy E [kWh] over
[t0, t1), a body that is inside from a to b has

    E / (t1 - t0) * integral from max(a, t0) to min(b, t1) of dt / (n(t) + empty (places - n(t)))

with n(t) the number inside, so the parts and those of empty places sum to E while n > 0.
``share_python`` is the reference, ``share`` the same source compiled; they give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from twin.kernels.compiled import kernel, part

SPAN = np.dtype([("t0", "<i8"), ("t1", "<i8"), ("kwh", "<f8")])
STAY = np.dtype([("enter", "<i8"), ("leave", "<i8")])
PART = np.dtype([("span", "<i8"), ("stay", "<i8"), ("kwh", "<f8"), ("ns", "<i8")])


@part
def _next_change(stays: Any, first: int, last: int, t: int, end: int) -> int:
    """When the number inside changes next after t, at most ``end``."""
    change = end
    for v in range(first, last):
        if t < stays[v]["enter"] < change:
            change = stays[v]["enter"]
        if t < stays[v]["leave"] < change:
            change = stays[v]["leave"]
    return int(change)


@part
def _begin_parts(parts: Any, used: int, span: int, first: int, last: int) -> None:
    for v in range(first, last):
        k = used + v - first
        parts[k]["span"], parts[k]["stay"] = span, v
        parts[k]["kwh"], parts[k]["ns"] = 0.0, 0


def share_python(spans: Any, stays: Any, places: int, empty: float, parts: Any) -> int:
    """Fills parts (n,) PART, one for each stay that overlaps a span; returns how many.

    spans: (s,) SPAN in order of t0, apart from each other; stays: (v,) STAY in order of enter.
    Returns -1 where the parts do not find room.
    """
    used, first = 0, 0
    for i in range(spans.shape[0]):
        t0, t1 = spans[i]["t0"], spans[i]["t1"]
        while first < stays.shape[0] and stays[first]["leave"] <= t0:
            first += 1
        last = first
        while last < stays.shape[0] and stays[last]["enter"] < t1:
            last += 1
        if used + last - first > parts.shape[0]:
            return -1
        _begin_parts(parts, used, i, first, last)
        kw = spans[i]["kwh"] / (t1 - t0)
        t = t0
        while t < t1 and last > first:
            end = _next_change(stays, first, last, t, t1)
            inside = 0
            for v in range(first, last):
                if stays[v]["enter"] <= t and stays[v]["leave"] >= end:
                    inside += 1
            alike = inside + empty * max(places - inside, 0)
            for v in range(first, last):
                if stays[v]["enter"] <= t and stays[v]["leave"] >= end:
                    parts[used + v - first]["kwh"] += kw * (end - t) / alike
                    parts[used + v - first]["ns"] += end - t
            t = end
        used += last - first
    return int(used)


share: Callable[..., int] = kernel(share_python)
