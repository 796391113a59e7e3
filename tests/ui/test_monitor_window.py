"""What a person sees and does, on hand-made snapshots."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import looks
from tests.ui.conftest import Open
from tests.ui.hand_made import (
    NS,
    SHIFT_NS,
    HandBackend,
    HandSession,
    connection,
    live_session,
    replay_session,
    small_snapshot,
    steel_session,
    vin,
)
from tests.ui.plant import plant_session
from twin.kpi import KPIS
from twin.snapshot import Kpi
from ui import text
from ui.desk import Desk
from ui.screens.kpis import KpiBoard
from ui.screens.overview import Overview
from ui.screens.signals import Signals
from ui.screens.vehicles import Vehicles
from ui.theme import THEMES
from ui.widgets.table import ROW
from ui.widgets.tiles import KpiTile
from ui.window import Window
from ui.workspace import SCREENS, Workspace

NAMES = [name for name, _ in SCREENS]
MAKERS = {"live": live_session, "replay": replay_session, "steel": steel_session}


def workspace(window: Window) -> Workspace:
    assert window.workspace is not None
    return window.workspace


CTRL = Qt.KeyboardModifier.ControlModifier


def key(
    qtbot: QtBot, window: QWidget, which: Qt.Key, held: Qt.KeyboardModifier | None = None
) -> None:
    # Without a window manager a window that waits may lose its activation.
    window.activateWindow()
    QApplication.processEvents()
    qtbot.keyClick(window, which, held or Qt.KeyboardModifier.NoModifier)


def overview(window: Window) -> Overview:
    screen = workspace(window).screens["overview"]
    assert isinstance(screen, Overview)
    return screen


# What stays as it is in Chinese: units, ids, numbers of vehicles, addresses.
_SAME = re.compile(
    r"opc\.tcp\S+|nsu=\S+|[\w-]+\.glog|LGN\w+|[A-Z]+_?[A-Z]*\d*\.\w+|\b[EPG]_\w+|\bB0\d0\b|kWh|MWh|kW|"
    r"kg CO₂e|t CO₂e|\bSUV\b|Execute|UCI|OPC UA|plc|Weld spots|spots|Greenline|×|EN"
)


@pytest.mark.parametrize("mode", MAKERS)
def test_every_screen_speaks_both_languages(
    qtbot: QtBot, desk: Desk, show: Open, mode: str
) -> None:
    window = show(MAKERS[mode]())
    for name in NAMES:
        workspace(window).show_screen(name)
        english = looks.texts(window)
        assert not any(re.search("[\u4e00-\u9fff]", text) for text in english if text != "中文")
        desk.set_language("zh")
        workspace(window).bus.serve_now(again=True)
        chinese = looks.texts(window)
        left = [text for text in chinese if re.search("[A-Za-z]{3,}", _SAME.sub("", text))]
        assert left == [], name
        assert any(re.search("[\u4e00-\u9fff]", text) for text in chinese)
        desk.set_language("en")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("mode", MAKERS)
def test_nothing_is_cut_at_the_smallest_screen(
    qtbot: QtBot, desk: Desk, show: Open, mode: str, language: str
) -> None:
    desk.set_language(language)
    window = show(MAKERS[mode]())
    for name in NAMES:
        workspace(window).show_screen(name)
        if name == "vehicles" and mode != "steel":
            workspace(window).show_vehicle(vin(20))
        qtbot.wait(10)
        assert looks.cut(window) == [], name
    window.show_start()
    assert looks.cut(window) == []


@pytest.mark.parametrize("theme", THEMES)
def test_every_screen_opens_in_every_theme(show: Open, desk: Desk, theme: str) -> None:
    desk.set_theme(theme)
    window = show(live_session(failed="B040"))
    for name in NAMES:
        workspace(window).show_screen(name)
        assert not window.grab().isNull()
    assert desk.settings.word("theme", "") == theme


def test_texts_stand_out_from_what_is_behind_them() -> None:
    def light(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    pairs = [
        *(
            (ink, behind)
            for ink in ("ink", "soft")
            for behind in ("ground", "panel", "field", "rail")
        ),
        *(("alarm", "alarm_soft"), ("warn", "warn_soft"), ("warn", "panel"), ("alarm", "panel")),
        *(("on_accent", "accent"), ("on_replay", "replay"), ("on_simulation", "simulation")),
        ("ink", "accent_soft"),
    ]
    for tokens in THEMES.values():
        for front, behind in pairs:
            a, b = sorted((light(getattr(tokens, front)), light(getattr(tokens, behind))))
            assert (b + 0.05) / (a + 0.05) >= 4.5, (tokens.name, front, behind)


@pytest.mark.parametrize(
    ("mode", "word", "framed"),
    [("live", "LIVE", False), ("simulation", "SIM", False), ("replay", "REPLAY", True)],
)
def test_live_replay_and_simulation_cannot_be_mistaken(
    show: Open, mode: str, word: str, framed: bool
) -> None:
    session = replay_session() if mode == "replay" else live_session()
    session.mode = mode
    window = show(session)
    assert workspace(window).top.mode.text() == word
    assert word in window.windowTitle()
    frame = "#e09a10"
    left = workspace(window).stack.parentWidget()
    assert left is not None
    color = left.grab().toImage().pixelColor(1, 200).name()
    assert (color == frame) == framed
    assert (workspace(window).replay is not None) == framed


def test_the_top_bar_says_how_things_stand(show: Open) -> None:
    top = workspace(show(live_session(5400))).top
    assert top.name.full() == "Small body workshop"
    assert top.origin.full() == "opc.tcp://127.0.0.1:4840"
    assert top.connection.value.text() == "connected"
    assert top.age.value.text() == "0.2 s"
    assert top.clock.value.text() == "07:30:00"
    assert top.shift.value.text() == "Early shift, 6 h 30 min left"
    assert top.plan.value.text() == "84 / 83  ▼ −1"


def test_data_that_no_longer_come_are_greyed_and_named(qtbot: QtBot, show: Open) -> None:
    session = live_session()
    window = show(session)
    fresh = looks.texts(window)
    session.views = (connection("down", "no answer for 12 s"),)
    workspace(window).pulse()
    assert workspace(window).top.connection.value.text() == "down"
    assert workspace(window).top.connection.toolTip() == "no answer for 12 s"
    said = set(looks.texts(window)) - set(fresh)
    assert any("no fresh data" in text for text in said)


def test_without_a_connection_status_the_age_of_the_data_decides(show: Open) -> None:
    session = live_session(receive_ns=time.time_ns() - 30 * NS)
    session.views = ()
    window = show(session)
    workspace(window).pulse()
    assert workspace(window).top.connection.value.text() == "stale"
    assert workspace(window).top.age.value.text() in ("30 s", "31 s", "32 s")


def test_before_the_first_data_the_window_says_what_it_waits_for(show: Open) -> None:
    session = live_session()
    session.shown, later = None, session.shown
    session.views = (connection("connecting", "connection refused"),)
    window = show(session)
    assert "opc.tcp://127.0.0.1:4840" in workspace(window).waiting.text()
    assert "connection refused" in workspace(window).waiting.text()
    session.shown = later
    workspace(window).pulse()
    assert overview(window).isVisible()


def test_a_failure_is_shown_in_place_and_the_rest_stays(show: Open) -> None:
    session = live_session()
    window = show(session)
    session.failed = "the log's disk is full"
    workspace(window).pulse()
    assert workspace(window).fault.isVisible()
    assert "the log's disk is full" in workspace(window).fault.text()
    assert overview(window).isVisible()


def test_the_mimic_shows_states_vehicles_and_buffers(show: Open) -> None:
    window = show(live_session(5400, failed="B040"))
    said = looks.texts(window)
    for expected in ("B010", "Floor pan", "processing", "failed", "2:14", "…000086", "2/2", "0/1"):
        assert expected in said
    assert "● Sedan" in said


def test_the_mimic_repaints_only_what_changed(show: Open) -> None:
    session = live_session(5400)
    assert session.shown is not None
    still = tuple(replace(view, state_since_ns=None) for view in session.shown.stations)
    session.shown = replace(session.shown, stations=still)
    window = show(session)
    for _ in range(3):
        QApplication.processEvents()
    mimic = overview(window).mimic
    assert mimic is not None
    changed = replace(still[2], state="failed")
    session.shown = replace(session.shown, serial=2, stations=(*still[:2], changed, *still[3:]))
    drawn: list[str] = []
    real = mimic._draw_station
    mimic._draw_station = lambda p, station, box: (drawn.append(station), real(p, station, box))  # type: ignore[method-assign, assignment, func-returns-value]
    workspace(window).bus.serve_now()
    QApplication.processEvents()
    assert set(drawn) == {"B030"}


def test_a_click_on_a_station_leads_to_its_vehicle(qtbot: QtBot, show: Open) -> None:
    window = show(live_session(5400))
    mimic = overview(window).mimic
    assert mimic is not None
    x, y = mimic.box_of("B060").middle
    qtbot.mouseClick(mimic, Qt.MouseButton.LeftButton, pos=QPoint(int(x), int(y)))
    assert workspace(window).current == "vehicles"
    screen = workspace(window).screens["vehicles"]
    assert isinstance(screen, Vehicles)
    assert screen.detail.vin.text() == vin(84)
    key(qtbot, window, Qt.Key.Key_Escape)
    assert workspace(window).current == "overview"


def test_the_keyboard_walks_the_mimic(qtbot: QtBot, show: Open) -> None:
    window = show(live_session(5400))
    mimic = overview(window).mimic
    assert mimic is not None
    mimic.setFocus()
    for _ in range(2):
        qtbot.keyClick(mimic, Qt.Key.Key_Down)
    assert "B020 Side panels" in mimic.accessibleDescription()
    qtbot.keyClick(mimic, Qt.Key.Key_Return)
    # Nothing is in it: its signals instead.
    assert workspace(window).current == "signals"
    screen = workspace(window).screens["signals"]
    assert isinstance(screen, Signals)
    assert screen.search.text() == "B020"


def test_a_tile_says_value_target_verdict_and_evidence(show: Open) -> None:
    window = show(live_session(5400))
    tiles = overview(window).strip.tiles
    energy = tiles["energy_per_vehicle"].accessibleName()
    assert energy == "Energy per vehicle, 6.21\u202fkWh, target 4.50, above target, measured"
    jph = tiles["jph"].accessibleName()
    assert jph.endswith("target 54.0, on target, measured")
    said = looks.texts(overview(window).strip)
    assert {"above target", "below target", "estimated", "6.21", "88.7"} <= set(said)


@pytest.mark.parametrize(
    ("oee", "availability", "explained"),
    [(0.831, 0.904, False), (0.999, 0.754, True), (1.024, 1.1, True), (1.024, None, True)],
)
def test_an_oee_above_availability_is_explained(
    show: Open, oee: float, availability: float | None, explained: bool
) -> None:
    session = live_session(5400)
    assert session.shown is not None
    kpis = dict(session.shown.kpis)
    kpis["oee"] = replace(kpis["oee"], value=oee)
    kpis["availability"] = replace(kpis["availability"], value=availability)
    session.shown = replace(session.shown, kpis=kpis)
    window = show(session)
    tile = overview(window).strip.tiles["oee"]
    assert ("planned cycle" in tile.toolTip()) == explained
    assert ("ⓘ planned cycle" in looks.texts(window)) == explained
    workspace(window).show_screen("kpis")
    assert ("ⓘ planned cycle" in looks.texts(window)) == explained


def test_the_groups_of_kpis_follow_one_another_evenly(qtbot: QtBot, show: Open) -> None:
    window = show(steel_session())
    workspace(window).show_screen("kpis")
    board = workspace(window).screens["kpis"]
    assert isinstance(board, KpiBoard)
    qtbot.wait(10)
    head = next(label for label in looks.labels(board) if label.text() == "Carbon")
    above, under = board.tiles["energy_total"], board.tiles["carbon_total"]
    assert 0 < head.y() - above.geometry().bottom() < 20
    assert 0 < under.y() - head.geometry().bottom() < 20


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kpi_can_be_read_by_its_theme(
    qtbot: QtBot, show: Open, desk: Desk, language: str
) -> None:
    session = live_session(5400)
    assert session.shown is not None
    kpis = {
        id_: Kpi(id_, 12_345.67, each.unit, 12_000.0, "estimated") for id_, each in KPIS.items()
    }
    session.shown = replace(session.shown, kpis=kpis)
    desk.set_language(language)
    window = show(session)
    workspace(window).show_screen("kpis")
    board = workspace(window).screens["kpis"]
    assert isinstance(board, KpiBoard)
    qtbot.wait(10)
    assert list(board.tiles) == list(KPIS)
    assert looks.cut(board) == []
    seen = sorted(looks.labels(board), key=lambda label: (label.y(), label.x()))
    heads = [label.text() for label in seen]
    themes = ["Production", "Energy", "Quality", "Carbon"]
    assert heads == (themes if language == "en" else ["生产", "能源", "质量", "碳排放"])
    boxes = [tile.geometry() for tile in board.tiles.values()]
    assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_two_points_are_no_trend(show: Open, desk: Desk) -> None:
    tile = KpiTile(desk, "jph")
    tile.resize(200, 116)
    kpi = Kpi("jph", 54.0, "1/h", None, "measured")
    tile.show_kpi(kpi, [], stale=False)
    plain = tile.grab().toImage()
    tile.show_kpi(kpi, [1.0, 2.0], stale=False)
    assert tile.grab().toImage() == plain
    tile.show_kpi(kpi, [1.0, 2.0, 1.5], stale=False)
    assert tile.grab().toImage() != plain


def test_an_unknown_figure_is_a_dash_and_an_unknown_kpi_has_a_tile(show: Open) -> None:
    session = live_session(5400)
    assert session.shown is not None
    kpis = dict(session.shown.kpis)
    kpis["oee"] = replace(kpis["oee"], value=None, evidence=None)
    session.shown = replace(session.shown, kpis=kpis)
    window = show(session)
    assert overview(window).strip.tiles["oee"].accessibleName() == "OEE, –, no target"
    workspace(window).show_screen("kpis")
    assert "Weld spots" in looks.texts(window)


def test_the_drill_down_shows_the_visit_rows(qtbot: QtBot, show: Open) -> None:
    window = show(live_session(5400))
    key(qtbot, window, Qt.Key.Key_F8)
    screen = workspace(window).screens["vehicles"]
    assert isinstance(screen, Vehicles)
    qtbot.keyClicks(screen.search, "000030")
    qtbot.waitUntil(lambda: screen.model.row_total() == 1)
    cell = screen.table.visualRect(screen.model.index(0, 0)).center()
    qtbot.mouseClick(screen.table.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    assert screen.detail.vin.text() == vin(30)
    rows = screen.detail.visits
    assert [rows.index(row, 0).data() for row in range(rows.rowCount())] == [
        *("B010", "B020", "B030", "B040", "B050", "B060")
    ]
    first = [rows.index(0, column).data() for column in range(rows.columnCount())]
    assert first == ["B010", "06:30:00", "06:30:58", "54.0", "1.170", "0.780", "measured"]
    assert [total.figure.text() for total in screen.detail.totals][:3] == ["5.79", "0.87", "6.66"]
    assert "provisional" in screen.detail.facts.text()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("maker", [live_session, replay_session])
def test_the_vehicles_fit_the_smallest_screen(
    qtbot: QtBot, desk: Desk, show: Open, maker: Callable[[], HandSession], language: str
) -> None:
    desk.set_language(language)
    window = show(maker())
    workspace(window).show_vehicle(vin(17))
    screen = workspace(window).screens["vehicles"]
    assert isinstance(screen, Vehicles)
    # A scrapped vehicle has the most steps.
    assert screen._snapshot is not None
    table = replace(screen._snapshot.vehicles, scrap_kwh=np.full(len(screen._snapshot.vehicles), 1))
    stays = [visit for visit in screen._snapshot.visits if visit.vehicle == vin(17)]
    screen.detail.show_vehicle(table, 17, stays, False)
    qtbot.wait(10)
    for rows in (screen.table, screen.detail.table):
        assert not rows.horizontalScrollBar().isVisible()
        assert rows.viewport().height() % ROW == 0
    fall = screen.detail.waterfall
    assert not fall.visibleRegion().isEmpty()
    assert fall.visibleRegion().boundingRect().height() == fall.height()
    shown = [c for c in range(5) if not screen.table.isColumnHidden(c)]
    assert shown == [0, 1, 2, 3]


def test_a_wide_screen_shows_every_column_of_the_vehicles(qtbot: QtBot, show: Open) -> None:
    window = show(live_session())
    window.resize(1920, 1080)
    workspace(window).show_screen("vehicles")
    screen = workspace(window).screens["vehicles"]
    assert isinstance(screen, Vehicles)
    qtbot.wait(10)
    assert not any(screen.table.isColumnHidden(c) for c in range(11))
    assert not screen.table.horizontalScrollBar().isVisible()


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_whole_plant_is_seen_at_once(
    qtbot: QtBot, desk: Desk, show: Open, language: str, size: tuple[int, int]
) -> None:
    desk.set_language(language)
    session = plant_session()
    window = show(session)
    window.resize(*size)
    qtbot.wait(10)
    assert looks.cut(window) == []
    mimic = overview(window).mimic
    assert mimic is not None
    assert mimic.visibleRegion().boundingRect().size() == mimic.size()
    with looks.painted() as seen:
        mimic.relook()
        mimic.grab()
    said = {text for text, _ in seen}
    assert {station.id for station in session.line.stations} <= said
    assert {desk.name(shop.names) for shop in session.line.workshops} <= said


def test_a_long_route_is_summed_by_workshop_with_its_total_in_sight(
    qtbot: QtBot, show: Open
) -> None:
    window = show(plant_session())
    workspace(window).show_vehicle(vin(17))
    screen = workspace(window).screens["vehicles"]
    assert isinstance(screen, Vehicles)
    qtbot.wait(10)
    fall = screen.detail.waterfall
    said = looks.texts(fall)
    assert {"Stamping", "Body workshop", "Assembly workshop", "Total"} <= set(said)
    assert fall.visibleRegion().boundingRect().height() == fall.height()
    stays = screen.detail.table
    assert stays.model().rowCount() > 40
    assert not stays.horizontalScrollBar().isVisible()
    assert stays.viewport().height() % ROW == 0


def test_the_signals_screen_names_what_is_not_good(qtbot: QtBot, show: Open) -> None:
    window = show(live_session(5400))
    key(qtbot, window, Qt.Key.Key_F10)
    screen = workspace(window).screens["signals"]
    assert isinstance(screen, Signals)
    qtbot.mouseClick(screen.abnormal, Qt.MouseButton.LeftButton)
    assert screen.model.rowCount() == 2
    assert screen.connections.index(0, 2).data() == "connected"


def test_the_replay_bar_drives_the_transport(qtbot: QtBot, show: Open) -> None:
    session = replay_session(5400)
    transport = session.transport
    assert transport is not None
    window = show(session)
    bar = workspace(window).replay
    assert bar is not None
    start = transport.position_ns
    key(qtbot, window, Qt.Key.Key_Right)
    assert transport.position_ns == start + 60 * NS
    key(qtbot, window, Qt.Key.Key_Left)
    key(qtbot, window, Qt.Key.Key_Left)
    assert transport.position_ns == start - 60 * NS
    key(qtbot, window, Qt.Key.Key_Space)
    assert not transport.playing
    qtbot.mouseClick(bar.play, Qt.MouseButton.LeftButton)
    assert transport.playing
    bar.speed.setCurrentIndex(bar.speed.count() - 1)
    bar.speed.activated.emit(bar.speed.count() - 1)
    assert transport.speed is None
    middle = QPoint(bar.timeline.width() // 2, 12)
    qtbot.mouseClick(bar.timeline, Qt.MouseButton.LeftButton, pos=middle)
    assert transport.position_ns == pytest.approx(SHIFT_NS + 4 * 3600 * NS, abs=60 * NS)
    qtbot.keyClick(bar.timeline, Qt.Key.Key_Home)
    assert transport.position_ns == SHIFT_NS


def test_all_of_a_replay_shows_one_moment(show: Open) -> None:
    session = replay_session(5400)
    assert session.transport is not None
    # At high speed the reader is far ahead of what is booked, and snapshots come at every beat.
    session.transport.position_ns = session.transport.span_ns[1]
    window = show(session)
    space = workspace(window)
    bar, mimic = space.replay, overview(window).mimic
    assert bar is not None
    assert mimic is not None
    seen = set()
    for beat in range(1, 31):
        session.shown = small_snapshot(session.line, 5400 + 600 * beat, serial=1 + beat)
        space.bus.beat()
        space.pulse()
        begin_ns = overview(window).power.chart.range_s()[1] * NS
        assert bar.when.text() == space.top.clock.value.text()
        assert bar.when.text() == text.clock(mimic._time_ns, space.place.zone)
        assert bar.when.text() == text.clock(int(begin_ns), space.place.zone)
        seen.add(bar.when.text())
    assert len(seen) == 4


def test_a_sought_moment_is_marked_until_it_is_shown(show: Open) -> None:
    session = replay_session(5400)
    window = show(session)
    bar = workspace(window).replay
    assert bar is not None
    goal = SHIFT_NS + 2 * 3600 * NS
    bar.timeline.sought.emit(goal)
    assert bar.timeline.goal == goal
    assert bar.when.text() == "07:30:00"
    session.shown = small_snapshot(session.line, 6000, serial=2)
    workspace(window).bus.serve_now()
    assert bar.timeline.goal == goal
    session.shown = small_snapshot(session.line, 7200, serial=3)
    workspace(window).bus.serve_now()
    assert bar.timeline.goal is None
    assert bar.when.text() == "08:00:00"


def test_at_the_logs_end_a_replay_has_ended_and_plays_again(qtbot: QtBot, show: Open) -> None:
    session = replay_session(8 * 3600)
    transport = session.transport
    assert transport is not None
    assert transport.playing
    window = show(session)
    bar = workspace(window).replay
    assert bar is not None
    assert workspace(window).top.connection.value.text() == "ended"
    assert bar.play.accessibleName() == "Play (Space)"
    qtbot.mouseClick(bar.play, Qt.MouseButton.LeftButton)
    assert transport.position_ns == SHIFT_NS
    assert transport.playing


@pytest.mark.parametrize(
    ("speed", "said"),
    [(50.0, "50×"), (60.0, "60×"), (10_000_000.0, "10,000,000×"), (0.25, "0.25×"), (None, "max")],
)
def test_the_speed_that_runs_is_the_one_that_is_shown(
    show: Open, speed: float | None, said: str
) -> None:
    session = replay_session(5400)
    assert session.transport is not None
    session.transport.speed = speed
    bar = workspace(show(session)).replay
    assert bar is not None
    assert bar.speed.currentText() == said
    session.transport.set_speed(2.0)
    bar.refresh()
    assert bar.speed.currentText() == "2×"


def test_the_replay_bar_stays_on_every_screen(show: Open) -> None:
    window = show(replay_session())
    bar = workspace(window).replay
    assert bar is not None
    for name in NAMES:
        workspace(window).show_screen(name)
        assert bar.isVisible()


def test_a_plant_of_meters_only_has_a_sensible_overview(qtbot: QtBot, show: Open) -> None:
    window = show(steel_session())
    screen = overview(window)
    assert screen.mimic is None
    assert screen.points is not None
    assert screen.points.model.index(0, 0).data().startswith("E_PLANT")
    assert screen.strip.tiles["energy_total"].accessibleName().startswith("Energy, 959.6\u202fMWh")
    key(qtbot, window, Qt.Key.Key_F8)
    assert any("meters only" in text for text in looks.texts(window))


def test_keys_lead_to_every_screen(qtbot: QtBot, show: Open) -> None:
    window = show(live_session())
    for name, shown in (*SCREENS[1:], SCREENS[0]):
        key(qtbot, window, getattr(Qt.Key, f"Key_{shown}"))
        assert workspace(window).current == name
        assert workspace(window).rail.buttons[name].isChecked()
    key(qtbot, window, Qt.Key.Key_F, CTRL)
    assert workspace(window).current == "vehicles"
    key(qtbot, window, Qt.Key.Key_L, CTRL)
    qtbot.waitUntil(lambda: workspace(window).top.mode.text() == "实时")
    key(qtbot, window, Qt.Key.Key_F12)
    qtbot.waitUntil(lambda: window.workspace is None)
    assert window.start_page.isVisible()


def test_every_control_has_a_name_for_those_who_hear_it(show: Open) -> None:
    window = show(replay_session())
    for name in NAMES:
        workspace(window).show_screen(name)
        controls = [
            *looks.buttons(window),
            *looks.tables(window),
            *(w for kind in (QLineEdit, QComboBox, QSlider) for w in window.findChildren(kind)),
        ]
        silent = [w for w in controls if w.isVisible() and not (w.accessibleName() or _text(w))]
        assert [w for w in silent if w.objectName() != "_q_qlineeditclearaction"] == []


def _text(widget: QWidget) -> str:
    text = getattr(widget, "text", None)
    return str(text()) if callable(text) else widget.toolTip()


def test_the_demo_starts_as_the_card_says(qtbot: QtBot, show: Open, backend: HandBackend) -> None:
    backend.sessions = [live_session()]
    window = show(None)
    page = window.start_page
    page.speed.setCurrentIndex(4)
    page.scenario.setCurrentIndex(1)
    qtbot.mouseClick(page.demo.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.workspace is not None)
    assert backend.asked == [("demo", "small", 20.0, "server_restart")]


def test_what_cannot_be_opened_says_so_in_place(
    qtbot: QtBot, show: Open, backend: HandBackend, tmp_path: Path
) -> None:
    window = show(None)
    page = window.start_page
    page.endpoint.setText("http://plant")
    qtbot.mouseClick(page.live.go, Qt.MouseButton.LeftButton)
    assert "must begin with opc.tcp://" in page.live.fault.text()
    backend.fault = "bad.glog: not a shift log: its first bytes are not SQLite's"
    page.open_log(tmp_path / "bad.glog")
    qtbot.waitUntil(page.replay.fault.isVisible)
    assert "first bytes" in page.replay.fault.text()
    assert page.live.fault.isHidden()
    assert window.workspace is None
    assert page.replay.go.isEnabled()


def test_a_log_dropped_on_the_page_opens_and_is_remembered(
    qtbot: QtBot, show: Open, backend: HandBackend, tmp_path: Path
) -> None:
    backend.sessions = [replay_session()]
    log = tmp_path / "early.glog"
    log.write_bytes(b"x")
    window = show(None)
    page = window.start_page
    _drop(page, tmp_path / "notes.txt")
    assert "is not a shift log" in page.replay.fault.text()
    _drop(page, log)
    qtbot.waitUntil(lambda: window.workspace is not None)
    assert backend.asked == [("log", log)]
    window.show_start()
    assert "early.glog" in looks.texts(page)


def _drop(page: QWidget, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    page.dropEvent(
        QDropEvent(
            QPointF(50, 50),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


def test_leaving_a_session_stops_it(qtbot: QtBot, show: Open) -> None:
    session = live_session()
    window = show(session)
    window.show_start()
    thread = session.thread
    assert thread is not None
    qtbot.waitUntil(lambda: not thread.is_alive())


def test_nothing_is_drawn_again_while_the_snapshot_is_the_same(show: Open) -> None:
    session = live_session()
    window = show(session)
    screen = overview(window)
    served: list[int] = []
    screen.strip.show_snapshot = lambda s: served.append(s.serial)  # type: ignore[method-assign]
    for _ in range(40):
        workspace(window).bus.beat()
    assert served == []
    line = session.line
    session.shown = small_snapshot(line, 5460, serial=2)
    for _ in range(40):
        workspace(window).bus.beat()
    assert served == [2]


def test_a_screen_that_is_not_seen_is_not_served(show: Open) -> None:
    session = live_session()
    window = show(session)
    workspace(window).show_screen("kpis")
    workspace(window).show_screen("overview")
    board = workspace(window).screens["kpis"]
    served: list[int] = []
    board.show_snapshot = lambda s: served.append(s.serial)  # type: ignore[attr-defined]
    session.shown = small_snapshot(session.line, 5460, serial=2)
    for _ in range(40):
        workspace(window).bus.beat()
    assert served == []
    workspace(window).show_screen("kpis")
    assert served == [2]


def test_help_lists_the_keys_that_work(desk: Desk) -> None:
    from ui.help import Help, keys

    dialog = Help(desk)
    said = {label.text() for label in dialog.findChildren(QLabel)}
    assert {key for key, _ in keys()} <= said
    dialog.deleteLater()
