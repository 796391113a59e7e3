"""What a session's books say to clues: losses, findings, the bottleneck, KPIs, gaps, with costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from twin import bottleneck, carbon, cost, kpi, losses
from twin.accounts import Accounts
from twin.bottleneck import Bottleneck
from twin.clues import Clue
from twin.decode import CARRIER_INDEX
from twin.kpi import Basis
from twin.ledger import Ledger
from twin.losses import Loss
from twin.snapshot import Kpi
from twin.watch import Finding, watch

HOUR_NS = 3_600_000_000_000
SHOWN = 2  # answers to one clue, those with the most energy first
_ELECTRICITY = "electricity"


@dataclass(frozen=True, slots=True)
class Cost:
    """Energy and its standard error [kWh], carbon by location [kg CO2e], money; None: unknown."""

    kwh: float | None
    kwh_error: float | None
    kg: float | None
    money: float | None
    currency: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Gaps:
    """How often, and how long [s], there were no data."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that was found, and what it cost; None where nothing can be said of that."""

    what: Loss | Finding | Bottleneck | Kpi | Gaps
    cost: Cost | None


def answers(accounts: Accounts, clues: Sequence[Clue]) -> tuple[Answer, ...]:
    """What was found so far of each clue, in their order. Takes a second or more for a shift."""
    ledger = accounts.ledger
    spells = losses.spells(ledger.booked)
    return tuple(found for clue in clues for found in _of(accounts, spells, clue))


def _of(accounts: Accounts, spells: NDArray[np.void], clue: Clue) -> Iterator[Answer]:
    ledger = accounts.ledger
    match clue.by:
        case "loss":
            yield from islice(_losses(ledger, spells, clue), SHOWN)
        case "watch":
            yield from islice(_findings(ledger, clue), SHOWN)
        case "bottleneck":
            yield from _bottleneck(ledger, spells)
        case "kpi":
            figure = kpi.all_kpis(Basis(ledger, accounts)).get(clue.kpi or "")
            if figure is not None:
                yield Answer(figure, None)
        case _:
            yield Answer(_gaps(ledger), None)


def _losses(ledger: Ledger, spells: NDArray[np.void], clue: Clue) -> Iterator[Answer]:
    for loss in losses.pareto(ledger, spells, None, cost.of_cells):
        if clue.station in (None, loss.station) and clue.cause in (None, loss.cause):
            kg, currency = loss.kg["location"], _currency(ledger)
            spent = Cost(loss.total_kwh, None, kg, loss.money, currency, loss.evidence)
            yield Answer(loss, spent)


def _findings(ledger: Ledger, clue: Clue) -> Iterator[Answer]:
    wanted = [each for each in watch(ledger.booked) if clue.carrier in (None, each.carrier)]
    for finding in sorted(wanted, key=lambda each: (-(each.kwh or 0.0), each.place)):
        yield Answer(finding, _at_mean_factors(ledger, finding))


def _at_mean_factors(ledger: Ledger, finding: Finding) -> Cost:
    """A finding's energy at what a kWh of its carrier meant on average since the begin.

    What is made from another carrier (compressed air) is told in the electricity that made it.
    """
    carrier = finding.carrier if finding.carrier in ledger.carriers else _ELECTRICITY
    cells = ledger.cells[ledger.cells["carrier"] == CARRIER_INDEX[carrier]]
    kwh = math.fsum(cells["kwh"])
    share = 0.0 if not kwh or finding.kwh is None else finding.kwh / kwh
    kg = math.fsum(carbon.kg_of_cells(ledger, cells, "location")) * share
    money = math.fsum(cost.of_cells(ledger, cells)) * share
    return Cost(
        kwh=finding.kwh,
        kwh_error=finding.kwh_error,
        kg=_known(kg),
        money=_known(money),
        currency=_currency(ledger),
        evidence="estimated",
    )


def _bottleneck(ledger: Ledger, spells: NDArray[np.void]) -> Iterator[Answer]:
    """That of the last hour, and what waiting for it has cost."""
    booked = ledger.booked
    since_ns = max(booked.from_ns, booked.to_ns - HOUR_NS)
    found = bottleneck.find(booked, spells, since_ns, booked.to_ns)
    if found.station is not None:
        waited = _losses(ledger, spells, Clue("loss", station=found.station, cause="cycle"))
        yield Answer(found, next((each.cost for each in waited), None))


def _gaps(ledger: Ledger) -> Gaps:
    booked = ledger.booked
    lasted = [(gap.to_ns or booked.to_ns) - gap.from_ns for gap in booked.gaps]
    return Gaps(len(lasted), sum(lasted) / 1e9)


def _currency(ledger: Ledger) -> str:
    return ledger.booked.books.currency or ledger.line.plant.currency


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
