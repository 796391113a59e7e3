"""Who is inside a station of several places: what came in, what was counted out, what was seen on.

Such a station shows the vehicle that came in last, and counts. So each has a queue: rows of who
may still be inside, the longest first, and beside them the times at which somebody left, the
earliest first. The first to have left is taken for the first that came in, until one of them is
seen further on: whoever is seen first left first, since what lies between keeps its order. Then
both leave the queue. So one that overtook in the place beside it, a count that came late or not at
all, and a body without a number put the others out for so long at most.

| evidence | what it says |
| --- | --- |
| the vehicle signal shows another | that one came in |
| it shows one again that is inside | when a count says so too, the one that came in last left |
| a good or reject count rises by n | n left; those that are known to have left are among them |
| one is seen at another station | it left, as the earliest that is not yet accounted for |
| one is seen on that never showed here | it left as the earliest that nobody is known to be |
| more inside than there are places | the one that is longest inside left |
| more left than the way on has room for | the earliest was a body without a number |

A station that holds a vehicle when the session begins is taken for full of others, without a
number, so that each inside has its part.

A row of the queue is a visit, or ``-2 - k`` for the unnamed body k. What is here changes visits,
and the state of stations; it books nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from twin.kernels.compiled import part

AT_ONCE_NS = 1_000_000_000  # so near, two signals tell of one instant
SOON_NS = 10_000_000_000  # so late at most a count follows what it counts
UNKNOWN, GOOD, REJECT = 0, 1, 2
NO_WAY, FLOW, REWORK = 0, 1, 2
SPARE = 8  # rows of a queue beyond its station's places and the way on
MOST_PASSED = 2  # by so many an unnamed body is overtaken before it is taken for none

QUEUE = np.dtype(
    [
        ("visit", "<i8"),
        ("passed", "<i8"),  # how many that came in later were seen further on
        ("exit", "<i8"),
        ("kind", "<i8"),
    ]
)
UNNAMED = np.dtype([("station", "<i4"), ("leave", "<i8")])  # inside from the begin; -1: still
STATION = [
    ("places", "<i8"),
    ("counts", "u1"),  # it counts what leaves it
    ("queued", "<i8"),  # rows of its queue: inside, or left and not yet seen on
    ("exits", "<i8"),  # how many of them left
    ("flow_ways", "<i4"),  # how many ways lead on from it
    ("rework_ways", "<i4"),
    ("room", "<i8"),  # of its one way on, to a station that shows vehicles; -1: not known
    ("shown", "<i4"),  # the vehicle that it shows
    ("t_back", "<i8"),  # when it last showed one again that is inside
    ("owes", "<i8"),  # visits that ended and are not counted yet
    ("owed", "<i8"),  # the last of them
    ("t_owed", "<i8"),
    ("t_counted", "<i8"),
]


@part
def _set_leave(hall: Any, row: int, leave: int, kind: int) -> None:
    """Writes when a visit, or an unnamed body's, ended and how."""
    if row <= -2:
        hall.unnamed[-2 - row]["leave"] = leave
        return
    visit = hall.visits[row]
    visit["leave"] = leave if leave < 0 else max(leave, visit["enter"])
    visit["good"] = 1 if kind == GOOD else 0
    visit["reject"] = 1 if kind == REJECT else 0


@part
def _write(hall: Any, s: int) -> None:
    """Writes the queue on its visits: the first that came in left first."""
    station, queue = hall.stations[s], hall.queues[s]
    queued, exits = station["queued"], station["exits"]
    for i in range(queued):
        if i < exits:
            _set_leave(hall, queue[i]["visit"], queue[i]["exit"], queue[i]["kind"])
        else:
            _set_leave(hall, queue[i]["visit"], -1, UNKNOWN)
    newest = queue[queued - 1]["visit"] if queued > exits else -1
    station["visit"] = max(newest, -1)


@part
def _drop_row(hall: Any, s: int, i: int) -> None:
    station, queue = hall.stations[s], hall.queues[s]
    for k in range(i, station["queued"] - 1):
        queue[k]["visit"], queue[k]["passed"] = queue[k + 1]["visit"], queue[k + 1]["passed"]
    station["queued"] -= 1


@part
def _drop_exit(hall: Any, s: int, i: int) -> None:
    station, queue = hall.stations[s], hall.queues[s]
    for k in range(i, station["exits"] - 1):
        queue[k]["exit"], queue[k]["kind"] = queue[k + 1]["exit"], queue[k + 1]["kind"]
    station["exits"] -= 1


@part
def _take_out(hall: Any, s: int, i: int, leave: int, kind: int) -> None:
    """Row i is known to have left at ``leave``."""
    _set_leave(hall, hall.queues[s][i]["visit"], leave, kind)
    _drop_row(hall, s, i)


@part
def _take_first(hall: Any, s: int) -> None:
    """The first row leaves the queue, with the first leave if there is one."""
    exit_ns, kind = hall.queues[s][0]["exit"], hall.queues[s][0]["kind"]
    _drop_exit(hall, s, 0)
    _take_out(hall, s, 0, exit_ns, kind)


