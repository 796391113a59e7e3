"""What energy and carbon cost: time-of-use tariffs, flat prices and carbon prices, dated, checked.

A tariff's bands must share out every quarter of an hour of every weekday and month: what two bands
claim and what none does are faults.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from data.book_types import Day, EnergyCarrier, Evidence, Text
from data.toml_file import Entry, Sheet, listed

BandName = Literal["critical", "peak", "flat", "valley"]
BANDS: tuple[BandName, ...] = ("critical", "peak", "flat", "valley")
PRICE_UNITS: dict[str, tuple[str, ...]] = {
    "electricity": ("kWh", "MJ", "GJ"),
    "natural_gas": ("m3", "kWh", "MJ", "GJ"),
    "lpg": ("kg", "t", "kWh", "MJ", "GJ"),
    "diesel": ("kg", "t", "kWh", "MJ", "GJ"),
    "heat": ("kWh", "MJ", "GJ"),
    "steam": ("kg", "t", "kWh", "MJ", "GJ"),
}
QUARTERS = 96  # of an hour, in a day
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):(?:00|15|30|45)|24:00")
_MOST = 1e6  # of a currency per unit: beyond belief


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Prices of purchased electricity by band, from midnight of a date until a newer one.

    ``prices`` and ``export_price`` per kWh; ``demand_price`` per kW of a month's highest
    quarter of an hour. A band without a price is never in force.
    """

    id: str
    from_: date
    prices: dict[str, float]
    demand_price: float | None
    export_price: float | None
    source: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """When a band of a tariff holds: in these months, on these weekdays, in these hours."""

    tariff: str
    band: str
    months: tuple[int, ...]
    days: tuple[int, ...]  # ISO weekday, 1 is Monday
    hours: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A carrier's flat price in ``unit`` ("CNY/m3"), from midnight of a date until a newer one."""

    id: str
    carrier: str
    from_: date
    value: float
    unit: str
    source: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonPrice:
    """What a tonne of CO2e costs, in the book's currency, from a date until a newer one."""

    id: str
    from_: date
    value: float
    source: str
    evidence: str


def _clock_pairs(hours: list[list[str]]) -> list[list[str]]:
    for pair in hours:
        if len(pair) != 2 or not all(_CLOCK.fullmatch(each) for each in pair):
            raise ValueError('must be pairs of quarters of an hour, such as [["10:00", "12:00"]]')
        if pair[0] >= pair[1]:
            raise ValueError('must end later than they begin, at most at "24:00"')
    return hours


def _numbers(most: int) -> AfterValidator:
    def check(numbers: list[int]) -> list[int]:
        if not numbers or not all(1 <= each <= most for each in numbers):
            raise ValueError(f"must be numbers from 1 to {most}")
        return numbers

    return AfterValidator(check)


Amount = Annotated[float, Field(ge=0, le=_MOST)]


class TariffEntry(Entry):
    """[[tariff]]."""

    id: Text
    book: Text
    from_: Day = Field(alias="from")
    prices: dict[BandName, Amount]
    demand_price: Amount | None = None
    export_price: Amount | None = None
    source: Text
    evidence: Evidence


class BandEntry(Entry):
    """[[band]]."""

    tariff: Text
    book: Text
    band: BandName
    months: Annotated[list[int], _numbers(12)] = Field(default=list(range(1, 13)))
    days: Annotated[list[int], _numbers(7)] = Field(default=list(range(1, 8)))
    hours: Annotated[list[list[str]], AfterValidator(_clock_pairs)] = Field(
        default=[["00:00", "24:00"]]
    )


class PriceEntry(Entry):
    """[[price]]."""

    id: Text
    book: Text
    carrier: EnergyCarrier
    from_: Day = Field(alias="from")
    value: Amount
    unit: Text
    source: Text
    evidence: Evidence


class CarbonPriceEntry(Entry):
    """[[carbon_price]]."""

    id: Text
    book: Text
    from_: Day = Field(alias="from")
    value: Amount
    source: Text
    evidence: Evidence


PRICES: dict[str, type[Entry]] = {
    "tariff": TariffEntry,
    "band": BandEntry,
    "price": PriceEntry,
    "carbon_price": CarbonPriceEntry,
}


