"""The residual watch: what draws more, or less, than its own model says; since when, how much.

Each series of twin/watch_series.py is asked after every five minutes whether it has changed, from
what was known by then (twin/kernels/change.py). What was found is then measured with all that is
known by now: kW, and kWh so far, both with their error. The model is learnt from the log itself,
and begins with what the log before it knew (twin/watch_knowledge.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from data.line import ENERGY_CARRIERS, STATES, Converter
from twin.kernels import change
from twin.kernels.booking import NS_PER_HOUR
from twin.ledger import PROCESSING, sign, was_heard
from twin.mirror import Booked
from twin.watch_knowledge import Remembered, WatchKnowledge
from twin.watch_series import BLOCK_NS, Blocks, Floats, Ints, Series, all_series

FindingKind = Literal["signature", "standby", "idle", "base_load", "drift"]
Doubt = Literal["short_baseline", "shared_meter", "other_causes"]
_SURE_Z = 6.0  # chance finds it once in some hundred million looks
_LOOKS = 3  # in a row that a change must be certain at: what chance makes is soon gone
_REMEMBERED = 48  # observations of a series that the next log begins with
_CARRIED = ("signature", "state", "rest", "converter")  # a chamber may have cooled down since
_LEAST_SHARE = {  # of the usual power: what is worth saying
    "signature": 0.03,
    "state": 0.10,
    "chamber": 0.03,
    "rest": 0.08,
    "converter": 0.03,
}
_LEAST_OF_STATIONS = 0.02  # of a rest that is stations' own: one of them draws some more
_LIKELY = 0.05  # chance of one place of several, below which it is ruled out
_LOOK_BACK = 400  # observations
_BASELINE_NS = 1_800_000_000_000  # shorter, and the level before is hardly known
_OWN = 0.1  # share of a change's shape that no other cause moved along with
_OFF = tuple(STATES.index(s) for s in ("off", "standby"))
_IDLE, _STANDBY = STATES.index("idle"), STATES.index("standby")
_MOST_FINDINGS = 8  # of one series, one after the other


@dataclass(frozen=True, slots=True)
class Finding:
    """What draws more (or less, where negative) than its model.

    place: a station's id, else that of the meter or converter. meter: the metering point's id.
    among: stations without a meter of their own of which it may be one; the rest of the meter,
    else.
    kind: signature (a station while processing), standby, idle (a quiet state), base_load (what a
    meter sees beyond its sub-meters), drift (a station or converter that draws ever more).
    since_ns, until_ns: when it began and ended (None: it goes on); found_ns: when that was certain.
    kw: extra power at the end [kW], 0.0 once it has ended; share: of what the model says.
    kwh, kwh_error: extra energy so far and its standard error [kWh]; where the carrier is made
    from others, of what its converter draws. None where that is not known.
    amount: extra of a carrier that is no energy, in its base unit; None for energy.
    confidence: chance that it is more than what would be worth saying.
    doubt: why it cannot be told as well as that.
    """

    place: str
    among: tuple[str, ...]
    workshop: str | None
    meter: str
    state: str | None
    carrier: str
    kind: FindingKind
    since_ns: int
    found_ns: int
    until_ns: int | None
    kw: float | None
    share: float
    kwh: float | None
    kwh_error: float | None
    amount: float | None
    confidence: float
    doubt: Doubt | None


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """RESIDUAL_FOUND with the extra kW so far, or RESIDUAL_ENDED; ``about`` is the place."""

    name: str
    time_ns: int
    about: str
    count: float


def events(booked: Booked) -> list[WatchEvent]:
    """What the watch found and saw end, in the order of their times; for alarms and exports."""
    found = []
    for finding in watch(booked):
        kw = math.nan if finding.kw is None else finding.kw
        found.append(WatchEvent("RESIDUAL_FOUND", finding.found_ns, finding.place, kw))
        if finding.until_ns is not None:
            found.append(WatchEvent("RESIDUAL_ENDED", finding.until_ns, finding.place, 0.0))
    return sorted(found, key=lambda event: event.time_ns)


def watch(booked: Booked) -> tuple[Finding, ...]:
    """Everything found in what was booked, in the order in which it was found."""
    blocks = Blocks(booked)
    found = [finding for series in all_series(blocks) for finding in _found(blocks, series)]
    return tuple(sorted(found, key=lambda f: (f.found_ns, f.place, f.meter, f.state or "")))


def _found(blocks: Blocks, series: Series) -> Iterator[Finding]:
    """One change after the other: a span that has ended is left out when the next is looked for."""
    times_h = (series.to_ns - blocks.booked.from_ns) / NS_PER_HOUR
    weight = series.weight.copy()
    limits = _limits(series)
    for _ in range(_MOST_FINDINGS):
        after = _certain_after(series, weight, times_h, limits)
        if after < 0:
            return
        fit = change.best_fit(series.x, series.y, weight, times_h, limits)
        if fit[change.SIZE] == 0.0:
            return
        yield _finding(blocks, series, times_h, fit, int(series.to_ns[after - 1]))
        if fit[change.B] == len(times_h):
            return
        weight[int(fit[change.A]) : int(fit[change.B])] = 0.0


def _certain_after(series: Series, weight: Floats, times_h: Floats, limits: Floats) -> int:
    """After how many observations a change had been certain at _LOOKS looks; -1: never."""
    asked = _ends_of_blocks(series.to_ns)
    asked = asked[asked > series.before]
    while len(asked):
        first = change.first_change(series.x, series.y, weight, times_h, asked, limits)
        if first < 0:
            return -1
        at = int(np.searchsorted(asked, first))
        looks = asked[at : at + _LOOKS]
        held = 1
        while held < len(looks):
            look = looks[held : held + 1]
            if change.first_change(series.x, series.y, weight, times_h, look, limits) < 0:
                break
            held += 1
        if held == _LOOKS:
            return int(looks[-1])
        asked = asked[at + held :]
    return -1


def learnt(booked: Booked) -> WatchKnowledge:
    """What the next log begins with: the last observations of each series outside of a change."""
    blocks = Blocks(booked)
    kept = {}
    for series in all_series(blocks):
        if series.kind in _CARRIED:
            kept[series.key] = _remembered(series, list(_found(blocks, series)))
    return WatchKnowledge(kept)


def _remembered(series: Series, findings: list[Finding]) -> Remembered:
    usual = series.weight > 0.0
    for finding in findings:
        until_ns = finding.until_ns or int(series.to_ns[-1])
        usual &= (series.to_ns <= finding.since_ns) | (series.from_ns >= until_ns)
    last = np.flatnonzero(usual)[-_REMEMBERED:]
    return Remembered(series.columns, series.x[last], series.y[last], series.weight[last])


def _limits(series: Series) -> Floats:
    """What a change must reach, as the kernel's ``limits``."""
    limits = np.zeros(change.SPARE + 1)
    limits[change.Z] = _SURE_Z
    least = change.LEAST_ABSOLUTE if series.by_share else change.LEAST_RELATIVE
    noise = change.NOISE_ABSOLUTE if series.by_share else change.NOISE_RELATIVE
    limits[least] = _least_share(series)
    limits[noise] = 0.003
    limits[change.BEFORE], limits[change.AFTER] = max(6, series.before), 5
    limits[change.RAMP_BEFORE], limits[change.RAMP_AFTER] = max(2, series.before), 6
    limits[change.SPARE] = 8
    limits[change.WINDOW] = _LOOK_BACK + series.before
    limits[change.RISE_ONLY] = series.kind in ("rest", "converter")
    return limits


