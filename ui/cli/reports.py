"""`report` and `passport`: a log's report, and one vehicle's account over a chain of logs."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.cli.arguments import add_command, add_language, file_path, number_of_runs
from ui.cli.logs import booked_log, digest_of, under_own_books
from ui.cli.monitor import write_report
from ui.cli.terminal import DONE, WrongInput, key_value, say

if TYPE_CHECKING:
    from data.line import Line
    from twin.session import Result


def _report(arguments: argparse.Namespace) -> int:
    from ui.reports import check_report_path

    check_report_path(arguments.out)
    if len(arguments.logs) > 1:
        return _performance(arguments)
    if arguments.baseline is not None:
        raise WrongInput("--baseline: is of several logs; this is one")
    rules = dict(key_value(text, "--rule") for text in arguments.rule)
    result = booked_log(arguments.logs[0], books=arguments.book, rules=rules)
    more = {}
    if arguments.book:
        from twin.economy import against

        own = under_own_books(arguments.logs[0], result, rules)
        more["against"] = against(own, result.accounts)
    write_report(arguments, arguments.out, result, more)
    return DONE


def _performance(arguments: argparse.Namespace) -> int:
    """Several logs: their shifts against a baseline."""
    from twin import enpi, performance
    from twin.kpi import Basis
    from ui.reports.performance import write_performance

    rules = dict(key_value(text, "--rule") for text in arguments.rule)
    chapters: list[performance.Chapter] = []
    lines: dict[str, tuple[Path, Line]] = {}
    for path in arguments.logs:
        result = booked_log(path, books=arguments.book, rules=rules)
        if result.digest in {chapter.log_digest for chapter in chapters}:
            raise WrongInput(f"{path}: is given twice, as it is or as a copy")
        points = enpi.points(Basis(result.ledger, result.accounts))
        chapters.append(performance.Chapter(result.digest, points))
        lines.setdefault(result.ledger.line.plant.id, (path, result.ledger.line))
    if len(lines) > 1:
        (first, _), (other, _) = list(lines.values())[:2]
        raise WrongInput(f"{first} and {other}: are logs of different lines")
    try:
        report = performance.build(chapters, arguments.baseline)
    except ValueError as fault:
        raise WrongInput(f"--baseline {arguments.baseline}: {fault}") from None
    _, line = next(iter(lines.values()))
    write_performance(report, line, arguments.out, arguments.language or "en")
    return DONE


def _passport(arguments: argparse.Namespace) -> int:
    """One vehicle's passport over a log, or over the logs of a chain."""
    from data.scenario_file import load_scenario
    from twin.passport import Chapter, UnknownVehicle, build
    from ui.reports.passport import check_passport_path, write_passport

    check_passport_path(arguments.out)
    scenario = load_scenario(arguments.scenario) if arguments.scenario else None
    results = _chained(arguments.logs)
    chapters = [Chapter(result.accounts, result.digest) for result in results]
    line = results[-1].ledger.line
    boms = _boms_of_log(arguments.logs[-1], arguments.bom)
    try:
        passport = build(chapters, arguments.vehicle, boms=boms, scenario=scenario)
    except UnknownVehicle as fault:
        raise WrongInput(str(fault)) from None
    for wrong in (passport["upstream"] or {"faults": ()})["faults"]:
        say(wrong)
    write_passport(passport, line, arguments.out, arguments.language or "en")
    return DONE


def _chained(paths: Sequence[Path]) -> list[Result]:
    """Logs that continue one another, the earliest first."""
    from data.log_reader import ShiftLog

    found = sorted(
        ((booked_log(path), path) for path in paths), key=lambda each: each[0].ledger.booked.from_ns
    )
    for (before, earlier), (after, later) in pairwise(found):
        with ShiftLog.open(later) as log:
            continues = log.meta.get("continues")
        if before.ledger.line.plant.id != after.ledger.line.plant.id:
            raise WrongInput(f"{earlier} and {later}: are logs of different lines")
        if continues != digest_of(earlier):
            raise WrongInput(f"{later}: does not continue {earlier}; give the logs of one chain")
    return [result for result, _ in found]


def _boms_of_log(log_path: Path, own: Path | None) -> Mapping[str | None, Mapping[str, Any]]:
    """The bills by variant that a log keeps, or one for every variant, as data.bom keeps them."""
    from data.bom import boms_from_json, load_bom
    from data.log_reader import ShiftLog

    if own is not None:
        return {None: load_bom(own).kept()}
    with ShiftLog.open(log_path) as log:
        text = log.meta.get("boms", "{}")
    return {variant: bom.kept() for variant, bom in boms_from_json(text).items()}


def add_report(commands: Any) -> None:
    """The command `report`."""
    command = add_command(commands, "report", _report, "a log's report, by the file's ending")
    command.set_defaults(outputs=("out",))
    command.add_argument(
        "logs",
        nargs="+",
        type=file_path,
        metavar="LOG",
        help="several: their shifts against a baseline (ISO 50006)",
    )
    command.add_argument(
        "--baseline",
        type=number_of_runs,
        metavar="N",
        help="of several logs: their first N shifts make the baseline; default: all",
    )
    command.add_argument(
        "--book", action="append", default=[], metavar="NAME", help="or KEY=NAME: another book"
    )
    command.add_argument(
        "--rule", action="append", default=[], metavar="KEY=VALUE", help="another allocation rule"
    )
    command.add_argument("--out", required=True, type=file_path, metavar="FILE")
    add_language(command)


def add_passport(commands: Any) -> None:
    """The command `passport`."""
    command = add_command(
        commands, "passport", _passport, "one vehicle's passport, JSON or HTML by the ending"
    )
    command.set_defaults(outputs=("out",))
    command.add_argument(
        "logs", nargs="+", type=file_path, metavar="LOG", help="or the logs of a chain"
    )
    command.add_argument("--vehicle", required=True, metavar="VIN")
    command.add_argument(
        "--out", required=True, type=file_path, metavar="FILE", help=".json, .html or .pact.json"
    )
    command.add_argument("--bom", type=file_path, metavar="FILE", help="another bill of material")
    command.add_argument(
        "--scenario", type=file_path, metavar="FILE", help="use phase and end of life, as TOML"
    )
    add_language(command)
