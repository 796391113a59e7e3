"""A line file as a FlowModel: what flows, and by what is known of each station.

Stations without ways (a compressor, a chiller) are no part of the flow and are left out. Parts
begin where nothing flows in and the way only leads to a join; there are as many of them as vehicles
that meet them, in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from data.line import ENERGY_CARRIERS, Line, Station
from twin.flow_model import (
    STATES,
    Closed,
    Cycle,
    FlowModel,
    ImpossibleLine,
    Item,
    StationModel,
    WayModel,
)
from twin.shifts import windows

SPREAD = 0.02  # of a cycle, where only its nominal is known: as far to each side
_S_PER_NS = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a station beside the line file; None and absent: the line file's nominal.

    cycles: by variant id. power_kw: of one place, by state (or ``processing VARIANT``, or
    ``processing`` for all) and carrier [kW]; what is absent draws nothing.
    """

    cycles: Mapping[str, Cycle] = field(default_factory=dict)
    mtbf_s: float | None = None
    mttr_s: float = 0.0
    by_calendar: bool = False
    reject: float = 0.0
    standby_after_s: float | None = None
    wake_s: float = 0.0
    waited_s: float = 0.0
    off: bool = False
    power_kw: Mapping[tuple[str, str], float] = field(default_factory=dict)


def flow_stations(line: Line) -> tuple[str, ...]:
    """Ids of the stations that a way leads to or from, in line order."""
    ends = {end for edge in line.edges for end in (edge.from_station, edge.to_station)}
    if not line.edges and len(line.stations) == 1:
        return (line.stations[0].id,)
    return tuple(station.id for station in line.stations if station.id in ends)


def line_model(
    line: Line,
    known: Mapping[str, Known],
    sequence: Sequence[str],
    from_ns: int,
    to_ns: int | None,
    *,
    carriers: Sequence[str] = ENERGY_CARRIERS,
    met_by: Mapping[tuple[str, str], Sequence[str]] | None = None,
    inside: Sequence[Item] = (),
) -> FlowModel:
    """The line from a moment on (UTC ns), empty but for ``inside``, until another or the end.

    sequence: variant ids in the order in which they enter, one each takt. met_by: which variants
    meet the parts of a joining edge (from, to); absent: all. The plan's breaks and the time between
    its shifts are closed. Raises ImpossibleLine, with a line for each fault.
    """
    ids = flow_stations(line)
    variants = tuple(variant.id for variant in line.variants) or ("",)
    faults = [
        f"variant {v!r}: the line has {', '.join(variants)}" for v in {*sequence} - {*variants}
    ]
    faults += [f"station {s!r}: is not in the flow" for s in known if s not in ids]
    if faults:
        raise ImpossibleLine(sorted(faults))
    made = tuple(
        _station(line.stations[line.station_index[s]], known.get(s, Known()), variants) for s in ids
    )
    ways = _ways(line, ids, variants, met_by or {})
    entering = _entering(line, ids, ways, [variants.index(v) for v in sequence])
    return FlowModel(
        stations=made,
        ways=ways,
        items=(*inside, *entering),
        variants=variants,
        carriers=tuple(carriers),
        power_kw=_power_kw(ids, known, variants, carriers),
        closed=() if to_ns is None else closed_time(line, from_ns, to_ns),
        horizon_s=None if to_ns is None else (to_ns - from_ns) * _S_PER_NS,
    )


def changed(model: FlowModel, station: str, **values: object) -> FlowModel:
    """The model with other values of StationModel at one station; raises ImpossibleLine."""
    ids = [s.id for s in model.stations]
    if station not in ids:
        raise ImpossibleLine(
            [f"station {station!r}: is not in the flow; there are {', '.join(ids)}"]
        )
    made = list(model.stations)
    made[ids.index(station)] = replace(made[ids.index(station)], **values)  # type: ignore[arg-type]
    return replace(model, stations=tuple(made))


