"""Any line, event by event: parallel places, merges, splits, rework, joins and breaks.

The next event is the winner of a tree over all that can happen next: the calendar, the heads that
release vehicles and each place that works. Events of one instant come in that order, which is all
that ties need. An inlet hands a station the vehicle that has waited longest, once the parts that
it meets are there; a vehicle that finds no room stays in its place (blocking after service); of
several ways on it takes the emptiest. In closed time nobody begins: what is under way is finished.

On a line in series the departures are those of ``flow_serial``, to the bit, with the same draws.
A station fails after an exponential time of processing, or of the calendar: then a failure that
falls into a wait only shows if it lasts into the work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from twin.kernels.flow_draws import (
    CYCLE,
    FAILURE,
    REJECT,
    REPAIR,
    counter_of,
    exponential,
    key_of,
    triangular,
    uniform,
)
from twin.kernels.flow_options import helper, kernel
from twin.kernels.flow_serial import (
    BLOCKED,
    FAILED,
    OFF,
    PROCESSING,
    STANDBY,
    STARVED,
    STOPPED,
    WARMING_UP,
    Floats,
    Ints,
)
from twin.kernels.flow_tables import (
    ASKED,
    FINISHED,
    LAST_ASKED,
    LOGGED,
    NOT_ASKED,
    SCRAPPED,
    Booking,
    Graph,
    Table,
)


@helper
def _schedule(times_s: Floats, winner: Ints, leaf: int, time_s: float) -> None:
    """Says when a leaf comes next; of equal times the first leaf wins."""
    k = leaf + times_s.shape[0] // 2
    times_s[k] = time_s
    k >>= 1
    while k > 0:
        best = 2 * k + (1 if times_s[2 * k + 1] < times_s[2 * k] else 0)
        if times_s[k] == times_s[best] and winner[k] == winner[best]:
            return
        times_s[k], winner[k] = times_s[best], winner[best]
        k >>= 1


@helper
def _spread(b: Booking, s: int, column: int, from_s: float, to_s: float, seconds: float) -> None:
    """Spreads the energy of so many seconds evenly over a span, cut at the slots."""
    at_s = from_s
    while at_s < to_s:
        k = int(at_s / b.slot_s)
        if k >= b.slots_kwh.shape[0]:
            return
        until_s = min(to_s, (k + 1) * b.slot_s)
        hours = seconds * ((until_s - at_s) / (to_s - from_s)) / 3600.0
        for c in range(b.slots_kwh.shape[1]):
            b.slots_kwh[k, c] += b.power_kw[s, column, c] * hours
        at_s = until_s


@helper
def _book(b: Booking, s: int, column: int, from_s: float, to_s: float) -> None:
    """Books a span within the horizon."""
    b.seconds[s, column] += to_s - from_s
    if b.slots_kwh.shape[0] > 0:
        _spread(b, s, column, from_s, to_s, to_s - from_s)


@helper
def _book_open(b: Booking, place: Any, blocked: bool, from_s: float, to_s: float) -> bool:
    """Books a wait that no closed time cuts; whether it is asleep at the end."""
    s, delay_s = place["station"], place["standby_s"]
    if blocked:
        _book(b, s, BLOCKED, from_s, to_s)
        return False
    if to_s - from_s <= delay_s:
        _book(b, s, STARVED, from_s, to_s)
        return False
    _book(b, s, STARVED, from_s, from_s + delay_s)
    _book(b, s, STANDBY, from_s + delay_s, to_s)
    return True


@helper
def _book_rest(b: Booking, place: Any, blocked: bool, from_s: float, to_s: float) -> bool:
    """Books a wait, blocked or starved, but for closed time; whether it is asleep at the end."""
    if b.windows.shape[0] == 0:
        return _book_open(b, place, blocked, from_s, to_s)
    s, delay_s, at_s, was_off, k = place["station"], place["standby_s"], from_s, False, 0
    while True:
        while k < b.windows.shape[0] and b.windows[k]["to_s"] <= at_s:
            k += 1
        is_last = k == b.windows.shape[0] or b.windows[k]["from_s"] >= to_s
        until_s = to_s if is_last else max(b.windows[k]["from_s"], at_s)
        asleep_s = min(at_s + max(delay_s, 0.0), until_s)
        if blocked:
            _book(b, s, BLOCKED, at_s, until_s)
        else:
            _book(b, s, STARVED, at_s, asleep_s)
            _book(b, s, STANDBY, asleep_s, until_s)
        if is_last:
            return was_off or until_s - at_s > delay_s
        delay_s -= until_s - at_s
        at_s = min(b.windows[k]["to_s"], to_s)
        off = b.windows[k]["off"] == 1
        _book(b, s, OFF if off else STOPPED, until_s, at_s)
        was_off |= off


@helper
def _book_wait(b: Booking, place: Any, until_s: float) -> bool:
    """Books the time that a place was empty; whether it must warm up."""
    if place["off"] == 1:
        _book(b, place["station"], OFF, place["since_s"], until_s)
        return True
    return _book_rest(b, place, False, place["since_s"], until_s)


@helper
def _book_work(b: Booking, place: Any, column: int) -> None:
    """Books warm-up, repairs and processing, as far as they are within the horizon."""
    s, end_s = place["station"], b.horizon_s
    start_s, done_s = min(place["start_s"], end_s), min(place["done_s"], end_s)
    if start_s > place["take_s"]:
        _book(b, s, WARMING_UP, place["take_s"], start_s)
    down_s = min(place["down_s"], done_s - start_s)
    b.seconds[s, FAILED] += down_s
    b.seconds[s, column] += done_s - start_s - down_s
    if b.slots_kwh.shape[0] > 0:
        _spread(b, s, FAILED, start_s, done_s, down_s)
        _spread(b, s, column, start_s, done_s, done_s - start_s - down_s)


@helper
def _wait_idle(stations: Table, places: Table, p: int) -> None:
    """An empty place goes behind those of its station that wait already."""
    station = stations[places[p]["station"]]
    places[p]["next"] = -1
    if station["idle_first"] < 0:
        station["idle_first"] = p
    else:
        places[station["idle_last"]]["next"] = p
    station["idle_last"] = p


@helper
def _wait_outside(ways: Table, places: Table, w: int, p: int) -> None:
    """A place whose vehicle finds no room goes behind those that wait for the same."""
    way = ways[w]
    places[p]["blocked_on"], places[p]["next"] = w, -1
    if way["blocked"] == 0:
        way["blocked_first"] = p
    else:
        places[way["blocked_last"]]["next"] = p
    way["blocked_last"] = p
    way["blocked"] += 1


@helper
def _put(ways: Table, items: Table, w: int, i: int) -> None:
    """An item goes inside, behind the others."""
    way = ways[w]
    items[i]["next"] = -1
    if way["inside"] == 0:
        way["first"] = i
    else:
        items[way["last"]]["next"] = i
    way["last"] = i
    way["inside"] += 1


@helper
def _first(ways: Table, places: Table, w: int) -> int:
    """The item that a way would give; -1: none. One that waits outside follows those inside."""
    way = ways[w]
    if way["inside"] > 0:
        return way["first"]  # type: ignore[no-any-return]
    if way["blocked"] > 0:
        return places[way["blocked_first"]]["item"]  # type: ignore[no-any-return]
    return -1


@helper
def _take(ways: Table, places: Table, items: Table, w: int) -> int:
    """Takes the first item off a way; the place that gets rid of its vehicle by that, -1: none."""
    way = ways[w]
    was_inside = way["inside"] > 0
    if was_inside:
        way["first"] = items[way["first"]]["next"]
        way["inside"] -= 1
    if way["blocked"] == 0:
        return -1
    p = way["blocked_first"]
    way["blocked_first"] = places[p]["next"]
    way["blocked"] -= 1
    if was_inside:
        _put(ways, items, w, places[p]["item"])
    return p  # type: ignore[no-any-return]


@helper
def _next_way(station: Any, ways: Table, places: Table, items: Table, order: Ints) -> int:
    """The way into a station whose first item has waited longest; -1: nothing waits."""
    best, best_s = -1, np.inf
    for k in range(station["in_from"], station["in_to"]):
        item = _first(ways, places, order[k])
        if item >= 0 and items[item]["arrived_s"] < best_s:
            best, best_s = order[k], items[item]["arrived_s"]
    return best


@helper
def _lacks_part(m: Graph, station: Any, variant: int) -> bool:
    """Whether a part is missing that a variant meets at a station."""
    for k in range(station["in_to"], station["join_to"]):
        w = m.order[k]
        if m.needs[w, variant] and _first(m.ways, m.places, w) < 0:
            return True
    return False


@helper
def _draw_failure(place: Any, station: Any, at: Any, keys: Any) -> tuple[float, float]:
    """Time to a place's next failure, and to repair it [s]."""
    until_s = exponential(uniform(keys[FAILURE], at), station["mtbf_s"])
    return until_s, exponential(uniform(keys[REPAIR], at), station["mttr_s"])


