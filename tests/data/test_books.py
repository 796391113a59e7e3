"""Own books: contracts, released gases, tariffs and prices, what is wrong in them, and a log's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.factors import BANDS, BookFaults, Books, bundled_books
from data.line import BookNames

SHANGHAI = ZoneInfo("Asia/Shanghai")
TARIFF = """
format = "greenline.factors/1"
[[book]]
id = "bill"
timezone = "Asia/Shanghai"
currency = "CNY"
[[tariff]]
id = "bill_2026"
book = "bill"
from = 2026-01-01
prices = { peak = 1.2, valley = 0.3 }
export_price = 0.4
source = "bill"
evidence = "supplied"
[[band]]
book = "bill"
tariff = "bill_2026"
band = "peak"
days = [1, 2, 3, 4, 5]
hours = [["08:00", "20:00"]]
[[band]]
book = "bill"
tariff = "bill_2026"
band = "valley"
days = [1, 2, 3, 4, 5]
hours = [["00:00", "08:00"], ["20:00", "24:00"]]
[[band]]
book = "bill"
tariff = "bill_2026"
band = "valley"
days = [6, 7]
"""
CLAIMS = """
format = "greenline.factors/1"
[[book]]
id = "ours"
timezone = "Asia/Shanghai"
base = "cn_grid_national_residual"
[[contract]]
id = "gec"
book = "ours"
kind = "certificate"
from = 2026-01-01
share = 0.3
value = 0
unit = "kgCO2e/kWh"
renewable = true
source = "certificate"
evidence = "supplied"
[[release]]
id = "refill"
book = "ours"
gas = "SF6"
kg = 1.5
date = 2026-03-02
source = "service sheet"
evidence = "supplied"
"""


def load(text: str, key: str, folder: Path) -> Books:
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return Books.load(replace(BookNames(), **{key: "own.toml"}), folder)


def utc_ns(*local: int) -> int:
    return int(datetime(*local, tzinfo=SHANGHAI).timestamp()) * 10**9  # type: ignore[arg-type]


def band_at(books: Books, *local: int) -> tuple[str, float]:
    found = books.electricity_prices(np.array([utc_ns(*local)], np.int64))
    assert found is not None
    return BANDS[int(found.band[0])], float(found.per_kwh[0])


@pytest.mark.parametrize(
    ("local", "band"),
    [
        ((2026, 3, 2, 7, 45), ("valley", 0.3)),
        ((2026, 3, 2, 8, 0), ("peak", 1.2)),
        ((2026, 3, 2, 19, 45), ("peak", 1.2)),
        ((2026, 3, 2, 20, 0), ("valley", 0.3)),
        ((2026, 3, 7, 12, 0), ("valley", 0.3)),
    ],
)
def test_a_band_holds_in_its_hours_and_days(
    local: tuple[int, ...], band: tuple[str, float], tmp_path: Path
) -> None:
    assert band_at(load(TARIFF, "tariff", tmp_path), *local) == band


def test_guangdong_has_critical_hours_in_summer() -> None:
    books = Books.load(BookNames(tariff="cn_guangdong"), None)
    assert band_at(books, 2026, 7, 1, 11, 30) == ("critical", 1.215 * 1.25)
    assert band_at(books, 2026, 6, 30, 11, 30) == ("peak", 1.215)


@given(st.integers(0, 365 * 96))
def test_every_quarter_of_an_hour_of_the_bundled_tariff_has_a_price(quarter: int) -> None:
    books = Books.load(BookNames(tariff="cn_guangdong"), None)
    begin = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 10**9
    found = books.electricity_prices(np.array([begin + quarter * 900 * 10**9], np.int64))
    assert found is not None
    assert found.per_kwh[0] > 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["08:00", "20:00"]', '["08:00", "21:00"]', "two bands claim 20:00 of weekday 1"),
        ('["08:00", "20:00"]', '["09:00", "20:00"]', "no band holds 08:00 of weekday 1"),
        ('["08:00", "20:00"]', '["08:10", "20:00"]', "pairs of quarters of an hour"),
        ('["08:00", "20:00"]', '["20:00", "08:00"]', "must end later than they begin"),
        ("peak = 1.2", "peak = -1.2", "must be at least 0"),
        ("peak = 1.2", "peak = 1e9", "must be at most 1e+06"),
        ("peak = 1.2, ", "", "has no price for its band peak"),
        ("days = [6, 7]", "days = [6, 8]", "numbers from 1 to 7"),
        ('tariff = "bill_2026"', 'tariff = "bill_2025"', "no such tariff in this book"),
        ("from = 2026-01-01", "from = 1026-01-01", "must lie in 1990 to 2200"),
    ],
)
def test_a_tariff_with_a_fault_is_refused_in_words(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(BookFaults, match=said.replace("+", r"\+")):
        load(TARIFF.replace(old, new, 1), "tariff", tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("share = 0.3", "share = 1.3", "must be at most 1"),
        ("share = 0.3", "share = 0.3\nkwh_per_year = 5", 'needs one of "kwh_per_year" or "share"'),
        ("share = 0.3", "", 'needs one of "kwh_per_year" or "share"'),
        ("value = 0\n", "value = 400\n", "must be at most 3"),
        ("share = 0.3", "share = 0.3\nto = 2025-01-01", "must come after from"),
        ('gas = "SF6"', 'gas = "SF7"', 'did you mean "SF6"'),
        ("kg = 1.5", "kg = -1.5", "must be above 0"),
        ('base = "cn_grid_national_residual"', 'base = "cn_grid_mars"', "no such book"),
        ('base = "cn_grid_national_residual"', 'base = "ours"', "is built upon itself"),
    ],
)
def test_a_claim_with_a_fault_is_refused_in_words(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(BookFaults) as error:
        load(CLAIMS.replace(old, new, 1), "market", tmp_path)
    assert said in str(error.value)


def test_two_prices_of_one_date_are_refused(tmp_path: Path) -> None:
    prices = "".join(
        f"""
