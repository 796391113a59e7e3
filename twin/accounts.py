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

from twin.allotment import Books, Shares
from twin.carbon import VIEWS, View
from twin.fates import GOOD, IN_PROGRESS, JOINED, SCRAPPED, Fates, Opening
from twin.ledger import EVIDENCE, Ledger

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

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def opening_to_json(accounts: Mapping[str, Opening]) -> str:
    """Accounts of work in progress as a log keeps them."""
    return json.dumps({name: each.kept() for name, each in accounts.items()}, sort_keys=True)


def opening_from_json(text: str) -> dict[str, Opening]:
    """Accounts that ``opening_to_json`` wrote."""
    return {name: Opening.read(each) for name, each in json.loads(text).items()}


@dataclass(frozen=True)
class Accounts:
    """Every vehicle's account; arrays by vehicle number, (v,) or (v, columns).

    Columns are the ledger's carriers [kWh], then the carbon views [kg] (NaN without a factor).
    Parts that went into a vehicle have state JOINED and nothing on them: ``joined_to`` says whose
    it is now. ``final``: nothing that is still to come changes the account. ``handed``,
    ``forfeited``: what part of each cell rework and scrap put on good vehicles, and on nobody.
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
    handed: Floats = field(repr=False)  # (cells,)
    forfeited: Floats = field(repr=False)  # (cells,)
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


def allot(
    ledger: Ledger, opening: Mapping[str, Opening] | None = None, fates: Fates | None = None
) -> Accounts:
    """Puts every cell on a vehicle, among the losses or the unexplained, by the line's rules.

    fates: of these vehicles, where they are known already; no rule changes them.
    """
    opening = opening or {}
    drawn = Books(ledger, Fates(ledger.booked, opening) if fates is None else fates)
    brought = drawn.carry_in(opening)
    drawn.direct_cells()
    shares = drawn.share()
    drawn.build_in()
    drawn.hand_over_rework()
    drawn.hand_over_scrap()
    return Accounts(
        ledger=ledger,
        direct=drawn.direct,
        shared=drawn.shared,
        scrap=drawn.scrap,
        opening=brought,
        losses=drawn.losses,
        unexplained=drawn.unexplained,
        evidence=drawn.evidence,
        fates=drawn.fates,
        shares=shares,
        handed=drawn.handed,
        forfeited=drawn.forfeited,
        carried=opening,
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
