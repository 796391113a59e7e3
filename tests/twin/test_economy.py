"""Cost by band, carbon price, standard coal, carbon budget, media; what another book changes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.factors import Books
from data.line import BookNames, Line, Shift, TargetYear
from data.line_file import load_line
from tests.twin.supplied import LINE, ledger_of, under
from twin import book_notes, budget, coal, converters, cost, economy, report
from twin.accounts import allot
from twin.ledger import Ledger

NAMES = BookNames(location="cn_grid_national", tariff="cn_guangdong", carbon_price="cn_ets")
BOOKS = Books.load(NAMES, None)
FLAT = Books.load(replace(NAMES, tariff="cn_flat"), None)
NONE = Books.load(BookNames(location="cn_grid_national"), None)
GRID, PEAK, NORMAL, VALLEY = 0.5306, 1.215, 0.726, 0.293
DAY = 96
QUICK = settings(max_examples=15, deadline=None)


def day_of(kwh: float, books: Books, line: Line = LINE) -> Ledger:
    """A day that begins at 6:00 in Shanghai, with the same energy in each quarter of an hour."""
    return ledger_of({"GRID": [kwh] * DAY, "SHOP": [kwh] * DAY}, books, line)


def test_a_day_is_paid_by_its_bands() -> None:
    found = cost.cost(day_of(10.0, BOOKS))
    assert found is not None
    # March: valley 0 to 8, peak 10 to 12 and 14 to 19, no critical hours.
    assert {name: band.kwh for name, band in found.by_band.items()} == {
        "peak": pytest.approx(280.0),
        "flat": pytest.approx(360.0),
        "valley": pytest.approx(320.0),
    }
    assert found.total == pytest.approx(280 * PEAK + 360 * NORMAL + 320 * VALLEY)
    assert found.demand is not None
    assert found.demand.peak_kw == pytest.approx(40.0)
    assert found.demand.month_cost == pytest.approx(40.0 * 36.0)
    assert found.currency == "CNY"


def test_a_flat_price_is_one_band() -> None:
    found = cost.cost(day_of(10.0, FLAT))
    assert found is not None
    assert found.total == pytest.approx(960 * 0.7)
    assert found.demand is None


def test_without_a_tariff_there_is_no_cost() -> None:
    ledger = day_of(10.0, NONE)
    assert cost.cost(ledger) is None
    assert cost.carbon_cost(ledger) is None
    section = economy.cost_section(allot(ledger))
    assert section == {"currency": "CNY", "total": None, "carbon": None}


@QUICK
@given(st.lists(st.floats(500, 5000), min_size=4, max_size=4), st.floats(500, 5000))
def test_the_cells_sum_to_the_cost(bought: list[float], own: float) -> None:
    meters = {"GRID": bought, "PV": [own] * 4, "SHOP": [b + own for b in bought]}
    ledger = ledger_of(meters, BOOKS)
    found = cost.cost(ledger)
    assert found is not None
    assert found.total is not None
    money = cost.of_cells(ledger, ledger.cells)
    assert math.fsum(money) == pytest.approx(found.total, rel=1e-9)


def test_a_carbon_price_is_apart_from_the_cost() -> None:
    ledger = day_of(100.0, BOOKS)
    shadow = cost.carbon_cost(ledger)
    assert shadow is not None
    assert shadow.cost == pytest.approx(9600 * GRID / 1000 * 74.63)
    section = economy.cost_section(allot(ledger))
    assert section["total"] == pytest.approx(cost.cost(ledger).total)  # type: ignore[union-attr]
    assert section["carbon"]["shadow"]


def test_standard_coal_counts_water_but_no_air() -> None:
    meters = {"GRID": [100.0] * 4, "SHOP": [100.0] * 4, "AIR": [50.0] * 4, "WATER": [2.0] * 4}
    found = coal.standard_coal(ledger_of(meters, NONE))
    assert found.by_carrier == {
        "electricity": pytest.approx(400 * 0.1229),
        "water": pytest.approx(8 * 0.2571),
    }
    assert found.total == pytest.approx(400 * 0.1229 + 8 * 0.2571)


@QUICK
@given(
    st.lists(st.floats(500, 5000), min_size=4, max_size=4),
    st.lists(st.floats(500, 5000), min_size=4, max_size=4),
    st.lists(st.floats(100, 400), min_size=4, max_size=4),
)
def test_media_carry_their_input_and_no_more(
    bought: list[float], air: list[float], at_station: list[float]
) -> None:
    meters = {"GRID": bought, "SHOP": bought, "AIR": air, "AIR_S1": at_station}
    ledger = ledger_of(meters, NONE)
    (moved,) = converters.converted(ledger)
    assert moved.kept_kwh == 0.0
    assert math.fsum(u.kwh for u in moved.users) == pytest.approx(math.fsum(bought), rel=1e-9)
    assert math.fsum(u.kg for u in moved.users) == pytest.approx(math.fsum(bought) * GRID, rel=1e-9)
    assert math.fsum(u.amount for u in moved.users) == pytest.approx(math.fsum(air), rel=1e-9)
    at_s1 = next(user for user in moved.users if user.place == "S1")
    shares = [kwh * part / whole for kwh, part, whole in zip(bought, at_station, air, strict=True)]
    assert at_s1.kwh == pytest.approx(math.fsum(shares), rel=1e-6)
    assert at_s1.workshop == "shop"


def test_a_converter_without_output_keeps_its_input() -> None:
    (moved,) = converters.converted(ledger_of({"GRID": [10.0], "SHOP": [10.0]}, NONE))
    assert (moved.kwh, moved.kept_kwh, moved.users) == (pytest.approx(10.0),) * 2 + ((),)


def on_path(*shifts: Shift) -> Line:
    path = (
        TargetYear(year=2025, tco2e=8760.0, kgco2e_per_vehicle=400.0),
        TargetYear(year=2027, tco2e=4380.0, kgco2e_per_vehicle=None),
    )
    return replace(LINE, target_path=path, shifts=shifts)


def test_the_path_runs_straight_from_year_to_year() -> None:
    values = [budget.along_path(on_path(), y, lambda p: p.tco2e) for y in range(2024, 2029)]
    assert values == [8760.0, 8760.0, 6570.0, 4380.0, 4380.0]


def test_a_budget_by_time_burns_down_by_the_hour() -> None:
    line = on_path()
    found = budget.budget(allot(day_of(100.0, NONE, line)))
    assert found is not None
    assert (found.by, found.year, len(found.burn_down)) == ("time", 2026, 24)
    assert found.allowed_kg == pytest.approx(6570.0 * 1000 / 365)
    assert found.used_kg == pytest.approx(9600 * GRID)
    steps = np.diff([0.0, *(hour.used_kg for hour in found.burn_down)])
    assert steps.tolist() == pytest.approx([400 * GRID] * 24)


def test_a_budget_by_the_plan_is_due_while_work_is_planned() -> None:
    early = load_line("demo").shifts[0]  # 6:00 to 14:00 on every day
    line = on_path(early)
    found = budget.budget(allot(day_of(100.0, NONE, line)))
    assert found is not None
    assert found.by == "plan"
    # Every day of the year plans the same, so a day is due a day's part of the year.
    assert found.allowed_kg == pytest.approx(6570.0 * 1000 / 365)
    due = [hour.allowed_kg for hour in found.burn_down]
    assert due[7] == pytest.approx(found.allowed_kg)
    assert due[3] == pytest.approx(found.allowed_kg / 2)


def test_without_a_path_there_is_no_budget() -> None:
    assert budget.budget(allot(day_of(1.0, NONE))) is None


def test_the_difference_that_another_book_makes() -> None:
    own = allot(day_of(100.0, BOOKS))
    other = Books.load(replace(NAMES, location="cn_grid_jilin", tariff="cn_flat"), None)
    changed = replace(own, ledger=under(own.ledger, other))
    found = economy.against(own, changed)
    assert found["books"] == {
        "location": {"before": "cn_grid_national", "after": "cn_grid_jilin"},
        "tariff": {"before": "cn_guangdong", "after": "cn_flat"},
    }
    location = found["carbon_kg"]["location"]
    assert location["difference"] == pytest.approx(9600 * (0.4671 - GRID))
    assert found["cost"]["after"] == pytest.approx(9600 * 0.7)
    assert found["energy_kwh"]["difference"] == 0.0


def test_what_the_books_leave_open_is_said_once() -> None:
    line = load_line("demo")
    poor = Books.load(replace(line.books, market=None, tariff="cn_flat"), None)
    assert book_notes.of_line(line, Books.load(line.books, None)) == ()
    assert book_notes.of_line(line, poor) == ()
    euro = replace(line, plant=replace(line.plant, currency="EUR"))
    assert [note.kind for note in book_notes.of_line(euro, poor)] == ["other_currency"]
    early = ledger_of({"OUT": [10.0], "GRID": [10.0], "SHOP": [20.0]}, BOOKS)
    assert [note.kind for note in book_notes.of_ledger(early)] == ["storage_opening"]


def test_the_report_carries_all_of_it() -> None:
    ledger = day_of(10.0, BOOKS, on_path())
    found = report.build(ledger, allot(ledger), "0")
    assert {"cost", "kgce", "supply", "budget", "converted", "releases", "notes"} <= set(found)
    assert report.to_json(found) == report.to_json(report.build(ledger, allot(ledger), "0"))
