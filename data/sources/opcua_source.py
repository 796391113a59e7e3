"""The live source: every OPC UA server of a line, as one stream of sample blocks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.line import Line, Signal, SourceConfig
from data.samples import Event, SampleBlock, Samples, TextTable, empty, event
from data.sources.opcua_decode import Compiler, RowMaker, shared_compiler
from data.sources.opcua_link import (
    LostError,
    Session,
    Subscribed,
    Tuning,
    handles,
    status_text,
)
from data.sources.opcua_queue import HandOver, Overflow
from data.sources.opcua_security import RefusedError

BLOCK_S = 0.2  # an empty block comes after so long without samples
LEAVE_S = 2.0  # for closing a session in an orderly way
QUEUE_ROWS = 400_000  # ten seconds of 40,000 changes/s


class NoConnection(Exception):
    """No server answered at the first try: one line that says what was tried and why not."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"no connection to {url}: {reason}")
        self.url = url
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionStatus:
    """How one source's connection does.

    state is "connecting" (never yet connected), "live", "stale" (the server fell silent) or
    "down"; ``reason`` says why it is not live. ``refused`` holds (signal key, why).
    """

    source: str
    url: str
    state: str
    since_s: float  # monotonic
    since_ns: int  # UTC
    reason: str | None = None
    items: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    received: int = 0  # samples, since the start
    dropped: int = 0
    data_age_s: float | None = None  # since the newest sample came
    speed: float | None = None  # plant seconds per wall second, where the server says so
    sessions: int = 0  # connections made so far


def steady_clock(wall_ns: Callable[[], int] = time.time_ns) -> Callable[[], int]:
    """UTC in ns that follows the monotonic clock, so that no step of the wall clock is seen."""
    offset_ns = wall_ns() - time.monotonic_ns()
    return lambda: time.monotonic_ns() + offset_ns


