"""What only a second run can tell: what a scenario cost, and which station held the line.

Random numbers come in streams of their own, so that a rerun differs from the run in what was
changed alone (common random numbers).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from data.line import ENERGY_CARRIERS, Line
from plc_sim.effects import Effect
from plc_sim.fill import Carried
from plc_sim.load import US_PER_S
from plc_sim.plant import Plant
from plc_sim.plant_file import PlantFile
from plc_sim.truth import Truth

CUT = 0.95  # of a cycle time
HORIZON_US = 7200 * US_PER_S  # what is gained at the end of a run shows after it
STEP_US = 600 * US_PER_S  # between two looks at whether to go on
CLOSE = 0.1  # a station this much less busy than the busiest cannot be the bottleneck
_BUSY = ("processing", "failed", "setup", "warming_up", "idle")
_NO_COST = ("break",)  # kinds that are the setting of a scenario, not its effect

Say = Callable[[str], None]
GoOn = Callable[[], bool]


class Stopped(Exception):
    """Somebody does not want to wait for the reruns."""


def run_to(plant: Plant, until_us: int, go_on: GoOn = lambda: True) -> None:
    """Runs a plant that nobody watches; raises Stopped once ``go_on`` says no."""
    while plant.now_us < until_us:
        if not go_on():
            raise Stopped
        plant.advance(min(plant.now_us + STEP_US, until_us), plant.changed.clear)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """All that makes one run of a plant the same again."""

    line: Line
    plant: PlantFile
    seed: int
    start_ns: int
    effects: tuple[Effect, ...] = ()
    cold_start: bool = False
    carried: Sequence[Carried] | None = None
    last_serial: int | None = None

    def build(self, truth: Truth | None = None, *, flow_alone: bool = False) -> Plant:
        """The plant at its start."""
        return Plant(
            self.line,
            self.plant,
            seed=self.seed,
            start_ns=self.start_ns,
            truth=truth or Truth(None),
            carried=self.carried,
            last_serial=self.last_serial,
            effects=self.effects,
            cold_start=self.cold_start,
            flow_alone=flow_alone,
        )


def events(
    setting: Setting, plant: Plant, *, say: Say = lambda _: None, go_on: GoOn = lambda: True
) -> Iterator[dict[str, object]]:
    """The ``event`` records of a run that stands at its end.

    What an effect cost is null where ``go_on`` says that it is not to be worked out.
    """
    for number, effect in enumerate(setting.effects):
        if effect.kind in _NO_COST or effect.from_us >= plant.now_us:
            continue
        others = setting.effects[:number] + setting.effects[number + 1 :]
        extra_kwh = None
        with contextlib.suppress(Stopped):
            without = _rerun(replace(setting, effects=others), effect, plant.now_us, say, go_on)
            extra_kwh = bought_kwh(plant) - bought_kwh(without)
        yield {
            "name": effect.name,
            "effect": effect.kind,
            "station": effect.place,
            "from_ns": plant.time_ns(effect.from_us),
            "to_ns": plant.time_ns(min(effect.to_us, plant.now_us)),
            "extra_kwh": extra_kwh,
        }


def _rerun(setting: Setting, effect: Effect, until_us: int, say: Say, go_on: GoOn) -> Plant:
    if not go_on():
        raise Stopped
    say(f"working out what {effect.kind} at {effect.place} cost")
    plant = setting.build()
    run_to(plant, until_us, go_on)
    return plant


def bottlenecks(
    setting: Setting, plant: Plant, *, say: Say = lambda _: None, go_on: GoOn = lambda: True
) -> Iterator[dict[str, object]]:
    """The ``bottleneck`` records: in each span the station that a cut of 5 % helps most.

    Where others help as much, to the microsecond, it is the first in the line; the ``alike``
    records behind it name the others. Each comes with its ``kind``.

    Raises Stopped once ``go_on`` says no.
    """
    end_us = plant.now_us
    slowed = [e for e in setting.effects if e.kind in ("slow", "fail", "mix")]
    edges = {us for effect in slowed for us in (effect.from_us, effect.to_us) if us < end_us}
    for begin_us, until_us in pairwise(sorted({0, *edges, end_us})):
        candidates = _busiest(setting, begin_us, until_us, go_on)
        say(f"trying {len(candidates)} stations for the bottleneck")
        gains = {
            station: _output(setting, station, (begin_us, until_us), end_us, go_on)
            for station in candidates
        }
        best = max(candidates, key=lambda station: gains[station])
        alike = [each for each in candidates if each != best and gains[each] == gains[best]]
        span = {"from_ns": plant.time_ns(begin_us), "to_ns": plant.time_ns(until_us)}
        yield {"kind": "bottleneck", "station": best, **span}
        for station in alike:
            yield {"kind": "alike", "station": station, "bottleneck": best, **span}


def bought_kwh(plant: Plant) -> float:
    """Energy that came from outside so far: drawn, less what the roof and the storage gave."""
    total = 0.0
    for carrier in ENERGY_CARRIERS:
        total += sum(weight * load.amount(plant.now_us) for load, weight in plant.bought(carrier))
    return total


def _busiest(setting: Setting, begin_us: int, until_us: int, go_on: GoOn) -> list[str]:
    """The stations that could be the bottleneck of a span: those hardly ever without work."""
    plant = setting.build(flow_alone=True)
    run_to(plant, begin_us, go_on)
    before = _busy_us(plant)
    run_to(plant, until_us, go_on)
    span_us = max(1, until_us - begin_us)
    share = {name: (us - before[name]) / span_us for name, us in _busy_us(plant).items()}
    most = max(share.values())
    return [name for name, busy in share.items() if busy >= most - CLOSE]


def _busy_us(plant: Plant) -> dict[str, float]:
    busy = {}
    for station in plant.stations.values():
        if not station.machine:
            for place in station.places:
                place.cut()
            seconds = [sum(p.seconds_us.get(s, 0) for s in _BUSY) for p in station.places]
            busy[station.id] = sum(seconds) / len(station.places)
    return busy


def _output(
    setting: Setting, station: str, span_us: tuple[int, int], end_us: int, go_on: GoOn
) -> tuple[int, int]:
    """How many vehicles came out, and how early the last one, with a station 5 % faster."""
    faster = Effect(
        kind="slow",
        name="rerun",
        from_us=span_us[0],
        to_us=span_us[1],
        stations=(station,),
        factor=CUT,
    )
    plant = replace(setting, effects=(*setting.effects, faster)).build(flow_alone=True)
    run_to(plant, end_us + HORIZON_US, go_on)
    return plant.finished, -plant.last_finished_us
