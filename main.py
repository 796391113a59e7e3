"""Greenline's command line; it composes the parts and holds no rule of its own."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zoneinfo
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from itertools import chain, pairwise
from pathlib import Path
from string import hexdigits
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from data.bom import Bom
    from data.line import Line
    from data.samples import SampleBlock
    from data.shift_log import ShiftLog
    from plc_sim.source import PlantSource
    from twin.accounts import Accounts, Opening
    from twin.losses import Loss
    from twin.meter_knowledge import Knowledge
    from twin.mirror import Booked
    from twin.score import Usage
    from twin.score_energy import FeederShift, StationRun
    from twin.session import ConnectionView, Result, Session

DONE, FAULTS_FOUND, WRONG_INPUT, NO_ACCESS, INTERRUPTED = 0, 1, 2, 3, 130
_OFFLINE_START = "2026-03-02T06:00"
_DEMO_SPEED = 20.0
_SHIFT_S = 28_800.0
_ENERGY_SEEDS = 5  # runs of small, where none are asked for
_NOISE, _GAIN_ERROR, _LOST_SHARE = 0.01, 0.005, 0.1  # of the station meters that are scored
_PROGRESS_S = 5.0
_DAY_S = 86_400.0
_WEEK_S = 7 * _DAY_S
FIRST_YEAR, LAST_YEAR = 1971, 2199  # of what a log's times can be
_LONG_LOG_NS = 2 * 86_400 * 10**9


class WrongInput(Exception):
    """Wrong use or wrong input: what, where, and what would be right."""


class NoAccess(Exception):
    """Something that cannot be reached, read or written."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; gives its exit status (see ``greenline --help``)."""
    # Time zones come from the pinned tzdata package, the same on every machine.
    zoneinfo.reset_tzpath(())
    place_caches()
    arguments = _parser().parse_args(argv)
    try:
        _check_outputs(arguments)
        return int(arguments.run(arguments))
    except (WrongInput, NoAccess) as fault:
        _say_fault(fault)
        return WRONG_INPUT if isinstance(fault, WrongInput) else NO_ACCESS
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as fault:
        status = _expected(fault)
        if status is None:
            raise
        _say_fault(fault)
        return status


def _expected(fault: Exception) -> int | None:
    """The exit status of a fault that is the world's, not ours; None for ours."""

    from data.shift_log import LogError, LogFailed, LogInUse
    from data.sources.opcua_source import NoConnection
    from data.tables import TableError
    from data.toml_file import Faults
    from twin.session import Interrupted
    from ui.reports import UnknownEnding
    from ui.reports.passport import NoFootprint

    if isinstance(fault, Interrupted):
        return INTERRUPTED
    if isinstance(fault, (NoConnection, LogFailed, LogInUse, OSError)):
        return NO_ACCESS
    if isinstance(fault, (Faults, LogError, NoFootprint, TableError, UnknownEnding)):
        return WRONG_INPUT
    return None


def _check_outputs(arguments: argparse.Namespace) -> None:
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


def _say_fault(fault: Exception) -> None:
    for line in _words(fault).splitlines() or [type(fault).__name__]:
        print(f"greenline: {line}", file=sys.stderr)


def _words(fault: Exception) -> str:
    """What a person should read of a fault; the system's own without its number."""
    if isinstance(fault, OSError) and fault.filename and fault.strerror:
        return f"{fault.filename}: {fault.strerror[0].lower()}{fault.strerror[1:]}"
    return str(fault)


def place_caches() -> None:
    """Compiled kernels are kept where this user can write, by the content of their sources.

    numba keys its cache by file alone, so that a caller would stay stale when a constant of
    another file changes; and it fails where it may not write.
    """
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    from platformdirs import user_cache_path

    here = Path(__file__).parent
    sources = [
        *sorted((here / "twin" / "kernels").glob("*.py")),
        *sorted((here / "data").rglob("*.py")),
    ]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    base = os.environ.get("GREENLINE_CACHE_DIR")
    folder = (Path(base) if base else user_cache_path("greenline")) / f"kernels-{digest}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        import tempfile

        folder = Path(tempfile.mkdtemp(prefix="greenline-kernels-"))
    os.environ["NUMBA_CACHE_DIR"] = str(folder)


def _say_if_compiling() -> None:
    """The first run of a version compiles its kernels; who waits should know for what."""
    if not any(Path(os.environ["NUMBA_CACHE_DIR"]).rglob("*.nbi")):
        _say("compiling the kernels, once for this version")


# --- commands ------------------------------------------------------------------------------


def _monitor(arguments: argparse.Namespace) -> int:
    """The monitor at its start page."""
    _need_screen("greenline")
    from ui.app import run

    return run(_Backend(), language=arguments.language)


def _sim(arguments: argparse.Namespace) -> int:
    from data.line_file import load_line
    from plc_sim.command import serve

    line = load_line(arguments.line)
    if arguments.offline:
        return _sim_offline(arguments, line)
    if arguments.out or arguments.after:
        raise WrongInput("--out and --after are for --offline: a served plant writes no log")
    stop = _stop_on_signals()
    if arguments.stop_with_stdin:
        threading.Thread(target=_set_at_eof, args=(stop,), daemon=True).start()
    serve(
        line,
        endpoint=arguments.endpoint,
        speed=arguments.speed,
        seed=arguments.seed,
        start_ns=_plant_time(arguments.start, line) if arguments.start else time.time_ns(),
        duration_s=arguments.duration,
        scenario=arguments.scenario,
        faults=arguments.faults,
        truth=arguments.truth,
        user=arguments.user,
        stop=stop,
        say=_say,
    )
    return DONE


def _set_at_eof(stop: threading.Event) -> None:
    # Not by sys.stdin: its lock would be held when the interpreter ends.
    while os.read(0, 4096):
        pass
    stop.set()


