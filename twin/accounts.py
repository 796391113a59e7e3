"""Energy and carbon onto vehicles: direct, shared and scrap, by the line file's rules.

Direct is what a station drew while it processed the vehicle. All else is shared energy, pooled by
workshop and shift, and put on vehicles by rule: ``equal`` on the good vehicles that left the
workshop in that shift, ``direct`` on the vehicle at the station, ``time`` by seconds in the
workshop. What a rule puts on nobody is a loss. Scrapped vehicles hand their energy to good ones.
metered = on completed vehicles + closing WIP - opening WIP + losses + unexplained.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from twin import shifts
from twin.carbon import VIEWS, View, carbon_kg
from twin.decode import CARRIER_INDEX
from twin.ledger import EVIDENCE, PROCESSING, Cells, Ledger

IN_PROGRESS, GOOD, SCRAPPED = 0, 1, 2
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Opening:
    """What a vehicle already carries from the log that this one continues.

    ``kwh`` by carrier and ``kg`` by carbon view, each (direct, shared, scrap).
    """

    variant: str
    entered_ns: int
    complete: bool
    evidence: str
    kwh: Mapping[str, tuple[float, float, float]]
    kg: Mapping[str, tuple[float, float, float]]


def opening_to_json(accounts: Mapping[str, Opening]) -> str:
    """Accounts of work in progress as a log keeps them."""
    return json.dumps({name: asdict(each) for name, each in accounts.items()}, sort_keys=True)


def opening_from_json(text: str) -> dict[str, Opening]:
    """Accounts that ``opening_to_json`` wrote."""
    return {
        name: Opening(
            variant=each["variant"],
            entered_ns=each["entered_ns"],
            complete=each["complete"],
            evidence=each["evidence"],
            kwh={key: tuple(parts) for key, parts in each["kwh"].items()},
            kg={key: tuple(parts) for key, parts in each["kg"].items()},
        )
        for name, each in json.loads(text).items()
    }


@dataclass(frozen=True)
class Accounts:
    """Every vehicle's account; arrays by vehicle number, (v,) or (v, columns).

    Columns are the ledger's carriers [kWh], then the carbon views [kg] (NaN without a factor).
    """

    ledger: Ledger
    direct: Floats
    shared: Floats
    scrap: Floats
    opening: Floats  # of direct + shared + scrap, what came with the vehicle
    losses: Floats  # (columns,)
    evidence: NDArray[np.uint8]  # (v, carriers)
    state: NDArray[np.uint8]
    variant: NDArray[np.int32]
    entered_ns: Ints  # 0: not seen
    completed_ns: Ints  # 0: not completed
    complete: NDArray[np.bool_]
    reworked: NDArray[np.bool_]

    @property
    def carriers(self) -> tuple[str, ...]:
        """The carriers of the first columns."""
        return self.ledger.carriers

    @cached_property
    def total(self) -> Floats:
        """Direct, shared and scrap of each vehicle, (v, columns)."""
        return np.asarray(self.direct + self.shared + self.scrap)

    @cached_property
    def energy_kwh(self) -> Floats:
        """All carriers of each vehicle [kWh], (v,)."""
        return np.asarray(self.total[:, : len(self.carriers)].sum(axis=1))

    def carbon_kg(self, view: View) -> Floats:
        """A carbon view of each vehicle [kg], (v,)."""
        return np.asarray(self.total[:, len(self.carriers) + VIEWS.index(view)])

    def sums_kwh(self) -> dict[str, float]:
        """on_vehicles, wip_open, wip_close, losses and unexplained over all carriers [kWh]."""
        done = self.completed_ns > 0
        unexplained = self.ledger.cells["kwh"][self.ledger.is_unexplained]
        return {
            "on_vehicles": math.fsum(self.energy_kwh[done]),
            "wip_close": math.fsum(self.energy_kwh[~done]),
            "wip_open": math.fsum(self.opening[:, : len(self.carriers)].ravel()),
            "losses": math.fsum(self.losses[: len(self.carriers)]),
            "unexplained": math.fsum(unexplained),
        }

    def closing(self) -> dict[str, Opening]:
        """The accounts of work in progress, for the log that continues this one."""
        names, variants = self.ledger.booked.vehicles, self.ledger.booked.variants
        return {
            names[v]: Opening(
                variant=variants[self.variant[v]] if self.variant[v] >= 0 else "",
                entered_ns=int(self.entered_ns[v]),
                complete=bool(self.complete[v]),
                evidence=EVIDENCE[int(self.evidence[v].max(initial=0))],
                kwh={carrier: self._parts(v, i) for i, carrier in enumerate(self.carriers)},
                kg={view: self._parts(v, len(self.carriers) + i) for i, view in enumerate(VIEWS)},
            )
            for v in np.flatnonzero(self.completed_ns == 0).tolist()
        }

    def _parts(self, v: int, column: int) -> tuple[float, float, float]:
        parts = (self.direct[v, column], self.shared[v, column], self.scrap[v, column])
        return (float(parts[0]), float(parts[1]), float(parts[2]))


def allot(ledger: Ledger, opening: Mapping[str, Opening] | None = None) -> Accounts:
    """Puts every cell on a vehicle or among the losses, by the line's rules."""
    fates = _Fates(ledger)
    opening = opening or {}
    columns = len(ledger.carriers) + len(VIEWS)
    count = len(ledger.booked.vehicles)
    direct, shared = np.zeros((count, columns)), np.zeros((count, columns))
    scrap, losses = np.zeros((count, columns)), np.zeros(columns)
    evidence = np.zeros((count, len(ledger.carriers)), np.uint8)
    evidence[fates.unseen] = EVIDENCE.index("estimated")
    brought = _carry_in(ledger, opening, fates, direct, shared, scrap, evidence)
    quantities = _quantities(ledger)
    cells = ledger.cells
    is_direct = (cells["state"] == PROCESSING) & (cells["vehicle"] >= 0)
    np.add.at(direct, cells["vehicle"][is_direct], quantities[is_direct])
    _weaken(ledger, evidence, cells[is_direct])
    is_shared = ~is_direct & ~ledger.is_unexplained
    _share(ledger, fates, is_shared, quantities, shared, losses, evidence)
    _hand_over_scrap(ledger, fates, direct, scrap, losses)
    return Accounts(
        ledger=ledger,
        direct=direct,
        shared=shared,
        scrap=scrap,
        opening=brought,
        losses=losses,
        evidence=evidence,
        state=fates.state,
        variant=fates.variant,
        entered_ns=fates.entered_ns,
        completed_ns=fates.completed_ns,
        complete=fates.complete,
        reworked=fates.reworked,
    )


