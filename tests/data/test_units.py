from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import units

# OPC Foundation, UNECE_to_OPCUA.csv
PUBLISHED_IDS = {
    "kWh": 4937544,
    "Wh": 5720146,
    "W": 5723220,
    "kW": 4937556,
    "MW": 5062999,
    "m3": 5067857,
    "m3/h": 5067080,
    "m3/min": 4666675,
    "m3/s": 5067091,
    "Nm3": 5131571,
    "L": 5002322,
    "L/min": 19506,
    "L/s": 4666673,
    "degC": 4408652,
    "bar": 4342098,
    "mbar": 5063250,
    "MPa": 5066817,
    "kg": 4933453,
    "kg/h": 4536627,
    "kg/s": 4933459,
    "t": 5525061,
    "t/h": 4534584,
    "s": 5457219,
    "GJ": 18262,
    "MJ": 13122,
    "kJ": 4934223,
    "J": 4869973,
    "MWh": 5068616,
    "piece": 4732983,
    "%": 20529,
    "1": 4404786,
}
GRAM_PER_MILLILITRE = 18250


@pytest.mark.parametrize(
    ("unit", "base", "multiplier"),
    [
        ("W", "kW", 1e-3),
        ("MW", "kW", 1e3),
        ("GJ/h", "kW", 277.7777777777778),
        ("Wh", "kWh", 1e-3),
        ("MWh", "kWh", 1e3),
        ("J", "kWh", 1 / 3.6e6),
        ("MJ", "kWh", 0.2777777777777778),
        ("GJ", "kWh", 277.7777777777778),
        ("kcal", "kWh", 0.001163),
        ("m³", "m3", 1.0),
        ("L", "m3", 1e-3),
        ("t", "kg", 1e3),
        ("g", "kg", 1e-3),
        ("L/min", "m3/h", 0.06),
        ("m3/s", "m3/h", 3600.0),
        ("kg/min", "kg/h", 60.0),
        ("g/s", "kg/h", 3.6),
        ("°C", "degC", 1.0),
        ("kPa", "bar", 0.01),
    ],
)
def test_to_base(unit: str, base: str, multiplier: float):
    found = units.to_base(unit)
    assert found.unit == base
    assert found.multiplier == pytest.approx(multiplier, rel=1e-12)


def test_a_base_unit_is_its_own_base():
    for unit in units.known_units():
        base, multiplier = units.to_base(unit)
        assert units.to_base(base) == (base, 1.0)
        assert multiplier > 0


def test_opcua_ids_are_the_published_ones():
    assert {unit: units.opcua_unit_id(unit) for unit in PUBLISHED_IDS} == PUBLISHED_IDS
    assert {units.unit_of_opcua_id(number) for number in PUBLISHED_IDS.values()} == set(
        PUBLISHED_IDS
    )


def test_unece_gj_is_no_gigajoule():
    assert units.unece_code("GJ") == "GV"
    assert units.unit_of_opcua_id(GRAM_PER_MILLILITRE) is None


def test_ids_lead_back():
    for unit in units.known_units():
        number = units.opcua_unit_id(unit)
        assert number is None or units.unit_of_opcua_id(number) == unit


@pytest.mark.parametrize(
    ("unit", "near"),
    [("kwh", "kWh"), ("KW", "kW"), ("nm3", "Nm3"), ("kWhh", "kWh"), ("m3/hr", "m3/h")],
)
def test_an_unknown_unit_names_near_ones(unit: str, near: str):
    with pytest.raises(units.UnknownUnitError) as caught:
        units.to_base(unit)
    assert near in caught.value.near
    assert near in str(caught.value)
    assert caught.value.unit == unit


def test_milli_and_mega_are_not_taken_for_each_other():
    for unit in ("mW", "mWh", "mJ", "Kg", "T"):
        with pytest.raises(units.UnknownUnitError):
            units.to_base(unit)


@given(st.text(max_size=8))
def test_any_text_is_a_unit_or_a_typed_error(text: str):
    try:
        base = units.to_base(text)
    except units.UnknownUnitError as error:
        named = error.unit == text
    else:
        named = base.unit in units.known_units()
    assert named