@helper
def _down(
    stations: Table, places: Table, keys: Any, p: int, at_s: float, process_s: float
) -> float:
    """Repairs [s] that fall into so much processing from a time on."""
    place, down_s, count = places[p], 0.0, places.shape[0]
    station = stations[place["station"]]
    if station["calendar"] == 0:
        while place["to_failure_s"] <= process_s:
            process_s -= place["to_failure_s"]
            at = counter_of(place["failures"], p, count, 0)
            down_s += _draw_failure(place, station, at, keys)[1]
            place["failures"] += 1
            at = counter_of(place["failures"], p, count, 0)
            place["to_failure_s"] = _draw_failure(place, station, at, keys)[0]
        place["to_failure_s"] -= process_s
        return down_s
    while True:
        if place["repaired_s"] <= at_s:
            place["failures"] += 1
            at = counter_of(place["failures"], p, count, 0)
            until_s, repair_s = _draw_failure(place, station, at, keys)
            place["to_failure_s"] = place["repaired_s"] + until_s
            place["repaired_s"] = place["to_failure_s"] + repair_s
        elif place["to_failure_s"] < at_s + process_s:
            stop_s = max(place["to_failure_s"], at_s)
            process_s -= stop_s - at_s
            down_s += place["repaired_s"] - stop_s
            at_s = place["repaired_s"]
        else:
            return down_s


