"""The bounded hand-over: nothing is lost in silence."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.samples import Event, Samples, empty, event
from data.sources.opcua_queue import HandOver, Overflow


def block(first: int, count: int, *, gap_end: bool = False) -> Samples:
    rows = empty(count + gap_end)
    if gap_end:
        rows["signal"][0] = Event.GAP_END
    rows["exact"][gap_end:] = range(first, first + count)
    return rows


def drain(queue: HandOver) -> list[Samples]:
    out = []
    while (rows := queue.get(0)) is not None:
        out.append(rows)
    return out


@given(
    st.sampled_from(Overflow),
    st.integers(1, 30),
    st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.booleans()), max_size=20),
)
def test_what_does_not_come_out_is_counted_where_it_was(
    policy: Overflow, room: int, puts: list[tuple[int, bool, bool]]
) -> None:
    ticks = iter(range(1000))
    queue = HandOver(room, policy, lambda: next(ticks))
    out: list[Samples] = []
    put = events = 0
    for count, gap_end, take in puts:
        queue.put(0, block(put, count, gap_end=gap_end))
        put, events = put + count, events + gap_end
        if take and (rows := queue.get(0)) is not None:
            out.append(rows)
    out += drain(queue)
    expected, found_events, last_ns = 0, 0, -1
    for rows in out:
        assert int(rows["receive_ns"][0]) >= last_ns
        last_ns = int(rows["receive_ns"][0])
        for row in rows:
            if row["signal"] == Event.DROPPED:
                expected += int(row["exact"])
            elif row["signal"] == Event.GAP_END:
                found_events += 1
            else:
                assert int(row["exact"]) == expected  # in order, and what misses was counted
                expected += 1
    assert expected == put
    assert found_events == events
    assert queue.dropped[0] == sum(
        int(rows["exact"][0]) for rows in out if rows["signal"][0] == Event.DROPPED
    )


@pytest.mark.parametrize(
    ("policy", "kept"),
    [(Overflow.DROP_OLDEST, [4, 5, 6, 7]), (Overflow.DROP_NEWEST, [0, 1, 2, 3])],
)
def test_policies_keep_what_they_say(policy: Overflow, kept: list[int]) -> None:
    queue = HandOver(4, policy, lambda: 1)
    for first in (0, 2, 4, 6):
        queue.put(0, block(first, 2))
    out = drain(queue)
    samples = [int(x) for rows in out for x in rows["exact"][rows["signal"] >= 0]]
    drops = [int(rows["exact"][0]) for rows in out if rows["signal"][0] == Event.DROPPED]
    assert (samples, drops) == (kept, [4])


def test_events_alone_never_fill_it() -> None:
    queue = HandOver(1, Overflow.DROP_OLDEST, lambda: 1)
    for _ in range(50):
        queue.put(0, event(Event.GAP_BEGIN, 0))
    assert len(drain(queue)) == 50
    assert not queue.dropped


def test_clock_that_steps_back_never_turns_the_order() -> None:
    stamps = iter([5, 3, 9])
    queue = HandOver(10, Overflow.DROP_OLDEST, lambda: next(stamps))
    for _ in range(3):
        queue.put(0, block(0, 1))
    assert [int(rows["receive_ns"][0]) for rows in drain(queue)] == [5, 5, 9]


def test_a_waiting_reader_is_woken() -> None:
    queue = HandOver(10, Overflow.DROP_OLDEST, lambda: 1)
    timer = threading.Timer(0.05, queue.put, (0, block(7, 1)))
    timer.start()
    rows = queue.get(10)
    timer.join()
    assert rows is not None
    assert rows["exact"].tolist() == [7]
    assert queue.get(0.01) is None


def test_a_queue_has_room() -> None:
    with pytest.raises(ValueError, match="max_rows=0"):
        HandOver(0, Overflow.DROP_OLDEST, lambda: 1)
