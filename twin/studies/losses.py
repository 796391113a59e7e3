"""Losses as a screen shows them: the Pareto, the moments behind it, and the bottleneck."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin import bottleneck, cost, losses
from twin.accounts import Accounts
from twin.bottleneck import Bottleneck
from twin.losses import Loss, Standstill


@dataclass(frozen=True)
class LossStudy:
    """The losses of all that was booked, [from_ns, to_ns) UTC.

    ``spells``: (n,) causes.SPELL, all of them. ``now``: the bottleneck of the last hour,
    ``whole``: of all, ``hours``: of each hour since the begin. ``currency`` of the money.
    """

    from_ns: int
    to_ns: int
    losses: tuple[Loss, ...]
    standstills: tuple[Standstill, ...]
    now: Bottleneck
    whole: Bottleneck
    hours: tuple[Bottleneck, ...]
    spells: NDArray[np.void]
    currency: str

    def moments(self, keys: Iterable[tuple[int, str]]) -> NDArray[np.void]:
        """The spells behind losses by (number of the station, cause), in order of time; (k,)."""
        parts = [losses.of_cause(self.spells, station, cause) for station, cause in keys]
        found = np.concatenate(parts) if parts else self.spells[:0]
        return np.asarray(found[np.lexsort([found["station"], found["t0"]])])


def study(accounts: Accounts) -> LossStudy | None:
    """The losses of a ledger; None before anything was booked, or without stations."""
    ledger = accounts.ledger
    booked, line = ledger.booked, ledger.line
    if not booked.begun or not line.stations or booked.to_ns <= booked.from_ns:
        return None
    spells = losses.spells(booked)
    begin, end = booked.from_ns, booked.to_ns
    path = bottleneck.path_of(booked, spells)
    whole = bottleneck.find(booked, spells, begin, end, path)
    return LossStudy(
        from_ns=begin,
        to_ns=end,
        losses=losses.pareto(ledger, spells, whole.station, cost.of_cells),
        standstills=losses.standstills(ledger, spells),
        now=bottleneck.find(booked, spells, max(begin, end - bottleneck.HOUR_NS), end, path),
        whole=whole,
        hours=bottleneck.by_hour(booked, spells, path),
        spells=spells,
        currency=booked.books.currency or line.plant.currency,
    )
