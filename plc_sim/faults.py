"""What goes wrong, on a schedule: the named scenarios, and own files in the same format.

A schedule is TOML: ``format = "greenline.scenario/1"``, names, and a list of [[event]] tables.
docs/simulator.md lists the kinds of event.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import Field

from data.toml_file import Entry, Faults, Sheet, nearest, read_text, whole

FORMAT = "greenline.scenario/1"
SCENARIOS = Path(__file__).parent / "scenarios"
_KINDS = ("server_restart",)


@dataclass(frozen=True, slots=True)
class ServerRestart:
    """The endpoint goes down while the plant runs on [s of wall time since it first answered]."""

    after_s: float
    down_s: float


class _Event(Entry):
    kind: str
    after_s: Annotated[float, Field(ge=0, le=1e7)]
    down_s: Annotated[float, Field(gt=0, le=86400)]


def bundled_scenarios() -> tuple[str, ...]:
    """Names of the scenarios that come with the plant."""
    return tuple(sorted(path.stem for path in SCENARIOS.glob("*.toml")))


def load_schedule(scenario: str | None, faults: Path | None) -> tuple[ServerRestart, ...]:
    """What a scenario's name and a file of own faults bring, in order of time.

    Raises Faults with everything that is wrong, OSError where the file cannot be read.
    """
    events: list[ServerRestart] = []
    if scenario is not None:
        path = SCENARIOS / f"{scenario}.toml"
        if scenario not in bundled_scenarios():
            known = bundled_scenarios()
            near = nearest(scenario, known)
            limit = "no such scenario" + ("" if near else f"; there is {', '.join(known)}")
            raise Faults([whole(f'scenario "{scenario}"', limit, near)])
        events += parse_schedule(read_text(path), f"plc_sim/scenarios/{path.name}")
    if faults is not None:
        events += parse_schedule(read_text(faults), str(faults))
    events.sort(key=lambda event: event.after_s)
    for one, other in pairwise(events):
        if one.after_s + one.down_s >= other.after_s:
            limit = (
                f"a restart at {other.after_s:g} s begins before that at {one.after_s:g} s is over"
            )
            raise Faults([whole(str(faults or scenario), limit)])
    return tuple(events)


def parse_schedule(text: str, where: str) -> list[ServerRestart]:
    """The events of a schedule; raises Faults with everything that is wrong in it."""
    sheet = Sheet(text, where)
    sheet.top_level(("format", "names", "event"))
    if sheet.tables.get("format") != FORMAT:
        sheet.fault(("format",), f'must be "{FORMAT}"', sheet.tables.get("format"))
    events = []
    for i, entry in sheet.entries(_Event, "event"):
        if entry.kind not in _KINDS:
            sheet.unknown(("event", i, "kind"), entry.kind, "kind of event", _KINDS)
        events.append(ServerRestart(entry.after_s, entry.down_s))
    if sheet.faults:
        raise Faults(sheet.faults)
    return events