class Link:
    """Keeps one source connected, from a thread of its own, until it is stopped."""

    def __init__(
        self,
        index: int,
        config: SourceConfig,
        signals: Sequence[Signal],
        *,
        queue: HandOver,
        rows: RowMaker,
        compiler: Compiler,
        trust: str | None,
        tuning: Tuning,
        clock_ns: Callable[[], int],
    ) -> None:
        self.config = config
        self.refusal: str | None = None  # set where another try would not help
        self._index = index
        self._signals = signals
        self._queue = queue
        self._rows = rows
        self._compiler = compiler
        self._trust = trust
        self._tuning = tuning
        self._clock_ns = clock_ns
        self._stop = threading.Event()
        self._session: Session | None = None
        self._in_gap = False
        self._data_s: float | None = None
        self._received = 0
        self._status = ConnectionStatus(
            source=config.id,
            url=config.url,
            state="connecting",
            since_s=time.monotonic(),
            since_ns=clock_ns(),
        )
        self._thread = threading.Thread(target=self._run, name=f"opcua-{config.id}", daemon=True)

    def start(self) -> None:
        """Begins to connect."""
        self._thread.start()

    def stop(self) -> None:
        """Begins to end; safe from any thread."""
        self._stop.set()
        session = self._session
        if session is not None:
            session.wake()

    def join(self) -> None:
        """Waits until the thread and its connection are gone."""
        if self._thread.ident is None:
            return
        self._thread.join(LEAVE_S)
        session = self._session
        if self._thread.is_alive() and session is not None:
            session.abandon()  # the server answers nothing: no use in an orderly leave
        self._thread.join()

    @property
    def trying(self) -> bool:
        """Whether a session exists that is not live yet."""
        session = self._session
        return session is not None and session.active

    def begin_gap(self) -> None:
        """Marks that this source's samples are missing from here on."""
        if not self._in_gap:
            self._in_gap = True
            self._queue.put(self._index, event(Event.GAP_BEGIN, 0, exact=self._index))

    def status(self) -> ConnectionStatus:
        """How it does now."""
        data_s = self._data_s
        return replace(
            self._status,
            received=self._received,
            dropped=self._queue.dropped[self._index],
            data_age_s=None if data_s is None else time.monotonic() - data_s,
        )

    def _run(self) -> None:
        first_s, longest_s = self._tuning.back_off_s
        wait_s = first_s
        while not self._stop.is_set():
            if self._live_once():
                wait_s = first_s
            if self.refusal is not None and self._status.sessions == 0:
                return
            self._stop.wait(wait_s)
            wait_s = min(2 * wait_s, longest_s)

    def _live_once(self) -> bool:
        """One session from beginning to end; whether it was ever live."""
        session = self._session = self._new_session()
        live = False
        try:
            subscribed = session.open()
            live = True
            self._announce(subscribed)
            session.watch()
        except LostError as error:
            self._say("stale" if error.stale else "down", error.reason)
        except RefusedError as error:
            self.refusal = error.reason
            self._say("down", error.reason)
        if live and not self._stop.is_set():
            self.begin_gap()
        session.close(orderly=self._stop.is_set())
        return live

    def _new_session(self) -> Session:
        return Session(
            self.config,
            self._signals,
            rows=self._rows,
            deliver=self._take,
            tell_speed=self._tell_speed,
            compiler=self._compiler,
            trust=self._trust,
            tuning=self._tuning,
            stop=self._stop,
        )

    def _tell_speed(self, speed: float) -> None:
        self._queue.put(self._index, event(Event.SPEED, 0, value=speed))

    def _announce(self, subscribed: Subscribed) -> None:
        keys = {signal.index: signal.key for signal in self._signals}
        lost = empty(len(subscribed.refused))
        lost["signal"] = Event.SIGNAL_LOST
        lost["exact"] = list(subscribed.refused)
        lost["status"] = list(subscribed.refused.values())
        if len(lost):
            self._queue.put(self._index, lost)
        self._status = replace(
            self._status,
            state="live",
            since_s=time.monotonic(),
            since_ns=self._clock_ns(),
            reason=None,
            items=subscribed.ok,
            refused=tuple(
                (keys[index], status_text(code)) for index, code in subscribed.refused.items()
            ),
            speed=subscribed.speed,
            sessions=self._status.sessions + 1,
        )
        self._queue.wake()

    def _say(self, state: str, reason: str) -> None:
        before = self._status
        if before.state == "connecting":
            state = "connecting"  # until it has been connected once
        since = (before.since_s, before.since_ns)
        if state != before.state:
            since = (time.monotonic(), self._clock_ns())
        self._status = replace(
            before, state=state, reason=reason, since_s=since[0], since_ns=since[1]
        )

    def _take(self, rows: Samples, whole: bool) -> None:
        """Passes a block on; on the receiving thread."""
        if not whole:
            self.begin_gap()
        self._received += len(rows)
        self._data_s = time.monotonic()
        if self._in_gap:
            self._in_gap = False
            rows = np.concatenate([event(Event.GAP_END, 0, exact=self._index), rows])
        self._queue.put(self._index, rows)


