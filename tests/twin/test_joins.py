"""Parts and the vehicles that took them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.samples import Event
from tests.twin.rack_line import CAPACITY, Shop, rack_line, took
from twin.accounts import IN_PROGRESS, JOINED, export_columns
from twin.joins import part_stations
from twin.kernels import joining

LINE = rack_line()


def made(shop: Shop, variants: str, *, first: float = 0.0) -> None:
    """Parts P0, P1, ... of these variants, one a minute, in K1 for 40 s each."""
    for number, variant in enumerate(variants):
        begin = first + 60 * number
        shop.stay("K1", f"P{number}", variant, begin + 5, begin + 45)


def built(shop: Shop, variants: str, *, first: float, serial: int = 0) -> None:
    """Vehicles V0, V1, ... through S1 and S2, one a minute."""
    for number, variant in enumerate(variants):
        begin, name = first + 60 * number, f"V{number + serial}"
        shop.stay("S1", name, variant, begin, begin + 40)
        shop.stay("S2", name, variant, begin + 45, begin + 55)


def test_only_what_leads_to_a_join_makes_parts() -> None:
    assert part_stations(LINE) == {LINE.station_index["K1"]}


def test_parts_and_vehicles_meet_in_their_order() -> None:
    shop = Shop(LINE)
    shop.begin()
    made(shop, "abab")
    built(shop, "aba", first=50)
    accounts = shop.accounts(260)
    assert took(accounts) == {"P0": "V0", "P1": "V1", "P2": "V2"}


def test_variants_tell_how_many_lay_in_the_rack_at_the_begin() -> None:
    shop = Shop(LINE)
    shop.begin()
    made(shop, "aabbabb")
    built(shop, "baaabba", first=50)  # two took what lay there
    accounts = shop.accounts(500)
    assert took(accounts) == {f"P{n}": f"V{n + 2}" for n in range(5)}
    names = accounts.ledger.booked.vehicles
    whole = {name: bool(accounts.complete[v]) for v, name in enumerate(names)}
    assert not whole["V0"]
    assert not whole["V1"]
    assert whole["V2"]


def test_a_variant_that_no_part_is_made_for_takes_none() -> None:
    shop = Shop(LINE)
    shop.begin()
    made(shop, "abab")
    built(shop, "acbca", first=50)
    assert took(shop.accounts(400)) == {"P0": "V0", "P1": "V2", "P2": "V4"}


def test_a_blocked_last_station_tells_that_the_rack_is_full() -> None:
    shop = Shop(LINE)
    shop.begin()
    for number in range(5):  # of one variant: nothing else tells them apart
        leave = 100 + 60 * number
        shop.stay("K1", f"P{number}", "a", leave - 40, leave)
        shop.at(leave - 10, "K1.state", "blocked")
        shop.stay("S1", f"V{number}", "a", leave, leave + 40)
    # Each vehicle takes the first of a full rack, and lets the blocked part in.
    expected = {f"P{n}": f"V{n + CAPACITY}" for n in range(5 - CAPACITY)}
    assert took(shop.accounts(600)) == expected


def test_the_account_of_a_part_goes_to_its_vehicle() -> None:
    shop = Shop(LINE)
    shop.begin()
    made(shop, "ab")
    built(shop, "a", first=50)
    accounts = shop.accounts(150)
    rows = export_columns(accounts)
    figures = zip(rows["direct_kwh"], rows["evidence"], strict=True)
    by_name = dict(zip(rows["vehicle"], figures, strict=True))
    assert set(by_name) == {"V0", "P1"}  # P1 waits in the rack with an account of its own
    assert by_name["V0"][0] == pytest.approx(0.4 + 0.4 + 0.1)  # K1 40 s, S1 40 s, S2 10 s
    assert by_name["V0"][1] == "estimated"
    assert by_name["P1"][0] == pytest.approx(0.4)
    names = accounts.ledger.booked.vehicles
    assert accounts.state[names.index("P0")] == JOINED
    assert accounts.state[names.index("P1")] == IN_PROGRESS
    assert np.count_nonzero(accounts.in_progress) == 0
    assert np.count_nonzero(accounts.done) == 1


def test_a_part_in_the_rack_is_carried_to_the_next_log() -> None:
    first = Shop(LINE)
    first.begin()
    made(first, "ab")
    before = first.accounts(150)
    opening = before.closing()
    assert opening["P0"].station == "K1"
    second = Shop(LINE)
    second.begin(150)
    built(second, "ab", first=200)
    after = second.accounts(350, opening)
    assert took(after) == {"P0": "V0", "P1": "V1"}
    assert after.complete[list(after.ledger.booked.vehicles).index("V0")]
    assert after.sums_kwh()["wip_open"] == pytest.approx(before.sums_kwh()["wip_close"])


def test_after_a_gap_the_variants_find_the_order_again() -> None:
    shop = Shop(LINE)
    shop.begin()
    made(shop, "aab")
    built(shop, "aab", first=50)
    shop.event(300, Event.GAP_BEGIN)
    shop.event(600, Event.GAP_END)
    for number, variant in enumerate("abbaabab"):  # the first went into one that nobody saw
        shop.stay("K1", f"Q{number}", variant, 700 + 60 * number, 740 + 60 * number)
    for number, variant in enumerate("bbaabab"):
        shop.stay("S1", f"W{number}", variant, 810 + 60 * number, 850 + 60 * number)
    expected = {"P0": "V0", "P1": "V1", "P2": "V2"} | {f"Q{n + 1}": f"W{n}" for n in range(7)}
    assert took(shop.accounts(1400)) == expected


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    """Parts and vehicles at any times."""
    shop = Shop(LINE)
    shop.begin()
    for station, prefix in (("K1", "P"), ("S1", "V")):
        at = 0.0
        for number in range(draw(st.integers(0, 6))):
            at += draw(st.integers(0, 90))
            length = draw(st.integers(1, 60))
            variant = draw(st.sampled_from(("a", "b", "")))
            shop.stay(station, f"{prefix}{number}", variant, at, at + length)
            if prefix == "V" and draw(st.booleans()):
                shop.stay("S2", f"V{number}", variant, at + length, at + length + 5)
            at += length + 6
    return shop


@given(shop=shops())
def test_nothing_is_lost_and_no_part_is_taken_twice(shop: Shop) -> None:
    accounts = shop.accounts(1200)
    sums, metered = accounts.sums_kwh(), math.fsum(accounts.ledger.cells["kwh"])
    accounted = sums["on_vehicles"] + sums["wip_close"] - sums["wip_open"] + sums["losses"]
    assert accounted + sums["unexplained"] == pytest.approx(metered, rel=1e-9, abs=1e-9)
    found = took(accounts)
    assert len(set(found.values())) == len(found)
    assert all(part.startswith("P") and vehicle.startswith("V") for part, vehicle in found.items())


@given(
    cost=st.lists(st.lists(st.sampled_from((0.0, 1.0)), min_size=4, max_size=4), max_size=8),
    came=st.lists(st.integers(0, 3), min_size=8, max_size=8),
)
def test_the_kernel_is_its_reference(cost: list[list[float]], came: list[int]) -> None:
    table = np.array(cost).reshape(len(cost), 4)
    arrived, first = np.array(came[: len(cost)], np.int64), np.array([0.0, 0.25, 0.5, 0.75])
    reference = joining.racks_python(table, arrived, first)
    assert np.array_equal(joining.racks(table, arrived, first), reference)
