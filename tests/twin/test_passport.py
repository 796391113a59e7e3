"""A vehicle's passport over the logs of a chain."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.bom import load_bom
from data.scenario_file import load_scenario
from data.toml_file import Faults
from tests.twin.rack_line import Shop, rack_line
from twin.accounts import Accounts
from twin.passport import Chapter, UnknownVehicle, build
from ui.reports.passport import NoFootprint, write_passport

LINE = rack_line()


@pytest.fixture(scope="module")
def chain() -> tuple[Accounts, Accounts]:
    """P0 is made in the first log; V0 is in S1 in the second, takes P0, and is completed."""
    first = Shop(LINE)
    first.begin()
    first.stay("K1", "P0", "a", 10, 50)
    first.stay("K1", "P1", "b", 60, 90)
    before = first.accounts(100)
    second = Shop(LINE)
    second.begin(100)
    second.stay("S1", "V0", "a", 110, 150)
    second.stay("S2", "V0", "a", 160, 190)
    return before, second.accounts(220, before.closing())


def chapters(*accounts: Accounts) -> list[Chapter]:
    return [Chapter(each, f"digest {n}") for n, each in enumerate(accounts)]


def station_sum(figures: dict[str, Any]) -> float:
    rows = [*figures["by_station"].values(), figures["earlier_logs"]]
    return math.fsum(row["direct"] + row["shared"] for row in rows) + figures["scrap"]


def test_a_vehicle_over_two_logs_is_whole(chain: tuple[Accounts, Accounts]) -> None:
    passport = build(chapters(*chain), "V0")
    energy = passport["energy_kwh"]
    assert passport["status"] == "good"
    assert passport["complete"]
    assert passport["final"]
    assert energy["direct"] == pytest.approx(0.4 + 0.4 + 0.3)
    assert energy["by_station"]["K1"]["direct"] == pytest.approx(0.4)
    assert station_sum(energy) == pytest.approx(energy["total"], rel=1e-12)
    assert not any(energy["earlier_logs"].values())
    shops = energy["by_workshop"].values()
    by_shop = math.fsum(row["direct"] + row["shared"] for row in shops)
    assert by_shop + energy["scrap"] == pytest.approx(energy["total"], rel=1e-12)
    assert [visit["station"] for visit in passport["route"]] == ["S1", "S2"]
    (part,) = passport["parts"]
    assert (part["part"], part["into"], part["station"]) == ("P0", "V0", "S1")
    assert part["energy_kwh"] >= 0.4


def test_with_the_last_log_alone_the_rest_is_a_sum(chain: tuple[Accounts, Accounts]) -> None:
    whole, alone = build(chapters(*chain), "V0"), build(chapters(chain[1]), "V0")
    assert alone["energy_kwh"]["total"] == whole["energy_kwh"]["total"]
    assert alone["energy_kwh"]["earlier_logs"]["direct"] == pytest.approx(0.4)
    assert station_sum(alone["energy_kwh"]) == pytest.approx(alone["energy_kwh"]["total"])
    assert alone["parts"][0]["energy_kwh"] == pytest.approx(whole["parts"][0]["energy_kwh"])


def test_a_gate_to_gate_account_says_that_it_is_partial(chain: tuple[Accounts, Accounts]) -> None:
    passport = build(chapters(*chain), "V0")
    assert passport["footprint"]["boundary"] == "gate-to-gate"
    assert passport["footprint"]["partial"] is True
    assert passport["upstream"] is None
    assert passport["pact"] is None
    assert "bom" in passport["pact_missing"]
    assert passport["use_phase"] is None


def test_who_is_not_there_is_said(chain: tuple[Accounts, Accounts]) -> None:
    with pytest.raises(UnknownVehicle, match=r"no vehicle V00 .* did you mean .V0"):
        build(chapters(*chain), "V00")
    with pytest.raises(UnknownVehicle, match="P0 is a part: it went into V0"):
        build(chapters(*chain), "P0")


def bill(folder: Path) -> dict[str, Any]:
    path = folder / "bom.toml"
    path.write_text(
        'format = "greenline.bom/1"\n[bill]\ncountry = "CN"\nfossil_carbon_kg = 150.0\n'
        '[[part]]\nid = "body"\nnames = { en = "Body", zh = "车身" }\nmass_kg = 400\n'
        "kgco2e_per_kg = 2.0\n",
        "utf-8",
    )
    return load_bom(path).kept()


def with_product_factor(accounts: Accounts) -> Accounts:
    """The same under a book that has a product factor."""
    from data.factors import Books
    from data.line import BookNames
    from twin.accounts import allot
    from twin.ledger import Ledger

    books = Books.load(BookNames(product="cn_electricity_footprint"), None)
    ledger = accounts.ledger
    booked = replace(ledger.booked, books=books)
    return allot(Ledger(booked, ledger.cells, ledger.secondary), accounts.carried)


def test_with_a_whole_bill_there_is_a_footprint_for_partners(
    chain: tuple[Accounts, Accounts], tmp_path: Path
) -> None:
    before = with_product_factor(chain[0])
    after = replace(chain[1], carried=before.closing())
    known = [before, with_product_factor(after)]
    passport = build(chapters(*known), "V0", boms={"a": bill(tmp_path)})
    assert passport["pact_missing"] == []
    assert passport["footprint"]["boundary"] == "cradle-to-gate"
    pcf = passport["pact"]["pcf"]
    total = 800.0 + passport["carbon_kg"]["product"]["total"]
    assert float(pcf["pcfExcludingBiogenicUptake"]) == pytest.approx(total, abs=1e-5)
    assert pcf["declaredUnitOfMeasurement"] == "piece"
    assert all(isinstance(pcf[key], str) for key in ("declaredUnitAmount", "fossilCarbonContent"))
    out = tmp_path / "v.pact.json"
    write_passport(passport, LINE, out, "en")
    assert out.stat().st_size > 0
    bare = build(chapters(*chain), "V0")
    with pytest.raises(NoFootprint, match="there is no bill of material"):
        write_passport(bare, LINE, out, "en")


def test_use_and_end_of_life_are_scenarios_set_apart(
    chain: tuple[Accounts, Accounts], tmp_path: Path
) -> None:
    path = tmp_path / "use.toml"
    path.write_text(
        'format = "greenline.scenario/1"\n[use]\nkm = 100000\nyears = 2\nfrom_year = 2026\n'
        "[[consumption]]\nkwh_per_100km = 12\n"
        "[[grid]]\nyear = 2026\nkgco2e_per_kwh = 0.5\n[[grid]]\nyear = 2036\nkgco2e_per_kwh = 0.3\n"
        "[end_of_life]\nkgco2e = 400\n",
        "utf-8",
    )
    passport = build(chapters(*chain), "V0", scenario=load_scenario(path))
    assert passport["use_phase"]["kgco2e"] == pytest.approx(6000 * 0.5 + 6000 * 0.48)
    assert passport["end_of_life"]["kgco2e"] == 400
    bare = build(chapters(*chain), "V0")
    assert passport["energy_kwh"] == bare["energy_kwh"]
    assert bare["end_of_life"] is None


def test_a_car_that_burns_fuel_needs_no_grid(
    chain: tuple[Accounts, Accounts], tmp_path: Path
) -> None:
    path = tmp_path / "use.toml"
    path.write_text(
        'format = "greenline.scenario/1"\n[use]\nkm = 100000\nyears = 2\nfrom_year = 2026\n'
        "[[consumption]]\nl_per_100km = 6\nkgco2e_per_l = 2.5\n",
        "utf-8",
    )
    use = build(chapters(*chain), "V0", scenario=load_scenario(path))["use_phase"]
    assert use["kgco2e"] == pytest.approx(15_000)
    assert use["grid"] == []


@pytest.mark.parametrize("use", ["km = 1e308", "years = 1000000000", "from_year = 1"])
def test_a_life_beyond_belief_is_refused(tmp_path: Path, use: str) -> None:
    key = use.split()[0]
    given = {"km": "km = 1000", "years": "years = 2", "from_year": "from_year = 2026", key: use}
    text = 'format = "greenline.scenario/1"\n[use]\n' + "\n".join(given.values())
    (tmp_path / "use.toml").write_text(text, "utf-8")
    with pytest.raises(Faults, match=key):
        load_scenario(tmp_path / "use.toml")


def test_a_bill_without_any_figure_is_not_known_rather_than_nothing(
    chain: tuple[Accounts, Accounts], tmp_path: Path
) -> None:
    bare = bill(tmp_path)
    parts = [{**part, "kgco2e": None} for part in bare["parts"]]
    upstream = build(chapters(*chain), "V0", boms={"a": {**bare, "parts": parts}})["upstream"]
    assert upstream["kgco2e"] is None
    assert not upstream["complete"]


@pytest.mark.parametrize(("language", "word"), [("en", "Parts built in"), ("zh", "装入的零件")])
def test_the_page_is_read_in_both_languages(
    chain: tuple[Accounts, Accounts], tmp_path: Path, language: Any, word: str
) -> None:
    passport = build(chapters(*chain), "V0", boms={"a": bill(tmp_path)})
    out = tmp_path / "v.html"
    write_passport(passport, LINE, out, language)
    page = out.read_text("utf-8")
    assert word in page
    assert "P0" in page
    assert ("车身" in page) == (language == "zh")
    assert "None" not in page
    assert "nan" not in page
