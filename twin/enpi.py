"""Energy performance over many shifts: a frozen baseline by regression, and what was saved since.

ISO 50006: E = b0 + b1 x units + b2 x HDD + b3 x CDD over the shifts of a baseline period; of a
later shift the saving is predicted - actual, and their running sum is the CUSUM. Where several
variants are made each has its own b1. Degree days are of a shift's mean outdoor temperature.

A use over many logs, each replayed to its report (``greenline report LOG --out FILE.json``):

    points = points_of([json.loads(path.read_bytes()) for path in paths])
    baseline = fit(points[:30])
    if isinstance(baseline, Baseline):
        steps = cusum(baseline, points[30:])
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from twin import least_squares
from twin.kpis.basis import HOUR_NS, Basis
from twin.kpis.whole import Scope
from twin.weather import mean_celsius

HEATING_BELOW_C = 18.0  # base temperatures of degree days in Chinese practice (JGJ 26)
COOLING_ABOVE_C = 26.0
_DEGREES = (HEATING_BELOW_C, COOLING_ABOVE_C)
LEAST_SHIFTS = 3  # for each coefficient of a baseline
MOST_INFLATION = 100.0  # of a driver's variance: beyond it the others tell 99 % of the driver
WHY_NOT = {
    "no_shift": "no shift was booked",
    "nothing_varies": "nothing that drives energy changes from shift to shift",
    "too_few": "{count} shifts are too few for {coefficients} coefficients: {least} are needed",
    "not_known": "{driver} is not known in {missing} of {count} shifts",
    "constant": "{driver} is the same in every shift",
    "alike": "{drivers} change together and cannot be told apart",
    "same_energy": "the energy is the same in every shift",
}
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Point:
    """A shift as a baseline sees it.

    units: vehicles completed by variant. outdoor_c: mean outdoor temperature, None where no signal
    told it. measured_share: of the energy.
    """

    line: str
    shift: str
    from_ns: int
    to_ns: int
    units: Mapping[str, int]
    kwh: float
    outdoor_c: float | None
    measured_share: float | None

    @property
    def days(self) -> float:
        """Its length [d]."""
        return (self.to_ns - self.from_ns) / HOUR_NS / 24.0

    @property
    def total_units(self) -> int:
        """Vehicles of all variants."""
        return sum(self.units.values())


def heating_degree_days(point: Point, below_c: float = HEATING_BELOW_C) -> float | None:
    """max(0, base - mean outdoor temperature) x length [K d]."""
    if point.outdoor_c is None:
        return None
    return max(0.0, below_c - point.outdoor_c) * point.days


def cooling_degree_days(point: Point, above_c: float = COOLING_ABOVE_C) -> float | None:
    """max(0, mean outdoor temperature - base) x length [K d]."""
    if point.outdoor_c is None:
        return None
    return max(0.0, point.outdoor_c - above_c) * point.days


# --- points ----------------------------------------------------------------------------------


def points(basis: Basis) -> tuple[Point, ...]:
    """A point for each planned shift of a log, as far as it was booked; without plans one for all.

    None at all where nothing is metered.
    """
    if not basis.metered or basis.span_ns[1] <= basis.span_ns[0]:
        return ()
    windows = basis.whole.shifts
    planned = [(w.shift.name, (w.from_ns, w.to_ns)) for w in windows if w.shift is not None]
    if not basis.line.shifts:
        planned = [("", basis.span_ns)]
    return tuple(_point(basis.within(Scope(span_ns=span)), name) for name, span in planned)


def _point(basis: Basis, name: str) -> Point:
    begin, end = basis.span_ns
    booked, variants = basis.ledger.booked, basis.accounts.variant[basis.departures.vehicle]
    made = [booked.variants[v] if v >= 0 else "unknown" for v in variants.tolist()]
    return Point(
        line=basis.line.plant.id,
        shift=name,
        from_ns=begin,
        to_ns=end,
        units={variant: made.count(variant) for variant in sorted(set(made))},
        kwh=basis.energy_kwh,
        outdoor_c=mean_celsius(booked.outdoor, begin, end, basis.whole.gap_ns),
        measured_share=basis.measured_share("energy"),
    )


def points_of(reports: Iterable[Mapping[str, Any]]) -> tuple[Point, ...]:
    """The points of reports in order of time; shifts that several tell count once, the longest.

    Raises ValueError for reports of different lines, which have no common baseline.
    """
    return in_order(_from_report(r["line"], each) for r in reports for each in r["enpi"])


def in_order(points_of_logs: Iterable[Point]) -> tuple[Point, ...]:
    """Points in order of time; shifts that several logs tell count once, the longest.

    Raises ValueError for points of different lines, which have no common baseline.
    """
    found: dict[tuple[str, int], Point] = {}
    for point in points_of_logs:
        key = (point.shift, point.from_ns)
        if key not in found or found[key].to_ns < point.to_ns:
            found[key] = point
    lines = sorted({point.line for point in found.values()})
    if len(lines) > 1:
        raise ValueError(f"several lines ({', '.join(lines)}): a baseline is of one")
    return tuple(sorted(found.values(), key=lambda point: (point.from_ns, point.to_ns)))


def _from_report(line: str, each: Mapping[str, Any]) -> Point:
    return Point(
        line=line,
        shift=each["shift"] or "",
        from_ns=_ns(each["from"]),
        to_ns=_ns(each["to"]),
        units=each["units"],
        kwh=each["kwh"],
        outdoor_c=each["outdoor_c"],
        measured_share=each["measured_share"],
    )


def _ns(iso: str) -> int:
    at = datetime.fromisoformat(iso)
    return int(at.replace(microsecond=0).timestamp()) * _SECOND_NS + at.microsecond * 1000


# --- baseline --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Term:
    """A driver of the energy and what one of it takes [kWh per unit or per K d].

    low, high: the range that the baseline has seen. inflation: of its variance by the others.
    """

    driver: str  # "units", "units:VARIANT", "hdd" or "cdd"
    coefficient: float
    standard_error: float
    low: float
    high: float
    inflation: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """A frozen baseline: kWh of a shift = base + sum of coefficient x driver.

    r2, cv_rmse: how well it fits its own shifts (cv_rmse: residual standard deviation / mean
    kWh). left_out: drivers that these shifts cannot tell of, and why.
    """

    base_kwh: float
    base_standard_error: float
    terms: tuple[Term, ...]
    r2: float
    cv_rmse: float
    shifts: int
    from_ns: int
    to_ns: int
    covariance: tuple[tuple[float, ...], ...]  # [kWh2], of the base, then the terms
    residual_kwh: float  # standard deviation of the residuals
    heating_below_c: float
    cooling_above_c: float
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NoBaseline:
    """Why these shifts make no baseline: a key of WHY_NOT, and what its sentence speaks of."""

    kind: str
    values: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The same in words."""
        return WHY_NOT[self.kind].format(**self.values)


