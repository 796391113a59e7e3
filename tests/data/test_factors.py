from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.factor_table import factor_tables
from data.factors import (
    Book,
    BookFaults,
    BookNotFound,
    Books,
    Factor,
    NoFigureError,
    bundled_books,
    load_book,
)
from data.line import ENERGY_CARRIERS, BookNames, Names
from data.zones import zone

REPOSITORY = Path(__file__).parents[2]
CHINA = BookNames(
    location="cn_grid_national",
    market="cn_grid_national_residual",
    product="cn_electricity_footprint",
)
OWN = """
format = "greenline.factors/1"

[[book]]
id = "own"
timezone = "UTC"

[[factor]]
id = "own_2024"
book = "own"
series = "supplier"
region = "CN"
carrier = "electricity"
data_year = 2024
published = 2025-03-01
value = 0.4
unit = "kgCO2e/kWh"
gas = "CO2e"
scope = 2
source = "supplier"
evidence = "supplied"

[[factor]]
id = "own_2025"
book = "own"
series = "supplier"
region = "CN"
carrier = "electricity"
data_year = 2025
published = 2026-03-01
value = 350
unit = "kgCO2e/GJ"
gas = "CO2e"
scope = 2
source = "supplier"
evidence = "supplied"

[[factor]]
id = "own_gas"
book = "own"
series = "supplier"
region = "CN"
carrier = "natural_gas"
data_year = 2025
published = 2026-03-01
value = 2.0
unit = "kgCO2e/m3"
gas = "CO2e"
scope = 1
source = "supplier"
evidence = "supplied"

[[heating_value]]
book = "own"
carrier = "natural_gas"
value = 36.0
unit = "MJ/m3"
source = "gas bill"
evidence = "supplied"
"""


def ns(year: int, month: int, day: int, hour: int = 12, zone_name: str = "Asia/Shanghai") -> int:
    moment = datetime(year, month, day, hour, tzinfo=zone(zone_name))
    return int(moment.timestamp()) * 10**9


@pytest.fixture(scope="module")
def china() -> Books:
    return Books.load(CHINA, None)


def own_books(tmp_path: Path, text: str = OWN, **names: str) -> Books:
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    return Books.load(BookNames(**(names or {"location": "own.toml"})), tmp_path)


@pytest.mark.parametrize(
    ("view", "moment", "value", "evidence"),
    [
        ("location", (2023, 1, 1), 0.5568, "estimated"),
        ("location", (2024, 6, 1), 0.5568, "seen"),
        ("location", (2025, 6, 1), 0.5366, "seen"),
        ("location", (2026, 3, 2), 0.5306, "seen"),
        ("market", (2026, 3, 2), 0.6096, "seen"),
        ("product", (2025, 6, 1), 0.6205, "seen"),
        ("product", (2026, 3, 2), 0.5777, "seen"),
    ],
)
def test_the_newest_published_factor_is_in_force(china, view, moment, value, evidence):
    found = china.in_force(view, "electricity", ns(*moment))
    assert (found.kg_per_kwh, found.evidence, found.scope) == (value, evidence, 2)


def test_a_factor_applies_from_local_midnight_of_its_date(china: Books):
    midnight = ns(2025, 12, 31, 0)
    assert datetime.fromtimestamp(midnight / 1e9, UTC).hour == 16
    before = china.in_force("location", "electricity", midnight - 1)
    after = china.in_force("location", "electricity", midnight)
    assert before is not None
    assert after is not None
    assert (before.factor.data_year, after.factor.data_year) == (2022, 2023)
    assert midnight in china.breaks_ns()


@pytest.mark.parametrize(
    ("carrier", "kg_per_gj", "scope"),
    [
        ("natural_gas", 55.5, 1),
        ("lpg", 61.8, 1),
        ("diesel", 72.6, 1),
        ("heat", 110.0, 2),
        ("steam", 110.0, 2),
    ],
)
@pytest.mark.parametrize("view", ["location", "market", "product"])
def test_fuels_and_heat_are_the_same_in_every_view(china, view, carrier, kg_per_gj, scope):
    found = china.in_force(view, carrier, ns(2026, 3, 2))
    assert found.kg_per_kwh / 0.0036 == pytest.approx(kg_per_gj, abs=0.06)
    assert found.scope == scope