def _least_share(series: Series) -> float:
    return _LEAST_OF_STATIONS if series.stations else _LEAST_SHARE[series.kind]


def _ends_of_blocks(to_ns: Ints) -> Ints:
    """After how many observations each block of five minutes is over, (blocks,)."""
    block = to_ns // BLOCK_NS
    return np.flatnonzero(np.append(block[1:] != block[:-1], True)) + 1


def _finding(
    blocks: Blocks, series: Series, times_h: Floats, fit: Floats, found_ns: int
) -> Finding:
    booked, point = blocks.booked, blocks.booked.line.points[series.point]
    a, b = int(fit[change.A]), int(fit[change.B])
    goes_on = b == len(times_h)
    size = (_of_state if series.state is not None else _of_blocks)(blocks, series, times_h, fit)
    per_unit, sense = _kwh_per_unit(blocks, series.point), sign(point)
    likely = _whose(booked, series, times_h, fit)
    place = likely[0] if len(likely) == 1 else series.place
    stations = booked.line.station_index
    return Finding(
        place=place,
        among=tuple(each for each in likely if series.stations and each in stations),
        workshop=booked.line.stations[stations[place]].workshop
        if place in stations
        else point.workshop,
        meter=point.id,
        state=None if series.state is None else STATES[series.state],
        carrier=series.carrier,
        kind=_kind(series, fit) if series.place in likely else "signature",
        since_ns=int(series.from_ns[a]),
        found_ns=found_ns,
        until_ns=None if goes_on else int(series.to_ns[b - 1]),
        kw=None if per_unit is None else sense * per_unit * (size.now if goes_on else 0.0),
        share=size.share,
        kwh=None if per_unit is None else sense * per_unit * size.amount,
        kwh_error=None if per_unit is None else per_unit * size.error,
        amount=None if series.carrier in ENERGY_CARRIERS else size.amount,
        confidence=_confidence(series, fit, size),
        doubt=_doubt(blocks, series, fit, len(likely)),
    )


