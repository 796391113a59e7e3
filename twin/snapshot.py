"""What a screen pulls: the line as the mirror sees it at one moment, as frozen values.

The worker that advances the mirror makes a Snapshot a few times a second; a view takes the
newest one and draws it. Nothing here changes after it was made, arrays included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from twin.accounts import Accounts


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure; value None: not known (no data, no target, no vehicles).

    measured_share: of the energy that it rests on what was measured; of counts, of the time that
    was heard. from_ns, to_ns: the period that it covers, UTC.
    """

    id: str
    value: float | None
    unit: str
    target: float | None
    evidence: str | None  # "measured", "estimated", "modelled"
    measured_share: float | None = None
    from_ns: int = 0
    to_ns: int = 0


@dataclass(frozen=True, slots=True)
class StationView:
    """One station now."""

    station: str
    state: str  # one of data.line.STATES
    state_since_ns: int | None
    vehicle: str | None
    variant: str | None
    power_kw: float | None  # None: no meter of its own, or no usable value
    energy_kwh: float | None  # of its own meters, since the begin
    vehicles_done: int
    data_ns: int | None  # source time of its newest sample


@dataclass(frozen=True, slots=True)
class BufferView:
    """Vehicles between two stations, oldest first."""

    from_station: str
    to_station: str
    capacity: int
    vehicles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay of a vehicle at a station; leave_ns None: still there; kwh by carrier.

    Energies are empty where no meter of the station counted any; evidence "": nothing is known.
    """

    vehicle: str
    station: str
    enter_ns: int
    leave_ns: int | None
    whole: bool  # False: began before the log did, or lay in a gap
    processing_s: float
    direct_kwh: Mapping[str, float]
    waiting_kwh: Mapping[str, float]
    evidence: str


@dataclass(frozen=True, slots=True)
class VehicleTable:
    """All vehicles seen, as columns of equal length, in order of first appearance.

    Times in UTC nanoseconds, 0 where unknown. ``state``: 0 in progress, 1 good, 2 scrapped.
    ``complete``: every visit lies inside the log (or the log that it continues). ``final``: nothing
    that is still to come changes the account. Parts are no vehicles: what they took is on the
    vehicle that they went into.
    Energy over all boundary carriers [kWh]; carbon in the location book [kg], NaN without a book.
    """

    vehicle: tuple[str, ...]
    variant: tuple[str, ...]
    station: tuple[str, ...]  # where it is, "" when completed or between stations
    entered_ns: NDArray[np.int64]
    completed_ns: NDArray[np.int64]
    state: NDArray[np.uint8]
    complete: NDArray[np.bool_]
    final: NDArray[np.bool_]
    direct_kwh: NDArray[np.float64]
    shared_kwh: NDArray[np.float64]
    scrap_kwh: NDArray[np.float64]
    carbon_kg: NDArray[np.float64]
    evidence: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.vehicle)


@dataclass(frozen=True, slots=True)
class PowerSeries:
    """Mean power per metering point in equal buckets [kW], (points, buckets); NaN: no data.

    ``point`` are the ids of the line's points in order; bucket k begins at
    ``begin_ns + k * bucket_ns``. ``total_kw``: sum over the boundary points of energy carriers'
    electricity.
    """

    begin_ns: int
    bucket_ns: int
    point: tuple[str, ...]
    kw: NDArray[np.float64]
    total_kw: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gap:
    """No data from a source; to_ns None: still open."""

    source: str
    from_ns: int
    to_ns: int | None


@dataclass(frozen=True, slots=True)
class SignalView:
    """The newest sample of one signal; text: as shown to a person; quality: a word or two."""

    key: str
    text: str | None
    unit: str | None
    time_ns: int | None
    quality: str  # "good", "uncertain", "bad", "missing", "refused", "lost"


@dataclass(frozen=True, slots=True)
class Quality:
    """Counts over the stream so far."""

    samples: int
    bad: int
    uncertain: int
    late: int
    duplicates: int
    gaps: int
    dropped: int
    recovered: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The line at ``time_ns`` (newest source time); figures since ``from_ns``.

    ``provisional``: the session still runs, so shared energy may still move between vehicles.
    ``speed``: plant seconds per second of the server (1: a real plant). ``accounts``: what all of
    it comes from, for figures that take longer (``twin.studies``); None where nothing was booked.
    """

    serial: int  # grows with each snapshot
    from_ns: int
    time_ns: int
    receive_ns: int  # our clock when the newest sample arrived
    speed: float
    provisional: bool
    stations: tuple[StationView, ...]
    buffers: tuple[BufferView, ...]
    power_kw: float | None  # boundary electricity now
    kpis: Mapping[str, Kpi]
    energy_by_state_kwh: Mapping[str, float]
    balance_error: Mapping[str, float]
    vehicles: VehicleTable
    visits: tuple[Visit, ...]  # of all vehicles, in order of entering
    power: PowerSeries
    signals: tuple[SignalView, ...]
    gaps: tuple[Gap, ...]
    quality: Quality
    accounts: Accounts | None = None