def test_a_view_without_a_book_has_no_electricity_but_fuels():
    books = Books.load(BookNames(location="cn_grid_national"), None)
    slots = np.array([0, ns(2026, 3, 2)], np.int64)
    assert books.in_force("market", "electricity", 0) is None
    assert np.isnan(books.kg_per_kwh("market", "electricity", slots)).all()
    assert books.in_force("market", "natural_gas", 0) is not None
    assert books.in_force("location", "compressed_air", 0) is None


@given(st.lists(st.integers(ns(2020, 1, 1), ns(2030, 1, 1)), min_size=1))
def test_slots_at_once_are_as_one_by_one(times: list[int]):
    books = Books.load(CHINA, None)
    for view in ("location", "market", "product"):
        for carrier in ("electricity", "natural_gas"):
            at_once = books.kg_per_kwh(view, carrier, np.array(times, np.int64))
            assert at_once.dtype == np.float64
            one_by_one = [books.in_force(view, carrier, time) for time in times]
            assert at_once.tolist() == [found.kg_per_kwh for found in one_by_one if found]


def test_between_two_breaks_nothing_changes(china: Books):
    breaks = china.breaks_ns()
    assert list(breaks) == sorted(set(breaks))
    for begin, end in zip(breaks, [*breaks[1:], breaks[-1] + 10**18], strict=True):
        for view in ("location", "market", "product"):
            for carrier in ENERGY_CARRIERS:
                first = china.in_force(view, carrier, begin)
                assert first == china.in_force(view, carrier, end - 1)


def test_heating_values(china: Books):
    assert china.kwh_per_unit("natural_gas", "m3") == pytest.approx(389.31e3 / 1e4 / 3.6)
    assert china.kwh_per_unit("natural_gas", "L") == pytest.approx(389.31 / 1e4 / 3.6)
    assert china.kwh_per_unit("natural_gas", "m3/min") == pytest.approx(38.931 / 3.6 * 60)
    assert china.kwh_per_unit("lpg", "t") == pytest.approx(50179 / 3.6)
    assert china.kwh_per_unit("diesel", "kg") == pytest.approx(42.652 / 3.6)
    assert china.kwh_per_unit("heat", "GJ") == pytest.approx(1 / 0.0036)
    assert china.kwh_per_unit("electricity", "kWh") == 1
    with pytest.raises(NoFigureError, match="no book has a heating value of diesel in MJ/m3"):
        china.kwh_per_unit("diesel", "L")


def test_burning_a_cubic_metre_gives_its_factor(china: Books):
    found = china.in_force("location", "natural_gas", ns(2026, 3, 2))
    assert found is not None
    assert found.kg_per_kwh * china.kwh_per_unit("natural_gas", "m3") == pytest.approx(2.162)


@pytest.mark.parametrize("carrier", ENERGY_CARRIERS)
def test_coal_equivalents_agree_with_heat_content(china: Books, carrier: str):
    assert china.kgce_per_kwh(carrier) == pytest.approx(3.6 / 29.3076, rel=2e-3)


def test_every_bundled_book_round_trips():
    for name, book in bundled_books().items():
        key = "tariff" if book.prices else "carbon_price" if book.carbon_prices else "location"
        if not (book.factors or book.prices or book.carbon_prices):
            continue  # it stands behind all of them
        books = Books.load(replace(BookNames(), **{key: name}), None)
        again = Books.from_toml(books.to_toml())
        assert again == books
        assert hash(again) == hash(books)
        assert again.to_toml() == books.to_toml()
        assert again.digest == books.digest


def test_the_digest_is_of_the_content(china: Books):
    assert china.digest == Books.load(CHINA, None).digest
    other = Books.load(replace(CHINA, market=None), None)
    assert other.digest != china.digest
    assert china.location is not None
    factor = replace(china.location.factors[0], value=0.5)
    book = replace(china.location, factors=(factor, *china.location.factors[1:]))
    assert replace(china, location=book).digest != china.digest


words = st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8
)  # fmt: skip


