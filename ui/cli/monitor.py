"""`watch` and `replay`: a session in the monitor, or headless, and its report."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.cli.arguments import (
    add_command,
    add_language,
    add_shot,
    endpoint_url,
    file_path,
    fingerprint,
    positive,
    replay_speed,
)
from ui.cli.logs import (
    Kept,
    boms_of_line,
    booked_log,
    books_of,
    check_after,
    closing_of,
    knowledge_of,
    replayed_session,
    watched_of,
)
from ui.cli.terminal import (
    DONE,
    NoAccess,
    WrongInput,
    go_on_with,
    has_screen,
    need_screen,
    print_summary,
    stop_on_signals,
    warn_of_damage,
    words_of,
)

if TYPE_CHECKING:
    from data.line import Line
    from twin.session import ConnectionView, Result, Session

_LONG_LOG_NS = 2 * 86_400 * 10**9


def _watch(arguments: argparse.Namespace) -> int:
    from data.line_file import load_line

    line = load_line(arguments.line)
    if not (arguments.headless or arguments.shot):
        need_screen("watch", "--headless")
    session = live_session(
        line,
        arguments.line,
        endpoint=arguments.endpoint,
        log=arguments.log,
        after=arguments.after,
        trust=arguments.trust,
    )
    return show_or_run(session, arguments, arguments.duration)


def _replay(arguments: argparse.Namespace) -> int:
    if not (arguments.headless or arguments.shot):
        need_screen("replay", "--headless")
    speed = arguments.speed
    if speed is None:
        speed = "max" if arguments.headless else 1.0
    at = None if speed == "max" else float(speed)
    session, log = replayed_session(arguments.log, at, linger=not arguments.headless)
    with log:
        warn_of_damage(log)
        if arguments.headless or arguments.report is None:
            return show_or_run(session, arguments, arguments.duration)
        # A window may be closed anywhere; the report is of the whole log.
        report, arguments.report = arguments.report, None
        status = show_or_run(session, arguments, arguments.duration)
        write_report(arguments, report, booked_log(arguments.log))
        return status


def live_session(
    line: Line,
    name: str,
    *,
    endpoint: str | None = None,
    log: Path | None = None,
    after: Path | None = None,
    trust: str | None = None,
    mode: str = "live",
    stop_also: Callable[[], None] | None = None,
) -> Session:
    """A session on the line's OPC UA servers, logged where ``log`` is given."""
    from data.sequencer import Sequencer
    from data.shift_log import ContentDigest
    from data.sources.opcua_source import OpcuaSource
    from twin.mirror import Mirror
    from twin.session import Parts, Session

    if not any(source.kind == "opcua" for source in line.sources):
        raise WrongInput(f"{line.plant.id}: has no [[source]] of kind opcua, so nothing is live")
    if after is not None:
        check_after(after, line)
    books, opening = books_of(line, name), closing_of(after)
    watched = watched_of(after)
    source = OpcuaSource(line, endpoint=endpoint, trust=trust)
    order = Sequencer(line, source.texts)
    title = endpoint or line.sources[0].url

    def connections() -> tuple[ConnectionView, ...]:
        return _connection_views(source)

    if log is not None:
        kept = Kept(log, line, books, opening, after, boms_of_line(line, name))
        return kept.session(
            source, order, mode, title, connections=connections, stop_also=stop_also
        )
    parts = Parts(
        source=source,
        order=order,
        mirror=lambda: Mirror(line, books, brought=opening or (), watched=watched),
        digest=lambda: ContentDigest(line),
        opening=opening,
        known=knowledge_of(after),
        connections=connections,
        stop_also=stop_also,
    )
    return Session(parts, mode=mode, title=title)


