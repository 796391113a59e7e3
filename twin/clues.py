"""By what it shows that something was found: asked of a session's books (``twin.answers``)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clue:
    """``by`` is "loss" (of a station, by a cause), "watch" (a finding, of a carrier), "bottleneck",
    "kpi" or "gaps"; what is None may be any.
    """

    by: str
    station: str | None = None
    cause: str | None = None
    carrier: str | None = None
    kpi: str | None = None
