"""The report as a few lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from twin.report import Report

_DASH = "-"


def summary(report: Report) -> str:
    """What a person wants to read at the end of a run; a dash for what is not known."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    energy, kpi = report["energy_kwh"], report["kpi"]
    yield f"{report['line']}: {report['from'] or _DASH} to {report['to'] or _DASH}"
    vehicles = report["vehicles"]
    if kpi["vehicles_completed"]["value"] is not None:
        kinds = ", ".join(f"{count} {name}" for name, count in vehicles["by_variant"].items())
        yield _row("vehicles", f"{vehicles['completed']}", f"{vehicles['good']} good; {kinds}")
        yield _row("per hour", _number(kpi["jph"]["value"], 1), _target(kpi["jph"], 1))
        takt = kpi["takt_attainment"]
        yield _row("takt attainment", _percent(takt["value"]), _percent_target(takt))
        yield _row("OEE", _percent(kpi["oee"]["value"]), "")
    carriers = ", ".join(f"{kwh:,.1f} {name}" for name, kwh in energy["by_carrier"].items())
    yield _row("energy", f"{energy['total']:,.1f} kWh", carriers)
    if energy["total"] and vehicles["completed"]:
        parts = f"{energy['on_vehicles']:,.1f} on vehicles, {energy['wip_close']:,.1f} in progress"
        yield _row("", "", f"{parts}, {energy['losses']:,.1f} lost")
        yield _row(
            "per good vehicle",
            f"{_number(kpi['energy_per_vehicle']['value'], 2)} kWh",
            f"{_number(kpi['carbon_per_vehicle']['value'], 2)} kg CO2e",
        )
        yield _row("idle energy", _percent(kpi["idle_energy_share"]["value"]), "of the stations'")
    peak, load = kpi["peak_demand"]["value"], kpi["load_factor"]["value"]
    yield _row("peak demand", f"{_number(peak, 1)} kW", f"load factor {_number(load, 3)}")
    location = report["carbon_kg"]["location"]
    scopes = f"scope 1 {_number(location['scope1'], 1)}, scope 2 {_number(location['scope2'], 1)}"
    yield _row("carbon", f"{_number(location['total'], 1)} kg CO2e", scopes)
    worst = max(energy["balance_error"].values(), default=0.0)
    yield _row("balance error", f"{worst:.1e}", "cells against a recount of the meters")
    yield from _data(report)


def _data(report: Report) -> Iterator[str]:
    quality = report["quality"]
    flaws = [
        f"{quality[name]:,} {name}"
        for name in ("bad", "uncertain", "late", "duplicates", "dropped", "recovered")
        if quality[name]
    ]
    lost = report["lost"]["samples"]
    flaws += [f"{lost:,} LOST with a damaged log"] if lost else []
    yield _row("samples", f"{quality['samples']:,}", ", ".join(flaws) or "all good")
    for gap in report["gaps"]:
        until = gap["to"] or "still open"
        yield _row("gap", f"{gap['seconds']:,.1f} s", f"{gap['source']}: {gap['from']} to {until}")


def _row(label: str, value: str, note: str) -> str:
    return f"  {label:<17}{value:>16}  {note}".rstrip()


def _number(value: Any, digits: int) -> str:
    return _DASH if value is None or value != value else f"{value:,.{digits}f}"


def _percent(value: Any) -> str:
    return _DASH if value is None else f"{value * 100:.1f} %"


def _target(figure: dict[str, Any], digits: int) -> str:
    return "" if figure["target"] is None else f"target {figure['target']:,.{digits}f}"


def _percent_target(figure: dict[str, Any]) -> str:
    return "" if figure["target"] is None else f"target {_percent(figure['target'])}"
