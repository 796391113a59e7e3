"""From everything booked to what a screen pulls."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from data.line import STATES, Line
from data.samples import SEVERITY_SHIFT, Flag, ValueType
from twin import inside, kpi
from twin.accounts import JOINED, Accounts, Opening, allot
from twin.decode import raw_text
from twin.kpi import Basis
from twin.ledger import EVIDENCE, PROCESSING, Ledger, close
from twin.meters import Estimates
from twin.mirror import Booked
from twin.snapshot import (
    BufferView,
    PowerSeries,
    SignalView,
    Snapshot,
    StationView,
    VehicleTable,
    Visit,
)


def snapshot(
    booked: Booked,
    opening: Mapping[str, Opening],
    serial: int,
    estimates: Estimates | None = None,
) -> Snapshot:
    """The line at ``booked.to_ns``."""
    ledger = close(booked, estimates)
    accounts = allot(ledger, opening)
    basis = Basis(ledger, accounts)
    return Snapshot(
        serial=serial,
        from_ns=booked.from_ns,
        time_ns=booked.to_ns,
        receive_ns=booked.receive_ns,
        speed=booked.speed,
        provisional=not booked.ended,
        stations=_stations(ledger),
        buffers=_buffers(accounts),
        power_kw=kpi.power_now_kw(basis),
        kpis=kpi.all_kpis(basis),
        energy_by_state_kwh=_by_state(ledger),
        balance_error={carrier: ledger.balance_error(carrier) for carrier in ledger.carriers},
        vehicles=_vehicles(accounts),
        visits=visits(ledger),
        power=_power(booked),
        signals=_signals(booked),
        gaps=booked.gaps,
        quality=booked.quality,
        accounts=accounts,
    )


def _by_state(ledger: Ledger) -> dict[str, float]:
    """kWh by state in the order of STATES; "none": what no station drew."""
    cells = ledger.cells
    found = {}
    for number, state in [*enumerate(STATES), (-1, "none")]:
        chosen = cells["state"] == number
        if chosen.any():
            found[state] = math.fsum(cells["kwh"][chosen])
    return found


def _stations(ledger: Ledger) -> tuple[StationView, ...]:
    booked, line = ledger.booked, ledger.line
    newest_ns = _newest_by_station(booked)
    done = np.bincount(
        booked.visits["station"][booked.visits["leave"] >= 0], minlength=len(line.stations)
    )
    views = []
    for s, station in enumerate(line.stations):
        row = booked.stations[s]
        own = [p for p in range(len(line.points)) if booked.points[p]["station"] == s]
        rated = [float(booked.points[p]["rate"]) for p in own if booked.points[p]["has_rate"]]
        visit = int(row["visit"]) if row["vehicle_known"] else -1
        variant = int(booked.visits["variant"][visit]) if visit >= 0 else -1
        known = bool(row["state_known"])
        cells = ledger.cells[ledger.cells["place"] == s]
        views.append(
            StationView(
                station=station.id,
                state=STATES[row["state"]] if known else "unknown",
                state_since_ns=int(row["t_state"]) or None if known else int(row["t_gap"]),
                vehicle=booked.vehicles[booked.visits["vehicle"][visit]] if visit >= 0 else None,
                variant=booked.variants[variant] if variant >= 0 else None,
                power_kw=math.fsum(rated) if rated else None,
                energy_kwh=math.fsum(cells["kwh"]) if own else None,
                vehicles_done=int(done[s]),
                data_ns=newest_ns[s],
            )
        )
    return tuple(views)


def _newest_by_station(booked: Booked) -> list[int | None]:
    line = booked.line
    newest: list[int | None] = [None] * len(line.stations)
    station_of = {station.id: s for s, station in enumerate(line.stations)}
    for meter in line.meters:
        if len(meter.stations) == 1:
            station_of.setdefault(meter.id, line.station_index[meter.stations[0]])
    for signal in line.signals:
        s = station_of.get(signal.subject)
        time_ns = int(booked.newest["order_ns"][signal.index])
        if s is not None and time_ns:
            newest[s] = max(newest[s] or 0, time_ns)
    return newest


def _buffers(accounts: Accounts) -> tuple[BufferView, ...]:
    """Vehicles and parts whose last visit ended at the edge's station; at a fork, on its first.

    Not those that left the line unseen, nor those of which nothing was heard since a gap while
    later ones went by.
    """
    booked = accounts.ledger.booked
    line = booked.line
    gaps = [(gap.from_ns, gap.to_ns or booked.to_ns) for gap in booked.gaps]
    gone_on = _gone_on_ns(booked) if gaps else {}
    where: dict[int, np.void] = {}
    for visit in booked.visits:
        where[int(visit["vehicle"])] = visit
    waiting: dict[int, list[tuple[int, str]]] = {}
    for vehicle, visit in where.items():
        leave_ns, s = int(visit["leave"]), int(visit["station"])
        lost = not visit["whole"] and any(begin <= leave_ns <= end for begin, end in gaps)
        lost |= leave_ns < gone_on.get(s, 0)
        here = not accounts.completed_ns[vehicle] and accounts.state[vehicle] != JOINED
        if leave_ns >= 0 and here and not lost:
            entry = (int(visit["leave"]), booked.vehicles[vehicle])
            waiting.setdefault(int(visit["station"]), []).append(entry)
    views, taken = [], set()
    for edge in line.edges:
        s = line.station_index[edge.from_station]
        queue = [] if s in taken or edge.kind == "rework" else sorted(waiting.get(s, []))
        if edge.kind != "rework":
            taken.add(s)
        views.append(
            BufferView(
                from_station=edge.from_station,
                to_station=edge.to_station,
                capacity=edge.capacity,
                vehicles=tuple(name for _, name in queue),
            )
        )
    return tuple(views)


def _gone_on_ns(booked: Booked) -> dict[int, int]:
    """By station: when the last vehicle left it that was seen again further on [ns]."""
    before: dict[int, np.void] = {}
    gone_on: dict[int, int] = {}
    for visit in booked.visits:
        last = before.get(int(visit["vehicle"]))
        if last is not None and last["leave"] >= 0:
            s = int(last["station"])
            gone_on[s] = max(gone_on.get(s, 0), int(last["leave"]))
        before[int(visit["vehicle"])] = visit
    return gone_on


def _vehicles(accounts: Accounts) -> VehicleTable:
    booked = accounts.ledger.booked
    energy = len(accounts.carriers)
    at = _present_station(booked)
    shown = np.flatnonzero(~accounts.is_part)
    numbers = shown.tolist()
    weakest = accounts.evidence.max(axis=1, initial=0)
    return VehicleTable(
        vehicle=tuple(booked.vehicles[v] for v in numbers),
        variant=tuple(booked.variants[v] if v >= 0 else "" for v in accounts.variant[shown]),
        station=tuple(at.get(v, "") for v in numbers),
        entered_ns=accounts.entered_ns[shown],
        completed_ns=accounts.completed_ns[shown],
        state=accounts.state[shown],
        complete=(accounts.complete & (accounts.completed_ns > 0))[shown],
        final=accounts.final[shown],
        direct_kwh=accounts.direct[shown, :energy].sum(axis=1),
        shared_kwh=accounts.shared[shown, :energy].sum(axis=1),
        scrap_kwh=accounts.scrap[shown, :energy].sum(axis=1),
        carbon_kg=accounts.carbon_kg("location")[shown],
        evidence=tuple(EVIDENCE[e] for e in weakest[shown]),
    )


def _present_station(booked: Booked) -> dict[int, str]:
    line = booked.line
    return {
        int(visit["vehicle"]): line.stations[visit["station"]].id
        for visit in booked.visits[booked.visits["leave"] < 0]
    }


def visits(ledger: Ledger) -> tuple[Visit, ...]:
    """Every visit with its time and energy, in order of entering.

    One of which no meter of its station counted anything has no energy; its evidence is that of
    what the ledger has for the vehicle there, "" where it has nothing.
    """
    booked, line = ledger.booked, ledger.line
    found = inside.pieces(booked)
    found = found[found["visit"] >= 0]
    processing = found["state"] == PROCESSING
    number = len(booked.visits)
    own = len(line.points)
    present = found["point"] >= own
    seconds = np.zeros(number)
    timed = present & processing
    np.add.at(seconds, found["visit"][timed], found["ns"][timed] / 1e9)
    direct, waiting = {}, {}
    evidence = np.zeros(number, np.uint8)
    np.maximum.at(evidence, found["visit"][~present], found["evidence"][~present])
    metered_at = np.bincount(found["visit"][~present], minlength=number) > 0
    booked_for = _evidence_at(ledger, booked.visits[~metered_at])
    for carrier in ledger.carriers:
        points = [p for p, point in enumerate(line.points) if point.carrier == carrier]
        metered = np.isin(found["point"], points)
        direct[carrier] = _by_visit(found[metered & processing], number)
        waiting[carrier] = _by_visit(found[metered & ~processing], number)
    return tuple(
        Visit(
            vehicle=booked.vehicles[visit["vehicle"]],
            station=line.stations[visit["station"]].id,
            enter_ns=int(visit["enter"]),
            leave_ns=int(visit["leave"]) if visit["leave"] >= 0 else None,
            whole=bool(visit["whole"]),
            processing_s=float(seconds[i]),
            direct_kwh={c: float(direct[c][i]) for c in ledger.carriers if metered_at[i]},
            waiting_kwh={c: float(waiting[c][i]) for c in ledger.carriers if metered_at[i]},
            evidence=EVIDENCE[evidence[i]]
            if metered_at[i]
            else booked_for.get((int(visit["vehicle"]), int(visit["station"])), ""),
        )
        for i, visit in enumerate(booked.visits)
    )


def _evidence_at(ledger: Ledger, visits: NDArray[np.void]) -> dict[tuple[int, int], str]:
    """The weakest evidence of what the ledger has for these visits, by vehicle and station."""
    cells = ledger.cells
    cells = cells[(cells["vehicle"] >= 0) & np.isin(cells["place"], visits["station"])]
    weakest: dict[tuple[int, int], int] = {}
    columns = (cells[name].tolist() for name in ("vehicle", "place", "evidence"))
    for vehicle, place, evidence in zip(*columns, strict=True):
        weakest[vehicle, place] = max(evidence, weakest.get((vehicle, place), 0))
    return {key: EVIDENCE[evidence] for key, evidence in weakest.items()}


def _by_visit(pieces: NDArray[np.void], number: int) -> NDArray[np.float64]:
    sums = np.zeros(number)
    np.add.at(sums, pieces["visit"], pieces["kwh"])
    return sums


def _power(booked: Booked) -> PowerSeries:
    hours = booked.covered_ns / 3.6e12
    with np.errstate(divide="ignore", invalid="ignore"):
        kw = np.where(hours > 0, booked.bucket_kwh / hours, np.nan)
    boundary = [
        p
        for p, point in enumerate(booked.line.points)
        if point.boundary and point.carrier == "electricity"
    ]
    return PowerSeries(
        begin_ns=booked.buckets_from_ns,
        bucket_ns=booked.bucket_ns,
        point=tuple(point.id for point in booked.line.points),
        kw=kw,
        total_kw=kw[boundary].sum(axis=0) if boundary else np.full(kw.shape[1], np.nan),
    )


def _signals(booked: Booked) -> tuple[SignalView, ...]:
    line: Line = booked.line
    units = {meter.id: meter.unit for meter in line.meters}
    views = []
    for signal in line.signals:
        sample = booked.newest[signal.index]
        seen = bool(sample["order_ns"])
        views.append(
            SignalView(
                key=signal.key,
                text=_shown(sample, booked, signal.scale) if seen else None,
                unit=signal.unit or units.get(signal.subject),
                time_ns=int(sample["time_ns"]) if seen else None,
                quality=_quality(sample, signal.index in booked.lost_signals),
            )
        )
    return tuple(views)


def _shown(sample: np.void, booked: Booked, scale: float) -> str | None:
    if sample["type"] == ValueType.TEXT or (sample["type"] == ValueType.INTEGER and scale == 1.0):
        return raw_text(sample, booked.texts)
    if sample["type"] == ValueType.NONE:
        return None
    return f"{float(sample['value']) * scale:.6g}"


def _quality(sample: np.void, lost: bool) -> str:
    if lost:
        return "lost"
    if not sample["order_ns"]:
        return "missing"
    if int(sample["flags"]) & Flag.REFUSED:
        return "refused"
    return ("good", "uncertain", "bad", "bad")[int(sample["status"]) >> SEVERITY_SHIFT]
