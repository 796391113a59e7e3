"""The sequencer: order, lateness, duplicates, gaps; decided by the arrivals alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.line import Line
from data.samples import Event, Flag, SampleBlock, Samples, TextTable, ValueType, empty, event
from data.sequencer import Sequencer, canonical_order
from tests.data.make import SECOND, T0, block, line, reals

WINDOW = 2 * SECOND
TEXTS = TextTable()


def run(order: Sequencer, blocks: list[Samples], *, end: bool = True) -> Samples:
    parts = [order.push(block(rows, TEXTS)).samples for rows in blocks]
    if end:
        parts.append(order.flush().samples)
    return np.concatenate([empty(), *parts])


def content(rows: Samples) -> list[tuple[object, ...]]:
    """What counts of a stream: all but when it was received."""
    fields = ["signal", "type", "flags", "status", "time_ns", "order_ns", "exact"]
    values = rows["value"].view("<i8").tolist()
    return list(zip(*(rows[field].tolist() for field in fields), values, strict=True))


def kinds(rows: Samples) -> list[int]:
    return rows["signal"].tolist()


def sources_line(*sources: str, count: int = 4) -> Line:
    return line(count, sources=sources)


# --- order -----------------------------------------------------------------------------------

samples_in_time = st.lists(
    st.tuples(
        st.integers(0, 3),  # signal
        st.integers(0, 40),  # time, in half seconds
        st.integers(0, 3),  # value
        st.integers(0, 1_990),  # delay [ms]: less than the window
    ),
    min_size=1,
    max_size=60,
)


def arrivals(samples: list[tuple[int, int, int, int]]) -> list[Samples]:
    """One block per sample, as the delays shuffle them."""
    made = [
        (t * SECOND // 2 + delay * 1_000_000, s, t * SECOND // 2, v) for s, t, v, delay in samples
    ]
    made.sort(key=lambda item: item[0])
    return [reals(s, T0 + t, float(v), T0 + r) for r, s, t, v in made]


@given(samples_in_time)
@settings(max_examples=40)
def test_what_is_shuffled_within_the_window_comes_out_ordered(
    samples: list[tuple[int, int, int, int]],
) -> None:
    unique = list({(s, t): (s, t, v, d) for s, t, v, d in samples}.values())
    shuffled = run(Sequencer(line(), TEXTS, WINDOW), arrivals(unique))
    straight = run(
        Sequencer(line(), TEXTS, WINDOW), arrivals([(s, t, v, 0) for s, t, v, _ in unique])
    )
    keep = shuffled["signal"] >= 0
    assert content(shuffled[keep]) == content(straight[straight["signal"] >= 0])
    assert not (shuffled["flags"] & Flag.LATE).any()


stream = st.lists(
    st.one_of(
        st.tuples(
            st.just("samples"),
            st.lists(
                st.tuples(st.integers(0, 3), st.integers(-8_000, 3_000), st.integers(0, 2)),
                min_size=1,
                max_size=6,
            ),
            st.sampled_from([0, 100, 700, 2_500, -300]),
        ),
        st.tuples(
            st.sampled_from([Event.GAP_BEGIN, Event.GAP_END, Event.DROPPED, Event.SPEED]),
            st.integers(0, 1),
            st.sampled_from([0, 400, 5_000]),
        ),
    ),
    max_size=30,
)


def built(steps: list[tuple[object, ...]]) -> list[Samples]:
    """Blocks of arrivals: samples late and early, doubled, with gaps of two sources."""
    now, blocks = T0, []
    for kind, what, wait_ms in steps:
        now += wait_ms * 1_000_000  # type: ignore[operator]
        if kind == "samples":
            blocks.append(
                np.concatenate([reals(s, now + ms * 10**6, float(v), now) for s, ms, v in what])  # type: ignore[attr-defined]
            )
        else:
            blocks.append(event(kind, now, exact=what, value=1.0))  # type: ignore[arg-type]
    return blocks


@given(stream)
@settings(max_examples=60)
def test_the_stream_is_in_canonical_order_and_loses_nothing(steps: list[object]) -> None:
    blocks = built(steps)  # type: ignore[arg-type]
    rows = run(Sequencer(sources_line("a", "b"), TEXTS, WINDOW), blocks)
    assert (canonical_order(rows) == np.arange(rows.shape[0])).all()
    given_rows = np.concatenate([empty(), *blocks])
    given_samples = given_rows[given_rows["signal"] >= 0]
    kept = rows[rows["signal"] >= 0]
    assert sorted(zip(given_samples["signal"], given_samples["time_ns"], strict=True)) == sorted(
        zip(kept["signal"], kept["time_ns"], strict=True)
    )
    in_time = (kept["flags"] & Flag.LATE) == 0
    assert (kept["order_ns"][in_time] == kept["time_ns"][in_time]).all()
    assert (kept["order_ns"][~in_time] >= kept["time_ns"][~in_time]).all()
    for kind in (Event.DROPPED, Event.SPEED, Event.GAP_BEGIN):
        assert (rows["signal"] == kind).sum() == (given_rows["signal"] == kind).sum()


@given(stream, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_cut_into_blocks_and_empty_ticks_change_nothing(
    steps: list[object], random: object
) -> None:
    blocks = built(steps)  # type: ignore[arg-type]
    expected = content(run(Sequencer(sources_line("a", "b"), TEXTS, WINDOW), blocks))
    everything = np.concatenate([empty(), *blocks])
    cuts = sorted(random.randint(0, everything.shape[0]) for _ in range(10))  # type: ignore[attr-defined]
    pieces: list[Samples] = []
    for part in np.split(everything, cuts):
        pieces += [part, empty()]
    assert content(run(Sequencer(sources_line("a", "b"), TEXTS, WINDOW), pieces)) == expected


@given(stream, st.integers(0, 30))
@settings(max_examples=60)
def test_a_saved_state_goes_on_as_if_nothing_had_happened(steps: list[object], at: int) -> None:
    blocks = built(steps)  # type: ignore[arg-type]
    made = sources_line("a", "b")
    expected = content(run(Sequencer(made, TEXTS, WINDOW), blocks))
    before = Sequencer(made, TEXTS, WINDOW)
    head = run(before, blocks[:at], end=False)
    after = Sequencer.restore(made, TEXTS, before.state())
    tail = run(after, blocks[at:])
    assert content(np.concatenate([head, tail])) == expected


@given(stream)
def test_the_order_can_be_rebuilt_from_the_series_of_each_signal(steps: list[object]) -> None:
    rows = run(Sequencer(sources_line("a", "b"), TEXTS, WINDOW), built(steps))  # type: ignore[arg-type]
    by_signal = [rows[rows["signal"] == s] for s in range(4)]
    mixed = np.concatenate([*by_signal, rows[rows["signal"] < 0]])
    assert content(mixed[canonical_order(mixed)]) == content(rows)


def test_not_a_state_is_refused() -> None:
    with pytest.raises(ValueError, match="state"):
        Sequencer.restore(line(), TEXTS, b"nonsense")


# --- late and double -------------------------------------------------------------------------


def test_a_sample_behind_the_watermark_is_late_and_counts_from_there() -> None:
    order = Sequencer(line(), TEXTS, WINDOW)
    run(order, [reals(0, T0, 1.0, T0), reals(0, T0 + SECOND, 2.0, T0 + SECOND)], end=False)
    out = run(
        order,
        [
            reals(1, T0 + 4 * SECOND, 1.0, T0 + 4 * SECOND),  # the watermark rises to 1 s
            reals(2, T0 + SECOND // 2, 5.0, T0 + 4 * SECOND + 1),
        ],
    )
    late = out[(out["flags"] & Flag.LATE) != 0]
    assert late["signal"].tolist() == [2]
    assert late["time_ns"][0] == T0 + SECOND // 2
    assert late["order_ns"][0] >= T0 + SECOND


def test_the_first_window_is_not_judged_late_and_ends_with_the_session_begin() -> None:
    order = Sequencer(line(), TEXTS, WINDOW)
    old = reals([0, 1, 2], [T0 - 500 * SECOND, T0 - 3 * SECOND, T0], 1.0, T0)
    out = run(order, [old, reals(3, T0 + 2 * SECOND, 1.0, T0 + 2 * SECOND)])
    assert kinds(out) == [0, 1, 2, Event.SESSION_BEGIN, 3, Event.SESSION_END]
    assert out["time_ns"][3] == out["order_ns"][3] == T0
    assert out["time_ns"][-1] == T0 + 2 * SECOND


def test_a_repeated_sample_is_marked_and_kept() -> None:
    rows = [reals(0, T0, 1.0, T0), reals(0, T0, 1.0, T0 + 1), reals(0, T0, 2.0, T0 + 2)]
    out = run(Sequencer(line(), TEXTS, WINDOW), rows)
    flags = out[out["signal"] == 0]["flags"].tolist()
    assert flags == [0, int(Flag.DUPLICATE), 0]


@pytest.mark.parametrize(("status", "marked"), [(0, True), (0x8000_0000, False)])
def test_after_a_reconnection_unchanged_values_confirm(status: int, marked: bool) -> None:
    again = reals(0, T0, 1.0, T0 + 9 * SECOND)
    again["status"] = status
    fresh = reals(1, T0 + 9 * SECOND, 1.0, T0 + 9 * SECOND)
    out = run(
        Sequencer(line(), TEXTS, WINDOW),
        [
            reals([0, 1], T0, 1.0, T0),
            event(Event.GAP_BEGIN, T0 + SECOND),
            event(Event.GAP_END, T0 + 8 * SECOND),
            np.concatenate([again, fresh]),
        ],
    )
    repeated = out[(out["signal"] == 0)][1]
    assert repeated["flags"] & Flag.LATE
    assert bool(repeated["flags"] & Flag.DUPLICATE) is marked


# --- gaps ------------------------------------------------------------------------------------


def test_a_gap_lets_go_what_is_held_and_spans_from_old_to_new_source_time() -> None:
    out = run(
        Sequencer(line(), TEXTS, WINDOW),
        [
            reals([0, 1], [T0, T0 + 5], 1.0, T0),
            event(Event.GAP_BEGIN, T0 + SECOND),
            event(Event.GAP_END, T0 + 20 * SECOND),
            reals([0, 1], [T0 + 21 * SECOND, T0 + 22 * SECOND], 2.0, T0 + 22 * SECOND),
        ],
    )
    begin, end = Event.GAP_BEGIN, Event.GAP_END
    assert kinds(out) == [0, 1, Event.SESSION_BEGIN, begin, 0, 1, end, Event.SESSION_END]
    assert out["time_ns"][3] == T0 + 5
    assert out["time_ns"][6] == out["order_ns"][6] == T0 + 22 * SECOND


def test_a_gap_begin_is_passed_on_at_once() -> None:
    order = Sequencer(line(), TEXTS, WINDOW)
    out = run(order, [reals(0, T0, 1.0, T0), event(Event.GAP_BEGIN, T0 + 1)], end=False)
    assert Event.GAP_BEGIN in kinds(out)


def test_a_source_that_comes_back_with_old_values_alone_ends_its_gap_after_a_window() -> None:
    order = Sequencer(line(), TEXTS, WINDOW)
    out = run(
        order,
        [
            reals(0, T0, 1.0, T0),
            event(Event.GAP_BEGIN, T0 + SECOND),
            event(Event.GAP_END, T0 + 5 * SECOND),
            reals(0, T0, 1.0, T0 + 5 * SECOND),
            reals(0, T0, 1.0, T0 + 8 * SECOND),
        ],
        end=False,
    )
    assert Event.GAP_END in kinds(out)


def test_the_gap_of_one_source_does_not_end_with_anothers_data() -> None:
    order = Sequencer(sources_line("a", "b"), TEXTS, WINDOW)
    out = run(
        order,
        [
            reals([0, 1], T0, 1.0, T0),
            event(Event.GAP_BEGIN, T0 + SECOND, exact=0),
            event(Event.GAP_END, T0 + 2 * SECOND, exact=0),
            reals(1, T0 + 3 * SECOND, 1.0, T0 + 3 * SECOND),
            reals(1, T0 + 9 * SECOND, 1.0, T0 + 9 * SECOND),
        ],
        end=False,
    )
    assert Event.GAP_END not in kinds(out)


# --- clocks ----------------------------------------------------------------------------------


def test_an_absurd_clock_is_estimated_and_drags_nothing_along() -> None:
    far = T0 + 400 * 86400 * SECOND
    rows = [reals([0, 1, 2], T0, 1.0, T0), reals(3, far, 7.0, T0 + SECOND)]
    rows += [reals([0, 1], T0 + i * SECOND, 1.0, T0 + i * SECOND) for i in range(2, 9)]
    out = run(Sequencer(line(), TEXTS, WINDOW), rows)
    estimated = out[out["signal"] == 3][0]
    assert estimated["flags"] & Flag.CLOCK
    assert estimated["time_ns"] == T0 + SECOND
    assert not (out["flags"] & Flag.LATE).any()
    assert out["order_ns"].max() <= T0 + 9 * SECOND


HOUR = 3600 * SECOND


@pytest.mark.parametrize("speed", [1, 20, 100])
@pytest.mark.parametrize("ahead_s", [1800, 3599, 3600, 3601])
@pytest.mark.parametrize("offset_ns", [-HOUR, 0, HOUR])
@pytest.mark.parametrize("server", ["none", "its own", "wrong, too"])
def test_one_timestamp_an_hour_ahead_moves_nothing(
    speed: int, ahead_s: int, offset_ns: int, server: str
) -> None:
    """The rest of the plant goes on, by its own clock, which may be another than ours."""
    rows = [event(Event.SPEED, T0, value=float(speed))] if speed > 1 else []
    for i in range(60):
        plant_ns = T0 + offset_ns + i * speed * SECOND
        signals = [0, 1, 2, 3] if i % 4 == 0 else [0, 3]
        made = reals(signals, plant_ns, float(i), T0 + i * SECOND)
        if i == 20:
            made["time_ns"][0] += ahead_s * speed * SECOND
        if server != "none":
            made["server_ns"] = made["time_ns"] if server == "wrong, too" else plant_ns
        rows.append(made)
    out = run(Sequencer(line(), TEXTS, WINDOW), rows)
    marked = out[(out["flags"] & Flag.CLOCK) != 0]
    assert marked["signal"].tolist() == [0]
    assert abs(marked["time_ns"][0] - (T0 + offset_ns + 20 * speed * SECOND)) <= SECOND
    assert not (out["flags"] & Flag.LATE).any()
    assert out["order_ns"].max() == T0 + offset_ns + 59 * speed * SECOND


def test_one_signal_whose_clock_is_ahead_for_good_is_marked_for_good() -> None:
    rows = [reals([0, 1, 2, 3], T0 + i * SECOND, 1.0, T0 + i * SECOND) for i in range(30)]
    for made in rows:
        made["time_ns"][0] += HOUR
    out = run(Sequencer(line(), TEXTS, WINDOW), rows)
    assert set(out[(out["flags"] & Flag.CLOCK) != 0]["signal"].tolist()) == {0}
    assert (out["signal"] >= 0).sum() == 120
    assert not (out["flags"] & Flag.LATE).any()


def test_old_values_do_not_outvote_a_whole_server_that_is_ahead() -> None:
    """Most signals last changed long ago; only the fresh ones tell the server's clock."""
    made = reals([0, 1, 2, 3], [T0 - HOUR, T0 - 2 * HOUR, T0 + HOUR, T0 + HOUR], 1.0, T0)
    rows = [made] + [reals(2, T0 + HOUR + i * SECOND, 1.0, T0 + i * SECOND) for i in range(1, 9)]
    out = run(Sequencer(line(), TEXTS, WINDOW), rows)
    assert not (out["flags"] & (Flag.CLOCK | Flag.LATE)).any()


