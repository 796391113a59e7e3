"""What the monitor remembers between two starts: language, theme, window, recent files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

RECENT = 6
_DATA = QStandardPaths.StandardLocation.AppLocalDataLocation


class Settings:
    """Typed access to the user's settings file."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store if store is not None else QSettings("Greenline", "Greenline")

    @classmethod
    def forgetful(cls, other: Settings) -> Settings:
        """The same for reading; what is kept is lost with the object."""
        return _Forgetful(other._store)

    def word(self, key: str, default: str) -> str:
        """A remembered word."""
        value = self._store.value(key, default)
        return value if isinstance(value, str) else default

    def keep_word(self, key: str, word: str) -> None:
        """Remembers a word."""
        self._store.setValue(key, word)

    def geometry(self) -> QByteArray | None:
        """The window's place and size, if it was kept."""
        value = self._store.value("window/geometry")
        return value if isinstance(value, QByteArray) else None

    def keep_geometry(self, geometry: QByteArray) -> None:
        """Remembers the window's place and size."""
        self._store.setValue("window/geometry", geometry)

    def folder(self) -> Path | None:
        """Where the user's data are kept; None: nothing is."""
        beside = Path(self._store.fileName())
        if beside.suffix:
            return beside.parent
        return Path(QStandardPaths.writableLocation(_DATA))

    def recent(self) -> list[Path]:
        """Logs opened lately that still exist, newest first."""
        value = self._store.value("recent", [])
        names = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        return [path for path in map(Path, map(str, names)) if path.is_file()]

    def keep_recent(self, path: Path) -> None:
        """Puts a log at the head of the recent ones."""
        rest = [old for old in self.recent() if old != path]
        self._store.setValue("recent", [str(path), *map(str, rest)][:RECENT])


class _Forgetful(Settings):
    """Reads, and keeps nothing."""

    def keep_word(self, key: str, word: str) -> None:
        """Does not."""

    def keep_geometry(self, geometry: QByteArray) -> None:
        """Does not."""

    def folder(self) -> Path | None:
        """Nowhere."""
        return None

    def keep_recent(self, path: Path) -> None:
        """Does not."""
