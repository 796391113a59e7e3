"""Vehicles that were seen where they cannot be: one number at two stations at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.joins import SAME_MOMENT_NS
from twin.mirror import Booked

TWICE = "VEHICLE_AT_TWO_STATIONS"
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Sighting:
    """TWICE, from ``time_ns`` on for ``count`` seconds; ``about``: vehicle and both stations."""

    name: str
    time_ns: int
    about: str
    count: float


def events(booked: Booked) -> list[Sighting]:
    """Every time in which a vehicle's number was shown at two stations, in the order of time.

    Two stations' signals of one move may differ by a moment: that is none.
    """
    visits = booked.visits[np.lexsort([booked.visits["enter"], booked.visits["vehicle"]])]
    left = np.where(visits["leave"] >= 0, visits["leave"], booked.to_ns)
    found = []
    for k in range(1, len(visits)):
        before, after = visits[k - 1], visits[k]
        if before["vehicle"] != after["vehicle"] or before["station"] == after["station"]:
            continue
        both_ns = int(min(left[k - 1], left[k]) - after["enter"])
        if both_ns > SAME_MOMENT_NS:
            stations = (booked.line.stations[v["station"]].id for v in (before, after))
            about = " ".join((booked.vehicles[after["vehicle"]], *stations))
            found.append(Sighting(TWICE, int(after["enter"]), about, both_ns / _SECOND_NS))
    return sorted(found, key=lambda event: event.time_ns)
