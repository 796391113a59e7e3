"""Segments: opened, cut and labelled, and settled to what the meter counted.

Every metering point has one open segment. Segments between two settlements share the amount that
the meter said in proportion to their shape (shape.py).
"""

from __future__ import annotations

from typing import Any

from twin.kernels.booking import (
    BEGUN,
    COUNTER,
    NS_PER_HOUR,
    RATE_AND_COUNTER,
    SEGMENTS,
    SLOT_NS,
    UNKNOWN_STATE,
    Sheet,
)
from twin.kernels.compiled import part

MOST_FILLED = 0.9  # so large a part at most of what was filled in may have been wrong


@part
def _label(sheet: Sheet, segment: Any, s: int) -> None:
    """Gives a segment its station's present state and visit, as far as they are known."""
    segment["state"], segment["visit"] = UNKNOWN_STATE, -1
    if s < 0:
        return
    station = sheet.stations[s]
    if station["state_known"] == 1:
        segment["state"] = station["state"]
    if station["vehicle_known"] == 1:
        segment["visit"] = station["visit"]


@part
def begin(sheet: Sheet, p: int, t: int, changed: int) -> None:
    """Opens a point's next segment; ``changed``: 1 where its station's state or vehicle did."""
    point, k = sheet.points[p], sheet.counts[SEGMENTS]
    sheet.counts[SEGMENTS] = k + 1
    segment = sheet.segments[k]
    segment["point"], segment["t0"], segment["t1"] = p, t, t
    segment["shape_kwh"] = segment["filled_kwh"] = segment["kwh"] = 0.0
    segment["previous"], segment["changed"] = point["segment"], changed
    segment["evidence"] = point["evidence"]
    _label(sheet, segment, point["station"])
    point["segment"] = k


@part
def cut_slots(sheet: Sheet, p: int, t: int) -> None:
    """Closes the open segment at every slot boundary before t; the labels stay."""
    while True:
        segment = sheet.segments[sheet.points[p]["segment"]]
        boundary = (segment["t0"] // SLOT_NS + 1) * SLOT_NS
        if boundary >= t:
            return
        segment["t1"] = boundary
        begin(sheet, p, boundary, 0)
        after = sheet.segments[sheet.points[p]["segment"]]
        after["state"], after["visit"] = segment["state"], segment["visit"]
        after["evidence"] = segment["evidence"]


@part
def cut(sheet: Sheet, p: int, t: int, changed: int) -> None:
    """Closes the open segment at t and opens the next; nothing of no length is left behind."""
    cut_slots(sheet, p, t)
    segment = sheet.segments[sheet.points[p]["segment"]]
    if segment["t0"] < t:
        segment["t1"] = t
        begin(sheet, p, t, changed)
        return
    _label(sheet, segment, sheet.points[p]["station"])
    segment["evidence"] = sheet.points[p]["evidence"]
    if changed == 1:
        segment["changed"] = 1


@part
def set_evidence(sheet: Sheet, p: int, t: int, evidence: int) -> None:
    """From t on a point's energy has another evidence."""
    if sheet.points[p]["evidence"] != evidence:
        sheet.points[p]["evidence"] = evidence
        cut(sheet, p, t, 0)


@part
def integral_to(point: Any, t: int) -> float:
    """kWh by the hold rule up to t, the last value held since its sample."""
    nothing = point["has_rate"] == 0 or point["kind"] >= COUNTER or point["lost"] == 1
    if nothing or t <= point["t_rate"]:
        return float(point["integral"])
    return float(point["integral"] + point["rate"] * ((t - point["t_rate"]) / NS_PER_HOUR))


@part
def settle(sheet: Sheet, p: int, t: int) -> None:
    """Scales the closed, unsettled segments to the amount that the meter counted until t."""
    point, table = sheet.points[p], sheet.segments
    since_count = integral_to(point, t) - point["integral_at_count"]
    amount = point["pending"] + since_count
    cut(sheet, p, t, 0)
    last = table[point["segment"]]["previous"]
    shape_kwh, filled_kwh = 0.0, 0.0
    span_ns = 0
    k = last
    while k != point["settled"]:
        segment = table[k]
        shape_kwh += segment["shape_kwh"]
        filled_kwh += segment["filled_kwh"]
        span_ns += segment["t1"] - segment["t0"]
        k = segment["previous"]
    if span_ns == 0:
        return
    # What was filled in is known least: it takes what is missing, as far as that may be.
    missing = amount - shape_kwh
    fills = abs(missing) < MOST_FILLED * filled_kwh
    k = last
    while k != point["settled"]:
        segment = table[k]
        if fills:
            share = segment["filled_kwh"] / filled_kwh
            segment["kwh"] = segment["shape_kwh"] + share * missing
        elif shape_kwh != 0.0:
            segment["kwh"] = segment["shape_kwh"] * (amount / shape_kwh)
        else:
            segment["kwh"] = amount * ((segment["t1"] - segment["t0"]) / span_ns)
        k = segment["previous"]
    point["settled"] = last
    point["slot"] = t // SLOT_NS
    point["t_settled"] = t
    if point["kind"] == RATE_AND_COUNTER and point["counter"]["has_count"] == 1:
        point["pending"] = -since_count
    else:
        point["pending"] = 0.0
        point["integral_at_count"] += since_count


@part
def settle_rest(sheet: Sheet, p: int, t: int) -> None:
    """What a counter counted at the very end, when all was settled, goes to what came before."""
    point = sheet.points[p]
    last = point["settled"]
    rest_kwh = point["pending"] + integral_to(point, t) - point["integral_at_count"]
    if last >= 0 and sheet.segments[point["segment"]]["previous"] == last:
        sheet.segments[last]["kwh"] += rest_kwh
        point["pending"] -= rest_kwh


@part
def cut_station(sheet: Sheet, s: int, t: int, changed: int) -> None:
    """Cuts all points of a station."""
    if sheet.counts[BEGUN] == 0:
        return
    for i in range(sheet.stations[s]["points_from"], sheet.stations[s]["points_to"]):
        cut(sheet, sheet.station_points[i], t, changed)


@part
def relabel_station(sheet: Sheet, s: int) -> None:
    """What was doubted since the gap began is known again."""
    if sheet.counts[BEGUN] == 0:
        return
    for i in range(sheet.stations[s]["points_from"], sheet.stations[s]["points_to"]):
        p = sheet.station_points[i]
        _label(sheet, sheet.segments[sheet.points[p]["segment"]], s)


@part
def room_at(sheet: Sheet, s: int, t: int) -> int:
    """How many segments a change at a station may open at most."""
    need = 0
    for i in range(sheet.stations[s]["points_from"], sheet.stations[s]["points_to"]):
        need += slots_passed(sheet, sheet.station_points[i], t) + 5
    return int(need)


@part
def slots_passed(sheet: Sheet, p: int, t: int) -> int:
    """Slots that began since a point's open segment did."""
    k = sheet.points[p]["segment"]
    return int((t - sheet.segments[k]["t0"]) // SLOT_NS)
