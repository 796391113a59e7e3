"""KPIs of ISO 22400-2 over the stations' states.

The standard's times on our states: APT is ``processing``, AUST ``setup``, AUPT both; ADET
``failed``, ``stopped``, ``held``, ``starved``, ``blocked`` and ``idle``; AUBT = AUPT + ADET.
``off``, ``standby`` and ``warming_up`` are time in which a station has no order. PBT is planned
busy time; time in which a station's state is not known is in none of them.

Of a workshop and of the plant, ratios of times are means over their stations; what needs a
quantity is that of the slowest station that every unit passes.
"""

from __future__ import annotations

import numpy as np

from data.line import STATES
from twin.kpis.basis import UNKNOWN, Basis
from twin.kpis.production import pacing_station, quality_ratio
from twin.kpis.whole import Floats
from twin.ledger import PROCESSING

SETUP = STATES.index("setup")
DELAYS = [
    STATES.index(name) for name in ("failed", "stopped", "held", "starved", "blocked", "idle")
]


def availability(basis: Basis) -> float | None:
    """Processing time / planned busy time [1] (ISO 22400-2 APT/PBT)."""
    return _mean_ratio(_apt(basis), _pbt(basis))


def allocation(basis: Basis) -> float | None:
    """Time with an order / planned busy time [1] (ISO 22400-2 allocation efficiency AUBT/PBT)."""
    return _mean_ratio(_aubt(basis), _pbt(basis))


def utilisation(basis: Basis) -> float | None:
    """Processing time / time with an order [1] (ISO 22400-2 utilisation efficiency APT/AUBT)."""
    return _mean_ratio(_apt(basis), _aubt(basis))


def technical_efficiency(basis: Basis) -> float | None:
    """Processing time / processing time and delays [1] (ISO 22400-2 APT/(APT + ADET))."""
    return _mean_ratio(_apt(basis), _apt(basis) + _adet(basis))


def effectiveness(basis: Basis) -> float | None:
    """Planned cycle x units / processing time [1] (ISO 22400-2 PRI x PQ / APT)."""
    pace = _pace(basis)
    if pace is None or not basis.has_units:
        return None
    row, cycle_s = pace
    processing_s = float(_apt(basis)[row])
    return cycle_s * basis.completed / processing_s if processing_s > 0 else None


def oee(basis: Basis) -> float | None:
    """Good units x planned cycle / planned busy time [1].

    ISO 22400-2: availability x effectiveness x quality = GQ x PRI / PBT; of a workshop and of the
    plant at the station that paces it. PRI is the line file's cycle_s over the variants made, per
    place.
    """
    pace, pbt_s = _pace(basis), basis.planned_s
    if pace is None or not basis.has_units or not basis.tells_good:
        return None
    if basis.scope.level == "station":
        if quality_ratio(basis) is None:
            return None
        pbt_s = float(_pbt(basis)[0])
    return basis.good * pace[1] / pbt_s if pbt_s > 0 else None


def nee(basis: Basis) -> float | None:
    """Net equipment effectiveness [1] (ISO 22400-2): (AUPT/PBT) x effectiveness x quality ratio.

    AUPT is processing and setup time, so that setup costs nothing: OEE x AUPT / APT.
    """
    pace, share = _pace(basis), oee(basis)
    if pace is None or share is None:
        return None
    row = pace[0]
    processing_s = float(_apt(basis)[row])
    setup_s = float(basis.planned_station_seconds[row, SETUP])
    return share * (processing_s + setup_s) / processing_s if processing_s > 0 else None


def _apt(basis: Basis) -> Floats:
    return np.asarray(basis.planned_station_seconds[:, PROCESSING])


def _adet(basis: Basis) -> Floats:
    return np.asarray(basis.planned_station_seconds[:, DELAYS].sum(axis=1))


def _aubt(basis: Basis) -> Floats:
    return _apt(basis) + basis.planned_station_seconds[:, SETUP] + _adet(basis)


def _pbt(basis: Basis) -> Floats:
    seconds = basis.planned_station_seconds
    return np.asarray(seconds.sum(axis=1) - seconds[:, UNKNOWN])


def _mean_ratio(part: Floats, whole: Floats) -> float | None:
    """Mean of part / whole over the stations that have any of the whole."""
    shares = part[whole > 0] / whole[whole > 0]
    return float(shares.mean()) if len(shares) else None


def _pace(basis: Basis) -> tuple[int, float] | None:
    """Row among the scope's stations and planned cycle [s] of the station that sets the pace."""
    if basis.scope.level == "station":
        cycle_s = basis.cycles_s.get(int(basis.stations[0]))
        return None if cycle_s is None else (0, cycle_s)
    found = pacing_station(basis)
    return None if found is None else (basis.stations.tolist().index(found[0]), found[1])
