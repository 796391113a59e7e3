"""What the books of a line leave open, said once each, with what is done instead.

The energy is in the balance whatever a book does not say. ``greenline check`` says what a line's
books leave open; the report also what their dates do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from data.factors import VIEWS, Books, NoFigureError
from data.line import Line
from twin import supply
from twin.decode import CARRIER_INDEX
from twin.ledger import Ledger


@dataclass(frozen=True, slots=True)
class BookNote:
    """kind: what is open; subject: of which view, carrier or price; book: the one that says it."""

    kind: str
    subject: str = ""
    book: str = ""


def of_line(line: Line, books: Books) -> tuple[BookNote, ...]:
    """What the books do not say of a line's carriers, at any time."""
    carriers = sorted({point.carrier for point in line.points if point.boundary})
    return tuple(_of_carriers(line, books, carriers))


def of_ledger(ledger: Ledger) -> tuple[BookNote, ...]:
    """The same of what was metered, and what was used before its date."""
    books, booked = ledger.booked.books, ledger.booked
    notes = [*_of_carriers(ledger.line, books, list(ledger.carriers))]
    if len(ledger.cells):
        notes += _early_factors(ledger)
        notes += _early_prices(ledger)
    if (price := books.carbon_price_at(booked.to_ns)) is not None and price[1]:
        notes.append(BookNote("early_carbon_price", book=price[0].id))
    if supply.mix(ledger, "location").opening_kwh > 0:
        notes.append(BookNote("storage_opening"))
    return tuple(notes)


def _of_carriers(line: Line, books: Books, carriers: list[str]) -> Iterator[BookNote]:
    any_time = np.zeros(1, np.int64)
    for view in VIEWS:
        for carrier in carriers:
            if getattr(books, view) is None and carrier == "electricity":
                continue  # a line without that book: the notes of the line say so
            if books.in_force(view, carrier, 0) is None:
                yield BookNote("no_factor", f"{view} {carrier}")
    if books.tariff is not None:
        if books.currency != line.plant.currency:
            yield BookNote("other_currency", books.currency or "", books.tariff.id)
        for carrier in carriers:
            priced = books.flat_prices(carrier, any_time) is not None
            if carrier == "electricity":
                priced = books.electricity_prices(any_time) is not None
            if not priced:
                yield BookNote("no_price", carrier, books.tariff.id)
    for carrier in carriers:
        try:
            books.kgce_per_kwh(carrier)
        except NoFigureError:
            yield BookNote("no_coal", carrier)


def _early_factors(ledger: Ledger) -> Iterator[BookNote]:
    books, cells = ledger.booked.books, ledger.cells
    for view in VIEWS:
        for carrier in ledger.carriers:
            slots = cells["slot_ns"][cells["carrier"] == CARRIER_INDEX[carrier]]
            found = books.in_force(view, carrier, int(slots.min())) if len(slots) else None
            if found is not None and found.evidence == "estimated":
                yield BookNote("early_factor", f"{view} {carrier}", found.factor.id)


def _early_prices(ledger: Ledger) -> Iterator[BookNote]:
    books, cells = ledger.booked.books, ledger.cells
    if books.tariff is None:
        return
    for carrier in ledger.carriers:
        slots = cells["slot_ns"][cells["carrier"] == CARRIER_INDEX[carrier]]
        if carrier == "electricity":
            prices = books.electricity_prices(slots)
            early = prices is not None and prices.estimated
        else:
            flat = books.flat_prices(carrier, slots)
            early = flat is not None and flat[1]
        if early:
            yield BookNote("early_price", carrier, books.tariff.id)