def _whose(booked: Booked, series: Series, times_h: Floats, fit: Floats) -> tuple[str, ...]:
    """Ids of what it may be: the series' own place, or of a rest's stations those it follows best.

    By the likelihoods of a change that is there always (the base), or only while one of them
    processes, each as likely beforehand.
    """
    if not series.stations:
        return (series.place,)
    a, b = int(fit[change.A]), int(fit[change.B])
    shape = np.zeros(len(times_h))
    shape[a:b] = 1.0 if fit[change.SHAPE] == change.STEP else times_h[a:b] - times_h[a - 1]
    works = [np.ones(len(shape)), *(series.x[:, 1 + i] for i in range(len(series.stations)))]
    columns = [np.column_stack([series.x, shape * work]) for work in works]
    left = [change.squares_left(x, series.y, series.weight)[0] for x in columns]
    best = min(left)
    odds = [(best / squares) ** (0.5 * len(shape)) for squares in left]
    chances = [each / math.fsum(odds) for each in odds]
    ids = [series.place, *(booked.line.stations[s].id for s in series.stations)]
    return tuple(i for i, chance in zip(ids, chances, strict=True) if chance >= _LIKELY)


def _kind(series: Series, fit: Floats) -> FindingKind:
    if series.kind == "rest":
        return "base_load"
    if series.kind == "converter" or fit[change.SHAPE] == change.RAMP:
        return "drift"
    if series.state is None or series.state == PROCESSING:
        return "signature"
    return "standby" if series.state in _OFF else "idle"


@dataclass(frozen=True, slots=True)
class _Size:
    """now: extra power at the change's end [kW]; share of the model's; amount, error: of energy."""

    now: float
    share: float
    amount: float
    error: float


def _of_state(blocks: Blocks, series: Series, times_h: Floats, fit: Floats) -> _Size:
    """From all that the station drew in that state since then, interrupted visits too."""
    booked, a, b = blocks.booked, int(fit[change.A]), int(fit[change.B])
    segments = blocks.of_point(series.point)
    segments = segments[segments["state"] == series.state]
    since_ns = int(series.from_ns[a])
    until_ns = booked.to_ns if b == len(times_h) else int(series.to_ns[b - 1])
    segments = segments[(segments["t0"] >= since_ns) & (segments["t0"] < until_ns)]
    hours = (segments["t1"] - segments["t0"]) / NS_PER_HOUR
    shape = np.ones(len(segments))
    if fit[change.SHAPE] == change.RAMP:
        middle_h = (segments["t0"] - booked.from_ns) / NS_PER_HOUR + 0.5 * hours
        shape = np.clip(middle_h - times_h[a - 1], 0.0, times_h[b - 1] - times_h[a - 1])
    size, error, now = (float(fit[each]) for each in (change.SIZE, change.ERROR, change.NOW))
    last = slice(max(a, b - 20), b)
    usual_kw = math.fsum(series.kwh[last]) / math.fsum(series.hours[last])
    if series.by_share:
        kwh = segments["kwh"]
        return _Size(
            now=usual_kw * -math.expm1(-now),
            share=math.expm1(now),
            amount=math.fsum(kwh * -np.expm1(-size * shape)),
            error=math.fsum(np.abs(kwh) * shape) * error,
        )
    amount = math.fsum(size * shape * hours)
    level = usual_kw - now
    return _Size(now, now / level if level > 0.0 else 0.0, amount, math.fsum(shape * hours) * error)


def _of_blocks(blocks: Blocks, series: Series, times_h: Floats, fit: Floats) -> _Size:
    """What was drawn beyond the known causes, block by block; a missing one like the mean."""
    a, b = int(fit[change.A]), int(fit[change.B])
    model = np.zeros(b - a)
    for c in range(series.x.shape[1]):
        model += fit[change.BETA + c] * series.x[a:b, c]
    seen_h = math.fsum(series.hours[a:b])
    span_h = float(times_h[b - 1] - times_h[a - 1])
    amount = math.fsum((series.y[a:b] - model) * series.hours[a:b]) * span_h / seen_h
    lever_h = span_h if fit[change.SHAPE] == change.STEP else 0.5 * span_h * span_h
    now, level = float(fit[change.NOW]), float(model[-1])
    return _Size(
        now, now / level if level > 0.0 else 0.0, amount, lever_h * float(fit[change.ERROR])
    )


