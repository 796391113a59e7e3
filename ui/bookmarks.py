"""Moments of a log that a person gave a name; kept with the user's settings."""

from __future__ import annotations

import json
from dataclasses import dataclass

from data.line import Line
from ui.settings import Settings


@dataclass(frozen=True, slots=True, order=True)
class Bookmark:
    """A named moment [UTC ns]."""

    time_ns: int
    name: str


class Bookmarks:
    """Those of one log, in order of time. A log is known by its plant and its begin, so that
    they outlive its being renamed or moved.
    """

    def __init__(self, settings: Settings, line: Line, begin_ns: int) -> None:
        self._settings = settings
        self._key = f"bookmarks/{line.plant.id}-{begin_ns}"
        self.all: tuple[Bookmark, ...] = _read(settings.word(self._key, "[]"))

    def add(self, time_ns: int, name: str) -> None:
        """Keeps one; another at the same moment gives way to it."""
        others = [mark for mark in self.all if mark.time_ns != time_ns]
        self._keep([*others, Bookmark(time_ns, name)])

    def remove(self, mark: Bookmark) -> None:
        """Forgets one."""
        self._keep([other for other in self.all if other != mark])

    def _keep(self, marks: list[Bookmark]) -> None:
        self.all = tuple(sorted(marks))
        kept = [[mark.time_ns, mark.name] for mark in self.all]
        self._settings.keep_word(self._key, json.dumps(kept, ensure_ascii=False))


def _read(kept: str) -> tuple[Bookmark, ...]:
    """What is no list of bookmarks (a file that was edited) is none."""
    try:
        return tuple(sorted(Bookmark(int(at), str(name)) for at, name in json.loads(kept)))
    except (ValueError, TypeError):
        return ()
