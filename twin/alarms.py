"""The alarms of a line: rules in, what stands and what happened out; no screen, no clock.

``advance`` takes the sequenced stream like the mirror and settles everything before its newest
instant, so that the same stream gives the same journal however it is cut into blocks. Figures of
the whole line (KPIs, the balance, what the residual watch found, our own health) are told with
snapshots by ``look`` and count from the moment they are told. What a person does (``act``) carries
the plant's time, so that it can be remembered and done again in a replay.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from threading import RLock
from typing import Literal

import numpy as np

from data.line import All, Condition, Line, Not, Term, terms
from data.samples import Event, SampleBlock
from twin import alarm_rules, alarm_state
from twin.alarm_rules import FACTS, NS, PRIORITIES, Priority, Rule
from twin.alarm_senses import Leaf, Sensed, Senses, Value, beyond
from twin.alarm_state import NEW, Delays, Life, State
from twin.snapshot import Snapshot

Deed = Literal["acknowledge", "shelve", "unshelve", "out_of_service", "in_service"]
DEEDS: tuple[Deed, ...] = ("acknowledge", "shelve", "unshelve", "out_of_service", "in_service")
FLOOD_NS = 600 * NS
FLOOD_BEGINS, FLOOD_ENDS = 10, 5  # raised in ten minutes: above, below (EEMUA 191)
_LOOKED_AT = ("kpi", "balance_error")
_OF_THE_STREAM = ("gap", "clock", "dropped")
_RANK = {"unacknowledged": 0, "returned": 1, "acknowledged": 2, "shelved": 3, "suppressed": 4}


@dataclass(frozen=True, slots=True)
class Action:
    """What a person did with an alarm at a time of the plant [UTC ns]."""

    time_ns: int
    key: str
    deed: Deed
    who: str = ""
    reason: str = ""
    until_ns: int | None = None  # of a shelf


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal; ``what`` as in alarm_state, or flood_began, flood_ended."""

    time_ns: int
    key: str
    kind: str
    source: str
    priority: Priority
    what: str
    value: Value = None
    who: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AlarmView:
    """An alarm that is not normal.

    term: the comparison that holds (or held), its value now and when it was raised.
    first: the first of those that stand in its group. times: raised so often in this session.
    """

    rule: Rule
    state: State
    term: Term
    now: Value
    value: Value
    raised_ns: int | None
    cleared_ns: int | None
    until_ns: int | None
    first: bool
    times: int
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Board:
    """Everything at a moment: ``alarms`` the most urgent first; ``version`` grows with changes."""

    time_ns: int
    from_ns: int
    version: int
    alarms: tuple[AlarmView, ...]
    journal: tuple[Entry, ...]
    flood: bool


NO_BOARD = Board(0, 0, 0, (), (), flood=False)


@dataclass(slots=True)
class _Alarm:
    """One rule with its life; ``leaves``: the numbers of its terms."""

    rule: Rule
    delays: Delays
    leaves: dict[Term, int]
    life: Life = NEW
    value: Value = None
    term: Term | None = None
    times: int = 0
    who: str = ""
    reason: str = ""