def _sim_offline(arguments: argparse.Namespace, line: Line) -> int:
    from data.sequencer import Sequencer
    from plc_sim.source import PlantSource

    if arguments.user is not None:
        raise WrongInput("--user is for a served plant: --offline has nobody to let in")
    if arguments.duration is None or arguments.out is None:
        raise WrongInput("--offline needs --duration S (plant seconds) and --out LOG")
    opening, carries_on, start_ns = None, {}, _plant_time(arguments.start or _OFFLINE_START, line)
    if arguments.after is not None:
        _check_after(arguments.after, line)
        before = _booked(arguments.after)
        opening, carries_on = before.accounts.closing(), _carried(before)
        if arguments.start is None:
            start_ns = before.ledger.booked.to_ns
        if start_ns < before.ledger.booked.to_ns:
            raise WrongInput(
                f"--start {arguments.start}: lies before the end of {arguments.after}, which is"
                f" {_utc(before.ledger.booked.to_ns)}; work goes on from there"
            )
    source = PlantSource(
        line,
        seed=arguments.seed,
        start_ns=start_ns,
        duration_s=arguments.duration,
        truth_path=arguments.truth,
        scenario=arguments.scenario,
        faults=arguments.faults,
        say=_say,
        **carries_on,
    )
    books, boms = _books(line, arguments.line), _boms(line, arguments.line)
    kept = _Kept(arguments.out, line, books, opening, arguments.after, boms)
    session = kept.session(source, Sequencer(line, source.texts), "simulation", "offline")
    stop = _stop_on_signals()
    result = session.run(_progress(session, stop, None))
    _hand_over(session, arguments, None)
    _say(f"{arguments.out}: {result.ledger.booked.quality.samples:,} samples")
    return DONE


def _carried(before: Result) -> dict[str, Any]:
    """Where a log's vehicles in progress stand at its end, as a plant carries them on."""
    from plc_sim.fill import Carried
    from plc_sim.vin import serial_of

    booked = before.ledger.booked
    since_ns = {booked.vehicles[v["vehicle"]]: int(v["enter"]) for v in booked.visits}
    carried = [
        Carried(
            vin=name,
            variant=each.variant,
            station=each.station,
            waiting=each.left_ns > 0,
            entered_ns=each.entered_ns,
            since_ns=each.left_ns or since_ns[name],
        )
        for name, each in before.accounts.closing().items()
        if each.station and (each.left_ns or name in since_ns)
    ]
    serials = [serial for name in booked.vehicles if (serial := serial_of(name)) is not None]
    return {"carried": carried, "last_serial": max(serials, default=None)}


def _watch(arguments: argparse.Namespace) -> int:
    from data.line_file import load_line

    line = load_line(arguments.line)
    if not (arguments.headless or arguments.shot):
        _need_screen("watch", "--headless")
    session = _live(
        line,
        arguments.line,
        endpoint=arguments.endpoint,
        log=arguments.log,
        after=arguments.after,
        trust=arguments.trust,
    )
    return _show_or_run(session, arguments, arguments.duration)


def _demo(arguments: argparse.Namespace) -> int:
    if not (arguments.headless or arguments.shot):
        _need_screen("demo", "--headless")
    with ExitStack() as stack:
        session = _demo_session(arguments.line, arguments.speed, arguments.scenario, stack)
        return _show_or_run(session, arguments, arguments.duration)


def _replay(arguments: argparse.Namespace) -> int:
    if not (arguments.headless or arguments.shot):
        _need_screen("replay", "--headless")
    speed = arguments.speed
    if speed is None:
        speed = "max" if arguments.headless else 1.0
    at = None if speed == "max" else float(speed)
    session, log = _replayed(arguments.log, at, linger=not arguments.headless)
    with log:
        _warn_of_damage(log)
        if arguments.headless or arguments.report is None:
            return _show_or_run(session, arguments, arguments.duration)
        # A window may be closed anywhere; the report is of the whole log.
        report, arguments.report = arguments.report, None
        status = _show_or_run(session, arguments, arguments.duration)
        _write_report(arguments, report, _booked(arguments.log))
        return status


def _import(arguments: argparse.Namespace) -> int:
    from data.line_file import load_line
    from data.sources.table import TableSource

    line = load_line(arguments.line)
    source = TableSource(arguments.tables, line)
    books, boms = _books(line, arguments.line), _boms(line, arguments.line)
    kept = _Kept(arguments.out, line, books, None, None, boms)
    session = kept.session(source, None, "replay", str(arguments.out))
    result = session.run(_progress(session, _stop_on_signals(), None))
    _print_summary(result)
    _hand_over(session, arguments, None)
    _say(f"{arguments.out}: {result.ledger.booked.quality.samples:,} samples")
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
    from twin import accounts, counters, ledger, losses, minutes, watch

    check_ending(arguments.out)
    if arguments.what == "samples":
        with ShiftLog.open(arguments.log) as log:
            _warn_of_damage(log)
            write_table(arguments.out, samples_table(log))
        return DONE
    result = _booked(arguments.log)
    if arguments.what == "events":
        with ShiftLog.open(arguments.log) as log:
            booked = result.ledger.booked
            found: list[MeterEvent] = [*counters.events(booked), *watch.events(booked)]
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
    from twin import bottleneck, cost, losses

    booked = result.ledger.booked
    spells = losses.spells(booked)
    held = bottleneck.find(booked, spells, booked.from_ns, booked.to_ns)
    return losses.pareto(result.ledger, spells, held.station, cost.of_cells)


def _report(arguments: argparse.Namespace) -> int:
    from ui.reports import check_report_path

    check_report_path(arguments.out)
    if len(arguments.logs) > 1:
        raise WrongInput("one log at a time: give each its own --out")
    rules = dict(_key_value(text, "--rule") for text in arguments.rule)
    result = _booked(arguments.logs[0], books=arguments.book, rules=rules)
    more = {}
    if arguments.book:
        from twin.economy import against

        own = _under_own_books(arguments.logs[0], result, rules)
        more["against"] = against(own, result.accounts)
    _write_report(arguments, arguments.out, result, more)
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
        _say(wrong)
    write_passport(passport, line, arguments.out, arguments.language or "en")
    return DONE