@helper
def _emptiest(ways: Table, order: Ints, from_k: int, to_k: int) -> int:
    """Of the ways order[from_k:to_k] the one with the fewest on it; -1: there is none."""
    best, fewest = -1, 0
    for k in range(from_k, to_k):
        count = ways[order[k]]["inside"] + ways[order[k]]["blocked"]
        if best < 0 or count < fewest:
            best, fewest = order[k], count
    return best


@helper
def _is_rejected(station: Any, item: Any, key: Any, at: Any) -> bool:
    """Whether an item does not pass a station; it comes back with draws of its own then."""
    if station["reject"] == 0.0 or uniform(key, at) >= station["reject"]:
        return False
    item["tour"] += 1
    return True


@helper
def _edge_s(windows: Table, k: int) -> float:
    """When the calendar turns for the k-th time: work ends at even edges, begins at odd ones."""
    if k >= 2 * windows.shape[0]:
        return np.inf
    window = windows[k // 2]
    return window["to_s"] if k % 2 == 1 else window["from_s"]  # type: ignore[no-any-return]


@helper
def _release_s(head: Any, items: Table, queue: Ints) -> float:
    """When a head releases its next item; inf: it has none."""
    if head["next"] == head["end"]:
        return np.inf
    return items[queue[head["next"]]]["release_s"]  # type: ignore[no-any-return]


@helper
def _set_up(m: Graph, seed: Any, run: int) -> None:
    """Puts everything where it is at time 0, and asks all stations."""
    half, first_place = m.times_s.shape[0] // 2, 1 + m.heads.shape[0]
    m.times_s[:] = np.inf
    for k in range(half):
        m.winner[half + k] = k
    for k in range(half - 1, 0, -1):
        m.winner[k] = m.winner[2 * k]
    for kind in range(m.keys.shape[0]):
        m.keys[kind] = key_of(seed, run, kind)
    _schedule(m.times_s, m.winner, 0, _edge_s(m.booking.windows, 0))
    for h in range(m.heads.shape[0]):
        _schedule(m.times_s, m.winner, 1 + h, _release_s(m.heads[h], m.items, m.queue))
    for p in range(m.places.shape[0]):
        place = m.places[p]
        station = m.stations[place["station"]]
        until_s, repair_s = _draw_failure(place, station, np.uint64(p), m.keys)
        place["to_failure_s"], place["repaired_s"] = until_s, until_s + repair_s
    for i in range(m.items.shape[0]):
        item = m.items[i]
        p = item["place"]
        if p >= 0:
            place, process_s, repair_s = m.places[p], item["left_s"], item["repair_s"]
            place["item"] = i
            down_s = repair_s + _down(m.stations, m.places, m.keys, p, repair_s, process_s)
            place["down_s"], place["done_s"] = down_s, process_s + down_s
            _schedule(m.times_s, m.winner, first_place + p, place["done_s"])
        elif item["way"] >= 0:
            _put(m.ways, m.items, item["way"], i)
    for p in range(m.places.shape[0]):
        if m.places[p]["item"] < 0:
            _wait_idle(m.stations, m.places, p)
    m.counts[ASKED] = _ask_all(m.stations)


@helper
def _ask_all(stations: Table) -> int:
    """Every station is to be fed; the first of them."""
    for s in range(stations.shape[0]):
        stations[s]["asked"] = s + 1
    stations[stations.shape[0] - 1]["asked"] = LAST_ASKED
    return 0


@helper
def _close(places: Table, items: Table, b: Booking) -> None:
    """Books what goes on at the horizon."""
    for p in range(places.shape[0]):
        place = places[p]
        if place["item"] < 0:
            _book_wait(b, place, b.horizon_s)
        elif place["blocked_on"] >= 0:
            _book_rest(b, place, True, place["done_s"], b.horizon_s)
        else:
            _book_work(b, place, PROCESSING + items[place["item"]]["variant"])


@helper
def events_python(m: Graph, seed: Any, run: int) -> None:
    """One replication up to the horizon; ``m`` is its own, and holds the outcome afterwards.

    What follows from an event at its instant is done by two lists: places that got rid of their
    vehicle, and stations that may take one. All in one function, since its tables are many.
    """
    _set_up(m, seed, run)
    stations, places, ways, items, booking = m.stations, m.places, m.ways, m.items, m.booking
    times_s, winner, log, counts, order = m.times_s, m.winner, m.log, m.counts, m.order
    first_place, cycles, count = 1 + m.heads.shape[0], m.keys[CYCLE], stations.shape[0]
    turned, is_open, now_s, asked, rid, ended = 0, True, 0.0, counts[ASKED], -1, -1
    if booking.windows.shape[0] > 0 and booking.windows[0]["from_s"] == 0.0:
        is_open = False
    # Without closed time and slots there is nothing to cut: booked here, since calls cost more.
    is_plain, seconds = booking.windows.shape[0] + booking.slots_kwh.shape[0] == 0, booking.seconds
    while True:
        while rid >= 0 or (asked >= 0 and is_open):
            if rid >= 0:  # this place's vehicle has left it
                p, place = rid, places[rid]
                rid, s = place["rid"], place["station"]
                if is_plain:
                    seconds[s, BLOCKED] += now_s - place["done_s"]
                elif now_s > place["done_s"]:
                    _book_rest(booking, place, True, place["done_s"], now_s)
                if counts[LOGGED] < log.shape[0]:
                    row = log[counts[LOGGED]]
                    row["time_s"], row["item"], row["station"] = now_s, place["item"], s
                    counts[LOGGED] += 1
                place["item"], place["blocked_on"], place["since_s"] = -1, -1, now_s
                place["standby_s"] = stations[s]["standby_s"]
                _wait_idle(stations, places, p)
            else:  # this station may begin, as often as there are places and vehicles
                s = asked
                station = stations[s]
                w, i, variant = -1, -1, -1
                if station["idle_first"] < 0:
                    pass
                elif station["in_to"] - station["in_from"] == 1:
                    w = order[station["in_from"]]
                    w = w if ways[w]["inside"] + ways[w]["blocked"] > 0 else -1
                else:
                    w = _next_way(station, ways, places, items, order)
                if w >= 0:
                    i = _first(ways, places, w)
                    variant = items[i]["variant"]
                    if station["in_to"] < station["join_to"] and _lacks_part(m, station, variant):
                        w = -1
                if w < 0:
                    asked, station["asked"] = station["asked"], NOT_ASKED
                    continue
                for k in range(station["in_to"], station["join_to"]):
                    if m.needs[order[k], variant]:
                        q = _take(ways, places, items, order[k])
                        if q >= 0:
                            places[q]["rid"], rid = rid, q
                q = _take(ways, places, items, w)
                if q >= 0:
                    places[q]["rid"], rid = rid, q
                p = station["idle_first"]
                place = places[p]
                station["idle_first"] = place["next"]
                if is_plain and place["off"] == 0:
                    wait_s = now_s - place["since_s"]
                    starved_s = min(wait_s, place["standby_s"])
                    seconds[s, STARVED] += starved_s
                    seconds[s, STANDBY] += wait_s - starved_s
                    wakes = wait_s > starved_s
                else:
                    wakes = _book_wait(booking, place, now_s)
                place["item"], place["off"], place["take_s"] = i, 0, now_s
                start_s = now_s + (station["wake_s"] if wakes else 0.0)
                u = uniform(cycles, counter_of(i, s, count, items[i]["tour"]))
                process_s = triangular(u, m.shapes[s, variant])
                down_s = 0.0
                if station["calendar"] == 0 and place["to_failure_s"] > process_s:
                    place["to_failure_s"] -= process_s
                else:
                    down_s = _down(stations, places, m.keys, p, start_s, process_s)
                place["start_s"], place["down_s"] = start_s, down_s
                place["done_s"] = start_s + process_s + down_s
                _schedule(times_s, winner, first_place + p, place["done_s"])
                ended = -1 if ended == first_place + p else ended
                continue
            if stations[s]["asked"] == NOT_ASKED:
                stations[s]["asked"], asked = asked, s
        if ended >= 0:  # it did not begin anew at once
            _schedule(times_s, winner, ended, np.inf)
            ended = -1
        now_s, leaf = times_s[1], winner[1]
        if now_s > booking.horizon_s or now_s == np.inf:
            break
        if leaf >= first_place:  # a place is done
            p = leaf - first_place
            place = places[p]
            i = place["item"]
            ended = leaf
            s, item = place["station"], items[i]
            station, column = stations[s], PROCESSING + item["variant"]
            if is_plain:
                down_s = place["down_s"]
                seconds[s, WARMING_UP] += place["start_s"] - place["take_s"]
                seconds[s, FAILED] += down_s
                seconds[s, column] += now_s - place["start_s"] - down_s
            else:
                _book_work(booking, place, column)
            at = counter_of(i, s, count, item["tour"])
            if _is_rejected(station, item, m.keys[REJECT], at):
                k, end, way_out = station["on_to"], station["back_to"], SCRAPPED
            else:
                k, end, way_out = station["join_to"], station["on_to"], FINISHED
            w = order[k] if end - k == 1 else _emptiest(ways, order, k, end)
            if w < 0:
                counts[way_out] += 1
                place["rid"], rid = rid, p
                continue
            items[i]["arrived_s"] = now_s
            if ways[w]["inside"] < ways[w]["room"]:
                _put(ways, items, w, i)
                place["rid"], rid = rid, p
            else:
                _wait_outside(ways, places, w, p)
        elif leaf > 0:  # a head releases
            head = m.heads[leaf - 1]
            i, w = m.queue[head["next"]], head["way"]
            head["next"] += 1
            items[i]["arrived_s"] = now_s
            _put(ways, items, w, i)
            _schedule(times_s, winner, leaf, _release_s(head, items, m.queue))
        else:  # the calendar
            is_open = turned % 2 == 1
            turned += 1
            _schedule(times_s, winner, 0, _edge_s(booking.windows, turned))
            if is_open:
                asked = _ask_all(stations)
            continue
        s = ways[w]["target"]
        if stations[s]["asked"] == NOT_ASKED:
            stations[s]["asked"], asked = asked, s
    if booking.horizon_s < np.inf:
        _close(places, items, booking)


def _events(m: Graph, seed: Any, run: int) -> None:
    events_python(m, seed, run)


events: Callable[[Graph, Any, int], None] = kernel(_events)