@part
def _is_unnamed(hall: Any, s: int, i: int) -> bool:
    return bool(hall.queues[s][i]["visit"] <= -2)


@part
def _is_full(hall: Any, s: int) -> bool:
    station = hall.stations[s]
    return bool(station["queued"] - station["exits"] >= station["places"])


@part
def _owe(hall: Any, s: int, visit: int, t: int) -> None:
    """A visit ended that no count has told of yet."""
    station = hall.stations[s]
    if visit >= 0 and station["counts"] == 1:
        if t - station["t_owed"] > SOON_NS:
            station["owes"] = 0
        station["owes"] += 1
        station["owed"], station["t_owed"] = visit, t


@part
def _leaves(hall: Any, s: int, t: int, kind: int) -> None:
    """Somebody left at t; one whom nobody can see further on is out for good."""
    station, queue = hall.stations[s], hall.queues[s]
    at = station["exits"]
    if at >= station["queued"]:
        return  # a body without a number
    queue[at]["exit"], queue[at]["kind"] = t, kind
    station["exits"] = at + 1
    _let_go(hall, s)


@part
def _let_go(hall: Any, s: int) -> None:
    """Whoever left to where no station is needs not be seen again."""
    station, queue = hall.stations[s], hall.queues[s]
    i = 0
    while i < station["exits"]:
        kind = queue[i]["kind"]
        ways = station["rework_ways"] if kind == REJECT else station["flow_ways"]
        if kind != UNKNOWN and ways == 0:
            exit_ns = queue[i]["exit"]
            _drop_exit(hall, s, i)
            _take_out(hall, s, i, exit_ns, kind)
        else:
            i += 1


@part
def _correct(hall: Any, s: int, t: int) -> None:
    """More left than there is room for on the way: the first was a body without a number."""
    station, queue = hall.stations[s], hall.queues[s]
    if station["room"] < 0:
        return
    flown = 0
    for i in range(station["exits"]):
        if queue[i]["kind"] != REJECT and t - queue[i]["exit"] > SOON_NS:
            flown += 1
    i = 0
    while flown > station["room"] and i < station["exits"]:
        if queue[i]["kind"] == REJECT:
            i += 1
            continue
        exit_ns, kind = queue[i]["exit"], queue[i]["kind"]
        goes = _is_full(hall, s) or (i == 0 and _is_unnamed(hall, s, 0))
        _drop_exit(hall, s, i)
        if goes:
            _take_out(hall, s, i, exit_ns, kind)
        flown -= 1


@part
def find(hall: Any, s: int, vehicle: int) -> int:
    """The row of a vehicle in a station's queue, -1: none."""
    queue = hall.queues[s]
    for i in range(hall.stations[s]["queued"]):
        row = queue[i]["visit"]
        if row >= 0 and hall.visits[row]["vehicle"] == vehicle:
            return i
    return -1


@part
def begin(hall: Any, s: int, unnamed: int) -> int:
    """A station that holds one is taken for full; returns the unnamed bodies so far."""
    station, queue = hall.stations[s], hall.queues[s]
    if station["places"] < 2 or station["queued"] != 1:
        return unnamed
    others = station["places"] - 1
    queue[others]["visit"], queue[others]["passed"] = queue[0]["visit"], 0
    for i in range(others):
        hall.unnamed[unnamed + i]["station"], hall.unnamed[unnamed + i]["leave"] = s, -1
        queue[i]["visit"], queue[i]["passed"] = -2 - (unnamed + i), 0
    station["queued"] = others + 1
    return int(unnamed + others)


@part
def shows_again(hall: Any, s: int, vehicle: int, t: int) -> bool:
    """Does the signal show one again that is inside, so that no one came in?"""
    station, queue = hall.stations[s], hall.queues[s]
    i = find(hall, s, vehicle)
    if i < 0:
        return False
    if i >= station["exits"]:
        station["t_back"] = t
        if station["counts"] == 0:
            while station["queued"] > i + 1:
                _take_out(hall, s, station["queued"] - 1, t, UNKNOWN)
        _write(hall, s)
        return True
    exit_ns, kind = queue[i]["exit"], queue[i]["kind"]
    _drop_exit(hall, s, i)
    if t - exit_ns <= AT_ONCE_NS and station["queued"] > i + 1:
        # Counted out just now, and still there: so it was the one that came in last.
        _take_out(hall, s, station["queued"] - 1, exit_ns, kind)
        _write(hall, s)
        return True
    _take_out(hall, s, i, exit_ns, kind)  # it comes once more
    return False


