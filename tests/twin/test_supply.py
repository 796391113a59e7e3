"""The electricity supply: one node, its mix by slot, what contracts cover, and its shares."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.factors import Books
from data.line import BookNames
from tests.twin.supplied import ledger_of, under
from twin import carbon, supply
from twin.accounts import allot
from twin.ledger import UNEXPLAINED, export_columns, negative_rests

NAMES = BookNames(
    location="cn_grid_national",
    market="cn_grid_national_residual",
    product="cn_electricity_footprint",
)
BOOKS = Books.load(NAMES, None)
GRID, RESIDUAL, FOOTPRINT, PV = 0.5306, 0.6096, 0.5777, 0.04
QUICK = settings(max_examples=15, deadline=None)
# A counter that leaps is in doubt (docs/ledger.md): these do not.
amounts = st.lists(st.floats(500, 5000), min_size=4, max_size=4)


def contracts(folder: Path, *tables: str, more: str = "") -> Books:
    """Books whose market book has contracts, and leaves the rest to the residual."""
    head = f"""
format = "greenline.factors/1"
[[book]]
id = "ours"
timezone = "Asia/Shanghai"
base = "cn_grid_national_residual"
{more}
"""
    rows = "".join(
        f'\n[[contract]]\nbook = "ours"\nsource = "invoice"\nevidence = "supplied"\n{table}\n'
        for table in tables
    )
    (folder / "ours.toml").write_text(head + rows, encoding="utf-8")
    return Books.load(replace(NAMES, market="ours.toml"), folder)


@QUICK
@given(amounts, amounts, amounts, amounts, amounts, amounts)
def test_whatever_the_meters_say_the_balance_closes_and_no_kg_is_lost(
    bought: list[float],
    own: list[float],
    taken: list[float],
    given_out: list[float],
    sold: list[float],
    used: list[float],
) -> None:
    meters = {"GRID": bought, "PV": own, "IN": taken, "OUT": given_out, "BACK": sold, "SHOP": used}
    ledger = ledger_of(meters, BOOKS)
    assert ledger.balance_error("electricity") <= 1e-9
    boundary = math.fsum(bought + own + given_out) - math.fsum(taken + sold)
    assert ledger.total_kwh("electricity") == pytest.approx(boundary, rel=1e-9, abs=1e-6)
    assert math.fsum(ledger.supply["kwh"]) == pytest.approx(boundary, rel=1e-9, abs=1e-6)
    for view in carbon.VIEWS:
        mix = supply.mix(ledger, view)
        kwh = mix.flows.kwh
        pv = PV if view == "product" else 0.0
        come = math.fsum(kwh["import"] * mix.purchased) + math.fsum(kwh["generate"]) * pv
        exported = math.fsum(kwh["export"] * mix.kg_per_kwh)
        held = mix.taken_kg - mix.given_kg
        kg = math.fsum(carbon.carbon_kg(ledger, view))
        assert kg + exported + held == pytest.approx(come, rel=1e-9, abs=1e-6)
        assert mix.closing_kg >= -1e-9


@QUICK
@given(amounts, amounts)
def test_what_no_sub_meter_accounts_for_is_on_no_vehicle(
    bought: list[float], used: list[float]
) -> None:
    accounts = allot(ledger_of({"GRID": bought, "PV": [1.0] * 4, "SHOP": used}, BOOKS))
    sums = accounts.sums_kwh()
    expected = math.fsum(bought) + 4.0 - math.fsum(used)
    assert sums["unexplained"] == pytest.approx(expected, rel=1e-9, abs=1e-6)
    account = sums["on_vehicles"] + sums["wip_close"] + sums["losses"] + sums["unexplained"]
    assert account == pytest.approx(math.fsum(bought) + 4.0, rel=1e-9, abs=1e-6)


def test_own_power_makes_no_rest_negative() -> None:
    ledger = ledger_of({"GRID": [0.0, 10.0], "PV": [40.0, 20.0], "SHOP": [40.0, 30.0]}, BOOKS)
    assert not len(negative_rests(ledger))
    places = export_columns(ledger)["station"]
    assert set(places) == {"SHOP", UNEXPLAINED}


def test_a_sub_meter_that_counts_more_than_the_supply_is_a_metering_fault() -> None:
    ledger = ledger_of({"GRID": [100.0] * 3, "SHOP": [120.0] * 3}, BOOKS)
    faults = negative_rests(ledger)
    assert faults["kwh"].tolist() == pytest.approx([-20.0] * 3)
    assert {ledger.place(int(place)) for place in faults["place"]} == {UNEXPLAINED}


def test_a_mute_grid_meter_leaves_no_mix() -> None:
    ledger = ledger_of({"PV": [40.0], "SHOP": [40.0]}, BOOKS)
    assert ledger.balance_error("electricity") <= 1e-9
    kg = carbon.by_scope(ledger, "location")["scope2"]
    assert kg == pytest.approx(40.0 * GRID)


def test_own_power_dilutes_its_slot_alone() -> None:
    meters = {"GRID": [75.0, 100.0], "PV": [25.0, 0.0], "SHOP": [100.0, 100.0]}
    ledger = ledger_of(meters, BOOKS)
    by_view = {view: supply.mix(ledger, view).kg_per_kwh.tolist() for view in carbon.VIEWS}
    assert by_view["location"] == pytest.approx([0.75 * GRID, GRID])
    assert by_view["market"] == pytest.approx([0.75 * RESIDUAL, RESIDUAL])
    assert by_view["product"] == pytest.approx([0.75 * FOOTPRINT + 0.25 * PV, FOOTPRINT])


def test_the_storage_gives_out_what_it_took_in() -> None:
    meters = {
        "GRID": [0.0, 100.0, 55.0],
        "PV": [200.0, 0.0, 0.0],
        "IN": [100.0, 0.0, 0.0],
        "OUT": [0.0, 0.0, 45.0],
        "SHOP": [100.0] * 3,
    }
    mix = supply.mix(ledger_of(meters, BOOKS), "location")
    assert mix.opening_kwh == 0.0
    assert mix.kg_per_kwh.tolist() == pytest.approx([0.0, GRID, 0.55 * GRID])


def test_what_the_storage_held_before_is_an_estimate() -> None:
    meters = {"GRID": [60.0], "OUT": [40.0], "SHOP": [100.0]}
    ledger = ledger_of(meters, BOOKS)
    mix = supply.mix(ledger, "location")
    assert (mix.opening_kwh, mix.opening_kg) == pytest.approx((40.0, 40.0 * GRID))
    assert mix.closing_kg == pytest.approx(0.0)
    assert carbon.has_estimated_factor(ledger, "location")


def test_contracts_cover_purchases_in_their_order(tmp_path: Path) -> None:
    green = 'id = "gec"\nkind = "certificate"\nshare = 0.25\nrenewable = true\n'
    green += 'from = 2026-01-01\nvalue = 0\nunit = "kgCO2e/kWh"'
    wind = 'id = "ppa"\nkind = "contract"\nkwh_per_year = 876000\nrenewable = true\n'
    wind += 'from = 2026-01-01\nvalue = 0.012\nunit = "kgCO2e/kWh"'
    ledger = ledger_of({"GRID": [100.0] * 4, "SHOP": [100.0] * 4}, BOOKS)
    books = contracts(tmp_path, green, wind)
    both = under(ledger, books)
    covers = supply.covered(both, supply.flows(both))
    # 876,000 kWh a year are 100 in an hour, a quarter of the 400 that were bought in it.
    assert [each.contract.id for each in covers] == ["gec", "ppa"]
    assert [each.share.tolist() for each in covers] == [pytest.approx([0.25] * 4)] * 2
    market = carbon.by_scope(both, "market")["total"]
    assert market == pytest.approx(400 * (0.25 * 0.012 + 0.5 * RESIDUAL))
    assert carbon.by_scope(both, "location") == carbon.by_scope(ledger, "location")
    assert supply.renewable_share(both) == pytest.approx(0.5)


def test_a_contract_holds_within_its_dates_and_never_covers_more_than_all(tmp_path: Path) -> None:
    late = 'id = "late"\nkind = "contract"\nshare = 1.0\nfrom = 2026-03-03\n'
    late += 'value = 0\nunit = "kgCO2/kWh"'
    most = 'id = "most"\nkind = "certificate"\nshare = 0.8\nfrom = 2026-01-01\nto = 2027-01-01\n'
    most += 'value = 0\nunit = "kgCO2/kWh"'
    rest = 'id = "seller"\nkind = "supplier"\nfrom = 2026-01-01\nvalue = 0.4\nunit = "kgCO2/kWh"'
    ledger = ledger_of({"GRID": [100.0], "SHOP": [100.0]}, contracts(tmp_path, late, most, rest))
    shares = {e.contract.id: e.share.tolist() for e in supply.covered(ledger, supply.flows(ledger))}
    assert shares == {"late": [0.0], "most": [0.8], "seller": [pytest.approx(0.2)]}
    assert carbon.by_scope(ledger, "market")["total"] == pytest.approx(100 * 0.2 * 0.4)


def test_shares_of_own_power(tmp_path: Path) -> None:
    meters = {"GRID": [50.0, 80.0], "PV": [60.0, 20.0], "BACK": [10.0, 0.0], "SHOP": [100.0] * 2}
    ledger = ledger_of(meters, BOOKS)
    assert supply.self_consumption(ledger) == pytest.approx(70 / 80)
    assert supply.renewable_share(ledger) == pytest.approx(70 / 200)
    sold = under(ledger, contracts(tmp_path, more="pv_certificates_sold = true"))
    assert supply.renewable_share(sold) == 0.0
    assert supply.self_consumption(ledger_of({"GRID": [1.0]}, BOOKS)) is None
    assert supply.renewable_share(ledger_of({"AIR": [1.0]}, BOOKS)) is None


def test_released_gas_is_scope_1_and_no_energy(tmp_path: Path) -> None:
    (tmp_path / "gas.toml").write_text(
        """
