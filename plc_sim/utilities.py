"""What keeps a plant going beside its line: ovens, air, heat, cold, sun and storage.

Each unit is reckoned in steps of ``STEP_S`` from the demands at that moment; what it then draws
follows with the lag of its load, so that its energy stays in closed form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, sqrt
from typing import TYPE_CHECKING

from plc_sim.load import Load, microseconds
from plc_sim.plant_schema import (
    AhuEntry,
    AirEntry,
    BaseEntry,
    BoilerEntry,
    ChillerEntry,
    CompressorEntry,
    OvenEntry,
    PvEntry,
    StorageEntry,
)
from plc_sim.station import SPREAD_LIMIT
from plc_sim.streams import Normals, stream
from plc_sim.unit import Unit

if TYPE_CHECKING:
    from plc_sim.plant import Plant

STEP_S = 5.0
HALL_C = 20.0
_NORMAL_BAR = 7.0
_AIR_STAGGER_BAR = 0.15  # between the bands of two compressors
_MACHINE_LAG_S = 2.0
_INRUSH = 1.8  # of a motor's power, when it starts
_FAN_SPREAD = 0.02  # relative: dampers, doors and filters move the fans of a hall
_FAN_MEMORY_S = 600.0
_CONTROL_KW_PER_K = 0.05  # of the burner's most, per K below the set point


class Base:
    """A load that wanders around its level: an Ornstein-Uhlenbeck walk in steps."""

    def __init__(self, plant: Plant, entry: BaseEntry) -> None:
        self.unit = Unit(plant, entry.id, entry.covers, {entry.carrier: entry.lag_s})
        self._plant = plant
        self._entry = entry
        self._normals = Normals(stream(plant.seed, "base", entry.id))
        self._keep = exp(-entry.step_s / entry.memory_s)
        self._off = self._normals.next()
        self.show()
        self.unit.settle()
        step_us = microseconds(entry.step_s)
        plant.every(step_us, step_us, self._wander)

    def _wander(self) -> None:
        kept = self._keep * self._off
        self._off = kept + sqrt(1.0 - self._keep**2) * self._normals.within(SPREAD_LIMIT)
        self.show()

    def show(self) -> None:
        """Draws what the hour asks for."""
        entry, plant = self._entry, self._plant
        level = entry.level * (1.0 + entry.sd * self._off) * plant.effects.growth(entry.id)
        if plant.rest == "off":
            level *= entry.off_shift
        elif plant.rest == "stopped" and not plant.effects.left_on:
            level *= entry.in_break
        self.unit.draw(entry.carrier, max(0.0, level))


class Oven:
    """A hot chamber: C dT/dt = burner - UA (T - hall) - what the bodies take up."""

    def __init__(self, plant: Plant, entry: OvenEntry) -> None:
        self.unit = Unit(plant, entry.id, entry.at, {"electricity": 5.0, entry.fuel: 20.0})
        self._plant = plant
        self._entry = entry
        self._burner_kw = 0.0
        hot = plant.calendar.on_shift(0, entry.lead_s) and not plant.cold_start
        self.chamber_c = entry.set_c if hot else HALL_C

    def temperature(self) -> float:
        """Of the chamber [degC]."""
        return self.chamber_c

    def step(self, step_s: float) -> None:
        """Warms or cools, then sets burner and fan, and who may come in."""
        entry, plant = self._entry, self._plant
        station = self.unit.station
        assert station is not None
        recent_us = plant.now_us - microseconds(entry.body_s)
        inside = [place for place in station.places if place.vehicle is not None]
        fresh = sum(1 for place in inside if place.enter_us > recent_us)
        bodies_kw = fresh * entry.body_kwh * 3600.0 / entry.body_s
        ua = entry.ua_kw_per_k * plant.effects.growth(entry.id)
        losses_kw = ua * (self.chamber_c - HALL_C)
        heat_kw = self._burner_kw * entry.efficiency
        self.chamber_c += (heat_kw - losses_kw - bodies_kw) * step_s / 3600 / entry.mass_kwh_per_k
        on = plant.calendar.on_shift(plant.now_us, entry.lead_s)
        below_k = entry.set_c - self.chamber_c
        wanted_kw = losses_kw + bodies_kw + below_k * _CONTROL_KW_PER_K * entry.max_kw
        self._burner_kw = min(max(wanted_kw / entry.efficiency, 0.0), entry.max_kw) if on else 0.0
        self.unit.draw(entry.fuel, self._burner_kw)
        fan = 1.0 if inside else entry.idle_fan
        self.unit.draw("electricity", entry.fan_kw * fan if on else 0.0)
        cold = on and below_k > entry.band_k
        station.set_cold(cold)
        if station.machine:
            _show(self.unit, "off" if not on else "warming_up" if cold else "processing")


class Compressor:
    """Loads and unloads by the pressure, and stops after idling."""

    def __init__(self, plant: Plant, entry: CompressorEntry) -> None:
        self.unit = Unit(plant, entry.id, entry.at, {"electricity": _MACHINE_LAG_S})
        self.entry = entry
        self.loaded = False
        self._idle_s = entry.stop_after_s  # stopped

    def step(self, step_s: float, bar: float, on_bar: float, off_bar: float) -> None:
        """Takes up or leaves off; ``on_bar`` and ``off_bar`` are its own band."""
        if bar < on_bar:
            self.loaded = True
        elif bar > off_bar:
            self.loaded = False
        starts = self.loaded and self._idle_s >= self.entry.stop_after_s
        self._idle_s = 0.0 if self.loaded else self._idle_s + step_s
        stopped = self._idle_s >= self.entry.stop_after_s
        idle_kw = 0.0 if stopped else self.entry.unloaded_kw
        level_kw = self.entry.loaded_kw if self.loaded else idle_kw
        self.unit.draw("electricity", level_kw, inrush=_INRUSH if starts else 0.0)
        word = "processing" if self.loaded else "standby" if stopped else "idle"
        _show(self.unit, word)


class Air:
    """Compressors, tank and leak: V dp/dt = supply - demand, at 1 bar."""

    def __init__(self, plant: Plant, entry: AirEntry, compressors: list[Compressor]) -> None:
        self.leak = Unit(plant, "leak", "plant", {"compressed_air": 30.0})
        self._plant = plant
        self._entry = entry
        self._compressors = compressors
        self.bar = (entry.on_bar + entry.off_bar) / 2
        self._leak()
        self.leak.settle()

    def step(self, step_s: float) -> None:
        """The tank's pressure after a step, and who works for it."""
        demand_m3h = self._plant.demand("compressed_air")
        supply_m3h = sum(c.entry.flow_m3h for c in self._compressors if c.loaded)
        change_bar = (supply_m3h - demand_m3h) * step_s / 3600 / self._entry.tank_m3
        self.bar = min(max(self.bar + change_bar, 0.5), self._entry.off_bar + 1.0)
        for number, compressor in enumerate(self._compressors):
            lower = number * _AIR_STAGGER_BAR
            on_bar, off_bar = self._entry.on_bar - lower, self._entry.off_bar - lower
            compressor.step(step_s, self.bar, on_bar, off_bar)
        self._leak()

    def _leak(self) -> None:
        entry, extra = self._entry, self._plant.effects.extra("leak")
        self.leak.draw("compressed_air", (entry.leak_m3h + extra) * self.bar / _NORMAL_BAR)


