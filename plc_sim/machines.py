"""Stations in the terms of OPC 40001-1 (Machinery) and OPC 30050 (PackML).

Every station is one object, found under Objects/Machines and under Objects/PackMLObjects. What
these specifications ask for is reckoned from the line's signals while somebody looks. PackML's
counts are plain numbers, without the structure around them.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean
from typing import Any

from opcua import ua
from opcua.server.address_space import AttributeValue

from data.line import Line, Signal, Station
from plc_sim.address_space import (
    BASE_OBJECT,
    FOLDER,
    OBJECTS,
    ORGANIZES,
    Space,
    unit_information,
)
from plc_sim.line_nodes import LineNodes
from plc_sim.live_values import Follower, LiveValue
from plc_sim.machine_states import (
    BASE_MACHINE,
    EXECUTE_STATE,
    ITEM_STATE,
    MACHINE_STATE,
    MACHINERY_URI,
    OPERATION_MODE,
    PACKML_URI,
    States,
    packml_number,
    unit_mode,
)

DI_URI = "http://opcfoundation.org/UA/DI/"

_STATE_MACHINE = ua.NodeId(ua.ObjectIds.FiniteStateMachineType)
_STATE = ua.NodeId(ua.ObjectIds.StateType)
_PER_MINUTE = unit_information("1/min", int.from_bytes(b"C94", "big"))
# Of a station's state: label, OPC UA type, and what it is for one of our states.
_STATUS: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("UnitModeCurrent", "Int32", unit_mode),
    ("StateCurrent", "Int32", packml_number),
    ("EquipmentStarved", "Boolean", lambda ours: ours == "starved"),
    ("EquipmentBlocked", "Boolean", lambda ours: ours == "blocked"),
)


class Machines:
    """The stations of a line as machines; ``ids`` by station."""

    def __init__(self, space: Space, line: Line, nodes: LineNodes) -> None:
        self._space = space
        self._plant = line.plant.id
        self._values = {
            (signal.subject, signal.role): (nodes.values[signal.index], signal)
            for signal in line.signals
            if signal.index in nodes.values
        }
        self._di = space.namespace(DI_URI)
        self._machinery = space.namespace(MACHINERY_URI)
        self._packml = space.namespace(PACKML_URI)
        self._types = _types(space)
        machines = self._root("Machines", 1001, self._machinery)
        packml = self._root("PackMLObjects", 72, self._packml)
        self.ids = {station.id: self._machine(machines, station) for station in line.stations}
        for machine in self.ids.values():
            space.refer(packml, machine, ORGANIZES)

    def _root(self, label: str, number: int, namespace: int) -> Any:
        name = ua.QualifiedName(label, namespace)
        return self._space.folder(OBJECTS, ua.NodeId(number, namespace), name)

    def _machine(self, machines: Any, station: Station) -> Any:
        space = self._space
        machine = space.own_id(f"Machine/{station.id}")
        type_id = self._types["PackMLBaseObjectType"]
        name = ua.QualifiedName(station.id, 1)
        space.object(machines, machine, name, type_id=type_id, reference=ORGANIZES)
        blocks = [self._identification(machine, station)]
        state = self._values.get((station.id, "state"))
        if state is not None:
            blocks += self._machinery_states(machine, *state)
            self._packml_states(machine, *state)
        folder = space.part(machine, self._machinery, "MachineryBuildingBlocks", FOLDER)
        for block in blocks:
            space.refer(folder, block, ORGANIZES)
        self._status(machine, station, state)
        self._admin(machine, station)
        return machine

    def _identification(self, machine: Any, station: Station) -> Any:
        di, machinery = self._di, self._machinery
        type_id = self._types["MachineIdentificationType"]
        part = self._space.part(machine, di, "Identification", type_id)
        for label, namespace, value, opc_type in (
            ("Manufacturer", di, ua.LocalizedText("Greenline"), "LocalizedText"),
            ("ComponentName", di, ua.LocalizedText(station.names.en), "LocalizedText"),
            ("SerialNumber", di, f"{self._plant}-{station.id}", "String"),
            ("ProductInstanceUri", di, f"urn:greenline:sim:{self._plant}:{station.id}", "String"),
            ("Location", machinery, f"{self._plant}/{station.workshop}/{station.id}", "String"),
        ):
            self._space.property(part, ua.QualifiedName(label, namespace), value, opc_type)
        return part

    def _machinery_states(self, machine: Any, value: LiveValue, signal: Signal) -> list[Any]:
        return [
            self._state_machine(machine, label, states, value, signal)
            for label, states in (
                ("MachineryItemState", ITEM_STATE),
                ("MachineryOperationMode", OPERATION_MODE),
            )
        ]

    def _packml_states(self, machine: Any, value: LiveValue, signal: Signal) -> None:
        parent = machine
        for label, states in (
            ("BaseStateMachine", BASE_MACHINE),
            ("MachineState", MACHINE_STATE),
            ("ExecuteState", EXECUTE_STATE),
        ):
            parent = self._state_machine(parent, label, states, value, signal)

    def _state_machine(
        self, parent: Any, label: str, states: States, value: LiveValue, signal: Signal
    ) -> Any:
        """A CurrentState with its Id and Number, after a state signal."""
        space, namespace = self._space, self._space.namespace(states.uri)
        part = space.part(parent, namespace, label, self._types[states.type_name])
        ids = {name: ua.NodeId(number, namespace) for name, number in states.ids.items()}

        def follower(opc_type: str, of: Callable[[str], Any]) -> Follower:
            return _of_state(value, signal, opc_type, of)

        current = space.named_variable(
            part,
            0,
            "CurrentState",
            follower("LocalizedText", lambda ours: ua.LocalizedText(states.name(ours))),
            "LocalizedText",
        )
        for name, opc_type, of in (
            ("Id", "NodeId", lambda ours: ids.get(states.name(ours), ua.NodeId())),
            ("Number", "UInt32", states.number),
        ):
            live = follower(opc_type, of)
            space.live_property(current, ua.QualifiedName(name, 0), live, opc_type)
        return part

    def _status(
        self, machine: Any, station: Station, state: tuple[LiveValue, Signal] | None
    ) -> None:
        """PackML's Status, as far as the line's signals tell it."""
        space, packml = self._space, self._packml
        part = space.part(machine, packml, "Status", self._types["PackMLStatusObjectType"])
        if state is not None:
            for label, opc_type, of in _STATUS:
                follower = _of_state(*state, opc_type, of)
                space.named_variable(part, packml, label, follower, opc_type)
        speeds: list[tuple[str, AttributeValue]] = []
        if station.cycle_s is not None:
            variant = ua.Variant(_planned_per_minute(station), ua.VariantType.Float)
            speeds.append(("MachSpeed", AttributeValue(ua.DataValue(variant))))
        cycle = self._values.get((station.id, "cycle_time"))
        if cycle is not None:
            value, signal = cycle
            follower = Follower((value,), "Float", lambda raw: _per_minute(raw * signal.scale))
            speeds.append(("CurMachSpeed", follower))
        for label, speed in speeds:
            space.unit(space.named_variable(part, packml, label, speed, "Float"), _PER_MINUTE)

    def _admin(self, machine: Any, station: Station) -> None:
        """PackML's Admin: what the machine made, good and defective."""
        space, packml = self._space, self._packml
        part = space.part(machine, packml, "Admin", self._types["PackMLAdminObjectType"])
        good = self._values.get((station.id, "good_count"))
        defective = self._values.get((station.id, "reject_count"))
        counts = tuple(count[0] for count in (good, defective) if count is not None)
        if good is not None:
            total = Follower(counts, "Int32", lambda *raws: sum(int(raw) for raw in raws))
            space.named_variable(part, packml, "ProdProcessedCount", total, "Int32")
        if defective is not None:
            follower = Follower((defective[0],), "Int32", int)
            space.named_variable(part, packml, "ProdDefectiveCount", follower, "Int32")