def _chained(paths: Sequence[Path]) -> list[Result]:
    """Logs that continue one another, the earliest first."""
    from data.shift_log import ShiftLog

    found = sorted(
        ((_booked(path), path) for path in paths), key=lambda each: each[0].ledger.booked.from_ns
    )
    for (before, earlier), (after, later) in pairwise(found):
        with ShiftLog.open(later) as log:
            continues = log.meta.get("continues")
        if before.ledger.line.plant.id != after.ledger.line.plant.id:
            raise WrongInput(f"{earlier} and {later}: are logs of different lines")
        if continues != _digest_of(earlier):
            raise WrongInput(f"{later}: does not continue {earlier}; give the logs of one chain")
    return [result for result, _ in found]


def _boms_of_log(log_path: Path, own: Path | None) -> Mapping[str | None, Mapping[str, Any]]:
    """The bills by variant that a log keeps, or one for every variant, as data.bom keeps them."""
    from data.bom import boms_from_json, load_bom
    from data.shift_log import ShiftLog

    if own is not None:
        return {None: load_bom(own).kept()}
    with ShiftLog.open(log_path) as log:
        text = log.meta.get("boms", "{}")
    return {variant: bom.kept() for variant, bom in boms_from_json(text).items()}


def _check(arguments: argparse.Namespace) -> int:
    from data.line_file import LineFaults, NotALineFile, load_line
    from data.line_text import describe

    try:
        line = load_line(arguments.line)
    except NotALineFile:
        raise
    except LineFaults as faults:
        print(faults)
        _say(f"{len(faults.faults)} fault{'s' if len(faults.faults) != 1 else ''}")
        return FAULTS_FOUND
    print(describe(line, arguments.language or "en"), end="")
    for note in _book_notes(line, arguments):
        print(f"  {note}")
    print()
    return DONE


def _book_notes(line: Line, arguments: argparse.Namespace) -> Sequence[str]:
    """What the line's books leave open, and what is done instead."""
    from twin.book_notes import of_line
    from ui.reports.economy import note_text
    from ui.reports.words import Words

    words = Words(arguments.language or "en", line)
    notes = of_line(line, _books(line, arguments.line))
    return [note_text(asdict(note), words) for note in notes]


def _score(arguments: argparse.Namespace) -> int:
    return _score_energy(arguments) if arguments.what == "energy" else _score_greet(arguments)


def _score_greet(arguments: argparse.Namespace) -> int:
    """Each plant's energy per vehicle beside the published table that it is held against."""
    from data.line_file import load_line
    from twin import score

    line, seeds = load_line("demo"), arguments.seeds or 1
    plants = ((score.GREET, "greet", _WEEK_S), (score.GATE, None, _DAY_S))
    found = [
        (table, score.compare(table, _usage(line, scenario, duration_s, seeds)))
        for table, scenario, duration_s in plants
    ]
    if arguments.json:
        parts = [score.comparison_json(table, scored) for table, scored in found]
        print(json.dumps({"line": line.plant.id, "seeds": seeds, "tables": parts}))
    else:
        print("\n".join(score.comparison_text(table, scored) for table, scored in found), end="")
    held = all(each.within for _, scored in found for each in scored)
    return DONE if held else FAULTS_FOUND


def _usage(line: Line, scenario: str | None, duration_s: float, seeds: int) -> Usage:
    """What the simulated plant uses, over runs of seeds 1 to ``seeds`` together."""
    from plc_sim.totals import run_totals
    from twin.score import pooled, usage

    books, start_ns = _books(line, line.plant.id), _plant_time(_OFFLINE_START, line)
    name = f"{line.plant.id}, {scenario}" if scenario else line.plant.id

    def ledger(seed: int) -> list[dict[str, object]]:
        go_on = _say_part(f"{name}, {duration_s / _DAY_S:g} days, seed {seed}")
        return run_totals(
            line, scenario, seed=seed, start_ns=start_ns, duration_s=duration_s, go_on=go_on
        )

    return pooled([usage(line, ledger(seed), books) for seed in range(1, seeds + 1)])


def _say_part(what: str) -> Callable[[float], bool]:
    """Says on a terminal how much is done; always goes on."""
    said = time.monotonic()

    def go_on(part: float) -> bool:
        nonlocal said
        if time.monotonic() - said >= _PROGRESS_S and sys.stderr.isatty():
            said = time.monotonic()
            _say(f"{what}: {part:.0%}")
        return True

    return go_on


# --- score energy --------------------------------------------------------------------------


def _score_energy(arguments: argparse.Namespace) -> int:
    """The booked energy of simulated plants beside their truth ledgers, with the goals."""
    from twin import score_table

    seeds = arguments.seeds or _ENERGY_SEEDS
    table = score_table.rows(_scored_runs(_energy_runs(seeds, _SHIFT_S, score_table.AFTER)))
    if arguments.json:
        print(json.dumps({"seeds": seeds, **score_table.table_json(table)}))
    else:
        print(score_table.table_text(table), end="")
    return DONE if all(row.held for row in table) else FAULTS_FOUND


@dataclass(frozen=True, slots=True)
class _EnergyRun:
    """A plant to be run: a shift with its station meters, or a chain of them by feeders alone."""

    line: str
    seed: int
    duration_s: float
    shifts: int  # 0: with its station meters
    gain_error: float = 0.0

    def scored(self) -> tuple[_EnergyRun, list[StationRun | FeederShift]]:
        """Itself, and what it comes to."""
        found: list[StationRun | FeederShift] = []
        found += _feeder_chain(self) if self.shifts else [_station_run(self)]
        return self, found

    def __str__(self) -> str:
        how = f"{self.shifts} shifts by feeders" if self.shifts else "a shift by station meters"
        return f"{self.line}, seed {self.seed}: {how}"


