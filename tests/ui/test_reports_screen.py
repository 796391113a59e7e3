"""The reports screen: pages, files, paper, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Open
from tests.ui.hand_made import HandSession, live_session
from tests.ui.ten_minutes import booked_session
from ui.desk import Desk
from ui.screens.reports import FILES, Reports
from ui.window import Window

PATIENCE_MS = 60_000  # the first report waits for its kernels


def reports(qtbot: QtBot, window: Window, *, drawn: bool = True) -> Reports:
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.workspace is not None
    screen = window.workspace.screens["reports"]
    assert isinstance(screen, Reports)
    if drawn:
        qtbot.waitUntil(lambda: screen.draft is not None, timeout=PATIENCE_MS)
    return screen


def test_f11_shows_the_report_as_pages(qtbot: QtBot, show: Open) -> None:
    screen = reports(qtbot, show(booked_session()))
    assert screen.pages.isVisible()
    assert len(screen.pages.pages) >= 2
    page = screen.pages.pages[0]
    assert page.width() / page.height() == pytest.approx(210 / 297, rel=1e-3)
    # Something stands on each page, and none is blank.
    for image in screen.pages.pages:
        grey = {image.pixelColor(x, y).rgb() for x in range(0, 1240, 7) for y in range(0, 1700, 11)}
        assert len(grey) > 1


def test_how_complete_its_data_are_stands_beside_it(qtbot: QtBot, show: Open) -> None:
    screen = reports(qtbot, show(booked_session()))
    said = [label.text() for label in screen.findChildren(QLabel)]
    assert "Completeness of data" in said
    assert any("1 gap" in text and "of the period" in text for text in said)


@pytest.mark.parametrize("ending", FILES)
def test_it_is_saved_in_the_language_that_is_shown(
    qtbot: QtBot, show: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    screen = reports(qtbot, show(booked_session()))
    screen.languages.buttons["zh"].click()
    qtbot.waitUntil(screen.print.isEnabled, timeout=PATIENCE_MS)
    wanted = tmp_path / "shift"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(wanted), ""))
    qtbot.mouseClick(screen.files[ending], Qt.MouseButton.LeftButton)
    path = tmp_path / f"shift.{ending}"
    qtbot.waitUntil(lambda: "Saved" in screen.status.text(), timeout=PATIENCE_MS)
    assert path.stat().st_size > 1000
    if ending == "html":
        assert "数据完整性" in path.read_text("utf-8")


def test_it_is_printed_as_it_is_shown(qtbot: QtBot, show: Open, tmp_path: Path) -> None:
    screen = reports(qtbot, show(booked_session()))
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "out.pdf"))
    screen.print_on(printer)
    qtbot.waitUntil(lambda: "Sent" in screen.status.text(), timeout=PATIENCE_MS)
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")


def test_where_it_cannot_be_written_it_says_so_and_goes_on(
    qtbot: QtBot, show: Open, tmp_path: Path
) -> None:
    screen = reports(qtbot, show(booked_session()))
    screen.save(tmp_path / "no such folder" / "shift.pdf")
    qtbot.waitUntil(screen.fault.isVisible, timeout=PATIENCE_MS)
    assert "cannot be written" in screen.fault.text()
    assert screen.print.isEnabled()


def test_before_anything_is_booked_it_says_so(qtbot: QtBot, show: Open) -> None:
    screen = reports(qtbot, show(live_session()), drawn=False)
    qtbot.waitUntil(lambda: "Nothing is booked yet" in screen._empty.text())
    assert not screen.print.isEnabled()
    assert screen.anew.isEnabled()


def test_a_report_that_cannot_be_drawn_up_is_said(qtbot: QtBot, show: Open) -> None:
    class Broken(HandSession):
        def drawn_up(self) -> None:
            raise ZeroDivisionError("no vehicles")

    other = live_session()
    screen = reports(qtbot, show(Broken(other.line, other.shown)), drawn=False)
    qtbot.waitUntil(screen.fault.isVisible)
    assert "no vehicles" in screen.fault.text()


def test_it_follows_the_language_of_the_screen(qtbot: QtBot, show: Open, desk: Desk) -> None:
    screen = reports(qtbot, show(booked_session()))
    desk.set_language("zh")
    qtbot.waitUntil(
        lambda: screen.draft is not None and screen.draft.document.language == "zh",
        timeout=PATIENCE_MS,
    )
