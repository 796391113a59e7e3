"""What each KPI is made of, in words: formula, standard and the quantities in it (docs/kpis.md)."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QT_TRANSLATE_NOOP

from ui.words import translate

_Words = Mapping[str, object]

_FORMULAS: _Words = {
    "vehicles_completed": QT_TRANSLATE_NOOP(
        "KpiFormula", "vehicles that left the last station, good or not"
    ),
    "vehicles_good": QT_TRANSLATE_NOOP(
        "KpiFormula", "of the completed vehicles those that were not rejected"
    ),
    "plan_attainment": QT_TRANSLATE_NOOP(
        "KpiFormula", "good vehicles ÷ vehicles due by the shift's plan"
    ),
    "wip": QT_TRANSLATE_NOOP("KpiFormula", "vehicles seen that have not left yet"),
    "lead_time": QT_TRANSLATE_NOOP(
        "KpiFormula", "mean of leaving − entering, of vehicles seen all the way"
    ),
    "jph": QT_TRANSLATE_NOOP("KpiFormula", "completed vehicles ÷ planned time"),
    "throughput": QT_TRANSLATE_NOOP(
        "KpiFormula", "completed vehicles ÷ the whole period, breaks and all"
    ),
    "takt_attainment": QT_TRANSLATE_NOOP("KpiFormula", "completed vehicles × takt ÷ planned time"),
    "line_balance": QT_TRANSLATE_NOOP(
        "KpiFormula", "sum of the stations' work per vehicle ÷ (stations × the longest)"
    ),
    "availability": QT_TRANSLATE_NOOP(
        "KpiFormula", "mean over the stations of processing time ÷ planned time"
    ),
    "effectiveness": QT_TRANSLATE_NOOP(
        "KpiFormula", "planned cycle × completed vehicles ÷ processing time"
    ),
    "utilisation": QT_TRANSLATE_NOOP(
        "KpiFormula", "mean over the stations of processing time ÷ time with an order"
    ),
    "allocation": QT_TRANSLATE_NOOP(
        "KpiFormula", "mean over the stations of time with an order ÷ planned time"
    ),
    "technical_efficiency": QT_TRANSLATE_NOOP(
        "KpiFormula", "mean over the stations of processing time ÷ (processing + delays)"
    ),
    "oee": QT_TRANSLATE_NOOP(
        "KpiFormula", "good vehicles × planned cycle of the slowest station ÷ planned time"
    ),
    "nee": QT_TRANSLATE_NOOP("KpiFormula", "OEE × (processing with setup ÷ processing)"),
    "quality_ratio": QT_TRANSLATE_NOOP("KpiFormula", "good vehicles ÷ completed vehicles"),
    "first_time_through": QT_TRANSLATE_NOOP(
        "KpiFormula", "vehicles good without rejection or second visit ÷ completed vehicles"
    ),
    "energy_total": QT_TRANSLATE_NOOP(
        "KpiFormula", "sum of the boundary carriers, fuels by their lower heating value"
    ),
    "energy_per_vehicle": QT_TRANSLATE_NOOP("KpiFormula", "energy ÷ good vehicles"),
    "idle_energy_share": QT_TRANSLATE_NOOP(
        "KpiFormula", "stations' energy outside processing ÷ all energy of the stations"
    ),
    "value_adding_share": QT_TRANSLATE_NOOP("KpiFormula", "energy in processing ÷ energy"),
    "base_load": QT_TRANSLATE_NOOP(
        "KpiFormula", "least mean electricity of a whole quarter of an hour"
    ),
    "peak_demand": QT_TRANSLATE_NOOP(
        "KpiFormula", "largest mean electricity of a whole quarter of an hour"
    ),
    "load_factor": QT_TRANSLATE_NOOP(
        "KpiFormula", "mean electricity ÷ peak of a quarter of an hour"
    ),
    "renewable_share": QT_TRANSLATE_NOOP(
        "KpiFormula", "(own PV kept + purchases under renewable contracts) ÷ electricity used"
    ),
    "self_consumption": QT_TRANSLATE_NOOP("KpiFormula", "own PV used or stored ÷ all own PV"),
    "kgce_per_vehicle": QT_TRANSLATE_NOOP(
        "KpiFormula", "sum of energy × coefficient of the carrier ÷ good vehicles"
    ),
    "cost_per_vehicle": QT_TRANSLATE_NOOP(
        "KpiFormula", "cost of the energy by the tariff ÷ good vehicles, without demand charge"
    ),
    "water_per_vehicle": QT_TRANSLATE_NOOP("KpiFormula", "metered water ÷ good vehicles"),
    "carbon_total": QT_TRANSLATE_NOOP(
        "KpiFormula", "scope 1 and 2, location-based: sum of energy × factor in force"
    ),
    "carbon_per_vehicle": QT_TRANSLATE_NOOP("KpiFormula", "carbon ÷ good vehicles"),
    "voc_per_vehicle": QT_TRANSLATE_NOOP("KpiFormula", "metered solvents ÷ good vehicles"),
}
_SOURCES: _Words = {
    "vehicles_completed": QT_TRANSLATE_NOOP("KpiSource", "ISO 22400-2, produced quantity"),
    "vehicles_good": QT_TRANSLATE_NOOP("KpiSource", "ISO 22400-2, good quantity"),
    "plan_attainment": QT_TRANSLATE_NOOP("KpiSource", "custom of the trade"),
    "wip": QT_TRANSLATE_NOOP("KpiSource", "custom of the trade"),
    "lead_time": QT_TRANSLATE_NOOP("KpiSource", "ISO 22400-2, throughput time"),
    "jph": QT_TRANSLATE_NOOP("KpiSource", "custom of the trade"),
    "throughput": QT_TRANSLATE_NOOP("KpiSource", "ISO 22400-2, throughput rate"),
    "takt_attainment": QT_TRANSLATE_NOOP("KpiSource", "custom of the trade"),
    "line_balance": QT_TRANSLATE_NOOP("KpiSource", "custom of the trade"),
    "availability": QT_TRANSLATE_NOOP("KpiSource", "ISO 22400-2, availability"),
    "effectiveness": QT_TRANSLATE_NOOP("KpiSource", "ISO 22400-2, effectiveness"),
    "utilisation": QT_TRANSLATE_NOOP("KpiSource", "ISO 22400-2, utilisation efficiency"),
    "allocation": QT_TRANSLATE_NOOP("KpiSource", "ISO 22400-2, allocation efficiency"),
    "technical_efficiency": QT_TRANSLATE_NOOP("KpiSource", "ISO 22400-2, technical efficiency"),
    "oee": QT_TRANSLATE_NOOP("KpiSource", "ISO 22400-2, OEE index"),
    "nee": QT_TRANSLATE_NOOP("KpiSource", "ISO 22400-2, net equipment effectiveness"),
    "quality_ratio": QT_TRANSLATE_NOOP("KpiSource", "ISO 22400-2, quality ratio"),
    "first_time_through": QT_TRANSLATE_NOOP("KpiSource", "after ISO 22400-2, first pass yield"),
    "energy_total": QT_TRANSLATE_NOOP("KpiSource", "custom of the trade"),
    "energy_per_vehicle": QT_TRANSLATE_NOOP("KpiSource", "after ISO 22400-2, energy per unit"),
    "idle_energy_share": QT_TRANSLATE_NOOP("KpiSource", "custom of the trade"),
    "value_adding_share": QT_TRANSLATE_NOOP("KpiSource", "custom of the trade"),
    "base_load": QT_TRANSLATE_NOOP("KpiSource", "custom of the trade"),
    "peak_demand": QT_TRANSLATE_NOOP("KpiSource", "custom of tariffs"),
    "load_factor": QT_TRANSLATE_NOOP("KpiSource", "custom of tariffs"),
    "renewable_share": QT_TRANSLATE_NOOP("KpiSource", "custom of the trade"),
    "self_consumption": QT_TRANSLATE_NOOP("KpiSource", "custom of the trade"),
    "kgce_per_vehicle": QT_TRANSLATE_NOOP("KpiSource", "GB/T 2589"),
    "cost_per_vehicle": QT_TRANSLATE_NOOP("KpiSource", "custom of the trade"),
    "water_per_vehicle": QT_TRANSLATE_NOOP("KpiSource", "custom of the trade"),
    "carbon_total": QT_TRANSLATE_NOOP("KpiSource", "GHG Protocol"),
    "carbon_per_vehicle": QT_TRANSLATE_NOOP("KpiSource", "GHG Protocol"),
    "voc_per_vehicle": QT_TRANSLATE_NOOP("KpiSource", "custom of the trade"),
}
_INPUTS: _Words = {
    "completed": QT_TRANSLATE_NOOP("KpiInput", "vehicles completed"),
    "good": QT_TRANSLATE_NOOP("KpiInput", "good vehicles"),
    "first_time": QT_TRANSLATE_NOOP("KpiInput", "good the first time"),
    "due": QT_TRANSLATE_NOOP("KpiInput", "vehicles due"),
    "planned_time": QT_TRANSLATE_NOOP("KpiInput", "planned time"),
    "period": QT_TRANSLATE_NOOP("KpiInput", "period"),
    "takt": QT_TRANSLATE_NOOP("KpiInput", "takt"),
    "planned_cycle": QT_TRANSLATE_NOOP("KpiInput", "planned cycle, slowest station"),
    "energy": QT_TRANSLATE_NOOP("KpiInput", "energy"),
    "processing_energy": QT_TRANSLATE_NOOP("KpiInput", "energy in processing"),
    "carbon": QT_TRANSLATE_NOOP("KpiInput", "carbon"),
    "scope1": QT_TRANSLATE_NOOP("KpiInput", "scope 1: fuels, gases"),
    "scope2": QT_TRANSLATE_NOOP("KpiInput", "scope 2: purchased"),
    "cost": QT_TRANSLATE_NOOP("KpiInput", "cost of the energy"),
    "electricity_used": QT_TRANSLATE_NOOP("KpiInput", "electricity used"),
    "bought": QT_TRANSLATE_NOOP("KpiInput", "from the grid"),
    "generated": QT_TRANSLATE_NOOP("KpiInput", "own PV"),
    "exported": QT_TRANSLATE_NOOP("KpiInput", "exported"),
    "availability": QT_TRANSLATE_NOOP("KpiInput", "availability"),
    "effectiveness": QT_TRANSLATE_NOOP("KpiInput", "effectiveness"),
    "quality_ratio": QT_TRANSLATE_NOOP("KpiInput", "good share"),
    "peak_demand": QT_TRANSLATE_NOOP("KpiInput", "peak, 15 min"),
    "base_load": QT_TRANSLATE_NOOP("KpiInput", "base load"),
    "carbon_total": QT_TRANSLATE_NOOP("KpiInput", "carbon"),
}


def formula(id_: str) -> str:
    """How a KPI is reckoned; "" for one that nobody here knows."""
    return translate("KpiFormula", str(_FORMULAS[id_])) if id_ in _FORMULAS else ""


def source(id_: str) -> str:
    """The standard that it follows."""
    return translate("KpiSource", str(_SOURCES[id_])) if id_ in _SOURCES else ""


def quantity(id_: str) -> str:
    """A quantity in a formula."""
    if id_ in _INPUTS:
        return translate("KpiInput", str(_INPUTS[id_]))
    return id_.replace("_", " ")
