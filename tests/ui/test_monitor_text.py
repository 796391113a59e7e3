"""Values to text, the plan, marks of time, curves brought down: all without a window."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.line import Line
from tests.ui.hand_made import NS, SHIFT_NS, load_line, small_snapshot
from ui import text
from ui.plan import plan_now
from ui.reduce import Envelope
from ui.time_ticks import ago_marks, clock_marks

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (None, "kW", "–"),
        (float("nan"), "kW", "–"),
        (61.25, "kW", "61.2\u202fkW"),
        (-0.01, "kW", "0.0\u202fkW"),
        (-3.0, "kW", "−3.0\u202fkW"),
        (0.831, "1", "83.1\u202f%"),
        (959_637.2, "kWh", "959.6\u202fMWh"),
        (9_999.0, "kWh", "9,999.0\u202fkWh"),
        (84.0, "vehicles", "84\u202fvehicles"),
        (4711.0, "spots", "4,711.0\u202fspots"),
    ],
)
def test_a_quantity_has_its_unit_and_what_is_unknown_is_a_dash(
    value: float | None, unit: str, shown: str
) -> None:
    assert text.quantity(value, unit) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, "–"), (8, "8 s"), (125, "2:05 min"), (11_220, "3 h 07 min"), (1_051_200, "12 d 4 h")],
)
def test_durations(seconds: float | None, shown: str) -> None:
    assert text.duration(seconds) == shown


CHINESE = text.TimeForms(
    *("{n} 秒", "{m} 分 {s:02d} 秒", "{h} 小时 {m:02d} 分", "{d} 天 {h} 小时"),
    *("{n} 分钟", "{n} 小时"),
)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(8, "8 秒"), (125, "2 分 05 秒"), (11_220, "3 小时 07 分"), (1_051_200, "12 天 4 小时")],
)
def test_durations_in_the_forms_of_another_language(seconds: float, shown: str) -> None:
    assert text.duration(seconds, CHINESE) == shown
    assert text.age(0.25, CHINESE) == "0.2 秒"


@pytest.mark.parametrize(
    ("factor", "shown"),
    [(0.1, "0.1×"), (1.0, "1×"), (2.5, "2.5×"), (60.0, "60×"), (1e7, "10,000,000×"), (None, "max")],
)
def test_a_speed_is_written_out(factor: float | None, shown: str) -> None:
    assert text.speed(factor, "max") == shown


@given(st.floats(-1e9, 1e9))
def test_a_figure_reads_back(value: float) -> None:
    shown = text.number(value, 2).replace(",", "").replace(text.MINUS, "-")
    assert float(shown) == pytest.approx(value, abs=0.0051)
    assert shown != "-0.00"


def test_moments_stand_in_the_plants_time() -> None:
    assert text.clock(SHIFT_NS, SHANGHAI) == "06:00:00"
    assert text.moment(SHIFT_NS, SHANGHAI) == "2026-03-02 06:00:00"
    assert text.clock(0, SHANGHAI) == text.clock(None, SHANGHAI) == "–"


def test_only_the_end_of_a_long_vehicle_number_is_shown() -> None:
    assert text.short_vin("LGNCCU24WTG000083") == "…000083"
    assert text.short_vin("C-17") == "C-17"


def line_with_breaks() -> Line:
    """The small line with two breaks in its early shift, and 420 vehicles planned."""
    line = load_line("small")
    breaks = ((time(10), time(10, 15)), (time(12), time(12, 15)))
    early = replace(line.shifts[0], breaks=breaks, plan=420)
    return replace(line, shifts=(early, *line.shifts[1:]))


def test_the_plan_counts_working_time_only() -> None:
    line = line_with_breaks()
    # 06:00 to 10:30 holds the break from 10:00 to 10:15.
    now = plan_now(line, small_snapshot(line, 4 * 3600 + 1800))
    assert now is not None
    assert now.name == "early"
    assert now.left_s == 3.5 * 3600
    assert now.due == pytest.approx(420 * 4.25 / 7.5)
    assert not now.joined_late


def test_one_who_comes_late_is_held_to_what_was_due_since() -> None:
    line = line_with_breaks()
    snapshot = replace(small_snapshot(line, 5400), from_ns=SHIFT_NS + 3600 * NS)
    now = plan_now(line, snapshot)
    assert now is not None
    assert now.joined_late
    assert now.due == pytest.approx(420 * 0.5 / 7.5)
    assert now.done == 30


def test_between_shifts_there_is_no_plan() -> None:
    line = load_line("small")
    assert plan_now(line, small_snapshot(line, 17 * 3600)) is None


def test_a_live_axis_counts_back_to_now() -> None:
    assert ago_marks(-600, 0, 6) == [
        *((-600.0, "−10 min"), (-480.0, "−8 min"), (-360.0, "−6 min")),
        *((-240.0, "−4 min"), (-120.0, "−2 min"), (0.0, "0")),
    ]
    assert ago_marks(-3600, 0, 8)[0] == (-3600.0, "−1 h")
    assert [said for _, said in ago_marks(-7200, 0, 2, CHINESE)] == ["−2 小时", "−1 小时", "0"]


@given(
    st.integers(1_500_000_000, 1_900_000_000),
    st.floats(2.0, 4e8),
    st.integers(3, 14),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata"]),
)
def test_marks_lie_in_order_inside_the_axis_and_are_few(
    begin: int, span: float, most: int, zone: str
) -> None:
    marks = clock_marks(begin, begin + span, most, ZoneInfo(zone))
    places = [at for at, _ in marks]
    assert places == sorted(set(places))
    assert all(begin <= at <= begin + span for at in places)
    assert len(marks) <= most + 2


def test_a_year_has_its_months_marked_by_the_plants_calendar() -> None:
    seoul = ZoneInfo("Asia/Seoul")
    begin = datetime(2018, 1, 1, tzinfo=seoul).timestamp()
    marks = clock_marks(begin, begin + 365 * 86_400, 13, seoul)
    assert [said for _, said in marks] == [
        *(f"2018-{month:02d}" for month in range(1, 13)),
        "2019-01",
    ]
    first = datetime.fromtimestamp(marks[1][0], UTC).astimezone(seoul)
    assert (first.month, first.day, first.hour) == (2, 1, 0)


@given(
    st.lists(st.one_of(st.floats(0, 1e4), st.just(float("nan"))), min_size=1, max_size=4000),
    st.integers(2, 40),
)
def test_columns_keep_every_peak_and_every_hole(values: list[float], count: int) -> None:
    kw = np.array(values)
    curve = Envelope(kw).view(0, kw.size, count)
    drawn = curve.edge_y if curve.edge_y.size else curve.y
    assert drawn.size <= 4 * count + 8
    if np.isfinite(kw).any():
        assert np.nanmax(drawn) == np.nanmax(kw)
        assert np.nanmin(drawn) == np.nanmin(kw)
    else:
        assert np.isnan(drawn).all()


def test_few_buckets_are_steps_with_breaks() -> None:
    curve = Envelope(np.array([5.0, np.nan, 7.0])).view(0, 3, 100)
    assert curve.x.tolist() == [0, 1, 1, 2, 2, 3]
    np.testing.assert_array_equal(curve.y, [5, 5, np.nan, np.nan, 7, 7])


def test_a_year_keeps_its_single_peak() -> None:
    kw = np.full(3_153_600, 20.0)
    kw[2_000_001] = 628.7
    kw[1_000_000:1_100_000] = np.nan
    curve = Envelope(kw).view(0, kw.size, 1200)
    assert curve.top() == 628.7
    assert curve.edge_y.size <= 2500
    assert np.isnan(curve.y).sum() > 20
