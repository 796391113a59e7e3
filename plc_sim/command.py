"""``greenline sim LINE``: the plant, its server, and the pace that holds them together."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

from data.line import Line
from data.toml_file import Faults, whole
from plc_sim.load import US_PER_S, microseconds
from plc_sim.run import PlantRun
from plc_sim.scenario import stage
from plc_sim.server import DEFAULT_PORT, SimServer
from plc_sim.server_security import server_access
from plc_sim.truth import Truth
from plc_sim.wire import Link, Wire

SLICE_S = 0.05  # wall time between two steps of the plant
# A longer stall is lost: the plant slows down rather than catch up in a burst.
LONGEST_STEP_S = 0.2
LAST_PUBLISH_S = 0.5  # clients fetch the last values before the endpoint closes
FASTEST = 1000.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Run:
    """How far a served plant came."""

    plant_s: float
    wall_s: float
    vehicles: int

    @property
    def speed(self) -> float:
        """Plant seconds per wall second."""
        return self.plant_s / self.wall_s if self.wall_s > 0 else 0.0


def serve(
    line: Line,
    *,
    endpoint: str | None = None,
    speed: float = 1.0,
    seed: int = 1,
    start_ns: int,
    duration_s: float | None = None,
    scenario: str | None = None,
    faults: Path | None = None,
    truth: Path | None = None,
    user: str | None = None,
    stop: Event,
    say: Callable[[str], None],
) -> Run:
    """Serves the simulated plant of a line until ``stop`` is set or its time is over.

    ``start_ns`` is UTC, ``duration_s`` plant time, ``speed`` plant seconds per wall second. With
    ``user``, that user alone may connect, by the password in GREENLINE_SIM_PASSWORD. The truth
    ledger is whole when this returns or raises. Raises Faults for wrong input, EndpointError (an
    OSError) where the endpoint cannot be had, OSError where the ledger or the server's certificate
    cannot be written.
    """
    _check(speed, seed, duration_s)
    staged = stage(line, scenario, faults, speed=speed)
    access = server_access(user)
    plant = PlantRun(line, staged, seed=seed, start_ns=start_ns, truth=Truth(truth), say=say)
    address = endpoint or default_endpoint(line)
    server = SimServer(line, staged.plant.signal_types, address, speed, access)
    server.start(plant.wire.current())
    pace = _Pace(speed, None if duration_s is None else microseconds(duration_s))
    try:
        plant.begin()
        say(f"serving {line.plant.id} on {address} at speed {speed:g}, seed {seed}")
        say(f"the server's certificate has the fingerprint {access.fingerprint}")
        pace.run(plant.wire, server, stop, say)
    finally:
        server.stop()
        plant.close(go_on=lambda: pace.over and not stop.is_set())
    run = Run(plant.plant.now_us / US_PER_S, pace.wall_s, plant.plant.finished)
    say(_summary(run, speed))
    return run


def default_endpoint(line: Line) -> str:
    """The endpoint of the line's first source, on this machine's loopback."""
    if not line.sources:
        return f"opc.tcp://127.0.0.1:{DEFAULT_PORT}"
    url = line.sources[0].url
    parts = urlsplit(url)
    if parts.hostname in _LOOPBACK:
        return url
    return f"opc.tcp://127.0.0.1:{parts.port or DEFAULT_PORT}{parts.path}"


def _check(speed: float, seed: int, duration_s: float | None) -> None:
    faults = []
    if not 0 < speed <= FASTEST:
        faults.append(whole(f"speed {speed:g}", f"must be above 0 and at most {FASTEST:g}"))
    if seed < 0:
        faults.append(whole(f"seed {seed}", "must be 0 or above"))
    if duration_s is not None and not 0 < duration_s < 1e9:
        faults.append(whole(f"duration {duration_s:g}", "must be above 0 and below 1e9 s"))
    if faults:
        raise Faults(faults)


def _summary(run: Run, speed: float) -> str:
    text = f"ran {run.plant_s:.0f} s of plant time, {run.vehicles} vehicles left the line"
    return f"{text}; speed {run.speed:.3g} of {speed:g} was held"


class _Pace:
    """Plant time against wall time, in small slices."""

    def __init__(self, speed: float, end_us: int | None) -> None:
        self._speed = speed
        self._end_us = end_us
        self._at_us = 0
        self.wall_s = 0.0

    def run(self, wire: Wire, server: SimServer, stop: Event, say: Callable[[str], None]) -> None:
        """Steps the plant and writes what arrives, until told to stop or at its end."""
        begun = last = time.monotonic()
        endpoint = _Endpoint(wire, server, say)
        while not self.over and not stop.wait(max(0.0, last + SLICE_S - time.monotonic())):
            now = time.monotonic()
            self._step(now - last)
            last = now
            server.write(list(wire.each(wire.advance(self._at_us))))
            self.wall_s = now - begun
            endpoint.follow(self._at_us)
        if self.over:
            stop.wait(LAST_PUBLISH_S)

    def _step(self, elapsed_s: float) -> None:
        self._at_us += microseconds(min(elapsed_s, LONGEST_STEP_S) * self._speed)
        if self._end_us is not None:
            self._at_us = min(self._at_us, self._end_us)

    @property
    def over(self) -> bool:
        """Whether the plant has come to its end."""
        return self._end_us is not None and self._at_us >= self._end_us


class _Endpoint:
    """Keeps the server's endpoint and nodes as the wire has them."""

    def __init__(self, wire: Wire, server: SimServer, say: Callable[[str], None]) -> None:
        self._wire = wire
        self._server = server
        self._say = say
        self._link = Link.UP
        self._gone: frozenset[int] = frozenset()

    def follow(self, at_us: int) -> None:
        """Brings the server to what the wire is like at a time."""
        gone = self._wire.gone(at_us)
        self._server.restore(self._gone - gone)
        self._server.remove(gone - self._gone)
        self._gone = gone
        link = self._wire.link(at_us)
        if link is not self._link:
            self._leave()
            self._enter(link)

    def _leave(self) -> None:
        match self._link:
            case Link.DOWN:
                self._server.come_up()
                self._say("the server is up again")
            case Link.SILENT:
                self._server.speak()
                self._say("the server answers again")
            case Link.UP:
                pass

    def _enter(self, link: Link) -> None:
        self._link = link
        match link:
            case Link.DOWN:
                self._server.go_down()
                self._say("the server goes down; the plant runs on")
            case Link.SILENT:
                self._server.fall_silent()
                self._say("the server falls silent; the plant runs on")
            case Link.UP:
                pass
