"""Work in progress: what it brought, what it carries on, and the balance of a log around it.

metered = on completed vehicles + closing WIP - opening WIP + losses + unexplained, by carrier in
kWh and by carbon view in kg CO2e. Parts that wait to be built in are in both accounts of the work
in progress, but are counted apart: they are no vehicles.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from twin import carbon
from twin.accounts import IN_PROGRESS, Accounts
from twin.sums import exact_sum

Floats = NDArray[np.float64]


def wip(accounts: Accounts) -> dict[str, object]:
    """The report's ``wip``; docs/report.md has its keys."""
    rows = {name: _row(accounts, i) for i, name in enumerate(_columns(accounts))}
    for carrier in accounts.carriers:
        rows[carrier]["metered"] = accounts.ledger.metered_kwh(carrier)
    for view in carbon.VIEWS:
        rows[view]["metered"] = exact_sum(carbon.carbon_kg(accounts.ledger, view))
    brought = np.array([name in accounts.carried for name in accounts.ledger.booked.vehicles], bool)
    waiting = accounts.state == IN_PROGRESS
    return {
        "opening": {name: rows[name]["wip_open"] for name in accounts.carriers},
        "closing": {name: rows[name]["wip_close"] for name in accounts.carriers},
        "change": {
            name: rows[name]["wip_close"] - rows[name]["wip_open"] for name in accounts.carriers
        },
        "count": _counts(brought & ~accounts.is_part, waiting & ~accounts.is_part),
        "parts": _counts(brought & accounts.is_part, waiting & accounts.is_part),
        "balance_kwh": {name: rows[name] for name in accounts.carriers},
        "balance_kg": {name: rows[name] for name in carbon.VIEWS},
        "provisional": not accounts.ledger.booked.ended,
        "overlap_s": _overlap_s(accounts),
    }


def _overlap_s(accounts: Accounts) -> float:
    """How far the log before reaches into this one [s]: 0, or they are in the wrong order."""
    seen_ns = max((each.seen_ns for each in accounts.carried.values()), default=0)
    booked = accounts.ledger.booked
    return max(0, seen_ns - booked.from_ns) / 1e9 if booked.begun else 0.0


def _columns(accounts: Accounts) -> tuple[str, ...]:
    return (*accounts.carriers, *carbon.VIEWS)


def _row(accounts: Accounts, column: int) -> dict[str, float]:
    done, total = accounts.completed_ns > 0, accounts.total[:, column]
    return {
        "on_vehicles": math.fsum(total[done]),
        "wip_open": math.fsum(accounts.opening[:, column]),
        "wip_close": math.fsum(total[~done]),
        "losses": float(accounts.losses[column]),
        "unexplained": float(accounts.unexplained[column]),
    }


def _counts(opening: NDArray[np.bool_], closing: NDArray[np.bool_]) -> dict[str, int]:
    return {"opening": int(np.count_nonzero(opening)), "closing": int(np.count_nonzero(closing))}
