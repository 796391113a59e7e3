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
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.cli.arguments import (
    Parser,
    add_command,
    add_language,
    add_shot,
    endpoint_url,
    file_path,
    moment,
    number_of_runs,
    plant_seconds,
    positive,
    seed_number,
)
from ui.cli.check import add_check
from ui.cli.logs import (
    Kept,
    boms_of_line,
    booked_log,
    books_of,
    check_after,
    replayed_session,
)
from ui.cli.monitor import (
    add_replay,
    add_watch,
    fitting_speed,
    hand_over,
    live_session,
    show_or_run,
)
from ui.cli.reports import add_passport, add_report
from ui.cli.tables import add_tables
from ui.cli.terminal import (
    DONE,
    FAULTS_FOUND,
    INTERRUPTED,
    NO_ACCESS,
    WRONG_INPUT,
    NoAccess,
    WrongInput,
    check_outputs,
    go_on_with,
    need_screen,
    plant_time,
    say,
    say_fault,
    say_if_compiling,
    say_part,
    software,
    stop_on_signals,
    utc_text,
)
from ui.cli.verify import add_verify

if TYPE_CHECKING:
    from data.line import Line
    from data.samples import SampleBlock
    from plc_sim.source import PlantSource
    from twin.accounts import Opening
    from twin.meter_knowledge import Knowledge
    from twin.mirror import Booked
    from twin.score import Usage
    from twin.score_energy import FeederShift, StationRun
    from twin.session import Result, Session

