"""The plant as a Source: no server, no network, no waiting, as fast as it computes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Event as Flagged

import numpy as np

from data.line import Line
from data.samples import Event, SampleBlock, Samples, TextTable, ValueType, empty, event
from plc_sim.faults import ServerRestart, load_schedule
from plc_sim.fill import Carried
from plc_sim.load import US_PER_S, microseconds
from plc_sim.plant import Plant
from plc_sim.plant_file import PlantFile, load_plant
from plc_sim.signals import Change, Signals, is_real
from plc_sim.truth import Truth

BLOCK_US = US_PER_S
DELAY_NS = 50_000_000  # from a change in the plant's block to its arrival


class PlantSource:
    """Samples of a simulated plant, in arrival order, as a live source would give them.

    One block a second of plant time; the first one brings a SESSION_BEGIN and every signal's
    value at the start, with the time since when it has held. A server_restart of the scenario is
    a gap between a GAP_BEGIN and a GAP_END, after which every value comes anew.
    """

    def __init__(
        self,
        line: Line,
        *,
        seed: int,
        start_ns: int,
        duration_s: float,
        truth_path: str | Path | None = None,
        scenario: str | None = None,
        faults: Path | None = None,
        plant: PlantFile | None = None,
        carried: Sequence[Carried] | None = None,
        last_serial: int | None = None,
    ) -> None:
        """``plant``: other parameters than the bundled ones; ``carried``: see Plant.

        Raises Faults for an unknown line or scenario, OSError where the truth cannot be written.
        """
        schedule = load_schedule(scenario, faults)
        parameters = plant or load_plant(line)
        self._line = line
        self._texts = TextTable()
        self._end_us = microseconds(duration_s)
        self._stopped = Flagged()
        truth = Truth(truth_path)
        self.plant = Plant(
            line,
            parameters,
            seed=seed,
            start_ns=start_ns,
            truth=truth,
            carried=carried,
            last_serial=last_serial,
        )
        self._signals = Signals(line, self.plant)
        self.plant.begin()
        self._down = [_span(restart) for restart in schedule]

    @property
    def line(self) -> Line:
        """The line whose signals the samples index."""
        return self._line

    @property
    def texts(self) -> TextTable:
        """The table that the blocks' text ids point into."""
        return self._texts

    def stop(self) -> None:
        """Ends ``blocks`` after the current one; the truth ledger ends there, whole."""
        self._stopped.set()

    def blocks(self) -> Iterator[SampleBlock]:
        """The blocks up to the end; then the truth ledger is closed."""
        try:
            yield self._greeting(Event.SESSION_BEGIN)
            at_us, was_down = 0, False
            while at_us < self._end_us and not self._stopped.is_set():
                at_us = min(at_us + BLOCK_US, self._end_us)
                changes = self._signals.advance(at_us)
                down = any(begin <= at_us < end for begin, end in self._down)
                yield self._block(changes, was_down, down)
                was_down = down
        finally:
            self.plant.close()

    def _block(self, changes: list[Change], was_down: bool, down: bool) -> SampleBlock:
        match was_down, down:
            case False, False:
                return SampleBlock(self._rows(changes), self._texts)
            case False, True:
                return SampleBlock(event(Event.GAP_BEGIN, self._receive_ns()), self._texts)
            case True, False:
                return self._greeting(Event.GAP_END)
            case _:
                return SampleBlock(empty(), self._texts)

    def _greeting(self, kind: Event) -> SampleBlock:
        """An event, and every signal's value as it stands."""
        rows = self._rows(self._signals.current.values())
        return SampleBlock(np.concatenate([event(kind, self._receive_ns()), rows]), self._texts)

    def _receive_ns(self) -> int:
        return self.plant.time_ns(self.plant.now_us) + DELAY_NS

    def _rows(self, changes: Iterable[Change]) -> Samples:
        changes = sorted(changes, key=lambda change: (change.time_ns, change.signal))
        rows = empty(len(changes))
        rows["receive_ns"] = self._receive_ns()
        rows["signal"] = [change.signal for change in changes]
        rows["time_ns"] = rows["order_ns"] = [change.time_ns for change in changes]
        cells = [self._cell(change) for change in changes]
        rows["type"], rows["value"], rows["exact"] = (
            zip(*cells, strict=True) if cells else ([],) * 3
        )
        return rows

    def _cell(self, change: Change) -> tuple[int, float, int]:
        """Type, value and exact of a sample."""
        value = change.value
        if isinstance(value, str):
            return ValueType.TEXT, math.nan, self._texts.intern(value)
        if is_real(self._signals.opc_type(change.signal)):
            return ValueType.REAL, value, 0
        return ValueType.INTEGER, value, int(value)


def _span(restart: ServerRestart) -> tuple[int, int]:
    begin_us = microseconds(restart.after_s)
    return begin_us, begin_us + microseconds(restart.down_s)
