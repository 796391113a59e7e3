"""Energy performance: baselines on shifts whose answer is known, and what makes none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.line_file import parse_line
from data.samples import Event
from tests.twin.streams import LINE as TEXT
from tests.twin.streams import T0, Stream, cut
from tests.twin.test_kpi import NO_BOOKS, basis_of, power, vehicles
from tests.twin.test_kpi_scopes import SHIFTS
from twin import enpi, least_squares
from twin.accounts import allot
from twin.enpi import Baseline, NoBaseline, Point
from twin.kpi import Basis
from twin.ledger import close
from twin.mirror import Mirror
from twin.report import build, iso_utc, to_json

SHIFT_NS = 8 * 3600 * 1_000_000_000
SECOND = 1_000_000_000


def point(number: int, kwh: float, outdoor_c: float | None = 20.0, **units: int) -> Point:
    begin = T0 + number * SHIFT_NS
    return Point("two", "early", begin, begin + SHIFT_NS, units, kwh, outdoor_c, 1.0)


def made(count: int, seed: int = 1, sd: float = 0.0) -> list[Point]:
    """E = 5000 + 6 a + 9 b + 300 HDD + 500 CDD, and noise."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        a, b = (int(x) for x in rng.integers(50, 300, 2))
        each = point(number, 0.0, float(rng.uniform(-10, 40)), a=a, b=b)
        hdd, cdd = enpi.heating_degree_days(each), enpi.cooling_degree_days(each)
        assert hdd is not None
        assert cdd is not None
        kwh = 5000 + 6 * a + 9 * b + 300 * hdd + 500 * cdd + float(rng.normal(0, 1)) * sd
        found.append(replace(each, kwh=kwh))
    return found


def fitted(points: Sequence[Point], drivers: Sequence[str] | None = None) -> Baseline:
    found = enpi.fit(points, drivers)
    assert isinstance(found, Baseline), found
    return found


def test_degree_days_are_of_the_mean_and_of_the_length() -> None:
    cold, hot = point(0, 0.0, 6.0), point(0, 0.0, 32.0)  # 8 h are a third of a day
    assert enpi.heating_degree_days(cold) == pytest.approx((18 - 6) / 3)
    assert enpi.cooling_degree_days(hot) == pytest.approx((32 - 26) / 3)
    assert enpi.heating_degree_days(hot) == 0
    assert enpi.heating_degree_days(point(0, 0.0, None)) is None


def test_an_exact_baseline_is_found() -> None:
    baseline = fitted(made(40))
    found = {term.driver: term.coefficient for term in baseline.terms}
    assert found == pytest.approx({"units:a": 6, "units:b": 9, "hdd": 300, "cdd": 500})
    assert baseline.base_kwh == pytest.approx(5000)
    assert baseline.r2 == pytest.approx(1)
    assert baseline.cv_rmse == pytest.approx(0, abs=1e-9)
    assert (baseline.shifts, baseline.left_out) == (40, ())


def test_a_regression_by_hand() -> None:
    """y = 1, 3, 2, 5, 7, 8 over x = 1 to 6: slope 25/17.5, residual variance by n - 2."""
    points = [point(i, kwh, None, a=i + 1) for i, kwh in enumerate((1.0, 3.0, 2.0, 5.0, 7.0, 8.0))]
    baseline = fitted(points)
    slope, mean_x, mean_y, sxx = 25 / 17.5, 3.5, 26 / 6, 17.5
    assert baseline.terms[0].coefficient == pytest.approx(slope)
    assert baseline.base_kwh == pytest.approx(mean_y - slope * mean_x)
    rest = sum(
        (y - baseline.base_kwh - slope * (i + 1)) ** 2 for i, y in enumerate((1, 3, 2, 5, 7, 8))
    )
    variance = rest / 4
    assert baseline.terms[0].standard_error == pytest.approx((variance / sxx) ** 0.5)
    assert baseline.base_standard_error == pytest.approx(
        (variance * (1 / 6 + mean_x**2 / sxx)) ** 0.5
    )
    assert baseline.cv_rmse == pytest.approx(variance**0.5 / mean_y)
    spread = sum((y - mean_y) ** 2 for y in (1, 3, 2, 5, 7, 8))
    assert baseline.r2 == pytest.approx(1 - rest / spread)
    assert dict(baseline.left_out).keys() == {"hdd", "cdd"}


