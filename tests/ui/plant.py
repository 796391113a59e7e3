"""A whole plant made by hand: eight workshops, joins, and stations without any way."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from data.line import Edge, Line, Names, Station, Variant, Workshop
from tests.ui.hand_made import (
    NS,
    SHIFT_NS,
    HandSession,
    load_line,
    small_snapshot,
    vin,
)
from twin.snapshot import BufferView, Snapshot, StationView, Visit

# Workshop: (English, Chinese, first letter, stations of each series in it).
SHOPS = {
    "stamping": ("Stamping", "冲压车间", "S", (4,)),
    "body": ("Body workshop", "焊装车间", "B", (7, 3, 3, 2)),
    "paint": ("Paint workshop", "涂装车间", "P", (15,)),
    "battery": ("Battery pack workshop", "电池车间", "D", (5,)),
    "powertrain": ("Powertrain workshop", "动力总成车间", "W", (4,)),
    "assembly": ("Assembly workshop", "总装车间", "A", (9,)),
    "eol": ("End of line", "终检线", "Q", (3,)),
    "utilities": ("Utilities", "公用工程", "U", (1,) * 7),
}
JOINS = (
    *(("S040", "B010", "join"), ("B130", "B040", "join"), ("B230", "B060", "join")),
    *(("B320", "B050", "join"), ("D050", "A050", "join"), ("W040", "A050", "join")),
    *(("B070", "P010", "flow"), ("P150", "A010", "flow"), ("A090", "Q010", "flow")),
    *(("B070", "B060", "rework"), ("P140", "P090", "rework")),
)
VARIANTS = (
    ("ice", "Combustion", "燃油车"),
    ("hev", "Hybrid", "混合动力车"),
    ("bev", "Battery electric", "纯电动车"),
)
STATES = ("processing", "processing", "starved", "processing", "blocked", "idle")


def plant_line() -> Line:
    """62 stations; the paint shop alone is longer than a screen is wide."""
    stations: list[Station] = []
    edges = [Edge(from_station=a, to_station=b, capacity=6, kind=kind) for a, b, kind in JOINS]
    for shop, (_, _, letter, series) in SHOPS.items():
        for number, length in enumerate(series):
            ids = [f"{letter}{number}{k + 1}0"[:4] for k in range(length)]
            if length > 9:
                ids = [f"{letter}{k + 1:02d}0" for k in range(length)]
            stations += [_station(id_, shop) for id_ in ids]
            edges += [
                Edge(from_station=a, to_station=b, capacity=3, kind="flow")
                for a, b in pairwise(ids)
            ]
    return replace(
        load_line("small"),
        workshops=tuple(Workshop(id=i, names=Names(s[0], s[1])) for i, s in SHOPS.items()),
        stations=tuple(stations),
        edges=tuple(edges),
        variants=tuple(
            Variant(
                id=i,
                names=Names(en, zh),
                share=None,
                mass_kg=None,
                upstream_kgco2e=None,
                bom=None,
            )
            for i, en, zh in VARIANTS
        ),
    )


def _station(id_: str, shop: str) -> Station:
    names = Names(f"Station {id_} of the line", f"工位 {id_}")
    return Station(id=id_, workshop=shop, names=names, cycle_s=60, places=1)


def plant_snapshot(line: Line, seconds: int = 5400) -> Snapshot:
    """The small line's figures under a plant's stations, each in a state of its own."""
    now = SHIFT_NS + seconds * NS
    small = small_snapshot(load_line("small"), seconds)
    fed = {edge.to_station for edge in line.edges}
    stations = []
    for i, station in enumerate(line.stations):
        busy = station.id in fed and i % 3 > 0
        state = STATES[i % len(STATES)]
        stations.append(
            StationView(
                station=station.id,
                state="failed" if i == 20 else state,
                state_since_ns=now - (7 + 11 * i) * NS,
                vehicle=vin(i) if busy else None,
                variant=line.variants[i % len(line.variants)].id if busy else None,
                power_kw=12.4 + 17 * (i % 9),
                energy_kwh=100.0 + i,
                vehicles_done=90 - i,
                data_ns=now,
            )
        )
    buffers = tuple(
        BufferView(e.from_station, e.to_station, e.capacity, (vin(3),) * min(e.capacity, i % 4))
        for i, e in enumerate(line.edges)
    )
    kinds = [variant.id for variant in line.variants]
    variants = tuple(kinds[i % len(kinds)] for i in range(len(small.vehicles)))
    return replace(
        small,
        stations=tuple(stations),
        buffers=buffers,
        vehicles=replace(small.vehicles, variant=variants),
        visits=_visits(line, small.visits[0]),
    )


def _visits(line: Line, like: Visit) -> tuple[Visit, ...]:
    """One vehicle's stays, at every station that a way leads to."""
    fed = {edge.to_station for edge in line.edges}
    route = [station.id for station in line.stations if station.id in fed]
    return tuple(replace(like, vehicle=vin(17), station=station) for station in route)


def plant_session(line: Line | None = None) -> HandSession:
    """A live session on the plant, or on another line with stations."""
    line = line or plant_line()
    return HandSession(line, plant_snapshot(line))
