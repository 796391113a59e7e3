"""What lies between stations: buffers reconstructed from the visits, as events in time.

A vehicle is on the way from i to j from when it left i until it entered j. What was on a way before
the log began shows when it enters a station without having been seen before it. A part that joins
a vehicle enters no station: it leaves its way when a vehicle that takes such parts enters the
station where they join. Which variants take them, the variants of the parts tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.line import STATES, Line
from twin.kernels import causes as kernel
from twin.mirror import Booked

# So much of the visits of a station of several places are shorter than it takes without waiting.
_UNDELAYED = 0.1
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Past:
    """The line at the beginning of a log and all that happened since.

    stations: (s,) kernel.STATION. ways: (w,) kernel.WAY, one for each of the line's edges.
    order: (n,) their numbers by station. events: (e,) kernel.EVENT in order.
    visits: (v,) by their enter; came_by, leaves_by: (v,) the way of each, -1: none or not known;
    takes: (v,) bits of the joining ways whose parts its vehicle takes; done: (v,) when it was done
    at a station of several places [ns], -1: at its leave, or not known.
    """

    stations: NDArray[np.void]
    ways: NDArray[np.void]
    order: NDArray[np.int32]
    near: NDArray[np.uint64]
    events: NDArray[np.void]
    visits: NDArray[np.void]
    came_by: Ints
    leaves_by: Ints
    takes: NDArray[np.uint64]
    done: Ints


def past(booked: Booked) -> Past:
    """Stations, ways and events of a log."""
    line = booked.line
    visits = booked.visits[np.argsort(booked.visits["enter"], kind="stable")]
    stations, ways, order = _tables(booked, visits)
    came_by, leaves_by = _ways_of_visits(booked, visits, ways)
    takes = _takes(line, visits, stations, ways, order)
    _open_levels(booked, visits, ways, came_by, leaves_by)
    _open_joins(visits, stations, ways, order, leaves_by, takes)
    next_takes = _next_takes(visits, takes, stations)
    done = _done_ns(visits, stations)
    parts = [
        _state_events(booked),
        _enter_events(visits, came_by, leaves_by, takes, next_takes),
        _leave_events(visits, leaves_by, done),
        _done_events(visits, done),
    ]
    events = np.concatenate(parts)
    events = events[np.lexsort([events["station"], events["kind"], events["t"]])]
    return Past(
        stations=stations,
        ways=ways,
        order=order,
        near=_near(ways, len(stations)),
        events=events,
        visits=visits,
        came_by=came_by,
        leaves_by=leaves_by,
        takes=takes,
        done=done,
    )


def _tables(
    booked: Booked, visits: NDArray[np.void]
) -> tuple[NDArray[np.void], NDArray[np.void], NDArray[np.int32]]:
    line, index = booked.line, booked.line.station_index
    ways = np.zeros(len(line.edges), kernel.WAY)
    for w, edge in enumerate(line.edges):
        ways[w]["origin"], ways[w]["target"] = index[edge.from_station], index[edge.to_station]
        ways[w]["capacity"] = edge.capacity
    seen = {int(s) for s in np.unique(visits["station"])}
    stations = np.zeros(len(line.stations), kernel.STATION)
    shown = _shown(booked)
    order: list[int] = []
    for s, station in enumerate(line.stations):
        row = stations[s]
        row["places"], row["tracked"], row["ahead"] = station.places, s in seen, -1
        row["silent"] = shown[s] <= {kernel.UNKNOWN}
        row["tells"] = _tells(booked, s, shown[s])
        row["in_from"] = len(order)
        order += _edges(line, station.id, "to_station", ("flow", "rework"))
        row["in_to"] = len(order)
        order += _edges(line, station.id, "to_station", ("join",))
        row["join_to"] = len(order)
        order += _edges(line, station.id, "from_station", ("flow", "join"))
        row["on_to"] = len(order)
        row["machine"] = row["in_from"] == row["on_to"]
    tracked = stations["tracked"].astype(bool)
    ways["known"] = tracked[ways["origin"]] & tracked[ways["target"]]
    return stations, ways, np.array(order, np.int32)


def _near(ways: NDArray[np.void], count: int) -> NDArray[np.uint64]:
    beside = np.eye(count, dtype=bool)
    beside[ways["origin"], ways["target"]] = beside[ways["target"], ways["origin"]] = True
    within_two = np.array([beside[beside[s]].any(axis=0) for s in range(count)], bool)
    bits = np.zeros((count, (count + 63) // 64), np.uint64)
    for s, t in np.argwhere(within_two.reshape(count, count)).tolist():
        bits[s, t >> 6] |= np.uint64(1) << np.uint64(t & 63)
    return bits


def _edges(line: Line, station: str, end: str, kinds: tuple[str, ...]) -> list[int]:
    return [w for w, e in enumerate(line.edges) if getattr(e, end) == station and e.kind in kinds]


def _shown(booked: Booked) -> list[set[int]]:
    """The states that each station was ever in."""
    own, count = len(booked.line.points), len(booked.line.stations)
    presence = booked.segments[booked.segments["point"] >= own]
    was = np.zeros((count, len(STATES)), bool)
    was[presence["point"] - own, presence["state"]] = True
    return [set(np.flatnonzero(each).tolist()) for each in was]


def _tells(booked: Booked, s: int, shown: set[int]) -> bool:
    """Does a station's PLC tell starved from blocked? Its line file or its past has both words."""
    signal = booked.line.signal_index.get(f"{booked.line.stations[s].id}.state")
    if signal is not None:
        mapped = booked.line.signals[signal].map.values()
        shown = shown | {STATES.index(word) for word in mapped if word in STATES}
    return kernel.STARVED in shown and kernel.BLOCKED in shown


