"""Meters as they are: noisy, quantised, with a gain error, in the type and scale that they send."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from math import floor

from data.line import Meter
from plc_sim.load import Load
from plc_sim.plant_schema import INTEGER_LIMITS, MeterEntry
from plc_sim.streams import Normals

RawValue = str | int | float


def rounded_to_type(value: float, opc_type: str) -> int | float:
    """A number as it is after the OPC UA type has held it; integers saturate at their limits."""
    if opc_type == "Double":
        return value
    if opc_type == "Float":
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    low, high = INTEGER_LIMITS[opc_type]
    return max(low, min(high, round(value)))


class Register:
    """What one meter sends: ``unit_per_load`` meter units a unit of its loads, then the scale."""

    def __init__(
        self,
        meter: Meter,
        entry: MeterEntry,
        loads: Sequence[tuple[Load, float]],
        *,
        unit_per_load: float,
        scale: float,
        noise: Normals,
    ) -> None:
        self._meter = meter
        self._entry = entry
        self._loads = loads
        self._factor = unit_per_load * (1.0 + entry.gain_error)
        self._scale = scale
        self._noise = noise
        self._step = entry.resolution or (1.0 if entry.type in INTEGER_LIMITS else 0.0)
        self._counted = 0.0  # at the last reading of an interval meter

    def read(self, now_us: int) -> RawValue:
        """The value that it sends now."""
        match self._meter.kind:
            case "counter":
                value = self._register(now_us)
            case "interval":
                value = self._interval(now_us)
            case _:
                value = self._rate(now_us)
        return rounded_to_type(value, self._entry.type)

    def _rate(self, now_us: int) -> float:
        rate = sum(weight * load.rate(now_us) for load, weight in self._loads) * self._factor
        rate *= 1.0 + self._entry.noise * self._noise.within(4.0)
        raw = rate / self._scale
        return round(raw / self._step) * self._step if self._step else raw

    def _register(self, now_us: int) -> float:
        shown = self._entry.start + self._amount(now_us)
        rolls_over_at = self._meter.rolls_over_at
        if rolls_over_at is not None:
            shown %= rolls_over_at
        return self._floored(shown / self._scale)

    def _interval(self, now_us: int) -> float:
        """Since the last reading; what the resolution cuts off is carried into the next."""
        amount = self._amount(now_us) / self._scale
        value = self._floored(amount - self._counted)
        self._counted += value
        return value

    def _amount(self, now_us: int) -> float:
        return sum(weight * load.amount(now_us) for load, weight in self._loads) * self._factor

    def _floored(self, raw: float) -> float:
        if not self._step:
            return raw
        # A value a rounding error below a step is on it.
        return floor(raw / self._step + 1e-9) * self._step
