"""The nodes that the line file names: folders by workshop and station, a variable a signal."""

from __future__ import annotations

from math import isclose
from typing import Any

from opcua import ua

from data.line import Line, Meter, Signal
from data.toml_file import Faults, whole
from data.units import known_units, opcua_unit_id, to_base
from plc_sim.address_space import OBJECTS, Space, engineering_unit
from plc_sim.live_values import LiveValue


class LineNodes:
    """What a line file's names stand for on the server."""

    def __init__(self, space: Space, line: Line, opc_types: tuple[str, ...]) -> None:
        """``opc_types`` by signal index; raises Faults for nodes that no server can have."""
        self._space = space
        self._types = opc_types
        self.folders = _folders(space, line)
        self.values: dict[int, LiveValue] = {}  # by signal index
        self.ids: dict[int, Any] = {}
        meters = {meter.id: meter for meter in line.meters}
        for signal in line.signals:
            if signal.source is not None:
                self._add(signal, meters.get(signal.subject), line)

    def _add(self, signal: Signal, meter: Meter | None, line: Line) -> None:
        node_id = self._node_id(signal)
        label = meter.id if meter else label_of(signal.role)
        name = ua.QualifiedName(label, node_id.NamespaceIndex)
        opc_type = self._types[signal.index]
        value = LiveValue(opc_type)
        self._space.variable(
            self.folders[_home(signal, meter, line)], node_id, name, value, opc_type
        )
        unit = _sent_unit(signal)
        information = None if unit is None else engineering_unit(unit)
        if information is not None:
            self._space.unit(node_id, information)
        self.values[signal.index] = value
        self.ids[signal.index] = node_id

    def _node_id(self, signal: Signal) -> Any:
        limit = f'the server cannot have the node "{signal.node}"'
        try:
            node_id = self._space.node_id(signal.node or "")
        except ValueError:
            raise Faults([whole(f"signal {signal.key}", limit)]) from None
        if node_id in self._space:
            raise Faults([whole(f"signal {signal.key}", f"{limit} twice")])
        return node_id


def label_of(role: str) -> str:
    """A role as a browse name: GoodCount."""
    return "".join(word.capitalize() for word in role.split("_"))


def place_of(meter: Meter, line: Line) -> str:
    """Where a meter is: its one station, else its one workshop, else "plant"."""
    if len(meter.covers) == 1 and meter.covers[0] in line.station_index:
        return meter.covers[0]
    workshops = {s.workshop for s in line.stations if s.id in meter.stations}
    return workshops.pop() if len(workshops) == 1 and "plant" not in meter.covers else "plant"


def _folders(space: Space, line: Line) -> dict[str, Any]:
    """Folders by the id of a station or workshop, and of "plant"."""

    def folder(parent: Any, path: str, label: str) -> Any:
        return space.folder(parent, space.own_id(path), ua.QualifiedName(label, 1))

    folders = {"plant": folder(OBJECTS, "Line", line.plant.names.en)}
    for workshop in line.workshops:
        path = f"Line/{workshop.id}"
        folders[workshop.id] = folder(folders["plant"], path, workshop.names.en)
    for station in line.stations:
        path = f"Line/{station.workshop}/{station.id}"
        label = f"{station.id} {station.names.en}"
        folders[station.id] = folder(folders[station.workshop], path, label)
    return folders


def _home(signal: Signal, meter: Meter | None, line: Line) -> str:
    """Whose folder a signal is in."""
    return signal.subject if meter is None else place_of(meter, line)


def _sent_unit(signal: Signal) -> str | None:
    """The unit of a value as sent, before the line file's scale; None: not known."""
    if signal.unit is None:
        return None
    base = to_base(signal.unit)
    for sent in (signal.unit, *known_units()):
        other = to_base(sent)
        same = isclose(other.multiplier, base.multiplier * signal.scale)
        if other.unit == base.unit and same and opcua_unit_id(sent) is not None:
            return sent
    return None
