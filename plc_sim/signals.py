"""The raw values of a line's signals, as its PLCs send them, each with its time in the plant.

States and variants go through the inverse of the signal's map (the first word of several), numbers
through unit and scale. Stations report when something changes, meters at their periods.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from data.line import Line, Signal
from plc_sim.load import US_PER_S, microseconds
from plc_sim.meters import RawValue, Register, rounded_to_type
from plc_sim.plant import Plant
from plc_sim.plant_file import amount_factor
from plc_sim.plant_schema import REAL_TYPES
from plc_sim.station import StationUnit
from plc_sim.streams import Normals, stream


class Change(NamedTuple):
    """A value that a signal takes on, and when [ns UTC]."""

    signal: int
    time_ns: int
    value: RawValue


class Signals:
    """What a plant shows: ``current`` values, and the changes since they were last taken."""

    def __init__(self, line: Line, plant: Plant) -> None:
        """Hooks the meters into the plant; ``current`` is the plant as it stands at the start."""
        self._plant = plant
        self._by_station: dict[str, list[Signal]] = {}
        self._words = {s.index: _inverse(s.map) for s in line.signals}
        self._types = plant.file.signal_types
        self._readings: list[tuple[int, RawValue]] = []
        self._changes: list[Change] = []
        self.current: dict[int, Change] = {}
        for signal in line.signals:
            if signal.source is None:
                continue
            if signal.subject_kind == "station":
                self._by_station.setdefault(signal.subject, []).append(signal)
                station = plant.stations[signal.subject]
                at_us = _since_us(signal, station)
                self._set(signal.index, plant.time_ns(at_us), self._value(signal, station))
            else:
                self._install(line, signal)
        plant.changed.clear()
        self._changes.clear()

    def advance(self, until_us: int) -> list[Change]:
        """Runs the plant to a time; the changes in between, in order of time, then of signal."""
        self._plant.advance(until_us, self._look)
        changes, self._changes = self._changes, []
        return changes

    def opc_type(self, index: int) -> str:
        """OPC UA type of a signal: "String", "Double" and so on."""
        return self._types[index]

    def _look(self) -> None:
        """Notes what this instant changed."""
        plant, values = self._plant, dict(self._readings)
        self._readings.clear()
        for name in plant.changed:
            station = plant.stations[name]
            for signal in self._by_station.get(name, ()):
                value = self._value(signal, station)
                if value != self.current[signal.index].value:
                    values[signal.index] = value
        plant.changed.clear()
        now_ns = plant.time_ns(plant.now_us)
        for index in sorted(values):
            self._set(index, now_ns, values[index])

    def _set(self, index: int, time_ns: int, value: RawValue) -> None:
        change = Change(index, time_ns, value)
        self.current[index] = change
        self._changes.append(change)

    def _value(self, signal: Signal, station: StationUnit) -> RawValue:
        vehicle = station.vehicle()
        match signal.role:
            case "state":
                return self._code(signal, station.state())
            case "vehicle":
                return "" if vehicle is None else vehicle.vin
            case "variant":
                if vehicle is None:  # a PLC leaves the last one standing
                    last = self.current.get(signal.index)
                    return self._none(signal) if last is None else last.value
                return self._code(signal, vehicle.variant)
            case "good_count":
                return self._number(signal, station.good)
            case "reject_count":
                return self._number(signal, station.rejected)
            case "cycle_time":
                return self._number(signal, station.cycle_s)
            case _:
                return self._number(signal, float(station.state() == "failed"))

    def _none(self, signal: Signal) -> RawValue:
        return "" if self._types[signal.index] == "String" else 0

    def _code(self, signal: Signal, ours: str) -> RawValue:
        word = self._words[signal.index].get(ours, ours)
        if self._types[signal.index] == "String":
            return word
        return int(word) if word.lstrip("-").isdigit() else 0

    def _number(self, signal: Signal, number: float) -> RawValue:
        return rounded_to_type(number / signal.scale, self._types[signal.index])

    def _install(self, line: Line, signal: Signal) -> None:
        """A register for the meter's signal, read at its period with a phase of its own."""
        plant = self._plant
        meter = next(meter for meter in line.meters if meter.id == signal.subject)
        entry = plant.file.meters[meter.id]
        factor = amount_factor(meter, plant.file.heating_value)
        assert factor is not None  # plant_file checks it
        noise = Normals(stream(plant.seed, "noise", meter.id))
        loads = plant.loads(meter)
        register = Register(
            meter, entry, loads, unit_per_load=factor, scale=signal.scale, noise=noise
        )
        period_us = microseconds(entry.period_s)
        first_us = int(stream(plant.seed, "phase", meter.id).integers(1, period_us + 1))
        self._set(signal.index, plant.time_ns(first_us - period_us), register.read(0))

        def read(index: int) -> None:
            self._readings.append((index, register.read(plant.now_us)))

        plant.every(period_us, first_us, partial(read, signal.index))


def _since_us(signal: Signal, station: StationUnit) -> int:
    """Since when a station's signal has had its value at the start."""
    if signal.role in ("state", "alarm"):
        return station.state_us()
    if signal.role in ("vehicle", "variant"):
        return station.enter_us()
    return min(station.enter_us(), -US_PER_S)


def _inverse(words: Mapping[str, str]) -> dict[str, str]:
    inverse: dict[str, str] = {}
    for word, ours in words.items():
        inverse.setdefault(ours, word)
    return inverse


def is_real(opc_type: str) -> bool:
    """Whether a type holds real numbers."""
    return opc_type in REAL_TYPES
