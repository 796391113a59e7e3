"""Who was inside a station, and what each had of what its meters counted.

At a station of one place that is the visit of each segment; at one of several places, all that
were inside at each moment, in equal parts (kernels/sharing.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
    room = 4 * len(segments) + 64
    while True:
        parts = np.zeros(room, sharing.PART)
        used = sharing.share(spans, stays[order], parts)
        if used >= 0:
            break
        room *= 2
    parts = parts[:used][parts["ns"][:used] > 0]
    shared = _whole(segments[parts["span"]])
    shared["visit"] = numbers[order][parts["stay"]]
    shared["kwh"], shared["ns"] = parts["kwh"], parts["ns"]
    nobody = np.ones(len(segments), bool)
    nobody[parts["span"]] = False
    return np.concatenate([shared, _nobodys(segments[nobody])])


def _nobodys(segments: NDArray[np.void]) -> Pieces:
    """Segments in which nobody was inside after all."""
    whole = _whole(segments)
    whole["visit"] = -1
    return whole
