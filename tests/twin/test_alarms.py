"""Alarms: one life by ISA-18.2, conditions from a stream however it is cut, what is remembered."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.line import Line
from data.line_file import load_line, parse_line
from data.samples import Event, Flag, SampleBlock, TextTable, ValueType, empty
from tests.ui.hand_made import load_line as hand_line
from tests.ui.hand_made import small_snapshot
from twin import alarm_state
from twin.alarm_figures import figures
from twin.alarm_state import NEW, Delays, Life
from twin.alarms import Action, Alarms, Board, Entry

S = 1_000_000_000
T0 = 1_772_402_400 * S
TEXT = """
format = "greenline.line/1"
[plant]
id = "hand"
timezone = "UTC"
[[workshop]]
id = "body"
[[station]]
id = "A"
workshop = "body"
[[station]]
id = "B"
workshop = "body"
[[meter]]
id = "P"
carrier = "electricity"
kind = "power"
unit = "kW"
covers = ["A"]
[[source]]
id = "plc"
url = "opc.tcp://localhost:4840"
[[signal]]
source = "plc"
for = ["A", "B"]
role = "state"
node = "ns=1;s={station}"
[[signal]]
source = "plc"
for = "A"
role = "process_value"
node = "ns=1;s=T"
unit = "degC"
expect_s = 20
must_move = true
[[signal]]
source = "plc"
for = "P"
role = "value"
node = "ns=1;s=P"
scale = 0.001
[[alarm]]
id = "hot"
when = "A.process_value > 150"
unless = "A.state = off"
priority = "high"
delay_s = 5
off_delay_s = 10
deadband = 4
"""


def line_with(*alarms: str) -> Line:
    return parse_line(TEXT + "".join(alarms), "hand.toml")


HAND = line_with()
# Without signals that can be late.
CALM = parse_line(TEXT.replace("expect_s = 20\nmust_move = true\n", ""), "calm.toml")
KEYS = {signal.key: signal.index for signal in HAND.signals}


class Stream:
    """Samples one after the other, times in seconds after the begin."""

    def __init__(self) -> None:
        self.texts = TextTable()
        self.rows = [self._event(0.0, Event.SESSION_BEGIN)]

    def _event(self, at_s: float, kind: Event, exact: int = 0) -> np.ndarray:
        row = empty(1)
        row["signal"], row["exact"] = int(kind), exact
        row["order_ns"] = row["time_ns"] = row["receive_ns"] = T0 + round(at_s * S)
        return row

    def event(self, at_s: float, kind: Event, exact: int = 0) -> Stream:
        self.rows.append(self._event(at_s, kind, exact))
        return self

    def say(self, at_s: float, key: str, value: float | str, *, bad: bool = False) -> Stream:
        row = self._event(at_s, Event.SESSION_END)
        row["signal"] = KEYS[key]
        if isinstance(value, str):
            row["type"], row["exact"] = ValueType.TEXT, self.texts.intern(value)
        else:
            row["type"], row["value"] = ValueType.REAL, value
        row["status"] = (2 << 30) if bad else 0
        self.rows.append(row)
        return self

    def whole(self) -> np.ndarray:
        rows = np.concatenate(self.rows)
        return rows[np.argsort(rows["order_ns"], kind="stable")]


def heard(
    stream: Stream, line: Line = HAND, cuts: tuple[int, ...] = (), actions: tuple[Action, ...] = ()
) -> tuple[Alarms, Board]:
    alarms = Alarms(line, actions)
    for part in np.split(stream.whole(), cuts):
        alarms.advance(SampleBlock(part, stream.texts))
    alarms.finish()
    return alarms, alarms.freeze()


def told(board: Board, key: str = "rule/hot") -> list[tuple[float, str]]:
    return [((e.time_ns - T0) / S, e.what) for e in board.journal if e.key == key]


def state_of(board: Board, key: str = "rule/hot") -> str:
    return next((a.state for a in board.alarms if a.rule.key == key), "normal")


# --- the life of one alarm ---------------------------------------------------------------------

DELAYS = Delays(on_ns=3, off_ns=5)
DEEDS = (
    "holds",
    "ends",
    "acknowledge",
    "shelve",
    "unshelve",
    "out",
    "in",
    "hush",
    "unhush",
    "wait",
)
steps = st.lists(st.tuples(st.integers(0, 6), st.sampled_from(DEEDS)), max_size=60)


def done(life: Life, deed: str, now: int) -> alarm_state.Step:
    match deed:
        case "holds" | "ends":
            return alarm_state.condition(life, now, holds=deed == "holds"), ()
        case "acknowledge":
            return alarm_state.acknowledge(life, now)
        case "shelve":
            return alarm_state.shelve(life, now, now + 8)
        case "unshelve":
            return alarm_state.unshelve(life, now)
        case "out":
            return alarm_state.take_out(life, now)
        case "in":
            return alarm_state.put_back(life, now)
        case "hush" | "unhush":
            return alarm_state.design(life, now, suppressed=deed == "hush")
    return life, ()


def lived(happenings: list[tuple[int, str]], pauses: int = 1) -> tuple[Life, list[object]]:
    """A life through what happens; the time between is passed in so many steps."""
    life, now, changes = NEW, 0, []
    for wait, deed in [*happenings, (100, "wait")]:
        for part in range(1, pauses + 1):
            life, some = alarm_state.until(life, DELAYS, now + wait * part // pauses)
            changes += some
        now += wait
        life, some = done(life, deed, now)
        changes += some
    return life, changes


@given(steps)
def test_a_life_is_the_same_however_finely_time_passes(happenings: list[tuple[int, str]]) -> None:
    assert lived(happenings, 1) == lived(happenings, 4)


@given(steps)
def test_no_transition_is_lost(happenings: list[tuple[int, str]]) -> None:
    """What was told, told again, leads to where the alarm is."""
    life, changes = lived(happenings)
    assert life.stands == life.holds  # all delays are over
    shown, times = "normal", [change.time_ns for change in changes]
    assert times == sorted(times)
    for change in changes:
        allowed = {
            "raised": {"normal", "returned"},
            "cleared": {"unacknowledged", "acknowledged"},
            "acknowledged": {"unacknowledged", "returned"},
        }
        if change.what in allowed:
            assert shown in allowed[change.what]
        match change.what:
            case "raised":
                shown = "unacknowledged"
            case "cleared":
                shown = "returned" if shown == "unacknowledged" else "normal"
            case "acknowledged":
                shown = "acknowledged" if shown == "unacknowledged" else "normal"
            case _:
                shown = "normal"  # set aside, or back; what stands then is raised anew
    if not life.silent:
        assert shown == life.state or (shown, life.state) == ("normal", "normal")


@given(steps)
def test_two_raises_lie_the_delays_apart(happenings: list[tuple[int, str]]) -> None:
    """Nothing chatters: but for what a person, or the design, brings back by itself."""
    quiet = [(wait, deed) for wait, deed in happenings if deed in ("holds", "ends", "acknowledge")]
    _, changes = lived(quiet)
    raised = [change.time_ns for change in changes if change.what == "raised"]
    assert all(b - a >= DELAYS.on_ns + DELAYS.off_ns for a, b in pairwise(raised))


def test_every_state_of_the_standard_is_reached() -> None:
    life = alarm_state.condition(NEW, 0, holds=True)
    assert alarm_state.until(life, DELAYS, 2)[0].state == "normal"
    life, changes = alarm_state.until(life, DELAYS, 3)
    assert (life.state, changes[0].time_ns) == ("unacknowledged", 3)
    over, _ = alarm_state.until(alarm_state.condition(life, 4, holds=False), DELAYS, 20)
    assert over.state == "returned"
    assert alarm_state.acknowledge(over, 21)[0].state == "normal"
    life, _ = alarm_state.acknowledge(life, 5)
    assert life.state == "acknowledged"
    life, _ = alarm_state.shelve(life, 6, 50)
    assert life.state == "shelved"
    life, changes = alarm_state.until(life, DELAYS, 60)
    assert [c.what for c in changes] == ["shelf_expired", "raised"]
    assert (life.state, changes[0].time_ns) == ("unacknowledged", 50)
    assert alarm_state.take_out(life, 61)[0].state == "out_of_service"
    assert alarm_state.design(life, 61, suppressed=True)[0].state == "suppressed"


# --- from samples ------------------------------------------------------------------------------


def test_a_limit_has_its_delay_and_its_deadband() -> None:
    stream = Stream()
    for at_s, value in ((1, 140), (2, 151), (4, 149), (6, 147), (8, 145), (9, 152), (10, 140)):
        stream.say(at_s, "A.process_value", value)
    stream.say(30, "A.process_value", 140)
    # 149 and 147 are within the deadband: it holds from 2 to 8; once over for 10 s, cleared.
    _, board = heard(stream)
    assert told(board) == [(7.0, "raised"), (20.0, "cleared")]
    raised = next(e for e in board.journal if e.what == "raised" and e.key == "rule/hot")
    assert raised.value == 151.0
    assert state_of(board) == "returned"


def test_a_value_that_is_bad_changes_nothing() -> None:
    stream = Stream().say(1, "A.process_value", 160).say(3, "A.process_value", 10, bad=True)
    stream.say(9, "A.process_value", 10, bad=True)
    assert told(heard(stream)[1]) == [(6.0, "raised")]


def test_what_is_off_by_design_is_suppressed() -> None:
    stream = Stream().say(1, "A.state", "processing").say(2, "A.process_value", 160)
    stream.say(10, "A.state", "off").say(40, "A.state", "processing").say(50, "B.state", "idle")
    _, board = heard(stream)
    assert told(board) == [
        (7.0, "raised"),
        (10.0, "suppressed"),
        (40.0, "unsuppressed"),
        (40.0, "raised"),
    ]


def test_a_station_that_failed_for_long_is_an_alarm_of_every_line() -> None:
    stream = Stream().say(1, "B.state", "failed").say(200, "B.state", "processing")
    stream.say(300, "A.state", "failed").say(900, "A.state", "idle").say(1000, "B.state", "idle")
    _, board = heard(stream)
    assert told(board, "failed/B") == []
    assert told(board, "failed/A") == [(600.0, "raised"), (930.0, "cleared")]


def test_late_and_frozen_signals_come_on_their_second() -> None:
    stream = Stream()
    for at_s in range(0, 700, 10):
        stream.say(at_s, "A.process_value", 100.0).say(at_s, "B.state", "idle")
    for at_s in range(700, 800, 10):
        stream.say(at_s, "B.state", "idle")
    _, board = heard(stream)
    assert told(board, "signal_frozen/A.process_value") == [(600.0, "raised")]
    assert told(board, "signal_late/A.process_value") == [(720.0, "raised")]


def test_a_lost_server_is_one_alarm_and_its_signals_are_suppressed() -> None:
    stream = Stream().say(1, "A.process_value", 100.0).say(1, "B.state", "idle")
    stream.event(10, Event.GAP_BEGIN).event(100, Event.GAP_END)
    stream.say(101, "B.state", "idle").say(118, "A.process_value", 90.0).say(131, "B.state", "off")
    _, board = heard(stream)
    assert told(board, "connection_lost/plc") == [(15.0, "raised"), (130.0, "cleared")]
    raised = [e.key for e in board.journal if e.what == "raised"]
    assert raised == ["connection_lost/plc"]


def test_dropped_samples_and_clock_jumps_are_told() -> None:
    stream = Stream().say(1, "B.state", "idle").event(5, Event.DROPPED, 40)
    stream.event(20, Event.DROPPED, 2).say(30, "A.process_value", 90)
    stream.rows[-1]["flags"] = Flag.CLOCK
    stream.say(200, "B.state", "idle")
    _, board = heard(stream)
    assert told(board, "samples_dropped/") == [(5.0, "raised"), (110.0, "cleared")]
    assert told(board, "clock_jump/plc") == [(30.0, "raised"), (120.0, "cleared")]


def test_power_is_in_kilowatts_and_conditions_join() -> None:
    rule = (
        '\n[[alarm]]\nid = "waste"\n'
        'when = "power(A) > 5 and not (A.state = processing or A.state = setup)"\n'
        'priority = "low"\n'
    )
    stream = Stream().say(1, "P.value", 6000.0).say(2, "A.state", "processing")
    stream.say(10, "A.state", "idle").say(20, "P.value", 4000.0).say(60, "B.state", "idle")
    _, board = heard(stream, line_with(rule))
    # Before the state was heard, whether it processes was not known: no alarm at 1 s.
    assert told(board, "rule/waste") == [(10.0, "raised"), (50.0, "cleared")]


happenings = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.sampled_from(("A.state", "B.state", "A.process_value", "P.value", "gap", "dropped")),
        st.integers(0, 5),
    ),
    max_size=80,
)
WORDS = ("off", "processing", "failed", "idle", "failed", "starved")


def stream_of(steps: list[tuple[int, str, int]]) -> Stream:
    stream, at_s, open_gap = Stream(), 0.0, False
    for wait, what, value in steps:
        at_s += wait * 10 if value == 5 else wait
        if what == "gap":
            stream.event(at_s, Event.GAP_END if open_gap else Event.GAP_BEGIN)
            open_gap = not open_gap
        elif what == "dropped":
            stream.event(at_s, Event.DROPPED, value + 1)
        elif what.endswith("state"):
            stream.say(at_s, what, WORDS[value], bad=value == 4)
        else:
            stream.say(at_s, what, 144.0 + 3 * value, bad=value == 2)
    return stream


@settings(max_examples=60, deadline=None)
@given(happenings, st.lists(st.integers(0, 80), max_size=12))
def test_the_journal_does_not_depend_on_how_the_stream_is_cut(
    steps: list[tuple[int, str, int]], cuts: list[int]
) -> None:
    stream = stream_of(steps)
    count = len(stream.whole())
    some = tuple(sorted(cut for cut in cuts if cut <= count))
    whole, cut = heard(stream)[1], heard(stream, cuts=some)[1]
    each = heard(stream, cuts=tuple(range(1, count)))[1]
    assert whole.journal == cut.journal == each.journal
    assert [(a.rule.key, a.state) for a in whole.alarms] == [
        (a.rule.key, a.state) for a in cut.alarms
    ]


@settings(max_examples=40, deadline=None)
@given(happenings)
def test_no_standard_alarm_can_chatter(steps: list[tuple[int, str, int]]) -> None:
    _, board = heard(stream_of(steps))
    own = [e for e in board.journal if not e.key.startswith("signal_")]  # those can be suppressed
    assert figures(replace(board, journal=tuple(own))).chattering == ()


# --- what a person does ------------------------------------------------------------------------


def failing() -> Stream:
    stream = Stream().say(1, "A.state", "failed").say(400, "B.state", "idle")
    stream.say(900, "B.state", "idle").say(2000, "B.state", "idle")
    return stream


def test_what_was_done_is_done_again_at_its_time() -> None:
    stream = failing()
    alarms = Alarms(HAND)
    first, rest = np.split(stream.whole(), [3])
    alarms.advance(SampleBlock(first, stream.texts))
    done_ = alarms.act(Action(0, "failed/A", "acknowledge", "lin"))
    assert done_ is not None
    assert done_.time_ns == T0 + 400 * S
    alarms.advance(SampleBlock(rest, stream.texts))
    alarms.finish()
    live = alarms.freeze()
    assert live.journal == heard(stream, actions=(done_,))[1].journal
    assert state_of(live, "failed/A") == "acknowledged"
    alarms.rewind()
    alarms.advance(SampleBlock(stream.whole(), stream.texts))
    alarms.finish()
    assert alarms.freeze().journal == live.journal


def test_a_shelf_ends_by_itself_and_outlives_a_restart() -> None:
    shelf = Action(T0 - 100 * S, "failed/A", "shelve", "lin", "weld tips", T0 + 800 * S)
    _, board = heard(failing(), CALM, actions=(shelf,))
    assert told(board, "failed/A") == [(800.0, "shelf_expired"), (800.0, "raised")]
    out = Action(T0 - 100 * S, "failed/A", "out_of_service", "lin", "rebuilt")
    _, board = heard(failing(), CALM, actions=(out,))
    assert board.journal == ()
    assert (state_of(board, "failed/A"), board.alarms[0].reason) == ("out_of_service", "rebuilt")


def test_what_changes_nothing_is_not_told() -> None:
    alarms, board = heard(failing(), CALM)
    assert alarms.act(Action(0, "failed/B", "acknowledge")) is None
    assert alarms.act(Action(0, "nobody/B", "acknowledge")) is None
    assert alarms.act(Action(0, "failed/A", "shelve", until_ns=5)) is None
    assert alarms.freeze().journal == board.journal


def test_the_first_of_several_in_a_workshop_is_marked() -> None:
    stream = Stream().say(1, "A.state", "failed").say(100, "B.state", "failed")
    stream.say(900, "A.state", "failed")
    _, board = heard(stream, CALM)
    assert [(a.rule.source, a.first) for a in board.alarms] == [("A", True), ("B", False)]


# --- figures of the whole ----------------------------------------------------------------------


def test_kpis_of_a_snapshot_and_facts_raise_and_clear() -> None:
    line = hand_line("small")
    alarms = Alarms(line)
    for seconds in (3600, 4000, 4300):
        alarms.look(small_snapshot(line, seconds), {"residual": {"B020": 4.2}})
    board = alarms.freeze()
    assert {a.rule.key for a in board.alarms} >= {"residual/B020"}
    assert next(a for a in board.alarms if a.rule.kind == "residual").now == 4.2
    alarms.look(small_snapshot(line, 4400), {"residual": {}})
    alarms.look(small_snapshot(line, 4500), {"residual": {}})
    assert state_of(alarms.freeze(), "residual/B020") == "returned"


def entry(at_s: float, what: str = "raised", key: str = "failed/A") -> Entry:
    return Entry(T0 + round(at_s * S), key, "failed", "A", "medium", what)


def test_the_alarm_systems_own_figures() -> None:
    journal = (
        entry(1),
        entry(20),
        entry(40),
        entry(100, "acknowledged"),
        *(entry(700 + i, key=f"failed/{i}") for i in range(9)),
    )
    found = figures(Board(T0 + 1800 * S, T0, 1, (), journal, flood=False))
    assert found.windows == (3, 9, 0)
    assert found.per_ten_minutes == pytest.approx(4.0)
    assert found.most_in_ten_minutes == 9
    assert found.chattering == ("failed/A",)
    assert found.frequent[0] == ("failed/A", 3)
    assert found.acknowledged_s == pytest.approx(99.0)


def test_a_flood_begins_above_ten_and_ends_below_five() -> None:
    demo = load_line("demo")
    heard_only = tuple(replace(s, expect_s=None, must_move=False) for s in demo.signals)
    line = replace(demo, signals=heard_only)
    alarms = Alarms(line)
    texts = TextTable()
    begin = empty(1)
    begin["signal"], begin["order_ns"] = int(Event.SESSION_BEGIN), T0
    rows = [begin]
    states = [s for s in line.signals if s.role == "state"][:12]
    raw = next(word for word, ours in states[0].map.items() if ours == "failed")
    failed = texts.intern(raw)
    for i, signal in enumerate(states):
        row = empty(1)
        row["signal"], row["type"], row["exact"] = signal.index, ValueType.TEXT, failed
        row["order_ns"] = T0 + i * 10 * S
        rows.append(row)
    for signal in states:  # no station fails again
        row = empty(1)
        row["signal"], row["type"] = signal.index, ValueType.TEXT
        row["exact"], row["order_ns"] = failed, T0 + 4000 * S
        rows.append(row)
    alarms.advance(SampleBlock(np.concatenate(rows), texts))
    alarms.finish()
    board = alarms.freeze()
    flood = [((e.time_ns - T0) / S, e.what) for e in board.journal if e.kind == "flood"]
    assert [what for _, what in flood] == ["flood_began", "flood_ended"]
    assert flood[0][0] == 400.0
    assert 900.0 < flood[1][0] <= 1010.0
    assert figures(board).flood_share == pytest.approx((flood[1][0] - 400.0) / 4000.0)
