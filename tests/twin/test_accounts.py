"""Who carries what: rework, scrap, what serves the whole plant, and when it is final."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.samples import Event
from tests.twin.rack_line import Shop, rack_line
from twin.accounts import GOOD, IN_PROGRESS, SCRAPPED, Accounts, allot
from twin.ledger import Ledger
from twin.studies.streams import ENDS, streams
from twin.wip import wip

LINE = rack_line()
WITH_REWORK = rack_line(rework=True)


def account(accounts: Accounts, name: str) -> tuple[float, float, float, int]:
    """direct, shared and scrap [kWh] and the state of a vehicle."""
    v = accounts.ledger.booked.vehicles.index(name)
    parts = (accounts.direct, accounts.shared, accounts.scrap)
    direct, shared, scrap = (float(part[v, 0]) for part in parts)
    return direct, shared, scrap, int(accounts.state[v])


def under(accounts: Accounts, **rules: str) -> Accounts:
    """The same under other rules."""
    ledger = accounts.ledger
    line = replace(ledger.line, allocation=replace(ledger.line.allocation, **rules))
    booked = replace(ledger.booked, line=line)
    return allot(Ledger(booked, ledger.cells, ledger.secondary))


def through(shop: Shop, name: str, begin: float, *, rejected: int = 0) -> None:
    """A vehicle is 40 s in S1 and 10 s in S2; ``rejected``: what S2 counts by then."""
    shop.stay("S1", name, "a", begin, begin + 40)
    shop.stay("S2", name, "a", begin + 45, begin + 55)
    if rejected:
        shop.at(begin + 54, "S2.reject_count", rejected)


def test_a_scrapped_vehicle_hands_its_direct_energy_to_the_good_ones() -> None:
    shop = Shop(LINE)
    shop.begin()
    for number in range(3):
        through(shop, f"V{number}", 10 + 60 * number, rejected=1 if number == 1 else 0)
    accounts = shop.accounts(250)
    assert account(accounts, "V1") == pytest.approx((0.5, 0.0, -0.5, SCRAPPED))
    direct, _, scrap, state = account(accounts, "V0")
    assert (direct, scrap, state) == pytest.approx((0.5, 0.25, GOOD))
    lost = under(accounts, scrap="direct")
    assert account(lost, "V0")[2] == 0.0
    assert lost.losses[0] - accounts.losses[0] == pytest.approx(0.5)


def reworked_shop() -> Accounts:
    """V0 is sent back from S2 and goes through both stations again; V1 comes between."""
    shop = Shop(WITH_REWORK)
    shop.begin()
    through(shop, "V0", 10, rejected=1)
    through(shop, "V1", 70)
    through(shop, "V0", 130)
    return shop.accounts(250)


def test_rework_is_direct_energy_that_all_good_vehicles_carry() -> None:
    accounts = reworked_shop()
    direct, _, scrap, state = account(accounts, "V0")
    assert (direct, state) == pytest.approx((1.0, GOOD))
    assert scrap == pytest.approx(-0.5 + 0.25)
    assert account(accounts, "V1")[2] == pytest.approx(0.25)
    assert account(under(accounts, scrap="direct"), "V0")[2] == 0.0
    assert int(accounts.reworked.sum()) == 1
    assert int(accounts.done.sum()) == 2


@pytest.mark.parametrize("rule", ["equal", "direct", "time"])
def test_the_flow_ends_where_the_accounts_say(rule: str) -> None:
    scrapped = Shop(LINE)
    scrapped.begin()
    through(scrapped, "V0", 10)
    through(scrapped, "V1", 70, rejected=1)
    scrapped.stay("S1", "V2", "a", 130, 170)
    for made in (scrapped.accounts(250), reworked_shop()):
        accounts = under(made, idle=rule, base=rule, shared=rule, scrap=rule)
        sums, ends = accounts.sums_kwh(), dict.fromkeys(ENDS, 0.0)
        for stream in streams(accounts):
            if stream.target[0] == "end":
                ends[stream.target[1]] += stream.kwh
        assert ends["direct"] + ends["shared"] == pytest.approx(sums["on_vehicles"])
        assert ends["wip"] == pytest.approx(sums["wip_close"])
        assert ends["losses"] == pytest.approx(sums["losses"])
        assert ends["unexplained"] == pytest.approx(sums["unexplained"])


def test_a_rejected_vehicle_that_goes_back_is_still_in_the_line() -> None:
    shop = Shop(WITH_REWORK)
    shop.begin()
    through(shop, "V0", 10, rejected=1)
    assert account(shop.accounts(100), "V0")[3] == IN_PROGRESS


def test_a_workshop_that_no_vehicle_goes_through_serves_the_whole_plant() -> None:
    shop = Shop(LINE)
    shop.begin()
    through(shop, "V0", 10)
    accounts = shop.accounts(100)
    _, shared, _, _ = account(accounts, "V0")
    # U1 all 100 s, and S1 and S2 outside processing; K1 made no part, so nobody takes it.
    assert shared == pytest.approx(1.0 + 0.6 + 0.9)
    assert accounts.losses[0] == pytest.approx(1.0)


def test_what_never_came_again_is_completed_as_an_estimate() -> None:
    first = Shop(LINE)
    first.begin()
    first.stay("S1", "GHOST", "a", 10, 20)
    opening = first.accounts(30).closing()
    second = Shop(LINE)
    second.begin()
    for number in range(3):
        through(second, f"V{number}", 100 + 60 * number)
    accounts = second.accounts(4000, opening)
    ghost = accounts.ledger.booked.vehicles.index("GHOST")
    assert accounts.completed_ns[ghost] > 0
    assert not accounts.complete[ghost]
    assert accounts.evidence[ghost, 0] == 1


def test_an_account_is_final_when_the_log_is_closed() -> None:
    shop = Shop(LINE)
    shop.begin()
    through(shop, "V0", 10)
    shop.stay("S1", "V1", "a", 80, 95)
    accounts = shop.accounts(100)
    assert accounts.final.tolist() == [True, False]
    still_open = replace(accounts.ledger.booked, ended=False)
    ledger = Ledger(still_open, accounts.ledger.cells, accounts.ledger.secondary)
    assert not allot(ledger).final.any()
    assert wip(allot(ledger))["provisional"] is True


def test_logs_in_the_wrong_order_are_seen() -> None:
    first = Shop(LINE)
    first.begin()
    first.stay("S1", "V0", "a", 10, 90)
    opening = first.accounts(100).closing()
    again = Shop(LINE)
    again.begin()
    assert wip(again.accounts(50, opening))["overlap_s"] == pytest.approx(90.0)


def test_a_gap_does_not_lose_the_balance() -> None:
    shop = Shop(WITH_REWORK)
    shop.begin()
    through(shop, "V0", 10, rejected=1)
    shop.event(70, Event.GAP_BEGIN)
    shop.event(100, Event.GAP_END)
    through(shop, "V0", 130)
    row = wip(shop.accounts(250))["balance_kwh"]["electricity"]  # type: ignore[index]
    accounted = row["on_vehicles"] + row["wip_close"] - row["wip_open"] + row["losses"]
    assert accounted == pytest.approx(row["metered"], rel=1e-9)
