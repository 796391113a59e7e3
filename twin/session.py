"""Drives a source through order, log and mirror; handed its parts, it imports none of them.

Live, replay and import are the same loop: what the source yields is put in order (a replay is
already), logged (live only) and booked. The newest Snapshot waits for whoever pulls it.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from threading import Event, Lock, Thread
from time import perf_counter
from typing import Protocol

from data.line import Line
from data.samples import Log, LogTrouble, Order, SampleBlock, Source
from twin import report as reports
from twin import view
from twin.accounts import Accounts, Opening, allot
from twin.alarm_facts import EVERY_NS, Facts, facts
from twin.alarms import Alarms
from twin.found import Found
from twin.ledger import Ledger, close
from twin.meter_knowledge import Knowledge
from twin.meters import NOTHING, Estimates, Estimator, estimate
from twin.mirror import Mirror
from twin.moments import Moment
from twin.snapshot import Snapshot

WAIT_S = 0.1
COLD_PIECE = 2000  # samples that are booked without compiled kernels in a third of a second
STANDS_S = 1.0  # a replay that has not moved for so long stands still


class Interrupted(Exception):
    """A session was ended before it had begun."""


class SessionState(Enum):
    """Where a session is in its life."""

    CONNECTING = "connecting"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"
    FAILED = "failed"


_OVER = (SessionState.ENDED, SessionState.FAILED)


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """One source's connection; state is "connecting", "live", "stale" or "down"."""

    source: str
    url: str
    state: str
    reason: str
    items_ok: int
    items_refused: int
    received: int
    dropped: int
    age_s: float | None


class Transport(Protocol):
    """The controls of a replay; speed None: as fast as it can."""

    @property
    def span_ns(self) -> tuple[int, int]: ...  # noqa: D102
    @property
    def position_ns(self) -> int: ...  # noqa: D102
    @property
    def speed(self) -> float | None: ...  # noqa: D102
    @property
    def playing(self) -> bool: ...  # noqa: D102
    @property
    def generation(self) -> int:
        """Grows with each seek: what was booked before it no longer counts."""
        ...

    def play(self) -> None: ...  # noqa: D102
    def pause(self) -> None: ...  # noqa: D102
    def set_speed(self, speed: float | None) -> None: ...  # noqa: D102
    def seek(self, time_ns: int) -> None: ...  # noqa: D102