class Chiller:
    """Makes cold from electricity, by a coefficient of performance that falls with the heat."""

    def __init__(self, plant: Plant, entry: ChillerEntry) -> None:
        self.unit = Unit(plant, entry.id, entry.at, {"electricity": 60.0})
        self.entry = entry

    def carry(self, heat_kw: float, outdoor_c: float) -> None:
        """Takes up so much heat [kW]."""
        entry = self.entry
        cop = max(1.5, entry.cop + entry.cop_per_k * (outdoor_c - 15.0))
        part = max(heat_kw, entry.min_load * entry.capacity_kw)
        self.unit.draw("electricity", part / cop + entry.pump_kw if heat_kw > 0 else 0.0)
        _show(self.unit, "processing" if heat_kw > 0 else "standby")


class Boiler:
    """Makes hot water from a fuel."""

    def __init__(self, plant: Plant, entry: BoilerEntry) -> None:
        self.unit = Unit(plant, entry.id, entry.at, {"electricity": 5.0, entry.fuel: 60.0})
        self.entry = entry

    def carry(self, heat_kw: float, _outdoor_c: float) -> None:
        """Gives so much heat [kW]."""
        self.unit.draw(self.entry.fuel, heat_kw / self.entry.efficiency)
        self.unit.draw("electricity", self.entry.pump_kw if heat_kw > 0 else 0.0)
        _show(self.unit, "processing" if heat_kw > 0 else "standby")


