"""A FlowModel as the arrays of the kernels; all times become multiples of 2^-20 s."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from twin.flow_model import FlowModel, Item, StationModel
from twin.kernels import flow_tables as tables
from twin.kernels.flow_draws import REJECT, quantised, shape_of
from twin.kernels.flow_serial import PROCESSING, Floats, Ints, Serial


def is_series(model: FlowModel) -> bool:
    """Whether the recursion covers the line: one place after the other, in order, always open.

    And its vehicles are numbered in the order in which they leave.
    """
    chain = [(way.origin, way.target, way.kind) for way in model.ways]
    return (
        chain == [(s, s + 1, "flow") for s in range(len(model.stations) - 1)]
        and all(_is_simple(station) for station in model.stations)
        and not model.closed
        and all(two <= one for one, two in pairwise(_steps_from_head(i) for i in model.items))
        and set(model.heads) <= {0}
    )


def _is_simple(station: StationModel) -> bool:
    return station.places == 1 and station.reject == 0.0 and not station.by_calendar


def _steps_from_head(item: Item) -> int:
    if item.left_s is not None:
        return 2 * item.station + 2
    return 0 if item.way is None else 2 * item.station + 1


def _times(values: Iterable[float | None]) -> Floats:
    """Quantised times [s]; None: never."""
    return np.array([math.inf if v is None else float(quantised(v)) for v in values], np.float64)


def _shapes(model: FlowModel) -> Floats:
    shapes = [[shape_of(c.low_s, c.mode_s, c.high_s) for c in s.cycles] for s in model.stations]
    return np.array(shapes, np.float64).reshape(len(model.stations), len(model.variants), 5)


def _mtbf_s(model: FlowModel) -> Floats:
    never = math.inf
    return np.array([never if s.mtbf_s is None else s.mtbf_s for s in model.stations], np.float64)


def _first_delay_s(model: FlowModel) -> Floats:
    """What is left at time 0 of the delay before standby [s]."""
    delay_s = _times(s.standby_after_s for s in model.stations)
    return np.maximum(delay_s - _times(s.waited_s for s in model.stations), 0.0)


def _release_s(model: FlowModel) -> Floats:
    """When items may enter: never before one that is ahead of them at the same head [s]."""
    release_s, latest = np.zeros(len(model.items)), dict.fromkeys(model.heads, 0.0)
    for i, item in enumerate(model.items):
        if item.way is None and item.left_s is None:
            latest[item.station] = max(latest[item.station], float(quantised(item.release_s)))
            release_s[i] = latest[item.station]
    return release_s


def _horizon_s(model: FlowModel) -> float:
    return math.inf if model.horizon_s is None else float(quantised(model.horizon_s))


def serial_of(model: FlowModel) -> Serial:
    """Of a line in series (``is_series``)."""
    stations, items = model.stations, model.items
    room = [way.room for way in model.ways] + [0]
    left = [-1.0 if item.left_s is None else item.left_s for item in items]
    return Serial(
        shapes=_shapes(model),
        room=np.array(room[: len(stations)], np.int64),
        standby_s=_times(s.standby_after_s for s in stations),
        first_standby_s=_first_delay_s(model),
        off=np.array([s.off for s in stations], np.bool_),
        wake_s=_times(s.wake_s for s in stations),
        mtbf_s=_mtbf_s(model),
        mttr_s=np.array([s.mttr_s for s in stations], np.float64),
        variant=np.array([item.variant for item in items], np.int64),
        release_s=_release_s(model),
        begin=np.array([item.station for item in items], np.int64),
        left_s=_times(left),
        repair_s=_times(item.repair_s for item in items),
        horizon_s=_horizon_s(model),
    )


def graph_of(
    model: FlowModel, slot_s: float = 0.0, slots: int = 0, logged: int = 0
) -> tables.Graph:
    """Of any line; slots: how many of slot_s [s] energy is booked in; logged: departures kept."""
    heads = model.heads
    ways = _way_table(model)
    stations, order = _station_table(model)
    places = _place_table(model)
    half = 1
    while half < 1 + len(heads) + len(places):
        half *= 2
    head_table, queue = _head_table(model)
    return tables.Graph(
        stations=stations,
        places=places,
        ways=ways,
        items=_item_table(model),
        heads=head_table,
        order=order,
        queue=queue,
        shapes=_shapes(model),
        needs=_needs(model),
        times_s=np.full(2 * half, np.inf),
        winner=np.zeros(2 * half, np.int64),
        keys=np.zeros(REJECT + 1, np.uint64),
        booking=tables.Booking(
            seconds=np.zeros((len(model.stations), PROCESSING + len(model.variants))),
            windows=_window_table(model),
            power_kw=np.ascontiguousarray(model.power_kw, np.float64),
            slots_kwh=np.zeros((slots, len(model.carriers))),
            slot_s=slot_s,
            horizon_s=_horizon_s(model),
        ),
        log=np.zeros(logged, tables.DEPARTURE),
        counts=np.zeros(tables.ASKED + 1, np.int64),
    )


def fresh(m: tables.Graph) -> tables.Graph:
    """A copy whose replication leaves ``m`` as it is."""
    return m._replace(
        stations=m.stations.copy(),
        places=m.places.copy(),
        ways=m.ways.copy(),
        items=m.items.copy(),
        heads=m.heads.copy(),
        times_s=np.empty_like(m.times_s),
        winner=np.empty_like(m.winner),
        keys=np.empty_like(m.keys),
        booking=m.booking._replace(
            seconds=np.zeros_like(m.booking.seconds),
            slots_kwh=np.zeros_like(m.booking.slots_kwh),
        ),
        log=np.zeros_like(m.log),
        counts=np.zeros_like(m.counts),
    )


def _station_table(model: FlowModel) -> tuple[tables.Table, Ints]:
    table = np.zeros(len(model.stations), tables.STATION)
    table["standby_s"] = _times(s.standby_after_s for s in model.stations)
    table["wake_s"] = _times(s.wake_s for s in model.stations)
    table["mtbf_s"], table["mttr_s"] = _mtbf_s(model), [s.mttr_s for s in model.stations]
    table["reject"] = [s.reject for s in model.stations]
    table["calendar"] = [s.by_calendar for s in model.stations]
    table["idle_first"] = table["idle_last"] = -1
    table["asked"] = tables.NOT_ASKED
    order: list[int] = []
    for s in range(len(model.stations)):
        table[s]["in_from"] = len(order)
        order += _ways_at(model, s, "target", ("flow", "rework"))
        order += [len(model.ways) + h for h, head in enumerate(model.heads) if head == s]
        table[s]["in_to"] = len(order)
        order += _ways_at(model, s, "target", ("join",))
        table[s]["join_to"] = len(order)
        order += _ways_at(model, s, "origin", ("flow", "join"))
        table[s]["on_to"] = len(order)
        order += _ways_at(model, s, "origin", ("rework",))
        table[s]["back_to"] = len(order)
    return table, np.array(order, np.int64)


def _ways_at(model: FlowModel, s: int, end: str, kinds: tuple[str, ...]) -> list[int]:
    return [w for w, x in enumerate(model.ways) if getattr(x, end) == s and x.kind in kinds]


def _place_table(model: FlowModel) -> tables.Table:
    counts = [s.places for s in model.stations]
    table = np.zeros(sum(counts), tables.PLACE)
    table["station"] = np.repeat(np.arange(len(counts)), counts)
    table["item"] = table["next"] = table["blocked_on"] = -1
    table["off"] = np.repeat([s.off for s in model.stations], counts)
    table["standby_s"] = np.repeat(_first_delay_s(model), counts)
    table["off"][_places_held(model)] = 0
    return table


def _places_held(model: FlowModel) -> list[int]:
    """The places of the items that are in one at time 0, in the order of the items."""
    free = np.cumsum([0, *(s.places for s in model.stations)])[:-1]
    held = []
    for item in model.items:
        if item.left_s is not None:
            held.append(int(free[item.station]))
            free[item.station] += 1
    return held


def _way_table(model: FlowModel) -> tables.Table:
    """The model's ways, then one without limit before each head."""
    table = np.zeros(len(model.ways) + len(model.heads), tables.WAY)
    table["room"] = [way.room for way in model.ways] + [len(model.items)] * len(model.heads)
    table["target"] = [way.target for way in model.ways] + list(model.heads)
    table["first"] = table["last"] = table["blocked_first"] = table["blocked_last"] = -1
    return table


