"""The words of the screens for the words of the data, in the language that is on.

Only here do ids (states, KPIs, carriers, qualities) meet a translation; an id without a word is
shown as it is, with its underscores as spaces.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from ui import text

translate = QCoreApplication.translate
_Words = Mapping[str, object]  # what QT_TRANSLATE_NOOP gives is typed as an object

_STATES: _Words = {
    "off": QT_TRANSLATE_NOOP("State", "off"),
    "standby": QT_TRANSLATE_NOOP("State", "standby"),
    "warming_up": QT_TRANSLATE_NOOP("State", "warming up"),
    "idle": QT_TRANSLATE_NOOP("State", "idle"),
    "starved": QT_TRANSLATE_NOOP("State", "starved"),
    "blocked": QT_TRANSLATE_NOOP("State", "blocked"),
    "processing": QT_TRANSLATE_NOOP("State", "processing"),
    "setup": QT_TRANSLATE_NOOP("State", "setup"),
    "failed": QT_TRANSLATE_NOOP("State", "failed"),
    "stopped": QT_TRANSLATE_NOOP("State", "stopped"),
    "held": QT_TRANSLATE_NOOP("State", "held"),
    "unknown": QT_TRANSLATE_NOOP("State", "unknown"),
    "none": QT_TRANSLATE_NOOP("State", "not on a station"),
    "others": QT_TRANSLATE_NOOP("State", "others"),
    "unexplained": QT_TRANSLATE_NOOP("State", "unexplained"),
}
_KPIS: _Words = {
    "vehicles_completed": QT_TRANSLATE_NOOP("Kpi", "Vehicles completed"),
    "vehicles_good": QT_TRANSLATE_NOOP("Kpi", "Good vehicles"),
    "plan_attainment": QT_TRANSLATE_NOOP("Kpi", "Plan attainment"),
    "wip": QT_TRANSLATE_NOOP("Kpi", "Vehicles in the line"),
    "lead_time": QT_TRANSLATE_NOOP("Kpi", "Lead time"),
    "jph": QT_TRANSLATE_NOOP("Kpi", "Vehicles per hour"),
    "throughput": QT_TRANSLATE_NOOP("Kpi", "Throughput"),
    "takt_attainment": QT_TRANSLATE_NOOP("Kpi", "Takt attainment"),
    "line_balance": QT_TRANSLATE_NOOP("Kpi", "Line balance"),
    "availability": QT_TRANSLATE_NOOP("Kpi", "Availability"),
    "effectiveness": QT_TRANSLATE_NOOP("Kpi", "Effectiveness"),
    "utilisation": QT_TRANSLATE_NOOP("Kpi", "Utilisation"),
    "allocation": QT_TRANSLATE_NOOP("Kpi", "Allocation"),
    "technical_efficiency": QT_TRANSLATE_NOOP("Kpi", "Technical efficiency"),
    "oee": QT_TRANSLATE_NOOP("Kpi", "OEE"),
    "nee": QT_TRANSLATE_NOOP("Kpi", "NEE"),
    "quality_ratio": QT_TRANSLATE_NOOP("Kpi", "Good share"),
    "first_time_through": QT_TRANSLATE_NOOP("Kpi", "First time through"),
    "energy_total": QT_TRANSLATE_NOOP("Kpi", "Energy"),
    "energy_per_vehicle": QT_TRANSLATE_NOOP("Kpi", "Energy per vehicle"),
    "idle_energy_share": QT_TRANSLATE_NOOP("Kpi", "Idle energy"),
    "value_adding_share": QT_TRANSLATE_NOOP("Kpi", "Processing energy"),
    "base_load": QT_TRANSLATE_NOOP("Kpi", "Base load"),
    "peak_demand": QT_TRANSLATE_NOOP("Kpi", "Peak, 15 min"),
    "load_factor": QT_TRANSLATE_NOOP("Kpi", "Load factor"),
    "renewable_share": QT_TRANSLATE_NOOP("Kpi", "Renewable power"),
    "self_consumption": QT_TRANSLATE_NOOP("Kpi", "PV self-consumption"),
    "kgce_per_vehicle": QT_TRANSLATE_NOOP("Kpi", "Standard coal per vehicle"),
    "cost_per_vehicle": QT_TRANSLATE_NOOP("Kpi", "Energy cost per vehicle"),
    "water_per_vehicle": QT_TRANSLATE_NOOP("Kpi", "Water per vehicle"),
    "carbon_total": QT_TRANSLATE_NOOP("Kpi", "Carbon"),
    "carbon_per_vehicle": QT_TRANSLATE_NOOP("Kpi", "Carbon per vehicle"),
    "voc_per_vehicle": QT_TRANSLATE_NOOP("Kpi", "VOC per vehicle"),
}
_EVIDENCE: _Words = {
    "measured": QT_TRANSLATE_NOOP("Evidence", "measured"),
    "estimated": QT_TRANSLATE_NOOP("Evidence", "estimated"),
    "modelled": QT_TRANSLATE_NOOP("Evidence", "modelled"),
}
_QUALITIES: _Words = {
    "good": QT_TRANSLATE_NOOP("Quality", "good"),
    "uncertain": QT_TRANSLATE_NOOP("Quality", "uncertain"),
    "bad": QT_TRANSLATE_NOOP("Quality", "bad"),
    "missing": QT_TRANSLATE_NOOP("Quality", "missing"),
    "refused": QT_TRANSLATE_NOOP("Quality", "refused"),
    "lost": QT_TRANSLATE_NOOP("Quality", "lost"),
    "late": QT_TRANSLATE_NOOP("Quality", "late"),
    "frozen": QT_TRANSLATE_NOOP("Quality", "frozen"),
}
_CONNECTIONS: _Words = {
    "connecting": QT_TRANSLATE_NOOP("Connection", "connecting"),
    "live": QT_TRANSLATE_NOOP("Connection", "connected"),
    "stale": QT_TRANSLATE_NOOP("Connection", "stale"),
    "down": QT_TRANSLATE_NOOP("Connection", "down"),
    "running": QT_TRANSLATE_NOOP("Connection", "playing"),
    "paused": QT_TRANSLATE_NOOP("Connection", "paused"),
    "ended": QT_TRANSLATE_NOOP("Connection", "ended"),
    "failed": QT_TRANSLATE_NOOP("Connection", "failed"),
}
_MODES: _Words = {
    "live": QT_TRANSLATE_NOOP("Mode", "LIVE"),
    "replay": QT_TRANSLATE_NOOP("Mode", "REPLAY"),
    "simulation": QT_TRANSLATE_NOOP("Mode", "SIM"),
}
_CARRIERS: _Words = {
    "electricity": QT_TRANSLATE_NOOP("Carrier", "electricity"),
    "natural_gas": QT_TRANSLATE_NOOP("Carrier", "natural gas"),
    "lpg": QT_TRANSLATE_NOOP("Carrier", "LPG"),
    "diesel": QT_TRANSLATE_NOOP("Carrier", "diesel"),
    "heat": QT_TRANSLATE_NOOP("Carrier", "heat"),
    "steam": QT_TRANSLATE_NOOP("Carrier", "steam"),
    "compressed_air": QT_TRANSLATE_NOOP("Carrier", "compressed air"),
    "chilled_water": QT_TRANSLATE_NOOP("Carrier", "chilled water"),
    "hot_water": QT_TRANSLATE_NOOP("Carrier", "hot water"),
    "water": QT_TRANSLATE_NOOP("Carrier", "water"),
    "voc": QT_TRANSLATE_NOOP("Carrier", "VOC"),
}
_UNITS: _Words = {
    "vehicles": QT_TRANSLATE_NOOP("Unit", "vehicles"),
    "1/h": QT_TRANSLATE_NOOP("Unit", "per h"),
    "min": QT_TRANSLATE_NOOP("Unit", "min"),
    "kg CO2e": QT_TRANSLATE_NOOP("Unit", "kg CO₂e"),
    "t CO2e": QT_TRANSLATE_NOOP("Unit", "t CO₂e"),
}
_CAUSES: _Words = {
    "failed": QT_TRANSLATE_NOOP("Cause", "failed"),
    "setup": QT_TRANSLATE_NOOP("Cause", "setup"),
    "held": QT_TRANSLATE_NOOP("Cause", "held"),
    "warming_up": QT_TRANSLATE_NOOP("Cause", "warming up"),
    "handling": QT_TRANSLATE_NOOP("Cause", "loading, unloading"),
    "break": QT_TRANSLATE_NOOP("Cause", "break"),
    "off_shift": QT_TRANSLATE_NOOP("Cause", "off shift"),
    "cycle": QT_TRANSLATE_NOOP("Cause", "slower than its neighbours"),
    "no_release": QT_TRANSLATE_NOOP("Cause", "nothing released"),
    "no_demand": QT_TRANSLATE_NOOP("Cause", "nothing asked of it"),
    "unknown": QT_TRANSLATE_NOOP("Cause", "not known"),
}
_END_USES: _Words = {
    "painting": QT_TRANSLATE_NOOP("EndUse", "painting"),
    "hvac": QT_TRANSLATE_NOOP("EndUse", "ventilation, cooling"),
    "heating": QT_TRANSLATE_NOOP("EndUse", "heating"),
    "material_handling": QT_TRANSLATE_NOOP("EndUse", "material handling"),
    "welding": QT_TRANSLATE_NOOP("EndUse", "welding"),
    "compressed_air": QT_TRANSLATE_NOOP("EndUse", "compressed air"),
    "lighting": QT_TRANSLATE_NOOP("EndUse", "lighting"),
    "process": QT_TRANSLATE_NOOP("EndUse", "process"),
    "other": QT_TRANSLATE_NOOP("EndUse", "other"),
}
_BANDS: _Words = {
    "critical": QT_TRANSLATE_NOOP("Band", "critical peak"),
    "peak": QT_TRANSLATE_NOOP("Band", "peak"),
    "flat": QT_TRANSLATE_NOOP("Band", "flat"),
    "valley": QT_TRANSLATE_NOOP("Band", "valley"),
}
_SHIFTS: _Words = {
    "early": QT_TRANSLATE_NOOP("Shift", "Early shift"),
    "late": QT_TRANSLATE_NOOP("Shift", "Late shift"),
    "night": QT_TRANSLATE_NOOP("Shift", "Night shift"),
    "day": QT_TRANSLATE_NOOP("Shift", "Day shift"),
}
LESS_IS_BETTER = frozenset(
    {
        "energy_per_vehicle",
        "carbon_per_vehicle",
        "idle_energy_share",
        "base_load",
        "peak_demand",
        "energy_total",
        "carbon_total",
        "lead_time",
        "kgce_per_vehicle",
        "cost_per_vehicle",
        "water_per_vehicle",
        "voc_per_vehicle",
    }
)
MORE_IS_BETTER = frozenset(
    {
        "vehicles_completed",
        "vehicles_good",
        "plan_attainment",
        "jph",
        "throughput",
        "takt_attainment",
        "line_balance",
        "availability",
        "effectiveness",
        "utilisation",
        "allocation",
        "technical_efficiency",
        "oee",
        "nee",
        "quality_ratio",
        "first_time_through",
        "value_adding_share",
        "load_factor",
        "renewable_share",
        "self_consumption",
    }
)


def state(id_: str) -> str:
    """A station's state, or what energy went into."""
    return _word("State", _STATES, id_)


