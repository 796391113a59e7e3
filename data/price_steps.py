"""Which price of a book is in force: by date, and by the band of the hour in the book's zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from data.book_prices import BANDS, QUARTERS, Band, CarbonPrice, Price, Tariff, holds
from data.factor_file import Book
from data.zones import zone

FLAT = BANDS.index("flat")
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class SlotPrices:
    """The price of purchased electricity in each slot, (n,): number in BANDS, money per kWh.

    ``estimated``: a slot lies before the first price of the book.
    """

    band: NDArray[np.int8]
    per_kwh: NDArray[np.float64]
    estimated: bool


def begin_ns(day: date, timezone: str) -> int:
    """Midnight of a date in a zone [UTC ns]."""
    begin = datetime(day.year, day.month, day.day, tzinfo=zone(timezone))
    return int(begin.timestamp()) * _SECOND_NS


def newest(
    rows: Sequence[Tariff | Price | CarbonPrice], timezone: str, time_ns: NDArray[np.int64]
) -> tuple[NDArray[np.int64], bool]:
    """Number of the row in force at each time, (n,); whether one lies before the first.

    Rows by date, at least one; before the first the first applies, as an estimate.
    """
    begins = np.array([begin_ns(row.from_, timezone) for row in rows], np.int64)
    numbers = np.searchsorted(begins, time_ns, side="right") - 1
    return np.maximum(numbers, 0), bool((numbers < 0).any())


def slot_prices(book: Book, slot_ns: NDArray[np.int64]) -> SlotPrices | None:
    """A book's time-of-use prices in 15-minute slots [UTC ns], (n,); None where it has none."""
    if not book.tariffs:
        return None
    number, early = newest(book.tariffs, book.timezone, slot_ns)
    quarters = _quarters(book.timezone, slot_ns)
    band = np.zeros(len(slot_ns), np.int8)
    per_kwh = np.zeros(len(slot_ns))
    for i in np.unique(number).tolist():
        chosen, tariff = number == i, book.tariffs[i]
        bands = _calendar(tuple(b for b in book.bands if b.tariff == tariff.id))
        prices = np.array([tariff.prices.get(name, np.nan) for name in BANDS])
        band[chosen] = bands[tuple(quarters[chosen].T)]
        per_kwh[chosen] = prices[band[chosen]]
    return SlotPrices(band, per_kwh, early)


def tariff_at(book: Book, time_ns: int) -> Tariff | None:
    """The tariff in force at a moment; None where the book has none."""
    if not book.tariffs:
        return None
    number, _ = newest(book.tariffs, book.timezone, np.array([time_ns], np.int64))
    return book.tariffs[int(number[0])]


@cache
def _calendar(bands: tuple[Band, ...]) -> NDArray[np.int8]:
    """The band of each month, weekday and quarter of an hour; (13, 8, 96) numbers in BANDS."""
    found = np.full((13, 8, QUARTERS), FLAT, np.int8)
    for band in bands:
        found[holds(band.months, band.days, band.hours)] = BANDS.index(band.band)
    return found


def _quarters(timezone: str, slot_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Month, weekday and quarter of an hour of each slot, in the zone; (n, 3)."""
    local = zone(timezone)
    found = np.zeros((len(slot_ns), 3), np.int64)
    slots, inverse = np.unique(slot_ns, return_inverse=True)
    for i, each in enumerate(slots.tolist()):
        at = datetime.fromtimestamp(each // _SECOND_NS, UTC).astimezone(local)
        found[i] = at.month, at.isoweekday(), at.hour * 4 + at.minute // 15
    return found[inverse]
