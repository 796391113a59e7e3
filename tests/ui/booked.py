"""A session on what the simulated small plant really booked, for screens that work it up."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.twin.plant_runs import run_plant
from tests.ui.hand_made import HandSession, HandTransport
from twin import view
from twin.snapshot import Snapshot
from ui.workspace import Workspace

STANDS = """
[[event]]
kind = "fail"
stations = "B030"
at_s = 900
for_s = 400
"""


def booked_snapshot(folder: Path, seconds: float = 2400) -> Snapshot:
    """Forty minutes in which B030 stood for a while."""
    run = run_plant(folder, "small", seconds, scenario=STANDS)
    return view.snapshot(run.booked, {}, 1, run.ledger.estimates)


def booked_session(snapshot: Snapshot) -> HandSession:
    """A replay that shows it."""
    assert snapshot.accounts is not None
    line = snapshot.accounts.ledger.line
    transport = HandTransport((snapshot.from_ns, snapshot.time_ns), snapshot.time_ns)
    return HandSession(line, snapshot, "replay", "small.glog", transport, ())


def wait_for(qtbot: QtBot, workspace: Workspace, study: str) -> None:
    """Until a study is there."""
    workspace.bus.serve_now(again=True)
    found = workspace.studies
    qtbot.waitUntil(lambda: found.of(study) is not None and not found.busy(study), timeout=60_000)
    qtbot.wait(150)
