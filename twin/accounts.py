"""Energy and carbon onto vehicles: direct, shared and scrap, by the line file's rules.

Direct is what a station drew while it processed the vehicle. All else is shared energy, pooled by
workshop and shift, and put on vehicles by rule: ``equal`` on the good vehicles that left the
workshop in that shift, ``direct`` on the vehicle at the station, ``time`` by seconds in the
workshop. What a rule puts on nobody is a loss. A part hands its account to the vehicle that it goes
into; scrapped vehicles hand theirs, and reworked ones what their second visits took, to good ones.
metered = on completed vehicles + closing WIP - opening WIP + losses + unexplained.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from twin.carbon import VIEWS, View, carbon_kg
from twin.decode import CARRIER_INDEX
from twin.fates import GOOD, IN_PROGRESS, JOINED, SCRAPPED, Fates, Opening
from twin.kernels.booking import SLOT_NS
from twin.ledger import EVIDENCE, PROCESSING, Cells, Ledger

__all__ = [
    "GOOD",
    "IN_PROGRESS",
    "JOINED",
    "SCRAPPED",
    "Accounts",
    "Opening",
    "allot",
    "export_columns",
    "opening_from_json",
    "opening_to_json",
]

ESTIMATED = EVIDENCE.index("estimated")
OWN, LOST, UNEXPLAINED = -1, -2, -3  # of a cell: on the vehicle at it, on nobody, not explained
_IDLE, _BASE, _SHARED, _UNEXPLAINED = range(4)
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def opening_to_json(accounts: Mapping[str, Opening]) -> str:
    """Accounts of work in progress as a log keeps them."""
    return json.dumps({name: each.kept() for name, each in accounts.items()}, sort_keys=True)


def opening_from_json(text: str) -> dict[str, Opening]:
    """Accounts that ``opening_to_json`` wrote."""
    return {name: Opening.read(each) for name, each in json.loads(text).items()}


@dataclass(frozen=True, slots=True)
class Shares:
    """How the cells were put on vehicles.

    pool: (cells,) the pool that a cell is in, or OWN, LOST or UNEXPLAINED. takers: of each pool
    its vehicles and what part of it each one took; the parts sum to 1.
    """

    pool: Ints
    takers: tuple[tuple[Ints, Floats], ...]

    def of(self, vehicles: Ints) -> Floats:
        """What part of each pool these vehicles took together, (pools,)."""
        return np.array(
            [math.fsum(parts[np.isin(taken, vehicles)]) for taken, parts in self.takers]
        )


@dataclass(frozen=True)
class Accounts:
    """Every vehicle's account; arrays by vehicle number, (v,) or (v, columns).

    Columns are the ledger's carriers [kWh], then the carbon views [kg] (NaN without a factor).
    Parts that went into a vehicle have state JOINED and nothing on them: ``joined_to`` says whose
    it is now. ``final``: nothing that is still to come changes the account.
    """

    ledger: Ledger
    direct: Floats
    shared: Floats
    scrap: Floats
    opening: Floats  # of direct + shared + scrap, what came with the vehicle
    losses: Floats  # (columns,)
    unexplained: Floats  # (columns,)
    evidence: NDArray[np.uint8]  # (v, carriers)
    fates: Fates = field(repr=False)
    shares: Shares = field(repr=False)
    carried: Mapping[str, Opening] = field(repr=False)

    @property
    def state(self) -> NDArray[np.uint8]:
        """IN_PROGRESS, GOOD, SCRAPPED or JOINED."""
        return self.fates.state

    @property
    def variant(self) -> NDArray[np.int32]:
        """Number of each variant, -1: not seen."""
        return self.fates.variant

    @property
    def entered_ns(self) -> Ints:
        """When each entered the line; 0: not seen."""
        return self.fates.entered_ns

    @property
    def completed_ns(self) -> Ints:
        """When each left the line; 0: not completed."""
        return self.fates.completed_ns

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Is every visit so far in this log, or in those that it continues?"""
        return self.fates.complete

    @property
    def reworked(self) -> NDArray[np.bool_]:
        """Was it sent back, or at a station twice?"""
        return self.fates.reworked

    @property
    def is_part(self) -> NDArray[np.bool_]:
        """Is it a part that goes into a vehicle?"""
        return self.fates.is_part

    @property
    def joined_to(self) -> NDArray[np.int32]:
        """The vehicle (or part) that a part went into; -1: none."""
        return self.fates.joined.vehicle

    @cached_property
    def in_progress(self) -> NDArray[np.bool_]:
        """Vehicles in the line; parts are none, (v,)."""
        return np.asarray((self.state == IN_PROGRESS) & ~self.is_part)

    @cached_property
    def done(self) -> NDArray[np.bool_]:
        """Vehicles that left the line; parts are none, (v,)."""
        return np.asarray((self.completed_ns > 0) & ~self.is_part)

    @cached_property
    def final(self) -> NDArray[np.bool_]:
        """Accounts that nothing changes any more, (v,).

        The vehicle is completed, and the log is closed; or the shift in which it was completed is
        over and nothing on it is an estimate, which later data could mend.
        """
        booked, done = self.ledger.booked, self.completed_ns > 0
        over = self.fates.window(self.completed_ns) < self.fates.window(np.array([booked.to_ns]))
        measured = self.evidence.max(axis=1, initial=0) == 0
        return np.asarray(done & (booked.ended | (over & measured)))

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
        return {
            "on_vehicles": math.fsum(self.energy_kwh[done]),
            "wip_close": math.fsum(self.energy_kwh[~done]),
            "wip_open": math.fsum(self.opening[:, : len(self.carriers)].ravel()),
            "losses": math.fsum(self.losses[: len(self.carriers)]),
            "unexplained": math.fsum(self.unexplained[: len(self.carriers)]),
        }

    def closing(self) -> dict[str, Opening]:
        """The accounts of work in progress, for the log that continues this one."""
        names = self.ledger.booked.vehicles
        waiting = (self.completed_ns == 0) & (self.state != JOINED)
        return {names[v]: self._closing(v, names[v]) for v in np.flatnonzero(waiting).tolist()}

    def _closing(self, v: int, name: str) -> Opening:
        booked, before = self.ledger.booked, self.carried.get(name)
        station, left_ns, seen_ns = self._whereabouts(v, before)
        return Opening(
            variant=booked.variants[self.variant[v]] if self.variant[v] >= 0 else "",
            entered_ns=int(self.entered_ns[v]),
            complete=bool(self.complete[v]),
            evidence=EVIDENCE[int(self.evidence[v].max(initial=0))],
            kwh={carrier: self._parts(v, i) for i, carrier in enumerate(self.carriers)},
            kg={view: self._parts(v, len(self.carriers) + i) for i, view in enumerate(VIEWS)},
            station=station,
            left_ns=left_ns,
            seen_ns=seen_ns,
            unknown_ahead=int(self.fates.joined.unknown_ahead[v]),
            reworked=bool(self.reworked[v]),
            logs=(*(before.logs if before else ()), booked.from_ns),
        )

    def _whereabouts(self, v: int, before: Opening | None) -> tuple[str, int, int]:
        """Its last station, when it left it (0: it has not), and until when it was seen."""
        number = int(self.fates.last[v])
        if number < 0:
            return (before.station, before.left_ns, before.seen_ns) if before else ("", 0, 0)
        visit = self.ledger.booked.visits[number]
        station = self.ledger.line.stations[visit["station"]].id
        if visit["leave"] < 0:
            return station, 0, self.ledger.booked.to_ns
        return station, int(visit["leave"]), int(visit["leave"])

    def _parts(self, v: int, column: int) -> tuple[float, float, float]:
        parts = (self.direct[v, column], self.shared[v, column], self.scrap[v, column])
        return (float(parts[0]), float(parts[1]), float(parts[2]))


