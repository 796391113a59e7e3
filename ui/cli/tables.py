"""`import` and `export`: tables into a log, and a log's tables out of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ui.cli.arguments import add_command, file_path
from ui.cli.logs import Kept, boms_of_line, booked_log, books_of
from ui.cli.monitor import hand_over
from ui.cli.terminal import (
    DONE,
    go_on_with,
    print_summary,
    say,
    stop_on_signals,
    warn_of_damage,
)

if TYPE_CHECKING:
    from twin.losses import Loss
    from twin.session import Result


def _import(arguments: argparse.Namespace) -> int:
    from data.line_file import load_line
    from data.sources.table import TableSource

    line = load_line(arguments.line)
    source = TableSource(arguments.tables, line)
    books, boms = books_of(line, arguments.line), boms_of_line(line, arguments.line)
    kept = Kept(arguments.out, line, books, None, None, boms)
    session = kept.session(source, None, "replay", str(arguments.out))
    result = session.run(go_on_with(session, stop_on_signals(), None))
    print_summary(result)
    hand_over(session, arguments, None)
    say(f"{arguments.out}: {result.ledger.booked.quality.samples:,} samples")
    return DONE


def _export(arguments: argparse.Namespace) -> int:
    from data.shift_log import ShiftLog
    from data.tables import (
        MeterEvent,
        check_ending,
        events_table,
        samples_table,
        write_table,
    )
    from twin import accounts, counters, ledger, losses, minutes, sightings, watch

    check_ending(arguments.out)
    if arguments.what == "samples":
        with ShiftLog.open(arguments.log) as log:
            warn_of_damage(log)
            write_table(arguments.out, samples_table(log))
        return DONE
    result = booked_log(arguments.log)
    if arguments.what == "events":
        with ShiftLog.open(arguments.log) as log:
            booked = result.ledger.booked
            found: list[MeterEvent] = [
                *counters.events(booked),
                *sightings.events(booked),
                *watch.events(booked),
            ]
            write_table(arguments.out, events_table(log, found))
        return DONE
    tables: dict[str, Callable[[], Mapping[str, Any]]] = {
        "vehicles": lambda: accounts.export_columns(result.accounts),
        "ledger": lambda: ledger.export_columns(result.ledger),
        "minutes": lambda: minutes.export_columns(result.ledger.booked),
        "losses": lambda: losses.export_columns(_pareto(result)),
    }
    write_table(arguments.out, tables[arguments.what]())
    return DONE


def _pareto(result: Result) -> tuple[Loss, ...]:
    """The losses of a log, with what they cost the bottleneck of its whole span."""
    from twin import cost, found, losses

    held = found.find(result.ledger) if result.found is None else result.found
    return losses.pareto(result.ledger, held.spells, held.held_back.station, cost.of_cells)


def add_tables(commands: Any) -> None:
    """The commands `import` and `export`."""
    command = add_command(
        commands, "import", _import, "CSV, Parquet or XLSX by the line file's mapping, into a log"
    )
    command.set_defaults(outputs=("out",))
    command.add_argument("tables", nargs="+", type=file_path, metavar="TABLE")
    command.add_argument("--line", required=True, metavar="LINE")
    command.add_argument("--out", required=True, type=file_path, metavar="LOG")
    command = add_command(
        commands, "export", _export, "a log's tables as CSV, Parquet or XLSX, by the file's ending"
    )
    command.set_defaults(outputs=("out",))
    command.add_argument("log", type=file_path, metavar="LOG")
    what = ("vehicles", "ledger", "minutes", "losses", "samples", "events")
    command.add_argument("--what", required=True, choices=what)
    command.add_argument("--out", required=True, type=file_path, metavar="FILE")
