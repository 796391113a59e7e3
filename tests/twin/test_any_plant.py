"""The balance of any plant: whatever its meters cover, and whatever they say."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.factors import Books
from data.line import Line
from data.samples import Event
from tests.twin.any_plant import days
from tests.twin.streams import Stream, cut, two_stations
from twin.accounts import Accounts, allot
from twin.ledger import Ledger, close
from twin.mirror import Mirror

ANY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
RULES = st.sampled_from(("equal", "direct", "time"))


def ledger_of(stream: Stream, sizes: list[int], line: Line | None = None) -> Ledger:
    """The ledger of a stream that comes in pieces."""
    mirror = Mirror(line or stream.line, Books.load(stream.line.books, None))
    mirror.warm_up()
    for piece in cut(stream.block(), sizes):
        mirror.advance(piece)
    return close(mirror.booked())


def accounts_of(stream: Stream, rule: str) -> Accounts:
    line = replace(
        stream.line,
        allocation=replace(stream.line.allocation, idle=rule, base=rule, shared=rule, scrap=rule),
    )
    return allot(ledger_of(stream, [], line))


@ANY
@given(days())
def test_the_cells_sum_to_the_boundary(stream: Stream) -> None:
    ledger = ledger_of(stream, [])
    assert np.isfinite(ledger.cells["kwh"]).all()
    for carrier in ledger.carriers:
        assert ledger.balance_error(carrier) <= 1e-9


@ANY
@given(days(), RULES)
def test_every_kwh_is_on_a_vehicle_or_has_a_name(stream: Stream, rule: str) -> None:
    accounts = accounts_of(stream, rule)
    sums = accounts.sums_kwh()
    total = math.fsum(accounts.ledger.cells["kwh"])
    accounted = sums["on_vehicles"] + sums["wip_close"] - sums["wip_open"]
    accounted += sums["losses"] + sums["unexplained"]
    assert accounted == pytest.approx(total, rel=1e-9, abs=1e-9)


@ANY
@given(days(), st.lists(st.integers(0, 9), max_size=20))
def test_it_does_not_matter_how_samples_are_cut(stream: Stream, sizes: list[int]) -> None:
    whole, pieces = ledger_of(stream, []), ledger_of(stream, sizes)
    assert whole.cells.tobytes() == pieces.cells.tobytes()
    assert whole.booked.visits.tobytes() == pieces.booked.visits.tobytes()


def test_what_is_counted_in_the_last_instant_is_booked() -> None:
    stream = Stream(two_stations())
    for second, count in ((0, 0.3), (0.1, 0.2), (2400, 0.1)):
        stream.at(second, "FEED.value", count)
    stream.event(0, Event.SESSION_BEGIN)
    stream.event(2400, Event.SESSION_END)
    ledger = ledger_of(stream, [])
    assert math.fsum(ledger.cells["kwh"]) == pytest.approx(0.3)
    assert ledger.balance_error("electricity") <= 1e-9