[[carbon_price]]
id = "p{i}"
book = "ets"
from = 2026-01-01
value = {value}
source = "exchange"
evidence = "supplied"
"""
        for i, value in enumerate((70, 80))
    )
    text = f'format = "greenline.factors/1"\n[[book]]\nid = "ets"\n{prices}'
    with pytest.raises(BookFaults, match="p0 has the same date; only one can be in force"):
        load(text, "carbon_price", tmp_path)


def test_a_book_under_the_wrong_key_is_refused() -> None:
    with pytest.raises(BookFaults, match="cn_ets: is no tariff book"):
        Books.load(BookNames(tariff="cn_ets"), None)
    with pytest.raises(BookFaults, match='did you mean "cn_guangdong"'):
        Books.load(BookNames(tariff="cn_guandong"), None)


@pytest.mark.parametrize(("text", "key"), [(TARIFF, "tariff"), (CLAIMS, "market")])
def test_a_log_keeps_own_books_and_what_they_build_upon(
    text: str, key: str, tmp_path: Path
) -> None:
    books = load(text, key, tmp_path)
    again = Books.from_toml(books.to_toml())
    assert again == books
    assert again.to_toml() == books.to_toml()
    assert again.contracts == books.contracts
    now = utc_ns(2026, 3, 2)
    assert again.in_force("market", "electricity", now) == books.in_force(
        "market", "electricity", now
    )


def test_a_log_of_before_there_were_prices_opens() -> None:
    names = BookNames(location="cn_grid_national")
    old = Books.load(names, None)
    kept = ("cn_fuels", "cn_heat")
    old = replace(old, defaults=tuple(b for b in old.defaults if b.id in kept))
    again = Books.from_toml(old.to_toml())
    assert again == old
    assert again.electricity_prices(np.zeros(1, np.int64)) is None
    priced = again.with_books_of(Books.load(replace(names, tariff="cn_flat"), None), ["tariff"])
    assert priced.location == old.location
    assert priced.currency == "CNY"


def test_every_series_abroad_is_there() -> None:
    found = {
        factor.id: (factor.value, factor.gas, factor.evidence)
        for book in bundled_books().values()
        for factor in book.factors
    }
    assert found["eu_grid_eea_2024"] == (0.183, "CO2e", "seen")
    assert found["de_grid_uba_2023"] == (0.386, "CO2", "seen")
    assert found["de_grid_eea_2024"] == (0.291, "CO2e", "seen")
    assert found["de_residual_2024"] == (0.701, "CO2", "seen")
    assert found["us_grid_egrid_2022"] == (0.373, "CO2", "recalled")


def test_the_examples_of_the_docs_are_books(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "factors.md").read_text(encoding="utf-8")
    examples = [part.split("```")[0] for part in page.split("```toml\n")[1:]]
    whole = [text for text in examples if text.startswith("format")]
    assert len(whole) == 3
    for text, key in zip(whole, ("market", "tariff", "location"), strict=True):
        assert load(text, key, tmp_path).named[key].id in text
