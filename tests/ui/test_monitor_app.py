"""The whole program: every screen opened, a picture of each, and a clean end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Open
from ui import app
from ui.workspace import SCREENS

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
from pathlib import Path
from threading import active_count
from PySide6.QtCore import QSettings
from tests.ui.hand_made import HandBackend, live_session, steel_session
from ui import app
from ui.settings import Settings
kind, shot, store = sys.argv[1:4]
make = {"live": live_session, "steel": steel_session}
app.SETTLE_MS = 120
status = app.run(
    HandBackend(), opening=make[kind](), language="zh", sized=(1366, 768), shot=Path(shot),
    shot_after_s=0.3, settings=Settings(QSettings(store, QSettings.Format.IniFormat)),
)
assert active_count() == 1, "a thread is left"
sys.exit(status)
"""


def _run(kind: str, shot: Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, kind, str(shot), str(tmp_path / "s.ini")],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_screen_is_shot_and_the_program_ends_well(tmp_path: Path) -> None:
    done = _run("live", tmp_path / "{screen}.png", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    shots = sorted(path.stem for path in tmp_path.glob("*.png"))
    assert shots == sorted(name for name, _ in SCREENS)
    for path in tmp_path.glob("*.png"):
        assert (QImage(str(path)).width(), QImage(str(path)).height()) == (1366, 768)


def test_a_plant_of_meters_only_ends_well_too(tmp_path: Path) -> None:
    done = _run("steel", tmp_path / "shots" / "one.png", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert not QImage(str(tmp_path / "shots" / "one.png")).isNull()


def test_a_picture_that_cannot_be_written_is_said(qtbot: QtBot, show: Open, tmp_path: Path) -> None:
    window, faults = show(None), list[str]()
    (tmp_path / "file").write_text("")
    app.Camera(window, tmp_path / "file" / "no.png", faults).begin()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert len(faults) == 1
    assert "no.png: cannot be written" in faults[0]


def test_the_start_page_needs_neither_plots_nor_numba() -> None:
    code = (
        "import sys; import ui.app, ui.window;"
        "heavy = {'pyqtgraph', 'numba', 'opcua', 'sqlite_utils'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
