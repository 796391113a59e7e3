"""What a method says of the bottleneck of a span, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.line import Line

PARTS = 12  # of a span, for the standard error
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a method says of a span: its station, None where it found none, and the certainty.

    ``second`` is the station that comes next; None where there is none.
    """

    station: str | None
    certainty: float | None
    second: str | None


def edges_of(from_ns: int, to_ns: int) -> NDArray[np.int64]:
    """The borders of the equal parts of a span [ns], (PARTS + 1,)."""
    return np.asarray(from_ns + (np.arange(PARTS + 1) * (to_ns - from_ns)) // PARTS)


def inside(t0: NDArray[np.int64], t1: NDArray[np.int64], edges: NDArray[np.int64]) -> Floats:
    """What share of each part the times from t0 to t1 fill, (n, PARTS)."""
    begin = np.maximum(t0[:, None], edges[:-1])
    overlap = np.maximum(0, np.minimum(t1[:, None], edges[1:]) - begin)
    return np.asarray(overlap / np.maximum(1, np.diff(edges)))


def of_shares(line: Line, share: Mapping[str, Floats]) -> Verdict:
    """The station with the largest share of the time; share: of each part of a span, (PARTS,)."""
    ranked = sorted(share, key=lambda name: (-math.fsum(share[name]), line.station_index[name]))
    return of_ranking(ranked, share)


def of_ranking(ranked: list[str], score: Mapping[str, Floats]) -> Verdict:
    """The first of a ranking, by the scores of the first two in each part of the span."""
    if len(ranked) < 2:
        return Verdict(ranked[0] if ranked else None, 1.0 if ranked else None, None)
    lead = score[ranked[0]] - score[ranked[1]]
    return Verdict(ranked[0], certainty(lead), ranked[1])


def certainty(lead: Floats) -> float:
    """Probability that the mean of a difference is above 0, by its standard error; lead: (n,)."""
    mean = math.fsum(lead) / len(lead)
    spread = math.fsum((x - mean) ** 2 for x in lead.tolist()) / (len(lead) - 1)
    error = math.sqrt(spread / len(lead))
    if error == 0.0:
        return 0.5 if mean == 0.0 else float(mean > 0.0)
    return 0.5 * (1.0 + math.erf(mean / error / math.sqrt(2.0)))