def share_out(plant: Plant, carrier: str, machines: Sequence[Chiller | Boiler]) -> None:
    """Gives a net's demand to its machines, the first in the file first."""
    left_kw = plant.demand(carrier)
    for number, machine in enumerate(machines):
        last = number == len(machines) - 1
        part_kw = left_kw if last else min(left_kw, machine.entry.capacity_kw)
        machine.carry(part_kw, plant.weather.outdoor_c)
        left_kw -= part_kw


class Ahu:
    """Brings fresh air to the temperature of a hall or booth."""

    def __init__(self, plant: Plant, entry: AhuEntry) -> None:
        lags_s = {"electricity": 20.0, entry.heat_by: 120.0}
        if entry.cool_by is not None:
            lags_s[entry.cool_by] = 120.0
        self.unit = Unit(plant, entry.id, entry.at, lags_s)
        self._plant = plant
        self._entry = entry
        self._normals = Normals(stream(plant.seed, "fan", entry.id))
        self._off = self._normals.next()

    def step(self, step_s: float) -> None:
        """Fan by the calendar, heat and cold by the weather."""
        entry, plant = self._entry, self._plant
        keep = exp(-step_s / _FAN_MEMORY_S)
        self._off = keep * self._off + sqrt(1.0 - keep * keep) * self._normals.within(SPREAD_LIMIT)
        on = plant.calendar.on_shift(plant.now_us, entry.lead_s) or plant.effects.left_on
        part = 1.0 if on else entry.off_shift
        outdoor_c = plant.weather.outdoor_c
        air_kw_per_k = entry.air_kw_per_k * part * (1.0 - entry.recovery)
        heat_kw = max(0.0, entry.heat_to_c - outdoor_c) * air_kw_per_k
        direct = entry.heat_by == "natural_gas"
        self.unit.draw("electricity", entry.fan_kw * part * (1.0 + _FAN_SPREAD * self._off))
        self.unit.draw(entry.heat_by, heat_kw / entry.efficiency if direct else heat_kw)
        if entry.cool_by is not None:
            self.unit.draw(entry.cool_by, max(0.0, outdoor_c - entry.cool_to_c) * air_kw_per_k)


class Storage:
    """A battery that charges and gives back by the clock, with losses each way."""

    def __init__(self, plant: Plant, entry: StorageEntry) -> None:
        self.charge = Load(10.0, 0.0)
        self.discharge = Load(10.0, 0.0)
        self._plant = plant
        self._entry = entry
        self.kwh = entry.start * entry.kwh

    def step(self, step_s: float, demand_kw: float) -> None:
        """Charges or gives back as the hour says, as far as there is room, need or content."""
        entry, now_us = self._entry, self._plant.now_us
        hour = self._plant.calendar.clock(now_us).strftime("%H:%M")
        most_in = (entry.kwh - self.kwh) / entry.efficiency * 3600 / step_s
        most_out = self.kwh * entry.efficiency * 3600 / step_s
        charge_kw = min(entry.kw, most_in) if _within(hour, entry.charge) else 0.0
        give_kw = min(entry.kw, most_out, demand_kw) if _within(hour, entry.discharge) else 0.0
        moved_in, moved_out = self.charge.cut(now_us), self.discharge.cut(now_us)
        self.kwh += moved_in * entry.efficiency - moved_out / entry.efficiency
        self.charge.approach(max(0.0, charge_kw))
        self.discharge.approach(max(0.0, give_kw) if charge_kw <= 0 else 0.0)


