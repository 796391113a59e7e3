"""How the KPIs moved while the window watched: short histories for sparklines."""

from __future__ import annotations

from twin.snapshot import Snapshot

MOST = 160


class Trends:
    """Values of each KPI over plant time, thinned so that they never outgrow a sparkline."""

    def __init__(self) -> None:
        self._times: list[int] = []
        self._values: dict[str, list[float | None]] = {}
        self._apart_ns = 0

    def isVisible(self) -> bool:  # noqa: N802 (a view of the tick bus, always looking)
        """Histories grow whichever screen is shown."""
        return True

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Takes up the KPIs of a snapshot; after a step back in time, forgets what follows it."""
        while self._times and self._times[-1] >= snapshot.time_ns:
            self._drop_last()
        if self._times and snapshot.time_ns - self._times[-1] < self._apart_ns:
            return
        self._times.append(snapshot.time_ns)
        for id_ in snapshot.kpis.keys() - self._values.keys():
            self._values[id_] = [None] * (len(self._times) - 1)
        for id_, values in self._values.items():
            kpi = snapshot.kpis.get(id_)
            values.append(None if kpi is None else kpi.value)
        if len(self._times) > MOST:
            self._thin()

    def of(self, id_: str) -> list[float]:
        """The known values of a KPI, oldest first."""
        return [value for value in self._values.get(id_, ()) if value is not None]

    def _drop_last(self) -> None:
        self._times.pop()
        for values in self._values.values():
            values.pop()

    def _thin(self) -> None:
        self._times = self._times[::2]
        self._values = {id_: values[::2] for id_, values in self._values.items()}
        self._apart_ns = (self._times[-1] - self._times[0]) // len(self._times)
