"""Cost, supply, standard coal, budget and media of a report, as grids for every format.

A grid holds figures as numbers: the workbook writes them, the page shows them as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from data.line import Line
from twin.report import Report
from ui import text
from ui.reports import economy_words as e
from ui.reports import words as w
from ui.reports.words import Words

Cell = str | float | None


@dataclass(frozen=True, slots=True)
class Grid:
    """A titled table; ``digits`` are those of its figures, by column; None: words."""

    title: str
    columns: tuple[str, ...]
    digits: tuple[int | None, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: bool = False  # the last row is a sum


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading, its grids, and sentences below them."""

    title: str
    grids: tuple[Grid, ...]
    sentences: tuple[str, ...] = ()


def chapters(report: Report, line: Line, words: Words) -> Iterator[Chapter]:
    """What there is to say of a report; a chapter without figures is left out."""
    found = (
        _cost(report, words),
        _supply(report, words),
        _coal(report, words),
        _budget(report, line, words),
        _converted(report, words),
        _against(report, words),
        _notes(report, words),
    )
    return (each for each in found if each is not None and (each.grids or each.sentences))


def shown(cell: Cell, digits: int | None) -> str:
    """A cell as text; a dash for what is not known."""
    if isinstance(cell, str):
        return cell
    return text.number(cell, 0 if digits is None else digits)


def _titles(words: Words, *keys: str, **values: object) -> tuple[str, ...]:
    return tuple(words(key, **values) if "{" in words(key) else words(key) for key in keys)


def _cost(report: Report, words: Words) -> Chapter | None:
    cost = report["cost"]
    currency = cost["currency"]
    sentences = [*_demand(cost, words), *_shadow(cost, words)]
    if "by_carrier" not in cost:
        return Chapter(words("cost_title"), (), tuple(sentences)) if sentences else None
    rows: list[tuple[Cell, ...]] = [
        (words.of(w.CARRIERS, carrier), amount) for carrier, amount in cost["by_carrier"].items()
    ]
    rows.append((words("total"), cost["total"]))
    amount = words("cost_amount", currency=currency)
    grids = [
        Grid(
            words("cost_of", currency=currency),
            (words("carrier"), amount),
            (None, 2),
            tuple(rows),
            total=True,
        )
    ]
    bands: list[tuple[Cell, ...]] = [
        (words.of(e.BANDS, name), band["kwh"], band["cost"])
        for name, band in cost["by_band"].items()
    ]
    if cost["exported"]:
        bands.append((words("exported"), None, -cost["exported"]))
    if bands:
        columns = (words("band"), words("kwh"), amount)
        grids.append(Grid(words("cost_by_band"), columns, (None, 1, 2), tuple(bands)))
    return Chapter(words("cost_title"), tuple(grids), tuple(sentences))


def _demand(cost: Mapping[str, Any], words: Words) -> Iterator[str]:
    demand = cost.get("demand")
    if demand:
        yield words(
            "demand_note",
            peak=text.number(demand["peak_kw"], 0),
            amount=text.number(demand["month_cost"], 0),
            currency=cost["currency"],
        )


def _shadow(cost: Mapping[str, Any], words: Words) -> Iterator[str]:
    price = cost.get("carbon")
    if price:
        yield words(
            "carbon_price_note",
            kg=text.number(price["kg"], 0),
            price=text.number(price["price_per_t"], 2),
            id=price["price_id"],
            amount=text.number(price["cost"], 2),
            currency=price["currency"],
        )


def _supply(report: Report, words: Words) -> Chapter | None:
    supply = report["supply"]
    if supply is None:
        return None
    rows: list[tuple[Cell, ...]] = [
        (words.of(e.FLOWS, flow), kwh) for flow, kwh in supply["kwh"].items() if kwh
    ]
    grids = [Grid("", (words("flow"), words("kwh")), (None, 1), tuple(rows), total=True)]
    grids += [*_contracts(supply, words), *_storage(supply, words)]
    shares = words(
        "shares_note",
        renewable=text.percent(supply["renewable_share"]),
        self_used=text.percent(supply["self_consumption"]),
    )
    return Chapter(words("supply_title"), tuple(grids), (shares,))


def _contracts(supply: Mapping[str, Any], words: Words) -> Iterator[Grid]:
    rows = tuple(
        (
            each["id"],
            words.of(e.CONTRACTS, each["kind"]),
            each["kwh"],
            each["kg_per_kwh"],
            words("yes" if each["renewable"] else "no"),
        )
        for each in supply["contracts"]
    )
    if rows:
        columns = _titles(words, "contract_id", "kind", "kwh", "kg_per_kwh", "renewable")
        yield Grid(words("contracts_title"), columns, (None, None, 1, 4, None), rows)


def _storage(supply: Mapping[str, Any], words: Words) -> Iterator[Grid]:
    if supply["storage"] is None:
        return
    keys = ("opening_kg", "taken_kg", "given_kg", "closing_kg")
    rows = tuple(
        (words.of(w.BOOKS, view), *(kept[key] for key in keys))
        for view, kept in supply["storage"].items()
    )
    columns = _titles(words, "book", *keys)
    yield Grid(words("storage_title"), columns, (None, 1, 1, 1, 1), rows)