@dataclass(frozen=True, slots=True)
class Prices:
    """The usable entries of a file, each with its number in it."""

    tariffs: list[tuple[int, TariffEntry]]
    bands: list[tuple[int, BandEntry]]
    prices: list[tuple[int, PriceEntry]]
    carbon: list[tuple[int, CarbonPriceEntry]]

    def tariffs_of(self, book: str) -> tuple[Tariff, ...]:
        """A book's tariffs by date; prices in the order of BANDS."""
        found = []
        for _, entry in self.tariffs:
            if entry.book == book:
                prices: dict[str, float] = {b: entry.prices[b] for b in BANDS if b in entry.prices}
                fields = entry.model_dump(exclude={"book", "prices"})
                found.append(Tariff(prices=prices, **fields))
        return tuple(sorted(found, key=lambda tariff: tariff.from_))

    def bands_of(self, book: str) -> tuple[Band, ...]:
        """A book's bands in the order of the file."""
        return tuple(
            Band(
                tariff=entry.tariff,
                band=entry.band,
                months=tuple(sorted(set(entry.months))),
                days=tuple(sorted(set(entry.days))),
                hours=tuple((begin, end) for begin, end in entry.hours),
            )
            for _, entry in self.bands
            if entry.book == book
        )

    def prices_of(self, book: str) -> tuple[Price, ...]:
        """A book's flat prices by carrier, then date."""
        found = [Price(**e.model_dump(exclude={"book"})) for _, e in self.prices if e.book == book]
        return tuple(sorted(found, key=lambda price: (price.carrier, price.from_)))

    def carbon_of(self, book: str) -> tuple[CarbonPrice, ...]:
        """A book's carbon prices by date."""
        of_book = [entry for _, entry in self.carbon if entry.book == book]
        found = [CarbonPrice(**entry.model_dump(exclude={"book"})) for entry in of_book]
        return tuple(sorted(found, key=lambda price: price.from_))


def read_prices(sheet: Sheet, currencies: dict[str, str | None]) -> Prices:
    """The prices of a file, checked; ``currencies`` are those of its books."""
    prices = Prices(
        sheet.entries(TariffEntry, "tariff"),
        sheet.entries(BandEntry, "band"),
        sheet.entries(PriceEntry, "price"),
        sheet.entries(CarbonPriceEntry, "carbon_price"),
    )
    tariffs = {(entry.book, entry.id) for _, entry in prices.tariffs}
    for number, band in prices.bands:
        if (band.book, band.tariff) not in tariffs:
            known = [name for book, name in tariffs if book == band.book]
            sheet.unknown(("band", number, "tariff"), band.tariff, "tariff in this book", known)
    for number, tariff in prices.tariffs:
        _check_day(sheet, number, tariff, [b for _, b in prices.bands if b.tariff == tariff.id])
    for number, price in prices.prices:
        _check_price(sheet, number, price, currencies.get(price.book))
    _check_dates(sheet, prices)
    return prices


def _check_price(sheet: Sheet, number: int, price: PriceEntry, currency: str | None) -> None:
    fitting = [f"{currency or 'CNY'}/{unit}" for unit in PRICE_UNITS[price.carrier]]
    if price.unit not in fitting:
        limit = f"a price of {price.carrier} in this book is in {listed(fitting)}"
        sheet.fault(("price", number, "unit"), limit, price.unit)


def _check_dates(sheet: Sheet, prices: Prices) -> None:
    rows: list[tuple[str, int, tuple[str, str, date], str]] = [
        *(("tariff", n, (e.book, "", e.from_), e.id) for n, e in prices.tariffs),
        *(("price", n, (e.book, e.carrier, e.from_), e.id) for n, e in prices.prices),
        *(("carbon_price", n, (e.book, "", e.from_), e.id) for n, e in prices.carbon),
    ]
    seen: dict[object, str] = {}
    for section, number, key, name in rows:
        if (section, key) in seen:
            limit = f"{seen[section, key]} has the same date; only one can be in force"
            sheet.fault((section, number, "from"), limit, key[2])
        seen.setdefault((section, key), name)
        if (section, name) in seen:
            sheet.fault((section, number, "id"), f"is already the id of another {section}", name)
        seen[section, name] = name


def _check_day(sheet: Sheet, number: int, tariff: TariffEntry, bands: Sequence[BandEntry]) -> None:
    path = ("tariff", number)
    for band in dict.fromkeys(each.band for each in bands):
        if band not in tariff.prices:
            sheet.fault((*path, "prices"), f"has no price for its band {band}")
    claimed = np.zeros((13, 8, QUARTERS), int)
    for each in bands:
        claimed += holds(each.months, each.days, each.hours)
    inside = claimed[1:, 1:]
    for count, limit in ((inside > 1, "two bands claim {0}"), (inside < 1, "no band holds {0}")):
        found = np.argwhere(count)
        if len(found):
            month, day, quarter = (found[0] + (1, 1, 0)).tolist()
            where = f"{clock(quarter)} of weekday {day} in month {month}"
            sheet.fault(path, limit.format(where) + "; a day is shared out without a rest")


def holds(
    months: Iterable[int], days: Iterable[int], hours: Iterable[Sequence[str]]
) -> NDArray[np.bool_]:
    """When a band holds, by month (1 to 12), weekday (1 to 7) and quarter of an hour; (13, 8, 96).

    Rows and columns 0 are nobody's.
    """
    of_months, of_days, of_day = np.zeros(13, bool), np.zeros(8, bool), np.zeros(QUARTERS, bool)
    of_months[list(months)], of_days[list(days)] = True, True
    for begin, end in hours:
        of_day[_quarter(begin) : _quarter(end)] = True
    return of_months[:, None, None] & of_days[None, :, None] & of_day[None, None, :]


def clock(quarter: int) -> str:
    """A quarter of an hour of the day as a clock shows it."""
    return f"{quarter // 4:02d}:{quarter % 4 * 15:02d}"


def _quarter(text: str) -> int:
    return int(text[:2]) * 4 + int(text[3:]) // 15
