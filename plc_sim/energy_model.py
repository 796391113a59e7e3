"""Meters in the terms of OPC 40001-4 (Machinery, Energy) and OPC 34100 (ECM).

Each metering point is an EnergyMeasurementType object in Monitoring/Consumption/CARRIER: that of
its machine, or in the line's folder of its workshop or of the plant. The one that feeds the place
is called Main. Values are in the units and types that OPC 34100 prescribes; one that the line's
own variable has already is the same value. The object also organizes the line's own variables.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isclose
from typing import Any

from opcua import ua

from data.line import Line, Meter, MeteringPoint, Signal
from data.units import to_base
from plc_sim.address_space import (
    BASE_OBJECT,
    FOLDER,
    ORGANIZES,
    Space,
    engineering_unit,
)
from plc_sim.line_nodes import LineNodes, place_of
from plc_sim.live_values import Follower, LiveValue
from plc_sim.machine_states import MACHINERY_URI

ECM_URI = "http://opcfoundation.org/UA/ECM/"
ENERGY_URI = "http://opcfoundation.org/UA/Machinery/Energy/"

_RESOURCES = {
    "electricity": "Electricity",
    "compressed_air": "CompressedAir",
    "natural_gas": "NaturalGas",
    "lpg": "Propane",
    "diesel": "DieselOil",
    "steam": "Steam_Saturated",
    "hot_water": "HotWater",
    "chilled_water": "ChilledWater",
}
_OWN_RESOURCES = {"heat": "Heat", "water": "Water", "voc": "VOC"}  # 40001-4 does not name these
_OUTWARD = ("export", "generate", "discharge")


@dataclass(frozen=True, slots=True)
class _Quantity:
    """A measured value of OPC 34100; the id is None where we do not know it."""

    name: str
    opc_type: str
    unit: str
    measurement_id: int | None


_POWER = _Quantity("AcActivePowerTotal", "Float", "W", 1412)
# By the base unit of what is sent: rates and totals, by whether it flows outward.
_ELECTRIC_TOTALS = {
    False: (
        _Quantity("AcActiveEnergyTotalImportLp", "Float", "Wh", 1001),
        _Quantity("AcActiveEnergyTotalImportHp", "Double", "Wh", None),
    ),
    True: (
        _Quantity("AcActiveEnergyTotalExportLp", "Float", "Wh", 1004),
        _Quantity("AcActiveEnergyTotalExportHp", "Double", "Wh", None),
    ),
}
_HEAT_TOTALS = {
    False: (_Quantity("NeEnergyImportHp", "Double", "Wh", 2002),),
    True: (_Quantity("NeEnergyExportHp", "Double", "Wh", 2005),),
}
_FLOWS = {
    "m3/h": (_Quantity("VolumeFlowRate", "Float", "m3/s", 2100),),
    "kg/h": (_Quantity("MassFlowRate", "Float", "kg/s", 2101),),
    "m3": (_Quantity("Volume", "Float", "m3", 28686),),
    "kg": (_Quantity("Mass", "Float", "kg", 28685),),
}


class EnergyModel:
    """The metering points of a line, put beside its machines."""

    def __init__(
        self, space: Space, line: Line, nodes: LineNodes, machines: dict[str, Any]
    ) -> None:
        self._space = space
        self._nodes = nodes
        self._signals = {
            signal.subject: signal
            for signal in line.signals
            if signal.role == "value" and signal.index in nodes.values
        }
        self._places = nodes.folders | machines
        self._machinery = space.namespace(MACHINERY_URI)
        self._energy = space.namespace(ENERGY_URI)
        self._ecm = space.namespace(ECM_URI)
        self._monitoring_type = space.object_type(FOLDER, MACHINERY_URI, 1014, "MonitoringType")
        self._point_type = space.object_type(BASE_OBJECT, ECM_URI, 1006, "EnergyMeasurementType")
        self._folders: dict[tuple[str, str], Any] = {}
        self._mains: set[tuple[str, str]] = set()
        for point in line.points:
            sent = [
                m for m in (point.rate, point.amount) if m is not None and m.id in self._signals
            ]
            if sent:
                self._add(point, sent, place_of(sent[0], line))

    def _add(self, point: MeteringPoint, sent: list[Meter], place: str) -> None:
        space, outward = self._space, point.direction in _OUTWARD
        folder = self._resource(place, point.carrier)
        is_main = not outward and (place, point.carrier) not in self._mains
        if is_main:
            self._mains.add((place, point.carrier))
        namespace, label = (self._energy, "Main") if is_main else (1, point.id)
        measurement = space.part(folder, namespace, label, self._point_type)
        tag = ua.QualifiedName("ApplicationTag", self._ecm)
        space.property(measurement, tag, point.id, "String")
        for meter in sent:
            signal = self._signals[meter.id]
            space.refer(measurement, self._nodes.ids[signal.index], ORGANIZES)
            for quantity in _quantities(point.carrier, meter, signal, outward):
                self._measure(measurement, quantity, signal, outward)

    def _measure(
        self, measurement: Any, quantity: _Quantity, signal: Signal, outward: bool
    ) -> None:
        space, ecm = self._space, self._ecm
        value = self._nodes.values[signal.index]
        # A power that flows outward is a negative consumption.
        factor = _factor(signal, quantity.unit) * (-1 if outward and quantity is _POWER else 1)
        shown = _shown(value, quantity.opc_type, factor)
        variable = space.named_variable(measurement, ecm, quantity.name, shown, quantity.opc_type)
        space.unit(variable, engineering_unit(quantity.unit))
        if quantity.measurement_id is not None:
            name = ua.QualifiedName("MeasurementID", ecm)
            space.property(variable, name, quantity.measurement_id, "UInt16")

    def _resource(self, place: str, carrier: str) -> Any:
        """The folder of a carrier at a place, with the Monitoring object above it."""
        if (place, carrier) not in self._folders:
            own = _OWN_RESOURCES.get(carrier)
            namespace = self._energy if own is None else 1
            label = own or _RESOURCES[carrier]
            self._folders[place, carrier] = self._space.part(
                self._consumption(place), namespace, label, FOLDER
            )
        return self._folders[place, carrier]

    def _consumption(self, place: str) -> Any:
        if (place, "") not in self._folders:
            machinery, space = self._machinery, self._space
            parent = self._places[place]
            monitoring = space.part(parent, machinery, "Monitoring", self._monitoring_type)
            self._folders[place, ""] = space.part(monitoring, machinery, "Consumption", FOLDER)
        return self._folders[place, ""]


def _quantities(carrier: str, meter: Meter, signal: Signal, outward: bool) -> tuple[_Quantity, ...]:
    """What OPC 34100 calls the value of a meter; nothing where it has no word for it."""
    if meter.kind == "interval":  # it has no register to show
        return ()
    base = to_base(signal.unit or meter.unit).unit
    if base == "kWh":
        return (_ELECTRIC_TOTALS if carrier == "electricity" else _HEAT_TOTALS)[outward]
    if base == "kW":
        return (_POWER,) if carrier == "electricity" else ()
    return _FLOWS.get(base, ())


def _factor(signal: Signal, unit: str) -> float:
    """From a value as sent to ``unit``; flows are kept by the hour, OPC 34100 has the second."""
    sent, wanted = to_base(signal.unit or unit), to_base(unit)
    return signal.scale * sent.multiplier / wanted.multiplier


def _shown(value: LiveValue, opc_type: str, factor: float) -> LiveValue | Follower:
    if isclose(factor, 1.0) and value.opc_type == opc_type:
        return value
    return Follower((value,), opc_type, lambda raw: raw * factor)