def _quantities(ledger: Ledger) -> Floats:
    """Each cell as columns: its kWh under its carrier, its kg under each view; (n, columns)."""
    cells = ledger.cells
    table = np.zeros((len(cells), len(ledger.carriers) + len(VIEWS)))
    for i, carrier in enumerate(ledger.carriers):
        chosen = cells["carrier"] == CARRIER_INDEX[carrier]
        table[chosen, i] = cells["kwh"][chosen]
    for i, view in enumerate(VIEWS):
        table[:, len(ledger.carriers) + i] = carbon_kg(ledger, view)
    return table


class _Fates:
    """What became of each vehicle, from its visits."""

    def __init__(self, ledger: Ledger) -> None:
        booked, line = ledger.booked, ledger.line
        self.line, self.visits = line, booked.visits
        count = len(booked.vehicles)
        self.windows = shifts.windows(line, booked.from_ns, max(booked.to_ns, booked.from_ns + 1))
        self._edges = np.array([window.from_ns for window in self.windows], np.int64)
        self.entered_ns, self.completed_ns = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self.state = np.zeros(count, np.uint8)
        # A line that makes one variant need not say which.
        self.variant = np.full(count, 0 if len(line.variants) == 1 else -1, np.int32)
        self.complete = np.ones(count, bool)
        self.reworked = np.zeros(count, bool)
        # When it last left each workshop for good; 0: it did not.
        self.left_ns = np.zeros((count, len(line.workshops)), np.int64)
        # Left the line while nobody looked: see _miss.
        self.unseen = np.zeros(count, bool)
        self._read(booked.visits)
        for gap in booked.gaps:
            if gap.to_ns is not None:
                self._miss(gap.to_ns)

    def window(self, times_ns: Ints) -> Ints:
        """Number of the window that each time lies in."""
        return np.asarray(np.searchsorted(self._edges, times_ns, side="right") - 1).clip(0)

    def good_leavers(self, workshop: int | None, window: int) -> Ints:
        """Good vehicles that left the workshop (None: the line) in a window."""
        left = self.completed_ns if workshop is None else self.left_ns[:, workshop]
        chosen = (left > 0) & (self.state != SCRAPPED)
        return np.flatnonzero(chosen & (self.window(left) == window))

    def _miss(self, gap_end_ns: int) -> None:
        """Vehicles that left during a gap: never seen since, and overtaken by a later one.

        Good as far as anyone knows; they left when the gap ended, as an estimate.
        """
        last_ns = np.zeros(len(self.entered_ns), np.int64)
        for visit in self.visits:
            seen_ns = visit["leave"] if visit["leave"] >= 0 else np.iinfo(np.int64).max
            last_ns[visit["vehicle"]] = max(last_ns[visit["vehicle"]], seen_ns)
        since = self.completed_ns > gap_end_ns
        overtaker_ns = self.entered_ns[since].max(initial=0)
        gone = (self.completed_ns == 0) & (last_ns > 0) & (last_ns <= gap_end_ns)
        gone &= self.entered_ns < overtaker_ns
        self.unseen |= gone
        self.completed_ns[gone] = gap_end_ns
        self.state[gone] = GOOD
        self.complete[gone] = False
        self.left_ns[gone] = np.where(self.left_ns[gone] == 0, gap_end_ns, self.left_ns[gone])

    def _read(self, visits: NDArray[np.void]) -> None:
        line = self.line
        workshops = {workshop.id: i for i, workshop in enumerate(line.workshops)}
        workshop_of = [workshops[station.workshop] for station in line.stations]
        sinks = {line.station_index[station] for station in line.sinks()}
        exits = sinks | _exits(line)
        entries = {line.station_index[station.id] for station in line.stations} - {
            line.station_index[edge.to_station] for edge in line.edges if edge.kind != "rework"
        }
        seen: set[tuple[int, int]] = set()
        for visit in visits:
            v, s = int(visit["vehicle"]), int(visit["station"])
            first = self.entered_ns[v] == 0
            if first:
                self.entered_ns[v] = visit["enter"]
                self.complete[v] = s in entries
            if (v, s) in seen or (visit["reject"] > 0 and s not in sinks):
                self.reworked[v] = True
            seen.add((v, s))
            self.complete[v] &= bool(visit["whole"])
            if visit["variant"] >= 0:
                self.variant[v] = visit["variant"]
            if visit["leave"] < 0:
                continue
            if s in exits:
                self.left_ns[v, workshop_of[s]] = visit["leave"]
            if s in sinks:
                self.completed_ns[v] = visit["leave"]
                self.state[v] = SCRAPPED if visit["reject"] > 0 else GOOD


