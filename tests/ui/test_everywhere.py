"""What holds on every screen, in both languages, all themes, at 1366 x 768 and at 200 %."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui import looks
from tests.ui.conftest import Open
from tests.ui.hand_made import HandSession, live_session, replay_session, vin
from tests.ui.plant import plant_session
from ui import words
from ui.desk import Desk
from ui.theme import THEMES
from ui.widgets.tiles import KpiTile
from ui.window import Window
from ui.workspace import SCREENS

ROOT = Path(__file__).parents[2]
NAMES = [name for name, _ in SCREENS]
MAKERS = {"live": live_session, "replay": replay_session, "plant": plant_session}


def walk(qtbot: QtBot, window: Window) -> list[tuple[str, str]]:
    """What is wrong with what can be seen, screen by screen."""
    workspace = window.workspace
    assert workspace is not None
    wrong: list[tuple[str, str]] = []
    for name in NAMES:
        workspace.show_screen(name)
        if name == "vehicles":
            workspace.show_vehicle(vin(20))
        qtbot.wait(20)
        wrong += [(name, f"cut: {text}") for text in looks.cut(window)]
        wrong += [(name, f"{a} lies on {b}") for a, b in looks.overlaps(window)]
        wrong += [(name, f"small: {text}") for text in looks.small(window)]
    return wrong


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("mode", MAKERS)
def test_nothing_is_cut_overlaps_or_is_hard_to_hit(
    qtbot: QtBot, desk: Desk, show: Open, mode: str, language: str
) -> None:
    desk.set_language(language)
    assert walk(qtbot, show(MAKERS[mode]())) == []


@pytest.mark.parametrize("theme", THEMES)
def test_no_theme_makes_a_text_too_wide(qtbot: QtBot, desk: Desk, show: Open, theme: str) -> None:
    desk.set_theme(theme)
    assert walk(qtbot, show(replay_session())) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_figure_says_its_unit_and_how_it_is_known(
    qtbot: QtBot, desk: Desk, show: Open, language: str
) -> None:
    desk.set_language(language)
    window = show(live_session())
    workspace = window.workspace
    assert workspace is not None
    for name in ("overview", "kpis"):
        workspace.show_screen(name)
        qtbot.wait(20)
        tiles = [tile for tile in window.findChildren(KpiTile) if tile.isVisible()]
        assert tiles
        snapshot = workspace.session.snapshot()
        assert snapshot is not None
        for tile in tiles:
            kpi = snapshot.kpis[tile.id]
            if kpi.value is not None:
                said = looks.texts(tile)
                assert words.evidence(kpi.evidence or "") in said, tile.id
                unit = "%" if kpi.unit == "1" else words.unit(kpi.unit)
                assert any(unit in text for text in said), tile.id


def test_columns_of_figures_name_their_unit(qtbot: QtBot, show: Open) -> None:
    window = show(live_session())
    workspace = window.workspace
    assert workspace is not None
    for name in NAMES:
        workspace.show_screen(name)
        if name == "vehicles":
            workspace.show_vehicle(vin(20))
        qtbot.wait(20)
        for table in looks.tables(window):
            assert looks.figures_without_unit(table) == [], name


SCALED = """
import sys
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot
from tests.ui.hand_made import HandBackend, replay_session
from tests.ui.test_everywhere import walk
from ui import app
from ui.desk import Desk
from ui.settings import Settings
from ui.window import Window

class Bot:
    def wait(self, ms):
        app.application().processEvents()

made = app.application()
desk = Desk(Settings(QSettings(sys.argv[2], QSettings.Format.IniFormat)))
desk.set_theme("light")
desk.set_language(sys.argv[1])
window = Window(desk, HandBackend())
window.resize(1366, 768)
window.show()
assert window.devicePixelRatio() == float(sys.argv[3]), window.devicePixelRatio()
window.watch(replay_session())
wrong = walk(Bot(), window)
window.close()
window.deleteLater()
made.processEvents()
for each in wrong:
    print(each)
sys.exit(len(wrong))
"""


@pytest.mark.parametrize("scale", ["1.5", "2"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_right_when_scaled(tmp_path: Path, language: str, scale: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCALED, language, str(tmp_path / "s.ini"), scale],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_the_window_comes_back_as_it_was(qtbot: QtBot, show: Open, desk: Desk) -> None:
    window = show(None)
    # Not larger than the screen that tests have, beyond which Qt would not restore it.
    window.setMinimumSize(300, 300)
    window.resize(640, 500)
    desk.set_language("zh")
    desk.set_theme("dark")
    window.close()
    kept = desk.settings
    assert (kept.word("language", ""), kept.word("theme", "")) == ("zh", "dark")
    again = show(None)
    again.setMinimumSize(300, 300)
    geometry = kept.geometry()
    assert geometry is not None
    assert again.restoreGeometry(geometry)
    assert (again.width(), again.height()) == (640, 500)


def test_a_screen_that_is_opened_again_is_there_at_once(qtbot: QtBot, show: Open) -> None:
    session: HandSession = live_session()
    workspace = show(session).workspace
    assert workspace is not None
    made = {name: workspace.opened(name) for name in NAMES}
    for name in NAMES:
        workspace.show_screen(name)
        assert workspace.stack.currentWidget() is made[name]
