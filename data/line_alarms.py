"""The alarms of a line file: what their conditions say, and every name that is not there."""

from __future__ import annotations

from collections.abc import Iterable

from data import line_schema as schema
from data.condition import (
    Condition,
    ConditionFault,
    Known,
    name_faults,
    names_of,
    parse,
)
from data.line import (
    CARRIERS,
    KPI_IDS,
    ROLES,
    STATES,
    AlarmRule,
    MeteringPoint,
    Names,
    Signal,
    power_signals,
)
from data.toml_file import Sheet, nearest


def build_alarm(entry: schema.AlarmEntry, names: Names, action: Names) -> AlarmRule:
    """An alarm as the line file has it."""
    return AlarmRule(
        id=entry.id,
        names=names,
        when=entry.when,
        condition=_readable(entry.when),
        priority=entry.priority,
        delay_s=entry.delay_s,
        off_delay_s=entry.off_delay_s,
        deadband=entry.deadband,
        unless=_readable(entry.unless),
        action=action,
    )


def check_alarms(
    sheet: Sheet,
    draft: schema.Draft,
    signals: Iterable[Signal],
    points: Iterable[MeteringPoint],
) -> None:
    """Notes every fault of the alarms' conditions."""
    known = _known(draft, signals, points)
    for number, entry in draft.alarms:
        for key, text in (("when", entry.when), ("unless", entry.unless)):
            for fault in _faults(text, known):
                near = nearest(fault.wrong, names_of(fault.kind, known)) if fault.kind else None
                sheet.fault(("alarm", number, key), str(fault), text, near)


def _readable(text: str | None) -> Condition | None:
    try:
        return None if text is None else parse(text, KPI_IDS, ROLES)
    except ConditionFault:
        return None


def _faults(text: str | None, known: Known) -> Iterable[ConditionFault]:
    if text is None:
        return ()
    try:
        return tuple(name_faults(parse(text, KPI_IDS, ROLES), known))
    except ConditionFault as fault:
        return (fault,)


def _known(
    draft: schema.Draft, signals: Iterable[Signal], points: Iterable[MeteringPoint]
) -> Known:
    every = tuple(signals)
    return Known(
        stations=frozenset(draft.ids["station"]),
        signals={signal.key: signal.role for signal in every},
        powered=frozenset(power_signals(points, every)),
        kpis=frozenset(KPI_IDS),
        carriers=frozenset(CARRIERS),
        states=frozenset(STATES),
    )
