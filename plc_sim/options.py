"""Options of a vehicle: what its own bill of material does to its work at a station."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plc_sim.flow import Vehicle
from plc_sim.plant_schema import OptionEntry


class Options:
    """Draws them for each vehicle, and knows what they do."""

    def __init__(self, entries: Sequence[OptionEntry], draws: np.random.Generator) -> None:
        self._entries = {entry.id: entry for entry in entries}
        self._draws = draws

    def draw(self, variant: str) -> tuple[str, ...]:
        """The options of a new vehicle; as many draws for every variant."""
        numbers = self._draws.random(len(self._entries))
        return tuple(
            entry.id
            for entry, number in zip(self._entries.values(), numbers, strict=True)
            if number < entry.share and (entry.variants is None or variant in entry.variants)
        )

    def cycle(self, vehicle: Vehicle, station: str) -> float:
        """Factor on its processing time at a station."""
        factor = 1.0
        for name in vehicle.options:
            at = self._entries[name].stations.get(station)
            factor *= 1.0 if at is None else at.cycle
        return factor

    def load(self, vehicle: Vehicle, station: str) -> float:
        """Factor on what it draws at a station."""
        factor = 1.0
        for name in vehicle.options:
            at = self._entries[name].stations.get(station)
            factor *= 1.0 if at is None else at.load
        return factor
