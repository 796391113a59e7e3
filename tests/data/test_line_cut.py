"""A line without the meters of its stations."""

from __future__ import annotations

import pytest

from data.line_cut import with_feeders_alone
from data.line_file import load_line


@pytest.fixture(scope="module", params=["small", "demo"])
def pair(request):
    whole = load_line(request.param)
    return whole, with_feeders_alone(whole)


def test_what_is_left_meters_workshops_and_the_plant(pair):
    whole, line = pair
    covers = {cover for meter in line.meters for cover in meter.covers}
    assert covers
    assert all(cover == "plant" or cover.startswith("workshop:") for cover in covers)
    kept = [m for m in whole.meters if all(c == "plant" or ":" in c for c in m.covers)]
    assert list(line.meters) == kept


def test_the_boundary_stays_and_every_parent_is_there(pair):
    whole, line = pair
    boundary = [point for point in whole.points if point.boundary]
    assert [point for point in line.points if point.boundary] == boundary
    ids = {point.id for point in line.points}
    assert {point.parent for point in line.points} <= ids | {None}


def test_signals_are_numbered_anew_and_otherwise_as_they_were(pair):
    whole, line = pair
    assert [signal.index for signal in line.signals] == list(range(len(line.signals)))
    by_key = {signal.key: signal for signal in whole.signals}
    assert all(by_key[s.key].node == s.node for s in line.signals)
    meters = {meter.id for meter in line.meters}
    ours = [s for s in whole.signals if s.subject_kind != "meter" or s.subject in meters]
    assert [s.key for s in line.signals] == [s.key for s in ours]


def test_converters_stay_where_their_meters_do(pair):
    _, line = pair
    ids = {meter.id for meter in line.meters}
    assert all(ids.issuperset(c.inputs + c.outputs) for c in line.converters)


def test_stations_and_flow_are_untouched(pair):
    whole, line = pair
    assert (line.stations, line.edges, line.workshops) == (
        whole.stations,
        whole.edges,
        whole.workshops,
    )