def _ways_of_visits(
    booked: Booked, visits: NDArray[np.void], ways: NDArray[np.void]
) -> tuple[Ints, Ints]:
    """The way that each visit came by and the one that it leaves by, -1: none or not known."""
    count = len(visits)
    came_by, leaves_by = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    between = {(int(w["origin"]), int(w["target"])): n for n, w in reversed([*enumerate(ways)])}
    by_vehicle = np.lexsort([np.arange(count), visits["vehicle"]])
    for here, after in zip(by_vehicle[:-1].tolist(), by_vehicle[1:].tolist(), strict=True):
        if visits["vehicle"][here] == visits["vehicle"][after]:
            pair = (int(visits["station"][here]), int(visits["station"][after]))
            came_by[after] = leaves_by[here] = between.get(pair, -1)
    last = np.ones(count, bool)
    last[by_vehicle[:-1]] = visits["vehicle"][by_vehicle[1:]] != visits["vehicle"][by_vehicle[:-1]]
    on, back = _first_ways(booked.line)
    for k in np.flatnonzero(last).tolist():
        s = int(visits["station"][k])
        leaves_by[k] = back[s] if visits["reject"][k] > 0 else on[s]
    return came_by, leaves_by


def _first_ways(line: Line) -> tuple[list[int], list[int]]:
    """The first way on and back of each station, -1: none."""
    on = [_edges(line, s.id, "from_station", ("flow", "join")) for s in line.stations]
    back = [_edges(line, s.id, "from_station", ("rework",)) for s in line.stations]
    return [(each or [-1])[0] for each in on], [(each or [-1])[0] for each in back]


def _takes(
    line: Line,
    visits: NDArray[np.void],
    stations: NDArray[np.void],
    ways: NDArray[np.void],
    order: NDArray[np.int32],
) -> NDArray[np.uint64]:
    """Bits of the joining ways at its station whose parts the vehicle of each visit takes."""
    takes = np.zeros(len(visits), np.uint64)
    for s in range(len(stations)):
        here = visits["station"] == s
        for bit, w in enumerate(order[stations[s]["in_to"] : stations[s]["join_to"]].tolist()):
            made = visits["variant"][visits["station"] == ways[w]["origin"]]
            of = np.unique(made[made >= 0])
            fits = here & (np.isin(visits["variant"], [*of, -1]) if len(of) else True)
            takes[fits] |= np.uint64(1 << bit)
    return takes


def _open_levels(
    booked: Booked,
    visits: NDArray[np.void],
    ways: NDArray[np.void],
    came_by: Ints,
    leaves_by: Ints,
) -> None:
    """What was on the ways when the log began: it entered a station first of all, in turn."""
    _, first_of = np.unique(visits["vehicle"], return_index=True)
    is_first = np.zeros(len(visits), bool)
    is_first[first_of] = True
    is_first &= visits["enter"] > booked.from_ns
    flows: dict[int, int] = {}
    for w, edge in enumerate(booked.line.edges):
        if edge.kind == "flow":
            flows.setdefault(int(ways[w]["target"]), w)
    for s, w in flows.items():
        here = visits["station"] == s
        followed = visits["enter"][here & (came_by >= 0)]
        opening = here & is_first
        if len(followed):
            opening &= visits["enter"] <= followed.min()
        came_by[opening] = w
        ways[w]["level"] = np.count_nonzero(opening)


