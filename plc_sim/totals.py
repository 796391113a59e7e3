"""A plant run for its totals alone: flow and loads, with no meter read and nothing written."""

from __future__ import annotations

from collections.abc import Callable

from data.line import Line
from plc_sim.load import microseconds
from plc_sim.reruns import Setting
from plc_sim.scenario import stage
from plc_sim.truth import RememberedTruth

STEP_S = 900.0
_KINDS = ("meter", "vehicle")


def run_totals(
    line: Line,
    scenario: str | None,
    *,
    seed: int,
    start_ns: int,
    duration_s: float,
    go_on: Callable[[float], bool] = lambda _: True,
) -> list[dict[str, object]]:
    """The truth ledger's ``meter`` and ``vehicle`` records of a run (docs/simulator.md).

    ``go_on`` is asked every quarter of an hour of plant time, with the part that is done; where it
    says no, the records are those up to there. Raises Faults for an unknown line or scenario.
    """
    staged = stage(line, scenario)
    truth = RememberedTruth(_KINDS)
    plant = Setting(
        line=line,
        plant=staged.plant,
        seed=seed,
        start_ns=start_ns,
        effects=staged.scenario.effects,
        cold_start=staged.scenario.cold_start,
    ).build(truth)
    at_s = 0.0
    while at_s < duration_s and go_on(at_s / duration_s):
        at_s = min(at_s + STEP_S, duration_s)
        plant.advance(microseconds(at_s), plant.changed.clear)
    plant.close()
    return truth.records
