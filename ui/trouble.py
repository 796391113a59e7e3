"""What went wrong inside: an event on the screen, with a report that can be copied."""

from __future__ import annotations

import platform
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType

from PySide6.QtCore import QObject, Signal

KEPT = 50
Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]


@dataclass(frozen=True, slots=True)
class Trouble:
    """An exception that nobody expected: where it was raised, in one line, and its traceback."""

    time_ns: int
    where: str
    said: str
    detail: str

    @classmethod
    def of(cls, where: str, fault: BaseException, detail: str) -> Trouble:
        """What an exception tells; its own words, else the name of its kind."""
        said = f"{fault}".strip().partition("\n")[0] or type(fault).__name__
        return cls(time.time_ns(), where, said, detail)

    def report(self) -> str:
        """The whole of it, to be sent to whoever can mend it."""
        at = datetime.fromtimestamp(self.time_ns // 1_000_000_000, UTC).isoformat()
        system = f"Python {platform.python_version()}, {platform.platform()}"
        return f"Greenline\n{at}\n{system}\nin: {self.where}\n\n{self.detail.strip()}\n"


class Troubles(QObject):
    """Hears of every exception that nothing caught, on any thread; all else goes on."""

    noted = Signal(object)  # a Trouble

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Trouble] = []
        self._hooks: tuple[Hook, Callable[[threading.ExceptHookArgs], object]] | None = None
        # Raised on any thread, shown on the screen's.
        self.noted.connect(self._keep)

    def listen(self) -> None:
        """From now on, until ``leave``; what was heard is still printed as before."""
        self._hooks = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._raised
        threading.excepthook = self._raised_on_thread

    def leave(self) -> None:
        """Gives the hooks back."""
        if self._hooks is not None:
            sys.excepthook, threading.excepthook = self._hooks
            self._hooks = None

    def _keep(self, trouble: Trouble) -> None:
        self.kept = [*self.kept, trouble][-KEPT:]

    def _raised(
        self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None
    ) -> None:
        if self._hooks is not None:
            self._hooks[0](kind, fault, trace)
        self._note(threading.current_thread().name, kind, fault, trace)

    def _raised_on_thread(self, raised: threading.ExceptHookArgs) -> None:
        if self._hooks is not None:
            self._hooks[1](raised)
        if raised.exc_value is not None:
            name = raised.thread.name if raised.thread is not None else "thread"
            self._note(name, raised.exc_type, raised.exc_value, raised.exc_traceback)

    def _note(
        self,
        where: str,
        kind: type[BaseException],
        fault: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, Exception):
            detail = "".join(traceback.format_exception(kind, fault, trace))
            self.noted.emit(Trouble.of(where, fault, detail))