def test_standard_errors_hold_what_they_promise() -> None:
    """Of 200 noisy baselines about 95 % hold the true figure within two standard errors."""
    truth = {"units:a": 6, "units:b": 9, "hdd": 300, "cdd": 500}
    held = []
    for seed in range(200):
        baseline = fitted(made(30, seed, sd=120.0))
        held += [
            abs(t.coefficient - truth[t.driver]) < 2 * t.standard_error for t in baseline.terms
        ]
    assert 0.92 < np.mean(held) < 0.98


def test_savings_sum_up_to_the_cusum() -> None:
    """After the baseline each shift saves 250 kWh; one of them says no temperature."""
    points = made(60)
    later = [replace(each, kwh=each.kwh - 250) for each in points[40:]]
    later[3] = replace(later[3], outdoor_c=None)
    baseline = fitted(points[:40])
    steps = enpi.cusum(baseline, later)
    assert [step.saving_kwh for step in steps if step.saving_kwh is not None] == pytest.approx(
        [250] * 19
    )
    assert steps[3].saving_kwh is None
    assert steps[3].predicted_kwh is None
    assert steps[3].cusum_kwh == steps[2].cusum_kwh == pytest.approx(750)
    assert steps[-1].cusum_kwh == pytest.approx(19 * 250)


def test_a_shift_beyond_what_the_baseline_saw_says_so() -> None:
    baseline = fitted(made(40))
    inside, far = point(50, 0.0, 15.0, a=150, b=150), point(51, 0.0, 15.0, a=900, b=150)
    new = point(52, 0.0, 15.0, a=150, b=150, c=10)
    steps = enpi.cusum(baseline, [inside, far, new])
    assert [step.within for step in steps] == [True, False, False]
    assert enpi.coverage(steps) == pytest.approx(1 / 3)
    assert enpi.coverage(()) is None


@pytest.mark.parametrize(
    ("points", "drivers", "said"),
    [
        (made(10), None, "10 shifts are too few for 5 coefficients: 15 are needed"),
        ([point(i, 5.0 + i, None, a=7) for i in range(20)], None, "nothing that drives energy"),
        (
            [point(i, 5.0 + i, None, a=7) for i in range(20)],
            ["units"],
            "units is the same in every",
        ),
        (
            [point(i, 5.0 + i, None, a=i, b=2 * i) for i in range(20)],
            None,
            "units:a, units:b change together and cannot be told apart",
        ),
        (
            [point(i, 5.0, None, a=i) for i in range(20)],
            None,
            "the energy is the same in every shift",
        ),
        (
            [point(i, 5.0 + i, None if i == 4 else float(i), a=i) for i in range(20)],
            ["units", "hdd"],
            "hdd is not known in 1 of 20 shifts",
        ),
    ],
)
def test_what_makes_no_baseline_is_said(
    points: list[Point], drivers: list[str] | None, said: str
) -> None:
    found = enpi.fit(points, drivers)
    assert isinstance(found, NoBaseline)
    assert said in found.reason


