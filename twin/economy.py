"""The report's sections of supply, cost, standard coal, budget and converted media."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from twin import book_notes, budget, carbon, coal, converters, cost, supply
from twin.accounts import GOOD, Accounts
from twin.ledger import Ledger

Section = dict[str, Any]


def sections(accounts: Accounts, iso: Any) -> Section:
    """The keys of the report that these figures stand under; ``iso`` writes a time [UTC ns]."""
    ledger = accounts.ledger
    return {
        "cost": cost_section(accounts),
        "kgce": _kgce(accounts),
        "supply": _supply(ledger, iso),
        "budget": _budget(accounts, iso),
        "converted": [asdict(each) for each in converters.converted(ledger)],
        "notes": [asdict(note) for note in book_notes.of_ledger(ledger)],
        "releases": [
            {
                "id": each.release.id,
                "gas": each.release.gas,
                "date": each.release.date.isoformat(),
                "kg": each.release.kg,
                "kg_co2e": each.kg_co2e,
                "evidence": each.release.evidence,
            }
            for each in carbon.released(ledger)
        ],
    }


def cost_section(accounts: Accounts) -> Section:
    """What the energy cost, the demand charge and the carbon price; null without a book."""
    ledger = accounts.ledger
    found, shadow = cost.cost(ledger), cost.carbon_cost(ledger)
    price_book = ledger.booked.books.carbon_price
    section: Section = {
        "currency": ledger.line.plant.currency if found is None else found.currency,
        "total": None if found is None else found.total,
        "carbon": None,
    }
    if shadow is not None and price_book is not None:
        section["carbon"] = {**asdict(shadow), "currency": price_book.currency, "shadow": True}
    if found is None:
        return section
    total, good = found.total, _good(accounts)
    return section | {
        "by_carrier": found.by_carrier,
        "by_band": {name: asdict(band) for name, band in found.by_band.items()},
        "exported": found.exported,
        "demand": None if found.demand is None else asdict(found.demand),
        "per_vehicle": total / good if total is not None and good else None,
        "evidence": "estimated" if found.estimated else "computed",
    }


def _good(accounts: Accounts) -> int:
    return int(np.count_nonzero(accounts.state == GOOD))


def _kgce(accounts: Accounts) -> Section:
    found = coal.standard_coal(accounts.ledger)
    good = _good(accounts)
    return {
        "total": found.total,
        "by_carrier": found.by_carrier,
        "per_vehicle": found.total / good if found.total is not None and good else None,
        "kgce_per_kwh_electricity": found.kgce_per_kwh_electricity,
    }


def _supply(ledger: Ledger, iso: Any) -> Section | None:
    """Where electricity came from; None where none was metered."""
    flows = supply.flows(ledger)
    if not len(flows.slot_ns):
        return None
    mixes = {view: supply.mix(ledger, view) for view in carbon.VIEWS}
    has_storage = bool(flows.kwh["charge"].any() or flows.kwh["discharge"].any())
    return {
        "kwh": {flow: flows.total_kwh(flow) for flow in supply.FLOWS}
        | {"use": math.fsum(flows.use_kwh)},
        "renewable_share": supply.renewable_share(ledger),
        "self_consumption": supply.self_consumption(ledger),
        "contracts": _contracts(ledger, flows),
        "storage": {view: _storage(mix) for view, mix in mixes.items()} if has_storage else None,
        # From the grid alone a slot carries its factor: see `factors`.
        "slots": _slots(flows, mixes, iso) if flows.has_sides else [],
    }


def _contracts(ledger: Ledger, flows: supply.Flows) -> list[Section]:
    bought = flows.kwh["import"]
    return [
        {
            "id": each.contract.id,
            "kind": each.contract.kind,
            "kwh": math.fsum(each.share * bought),
            "kg_per_kwh": each.contract.value,
            "renewable": each.contract.renewable,
            "evidence": each.contract.evidence,
        }
        for each in supply.covered(ledger, flows)
    ]


def _storage(mix: supply.Mix) -> Section:
    return {
        "opening_kwh": mix.opening_kwh,
        "opening_kg": mix.opening_kg,
        "taken_kg": mix.taken_kg,
        "given_kg": mix.given_kg,
        "closing_kg": mix.closing_kg,
        "evidence": "estimated" if mix.opening_kwh > 0 else "computed",
    }


def _slots(flows: supply.Flows, mixes: Mapping[carbon.View, supply.Mix], iso: Any) -> list[Section]:
    return [
        {
            "from": iso(int(slot_ns)),
            **{f"{flow}_kwh": float(flows.kwh[flow][i]) for flow in supply.FLOWS},
            "kg_per_kwh": {view: float(mix.kg_per_kwh[i]) for view, mix in mixes.items()},
        }
        for i, slot_ns in enumerate(flows.slot_ns)
    ]


def _budget(accounts: Accounts, iso: Any) -> Section | None:
    found = budget.budget(accounts)
    if found is None:
        return None
    return {
        "year": found.year,
        "by": found.by,
        "path_tco2e": found.path_tco2e,
        "allowed_kg": found.allowed_kg,
        "used_kg": found.used_kg,
        "left_kg": found.allowed_kg - found.used_kg,
        "per_vehicle": {
            "allowed_kg": found.path_kg_per_vehicle,
            "used_kg": found.used_kg_per_vehicle,
        },
        "burn_down": [
            {"until": iso(h.until_ns), "allowed_kg": h.allowed_kg, "used_kg": h.used_kg}
            for h in found.burn_down
        ],
    }


def against(own: Accounts, other: Accounts) -> Section:
    """Figures under a log's own books (before) and under others (after), and the difference."""
    return {
        "books": _books(own.ledger, other.ledger),
        "carbon_kg": {
            view: _difference(*(carbon.by_scope(a.ledger, view)["total"] for a in (own, other)))
            for view in carbon.VIEWS
        },
        "energy_kwh": _difference(*(math.fsum(a.ledger.cells["kwh"]) for a in (own, other))),
        "cost": _difference(*(cost_section(a)["total"] for a in (own, other))),
        "carbon_cost": _difference(
            *((cost_section(a)["carbon"] or {}).get("cost") for a in (own, other))
        ),
    }


def _books(own: Ledger, other: Ledger) -> Section:
    """The books that differ, by their key: id before and after."""
    before, after = own.booked.books.named, other.booked.books.named
    return {
        key: {
            "before": before[key].id if key in before else None,
            "after": after[key].id if key in after else None,
        }
        for key in [*before, *(key for key in after if key not in before)]
        if before.get(key) != after.get(key)
    }


def _difference(before: float | None, after: float | None) -> Section:
    known = before is not None and after is not None
    return {
        "before": before,
        "after": after,
        "difference": after - before if known else None,  # type: ignore[operator]
    }
