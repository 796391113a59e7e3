"""A session whose figures were booked: ten minutes of two stations through the mirror."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from data.factors import Books
from data.line import BookNames
from data.samples import Event
from tests.twin.streams import Stream, two_stations
from tests.ui.hand_made import HandSession
from twin.accounts import allot
from twin.ledger import close
from twin.mirror import Mirror
from twin.session import Result
from twin.view import snapshot

LINE = replace(two_stations(), targets={"jph": 54.0, "energy_per_vehicle": 1.0})


@cache
def result() -> Result:
    """A vehicle, a failure of each station, a gap."""
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    for second, station in ((10, "S1"), (110, "S2")):
        stream.at(second, f"{station}.vehicle", "V1")
        stream.at(second, f"{station}.state", "processing")
        stream.at(second + 60, f"{station}.state", "failed")
        stream.at(second + 80, f"{station}.vehicle", "")
    for second in [*range(301), *range(400, 601)]:
        stream.at(second, "P1.value", 36.0)
        stream.at(second, "FEED.value", second * 0.0123)
    stream.event(300, Event.GAP_BEGIN)
    stream.event(400, Event.GAP_END)
    stream.event(600, Event.SESSION_END)
    mirror = Mirror(LINE, Books.load(BookNames(location="cn_grid_national"), None))
    mirror.advance(stream.block())
    ledger = close(mirror.booked())
    return Result(ledger, allot(ledger), "d1935")


def booked_session() -> HandSession:
    """Live, with the books behind its snapshot."""
    booked = result().ledger.booked
    session = HandSession(LINE, snapshot(booked, {}, 1))
    session.result = result()
    return session
