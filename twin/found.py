"""What is found in a log whatever its books and allocation rules are.

Causes, bottlenecks and odd power follow from what was booked alone; a report draws on them, and
they take most of its time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin import active_periods, bottleneck, losses, watch
from twin.bottleneck import Bottleneck
from twin.ledger import Ledger, negative_rests
from twin.watch import Finding


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
    return Found(
        spells=spells,
        held_back=bottleneck.find(booked, spells, booked.from_ns, booked.to_ns, path),
        by_hour=bottleneck.by_hour(booked, spells, path),
        standstills=losses.standstills(ledger, spells),
        mean_active_s=active_periods.mean_active_s(booked, spells),
        negative_rests=len(negative_rests(ledger)),
        odd_power=watch.watch(booked),
    )
