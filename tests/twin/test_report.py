"""The report: its contract's keys, equal bytes for equal streams, null for what is not known."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.factors import Books
from data.line import BookNames
from data.samples import SampleBlock
from tests.twin.streams import Stream, cut, one_vehicle, streams, two_stations
from twin import report
from twin.accounts import allot
from twin.kpi import KPIS
from twin.ledger import close
from twin.mirror import Mirror

LINE = two_stations()
BOOKS = Books.load(LINE.books, None)
DOCS = Path(__file__).parents[2] / "docs"
CONTRACT = {
    "": {
        *("schema", "line", "from", "to", "log_digest", "vehicles", "energy_kwh", "secondary"),
        *("carbon_kg", "cost", "per_vehicle", "kpi", "bottleneck", "downtime", "quality"),
    },
    "vehicles": {"completed", "good", "rework", "scrap", "by_variant"},
    "energy_kwh": {
        *("total", "by_carrier", "by_workshop", "by_station", "by_state", "by_end_use"),
        *("by_evidence", "on_vehicles", "losses", "wip_open", "wip_close", "unexplained"),
        "balance_error",
    },
    "carbon_kg": {"location", "market", "product"},
    "carbon_kg.location": {"total", "scope1", "scope2", "per_vehicle"},
    "carbon_kg.market": {"total", "scope1", "scope2", "per_vehicle"},
    "carbon_kg.product": {"total", "scope1", "scope2", "per_vehicle"},
    "per_vehicle": {"energy_kwh", "carbon_kg"},
    "per_vehicle.energy_kwh": {"mean", "p10", "p50", "p90"},
    "per_vehicle.carbon_kg": {"mean", "p10", "p50", "p90"},
    "kpi": set(KPIS),
    "kpi.jph": {"value", "unit", "target", "evidence"},
    "quality": {
        *("samples", "bad", "uncertain", "late", "duplicates", "gaps", "dropped", "recovered"),
    },
}
FREE = {  # keys below these are ids of the line, of its states and of the KPIs
    *("by_variant", "by_carrier", "by_workshop", "by_station", "by_state", "by_end_use"),
    *("by_evidence", "balance_error", "secondary", "downtime", "mean_active_s", "kpi"),
    *("by_band", "storage"),
    *("opening", "closing", "change", "balance_kwh", "balance_kg"),
    *("kwh", "sole", "shifting", "workshop", "station", "shift", "hour", "units"),
}


def reported(blocks: list[SampleBlock], books: Books = BOOKS) -> dict[str, Any]:
    mirror = Mirror(LINE, books)
    mirror.warm_up()
    for block in blocks:
        mirror.advance(block)
    ledger = close(mirror.booked())
    return report.build(ledger, allot(ledger), "0")


@pytest.fixture(scope="module")
def stream() -> Stream:
    return one_vehicle(LINE, gap=(200, 300), end=1000)


@pytest.fixture(scope="module")
def found(stream: Stream) -> dict[str, Any]:
    return reported([stream.block()])


def at(tree: dict[str, Any], path: str) -> dict[str, Any]:
    for key in filter(None, path.split(".")):
        tree = tree[key]
    return tree


@pytest.mark.parametrize("path", CONTRACT)
def test_the_contract_is_kept(path: str, found: dict[str, Any]) -> None:
    assert CONTRACT[path] <= set(at(found, path))


def keys_of(tree: Any, parent: str = "") -> set[str]:
    if isinstance(tree, list):
        return set().union(*(keys_of(item, parent) for item in tree))
    if not isinstance(tree, dict):
        return set()
    own = set() if parent in FREE or parent in LINE.station_index else set(tree) - set(KPIS)
    return own.union(*(keys_of(value, key) for key, value in tree.items()))


def test_docs_name_every_key(found: dict[str, Any]) -> None:
    text = (DOCS / "report.md").read_text(encoding="utf-8")
    named = {part for code in re.findall(r"`([^`\n]+)`", text) for part in code.split(".")}
    assert found["gaps"], "a report without gaps has not every key"
    assert keys_of(found) - named == set()


def test_keys_are_sorted_and_the_text_ends_with_a_newline(found: dict[str, Any]) -> None:
    text = report.to_json(found)
    again = json.loads(text)
    assert text.endswith(b"}\n")
    assert text == report.to_json(dict(reversed(again.items())))

    def check(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        assert names == sorted(names)

    json.loads(text, object_pairs_hook=check)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_floats_read_back_and_what_is_not_finite_is_null(value: float) -> None:
    again = json.loads(report.to_json({"a": {"b": [value]}}))["a"]["b"][0]
    assert again == (value if math.isfinite(value) else None)
    if math.isfinite(value):
        assert math.copysign(1, again) == math.copysign(1, value)


def test_numbers_of_a_real_report_read_back(found: dict[str, Any]) -> None:
    again = json.loads(report.to_json(found))
    assert again["energy_kwh"]["total"] == found["energy_kwh"]["total"] > 0
    assert again["gaps"] == found["gaps"]


def test_without_a_factor_carbon_is_null(found: dict[str, Any]) -> None:
    assert math.isnan(found["carbon_kg"]["location"]["scope2"])
    assert json.loads(report.to_json(found))["carbon_kg"]["location"]["scope2"] is None


def test_text_is_utf_8() -> None:
    assert "焊装".encode() in report.to_json({"line": "焊装"})


@settings(max_examples=15, deadline=None)
@given(streams(), st.lists(st.integers(0, 9), max_size=20))
def test_the_same_stream_gives_the_same_bytes(stream: Stream, sizes: list[int]) -> None:
    whole = report.to_json(reported([stream.block()]))
    assert report.to_json(reported(cut(stream.block(), sizes))) == whole


def test_the_parts_are_the_whole(found: dict[str, Any]) -> None:
    energy = found["energy_kwh"]
    for cut_by in (key for key in energy if key.startswith("by_")):
        assert math.fsum(energy[cut_by].values()) == pytest.approx(energy["total"])
    account = energy["on_vehicles"] + energy["wip_close"] - energy["wip_open"]
    assert account + energy["losses"] + energy["unexplained"] == pytest.approx(energy["total"])


def test_the_factors_in_force_are_named(stream: Stream) -> None:
    books = Books.load(BookNames(location="cn_grid_national"), None)
    factors = reported([stream.block()], books=books)["factors"]
    electric = [each for each in factors if each["carrier"] == "electricity"]
    assert electric == [
        {
            "view": "location",
            "carrier": "electricity",
            "factor": "cn_grid_national_2023",
            "data_year": 2023,
            "published": "2025-12-31",
            "kg_per_kwh": 0.5306,
            "gas": "CO2",
            "evidence": "seen",
        }
    ]
    assert {each["carrier"] for each in factors} == {"electricity"}, "the gas meter is mute"


def test_downtime_and_gap_in_seconds(found: dict[str, Any]) -> None:
    assert found["downtime"]["S1"]["failed"] == pytest.approx(130)  # 70 s to the gap at 200 s
    assert found["gaps"] == [
        {
            "source": "plc",
            "from": "2026-03-01T22:03:20.000000Z",
            "to": "2026-03-01T22:05:00.000000Z",
            "seconds": 100.0,
        }
    ]


def test_a_log_without_a_session_has_no_period() -> None:
    empty = Stream(LINE)
    empty.at(0, "S1.state", "idle")
    found = json.loads(report.to_json(reported([empty.block()])))
    assert found["from"] is None
    assert found["to"] is None
    assert found["bottleneck"]["station"] is None
    assert found["per_vehicle"]["energy_kwh"]["mean"] is None


def test_moments_are_to_the_microsecond() -> None:
    assert report.iso_utc(1_772_402_400_000_001_999) == "2026-03-01T22:00:00.000001Z"