class Alarms:
    """The alarms of one line over one session; safe from any thread."""

    def __init__(self, line: Line, remembered: Iterable[Action] = ()) -> None:
        """``remembered``: what was done before, or in an earlier run of the same hours."""
        self.line = line
        self._lock = RLock()
        self.latest = NO_BOARD  # what is shown; read without waiting
        self._remembered = sorted(remembered, key=lambda action: action.time_ns)
        self._begin()

    def _begin(self) -> None:
        self._alarms: dict[str, _Alarm] = {}
        self._leaves: dict[Leaf, int] = {}
        self._used_by: list[list[str]] = []
        for rule in alarm_rules.rules(self.line):
            self._seat(rule)
        self._senses = Senses(self.line, list(self._leaves))
        self._holds: list[bool | None] = [None] * len(self._leaves)
        self._told: list[Value] = [None] * len(self._leaves)
        for leaf, number in self._leaves.items():
            if leaf.term.quantity in _OF_THE_STREAM:
                self._holds[number] = False
        self._due: list[tuple[int, str]] = []
        self._waiting: list[Sensed] = []
        self._done = deque(sorted(self._remembered, key=lambda action: action.time_ns))
        self._from_ns = self._settled_ns = 0
        self._journal: list[Entry] = []
        self._raised: deque[int] = deque()
        self._flood = False
        self._version = 1

    def _seat(self, rule: Rule) -> _Alarm:
        leaves = {}
        conditions = (rule.condition, *(() if rule.unless is None else (rule.unless,)))
        for condition in conditions:
            for term in terms(condition):
                leaf = Leaf(term, rule.deadband if condition is rule.condition else 0.0)
                number = self._leaves.setdefault(leaf, len(self._leaves))
                if number == len(self._used_by):
                    self._used_by.append([])
                self._used_by[number].append(rule.key)
                leaves[term] = number
        alarm = _Alarm(rule, Delays(rule.on_delay_ns, rule.off_delay_ns), leaves)
        self._alarms[rule.key] = alarm
        return alarm

    def rewind(self) -> None:
        """Begins anew, as after a seek; what was done is done again at its time."""
        with self._lock:
            version = self._version
            self._begin()
            self._version = version + 1

    def remember(self, actions: Iterable[Action]) -> None:
        """What was done before, or in an earlier run; told before the first block."""
        with self._lock:
            self._remembered = sorted([*self._remembered, *actions], key=lambda a: a.time_ns)
            self._done = deque(a for a in self._remembered if a.time_ns >= self._settled_ns)

    def advance(self, block: SampleBlock) -> None:
        """Takes a block of the sequenced stream."""
        if not len(block):
            return
        with self._lock:
            begun = block.samples["order_ns"][block.samples["signal"] == Event.SESSION_BEGIN]
            if not self._from_ns and begun.size:
                self._from_ns = int(begun[0])
            self._waiting += self._senses.take(block)
            self._settle(self._senses.end_ns)

    def finish(self) -> None:
        """The stream has ended: what belongs to its newest instant counts too."""
        with self._lock:
            self._settle(self._senses.end_ns + 1)

    def look(self, snapshot: Snapshot, facts: Mapping[str, Mapping[str, Value]]) -> None:
        """Takes the figures of a snapshot, and facts (kind: {source: value}) of kinds in FACTS."""
        with self._lock:
            self._from_ns = self._from_ns or snapshot.from_ns
            time_ns = max(self._settled_ns, snapshot.time_ns)
            self._settle(time_ns)
            for leaf, number in self._leaves.items():
                if leaf.term.quantity in _LOOKED_AT:
                    value = _figure(leaf.term, snapshot)
                    if value is not None:
                        self._tell(number, leaf, value, time_ns)
            for kind, found in facts.items():
                self._tell_facts(kind, found, time_ns)

    def act(self, action: Action) -> Action | None:
        """Does what a person wants, now; gives it with its time, None where it changed nothing."""
        with self._lock:
            stamped = replace(action, time_ns=self._settled_ns)
            if not self._do(stamped):
                return None
            self._remembered.append(stamped)
            self.latest = self._view()
            return stamped

    def freeze(self) -> Board:
        """Everything now, to be shown later with what else was booked by now."""
        with self._lock:
            return self._view()

    def show(self, board: Board) -> None:
        """Shows a board, or what is newer at the same moment."""
        with self._lock:
            self.latest = self._view() if self._settled_ns == board.time_ns else board

    # --- the passing of time ----------------------------------------------------------------

    def _settle(self, end_ns: int) -> None:
        """Everything before ``end_ns``, instant by instant: what was done, what is due, what
        changed.
        """
        entries = len(self._journal)
        waiting = self._waiting
        at = 0
        while at < len(waiting) and waiting[at].time_ns < end_ns:
            time_ns, touched = waiting[at].time_ns, set()
            self._pass(time_ns)
            while at < len(waiting) and waiting[at].time_ns == time_ns:
                sensed = waiting[at]
                self._holds[sensed.leaf] = sensed.holds
                self._told[sensed.leaf] = sensed.value
                touched.update(self._used_by[sensed.leaf])
                at += 1
            for key in sorted(touched):
                self._judge(self._alarms[key], time_ns)
        self._waiting = waiting[at:]
        self._pass(end_ns - 1)
        self._settled_ns = max(self._settled_ns, end_ns)
        self._journal[entries:] = sorted(self._journal[entries:], key=lambda e: (e.time_ns, e.key))

    def _pass(self, time_ns: int) -> None:
        """What is due, what a person did, and a flood's end, up to and at a time."""
        while True:
            due = self._due[0][0] if self._due else time_ns + 1
            done = self._done[0].time_ns if self._done else time_ns + 1
            ebb = self._raised[-FLOOD_ENDS] + FLOOD_NS if self._flood else time_ns + 1
            if min(due, done, ebb) > time_ns:
                return
            if ebb <= min(due, done):
                self._turn_flood(ebb, "flood_ended", FLOOD_ENDS - 1)
            elif done <= due:
                self._do(self._done.popleft())
            else:
                _, key = heappop(self._due)
                self._live_on(self._alarms[key], due)

    def _live_on(self, alarm: _Alarm, time_ns: int) -> None:
        self._step(alarm, *alarm_state.until(alarm.life, alarm.delays, time_ns))

    def _judge(self, alarm: _Alarm, time_ns: int) -> None:
        """Asks an alarm's condition anew, after what was due before."""
        self._live_on(alarm, time_ns)
        unless = alarm.rule.unless
        if unless is not None:
            hushed = self._truth(unless, alarm)
            if hushed is not None:
                self._step(alarm, *alarm_state.design(alarm.life, time_ns, suppressed=hushed))
        holds = self._truth(alarm.rule.condition, alarm)
        if holds is not None:
            if holds and not alarm.life.holds:
                self._take_value(alarm)
            life = alarm_state.condition(alarm.life, time_ns, holds=holds)
            self._step(alarm, life, ())
            self._live_on(alarm, time_ns)

    def _step(self, alarm: _Alarm, life: Life, changes: Sequence[alarm_state.Change]) -> None:
        before = alarm_state.due_ns(alarm.life, alarm.delays)
        alarm.life = life
        for change in changes:
            self._note(alarm, change.time_ns, change.what)
        due = alarm_state.due_ns(life, alarm.delays)
        if due is not None and due != before:
            heappush(self._due, (due, alarm.rule.key))

    def _note(self, alarm: _Alarm, time_ns: int, what: str, action: Action | None = None) -> None:
        if not self._from_ns or time_ns < self._from_ns:
            return  # what an earlier run left: its journal has it
        rule = alarm.rule
        who, reason = (action.who, action.reason) if action is not None else ("", "")
        value = alarm.value if what in ("raised", "cleared") else None
        entry = Entry(
            time_ns, rule.key, rule.kind, rule.source, rule.priority, what, value, who, reason
        )
        self._journal.append(entry)
        self._version += 1
        if what == "raised":
            alarm.times += 1
            self._count(time_ns)

    def _count(self, time_ns: int) -> None:
        """Is it a flood, with more than ten raised in ten minutes?"""
        self._raised.append(time_ns)
        while self._raised and self._raised[0] <= time_ns - FLOOD_NS:
            self._raised.popleft()
        if not self._flood and len(self._raised) > FLOOD_BEGINS:
            self._turn_flood(time_ns, "flood_began", len(self._raised))

    def _turn_flood(self, time_ns: int, what: str, many: int) -> None:
        self._flood = what == "flood_began"
        self._journal.append(Entry(time_ns, "", "flood", "", "high", what, float(many)))
        self._version += 1

    # --- conditions -------------------------------------------------------------------------

    def _truth(self, condition: Condition, alarm: _Alarm) -> bool | None:
        """Does a condition hold? None: what it rests on is not known (Kleene's logic)."""
        match condition:
            case Term():
                return self._holds[alarm.leaves[condition]]
            case Not(part):
                truth = self._truth(part, alarm)
                return None if truth is None else not truth
        truths = [self._truth(part, alarm) for part in condition.parts]
        decisive = not isinstance(condition, All)
        if decisive in truths:
            return decisive
        return None if None in truths else not decisive

    def _take_value(self, alarm: _Alarm) -> None:
        """The first comparison that holds, and its value."""
        for term in terms(alarm.rule.condition):
            if self._holds[alarm.leaves[term]]:
                alarm.term, alarm.value = term, self._told[alarm.leaves[term]]
                return

    def _tell(self, number: int, leaf: Leaf, value: float, time_ns: int) -> None:
        before = bool(self._holds[number])
        deadband = leaf.deadband if before else 0.0
        self._holds[number] = bool(beyond(leaf.term, np.array([value]), deadband)[0])
        self._told[number] = value
        for key in self._used_by[number]:
            self._judge(self._alarms[key], time_ns)

    def _tell_facts(self, kind: str, found: Mapping[str, Value], time_ns: int) -> None:
        for source in found:
            if f"{kind}/{source}" not in self._alarms:
                self._seat(alarm_rules.fact_rule(self.line, kind, source))
                self._holds.append(False)
                self._told.append(None)
        for alarm in [a for a in self._alarms.values() if a.rule.kind == kind]:
            number = next(iter(alarm.leaves.values()))
            self._holds[number] = alarm.rule.source in found
            self._told[number] = found.get(alarm.rule.source, self._told[number])
            self._judge(alarm, time_ns)

    # --- what a person does -----------------------------------------------------------------

    def _do(self, action: Action) -> bool:
        """Whether it changed anything."""
        alarm = self._alarms.get(action.key)
        kind, _, source = action.key.partition("/")
        if alarm is None and kind in FACTS:
            alarm = self._seat(alarm_rules.fact_rule(self.line, kind, source))
            self._holds.append(False)
            self._told.append(None)
        if alarm is None:
            return False
        time_ns = action.time_ns
        match action.deed:
            case "acknowledge":
                life, changes = alarm_state.acknowledge(alarm.life, time_ns)
            case "shelve":
                until_ns = action.until_ns or 0
                life, changes = alarm_state.shelve(alarm.life, time_ns, until_ns)
            case "unshelve":
                life, changes = alarm_state.unshelve(alarm.life, time_ns)
            case "out_of_service":
                life, changes = alarm_state.take_out(alarm.life, time_ns)
            case "in_service":
                life, changes = alarm_state.put_back(alarm.life, time_ns)
        if not changes:
            return False
        alarm.who, alarm.reason = action.who, action.reason
        self._note(alarm, time_ns, changes[0].what, action)
        self._step(alarm, life, changes[1:])
        return True

    # --- what is shown ----------------------------------------------------------------------

    def _view(self) -> Board:
        shown = [alarm for alarm in self._alarms.values() if alarm.life.state != "normal"]
        firsts = _firsts(shown)
        views = [self._alarm_view(alarm, firsts) for alarm in shown]
        return Board(
            time_ns=self._settled_ns,
            from_ns=self._from_ns,
            version=self._version,
            alarms=tuple(sorted(views, key=urgency)),
            journal=tuple(self._journal),
            flood=self._flood,
        )

    def _alarm_view(self, alarm: _Alarm, firsts: Collection[str]) -> AlarmView:
        life, rule = alarm.life, alarm.rule
        term = alarm.term or next(terms(rule.condition))
        number = alarm.leaves[term]
        sensed = number < len(self._senses.leaves) and term.quantity not in _LOOKED_AT
        return AlarmView(
            rule=rule,
            state=life.state,
            term=term,
            now=self._senses.value(number) if sensed else self._told[number],
            value=alarm.value,
            raised_ns=life.raised_ns,
            cleared_ns=life.cleared_ns if not life.stands else None,
            until_ns=life.shelved_until_ns,
            first=rule.key in firsts,
            times=alarm.times,
            who=alarm.who,
            reason=alarm.reason,
        )


def _firsts(shown: Iterable[_Alarm]) -> frozenset[str]:
    """Keys of the alarms that were first of several that stand in one group."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for alarm in shown:
        life, rule = alarm.life, alarm.rule
        if life.stands and not life.silent and rule.group and life.raised_ns is not None:
            groups.setdefault(rule.group, []).append((life.raised_ns, rule.key))
    return frozenset(min(group)[1] for group in groups.values() if len(group) > 1)


def urgency(alarm: AlarmView) -> tuple[int, int, bool, int, str]:
    """Sorts alarms, the one to look at first in front."""
    return (
        _RANK.get(alarm.state, 5),
        PRIORITIES.index(alarm.rule.priority),
        not alarm.first,
        -(alarm.raised_ns or 0),
        alarm.rule.key,
    )


def _figure(term: Term, snapshot: Snapshot) -> float | None:
    """What a snapshot says of a KPI or of the balance; None where it is not known."""
    if term.quantity == "kpi":
        kpi = snapshot.kpis.get(term.subject)
        return None if kpi is None else kpi.value
    if term.subject:
        return snapshot.balance_error.get(term.subject)
    return max((abs(error) for error in snapshot.balance_error.values()), default=None)