def _item_table(model: FlowModel) -> tables.Table:
    table = np.zeros(len(model.items), tables.ITEM)
    table["variant"] = [item.variant for item in model.items]
    table["next"] = table["place"] = -1
    table["way"] = [-1 if item.way is None else item.way for item in model.items]
    table["arrived_s"] = [item.arrived_s for item in model.items]
    table["release_s"] = _release_s(model)
    inside = [i for i, item in enumerate(model.items) if item.left_s is not None]
    table["place"][inside] = _places_held(model)
    table["left_s"] = _times(item.left_s or 0.0 for item in model.items)
    table["repair_s"] = _times(item.repair_s for item in model.items)
    return table


def _head_table(model: FlowModel) -> tuple[tables.Table, Ints]:
    table, queue = np.zeros(len(model.heads), tables.HEAD), list[int]()
    for h, head in enumerate(model.heads):
        table[h]["way"], table[h]["next"] = len(model.ways) + h, len(queue)
        queue += [
            i
            for i, item in enumerate(model.items)
            if item.station == head and item.way is None and item.left_s is None
        ]
        table[h]["end"] = len(queue)
    return table, np.array(queue, np.int64)


def _needs(model: FlowModel) -> NDArray[np.bool_]:
    needs = np.ones((len(model.ways) + len(model.heads), len(model.variants)), np.bool_)
    for w, way in enumerate(model.ways):
        if way.variants is not None:
            needs[w] = [v in way.variants for v in range(len(model.variants))]
    return needs


def _window_table(model: FlowModel) -> tables.Table:
    table = np.zeros(len(model.closed), tables.WINDOW)
    table["from_s"] = _times(span.from_s for span in model.closed)
    table["to_s"] = _times(span.to_s for span in model.closed)
    table["off"] = [span.off for span in model.closed]
    return table
