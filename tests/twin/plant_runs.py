"""Short runs of a simulated plant straight into a mirror, beside their truth ledgers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.digest import ContentDigest
from data.factors import Books
from data.line_file import load_line
from data.samples import SampleBlock, TextTable
from data.sequencer import Sequencer
from plc_sim.source import PlantSource
from twin import losses
from twin.ledger import Ledger
from twin.mirror import Booked, Mirror
from twin.session import Parts, Session

START_NS = 1_772_402_400_000_000_000


@dataclass(frozen=True)
class Run:
    """A run of a plant as the twin saw it, and as it was."""

    ledger: Ledger
    truth: Path

    @property
    def booked(self) -> Booked:
        return self.ledger.booked

    @cached_property
    def spells(self) -> NDArray[np.void]:
        return losses.spells(self.booked)

    @cached_property
    def records(self) -> Mapping[str, list[dict[str, Any]]]:
        """The truth ledger's records by kind."""
        kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for text in self.truth.read_text("utf-8").splitlines():
            record = json.loads(text)
            kinds[record["kind"]].append(record)
        return kinds


class _WithoutReruns:
    """A plant that is stopped at its end, so that it does not work out what only reruns tell."""

    def __init__(self, source: PlantSource, duration_s: float) -> None:
        self._source, self._end_us = source, round(duration_s * 1e6)

    @property
    def texts(self) -> TextTable:
        return self._source.texts

    def stop(self) -> None:
        self._source.stop()

    def blocks(self) -> Iterator[SampleBlock]:
        for block in self._source.blocks():
            if self._source.plant.now_us >= self._end_us:
                self.stop()
            yield block


def run_plant(
    folder: Path,
    name: str,
    duration_s: float,
    *,
    seed: int = 1,
    scenario: str | None = None,
    reruns: bool = False,
) -> Run:
    """Runs line ``name``; ``scenario``: the text of a scenario of its own."""
    line, truth, faults = load_line(name), folder / "truth.jsonl", None
    if scenario is not None:
        faults = folder / "scenario.toml"
        faults.write_text('format = "greenline.scenario/1"\n' + scenario, "utf-8")
    plant = PlantSource(
        line,
        seed=seed,
        start_ns=START_NS,
        duration_s=duration_s,
        truth_path=truth,
        faults=faults,
    )
    source = plant if reruns else _WithoutReruns(plant, duration_s)
    books = Books.load(line.books, None)
    session = Session(
        Parts(
            source=source,
            mirror=lambda: Mirror(line, books),
            digest=lambda: ContentDigest(line),
            order=Sequencer(line, source.texts),
        ),
        mode="simulation",
        title=name,
    )
    return Run(session.run().ledger, truth)
