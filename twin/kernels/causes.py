"""Causes: which station each one waits for, at every moment of a log.

Model. The line's events (a state, a vehicle that enters or leaves) are played in order. After all
events of one instant, every station that does not process has a cause: its own state, or, when it
is starved or blocked, what is found along the line. Upstream the search follows the way on which
no vehicle comes, downstream the way that is full: through stations that wait themselves, and
through stations at work that will starve or be blocked next, as far as one that stands, or that
others wait for (CYCLE). A station that says nothing is looked through.

A cause is looked for again when something happens at one of the stations that it was found by, or
near them: at the others nothing can have changed.

A *spell* is a time in which a station has one state and one cause. A station of several places has
two lanes of spells: its empty places, and its vehicles that do not get on.

A field that functions take as an argument is as wide as Python's own numbers (see booking.py).
Arrays are filled element by element: a slice that is assigned to compiles the words of its errors.

``trace_python`` is the reference, ``trace`` the same source compiled; they give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.compiled import part

# States by their number in data.line.STATES.
(
    OFF,
    STANDBY,
    WARMING_UP,
    IDLE,
    STARVED,
    BLOCKED,
    PROCESSING,
    SETUP,
    FAILED,
    STOPPED,
    HELD,
    UNKNOWN,
) = range(12)
CAUSES = (
    "failed",
    "setup",
    "held",
    "warming_up",
    "handling",
    "break",
    "off_shift",
    "cycle",
    "no_release",
    "no_demand",
    "unknown",
)
(
    C_FAILED,
    C_SETUP,
    C_HELD,
    C_WARMING_UP,
    C_HANDLING,
    C_BREAK,
    C_OFF_SHIFT,
    C_CYCLE,
    C_NO_RELEASE,
    C_NO_DEMAND,
    C_UNKNOWN,
) = range(11)
STANDS, WAITS_FOR_VEHICLE, WAITS_TO_LEAVE = range(3)
# At the same instant: what a vehicle leaves behind, then where it comes in, then states.
EV_DONE, EV_LEAVE, EV_ENTER, EV_STATE = range(4)

EVENT = np.dtype(
    [
        ("t", "<i8"),
        ("kind", "u1"),
        ("station", "<i8"),
        ("code", "<i8"),  # the state; the way that a vehicle comes by or leaves by, -1: none
        ("ahead", "<i4"),  # of a vehicle that enters: the way that it will leave by
        ("takes", "<u8"),  # of one that enters: bits of the joining ways whose parts it takes
        ("next_takes", "<u8"),  # the same of the vehicle that enters after it
        ("was_done", "u1"),  # of one that leaves: was it done before?
    ]
)
STATION = np.dtype(
    [
        ("places", "<i8"),
        ("machine", "u1"),  # outside the flow: it waits for nobody
        ("tracked", "u1"),  # its vehicles are seen
        ("silent", "u1"),  # its states are not
        ("tells", "u1"),  # starved from blocked
        ("inside", "<i4"),  # vehicles in it at the start
        ("ahead", "<i4"),  # the way that one of them will leave by
        ("next_takes", "<u8"),
        ("in_from", "<i4"),  # ways into it: order[in_from:in_to], then joins, then ways on
        ("in_to", "<i4"),
        ("join_to", "<i4"),
        ("on_to", "<i4"),
    ]
)
WAY = np.dtype(
    [
        ("origin", "<i8"),
        ("target", "<i8"),
        ("capacity", "<i4"),
        ("level", "<i4"),  # vehicles on it at the start
        ("known", "u1"),  # its level is
    ]
)
SPELL = np.dtype(
    [
        ("station", "<i4"),
        ("state", "i1"),  # that the station shows
        ("caused_by", "<i4"),
        ("cause", "i1"),
        ("places", "<i4"),  # how many of its places this is about
        ("draws", "u1"),  # what the station draws in this state goes with this spell
        ("waits", "u1"),  # STANDS, WAITS_FOR_VEHICLE or WAITS_TO_LEAVE
        ("derived", "u1"),  # state or cause were concluded, not shown
        ("t0", "<i8"),
        ("t1", "<i8"),
    ]
)

# What is noted of a lane; LANE of them.
SHOWN, BY, CAUSE, PLACES, DRAWS, WAITS, DERIVED = range(7)
LANE = 7

Table = NDArray[np.void]
Ints = NDArray[np.int64]
Bits = NDArray[np.uint64]


class Line(NamedTuple):
    """What stands where, and what is where now."""

    stations: Table  # (s,) STATION
    ways: Table  # (w,) WAY
    order: Ints  # way numbers, see STATION
    near: Bits  # (s, words) of each station: those within two ways of it
    state: Ints  # (s,) as shown
    inside: Ints  # (s,) vehicles
    done: Ints  # (s,) of them that want to leave
    ahead: Ints  # (s,) the way on of the vehicle inside, -1: none
    takes: Bits  # (s,) of the next vehicle
    level: Ints  # (w,)
    seen: Ints  # (s,) the search that came by last
    search: Ints  # (1,) its number
    depends: Bits  # (s, words) of each station: where its cause may change


@part
def _own_cause(state: int) -> int:
    """The cause that a state is by itself; -1: the station waits for others, or works."""
    if state == FAILED:
        return C_FAILED
    if state == SETUP:
        return C_SETUP
    if state == HELD:
        return C_HELD
    if state == WARMING_UP:
        return C_WARMING_UP
    if state == STOPPED:
        return C_BREAK
    if state == OFF:
        return C_OFF_SHIFT
    return -1


@part
def _has_room(m: Line, w: int) -> bool:
    """Could a vehicle go on by this way, into the buffer or into a free place behind it?"""
    if m.ways[w]["known"] == 0 or m.level[w] < m.ways[w]["capacity"]:
        return True
    target = m.ways[w]["target"]
    return bool(m.inside[target] < m.stations[target]["places"])


@part
def _full_way(m: Line, s: int) -> int:
    """The way by which a station's vehicles cannot leave; -1 where one could."""
    station = m.stations[s]
    best = -1
    for i in range(station["join_to"], station["on_to"]):
        w = m.order[i]
        if _has_room(m, w):
            return -1
        if best < 0 or m.level[w] < m.level[best]:
            best = w
    return best


