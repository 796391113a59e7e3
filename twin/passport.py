"""The passport of one vehicle, ``greenline.passport/1``: what it took, where, how it is known.

Direct energy stands at the station that drew it; shared energy at the station or meter whose cells
were shared, by the part of each pool that the vehicle took (twin.accounts). Parts that went into it
are in its figures, and listed. Given the logs that one shift continued after another, every station
of all of them is there; of a log that is not given stands the sum that was carried in.
docs/passport.md has the keys.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from twin import life_cycle, pact
from twin.accounts import GOOD, SCRAPPED, Accounts
from twin.allotment import OWN, quantities
from twin.carbon import VIEWS
from twin.ledger import EVIDENCE, Ledger
from twin.report import factors_in_force, iso_utc

SCHEMA = "greenline.passport/1"
_STATUS = {GOOD: "good", SCRAPPED: "scrapped"}
_LIKENESS = 0.6
Floats = NDArray[np.float64]
Passport = dict[str, Any]


class UnknownVehicle(ValueError):
    """No log has a vehicle of this number."""


@dataclass(frozen=True, eq=False)
class Chapter:
    """What one log knows: its accounts and its digest."""

    accounts: Accounts
    digest: str

    @property
    def ledger(self) -> Ledger:
        """Its ledger."""
        return self.accounts.ledger

    @cached_property
    def number(self) -> Mapping[str, int]:
        """The number of each vehicle and part."""
        return {name: v for v, name in enumerate(self.ledger.booked.vehicles)}

    @cached_property
    def owner(self) -> NDArray[np.int64]:
        """Each vehicle, or what it went into in the end."""
        return self.accounts.fates.joined.owner()

    def parts_of(self, names: frozenset[str]) -> frozenset[str]:
        """These, and all that went into them here."""
        vehicles = [self.number[name] for name in names if name in self.number]
        inside = np.flatnonzero(np.isin(self.owner, vehicles))
        return names | {self.ledger.booked.vehicles[v] for v in inside.tolist()}

    def by_place(self, names: frozenset[str]) -> tuple[Floats, Floats]:
        """Direct and shared amounts of these together, (places, columns)."""
        cells, shares = self.ledger.cells, self.accounts.shares
        vehicles = np.array([self.number[n] for n in names if n in self.number], np.int64)
        own = (shares.pool == OWN) & np.isin(cells["vehicle"], vehicles)
        direct, shared = np.zeros(self._shape), np.zeros(self._shape)
        is_direct = own & self.accounts.shares.direct
        np.add.at(direct, cells["place"][is_direct], self._amounts[is_direct])
        by_rule = own & ~is_direct
        np.add.at(shared, cells["place"][by_rule], self._amounts[by_rule])
        taken = shares.of(vehicles)
        pooled = shares.pool >= 0
        part = np.zeros(len(cells))
        part[pooled] = taken[shares.pool[pooled]] if len(taken) else 0.0
        chosen = part > 0
        np.add.at(shared, cells["place"][chosen], self._amounts[chosen] * part[chosen, None])
        return direct, shared

    def brought(self, names: frozenset[str]) -> Floats:
        """What these brought from a log before, (columns, 3): direct, shared, scrap."""
        found = np.zeros((self._shape[1], 3))
        for name in sorted(names & self.accounts.carried.keys()):
            each = self.accounts.carried[name]
            rows = [each.kwh.get(carrier, (0.0,) * 3) for carrier in self.accounts.carriers]
            found += np.array([*rows, *(each.kg.get(view, (0.0,) * 3) for view in VIEWS)])
        return found

    @property
    def _shape(self) -> tuple[int, int]:
        line = self.ledger.line
        return len(line.stations) + len(line.points) + 1, len(self.accounts.carriers) + len(VIEWS)

    @cached_property
    def _amounts(self) -> Floats:
        return quantities(self.ledger)


def build(
    chapters: Sequence[Chapter],
    vehicle: str,
    *,
    boms: Mapping[str | None, Mapping[str, Any]] | None = None,
    scenario: Mapping[str, Any] | None = None,
) -> Passport:
    """The passport of a vehicle over the logs of a chain, the earliest first.

    boms: bills by variant (None: for every one), as data.bom keeps them. scenario: as
    data.scenario_file reads it. Raises UnknownVehicle where no log has the vehicle.
    """
    last = _last_chapter(chapters, vehicle)
    pages = _Pages(chapters[: chapters.index(last) + 1], vehicle)
    accounts, v = last.accounts, last.number[vehicle]
    line = last.ledger.line
    names = last.ledger.booked.variants
    variant = names[accounts.variant[v]] if accounts.variant[v] >= 0 else None
    bills = boms or {}
    bom = bills.get(variant, bills.get(None))
    passport: Passport = {
        "schema": SCHEMA,
        "vehicle": vehicle,
        "variant": variant,
        "line": line.plant.id,
        "logs": [_log(chapter) for chapter in chapters],
        "status": _STATUS.get(int(accounts.state[v]), "in_progress"),
        "entered": _moment(int(accounts.entered_ns[v])),
        "completed": _moment(int(accounts.completed_ns[v])),
        "complete": bool(accounts.complete[v] and accounts.completed_ns[v]),
        "final": bool(accounts.final[v]),
        "reworked": bool(accounts.reworked[v]),
        "energy_kwh": pages.energy(),
        "carbon_kg": {view: pages.carbon(view) for view in VIEWS},
        "factors": factors_in_force(last.ledger),
        "route": list(pages.route()),
        "parts": pages.parts(),
        "parts_unknown": bool(accounts.fates.joined.lacking[v]),
        **life_cycle.stages(line, variant, bom, scenario),
    }
    passport["footprint"] = life_cycle.footprint(passport)
    passport["pact"], passport["pact_missing"] = pact.footprint(passport, line, bom)
    return passport


def _last_chapter(chapters: Sequence[Chapter], vehicle: str) -> Chapter:
    for chapter in reversed(chapters):
        v = chapter.number.get(vehicle)
        if v is not None and chapter.owner[v] == v:
            return chapter
        if v is not None:
            whose = chapter.ledger.booked.vehicles[int(chapter.owner[v])]
            raise UnknownVehicle(f"{vehicle} is a part: it went into {whose}, which has a passport")
    known = [name for chapter in chapters for name in chapter.number]
    near = get_close_matches(vehicle, known, 1, _LIKENESS)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise UnknownVehicle(f"no vehicle {vehicle} in these logs{hint}")


def _log(chapter: Chapter) -> dict[str, object]:
    booked = chapter.ledger.booked
    return {
        "from": iso_utc(booked.from_ns),
        "to": iso_utc(booked.to_ns),
        "log_digest": chapter.digest,
        "closed": booked.ended,
    }


def _moment(time_ns: int) -> str | None:
    return iso_utc(time_ns) if time_ns else None


class _Pages:
    """The figures of one vehicle; the last chapter is the last that it is in.

    Its parts may be in earlier ones than itself.
    """

    def __init__(self, chapters: Sequence[Chapter], vehicle: str) -> None:
        self._chapters, self._vehicle = chapters, vehicle
        self._last = chapters[-1]
        self._accounts, self._v = self._last.accounts, self._last.number[vehicle]
        self._line: Line = self._last.ledger.line
        self._carriers = self._accounts.carriers
        names = frozenset((vehicle,))
        for chapter in reversed(chapters):
            names = chapter.parts_of(names)
        self._direct, self._shared, self._brought = self._sums(names)

    def _sums(self, names: frozenset[str]) -> tuple[Floats, Floats, Floats]:
        """Direct and shared by place, and what a log before the first one carried in."""
        found = [chapter.by_place(names) for chapter in self._chapters]
        direct = np.asarray(sum(each[0] for each in found))
        shared = np.asarray(sum(each[1] for each in found))
        return direct, shared, self._chapters[0].brought(names)

    def energy(self) -> dict[str, object]:
        """kWh by part of the account, carrier, workshop and station."""
        carriers = range(len(self._carriers))
        account = self._account(carriers)
        return {
            **account,
            "by_carrier": {
                carrier: {
                    **self._account([i]),
                    "evidence": EVIDENCE[int(self._accounts.evidence[self._v, i])],
                }
                for i, carrier in enumerate(self._carriers)
            },
            "by_workshop": self._by_workshop(carriers),
            "by_station": self._by_station(carriers),
            "earlier_logs": self._earlier(carriers),
        }

    def carbon(self, view: str) -> dict[str, object]:
        """kg CO2e of one view, by part of the account, workshop and station."""
        column = [len(self._carriers) + VIEWS.index(view)]
        return {
            **self._account(column),
            "by_workshop": self._by_workshop(column),
            "by_station": self._by_station(column),
            "earlier_logs": self._earlier(column),
        }

    def _account(self, columns: Sequence[int]) -> dict[str, float]:
        accounts, v = self._accounts, self._v
        found = {
            name: math.fsum(part[v, list(columns)])
            for name, part in (
                ("direct", accounts.direct),
                ("shared", accounts.shared),
                ("scrap", accounts.scrap),
            )
        }
        return {"total": math.fsum(found.values()), **found}

    def _earlier(self, columns: Sequence[int]) -> dict[str, float]:
        rows = self._brought[list(columns)]
        return {name: math.fsum(rows[:, i]) for i, name in enumerate(("direct", "shared", "scrap"))}

    def _by_station(self, columns: Sequence[int]) -> dict[str, dict[str, float]]:
        found = {}
        for place in range(len(self._direct)):
            direct = math.fsum(self._direct[place, list(columns)])
            shared = math.fsum(self._shared[place, list(columns)])
            if direct or shared:
                found[self._last.ledger.place(place)] = {"direct": direct, "shared": shared}
        return found

    def _by_workshop(self, columns: Sequence[int]) -> dict[str, dict[str, float]]:
        workshops = [station.workshop for station in self._line.stations]
        workshops += [point.workshop or "plant" for point in self._line.points]
        found: dict[str, dict[str, list[float]]] = {}
        for place, workshop in enumerate(workshops):
            row = found.setdefault(workshop, {"direct": [], "shared": []})
            row["direct"].append(math.fsum(self._direct[place, list(columns)]))
            row["shared"].append(math.fsum(self._shared[place, list(columns)]))
        sums = {
            workshop: {name: math.fsum(values) for name, values in row.items()}
            for workshop, row in found.items()
        }
        return {workshop: row for workshop, row in sums.items() if any(row.values())}

    def route(self) -> Iterator[dict[str, object]]:
        """The vehicle's visits; one that spans two logs is one."""
        open_visit: dict[str, object] | None = None
        for chapter in self._chapters:
            booked, line = chapter.ledger.booked, chapter.ledger.line
            v = chapter.number.get(self._vehicle, -1)
            for visit in booked.visits[booked.visits["vehicle"] == v]:
                station = line.stations[visit["station"]]
                row: dict[str, object] = {
                    "station": station.id,
                    "workshop": station.workshop,
                    "enter": iso_utc(int(visit["enter"])),
                    "leave": iso_utc(int(visit["leave"])) if visit["leave"] >= 0 else None,
                    "whole": bool(visit["whole"]),
                }
                if open_visit is not None and open_visit["station"] == station.id:
                    row |= {"enter": open_visit["enter"], "whole": open_visit["whole"]}
                elif open_visit is not None:
                    yield open_visit
                open_visit = row
                if row["leave"] is not None:
                    yield row
                    open_visit = None
        if open_visit is not None:
            yield open_visit

    def parts(self) -> list[dict[str, object]]:
        """The parts that went into the vehicle, with what they took on their own lines."""
        return [
            self._part(chapter, p)
            for chapter in self._chapters
            if self._vehicle in chapter.number
            for p in np.flatnonzero(chapter.owner == chapter.number[self._vehicle]).tolist()
            if p != chapter.number[self._vehicle]
        ]

    def _part(self, chapter: Chapter, p: int) -> dict[str, object]:
        booked, accounts = chapter.ledger.booked, chapter.accounts
        name, into = booked.vehicles[p], int(accounts.joined_to[p])
        direct, shared, brought = self._sums(frozenset((name,)))
        both = np.concatenate([direct, shared, brought.T])
        station, at_ns = self._meeting(chapter, p, into)
        variant = int(accounts.variant[p])
        return {
            "part": name,
            "variant": booked.variants[variant] if variant >= 0 else None,
            "into": booked.vehicles[into],
            "station": station,
            "at": iso_utc(at_ns),
            "energy_kwh": math.fsum(both[:, : len(self._carriers)].ravel()),
            "by_carrier": {c: math.fsum(both[:, i]) for i, c in enumerate(self._carriers)},
            "carbon_kg": {
                view: math.fsum(both[:, len(self._carriers) + i]) for i, view in enumerate(VIEWS)
            },
            "evidence": "estimated",
        }

    def _meeting(self, chapter: Chapter, p: int, into: int) -> tuple[str, int]:
        """Where and when a part and what it went into met."""
        booked, line = chapter.ledger.booked, chapter.ledger.line
        number = int(chapter.accounts.fates.last[p])
        carried = chapter.accounts.carried.get(booked.vehicles[p])
        last = (
            line.stations[booked.visits["station"][number]].id
            if number >= 0
            else carried.station
            if carried is not None
            else ""
        )
        targets = [
            line.station_index[edge.to_station]
            for edge in line.edges
            if edge.kind == "join" and edge.from_station == last
        ]
        own = booked.visits[booked.visits["vehicle"] == into]
        met = own[np.isin(own["station"], targets)][0]
        return line.stations[met["station"]].id, int(met["enter"])
