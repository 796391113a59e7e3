"""The words of the alarms: what each is, what to do about it, what happened to it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QT_TRANSLATE_NOOP

from data.line import Line
from twin.alarm_rules import LINE, TRUE, Rule
from twin.alarm_senses import Value
from twin.alarms import AlarmView, Entry
from twin.kpi import KPIS
from ui import text, words
from ui.desk import Desk
from ui.words import translate

_Words = Mapping[str, object]
SHAPES = {"urgent": "◆", "high": "▲", "medium": "●", "low": "■"}  # of the priorities
TONES = {"urgent": "alarm", "high": "alarm", "medium": "warn", "low": ""}

_KINDS: _Words = {
    "failed": QT_TRANSLATE_NOOP("Alarm", "Station failed"),
    "signal_bad": QT_TRANSLATE_NOOP("Alarm", "Signal bad"),
    "signal_late": QT_TRANSLATE_NOOP("Alarm", "Signal late"),
    "signal_frozen": QT_TRANSLATE_NOOP("Alarm", "Signal frozen"),
    "connection_lost": QT_TRANSLATE_NOOP("Alarm", "Connection lost"),
    "clock_jump": QT_TRANSLATE_NOOP("Alarm", "Clock jumps"),
    "samples_dropped": QT_TRANSLATE_NOOP("Alarm", "Samples dropped"),
    "log_stopped": QT_TRANSLATE_NOOP("Alarm", "Log not written"),
    "meter_backwards": QT_TRANSLATE_NOOP("Alarm", "Meter runs backwards"),
    "negative_rest": QT_TRANSLATE_NOOP("Alarm", "Sub-meters exceed their meter"),
    "residual": QT_TRANSLATE_NOOP("Alarm", "Draws other than its model"),
    "carbon_budget": QT_TRANSLATE_NOOP("Alarm", "Carbon budget exceeded"),
    "flood": QT_TRANSLATE_NOOP("Alarm", "Alarm flood"),
}
_ACTIONS: _Words = {
    "failed": QT_TRANSLATE_NOOP("Alarm", "Send maintenance to the station."),
    "signal_bad": QT_TRANSLATE_NOOP(
        "Alarm", "Check the sensor and its PLC channel; figures that rest on it are estimates."
    ),
    "signal_late": QT_TRANSLATE_NOOP("Alarm", "Check the device and its network; the PLC answers."),
    "signal_frozen": QT_TRANSLATE_NOOP(
        "Alarm", "Check whether the device still measures: its value does not move."
    ),
    "connection_lost": QT_TRANSLATE_NOOP(
        "Alarm", "Check the server and the network; it is tried again all the time."
    ),
    "clock_jump": QT_TRANSLATE_NOOP("Alarm", "Check the time service of the PLC."),
    "samples_dropped": QT_TRANSLATE_NOOP(
        "Alarm", "Close other programs, or take longer sampling times in the line file."
    ),
    "log_stopped": QT_TRANSLATE_NOOP(
        "Alarm", "Make room on the disk; samples wait in memory until then."
    ),
    "meter_backwards": QT_TRANSLATE_NOOP("Alarm", "Check the meter's wiring or its direction."),
    "negative_rest": QT_TRANSLATE_NOOP(
        "Alarm", "Check the meters' ratios, and whether the parent in the line file is right."
    ),
    "residual": QT_TRANSLATE_NOOP(
        "Alarm", "Look for leaks, wear or a changed setting at this place."
    ),
    "carbon_budget": QT_TRANSLATE_NOOP(
        "Alarm", "Look at the losses: what idles or heats without vehicles can be switched off."
    ),
}
_STATES: _Words = {
    "normal": QT_TRANSLATE_NOOP("AlarmState", "normal"),
    "unacknowledged": QT_TRANSLATE_NOOP("AlarmState", "new"),
    "acknowledged": QT_TRANSLATE_NOOP("AlarmState", "acknowledged"),
    "returned": QT_TRANSLATE_NOOP("AlarmState", "over, not acknowledged"),
    "shelved": QT_TRANSLATE_NOOP("AlarmState", "shelved"),
    "out_of_service": QT_TRANSLATE_NOOP("AlarmState", "out of service"),
    "suppressed": QT_TRANSLATE_NOOP("AlarmState", "suppressed by design"),
}
_PRIORITIES: _Words = {
    "urgent": QT_TRANSLATE_NOOP("Priority", "urgent"),
    "high": QT_TRANSLATE_NOOP("Priority", "high"),
    "medium": QT_TRANSLATE_NOOP("Priority", "medium"),
    "low": QT_TRANSLATE_NOOP("Priority", "low"),
}
_HAPPENED: _Words = {
    "raised": QT_TRANSLATE_NOOP("Journal", "raised"),
    "cleared": QT_TRANSLATE_NOOP("Journal", "over"),
    "acknowledged": QT_TRANSLATE_NOOP("Journal", "acknowledged"),
    "shelved": QT_TRANSLATE_NOOP("Journal", "shelved"),
    "unshelved": QT_TRANSLATE_NOOP("Journal", "taken off the shelf"),
    "shelf_expired": QT_TRANSLATE_NOOP("Journal", "time on the shelf over"),
    "out_of_service": QT_TRANSLATE_NOOP("Journal", "taken out of service"),
    "in_service": QT_TRANSLATE_NOOP("Journal", "put back in service"),
    "suppressed": QT_TRANSLATE_NOOP("Journal", "suppressed by design"),
    "unsuppressed": QT_TRANSLATE_NOOP("Journal", "no longer suppressed"),
    "flood_began": QT_TRANSLATE_NOOP("Journal", "flood begins"),
    "flood_ended": QT_TRANSLATE_NOOP("Journal", "flood is over"),
}
_SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "=": "=", "!=": "≠"}
_FACT_UNITS = {
    "residual": "kW",
    "negative_rest": "kWh",
    "carbon_budget": "1",
    "samples_dropped": "n",
}


def rule_name(desk: Desk, rule: Rule) -> str:
    """What an alarm is."""
    return kind_name(rule.kind) if rule.names is None else desk.name(rule.names)


def kind_name(kind: str) -> str:
    """What alarms of a standard kind are."""
    return translate("Alarm", str(_KINDS[kind])) if kind in _KINDS else kind.replace("_", " ")


def key_name(desk: Desk, line: Line, key: str) -> str:
    """What the alarm of a key is; its id, where the line file has it no longer."""
    kind, _, id_ = key.partition("/")
    own = next((alarm for alarm in line.alarms if key == f"{LINE}/{alarm.id}"), None)
    if own is not None:
        return desk.name(own.names)
    return kind_name(kind) if kind in _KINDS else id_


def entry_name(desk: Desk, line: Line, entry: Entry) -> str:
    """What an entry of the journal is about."""
    return key_name(desk, line, entry.key or f"{entry.kind}/")


def action(desk: Desk, rule: Rule) -> str:
    """What to do about an alarm; empty where its line file does not say."""
    if rule.action is not None:
        return desk.name(rule.action)
    return translate("Alarm", str(_ACTIONS[rule.kind])) if rule.kind in _ACTIONS else ""


def state(id_: str) -> str:
    """An alarm's state."""
    return translate("AlarmState", str(_STATES[id_]))


