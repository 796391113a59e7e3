"""What was done with alarms, and what happened, kept in the user's data folder by plant.

One file of JSON lines a plant. Actions are done again at their time when the same hours are
replayed, and what is shelved or out of service is so still after a restart. A line that does not
read is left out and counted; a folder that cannot be written is told once, and nothing is lost
from the screen.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from twin.alarms import DEEDS, Action, Entry

MOST_ENTRIES = 20_000  # of earlier sessions, shown in the journal


class AlarmStore:
    """One plant's file; folder None: nothing is read or kept."""

    def __init__(self, folder: Path | None, plant: str) -> None:
        self._path = None if folder is None else folder / f"alarms-{plant}.jsonl"
        self.trouble: str | None = None
        self.unreadable = 0

    def read(self) -> tuple[tuple[Action, ...], tuple[Entry, ...]]:
        """Every action, and the newest entries."""
        actions: list[Action] = []
        entries: list[Entry] = []
        self.unreadable = 0
        for line in self._lines():
            try:
                row = json.loads(line)
                if row.pop("row") == "action":
                    actions.append(_action(row))
                else:
                    entries.append(Entry(**row))
            except (ValueError, TypeError, KeyError, AttributeError):
                self.unreadable += 1
        return tuple(actions), tuple(entries[-MOST_ENTRIES:])

    def keep_action(self, action: Action) -> None:
        """Keeps what a person did."""
        self._append([{"row": "action", **asdict(action)}])

    def keep_entries(self, entries: tuple[Entry, ...]) -> None:
        """Keeps what happened."""
        self._append([{"row": "entry", **asdict(entry)} for entry in entries])

    def _lines(self) -> list[str]:
        if self._path is None:
            return []
        try:
            return self._path.read_text("utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        except OSError as fault:
            self.trouble = f"{self._path}: {fault.strerror}"
            return []

    def _append(self, rows: list[dict[str, Any]]) -> None:
        if self._path is None or not rows:
            return
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError as fault:
            self.trouble = f"{self._path}: {fault.strerror}"
        else:
            self.trouble = None


def _action(row: dict[str, Any]) -> Action:
    action = Action(**row)
    if action.deed not in DEEDS or not isinstance(action.time_ns, int):
        raise ValueError(f"{action.deed} is no deed")
    return action
