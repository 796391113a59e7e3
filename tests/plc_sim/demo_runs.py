"""Short runs of the demo plant, without a wire, and what its truth ledger says."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.line_file import load_line
from plc_sim.load import microseconds
from plc_sim.plant import Plant
from plc_sim.reruns import Setting, events
from plc_sim.scenario import stage
from plc_sim.truth import Truth

EARLY_NS = 1_772_402_400_000_000_000  # 2026-03-02T06:00 in Shanghai: an early shift begins
NOON_NS = EARLY_NS + 6 * 3600 * 10**9


@dataclass
class Ledger:
    """A truth ledger, by kind of record."""

    path: Path
    plant: Plant
    kinds: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for text in self.path.read_text("utf-8").splitlines():
            record = json.loads(text)
            self.kinds[record["kind"]].append(record)

    def of(self, kind: str, **wanted: Any) -> list[dict[str, Any]]:
        """The records of a kind that have these values."""
        found = self.kinds[kind]
        return [r for r in found if all(r[key] == value for key, value in wanted.items())]

    def meter(self, name: str) -> float:
        (record,) = self.of("meter", meter=name)
        return float(record["amount"])

    def event(self, effect: str) -> dict[str, Any]:
        (record,) = self.of("event", effect=effect)
        return record


def setting_of(scenario: str | None, *, start_ns: int = EARLY_NS, seed: int = 1) -> Setting:
    """The demo plant in a scenario."""
    line = load_line("demo")
    staged = stage(line, scenario)
    return Setting(
        line=line,
        plant=staged.plant,
        seed=seed,
        start_ns=start_ns,
        effects=staged.scenario.effects,
        cold_start=staged.scenario.cold_start,
    )


def run_demo(
    folder: Path,
    scenario: str | None,
    duration_s: float,
    *,
    start_ns: int = EARLY_NS,
    seed: int = 1,
    costs: bool = False,
) -> Ledger:
    """Runs it to its end; ``costs``: with what the scenario's events cost, by a second run."""
    setting = setting_of(scenario, start_ns=start_ns, seed=seed)
    path = folder / f"{scenario}.jsonl"
    truth = Truth(path)
    plant = setting.build(truth)
    plant.begin()
    plant.advance(microseconds(duration_s), plant.changed.clear)
    for record in events(setting, plant, go_on=lambda: costs):
        truth.write("event", record)
    plant.close()
    return Ledger(path, plant)