def priority(id_: str) -> str:
    """A priority's word with its shape."""
    return f"{SHAPES[id_]} {translate('Priority', str(_PRIORITIES[id_]))}"


def priority_word(id_: str) -> str:
    """A priority's word alone."""
    return translate("Priority", str(_PRIORITIES[id_]))


def happened(what: str) -> str:
    """What happened to an alarm."""
    return translate("Journal", str(_HAPPENED[what])) if what in _HAPPENED else what


def source_name(desk: Desk, line: Line, source: str) -> str:
    """Where an alarm comes from: a station with its name, a signal or meter by its id."""
    if not source:
        return desk.name(line.plant.names)
    if source in line.station_index:
        return f"{source} {desk.name(line.stations[line.station_index[source]].names)}"
    if source in KPIS:
        return words.kpi(source)
    return source


def value_text(line: Line, alarm: AlarmView) -> str:
    """The value of an alarm's comparison now, with its unit."""
    term = alarm.term
    return _shown(line, alarm.rule.kind, term.quantity, term.subject, alarm.now)


def raised_text(line: Line, alarm: AlarmView) -> str:
    """The value with which the alarm's comparison began to hold."""
    term = alarm.term
    return _shown(line, alarm.rule.kind, term.quantity, term.subject, alarm.value)


def limit_text(line: Line, alarm: AlarmView) -> str:
    """The limit of an alarm's comparison, with its sign; a dash where there is none."""
    term = alarm.term
    if isinstance(term.limit, str) and term.limit == TRUE:
        return (
            "≤ 100\N{NARROW NO-BREAK SPACE}%" if alarm.rule.kind == "carbon_budget" else text.DASH
        )
    shown = _shown(line, alarm.rule.kind, term.quantity, term.subject, term.limit)
    return f"{_SIGNS[term.sign]} {shown}"


def entry_value(line: Line, entry: Entry) -> str:
    """The value that an entry of the journal tells."""
    if isinstance(entry.value, float):
        return text.number(entry.value, 1)
    return _word(entry.value)


def _shown(line: Line, kind: str, quantity: str, subject: str, value: Value) -> str:
    if not isinstance(value, float | int):
        return _word(value)
    if quantity in ("age", "still"):
        return words.duration(float(value))
    if quantity == "kpi" and subject in KPIS:
        figure, unit = text.kpi_figure(subject, value, KPIS[subject].unit)
        return text.with_unit(figure, words.unit(unit))
    if quantity == "balance_error":
        return f"{value:.1e}"
    unit = _FACT_UNITS.get(kind, "kW" if quantity == "power" else _signal_unit(line, subject))
    if unit == "n":
        return text.number(value, 0)
    figure, unit = text.figure_and_unit(value, unit) if unit else (text.number(value, 1), "")
    return text.with_unit(figure, words.unit(unit).replace("degC", "°C"))


def _signal_unit(line: Line, key: str) -> str:
    number = line.signal_index.get(key)
    return "" if number is None else line.signals[number].unit or ""


def _word(value: Value) -> str:
    if value is None or value == "":
        return text.DASH
    said = words.state(str(value))
    return words.quality(str(value)) if said == str(value) else said
