"""What the places of a line are called on the screens, in the language that is on."""

from __future__ import annotations

from data.line import Line
from ui.desk import Desk
from ui.words import translate


class PlaceNames:
    """Names of a line's stations, workshops and metering points."""

    def __init__(self, desk: Desk, line: Line) -> None:
        self._desk, self._line = desk, line
        self._shops = {shop.id: shop.names for shop in line.workshops}

    def station(self, id_: str | None) -> str:
        """Id and name of a station; other places stay as they are."""
        if id_ is None or id_ not in self._line.station_index:
            return id_ or ""
        station = self._line.stations[self._line.station_index[id_]]
        return f"{id_} {self._desk.name(station.names)}"

    def workshop(self, id_: str) -> str:
        """A workshop's name; "plant" is what belongs to none."""
        if id_ == "plant":
            return translate("Places", "plant level")
        return self._desk.name(self._shops[id_]) if id_ in self._shops else id_
