"""The performance report: a line's energy over many logs against a baseline (ISO 50006)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from twin import enpi
from twin.enpi import Baseline, NoBaseline, Point, Step
from twin.report import Report, enpi_point, iso_utc

SCHEMA = "greenline.performance/1"
SHORTEST_NS = 60_000_000_000  # less of a shift is the margin of a session


@dataclass(frozen=True, slots=True)
class Chapter:
    """What one log gives to it: its digest and its shifts."""

    log_digest: str
    points: tuple[Point, ...]


def build(chapters: Sequence[Chapter], baseline_shifts: int | None = None) -> Report:
    """The report over logs of one line.

    baseline_shifts: so many of the first shifts make the baseline, and the others are set against
    it; None: all of them make it, and the CUSUM shows how they went about their own mean.
    Raises ValueError for logs of several lines, or fewer shifts than ``baseline_shifts``.
    """
    found_points = (point for chapter in chapters for point in chapter.points)
    points = tuple(
        point for point in enpi.in_order(found_points) if point.to_ns - point.from_ns >= SHORTEST_NS
    )
    if baseline_shifts is not None and baseline_shifts > len(points):
        raise ValueError(
            f"a baseline of {baseline_shifts} shifts: these logs have only {len(points)}"
        )
    base = points if baseline_shifts is None else points[:baseline_shifts]
    found = enpi.fit_what_tells(base) if points else NoBaseline("no_shift")
    steps = enpi.cusum(found, points) if isinstance(found, Baseline) else ()
    later = steps[len(base) :]
    return {
        "schema": SCHEMA,
        "line": points[0].line if points else None,
        "from": iso_utc(points[0].from_ns) if points else None,
        "to": iso_utc(max(point.to_ns for point in points)) if points else None,
        "log_digests": [chapter.log_digest for chapter in chapters],
        "enpi": {
            "baseline": _baseline(found) if isinstance(found, Baseline) else None,
            "no_baseline": _why_not(found) if isinstance(found, NoBaseline) else None,
            "shifts": [_step(step) for step in steps] or [enpi_point(p) for p in points],
            "coverage": enpi.coverage(later if later else steps),
        },
    }


def _baseline(baseline: Baseline) -> dict[str, Any]:
    return {
        "base_kwh": baseline.base_kwh,
        "base_standard_error": baseline.base_standard_error,
        "terms": [
            {
                "driver": term.driver,
                "coefficient": term.coefficient,
                "standard_error": term.standard_error,
                "low": term.low,
                "high": term.high,
                "inflation": term.inflation,
            }
            for term in baseline.terms
        ],
        "r2": baseline.r2,
        "cv_rmse": baseline.cv_rmse,
        "residual_kwh": baseline.residual_kwh,
        "shifts": baseline.shifts,
        "from": iso_utc(baseline.from_ns),
        "to": iso_utc(baseline.to_ns),
        "heating_below_c": baseline.heating_below_c,
        "cooling_above_c": baseline.cooling_above_c,
        "left_out": [{"driver": driver, "reason": why} for driver, why in baseline.left_out],
    }


def _why_not(found: NoBaseline) -> dict[str, Any]:
    return {"kind": found.kind, "reason": found.reason, **found.values}


def _step(step: Step) -> dict[str, Any]:
    return {
        **enpi_point(step.point),
        "predicted_kwh": step.predicted_kwh,
        "saving_kwh": step.saving_kwh,
        "standard_error_kwh": step.standard_error_kwh,
        "cusum_kwh": step.cusum_kwh,
        "within": step.within,
    }
