"""A feeder's rest becomes cells of its stations, slot by slot, and sums to what it was."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.kernels import booking
from twin.meter_feeder import Feeder, sums

_TINY_SHARE, _TINY_KWH = 0.005, 0.01  # of the sub-meters, and in a slot: what meters round away

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Cells = NDArray[np.void]


def is_tiny(rest: float, own: float) -> bool:
    """Is what is left no more than meters round away of the sub-meters?"""
    return rest <= _TINY_SHARE * abs(own - rest)


def split_rest(feeder: Feeder, rest: Cells, own: Cells) -> Cells:
    """A rest with its stations' cells taken out: see Estimates.split."""
    slots = np.unique(rest["slot_ns"])
    left = _by_slot(rest["slot_ns"], rest["kwh"], slots)
    whole = _by_slot(own["slot_ns"], own["kwh"], slots)
    enough = left > _TINY_KWH + _TINY_SHARE * np.abs(whole - left)
    seen = [feeder.booked.line.station_index[name] for name in sorted(feeder.seen)]
    pieces, kwh = feeder.pieces, feeder.piece_kwh
    at = np.searchsorted(slots, pieces["t0"] // booking.SLOT_NS * booking.SLOT_NS)
    inside = at < len(slots)
    inside[inside] = slots[at[inside]] == pieces["t0"][inside] // booking.SLOT_NS * booking.SLOT_NS
    modelled = sums(at[inside], kwh[inside], len(slots)) + _base_kwh(feeder, slots)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(enough & (modelled > 0), left / modelled, 0.0)
    booked_here = inside & (pieces["column"] >= 0) & np.isin(pieces["station"], seen)
    chosen, slot = pieces[booked_here], at[booked_here]
    cells = np.zeros(len(chosen), rest.dtype)
    cells["place"], cells["state"] = chosen["station"], chosen["state"]
    visited = chosen["visit"] >= 0
    cells["vehicle"] = -1
    cells["vehicle"][visited] = feeder.booked.visits["vehicle"][chosen["visit"][visited]]
    cells["carrier"], cells["point"] = rest["carrier"][0], rest["point"][0]
    cells["slot_ns"], cells["evidence"] = slots[slot], booking.ESTIMATED
    cells["kwh"] = kwh[booked_here] * scale[slot]
    cells = cells[cells["kwh"] != 0.0]
    taken = cells.copy()
    for name in ("place", "state", "vehicle"):
        taken[name] = rest[name][0]
    taken["kwh"] *= -1.0
    base = rest.copy()  # what is left of an estimate is one
    base["evidence"][np.isin(rest["slot_ns"], slots[scale > 0])] = booking.ESTIMATED
    return np.concatenate([base, cells, taken])


def _by_slot(slot_ns: Ints, kwh: Floats, slots: Ints) -> Floats:
    at = np.searchsorted(slots, slot_ns)
    inside = (at < len(slots)) & (slots[np.minimum(at, len(slots) - 1)] == slot_ns)
    return sums(at[inside], kwh[inside], len(slots))


def _base_kwh(feeder: Feeder, slots: Ints) -> Floats:
    """The modelled base load in each slot, as far as it was booked [kWh], (slots,)."""
    booked = feeder.booked
    first = booked.buckets_from_ns // booking.SLOT_NS * booking.SLOT_NS
    knots = first + np.arange(len(feeder.base_kw)) * booking.SLOT_NS
    begin = np.maximum(slots, booked.from_ns)
    end = np.minimum(slots + booking.SLOT_NS, booked.to_ns)
    kw = np.interp(begin + (end - begin) // 2, knots, feeder.base_kw)
    return np.asarray(kw * np.maximum(end - begin, 0) / booking.NS_PER_HOUR)
