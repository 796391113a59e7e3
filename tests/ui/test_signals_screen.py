"""Signals: how good each is, and in words why it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from data.line import Line
from tests.ui import looks
from tests.ui.conftest import Open
from tests.ui.hand_made import NS, SHIFT_NS, HandSession, connection, live_session, load_line
from twin.snapshot import SignalView
from ui.screens.signals import Signals
from ui.signal_state import SignalJudge
from ui.window import Window

NOW = SHIFT_NS + 3600 * NS
KEY = "P_B010.value"


def line_with(**changes: object) -> Line:
    line = load_line("small")
    signals = tuple(
        replace(s, **changes) if s.key == KEY else s  # type: ignore[arg-type]
        for s in line.signals
    )
    return replace(line, signals=signals)


def view(quality: str = "good", age_s: float = 1.0, text: str | None = "71.5") -> SignalView:
    at = None if quality == "missing" else NOW - int(age_s * NS)
    return SignalView(KEY, text, "kW", at, quality)


def told(
    line: Line, shown: SignalView, *, state: str = "live", reason: str = ""
) -> tuple[str, str]:
    judge = SignalJudge(line)
    judge.take_connections((connection(state, reason),))
    judge.take((shown,), NOW)
    found = judge.state(shown)
    return found.quality, found.reason


@pytest.mark.parametrize(
    ("quality", "reason"),
    [
        ("lost", "does not know this node"),
        ("refused", "no finite number"),
        ("bad", "Marked as bad"),
        ("uncertain", "Marked as uncertain"),
    ],
)
def test_what_is_not_good_says_why(quality: str, reason: str) -> None:
    found, said = told(load_line("small"), view(quality))
    assert found == quality
    assert reason in said


def test_what_is_missing_may_be_missing_by_its_connection() -> None:
    line = load_line("small")
    assert "not sent a value yet" in told(line, view("missing"))[1]
    down = told(line, view("missing"), state="down", reason="no answer for 12 s")[1]
    assert down == "Its source is down: no answer for 12 s"
    assert "No source of the line file" in told(line_with(source=None), view("missing"))[1]


def test_a_good_value_is_late_after_the_time_in_which_one_is_expected() -> None:
    assert told(line_with(expect_s=5.0), view(age_s=4.0)) == ("good", "")
    late = told(line_with(expect_s=5.0), view(age_s=65.0))
    assert late == ("late", "No value for 1:05 min; one is expected every 5 s")
    assert told(line_with(expect_s=None), view(age_s=9999.0))[0] == "good"


def test_a_value_that_must_move_and_does_not_is_frozen() -> None:
    judge = SignalJudge(line_with(must_move=True, expect_s=None))
    for second in range(0, 900, 60):
        judge.take((SignalView(KEY, "71.5", "kW", NOW + second * NS, "good"),), NOW + second * NS)
    shown = SignalView(KEY, "71.5", "kW", NOW + 840 * NS, "good")
    assert judge.state(shown).quality == "frozen"
    assert "14:00 min" in judge.state(shown).reason
    judge.take((replace(shown, text="71.6"),), NOW + 841 * NS)
    assert judge.state(replace(shown, text="71.6")).quality == "good"


def test_going_back_in_a_replay_freezes_nothing() -> None:
    judge = SignalJudge(line_with(must_move=True, expect_s=None))
    judge.take((view(),), NOW)
    judge.take((view(),), NOW - 3000 * NS)
    judge.take((view(),), NOW - 2990 * NS)
    assert judge.state(view(age_s=2990.0)).quality == "good"


def signals(window: Window, qtbot: QtBot) -> Signals:
    qtbot.keyClick(window, Qt.Key.Key_F10)
    assert window.workspace is not None
    screen = window.workspace.screens["signals"]
    assert isinstance(screen, Signals)
    return screen


def test_a_search_finds_keys_qualities_and_nodes(qtbot: QtBot, show: Open) -> None:
    screen = signals(show(live_session()), qtbot)
    screen.search_for("uncertain")
    assert looks.cells(screen.table)[0] == "B040.good_count"
    assert screen.model.row_total() == 1
    screen.search_for("B060.v")
    assert looks.cells(screen.table)[0] == "B060.vehicle"
    screen.search_for("no such signal")
    assert screen.model.row_total() == 0


def test_what_is_shown_is_exported(
    qtbot: QtBot, show: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = signals(show(live_session()), qtbot)
    screen.abnormal.setChecked(True)
    path = tmp_path / "signals.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), "CSV (*.csv)"))
    qtbot.mouseClick(screen.save, Qt.MouseButton.LeftButton)
    rows = path.read_text("utf-8-sig").splitlines()
    assert "Why not good" in rows[0]
    assert len(rows) == 1 + screen.model.abnormal_total()
    assert any(row.startswith("P_B060.value") for row in rows)


def test_a_connection_that_breaks_explains_what_is_missing(qtbot: QtBot, show: Open) -> None:
    session: HandSession = live_session()
    window = show(session)
    screen = signals(window, qtbot)
    session.views = (connection("down", "no answer for 12 s"),)
    assert window.workspace is not None
    window.workspace.bus.serve_now(again=True)
    assert any("no answer for 12 s" in cell for cell in looks.cells(screen.table))