@st.composite
def factor_sets(draw) -> tuple[Factor, ...]:
    days = draw(st.lists(st.dates(date(2000, 1, 1), date(2100, 1, 1)), unique=True, max_size=4))
    series, region = draw(words), draw(words)
    return tuple(
        Factor(
            id=f"f{i}",
            series=series,
            region=region,
            carrier="electricity",
            data_year=day.year,
            published=day,
            value=draw(st.floats(0, 3)),
            unit="kgCO2/kWh",
            gas="CO2",
            scope=2,
            source=draw(words),
            evidence=draw(st.sampled_from(["supplied", "seen", "recalled", "computed"])),
        )
        for i, day in enumerate(sorted(days))
    )


@given(factor_sets(), words, words, st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]))
def test_any_book_round_trips(factors, book_id, name, timezone):
    book = Book(id=book_id, names=Names(name, name), timezone=timezone, factors=factors)
    books = Books(location=book)
    assert Books.from_toml(books.to_toml()) == books


def test_own_book(tmp_path: Path):
    books = own_books(tmp_path)
    early = books.in_force("location", "electricity", ns(2025, 6, 1))
    late = books.in_force("location", "electricity", ns(2026, 6, 1))
    assert early is not None
    assert late is not None
    assert (early.kg_per_kwh, early.evidence) == (0.4, "supplied")
    assert late.kg_per_kwh == pytest.approx(350 * 0.0036)
    # Its gas counts under every view, by its own heating value.
    gas = books.in_force("product", "natural_gas", ns(2026, 6, 1))
    assert gas is not None
    assert gas.kg_per_kwh == pytest.approx(2.0 / 10)
    assert books.kwh_per_unit("natural_gas", "m3") == pytest.approx(10)
    assert books.in_force("product", "diesel", 0) is not None


def test_a_pinned_factor_is_in_force_at_all_times(tmp_path: Path):
    text = OWN.replace('id = "own"\n', 'id = "own"\npin = { electricity = "own_2024" }\n')
    books = own_books(tmp_path, text)
    for year in (2020, 2025, 2030):
        found = books.in_force("location", "electricity", ns(year, 1, 1))
        assert found is not None
        assert (found.factor.id, found.evidence) == ("own_2024", "supplied")
    assert Books.from_toml(books.to_toml()) == books


def test_one_book_of_several_is_named_with_its_id(tmp_path: Path):
    text = OWN + '\n[[book]]\nid = "other"\n'
    with pytest.raises(BookFaults, match=r"holds 2 books; name one of them: .own.toml#own"):
        own_books(tmp_path, text)
    assert own_books(tmp_path, text, market="own.toml#own").market is not None
    with pytest.raises(BookNotFound):
        load_book("own.toml#none", tmp_path)


FAULTS = {
    "negative": ("value = 0.4", "value = -0.4", "factor[0].value (own_2024) = -0.4: must be at le"),
    "nan": ("value = 0.4", "value = nan", "must be a finite number"),
    "text": ("value = 0.4", 'value = "0.4"', "must be a number"),
    "absurd": ("value = 0.4", "value = 400", "is beyond belief; at most 3 kgCO2e/kWh"),
    "carrier": ('"natural_gas"\ndata', '"natural_gaz"\ndata', 'did you mean "natural_gas"?'),
    "unit": ('"kgCO2e/m3"', '"kgCO2e/kg"', "a factor of natural_gas in CO2e is in"),
    "unit of the other gas": ('"kgCO2e/GJ"', '"kgCO2/GJ"', 'did you mean "kgCO2e/GJ"?'),
    "gas": ('gas = "CO2e"', 'gas = "CO"', 'must be "CO2" or "CO2e"'),
    "source": ('source = "supplier"\n', "", "factor[0].source (own_2024): is missing"),
    "empty source": ('source = "supplier"', 'source = ""', "must not be empty"),
    "same date": ("2026-03-01", "2025-03-01", "own_2024 has the same date; only one can be in"),
    "date as text": ("2026-03-01", '"2026-03-01"', "factor[1].published (own_2025)"),
    "year": ("data_year = 2024", "data_year = 2026", "is after the year of publication, 2025"),
    "scope": ("scope = 1", "scope = 2", "natural_gas is scope 1"),
    "scope 3": ("scope = 1", "scope = 3", "natural_gas is scope 1"),
    "series": ('"supplier"', '"other"', "one book never mixes series"),
    "id": ('"own_2025"', '"own_2024"', "is already the id of another factor"),
    "book": ('book = "own"', 'book = "onw"', 'no such book in this file; did you mean "own"?'),
    "zone": ('"UTC"', '"UTX"', "unknown time zone"),
    "pin": ('id = "own"\n', 'id = "own"\npin = { electricity = "x" }\n', "no such factor of elec"),
    "pin of what": ('id = "own"\n', 'id = "own"\npin = { wood = "x" }\n', "no such carrier"),
    "heating value": ("value = 36.0", "value = 36000.0", "must be at most 150"),
    "heating unit": ('"MJ/m3"', '"MJ/kg"', 'the heating value of natural_gas is in "MJ/m3"'),
    "unknown key": ("region", "regoin", 'unknown key; did you mean "region"?'),
    "format": ("factors/1", "factors/9", 'this version reads "greenline.factors/1"'),
    "toml": ("[[book]]", "[[book]", "is not valid TOML"),
    "no book": ('[[book]]\nid = "own"\ntimezone = "UTC"', "", "is missing: a factor file holds"),
}


