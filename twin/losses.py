"""Losses: every minute in which a station does not process, and its energy, by what caused it.

A station that stands is its own cause; one that is starved or blocked is charged to the station
that it waits for, up or down the line (``twin.kernels.causes``). The energy of the Pareto are the
ledger's cells at stations outside ``processing``: cut by time within their slot, they sum to it
exactly. What a screen shows behind each figure are the spells.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from twin import buffers, carbon
from twin.carbon import VIEWS
from twin.decode import CARRIER_INDEX
from twin.kernels import causes as kernel
from twin.kernels.booking import SLOT_NS
from twin.ledger import PROCESSING, Cells, Ledger
from twin.mirror import Booked

NS_PER_MINUTE = 60_000_000_000
CAUSES = kernel.CAUSES
AT_REST = ("break", "off_shift")
_OWN = {
    kernel.FAILED: kernel.C_FAILED,
    kernel.SETUP: kernel.C_SETUP,
    kernel.HELD: kernel.C_HELD,
    kernel.WARMING_UP: kernel.C_WARMING_UP,
    kernel.IDLE: kernel.C_HANDLING,
    kernel.STOPPED: kernel.C_BREAK,
    kernel.OFF: kernel.C_OFF_SHIFT,
}
Floats = NDArray[np.float64]
MoneyOfCells = Callable[[Ledger, Cells], Floats]
_PIECE = np.dtype(
    [
        ("station", "<i4"),
        ("state", "i1"),
        ("slot_ns", "<i8"),
        ("caused_by", "<i4"),
        ("cause", "i1"),
        ("derived", "u1"),
        ("ns", "<i8"),
    ]
)
_GROUP = ("station", "state", "slot_ns")


@dataclass(frozen=True, slots=True)
class Loss:
    """What one cause at one station cost, there and up and down the line.

    ``minutes``: of all places that did not process because of it [min]. ``vehicles``: what the
    bottleneck did not make because of it: its lost minutes / takt; None without either. ``kwh`` by
    carrier, ``kg`` CO2e by carbon view (None without a factor), ``money`` in the plant's currency
    (None without a price). ``evidence``: ``estimated`` where a state or an amount was concluded.
    """

    station: str
    cause: str  # one of CAUSES
    minutes: float
    vehicles: float | None
    kwh: Mapping[str, float]
    kg: Mapping[str, float | None]
    money: float | None
    evidence: str

    @property
    def total_kwh(self) -> float:
        """Over all carriers [kWh]."""
        return math.fsum(self.kwh.values())


@dataclass(frozen=True, slots=True)
class Standstill:
    """What a workshop drew in its breaks, or off shift [kWh]; ``minutes`` of them [min].

    ``stations_kwh``: its stations while they stood by plan. ``base_kwh``: what its meters counted
    beside the stations, cut by time within their slots.
    """

    workshop: str
    cause: str  # one of AT_REST
    minutes: float
    stations_kwh: float
    base_kwh: float


def spells(booked: Booked) -> NDArray[np.void]:
    """Every time in which a station does not process, with its cause; (n,) causes.SPELL."""
    if not booked.begun:
        return np.zeros(0, kernel.SPELL)
    past = buffers.past(booked)
    count = len(past.stations)
    line = kernel.Line(
        stations=past.stations,
        ways=past.ways,
        order=past.order,
        near=past.near,
        state=np.full(count, kernel.UNKNOWN, np.int64),
        inside=np.zeros(count, np.int64),
        done=np.zeros(count, np.int64),
        ahead=np.full(count, -1, np.int64),
        takes=past.stations["next_takes"].astype(np.uint64),
        level=past.ways["level"].astype(np.int64),
        seen=np.zeros(count, np.int64),
        search=np.zeros(1, np.int64),
        depends=np.zeros_like(past.near),
    )
    return kernel.trace(past.events, booked.from_ns, booked.to_ns, line)


def of_cause(found: NDArray[np.void], station: int, cause: str) -> NDArray[np.void]:
    """The spells behind a loss: the moments in which a station (its number) cost something."""
    behind = (found["caused_by"] == station) & (found["cause"] == CAUSES.index(cause))
    return np.asarray(found[behind])


def pareto(
    ledger: Ledger,
    found: NDArray[np.void],
    bottleneck: str | None = None,
    money_of_cells: MoneyOfCells | None = None,
) -> tuple[Loss, ...]:
    """The losses by station and cause, those with the most energy first.

    found: the log's ``spells``. bottleneck: the station whose lost minutes are lost vehicles.
    ``kwh`` sums by carrier to the cells at stations in a state other than ``processing``.
    """
    cells = _lost_cells(ledger)
    pieces, amounts, estimated = _cut(ledger, cells, found, money_of_cells)
    minutes = _minutes(found)
    vehicles = _vehicles(ledger.booked, found, bottleneck)
    keys = sorted({*minutes, *_keys(pieces)})
    sums = {key: amounts[rows].sum(axis=0) for key, rows in _rows_by_key(pieces).items()}
    nothing = np.zeros(amounts.shape[1])
    weak = {*_keys(pieces[estimated])} | {*_keys(found[found["derived"] == 1])}
    losses = [
        _loss(
            ledger,
            key,
            minutes.get(key, 0.0),
            None if vehicles is None else vehicles.get(key, 0.0),
            sums.get(key, nothing),
            key in weak,
            money_of_cells is not None,
        )
        for key in keys
    ]
    return tuple(sorted(losses, key=lambda x: (-x.total_kwh, -x.minutes, x.station, x.cause)))


def _loss(
    ledger: Ledger,
    key: tuple[int, int],
    minutes: float,
    vehicles: float | None,
    amounts: Floats,
    is_estimated: bool,
    has_money: bool,
) -> Loss:
    many = len(ledger.carriers)
    *kg, money = (None if math.isnan(x) else x for x in amounts[many:].tolist())
    return Loss(
        station=ledger.line.stations[key[0]].id,
        cause=CAUSES[key[1]],
        minutes=minutes,
        vehicles=vehicles,
        kwh=dict(zip(ledger.carriers, amounts[:many].tolist(), strict=True)),
        kg=dict(zip(VIEWS, kg, strict=True)),
        money=money if has_money else None,
        evidence="estimated" if is_estimated else "measured",
    )


def _lost_cells(ledger: Ledger) -> Cells:
    cells = ledger.cells
    at_station = cells["place"] < len(ledger.line.stations)
    return np.asarray(cells[at_station & (cells["state"] != PROCESSING)])


def _keys(table: NDArray[np.void]) -> list[tuple[int, int]]:
    """(caused_by, cause) of rows, each once."""
    pairs = np.unique(table["caused_by"].astype(np.int64) * len(CAUSES) + table["cause"])
    return [divmod(int(pair), len(CAUSES)) for pair in pairs]


def _rows_by_key(pieces: NDArray[np.void]) -> dict[tuple[int, int], NDArray[np.int64]]:
    pair = pieces["caused_by"].astype(np.int64) * len(CAUSES) + pieces["cause"]
    ordered = np.argsort(pair, kind="stable")
    at = np.flatnonzero(np.diff(pair[ordered])) + 1
    groups = np.split(ordered, at) if len(ordered) else []
    return {divmod(int(pair[rows[0]]), len(CAUSES)): rows for rows in groups}


def _minutes(found: NDArray[np.void]) -> dict[tuple[int, int], float]:
    """Minutes of places by (caused_by, cause)."""
    place_ns = (found["t1"] - found["t0"]) * found["places"]
    return {
        key: int(place_ns[rows].sum()) / NS_PER_MINUTE for key, rows in _rows_by_key(found).items()
    }


def _vehicles(
    booked: Booked, found: NDArray[np.void], bottleneck: str | None
) -> dict[tuple[int, int], float] | None:
    """Vehicles that the bottleneck did not make: its lost minutes over the line's takt."""
    takt_s = booked.line.plant.takt_s
    if bottleneck is None or takt_s is None:
        return None
    number = booked.line.station_index[bottleneck]
    places = booked.line.stations[number].places
    minutes = _minutes(found[found["station"] == number])
    return {key: lost * 60.0 / places / takt_s for key, lost in minutes.items()}