def _confidence(series: Series, fit: Floats, size: _Size) -> float:
    """Chance that the change is larger than what is worth saying, by its normal error."""
    now, error = abs(float(fit[change.NOW])), float(fit[change.ERROR])
    error *= now / abs(float(fit[change.SIZE]))
    least = _least_share(series) * (now / abs(size.share) if size.share else now)
    return 0.5 * (1.0 + math.erf((now - least) / (math.sqrt(2.0) * error)))


def _doubt(blocks: Blocks, series: Series, fit: Floats, likely: int) -> Doubt | None:
    a = int(fit[change.A])
    if fit[change.OWN] < _OWN:
        return "other_causes"
    if likely > 1:
        return "shared_meter"
    begin_ns = series.from_ns[0] if series.before else blocks.booked.from_ns
    if series.to_ns[a - 1] - begin_ns < _BASELINE_NS:
        return "short_baseline"
    return None


def _kwh_per_unit(blocks: Blocks, p: int) -> float | None:
    """kWh of bought carriers for one more unit of what a point meters; 1 for those themselves.

    For a carrier that is made: the loaded machines' kWh per unit that they gave out, less what
    the one that follows the demand would have drawn unloaded, idling or stopped as it was. Where
    machines tell no states, all that the converter drew per unit that it gave.
    """
    booked, line = blocks.booked, blocks.booked.line
    if line.points[p].carrier in ENERGY_CARRIERS:
        return 1.0
    converter = _converter_of(booked, p)
    if converter is None:
        return None
    given = math.fsum(_metered(booked, meter) for meter in converter.outputs)
    if given <= 0.0:
        return None
    machines = [line.point_index[m] for m in converter.inputs if m in line.point_index]
    machines = [m for m in machines if booked.points[m]["station"] >= 0]
    idle_h = [_in_state(blocks, m, _IDLE)[1] for m in machines]
    share = None
    if any(idle_h):
        share = _idle_share(blocks, machines[idle_h.index(max(idle_h))])
    if share is None:
        return math.fsum(_metered(booked, meter) for meter in converter.inputs) / given
    loaded_kwh = math.fsum(_in_state(blocks, m, PROCESSING)[0] for m in machines)
    return loaded_kwh / given * (1.0 - share)


def _idle_share(blocks: Blocks, p: int) -> float | None:
    """A machine's power while it is not loaded over its loaded one; None where it does not tell.

    It draws nothing while it stands by. Idling by a line through its power over its loaded share,
    in the blocks in which it is nothing else: what a state draws on average would hold what the
    state before it left behind.
    """
    s = int(blocks.booked.points[p]["station"])
    loaded, idle, kw = blocks.processing[s], blocks.share(_IDLE)[s], blocks.kw[p]
    kept = (loaded + idle > 0.999) & np.isfinite(kw)
    x, y = loaded[kept], kw[kept]
    if len(x) < 3:
        return None
    mean_x, mean_y = math.fsum(x) / len(x), math.fsum(y) / len(x)
    spread = math.fsum((x - mean_x) ** 2)
    if spread == 0.0:
        return None
    step_kw = math.fsum((x - mean_x) * (y - mean_y)) / spread
    idle_kw = mean_y - step_kw * mean_x
    if idle_kw < 0.0 or step_kw <= 0.0:
        return None
    idle_h, stopped_h = _in_state(blocks, p, _IDLE)[1], _in_state(blocks, p, _STANDBY)[1]
    return idle_h / (idle_h + stopped_h) * idle_kw / (idle_kw + step_kw)


def _converter_of(booked: Booked, p: int) -> Converter | None:
    """The converter that feeds a point, or one above it."""
    line, at = booked.line, p
    while True:
        point = line.points[at]
        for converter in line.converters:
            if point.id in converter.outputs:
                return converter
        if point.parent is None:
            return None
        at = line.point_index[point.parent]


def _metered(booked: Booked, meter: str) -> float:
    p = booked.line.point_index.get(meter)
    return 0.0 if p is None or not was_heard(booked, p) else float(booked.metered_kwh[p])


def _in_state(blocks: Blocks, p: int, state: int) -> tuple[float, float]:
    """kWh and hours of a point's station in a state."""
    segments = blocks.of_point(p)
    segments = segments[segments["state"] == state]
    hours = (segments["t1"] - segments["t0"]) / NS_PER_HOUR
    return math.fsum(segments["kwh"]), math.fsum(hours)
