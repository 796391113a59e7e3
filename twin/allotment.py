"""How cells come onto vehicles: the rules by which accounts are drawn up (docs/ledger.md)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from twin.carbon import VIEWS, carbon_kg
from twin.decode import CARRIER_INDEX
from twin.fates import SCRAPPED, Fates, Opening
from twin.kernels.booking import SLOT_NS
from twin.ledger import EVIDENCE, PROCESSING, Cells, Ledger

ESTIMATED = EVIDENCE.index("estimated")
OWN, LOST, UNEXPLAINED = -1, -2, -3  # of a cell: on the vehicle at it, on nobody, not explained
_IDLE, _BASE, _SHARED, _UNEXPLAINED = range(4)
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shares:
    """How the cells were put on vehicles.

    pool: (cells,) the pool that a cell is in, or OWN, LOST or UNEXPLAINED. direct: (cells,) those
    that are direct. takers: of each pool its vehicles and what part of it each one took; the parts
    sum to 1.
    """

    pool: Ints
    direct: NDArray[np.bool_]
    takers: tuple[tuple[Ints, Floats], ...]

    def of(self, vehicles: Ints) -> Floats:
        """What part of each pool these vehicles took together, (pools,)."""
        return np.array(
            [math.fsum(parts[np.isin(taken, vehicles)]) for taken, parts in self.takers]
        )


class Books:
    """Accounts while they are drawn up; arrays as in Accounts."""

    def __init__(self, ledger: Ledger, fates: Fates) -> None:
        self.ledger, self.fates, self.cells = ledger, fates, ledger.cells
        count, columns = len(ledger.booked.vehicles), len(ledger.carriers) + len(VIEWS)
        self.direct, self.shared = np.zeros((count, columns)), np.zeros((count, columns))
        self.scrap = np.zeros((count, columns))
        self.losses, self.unexplained = np.zeros(columns), np.zeros(columns)
        self.evidence = np.zeros((count, len(ledger.carriers)), np.uint8)
        self.evidence[fates.unseen] = ESTIMATED
        self.quantities = quantities(ledger)
        self.column = _columns(ledger)[self.cells["carrier"]]
        self.is_direct = (self.cells["state"] == PROCESSING) & (self.cells["vehicle"] >= 0)
        # Of direct cells: what part went on to good vehicles, and what part nobody took.
        self.handed = np.zeros(len(self.cells))
        self.forfeited = np.zeros(len(self.cells))

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
        self.unexplained += self.quantities[onto == UNEXPLAINED].sum(axis=0)
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
        self.losses += self.quantities[onto == LOST].sum(axis=0)
        return Shares(onto, self.is_direct, tuple(takers))

    def _spread(self, pooled: Ints, taking: tuple[Ints, Floats]) -> None:
        vehicles, parts = taking
        pool = self.quantities[pooled].sum(axis=0)
        self.shared[vehicles] += pool * parts[:, None]
        self._weaken(vehicles, pooled)

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
            self.handed[numbers[chosen]] = part[chosen]
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
        owner = self.fates.joined.owner()
        for v in np.flatnonzero(self.fates.state == SCRAPPED).tolist():
            own = self.is_direct & (owner[self.cells["vehicle"]] == v)
            carried = self.direct[v] + self.scrap[v]  # less what its rework has handed over
            self.scrap[v] -= carried
            window = int(self.fates.window(self.fates.completed_ns[v : v + 1])[0])
            vehicles, parts = self._good_ones(window)
            if self.ledger.line.allocation.scrap == "direct" or not len(vehicles):
                self.losses += carried
                self.forfeited[own] = 1.0 - self.handed[own]
                continue
            self.handed[own] = 1.0
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


def _columns(ledger: Ledger) -> Ints:
    """The column of each carrier by its number."""
    columns = np.zeros(len(CARRIER_INDEX), np.int64)
    for i, carrier in enumerate(ledger.carriers):
        columns[CARRIER_INDEX[carrier]] = i
    return columns


def quantities(ledger: Ledger) -> Floats:
    """Each cell as columns: its kWh under its carrier, its kg under each view; (n, columns)."""
    cells = ledger.cells
    table = np.zeros((len(cells), len(ledger.carriers) + len(VIEWS)))
    table[np.arange(len(cells)), _columns(ledger)[cells["carrier"]]] = cells["kwh"]
    for i, view in enumerate(VIEWS):
        table[:, len(ledger.carriers) + i] = carbon_kg(ledger, view)
    return table


def _kinds(line: Line, cells: Cells) -> tuple[Ints, Ints]:
    """Workshop (-1: the plant) and kind of energy of each cell, were it shared.

    A workshop that no vehicle goes through serves the whole plant, as its utilities do.
    """
    passed = _passed(line)
    number = {w.id: i if w.id in passed else -1 for i, w in enumerate(line.workshops)}
    shops = [number[station.workshop] for station in line.stations]
    kinds = [_SHARED if shop < 0 else _IDLE for shop in shops]
    of_points = [number.get(point.workshop or "", -1) for point in line.points]
    kinds += [_SHARED if shop < 0 else _BASE for shop in of_points]
    shops += of_points
    place = np.minimum(cells["place"], len(kinds))  # what lies beyond is not explained
    return (
        np.array([*shops, -1], np.int64)[place],
        np.array([*kinds, _UNEXPLAINED], np.int64)[place],
    )


def _passed(line: Line) -> frozenset[str]:
    """The workshops that vehicles or parts go through."""
    workshop = {station.id: station.workshop for station in line.stations}
    ends = {station for edge in line.edges for station in (edge.from_station, edge.to_station)}
    ends |= {signal.subject for signal in line.signals if signal.role == "vehicle"}
    return frozenset(workshop[station] for station in ends)
