"""A plant with other meters: what the same shift looks like through them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from data.line import Line
from plc_sim.plant_file import PlantFile


def with_meters(plant: PlantFile, meters: Collection[str], **keys: Any) -> PlantFile:
    """The plant with other keys (plc_sim.plant_schema.MeterEntry) of some meters."""
    changed = {
        name: entry.model_copy(update=keys) if name in meters else entry
        for name, entry in plant.meters.items()
    }
    return replace(plant, meters=changed)


def for_line(plant: PlantFile, whole: Line, line: Line) -> PlantFile:
    """The plant of a whole line as it fits a line with fewer meters."""
    kept = {meter.id for meter in line.meters}
    return replace(
        plant,
        meters={name: entry for name, entry in plant.meters.items() if name in kept},
        signal_types=tuple(plant.signal_types[whole.signal_index[s.key]] for s in line.signals),
    )
