"""What lies before and behind the gate: upstream material, use phase and end of life.

Upstream is part of a cradle-to-gate footprint. Use and end of life are scenarios: set apart, off
unless one is given, and never added to what was metered.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from data.line import Line, Variant


def stages(
    line: Line,
    variant: str | None,
    bom: Mapping[str, Any] | None,
    scenario: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """upstream, use_phase and end_of_life of a passport; None where nothing is known."""
    known = next((each for each in line.variants if each.id == variant), None)
    return {
        "upstream": _of_bom(bom) if bom is not None else _of_line_file(known),
        "use_phase": None if scenario is None else _use(scenario, variant),
        "end_of_life": None if scenario is None else scenario["end_of_life"],
    }


def _of_bom(bom: Mapping[str, Any]) -> dict[str, Any]:
    """The sum of a bill of material [kg CO2e], None where no part has a figure.

    It is complete where every part has one.
    """
    parts = bom["parts"]
    known = [part["kgco2e"] for part in parts if part["kgco2e"] is not None]
    masses = [(part["mass_kg"], part["recycled_share"]) for part in parts if part["mass_kg"]]
    mass_kg = math.fsum(mass for mass, _ in masses)
    recycled_kg = math.fsum(mass * share for mass, share in masses)
    return {
        "basis": "bom",
        "file": bom["file"],
        "source": bom["source"],
        "kgco2e": math.fsum(known) if known else None,
        "complete": 0 < len(known) == len(parts) and not bom["faults"],
        "mass_kg": mass_kg or None,
        "recycled_share": recycled_kg / mass_kg if mass_kg else None,
        "parts": parts,
        "faults": list(bom["faults"]),
    }


def _of_line_file(variant: Variant | None) -> dict[str, Any] | None:
    """One figure for the whole variant, without its parts."""
    if variant is None or variant.upstream_kgco2e is None:
        return None
    return {
        "basis": "line_file",
        "file": None,
        "source": None,
        "kgco2e": variant.upstream_kgco2e,
        "complete": False,
        "mass_kg": variant.mass_kg,
        "recycled_share": None,
        "parts": [],
        "faults": [],
    }


def _use(scenario: Mapping[str, Any], variant: str | None) -> dict[str, Any] | None:
    """kg CO2e of driving: km/year x (kWh/100 km x grid of the year + l/100 km x kg/l)."""
    rows = scenario["consumption"]
    row = next((r for r in rows if r["variant"] == variant), None) or next(
        (r for r in rows if r["variant"] is None), None
    )
    if row is None:
        return None
    km, years = scenario["km"], scenario["years"]
    kwh_per_year = km / years * row["kwh_per_100km"] / 100.0
    driven = range(scenario["from_year"], scenario["from_year"] + years) if kwh_per_year else ()
    grid = [{"year": year, "kgco2e_per_kwh": _grid(scenario["grid"], year)} for year in driven]
    electric = [kwh_per_year * each["kgco2e_per_kwh"] for each in grid]
    fuel = km * row["l_per_100km"] / 100.0 * row["kgco2e_per_l"]
    return {
        "km": km,
        "kwh_per_100km": row["kwh_per_100km"],
        "l_per_100km": row["l_per_100km"],
        "grid": grid,
        "kgco2e": math.fsum([*electric, fuel]),
    }


def _grid(path: Sequence[Mapping[str, Any]], year: int) -> float:
    """The grid of a year [kg CO2e/kWh]: straight between given years, level beyond them."""
    points = sorted((int(each["year"]), float(each["kgco2e_per_kwh"])) for each in path)
    if year <= points[0][0]:
        return points[0][1]
    for (y0, f0), (y1, f1) in pairwise(points):
        if year <= y1:
            return f0 + (f1 - f0) * (year - y0) / (y1 - y0)
    return points[-1][1]


def footprint(passport: Mapping[str, Any]) -> dict[str, Any]:
    """How far the account reaches: gate to gate, or cradle to gate with a whole bill.

    ISO 14067: an account that leaves out stages of the life cycle is a partial footprint.
    """
    upstream = passport["upstream"]
    whole = upstream is not None and upstream["complete"]
    gate = passport["carbon_kg"]["product"]["total"]
    known = whole and not math.isnan(gate)
    return {
        "boundary": "cradle-to-gate" if whole else "gate-to-gate",
        "partial": True,
        "gate_kgco2e": gate,
        "cradle_to_gate_kgco2e": gate + upstream["kgco2e"] if known else None,
    }
