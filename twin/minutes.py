"""Mean power by metering point and minute, for export."""

from __future__ import annotations

import numpy as np

from twin.kernels.booking import MINUTE_NS
from twin.mirror import Booked


def export_columns(booked: Booked) -> dict[str, list[object]]:
    """Columns of ``export --what minutes``: one row per point and minute that has data.

    A very long log keeps wider buckets than a minute; ``span_s`` says how wide each row is.
    ``covered_s`` is how much of it was measured; ``mean_kw`` is over that part.
    """
    many = max(1, MINUTE_NS // booked.bucket_ns)
    width = many * booked.bucket_ns
    count = -(-booked.bucket_kwh.shape[1] // many)
    pad = ((0, 0), (0, count * many - booked.bucket_kwh.shape[1]))
    shape = (len(booked.line.points), count, many)
    kwh = np.pad(booked.bucket_kwh, pad).reshape(shape).sum(axis=2)
    covered_s = np.pad(booked.covered_ns, pad).reshape(shape).sum(axis=2) / 1e9
    point, minute = np.nonzero(covered_s)
    points = booked.line.points
    return {
        "time_ns": (booked.buckets_from_ns + minute * width).tolist(),
        "meter": [points[p].id for p in point],
        "carrier": [points[p].carrier for p in point],
        "mean_kw": (kwh[point, minute] * 3600.0 / covered_s[point, minute]).tolist(),
        "covered_s": covered_s[point, minute].tolist(),
        "span_s": [width / 1e9] * len(point),
    }
