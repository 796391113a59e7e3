"""The score against published tables: by hand-made ledgers."""

from __future__ import annotations

from typing import Any

import pytest

from data.factors import Books
from data.line import Line
from data.line_file import parse_line
from twin import score

LINE = """
format = "greenline.line/1"
[plant]
id = "hall"
timezone = "UTC"
[[workshop]]
id = "shop"
[[station]]
id = "S1"
workshop = "shop"
[[station]]
id = "S2"
workshop = "shop"
"""

METERS = """
GRID    electricity    counter kWh  plant          import   other          -
PV      electricity    counter MWh  plant          generate other          -
SHOP    electricity    counter kWh  workshop:shop  consume  welding        GRID
SHOP_P  electricity    power   kW   workshop:shop  consume  welding        GRID
LIGHT   electricity    power   W    workshop:shop  consume  lighting       SHOP
S1      electricity    counter Wh   S1             consume  painting       SHOP
S1_BACK electricity    counter Wh   S1             export   painting       SHOP
GAS     natural_gas    counter m3   plant          import   other          -
OVEN    natural_gas    counter m3   S2             consume  painting       GAS
AIR     compressed_air counter m3   plant          consume  compressed_air -
"""

AMOUNTS = {
    "GRID": ("kWh", 900.0),
    "PV": ("MWh", 0.1),
    "SHOP": ("kWh", 800.0),
    "SHOP_P": ("kWh", 9999.0),  # the counter settles the amount
    "LIGHT": ("kWh", 50.0),  # a power in W, its integral in kWh
    "S1": ("Wh", 300_000.0),
    "S1_BACK": ("Wh", 100_000.0),
    "GAS": ("m3", 100.0),
    "OVEN": ("m3", 60.0),
    "AIR": ("m3", 1e6),
}


def _line() -> Line:
    entries = []
    for row in METERS.strip().splitlines():
        name, carrier, kind, unit, covers, direction, use, parent = row.split()
        entry = f'[[meter]]\nid = "{name}"\ncarrier = "{carrier}"\nkind = "{kind}"\n'
        entry += f'unit = "{unit}"\ncovers = ["{covers}"]\ndirection = "{direction}"\n'
        entry += f'end_use = "{use}"\n' + ("" if parent == "-" else f'parent = "{parent}"\n')
        entries.append(entry)
    return parse_line(LINE + "\n".join(entries), "hall.toml")


def _records(line: Line, vehicles: int) -> list[dict[str, Any]]:
    carriers = {meter.id: meter.carrier for meter in line.meters}
    meters = [
        {"kind": "meter", "meter": name, "carrier": carriers[name], "unit": unit, "amount": amount}
        for name, (unit, amount) in AMOUNTS.items()
    ]
    others = [{"kind": "run"}, {"kind": "visit", "kwh": {"electricity": {"processing": 5.0}}}]
    return [*others, *({"kind": "vehicle", "good": True} for _ in range(vehicles)), *meters]


@pytest.fixture
def used() -> score.Usage:
    line = _line()
    return score.usage(line, _records(line, 4), Books.load(line.books, None))


def test_sub_meters_are_taken_from_their_parents_under_each_ones_end_use(used):
    kwh = {use: kwh for (use, carrier), kwh in used.kwh.items() if carrier == "electricity"}
    assert kwh["lighting"] == pytest.approx(50)
    assert kwh["painting"] == pytest.approx(300 - 100)  # gross, less what is fed back
    assert kwh["welding"] == pytest.approx(800 - 50 - 200)
    assert kwh["other"] == pytest.approx(900 + 100 - 800)


def test_end_uses_sum_to_the_boundary(used):
    electricity = used.per_vehicle((), ("electricity",)) * used.vehicles
    assert electricity == pytest.approx(900 + 100)


def test_gas_counts_by_its_heating_value(used):
    kwh_per_m3 = 38.931 / 3.6
    assert used.kwh["painting", "natural_gas"] == pytest.approx(60 * kwh_per_m3)
    assert used.kwh["other", "natural_gas"] == pytest.approx(40 * kwh_per_m3)


def test_what_is_made_from_energy_is_not_added(used):
    assert {carrier for _, carrier in used.kwh} == {"electricity", "natural_gas"}


def test_energy_is_per_completed_vehicle(used):
    assert used.per_vehicle(("painting",), ("electricity",)) == pytest.approx(200 / 4)


def test_without_vehicles_there_is_no_figure():
    line = _line()
    with pytest.raises(score.NoVehicleError, match="no vehicle"):
        score.usage(line, _records(line, 0), Books.load(line.books, None))


def _exactly(table: score.PublishedTable, factor: float) -> score.Usage:
    """A plant that uses each row's figure times a factor, a vehicle."""
    kwh: dict[tuple[str, str], float] = {}
    for row in table.rows[:-1]:
        assert row.published is not None
        kwh[row.end_uses[0], row.carriers[0]] = factor * row.published
    return score.Usage(kwh, 1)


@pytest.mark.parametrize(
    ("factor", "rows", "total"), [(1.0, True, True), (1.12, True, False), (0.84, False, False)]
)
def test_rows_agree_within_15_percent_and_their_total_within_10(factor, rows, total):
    scored = score.compare(score.GREET, _exactly(score.GREET, factor))
    assert all(each.within for each in scored[:-1]) == rows
    assert scored[-1].within == total
    assert scored[-1].deviation == pytest.approx(factor - 1)


def test_the_published_rows_sum_to_their_total():
    *rows, total = (row.published for row in score.GREET.rows)
    assert sum(rows) == pytest.approx(total, abs=1)


def test_process_and_other_lie_outside_the_published_sheet():
    kwh = dict(_exactly(score.GREET, 1.0).kwh)
    kwh["process", "electricity"] = kwh["other", "natural_gas"] = 500.0
    assert all(each.within for each in score.compare(score.GREET, score.Usage(kwh, 1)))


def test_the_gate_takes_all_end_uses_and_tells_electricity_from_the_rest():
    kwh = {("process", "electricity"): 600.0, ("other", "heat"): 300.0, ("x", "natural_gas"): 450.0}
    scored = {each.row.id: each for each in score.compare(score.GATE, score.Usage(kwh, 1))}
    assert {name: each.value for name, each in scored.items()} == {
        "electricity": 600,
        "fuels_heat": 750,
        "total": 1350,
    }
    assert {name for name, each in scored.items() if not each.within} == {"total"}


def test_several_runs_are_pooled_by_vehicle():
    one = score.Usage({("welding", "electricity"): 100.0}, 1)
    other = score.Usage({("welding", "electricity"): 100.0}, 3)
    assert score.pooled([one, other]).per_vehicle((), ("electricity",)) == 50


def test_the_text_names_what_is_missed():
    scored = score.compare(score.GREET, _exactly(score.GREET, 0.84))
    text = score.comparison_text(score.GREET, scored)
    assert text.count("missed") == len(score.GREET.rows)
    assert "-16.0%" in text
