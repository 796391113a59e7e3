"""A session whose figures were booked: ten minutes of two stations through the mirror."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from data.factors import Books
from data.line import BookNames
from tests.twin.streams import one_vehicle, two_stations
from tests.ui.hand_made import HandSession
from twin.accounts import allot
from twin.ledger import close
from twin.mirror import Mirror
from twin.session import Result
from twin.view import snapshot

LINE = replace(two_stations(), targets={"jph": 54.0, "energy_per_vehicle": 1.0})
BOOKS = Books.load(BookNames(location="cn_grid_national"), None)


@cache
def result() -> Result:
    """A vehicle, a failure of each station, a gap."""
    stream = one_vehicle(LINE, gap=(300, 400), end=600)
    mirror = Mirror(LINE, BOOKS)
    mirror.advance(stream.block())
    ledger = close(mirror.booked())
    return Result(ledger, allot(ledger), "d1935")


def booked_session() -> HandSession:
    """Live, with the books behind its snapshot."""
    booked = result().ledger.booked
    session = HandSession(LINE, snapshot(booked, {}, 1))
    session.result = result()
    return session