def _energy_runs(seeds: int, duration_s: float, shifts: int) -> list[_EnergyRun]:
    """``demo`` once and ``small`` for each seed; what takes longest comes first."""
    chains = [_EnergyRun("small", seed, duration_s, shifts) for seed in range(1, seeds + 1)]
    metered = [_EnergyRun("small", seed, duration_s, 0) for seed in range(1, seeds + 1)]
    return [
        _EnergyRun("demo", 1, duration_s, shifts),
        _EnergyRun("demo", 1, duration_s, 0),
        _EnergyRun("small", 1, duration_s, 0, gain_error=_GAIN_ERROR),
        *chains,
        *metered,
    ]


def _scored_runs(runs: Sequence[_EnergyRun]) -> list[StationRun | FeederShift]:
    """What all runs come to, in their order, on all cores; says on a terminal which is done."""
    from multiprocessing import get_context

    _say_if_compiling()
    found: dict[_EnergyRun, list[StationRun | FeederShift]] = {}
    # Ctrl-C is for this process; leaving the pool ends the others.
    deaf = (signal.SIGINT, signal.SIG_IGN)
    with get_context("spawn").Pool(initializer=signal.signal, initargs=deaf) as pool:
        for run, scored in pool.imap_unordered(_EnergyRun.scored, runs):
            found[run] = scored
            if sys.stderr.isatty():
                _say(f"{len(found)} of {len(runs)}  {run}")
    return [scored for run in runs for scored in found[run]]


def _station_run(run: _EnergyRun) -> StationRun:
    """A shift by its station meters: as it is and with samples lost, or with a gain error."""
    from data.line_file import load_line
    from plc_sim.lossy import LossyWire
    from plc_sim.refit import with_even_meters
    from plc_sim.source import PlantSource
    from plc_sim.truth import RememberedTruth
    from twin import ledger, score_energy

    line, truth = load_line(run.line), RememberedTruth(score_energy.TRUTH_KINDS)
    start_ns = _plant_time(_OFFLINE_START, line)
    when: dict[str, Any] = {"start_ns": start_ns, "duration_s": run.duration_s}
    plant = with_even_meters(line, noise=_NOISE, gain_error=run.gain_error, seed=run.seed)
    source = PlantSource(line, seed=run.seed, plant=plant, truth=truth, **when)
    ways: dict[str, Callable[[SampleBlock], SampleBlock]] = {"stations": lambda block: block}
    if run.gain_error:
        ways = {"gain": ways["stations"]}
    else:
        ways["lost"] = LossyWire(line, seed=run.seed, share=_LOST_SHARE, **when).pass_on
    booked = _mirrored(source, list(ways.values()))
    ledgers = {way: ledger.close(each) for way, each in zip(ways, booked, strict=True)}
    return score_energy.station_run(ledgers, score_energy.read_truth(truth.records))


def _feeder_chain(run: _EnergyRun) -> list[FeederShift]:
    """The first and the last of a chain of shifts by feeders alone; what is learnt is carried."""
    from data.line_cut import with_feeders_alone
    from data.line_file import load_line
    from plc_sim.refit import for_line
    from plc_sim.source import PlantSource
    from plc_sim.truth import RememberedTruth
    from twin import score_energy
    from twin.accounts import allot
    from twin.ledger import close
    from twin.meters import estimate
    from twin.session import Result

    whole = load_line(run.line)
    line = with_feeders_alone(whole)
    plant, start_ns = for_line(whole, line), _plant_time(_OFFLINE_START, line)
    carries_on: dict[str, Any] = {}
    opening: Mapping[str, Opening] | None = None
    learnt: Knowledge | None = None
    found: list[FeederShift] = []
    for number in range(1, run.shifts + 1):
        truth = RememberedTruth(score_energy.TRUTH_KINDS)
        source = PlantSource(
            line,
            seed=run.seed,
            start_ns=start_ns,
            duration_s=run.duration_s,
            plant=plant,
            truth=truth,
            **carries_on,
        )
        (booked,) = _mirrored(source, [lambda block: block], opening or ())
        estimates = estimate(booked, learnt)
        learnt = estimates.knowledge()
        ledger = close(booked, estimates)
        result = Result(ledger, allot(ledger, opening), "")
        opening, carries_on, start_ns = result.accounts.closing(), _carried(result), booked.to_ns
        if number in (1, run.shifts):
            known = score_energy.read_truth(truth.records)
            found += score_energy.feeder_shifts(ledger, known, number)
    return found


def _mirrored(
    source: PlantSource,
    ways: Sequence[Callable[[SampleBlock], SampleBlock]],
    brought: Iterable[str] = (),
) -> list[Booked]:
    """A plant's samples through a mirror each way that they come."""
    from data.sequencer import Sequencer
    from twin.mirror import Mirror

    line, order = source.line, Sequencer(source.line, source.texts)
    mirrors = [Mirror(line, _books(line, line.plant.id), brought=brought) for _ in ways]
    for mirror in mirrors:
        mirror.warm_up()
    for block in chain(map(order.push, source.blocks()), (order.flush() for _ in range(1))):
        for mirror, way in zip(mirrors, ways, strict=True):
            mirror.advance(way(block))
    return [mirror.booked() for mirror in mirrors]


