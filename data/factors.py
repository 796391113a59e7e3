"""Dated factor books: which emission factor is in force for a carrier at a moment.

Three views stand side by side: location, market and product (life cycle). A view's own book comes
first. For fuels, heat and steam the location book and then the bundled defaults stand in, under
every view: burning gas emits the same wherever the contract was signed, and in the product view
the combustion factor stands as it is, without the fuel's upstream. Electricity has no stand-in: a
view without a book for it has no figure, and shows a dash.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data import units
from data.factor_file import (
    Book,
    BookFaults,
    CoalEquivalent,
    Factor,
    HeatingValue,
    books_text,
    parse_books,
)
from data.line import BookNames
from data.toml_file import Fault, Faults, is_there, listed, nearest, read_text, whole
from data.zones import zone

__all__ = [
    "Book",
    "BookFaults",
    "BookNotFound",
    "Books",
    "CoalEquivalent",
    "Factor",
    "Fault",
    "HeatingValue",
    "InForce",
    "NoFigureError",
    "View",
    "book_for",
    "bundled_books",
    "load_book",
]

View = Literal["location", "market", "product"]
VIEWS: tuple[View, ...] = ("location", "market", "product")
_BUNDLED = Path(__file__).parent / "factors"
_DEFAULTS = ("cn_fuels", "cn_heat")
_MJ_PER_KGCE = 29.3076


class BookNotFound(BookFaults):
    """Neither a bundled book nor a file of one."""


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


@cache
def bundled_books() -> dict[str, Book]:
    """The bundled books by id."""
    found: dict[str, Book] = {}
    for path in sorted(_BUNDLED.glob("*.toml")):
        found |= parse_books(read_text(path), path.name)[0]
    return found


def load_book(name: str, base: Path | None) -> Book:
    """A bundled book by its id, or an own one by the path of its file, relative to ``base``.

    A file of several books is named with the id: "factors.toml#our_supplier". Raises BookNotFound,
    BookFaults with every fault of the file, or OSError where the system refuses to read it.
    """
    bundled = bundled_books()
    if name in bundled:
        return bundled[name]
    file, _, wanted = name.partition("#")
    path = None if base is None or not file else base / file
    if path is None or not is_there(path):
        limit = "no such book: neither bundled nor a file beside the line file"
        raise BookNotFound([whole(name, limit, nearest(name, bundled))])
    try:
        text = read_text(path)
    except Faults as error:
        raise BookFaults(error.faults) from None
    return _one_of(parse_books(text, file)[0], file, wanted)


def book_for(key: str, name: str, base: Path | None) -> Book:
    """The book that a line file names under a key of [books]; raises as load_book."""
    if key not in VIEWS:
        kind = key.replace("_", " ")
        raise BookNotFound([whole(name, f"no such {kind} book: none is bundled")])
    return load_book(name, base)


def _one_of(books: dict[str, Book], file: str, wanted: str) -> Book:
    if wanted in books:
        return books[wanted]
    if len(books) == 1 and not wanted:
        return next(iter(books.values()))
    ways = listed(f"{file}#{book}" for book in books)
    raise BookNotFound([whole(file, f"holds {len(books)} books; name one of them: {ways}")])


@dataclass(frozen=True)
class Books:
    """The books in force for a line; equal content is equal, hashes alike and is equal text."""

    location: Book | None = None
    market: Book | None = None
    product: Book | None = None
    defaults: tuple[Book, ...] = ()

    @classmethod
    def load(cls, names: BookNames, base: Path | None) -> Books:
        """The books that a line file names; own ones are searched relative to ``base``.

        Raises BookFaults with the faults of all books at once; OSError as load_book.
        """
        found: dict[str, Book] = {}
        faults: list[Fault] = []
        for field in fields(names):
            name = getattr(names, field.name)
            if name is None:
                continue
            try:
                found[field.name] = book_for(field.name, name, base)
            except BookFaults as error:
                faults += error.faults
        faults += _clashes(found)
        if faults:
            raise BookFaults(dict.fromkeys(faults))
        views = {view: found.get(view) for view in VIEWS}
        others = [bundled_books()[name] for name in _DEFAULTS]
        return cls(**views, defaults=tuple(b for b in others if b not in found.values()))

    @classmethod
    def from_toml(cls, text: str, where: str = "books") -> Books:
        """The books of a text that to_toml wrote; raises BookFaults."""
        books, use = parse_books(text, where)
        views = {view: books[name] for view, name in use.model_dump(exclude_none=True).items()}
        used = {book.id for book in views.values()}
        return cls(**views, defaults=tuple(b for name, b in books.items() if name not in used))

    def to_toml(self) -> str:
        """Canonical text of every figure that can be in force: a log keeps it."""
        use: dict[str, str] = {
            view: book.id for view in VIEWS if (book := self._view(view)) is not None
        }
        return books_text(self._all, use)

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
    def _all(self) -> tuple[Book, ...]:
        """Every book once, those of the line first."""
        views = [book for view in VIEWS if (book := self._view(view)) is not None]
        return tuple(dict.fromkeys([*views, *self.defaults]))

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
        books = [self._view(view)]
        if carrier != "electricity":
            books += [self.location, *self.defaults]
        for book in books:
            if book is not None and any(f.carrier == carrier for f in book.factors):
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
    begins = np.array([_begin_ns(factor, book.timezone) for factor in factors], np.int64)
    begins.setflags(write=False)
    return begins, factors, pin is not None


def _begin_ns(factor: Factor, timezone: str) -> int:
    day = factor.published
    begin = datetime(day.year, day.month, day.day, tzinfo=zone(timezone))
    return int(begin.timestamp()) * 1_000_000_000


def _clashes(found: dict[str, Book]) -> list[Fault]:
    """Books of one id but other content: a log could not tell them apart."""
    books = {**{name: bundled_books()[name] for name in _DEFAULTS}}
    faults = []
    for book in found.values():
        if books.setdefault(book.id, book) != book:
            faults.append(
                whole(book.id, "two books of this id differ; give the own one another id")
            )
    return faults
