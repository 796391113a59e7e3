"""The bundled factors as Markdown tables: ``python -m data.factor_table`` writes docs/factors.md's.

A test holds the page against the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from data.factors import Book, CarbonPrice, Price, Tariff, bundled_books


def factor_tables() -> str:
    """Every figure of every bundled book, as Markdown."""
    books = list(bundled_books().values())
    parts = [
        "### Books\n",
        _table(("book", "name", "名称"), ((f"`{b.id}`", b.names.en, b.names.zh) for b in books)),
        "\n### Emission factors\n",
        _table(
            (
                "factor",
                "carrier",
                "value",
                "unit",
                "data of",
                "in force from",
                "evidence",
                "source",
            ),
            (row for book in books for row in _factor_rows(book)),
        ),
        "\n### Lower heating values\n",
        _table(
            ("book", "carrier", "value", "unit", "evidence", "source"),
            (
                (f"`{b.id}`", v.carrier, f"{v.value:g}", v.unit, v.evidence, v.source)
                for b in books
                for v in b.heating_values
            ),
        ),
        "\n### Coal equivalents\n",
        _table(
            ("book", "carrier", "value", "unit", "evidence", "source"),
            (
                (f"`{b.id}`", v.carrier, f"{v.value:g}", v.unit, v.evidence, v.source)
                for b in books
                for v in b.coal_equivalents
            ),
        ),
        "\n### Warming potentials\n",
        _table(
            ("book", "gas", "kg CO2e/kg", "evidence", "source"),
            (
                (f"`{b.id}`", w.gas, f"{w.value:g}", w.evidence, w.source)
                for b in books
                for w in b.warmings
            ),
        ),
        "\n### Prices\n",
        _table(
            ("price", "of", "value", "in force from", "evidence", "source"),
            (row for book in books for row in _price_rows(book)),
        ),
    ]
    return "\n".join(parts)


def _factor_rows(book: Book) -> Iterable[Sequence[str]]:
    for f in book.factors:
        yield (
            f"`{f.id}`",
            f.carrier,
            f"{f.value:g}",
            f.unit,
            str(f.data_year),
            f.published.isoformat(),
            f.evidence,
            f.source,
        )


def _price_rows(book: Book) -> Iterable[Sequence[str]]:
    def row(name: str, of: str, value: str, each: Tariff | Price | CarbonPrice) -> Sequence[str]:
        return (f"`{name}`", of, value, each.from_.isoformat(), each.evidence, each.source)

    currency = book.currency or "CNY"
    for tariff in book.tariffs:
        bands = ", ".join(f"{band} {price:g}" for band, price in tariff.prices.items())
        yield row(tariff.id, "electricity", f"{bands} {currency}/kWh", tariff)
    for price in book.prices:
        yield row(price.id, price.carrier, f"{price.value:g} {price.unit}", price)
    for carbon in book.carbon_prices:
        yield row(carbon.id, "carbon", f"{carbon.value:g} {currency}/t", carbon)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    print(factor_tables(), end="")
