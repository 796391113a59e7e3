"""What the screens ask of the program around them; main.py implements it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from data.line import Names
from twin.clues import Clue

if TYPE_CHECKING:
    from data.line import Line
    from twin.alarms import Alarms
    from twin.moments import Moment
    from twin.session import ConnectionView, Result, SessionState, Transport
    from twin.snapshot import Snapshot


class OpenFailed(Exception):
    """Something could not be opened; its text is one line for the person who asked."""


class MonitorSession(Protocol):
    """What a window needs of something that is watched; twin.session.Session is one."""

    @property
    def mode(self) -> str:
        """Which of "live", "replay" or "simulation" it is."""
        ...

    @property
    def title(self) -> str:
        """An endpoint or a file's name."""
        ...

    @property
    def line(self) -> Line:
        """The line that is watched."""
        ...

    @property
    def transport(self) -> Transport | None:
        """The controls of a replay."""
        ...

    @property
    def alarms(self) -> Alarms:
        """The alarms of the line; asked for before it is started, so that none is missed."""
        ...

    def start(self) -> None:
        """Runs on threads of its own."""
        ...

    def stop(self) -> None:
        """Ends it and waits; more than once does no harm."""
        ...

    def snapshot(self) -> Snapshot | None:
        """The newest; None before the first."""
        ...

    def state(self) -> SessionState:
        """Where it is in its life."""
        ...

    def failure(self) -> str | None:
        """What ended it, in one line."""
        ...

    def failure_detail(self) -> str | None:
        """The traceback behind it."""
        ...

    def connections(self) -> tuple[ConnectionView, ...]:
        """How each source's connection stands."""
        ...

    def moments(self) -> tuple[Moment, ...]:
        """What there is to jump to in a replay's log. Takes a while: not for the GUI's thread."""
        ...

    def drawn_up(self) -> Result | None:
        """What everything booked so far comes to; None before the first. Takes seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """Where there is something to see: a screen's id, and a station on it."""

    screen: str
    station: str | None
    names: Names


@dataclass(frozen=True, slots=True)
class Story:
    """A scenario of the simulated plant: what happens, where to look, what is to be found in it."""

    id: str
    names: Names
    find: Names
    happens: Names
    look: tuple[Look, ...] = ()
    found: tuple[Clue, ...] = ()


class Backend(Protocol):
    """Opens what can be watched. Called from worker threads, so that a slow disk or server
    never holds the screen; each call gives a session that was not yet started.
    """

    def lines(self) -> Sequence[tuple[str, Names]]:
        """Line files that can be watched live or demonstrated: (id, names)."""
        ...

    def scenarios(self, line: str) -> Sequence[Story]:
        """Scenarios that the simulated plant of a line can play."""
        ...

    def open_live(self, line: str, endpoint: str | None, log: Path | None) -> MonitorSession:
        """A session on OPC UA servers; endpoint None: as the line file says.

        ``line`` is an id of ``lines()`` or the path of a line file. Raises OpenFailed.
        """
        ...

    def open_log(self, path: Path) -> MonitorSession:
        """A replay of a shift log. Raises OpenFailed."""
        ...

    def open_demo(self, line: str, speed: float, scenario: str | None) -> MonitorSession:
        """Starts the simulated plant as a process and watches it. Raises OpenFailed."""
        ...
