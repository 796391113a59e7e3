"""How fresh what is on the screen is: the age of the data, not the state of a socket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin.snapshot import Snapshot

if TYPE_CHECKING:
    from twin.session import ConnectionView
    from ui.backend import MonitorSession

STALE_S = 5.0
NS = 1_000_000_000
_WORST_FIRST = ("down", "stale", "connecting", "live")


@dataclass(frozen=True, slots=True)
class Freshness:
    """``state`` as a word's id, ``age_s`` of the newest data, and why it is not good."""

    state: str
    age_s: float | None
    stale: bool
    reason: str


def freshness(session: MonitorSession, snapshot: Snapshot | None, now_ns: int) -> Freshness:
    """How fresh a session is now.

    While a server's keep-alives arrive, on-change data are fresh however old they are.
    """
    failure = session.failure()
    if failure is not None:
        return Freshness("failed", _age_s(snapshot, now_ns), True, failure)
    if session.mode == "replay":
        ended = _at_the_end(session, snapshot)
        state = "ended" if ended else session.state().name.lower()
        return Freshness(state, None, False, "")
    connections = session.connections()
    age = _connection_age(connections)
    if age is None:
        age = _age_s(snapshot, now_ns)
    if not connections:
        stale = age is not None and age > STALE_S
        state = "stale" if stale else "connecting" if age is None else "live"
        return Freshness(state, _tenths(age), stale, "")
    worst = min(connections, key=lambda c: _rank(c.state))
    stale = worst.state in ("down", "stale") and snapshot is not None
    return Freshness(worst.state, _tenths(age), stale, worst.reason)


def _at_the_end(session: MonitorSession, snapshot: Snapshot | None) -> bool:
    """Does a replay show its log's end? It stays open there, so that one can go back."""
    transport = session.transport
    return (
        transport is not None and snapshot is not None and snapshot.time_ns >= transport.span_ns[1]
    )


def _rank(state: str) -> int:
    return _WORST_FIRST.index(state) if state in _WORST_FIRST else 0


def _tenths(age_s: float | None) -> float | None:
    return None if age_s is None else round(age_s, 1)


def _connection_age(connections: Sequence[ConnectionView]) -> float | None:
    return max((c.age_s for c in connections if c.age_s is not None), default=None)


def _age_s(snapshot: Snapshot | None, now_ns: int) -> float | None:
    return None if snapshot is None else max(now_ns - snapshot.receive_ns, 0) / NS