class Roof:
    """Photovoltaics; what nobody takes is not made."""

    def __init__(self, plant: Plant, entry: PvEntry) -> None:
        self.load = Load(2.0, 0.0)
        self._plant = plant
        self._entry = entry

    def step(self, demand_kw: float) -> None:
        """Gives what the sun allows, no more than the plant draws."""
        entry = self._entry
        sun_kw = entry.kwp * entry.performance * self._plant.weather.irradiance_wm2 / 1000
        self.load.cut(self._plant.now_us)
        self.load.approach(min(sun_kw, max(0.0, demand_kw)))


class Utilities:
    """All of them, stepped together."""

    def __init__(self, plant: Plant) -> None:
        file = plant.file
        self._plant = plant
        self.bases = [Base(plant, entry) for entry in file.bases]
        self.ovens = [Oven(plant, entry) for entry in file.ovens]
        self.compressors = [Compressor(plant, entry) for entry in file.compressors]
        self.air = Air(plant, file.air, self.compressors) if file.air else None
        self.chillers = [Chiller(plant, entry) for entry in file.chillers]
        self.boilers = [Boiler(plant, entry) for entry in file.boilers]
        self.ahus = [Ahu(plant, entry) for entry in file.ahus]
        self.storage = Storage(plant, file.storage) if file.storage else None
        self.roof = Roof(plant, file.pv) if file.pv else None

    def units(self) -> list[Unit]:
        """Every unit that draws."""
        return [
            *(base.unit for base in self.bases),
            *(oven.unit for oven in self.ovens),
            *(compressor.unit for compressor in self.compressors),
            *(chiller.unit for chiller in self.chillers),
            *(boiler.unit for boiler in self.boilers),
            *(ahu.unit for ahu in self.ahus),
            *([self.air.leak] if self.air else []),
        ]

    def begin(self) -> None:
        """As they have long been when the plant starts, then step by step."""
        self._step(0.0)
        self._step(0.0)  # who makes what others asked for in the first
        for unit in self.units():
            if unit.station is None or not self._plant.cold_start:
                unit.settle()
        step_us = microseconds(STEP_S)
        self._plant.every(step_us, step_us, lambda: self._step(STEP_S))

    def _step(self, step_s: float) -> None:
        plant = self._plant
        plant.weather.advance(plant.now_us, step_s)
        for ahu in self.ahus:
            ahu.step(step_s)
        for oven in self.ovens:
            oven.step(step_s)
        if self.air is not None:
            self.air.step(step_s)
        share_out(plant, "chilled_water", self.chillers)
        share_out(plant, "hot_water", self.boilers)
        if step_s > 0:
            self._sources(step_s)

    def _sources(self, step_s: float) -> None:
        if self.storage is None and self.roof is None:
            return
        demand_kw = self._plant.demand("electricity")
        now_us = self._plant.now_us
        if self.storage is not None:
            self.storage.step(step_s, demand_kw)
            demand_kw += self.storage.charge.rate(now_us) - self.storage.discharge.rate(now_us)
        if self.roof is not None:
            self.roof.step(demand_kw)

    def gauges(self) -> dict[tuple[str, str], Callable[[], float]]:
        """What is measured beside the meters: (subject, role) to a reading."""
        weather, air = self._plant.weather, self.air
        found: dict[tuple[str, str], Callable[[], float]] = {
            ("plant", "outdoor_temperature"): lambda: weather.outdoor_c,
            ("plant", "irradiance"): lambda: weather.irradiance_wm2,
        }
        for oven in self.ovens:
            found[oven.unit.at, "process_value"] = oven.temperature
        if air is not None:
            for compressor in self.compressors:
                found[compressor.unit.at, "process_value"] = lambda: air.bar
        return found


def _within(hour: str, spans: list[list[str]]) -> bool:
    for begin, end in spans:
        if begin <= hour < end or (end <= begin and (hour >= begin or hour < end)):
            return True
    return False


def _show(unit: Unit, state: str) -> None:
    """Shows the state of a machine at its station."""
    assert unit.station is not None
    unit.station.places[0].show(state)
