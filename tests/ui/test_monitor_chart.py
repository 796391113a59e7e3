"""The power chart: what is drawn, over seconds and over a year."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.ui.hand_made import NS, SHIFT_NS, load_line, small_snapshot, steel_session
from ui.desk import Desk, Place
from ui.ticks import Rate
from ui.widgets.power_chart import PowerChart, nice_top
from ui.widgets.power_panel import PowerPanel

LINE = load_line("small")


@pytest.fixture
def live(desk: Desk, qtbot: QtBot) -> PowerChart:
    return _chart(PowerChart(desk, Place.of(LINE), live=True), qtbot)


def _chart(chart: PowerChart, qtbot: QtBot) -> PowerChart:
    qtbot.addWidget(chart, before_close_func=lambda w: w.shut())
    chart.resize(900, 300)
    chart.show()
    return chart


def test_a_live_axis_never_moves(live: PowerChart) -> None:
    live.set_window("10min")
    live.show_snapshot(small_snapshot(LINE, 1800))
    before = live.range_s()
    live.show_snapshot(small_snapshot(LINE, 1860, serial=2))
    assert live.range_s() == before == (-600.0, 0.0)
    assert live.marks(-600, 0, 800)[-1] == (0.0, "now")


def test_the_axis_of_power_has_its_unit(live: PowerChart, desk: Desk) -> None:
    live.show_snapshot(small_snapshot(LINE, 1800))
    assert [said for _, said in live.levels] == ["0", "120", "240", "360", "480\u202fkW"]
    desk.set_language("zh")
    live.set_window("10min")
    assert live.marks(-600, 0, 800)[0] == (-600.0, "−10 分钟")


def test_the_line_breaks_where_no_data_came(live: PowerChart) -> None:
    live.set_window("1h")
    live.show_snapshot(small_snapshot(LINE, 3600, gap=(1200, 1500)))
    x, y = live.curve()
    hole = (x > -2400 + 1) & (x < -2100 - 1)
    assert hole.any()
    assert np.isnan(y[hole]).all()
    assert np.isfinite(y[~hole & (x < -2410)]).all()


def test_buckets_are_drawn_as_steps(live: PowerChart) -> None:
    live.set_window("10min")
    snapshot = small_snapshot(LINE, 1800)
    live.show_snapshot(snapshot)
    x, y = live.curve()
    assert (x[1::2][:-1] == x[2::2]).all()
    assert (y[0::2] == y[1::2]).all()


def test_points_are_shown_beside_the_total(live: PowerChart) -> None:
    live.show_snapshot(small_snapshot(LINE, 1800))
    live.set_points(["E_B030", "E_B010"])
    assert np.nanmax(live.curve("E_B030")[1]) == pytest.approx(120, abs=4)
    live.set_points(["E_B010"])
    assert not live.curve("E_B030")[0].size


def test_a_year_stands_in_the_plants_time_and_can_be_zoomed(desk: Desk, qtbot: QtBot) -> None:
    session = steel_session()
    snapshot = session.shown
    assert snapshot is not None
    kw = snapshot.power.total_kw.copy()
    kw[777_777] = 628.7
    snapshot = replace(snapshot, power=replace(snapshot.power, kw=kw[None], total_kw=kw))
    chart = _chart(PowerChart(desk, Place.of(session.line), live=False), qtbot)
    chart.show_snapshot(snapshot)
    begin, end = chart.range_s()
    assert end - begin == pytest.approx(365 * 86_400)
    assert chart.marks(begin, end, 1100)[0] == (begin, "2018-01")
    x, _ = chart.curve()
    assert x.size < 3000
    at = begin + 7_777_770
    chart.zoom(at - 300, at + 300)
    chart.show_snapshot(replace(snapshot, serial=2))
    x, y = chart.curve()
    assert chart.range_s() == (at - 300, at + 300)
    assert np.nanmax(y) == 628.7
    assert ((x > at - 400) & (x < at + 400)).all()


def test_choosing_a_window_after_a_zoom_follows_again(desk: Desk, qtbot: QtBot) -> None:
    place = Place.of(LINE)
    panel = PowerPanel(desk, place, live=False)
    qtbot.addWidget(panel, before_close_func=lambda w: w.chart.shut())
    panel.resize(900, 300)
    panel.show()
    panel.show_snapshot(small_snapshot(LINE, 3600))
    panel.chart.zoom(SHIFT_NS / NS + 60, SHIFT_NS / NS + 120)
    assert not any(button.isChecked() for button in panel.windows.buttons.values())
    panel.windows.buttons["10min"].click()
    begin, end = panel.chart.range_s()
    assert (begin, end) == (SHIFT_NS / NS + 3000, SHIFT_NS / NS + 3600)


@pytest.mark.parametrize(("value", "top"), [(0.0, 1.0), (0.9, 1.0), (437, 480), (12_100, 16_000)])
def test_scales_end_on_round_numbers(value: float, top: float) -> None:
    assert nice_top(value) == pytest.approx(top)


@pytest.mark.parametrize(("under", "rate"), [(False, Rate.CHARTS), (True, Rate.FOCUS)])
def test_only_the_chart_under_the_pointer_is_fast(
    live: PowerChart, monkeypatch: pytest.MonkeyPatch, under: bool, rate: Rate
) -> None:
    monkeypatch.setattr(live, "underMouse", lambda: under)
    assert live.rate() is rate
