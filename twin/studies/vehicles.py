"""Vehicles side by side: what each took at every place, one vehicle or the mean of a variant."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twin.accounts import GOOD, Accounts
from twin.passport import Chapter


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a vehicle, or the mean over ``vehicles`` good ones of a variant.

    ``direct`` and ``shared`` [kWh] by place (a station's id, a meter's, ``unexplained``), scrap
    apart; ``kg`` CO2e, location-based, None without a factor.
    """

    name: str
    vehicles: int
    direct: Mapping[str, float]
    shared: Mapping[str, float]
    kg: float | None

    def at(self, place: str) -> float:
        """All energy at a place [kWh]."""
        return self.direct.get(place, 0.0) + self.shared.get(place, 0.0)

    @property
    def total_kwh(self) -> float:
        """At all places [kWh]."""
        return math.fsum([*self.direct.values(), *self.shared.values()])


@dataclass(frozen=True)
class Comparison:
    """Two sides; None where nobody of that name was seen."""

    left: Side | None
    right: Side | None

    def places(self) -> list[str]:
        """The places of either, those with the largest difference first."""
        sides = [side for side in (self.left, self.right) if side is not None]
        names = {place for side in sides for each in (side.direct, side.shared) for place in each}
        return sorted(names, key=lambda place: (-abs(self.difference(place)), place))

    def difference(self, place: str) -> float:
        """Left less right at a place [kWh]."""
        left = 0.0 if self.left is None else self.left.at(place)
        return left - (0.0 if self.right is None else self.right.at(place))


def compare(accounts: Accounts, left: str, right: str) -> Comparison:
    """Two sides; a name is a vehicle's number, or ``variant:`` and a variant's id."""
    chapter = Chapter(accounts, "")
    return Comparison(_side(chapter, left), _side(chapter, right))


def _side(chapter: Chapter, name: str) -> Side | None:
    accounts, booked = chapter.accounts, chapter.ledger.booked
    if name.startswith("variant:"):
        variant = name.removeprefix("variant:")
        if variant not in booked.variants:
            return None
        of_variant = accounts.variant == booked.variants.index(variant)
        chosen = np.flatnonzero(of_variant & (accounts.state == GOOD) & ~accounts.is_part)
    else:
        chosen = np.array([chapter.number[name]] if name in chapter.number else [], np.int64)
    if not len(chosen):
        return None
    names = chapter.parts_of(frozenset(booked.vehicles[v] for v in chosen.tolist()))
    direct, shared = chapter.by_place(names)
    kg = float(accounts.carbon_kg("location")[chosen].sum()) / len(chosen)
    energy = len(accounts.carriers)
    return Side(
        name=name,
        vehicles=len(chosen),
        direct=_by_name(chapter, direct[:, :energy].sum(axis=1) / len(chosen)),
        shared=_by_name(chapter, shared[:, :energy].sum(axis=1) / len(chosen)),
        kg=kg if math.isfinite(kg) else None,
    )


def _by_name(chapter: Chapter, kwh: np.ndarray) -> dict[str, float]:
    """The places where there was anything."""
    return {chapter.ledger.place(int(p)): float(kwh[p]) for p in np.flatnonzero(kwh)}
