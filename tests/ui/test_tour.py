"""The guided tour: told, leading somewhere, and saying what the twin has found."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

import main
from data.line_file import load_line
from plc_sim.scenario import bundled_scenarios
from tests.ui import looks
from tests.ui.conftest import Open
from tests.ui.hand_made import HandBackend, live_session
from tests.ui.ten_minutes import booked_session, result
from twin.answers import answers
from twin.clues import Clue
from ui.desk import Desk
from ui.tour import cost_text, found_text
from ui.workspace import SCREENS

UTC = ZoneInfo("UTC")


def test_every_scenario_of_the_plant_is_told_in_both_languages() -> None:
    line = load_line("demo")
    stories = {story.id: story for story in main._Backend().scenarios("demo")}
    assert set(stories) == set(bundled_scenarios())
    for story in stories.values():
        for names in (story.names, story.find, story.happens, *(x.names for x in story.look)):
            assert names.en
            assert names.zh
        assert story.look
        assert story.found
        for look in story.look:
            assert look.screen in dict(SCREENS)
            assert look.station is None or look.station in line.station_index


def test_a_story_on_the_start_page_begins_its_tour(
    qtbot: QtBot, show: Open, backend: HandBackend
) -> None:
    backend.sessions = [live_session()]
    window = show(None)
    link = next(b for b in window.start_page.tours.findChildren(QPushButton) if b.isVisible())
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.workspace is not None)
    assert backend.asked == [("demo", "small", 20.0, "server_restart")]
    assert window.workspace is not None
    tour = window.workspace.tour
    assert tour is not None
    assert tour.isVisible()
    assert "The server is gone for 15 seconds" in looks.texts(tour)
    qtbot.mouseClick(tour.looks[0], Qt.MouseButton.LeftButton)
    assert window.workspace.current == "signals"
    qtbot.mouseClick(tour.close_button, Qt.MouseButton.LeftButton)
    assert not tour.isVisible()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_twins_answers_are_told_with_their_cost(
    qtbot: QtBot, desk: Desk, show: Open, backend: HandBackend, language: str
) -> None:
    desk.set_language(language)
    window = show(None)
    window.watch(booked_session(), backend.scenarios("small")[0])
    assert window.workspace is not None
    tour = window.workspace.tour
    assert tour is not None
    tour._ask()
    qtbot.waitUntil(lambda: bool(tour.answers), timeout=60_000)
    found = tour.found.text()
    assert ("Gaps in the data: 1" if language == "en" else "数据缺口 1 次") in found
    assert looks.cut(tour) == []


def test_a_loss_is_told_with_minutes_energy_and_carbon() -> None:
    (loss,) = answers(result().accounts, [Clue("loss", station="S1", cause="failed")])
    assert found_text(loss, UTC).startswith("S1 failed: ")
    assert loss.cost is not None
    assert "kWh" in cost_text(loss.cost)
    assert "kg CO₂e" in cost_text(loss.cost)
    assert cost_text(loss.cost)[0] in "●◐"


def test_a_kpi_and_gaps_are_told_with_their_units() -> None:
    figure, gaps = answers(result().accounts, [Clue("kpi", kpi="energy_total"), Clue("gaps")])
    assert "kWh" in found_text(figure, UTC)
    assert found_text(gaps, UTC) == "Gaps in the data: 1, 1:40 min in all"


def test_what_is_not_found_is_no_answer() -> None:
    nothing = [Clue("watch"), Clue("kpi", kpi="no_such"), Clue("loss", station="S9")]
    assert answers(result().accounts, nothing) == ()