def allot(ledger: Ledger, opening: Mapping[str, Opening] | None = None) -> Accounts:
    """Puts every cell on a vehicle, among the losses or the unexplained, by the line's rules."""
    opening = opening or {}
    books = _Books(ledger, Fates(ledger.booked, opening))
    brought = books.carry_in(opening)
    books.direct_cells()
    shares = books.share()
    books.build_in()
    books.hand_over_rework()
    books.hand_over_scrap()
    return Accounts(
        ledger=ledger,
        direct=books.direct,
        shared=books.shared,
        scrap=books.scrap,
        opening=brought,
        losses=books.losses,
        unexplained=books.unexplained,
        evidence=books.evidence,
        fates=books.fates,
        shares=shares,
        carried=opening,
    )


class _Books:
    """Accounts while they are drawn up; arrays as in Accounts."""

    def __init__(self, ledger: Ledger, fates: Fates) -> None:
        self.ledger, self.fates, self.cells = ledger, fates, ledger.cells
        count, columns = len(ledger.booked.vehicles), len(ledger.carriers) + len(VIEWS)
        self.direct, self.shared = np.zeros((count, columns)), np.zeros((count, columns))
        self.scrap = np.zeros((count, columns))
        self.losses, self.unexplained = np.zeros(columns), np.zeros(columns)
        self.evidence = np.zeros((count, len(ledger.carriers)), np.uint8)
        self.evidence[fates.unseen] = ESTIMATED
        self.quantities = _quantities(ledger)
        self.column = _columns(ledger)[self.cells["carrier"]]
        self.is_direct = (self.cells["state"] == PROCESSING) & (self.cells["vehicle"] >= 0)

    def carry_in(self, opening: Mapping[str, Opening]) -> Floats:
        """Adds what vehicles brought along; returns it, (v, columns)."""
        brought = np.zeros_like(self.direct)
        for v, name in enumerate(self.ledger.booked.vehicles if opening else ()):
            account = opening.get(name)
            if account is None:
                continue
            columns = [account.kwh.get(carrier, (0.0,) * 3) for carrier in self.ledger.carriers]
            columns += [account.kg.get(view, (0.0,) * 3) for view in VIEWS]
            parts = np.array(columns).reshape(len(columns), 3)
            self.direct[v], self.shared[v], self.scrap[v] = parts[:, 0], parts[:, 1], parts[:, 2]
            brought[v] = parts.sum(axis=1)
            self.evidence[v] = np.maximum(self.evidence[v], EVIDENCE.index(account.evidence))
        return brought

    def direct_cells(self) -> None:
        """What a station drew while it processed a vehicle."""
        self._add(self.direct, self.is_direct)

    def share(self) -> Shares:
        """Pools by workshop, shift and kind of energy; each pool onto vehicles by its rule."""
        line, cells = self.ledger.line, self.cells
        workshop, kind = _kinds(line, cells)
        window = self.fates.window(cells["slot_ns"])
        rules = (line.allocation.idle, line.allocation.base, line.allocation.shared)
        onto = np.full(len(cells), OWN, np.int64)
        rest = ~self.is_direct
        onto[rest & (kind == _UNEXPLAINED)] = UNEXPLAINED
        _accumulate(self.unexplained, self.quantities[onto == UNEXPLAINED])
        takers: list[tuple[Ints, Floats]] = []
        for number, rule in enumerate(rules):
            chosen = rest & (kind == number)
            if rule == "direct":
                here = chosen & (cells["vehicle"] >= 0)
                self._add(self.shared, here)
                onto[chosen & ~here] = LOST
                continue
            shop_window = (workshop + 1) * len(self.fates.windows) + window
            for key in np.unique(shop_window[chosen]).tolist():
                shop, span = divmod(key, len(self.fates.windows))
                pooled = np.flatnonzero(chosen & (shop_window == key))
                taking = self._takers(rule, shop - 1 if shop else None, span)
                onto[pooled] = len(takers) if len(taking[0]) else LOST
                if len(taking[0]):
                    takers.append(taking)
                    self._spread(pooled, taking)
        _accumulate(self.losses, self.quantities[onto == LOST])
        return Shares(onto, tuple(takers))

    def _spread(self, pooled: Ints, taking: tuple[Ints, Floats]) -> None:
        vehicles, parts = taking
        pool = self.quantities[pooled].sum(axis=0)
        self.shared[vehicles] += pool * parts[:, None]
        weakest = np.zeros(self.evidence.shape[1], np.uint8)
        np.maximum.at(weakest, self.column[pooled], self.cells["evidence"][pooled])
        self.evidence[vehicles] = np.maximum(self.evidence[vehicles], weakest)

    def _takers(self, rule: str, workshop: int | None, window: int) -> tuple[Ints, Floats]:
        """Vehicles that a pool goes to, and what part of it each one takes."""
        if rule == "equal":
            vehicles = self.fates.good_leavers(workshop, window)
            return vehicles, np.full(len(vehicles), 1.0 / max(1, len(vehicles)))
        seconds = self.fates.seconds(workshop, window)
        vehicles = np.flatnonzero(seconds > 0)
        return vehicles, seconds[vehicles] / seconds[vehicles].sum()

    def _add(self, accounts: Floats, mask: NDArray[np.bool_]) -> None:
        """Cells onto the vehicles at them; a vehicle's evidence is the weakest of its cells."""
        vehicles = self.cells["vehicle"][mask]
        np.add.at(accounts, vehicles, self.quantities[mask])
        np.maximum.at(self.evidence, (vehicles, self.column[mask]), self.cells["evidence"][mask])

    def build_in(self) -> None:
        """Parts hand their accounts to the vehicles that took them; who took which is inferred."""
        parts = np.flatnonzero(self.fates.joined.vehicle >= 0)
        owners = self.fates.joined.owner()[parts]
        carriers = self.evidence.shape[1]
        carried = (self.direct + self.shared + self.scrap)[parts, :carriers] != 0.0
        inferred = np.maximum(self.evidence[parts], ESTIMATED * carried.astype(np.uint8))
        np.maximum.at(self.evidence, owners, inferred)
        for accounts in (self.direct, self.shared, self.scrap):
            np.add.at(accounts, owners, accounts[parts])
            accounts[parts] = 0.0

    def hand_over_rework(self) -> None:
        """What second visits took goes onto the good vehicles of the shift in which it was.

        Under the rule ``direct``, and where no good vehicle left, it stays where it is.
        """
        if self.ledger.line.allocation.scrap == "direct" or not self.fates.repeated.any():
            return
        numbers, part = self._second_visits()
        owner = self.fates.joined.owner()[self.cells["vehicle"][numbers]]
        window = self.fates.window(self.cells["slot_ns"][numbers])
        for span in np.unique(window).tolist():
            chosen = window == span
            vehicles, parts = self._good_ones(span)
            if not len(vehicles):
                continue
            carried = self.quantities[numbers[chosen]] * part[chosen, None]
            np.add.at(self.scrap, owner[chosen], -carried)
            self.scrap[vehicles] += carried.sum(axis=0) * parts[:, None]
            self._weaken(vehicles, numbers[chosen])

    def _second_visits(self) -> tuple[Ints, Floats]:
        """Direct cells of vehicles at stations at which they were before, and what part of each.

        A slot in which both visits lie is divided by their time in it.
        """
        visits, to_ns = self.fates.visits, self.ledger.booked.to_ns
        keys = visits["vehicle"].astype(np.int64) << 32 | visits["station"].astype(np.int64)
        own = self.cells["vehicle"].astype(np.int64) << 32 | self.cells["place"].astype(np.int64)
        several = np.unique(keys[self.fates.repeated])
        numbers = np.flatnonzero(self.is_direct & np.isin(own, several))
        first, again = np.zeros(len(numbers)), np.zeros(len(numbers))
        slot_ns = self.cells["slot_ns"][numbers]
        for i in np.flatnonzero(np.isin(keys, several)).tolist():
            leave_ns = visits["leave"][i] if visits["leave"][i] >= 0 else to_ns
            begin = np.maximum(slot_ns, visits["enter"][i])
            inside = np.minimum(slot_ns + SLOT_NS, leave_ns) - begin
            overlap_s = np.where(own[numbers] == keys[i], np.maximum(inside, 0) / 1e9, 0.0)
            (again if self.fates.repeated[i] else first)[:] += overlap_s
        both = first + again
        part = np.divide(again, both, out=np.zeros(len(numbers)), where=both > 0)
        return numbers[part > 0], part[part > 0]

    def hand_over_scrap(self) -> None:
        """What went directly into scrapped vehicles goes onto the good ones of their shift."""
        for v in np.flatnonzero(self.fates.state == SCRAPPED).tolist():
            carried = self.direct[v] + self.scrap[v]  # less what its rework has handed over
            self.scrap[v] -= carried
            window = int(self.fates.window(self.fates.completed_ns[v : v + 1])[0])
            vehicles, parts = self._good_ones(window)
            if self.ledger.line.allocation.scrap == "direct" or not len(vehicles):
                self.losses += carried
                continue
            self.scrap[vehicles] += carried * parts[:, None]
            handed = carried[: self.evidence.shape[1]] != 0.0
            weakest = self.evidence[v] * handed.astype(np.uint8)
            self.evidence[vehicles] = np.maximum(self.evidence[vehicles], weakest)

    def _good_ones(self, window: int) -> tuple[Ints, Floats]:
        """The good vehicles of a shift, and what part of scrap and rework each one takes."""
        fates = self.fates
        vehicles = fates.good_leavers(None, window)
        weights = np.ones(len(vehicles))
        if self.ledger.line.allocation.scrap == "time":
            weights = (fates.completed_ns[vehicles] - fates.entered_ns[vehicles]) / 1e9
        return vehicles, weights / (weights.sum() or 1.0)

    def _weaken(self, vehicles: Ints, numbers: Ints) -> None:
        """The weakest evidence of these cells, by carrier, onto all these vehicles."""
        weakest = np.zeros(self.evidence.shape[1], np.uint8)
        np.maximum.at(weakest, self.column[numbers], self.cells["evidence"][numbers])
        self.evidence[vehicles] = np.maximum(self.evidence[vehicles], weakest)


