"""The virtual meters' part of the report: what was estimated, how well, and what was not."""

from __future__ import annotations

import math

import numpy as np

from data.line import Line
from twin.meters import Estimates, Feeder


def virtual_meters(line: Line, estimates: Estimates) -> dict[str, object]:
    """The report's ``virtual_meters``; powers in kW, in the line's units where it is no energy."""
    return {
        "feeders": [_feeder(line, feeder) for feeder in estimates.feeders],
        "not_estimated": [
            {
                "meter": line.points[each.point].id,
                "stations": list(each.stations),
                "reason": each.reason,
            }
            for each in estimates.skipped
        ],
    }


def _feeder(line: Line, feeder: Feeder) -> dict[str, object]:
    measured = feeder.residual_kw[np.isfinite(feeder.residual_kw)]
    return {
        "meter": feeder.id,
        "carrier": line.points[feeder.point].carrier,
        "stations": list(feeder.names),
        "powers": [
            {
                "station": each.station,
                "state": each.state,
                "variant": each.variant or None,
                "kw": each.kw,
                "se_kw": each.se_kw,
                "seconds": each.seconds,
            }
            for each in feeder.powers
            if each.seconds > 0
        ],
        "not_told_apart": [
            {"stations": list(group.stations), "kw": group.kw, "se_kw": group.se_kw}
            for group in feeder.groups
        ],
        "not_seen": [name for name in feeder.names if name not in feeder.seen],
        "base_kw": math.fsum(feeder.base_kw) / len(feeder.base_kw),
        "rho": feeder.fit.rho,
        "residual_kw": math.sqrt(math.fsum(np.square(measured)) / len(measured)),
        "vehicle_spread": feeder.spread,
    }
