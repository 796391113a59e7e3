"""Studies: each cut, each column of the flow and each side of a comparison sums to its whole."""

from __future__ import annotations

import math

import pytest

from tests.twin.plant_runs import run_plant
from twin.accounts import Accounts, allot
from twin.ledger import PROCESSING
from twin.studies import energy, kpis, losses, vehicles
from twin.studies.streams import ENDS


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Accounts:
    """Half an hour of the small line."""
    return allot(run_plant(tmp_path_factory.mktemp("studied"), "small", 1800).ledger)


def test_every_cut_and_every_column_of_the_flow_sum_to_the_ledger(accounts: Accounts) -> None:
    found = energy.study(accounts)
    assert found is not None
    whole = math.fsum(accounts.ledger.cells["kwh"])
    for cut in found.cuts.values():
        assert math.fsum(cut.kwh.ravel()) == pytest.approx(whole, rel=1e-12)
    for column in ("source", "shop", "state"):
        kwh = [stream.kwh for stream in found.streams if stream.origin[0] == column]
        assert math.fsum(kwh) == pytest.approx(whole, rel=1e-9)
    assert math.fsum(found.place_kwh.ravel()) == pytest.approx(whole, rel=1e-12)


def test_the_ends_of_the_flow_are_those_of_the_report(accounts: Accounts) -> None:
    flow, sums = energy.study(accounts), accounts.sums_kwh()
    assert flow is not None
    ends = {end: math.fsum(s.kwh for s in flow.streams if s.target == ("end", end)) for end in ENDS}
    assert ends["direct"] + ends["shared"] == pytest.approx(sums["on_vehicles"], rel=1e-9)
    assert ends["wip"] == pytest.approx(sums["wip_close"], rel=1e-9)
    assert ends["losses"] == pytest.approx(sums["losses"], rel=1e-9, abs=1e-9)
    assert ends["unexplained"] == pytest.approx(sums["unexplained"], rel=1e-9, abs=1e-9)


def test_the_moments_of_all_losses_are_all_spells(accounts: Accounts) -> None:
    found = losses.study(accounts)
    assert found is not None
    index = accounts.ledger.line.station_index
    moments = found.moments([(index[loss.station], loss.cause) for loss in found.losses])
    assert len(moments) == len(found.spells)
    assert (moments["state"] != PROCESSING).all()


def test_a_side_of_a_comparison_is_the_vehicles_account(accounts: Accounts) -> None:
    booked = accounts.ledger.booked
    v = next(i for i in range(len(booked.vehicles)) if accounts.done[i])
    found = vehicles.compare(accounts, booked.vehicles[v], "nobody")
    assert found.right is None
    assert found.left is not None
    many = len(accounts.carriers)
    account = accounts.direct[v, :many].sum() + accounts.shared[v, :many].sum()
    assert found.left.total_kwh == pytest.approx(account, rel=1e-9)


def test_what_a_kpi_is_made_of_gives_its_value(accounts: Accounts) -> None:
    found = kpis.study(accounts)
    assert found is not None
    kwh, good = (each.value for each in found.inputs["energy_per_vehicle"])
    assert kwh is not None
    assert good
    assert kwh / good == pytest.approx(found.kpis["energy_per_vehicle"].value, rel=1e-9)
