"""Where energy comes from and where it goes: through shops and states to vehicles and losses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.line import CARRIERS, STATES
from twin import supply
from twin.accounts import Accounts
from twin.allotment import LOST
from twin.allotment import UNEXPLAINED as NOT_EXPLAINED
from twin.ledger import NO_STATE, PROCESSING, UNEXPLAINED, Ledger

PLANT = "plant"
SOURCES = ("import", "generate", "discharge")
ENDS = ("direct", "shared", "losses", "nobody", UNEXPLAINED)
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
    return np.array(names, dtype=object)[numbers]


def streams(accounts: Accounts) -> tuple[Stream, ...]:
    """The energy of a ledger's cells, each column of the picture the sum of all.

    Electricity comes from the grid, own generation and the storage in the parts that these had of
    what came in. It ends on vehicles, ``direct`` or ``shared``; as ``losses``, the cells of the
    Pareto (twin.losses), whoever bears them; on ``nobody`` by the rules of the line file; or
    ``unexplained``.
    """
    ledger = accounts.ledger
    shop, state = parts_of(ledger, "workshop"), parts_of(ledger, "state")
    kwh = ledger.cells["kwh"]
    found = [
        *_from_sources(ledger, shop),
        *_between(("shop", shop), ("state", state), kwh),
        *_between(("state", state), ("end", _ends(accounts)), kwh),
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


def _ends(accounts: Accounts) -> Names:
    """Where each cell ends, (n,)."""
    shares, cells = accounts.shares, accounts.ledger.cells
    at_station = cells["place"] < len(accounts.ledger.line.stations)
    found = np.full(len(shares.pool), "shared", dtype=object)
    found[at_station & (cells["state"] != PROCESSING)] = "losses"
    found[shares.direct] = "direct"
    found[shares.pool == LOST] = "nobody"
    found[shares.pool == NOT_EXPLAINED] = UNEXPLAINED
    return found


def _between(left: tuple[str, Names], right: tuple[str, Names], kwh: Floats) -> Iterator[Stream]:
    """Sums of energy from each part of one column to each of another, by name."""
    sums: dict[tuple[str, str], list[float]] = {}
    parts = zip(left[1].tolist(), right[1].tolist(), kwh.tolist(), strict=True)
    for origin, target, amount in parts:
        sums.setdefault((origin, target), []).append(amount)
    for (origin, target), amounts in sorted(sums.items()):
        yield Stream((left[0], origin), (right[0], target), math.fsum(amounts))
