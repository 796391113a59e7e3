"""One run of a plant: on its stage, with its signals, its wire and its truth ledger."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

from data.line import Line
from plc_sim.fill import Carried
from plc_sim.reruns import GoOn, Setting, Stopped, bottlenecks, events
from plc_sim.scenario import Staged
from plc_sim.signals import Signals
from plc_sim.truth import Truth
from plc_sim.wire import Wire

Say = Callable[[str], None]


def silent(_text: str) -> None:
    """Says nothing."""


class PlantRun:
    """Builds the plant of a stage; ``begin`` opens its ledger, ``close`` ends it whole."""

    def __init__(
        self,
        line: Line,
        staged: Staged,
        *,
        seed: int,
        start_ns: int,
        truth: Truth,
        carried: Sequence[Carried] | None = None,
        last_serial: int | None = None,
        say: Say = silent,
    ) -> None:
        self._setting = Setting(
            line=line,
            plant=staged.plant,
            seed=seed,
            start_ns=start_ns,
            effects=staged.scenario.effects,
            cold_start=staged.scenario.cold_start,
            carried=carried,
            last_serial=last_serial,
        )
        self._truth = truth
        self._say = say
        self._closed = False
        self.plant = self._setting.build(truth)
        signals = Signals(line, self.plant)
        self.wire = Wire(staged.faults, signals, lambda: Signals(line, self._setting.build()))

    def begin(self) -> None:
        """Opens the ledger; raises OSError where that cannot be done."""
        self.plant.begin()

    def close(self, *, go_on: GoOn) -> None:
        """Writes what the ledger still lacks; more than once is well.

        Once ``go_on`` says no, what needs reruns is left out: who breaks off does not want to wait.
        """
        if self._closed:
            return
        self._closed = True
        if self._truth.kept:
            self.wire.write(self._truth)
            for record in events(self._setting, self.plant, say=self._say, go_on=go_on):
                self._truth.write("event", record)
            with contextlib.suppress(Stopped):
                for record in self._bottlenecks(go_on):
                    self._truth.write(str(record.pop("kind")), record)
        self.plant.close()

    def _bottlenecks(self, go_on: GoOn) -> Iterator[dict[str, object]]:
        if not go_on():
            raise Stopped
        yield from bottlenecks(self._setting, self.plant, say=self._say, go_on=go_on)
