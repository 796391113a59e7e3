"""A replay that stands at its end: alarms have heard of all that was booked."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import twin.session
from twin.accounts import Opening
from twin.alarm_facts import Facts, facts
from twin.meters import Estimates
from twin.mirror import Booked
from ui.cli.logs import replayed_session

LOG = Path(__file__).parents[1] / "data" / "old" / "sealed-1.glog"
PATIENCE_S = 60.0  # kernels may have to be compiled first


def test_what_the_books_say_at_the_end_reaches_the_alarms(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def noted(booked: Booked, opening: Mapping[str, Opening], estimates: Estimates) -> Facts:
        drawn.append(booked.to_ns)
        return {**facts(booked, opening, estimates), "residual": {"B010": float(len(drawn))}}

    monkeypatch.setattr(twin.session, "facts", noted)
    session, log = replayed_session(LOG, None, linger=True)
    with log:
        board, (_, end_ns) = session.alarms, log.span_ns or (0, 0)
        session.start()
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and not any(
            alarm.rule.kind == "residual" and drawn[-1] == end_ns for alarm in board.latest.alarms
        ):
            time.sleep(0.1)
        session.stop()
        assert drawn[-1] == end_ns
        assert [a.rule.source for a in board.latest.alarms if a.rule.kind == "residual"] == ["B010"]
