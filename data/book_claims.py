"""What a plant claims and owes beside its energy: power contracts and released gases, checked.

Contracts and certificates say what purchased electricity carries in the market-based view;
releases are scope 1 of refrigerants and the like, in kg of gas, by their warming potential.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from data.book_types import Day, Evidence, Text
from data.toml_file import Entry, Sheet, listed

ContractKind = Literal["certificate", "contract", "supplier"]
CONTRACT_KINDS: tuple[ContractKind, ...] = ("certificate", "contract", "supplier")
_MOST_KG_PER_KWH = 3.0  # coal power is at about 1
_MOST_GWP = 100_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Purchased electricity with a factor of its own, from midnight of a date to that of another.

    ``kwh_per_year`` are spread evenly over the year; ``share`` is of what is purchased; one of
    both. In order: certificates, contracts, the supplier's factor (GHG Protocol scope 2 guidance).
    """

    id: str
    kind: ContractKind
    from_: date
    to: date | None  # the first day that it is no longer in force
    kwh_per_year: float | None
    share: float | None
    value: float
    unit: str  # "kgCO2/kWh" or "kgCO2e/kWh"
    renewable: bool
    source: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Gas that escaped [kg], on a day: refrigerant that was refilled, SF6, solvent burnt."""

    id: str
    gas: str
    kg: float
    date: date
    source: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warming:
    """The global warming potential of a gas over 100 years [kg CO2e/kg]."""

    gas: str
    value: float
    source: str
    evidence: str


class ContractEntry(Entry):
    """[[contract]]."""

    id: Text
    book: Text
    kind: ContractKind
    from_: Day = Field(alias="from")
    to: Day | None = None
    kwh_per_year: Annotated[float, Field(gt=0, le=1e11)] | None = None
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    value: Annotated[float, Field(ge=0, le=_MOST_KG_PER_KWH)]
    unit: Literal["kgCO2/kWh", "kgCO2e/kWh"]
    renewable: bool = False
    source: Text
    evidence: Evidence


class ReleaseEntry(Entry):
    """[[release]]."""

    id: Text
    book: Text
    gas: Text
    kg: Annotated[float, Field(gt=0, le=1e7)]
    date: Day
    source: Text
    evidence: Evidence


class WarmingEntry(Entry):
    """[[warming]]."""

    book: Text
    gas: Text
    value: Annotated[float, Field(ge=0, le=_MOST_GWP)]
    source: Text
    evidence: Evidence


CLAIMS: dict[str, type[Entry]] = {
    "contract": ContractEntry,
    "release": ReleaseEntry,
    "warming": WarmingEntry,
}


@dataclass(frozen=True, slots=True)
class Claims:
    """The usable entries of a file, each with its number in it."""

    contracts: list[tuple[int, ContractEntry]]
    releases: list[tuple[int, ReleaseEntry]]
    warmings: list[tuple[int, WarmingEntry]]

    def contracts_of(self, book: str) -> tuple[Contract, ...]:
        """A book's contracts: certificates first, the supplier last, then by date."""
        found = [Contract(**_fields(e)) for _, e in self.contracts if e.book == book]
        found.sort(key=lambda c: (CONTRACT_KINDS.index(c.kind), c.from_, c.id))
        return tuple(found)

    def releases_of(self, book: str) -> tuple[Release, ...]:
        """A book's releases by date."""
        found = [Release(**_fields(e)) for _, e in self.releases if e.book == book]
        return tuple(sorted(found, key=lambda release: (release.date, release.id)))

    def warmings_of(self, book: str) -> tuple[Warming, ...]:
        """A book's warming potentials by gas."""
        found = [Warming(**_fields(e)) for _, e in self.warmings if e.book == book]
        return tuple(sorted(found, key=lambda warming: warming.gas))


def read_claims(sheet: Sheet, gases: Iterable[str]) -> Claims:
    """The claims of a file, checked; ``gases`` are those that the bundled books know."""
    claims = Claims(
        sheet.entries(ContractEntry, "contract"),
        sheet.entries(ReleaseEntry, "release"),
        sheet.entries(WarmingEntry, "warming"),
    )
    for number, contract in claims.contracts:
        _check_contract(sheet, number, contract)
    _check_suppliers(sheet, claims.contracts)
    known = [*gases, *(warming.gas for _, warming in claims.warmings)]
    for number, release in claims.releases:
        if release.gas not in known:
            sheet.unknown(("release", number, "gas"), release.gas, "gas", known)
    _check_once(sheet, "contract", [(n, "id", e.id) for n, e in claims.contracts])
    _check_once(sheet, "release", [(n, "id", e.id) for n, e in claims.releases])
    gas_of_book = [(n, "gas", f"{e.book} {e.gas}") for n, e in claims.warmings]
    _check_once(sheet, "warming", gas_of_book)
    return claims


def _fields(entry: Entry) -> dict[str, Any]:
    return entry.model_dump(exclude={"book"})


def _check_contract(sheet: Sheet, number: int, contract: ContractEntry) -> None:
    path = ("contract", number)
    amounts = [each for each in (contract.kwh_per_year, contract.share) if each is not None]
    # A supplier's factor without an amount is that of all the rest.
    if len(amounts) != 1 and not (contract.kind == "supplier" and not amounts):
        sheet.fault(path, f"needs one of {listed(['kwh_per_year', 'share'])}")
    if contract.to is not None and contract.to <= contract.from_:
        sheet.fault((*path, "to"), f"must come after from, {contract.from_}", contract.to)


def _check_suppliers(sheet: Sheet, contracts: Sequence[tuple[int, ContractEntry]]) -> None:
    """Two supplier's factors of one book never hold at one time."""
    suppliers = [each for each in contracts if each[1].kind == "supplier"]
    for i, (number, one) in enumerate(suppliers):
        for _, other in suppliers[:i]:
            if one.book == other.book and _overlap(one, other):
                limit = f"{other.id} holds at the same time; only one supplier's factor can"
                sheet.fault(("contract", number, "from"), limit, one.from_)


def _overlap(one: ContractEntry, other: ContractEntry) -> bool:
    begins_first = other.to is None or one.from_ < other.to
    return begins_first and (one.to is None or other.from_ < one.to)


def _check_once(sheet: Sheet, section: str, rows: Iterable[tuple[int, str, str]]) -> None:
    seen: set[str] = set()
    for number, key, name in rows:
        if name in seen:
            sheet.fault((section, number, key), f"another {section} has the same", name)
        seen.add(name)
