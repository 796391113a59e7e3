"""Who was inside a station, and what each had of what its meters counted.

At a station of one place that is the visit of each segment; at one of several places, all that
were inside at each moment, in equal parts (kernels/sharing.py). What its empty places draw is
nobody's: how much that is beside a place with a vehicle is seen where the number inside changes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from data.line import STATES
from twin.kernels import sharing
from twin.mirror import Booked

PIECE = np.dtype(
    [
        ("point", "<i4"),
        ("visit", "<i8"),  # -1: of no vehicle
        ("state", "i1"),
        ("evidence", "u1"),
        ("t0", "<i8"),  # of the segment that it is a piece of
        ("kwh", "<f8"),
        ("ns", "<i8"),  # inside during it
    ]
)
Pieces = NDArray[np.void]
_PROCESSING = STATES.index("processing")
_LEAST_S = 900.0  # of processing, for a look at what empty places draw
_LEAST_CHANGE = 0.5  # standard deviation of the number inside, for the same
_AS_ONE = 0.95  # where an empty place draws so much of a full one, the station draws as one


def pieces(booked: Booked) -> Pieces:
    """All segments by who was inside, (n,) PIECE in order of point and time.

    The pieces of a segment sum to it; what fell to bodies without a number has visit -1.
    """
    segments = booked.segments[booked.segments["t1"] > booked.segments["t0"]]
    segments = segments[np.argsort(segments["point"], kind="stable")]
    own = len(booked.line.points)
    station_of = np.concatenate([booked.points["station"], np.arange(len(booked.line.stations))])
    several = [station.places > 1 for station in booked.line.stations]
    by_station = np.array([*several, False])  # the last: of no station
    shared = (segments["visit"] >= 0) & by_station[station_of[segments["point"]]]
    found = [_whole(segments[~shared])]
    ends = np.searchsorted(segments["point"][shared], np.arange(own + len(several) + 1))
    to_share = segments[shared]
    for point in np.flatnonzero(np.diff(ends)).tolist():
        of_point = to_share[ends[point] : ends[point + 1]]
        found.append(_shared(booked, of_point, int(station_of[point])))
    joined = np.concatenate(found)
    return joined[np.argsort(joined["point"], kind="stable")]


def _whole(segments: NDArray[np.void]) -> Pieces:
    """Segments that are nobody's or one visit's."""
    whole = np.zeros(len(segments), PIECE)
    for name in ("point", "visit", "state", "evidence", "t0", "kwh"):
        whole[name] = segments[name]
    whole["ns"] = segments["t1"] - segments["t0"]
    return whole


def _shared(booked: Booked, segments: NDArray[np.void], s: int) -> Pieces:
    """The segments of one point at a station of several places, by who was inside."""
    visits = np.flatnonzero(booked.visits["station"] == s)
    unnamed = booked.unnamed[booked.unnamed["station"] == s]
    numbers = np.concatenate([np.full(len(unnamed), -1), visits])
    stays = np.zeros(len(numbers), sharing.STAY)
    stays["enter"] = np.concatenate(
        [np.full(len(unnamed), booked.from_ns), booked.visits["enter"][visits]]
    )
    leave = np.concatenate([unnamed["leave"], booked.visits["leave"][visits]])
    stays["leave"] = np.where(leave < 0, np.iinfo(np.int64).max, leave)
    order = np.argsort(stays["enter"], kind="stable")
    spans = np.zeros(len(segments), sharing.SPAN)
    for name in ("t0", "t1", "kwh"):
        spans[name] = segments[name]
    line = booked.line
    places = line.stations[s].places
    parts = _shares(spans, stays[order], places, 0.0)
    point = int(segments["point"][0])
    is_electric = point < len(line.points) and line.points[point].carrier == "electricity"
    empty = _empty_part(segments, parts, places) if is_electric else 0.0  # heat follows too slowly
    if empty > 0.0:
        parts = _shares(spans, stays[order], places, empty)
    parts = parts[parts["ns"] > 0]
    shared = _whole(segments[parts["span"]])
    shared["visit"] = numbers[order][parts["stay"]]
    shared["kwh"], shared["ns"] = parts["kwh"], parts["ns"]
    taken_kwh = np.bincount(parts["span"], parts["kwh"], len(segments))
    nobody = np.ones(len(segments), bool)
    nobody[parts["span"]] = empty > 0.0
    rest = _nobodys(segments[nobody])
    rest["kwh"] -= taken_kwh[nobody]
    return np.concatenate([shared, rest])


def _shares(
    spans: NDArray[np.void], stays: NDArray[np.void], places: int, empty: float
) -> NDArray[np.void]:
    """The parts of all stays, (n,) sharing.PART."""
    room = 4 * len(spans) + 64
    while True:
        parts = np.zeros(room, sharing.PART)
        used = sharing.share(spans, stays, places, empty, parts)
        if used >= 0:
            return parts[:used]
        room *= 2


def _empty_part(segments: NDArray[np.void], parts: NDArray[np.void], places: int) -> float:
    """What an empty place draws, as a part of what one with a vehicle does, 0 to 1.

    A straight line through the power while the station works, against the number inside, by least
    squares: at 0 all places are empty, at ``places`` none. 0 where the number hardly changes, and
    where the power hardly changes with it: then it is one thing for all, such as a fan.
    """
    inside_ns = np.bincount(parts["span"], parts["ns"].astype(np.float64), len(segments))
    ours = segments["state"] == _PROCESSING
    ns = (segments["t1"] - segments["t0"])[ours].astype(np.float64)
    hours, inside = (ns / 3.6e12).tolist(), (inside_ns[ours] / ns).tolist()
    kwh = segments["kwh"][ours].tolist()
    total_h = math.fsum(hours)
    if 3600 * total_h < _LEAST_S:
        return 0.0
    mean_n = math.fsum(h * n for h, n in zip(hours, inside, strict=True)) / total_h
    mean_kw = math.fsum(kwh) / total_h
    spread = math.fsum(h * (n - mean_n) ** 2 for h, n in zip(hours, inside, strict=True))
    if spread < _LEAST_CHANGE**2 * total_h:
        return 0.0
    with_n = math.fsum(
        (e - mean_kw * h) * (n - mean_n) for e, h, n in zip(kwh, hours, inside, strict=True)
    )
    more_kw = with_n / spread  # for each vehicle inside
    empty_kw = (mean_kw - more_kw * mean_n) / places
    full_kw = empty_kw + more_kw
    empty = max(empty_kw / full_kw, 0.0) if full_kw > 0.0 else 0.0
    return empty if empty < _AS_ONE else 0.0


def _nobodys(segments: NDArray[np.void]) -> Pieces:
    """Segments in which nobody was inside after all."""
    whole = _whole(segments)
    whole["visit"] = -1
    return whole