@pytest.mark.parametrize(("old", "new", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_named_with_its_limit(tmp_path: Path, old: str, new: str, said: str):
    assert old in OWN
    with pytest.raises(BookFaults) as caught:
        own_books(tmp_path, OWN.replace(old, new, 1))
    assert said in str(caught.value)
    assert all(str(fault).startswith("own.toml") for fault in caught.value.faults)


def test_all_faults_come_at_once(tmp_path: Path):
    text = OWN.replace("value = 0.4", "value = -1").replace("scope = 1", "scope = 2")
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    names = BookNames(location="own.toml", market="cn_grid_natoinal", carbon_price="x")
    with pytest.raises(BookFaults) as caught:
        Books.load(names, tmp_path)
    said = str(caught.value)
    assert len(caught.value.faults) == 4
    for part in (
        "must be at least 0",
        "natural_gas is scope 1",
        'did you mean "cn_grid_national"?',
        "x: no such book: neither bundled nor a file",
    ):
        assert part in said


def test_an_own_book_cannot_take_a_bundled_ones_id(tmp_path: Path):
    with pytest.raises(BookFaults, match="two books of this id differ"):
        own_books(tmp_path, OWN.replace('"own"', '"cn_fuels"'))


@pytest.mark.parametrize("name", ["", "none", "a\0b", "x" * 5000, "#", ".", "..", "\ud800"])
def test_a_book_that_is_not_there(tmp_path: Path, name: str):
    with pytest.raises(BookFaults):
        load_book(name, tmp_path)
    with pytest.raises(BookNotFound):
        load_book(name, None)


VALUES = st.sampled_from(
    ["nan", "-1", "1e308", "9" * 400, '""', "[]", "{}", "true", "0001-01-01", "9999-12-31",
     "2026-03-01T00:00:00Z", '"own"', '"electricity"', '"UTC"', '"a\\u0000"', "{ electricity = 1 }"]
)  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, OWN.count("\n")), VALUES), min_size=1, max_size=3))
def test_a_mutated_book_gives_books_or_faults_of_one_line_each(changes):
    lines = OWN.split("\n")
    for number, value in changes:
        lines[number] = lines[number].split("=")[0] + "= " + value
    try:
        books = Books.from_toml("\n".join(lines), "own.toml")
    except BookFaults as error:
        assert all(str(fault).isprintable() for fault in error.faults)  # noqa: PT017
    else:
        assert Books.from_toml(books.to_toml()) == books


def test_no_books_at_all_round_trip():
    assert Books.from_toml(Books().to_toml()) == Books()
    assert Books().in_force("location", "diesel", 0) is None
    assert Books().breaks_ns() == ()


@given(st.text(max_size=60))
def test_any_text_gives_books_or_faults(text: str):
    with pytest.raises(BookFaults):
        Books.from_toml(text)


def test_the_page_lists_what_is_bundled():
    page = (REPOSITORY / "docs" / "factors.md").read_text(encoding="utf-8")
    assert page.split("<!-- tables -->\n\n")[1] == factor_tables()


def test_the_pages_example_is_a_book(tmp_path: Path):
    page = (REPOSITORY / "docs" / "factors.md").read_text(encoding="utf-8")
    example = page.split("```toml\n")[-1].split("```")[0]
    books = own_books(tmp_path, example)
    found = books.in_force("location", "electricity", 0)
    assert found is not None
    assert found.kg_per_kwh == 0.412
