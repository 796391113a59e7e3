"""Units of meters and process values: to the base units, and to OPC UA unit ids and back.

Base units: kW, kWh, m3, kg, m3/h, kg/h; a process value keeps the unit that it has. Factors are
exact by definition (1 kWh = 3.6 MJ; 1 kcal = 4.1868 kJ, the International Table calorie).

OPC UA numbers a unit by the characters of its UNECE code (Part 8, EngineeringUnits). Trap: the
UNECE code "GJ" is gram per millilitre; the gigajoule is "GV".
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

MJ_PER_KWH = 3.6


class Base(NamedTuple):
    """A base unit, and how many of it one of the unit is."""

    unit: str
    multiplier: float


@dataclass(frozen=True, slots=True)
class UnknownUnitError(ValueError):
    """A unit that is not known; ``near`` are known ones that look like it."""

    unit: str
    near: tuple[str, ...]

    def __str__(self) -> str:
        hint = f"; did you mean {' or '.join(self.near)}?" if self.near else ""
        return f'unknown unit "{self.unit}"{hint}'


_UNITS: dict[str, Base] = {
    "W": Base("kW", 0.001),
    "kW": Base("kW", 1.0),
    "MW": Base("kW", 1000.0),
    "kJ/h": Base("kW", 1 / 3600),
    "MJ/h": Base("kW", 1 / 3.6),
    "GJ/h": Base("kW", 1 / 0.0036),
    "kcal/h": Base("kW", 4.1868 / 3600),
    "J": Base("kWh", 1 / 3.6e6),
    "kJ": Base("kWh", 1 / 3600),
    "MJ": Base("kWh", 1 / 3.6),
    "GJ": Base("kWh", 1 / 0.0036),
    "Wh": Base("kWh", 0.001),
    "kWh": Base("kWh", 1.0),
    "MWh": Base("kWh", 1000.0),
    "GWh": Base("kWh", 1e6),
    "kcal": Base("kWh", 4.1868 / 3600),
    "Mcal": Base("kWh", 4.1868 / 3.6),
    "Gcal": Base("kWh", 4.1868 / 0.0036),
    "L": Base("m3", 0.001),
    "m3": Base("m3", 1.0),
    "Nm3": Base("m3", 1.0),
    "g": Base("kg", 0.001),
    "kg": Base("kg", 1.0),
    "t": Base("kg", 1000.0),
    "L/h": Base("m3/h", 0.001),
    "L/min": Base("m3/h", 0.06),
    "L/s": Base("m3/h", 3.6),
    "m3/h": Base("m3/h", 1.0),
    "m3/min": Base("m3/h", 60.0),
    "m3/s": Base("m3/h", 3600.0),
    "Nm3/h": Base("m3/h", 1.0),
    "Nm3/min": Base("m3/h", 60.0),
    "Nm3/s": Base("m3/h", 3600.0),
    "g/s": Base("kg/h", 3.6),
    "kg/h": Base("kg/h", 1.0),
    "kg/min": Base("kg/h", 60.0),
    "kg/s": Base("kg/h", 3600.0),
    "t/h": Base("kg/h", 1000.0),
    "s": Base("s", 1.0),
    "ms": Base("s", 0.001),
    "min": Base("s", 60.0),
    "h": Base("s", 3600.0),
    "Pa": Base("bar", 1e-5),
    "kPa": Base("bar", 0.01),
    "MPa": Base("bar", 10.0),
    "mbar": Base("bar", 0.001),
    "bar": Base("bar", 1.0),
    # Different zero points: neither is a multiple of the other.
    "degC": Base("degC", 1.0),
    "K": Base("K", 1.0),
    "W/m2": Base("W/m2", 1.0),
    "kW/m2": Base("W/m2", 1000.0),
    "%": Base("%", 1.0),
    "piece": Base("piece", 1.0),
    "1": Base("1", 1.0),
}
_SPELLINGS = {
    "m³": "m3",
    "m^3": "m3",
    "Nm³": "Nm3",
    "m³/h": "m3/h",
    "m³/min": "m3/min",
    "m³/s": "m3/s",
    "Nm³/h": "Nm3/h",
    "Nm³/min": "Nm3/min",
    "Nm³/s": "Nm3/s",
    "W/m²": "W/m2",
    "kW/m²": "kW/m2",
    "°C": "degC",
    "℃": "degC",
    "l": "L",
    "l/h": "L/h",
    "l/min": "L/min",
    "l/s": "L/s",
    "pcs": "piece",
    "W·h": "Wh",
    "kW·h": "kWh",
    "MW·h": "MWh",
    "GW·h": "GWh",
    "kW.h": "kWh",
}
# UNECE Recommendation 20, as OPC UA uses it.
_UNECE_CODES = {
    "W": "WTT",
    "kW": "KWT",
    "MW": "MAW",
    "J": "JOU",
    "kJ": "KJO",
    "MJ": "3B",
    "GJ": "GV",
    "Wh": "WHR",
    "kWh": "KWH",
    "MWh": "MWH",
    "GWh": "GWH",
    "kcal": "E14",
    "L": "LTR",
    "m3": "MTQ",
    "Nm3": "NM3",
    "g": "GRM",
    "kg": "KGM",
    "t": "TNE",
    "L/h": "E92",  # dm3/h
    "L/min": "L2",
    "L/s": "G51",
    "m3/h": "MQH",
    "m3/min": "G53",
    "m3/s": "MQS",
    "g/s": "F29",
    "kg/h": "E93",
    "kg/min": "F31",
    "kg/s": "KGS",
    "t/h": "E18",
    "s": "SEC",
    "ms": "C26",
    "min": "MIN",
    "h": "HUR",
    "Pa": "PAL",
    "kPa": "KPA",
    "MPa": "MPA",
    "mbar": "MBR",
    "bar": "BAR",
    "degC": "CEL",
    "K": "KEL",
    "W/m2": "D54",
    "%": "P1",
    "piece": "H87",
    "1": "C62",
}


def known_units() -> tuple[str, ...]:
    """Every unit as we write it."""
    return tuple(_UNITS)


def canonical(unit: str) -> str:
    """A unit as we write it ("m³" is "m3"); raises UnknownUnitError."""
    name = _SPELLINGS.get(unit.strip(), unit.strip())
    if name not in _UNITS:
        raise UnknownUnitError(unit, _near(name))
    return name


def spelt(unit: str) -> str:
    """A unit as we write it, one that is not known as it is."""
    try:
        return canonical(unit)
    except UnknownUnitError:
        return unit


def to_base(unit: str) -> Base:
    """The base unit of a unit, and how many of it one is; raises UnknownUnitError."""
    return _UNITS[canonical(unit)]


def unece_code(unit: str) -> str | None:
    """The UNECE code of a unit; None where it has none. Raises UnknownUnitError."""
    return _UNECE_CODES.get(canonical(unit))


def opcua_unit_id(unit: str) -> int | None:
    """The unitId of OPC UA EngineeringUnits; None where the unit has no UNECE code."""
    code = unece_code(unit)
    return None if code is None else int.from_bytes(code.encode("ascii"), "big")


def unit_of_opcua_id(unit_id: int) -> str | None:
    """Our unit of an OPC UA unitId; None for one that no meter of ours has."""
    return _UNITS_BY_ID.get(unit_id)


def _near(unit: str) -> tuple[str, ...]:
    same = tuple(known for known in _UNITS if known.casefold() == unit.casefold())
    return same or tuple(get_close_matches(unit, _UNITS, 2, 0.6))


_UNITS_BY_ID = {
    int.from_bytes(code.encode("ascii"), "big"): unit for unit, code in _UNECE_CODES.items()
}