# --- sessions ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kept:
    """A session that writes a log: what goes into the file beside the samples."""

    path: Path
    line: Line
    books: Any
    opening: Mapping[str, Opening] | None
    after: Path | None
    boms: Mapping[str, Bom] = field(default_factory=dict)

    def session(self, source: Any, order: Any, mode: str, title: str, **parts: Any) -> Session:
        from data.bom import boms_to_json
        from data.shift_log import ContentDigest, LogFailed, ShiftLogWriter
        from twin.accounts import opening_to_json
        from twin.mirror import Mirror
        from twin.session import Parts, Session

        meta = {"software": _software(), "mode": mode, "title": title}
        if self.after is not None:
            meta["continues"] = _digest_of(self.after)
        if self.opening:
            meta["opening_wip"] = opening_to_json(self.opening)
        if self.boms:
            meta["boms"] = boms_to_json(self.boms)
        known = _knowledge_of(self.after)
        if known is not None:
            meta["opening_meters"] = known.to_text()
        log = ShiftLogWriter(
            self.path,
            self.line,
            source.texts,
            books_text=self.books.to_toml(),
            meta=meta,
            order=order,
        )

        def note_closing(accounts: Accounts) -> None:
            log.note({"closing_wip": opening_to_json(accounts.closing())})
            log.note({"closing_meters": accounts.ledger.estimates.knowledge().to_text()})

        def tell(trouble: str | None) -> None:
            well = f"{self.path}: is written again, with all that had waited"
            _say(f"{trouble}; it is kept in memory and tried again" if trouble else well)

        def abandon(begun: bool) -> None:
            with suppress(LogFailed):  # what ended the session is to be told, not this
                log.close()
            if not begun:
                self.path.unlink(missing_ok=True)

        return Session(
            Parts(
                source=source,
                order=order,
                log=log,
                mirror=lambda: Mirror(self.line, self.books, brought=self.opening or ()),
                digest=lambda: ContentDigest(self.line),
                opening=self.opening,
                known=known,
                on_closed=note_closing,
                on_failed=abandon,
                on_log=tell,
                **parts,
            ),
            mode=mode,
            title=title,
        )


