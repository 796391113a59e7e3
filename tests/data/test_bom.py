"""Bills of material and suppliers' footprints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.bom import Bom, boms_from_json, boms_of, boms_to_json, load_bom
from data.scenario_file import load_scenario
from data.toml_file import Faults
from tests.twin.rack_line import rack_line

BILL = """
format = "greenline.bom/1"
[bill]
source = "our purchasing"
country = "CN"
fossil_carbon_kg = 200.0
[[material]]
id = "steel"
kgco2e_per_kg = 2.0
recycled_kgco2e_per_kg = 0.5
[[part]]
id = "body"
mass_kg = 400
material = "steel"
recycled_share = 0.25
[[part]]
id = "wheel"
count = 4
mass_kg = 10
kgco2e_per_kg = 8.0
[[part]]
id = "seat"
kgco2e = 50
[[part]]
id = "pack"
mass_kg = 300
pact = "pack.json"
"""
PACT = {
    "specVersion": "3.0.0",
    "companyName": "Cell maker",
    "pcf": {
        "declaredUnitOfMeasurement": "kilogram",
        "declaredUnitAmount": "2",
        "pcfExcludingBiogenicUptake": "20.0",
    },
}


def bill(folder: Path, text: str = BILL, pact: object = PACT) -> Bom:
    (folder / "bom.toml").write_text(text, "utf-8")
    (folder / "pack.json").write_text(json.dumps(pact), "utf-8")
    return load_bom(folder / "bom.toml")


def test_each_part_by_what_is_known_of_it(tmp_path: Path) -> None:
    found = bill(tmp_path)
    assert found.faults == ()
    kg = {part.id: (part.kgco2e, part.basis) for part in found.parts}
    assert kg == {
        "body": (400 * (0.75 * 2.0 + 0.25 * 0.5), "material"),
        "wheel": (320.0, "part"),
        "seat": (50.0, "part"),
        "pack": (3000.0, "footprint"),
    }
    assert found.parts[3].source == "Cell maker"


def test_a_log_keeps_a_bill_as_it_was(tmp_path: Path) -> None:
    found = {"a": bill(tmp_path)}
    assert boms_from_json(boms_to_json(found)) == found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("mass_kg = 400", "mass_kg = -400"), "part[0].mass_kg (body) = -400.0: must be from 0 to"),
        (("recycled_share = 0.25", "recycled_share = 25.0"), "must be a share from 0 to 1"),
        (('material = "steel"', 'material = "stel"'), 'did you mean "steel"?'),
        (("kgco2e = 50", "kgco2e = -1e300"), "which is not from 0 to"),
        (("mass_kg = 400", "mass_kg = 1e308"), "must be from 0 to"),
        (('id = "seat"', 'id = "body"'), 'part[2].id (body) = "body": is named twice'),
        (("pack.json", "."), 'part[3].pact (pack) = ".": is no file'),
        (("kgco2e = 50", ""), "part[2] (seat): needs a mass_kg, a kgco2e or a pact file"),
        (("kgco2e_per_kg = 8.0", ""), "has neither a factor nor a material"),
        (("kgco2e_per_kg = 8.0", "kgco2_per_kg = 8.0"), 'did you mean "kgco2e_per_kg"?'),
        (("pack.json", "none.json"), 'part[3].pact (pack) = "none.json": No such file'),
        (("recycled_kgco2e_per_kg = 0.5", ""), "steel has no recycled_kgco2e_per_kg"),
    ],
)
def test_what_is_wrong_with_a_part_is_one_line(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    found = bill(tmp_path, BILL.replace(*change, 1))
    assert any(said in fault for fault in found.faults), found.faults
    assert all("\n" not in fault for fault in found.faults)
    assert sum(part.kgco2e is not None for part in found.parts) >= 2


@pytest.mark.parametrize(
    ("pact", "said"),
    [
        ([1], "is no product footprint of PACT v3"),
        ({**PACT, "specVersion": "2.1.0"}, "is no product footprint of PACT v3"),
        ({**PACT, "pcf": {**PACT["pcf"], "declaredUnitAmount": "0"}}, "must be above 0"),  # type: ignore[dict-item]
        ({**PACT, "pcf": {**PACT["pcf"], "declaredUnitOfMeasurement": "litre"}}, "'litre'"),  # type: ignore[dict-item]
        ({**PACT, "pcf": {"declaredUnitAmount": "1"}}, "has no number pcf.pcfExcluding"),
    ],
)
def test_a_suppliers_file_that_is_none_is_said(tmp_path: Path, pact: object, said: str) -> None:
    found = bill(tmp_path, pact=pact)
    assert len(found.faults) == 1
    assert said in found.faults[0]
    assert found.parts[3].kgco2e is None


def test_a_bill_that_is_none_leaves_the_line_files_figure(tmp_path: Path) -> None:
    (tmp_path / "bom.toml").write_text("no toml", "utf-8")
    boms, said = boms_of(rack_line(bom='bom = "bom.toml"'), tmp_path)
    assert boms == {}
    assert len(said) == 1
    assert "a keeps the upstream_kgco2e of the line file" in said[0]


def test_a_scenario_is_checked_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "use.toml"
    path.write_text(
        'format = "greenline.scenario/1"\n[use]\nkm = -1.0\nyears = 10\nfrom_year = 2026\n'
        "[[consumption]]\nkwh_per_100km = 12.0\n",
        "utf-8",
    )
    with pytest.raises(Faults) as said:
        load_scenario(path)
    assert len(said.value.faults) == 2
