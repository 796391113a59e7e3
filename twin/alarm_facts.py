"""What the books say that calls for somebody: facts for the alarms, from what was booked.

Slower to draw up than a screen is drawn, so a session does it aside, every few minutes of the
plant's time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from twin.accounts import Opening, allot
from twin.alarm_senses import Value
from twin.budget import budget
from twin.ledger import close, negative_rests
from twin.meters import Estimates
from twin.mirror import Booked
from twin.watch import watch

EVERY_NS = 300_000_000_000  # the residual watch looks no oftener
Facts = Mapping[str, Mapping[str, Value]]


def facts(booked: Booked, opening: Mapping[str, Opening], estimates: Estimates) -> Facts:
    """Kind: {source: value}, of the kinds that rest on the books.

    residual: place and extra power now [kW], while it goes on. negative_rest: metering point and
    kWh below nothing. meter_backwards: the meter. carbon_budget: the part of the allowed kg that
    was used, where more was. A kind with nothing is there, and empty.
    """
    ledger = close(booked, estimates)
    line = ledger.line
    rests: dict[str, list[float]] = {}
    for cell in negative_rests(ledger):
        rests.setdefault(line.points[int(cell["point"])].id, []).append(float(cell["kwh"]))
    used = budget(allot(ledger, opening))
    over = {} if used is None else _over(used.used_kg, used.allowed_kg)
    return {
        "residual": {f.place: f.kw for f in watch(booked) if f.until_ns is None},
        "negative_rest": {point: math.fsum(kwh) for point, kwh in rests.items()},
        "meter_backwards": {line.signals[i].subject: None for i in sorted(booked.negative_signals)},
        "carbon_budget": over,
    }


def _over(used_kg: float, allowed_kg: float) -> dict[str, Value]:
    """The share of a budget that was used, where it is more than all of it."""
    return {"": used_kg / allowed_kg} if allowed_kg > 0 and used_kg > allowed_kg else {}
