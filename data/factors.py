"""Dated books: which emission factor, contract or price is in force at a moment.

Three views stand side by side: location, market and product (life cycle). A view's own book comes
first. For fuels, heat and steam the location book and then the bundled defaults stand in, under
every view: burning gas emits the same wherever the contract was signed, and in the product view
the combustion factor stands as it is, without the fuel's upstream. Electricity has no stand-in: a
view without a book for it has no figure, and shows a dash. A book built upon another (``base``)
leaves to it what it does not say itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data import units
from data.book import PV, Book, CoalEquivalent, Factor, HeatingValue, books_text
from data.book_claims import Contract, Release, Warming
from data.book_files import (
    BOOK_PARTS,
    VIEWS,
    BookNotFound,
    View,
    bases_of,
    book_for,
    bundled_books,
    load_book,
)
from data.book_prices import BANDS, CarbonPrice, Price, Tariff
from data.factor_file import BookFaults, parse_books
from data.line import BookNames
from data.price_steps import FLAT, SlotPrices, begin_ns, newest, slot_prices, tariff_at
from data.toml_file import Fault, whole

__all__ = [
    "BANDS",
    "PV",
    "VIEWS",
    "Book",
    "BookFaults",
    "BookNotFound",
    "Books",
    "CarbonPrice",
    "CoalEquivalent",
    "Contract",
    "Factor",
    "Fault",
    "HeatingValue",
    "InForce",
    "NoFigureError",
    "Price",
    "Release",
    "SlotPrices",
    "Tariff",
    "View",
    "Warming",
    "begin_ns",
    "book_for",
    "bundled_books",
    "load_book",
]

_DEFAULTS = ("cn_fuels", "cn_heat", "gwp_ar6", "pv_life_cycle")
_FOR_EVER_NS = (1 << 63) - 1


class NoFigureError(ValueError):
    """No book in force has the heating value or coal equivalent that is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The factor in force at a moment.

    ``kg_per_kwh`` is per kWh of lower heating value. ``evidence`` is that of the factor
    ("supplied", "seen", "recalled", "computed"), or "estimated" before the first one was
    published. ``scope`` is 1 for fuels, 2 for purchased electricity, heat and steam.
    """

    kg_per_kwh: float
    factor: Factor
    evidence: str
    scope: int


@dataclass(frozen=True)
class Books:
    """The books in force for a line; equal content is equal, hashes alike and is equal text."""

    location: Book | None = None
    market: Book | None = None
    product: Book | None = None
    tariff: Book | None = None
    carbon_price: Book | None = None
    defaults: tuple[Book, ...] = ()  # bases of the others, then what stands in for fuels and heat

    @classmethod
    def load(cls, names: BookNames, base: Path | None) -> Books:
        """The books that a line file names; own ones are searched relative to ``base``.

        Raises BookFaults with the faults of all books at once; OSError as load_book.
        """
        found: dict[str, Book] = {}
        bases: list[Book] = []
        faults: list[Fault] = []
        for field in fields(names):
            name = getattr(names, field.name)
            if name is None:
                continue
            try:
                found[field.name] = book_for(field.name, name, base)
                bases += bases_of(found[field.name], name, base)
            except BookFaults as error:
                faults += error.faults
        faults += _clashes([*found.values(), *bases])
        if faults:
            raise BookFaults(dict.fromkeys(faults))
        bases.sort(key=lambda book: book.id)
        others = dict.fromkeys([*bases, *(bundled_books()[name] for name in _DEFAULTS)])
        return cls(**found, defaults=tuple(b for b in others if b not in found.values()))

    @classmethod
    def from_toml(cls, text: str, where: str = "books") -> Books:
        """The books of a text that to_toml wrote; raises BookFaults."""
        books, use = parse_books(text, where)
        views = {view: books[name] for view, name in use.model_dump(exclude_none=True).items()}
        used = {book.id for book in views.values()}
        others = [b for name, b in books.items() if name not in used]
        # What stands in for all comes last: what a line's own books build upon is before it.
        others.sort(key=lambda book: book.id in _DEFAULTS)
        return cls(**views, defaults=tuple(others))

    def to_toml(self) -> str:
        """Canonical text of every figure that can be in force: a log keeps it."""
        return books_text(self._all, {key: book.id for key, book in self.named.items()})

    @property
    def named(self) -> dict[str, Book]:
        """The books that the line names, by their key in [books]."""
        return {key: book for key in BOOK_PARTS if (book := getattr(self, key)) is not None}

    def with_books_of(self, other: Books, keys: Iterable[str]) -> Books:
        """These books, but under some keys those of another, with what they are built upon."""
        changed = replace(self, **{key: getattr(other, key) for key in keys})
        kept = {book.id for book in changed.named.values()}
        bases = [book for book in other.defaults if book.id not in _DEFAULTS]
        others = {book.id: book for book in [*bases, *self.defaults, *self.named.values()]}
        return replace(changed, defaults=tuple(b for i, b in others.items() if i not in kept))

    def same_energy(self, other: Books) -> bool:
        """Do both make the same kWh of what meters count? Else a log is to be read again."""
        return self._heating_values == other._heating_values

    @property
    def energy_key(self) -> str:
        """The same text for books that make the same kWh of what meters count."""
        return ", ".join(
            f"{carrier} {unit} {value!r}"
            for (carrier, unit), value in sorted(self._heating_values.items())
        )

    @cached_property
    def _heating_values(self) -> dict[tuple[str, str], float]:
        values = [value for book in reversed(self._all) for value in book.heating_values]
        return {(value.carrier, value.unit): value.value for value in values}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of to_toml, in hexadecimal."""
        return hashlib.sha256(self.to_toml().encode("utf-8")).hexdigest()

    def in_force(self, view: View, carrier: str, time_ns: int) -> InForce | None:
        """The factor in force at a time [UTC ns]; None where the books have none."""
        steps = self._steps(view, carrier)
        if steps is None:
            return None
        begins, factors, pinned = steps
        number = max(int(np.searchsorted(begins, time_ns, side="right")) - 1, 0)
        factor = factors[number]
        early = not pinned and time_ns < int(begins[0])
        return InForce(
            kg_per_kwh=self._kg_per_kwh(factor),
            factor=factor,
            evidence="estimated" if early else factor.evidence,
            scope=factor.scope,
        )

    def kg_per_kwh(
        self, view: View, carrier: str, slot_ns: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """kg CO2 (or CO2e, as the factor says) per kWh of lower heating value.

        slot_ns: (n,) [UTC ns]; gives (n,), NaN where the books have no factor.
        """
        steps = self._steps(view, carrier)
        if steps is None:
            return np.full(slot_ns.shape, np.nan)
        begins, factors, _ = steps
        values = np.array([self._kg_per_kwh(factor) for factor in factors])
        return values[np.maximum(np.searchsorted(begins, slot_ns, side="right") - 1, 0)]

    def breaks_ns(self) -> tuple[int, ...]:
        """The times at which a factor of any view comes into force [UTC ns], ascending."""
        found: set[int] = set()
        for view in VIEWS:
            for carrier in {f.carrier for book in self._all for f in book.factors}:
                steps = self._steps(view, carrier)
                found.update([] if steps is None or steps[2] else map(int, steps[0]))
        return tuple(sorted(found))

    def kwh_per_unit(self, carrier: str, unit: str) -> float:
        """kWh of lower heating value in one unit of a carrier; of a rate, kW in one unit.

        ``unit`` is one of data.units: an energy ("GJ"), a volume ("m3"), a mass ("kg"), or these
        per time. Raises NoFigureError where that takes a heating value that no book has,
        UnknownUnitError for an unknown unit.
        """
        base, multiplier = units.to_base(unit)
        if base in ("kWh", "kW"):
            return multiplier
        wanted = f"MJ/{base.removesuffix('/h')}"
        for book in self._all:
            for value in book.heating_values:
                if value.carrier == carrier and value.unit == wanted:
                    return value.value * multiplier / units.MJ_PER_KWH
        raise NoFigureError(f"no book has a heating value of {carrier} in {wanted}")

    def kgce_per_kwh(self, carrier: str) -> float:
        """Standard coal [kgce] per kWh of lower heating value; raises NoFigureError."""
        for book in self._all:
            for value in book.coal_equivalents:
                if value.carrier == carrier:
                    return value.value / self.kwh_per_unit(carrier, value.unit.split("/")[1])
        raise NoFigureError(f"no book has a coal equivalent of {carrier}")

    @cached_property
    def contracts(self) -> tuple[Contract, ...]:
        """Contracts for purchased electricity in the market-based view, in their order."""
        return tuple(c for book in self._chain(self.market) for c in book.contracts)

    @property
    def pv_certificates_sold(self) -> bool:
        """Were the certificates of own solar power sold? It is renewable for the buyer then."""
        return any(book.pv_certificates_sold for book in self._chain(self.market))

    def contract_span_ns(self, contract: Contract) -> tuple[int, int]:
        """From when to when a contract holds [UTC ns], in its book's zone."""
        owner = next(book for book in self._chain(self.market) if contract in book.contracts)
        end = _FOR_EVER_NS if contract.to is None else begin_ns(contract.to, owner.timezone)
        return begin_ns(contract.from_, owner.timezone), end

    @cached_property
    def releases(self) -> tuple[Release, ...]:
        """Gases that escaped, of every book: scope 1 under all views."""
        return tuple(release for book in self._all for release in book.releases)

    def release_ns(self, release: Release) -> int:
        """The moment of a release [UTC ns]: the noon of its day, in its book's zone."""
        owner = next(book for book in self._all if release in book.releases)
        return begin_ns(release.date, owner.timezone) + 12 * 3_600_000_000_000

    def warming(self, gas: str) -> Warming | None:
        """The warming potential of a gas; None where no book has it."""
        known = (w for book in self._all for w in book.warmings if w.gas == gas)
        return next(known, None)

    def kgce_per_m3(self, carrier: str) -> float | None:
        """Standard coal [kgce] per cubic metre of water; None where no book has it."""
        found = (v for book in self._all for v in book.coal_equivalents if v.carrier == carrier)
        value = next(found, None)
        if value is None:
            return None
        return value.value * (1000.0 if value.unit == "kgce/kg" else 1.0)

    @property
    def currency(self) -> str | None:
        """What the tariff's prices are in."""
        return None if self.tariff is None else self.tariff.currency or "CNY"

    def electricity_prices(self, slot_ns: NDArray[np.int64]) -> SlotPrices | None:
        """The price of purchased electricity in 15-minute slots [UTC ns], (n,).

        By the tariff's bands, else flat; None without a price.
        """
        for book in self._chain(self.tariff):
            found = slot_prices(book, slot_ns)
            if found is not None:
                return found
        flat = self.flat_prices("electricity", slot_ns)
        if flat is None:
            return None
        return SlotPrices(np.full(len(slot_ns), FLAT, np.int8), *flat)

    def flat_prices(
        self, carrier: str, slot_ns: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], bool] | None:
        """A carrier's flat price per kWh at times [UTC ns], (n,); whether one is an estimate.

        None where the tariff book has none.
        """
        for book in self._chain(self.tariff):
            rows = [price for price in book.prices if price.carrier == carrier]
            if rows:
                number, early = newest(rows, book.timezone, slot_ns)
                units_of = [self.kwh_per_unit(carrier, row.unit.split("/")[1]) for row in rows]
                per_kwh = [row.value / kwh for row, kwh in zip(rows, units_of, strict=True)]
                return np.array(per_kwh)[number], early
        return None

    def tariff_at(self, time_ns: int) -> Tariff | None:
        """The time-of-use tariff in force at a moment [UTC ns]."""
        found = (tariff_at(book, time_ns) for book in self._chain(self.tariff))
        return next((tariff for tariff in found if tariff is not None), None)

    def carbon_price_at(self, time_ns: int) -> tuple[CarbonPrice, bool] | None:
        """What a tonne costs at a moment [UTC ns], and whether that lies before the first price."""
        book = self.carbon_price
        if book is None or not book.carbon_prices:
            return None
        number, early = newest(book.carbon_prices, book.timezone, np.array([time_ns], np.int64))
        return book.carbon_prices[int(number[0])], early

    @cached_property
    def _all(self) -> tuple[Book, ...]:
        """Every book once, those of the line first."""
        return tuple(dict.fromkeys([*self.named.values(), *self.defaults]))

    def _chain(self, book: Book | None) -> tuple[Book, ...]:
        """A book and those that it is built upon, the nearest first."""
        found: list[Book] = []
        by_id = {each.id: each for each in self._all}
        while book is not None:
            found.append(book)
            book = None if book.base is None else by_id.get(book.base)
        return tuple(found)

    def _view(self, view: View) -> Book | None:
        match view:
            case "location":
                return self.location
            case "market":
                return self.market
            case "product":
                return self.product

    def _kg_per_kwh(self, factor: Factor) -> float:
        return factor.value / self.kwh_per_unit(factor.carrier, factor.unit.split("/")[1])

    def _book_of(self, view: View, carrier: str) -> Book | None:
        books = [*self._chain(self._view(view))]
        if carrier != "electricity":
            books += [*self._chain(self.location), *self.defaults]
        elif view == "market" and self.contracts:
            books += [*self._chain(self.location)]
        for book in books:
            if any(f.carrier == carrier for f in book.factors):
                return book
        return None

    def _steps(
        self, view: View, carrier: str
    ) -> tuple[NDArray[np.int64], tuple[Factor, ...], bool] | None:
        """From when on [UTC ns] which factor applies, and whether the book pins it."""
        book = self._book_of(view, carrier)
        return None if book is None else _steps(book, carrier)


@cache
def _steps(book: Book, carrier: str) -> tuple[NDArray[np.int64], tuple[Factor, ...], bool]:
    factors = tuple(factor for factor in book.factors if factor.carrier == carrier)
    pin = dict(book.pins).get(carrier)
    if pin is not None:
        factors = tuple(factor for factor in factors if factor.id == pin)
    begins = np.array([begin_ns(factor.published, book.timezone) for factor in factors], np.int64)
    begins.setflags(write=False)
    return begins, factors, pin is not None


def _clashes(found: Iterable[Book]) -> list[Fault]:
    """Books of one id but other content: a log could not tell them apart."""
    books = {**{name: bundled_books()[name] for name in _DEFAULTS}}
    faults = []
    for book in found:
        if books.setdefault(book.id, book) != book:
            faults.append(
                whole(book.id, "two books of this id differ; give the own one another id")
            )
    return faults