@part
def _state(m: Line, s: int) -> int:
    """What a station does, as far as its signals tell or its vehicles and neighbours do."""
    station, shown = m.stations[s], m.state[s]
    if shown == UNKNOWN and station["silent"] == 1 and station["tracked"] == 1:
        shown = IDLE if m.inside[s] == 0 else PROCESSING
    if shown not in (IDLE, STARVED, BLOCKED) or station["machine"] == 1:
        return int(shown)
    if shown != IDLE and station["tells"] == 1:
        return int(shown)
    if station["tracked"] == 0:
        return _by_neighbours(m, s) if station["tells"] == 0 else int(shown)
    if m.inside[s] == 0:
        return STARVED
    if station["tells"] == 0 and _full_way(m, s) >= 0:
        return BLOCKED
    return int(shown)


@part
def _by_neighbours(m: Line, s: int) -> int:
    """Starved or blocked, of a station whose vehicles are not seen: who stands, those behind it?"""
    station = m.stations[s]
    for i in range(station["join_to"], station["on_to"]):
        if m.state[m.ways[m.order[i]]["target"]] in (PROCESSING, STARVED, STANDBY, UNKNOWN):
            return STARVED
    return BLOCKED if station["on_to"] > station["join_to"] else STARVED


@part
def _one_waits(m: Line, s: int) -> bool:
    """Does a vehicle wait for a station, on a way or in the place before it?"""
    station = m.stations[s]
    if station["in_from"] == station["in_to"]:
        return True  # what waits at the head of the line is not seen
    if station["in_to"] == station["join_to"] and _is_free(m, s):
        return False  # it would have come in
    for i in range(station["in_from"], station["in_to"]):
        w = m.order[i]
        if m.ways[w]["known"] == 0:
            return m.state[s] not in (STARVED, STANDBY, IDLE)
        if m.level[w] > 0:
            return True
        origin = m.ways[w]["origin"]
        held_back = m.done[origin] > 0 and not _has_room(m, w)
        if held_back or (m.ahead[origin] == w and _state(m, origin) == BLOCKED):
            return True
    return False


@part
def _is_free(m: Line, s: int) -> bool:
    """Is there a place for a vehicle that came?"""
    if m.stations[s]["tracked"] == 1:
        return bool(m.inside[s] < m.stations[s]["places"])
    return m.state[s] in (STARVED, STANDBY)


@part
def _empty_way(m: Line, s: int) -> int:
    """The way on which what a station needs next does not come; -1: it has all it needs."""
    station = m.stations[s]
    if _one_waits(m, s):
        for i in range(station["in_to"], station["join_to"]):
            w = m.order[i]
            takes = (m.takes[s] >> np.uint64(i - station["in_to"])) & np.uint64(1)
            if takes and m.ways[w]["known"] == 1 and m.level[w] <= 0:
                return int(w)
        return -1
    for i in range(station["in_from"], station["in_to"]):
        state = _state(m, m.ways[m.order[i]]["origin"])
        if state == IDLE or _own_cause(state) >= 0:
            return int(m.order[i])
    return int(m.order[station["in_from"]])


