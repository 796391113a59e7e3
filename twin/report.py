"""The report, ``greenline.report/1``: the figures of a log as one JSON document.

Equal results are equal bytes: sorted keys, floats that read back to themselves, null for what is
not known.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.factors import PV
from data.line import STATES
from twin import (
    bottleneck,
    carbon,
    cost,
    counters,
    economy,
    enpi,
    kpi,
    losses,
    supply,
)
from twin.accounts import GOOD, Accounts
from twin.decode import CARRIER_INDEX
from twin.found import Found, find
from twin.kpi import Basis
from twin.ledger import EVIDENCE, NO_STATE, Cells, Ledger, unexplained_place
from twin.meter_report import virtual_meters
from twin.snapshot import Kpi
from twin.sums import exact_sum
from twin.wip import wip

SCHEMA = "greenline.report/1"
DOWN_STATES = ("failed", "stopped", "held", "setup")
Report = dict[str, Any]


def build(
    ledger: Ledger, accounts: Accounts, log_digest: str, found: Found | None = None
) -> Report:
    """The report of everything booked; ``log_digest`` is of the sequenced content.

    found: what ``twin.found.find`` makes of it, where that is known already.
    """
    basis = Basis(ledger, accounts)
    booked = ledger.booked
    found = find(ledger) if found is None else found
    return {
        "schema": SCHEMA,
        "line": ledger.line.plant.id,
        "from": iso_utc(booked.from_ns) if booked.begun else None,
        "to": iso_utc(booked.to_ns) if booked.begun else None,
        "log_digest": log_digest,
        "vehicles": kpi.vehicle_counts(basis),
        "energy_kwh": _energy(ledger, accounts),
        "allocation": asdict(ledger.line.allocation),
        "wip": wip(accounts),
        "secondary": _secondary(ledger),
        "carbon_kg": {view: _carbon(basis, view) for view in carbon.VIEWS},
        "factors": factors_in_force(ledger),
        **economy.sections(accounts, iso_utc),
        "virtual_meters": virtual_meters(ledger.line, ledger.estimates),
        "per_vehicle": _per_vehicle(accounts),
        "kpi": {name: _kpi(figure) for name, figure in kpi.all_kpis(basis).items()},
        "kpi_by": {
            kind: {
                name: {id_: _kpi(figure) for id_, figure in figures.items()}
                for name, figures in scopes.items()
            }
            for kind, scopes in kpi.kpi_by(basis).items()
        },
        "enpi": [enpi_point(point) for point in enpi.points(basis)],
        **_lost(ledger, found),
        "downtime": _downtime(basis),
        "gaps": [
            {
                "source": gap.source,
                "from": iso_utc(gap.from_ns),
                "to": iso_utc(gap.to_ns) if gap.to_ns is not None else None,
                "seconds": ((gap.to_ns if gap.to_ns is not None else booked.to_ns) - gap.from_ns)
                / 1e9,
            }
            for gap in booked.gaps
        ],
        "lost": {
            "samples": booked.damage.lost_samples,
            "spans": [
                {"from": iso_utc(begin_ns), "to": iso_utc(end_ns)}
                for begin_ns, end_ns in booked.damage.lost_spans
            ],
        },
        "quality": {
            "samples": booked.quality.samples,
            "bad": booked.quality.bad,
            "uncertain": booked.quality.uncertain,
            "late": booked.quality.late,
            "duplicates": booked.quality.duplicates,
            "gaps": booked.quality.gaps,
            "dropped": booked.quality.dropped,
            "recovered": booked.quality.recovered,
        },
        "metering": {
            "negative_rests": found.negative_rests,
            "rollovers": int(booked.points["counter"]["rollovers"].sum()),
            "resets": int(booked.points["counter"]["resets"].sum()),
            "replaced": int(booked.points["counter"]["replaced"].sum()),
            "wrong_sign": len(booked.negative_signals)
            + int(booked.points["counter"]["backwards"].sum()),
            "contradictions": len(counters.contradictions(booked)),
        },
        "watch": _watch(found),
    }


def to_json(report: Report) -> bytes:
    """The report as UTF-8 JSON; the same report gives the same bytes."""
    text = json.dumps(_known(report), ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    return (text + "\n").encode()


def iso_utc(time_ns: int) -> str:
    """ISO 8601 in UTC, to the microsecond of the wire."""
    seconds, rest = divmod(time_ns, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _known(value: Any) -> Any:
    """NaN and infinity become None: what is not known is null, never a number."""
    if isinstance(value, Mapping):
        return {key: _known(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_known(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _kpi(figure: Kpi) -> dict[str, object]:
    begun = figure.to_ns > figure.from_ns
    return {
        "value": figure.value,
        "unit": figure.unit,
        "target": figure.target,
        "evidence": figure.evidence,
        "measured_share": figure.measured_share,
        "from": iso_utc(figure.from_ns) if begun else None,
        "to": iso_utc(figure.to_ns) if begun else None,
    }


def enpi_point(point: enpi.Point) -> dict[str, object]:
    """A shift as a baseline sees it."""
    return {
        "shift": point.shift or None,
        "from": iso_utc(point.from_ns),
        "to": iso_utc(point.to_ns),
        "units": dict(point.units),
        "kwh": point.kwh,
        "outdoor_c": point.outdoor_c,
        "hdd_k_d": enpi.heating_degree_days(point),
        "cdd_k_d": enpi.cooling_degree_days(point),
        "measured_share": point.measured_share,
    }


def _energy(ledger: Ledger, accounts: Accounts) -> dict[str, object]:
    cells, line = ledger.cells, ledger.line
    places = [ledger.place(p) for p in range(unexplained_place(line) + 1)]
    workshops = [s.workshop for s in line.stations] + [p.workshop or "plant" for p in line.points]
    workshops.append("plant")
    states = dict(enumerate(STATES)) | {NO_STATE: "none"}
    return {
        "total": exact_sum(cells["kwh"]),
        "by_carrier": {carrier: ledger.total_kwh(carrier) for carrier in ledger.carriers},
        "by_workshop": _sums(cells, cells["place"], workshops),
        "by_station": _sums(cells, cells["place"], places),
        "by_state": _sums(cells, cells["state"], states),
        "by_end_use": _sums(cells, cells["point"], [point.end_use for point in line.points]),
        "by_evidence": _sums(cells, cells["evidence"], EVIDENCE),
        **accounts.sums_kwh(),
        "balance_error": {carrier: ledger.balance_error(carrier) for carrier in ledger.carriers},
    }


def _sums(
    cells: Cells, number: NDArray[np.integer[Any]], names: Sequence[str] | Mapping[int, str]
) -> dict[str, float]:
    """Energy of the cells by name; ``number`` (n,) is each one's place among the names."""
    found, which = np.unique(number, return_inverse=True)
    called = [names[int(each)] for each in found]
    sums = {}
    for name in dict.fromkeys(called):
        chosen = np.array([each == name for each in called], bool)[which]
        sums[name] = exact_sum(cells["kwh"][chosen])
    return sums