def fit(
    shifts_of: Sequence[Point],
    drivers: Sequence[str] | None = None,
    *,
    heating_below_c: float = HEATING_BELOW_C,
    cooling_above_c: float = COOLING_ABOVE_C,
) -> Baseline | NoBaseline:
    """The baseline of a period's shifts, or why there is none.

    drivers: of "units" (all vehicles), "units:VARIANT", "hdd", "cdd"; None takes every variant
    and the degree days, and leaves out what does not change from shift to shift.
    """
    degrees = (heating_below_c, cooling_above_c)
    left_out: list[tuple[str, str]] = []
    if drivers is None:
        drivers, left_out = _telling(shifts_of, degrees)
    columns = {driver: _values(driver, shifts_of, degrees) for driver in drivers}
    why_not = _why_not(columns, len(shifts_of))
    if why_not is not None:
        return why_not
    known = {driver: [v for v in column if v is not None] for driver, column in columns.items()}
    return _fitted(shifts_of, known, degrees, tuple(left_out))


def fit_what_tells(shifts_of: Sequence[Point]) -> Baseline | NoBaseline:
    """The baseline by as many drivers as these shifts can tell of, or why there is none.

    Every variant and the degree days; where shifts are too few for that, all vehicles in one and
    the degree days; then the vehicles alone.
    """
    first = fit(shifts_of)
    if isinstance(first, Baseline):
        return first
    weather = [d for d in ("hdd", "cdd") if d in _telling(shifts_of, _DEGREES)[0]]
    for drivers in (["units", *weather], ["units"]):
        found = fit(shifts_of, drivers)
        if isinstance(found, Baseline):
            return replace(found, left_out=_left_out(shifts_of, drivers))
    return first