def _live(
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
        _check_after(after, line)
    books, opening = _books(line, name), _closing_of(after)
    source = OpcuaSource(line, endpoint=endpoint, trust=trust)
    order = Sequencer(line, source.texts)
    title = endpoint or line.sources[0].url

    def connections() -> tuple[ConnectionView, ...]:
        return _connection_views(source)

    if log is not None:
        kept = _Kept(log, line, books, opening, after, _boms(line, name))
        return kept.session(
            source, order, mode, title, connections=connections, stop_also=stop_also
        )
    parts = Parts(
        source=source,
        order=order,
        mirror=lambda: Mirror(line, books, brought=opening or ()),
        digest=lambda: ContentDigest(line),
        opening=opening,
        known=_knowledge_of(after),
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


def _replayed(
    path: Path,
    speed: float | None,
    *,
    linger: bool = False,
    books: Any = None,
    rules: Mapping[str, str] | None = None,
) -> tuple[Session, ShiftLog]:
    """A session on a log, at ``speed`` (None: as fast as it can); the log is open.

    With ``linger`` it stays at the log's end, so that a window can go back.
    """
    from data.shift_log import ContentDigest, ShiftLog
    from data.sources.replay import ReplaySource
    from twin.accounts import opening_from_json
    from twin.mirror import Damage, Mirror
    from twin.session import Parts, Session

    log = ShiftLog.open(path)
    line = log.line
    _say_if_compiling()
    if rules:
        line = replace(line, allocation=_ruled(line, rules))
    in_force = books or log.books
    source = ReplaySource(log, speed=speed, linger=linger)
    opening = opening_from_json(log.meta["opening_wip"]) if "opening_wip" in log.meta else None
    found = log.recovered
    damage = Damage(found.recovered, found.lost_samples, found.lost_spans)
    parts = Parts(
        source=source,
        mirror=lambda: Mirror(line, in_force, brought=opening or (), damage=damage),
        digest=lambda: ContentDigest(line),
        opening=opening,
        known=_knowledge(log, "opening_meters"),
        transport=source,
    )
    return Session(parts, mode="replay", title=path.name), log


def _booked(
    path: Path, *, books: Sequence[str] = (), rules: Mapping[str, str] | None = None
) -> Result:
    """A whole log through the mirror, under its own books or others."""
    from data.shift_log import ShiftLog

    chosen = None
    if books:
        with ShiftLog.open(path) as log:
            chosen = _other_books(log, books)
    session, log = _replayed(path, None, books=chosen, rules=rules)
    with log:
        _warn_of_damage(log)
        return session.run(_progress(session, _stop_on_signals(), None))


def _under_own_books(path: Path, result: Result, rules: Mapping[str, str]) -> Accounts:
    """What a log's own books make of it, where ``result`` was reckoned under others."""
    from data.shift_log import ShiftLog

    with ShiftLog.open(path) as log:
        own = log.books
    booked = result.ledger.booked
    if not own.same_energy(booked.books):
        return _booked(path, rules=rules).accounts
    ledger = replace(result.ledger, booked=replace(booked, books=own))
    return replace(result.accounts, ledger=ledger)


def _other_books(log: ShiftLog, names: Sequence[str]) -> Any:
    """A log's books with others in their place: NAME (location) or KEY=NAME."""
    from dataclasses import fields

    from data.factors import Books
    from data.line import BookNames

    changes = dict(_key_value(n, "--book") if "=" in n else ("location", n) for n in names)
    known = [field.name for field in fields(BookNames)]
    if unknown := changes.keys() - set(known):
        raise WrongInput(f"--book {min(unknown)}=...: must be one of {', '.join(known)}")
    return log.books.with_books_of(Books.load(BookNames(**changes), Path.cwd()), changes)


def _ruled(line: Line, rules: Mapping[str, str]) -> Any:
    from data.line import ALLOCATION_RULES

    for key, rule in rules.items():
        if key not in ("idle", "base", "shared", "scrap") or rule not in ALLOCATION_RULES:
            raise WrongInput(
                f"--rule {key}={rule}: must be idle, base, shared or scrap = "
                f"{', '.join(ALLOCATION_RULES)}"
            )
    return replace(line.allocation, **rules)


def _closing_of(path: Path | None) -> Mapping[str, Opening] | None:
    """The work in progress that a log ended with."""
    if path is None:
        return None
    from data.shift_log import ShiftLog
    from twin.accounts import opening_from_json

    with ShiftLog.open(path) as log:
        if log.sealed and "closing_wip" in log.meta:
            return opening_from_json(log.meta["closing_wip"])
    _say(f"{path}: is not closed; its work in progress is taken from where it breaks off")
    return _booked(path).accounts.closing()


def _check_after(path: Path, line: Line) -> None:
    """Only a log of the same line can be continued."""
    from data.shift_log import ShiftLog

    with ShiftLog.open(path) as log:
        other = log.line.plant.id
    if other != line.plant.id:
        raise WrongInput(
            f"--after {path}: is a log of the line {other}, not of {line.plant.id}: no work of it"
            " goes on here"
        )


def _knowledge_of(path: Path | None) -> Knowledge | None:
    """What virtual meters had learnt when a log ended, as it is kept."""
    from data.shift_log import ShiftLog
    from twin.meter_knowledge import Knowledge

    if path is None:
        return None
    with ShiftLog.open(path) as log:
        known = _knowledge(log, "closing_meters") if log.sealed else None
    if known is None:
        learnt = _booked(path).ledger.estimates.knowledge()
        known = Knowledge.from_text(learnt.to_text())
    return known if known.feeders else None


def _knowledge(log: ShiftLog, key: str) -> Knowledge | None:
    """What a log keeps of virtual meters; None where it keeps nothing, or what does not read."""
    from twin.meter_knowledge import Knowledge

    try:
        return Knowledge.from_text(log.meta[key]) if key in log.meta else None
    except ValueError as fault:
        _say(f"{log.path}: {key}: {fault}; its virtual meters begin anew")
        return None


def _digest_of(path: Path) -> str:
    from data.shift_log import ShiftLog

    with ShiftLog.open(path) as log:
        return log.content_digest()


def _books(line: Line, name: str) -> Any:
    """The books that the line names; own ones are sought beside the line file."""
    from data.factors import Books

    path = Path(name)
    return Books.load(line.books, path.parent if path.is_file() else None)


def _boms(line: Line, name: str) -> Mapping[str, Bom]:
    """The bills of material that the line names, beside its file; what is wrong is said."""
    from data.bom import boms_of

    path = Path(name)
    boms, faults = boms_of(line, path.parent if path.is_file() else None)
    for fault in faults:
        _say(fault)
    return boms


def _demo_session(name: str, speed: float, scenario: str | None, stack: ExitStack) -> Session:
    """Starts the simulated plant as a process of its own, and a session on it."""
    from data.line_file import load_line

    line = load_line(name)
    if not any(source.kind == "opcua" for source in line.sources):
        raise WrongInput(f"{line.plant.id}: has no [[source]] of kind opcua, so nothing is live")
    endpoint = f"opc.tcp://127.0.0.1:{_free_port()}"
    command = [sys.executable, str(Path(__file__).resolve()), "sim", name, "--endpoint", endpoint]
    command += ["--speed", str(speed), "--stop-with-stdin"]
    if scenario:
        command += ["--scenario", scenario]
    plant = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end_plant() -> None:
        if plant.stdin is not None and not plant.stdin.closed:
            plant.stdin.close()
        try:
            plant.wait(10)
        except subprocess.TimeoutExpired:
            plant.kill()
            plant.wait()

    stack.callback(end_plant)
    _await_serving(plant)
    return _live(line, name, endpoint=endpoint, mode="simulation", stop_also=end_plant)


def _await_serving(plant: subprocess.Popen[str]) -> None:
    """Waits for the plant's first line; what it says later goes on to ours."""
    assert plant.stderr is not None
    first = plant.stderr.readline()
    if not first.startswith("serving"):
        rest = plant.stderr.read()
        raise WrongInput(f"the simulated plant did not start: {(first + rest).strip()}")
    _say(first.rstrip())
    stream = plant.stderr

    def pass_on() -> None:
        for line in stream:
            _say(line.rstrip())

    threading.Thread(target=pass_on, name="plant's words", daemon=True).start()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Backend:
    """What the start page can open (ui.backend.Backend)."""

    def lines(self) -> Sequence[tuple[str, Any]]:
        from data.line_file import bundled_lines, load_line

        found = [load_line(name) for name in bundled_lines()]
        return [(line.plant.id, line.plant.names) for line in found if line.sources]

    def scenarios(self, line: str) -> Sequence[Any]:
        from plc_sim.scenario import stories
        from ui.backend import Story

        return [Story(story.name, story.names, story.find) for story in stories(line)]

    def open_live(self, line: str, endpoint: str | None, log: Path | None) -> Session:
        from data.line_file import load_line

        return _opened(lambda: _live(load_line(line), line, endpoint=endpoint, log=log))

    def open_log(self, path: Path) -> Session:
        return _opened(lambda: _replayed(path, _fitting_speed(path), linger=True)[0])

    def open_demo(self, line: str, speed: float, scenario: str | None) -> Session:
        # The session ends the plant with itself.
        return _opened(lambda: _demo_session(line, speed, scenario, ExitStack()))


def _fitting_speed(path: Path) -> float | None:
    """As it was, for a shift; a log of many days at once, to be looked through."""
    from data.shift_log import ShiftLog

    with ShiftLog.open(path) as log:
        begin_ns, end_ns = log.span_ns or (0, 0)
    return 1.0 if end_ns - begin_ns <= _LONG_LOG_NS else None


def _opened(make: Callable[[], Session]) -> Session:
    from ui.backend import OpenFailed

    try:
        return make()
    except (WrongInput, NoAccess) as fault:
        raise OpenFailed(str(fault)) from fault
    except Exception as fault:
        if _expected(fault) is None:
            raise
        raise OpenFailed(str(fault)) from fault


# --- running -------------------------------------------------------------------------------


def _show_or_run(session: Session, arguments: argparse.Namespace, duration_s: float | None) -> int:
    """The session in the monitor, or headless to its end; then its report."""
    if arguments.headless:
        stop = _stop_on_signals()
        result: Result | None = session.run(_progress(session, stop, duration_s))
        status = DONE
    else:
        from ui.app import run

        shot = arguments.shot
        if shot is not None and not _has_screen():
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
        status = run(
            _Backend(),
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
        _print_summary(result)
    _hand_over(session, arguments, result)
    return status


def _hand_over(session: Session, arguments: argparse.Namespace, result: Result | None) -> None:
    """What is to be left behind: the report, where one is wanted, and a log that is whole."""
    faults = []
    if result is not None and getattr(arguments, "report", None) is not None:
        try:
            _write_report(arguments, arguments.report, result)
        except OSError as fault:
            faults.append(_words(fault))
    if session.log_trouble is not None:
        faults.append(session.log_trouble)
    if faults:
        raise NoAccess("\n".join(faults))


def _write_report(
    arguments: argparse.Namespace, path: Path, result: Result, more: Mapping[str, object] = {}
) -> None:
    from ui.reports import write_report

    report = {**result.report(), **more}
    write_report(report, result.ledger.line, path, arguments.language or "en")


def _progress(
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
            _say(session.progress())
        over = duration_s is not None and began is not None and now - began >= duration_s
        return not (over or stop.is_set())

    return go_on


def _stop_on_signals() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set, so that what runs can end in good order."""
    stop = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        stop.set()

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, handle)
    return stop


def _print_summary(result: Result) -> None:
    from twin.summary import summary

    print(summary(result.report()), end="", flush=True)


def _warn_of_damage(log: ShiftLog) -> None:
    for line in log.recovered.lines():
        _say(f"{log.path}: {line}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _software() -> str:
    try:
        return f"greenline {version('greenline')}"
    except PackageNotFoundError:
        return "greenline"


def _has_screen() -> bool:
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(map(os.environ.get, names)) or not sys.platform.startswith("linux")


def _need_screen(command: str, instead: str | None = None) -> None:
    """Says at once that there is no screen, where Qt would abort."""
    if not _has_screen():
        hint = f"; {command} {instead} runs without" if instead else ""
        raise NoAccess(f"{command}: there is no screen here (DISPLAY is not set){hint}")


def _plant_time(text: str, line: Line) -> int:
    """A moment in the plant's time zone, or with its own offset, in UTC nanoseconds."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zoneinfo.ZoneInfo(line.plant.timezone))
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1) * 1000


def _utc(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / 1e9, UTC).isoformat(timespec="seconds")


def _key_value(text: str, option: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not key or not value:
        raise WrongInput(f"{option} {text}: must be KEY=VALUE")
    return key, value


# --- the command line ----------------------------------------------------------------------


def _positive(text: str) -> float:
    return _number(text, float("inf"), "must be a number above 0")


def _plant_seconds(text: str) -> float:
    return _number(text, 1e9, "must be a number of seconds above 0 and below 1e9")


def _number(text: str, below: float, limit: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < below:
        raise argparse.ArgumentTypeError(f"{text}: {limit}")
    return value


def _number_of_runs(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text}: must be a whole number from 1 to 1000")
    return int(text)


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"{text}: must be a whole number, 0 or above")
    return int(text)


def _file(text: str) -> Path:
    if not text.strip() or "\0" in text:
        raise argparse.ArgumentTypeError(f"{text!r}: must be the name of a file")
    return Path(text)


def _endpoint(text: str) -> str:
    from data.line_schema import opcua_url

    try:
        return opcua_url(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(f"{text}: {fault}") from None


def _fingerprint(text: str) -> str:
    digits = text.replace(":", "").replace(" ", "")
    if len(digits) != 64 or not all(digit in hexdigits for digit in digits):
        raise argparse.ArgumentTypeError(
            f"{text}: must be a SHA-256 fingerprint, 64 hexadecimal digits"
        )
    return text


def _replay_speed(text: str) -> str | float:
    return text if text == "max" else _positive(text)


def _moment(text: str) -> str:
    try:
        year = datetime.fromisoformat(text).year
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text}: must be a time such as 2026-03-02T06:00 (plant time) or with an offset"
        ) from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(
            f"{text}: must lie in the years {FIRST_YEAR} to {LAST_YEAR}"
        )
    return text


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One clear line, exit status 2."""
        self.exit(WRONG_INPUT, f"{self.prog}: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="greenline",
        description="Digital twin of a vehicle line: every metered kWh ends on a vehicle or on a"
        " named loss, with its evidence.",
        epilog="LINE is a bundled line (demo, small, uci_steel) or the path of a line file. Exit"
        " status: 0 done; 1 a check found faults; 2 wrong use or wrong input; 3 no connection, or a"
        " file that cannot be read or written.",
    )
    parser.add_argument("--version", action="version", version=_software())
    parser.set_defaults(run=_monitor)
    _add_language(parser)
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    _add_demo(commands)
    _add_sim(commands)
    _add_watch(commands)
    _add_replay(commands)
    _add_tables(commands)
    _add_report(commands)
    _add_passport(commands)
    _add_score(commands)
    check = _command(commands, "check", _check, "every fault of a line file, or what it describes")
    check.add_argument("line", metavar="LINE")
    _add_language(check)
    return parser


def _command(commands: Any, name: str, run: Callable[..., int], text: str) -> Any:
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    command.set_defaults(run=run)
    return command


def _add_language(command: argparse.ArgumentParser) -> None:
    command.add_argument("--language", choices=("en", "zh"), help="of what is shown")


def _add_demo(commands: Any) -> None:
    command = _command(
        commands, "demo", _demo, "the bundled plant and the monitor on it, in one go"
    )
    command.set_defaults(outputs=("report", "shot"))
    command.add_argument("--line", default="demo", metavar="LINE", help="default: demo")
    command.add_argument("--scenario", metavar="NAME")
    command.add_argument(
        "--speed", type=_positive, default=_DEMO_SPEED, metavar="X", help="default: 20"
    )
    command.add_argument("--headless", action="store_true", help="without a window")
    command.add_argument("--duration", type=_positive, metavar="S", help="wall seconds")
    command.add_argument("--report", type=_file, metavar="FILE", help="the report, by the ending")
    _add_shot(command)
    _add_language(command)


def _add_shot(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--shot",
        type=_file,
        metavar="FILE",
        help="after --duration (30 s) a picture, with {screen} in FILE one of each screen; then"
        " the end",
    )


def _add_sim(commands: Any) -> None:
    command = _command(commands, "sim", _sim, "the simulated plant as an OPC UA server")
    command.set_defaults(outputs=("out", "truth"))
    command.add_argument("line", metavar="LINE")
    command.add_argument(
        "--endpoint", type=_endpoint, metavar="URL", help="default: that of the line file"
    )
    command.add_argument(
        "--speed", type=_positive, default=1.0, metavar="X", help="plant seconds per second"
    )
    command.add_argument("--seed", type=_seed, default=1, metavar="N")
    command.add_argument(
        "--start",
        type=_moment,
        metavar="TIME",
        help="plant time; default: now, offline " + _OFFLINE_START,
    )
    command.add_argument("--duration", type=_plant_seconds, metavar="S", help="plant seconds")
    command.add_argument("--scenario", metavar="NAME")
    command.add_argument("--faults", type=_file, metavar="FILE", help="what goes wrong, as TOML")
    command.add_argument("--truth", type=_file, metavar="FILE", help="the truth ledger")
    command.add_argument(
        "--user",
        metavar="NAME",
        help="alone may connect, encrypted, by the password in GREENLINE_SIM_PASSWORD",
    )
    command.add_argument("--offline", action="store_true", help="straight into a shift log")
    command.add_argument("--out", type=_file, metavar="LOG", help="the log of --offline")
    command.add_argument("--after", type=_file, metavar="LOG", help="continues this log's work")
    command.add_argument("--stop-with-stdin", action="store_true", help=argparse.SUPPRESS)


def _add_watch(commands: Any) -> None:
    command = _command(commands, "watch", _watch, "live: stream, mirror, log")
    command.set_defaults(outputs=("log", "report", "shot"))
    command.add_argument("line", metavar="LINE")
    command.add_argument(
        "--endpoint", type=_endpoint, metavar="URL", help="default: that of the line file"
    )
    command.add_argument("--log", type=_file, metavar="LOG", help="keeps the shift here")
    command.add_argument("--headless", action="store_true", help="without a window")
    command.add_argument("--duration", type=_positive, metavar="S", help="wall seconds")
    command.add_argument("--report", type=_file, metavar="FILE", help="the report, by the ending")
    command.add_argument("--after", type=_file, metavar="LOG", help="continues this log's work")
    command.add_argument(
        "--trust", type=_fingerprint, metavar="FINGERPRINT", help="of the server's certificate"
    )
    _add_shot(command)
    _add_language(command)


def _add_replay(commands: Any) -> None:
    command = _command(commands, "replay", _replay, "a logged shift through the same path")
    command.set_defaults(outputs=("report", "shot"))
    command.add_argument("log", type=_file, metavar="LOG")
    command.add_argument(
        "--speed", type=_replay_speed, metavar="X", help="or max; default 1, headless max"
    )
    command.add_argument("--headless", action="store_true", help="without a window")
    command.add_argument("--duration", type=_positive, metavar="S", help="wall seconds")
    command.add_argument("--report", type=_file, metavar="FILE", help="the report, by the ending")
    _add_shot(command)
    _add_language(command)


def _add_tables(commands: Any) -> None:
    command = _command(
        commands, "import", _import, "CSV, Parquet or XLSX by the line file's mapping, into a log"
    )
    command.set_defaults(outputs=("out",))
    command.add_argument("tables", nargs="+", type=_file, metavar="TABLE")
    command.add_argument("--line", required=True, metavar="LINE")
    command.add_argument("--out", required=True, type=_file, metavar="LOG")
    command = _command(
        commands, "export", _export, "a log's tables as CSV, Parquet or XLSX, by the file's ending"
    )
    command.set_defaults(outputs=("out",))
    command.add_argument("log", type=_file, metavar="LOG")
    what = ("vehicles", "ledger", "minutes", "losses", "samples", "events")
    command.add_argument("--what", required=True, choices=what)
    command.add_argument("--out", required=True, type=_file, metavar="FILE")


def _add_report(commands: Any) -> None:
    command = _command(commands, "report", _report, "a log's report, by the file's ending")
    command.set_defaults(outputs=("out",))
    command.add_argument("logs", nargs="+", type=_file, metavar="LOG")
    command.add_argument(
        "--book", action="append", default=[], metavar="NAME", help="or KEY=NAME: another book"
    )
    command.add_argument(
        "--rule", action="append", default=[], metavar="KEY=VALUE", help="another allocation rule"
    )
    command.add_argument("--out", required=True, type=_file, metavar="FILE")
    _add_language(command)


def _add_passport(commands: Any) -> None:
    command = _command(
        commands, "passport", _passport, "one vehicle's passport, JSON or HTML by the ending"
    )
    command.set_defaults(outputs=("out",))
    command.add_argument(
        "logs", nargs="+", type=_file, metavar="LOG", help="or the logs of a chain"
    )
    command.add_argument("--vehicle", required=True, metavar="VIN")
    command.add_argument(
        "--out", required=True, type=_file, metavar="FILE", help=".json, .html or .pact.json"
    )
    command.add_argument("--bom", type=_file, metavar="FILE", help="another bill of material")
    command.add_argument(
        "--scenario", type=_file, metavar="FILE", help="use phase and end of life, as TOML"
    )
    _add_language(command)


def _add_score(commands: Any) -> None:
    command = _command(commands, "score", _score, "accuracy against the truth, as a table")
    command.add_argument(
        "what",
        choices=("energy", "greet"),
        help="what is booked against the truth ledgers of demo and small, with its goals; or the"
        " simulated plant's energy per vehicle against published tables",
    )
    command.add_argument(
        "--seeds",
        type=_number_of_runs,
        metavar="N",
        help=f"runs; default: {_ENERGY_SEEDS} of small for energy, 1 for greet",
    )
    command.add_argument("--json", action="store_true", help="as JSON")


if __name__ == "__main__":
    sys.exit(main())
