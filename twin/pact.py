"""A vehicle's product footprint for partners: PACT v3 (Partnership for Carbon Transparency).

Numbers are strings there. Filled only with a complete bill of material; what is missing otherwise
is named. The product view (life-cycle electricity factor) stands for what happened in the plant.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any

from data.line import Line

SPEC_VERSION = "3.0.0"
_BOUNDARY = (
    "Cradle to gate: materials and bought parts by the bill of material, and the plant's own energy"
    " as metered: direct at the stations, shared energy, scrap and rework by the line's rules."
)


def footprint(
    passport: Mapping[str, Any], line: Line, bom: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, list[str]]:
    """The footprint, or None and the words for what is missing (docs/passport.md)."""
    variant = next((each for each in line.variants if each.id == passport["variant"]), None)
    mass_kg = None if variant is None else variant.mass_kg
    missing = list(_missing(passport, mass_kg, bom))
    if missing or bom is None:
        return None, missing
    upstream, gate = passport["upstream"], passport["carbon_kg"]["product"]["total"]
    total = upstream["kgco2e"] + gate
    primary = gate + math.fsum(
        part["kgco2e"] for part in upstream["parts"] if part["basis"] == "footprint"
    )
    subject = f"{line.plant.id}/{passport['vehicle']}"
    return {
        "id": _uuid(f"{passport['logs'][-1]['log_digest']}/{subject}"),
        "specVersion": SPEC_VERSION,
        "created": passport["completed"],
        "status": "Active",
        "companyName": line.plant.names.en,
        "companyIds": [f"urn:greenline:plant:{line.plant.id}"],
        "productDescription": f"Vehicle {passport['vehicle']}, {passport['variant']}",
        "productIds": [f"urn:greenline:vehicle:{passport['vehicle']}"],
        "productNameCompany": str(passport["variant"]),
        "pcf": {
            "declaredUnitOfMeasurement": "piece",
            "declaredUnitAmount": "1",
            "productMassPerDeclaredUnit": _text(mass_kg),
            "referencePeriodStart": passport["logs"][0]["from"],
            "referencePeriodEnd": passport["logs"][-1]["to"],
            "geographyCountry": bom["country"],
            "boundaryProcessesDescription": _BOUNDARY,
            "pcfExcludingBiogenicUptake": _text(total),
            "pcfIncludingBiogenicUptake": _text(total - bom["biogenic_uptake_kg"]),
            "fossilGhgEmissions": _text(total),
            "fossilCarbonContent": _text(bom["fossil_carbon_kg"]),
            "ipccCharacterizationFactors": ["AR6"],
            "crossSectoralStandards": ["ISO14067"],
            "exemptedEmissionsPercent": _text(bom["exempted_percent"]),
            "primaryDataShare": _text(100.0 * primary / total),
        },
    }, []


def _missing(
    passport: Mapping[str, Any], mass_kg: float | None, bom: Mapping[str, Any] | None
) -> list[str]:
    upstream = passport["upstream"]
    checks = (
        ("bom", bom is None),
        ("bom_incomplete", bom is not None and not upstream["complete"]),
        ("country", bom is not None and bom["country"] is None),
        ("fossil_carbon", bom is not None and bom["fossil_carbon_kg"] is None),
        ("mass", mass_kg is None),
        ("product_factor", math.isnan(passport["carbon_kg"]["product"]["total"])),
        ("not_good", passport["status"] != "good"),
        ("not_complete", not passport["complete"]),
        ("not_final", not passport["final"]),
    )
    return [name for name, lacks in checks if lacks]


def _uuid(name: str) -> str:
    """A UUID of version 8 (RFC 9562): the same name gives the same one."""
    digits = list(hashlib.sha256(name.encode()).hexdigest()[:32])
    digits[12] = "8"
    digits[16] = "89ab"[int(digits[16], 16) % 4]
    text = "".join(digits)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _text(number: float | None) -> str:
    return "" if number is None else repr(round(float(number), 6))