class OpcuaSource:
    """Samples of all [[source]]s of kind "opcua" of a line, live (a data.samples.Source).

    ``endpoint`` overrides the first source's url; ``trust`` is the SHA-256 fingerprint of the
    servers' certificate. ``clock_ns`` is UTC, by default one without the wall clock's steps.
    It reads and subscribes; nothing is ever written to a server.
    """

    def __init__(
        self,
        line: Line,
        *,
        endpoint: str | None = None,
        trust: str | None = None,
        first_try_s: float = 10.0,
        clock_ns: Callable[[], int] | None = None,
        queue_rows: int = QUEUE_ROWS,
        overflow: Overflow = Overflow.DROP_OLDEST,
        tuning: Tuning | None = None,
    ) -> None:
        self._line = line
        self._texts = TextTable()
        self._first_try_s = first_try_s
        self._clock_ns = clock_ns or steady_clock()
        self._queue = HandOver(queue_rows, overflow, self._clock_ns)
        self._compiler = shared_compiler()
        self._stop = threading.Event()
        self._begun = False
        self._links = self._make_links(endpoint, trust, tuning or Tuning())

    def _make_links(
        self, endpoint: str | None, trust: str | None, tuning: Tuning
    ) -> tuple[Link, ...]:
        configs = [(i, c) for i, c in enumerate(self._line.sources) if c.kind == "opcua"]
        if not configs:
            raise ValueError(f'line {self._line.plant.id!r} has no [[source]] of kind "opcua"')
        if endpoint is not None:
            configs[0] = (configs[0][0], replace(configs[0][1], url=endpoint))
        lock = threading.Lock()
        return tuple(self._link(i, c, trust, tuning, lock) for i, c in configs)

    def _link(
        self,
        index: int,
        config: SourceConfig,
        trust: str | None,
        tuning: Tuning,
        lock: threading.Lock,
    ) -> Link:
        signals = tuple(
            s for s in self._line.signals if s.source == config.id and s.node is not None
        )
        return Link(
            index,
            config,
            signals,
            queue=self._queue,
            rows=RowMaker(handles(signals), self._texts, lock),
            compiler=self._compiler,
            trust=trust,
            tuning=tuning,
            clock_ns=self._clock_ns,
        )

    @property
    def line(self) -> Line:
        """The line whose signals the samples index."""
        return self._line

    @property
    def texts(self) -> TextTable:
        """The table that the blocks' text ids point into."""
        return self._texts

    def status(self) -> tuple[ConnectionStatus, ...]:
        """How each connection does; safe from any thread."""
        return tuple(link.status() for link in self._links)

    def stop(self) -> None:
        """Ends ``blocks`` soon; safe from any thread, and more than once."""
        self._stop.set()
        for link in self._links:
            link.stop()
        self._queue.wake()

    def blocks(self) -> Iterator[SampleBlock]:
        """Blocks in arrival order until stopped; the first says that the session begins.

        Raises NoConnection before the first block where no server answers within first_try_s,
        or one must be refused. Later every server is tried again for ever.
        """
        if self._begun:
            raise RuntimeError("a live source is read once")
        self._begun = True
        try:
            yield from self._blocks()
        finally:
            self.stop()
            self._join()

    def _blocks(self) -> Iterator[SampleBlock]:
        self._queue.put(-1, event(Event.SESSION_BEGIN, 0))
        for link in self._links:
            link.start()
        if not self._await_first():
            return
        self._compiler.start()  # not before: who waits for a refusal shall not wait for this too
        while not self._stop.is_set():
            yield self._block(self._queue.get(BLOCK_S))
        self._join()
        while (rows := self._queue.get(0)) is not None:
            yield self._block(rows)

    def _block(self, rows: Samples | None) -> SampleBlock:
        return SampleBlock(empty() if rows is None else rows, self._texts)

    def _join(self) -> None:
        for link in self._links:
            link.join()
        self._compiler.wait()

    def _await_first(self) -> bool:
        """Until a server is live; False where it was stopped. Raises NoConnection."""
        deadline_s = time.monotonic() + self._first_try_s
        while not self._stop.wait(0.02):
            self._raise_refusal()
            states = [link.status() for link in self._links]
            if any(status.sessions for status in states):
                self._await_others(deadline_s)
                return True
            late = time.monotonic() > deadline_s
            if late and not any(link.trying for link in self._links):
                raise NoConnection(states[0].url, self._first_reason(states[0].reason))
        return False

    def _raise_refusal(self) -> None:
        for link in self._links:
            if link.refusal is not None and not link.status().sessions:
                raise NoConnection(link.config.url, link.refusal)

    def _first_reason(self, reason: str | None) -> str:
        tried = f"tried for {self._first_try_s:g} s"
        return (
            f"{reason or 'no answer'} ({tried}); check that the server runs, and the url of the"
            " [[source]] or --endpoint"
        )

    def _await_others(self, deadline_s: float) -> None:
        """Gives the other servers their time; whoever is not there has a gap from the start."""
        while time.monotonic() < deadline_s and not self._stop.is_set():
            self._raise_refusal()
            if all(link.status().sessions for link in self._links):
                return
            self._stop.wait(0.02)
        for link in self._links:
            if not link.status().sessions:
                link.begin_gap()