@part
def _way_ahead(m: Line, s: int) -> int:
    """The way by which the vehicle in a station wants to leave; -1: none."""
    if m.ahead[s] >= 0:
        return int(m.ahead[s])
    station = m.stations[s]
    return int(m.order[station["join_to"]]) if station["on_to"] > station["join_to"] else -1


@part
def _search(m: Line, begin: int, upstream: bool) -> tuple[int, int]:
    """(station, cause) of a station that is starved (``upstream``) or blocked."""
    m.search[0] += 1
    for k in range(m.near.shape[1]):
        m.depends[begin, k] |= m.near[begin, k]
    here, up = begin, upstream
    way = -1 if up else _way_ahead(m, here)
    while True:
        if up:
            way = _empty_way(m, here)
        if way < 0:
            return here, C_NO_RELEASE if up else C_CYCLE
        here = m.ways[way]["origin"] if up else m.ways[way]["target"]
        if m.seen[here] == m.search[0]:
            return here, C_CYCLE
        m.seen[here] = m.search[0]
        for k in range(m.near.shape[1]):
            m.depends[begin, k] |= m.near[here, k]
        state = _state(m, here)
        cause = _own_cause(state)
        if cause >= 0:
            return here, cause
        if state in (PROCESSING, IDLE):
            onward = _empty_way(m, here) if up else _full_way(m, here)
            if onward < 0:
                return here, C_CYCLE
            way = onward
        elif state in (STARVED, STANDBY):
            up = True
        else:  # blocked, or it says nothing: on in the same direction
            up = up and state == UNKNOWN
            way = _way_ahead(m, here)
            if state == UNKNOWN and not up and way < 0:
                return here, C_UNKNOWN


@part
def _cause(m: Line, s: int, state: int) -> tuple[int, int]:
    """(station, cause) of a station in a state other than processing."""
    if state == UNKNOWN:
        return s, C_UNKNOWN
    if m.stations[s]["machine"] == 1 and state in (OFF, STANDBY, IDLE, STARVED, BLOCKED):
        return s, C_NO_DEMAND
    cause = _own_cause(state)
    if cause >= 0:
        return s, cause
    if state == IDLE:
        return s, C_HANDLING
    return _search(m, s, state != BLOCKED)


@part
def _happen(m: Line, event: Table) -> None:
    s, code = event["station"], event["code"]
    if event["kind"] == EV_STATE:
        m.state[s] = code
    elif event["kind"] == EV_DONE:
        m.done[s] += 1
    elif event["kind"] == EV_LEAVE:
        m.inside[s] = max(0, m.inside[s] - 1)
        m.done[s] = max(0, m.done[s] - event["was_done"])
        if code >= 0:
            m.level[code] += 1
    else:
        m.inside[s] += 1
        m.ahead[s] = event["ahead"]
        m.takes[s] = event["next_takes"]
        if code >= 0:
            m.level[code] = max(0, m.level[code] - 1)
        station = m.stations[s]
        for i in range(station["in_to"], station["join_to"]):
            if (event["takes"] >> np.uint64(i - station["in_to"])) & np.uint64(1):
                m.level[m.order[i]] = max(0, m.level[m.order[i]] - 1)


@part
def _lanes(m: Line, s: int, found: Ints) -> None:
    """Fills ``found``, (2, 7), of both lanes of a station.

    Places 0 and draws 0: nothing in that lane.
    """
    for lane in range(2):
        _fill(found[lane], 0)
    station, shown = m.stations[s], m.state[s]
    many = station["places"]
    if shown == PROCESSING and many == 1:
        return
    state = _state(m, s)
    derived = 1 if state != shown or station["tracked"] == 0 else 0
    for lane in range(2):
        found[lane, SHOWN], found[lane, DERIVED] = shown, derived
    alike = many == 1 or station["tracked"] == 0 or station["machine"] == 1
    if alike or shown in (STOPPED, OFF, UNKNOWN):
        if shown != PROCESSING:
            _charge(m, s, UNKNOWN if shown == UNKNOWN else state, many, found[0])
            found[0, DRAWS] = 1
        return
    inside = min(m.inside[s], many)
    with_vehicles = shown in (BLOCKED, IDLE, FAILED, SETUP, HELD, WARMING_UP)
    if inside < many or not (with_vehicles or shown == PROCESSING):
        _charge(m, s, STARVED, many - inside, found[0])
        found[0, DRAWS] = 1 if shown in (STARVED, STANDBY) else 0
    if with_vehicles:
        _charge(m, s, state, inside, found[1])
        found[1, DRAWS] = 1
    elif m.done[s] > 0 and _full_way(m, s) >= 0:
        _charge(m, s, BLOCKED, min(m.done[s], inside), found[1])