def _coal(report: Report, words: Words) -> Chapter | None:
    coal = report["kgce"]
    if not coal["by_carrier"]:
        return None
    rows: list[tuple[Cell, ...]] = [
        (words.of(w.CARRIERS, carrier), kgce) for carrier, kgce in coal["by_carrier"].items()
    ]
    rows.append((words("total"), coal["total"]))
    note = words(
        "kgce_note",
        per_vehicle=text.number(coal["per_vehicle"], 2),
        factor=text.number(coal["kgce_per_kwh_electricity"], 4),
    )
    columns = _titles(words, "carrier", "kgce")
    return Chapter(
        words("coal_title"), (Grid("", columns, (None, 1), tuple(rows), total=True),), (note,)
    )


def _budget(report: Report, line: Line, words: Words) -> Chapter | None:
    budget = report["budget"]
    if budget is None:
        return None
    sentence = words(
        "budget_line",
        year=budget["year"],
        by=words.of(e.BUDGET_BY, budget["by"]),
        allowed=text.number(budget["allowed_kg"], 0),
        used=text.number(budget["used_kg"], 0),
        left=text.number(budget["left_kg"], 0),
    )
    of_one = words(
        "budget_per_vehicle",
        allowed=text.number(budget["per_vehicle"]["allowed_kg"], 1),
        used=text.number(budget["per_vehicle"]["used_kg"], 1),
    )
    rows = tuple(
        (
            _local(hour["until"], line),
            hour["allowed_kg"],
            hour["used_kg"],
            hour["allowed_kg"] - hour["used_kg"],
        )
        for hour in budget["burn_down"]
    )
    columns = _titles(words, "until", "allowed_kg", "used_kg", "left_kg")
    grid = Grid(words("burn_down"), columns, (None, 0, 0, 0), rows)
    return Chapter(words("budget_title"), (grid,), (sentence, of_one))


def _local(iso: str, line: Line) -> str:
    at = datetime.fromisoformat(iso).astimezone(ZoneInfo(line.plant.timezone))
    return f"{at:%Y-%m-%d %H:%M}"


def _converted(report: Report, words: Words) -> Chapter | None:
    rows = tuple(
        (
            each["converter"],
            words.of(w.CARRIERS, each["carrier"]),
            words.place(use["place"]),
            use["amount"],
            each["unit"],
            use["kwh"],
            use["kg"],
        )
        for each in report["converted"]
        for use in each["users"]
    )
    columns = _titles(words, "converter", "medium", "user", "amount", "unit", "kwh", "kg")
    grids = [Grid("", columns, (None, None, None, 1, None, 1, 1), rows)] if rows else []
    return Chapter(
        words("converted_title"),
        (*grids, *_releases(report, words)),
        (words("converted_note"),) if rows else (),
    )


def _releases(report: Report, words: Words) -> Iterator[Grid]:
    rows = tuple((r["date"], r["gas"], r["kg"], r["kg_co2e"]) for r in report["releases"])
    if rows:
        columns = _titles(words, "date", "gas", "kg_gas", "kg")
        yield Grid(words("releases_title"), columns, (None, None, 3, 1), rows)


def _against(report: Report, words: Words) -> Chapter | None:
    against = report.get("against")
    if against is None:
        return None
    rows: list[tuple[Cell, ...]] = [
        (f"{words('carbon')}, {words.of(w.BOOKS, view)}, kg CO₂e", *_change(each))
        for view, each in against["carbon_kg"].items()
    ]
    rows += [
        (words(label), *_change(against[key]))
        for key, label in (
            ("energy_kwh", "energy_kwh"),
            ("cost", "energy_cost"),
            ("carbon_cost", "carbon_cost"),
        )
    ]
    columns = _titles(words, "changed", "before", "after", "difference")
    books = tuple(
        f"{words.of(e.BOOK_KEYS, key)}: {each['before'] or text.DASH} → "
        f"{each['after'] or text.DASH}"
        for key, each in against["books"].items()
    )
    return Chapter(
        words("against_title"), (Grid("", columns, (None, 1, 1, 1), tuple(rows)),), books
    )


def _change(each: Mapping[str, Any]) -> Iterable[Cell]:
    return each["before"], each["after"], each["difference"]


def _notes(report: Report, words: Words) -> Chapter | None:
    return Chapter(words("notes_title"), (), tuple(note_text(n, words) for n in report["notes"]))


def note_text(note: Mapping[str, str], words: Words) -> str:
    """A note of the books in words; the ids in it as the rest of the report calls them."""
    parts = note["subject"].split(" ")
    subject = words("comma").join(
        words.of(e.BOOK_KEYS, part) if part in e.BOOK_KEYS else words.of(w.CARRIERS, part)
        for part in parts
        if part
    )
    if note["kind"] == "other_currency":
        subject = note["subject"]
    return words.of(e.NOTES, note["kind"]).format(subject=subject, book=note["book"])
