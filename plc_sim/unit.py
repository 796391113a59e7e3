"""One consumer beside the vehicles' places: what it draws of each carrier, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from plc_sim.load import Load

if TYPE_CHECKING:
    from plc_sim.plant import Plant
    from plc_sim.station import StationUnit


class Unit:
    """A consumer with one load a carrier; at a station its energy is booked there."""

    def __init__(self, plant: Plant, unit_id: str, at: str, lags_s: Mapping[str, float]) -> None:
        """``at``: a station, "workshop:ID" or "plant"; ``lags_s`` by carrier."""
        self.plant = plant
        self.id = unit_id
        self.at = at
        self.loads = {carrier: Load(lag_s, 0.0) for carrier, lag_s in lags_s.items()}
        self.station: StationUnit | None = plant.stations.get(at)
        if self.station is not None:
            self.station.units.append(self)

    def draw(self, carrier: str, level: float, *, inrush: float = 0.0) -> None:
        """A new level from now on; ``inrush``: begins at no less than so many times of it."""
        load = self.loads[carrier]
        if self.station is not None:
            self.station.book_units()
        else:
            load.cut(self.plant.now_us)
        load.approach(level)
        load.surge(level * inrush)

    def settle(self) -> None:
        """Lets every load be at its level, as it has long been at the start."""
        for load in self.loads.values():
            load.settle()
