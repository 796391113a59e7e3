"""Bills of material: what a variant is made of, and the carbon of it, ``greenline.bom/1``.

A TOML file beside the line file, or elsewhere (docs/passport.md). A part's carbon comes from a
supplier's footprint (a PACT v3 file), from its own factor, or from its material's. What is wrong
with one part leaves that part without a figure, and is said; the others stand.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from data.line import Line
from data.toml_file import Entry, Fault, Faults, Sheet, nearest, read_text

FORMAT = "greenline.bom/1"
EVIDENCE = ("supplied", "seen", "recalled", "computed")
_TABLES = ("format", "bill", "material", "part")
_MOST_KG, _MOST_PIECES = 1e6, 1_000_000  # of a part of a vehicle: beyond belief
_MOST_BYTES = 16 << 20  # of a supplier's file


class NotAFootprint(ValueError):
    """A file that is no product footprint of PACT v3."""


class _Text(Entry):
    en: str
    zh: str


class _Bill(Entry):
    source: str | None = None
    country: str | None = None
    fossil_carbon_kg: float | None = None
    biogenic_uptake_kg: float = 0.0
    exempted_percent: float = 0.0


class _Material(Entry):
    id: str
    kgco2e_per_kg: float
    recycled_kgco2e_per_kg: float | None = None
    source: str | None = None
    evidence: str = "supplied"


class _Part(Entry):
    id: str
    names: _Text | None = None
    count: int = 1
    mass_kg: float | None = None
    material: str | None = None
    recycled_share: float = 0.0
    kgco2e: float | None = None
    kgco2e_per_kg: float | None = None
    pact: str | None = None
    source: str | None = None
    evidence: str = "supplied"


@dataclass(frozen=True, slots=True, kw_only=True)
class BomPart:
    """One line of a bill: ``mass_kg`` and ``kgco2e`` of all ``count`` pieces together.

    ``basis``: "footprint" (a supplier's PACT file), "part" (its own factor), "material", or None
    where there is no figure.
    """

    id: str
    en: str
    zh: str
    count: int
    mass_kg: float | None
    material: str | None
    recycled_share: float
    kgco2e: float | None
    basis: str | None
    source: str | None
    evidence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bom:
    """A checked bill of material; ``faults`` are what was wrong with it, a line each.

    country (ISO 3166-1 alpha-2), fossil_carbon_kg and biogenic_uptake_kg (kg CO2) of one vehicle
    and exempted_percent are what a PACT footprint asks for beside the parts.
    """

    file: str
    source: str | None
    country: str | None
    fossil_carbon_kg: float | None
    biogenic_uptake_kg: float
    exempted_percent: float
    parts: tuple[BomPart, ...]
    faults: tuple[str, ...] = ()

    def kept(self) -> dict[str, Any]:
        """As a log keeps it, the footprints of suppliers resolved."""
        return asdict(self)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Bom:
        """What ``kept`` gave."""
        parts = tuple(BomPart(**part) for part in kept["parts"])
        return cls(**{**kept, "parts": parts, "faults": tuple(kept["faults"])})


def load_bom(path: Path) -> Bom:
    """The bill in a TOML file; suppliers' files are sought beside it.

    Raises Faults where the file as a whole is none, OSError where it cannot be read.
    """
    sheet = Sheet(read_text(path), path.name)
    if sheet.tables.get("format") != FORMAT:
        limit = f'must be "{FORMAT}"'
        raise Faults([Fault(path.name, 1, "format", None, None, limit)])
    sheet.top_level(_TABLES)
    materials = {
        each.id: each
        for n, each in sheet.entries(_Material, "material")
        if _material_holds(sheet, n, each)
    }
    parts: list[BomPart] = []
    for n, each in sheet.entries(_Part, "part"):
        if each.id in {part.id for part in parts}:
            sheet.fault(("part", n, "id"), "is named twice: both count", each.id)
        parts.append(_part(sheet, n, each, materials, path.parent))
    if not parts:
        sheet.fault(("part",), "has no usable part")
    bill = sheet.entry(_Bill, ("bill",)) or _Bill()
    return Bom(
        file=path.name,
        source=bill.source,
        country=bill.country,
        fossil_carbon_kg=bill.fossil_carbon_kg,
        biogenic_uptake_kg=bill.biogenic_uptake_kg,
        exempted_percent=bill.exempted_percent,
        parts=tuple(parts),
        faults=tuple(map(str, sheet.ordered())),
    )


def boms_of(line: Line, base: Path | None) -> tuple[dict[str, Bom], tuple[str, ...]]:
    """The bills of a line's variants, sought beside its file, and what is wrong, a line each.

    A bill that cannot be used is left out: its variant's ``upstream_kgco2e`` stands instead.
    """
    found, said = {}, []
    for variant in line.variants:
        if variant.bom is None or base is None:
            continue
        try:
            bom = load_bom(base / variant.bom)
        except (Faults, OSError) as fault:
            reason = str(fault) if isinstance(fault, Faults) else f"{variant.bom}: {fault.strerror}"
            said.append(f"{reason}; {variant.id} keeps the upstream_kgco2e of the line file")
            continue
        found[variant.id] = bom
        said += [f"{fault}; {variant.id} is not complete without it" for fault in bom.faults]
    return found, tuple(said)


def boms_to_json(boms: Mapping[str, Bom]) -> str:
    """Bills by variant as a log keeps them."""
    return json.dumps({name: bom.kept() for name, bom in boms.items()}, sort_keys=True)


def boms_from_json(text: str) -> dict[str, Bom]:
    """What ``boms_to_json`` wrote."""
    return {name: Bom.read(kept) for name, kept in json.loads(text).items()}


def _material_holds(sheet: Sheet, n: int, entry: _Material) -> bool:
    holds = True
    for key in ("kgco2e_per_kg", "recycled_kgco2e_per_kg"):
        value = getattr(entry, key)
        if value is not None and value < 0:
            sheet.fault(("material", n, key), "must not be negative", value)
            holds = False
    return holds & _evidence_holds(sheet, ("material", n), entry.evidence)


def _evidence_holds(sheet: Sheet, path: tuple[str, int], evidence: str) -> bool:
    if evidence not in EVIDENCE:
        sheet.unknown((*path, "evidence"), evidence, "evidence mark", EVIDENCE)
    return evidence in EVIDENCE


def _part(
    sheet: Sheet, n: int, entry: _Part, materials: Mapping[str, _Material], beside: Path
) -> BomPart:
    holds = _part_holds(sheet, n, entry)
    found = _figure(sheet, n, entry, materials, beside) if holds else None
    if found is not None and not 0 <= found[0] <= _MOST_KG:
        limit = f"comes to {found[0]:g} kg CO2e, which is not from 0 to {_MOST_KG:g}"
        sheet.fault(("part", n), f"{limit}: it has no figure")
        found = None
    kgco2e, basis, source, evidence = found or (None, None, None, None)
    mass_kg = entry.mass_kg if holds else None
    return BomPart(
        id=entry.id,
        en=entry.names.en if entry.names else entry.id,
        zh=entry.names.zh if entry.names else entry.id,
        count=entry.count,
        mass_kg=None if mass_kg is None else entry.count * mass_kg,
        material=entry.material,
        recycled_share=entry.recycled_share,
        kgco2e=kgco2e,
        basis=basis,
        source=source,
        evidence=evidence,
    )


def _part_holds(sheet: Sheet, n: int, entry: _Part) -> bool:
    before = len(sheet.faults)
    for key in ("mass_kg", "kgco2e_per_kg"):
        value = getattr(entry, key)
        if value is not None and not 0 <= value <= _MOST_KG:
            sheet.fault(("part", n, key), f"must be from 0 to {_MOST_KG:g}", value)
    if not 1 <= entry.count <= _MOST_PIECES:
        sheet.fault(("part", n, "count"), f"must be from 1 to {_MOST_PIECES}", entry.count)
    if not 0 <= entry.recycled_share <= 1:
        limit = "must be a share from 0 to 1"
        sheet.fault(("part", n, "recycled_share"), limit, entry.recycled_share)
    _evidence_holds(sheet, ("part", n), entry.evidence)
    return len(sheet.faults) == before


Figure = tuple[float, str, str | None, str]


def _figure(
    sheet: Sheet, n: int, entry: _Part, materials: Mapping[str, _Material], beside: Path
) -> Figure | None:
    """kg CO2e of all pieces, its basis, source and evidence; None where there is none."""
    mass_kg = None if entry.mass_kg is None else entry.count * entry.mass_kg
    if entry.pact is not None:
        try:
            kg, source = footprint_kgco2e(beside / entry.pact, pieces=entry.count, mass_kg=mass_kg)
        except (NotAFootprint, OSError) as fault:
            reason = fault.strerror if isinstance(fault, OSError) else str(fault)
            sheet.fault(("part", n, "pact"), f"{reason}: the part has no figure", entry.pact)
            return None
        return kg, "footprint", source, "supplied"
    if entry.kgco2e is not None:
        return entry.count * entry.kgco2e, "part", entry.source, entry.evidence
    if mass_kg is None:
        sheet.fault(("part", n), "needs a mass_kg, a kgco2e or a pact file: it has no figure")
        return None
    if entry.kgco2e_per_kg is not None:
        return mass_kg * entry.kgco2e_per_kg, "part", entry.source, entry.evidence
    return _of_material(sheet, n, entry, materials, mass_kg)


def _of_material(
    sheet: Sheet, n: int, entry: _Part, materials: Mapping[str, _Material], mass_kg: float
) -> Figure | None:
    """The material's factor; its recycled share by the factor of recycled material."""
    if entry.material is None:
        sheet.fault(("part", n), "has neither a factor nor a material: it has no figure")
        return None
    material = materials.get(entry.material)
    if material is None:
        limit = "no such [[material]] with a factor: the part has no figure"
        near = nearest(entry.material, materials)
        sheet.fault(("part", n, "material"), limit, entry.material, near)
        return None
    recycled = material.recycled_kgco2e_per_kg
    if entry.recycled_share > 0 and recycled is None:
        limit = f"{material.id} has no recycled_kgco2e_per_kg: the part has no figure"
        sheet.fault(("part", n, "recycled_share"), limit, entry.recycled_share)
        return None
    per_kg = (1 - entry.recycled_share) * material.kgco2e_per_kg
    per_kg += entry.recycled_share * (recycled or 0.0)
    return mass_kg * per_kg, "material", material.source, material.evidence


def footprint_kgco2e(path: Path, *, pieces: int, mass_kg: float | None) -> tuple[float, str]:
    """Carbon of so many pieces by a supplier's PACT v3 product footprint, and whose it is.

    ``pcfExcludingBiogenicUptake`` per ``declaredUnitAmount`` of pieces or kilograms. Raises
    NotAFootprint with what is wrong, OSError where the file cannot be read.
    """
    if "\0" in str(path) or (path.exists() and not path.is_file()):
        raise NotAFootprint("is no file")
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise NotAFootprint(f"is larger than {_MOST_BYTES >> 20} MiB")
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotAFootprint("is not UTF-8") from None
    except (ValueError, RecursionError):
        raise NotAFootprint("is not JSON") from None
    pcf = found.get("pcf") if isinstance(found, dict) else None
    if not isinstance(pcf, dict) or not str(found.get("specVersion", "")).startswith("3."):
        raise NotAFootprint("is no product footprint of PACT v3 (specVersion 3.x with a pcf)")
    kgco2e, amount = (
        _number(pcf, key) for key in ("pcfExcludingBiogenicUptake", "declaredUnitAmount")
    )
    if amount <= 0:
        raise NotAFootprint(f"declaredUnitAmount {amount:g} must be above 0")
    unit = pcf.get("declaredUnitOfMeasurement")
    who = str(found.get("companyName", path.name))
    if unit == "piece":
        return pieces * kgco2e / amount, who
    if unit == "kilogram" and mass_kg is not None:
        return mass_kg * kgco2e / amount, who
    if unit == "kilogram":
        raise NotAFootprint("is per kilogram, and the part has no mass_kg")
    raise NotAFootprint(f"declaredUnitOfMeasurement {unit!r} must be piece or kilogram")


def _number(pcf: Mapping[str, Any], key: str) -> float:
    """A number of PACT, which writes them as strings."""
    try:
        value = float(str(pcf[key]).replace("_", "?"))  # 1_0 is a number to Python alone
    except (KeyError, TypeError, ValueError):
        raise NotAFootprint(f"has no number pcf.{key}") from None
    if not math.isfinite(value):
        raise NotAFootprint(f"pcf.{key} is not a finite number")
    return value