def _cut(
    ledger: Ledger, cells: Cells, found: NDArray[np.void], money_of_cells: MoneyOfCells | None
) -> tuple[NDArray[np.void], Floats, NDArray[np.bool_]]:
    """Pieces of the cells by cause, what each holds, (n, carriers + views + money), and whether
    an estimated cell is in it."""
    pieces = _by_slot(found[found["draws"] == 1])
    known = {tuple(row) for row in np.unique(pieces[[*_GROUP]]).tolist()}
    pieces = np.concatenate([pieces, _without_spell(cells, known)])
    pieces = pieces[np.lexsort([pieces[name] for name in ("cause", "caused_by", *_GROUP[::-1])])]
    group, share = _shares(pieces)
    groups = pieces[np.searchsorted(group, np.arange(group[-1] + 1))] if len(group) else pieces
    of_cell = _group_of(groups, cells)
    amounts = np.zeros((len(groups), len(ledger.carriers) + len(VIEWS) + 1))
    np.add.at(amounts, of_cell, _quantities(ledger, cells, money_of_cells))
    estimated = np.zeros(len(groups), bool)
    estimated[of_cell[cells["evidence"] > 0]] = True
    return pieces, amounts[group] * share[:, None], estimated[group]


def _by_slot(drawing: NDArray[np.void]) -> NDArray[np.void]:
    """Spells cut at the slots' borders, those of one station, state, slot and cause joined."""
    first, last = drawing["t0"] // SLOT_NS, (drawing["t1"] - 1) // SLOT_NS
    many = last - first + 1
    row = np.repeat(np.arange(len(drawing)), many)
    slot = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
    pieces = np.zeros(len(row), _PIECE)
    for name in ("station", "state", "caused_by", "cause", "derived"):
        pieces[name] = drawing[name][row]
    pieces["slot_ns"] = slot * SLOT_NS
    begin = np.maximum(drawing["t0"][row], slot * SLOT_NS)
    pieces["ns"] = np.minimum(drawing["t1"][row], (slot + 1) * SLOT_NS) - begin
    keys = (*_GROUP, "caused_by", "cause")
    pieces = pieces[np.lexsort([pieces[name] for name in reversed(keys)])]
    starts = np.flatnonzero(_changes(pieces, keys))
    joined = pieces[starts].copy()
    if len(joined):
        joined["ns"] = np.add.reduceat(pieces["ns"], starts)
        joined["derived"] = np.maximum.reduceat(pieces["derived"], starts)
    return joined


