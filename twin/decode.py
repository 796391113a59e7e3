"""Raw samples become rows for the kernels: our states, vehicle numbers, kW and kWh."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from data.factors import Books
from data.line import CARRIERS, ENERGY_CARRIERS, STATES, Line, Meter, Signal
from data.samples import (
    SEVERITY_SHIFT,
    Event,
    Flag,
    SampleBlock,
    Samples,
    TextTable,
    ValueType,
)
from data.units import to_base
from twin.kernels import booking as kernel

MOST = 1e15  # no meter shows more [kW, kWh, or the carrier's base unit]
LEAST_NEGATIVE = 3  # so many samples below nothing are no accident
NOISE = 1.0  # so little below nothing is nothing [the same]
_ONE_WAY = ("consume", "import")
_METER_OPS = (kernel.OP_RATE, kernel.OP_COUNTER, kernel.OP_INTERVAL)
NO_VEHICLE = -1
NO_VARIANT = -1
_UNKNOWN_WORD = kernel.UNKNOWN_STATE
_COUNT_OPS = {"good_count": kernel.OP_GOOD_COUNT, "reject_count": kernel.OP_REJECT_COUNT}
_TEXT_OPS = {
    "state": kernel.OP_STATE,
    "vehicle": kernel.OP_VEHICLE,
    "variant": kernel.OP_VARIANT,
}
_EVENT_OPS = {
    Event.SESSION_BEGIN: kernel.OP_BEGIN,
    Event.SESSION_END: kernel.OP_END,
    Event.GAP_BEGIN: kernel.OP_GAP_BEGIN,
}


_LOST_OPS = {
    kernel.OP_RATE: kernel.OP_LOST_RATE,
    kernel.OP_COUNTER: kernel.OP_LOST_COUNTER,
    kernel.OP_STATE: kernel.OP_LOST_STATION,
    kernel.OP_VEHICLE: kernel.OP_LOST_STATION,
}


def amount_per_unit(meter: Meter, unit: str, books: Books) -> float:
    """kWh per unit of an energy carrier (kW per unit of a rate); else the carrier's base unit.

    Fuels count by their lower heating value (``data.factors``).
    """
    base, multiplier = to_base(unit)
    if base in ("kWh", "kW") or meter.carrier not in ENERGY_CARRIERS:
        return multiplier
    return multiplier * books.kwh_per_unit(meter.carrier, base.removesuffix("/h"))


@dataclass
class Names:
    """What texts became numbers, in order of first appearance; both only grow."""

    vehicles: list[str] = field(default_factory=list)
    variants: list[str] = field(default_factory=list)
    vehicle_ids: dict[str, int] = field(default_factory=dict)
    variant_ids: dict[str, int] = field(default_factory=dict)

    def vehicle(self, name: str) -> int:
        """Number of a vehicle; NO_VEHICLE for the empty name."""
        return _intern(name, self.vehicles, self.vehicle_ids) if name else NO_VEHICLE

    def variant(self, name: str) -> int:
        """Number of a variant; NO_VARIANT for the empty name."""
        return _intern(name, self.variants, self.variant_ids) if name else NO_VARIANT


def _intern(name: str, names: list[str], ids: dict[str, int]) -> int:
    number = ids.get(name)
    if number is None:
        number = ids[name] = len(names)
        names.append(name)
    return number


class Decoder:
    """Turns blocks of one line's raw samples into kernel rows."""

    def __init__(self, line: Line, books: Books) -> None:
        self.names = Names()
        for variant in line.variants:
            self.names.variant(variant.id)
        self._line = line
        count = len(line.signals)
        self._op = np.zeros(count, np.uint8)
        self._target = np.zeros(count, np.int32)
        self._factor = np.ones(count)
        self._one_way = np.zeros(count, np.bool_)  # never below nothing
        self.below = np.zeros(count, np.int64)  # samples below nothing, by signal
        self.metered = np.zeros(count, np.int64)
        self._known: dict[tuple[int, int, int], int] = {}
        self._reading = _readings(line)
        self._point_of = {
            meter.id: p
            for p, point in enumerate(line.points)
            for meter in (point.amount, point.rate)
            if meter is not None
        }
        self._meters = {meter.id: meter for meter in line.meters}
        for signal in line.signals:
            self._prepare(signal, books)

    def _prepare(self, signal: Signal, books: Books) -> None:
        i = signal.index
        if signal.subject_kind == "meter" and signal.subject in self._point_of:
            meter = self._meters[signal.subject]
            self._target[i] = self._point_of[meter.id]
            per_unit = amount_per_unit(meter, signal.unit or meter.unit, books)
            self._factor[i] = signal.scale * per_unit
            self._one_way[i] = meter.kind == "counter" or meter.direction in _ONE_WAY
            self._op[i] = {
                "power": kernel.OP_RATE,
                "flow": kernel.OP_RATE,
                "counter": kernel.OP_COUNTER,
                "interval": kernel.OP_INTERVAL,
            }[meter.kind]
        elif signal.subject_kind == "station":
            self._target[i] = self._line.station_index[signal.subject]
            self._op[i] = _TEXT_OPS.get(signal.role, _COUNT_OPS.get(signal.role, kernel.OP_NONE))

    def factor(self, signal: int) -> float:
        """kWh (kW) per unit of a meter's signal as the server sends it."""
        return float(self._factor[signal])

    def negative(self) -> frozenset[int]:
        """Signals of meters that cannot run backwards, nearly all of whose samples say so."""
        several = self.below >= LEAST_NEGATIVE
        return frozenset(np.flatnonzero(several & (self.below > 0.9 * self.metered)).tolist())

    def rows(self, block: SampleBlock) -> NDArray[np.void]:
        """One ROW per sample, in the same order; what the kernels do not use is OP_NONE."""
        samples = block.samples
        rows = np.zeros(len(samples), kernel.ROW)
        signal = samples["signal"]
        is_sample = signal >= 0
        index = np.where(is_sample, signal, 0)
        if len(self._op):
            rows["op"] = np.where(is_sample, self._op[index], kernel.OP_NONE)
            rows["target"] = self._target[index]
        rows["t"] = samples["order_ns"]
        rows["quality"] = _quality(samples)
        rows["duplicate"] = (samples["flags"] & Flag.DUPLICATE) != 0
        rows["integer"] = samples["type"] == ValueType.INTEGER
        rows["value"] = samples["value"]
        rows["exact"] = samples["exact"]
        if len(self._op):
            # A counter stays as it is: differences of it are exact, and scaled in the kernel.
            scaled = (rows["op"] == kernel.OP_RATE) | (rows["op"] == kernel.OP_INTERVAL)
            with np.errstate(over="ignore"):  # refused below
                in_base = samples["value"] * self._factor[index]
            rows["value"] = np.where(scaled, in_base, samples["value"])
            self._refuse(rows, index, in_base)
        self._decode_texts(block, rows)
        for number in np.flatnonzero(~is_sample):
            kind, argument = Event(int(signal[number])), int(samples["exact"][number])
            if kind is Event.SAMPLES_LOST:
                self._decode_loss(rows[number], argument)
                continue
            rows["op"][number] = _EVENT_OPS.get(kind, kernel.OP_NONE)
            rows["target"][number] = argument
        return rows

    def _decode_loss(self, row: np.void, signal: int) -> None:
        """A signal's samples are lost from here on; what needs no note of it is OP_NONE."""
        op = int(self._op[signal])
        row["op"] = _LOST_OPS.get(op, kernel.OP_NONE)
        row["target"], row["exact"] = self._target[signal], op

    def _refuse(
        self, rows: NDArray[np.void], signals: NDArray[np.int32], in_base: NDArray[np.float64]
    ) -> None:
        """What no meter can show is bad: beyond belief, or below nothing where it cannot be.

        A rate or an interval a little below nothing is a meter's noise, and counts as nothing.
        """
        metered = np.isin(rows["op"], _METER_OPS) & (rows["quality"] != kernel.BAD)
        below = metered & self._one_way[signals] & (in_base < 0)
        noise = below & (in_base >= -NOISE) & (rows["op"] != kernel.OP_COUNTER)
        rows["quality"][(metered & (np.abs(in_base) > MOST)) | (below & ~noise)] = kernel.BAD
        rows["quality"][noise] = np.minimum(rows["quality"][noise], kernel.UNCERTAIN)
        rows["value"][noise] = 0.0
        self.metered += np.bincount(signals[metered], minlength=len(self.metered))
        self.below += np.bincount(signals[below & ~noise], minlength=len(self.below))

    def _decode_texts(self, block: SampleBlock, rows: NDArray[np.void]) -> None:
        """State, vehicle and variant: texts or numbers become ours, in order of appearance."""
        worded = (rows["op"] == kernel.OP_STATE) | (rows["op"] == kernel.OP_VEHICLE)
        worded |= rows["op"] == kernel.OP_VARIANT
        numbers = np.flatnonzero(worded)
        samples = block.samples[numbers]
        keys = zip(
            self._reading[samples["signal"]].tolist(),
            samples["type"].tolist(),
            samples["exact"].tolist(),
            strict=True,
        )
        codes = []
        for i, key in enumerate(keys):
            code = self._known.get(key) if key[1] != ValueType.REAL else None
            if code is None:
                code = self._known[key] = self._code(samples[i], block.texts)
            codes.append(code)
        rows["exact"][numbers] = codes

    def _code(self, sample: np.void, texts: TextTable) -> int:
        signal = self._line.signals[int(sample["signal"])]
        word = raw_text(sample, texts) or ""
        word = signal.map.get(word, word)
        if signal.role == "state":
            return STATES.index(word) if word in STATES else _UNKNOWN_WORD
        if signal.role == "vehicle":
            is_zero = sample["type"] != ValueType.TEXT and word == "0"
            return self.names.vehicle("" if is_zero else word.strip())
        return self.names.variant(word)


