"""What a place does with its vehicles, step by step: fetch, set up, process, repair, hand on."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import simpy

from plc_sim.flow import Vehicle, Way
from plc_sim.load import US_PER_S, microseconds
from plc_sim.station import Place, Segment, StationUnit

if TYPE_CHECKING:
    from plc_sim.plant import Plant

Steps = Generator[simpy.Event, object, None]


def work(plant: Plant, place: Place) -> Steps:
    """One place, for ever."""
    if place.rest:
        if plant.rest == "off":  # nobody finished it before the plant was closed
            yield from _until_ready(plant, place)
        yield from _process(plant, place, place.rest)
        yield from _release(plant, place)
    while True:
        yield from _fetch(plant, place)
        assert place.vehicle is not None
        total_us = place.processing_us(place.vehicle)
        yield from _process(plant, place, place.station.segments(total_us, 0))
        yield from _release(plant, place)


def _fetch(plant: Plant, place: Place) -> Steps:
    yield from _until_ready(plant, place)
    entry = place.station.entry
    served = place.station.inlet.request()
    if not served.triggered:
        place.show("starved")
        if entry.standby_after_s is not None:
            yield served | plant.env.timeout(microseconds(entry.standby_after_s))
            if not served.triggered:
                place.show("standby")
    yield served
    vehicle = served.value
    assert isinstance(vehicle, Vehicle)
    place.enter(vehicle, plant.now_us)
    yield from _until_ready(plant, place)
    yield from _prepare(plant, place, vehicle)


def _until_ready(plant: Plant, place: Place) -> Steps:
    """Waits for the end of a break, for the shift, for the oven."""
    station = place.station
    while plant.gate is not None or (station.cold and place.vehicle is None):
        if plant.gate is not None:
            place.show("starved")  # the calendar has the last word
            yield plant.gate
        else:
            place.show("warming_up")
            yield station.warm


def _prepare(plant: Plant, place: Place, vehicle: Vehicle) -> Steps:
    entry = place.station.entry
    if place.asleep and entry.wake_s > 0:
        place.show("warming_up")
        yield plant.env.timeout(microseconds(entry.wake_s))
    place.asleep = False
    if place.needs_setup(vehicle):
        place.show("setup")
        yield plant.env.timeout(microseconds(entry.setup_s))
    if entry.load_s > 0:
        place.show("idle")
        yield plant.env.timeout(microseconds(entry.load_s))


def _process(plant: Plant, place: Place, segments: list[Segment]) -> Steps:
    for duration_us, factors in segments:
        left_us = duration_us
        while left_us > 0:
            run_us, forced_us = _run(plant, place, left_us)
            if run_us > 0:
                place.process(factors)
                yield plant.env.timeout(run_us)
                left_us -= run_us
                if place.to_failure_us is not None:
                    place.to_failure_us -= run_us
            if forced_us > 0:
                place.show("failed")
                yield plant.env.timeout(forced_us)
            elif place.to_failure_us == 0:
                place.show("failed")
                yield plant.env.timeout(place.repair_us())


def _run(plant: Plant, place: Place, left_us: int) -> tuple[int, int]:
    """How long it runs before it is done or fails, and how long a scenario then stops it."""
    run_us, forced_us = left_us, 0
    if place.to_failure_us is not None:
        run_us = min(run_us, place.to_failure_us)
    failure = plant.effects.next_failure(place.station.id)
    if failure is not None and failure.from_us <= plant.now_us + run_us:
        run_us = max(0, failure.from_us - plant.now_us)
        forced_us = failure.to_us - plant.now_us - run_us
    return run_us, forced_us


def _release(plant: Plant, place: Place) -> Steps:
    station = place.station
    if station.entry.unload_s > 0:
        place.show("idle")
        yield plant.env.timeout(microseconds(station.entry.unload_s))
    place.ready_us = plant.now_us
    good = station.entry.reject == 0.0 or station.quality.random() >= station.entry.reject
    way = place.way_on = _way_on(station, good)
    if way is not None:
        assert place.vehicle is not None
        left = way.offer(place.vehicle)
        if not left.triggered:
            place.show("blocked")
        yield left
    _leave(plant, place, good, gone=way is None)


def _way_on(station: StationUnit, good: bool) -> Way | None:
    """The emptiest way; None where the vehicle leaves the line."""
    ways = station.ways_on if good else station.ways_back
    return min(ways, key=len) if ways else None


def _leave(plant: Plant, place: Place, good: bool, *, gone: bool) -> None:
    station = place.station
    station.cycle_s = (place.ready_us - place.enter_us) / US_PER_S
    vehicle = place.leave()
    if good:
        station.good += 1
    else:
        station.rejected += 1
    if gone:
        plant.finish(vehicle, good)