def _changes(table: NDArray[np.void], keys: tuple[str, ...]) -> NDArray[np.bool_]:
    """Does a row differ from the one before it?"""
    new = np.ones(len(table), bool)
    if len(table):
        new[1:] = np.any([table[name][1:] != table[name][:-1] for name in keys], axis=0)
    return new


def _without_spell(cells: Cells, known: set[tuple[int, ...]]) -> NDArray[np.void]:
    """Pieces for cells in whose slot no spell has their state: the station's own state it is."""
    places = zip(
        cells["place"].tolist(), cells["state"].tolist(), cells["slot_ns"].tolist(), strict=True
    )
    missing = sorted({*places} - known)
    pieces = np.zeros(len(missing), _PIECE)
    for i, (station, state, slot_ns) in enumerate(missing):
        cause = _OWN.get(state, kernel.C_UNKNOWN)
        pieces[i] = (station, state, slot_ns, station, cause, 1, 1)
    return pieces


def _shares(pieces: NDArray[np.void]) -> tuple[NDArray[np.int64], Floats]:
    """Number of each piece's group (station, state, slot), and its part of the group's time."""
    group = np.cumsum(_changes(pieces, _GROUP)) - 1
    total = np.bincount(group, pieces["ns"]) if len(group) else np.zeros(0)
    return group, pieces["ns"] / total[group]


def _group_of(groups: NDArray[np.void], cells: Cells) -> NDArray[np.int64]:
    """Number of the group that each cell lies in; every cell lies in one."""
    numbers = {tuple(row): i for i, row in enumerate(groups[[*_GROUP]].tolist())}
    places = zip(
        cells["place"].tolist(), cells["state"].tolist(), cells["slot_ns"].tolist(), strict=True
    )
    return np.fromiter((numbers[place] for place in places), np.int64, len(cells))


def _quantities(ledger: Ledger, cells: Cells, money_of_cells: MoneyOfCells | None) -> Floats:
    """Each cell's kWh under its carrier, kg under each view, and money; (n, columns)."""
    many = len(ledger.carriers)
    table = np.zeros((len(cells), many + len(VIEWS) + 1))
    for i, carrier in enumerate(ledger.carriers):
        chosen = cells["carrier"] == CARRIER_INDEX[carrier]
        table[chosen, i] = cells["kwh"][chosen]
    for i, view in enumerate(VIEWS):
        table[:, many + i] = carbon.kg_of_cells(ledger, cells, view)
    if money_of_cells is not None:
        table[:, -1] = money_of_cells(ledger, cells)
    return table