def test_the_only_signal_that_speaks_is_believed_when_it_repeats_itself() -> None:
    rows = [reals(0, T0 + HOUR + i * SECOND, 1.0, T0 + i * SECOND) for i in range(9)]
    out = run(Sequencer(line(1), TEXTS, WINDOW), rows)
    assert ((out["flags"] & Flag.CLOCK) != 0).sum() == 1
    assert out["time_ns"].max() == T0 + HOUR + 8 * SECOND


def test_an_absurd_clock_in_the_first_block_is_told_by_the_others() -> None:
    times = [T0, T0 + 90 * 86400 * SECOND, T0, T0]
    out = run(Sequencer(line(), TEXTS, WINDOW), [reals([0, 1, 2, 3], times, 1.0, T0)])
    assert out[(out["flags"] & Flag.CLOCK) != 0]["signal"].tolist() == [1]


@pytest.mark.parametrize("ahead_days", [-700, 700])
def test_a_plant_whose_clock_is_elsewhere_is_believed(ahead_days: int) -> None:
    there = T0 + ahead_days * 86400 * SECOND
    rows = [reals([0, 1, 2, 3], there + i * SECOND, float(i), T0 + i * SECOND) for i in range(10)]
    out = run(Sequencer(line(), TEXTS, WINDOW), rows)
    assert not (out["flags"] & (Flag.CLOCK | Flag.LATE)).any()
    assert out["time_ns"].max() == there + 9 * SECOND