def _accumulate(onto: Floats, quantities: Floats) -> None:
    onto += quantities.sum(axis=0)


def _columns(ledger: Ledger) -> Ints:
    """The column of each carrier by its number."""
    columns = np.zeros(len(CARRIER_INDEX), np.int64)
    for i, carrier in enumerate(ledger.carriers):
        columns[CARRIER_INDEX[carrier]] = i
    return columns


def _quantities(ledger: Ledger) -> Floats:
    """Each cell as columns: its kWh under its carrier, its kg under each view; (n, columns)."""
    cells = ledger.cells
    table = np.zeros((len(cells), len(ledger.carriers) + len(VIEWS)))
    table[np.arange(len(cells)), _columns(ledger)[cells["carrier"]]] = cells["kwh"]
    for i, view in enumerate(VIEWS):
        table[:, len(ledger.carriers) + i] = carbon_kg(ledger, view)
    return table


def _kinds(line: Line, cells: Cells) -> tuple[Ints, Ints]:
    """Workshop (-1: the plant) and kind of energy of each cell, were it shared."""
    workshops = {workshop.id: i for i, workshop in enumerate(line.workshops)}
    shops = [workshops[station.workshop] for station in line.stations]
    shops += [workshops.get(point.workshop or "", -1) for point in line.points]
    kinds = [_IDLE] * len(line.stations)
    kinds += [_SHARED if point.workshop is None else _BASE for point in line.points]
    place = np.minimum(cells["place"], len(kinds))  # what lies beyond is not explained
    return (
        np.array([*shops, -1], np.int64)[place],
        np.array([*kinds, _UNEXPLAINED], np.int64)[place],
    )


def export_columns(accounts: Accounts) -> dict[str, list[object]]:
    """Columns of ``export --what vehicles``: one row per vehicle and carrier.

    A part that went into a vehicle has none: its account is the vehicle's.
    """
    names, variants = accounts.ledger.booked.vehicles, accounts.ledger.booked.variants
    shown = np.flatnonzero(accounts.state != JOINED).tolist()
    rows = [(v, i) for v in shown for i in range(len(accounts.carriers))]
    final = accounts.final
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
        "final": [bool(final[v]) for v, _ in rows],
    }
