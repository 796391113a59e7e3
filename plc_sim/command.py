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
from plc_sim.faults import ServerRestart, load_schedule
from plc_sim.load import US_PER_S, microseconds
from plc_sim.plant import Plant
from plc_sim.plant_file import load_plant
from plc_sim.server import DEFAULT_PORT, SimServer
from plc_sim.server_security import server_access
from plc_sim.signals import Signals
from plc_sim.truth import Truth

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
    schedule = load_schedule(scenario, faults)
    parameters = load_plant(line)
    access = server_access(user)
    ledger = Truth(truth)
    plant = Plant(line, parameters, seed=seed, start_ns=start_ns, truth=ledger)
    signals = Signals(line, plant)
    address = endpoint or default_endpoint(line)
    server = SimServer(line, parameters.signal_types, address, speed, access)
    server.start(signals.current.values())
    try:
        plant.begin()
        say(f"serving {line.plant.id} on {address} at speed {speed:g}, seed {seed}")
        say(f"the server's certificate has the fingerprint {access.fingerprint}")
        pace = _Pace(speed, None if duration_s is None else microseconds(duration_s))
        pace.run(signals, server, list(schedule), stop, say)
    finally:
        plant.close()
        server.stop()
    run = Run(plant.now_us / US_PER_S, pace.wall_s, plant.finished)
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
    if run.wall_s >= 1.0 and run.speed < 0.98 * speed:
        text += f"; this machine held speed {run.speed:.3g} of {speed:g}"
    return text


class _Pace:
    """Plant time against wall time, in small slices."""

    def __init__(self, speed: float, end_us: int | None) -> None:
        self._speed = speed
        self._end_us = end_us
        self._at_us = 0
        self.wall_s = 0.0

    def run(
        self,
        signals: Signals,
        server: SimServer,
        schedule: list[ServerRestart],
        stop: Event,
        say: Callable[[str], None],
    ) -> None:
        """Steps the plant and writes its changes, until told to stop or at its end."""
        begun = last = time.monotonic()
        down_until: float | None = None
        while not self._over() and not stop.wait(max(0.0, last + SLICE_S - time.monotonic())):
            now = time.monotonic()
            self._step(now - last)
            last = now
            server.write(signals.advance(self._at_us))
            self.wall_s = now - begun
            if down_until is not None and self.wall_s >= down_until:
                down_until = None
                server.come_up()
                say("the server is up again")
            if down_until is None and schedule and self.wall_s >= schedule[0].after_s:
                restart = schedule.pop(0)
                down_until = self.wall_s + restart.down_s
                server.go_down()
                say(f"the server goes down for {restart.down_s:g} s; the plant runs on")
        if self._over():
            stop.wait(LAST_PUBLISH_S)

    def _step(self, elapsed_s: float) -> None:
        self._at_us += microseconds(min(elapsed_s, LONGEST_STEP_S) * self._speed)
        if self._end_us is not None:
            self._at_us = min(self._at_us, self._end_us)

    def _over(self) -> bool:
        return self._end_us is not None and self._at_us >= self._end_us
