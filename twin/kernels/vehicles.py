"""Stations: states, vehicles and part counts cut the segments and make the visits."""

from __future__ import annotations

from typing import Any

from twin.kernels import places, segments, shape
from twin.kernels.booking import (
    BAD,
    BEGUN,
    OP_GOOD_COUNT,
    OP_STATE,
    UNKNOWN_STATE,
    VISITS,
    Hall,
    Sheet,
    Table,
)
from twin.kernels.compiled import part


@part
def state(sheet: Sheet, row: Any) -> None:
    """A station's state."""
    s = row["target"]
    station = sheet.stations[s]
    state = row["exact"] if row["quality"] != BAD else UNKNOWN_STATE
    if row["duplicate"] == 1 and station["state_known"] == 0 and station["state"] == state:
        station["state_known"] = 1
        segments.relabel_station(sheet, s)
        return
    if station["state_known"] == 1 and station["state"] == state:
        return
    shape.holes_at(sheet, s, row["t"])
    station["state"] = state
    station["state_known"] = 1
    station["t_state"] = row["t"]
    segments.cut_station(sheet, s, row["t"], 1)


@part
def vehicle(sheet: Sheet, hall: Hall, row: Any) -> None:
    """The vehicle at a station; none: empty."""
    s = row["target"]
    station = hall.stations[s]
    if station["places"] > 1:
        _vehicle_of_places(sheet, hall, row)
        return
    vehicle = row["exact"] if row["quality"] != BAD else -1
    open_visit = station["visit"]
    present = hall.visits[open_visit]["vehicle"] if open_visit >= 0 else -1
    if vehicle == present:
        if station["vehicle_known"] == 0:
            station["vehicle_known"] = 1
            segments.relabel_station(sheet, s)
        return
    shape.holes_at(sheet, s, row["t"])
    if open_visit >= 0:
        lost = station["vehicle_known"] == 0
        hall.visits[open_visit]["leave"] = station["t_gap"] if lost else row["t"]
        if lost:
            hall.visits[open_visit]["whole"] = 0
        station["last_visit"] = open_visit
    station["visit"] = -1
    if vehicle >= 0:
        station["visit"] = _new_visit(sheet, hall, s, vehicle, row["t"])
    station["vehicle_known"] = 1
    segments.cut_station(sheet, s, row["t"], 1)


@part
def _new_visit(sheet: Sheet, hall: Hall, s: int, vehicle: int, t: int) -> int:
    """A vehicle is seen at a station; it has left the one of several places that it was in."""
    _seen_elsewhere(sheet, hall, s, vehicle, t)
    k = sheet.counts[VISITS]
    sheet.counts[VISITS] = k + 1
    visit = hall.visits[k]
    visit["vehicle"], visit["station"] = vehicle, s
    visit["variant"], visit["whole"] = hall.stations[s]["variant"], sheet.counts[BEGUN]
    visit["enter"], visit["leave"] = t, -1
    visit["good"] = visit["reject"] = 0
    hall.vehicles[vehicle] = k + 1
    return int(k)


@part
def _seen_elsewhere(sheet: Sheet, hall: Hall, s: int, vehicle: int, t: int) -> None:
    last = hall.vehicles[vehicle] - 1
    before = hall.visits[last]["station"] if last >= 0 else -1
    if before >= 0 and before != s and hall.stations[before]["places"] > 1:
        i = places.find(hall, before, vehicle)
        if i >= 0:
            places.seen(hall, before, i, hall.ways[before, s], t)
            segments.cut_station(sheet, before, t, 0)
    if before == s or (before >= 0 and hall.ways[before, s] != places.NO_WAY):
        return
    for u in range(hall.stations.shape[0]):
        if hall.stations[u]["places"] > 1 and u != before and hall.ways[u, s] == places.FLOW:
            places.seen_on(hall, u, last < 0)
            segments.cut_station(sheet, u, t, 0)


@part
def _vehicle_of_places(sheet: Sheet, hall: Hall, row: Any) -> None:
    """A station of several places shows the vehicle that came in last."""
    s, t = row["target"], row["t"]
    station = hall.stations[s]
    if row["quality"] == BAD:
        return
    lost = station["vehicle_known"] == 0
    station["vehicle_known"] = 1
    if row["exact"] == station["shown"]:
        if lost:
            segments.relabel_station(sheet, s)
        return
    station["shown"] = row["exact"]
    if lost:
        places.doubt(hall, s)
    if row["exact"] < 0:
        places.is_empty(hall, s, t)
    elif not places.shows_again(hall, s, row["exact"], t):
        places.enters(hall, s, _new_visit(sheet, hall, s, row["exact"], t), t)
    segments.cut_station(sheet, s, t, 0)


@part
def variant(hall: Hall, row: Any) -> None:
    """The variant at a station; after a gap it may be that of a vehicle that is yet to be named."""
    station = hall.stations[row["target"]]
    station["variant"] = row["exact"]
    if station["visit"] >= 0 and station["vehicle_known"] == 1:
        hall.visits[station["visit"]]["variant"] = row["exact"]


@part
def part_count(sheet: Sheet, hall: Hall, row: Any) -> None:
    """A good or reject count went up: a vehicle is done, or has just left."""
    station = hall.stations[row["target"]]
    if row["quality"] == BAD:
        return
    good = row["op"] == OP_GOOD_COUNT
    known = station["has_good"] if good else station["has_reject"]
    rise = row["value"] - (station["good"] if good else station["reject"])
    if good:
        station["has_good"] = 1
        station["good"] = row["value"]
    else:
        station["has_reject"] = 1
        station["reject"] = row["value"]
    if known == 0 or not rise >= 1.0:
        return
    if station["places"] > 1:
        kind = places.GOOD if good else places.REJECT
        places.counted(hall, row["target"], row["t"], int(min(rise, 1e9)), kind)
        segments.cut_station(sheet, row["target"], row["t"], 0)
        return
    visit = _counted_visit(hall.visits, station, row["t"])
    if visit >= 0 and good:
        hall.visits[visit]["good"] += 1
    elif visit >= 0:
        hall.visits[visit]["reject"] += 1


@part
def _counted_visit(visits: Table, station: Any, t: int) -> int:
    """The vehicle that a count at a single place means: one that has just left, else the present.

    A change of the vehicle and the count of the one before come at one instant, in any order.
    """
    last, visit = station["last_visit"], station["visit"]
    if last < 0 or visit < 0:
        return int(max(last, visit))
    unmarked = visits[last]["good"] + visits[last]["reject"] == 0
    if unmarked and t - visits[last]["leave"] <= places.SOON_NS:
        return int(last)
    return int(visit)


@part
def lost_station(sheet: Sheet, row: Any) -> None:
    """The states or the vehicles (exact: the op) of a station do not read from t on."""
    station = sheet.stations[row["target"]]
    if row["exact"] == OP_STATE:
        station["state_known"] = 0
    else:
        station["vehicle_known"] = 0
        station["t_gap"] = row["t"]
    segments.cut_station(sheet, row["target"], row["t"], 0)