def _types(space: Space) -> dict[str, Any]:
    """The types that the machines say they are of, and the states of their state machines."""
    types = {}
    for uri, number, label, parent in (
        (MACHINERY_URI, 1012, "MachineIdentificationType", FOLDER),
        (PACKML_URI, 6, "PackMLBaseObjectType", BASE_OBJECT),
        (PACKML_URI, 4, "PackMLStatusObjectType", BASE_OBJECT),
        (PACKML_URI, 5, "PackMLAdminObjectType", BASE_OBJECT),
    ):
        types[label] = space.object_type(parent, uri, number, label)
    for states in (ITEM_STATE, OPERATION_MODE, BASE_MACHINE, MACHINE_STATE, EXECUTE_STATE):
        type_id = space.object_type(_STATE_MACHINE, states.uri, states.type_id, states.type_name)
        types[states.type_name] = type_id
        for label, number in states.ids.items():
            name = ua.QualifiedName(label, type_id.NamespaceIndex)
            node_id = ua.NodeId(number, type_id.NamespaceIndex)
            state = space.object(type_id, node_id, name, type_id=_STATE)
            number_name = ua.QualifiedName("StateNumber", 0)
            space.property(state, number_name, states.numbers[label], "UInt32")
    return types


def _of_state(
    value: LiveValue, signal: Signal, opc_type: str, of: Callable[[str], Any]
) -> Follower:
    """What follows a state signal: of its code or word, of our state, of what is asked for."""
    words = signal.map
    return Follower((value,), opc_type, lambda raw: of(words.get(str(raw), str(raw))))


def _planned_per_minute(station: Station) -> float:
    """Planned speed over all places [1/min]; the plain mean of the variants."""
    cycle_s = station.cycle_s
    assert cycle_s is not None
    mean_s = fmean(cycle_s.values()) if not isinstance(cycle_s, float | int) else cycle_s
    return 60.0 * station.places / mean_s


def _per_minute(cycle_s: float) -> float:
    return 60.0 / cycle_s if cycle_s > 0 else 0.0