@part
def enters(hall: Any, s: int, visit: int, t: int) -> None:
    """A visit begins."""
    station, queue = hall.stations[s], hall.queues[s]
    if station["queued"] == queue.shape[0]:
        if station["exits"] == 0:
            _leaves(hall, s, t, UNKNOWN)
        _take_first(hall, s)
    queue[station["queued"]]["visit"], queue[station["queued"]]["passed"] = visit, 0
    station["queued"] += 1
    if station["queued"] - station["exits"] > station["places"]:
        _leaves(hall, s, t, UNKNOWN)
    _write(hall, s)


@part
def is_empty(hall: Any, s: int, t: int) -> None:
    """The signal shows no vehicle: without counts, all have left."""
    station = hall.stations[s]
    while station["counts"] == 0 and station["queued"] > station["exits"]:
        _take_out(hall, s, station["queued"] - 1, t, UNKNOWN)
    _write(hall, s)


@part
def doubt(hall: Any, s: int) -> None:
    """Of those inside nobody knows what a gap hid."""
    queue = hall.queues[s]
    for i in range(hall.stations[s]["queued"]):
        if queue[i]["visit"] >= 0:
            hall.visits[queue[i]["visit"]]["whole"] = 0


@part
def counted(hall: Any, s: int, t: int, number: int, kind: int) -> None:
    """The good or reject count rose by ``number``."""
    station, queue = hall.stations[s], hall.queues[s]
    if number > station["places"] and t - station["t_counted"] < number * SOON_NS:
        return  # another counter: so many cannot have left
    several = number > 1
    if station["owes"] > 0 and (several or t - station["t_owed"] <= SOON_NS):
        hall.visits[station["owed"]]["good"] = 1 if kind == GOOD else 0
        hall.visits[station["owed"]]["reject"] = 1 if kind == REJECT else 0
        paid = min(number, station["owes"])
        number -= paid
        station["owes"] -= paid
    else:
        station["owes"] = 0
    for i in range(station["exits"]):
        soon = t - queue[i]["exit"] <= SOON_NS
        if number > 0 and queue[i]["kind"] == UNKNOWN and (several or soon):
            queue[i]["kind"] = kind
            number -= 1
    _let_go(hall, s)
    last = station["queued"] - 1
    overtook = last > station["exits"] and 0 <= t - station["t_back"] <= AT_ONCE_NS
    if number > 0 and overtook:
        _take_out(hall, s, last, t, kind)
        number -= 1
    for _ in range(min(number, station["queued"] - station["exits"])):
        _leaves(hall, s, t, kind)
    station["t_back"] = -AT_ONCE_NS - 1
    station["t_counted"] = t
    _correct(hall, s, t)
    _write(hall, s)


@part
def seen(hall: Any, s: int, i: int, way: int, t: int) -> None:
    """The vehicle in row i is seen at another station, to which a way of kind ``way`` leads."""
    station, queue = hall.stations[s], hall.queues[s]
    while 0 < i < station["exits"] and _is_unnamed(hall, s, 0):
        _take_first(hall, s)  # who was before it has been seen as well, or will not be
        i -= 1
    visit = queue[i]["visit"]
    in_order = (station["rework_ways"] if way == REWORK else station["flow_ways"]) < 2
    j = -1
    for k in range(station["exits"]):
        kind = queue[k]["kind"]
        fits = way == NO_WAY or kind == UNKNOWN or (kind == REJECT) == (way == REWORK)
        if j < 0 and fits and (in_order or k == i):
            j = k
    if j >= 0:
        exit_ns, kind = queue[j]["exit"], queue[j]["kind"]
        _drop_exit(hall, s, j)
        if kind == UNKNOWN:
            _owe(hall, s, visit, exit_ns)
        _take_out(hall, s, i, exit_ns, kind)
    else:
        _owe(hall, s, visit, t)
        _take_out(hall, s, i, t, UNKNOWN)
    _pass(hall, s, i, t)
    _write(hall, s)


@part
def _pass(hall: Any, s: int, end: int, t: int) -> None:
    """The rows before ``end`` were overtaken; one that all overtake is not there any more."""
    station, queue = hall.stations[s], hall.queues[s]
    i = station["exits"]
    while i < end:
        queue[i]["passed"] += 1
        row = queue[i]["visit"]
        if row <= -2 and queue[i]["passed"] > MOST_PASSED:
            _take_out(hall, s, i, 0, UNKNOWN)  # it never was
            end -= 1
        elif row >= 0 and queue[i]["passed"] > station["places"]:
            hall.visits[row]["whole"] = 0
            _take_out(hall, s, i, t, UNKNOWN)
            end -= 1
        else:
            i += 1


@part
def seen_on(hall: Any, s: int, is_new: bool) -> None:
    """One is seen behind this station that never showed here: ``is_new``: nor anywhere before."""
    station = hall.stations[s]
    if station["flow_ways"] != 1 or station["exits"] == 0 or hall.queues[s][0]["kind"] == REJECT:
        return
    if _is_unnamed(hall, s, 0) or (not is_new and _is_full(hall, s)):
        _take_first(hall, s)
    elif not is_new:
        _drop_exit(hall, s, 0)
    _write(hall, s)
