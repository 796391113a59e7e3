"""What every command says and asks on a terminal: faults, progress, times, screens."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.line import Line
    from data.shift_log import ShiftLog
    from twin.session import Result, Session

DONE, FAULTS_FOUND, WRONG_INPUT, NO_ACCESS, INTERRUPTED = 0, 1, 2, 3, 130
_PROGRESS_S = 5.0


class WrongInput(Exception):
    """Wrong use or wrong input: what, where, and what would be right."""


class NoAccess(Exception):
    """Something that cannot be reached, read or written."""


def check_outputs(arguments: argparse.Namespace) -> None:
    """Refuses at once what could otherwise only fail when the work is done."""
    for name in getattr(arguments, "outputs", ()):
        path = getattr(arguments, name)
        if path is not None:
            _check_output(path)
    if getattr(arguments, "report", None) is not None:
        from ui.reports import check_report_path

        check_report_path(arguments.report)


def _check_output(path: Path) -> None:
    if path.is_dir():
        raise NoAccess(f"{path}: is a folder, not a file")
    if path.exists() and not path.is_file():
        return  # a device or a pipe
    if not path.parent.is_dir():
        raise NoAccess(f"{path}: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise NoAccess(f"{path}: nothing can be written to the folder {path.parent}")


def say_fault(fault: Exception) -> None:
    """Says what is wrong on standard error, each line under the program's name."""
    for line in words_of(fault).splitlines() or [type(fault).__name__]:
        print(f"greenline: {line}", file=sys.stderr)


def words_of(fault: Exception) -> str:
    """What a person should read of a fault; the system's own without its number."""
    if isinstance(fault, OSError) and fault.filename and fault.strerror:
        return f"{fault.filename}: {fault.strerror[0].lower()}{fault.strerror[1:]}"
    return str(fault)


def say_if_compiling() -> None:
    """The first run of a version compiles its kernels; who waits should know for what."""
    if not any(Path(os.environ["NUMBA_CACHE_DIR"]).rglob("*.nbi")):
        say("compiling the kernels, once for this version")


def say_part(what: str) -> Callable[[float], bool]:
    """Says on a terminal how much is done; always goes on."""
    said = time.monotonic()

    def go_on(part: float) -> bool:
        nonlocal said
        if time.monotonic() - said >= _PROGRESS_S and sys.stderr.isatty():
            said = time.monotonic()
            say(f"{what}: {part:.0%}")
        return True

    return go_on


def go_on_with(
    session: Session, stop: threading.Event, duration_s: float | None
) -> Callable[[], bool]:
    """Asked after each block: go on? Says on standard error how far it is."""
    began: float | None = None
    said = time.monotonic()

    def go_on() -> bool:
        nonlocal began, said
        now = time.monotonic()
        if began is None and session.begun:
            began = now
        if now - said >= _PROGRESS_S and session.begun:
            said = now
            say(session.progress())
        over = duration_s is not None and began is not None and now - began >= duration_s
        return not (over or stop.is_set())

    return go_on


def stop_on_signals() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set, so that what runs can end in good order."""
    stop = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        stop.set()

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, handle)
    return stop


def print_summary(result: Result) -> None:
    """Prints a result in a few lines."""
    from twin.summary import summary

    print(summary(result.report()), end="", flush=True)


def warn_of_damage(log: ShiftLog) -> None:
    """Says what of a log was recovered and what is lost."""
    for line in log.recovered.lines():
        say(f"{log.path}: {line}")


def say(text: str) -> None:
    """Says something to whoever waits, on standard error."""
    print(text, file=sys.stderr, flush=True)


def software() -> str:
    """The program's name and version."""
    try:
        return f"greenline {version('greenline')}"
    except PackageNotFoundError:
        return "greenline"


def has_screen() -> bool:
    """Whether Qt would find a screen."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(map(os.environ.get, names)) or not sys.platform.startswith("linux")


def need_screen(command: str, instead: str | None = None) -> None:
    """Says at once that there is no screen, where Qt would abort."""
    if not has_screen():
        hint = f"; {command} {instead} runs without" if instead else ""
        raise NoAccess(f"{command}: there is no screen here (DISPLAY is not set){hint}")


def plant_time(text: str, line: Line) -> int:
    """A moment in the plant's time zone, or with its own offset, in UTC nanoseconds."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zoneinfo.ZoneInfo(line.plant.timezone))
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1) * 1000


def utc_text(time_ns: int) -> str:
    """A moment as ISO 8601, in UTC, to the second."""
    return datetime.fromtimestamp(time_ns / 1e9, UTC).isoformat(timespec="seconds")


def key_value(text: str, option: str) -> tuple[str, str]:
    """The two sides of KEY=VALUE."""
    key, separator, value = text.partition("=")
    if not separator or not key or not value:
        raise WrongInput(f"{option} {text}: must be KEY=VALUE")
    return key, value