def test_an_unknown_driver_is_wrong_use() -> None:
    with pytest.raises(
        ValueError, match=r'driver "wind": must be units, units:VARIANT, hdd or cdd'
    ):
        enpi.fit(made(20), ["wind"])


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 4), st.integers(8, 40), st.integers(0, 2**32 - 1))
def test_least_squares_are_those_of_numpy(columns: int, rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(1000, 10, (rows, columns))
    y = rng.normal(0, 1, rows)
    found = least_squares.fit([list(map(float, column)) for column in x.T], [float(v) for v in y])
    design = np.column_stack([np.ones(rows), x])
    expected = np.linalg.lstsq(design, y, rcond=None)[0]
    assert [found.intercept, *found.coefficients] == pytest.approx(expected, rel=1e-5, abs=1e-6)
    covariance = np.linalg.inv(design.T @ design)
    assert np.asarray(found.covariance) == pytest.approx(covariance, rel=1e-3, abs=1e-9)


# --- from logs -------------------------------------------------------------------------------

OUTDOOR = """
[[signal]]
source = "plc"
for = "plant"
role = "outdoor_temperature"
node = "ns=2;s=outdoor"
unit = "degC"
"""
LINE = replace(parse_line(TEXT + OUTDOOR, "weather.toml"), shifts=SHIFTS)


def weather() -> Stream:
    """0 degC for 10 minutes, 12 for 20, 30 after that, beside the vehicles and the power."""
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    vehicles(stream)
    power(stream)
    for second, celsius in ((-1, 0.0), (600, 12.0), (1800, 30.0)):
        stream.at(second, "plant.outdoor_temperature", celsius)
    stream.at(900, "plant.outdoor_temperature", 99.0, status=0x80000000)  # bad
    stream.event(3600, Event.SESSION_END)
    return stream


def test_a_report_carries_its_shifts_points() -> None:
    basis = basis_of(weather(), LINE)
    report = json.loads(to_json(build(basis.ledger, basis.accounts, "d")))
    early, late = report["enpi"]
    assert (early["shift"], early["from"]) == ("early", "2026-03-01T22:00:00.000000Z")
    assert early["units"] == {"a": 3}
    assert early["kwh"] == pytest.approx(25)
    assert early["outdoor_c"] == pytest.approx((0 * 600 + 12 * 1200) / 1800)
    assert early["hdd_k_d"] == pytest.approx(10 * 0.5 / 24)
    assert late["outdoor_c"] == pytest.approx(30)
    assert late["cdd_k_d"] == pytest.approx(4 * 0.5 / 24)
    assert (late["hdd_k_d"], late["units"]) == (0, {})
    assert enpi.points_of([report]) == enpi.points(basis)


def test_shifts_that_two_logs_tell_count_once_and_in_order() -> None:
    short = replace(point(1, 5.0), to_ns=T0 + SHIFT_NS + SECOND)
    reports = [_report("two", point(1, 7.0), point(0, 3.0)), _report("two", short)]
    assert [each.kwh for each in enpi.points_of(reports)] == [3.0, 7.0]
    other = _report("small", point(3, 1.0))
    with pytest.raises(ValueError, match=r"several lines \(small, two\): a baseline is of one"):
        enpi.points_of([*reports, other])


def _report(line: str, *points: Point) -> dict[str, object]:
    rows = [
        {
            "shift": each.shift,
            "from": iso_utc(each.from_ns),
            "to": iso_utc(each.to_ns),
            "units": each.units,
            "kwh": each.kwh,
            "outdoor_c": each.outdoor_c,
            "measured_share": each.measured_share,
        }
        for each in points
    ]
    return {"line": line, "enpi": rows}


def test_the_mean_temperature_leaves_out_gaps_and_does_not_depend_on_blocks() -> None:
    stream = weather()
    stream.event(1900, Event.GAP_BEGIN)
    stream.event(2900, Event.GAP_END)
    stream.at(2900, "plant.outdoor_temperature", 20.0)
    found = []
    for sizes in ([], [3, 50, 1, 200, 7]):
        mirror = Mirror(LINE, NO_BOOKS)
        for block in cut(stream.block(), sizes):
            mirror.advance(block)
        ledger = close(mirror.booked())
        found.append(enpi.points(Basis(ledger, allot(ledger))))
    assert found[0] == found[1]
    assert found[0][1].outdoor_c == pytest.approx((30 * 100 + 20 * 700) / 800)
