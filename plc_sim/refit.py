"""A bundled plant with other meters: what the same shift looks like through them."""

from __future__ import annotations

from dataclasses import replace

from data.line import Line
from plc_sim.plant_file import PlantFile, load_plant
from plc_sim.streams import stream


def with_even_meters(line: Line, *, noise: float, gain_error: float, seed: int) -> PlantFile:
    """The plant of a line whose stations' meters are all of one class, read once a second.

    ``noise`` is relative, of a power; ``gain_error`` the spread of the gains from meter to meter
    (a power and its counter are one meter), drawn by ``seed``.
    """
    plant = load_plant(line)
    gains = stream(seed, "gain")
    meters = dict(plant.meters)
    for point in line.points:
        gain = float(gains.uniform(-1.0, 1.0)) * gain_error * 3**0.5
        for meter in (point.amount, point.rate):
            if meter is not None and len(meter.stations) == 1 and meter.id in meters:
                keys = {"noise": noise, "gain_error": gain, "drift_per_day": 0.0, "period_s": 1.0}
                meters[meter.id] = meters[meter.id].model_copy(update=keys)
    return replace(plant, meters=meters)


def for_line(whole: Line, line: Line) -> PlantFile:
    """The plant of a whole line as it fits one of fewer meters."""
    plant = load_plant(whole)
    kept = {meter.id for meter in line.meters}
    return replace(
        plant,
        meters={name: entry for name, entry in plant.meters.items() if name in kept},
        signal_types=tuple(plant.signal_types[whole.signal_index[s.key]] for s in line.signals),
    )