def closed_time(line: Line, from_ns: int, to_ns: int) -> tuple[Closed, ...]:
    """Breaks, and the time between shifts, from a moment on; () where the plan has no shifts."""
    if not line.shifts:
        return ()
    found: list[Closed] = []
    for window in windows(line, from_ns, to_ns):
        spans = window.breaks_ns if window.shift else ((window.from_ns, window.to_ns),)
        for begin_ns, end_ns in sorted(spans):
            begin_s = max(begin_ns - from_ns, 0) * _S_PER_NS
            end_s = min(end_ns - from_ns, to_ns - from_ns) * _S_PER_NS
            if begin_s < end_s:
                found.append(Closed(begin_s, end_s, off=window.shift is None))
    return tuple(found)


def _station(station: Station, known: Known, variants: tuple[str, ...]) -> StationModel:
    return StationModel(
        id=station.id,
        cycles=tuple(known.cycles.get(v) or _nominal(station, v) for v in variants),
        places=station.places,
        mtbf_s=known.mtbf_s,
        mttr_s=known.mttr_s,
        by_calendar=known.by_calendar,
        reject=known.reject,
        standby_after_s=known.standby_after_s,
        wake_s=known.wake_s,
        waited_s=known.waited_s,
        off=known.off,
    )


def _nominal(station: Station, variant: str) -> Cycle:
    cycle_s = station.cycle_s
    if isinstance(cycle_s, Mapping):
        cycle_s = cycle_s.get(variant, max(cycle_s.values()))
    if cycle_s is None:
        raise ImpossibleLine(
            [f"station {station.id}: no cycle_s in the line file, and none learnt"]
        )
    return Cycle(cycle_s * (1 - SPREAD), cycle_s, cycle_s * (1 + SPREAD))


def _ways(
    line: Line,
    ids: tuple[str, ...],
    variants: tuple[str, ...],
    met_by: Mapping[tuple[str, str], Sequence[str]],
) -> tuple[WayModel, ...]:
    found = []
    for edge in line.edges:
        met = met_by.get((edge.from_station, edge.to_station))
        found.append(
            WayModel(
                origin=ids.index(edge.from_station),
                target=ids.index(edge.to_station),
                room=edge.capacity,
                kind=edge.kind,
                variants=None if met is None else frozenset(variants.index(v) for v in met),
            )
        )
    # In the order of their origins, so that a chain is known as one.
    return tuple(sorted(found, key=lambda way: (way.origin, way.target)))


def _entering(
    line: Line, ids: tuple[str, ...], ways: tuple[WayModel, ...], sequence: Sequence[int]
) -> list[Item]:
    """Vehicles at their heads, each takt; and the parts that they will meet."""
    fed = {way.target for way in ways if way.kind == "flow"}
    takt_s, items = line.plant.takt_s or 0.0, list[Item]()
    for head in (s for s in range(len(ids)) if s not in fed):
        join = _only_joins(ways, head)
        if join is None:
            items += [
                Item(variant=v, station=head, release_s=takt_s * i) for i, v in enumerate(sequence)
            ]
        else:
            meets = [v for v in sequence if join.variants is None or v in join.variants]
            items += [Item(variant=v, station=head) for v in meets]
    return items


def _only_joins(ways: tuple[WayModel, ...], head: int) -> WayModel | None:
    """The join that all from a head comes to; None: it leads to the end of the line."""
    seen, waiting = set[int](), [head]
    while waiting:
        here = waiting.pop()
        seen.add(here)
        onward = [way for way in ways if way.origin == here and way.kind != "rework"]
        joins = [way for way in onward if way.kind == "join"]
        if joins:
            return joins[0]
        waiting += [way.target for way in onward if way.target not in seen]
    return None


def _power_kw(
    ids: tuple[str, ...],
    known: Mapping[str, Known],
    variants: tuple[str, ...],
    carriers: Sequence[str],
) -> np.ndarray:
    power_kw = np.zeros((len(ids), len(STATES) + len(variants), len(carriers)))
    for s, station in enumerate(ids):
        drawn = known[station].power_kw if station in known else {}
        for c, carrier in enumerate(carriers):
            for k, state in enumerate(STATES):
                power_kw[s, k, c] = drawn.get((state, carrier), 0.0)
            for v, variant in enumerate(variants):
                every = drawn.get(("processing", carrier), 0.0)
                own = drawn.get((f"processing {variant}", carrier), every)
                power_kw[s, len(STATES) + v, c] = own
    return power_kw
