"""What a scenario does to the plant itself, by kind, place and time; all of it known beforehand.

The draws of the plant do not depend on it, so that the same seed without an effect is the same
plant but for what the effect does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plc_sim.plant import Plant


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One thing that happens in the plant from ``from_us`` to ``to_us`` (plant time).

    kind: fail (stations stand still), slow (factor on their processing time), power (factor on
    what they draw while processing), growth (factor on an oven's losses or a base load, growing
    evenly to it), leak (m3/h of compressed air, growing evenly to it), break (one more), left_on
    (nothing is turned down in breaks), mix (shares of variants), clouds (cover from 0 to 1).
    """

    kind: str
    name: str
    from_us: int
    to_us: int
    stations: tuple[str, ...] = ()
    unit: str | None = None
    factor: float = 1.0
    shares: dict[str, float] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where it happens, for the ledger: a station, a unit, or the plant."""
        return self.unit or (self.stations[0] if self.stations else "plant")


class Effects:
    """The effects of a run, as the plant asks for them."""

    def __init__(self, effects: Sequence[Effect], now_us: Callable[[], int]) -> None:
        self.all = tuple(effects)
        self._now_us = now_us
        self._fail = self._by_station("fail")
        self._slow = self._by_station("slow")
        self._power = self._by_station("power")
        self._growth: dict[str, list[Effect]] = {}
        for effect in effects:
            if effect.kind == "growth" and effect.unit is not None:
                self._growth.setdefault(effect.unit, []).append(effect)

    def _by_station(self, kind: str) -> dict[str, list[Effect]]:
        found: dict[str, list[Effect]] = {}
        for effect in self.all:
            for station in effect.stations if effect.kind == kind else ():
                found.setdefault(station, []).append(effect)
        return found

    def next_failure(self, station: str) -> Effect | None:
        """The failure of a station that goes on or comes next."""
        coming = [e for e in self._fail.get(station, ()) if e.to_us > self._now_us()]
        return min(coming, key=lambda effect: effect.from_us, default=None)

    def pace(self, station: str) -> float:
        """Factor on the processing time."""
        return self._factor(self._slow.get(station))

    def power(self, station: str) -> float:
        """Factor on what is drawn while processing."""
        return self._factor(self._power.get(station))

    def growth(self, unit: str) -> float:
        """Factor on an oven's losses, or on a base load."""
        factor = 1.0
        for effect in self._growth.get(unit, ()):
            factor *= 1.0 + (effect.factor - 1.0) * self._part(effect)
        return factor

    def extra(self, kind: str) -> float:
        """What has been added: a leak [m3/h at 7 bar]."""
        return sum(e.factor * self._part(e) for e in self.all if e.kind == kind)

    @property
    def left_on(self) -> bool:
        """Whether nothing is turned down in a break."""
        return any(self._holds(e) for e in self.all if e.kind == "left_on")

    @property
    def shares(self) -> dict[str, float] | None:
        """Another mix of variants."""
        return next((e.shares for e in self.all if e.kind == "mix" and self._holds(e)), None)

    @property
    def cover(self) -> float | None:
        """Another cover of clouds."""
        return next((e.factor for e in self.all if e.kind == "clouds" and self._holds(e)), None)

    def _factor(self, effects: list[Effect] | None) -> float:
        factor = 1.0
        for effect in effects or ():
            if self._holds(effect):
                factor *= effect.factor
        return factor

    def _holds(self, effect: Effect) -> bool:
        return effect.from_us <= self._now_us() < effect.to_us

    def _part(self, effect: Effect) -> float:
        """How far a growing effect has come, 0 to 1; afterwards it is mended."""
        if not self._holds(effect):
            return 0.0
        return (self._now_us() - effect.from_us) / (effect.to_us - effect.from_us)


def edges_us(plant: Plant) -> list[int]:
    """Times at which something begins or ends that is not asked for at every step."""
    kinds = ("left_on", "clouds")
    return sorted({us for e in plant.effects.all if e.kind in kinds for us in (e.from_us, e.to_us)})