def standstills(ledger: Ledger, found: NDArray[np.void]) -> tuple[Standstill, ...]:
    """What each workshop drew while it stood by plan: in breaks and off shift.

    A workshop stands while at least half of its stations in the flow are stopped (a break) or off.
    """
    line, cells = ledger.line, _lost_cells(ledger)
    pieces, amounts, _ = _cut(ledger, cells, found, None)
    shop_of = np.array([station.workshop for station in line.stations])
    kwh = amounts[:, : len(ledger.carriers)].sum(axis=1)
    stops = []
    for workshop in line.workshops:
        here = shop_of[pieces["station"]] == workshop.id
        for cause in AT_REST:
            spans = _rest_spans(line, found, workshop.id, CAUSES.index(cause))
            if not spans:
                continue
            own = here & (pieces["cause"] == CAUSES.index(cause))
            stops.append(
                Standstill(
                    workshop=workshop.id,
                    cause=cause,
                    minutes=sum(end - begin for begin, end in spans) / NS_PER_MINUTE,
                    stations_kwh=math.fsum(kwh[own]),
                    base_kwh=_base_kwh(ledger, workshop.id, spans),
                )
            )
    return tuple(stops)


def _rest_spans(
    line: Line, found: NDArray[np.void], workshop: str, cause: int
) -> list[tuple[int, int]]:
    """When at least half of a workshop's stations in the flow stood for a cause of their own."""
    flows = {name for edge in line.edges for name in (edge.from_station, edge.to_station)}
    numbers = [
        s for s, each in enumerate(line.stations) if each.workshop == workshop and each.id in flows
    ]
    own = found[(found["cause"] == cause) & (found["caused_by"] == found["station"])]
    own = own[np.isin(own["station"], numbers) & (own["places"] > 0)]
    changes = sorted(
        [*((t, 1) for t in own["t0"].tolist()), *((t, -1) for t in own["t1"].tolist())]
    )
    spans: list[tuple[int, int]] = []
    standing, since = 0, 0
    for time_ns, step in changes:
        before, standing = standing, standing + step
        if 2 * before < len(numbers) <= 2 * standing:
            since = time_ns
        elif 2 * standing < len(numbers) <= 2 * before and time_ns > since:
            spans.append((since, time_ns))
    return spans


def _base_kwh(ledger: Ledger, workshop: str, spans: list[tuple[int, int]]) -> float:
    """What a workshop's meters counted beside its stations, cut by time within the slots."""
    line, cells, booked = ledger.line, ledger.cells, ledger.booked
    rests = [len(line.stations) + p for p, x in enumerate(line.points) if x.workshop == workshop]
    slots, number = np.unique(cells["slot_ns"], return_inverse=True)
    kwh = np.where(np.isin(cells["place"], rests), cells["kwh"], 0.0)
    per_slot = np.bincount(number, kwh, len(slots)).tolist()
    total = 0.0
    for slot_ns, slot_kwh in zip(slots.tolist(), per_slot, strict=True):
        begin, end = max(slot_ns, booked.from_ns), min(slot_ns + SLOT_NS, booked.to_ns)
        inside = sum(max(0, min(b, end) - max(a, begin)) for a, b in spans)
        total += slot_kwh * inside / (end - begin) if end > begin else 0.0
    return total


def export_columns(losses: tuple[Loss, ...]) -> dict[str, list[object]]:
    """Columns of ``export --what losses``: one row per station and cause, in their order."""
    carriers = list(losses[0].kwh) if losses else []
    return {
        "station": [loss.station for loss in losses],
        "cause": [loss.cause for loss in losses],
        "minutes": [loss.minutes for loss in losses],
        "vehicles": [loss.vehicles for loss in losses],
        "kwh": [loss.total_kwh for loss in losses],
        **{f"{name}_kwh": [loss.kwh[name] for loss in losses] for name in carriers},
        **{f"{view}_kg": [loss.kg[view] for loss in losses] for view in VIEWS},
        "money": [loss.money for loss in losses],
        "evidence": [loss.evidence for loss in losses],
    }
