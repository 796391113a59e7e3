"""Regressors of a feeder: what its stations did, from the PLC's times, and what it measured.

A *piece* is a station's stay in one state, cut at each 15-minute slot. Processing is cut further
into PHASES equal parts of a vehicle's processing time, by variant, since stations draw unevenly
over their cycle. A *column* is one station in one state (and variant, and phase).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.line import STATES
from twin.kernels import booking, virtual
from twin.meter_tree import heard_below, sign
from twin.mirror import Booked

PHASES = 8
LAG_S = 0.8  # with which a station's power follows its states: drives run out in about a second
PROCESSING, UNKNOWN = STATES.index("processing"), STATES.index("unknown")
HAT_NS = booking.SLOT_NS
PIECE = np.dtype(
    [
        ("station", "<i4"),
        ("state", "i1"),
        ("variant", "<i4"),
        ("visit", "<i8"),
        ("t0", "<i8"),
        ("t1", "<i8"),
        ("begin", "<f8"),  # share of the vehicle's processing that is done at t0, at t1
        ("end", "<f8"),
        ("column", "<i4"),  # of its first phase; -1: the state is not known
        ("phases", "<i4"),
    ]
)
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Table = NDArray[np.void]


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """One regressor: a station's state; with the variant and phase where it processes."""

    station: str
    state: str
    variant: str  # "": none or not known
    phase: int


@dataclass(frozen=True)
class Series:
    """What a feeder measured beyond its sub-meters, by bucket.

    kw: (n,) mean rest [kW]; good: (n,) measured whole, by all meters; delay_ns: how much later
    than the stations' states it shows them.
    """

    kw: Floats
    good: Flags
    delay_ns: int


def rest_series(booked: Booked, p: int) -> Series:
    """A point's power less that of its sub-meters, by bucket.

    A power that is read in steps shows each change half a spacing late, on average.
    """
    width = booked.bucket_ns
    own = booked.line.points[p]
    kwh = sign(own) * booked.bucket_kwh[p]
    good = booked.covered_ns[p] >= width
    for c in heard_below(booked, p):
        kwh = kwh - sign(booked.line.points[c]) * _shape_kwh(booked, c)
        good = good & (booked.covered_ns[c] >= width)
    point = booked.points[p]
    stepped = point["hold"] == booking.STEP and point["kind"] <= booking.RATE_AND_COUNTER
    delay_ns = int(point["rhythm"]) // 2 if stepped else 0
    return Series(sign(own) * kwh / (width / booking.NS_PER_HOUR), good, delay_ns)


def _shape_kwh(booked: Booked, p: int) -> Floats:
    """A point's energy by bucket; of a counter alone, whose steps are coarse, its mean by slot."""
    kwh: Floats = booked.bucket_kwh[p]
    if booked.points[p]["kind"] < booking.COUNTER:
        return kwh
    begin_ns = booked.buckets_from_ns + np.arange(len(kwh)) * booked.bucket_ns
    slot = begin_ns // booking.SLOT_NS - booked.buckets_from_ns // booking.SLOT_NS
    covered = np.bincount(slot, booked.covered_ns[p])
    means = np.bincount(slot, kwh) / np.maximum(covered, 1.0)
    return np.asarray(means[slot] * booked.covered_ns[p])


def pieces(booked: Booked, stations: list[int]) -> Table:
    """The stays of some stations, (n,) PIECE by station and time; no columns yet."""
    own = len(booked.line.points)
    segments = booked.segments
    chosen = np.isin(segments["point"], [own + s for s in stations])
    stays = segments[chosen & (segments["t1"] > segments["t0"])]
    stays = stays[np.lexsort((stays["t0"], stays["point"]))]
    found = np.zeros(len(stays), PIECE)
    found["station"] = stays["point"] - own
    for name in ("state", "visit", "t0", "t1"):
        found[name] = stays[name]
    found["variant"], found["phases"], found["end"], found["column"] = -1, 1, 1.0, -1
    single = np.array([station.places == 1 for station in booked.line.stations], bool)
    works = (found["state"] == PROCESSING) & single[found["station"]]
    found["phases"][works] = PHASES
    visited = works & (found["visit"] >= 0)
    found["variant"][visited] = booked.visits["variant"][found["visit"][visited]]
    _set_phases(booked, found, visited)
    return found


def _set_phases(booked: Booked, found: Table, visited: Flags) -> None:
    """Where each piece lies in its vehicle's processing, from the time processed before it."""
    visits, span_s = booked.visits, (found["t1"] - found["t0"]) / 1e9
    total_s = np.bincount(found["visit"][visited], span_s[visited], len(visits)).astype(np.float64)
    cut_begin, open_end = visits["whole"] == 0, visits["leave"] < 0
    usual_s = np.where(cut_begin | open_end, _usual_s(visits, total_s), 0.0)
    whole_s = np.maximum(np.maximum(total_s, usual_s), 1e-9)
    before_s = np.where(cut_begin, whole_s - total_s, 0.0)
    rows = np.flatnonzero(visited)
    rows = rows[np.lexsort((found["t0"][rows], found["visit"][rows]))]
    visit, span = found["visit"][rows], span_s[rows]
    through_s = np.cumsum(span) - span
    first = np.flatnonzero(np.diff(visit, prepend=-1))
    through_s -= np.repeat(through_s[first], np.diff(first, append=len(rows)))
    done_s = before_s[visit] + through_s
    found["begin"][rows] = np.minimum(done_s / whole_s[visit], 1.0)
    found["end"][rows] = np.minimum((done_s + span) / whole_s[visit], 1.0)