def _exits(line: Line) -> set[int]:
    """Stations from which a vehicle flows into another workshop."""
    workshop = {station.id: station.workshop for station in line.stations}
    return {
        line.station_index[edge.from_station]
        for edge in line.edges
        if workshop[edge.from_station] != workshop[edge.to_station]
    }


def _carry_in(
    ledger: Ledger,
    opening: Mapping[str, Opening],
    fates: _Fates,
    direct: Floats,
    shared: Floats,
    scrap: Floats,
    evidence: NDArray[np.uint8],
) -> Floats:
    """Adds what vehicles brought along; returns it, (v, columns)."""
    brought = np.zeros_like(direct)
    names = ledger.booked.vehicles
    for v, name in enumerate(names):
        account = opening.get(name)
        if account is None:
            continue
        columns = [*(account.kwh.get(carrier, (0.0,) * 3) for carrier in ledger.carriers)]
        columns += [account.kg.get(view, (0.0,) * 3) for view in VIEWS]
        parts = np.array(columns).reshape(len(columns), 3)
        direct[v], shared[v], scrap[v] = parts[:, 0], parts[:, 1], parts[:, 2]
        brought[v] = parts.sum(axis=1)
        evidence[v] = EVIDENCE.index(account.evidence)
        fates.entered_ns[v] = account.entered_ns
        own = fates.visits[fates.visits["vehicle"] == v]
        # The visit that spans both logs is cut at their border, and booked on both sides of it.
        fates.complete[v] = account.complete and bool(own["whole"][1:].all())
        if fates.variant[v] < 0 and account.variant in ledger.booked.variants:
            fates.variant[v] = ledger.booked.variants.index(account.variant)
    return brought


def _weaken(ledger: Ledger, evidence: NDArray[np.uint8], cells: Cells) -> None:
    """A vehicle's evidence is the weakest of the cells on it."""
    for i, carrier in enumerate(ledger.carriers):
        chosen = cells["carrier"] == CARRIER_INDEX[carrier]
        np.maximum.at(evidence[:, i], cells["vehicle"][chosen], cells["evidence"][chosen])


