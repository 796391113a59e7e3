"""A dated book: emission factors, heating values, coal equivalents, claims and prices.

Writing is canonical: equal books are equal text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from data.book_claims import Contract, Release, Warming
from data.book_prices import Band, CarbonPrice, Price, Tariff
from data.book_types import row_lines, toml
from data.line import Names

FORMAT = "greenline.factors/1"
PV = "pv"  # what own solar cells generate, over their life cycle: for the product view


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """An emission factor; it applies from the day of ``published`` on, until a newer one does.

    ``value`` is in ``unit`` ("kgCO2/kWh"); ``evidence`` says how the figure is known.
    """

    id: str
    series: str
    region: str
    carrier: str
    data_year: int
    published: date
    value: float
    unit: str
    gas: str  # "CO2" or "CO2e"
    scope: int  # 1 or 2; 3 of own generation's life cycle
    source: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatingValue:
    """The lower heating value of a carrier, in "MJ/m3" or "MJ/kg"."""

    carrier: str
    value: float
    unit: str
    source: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoalEquivalent:
    """Standard coal per unit of a carrier, in "kgce/kWh", "kgce/MJ", "kgce/m3" or "kgce/kg".

    Of water too, which carries no energy, but whose supply takes some (GB/T 2589).
    """

    carrier: str
    value: float
    unit: str
    source: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A dated book; factors by carrier, then date. ``pins`` are (carrier, factor id).

    ``base`` is the book that holds what this one does not say. Prices are in ``currency``.
    ``pv_certificates_sold``: what own solar cells generate counts as another's renewable power.
    """

    id: str
    names: Names
    timezone: str  # a factor applies from midnight of its date here
    factors: tuple[Factor, ...]
    heating_values: tuple[HeatingValue, ...] = ()
    coal_equivalents: tuple[CoalEquivalent, ...] = ()
    pins: tuple[tuple[str, str], ...] = ()
    base: str | None = None
    currency: str | None = None
    pv_certificates_sold: bool = False
    contracts: tuple[Contract, ...] = ()
    releases: tuple[Release, ...] = ()
    warmings: tuple[Warming, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
    bands: tuple[Band, ...] = ()
    prices: tuple[Price, ...] = ()
    carbon_prices: tuple[CarbonPrice, ...] = ()

    def __hash__(self) -> int:
        """Of what names it; prices by band do not hash."""
        return hash((self.id, self.timezone, self.factors))


def books_text(books: Iterable[Book], use: Mapping[str, str] | None = None) -> str:
    """The canonical TOML of books, each id once, and of which view uses which."""
    lines = [f"format = {toml(FORMAT)}"]
    if use is not None:
        lines += ["", "[use]", *(f"{key} = {toml(name)}" for key, name in sorted(use.items()))]
    for book in sorted({book.id: book for book in books}.values(), key=lambda book: book.id):
        lines += _book_lines(book)
    return "\n".join(lines) + "\n"


def _book_lines(book: Book) -> Iterable[str]:
    yield from ("", "[[book]]", f"id = {toml(book.id)}")
    yield f"names = {{ en = {toml(book.names.en)}, zh = {toml(book.names.zh)} }}"
    yield f"timezone = {toml(book.timezone)}"
    if book.pins:
        yield f"pin = {toml(dict(book.pins))}"
    for key, value in (("base", book.base), ("currency", book.currency)):
        if value is not None:
            yield f"{key} = {toml(value)}"
    if book.pv_certificates_sold:
        yield "pv_certificates_sold = true"
    for section, rows in _sections(book):
        for row in rows:
            yield from row_lines(section, book.id, row)


def _sections(book: Book) -> Iterable[tuple[str, tuple[object, ...]]]:
    yield "factor", book.factors
    yield "heating_value", book.heating_values
    yield "coal_equivalent", book.coal_equivalents
    yield "contract", book.contracts
    yield "release", book.releases
    yield "warming", book.warmings
    yield "tariff", book.tariffs
    yield "band", book.bands
    yield "price", book.prices
    yield "carbon_price", book.carbon_prices
