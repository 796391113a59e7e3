"""What all views share: the theme, the language, the clock, and what is being watched."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import QLibraryInfo, QObject, QTranslator, Signal
from PySide6.QtWidgets import QApplication

from data.line import Line, Names
from ui import theme
from ui.settings import Settings
from ui.trouble import Troubles

LANGUAGES = ("en", "zh")
_TRANSLATIONS = Path(__file__).parent / "translations"


class Desk(QObject):
    """Theme and language, switchable while everything runs.

    A change of language reaches every widget as Qt's LanguageChange event; ``look_changed``
    says that colours did.
    """

    look_changed = Signal()

    def __init__(self, settings: Settings, now_ns: Callable[[], int] = time.time_ns) -> None:
        super().__init__()
        self.settings = settings
        self.now_ns = now_ns
        self.tokens = theme.LIGHT
        self.language = "en"
        self.troubles = Troubles()
        self._translators: list[QTranslator] = []

    def set_theme(self, name: str) -> None:
        """Puts a theme on; an unknown name is the light one."""
        self.tokens = theme.THEMES.get(name, theme.LIGHT)
        self.settings.keep_word("theme", self.tokens.name)
        _app().setStyleSheet(theme.stylesheet(self.tokens))
        self.look_changed.emit()

    def next_theme(self) -> None:
        """Light, dark, high contrast, and round again."""
        names = list(theme.THEMES)
        self.set_theme(names[(names.index(self.tokens.name) + 1) % len(names)])

    def set_language(self, language: str) -> None:
        """Switches every text; an unknown language is English."""
        self.language = language if language in LANGUAGES else "en"
        self.settings.keep_word("language", self.language)
        for old in self._translators:
            _app().removeTranslator(old)
        self._translators = _chinese() if self.language == "zh" else []
        for translator in self._translators:
            _app().installTranslator(translator)

    def next_language(self) -> None:
        """The other language."""
        self.set_language("en" if self.language == "zh" else "zh")

    def name(self, names: Names) -> str:
        """A thing's name in the language that is on."""
        return names.zh if self.language == "zh" else names.en


@dataclass(frozen=True)
class Place:
    """The line that is watched, and the time zone of its plant."""

    line: Line
    zone: ZoneInfo

    @classmethod
    def of(cls, line: Line) -> Place:
        """The place of a line."""
        return cls(line, ZoneInfo(line.plant.timezone))


def _app() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app


def _chinese() -> list[QTranslator]:
    """Ours, and Qt's own words in its dialogs."""
    ours, qt = QTranslator(), QTranslator()
    ours.load(str(_TRANSLATIONS / "greenline_zh.qm"))
    qt.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    return [qt, ours]