_OFFLINE_START = "2026-03-02T06:00"
_DEMO_SPEED = 20.0
_SHIFT_S = 28_800.0
_ENERGY_SEEDS = 5  # runs of small, where none are asked for
_NOISE, _GAIN_ERROR, _LOST_SHARE = 0.01, 0.005, 0.1  # of the station meters that are scored
_PROGRESS_S = 5.0
_DAY_S = 86_400.0
_WEEK_S = 7 * _DAY_S


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; gives its exit status (see ``greenline --help``)."""
    # Time zones come from the pinned tzdata package, the same on every machine.
    zoneinfo.reset_tzpath(())
    place_caches()
    arguments = _parser().parse_args(argv)
    try:
        check_outputs(arguments)
        return int(arguments.run(arguments))
    except (WrongInput, NoAccess) as fault:
        say_fault(fault)
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
        say_fault(fault)
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


def _monitor(arguments: argparse.Namespace) -> int:
    """The monitor at its start page."""
    need_screen("greenline")
    from ui.app import run

    return run(arguments.backend, language=arguments.language)


def _sim(arguments: argparse.Namespace) -> int:
    from data.line_file import load_line
    from plc_sim.command import serve

    line = load_line(arguments.line)
    if arguments.offline:
        return _sim_offline(arguments, line)
    if arguments.out or arguments.after:
        raise WrongInput("--out and --after are for --offline: a served plant writes no log")
    stop = stop_on_signals()
    if arguments.stop_with_stdin:
        threading.Thread(target=_set_at_eof, args=(stop,), daemon=True).start()
    serve(
        line,
        endpoint=arguments.endpoint,
        speed=arguments.speed,
        seed=arguments.seed,
        start_ns=plant_time(arguments.start, line) if arguments.start else time.time_ns(),
        duration_s=arguments.duration,
        scenario=arguments.scenario,
        faults=arguments.faults,
        truth=arguments.truth,
        user=arguments.user,
        stop=stop,
        say=say,
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
    opening, carries_on, start_ns = None, {}, plant_time(arguments.start or _OFFLINE_START, line)
    if arguments.after is not None:
        check_after(arguments.after, line)
        before = booked_log(arguments.after)
        opening, carries_on = before.accounts.closing(), _carried(before)
        if arguments.start is None:
            start_ns = before.ledger.booked.to_ns
        if start_ns < before.ledger.booked.to_ns:
            raise WrongInput(
                f"--start {arguments.start}: lies before the end of {arguments.after}, which is"
                f" {utc_text(before.ledger.booked.to_ns)}; work goes on from there"
            )
    source = PlantSource(
        line,
        seed=arguments.seed,
        start_ns=start_ns,
        duration_s=arguments.duration,
        truth_path=arguments.truth,
        scenario=arguments.scenario,
        faults=arguments.faults,
        say=say,
        **carries_on,
    )
    books, boms = books_of(line, arguments.line), boms_of_line(line, arguments.line)
    kept = Kept(arguments.out, line, books, opening, arguments.after, boms)
    session = kept.session(source, Sequencer(line, source.texts), "simulation", "offline")
    stop = stop_on_signals()
    result = session.run(go_on_with(session, stop, None))
    hand_over(session, arguments, None)
    say(f"{arguments.out}: {result.ledger.booked.quality.samples:,} samples")
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


def _demo(arguments: argparse.Namespace) -> int:
    if not (arguments.headless or arguments.shot):
        need_screen("demo", "--headless")
    if arguments.headless or arguments.shot:
        _compile_kernels(arguments.line)
    with ExitStack() as stack:
        session = _demo_session(arguments.line, arguments.speed, arguments.scenario, stack)
        return show_or_run(session, arguments, arguments.duration)


def _compile_kernels(name: str) -> None:
    """Before the plant starts: at 20 times its speed more comes than can wait for them."""
    from data.line_file import load_line
    from twin.mirror import Mirror

    say_if_compiling()
    line = load_line(name)
    Mirror(line, books_of(line, name)).warm_up()


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

    books, start_ns = books_of(line, line.plant.id), plant_time(_OFFLINE_START, line)
    name = f"{line.plant.id}, {scenario}" if scenario else line.plant.id

    def ledger(seed: int) -> list[dict[str, object]]:
        go_on = say_part(f"{name}, {duration_s / _DAY_S:g} days, seed {seed}")
        return run_totals(
            line, scenario, seed=seed, start_ns=start_ns, duration_s=duration_s, go_on=go_on
        )

    return pooled([usage(line, ledger(seed), books) for seed in range(1, seeds + 1)])


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

    say_if_compiling()
    found: dict[_EnergyRun, list[StationRun | FeederShift]] = {}
    # Ctrl-C is for this process; leaving the pool ends the others.
    deaf = (signal.SIGINT, signal.SIG_IGN)
    with get_context("spawn").Pool(initializer=signal.signal, initargs=deaf) as pool:
        for run, scored in pool.imap_unordered(_EnergyRun.scored, runs):
            found[run] = scored
            if sys.stderr.isatty():
                say(f"{len(found)} of {len(runs)}  {run}")
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
    start_ns = plant_time(_OFFLINE_START, line)
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
    plant, start_ns = for_line(whole, line), plant_time(_OFFLINE_START, line)
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
    mirrors = [Mirror(line, books_of(line, line.plant.id), brought=brought) for _ in ways]
    for mirror in mirrors:
        mirror.warm_up()
    for block in chain(map(order.push, source.blocks()), (order.flush() for _ in range(1))):
        for mirror, way in zip(mirrors, ways, strict=True):
            mirror.advance(way(block))
    return [mirror.booked() for mirror in mirrors]


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
    return live_session(line, name, endpoint=endpoint, mode="simulation", stop_also=end_plant)


def _await_serving(plant: subprocess.Popen[str]) -> None:
    """Waits for the plant's first line; what it says later goes on to ours."""
    assert plant.stderr is not None
    first = plant.stderr.readline()
    if not first.startswith("serving"):
        rest = plant.stderr.read()
        raise WrongInput(f"the simulated plant did not start: {(first + rest).strip()}")
    say(first.rstrip())
    stream = plant.stderr

    def pass_on() -> None:
        for line in stream:
            say(line.rstrip())

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
        from twin.clues import Clue
        from ui.backend import Look, Story

        return [
            Story(
                id=told.name,
                names=told.names,
                find=told.find,
                happens=told.happens,
                look=tuple(Look(x.screen, x.station, x.names) for x in told.look),
                found=tuple(Clue(x.by, x.station, x.cause, x.carrier, x.kpi) for x in told.found),
            )
            for told in stories(line)
        ]

    def open_live(self, line: str, endpoint: str | None, log: Path | None) -> Session:
        from data.line_file import load_line

        return _opened(lambda: live_session(load_line(line), line, endpoint=endpoint, log=log))

    def open_log(self, path: Path) -> Session:
        return _opened(lambda: replayed_session(path, fitting_speed(path), linger=True)[0])

    def open_demo(self, line: str, speed: float, scenario: str | None) -> Session:
        # The session ends the plant with itself.
        return _opened(lambda: _demo_session(line, speed, scenario, ExitStack()))


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


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="greenline",
        description="Digital twin of a vehicle line: every metered kWh ends on a vehicle or on a"
        " named loss, with its evidence.",
        epilog="LINE is a bundled line (demo, small, uci_steel) or the path of a line file. Exit"
        " status: 0 done; 1 a check found faults; 2 wrong use or wrong input; 3 no connection, or a"
        " file that cannot be read or written.",
    )
    parser.add_argument("--version", action="version", version=software())
    parser.set_defaults(run=_monitor, backend=_Backend())
    add_language(parser)
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=Parser)
    _add_demo(commands)
    _add_sim(commands)
    add_watch(commands)
    add_replay(commands)
    add_tables(commands)
    add_report(commands)
    add_passport(commands)
    _add_score(commands)
    add_check(commands)
    add_verify(commands)
    return parser


