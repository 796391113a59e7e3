"""The raw values of a line's signals, as its PLCs send them, each with its time in the plant.

States and variants go through the inverse of the signal's map (the first word of several), numbers
through unit and scale. Stations report when something changes; meters and gauges are polled at
their periods by the data collector of their workshop, or of the plant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import merge
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.line import Line, Signal
from data.units import to_base
from plc_sim.load import US_PER_S, Floats, Load, microseconds
from plc_sim.meters import Collector, MeterBank, MeterSpec, RawValue, Reading, rounded_to_type
from plc_sim.plant import Plant
from plc_sim.plant_file import STATION_ROLES, amount_factor
from plc_sim.plant_schema import INTEGER_LIMITS, REAL_TYPES, MeterEntry
from plc_sim.station import StationUnit
from plc_sim.streams import stream

GAUGE_PERIOD_S = 5.0


NO_TIME = 0  # of a value that comes without a source time


class Change(NamedTuple):
    """A value that a signal takes on, and when [ns UTC]; status is an OPC UA StatusCode."""

    signal: int
    time_ns: int
    value: RawValue | None
    status: int = 0


class Poll(NamedTuple):
    """Values that were read at one instant [ns UTC]; whole numbers where the type has no others."""

    time_ns: int
    signals: NDArray[np.int32]
    values: Floats


class Changes(NamedTuple):
    """What happened in a step, each part in order of time.

    ``arrived`` is what a fault of the wire has touched: it comes last, in the order in which it is
    sent, whatever its times.
    """

    changes: list[Change]
    polls: list[Poll]
    arrived: list[Change]


class Signals:
    """What a plant shows: the values as they stand, and the changes since they were last taken."""

    def __init__(self, line: Line, plant: Plant) -> None:
        """Has the meters polled in the plant; at first all is as the plant stands at the start."""
        self.line = line
        self.plant = plant
        self._by_station: dict[str, list[Signal]] = {}
        self._meters = {meter.id: meter for meter in line.meters}
        self._workshops = {station.id: station.workshop for station in line.stations}
        self._words = {s.index: _inverse(s.map) for s in line.signals}
        self._types = plant.file.signal_types
        self._whole = np.array([kind in INTEGER_LIMITS for kind in self._types], bool)
        self._changes: list[Change] = []
        self._shown: dict[int, Change] = {}  # of stations
        self._polled: dict[Collector, Poll] = {}  # newest
        self._periods_us: dict[int, int] = {}
        for signal in line.signals:
            if signal.source is not None and signal.role in STATION_ROLES:
                self._by_station.setdefault(signal.subject, []).append(signal)
                station = plant.stations[signal.subject]
                at_us = _since_us(signal, station)
                self._set(signal.index, plant.time_ns(at_us), self._value(signal, station))
        self._numbers: dict[Collector, NDArray[np.int32]] = {}
        self._bank = self._install()
        plant.changed.clear()
        self._changes.clear()

    def advance(self, until_us: int) -> Changes:
        """Runs the plant to a time; what changed and was read in between."""
        self.plant.advance(until_us, self._look)
        polls = [self._poll(reading) for reading in self._bank.take()]
        changes, self._changes = self._changes, []
        return Changes(changes, polls, [])

    def current(self) -> list[Change]:
        """The newest value of every signal."""
        polled = [change for poll in self._polled.values() for change in self.one_by_one(poll)]
        return sorted([*self._shown.values(), *polled])

    def each(self, step: Changes) -> Iterator[Change]:
        """A step value by value: in order of time, then of signal; then what arrived."""
        polled = [change for poll in step.polls for change in self.one_by_one(poll)]
        polled.sort(key=_when)
        yield from merge(step.changes, polled, key=_when)
        yield from step.arrived

    def one_by_one(self, poll: Poll) -> list[Change]:
        """A poll as changes; whole numbers as int."""
        whole, time_ns = self._whole[poll.signals].tolist(), poll.time_ns
        each = zip(poll.signals.tolist(), poll.values.tolist(), whole, strict=True)
        return [
            Change(s, time_ns, int(value) if is_whole else value) for s, value, is_whole in each
        ]

    def opc_type(self, index: int) -> str:
        """OPC UA type of a signal: "String", "Double" and so on."""
        return self._types[index]

    def period_us(self, index: int) -> int:
        """How often a signal is read; of a station's, which report changes, a second."""
        return self._periods_us.get(index, US_PER_S)

    def _look(self) -> None:
        """Notes what this instant changed."""
        plant = self.plant
        if not plant.changed:
            return
        values = {}
        for name in plant.changed:
            station = plant.stations[name]
            for signal in self._by_station.get(name, ()):
                value = self._value(signal, station)
                if value != self._shown[signal.index].value:
                    values[signal.index] = value
        plant.changed.clear()
        now_ns = plant.time_ns(plant.now_us)
        for index in sorted(values):
            self._set(index, now_ns, values[index])

    def _set(self, index: int, time_ns: int, value: RawValue | None) -> None:
        change = Change(index, time_ns, value)
        self._shown[index] = change
        self._changes.append(change)

    def _poll(self, reading: Reading) -> Poll:
        numbers, time_ns = self._numbers[reading.collector], self.plant.time_ns(reading.at_us)
        poll = self._polled[reading.collector] = Poll(time_ns, numbers, reading.values)
        return poll

    def _value(self, signal: Signal, station: StationUnit) -> RawValue | None:
        match signal.role:
            case "state":
                return self._code(signal, station.state())
            case "vehicle":
                vehicle = station.vehicle()
                return "" if vehicle is None else vehicle.vin
            case "variant":
                vehicle = station.vehicle()
                if vehicle is None:  # a PLC leaves the last one standing
                    last = self._shown.get(signal.index)
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

    # Meters and gauges -----------------------------------------------------------------------

    def _install(self) -> MeterBank:
        """Has everything that is polled read at its period, in the phase of its collector."""
        polled = [s for s in self.line.signals if s.source and s.role not in STATION_ROLES]
        specs = [self._spec(signal) for signal in polled]
        bank = MeterBank(specs, self.plant.seed)
        rounds: dict[tuple[str, int], list[int]] = {}
        for number, (signal, spec) in enumerate(zip(polled, specs, strict=True)):
            period_us = self._periods_us[signal.index] = microseconds(spec.entry.period_s)
            rounds.setdefault((self._home(signal), period_us), []).append(number)
        for (home, period_us), numbers in rounds.items():
            collector = bank.collector(numbers)
            self._numbers[collector] = np.array([polled[n].index for n in numbers], np.int32)
            self._start(bank, collector, home, period_us)
        return bank

    def _start(self, bank: MeterBank, collector: Collector, home: str, period_us: int) -> None:
        """Polls now, for the value as it stood at the last time before the start, and from then."""
        plant = self.plant
        draws = stream(plant.seed, "phase", home, str(period_us))
        first_us = int(draws.integers(1, period_us + 1))
        bank.poll(collector, 0)
        (reading,) = bank.take()
        self._poll(reading._replace(at_us=first_us - period_us))
        plant.every(period_us, first_us, lambda: bank.poll(collector, plant.now_us))

    def _spec(self, signal: Signal) -> MeterSpec:
        if signal.subject_kind != "meter":
            return self._gauge(signal)
        plant = self.plant
        meter = self._meters[signal.subject]
        factor = amount_factor(meter, plant.file.heating_value)
        assert factor is not None  # plant_file checks it
        return MeterSpec(
            name=meter.id,
            kind=meter.kind,
            loads=plant.loads(meter),
            entry=plant.file.meters[meter.id],
            sent_per_load=factor / signal.scale,
            sent_per_unit=1.0 / signal.scale,
            rolls_over_at=meter.rolls_over_at,
        )

    def _gauge(self, signal: Signal) -> MeterSpec:
        opc_type = self._types[signal.index] or "Double"
        per_base = 1.0 if signal.unit is None else 1.0 / to_base(signal.unit).multiplier
        level = self.plant.gauges[signal.subject, signal.role]
        return MeterSpec(
            name=signal.key,
            kind="gauge",
            loads=[(Load(0.0, level()), 1.0)],
            gauge=level,
            entry=MeterEntry.model_validate(
                {"for": signal.key, "type": opc_type, "period_s": GAUGE_PERIOD_S}
            ),
            sent_per_load=per_base / signal.scale,
            sent_per_unit=1.0 / signal.scale,
        )

    def _home(self, signal: Signal) -> str:
        """Whose data collector polls a signal: a workshop's id, or "plant"."""
        if signal.subject_kind == "station":
            return self._workshops[signal.subject]
        if signal.subject_kind != "meter":
            return signal.subject
        meter = self._meters[signal.subject]
        homes = {self._workshops[station] for station in meter.stations}
        homes |= {part.removeprefix("workshop:") for part in meter.covers if ":" in part}
        return homes.pop() if len(homes) == 1 and "plant" not in meter.covers else "plant"


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


def _when(change: Change) -> tuple[int, int]:
    return change.time_ns, change.signal


def is_real(opc_type: str) -> bool:
    """Whether a type holds real numbers."""
    return opc_type in REAL_TYPES
