"""Virtual meters against the truth ledger of the small plant whose stations' meters are mute."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.factors import Books
from data.line import STATES
from data.line_file import load_line
from data.sequencer import Sequencer
from plc_sim.source import PlantSource
from twin import report
from twin.accounts import allot
from twin.kernels import booking
from twin.ledger import close
from twin.meter_knowledge import Knowledge
from twin.meters import NOTHING, Estimates, Estimator, estimate
from twin.mirror import Booked, Mirror

EARLY_NS = 1_772_402_400_000_000_000
PROCESSING = STATES.index("processing")


@dataclass(frozen=True)
class Shift:
    """What a twin with one feeder booked, and what was true."""

    booked: Booked
    truth: list[dict[str, Any]]

    def station_kw(self, station: str, state: str) -> float:
        (found,) = (
            r
            for r in self.truth
            if r["kind"] == "station" and r["station"] == station and r["state"] == state
        )
        return float(3600 * found["kwh"]["electricity"] / found["seconds"])

    def processing_kwh(self) -> dict[tuple[str, str], float]:
        found: dict[tuple[str, str], float] = defaultdict(float)
        for r in self.truth:
            if r["kind"] == "visit":
                kwh = r["kwh"]["electricity"].get("processing", 0.0)
                found[r["vehicle"], r["station"]] += kwh
        return found


def run(folder: Path, seed: int, duration_s: float, *, cut: int = 1 << 40) -> Shift:
    """A run of the small plant; blocks are cut into pieces of ``cut`` samples."""
    line = load_line("small")
    truth_path = folder / f"{seed}.jsonl"
    source = PlantSource(
        line, seed=seed, start_ns=EARLY_NS, duration_s=duration_s, truth_path=truth_path
    )
    mute = [s.index for s in line.signals if s.subject.startswith(("P_B0", "E_B0"))]
    order, mirror = Sequencer(line, source.texts), Mirror(line, Books.load(line.books, None))
    mirror.warm_up()
    blocks = [order.push(block) for block in source.blocks()]
    for block in [*blocks, order.flush()]:
        kept = block.samples[~np.isin(block.samples["signal"], mute)]
        for k in range(0, len(kept), cut):
            mirror.advance(replace(block, samples=kept[k : k + cut]))
    records = [json.loads(text) for text in truth_path.read_text("utf-8").splitlines()]
    return Shift(mirror.booked(), records)


@pytest.fixture(scope="module")
def shift(tmp_path_factory: pytest.TempPathFactory) -> Shift:
    return run(tmp_path_factory.mktemp("first"), 1, 9000)


@pytest.fixture(scope="module")
def found(shift: Shift) -> Estimates:
    return estimate(shift.booked)


def station_cells(booked: Booked, estimates: Estimates | None) -> Any:
    cells = close(booked, estimates).cells
    return cells[cells["place"] < len(booked.line.stations)]


def test_every_station_of_the_feeder_is_estimated(shift: Shift, found: Estimates) -> None:
    (feeder,) = found.feeders
    assert feeder.id == "E_BODY"
    assert feeder.names == tuple(station.id for station in shift.booked.line.stations)
    assert set(feeder.processing) == set(feeder.names) == feeder.seen


def test_processing_power_is_near_the_truth_and_within_its_error(
    shift: Shift, found: Estimates
) -> None:
    (feeder,) = found.feeders
    for station, (kw, se_kw, _) in feeder.processing.items():
        true_kw = shift.station_kw(station, "processing")
        assert kw == pytest.approx(true_kw, rel=0.15)
        assert abs(kw - true_kw) < 4 * se_kw


def test_vehicles_get_what_they_took(shift: Shift, found: Estimates) -> None:
    booked, truth = shift.booked, shift.processing_kwh()
    took: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    cells = station_cells(booked, found)
    for cell in cells[(cells["state"] == PROCESSING) & (cells["vehicle"] >= 0)]:
        took[booked.vehicles[cell["vehicle"]]][0] += cell["kwh"]
    for (vehicle, _), kwh in truth.items():
        took[vehicle][1] += kwh
    whole = {
        booked.vehicles[v["vehicle"]]
        for v in booked.visits
        if v["station"] == 5 and v["leave"] >= 0
    } - {booked.vehicles[v["vehicle"]] for v in booked.visits if not v["whole"]}
    errors = [abs(took[vehicle][0] / took[vehicle][1] - 1) for vehicle in whole]
    assert len(errors) > 80
    assert np.median(errors) < 0.03
    assert max(errors) < 0.15


def test_stations_and_base_sum_to_the_rest_in_every_slot(shift: Shift, found: Estimates) -> None:
    whole, split = close(shift.booked, NOTHING), close(shift.booked, found)
    assert split.balance_error("electricity") < 1e-12
    for slot in np.unique(whole.cells["slot_ns"]).tolist():
        before, after = (each.cells[each.cells["slot_ns"] == slot] for each in (whole, split))
        for carrier in np.unique(before["carrier"]).tolist():
            kwh = [math.fsum(c["kwh"][c["carrier"] == carrier]) for c in (before, after)]
            assert kwh[1] == pytest.approx(kwh[0], rel=1e-12)


def test_what_is_estimated_says_so(shift: Shift, found: Estimates) -> None:
    cells = station_cells(shift.booked, found)
    assert len(cells)
    assert (cells["evidence"] == booking.ESTIMATED).all()
    assert (cells["kwh"] > 0).all()


def test_gas_for_heating_is_no_stations(shift: Shift, found: Estimates) -> None:
    cells = station_cells(shift.booked, found)
    assert set(cells["carrier"].tolist()) == {0}


def test_without_a_given_estimate_a_ledger_makes_its_own(shift: Shift, found: Estimates) -> None:
    assert close(shift.booked).cells.tobytes() == close(shift.booked, found).cells.tobytes()


def test_how_samples_are_cut_changes_no_bit(tmp_path: Path) -> None:
    first, other = run(tmp_path, 7, 1500), run(tmp_path, 7, 1500, cut=97)
    cells = close(first.booked).cells
    assert len(cells)
    assert cells.tobytes() == close(other.booked).cells.tobytes()


def test_intervals_of_vehicles_hold_most_of_them(shift: Shift, found: Estimates) -> None:
    booked, truth = shift.booked, shift.processing_kwh()
    table, inside = found.visits(), []
    for v, s, kwh, se in zip(table.vehicle, table.station, table.kwh, table.se_kwh, strict=True):
        true_kwh = truth[booked.vehicles[v], booked.line.stations[s].id]
        inside.append(abs(kwh - true_kwh) <= 1.645 * se)
    assert 0.75 < np.mean(inside) <= 1.0
    vehicle, station = int(table.vehicle[40]), int(table.station[40])
    assert found.energy_se(vehicle, station) == table.se_kwh[40]
    assert found.energy_se(vehicle) is not None
    assert found.energy_se(10**6) is None


def test_the_next_shift_begins_with_what_this_one_taught(
    shift: Shift, found: Estimates, tmp_path: Path
) -> None:
    known = Knowledge.from_text(found.knowledge().to_text())
    assert known.to_text() == found.knowledge().to_text()
    later = run(tmp_path, 2, 1800).booked
    (cold,), (warm,) = estimate(later).feeders, estimate(later, known).feeders
    for station in warm.names:
        assert warm.processing[station][1] < cold.processing[station][1]
        true_kw = shift.station_kw(station, "processing")
        assert warm.processing[station][0] == pytest.approx(true_kw, rel=0.15)


def test_what_is_no_knowledge_is_refused() -> None:
    for text in ("[]", '{"E": {}}', '{"E": {"columns": [[1]], "mean_kw": "", "covariance": ""}}'):
        with pytest.raises(ValueError, match=r"not what virtual meters keep|buffer|broadcast"):
            Knowledge.from_text(text)


def test_too_short_a_time_is_not_taken_apart(tmp_path: Path) -> None:
    estimates = estimate(run(tmp_path, 3, 300).booked)
    assert not estimates.feeders
    assert [each.reason for each in estimates.skipped] == ["too_short"]


def test_a_screen_keeps_the_powers_and_follows_the_line(shift: Shift, found: Estimates) -> None:
    estimator = Estimator()
    first = estimator.at(shift.booked)
    again = estimator.at(shift.booked)
    assert again.feeders[0].fit is first.feeders[0].fit
    cells = close(shift.booked, again).cells
    assert cells.tobytes() == close(shift.booked, found).cells.tobytes()


def test_an_unknown_state_leaves_its_energy_at_the_meter(shift: Shift, found: Estimates) -> None:
    booked = shift.booked
    segments = booked.segments.copy()
    lost = len(booked.line.points) + 2
    begin_ns = booked.from_ns + 3600 * 10**9
    chosen = (segments["point"] == lost) & (segments["t0"] >= begin_ns)
    segments["state"][chosen], segments["visit"][chosen] = STATES.index("unknown"), -1
    cells = station_cells(replace(booked, segments=segments), None)
    slot_ns = -(-begin_ns // booking.SLOT_NS) * booking.SLOT_NS
    late = cells[cells["slot_ns"] >= slot_ns]
    assert not (late["place"] == 2).any()
    before = station_cells(booked, found)
    for place in (0, 1, 3, 4, 5):
        kwh = math.fsum(late["kwh"][late["place"] == place])
        chosen = (before["place"] == place) & (before["slot_ns"] >= slot_ns)
        assert kwh == pytest.approx(math.fsum(before["kwh"][chosen]), rel=0.12)


def test_the_report_tells_of_them(shift: Shift, found: Estimates) -> None:
    ledger = close(shift.booked, found)
    told = json.loads(report.to_json(report.build(ledger, allot(ledger), "")))["virtual_meters"]
    (feeder,) = told["feeders"]
    assert feeder["meter"] == "E_BODY"
    assert not told["not_estimated"]
    assert {power["station"] for power in feeder["powers"]} == set(feeder["stations"])
    assert all(power["se_kw"] > 0 for power in feeder["powers"])