def test_a_fast_plant_stays_believed_over_a_long_pause() -> None:
    rows = [
        event(Event.SPEED, T0, value=600.0),
        reals([0, 1], T0, 1.0, T0),
        reals([0, 1], T0 + 36_000 * SECOND, 1.0, T0 + 60 * SECOND),
    ]
    out = run(Sequencer(line(), TEXTS, WINDOW), rows)
    assert not (out["flags"] & Flag.CLOCK).any()


def test_old_first_values_do_not_make_the_fresh_ones_absurd() -> None:
    rows = [reals([0, 1], T0 - 300_000 * SECOND, 1.0, T0), reals([2, 3], T0 + 1, 1.0, T0 + 1)]
    out = run(Sequencer(line(), TEXTS, WINDOW), rows)
    assert not (out["flags"] & Flag.CLOCK).any()


def test_a_clock_that_was_set_is_followed_once_most_signals_say_so() -> None:
    new = T0 + 50 * 86400 * SECOND
    rows = [reals([0, 1, 2, 3], T0, 1.0, T0)]
    rows += [reals([0, 1, 2], new + i * SECOND, 1.0, T0 + i * SECOND) for i in range(1, 6)]
    out = run(Sequencer(line(), TEXTS, WINDOW), rows)
    assert out["time_ns"].max() == new + 5 * SECOND


