"""Which station holds the line back: the average active period (Roser, Nakano, Tanaka 2001)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.line import STATES
from twin.mirror import Booked

# A station is inactive while it waits for others; all else keeps it from its next vehicle.
INACTIVE = tuple(STATES.index(s) for s in ("off", "standby", "idle", "starved", "blocked"))


@dataclass(frozen=True, slots=True)
class ActivePeriod:
    """A station's mean uninterrupted active period [s], of ``count`` periods that ended."""

    station: str
    mean_s: float
    count: int


def active_periods(booked: Booked) -> tuple[ActivePeriod, ...]:
    """Every station's mean active period, the longest first: it is the likely bottleneck."""
    own = len(booked.line.points)
    found = []
    for s, station in enumerate(booked.line.stations):
        spells = booked.segments[booked.segments["point"] == own + s]
        active = ~np.isin(spells["state"], (*INACTIVE, STATES.index("unknown")))
        starts = active & ~np.concatenate([[False], active[:-1]])
        if not starts.any():
            continue
        period = np.cumsum(starts)[active]
        lengths = np.bincount(period, (spells["t1"] - spells["t0"])[active] / 1e9)[1:]
        found.append(ActivePeriod(station.id, float(lengths.mean()), len(lengths)))
    return tuple(sorted(found, key=lambda p: (-p.mean_s, p.station)))