def _open_joins(
    visits: NDArray[np.void],
    stations: NDArray[np.void],
    ways: NDArray[np.void],
    order: NDArray[np.int32],
    leaves_by: Ints,
    takes: NDArray[np.uint64],
) -> None:
    """Parts that were there when the log began: as many as were taken beyond those that came."""
    for s in range(len(stations)):
        for bit, w in enumerate(order[stations[s]["in_to"] : stations[s]["join_to"]].tolist()):
            came = visits["leave"][(leaves_by == w) & (visits["leave"] >= 0)]
            taken = visits["enter"][
                (visits["station"] == s) & ((takes >> np.uint64(bit)) & np.uint64(1) == 1)
            ]
            times = np.concatenate([came, taken])
            steps = np.concatenate([np.ones(len(came), int), np.full(len(taken), -1)])
            ordered = np.lexsort([-steps, times])
            ways[w]["level"] = max(0, -int(np.cumsum(steps[ordered]).min(initial=0)))


def _next_takes(
    visits: NDArray[np.void], takes: NDArray[np.uint64], stations: NDArray[np.void]
) -> NDArray[np.uint64]:
    """What the vehicle takes that enters a station after each visit; what each takes is set at
    the station for the first one."""
    found = np.full(len(visits), ~np.uint64(0), np.uint64)
    for s in range(len(stations)):
        here = np.flatnonzero(visits["station"] == s)
        found[here[:-1]] = takes[here[1:]]
        stations[s]["next_takes"] = takes[here[0]] if len(here) else ~np.uint64(0)
    return found


def _done_ns(visits: NDArray[np.void], stations: NDArray[np.void]) -> Ints:
    """When the vehicle of each visit at a station of several places was done, as the shortest
    visits tell; -1 where it left before that, or at stations of one place."""
    done = np.full(len(visits), -1, np.int64)
    for s in np.flatnonzero(stations["places"] > 1).tolist():
        here = np.flatnonzero(visits["station"] == s)
        whole = here[(visits["whole"][here] == 1) & (visits["leave"][here] >= 0)]
        if not len(whole):
            continue
        stay_ns = np.sort(visits["leave"][whole] - visits["enter"][whole])
        usual_ns = int(stay_ns[int(_UNDELAYED * (len(stay_ns) - 1))])
        at = visits["enter"][here] + usual_ns
        done[here] = np.where((visits["leave"][here] < 0) | (at < visits["leave"][here]), at, -1)
    return done


def _state_events(booked: Booked) -> NDArray[np.void]:
    own = len(booked.line.points)
    presence = booked.segments[booked.segments["point"] >= own]
    presence = presence[presence["t1"] > presence["t0"]]
    presence = presence[np.lexsort([presence["t0"], presence["point"]])]
    new = np.ones(len(presence), bool)
    new[1:] = presence["point"][1:] != presence["point"][:-1]
    new[1:] |= presence["state"][1:] != presence["state"][:-1]
    presence = presence[new]
    events = np.zeros(len(presence), kernel.EVENT)
    events["t"], events["kind"] = presence["t0"], kernel.EV_STATE
    events["station"], events["code"] = presence["point"] - own, presence["state"]
    return events


def _enter_events(
    visits: NDArray[np.void],
    came_by: Ints,
    leaves_by: Ints,
    takes: NDArray[np.uint64],
    next_takes: NDArray[np.uint64],
) -> NDArray[np.void]:
    events = np.zeros(len(visits), kernel.EVENT)
    events["t"], events["kind"] = visits["enter"], kernel.EV_ENTER
    events["station"], events["code"], events["ahead"] = visits["station"], came_by, leaves_by
    events["takes"], events["next_takes"] = takes, next_takes
    return events


def _leave_events(visits: NDArray[np.void], leaves_by: Ints, done: Ints) -> NDArray[np.void]:
    left = visits["leave"] >= 0
    events = np.zeros(np.count_nonzero(left), kernel.EVENT)
    events["t"], events["kind"] = visits["leave"][left], kernel.EV_LEAVE
    events["station"], events["code"] = visits["station"][left], leaves_by[left]
    events["was_done"] = done[left] >= 0
    return events


def _done_events(visits: NDArray[np.void], done: Ints) -> NDArray[np.void]:
    known = done >= 0
    events = np.zeros(np.count_nonzero(known), kernel.EVENT)
    events["t"], events["kind"] = done[known], kernel.EV_DONE
    events["station"] = visits["station"][known]
    return events