def _left_out(shifts_of: Sequence[Point], drivers: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Drivers that would have told something, had there been more shifts; and those that never do.

    Variants are not told apart where all vehicles are one driver.
    """
    telling, others = _telling(shifts_of, _DEGREES)
    few = [(d, "too few shifts to tell of it") for d in telling if d not in drivers]
    return (*others, *few)


def predicted_kwh(baseline: Baseline, point: Point) -> float | None:
    """What a shift would have taken by the baseline [kWh]; None without a driver of it."""
    row = _row(baseline, point)
    if row is None:
        return None
    parts = (term.coefficient * x for term, x in zip(baseline.terms, row, strict=True))
    return baseline.base_kwh + math.fsum(parts)


@dataclass(frozen=True, slots=True)
class Step:
    """A shift against the baseline [kWh].

    saving_kwh: predicted - actual; standard_error_kwh: of one shift's prediction. cusum_kwh: sum of
    the savings so far, shifts without a prediction left out. within: inside what the baseline saw.
    """

    point: Point
    predicted_kwh: float | None
    saving_kwh: float | None
    standard_error_kwh: float | None
    cusum_kwh: float
    within: bool


def cusum(baseline: Baseline, later: Sequence[Point]) -> tuple[Step, ...]:
    """Saving of each shift by the frozen baseline, and their running sum (ISO 50006, EnB)."""
    steps: list[Step] = []
    savings: list[float] = []
    for point in later:
        predicted = predicted_kwh(baseline, point)
        saving = None if predicted is None else predicted - point.kwh
        savings += [] if saving is None else [saving]
        steps.append(
            Step(
                point=point,
                predicted_kwh=predicted,
                saving_kwh=saving,
                standard_error_kwh=_prediction_error(baseline, point),
                cusum_kwh=math.fsum(savings),
                within=_is_within(baseline, point),
            )
        )
    return tuple(steps)


def coverage(steps: Sequence[Step]) -> float | None:
    """Share of shifts that lie inside what the baseline has seen; None of none."""
    return sum(step.within for step in steps) / len(steps) if steps else None


def _telling(
    shifts_of: Sequence[Point], degrees: tuple[float, float]
) -> tuple[list[str], list[tuple[str, str]]]:
    """Drivers that vary, and why the others do not count."""
    variants = sorted({variant for point in shifts_of for variant in point.units})
    wanted = [f"units:{variant}" for variant in variants] if len(variants) > 1 else ["units"]
    kept, left_out = [], []
    for driver in (*wanted, "hdd", "cdd"):
        column = _values(driver, shifts_of, degrees)
        if None in column:
            left_out.append((driver, "no outdoor temperature in every shift"))
        elif len(set(column)) <= 1:
            left_out.append((driver, "the same in every shift"))
        else:
            kept.append(driver)
    return kept, left_out


def _values(
    driver: str, shifts_of: Sequence[Point], degrees: tuple[float, float]
) -> list[float | None]:
    value = _reading(driver, degrees)
    return [value(point) for point in shifts_of]


def _reading(driver: str, degrees: tuple[float, float]) -> Callable[[Point], float | None]:
    kind, _, variant = driver.partition(":")
    if kind == "units" and variant:
        return lambda point: float(point.units.get(variant, 0))
    if driver == "units":
        return lambda point: float(point.total_units)
    if driver == "hdd":
        return lambda point: heating_degree_days(point, degrees[0])
    if driver == "cdd":
        return lambda point: cooling_degree_days(point, degrees[1])
    raise ValueError(f'driver "{driver}": must be units, units:VARIANT, hdd or cdd')


def _why_not(columns: Mapping[str, Sequence[float | None]], count: int) -> NoBaseline | None:
    """Why these columns make no baseline; None where they do."""
    if not columns:
        return NoBaseline("nothing_varies")
    coefficients = len(columns) + 1
    least = LEAST_SHIFTS * coefficients
    if count < least:
        return NoBaseline("too_few", {"count": count, "coefficients": coefficients, "least": least})
    known: dict[str, list[float]] = {}
    for driver, column in columns.items():
        known[driver] = [value for value in column if value is not None]
        if len(known[driver]) < count:
            missing = count - len(known[driver])
            return NoBaseline("not_known", {"driver": driver, "missing": missing, "count": count})
        if len(set(known[driver])) <= 1:
            return NoBaseline("constant", {"driver": driver})
    inflated = zip(known, least_squares.inflations(list(known.values())), strict=True)
    alike = [driver for driver, inflation in inflated if inflation > MOST_INFLATION]
    if alike:
        return NoBaseline("alike", {"drivers": ", ".join(alike)})
    return None


def _fitted(
    shifts_of: Sequence[Point],
    columns: Mapping[str, Sequence[float]],
    degrees: tuple[float, float],
    left_out: tuple[tuple[str, str], ...],
) -> Baseline | NoBaseline:
    kwh = [point.kwh for point in shifts_of]
    mean_kwh = math.fsum(kwh) / len(kwh)
    spread = math.fsum((each - mean_kwh) ** 2 for each in kwh)
    if not spread or not mean_kwh:
        return NoBaseline("same_energy")
    found = least_squares.fit(list(columns.values()), kwh)
    rest = math.fsum(each * each for each in found.residuals)
    variance = rest / (len(kwh) - len(columns) - 1)
    errors = [math.sqrt(variance * row[i]) for i, row in enumerate(found.covariance)]
    inflations = least_squares.inflations(list(columns.values()))
    terms = (
        Term(driver, coefficient, error, min(column), max(column), inflation)
        for (driver, column), coefficient, error, inflation in zip(
            columns.items(), found.coefficients, errors[1:], inflations, strict=True
        )
    )
    return Baseline(
        base_kwh=found.intercept,
        base_standard_error=errors[0],
        terms=tuple(terms),
        r2=1.0 - rest / spread,
        cv_rmse=math.sqrt(variance) / mean_kwh,
        shifts=len(kwh),
        from_ns=min(point.from_ns for point in shifts_of),
        to_ns=max(point.to_ns for point in shifts_of),
        covariance=tuple(tuple(variance * each for each in row) for row in found.covariance),
        residual_kwh=math.sqrt(variance),
        heating_below_c=degrees[0],
        cooling_above_c=degrees[1],
        left_out=left_out,
    )


def _row(baseline: Baseline, point: Point) -> list[float] | None:
    """A shift's drivers in the order of the baseline's terms; None where one is not known."""
    degrees = (baseline.heating_below_c, baseline.cooling_above_c)
    values = [_reading(term.driver, degrees)(point) for term in baseline.terms]
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else None


def _prediction_error(baseline: Baseline, point: Point) -> float | None:
    """Standard error of a shift's prediction: of the coefficients, and of a single shift."""
    row = _row(baseline, point)
    if row is None:
        return None
    x = [1.0, *row]
    covariance = baseline.covariance
    of_mean = math.fsum(a * b * covariance[i][j] for i, a in enumerate(x) for j, b in enumerate(x))
    return math.sqrt(max(0.0, of_mean) + baseline.residual_kwh**2)


def _is_within(baseline: Baseline, point: Point) -> bool:
    row = _row(baseline, point)
    if row is None:
        return False
    variants = {term.driver.partition(":")[2] for term in baseline.terms} - {""}
    is_new = bool(variants) and any(n for name, n in point.units.items() if name not in variants)
    spans = zip(baseline.terms, row, strict=True)
    return not is_new and all(term.low <= x <= term.high for term, x in spans)
