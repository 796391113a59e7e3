"""The rules that a line's alarms follow: those of its file, and those that every line has.

An alarm is something to act on, so each standard rule has one action (docs/alarms.md lists them);
everything else that happens is an event.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from data.line import Condition, Line, Names, Signal, Term, terms

Priority = Literal["urgent", "high", "medium", "low"]
PRIORITIES: tuple[Priority, ...] = ("urgent", "high", "medium", "low")
NS = 1_000_000_000
LINE = "rule"  # the kind of the line file's own
TRUE = "true"  # the limit of what is either so or not
PULSE_S = 60.0  # how long what happens at a moment counts as holding
# Without an on-delay, stops too short for anybody to act on would fill the list.
_FAILED_ON_S, _BAD_ON_S, _LATE_ON_S, _GAP_ON_S = 300.0, 30.0, 10.0, 5.0
_OFF_S = 30.0  # so long over, and three alarms in a minute cannot come of one condition
FROZEN_S = 600.0

# Facts that are told from outside the stream: kind, and how urgent each is.
FACTS: dict[str, Priority] = {
    "log_stopped": "urgent",
    "meter_backwards": "medium",
    "negative_rest": "medium",
    "residual": "medium",
    "carbon_budget": "low",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """When one alarm holds and what it is.

    key: unique, "KIND/SOURCE"; kind: LINE or a standard one; source: the station, signal, meter
    or server that it is about, "" for the plant. group: what it stands in with others, for the
    first-out. names, action: of the line file, None where the kind has them.
    """

    key: str
    kind: str
    source: str
    group: str
    priority: Priority
    on_delay_ns: int
    off_delay_ns: int
    deadband: float
    condition: Condition
    unless: Condition | None = None
    names: Names | None = None
    action: Names | None = None


def rules(line: Line) -> tuple[Rule, ...]:
    """Every rule of a line that is known beforehand; those of the file first."""
    own = tuple(_own(line))
    cared_for = {
        term.subject
        for rule in own
        for term in terms(rule.condition)
        if term == Term("state", term.subject, "=", "failed")
    }
    return (
        *own,
        *(rule for rule in _stations(line) if rule.source not in cared_for),
        *_signals(line),
        *_sources(line),
    )


def fact_rule(line: Line, kind: str, source: str) -> Rule:
    """The rule of a fact about a source, as soon as there is one."""
    return _standard(kind, source, _group(line, source), FACTS[kind], 0.0, kind)


def _own(line: Line) -> Iterator[Rule]:
    for alarm in line.alarms:
        if alarm.condition is None:
            continue
        subject = next(terms(alarm.condition)).subject
        source = subject.rpartition(".")[0] if subject in line.signal_index else subject
        yield Rule(
            key=f"{LINE}/{alarm.id}",
            kind=LINE,
            source=source,
            group=_group(line, source),
            priority=_priority(alarm.priority),
            on_delay_ns=round(alarm.delay_s * NS),
            off_delay_ns=round(alarm.off_delay_s * NS),
            deadband=alarm.deadband,
            condition=alarm.condition,
            unless=alarm.unless,
            names=alarm.names,
            action=alarm.action,
        )


def _priority(word: str) -> Priority:
    return next(priority for priority in PRIORITIES if priority == word)


def _stations(line: Line) -> Iterator[Rule]:
    for station in line.stations:
        if f"{station.id}.state" in line.signal_index:
            condition = Term("state", station.id, "=", "failed")
            yield _rule("failed", station.id, station.workshop, "medium", _FAILED_ON_S, condition)


def _signals(line: Line) -> Iterator[Rule]:
    for signal in line.signals:
        yield _signal("signal_bad", signal, _BAD_ON_S, Term("quality", signal.key, "=", "bad"))
        if signal.expect_s is not None:
            late = Term("age", signal.key, ">", signal.expect_s)
            yield _signal("signal_late", signal, _LATE_ON_S, late)
        if signal.must_move:
            still_s = max(FROZEN_S, 3.0 * (signal.expect_s or 0.0))
            yield _signal("signal_frozen", signal, 0.0, Term("still", signal.key, ">", still_s))


def _signal(kind: str, signal: Signal, on_s: float, condition: Term) -> Rule:
    """A lost server is one alarm: those of its signals are suppressed by design meanwhile."""
    source = signal.source or ""
    rule = _rule(kind, signal.key, source, "low", on_s, condition)
    return replace(rule, unless=Term("gap", source, "=", TRUE)) if source else rule


def _sources(line: Line) -> Iterator[Rule]:
    for source in line.sources:
        id_ = source.id
        yield _standard("connection_lost", id_, id_, "high", _GAP_ON_S, "gap")
        yield _standard("clock_jump", id_, id_, "medium", 0.0, "clock")
    yield _standard("samples_dropped", "", "", "medium", 0.0, "dropped")


def _standard(
    kind: str, source: str, group: str, priority: Priority, on_s: float, quantity: str
) -> Rule:
    return _rule(kind, source, group, priority, on_s, Term(quantity, source, "=", TRUE))


def _rule(
    kind: str, source: str, group: str, priority: Priority, on_s: float, condition: Condition
) -> Rule:
    return Rule(
        key=f"{kind}/{source}",
        kind=kind,
        source=source,
        group=group,
        priority=priority,
        on_delay_ns=round(on_s * NS),
        off_delay_ns=round(_OFF_S * NS),
        deadband=0.0,
        condition=condition,
    )


def _group(line: Line, source: str) -> str:
    """The workshop of a station or meter; else the source itself."""
    if source in line.station_index:
        return line.stations[line.station_index[source]].workshop
    if source in line.point_index:
        return line.points[line.point_index[source]].workshop or ""
    return source