def _share(
    ledger: Ledger,
    fates: _Fates,
    mask: NDArray[np.bool_],
    quantities: Floats,
    shared: Floats,
    losses: Floats,
    evidence: NDArray[np.uint8],
) -> None:
    """Pools by workshop, shift and kind of energy; each pool onto vehicles by its rule."""
    line, cells = ledger.line, ledger.cells[mask]
    amounts = quantities[mask]
    workshop, rule = _pools(line, cells)
    window = fates.window(cells["slot_ns"])
    keys = np.stack([workshop, rule, window], axis=1)
    rules = (line.allocation.idle, line.allocation.base, line.allocation.shared)
    for key in np.unique(keys, axis=0):
        chosen = np.all(keys == key, axis=1)
        shop = int(key[0]) if key[0] >= 0 else None
        name = rules[int(key[1])]
        if name == "direct":
            here = chosen & (cells["vehicle"] >= 0)
            np.add.at(shared, cells["vehicle"][here], amounts[here])
            losses += amounts[chosen & (cells["vehicle"] < 0)].sum(axis=0)
            _weaken(ledger, evidence, cells[here])
            continue
        pool = amounts[chosen].sum(axis=0)
        vehicles, weights = _takers(ledger, fates, name, shop, int(key[2]))
        if not len(vehicles):
            losses += pool
            continue
        shared[vehicles] += pool * (weights / weights.sum())[:, None]
        for i, carrier in enumerate(ledger.carriers):
            kind = chosen & (cells["carrier"] == CARRIER_INDEX[carrier])
            weakest = cells["evidence"][kind].max(initial=0)
            evidence[vehicles, i] = np.maximum(evidence[vehicles, i], weakest)


def _pools(line: Line, cells: Cells) -> tuple[Ints, Ints]:
    """Workshop (-1: the plant) and rule (0 idle, 1 base, 2 shared) of each shared cell."""
    workshops = {workshop.id: i for i, workshop in enumerate(line.workshops)}
    shops = [workshops[station.workshop] for station in line.stations]
    shops += [workshops.get(point.workshop or "", -1) for point in line.points]
    rules = [0] * len(line.stations)
    rules += [2 if point.workshop is None else 1 for point in line.points]
    return np.array(shops, np.int64)[cells["place"]], np.array(rules, np.int64)[cells["place"]]


def _takers(
    ledger: Ledger, fates: _Fates, rule: str, workshop: int | None, window: int
) -> tuple[Ints, Floats]:
    """Vehicles that a pool goes to, and their weights."""
    if rule == "equal":
        vehicles = fates.good_leavers(workshop, window)
        return vehicles, np.ones(len(vehicles))
    seconds = np.zeros(len(ledger.booked.vehicles))
    span = fates.windows[window]
    shop_ids = [w.id for w in ledger.line.workshops]
    for visit in fates.visits:
        station = ledger.line.stations[int(visit["station"])]
        if workshop is not None and station.workshop != shop_ids[workshop]:
            continue
        leave = int(visit["leave"]) if visit["leave"] >= 0 else ledger.booked.to_ns
        overlap = min(leave, span.to_ns) - max(int(visit["enter"]), span.from_ns)
        seconds[int(visit["vehicle"])] += max(0, overlap) / 1e9
    vehicles = np.flatnonzero(seconds > 0)
    return vehicles, seconds[vehicles]


def _hand_over_scrap(
    ledger: Ledger,
    fates: _Fates,
    direct: Floats,
    scrap: Floats,
    losses: Floats,
) -> None:
    """What went directly into scrapped vehicles goes onto the good ones of their shift."""
    rule = ledger.line.allocation.scrap
    for v in np.flatnonzero(fates.state == SCRAPPED):
        carried = direct[v].copy()
        scrap[v] -= carried
        window = int(fates.window(fates.completed_ns[v : v + 1])[0])
        takers = fates.good_leavers(None, window)
        if rule == "direct" or not len(takers):
            losses += carried
            continue
        weights = np.ones(len(takers))
        if rule == "time":
            weights = (fates.completed_ns[takers] - fates.entered_ns[takers]).astype(np.float64)
        scrap[takers] += carried * (weights / weights.sum())[:, None]


def export_columns(accounts: Accounts) -> dict[str, list[object]]:
    """Columns of ``export --what vehicles``: one row per vehicle and carrier."""
    names, variants = accounts.ledger.booked.vehicles, accounts.ledger.booked.variants
    rows = [(v, i) for v in range(len(names)) for i in range(len(accounts.carriers))]
    return {
        "vehicle": [names[v] for v, _ in rows],
        "variant": [
            variants[accounts.variant[v]] if accounts.variant[v] >= 0 else "" for v, _ in rows
        ],
        "entered_ns": [int(accounts.entered_ns[v]) or None for v, _ in rows],
        "completed_ns": [int(accounts.completed_ns[v]) or None for v, _ in rows],
        "good": [
            None if accounts.state[v] == IN_PROGRESS else bool(accounts.state[v] == GOOD)
            for v, _ in rows
        ],
        "complete": [bool(accounts.complete[v] and accounts.completed_ns[v]) for v, _ in rows],
        "carrier": [accounts.carriers[i] for _, i in rows],
        "direct_kwh": [float(accounts.direct[v, i]) for v, i in rows],
        "shared_kwh": [float(accounts.shared[v, i]) for v, i in rows],
        "scrap_kwh": [float(accounts.scrap[v, i]) for v, i in rows],
        "evidence": [EVIDENCE[int(accounts.evidence[v, i])] for v, i in rows],
    }