class MonitorSession(Protocol):
    """What a window needs of a session."""

    @property
    def mode(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def line(self) -> Line: ...  # noqa: D102
    @property
    def transport(self) -> Transport | None: ...  # noqa: D102
    @property
    def alarms(self) -> Alarms: ...  # noqa: D102
    def start(self) -> None: ...  # noqa: D102
    def stop(self) -> None: ...  # noqa: D102
    def snapshot(self) -> Snapshot | None: ...  # noqa: D102
    def state(self) -> SessionState: ...  # noqa: D102
    def failure(self) -> str | None: ...  # noqa: D102
    def connections(self) -> tuple[ConnectionView, ...]: ...  # noqa: D102


class Digest(Protocol):
    """A digest over the sequenced content."""

    def update(self, block: SampleBlock) -> None: ...  # noqa: D102
    def hexdigest(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Parts:
    """What a session is made of; ``mirror``, ``digest`` make fresh ones (a replay may rewind)."""

    source: Source
    mirror: Callable[[], Mirror]
    digest: Callable[[], Digest]
    order: Order | None = None
    log: Log | None = None
    transport: Transport | None = None
    opening: Mapping[str, Opening] | None = None
    known: Knowledge | None = None  # of virtual meters, from the log that this one continues
    connections: Callable[[], tuple[ConnectionView, ...]] = tuple
    moments: Callable[[], tuple[Moment, ...]] = tuple  # of a log, all that there is to jump to
    on_closed: Callable[[Accounts], None] | None = None  # before the log is sealed
    on_failed: Callable[[bool], None] | None = None  # told whether the session had begun
    on_log: Callable[[str | None], None] | None = None  # trouble with the log begins; None: over
    stop_also: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a session came to."""

    ledger: Ledger
    accounts: Accounts
    digest: str
    found: Found | None = None  # None: not sought yet

    def report(self) -> reports.Report:
        """The report of it."""
        return reports.build(self.ledger, self.accounts, self.digest, self.found)


class Session:
    """One run of a source through the mirror; ``mode`` is "live", "replay" or "simulation"."""

    def __init__(self, parts: Parts, *, mode: str, title: str, snapshot_s: float = 0.25) -> None:
        self.mode, self.title = mode, title
        self._parts = parts
        self._mirror, self._digest = parts.mirror(), parts.digest()
        self._generation = parts.transport.generation if parts.transport else 0
        self._snapshot: Snapshot | None = None
        self._serial = 0
        self._snapshot_s = snapshot_s
        self._estimator = Estimator(parts.known)
        self._alarms: Alarms | None = None  # of whoever watches; a report needs none
        self._facts: Facts = {}
        self._drawn = 0  # how often facts were drawn up
        self._state = SessionState.CONNECTING
        self._failure: str | None = None
        self._failure_detail: str | None = None
        self._stopping, self._lock = Event(), Lock()
        self._threads: list[Thread] = []
        self._used = False
        self.result: Result | None = None
        self.log_trouble: str | None = None  # None again where nothing is missing

    @property
    def line(self) -> Line:
        """The line that is watched."""
        return self._parts.source.line

    @property
    def transport(self) -> Transport | None:
        """The controls, where the source has them."""
        return self._parts.transport

    @property
    def alarms(self) -> Alarms:
        """The alarms of the line; followed from the first time that they are asked for."""
        if self._alarms is None:
            self._alarms = Alarms(self.line)
        return self._alarms

    def connections(self) -> tuple[ConnectionView, ...]:
        """How each source's connection stands."""
        return self._parts.connections()

    def moments(self) -> tuple[Moment, ...]:
        """What there is to jump to in a replay's log; reads it, so not for the screen's thread."""
        return self._parts.moments()

    def drawn_up(self) -> Result | None:
        """What everything booked so far comes to; None before the first sample. Takes seconds."""
        if self.result is not None:
            return self.result
        if not self._mirror.begun:
            return None
        with self._lock:
            booked, digest = self._mirror.booked(), self._digest.hexdigest()
        ledger = close(booked, estimate(booked, self._parts.known))
        return Result(ledger, allot(ledger, self._parts.opening), digest)

    def snapshot(self) -> Snapshot | None:
        """The newest snapshot; None before the first sample."""
        return self._snapshot

    def state(self) -> SessionState:
        """Where the session is."""
        transport = self._parts.transport
        if self._state is SessionState.RUNNING and transport and not transport.playing:
            return SessionState.PAUSED
        return self._state

    @property
    def begun(self) -> bool:
        """Is energy being booked?"""
        return self._mirror.begun

    def progress(self) -> str:
        """How far it is, in one line."""
        with self._lock:
            booked = self._mirror.booked()
        accounts = allot(close(booked, NOTHING), self._parts.opening)
        done = int(accounts.done.sum())
        kwh = float(accounts.ledger.cells["kwh"].sum())
        samples = booked.quality.samples
        where = reports.iso_utc(booked.to_ns)[:19]
        return f"{where}Z  {samples:,} samples, {done} vehicles, {kwh:,.1f} kWh"

    def failure(self) -> str | None:
        """What ended the session, in one line; None where nothing did."""
        return self._failure

    def failure_detail(self) -> str | None:
        """The traceback behind ``failure``, for a report."""
        return self._failure_detail

    def start(self) -> None:
        """Runs on threads of its own: one books, one makes snapshots.

        Raises RuntimeError where the session has been started or run before.
        """
        self._use()
        self._mirror.warm_up(wait=False)
        self._threads = [
            Thread(target=self._run_safely, name="acquisition", daemon=True),
            Thread(target=self._keep_snapshots, name="snapshots", daemon=True),
            Thread(target=self._keep_facts, name="facts for alarms", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends the session and waits for it; more than once does no harm."""
        self._stopping.set()
        self._parts.source.stop()
        for thread in self._threads:
            thread.join()
        self._threads = []
        if self._parts.stop_also is not None:
            self._parts.stop_also()

    def run(self, on_block: Callable[[], bool] | None = None) -> Result:
        """Runs to the source's end, here; ``on_block`` is asked after each block to go on.

        Raises Interrupted where it says no before there is anything to finish, and RuntimeError
        where the session has been started or run before.
        """
        self._use()
        self._mirror.warm_up(wait=False)
        return self._pump_and_finish(on_block)

    def _use(self) -> None:
        """A second run would book every sample twice."""
        with self._lock:
            used, self._used = self._used, True
        if used:
            raise RuntimeError(f"{self.title}: a session runs once, and this one has been started")

    def _run_safely(self) -> None:
        try:
            self._pump_and_finish(None)
            self._state = SessionState.ENDED
        except Exception as fault:
            self._failure = f"{fault}" or type(fault).__name__
            self._failure_detail = traceback.format_exc()
            self._state = SessionState.FAILED

    def _pump_and_finish(self, on_block: Callable[[], bool] | None) -> Result:
        try:
            if on_block is not None and self._parts.order is None:
                self._await_kernels(on_block)
            self._pump(on_block)
            return self._finish()
        except BaseException:
            if self._parts.on_failed is not None:
                self._parts.on_failed(self._mirror.begun)
            raise

    def _await_kernels(self, go_on: Callable[[], bool]) -> None:
        """A log can wait until all is booked fast; a server's samples cannot."""
        while not self._mirror.warmed_up(WAIT_S):
            if not go_on():
                raise Interrupted("ended while the kernels were compiled")

    def _pump(self, on_block: Callable[[], bool] | None) -> None:
        """Books the source to its end; after each seek of a replay, from its begin again."""
        transport = self._parts.transport
        while True:
            generation = transport.generation if transport is not None else 0
            self._begin_anew(generation)
            self._pump_once(on_block)
            if transport is None or self._stopping.is_set() or transport.generation == generation:
                return

    def _pump_once(self, on_block: Callable[[], bool] | None) -> None:
        parts = self._parts
        for block in parts.source.blocks():
            if parts.log is not None and parts.order is not None and len(block):
                self._keep(parts.log.arrived, block)
            self._take(parts.order.push(block) if parts.order is not None else block)
            if self._stopping.is_set() or (on_block is not None and not on_block()):
                self._stopping.set()
                parts.source.stop()
                break
        if parts.order is not None:
            self._take(parts.order.flush())

    def _begin_anew(self, generation: int) -> None:
        if generation == self._generation:
            return
        with self._lock:
            self._generation = generation
            self._mirror, self._digest = self._parts.mirror(), self._parts.digest()
            self._mirror.warm_up(wait=False)
            self._facts = {}
            if self._alarms is not None:
                self._alarms.rewind()

    def _take(self, block: SampleBlock) -> None:
        if not len(block):
            return
        if self._parts.log is not None:
            self._keep(self._parts.log.sequenced, block)
        with self._lock:
            self._digest.update(block)
        for piece in self._pieces(block):
            with self._lock:
                self._mirror.advance(piece)
                if self._alarms is not None:
                    self._alarms.advance(piece)
            if self._mirror.begun:
                self._state = SessionState.RUNNING

    def _pieces(self, block: SampleBlock) -> Iterator[SampleBlock]:
        """A block as it is; until the kernels are compiled so little at once that it is seen.

        What is left of a replay's block is of no use once it is stopped or sought.
        """
        done, transport = 0, self._parts.transport
        while done < len(block):
            left = len(block) - done
            size = left if self._mirror.warmed_up(0.0) else min(left, COLD_PIECE)
            yield SampleBlock(block.samples[done : done + size], block.texts)
            done += size
            sought = transport is not None and transport.generation != self._generation
            if sought or (transport is not None and self._stopping.is_set()):
                return

    def _keep(self, keep: Callable[[SampleBlock], None], block: SampleBlock) -> None:
        """Logs a block; a disk in trouble is told once, and never stops the line's mirror."""
        log = self._parts.log
        try:
            keep(block)
        except LogTrouble as trouble:
            self._tell_of_log(str(trouble))
        else:
            if self.log_trouble is not None and log is not None and log.failure is None:
                self._tell_of_log(None)

    def _tell_of_log(self, trouble: str | None) -> None:
        changed = trouble != self.log_trouble
        self.log_trouble = trouble
        if changed and self._parts.on_log is not None:
            self._parts.on_log(trouble)

    def _seal(self) -> None:
        """Closes the log: sealed, it holds everything."""
        if self._parts.log is None:
            return
        try:
            self._parts.log.close()
        except LogTrouble as trouble:
            self.log_trouble = str(trouble)  # told by whoever ends the session
        else:
            self._tell_of_log(None)

    def _finish(self) -> Result:
        parts = self._parts
        booked = self._mirror.booked()
        ledger = close(booked, estimate(booked, parts.known))
        accounts = allot(ledger, parts.opening)
        if parts.on_closed is not None:
            parts.on_closed(accounts)
        self._seal()
        self.result = Result(ledger, accounts, self._digest.hexdigest())
        if self._alarms is not None:
            self._alarms.finish()
        self._make_snapshot(ledger.estimates)
        return self.result

    def _keep_snapshots(self) -> None:
        seen, pause_s = None, self._snapshot_s
        while not self._stopping.wait(pause_s):
            now = (self._generation, self._mirror.time_ns, self._drawn)
            if now != seen and self._mirror.begun:
                seen, began = now, perf_counter()
                self._make_snapshot()
                # A long shift takes longer to draw up: never more than a quarter of the time.
                pause_s = max(self._snapshot_s, 3.0 * (perf_counter() - began))
            if self._state in _OVER:
                return

    def _keep_facts(self) -> None:
        """Draws up what the books say to alarms, once in a while of the plant's time.

        Where a replay stands still, at its end at the latest, of all that was booked.
        """
        drawn_ns, generation, due_s = 0, self._generation, 0.0
        moved_ns, moved_s = 0, perf_counter()
        while not self._stopping.wait(WAIT_S) and self._state not in _OVER:
            if generation != self._generation:
                drawn_ns, generation = 0, self._generation
            began, now_ns = perf_counter(), self._mirror.time_ns
            if now_ns != moved_ns:
                moved_ns, moved_s = now_ns, began
            stands = self._parts.transport is not None and began - moved_s > STANDS_S
            early = now_ns < drawn_ns + EVERY_NS or began < due_s
            if not self._mirror.begun or now_ns == drawn_ns or (early and not stands):
                continue
            with self._lock:
                booked, generation = self._mirror.booked(), self._generation
            found = facts(booked, self._parts.opening or {}, estimate(booked, self._parts.known))
            drawn_ns = booked.to_ns
            if generation == self._generation:
                self._facts, self._drawn = found, self._drawn + 1
            ended = perf_counter()
            due_s = ended + 9.0 * (ended - began)

    def _make_snapshot(self, estimates: Estimates | None = None) -> None:
        with self._lock:
            booked = self._mirror.booked()
            board = None if self._alarms is None else self._alarms.freeze()
        self._serial += 1
        estimates = self._estimator.at(booked) if estimates is None else estimates
        opening = self._parts.opening or {}
        made = view.snapshot(booked, opening, self._serial, estimates)
        if self._alarms is not None and board is not None:
            stopped = {} if self.log_trouble is None else {"": self.log_trouble}
            self._alarms.look(made, {**self._facts, "log_stopped": stopped})
            self._alarms.show(board)
        self._snapshot = made
