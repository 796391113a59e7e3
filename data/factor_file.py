"""Books as TOML files: emission factors, heating values and coal equivalents, checked.

Claims (contracts, released gases) are in data.book_claims, prices in data.book_prices.
docs/factors.md lists what is bundled and how to write an own book. Writing is canonical: equal
books are equal text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from data.book_claims import CLAIMS, Claims, Contract, Release, Warming, read_claims
from data.book_prices import PRICES, Band, CarbonPrice, Price, Prices, Tariff, read_prices
from data.book_types import EnergyCarrier, Evidence, Text, row_lines, toml
from data.line import ENERGY_CARRIERS, Names
from data.toml_file import Entry, Faults, Sheet, listed, nearest
from data.zones import check_zone

FORMAT = "greenline.factors/1"

PV = "pv"  # what own solar cells generate, over their life cycle: for the product view
_ENERGY_UNITS = ("kWh", "MJ", "GJ")
_FACTOR_UNITS: Mapping[str, tuple[str, ...]] = {
    "electricity": _ENERGY_UNITS,
    "natural_gas": ("m3", *_ENERGY_UNITS),
    "lpg": ("kg", "t", *_ENERGY_UNITS),
    "diesel": ("kg", "t", *_ENERGY_UNITS),
    "heat": _ENERGY_UNITS,
    "steam": ("kg", "t", *_ENERGY_UNITS),
    PV: _ENERGY_UNITS,
}
# Beyond these a factor is a slip of the unit: coal power is at about 1 kg/kWh.
_MOST_KG = {"kWh": 3.0, "MJ": 0.8, "GJ": 800.0, "m3": 30.0, "kg": 10.0, "t": 10_000.0}
_FUELS = ("natural_gas", "lpg", "diesel")


class BookFaults(Faults):
    """Every fault of a factor file, at once."""


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


class NamesEntry(Entry):
    """Names in both languages."""

    en: Text
    zh: Text


class BookEntry(Entry):
    """[[book]]."""

    id: Text
    names: NamesEntry | None = None
    timezone: Text = "UTC"
    pin: dict[str, str] = Field(default={})
    base: Text | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    pv_certificates_sold: bool = False


class FactorEntry(Entry):
    """[[factor]]."""

    id: Text
    book: Text
    series: Text
    region: Text
    carrier: EnergyCarrier | Literal["pv"]
    data_year: Annotated[int, Field(ge=1990, le=2200)]
    published: date
    value: Annotated[float, Field(ge=0)]
    unit: Text
    gas: Literal["CO2", "CO2e"]
    scope: Literal[1, 2, 3]
    source: Text
    evidence: Evidence


class HeatingValueEntry(Entry):
    """[[heating_value]]."""

    book: Text
    carrier: Literal["natural_gas", "lpg", "diesel", "steam"]
    value: Annotated[float, Field(ge=0.5, le=150)]
    unit: Literal["MJ/m3", "MJ/kg"]
    source: Text
    evidence: Evidence


class CoalEquivalentEntry(Entry):
    """[[coal_equivalent]]."""

    book: Text
    carrier: EnergyCarrier | Literal["water"]
    value: Annotated[float, Field(gt=0, le=10)]
    unit: Literal["kgce/kWh", "kgce/MJ", "kgce/m3", "kgce/kg"]
    source: Text
    evidence: Evidence


class UseEntry(Entry):
    """[use]: which book serves what; only in a text that a log keeps."""

    location: Text | None = None
    market: Text | None = None
    product: Text | None = None
    tariff: Text | None = None
    carbon_price: Text | None = None


ARRAYS: dict[str, type[Entry]] = {
    "book": BookEntry,
    "factor": FactorEntry,
    "heating_value": HeatingValueEntry,
    "coal_equivalent": CoalEquivalentEntry,
    **CLAIMS,
    **PRICES,
}


def parse_books(
    text: str, where: str, bundled: Mapping[str, Book] | None = None
) -> tuple[dict[str, Book], UseEntry]:
    """The books of a text by id, in its order; raises BookFaults with every fault.

    ``bundled``: the books that it may build upon beside its own, and whose gases it may name;
    None where these are being read themselves.
    """
    try:
        sheet = Sheet(text, where)
    except Faults as error:
        raise BookFaults(error.faults) from None
    books, use = _read(sheet, bundled)
    if sheet.faults:
        raise BookFaults(sheet.ordered())
    return books, use


def _read(sheet: Sheet, bundled: Mapping[str, Book] | None) -> tuple[dict[str, Book], UseEntry]:
    sheet.top_level(("format", "use", *ARRAYS))
    if sheet.tables.get("format") != FORMAT:
        found = sheet.tables.get("format")
        if found is None:
            sheet.fault(("format",), f'is missing: write format = "{FORMAT}"')
        else:
            sheet.fault(
                ("format",), f"cannot be read; this version reads {listed([FORMAT])}", found
            )
    entries = sheet.entries(BookEntry, "book")
    factors = sheet.entries(FactorEntry, "factor")
    heating = sheet.entries(HeatingValueEntry, "heating_value")
    coal = sheet.entries(CoalEquivalentEntry, "coal_equivalent")
    gases = [w.gas for book in (bundled or {}).values() for w in book.warmings]
    claims = read_claims(sheet, gases)
    prices = read_prices(sheet, {entry.id: entry.currency for _, entry in entries})
    use = sheet.entry(UseEntry, ("use",)) or UseEntry()
    if not sheet.tables.get("book") and "use" not in sheet.tables:
        sheet.fault(("book",), "is missing: a factor file holds at least one [[book]]")
    _check_books(sheet, entries, factors)
    _check_bases(sheet, entries, bundled)
    _check_factors(sheet, factors)
    _check_owners(sheet, "factor", [(n, e.book, None) for n, e in factors])
    _check_owners(sheet, "heating_value", [(n, e.book, e.carrier) for n, e in heating])
    _check_owners(sheet, "coal_equivalent", [(n, e.book, e.carrier) for n, e in coal])
    for section in (*CLAIMS, *PRICES):
        _check_section_owners(sheet, section)
    for number, value in heating:
        _check_heating_unit(sheet, number, value)
    for key, name in use.model_dump(exclude_none=True).items():
        if name not in sheet.raw_ids("book"):
            sheet.unknown(("use", key), name, "book", sheet.raw_ids("book"))
    own = {entry.id: _book(entry, factors, heating, coal) for _, entry in entries}
    return {name: _priced(book, claims, prices) for name, book in own.items()}, use


def _check_books(
    sheet: Sheet, books: Iterable[tuple[int, BookEntry]], factors: list[tuple[int, FactorEntry]]
) -> None:
    seen: set[str] = set()
    for number, book in books:
        if book.id in seen:
            sheet.fault(("book", number, "id"), "is already the id of another book", book.id)
        seen.add(book.id)
        check_zone(sheet, ("book", number, "timezone"), book.timezone)
        for carrier, name in book.pin.items():
            path = ("book", number, "pin", carrier)
            fitting = [f.id for _, f in factors if f.book == book.id and f.carrier == carrier]
            if carrier not in ENERGY_CARRIERS:
                sheet.unknown(path, carrier, "carrier", ENERGY_CARRIERS)
            elif name not in fitting:
                sheet.unknown(path, name, f"factor of {carrier} in this book", fitting)


def _check_factors(sheet: Sheet, factors: list[tuple[int, FactorEntry]]) -> None:
    ids: set[str] = set()
    dates: dict[tuple[str, str, date], str] = {}
    series: dict[tuple[str, str], FactorEntry] = {}
    for number, factor in factors:
        path = ("factor", number)
        if factor.id in ids:
            sheet.fault((*path, "id"), "is already the id of another factor", factor.id)
        ids.add(factor.id)
        day = (factor.book, factor.carrier, factor.published)
        if day in dates:
            limit = f"{dates[day]} has the same date; only one can be in force"
            sheet.fault((*path, "published"), limit, factor.published)
        dates.setdefault(day, factor.id)
        first = series.setdefault((factor.book, factor.carrier), factor)
        for key in ("series", "region", "gas"):
            if getattr(first, key) != getattr(factor, key):
                limit = f'{first.id} has "{getattr(first, key)}"; one book never mixes {key}'
                sheet.fault((*path, key), limit, getattr(factor, key))
        _check_factor(sheet, number, factor)


def _check_factor(sheet: Sheet, number: int, factor: FactorEntry) -> None:
    path = ("factor", number)
    fitting = [f"kg{factor.gas}/{unit}" for unit in _FACTOR_UNITS[factor.carrier]]
    if factor.unit not in fitting:
        limit = f"a factor of {factor.carrier} in {factor.gas} is in {listed(fitting)}"
        sheet.fault((*path, "unit"), limit, factor.unit, nearest(factor.unit, fitting))
    elif factor.value > (most := _MOST_KG[factor.unit.split("/")[1]]):
        limit = f"is beyond belief; at most {most:g} {factor.unit}"
        sheet.fault((*path, "value"), limit, factor.value)
    scope = 1 if factor.carrier in _FUELS else 3 if factor.carrier == PV else 2
    if factor.scope != scope:
        limit = f"{factor.carrier} is scope {scope} (1: fuels; 2: purchased energy; 3: own PV)"
        sheet.fault((*path, "scope"), limit, factor.scope)
    if not 1990 <= factor.published.year <= 2200:
        sheet.fault((*path, "published"), "must lie in 1990 to 2200", factor.published)
    elif factor.data_year > factor.published.year:
        limit = f"is after the year of publication, {factor.published.year}"
        sheet.fault((*path, "data_year"), limit, factor.data_year)


def _check_owners(sheet: Sheet, section: str, rows: Iterable[tuple[int, str, str | None]]) -> None:
    """Each figure belongs to a book of the file; where ``carrier`` is given, it has one each."""
    known = sheet.raw_ids("book")
    seen: set[tuple[str, str]] = set()
    for number, book, carrier in rows:
        if book not in known:
            sheet.unknown((section, number, "book"), book, "book in this file", known)
        if carrier is not None and (book, carrier) in seen:
            limit = f"the book {book} has another {section} of this carrier"
            sheet.fault((section, number, "carrier"), limit, carrier)
        seen.add((book, carrier or ""))


def _check_section_owners(sheet: Sheet, section: str) -> None:
    raw = sheet.tables.get(section, [])
    tables = raw if isinstance(raw, list) else []
    named = [(i, table.get("book")) for i, table in enumerate(tables) if isinstance(table, dict)]
    _check_owners(sheet, section, [(i, b, None) for i, b in named if isinstance(b, str)])


def _check_bases(
    sheet: Sheet, books: list[tuple[int, BookEntry]], bundled: Mapping[str, Book] | None
) -> None:
    """Each base is a book of the file or a bundled one, and none is built upon itself."""
    own = {entry.id: entry for _, entry in books}
    known = [*sheet.raw_ids("book"), *(bundled or {})]
    for number, entry in books:
        path = ("book", number, "base")
        if entry.base is not None and entry.base not in known and bundled is not None:
            sheet.unknown(path, entry.base, "book", known)
        trail, here = {entry.id}, entry.base
        while here in own and here not in trail:
            trail.add(here)
            here = own[here].base
        if here == entry.id:
            sheet.fault(path, "is built upon itself", entry.base)


def _check_heating_unit(sheet: Sheet, number: int, value: HeatingValueEntry) -> None:
    unit = "MJ/m3" if value.carrier == "natural_gas" else "MJ/kg"
    if value.unit != unit:
        limit = f'the heating value of {value.carrier} is in "{unit}"'
        sheet.fault(("heating_value", number, "unit"), limit, value.unit)


def _book(
    entry: BookEntry,
    factors: Iterable[tuple[int, FactorEntry]],
    heating: Iterable[tuple[int, HeatingValueEntry]],
    coal: Iterable[tuple[int, CoalEquivalentEntry]],
) -> Book:
    names = entry.names
    own = [Factor(**f.model_dump(exclude={"book"})) for _, f in factors if f.book == entry.id]
    values = [
        HeatingValue(**h.model_dump(exclude={"book"})) for _, h in heating if h.book == entry.id
    ]
    equivalents = [
        CoalEquivalent(**c.model_dump(exclude={"book"})) for _, c in coal if c.book == entry.id
    ]
    return Book(
        id=entry.id,
        names=Names(names.en, names.zh) if names else Names(entry.id, entry.id),
        timezone=entry.timezone,
        factors=tuple(sorted(own, key=lambda f: (f.carrier, f.published))),
        heating_values=tuple(sorted(values, key=lambda h: h.carrier)),
        coal_equivalents=tuple(sorted(equivalents, key=lambda c: c.carrier)),
        pins=tuple(sorted(entry.pin.items())),
        base=entry.base,
        currency=entry.currency,
        pv_certificates_sold=entry.pv_certificates_sold,
    )


def _priced(book: Book, claims: Claims, prices: Prices) -> Book:
    """The book with its claims and prices."""
    return replace(
        book,
        contracts=claims.contracts_of(book.id),
        releases=claims.releases_of(book.id),
        warmings=claims.warmings_of(book.id),
        tariffs=prices.tariffs_of(book.id),
        bands=prices.bands_of(book.id),
        prices=prices.prices_of(book.id),
        carbon_prices=prices.carbon_of(book.id),
    )


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