def _connection_views(source: Any) -> tuple[ConnectionView, ...]:
    from twin.session import ConnectionView

    return tuple(
        ConnectionView(
            source=status.source,
            url=status.url,
            state=status.state,
            reason=status.reason or "",
            items_ok=status.items,
            items_refused=len(status.refused),
            received=status.received,
            dropped=status.dropped,
            age_s=status.data_age_s,
        )
        for status in source.status()
    )


def fitting_speed(path: Path) -> float | None:
    """As it was, for a shift; a log of many days at once, to be looked through."""
    from data.shift_log import ShiftLog

    with ShiftLog.open(path) as log:
        begin_ns, end_ns = log.span_ns or (0, 0)
    return 1.0 if end_ns - begin_ns <= _LONG_LOG_NS else None


def show_or_run(session: Session, arguments: argparse.Namespace, duration_s: float | None) -> int:
    """The session in the monitor, or headless to its end; then its report."""
    if arguments.headless:
        stop = stop_on_signals()
        result: Result | None = session.run(go_on_with(session, stop, duration_s))
        status = DONE
    else:
        from ui.app import run

        shot = arguments.shot
        if shot is not None and not has_screen():
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
        status = run(
            arguments.backend,
            opening=session,
            language=arguments.language,
            shot=shot,
            shot_after_s=duration_s if duration_s is not None else 30.0,
            close_after_s=None if shot else duration_s,
        )
        session.stop()
        result = session.result
        if session.failure() is not None:
            raise NoAccess(str(session.failure()))
    if result is not None and arguments.headless:
        print_summary(result)
    hand_over(session, arguments, result)
    return status


def hand_over(session: Session, arguments: argparse.Namespace, result: Result | None) -> None:
    """What is to be left behind: the report, where one is wanted, and a log that is whole."""
    faults = []
    if result is not None and getattr(arguments, "report", None) is not None:
        try:
            write_report(arguments, arguments.report, result)
        except OSError as fault:
            faults.append(words_of(fault))
    if session.log_trouble is not None:
        faults.append(session.log_trouble)
    if faults:
        raise NoAccess("\n".join(faults))


def write_report(
    arguments: argparse.Namespace, path: Path, result: Result, more: Mapping[str, object] = {}
) -> None:
    """Writes a result's report, by the path's ending, with what a command adds to it."""
    from ui.reports import write_report

    report = {**result.report(), **more}
    write_report(report, result.ledger.line, path, arguments.language or "en")


def add_watch(commands: Any) -> None:
    """The command `watch`."""
    command = add_command(commands, "watch", _watch, "live: stream, mirror, log")
    command.set_defaults(outputs=("log", "report", "shot"))
    command.add_argument("line", metavar="LINE")
    command.add_argument(
        "--endpoint", type=endpoint_url, metavar="URL", help="default: that of the line file"
    )
    command.add_argument("--log", type=file_path, metavar="LOG", help="keeps the shift here")
    command.add_argument("--headless", action="store_true", help="without a window")
    command.add_argument("--duration", type=positive, metavar="S", help="wall seconds")
    command.add_argument(
        "--report", type=file_path, metavar="FILE", help="the report, by the ending"
    )
    command.add_argument("--after", type=file_path, metavar="LOG", help="continues this log's work")
    command.add_argument(
        "--trust", type=fingerprint, metavar="FINGERPRINT", help="of the server's certificate"
    )
    add_shot(command)
    add_language(command)


def add_replay(commands: Any) -> None:
    """The command `replay`."""
    command = add_command(commands, "replay", _replay, "a logged shift through the same path")
    command.set_defaults(outputs=("report", "shot"))
    command.add_argument("log", type=file_path, metavar="LOG")
    command.add_argument(
        "--speed", type=replay_speed, metavar="X", help="or max; default 1, headless max"
    )
    command.add_argument("--headless", action="store_true", help="without a window")
    command.add_argument("--duration", type=positive, metavar="S", help="wall seconds")
    command.add_argument(
        "--report", type=file_path, metavar="FILE", help="the report, by the ending"
    )
    add_shot(command)
    add_language(command)