def _secondary(ledger: Ledger) -> dict[str, float]:
    """Amounts of carriers outside the energy total, in their base units, by metering point."""
    points = [point.id for point in ledger.line.points]
    return _sums(ledger.secondary, ledger.secondary["point"], points)


def _carbon(basis: Basis, view: carbon.View) -> dict[str, float | None]:
    scopes = carbon.by_scope(basis.ledger, view)
    per_vehicle = scopes["total"] / basis.good if basis.good else None
    return {**scopes, "per_vehicle": per_vehicle}


def factors_in_force(ledger: Ledger) -> list[dict[str, object]]:
    """The emission factors that the carbon rests on, by view, carrier and time."""
    books, cells = ledger.booked.books, ledger.cells
    found = []
    for view in carbon.VIEWS:
        # Own cells' life cycle counts in the product view alone.
        has_pv = view == "product" and supply.flows(ledger).total_kwh("generate") > 0
        for carrier in (*ledger.carriers, *((PV,) if has_pv else ())):
            metered = "electricity" if carrier == PV else carrier
            slots = cells["slot_ns"][cells["carrier"] == CARRIER_INDEX[metered]]
            if not len(slots):
                continue
            first, last = int(slots.min()), int(slots.max())
            times = (first, *(t for t in books.breaks_ns() if first < t <= last))
            in_force = [books.in_force(view, carrier, time_ns) for time_ns in times]
            found += [
                {
                    "view": view,
                    "carrier": carrier,
                    "factor": each.factor.id,
                    "data_year": each.factor.data_year,
                    "published": each.factor.published.isoformat(),
                    "kg_per_kwh": each.kg_per_kwh,
                    "gas": each.factor.gas,
                    "evidence": each.evidence,
                }
                for each in dict.fromkeys(in_force)
                if each is not None
            ]
    return found


