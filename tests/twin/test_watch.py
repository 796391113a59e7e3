"""The residual watch: what it finds in short runs of the plant, and what it must not find."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.factors import Books
from data.line_file import load_line
from data.samples import SampleBlock
from data.sequencer import Sequencer
from plc_sim.source import PlantSource
from tests.twin.streams import cut
from twin.kernels import change
from twin.mirror import Booked, Mirror
from twin.watch import events, learnt, watch
from twin.watch_knowledge import NOTHING_KNOWN, Remembered, WatchKnowledge

START_NS = 1_772_402_400_000_000_000
S = 1_000_000_000
HOUR_S = 3600.0
MORE_AT_S = 3000
EXTRA_POWER = f"""
format = "greenline.scenario/1"
[[event]]
kind = "power"
stations = "B030"
at_s = {MORE_AT_S}
factor = 1.08
"""
OF_THE_WIRE = """
format = "greenline.scenario/1"
[[fault]]
kind = "server_restart"
at_s = 1800
for_s = 60
[[fault]]
kind = "counter_reset"
signals = "E_B0*.value"
at_s = 3000
[[fault]]
kind = "bad_status"
signals = "P_B020.value"
at_s = 4000
for_s = 300
[[fault]]
kind = "missing"
signals = "P_B040.value"
at_s = 5000
for_s = 600
"""
# ua x (set point - hall) / efficiency of the oven grows by half, evenly, in 130 minutes.
OVEN_KWH = 0.5 / 2 * 6.8 * (146 - 20) / 0.88 * 7800 / HOUR_S
LEAKS = """
format = "greenline.scenario/1"
line = "demo"
[[event]]
kind = "leak"
at_s = 600
for_s = 7800
m3h = 4000
[[event]]
kind = "growth"
unit = "topcoat_oven"
at_s = 600
for_s = 7800
factor = 1.5
"""


def blocks_of(line_id: str, seconds: int, faults: Path | None, seed: int) -> list[SampleBlock]:
    """The sequenced stream of a run."""
    line = load_line(line_id)
    source = PlantSource(line, seed=seed, start_ns=START_NS, duration_s=seconds, faults=faults)
    order = Sequencer(line, source.texts)
    return [*(order.push(block) for block in source.blocks()), order.flush()]


def booked_of(
    line_id: str, blocks: list[SampleBlock], known: WatchKnowledge = NOTHING_KNOWN
) -> Booked:
    line = load_line(line_id)
    mirror = Mirror(line, Books.load(line.books, None), watched=known)
    mirror.warm_up()
    for block in blocks:
        mirror.advance(block)
    return mirror.booked()


def run(
    folder: Path, line_id: str, seconds: int, text: str | None = None, seed: int = 1
) -> list[SampleBlock]:
    faults = None
    if text is not None:
        faults = folder / "own.toml"
        faults.write_text(text, "utf-8")
    return blocks_of(line_id, seconds, faults, seed)


@pytest.fixture(scope="module")
def more_power(tmp_path_factory: pytest.TempPathFactory) -> list[SampleBlock]:
    return run(tmp_path_factory.mktemp("more"), "small", 6000, EXTRA_POWER)


def test_eight_per_cent_more_while_processing_is_found_within_the_hour(
    more_power: list[SampleBlock],
) -> None:
    booked = booked_of("small", more_power)
    (finding,) = watch(booked)
    assert (finding.place, finding.state, finding.kind) == ("B030", "processing", "signature")
    assert finding.until_ns is None
    assert finding.doubt is None
    assert (finding.since_ns - START_NS) / S == pytest.approx(MORE_AT_S, abs=300)
    assert finding.found_ns <= START_NS + (MORE_AT_S + HOUR_S) * S
    assert finding.share == pytest.approx(0.08, abs=0.016)
    assert finding.kwh is not None
    assert finding.kwh_error is not None
    processing = booked.segments[booked.segments["state"] == 6]
    meter = booked.line.point_index[finding.meter]
    late = processing[(processing["point"] == meter) & (processing["t0"] >= finding.since_ns)]
    extra_kwh = late["kwh"].sum() * (1 - 1 / 1.08)
    assert finding.kwh == pytest.approx(extra_kwh, abs=3 * finding.kwh_error)
    assert finding.kwh_error < 0.2 * extra_kwh
    (event,) = events(booked)
    assert (event.name, event.time_ns, event.about) == (
        "RESIDUAL_FOUND",
        finding.found_ns,
        "B030",
    )


def test_how_the_stream_is_cut_changes_no_finding(more_power: list[SampleBlock]) -> None:
    whole = watch(booked_of("small", more_power))
    pieces = [piece for block in more_power for piece in cut(block, [7, 100, 1])]
    assert watch(booked_of("small", pieces)) == whole


def test_what_came_later_does_not_change_when_it_was_certain(
    more_power: list[SampleBlock],
) -> None:
    (finding,) = watch(booked_of("small", more_power))
    begin = [
        SampleBlock(
            block.samples[block.samples["order_ns"] <= finding.found_ns + 300 * S], block.texts
        )
        for block in more_power
    ]
    (earlier,) = watch(booked_of("small", begin))
    assert earlier.found_ns == finding.found_ns


def test_a_normal_run_has_nothing(tmp_path: Path) -> None:
    assert watch(booked_of("small", run(tmp_path, "small", 5400, seed=2))) == ()


def test_faults_of_the_wire_are_no_change_of_the_plant(tmp_path: Path) -> None:
    assert watch(booked_of("small", run(tmp_path, "small", 6000, OF_THE_WIRE))) == ()


def test_nothing_is_found_before_a_session_begins() -> None:
    line = load_line("small")
    assert watch(Mirror(line, Books.load(line.books, None)).booked()) == ()


def test_a_leak_and_an_oven_are_found_in_their_place(tmp_path: Path) -> None:
    """In some two hours, with ten minutes of a plant without them."""
    found = watch(booked_of("demo", run(tmp_path, "demo", 8400, LEAKS, seed=2)))
    leak, oven = sorted(found, key=lambda f: f.carrier)
    assert (leak.place, leak.kind, leak.carrier) == ("V_AIR", "base_load", "compressed_air")
    assert (oven.place, oven.kind, oven.carrier) == ("P130", "drift", "natural_gas")
    assert oven.kwh == pytest.approx(OVEN_KWH, rel=0.1)
    for finding in found:
        assert (finding.since_ns - START_NS) / S == pytest.approx(600, abs=600)
        assert finding.doubt is not None  # little was seen of the time before


def test_a_change_since_the_log_began_is_told_by_what_the_log_before_knew(tmp_path: Path) -> None:
    before = booked_of("small", run(tmp_path, "small", 3600))
    known = WatchKnowledge.from_text(learnt(before).to_text())
    blocks = run(tmp_path, "small", 3600, EXTRA_POWER.replace(f"{MORE_AT_S}", "0"), seed=2)
    assert [f.place for f in watch(booked_of("small", blocks))] == []
    found = watch(booked_of("small", blocks, known))
    (more,) = [f for f in found if f.state == "processing"]
    assert more.place == "B030"
    assert more.share == pytest.approx(0.08, abs=0.02)
    assert more.since_ns - START_NS < 300 * S
    assert more.doubt is None


def test_a_chain_of_normal_logs_has_nothing(tmp_path: Path) -> None:
    known = learnt(booked_of("small", run(tmp_path, "small", 3600)))
    blocks = run(tmp_path, "small", 3600, seed=2)
    assert watch(booked_of("small", blocks, known)) == ()


def test_what_the_watch_keeps_reads_back() -> None:
    x = np.array([[1.0, 0.0], [0.0, 1.0]])
    each = Remembered(("a", "b"), x, np.array([0.5, 2.0]), np.array([1.0, 4.0]))
    text = WatchKnowledge({"k": each}).to_text()
    again = WatchKnowledge.from_text(text)
    assert again.to_text() == text
    names, wider = again.series["k"].in_columns(("c", "a"))
    assert names == ("c", "a", "b")
    assert wider.tolist() == [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    with pytest.raises(ValueError, match="not what the watch keeps"):
        WatchKnowledge.from_text('{"k": {"columns": 3}}')


Kernels = tuple[Callable[..., int], Callable[..., Any]]


@pytest.fixture(params=["python", "numba"])
def kernels(request: pytest.FixtureRequest) -> Iterator[Kernels]:
    if request.param == "python":
        yield change.first_change_python, change.best_fit_python
    else:
        yield change.first_change, change.best_fit


def limits() -> np.ndarray[Any, np.dtype[np.float64]]:
    found = np.zeros(change.SPARE + 1)
    found[change.Z], found[change.WINDOW], found[change.SPARE] = 5.0, 400, 8
    found[change.BEFORE], found[change.AFTER] = 6, 5
    found[change.RAMP_BEFORE], found[change.RAMP_AFTER] = 2, 6
    return found


def noisy(count: int, seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return 10.0 + np.random.default_rng(seed).normal(0.0, 0.1, count)


@pytest.mark.parametrize("shape", [change.STEP, change.RAMP])
def test_a_change_that_ends_is_found_with_its_size(kernels: Kernels, shape: int) -> None:
    first_change, best_fit = kernels
    times = np.arange(1, 61) / 12.0
    y, x, w = noisy(60, 5), np.ones((60, 1)), np.ones(60)
    y[20:45] += 0.5 if shape == change.STEP else times[20:45] - times[19]
    after = first_change(x, y, w, times, np.arange(1, 61), limits())
    assert 20 < after <= 45
    fit = best_fit(x, y, w, times, limits())
    assert int(fit[change.SHAPE]) == shape
    assert (fit[change.A], fit[change.B]) == (pytest.approx(20, abs=4), pytest.approx(45, abs=1))
    size = 0.5 if shape == change.STEP else 1.0
    assert fit[change.SIZE] == pytest.approx(size, abs=4 * fit[change.ERROR])


def test_noise_is_no_change_and_what_a_cause_explains_neither(kernels: Kernels) -> None:
    first_change, _ = kernels
    times, w = np.arange(1, 61) / 12.0, np.ones(60)
    cause = (np.arange(60) >= 30).astype(np.float64)
    alone, x = np.ones((60, 1)), np.stack([np.ones(60), cause], axis=1)
    asked = np.arange(1, 61)
    assert first_change(alone, noisy(60, 7), w, times, asked, limits()) == -1
    assert first_change(x, noisy(60, 7) + 3.0 * cause, w, times, asked, limits()) == -1


def test_both_kernels_give_the_same_bits() -> None:
    times, x, w = np.arange(1, 41) / 12.0, np.ones((40, 1)), np.ones(40)
    y = noisy(40, 9) + np.where(np.arange(40) > 20, 0.6, 0.0)
    ours = change.best_fit(x, y, w, times, limits())
    assert ours.tobytes() == change.best_fit_python(x, y, w, times, limits()).tobytes()
