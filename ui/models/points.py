"""The table of metering points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data.line import Line, Station, Workshop
from ui import text, words
from ui.desk import Desk
from ui.models.base import Column, TextTable
from ui.words import translate


class PointModel(TextTable):
    """The metering points as a tree in rows: children under their parents, indented."""

    def __init__(self, desk: Desk, line: Line) -> None:
        super().__init__(desk)
        self._line = line
        self._rows = _tree(line)
        self._now: dict[str, float] = {}
        self._mean: dict[str, float] = {}
        self.columns = (
            Column(lambda: translate("Energy", "Metering point"), False, self._name),
            Column(lambda: translate("Energy", "Carrier"), False, self._carrier),
            Column(lambda: translate("Energy", "Now kW"), True, self._now_text),
            Column(lambda: translate("Energy", "Mean kW"), True, self._mean_text),
        )

    def row_total(self) -> int:
        """Metering points."""
        return len(self._rows)

    def point(self, row: int) -> str:
        """The point's id in a row."""
        return self._rows[row][0]

    def first_parts(self, count: int) -> list[int]:
        """The rows of the first few electric parts of a whole."""
        points = (self._line.points[self._line.point_index[id_]] for id_, _ in self._rows)
        parts = [
            row
            for row, point in enumerate(points)
            if point.parent is not None and point.carrier == "electricity"
        ]
        return parts[:count]

    def show_power(self, point: Sequence[str], kw: NDArray[np.float64]) -> None:
        """Takes newer power, (points, buckets) [kW]."""
        if not kw.shape[1]:
            return
        with np.errstate(invalid="ignore"):
            known = np.isfinite(kw)
            count = known.sum(axis=1)
            total = np.where(known, kw, 0.0).sum(axis=1)
        for i, id_ in enumerate(point):
            last = np.flatnonzero(known[i, -3:])
            self._now[id_] = float(kw[i, -3:][last[-1]]) if last.size else float("nan")
            self._mean[id_] = float(total[i] / count[i]) if count[i] else float("nan")
        self.refresh()

    def _name(self, row: int) -> str:
        id_, depth = self._rows[row]
        return "    " * depth + id_ + "   " + self._covers(id_)

    def _covers(self, id_: str) -> str:
        point = self._line.points[self._line.point_index[id_]]
        return ", ".join(self._covered(cover) for cover in point.covers)

    def _covered(self, cover: str) -> str:
        if cover == "plant":
            return self.desk.name(self._line.plant.names)
        id_ = cover.removeprefix("workshop:")
        for thing in (*self._line.stations, *self._line.workshops):
            if isinstance(thing, Station | Workshop) and thing.id == id_:
                return self.desk.name(thing.names)
        return cover

    def _carrier(self, row: int) -> str:
        point = self._line.points[self._line.point_index[self._rows[row][0]]]
        return words.carrier(point.carrier)

    def _now_text(self, row: int) -> str:
        return text.number(self._now.get(self._rows[row][0]), 1)

    def _mean_text(self, row: int) -> str:
        return text.number(self._mean.get(self._rows[row][0]), 1)


def _tree(line: Line) -> list[tuple[str, int]]:
    """Metering points as (id, depth), children right after their parent."""
    children: dict[str | None, list[str]] = {}
    for point in line.points:
        children.setdefault(point.parent, []).append(point.id)
    rows: list[tuple[str, int]] = []

    def walk(parent: str | None, depth: int) -> None:
        for id_ in children.get(parent, ()):
            rows.append((id_, depth))
            walk(id_, depth + 1)

    walk(None, 0)
    return rows
