"""What is found in a log whatever its books and allocation rules are.

Causes, bottlenecks and odd power follow from what was booked alone; a report draws on them, and
they take most of its time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from twin import active_periods, bottleneck, losses, watch
from twin.bottleneck import Bottleneck
from twin.ledger import Ledger, negative_rests
from twin.watch import Finding

_HOUR_NS = 3_600_000_000_000
_LEAST_NS = 300_000_000_000  # five minutes: less holds too few vehicles for a bottleneck


@dataclass(frozen=True, slots=True)
class Found:
    """spells: (n,) causes.SPELL. held_back: by the whole log's bottleneck, then hour by hour.

    mean_active_s: by station's id [s]. negative_rests: how many cells of the ledger are ones.
    odd_power: what the residual watch found, in order.
    """

    spells: NDArray[np.void]
    held_back: Bottleneck
    by_hour: tuple[Bottleneck, ...]
    standstills: tuple[losses.Standstill, ...]
    mean_active_s: Mapping[str, float]
    negative_rests: int
    odd_power: tuple[Finding, ...]


def find(ledger: Ledger) -> Found:
    """All of it, of everything booked."""
    booked = ledger.booked
    spells = losses.spells(booked)
    path = bottleneck.path_of(booked, spells)
    seen = booked.begun and len(booked.line.stations) > 0
    return Found(
        spells=spells,
        held_back=bottleneck.find(booked, spells, booked.from_ns, booked.to_ns, path),
        by_hour=tuple(
            bottleneck.find(booked, spells, *span, path)
            for span in (_hours(booked.from_ns, booked.to_ns) if seen else ())
        ),
        standstills=losses.standstills(ledger, spells),
        mean_active_s=active_periods.mean_active_s(booked, spells),
        negative_rests=len(negative_rests(ledger)),
        odd_power=watch.watch(booked),
    )


def _hours(from_ns: int, to_ns: int) -> list[tuple[int, int]]:
    """Hours from the begin on; what is left at the end and too short to tell is the last one's."""
    begins = list(range(from_ns, to_ns, _HOUR_NS))
    if len(begins) > 1 and to_ns - begins[-1] < _LEAST_NS:
        begins.pop()
    return list(pairwise([*begins, to_ns]))