def _readings(line: Line) -> NDArray[np.int64]:
    """For each signal a number; signals of the same one read every word alike."""
    ways: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
    keys = ((signal.role, tuple(sorted(signal.map.items()))) for signal in line.signals)
    return np.array([ways.setdefault(key, len(ways)) for key in keys], np.int64)


def raw_text(sample: np.void, texts: TextTable) -> str | None:
    """A sample's value as text; None without a value."""
    kind = int(sample["type"])
    if kind == ValueType.TEXT:
        return texts[int(sample["exact"])]
    if kind == ValueType.INTEGER:
        return str(int(sample["exact"]))
    if kind == ValueType.REAL:
        value = float(sample["value"])
        return str(int(value)) if value.is_integer() else repr(value)
    return None


def _quality(samples: Samples) -> NDArray[np.uint8]:
    """GOOD, UNCERTAIN or BAD for the kernels, from status, type and flags."""
    severity = samples["status"] >> SEVERITY_SHIFT
    quality = np.full(len(samples), kernel.GOOD, np.uint8)
    doubted = (severity == 1) | ((samples["flags"] & Flag.CLOCK) != 0)
    quality[doubted] = kernel.UNCERTAIN
    unusable = (severity >= 2) | (samples["type"] == ValueType.NONE)
    unusable |= (samples["flags"] & Flag.REFUSED) != 0
    quality[unusable & (samples["signal"] >= 0)] = kernel.BAD
    return quality


CARRIER_INDEX = {carrier: i for i, carrier in enumerate(CARRIERS)}