@part
def _charge(m: Line, s: int, state: int, places: int, lane: Ints) -> None:
    """Notes who is to blame for so many places of a station in a state."""
    by, cause = _cause(m, s, state)
    lane[BY], lane[CAUSE], lane[PLACES] = by, cause, places
    lane[WAITS] = STANDS
    if state in (STARVED, STANDBY) and cause != C_NO_DEMAND:
        lane[WAITS] = WAITS_FOR_VEHICLE
    elif state == BLOCKED and cause != C_NO_DEMAND:
        lane[WAITS] = WAITS_TO_LEAVE


@part
def _write(spells: Table, k: int, s: int, lane: Ints, t0: int, t1: int) -> None:
    spells[k]["station"] = s
    spells[k]["state"] = lane[SHOWN]
    spells[k]["caused_by"] = lane[BY]
    spells[k]["cause"] = lane[CAUSE]
    spells[k]["places"] = lane[PLACES]
    spells[k]["draws"] = lane[DRAWS]
    spells[k]["waits"] = lane[WAITS]
    spells[k]["derived"] = lane[DERIVED]
    spells[k]["t0"] = t0
    spells[k]["t1"] = t1


@part
def _bit(s: int) -> np.uint64:
    """The bit of a station in its word."""
    return np.uint64(1) << np.uint64(s & 63)


@part
def _is_touched(m: Line, s: int, touched: Bits) -> bool:
    is_touched = False
    for k in range(touched.shape[0]):
        is_touched |= (m.depends[s, k] & touched[k]) != 0
    return is_touched


@part
def _fill(values: Ints, value: int) -> None:
    for i in range(values.shape[0]):
        values[i] = value


@part
def _is_alike(old: Ints, new: Ints) -> bool:
    alike = True
    for i in range(old.shape[0]):
        alike = alike and old[i] == new[i]
    return bool(alike)


@part
def _see_itself(m: Line, s: int) -> None:
    for k in range(m.depends.shape[1]):
        m.depends[s, k] = np.uint64(0)
    m.depends[s, s >> 6] = _bit(s)


@part
def _doubled(spells: Table) -> Table:
    more = np.zeros(2 * spells.shape[0], SPELL)
    for k in range(spells.shape[0]):
        more[k] = spells[k]
    return more


def trace_python(events: Table, begin: int, end: int, m: Line) -> Table:
    """The spells of all stations between two times [ns]; (n,) SPELL in the order of their ends.

    events: (n,) EVENT by time and kind. Changes ``m``.
    """
    count = m.stations.shape[0]
    spells, used = np.zeros(4 * count + 1024, SPELL), 0
    touched = np.zeros(m.near.shape[1], np.uint64)
    was = np.zeros((count, 2, LANE), np.int64)
    since = np.zeros((count, 2), np.int64)
    for s in range(count):
        _fill(since[s], begin)
    is_first = True
    found = np.zeros((2, LANE), np.int64)
    i, number, now = 0, events.shape[0], begin
    while True:
        while i < number and events[i]["t"] <= now:
            _happen(m, events[i])
            touched[events[i]["station"] >> 6] |= _bit(events[i]["station"])
            i += 1
        for s in range(count):
            if now < end and not (is_first or _is_touched(m, s, touched)):
                continue
            _see_itself(m, s)
            if now < end:
                _lanes(m, s, found)
            else:
                _fill(found[0], 0)
                _fill(found[1], 0)
            for lane in range(2):
                old, new = was[s, lane], found[lane]
                if _is_alike(old, new):
                    continue
                if now > since[s, lane] and (old[PLACES] > 0 or old[DRAWS] == 1):
                    if used == spells.shape[0]:
                        spells = _doubled(spells)
                    _write(spells, used, s, old, since[s, lane], now)
                    used += 1
                for k in range(LANE):
                    was[s, lane, k] = new[k]
                since[s, lane] = now
        is_first = False
        for k in range(touched.shape[0]):
            touched[k] = 0
        if now == end:
            return spells[:used]
        now = min(end, events[i]["t"]) if i < number else end


trace: Callable[[Table, int, int, Line], Table] = njit(cache=True, nogil=True, error_model="numpy")(
    trace_python
)
