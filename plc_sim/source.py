"""The plant as a Source: no server, no network, no waiting, as fast as it computes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event as Flagged

import numpy as np

from data.line import Line
from data.samples import Event, SampleBlock, Samples, TextTable, ValueType, empty, event
from plc_sim.fill import Carried
from plc_sim.load import US_PER_S, microseconds
from plc_sim.plant import Plant
from plc_sim.plant_file import PlantFile
from plc_sim.run import PlantRun, Say, silent
from plc_sim.scenario import stage
from plc_sim.signals import Change, Changes, Poll, is_real
from plc_sim.truth import Truth
from plc_sim.wire import Link

BLOCK_US = 10 * US_PER_S
DELAY_NS = 50_000_000  # from a change in the plant's block to its arrival


class PlantSource:
    """Samples of a simulated plant, in arrival order, as a live source would give them.

    A block every ten seconds of plant time; the first one brings a SESSION_BEGIN and every signal's
    value at the start, with the time since when it has held. While a fault of the wire keeps the
    endpoint away there is a gap between a GAP_BEGIN and a GAP_END, after which every value comes
    anew.
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
        truth: Truth | None = None,
        say: Say = silent,
    ) -> None:
        """``plant``: other parameters than the bundled ones; ``carried``: see Plant.

        ``truth``: a ledger of one's own, in place of a file at ``truth_path``.

        Raises Faults for an unknown line or scenario, OSError where the truth cannot be written.
        """
        staged = stage(line, scenario, faults, plant=plant)
        self._line = line
        self._texts = TextTable()
        self._end_us = microseconds(duration_s)
        self._stopped = Flagged()
        types = staged.plant.signal_types
        self._types = np.array([_value_type(kind) for kind in types], np.uint8)
        self._run = PlantRun(
            line,
            staged,
            seed=seed,
            start_ns=start_ns,
            truth=truth or Truth(truth_path),
            carried=carried,
            last_serial=last_serial,
            say=say,
        )
        self._wire = self._run.wire
        self._run.begin()

    @property
    def plant(self) -> Plant:
        """The plant."""
        return self._run.plant

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
        at_us, was_up = 0, True
        try:
            yield self._greeting(Event.SESSION_BEGIN)
            while at_us < self._end_us and not self._stopped.is_set():
                at_us = min(at_us + BLOCK_US, self._wire.next_turn(at_us), self._end_us)
                step = self._wire.advance(at_us)
                up = self._wire.link(at_us) is Link.UP
                yield self._block(step, was_up, up)
                was_up = up
        finally:
            ended = at_us == self._end_us
            self._run.close(go_on=lambda: ended and not self._stopped.is_set())

    def _block(self, step: Changes, was_up: bool, up: bool) -> SampleBlock:
        match was_up, up:
            case True, True:
                return SampleBlock(self._rows(step), self._texts)
            case True, False:
                return SampleBlock(event(Event.GAP_BEGIN, self._receive_ns()), self._texts)
            case False, True:
                return self._greeting(Event.GAP_END)
            case _:
                return SampleBlock(empty(), self._texts)

    def _greeting(self, kind: Event) -> SampleBlock:
        """An event, and every signal's value as it stands."""
        rows = self._rows(Changes(self._wire.current(), [], []))
        return SampleBlock(np.concatenate([event(kind, self._receive_ns()), rows]), self._texts)

    def _receive_ns(self) -> int:
        return self.plant.time_ns(self.plant.now_us) + DELAY_NS

    def _rows(self, step: Changes) -> Samples:
        """In order of time, then of signal; what a fault of the wire has touched comes last."""
        changed, polled = len(step.changes), sum(len(poll.signals) for poll in step.polls)
        plain = changed + polled
        rows = empty(plain + len(step.arrived))
        self._fill(rows[:changed], step.changes)
        self._fill_polled(rows[changed:plain], step.polls)
        self._fill(rows[plain:], step.arrived)
        order = np.arange(len(rows))
        order[:plain] = np.lexsort((rows["signal"][:plain], rows["time_ns"][:plain]))
        rows = rows.take(order)  # many times as fast as an index, with records
        rows["order_ns"] = rows["time_ns"]
        rows["receive_ns"] = self._receive_ns()
        return rows

    def _fill(self, rows: Samples, changes: Sequence[Change]) -> None:
        if changes:
            cells = [self._cell(change) for change in changes]
            rows["signal"], rows["time_ns"], _, rows["status"] = zip(*changes, strict=True)
            rows["type"], rows["value"], rows["exact"] = zip(*cells, strict=True)

    def _fill_polled(self, rows: Samples, polls: Sequence[Poll]) -> None:
        if polls:
            signals = np.concatenate([poll.signals for poll in polls])
            values = np.concatenate([poll.values for poll in polls])
            types = self._types[signals]
            rows["signal"], rows["type"], rows["value"] = signals, types, values
            counts = [len(poll.signals) for poll in polls]
            rows["time_ns"] = np.repeat([poll.time_ns for poll in polls], counts)
            whole = types == ValueType.INTEGER
            rows["exact"][whole] = values[whole]

    def _cell(self, change: Change) -> tuple[int, float, int]:
        """Type, value and exact of a sample."""
        value = change.value
        if value is None:
            return ValueType.NONE, math.nan, 0
        if isinstance(value, str):
            return ValueType.TEXT, math.nan, self._texts.intern(value)
        if self._types[change.signal] == ValueType.REAL:
            return ValueType.REAL, value, 0
        return ValueType.INTEGER, value, int(value)


def _value_type(opc_type: str) -> int:
    if opc_type == "String":
        return ValueType.TEXT
    return ValueType.REAL if is_real(opc_type) else ValueType.INTEGER