def _add_demo(commands: Any) -> None:
    command = add_command(
        commands, "demo", _demo, "the bundled plant and the monitor on it, in one go"
    )
    command.set_defaults(outputs=("report", "shot"))
    command.add_argument("--line", default="demo", metavar="LINE", help="default: demo")
    command.add_argument("--scenario", metavar="NAME")
    command.add_argument(
        "--speed", type=positive, default=_DEMO_SPEED, metavar="X", help="default: 20"
    )
    command.add_argument("--headless", action="store_true", help="without a window")
    command.add_argument("--duration", type=positive, metavar="S", help="wall seconds")
    command.add_argument(
        "--report", type=file_path, metavar="FILE", help="the report, by the ending"
    )
    add_shot(command)
    add_language(command)


def _add_sim(commands: Any) -> None:
    command = add_command(commands, "sim", _sim, "the simulated plant as an OPC UA server")
    command.set_defaults(outputs=("out", "truth"))
    command.add_argument("line", metavar="LINE")
    command.add_argument(
        "--endpoint", type=endpoint_url, metavar="URL", help="default: that of the line file"
    )
    command.add_argument(
        "--speed", type=positive, default=1.0, metavar="X", help="plant seconds per second"
    )
    command.add_argument("--seed", type=seed_number, default=1, metavar="N")
    command.add_argument(
        "--start",
        type=moment,
        metavar="TIME",
        help="plant time; default: now, offline " + _OFFLINE_START,
    )
    command.add_argument("--duration", type=plant_seconds, metavar="S", help="plant seconds")
    command.add_argument("--scenario", metavar="NAME")
    command.add_argument(
        "--faults", type=file_path, metavar="FILE", help="what goes wrong, as TOML"
    )
    command.add_argument("--truth", type=file_path, metavar="FILE", help="the truth ledger")
    command.add_argument(
        "--user",
        metavar="NAME",
        help="alone may connect, encrypted, by the password in GREENLINE_SIM_PASSWORD",
    )
    command.add_argument("--offline", action="store_true", help="straight into a shift log")
    command.add_argument("--out", type=file_path, metavar="LOG", help="the log of --offline")
    command.add_argument("--after", type=file_path, metavar="LOG", help="continues this log's work")
    command.add_argument("--stop-with-stdin", action="store_true", help=argparse.SUPPRESS)


def _add_score(commands: Any) -> None:
    command = add_command(commands, "score", _score, "accuracy against the truth, as a table")
    command.add_argument(
        "what",
        choices=("energy", "greet"),
        help="what is booked against the truth ledgers of demo and small, with its goals; or the"
        " simulated plant's energy per vehicle against published tables",
    )
    command.add_argument(
        "--seeds",
        type=number_of_runs,
        metavar="N",
        help=f"runs; default: {_ENERGY_SEEDS} of small for energy, 1 for greet",
    )
    command.add_argument("--json", action="store_true", help="as JSON")


if __name__ == "__main__":
    sys.exit(main())
