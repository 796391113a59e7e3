"""A vehicle's number at two stations at once."""

from __future__ import annotations

import pytest

from data.samples import Event
from tests.twin.streams import T0, Stream, two_stations
from tests.twin.test_mirror import mirrored
from twin.mirror import Booked
from twin.sightings import TWICE, events

SECOND = 1_000_000_000


def booked(leaves_s: float, enters_s: float) -> Booked:
    """V1 leaves S1 and enters S2 at these seconds."""
    stream = Stream(two_stations())
    stream.event(0, Event.SESSION_BEGIN)
    stream.at(10, "S1.vehicle", "V1")
    for second, key, shown in sorted(
        [(leaves_s, "S1.vehicle", ""), (enters_s, "S2.vehicle", "V1")]
    ):
        stream.at(second, key, shown)
    stream.at(200, "S2.vehicle", "")
    stream.event(300, Event.SESSION_END)
    return mirrored([stream.block()], "python").booked()


def test_a_number_at_two_stations_is_told_once() -> None:
    (event,) = events(booked(100, 60))
    assert event.name == TWICE
    assert event.time_ns == T0 + 60 * SECOND
    assert event.about == "V1 S1 S2"
    assert event.count == pytest.approx(40.0)


@pytest.mark.parametrize("enters_s", [99.5, 100, 130])
def test_a_move_is_none(enters_s: float) -> None:
    assert events(booked(100, enters_s)) == []