@pytest.mark.parametrize("server_offset_s", [0, 3])
def test_a_missing_time_is_the_servers_else_ours(server_offset_s: int) -> None:
    row = reals(1, 0, 1.0, T0 + SECOND)
    row["server_ns"] = T0 + server_offset_s * SECOND if server_offset_s else 0
    out = run(Sequencer(line(), TEXTS, WINDOW), [reals(0, T0, 1.0, T0), row])
    found = out[out["signal"] == 1][0]
    assert found["flags"] & Flag.CLOCK
    assert found["time_ns"] == T0 + (server_offset_s or 1) * SECOND


def test_our_own_clock_set_back_stops_nothing() -> None:
    hour = 3600 * SECOND
    rows = [reals(0, T0, 1.0, T0)]
    rows += [reals(0, T0 + i * SECOND, 1.0, T0 - hour + i * SECOND) for i in range(1, 9)]
    out = run(Sequencer(line(), TEXTS, WINDOW), rows, end=False)
    assert out["time_ns"].max() >= T0 + 5 * SECOND


# --- values ----------------------------------------------------------------------------------


def test_what_no_number_can_be_is_refused_and_kept() -> None:
    made = line(3, roles=("good_count", "vehicle", "value"))
    rows = reals([0, 1, 2, 2], T0, [np.nan, np.nan, np.inf, 1.0], T0)
    text = reals([1, 2], T0, 0.0, T0)
    text["type"] = ValueType.TEXT
    out = run(Sequencer(made, TEXTS, WINDOW), [np.concatenate([rows, text])])
    refused = out[(out["flags"] & Flag.REFUSED) != 0]
    assert refused["signal"].tolist() == [0, 2, 2]
    assert (out["signal"] >= 0).sum() == 6


def test_a_text_that_the_line_file_maps_is_not_refused() -> None:
    made = line(1)
    mapped = replace(made, signals=(replace(made.signals[0], map={"on": "1"}),))
    rows = reals(0, T0, 0.0, T0)
    rows["type"] = ValueType.TEXT
    out = run(Sequencer(mapped, TEXTS, WINDOW), [rows])
    assert not (out["flags"] & Flag.REFUSED).any()


def test_the_callers_block_is_left_alone() -> None:
    rows = reals([0, 1], [0, T0], np.nan, T0)
    before = rows.copy()
    Sequencer(line(), TEXTS, WINDOW).push(SampleBlock(rows, TEXTS))
    assert rows.tobytes() == before.tobytes()


def test_a_session_without_data_has_its_events_only() -> None:
    out = run(Sequencer(line(), TEXTS, WINDOW), [event(Event.GAP_BEGIN, T0)])
    assert kinds(out) == [Event.GAP_BEGIN]
    assert out["order_ns"][0] == T0