format = "greenline.factors/1"
[[book]]
id = "gas"
timezone = "Asia/Shanghai"
base = "cn_grid_national"
[[release]]
id = "refill"
book = "gas"
gas = "R134a"
kg = 2.0
date = 2026-03-02
source = "service sheet"
evidence = "supplied"
""",
        encoding="utf-8",
    )
    books = Books.load(replace(NAMES, location="gas.toml"), tmp_path)
    meters = {"GRID": [100.0] * 25, "SHOP": [100.0] * 25}
    ledger = ledger_of(meters, books)
    for view in carbon.VIEWS:
        scopes = carbon.by_scope(ledger, view)
        assert scopes["scope1"] == pytest.approx(2.0 * 1530)
    assert ledger.total_kwh("electricity") == pytest.approx(2500.0)
    before = {name: each[:20] for name, each in meters.items()}
    assert carbon.by_scope(ledger_of(before, books), "location")["scope1"] == pytest.approx(0.0)


def test_a_view_without_a_factor_stays_unknown_with_its_energy_booked() -> None:
    bare = Books.load(BookNames(), None)
    ledger = ledger_of({"GRID": [60.0], "PV": [40.0], "SHOP": [100.0]}, bare)
    assert np.isnan(carbon.by_scope(ledger, "market")["total"])
    assert ledger.total_kwh("electricity") == pytest.approx(100.0)