def kpi(id_: str) -> str:
    """A KPI's name."""
    return _word("Kpi", _KPIS, id_, capital=True)


def evidence(id_: str) -> str:
    """How a figure is known."""
    return _word("Evidence", _EVIDENCE, id_)


def quality(id_: str) -> str:
    """How good a sample is."""
    return _word("Quality", _QUALITIES, id_)


def connection(id_: str) -> str:
    """The state of a connection or of a session."""
    return _word("Connection", _CONNECTIONS, id_)


def mode(id_: str) -> str:
    """LIVE, REPLAY or SIM."""
    return _word("Mode", _MODES, id_)


def carrier(id_: str) -> str:
    """An energy carrier."""
    return _word("Carrier", _CARRIERS, id_)


def cause(id_: str) -> str:
    """What a loss comes from."""
    return _word("Cause", _CAUSES, id_)


def end_use(id_: str) -> str:
    """What energy is used for."""
    return _word("EndUse", _END_USES, id_)


def band(id_: str) -> str:
    """A band of the tariff."""
    return _word("Band", _BANDS, id_)


def shift(name: str) -> str:
    """A shift's name; those that a plant named itself stay as they are."""
    return _word("Shift", _SHIFTS, name)


def unit(id_: str) -> str:
    """A unit as it stands beside a figure."""
    return translate("Unit", str(_UNITS[id_])) if id_ in _UNITS else id_.replace("m3", "m³")


def time_forms() -> text.TimeForms:
    """How the language that is on writes stretches of time."""
    return text.TimeForms(
        seconds=translate("Time", "{n} s"),
        minutes=translate("Time", "{m}:{s:02d} min"),
        hours=translate("Time", "{h} h {m:02d} min"),
        days=translate("Time", "{d} d {h} h"),
        whole_minutes=translate("Time", "{n} min"),
        whole_hours=translate("Time", "{n} h"),
    )


def duration(seconds: float | None) -> str:
    """A stretch of time."""
    return text.duration(seconds, time_forms())


def age(seconds: float | None) -> str:
    """How old data are."""
    return text.age(seconds, time_forms())


def _word(context: str, words: _Words, id_: str, *, capital: bool = False) -> str:
    if id_ in words:
        return translate(context, str(words[id_]))
    plain = id_.replace("_", " ")
    return plain[:1].upper() + plain[1:] if capital else plain
