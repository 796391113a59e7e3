"""Where energy comes from and where it goes: through shops and states onto vehicles, or nobody."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.line import CARRIERS, STATES
from twin import supply
from twin.accounts import Accounts
from twin.allotment import LOST, OWN
from twin.allotment import UNEXPLAINED as NOT_EXPLAINED
from twin.ledger import NO_STATE, UNEXPLAINED, Ledger

PLANT = "plant"
SOURCES = ("import", "generate", "discharge")
ENDS = ("direct", "shared", "wip", "losses", UNEXPLAINED)
Names = NDArray[np.object_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stream:
    """Energy [kWh] from one place of the picture to another.

    Places are (column, id): ("source", one of SOURCES or a fuel), ("shop", a workshop, "plant" or
    ``unexplained``), ("state", a state, "none" or ``unexplained``), ("end", one of ENDS).
    """

    origin: tuple[str, str]
    target: tuple[str, str]
    kwh: float


def parts_of(ledger: Ledger, cut: str) -> Names:
    """The part of a cut (workshop, end_use, carrier or state) that each cell lies in, (n,)."""
    cells, line = ledger.cells, ledger.line
    match cut:
        case "workshop":
            shops = [s.workshop for s in line.stations]
            rests = [p.workshop or PLANT for p in line.points]
            return _named([*shops, *rests, UNEXPLAINED], cells["place"])
        case "end_use":
            return _named([point.end_use for point in line.points], cells["point"])
        case "carrier":
            return _named(CARRIERS, cells["carrier"])
        case _:
            # NO_STATE is -1: the last one.
            assert NO_STATE == -1
            found = _named([*STATES, "none"], cells["state"])
            found[ledger.is_unexplained] = UNEXPLAINED
            return found


def _named(names: list[str] | tuple[str, ...], numbers: NDArray[np.integer]) -> Names:
    found: Names = np.array(names, dtype=object)[numbers]
    return found


def streams(accounts: Accounts) -> tuple[Stream, ...]:
    """The energy of a ledger's cells, each column of the picture the sum of all.

    Electricity comes from the grid, own generation and the storage in the parts that these had of
    what came in. It ends as in the report: on completed vehicles, ``direct`` or ``shared`` (with
    scrap and rework); ``wip``, on vehicles in progress; ``losses``, what the rules of the line
    file put on no vehicle; or ``unexplained``. What earlier logs brought along is not in it.
    """
    ledger = accounts.ledger
    shop, state = parts_of(ledger, "workshop"), parts_of(ledger, "state")
    kwh = ledger.cells["kwh"]
    found = [
        *_from_sources(ledger, shop),
        *_between(("shop", shop), ("state", state), kwh),
        *_to_ends(accounts, state),
    ]
    return tuple(stream for stream in found if abs(stream.kwh) > 1e-9)


def _from_sources(ledger: Ledger, shop: Names) -> Iterator[Stream]:
    flows = supply.flows(ledger)
    come = {flow: flows.total_kwh(flow) for flow in SOURCES}
    whole = math.fsum(come.values())
    carrier = parts_of(ledger, "carrier")
    for stream in _between(("source", carrier), ("shop", shop), ledger.cells["kwh"]):
        if stream.origin[1] != "electricity" or whole <= 0:
            yield stream
            continue
        for flow, amount in come.items():
            yield Stream(("source", flow), stream.target, stream.kwh * amount / whole)


def _to_ends(accounts: Accounts, state: Names) -> Iterator[Stream]:
    kwh = accounts.ledger.cells["kwh"]
    for end, part in _ends(accounts).items():
        some = part != 0.0
        ends = np.full(np.count_nonzero(some), end, dtype=object)
        yield from _between(("state", state[some]), ("end", ends), kwh[some] * part[some])


def _ends(accounts: Accounts) -> dict[str, Floats]:
    """What part of each cell ends where, (n,); the parts of a cell sum to 1."""
    shares, pool = accounts.shares, accounts.shares.pool
    owner = accounts.fates.joined.owner()
    is_done = accounts.completed_ns > 0
    # Of what vehicles bear, the part of the completed ones: of a pool, of the vehicle at a cell.
    done = np.zeros(len(pool))
    pooled, own = pool >= 0, pool == OWN
    if shares.takers:
        done[pooled] = shares.of(np.flatnonzero(is_done[owner]))[pool[pooled]]
    done[own] = is_done[owner[accounts.ledger.cells["vehicle"][own]]]
    kept = np.where(pooled | own, 1.0 - accounts.handed - accounts.forfeited, 0.0)
    on_done = kept * done
    return {
        "direct": np.where(shares.direct, on_done, 0.0),
        "shared": np.where(shares.direct, 0.0, on_done) + accounts.handed,
        "wip": kept * (1.0 - done),
        "losses": np.where(pool == LOST, 1.0, 0.0) + accounts.forfeited,
        UNEXPLAINED: np.where(pool == NOT_EXPLAINED, 1.0, 0.0),
    }


def _between(left: tuple[str, Names], right: tuple[str, Names], kwh: Floats) -> Iterator[Stream]:
    """Sums of energy from each part of one column to each of another, by name."""
    sums: dict[tuple[str, str], list[float]] = {}
    parts = zip(left[1].tolist(), right[1].tolist(), kwh.tolist(), strict=True)
    for origin, target, amount in parts:
        sums.setdefault((origin, target), []).append(amount)
    for (origin, target), amounts in sorted(sums.items()):
        yield Stream((left[0], origin), (right[0], target), math.fsum(amounts))