def _per_vehicle(accounts: Accounts) -> dict[str, object]:
    """Over the good vehicles whose every visit lies inside the log (or the one before it)."""
    chosen = accounts.done & (accounts.state == GOOD) & accounts.complete
    return {
        "energy_kwh": _spread(accounts.energy_kwh[chosen]),
        "carbon_kg": _spread(accounts.carbon_kg("location")[chosen]),
        "vehicles": int(np.count_nonzero(chosen)),
    }


def _spread(values: np.ndarray[Any, Any]) -> dict[str, float | None]:
    if not len(values):
        return dict.fromkeys(("mean", "p10", "p50", "p90"))
    p10, p50, p90 = (float(np.quantile(values, q)) for q in (0.1, 0.5, 0.9))
    return {"mean": math.fsum(values) / len(values), "p10": p10, "p50": p50, "p90": p90}


def _lost(ledger: Ledger, found: Found) -> dict[str, object]:
    """losses, standstill and bottleneck."""
    whole, spells = found.held_back, found.spells
    return {
        "losses": [
            _loss(each) for each in losses.pareto(ledger, spells, whole.station, cost.of_cells)
        ],
        "standstill": [asdict(each) for each in found.standstills],
        "bottleneck": {
            **_found(whole),
            "mean_active_s": dict(found.mean_active_s),
            "spans": [
                {"from": iso_utc(each.from_ns), "to": iso_utc(each.to_ns), **_found(each)}
                for each in found.by_hour
            ],
        },
    }


def _loss(loss: losses.Loss) -> dict[str, object]:
    return {**asdict(loss), "total_kwh": loss.total_kwh}


def _found(found: bottleneck.Bottleneck) -> dict[str, object]:
    return {
        "station": found.station,
        "method": found.method,
        "certainty": found.certainty,
        "agree": found.agree,
        "critical_path": asdict(found.critical_path),
        "active_period": {
            **asdict(found.active_period),
            "sole": found.sole,
            "shifting": found.shifting,
        },
        "turning_point": asdict(found.turning_point),
    }


def _downtime(basis: Basis) -> dict[str, dict[str, float]]:
    """Seconds down by station and state; stations that never were are left out."""
    seconds = basis.station_seconds
    found: dict[str, dict[str, float]] = {}
    for s, station in enumerate(basis.ledger.line.stations):
        down = {name: float(seconds[s, STATES.index(name)]) for name in DOWN_STATES}
        if any(down.values()):
            found[station.id] = {name: value for name, value in down.items() if value}
    return found


def _watch(found: Found) -> list[dict[str, object]]:
    """What draws more, or less, than its own model says, in the order in which it was found."""
    return [
        {
            "place": finding.place,
            "among": list(finding.among),
            "workshop": finding.workshop,
            "meter": finding.meter,
            "state": finding.state,
            "carrier": finding.carrier,
            "kind": finding.kind,
            "since": iso_utc(finding.since_ns),
            "found": iso_utc(finding.found_ns),
            "until": iso_utc(finding.until_ns) if finding.until_ns is not None else None,
            "kw": finding.kw,
            "share": finding.share,
            "kwh": finding.kwh,
            "kwh_error": finding.kwh_error,
            "amount": finding.amount,
            "confidence": finding.confidence,
            "doubt": finding.doubt,
        }
        for finding in found.odd_power
    ]
