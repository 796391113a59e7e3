"""Snapshots made by hand from plain numbers, and sessions that hand them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from threading import Event, Thread

import numpy as np
from numpy.typing import NDArray

from data.line import Line, Names
from data.line_file import load_line as _load_line
from twin.alarms import Alarms
from twin.clues import Clue
from twin.moments import Moment
from twin.session import ConnectionView, Result, SessionState
from twin.snapshot import (
    BufferView,
    Gap,
    Kpi,
    PowerSeries,
    Quality,
    SignalView,
    Snapshot,
    StationView,
    VehicleTable,
    Visit,
)
from ui.backend import Look, OpenFailed, Story

NS = 1_000_000_000
# 2026-03-02 06:00 in Shanghai, a Monday.
SHIFT_NS = 1_772_402_400 * NS
TAKT, PITCH, STAY, WORK = 60, 62, 58, 54
VARIANTS = ("sedan", "suv", "bev", "sedan", "sedan")
POWER = {"B010": 78.0, "B020": 91.0, "B030": 120.0, "B040": 64.0, "B050": 22.0, "B060": 11.0}
STATIONS = tuple(POWER)
YEAR_BUCKETS = 3_153_600


@cache
def load_line(id_: str) -> Line:
    """A bundled line, with plan and targets of our own where these tests look at them."""
    line = _load_line(id_)
    if id_ != "small":
        return line
    targets = {"jph": 54.0, "energy_per_vehicle": 4.5, "takt_attainment": 0.92}
    return replace(line, shifts=line.shifts[:2], targets=targets)


def vin(number: int) -> str:
    return f"LGNCCU24WTG{number:06d}"


def _visits(seconds: int) -> list[Visit]:
    visits = []
    for k in range(seconds // TAKT + 1):
        for i, station in enumerate(STATIONS):
            enter = k * TAKT + i * PITCH
            if enter > seconds:
                break
            leave = enter + STAY
            work = min(WORK, seconds - enter)
            visits.append(
                Visit(
                    vehicle=vin(k),
                    station=station,
                    enter_ns=SHIFT_NS + enter * NS,
                    leave_ns=SHIFT_NS + leave * NS if leave <= seconds else None,
                    whole=True,
                    processing_s=float(work),
                    direct_kwh={"electricity": POWER[station] * work / 3600},
                    waiting_kwh={"electricity": 0.01 * POWER[station]},
                    evidence="measured",
                )
            )
    return visits


def _station(station: str, visits: list[Visit], seconds: int, failed: str | None) -> StationView:
    mine = [visit for visit in visits if visit.station == station]
    here = mine[-1] if mine and mine[-1].leave_ns is None else None
    now = SHIFT_NS + seconds * NS
    state, since = "starved", now - 2 * NS
    if here is not None:
        working = now - here.enter_ns <= WORK * NS
        state = "processing" if working else "blocked"
        since = here.enter_ns if working else here.enter_ns + WORK * NS
    if station == failed:
        state, since = "failed", now - 134 * NS
    number = int(here.vehicle[-6:]) if here else 0
    idle = 0.14 * POWER[station]
    return StationView(
        station=station,
        state=state,
        state_since_ns=since,
        vehicle=here.vehicle if here else None,
        variant=VARIANTS[number % len(VARIANTS)] if here else None,
        power_kw=POWER[station] if state == "processing" else idle,
        energy_kwh=sum(v.direct_kwh["electricity"] for v in mine),
        vehicles_done=sum(v.leave_ns is not None for v in mine),
        data_ns=now - 150_000_000,
    )


def _table(visits: list[Visit], seconds: int) -> VehicleTable:
    count = seconds // TAKT + 1
    last = (len(STATIONS) - 1) * PITCH + STAY
    entered = np.array([SHIFT_NS + k * TAKT * NS for k in range(count)], np.int64)
    done = np.array([k * TAKT + last <= seconds for k in range(count)])
    direct = np.zeros(count)
    where = [""] * count
    for visit in visits:
        number = int(visit.vehicle[-6:])
        direct[number] += visit.direct_kwh["electricity"]
        where[number] = "" if visit.leave_ns else visit.station
    state = done.astype(np.uint8)
    if count > 40:
        state[17] = 2
    shared = np.where(done, 0.87, 0.31)
    scrap = np.zeros(count)
    return VehicleTable(
        vehicle=tuple(vin(k) for k in range(count)),
        variant=tuple(VARIANTS[k % len(VARIANTS)] for k in range(count)),
        station=tuple(where),
        entered_ns=entered,
        completed_ns=np.where(done, entered + last * NS, 0),
        state=state,
        complete=done,
        final=np.zeros(count, np.bool_),
        direct_kwh=direct,
        shared_kwh=shared,
        scrap_kwh=scrap,
        carbon_kg=(direct + shared) * 0.5777,
        evidence=("measured",) * count,
    )


def _power(line: Line, seconds: int, gap: tuple[int, int] | None) -> PowerSeries:
    buckets = max(seconds // 10, 1)
    rng = np.random.default_rng(7)
    t = np.arange(buckets) * 10.0
    kw = np.full((len(line.points), buckets), np.nan)
    for p, point in enumerate(line.points):
        if point.id == "E_BODY":
            continue
        if point.stations and len(point.stations) == 1:
            i = STATIONS.index(point.stations[0])
            phase = (t - i * PITCH) % TAKT
            busy = (phase < WORK) & (t >= i * PITCH)
            level = POWER[point.stations[0]]
            kw[p] = np.where(busy, level, 0.14 * level) + rng.normal(0, 0.8, buckets)
    feeder = line.point_index["E_BODY"]
    kw[feeder] = np.nansum(kw, axis=0) + 46 + rng.normal(0, 1.5, buckets)
    if gap is not None:
        kw[:, gap[0] // 10 : gap[1] // 10] = np.nan
    return PowerSeries(SHIFT_NS, 10 * NS, tuple(p.id for p in line.points), kw, kw[feeder])


def _signals(line: Line, now: int) -> tuple[SignalView, ...]:
    views = []
    for i, signal in enumerate(line.signals):
        quality, text, at = "good", f"{(i * 37) % 211 / 2:g}", now - (i % 9) * 120_000_000
        if signal.role == "state":
            text = "Execute"
        if signal.role == "vehicle":
            text = vin(100 + i)
        if signal.key == "B040.good_count":
            quality, at = "uncertain", now - 14 * NS
        if signal.role == "reject_count":
            at = now - 1466 * NS
        if signal.key == "P_B060.value":
            quality, text, at = "missing", "", 0
        views.append(SignalView(signal.key, text or None, signal.unit, at or None, quality))
    return tuple(views)


def kpis(line: Line, completed: int, hours: float) -> dict[str, Kpi]:
    rows = (
        ("vehicles_completed", float(completed), "vehicles"),
        ("vehicles_good", float(completed - 1), "vehicles"),
        ("wip", 7.0, "vehicles"),
        ("jph", completed / max(hours, 0.1), "1/h"),
        ("takt_attainment", 0.887, "1"),
        ("oee", 0.831, "1"),
        ("availability", 0.904, "1"),
        ("quality_ratio", 0.996, "1"),
        ("energy_total", 356.2 * hours, "kWh"),
        ("energy_per_vehicle", 6.214, "kWh"),
        ("idle_energy_share", 0.094, "1"),
        ("value_adding_share", 0.771, "1"),
        ("peak_demand", 391.4, "kW"),
        ("load_factor", 0.911, "1"),
        ("carbon_total", 205.8 * hours, "kg CO2e"),
        ("carbon_per_vehicle", 3.59, "kg CO2e"),
        ("weld_spots", 4711.0, "spots"),
    )
    estimated = {"oee", "carbon_per_vehicle"}
    return {
        id_: Kpi(
            id_, v, unit, line.targets.get(id_), "estimated" if id_ in estimated else "measured"
        )
        for id_, v, unit in rows
    }


def small_snapshot(
    line: Line,
    seconds: int,
    *,
    serial: int = 1,
    failed: str | None = None,
    gap: tuple[int, int] | None = None,
    receive_ns: int | None = None,
) -> Snapshot:
    now = SHIFT_NS + seconds * NS
    visits = _visits(seconds)
    table = _table(visits, seconds)
    completed = int((table.completed_ns > 0).sum())
    buffers = [
        BufferView(edge.from_station, edge.to_station, edge.capacity, ()) for edge in line.edges
    ]
    buffers[1] = replace(buffers[1], vehicles=(vin(3),))
    buffers[2] = replace(buffers[2], vehicles=(vin(2), vin(1)))
    kwh = 356.2 * seconds / 3600
    shares = {
        "processing": 0.771,
        "starved": 0.041,
        "blocked": 0.022,
        "failed": 0.009,
        "none": 0.157,
    }
    return Snapshot(
        serial=serial,
        from_ns=SHIFT_NS,
        time_ns=now,
        receive_ns=now if receive_ns is None else receive_ns,
        speed=1.0,
        provisional=True,
        stations=tuple(_station(s, visits, seconds, failed) for s in STATIONS),
        buffers=tuple(buffers),
        power_kw=372.4,
        kpis=kpis(line, completed, seconds / 3600),
        energy_by_state_kwh={state: share * kwh for state, share in shares.items()},
        balance_error={"electricity": 3e-16, "natural_gas": 0.0},
        vehicles=table,
        visits=tuple(visits),
        power=_power(line, seconds, gap),
        signals=_signals(line, now),
        gaps=() if gap is None else (Gap("plc", SHIFT_NS + gap[0] * NS, SHIFT_NS + gap[1] * NS),),
        quality=Quality(48_211, 3, 12, 4, 2, int(gap is not None), 0, 0),
    )


@cache
def _year_kw() -> NDArray[np.float64]:
    rng = np.random.default_rng(1)
    quarters = YEAR_BUCKETS // 90
    t = np.arange(quarters)
    day, week = (t % 96) / 96, t // 96 % 7
    load = np.where((day > 0.34) & (day < 0.85) & (week < 6), 250.0, 28.0)
    load = np.abs(load * rng.uniform(0.3, 1.7, quarters) + rng.normal(0, 12, quarters))
    kw = np.repeat(load, 90)
    kw[1_000_000:1_060_000] = np.nan
    return kw


def steel_snapshot(line: Line, *, serial: int = 1) -> Snapshot:
    """A year at 10 s, of which 15 minutes share one value."""
    begin = 1_514_732_400 * NS  # 2018-01-01 in Seoul
    kw = _year_kw()
    end = begin + YEAR_BUCKETS * 10 * NS
    kpi_rows = {
        "energy_total": Kpi("energy_total", 959_637.2, "kWh", None, "measured"),
        "carbon_total": Kpi("carbon_total", 554_382.0, "kg CO2e", None, "estimated"),
        "peak_demand": Kpi("peak_demand", 628.7, "kW", 600.0, "measured"),
        "load_factor": Kpi("load_factor", 0.174, "1", None, "measured"),
        "oee": Kpi("oee", None, "1", None, None),
    }
    none = small_snapshot(load_line("small"), 0)
    return replace(
        none,
        serial=serial,
        from_ns=begin,
        time_ns=end,
        receive_ns=end,
        provisional=False,
        stations=(),
        buffers=(),
        power_kw=42.5,
        kpis=kpi_rows,
        energy_by_state_kwh={"none": 959_637.2},
        balance_error={"electricity": 2e-16},
        vehicles=replace(
            none.vehicles,
            vehicle=(),
            variant=(),
            station=(),
            evidence=(),
            **{
                name: getattr(none.vehicles, name)[:0]
                for name in (
                    *("entered_ns", "completed_ns", "state", "complete", "final"),
                    *("direct_kwh", "shared_kwh", "scrap_kwh", "carbon_kg"),
                )
            },
        ),
        visits=(),
        power=PowerSeries(begin, 10 * NS, ("E_PLANT",), kw[None, :], kw),
        signals=(SignalView("E_PLANT.value", "3.42", "kWh", end, "good"),),
        gaps=(Gap("table", begin + 10_000_000 * NS, begin + 10_600_000 * NS),),
        quality=Quality(35_040, 0, 0, 0, 0, 1, 0, 0),
    )


@dataclass
class HandTransport:
    span_ns: tuple[int, int]
    position_ns: int
    speed: float | None = 1.0
    playing: bool = True
    generation: int = 0

    def play(self) -> None:
        self.playing = True

    def pause(self) -> None:
        self.playing = False

    def set_speed(self, speed: float | None) -> None:
        self.speed = speed

    def seek(self, time_ns: int) -> None:
        self.position_ns = time_ns


def connection(state: str = "live", reason: str = "") -> ConnectionView:
    return ConnectionView("plc", "opc.tcp://127.0.0.1:4840", state, reason, 47, 1, 48_211, 0, 0.2)


@dataclass
class HandSession:
    """Hands out what it was given; runs a real thread, so that a leak would show."""

    line: Line
    shown: Snapshot | None
    mode: str = "live"
    title: str = "opc.tcp://127.0.0.1:4840"
    transport: HandTransport | None = None
    views: tuple[ConnectionView, ...] = field(default_factory=lambda: (connection(),))
    failed: str | None = None
    thread: Thread | None = None
    stopping: Event = field(default_factory=Event)
    happened: tuple[Moment, ...] = ()
    result: Result | None = None
    own_alarms: Alarms | None = None

    @property
    def alarms(self) -> Alarms:
        if self.own_alarms is None:
            self.own_alarms = Alarms(self.line)
        return self.own_alarms

    def start(self) -> None:
        self.thread = Thread(target=self.stopping.wait, name="hand-made session")
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        if self.thread is not None:
            self.thread.join()

    def snapshot(self) -> Snapshot | None:
        return self.shown

    def state(self) -> SessionState:
        if self.failed:
            return SessionState.FAILED
        paused = self.transport is not None and not self.transport.playing
        return SessionState.PAUSED if paused else SessionState.RUNNING

    def failure(self) -> str | None:
        return self.failed

    def failure_detail(self) -> str | None:
        return self.failed and f"Traceback: {self.failed}"

    def moments(self) -> tuple[Moment, ...]:
        return self.happened

    def drawn_up(self) -> Result | None:
        return self.result

    def connections(self) -> tuple[ConnectionView, ...]:
        return self.views


class HandBackend:
    """Opens hand-made sessions; remembers what it was asked."""

    def __init__(self, sessions: Sequence[HandSession] = ()) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.sessions = list(sessions)
        self.fault: str | None = None

    def lines(self) -> Sequence[tuple[str, Names]]:
        return tuple((id_, load_line(id_).plant.names) for id_ in ("small", "uci_steel"))

    def scenarios(self, line: str) -> Sequence[Story]:
        restart = Story(
            "server_restart",
            Names("The server restarts", "服务器重启"),
            Names("A gap", "数据缺口"),
            Names("The server is gone for 15 seconds", "服务器中断 15 秒"),
            (Look("signals", "B040", Names("The connection", "连接")),),
            (Clue("gaps"), Clue("kpi", kpi="energy_per_vehicle")),
        )
        return (restart,) if line == "small" else ()

    def open_live(self, line: str, endpoint: str | None, log: Path | None) -> HandSession:
        return self._open("live", line, endpoint, log)

    def open_log(self, path: Path) -> HandSession:
        return self._open("log", path)

    def open_demo(self, line: str, speed: float, scenario: str | None) -> HandSession:
        return self._open("demo", line, speed, scenario)

    def _open(self, *asked: object) -> HandSession:
        self.asked.append(asked)
        if self.fault is not None:
            raise OpenFailed(self.fault)
        return self.sessions.pop(0)


def live_session(seconds: int = 5400, **options: object) -> HandSession:
    line = load_line("small")
    return HandSession(line, small_snapshot(line, seconds, **options))  # type: ignore[arg-type]


def replay_session(seconds: int = 5400) -> HandSession:
    line = load_line("small")
    snapshot = small_snapshot(line, seconds, gap=(2400, 2700))
    end = SHIFT_NS + 8 * 3600 * NS
    transport = HandTransport((SHIFT_NS, end), snapshot.time_ns)
    happened = (
        Moment(SHIFT_NS, end, "shift", "early"),
        Moment(SHIFT_NS + 1800 * NS, SHIFT_NS + 2100 * NS, "failed", "B040"),
        Moment(SHIFT_NS + 2400 * NS, SHIFT_NS + 2700 * NS, "gap", "plc"),
        Moment(SHIFT_NS + 4 * 3600 * NS, SHIFT_NS + 15_300 * NS, "break", "early"),
        Moment(SHIFT_NS + 21_000 * NS, SHIFT_NS + 21_840 * NS, "failed", "B060"),
    )
    return HandSession(
        line, snapshot, "replay", "early-2026-03-02.glog", transport, (), happened=happened
    )


def steel_session() -> HandSession:
    line = load_line("uci_steel")
    snapshot = steel_snapshot(line)
    transport = HandTransport((snapshot.from_ns, snapshot.time_ns), snapshot.time_ns, playing=False)
    return HandSession(line, snapshot, "replay", "uci_steel_2018.glog", transport, ())