def _usual_s(visits: Table, total_s: Floats) -> Floats:
    """Median processing time of whole visits at a visit's station with its variant [s], (v,)."""
    usual_s = np.zeros(len(visits))
    whole = (visits["whole"] == 1) & (visits["leave"] >= 0) & (total_s > 0)
    keys = visits["station"].astype(np.int64) * 4096 + visits["variant"]
    for key in np.unique(keys).tolist():
        alike = keys == key
        if (alike & whole).any():
            usual_s[alike] = np.median(total_s[alike & whole])
    return usual_s


def columns_of(booked: Booked, found: Table) -> list[Column]:
    """The columns that pieces need, in order."""
    known = found[found["state"] != UNKNOWN]
    keys = np.unique(known[["station", "state", "variant", "phases"]])
    return [
        Column(
            booked.line.stations[station].id,
            STATES[state],
            booked.variants[variant] if variant >= 0 else "",
            phase,
        )
        for station, state, variant, phases in keys.tolist()
        for phase in range(phases)
    ]


def set_columns(booked: Booked, found: Table, columns: list[Column]) -> None:
    """Gives each piece the number of its column (of the first of its phases)."""
    number = {column: j for j, column in enumerate(columns)}
    ids = [station.id for station in booked.line.stations]
    keys, inverse = np.unique(found[["station", "state", "variant"]], return_inverse=True)
    firsts = [
        number.get(
            Column(ids[s], STATES[state], booked.variants[v] if v >= 0 else "", 0),
            -1,
        )
        for s, state, v in keys.tolist()
    ]
    found["column"] = np.array(firsts, np.int32)[inverse.ravel()]


def phase_seconds(found: Table) -> Floats:
    """Seconds of each piece in each of its phases, (n, PHASES); all in the first where it has one.

    Time runs evenly through the phases that a piece spans.
    """
    span_s = (found["t1"] - found["t0"]) / 1e9
    edges = np.arange(PHASES + 1) / PHASES
    upper = np.minimum(found["end"][:, None], edges[1:])
    inside = np.maximum(0.0, upper - np.maximum(found["begin"][:, None], edges[:-1]))
    through = found["end"] - found["begin"]
    with np.errstate(divide="ignore", invalid="ignore"):
        seconds = np.where(through[:, None] > 0, inside / through[:, None], 0.0)
    # Less than rounding tells: all of it in the phase where it stands.
    still = through <= 0
    at = np.minimum((found["begin"] * PHASES).astype(np.int64), PHASES - 1)
    seconds[np.flatnonzero(still), at[still]] = 1.0
    seconds[found["phases"] == 1] = 0.0
    seconds[found["phases"] == 1, 0] = 1.0
    return np.asarray(seconds * span_s[:, None])


def design(found: Table, columns: int, booked: Booked, delay_ns: int) -> Floats:
    """Share of each bucket that each column takes, as a power with LAG_S shows it.

    (buckets, columns)
    """
    x = np.zeros((booked.bucket_kwh.shape[1], columns))
    known = found[found["column"] >= 0]
    seconds = phase_seconds(known)
    begin_ns = known["t0"][:, None] + _since_begin_ns(seconds)
    row, phase = np.nonzero(seconds)
    parts = np.zeros(len(row), virtual.PART)
    parts["t0"] = begin_ns[row, phase] + delay_ns
    # What a station did at first, it did before.
    begins = np.diff(row, prepend=-1) > 0
    parts["t0"][begins & comes_anew(known)[row]] -= int(virtual.TAIL * LAG_S * 1e9)
    parts["t1"] = begin_ns[row, phase + 1] + delay_ns
    parts["column"], parts["lag_s"] = known["column"][row] + phase, LAG_S
    virtual.fill_design(parts, booked.buckets_from_ns, booked.bucket_ns, x)
    return x


def comes_anew(found: Table) -> Flags:
    """Pieces of which it is not known what their station did just before, (n,)."""
    anew = np.ones(len(found), bool)
    anew[1:] = np.diff(found["station"]) != 0
    anew[1:] |= found["t0"][1:] != found["t1"][:-1]
    return anew


def _since_begin_ns(seconds: Floats) -> NDArray[np.int64]:
    """When each phase of a piece begins, and the last ends, from the piece's begin [ns]."""
    edges = np.zeros((len(seconds), PHASES + 1))
    edges[:, 1:] = np.cumsum(seconds, axis=1)
    return np.rint(edges * 1e9).astype(np.int64)


def unknown_rows(found: Table, booked: Booked) -> Flags:
    """Buckets in which a station's state is not known, (buckets,)."""
    rows = np.zeros(booked.bucket_kwh.shape[1], bool)
    for piece in found[found["column"] < 0]:
        first = int(piece["t0"] - booked.buckets_from_ns) // booked.bucket_ns
        last = int(piece["t1"] - 1 - booked.buckets_from_ns) // booked.bucket_ns
        rows[max(0, first) : last + 2] = True
    return rows


def hats(booked: Booked) -> Floats:
    """The base load's regressors, (buckets, knots): linear between knots a slot apart."""
    n = booked.bucket_kwh.shape[1]
    middle = booked.buckets_from_ns + (np.arange(n) + 0.5) * booked.bucket_ns
    first = booked.buckets_from_ns // HAT_NS
    last = -(-(booked.buckets_from_ns + n * booked.bucket_ns) // HAT_NS)
    knots = np.arange(first, max(last, first + 1) + 1) * HAT_NS
    away = np.abs(middle[:, None] - knots[None, :]) / HAT_NS
    return np.asarray(np.maximum(0.0, 1.0 - away))
