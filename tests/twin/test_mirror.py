"""The mirror and the ledger, from outside: what goes in by the meters comes out on cells."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.factors import Books
from data.line import Line
from data.line_file import parse_line
from data.samples import Event, SampleBlock
from tests.twin.streams import T0, Stream, cut, streams, two_stations
from twin.accounts import Accounts, allot
from twin.counters import events
from twin.kernels import book, booking, recount
from twin.ledger import Ledger, close, export_columns
from twin.mirror import Damage, Mirror
from twin.snapshot import Gap

LINE = two_stations()
BOOKS = Books.load(LINE.books, None)
SLOW = settings(max_examples=40, deadline=None)


@pytest.fixture(scope="module", params=["python", "numba"])
def kernels(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def mirrored(blocks: list[SampleBlock], kernels: str = "numba") -> Mirror:
    mirror = Mirror(LINE, BOOKS)
    if kernels == "numba":
        mirror.warm_up()
    for block in blocks:
        mirror.advance(block)
    return mirror


def ledger_of(stream: Stream, kernels: str = "numba") -> Ledger:
    return close(mirrored([stream.block()], kernels).booked())


def cells(ledger: Ledger, **wanted: str) -> float:
    columns = export_columns(ledger)
    return math.fsum(
        float(str(kwh))
        for i, kwh in enumerate(columns["kwh"])
        if all(columns[name][i] == value for name, value in wanted.items())
    )


def steady(stream: Stream, seconds: int, kw: float) -> None:
    """S1 draws ``kw`` as its power and its counter say, each second."""
    for second in range(seconds + 1):
        stream.at(second, "P1.value", kw)
        stream.at(second, "E1.value", round(second * kw / 3.6))


def test_energy_is_cut_where_state_and_vehicle_change(kernels: str) -> None:
    stream = Stream(LINE)
    stream.at(-3, "S1.state", "idle")
    stream.event(0, Event.SESSION_BEGIN)
    steady(stream, 300, 36.0)
    stream.at(100, "S1.vehicle", "V1")
    stream.at(110.5, "S1.state", "processing")
    stream.at(160.5, "S1.state", "idle")
    stream.at(170, "S1.vehicle", "")
    stream.event(300, Event.SESSION_END)
    ledger = ledger_of(stream, kernels)
    assert cells(ledger, station="S1", state="processing", vehicle="V1") == pytest.approx(0.5)
    assert cells(ledger, station="S1", state="idle", vehicle="V1") == pytest.approx(0.2)
    assert cells(ledger, station="S1", state="idle", vehicle="") == pytest.approx(2.3)


def test_the_sample_after_a_change_tells_what_the_change_did(kernels: str) -> None:
    """Power in steps of a second, state changes half way: the old value must not reach over."""
    stream = Stream(LINE)
    stream.at(-1, "S1.state", "idle")
    stream.event(0, Event.SESSION_BEGIN)
    for second in range(200):
        stream.at(second, "P1.value", 72.0 if second % 100 >= 50 else 7.2)
    for begin in (0, 100):
        stream.at(begin + 49.5, "S1.state", "processing")
        stream.at(begin + 99.5, "S1.state", "idle")
    stream.event(200, Event.SESSION_END)
    ledger = ledger_of(stream, kernels)
    assert cells(ledger, station="S1", state="processing") == pytest.approx(2.0, rel=0.005)


def test_a_coarse_counter_takes_nothing_off_what_the_power_tells(kernels: str) -> None:
    """A counter in whole kWh at 11 kW: readings at the slots' ends lack up to a third of a slot."""
    stream = Stream(LINE)
    stream.at(-1, "S1.state", "processing")
    stream.event(0, Event.SESSION_BEGIN)
    for second in range(7201):
        if second % 300 == 0:
            stream.at(second, "S1.vehicle", f"V{second // 300}")
        stream.at(second, "P1.value", 11.0)
        stream.at(second, "E1.value", second * 11 // 3600 * 1000)
    stream.event(7200, Event.SESSION_END)
    ledger = ledger_of(stream, kernels)
    for number in range(6, 18):
        found = cells(ledger, station="S1", vehicle=f"V{number}")
        assert found == pytest.approx(11 / 12, rel=0.01)


def test_the_counter_settles_the_amount_and_power_its_shape(kernels: str) -> None:
    stream = Stream(LINE)
    stream.at(-1, "S1.state", "idle")
    stream.event(0, Event.SESSION_BEGIN)
    for second in range(1801):
        stream.at(second, "P1.value", 33.0)  # the power reads 10 % low
        stream.at(second, "E1.value", round(second * 36.0 / 3.6) % 100_000)
    stream.event(1800, Event.SESSION_END)
    ledger = ledger_of(stream, kernels)
    assert cells(ledger, station="S1") == pytest.approx(18.0, rel=1e-12)
    slots = sorted(set(export_columns(ledger)["slot_ns"]), key=str)
    assert len(slots) == 2 + (T0 % booking.SLOT_NS > 0)


def test_a_rollover_loses_nothing(kernels: str) -> None:
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    stream.at(0, "E1.value", 99_990)
    stream.at(10, "E1.value", 20)
    stream.event(10, Event.SESSION_END)
    ledger = ledger_of(stream, kernels)
    assert cells(ledger, station="S1") == pytest.approx(0.03)
    assert ledger.booked.points["counter"]["rollovers"].sum() == 1


def test_a_reset_never_makes_energy_negative(kernels: str) -> None:
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    for second, reading in ((0, 50_000), (10, 50_100), (20, 40), (30, 140)):
        stream.at(second, "E1.value", reading)
    stream.event(30, Event.SESSION_END)
    ledger = ledger_of(stream, kernels)
    assert cells(ledger, station="S1") == pytest.approx(0.24)
    assert ledger.booked.points["counter"]["resets"].sum() == 1


# --- counters that do not only count on -------------------------------------------------------

REPLACED, BACKWARDS = booking.NOTE_REPLACED, booking.NOTE_BACKWARDS
RESET, ROLLOVER, REFUSED = booking.NOTE_RESET, booking.NOTE_ROLLOVER, booking.NOTE_REFUSED
COUNTERS = {
    "a spike": ((100, 110, 99_999_999, 120, 130), 30, [(REFUSED, 2)]),
    "a spike first of all": ((100, 99_999_999, 120, 130), 30, [(REFUSED, 1)]),
    "a spike last of all": ((100, 110, 120, 99_999_999), 20, [(REFUSED, 3)]),
    "two spikes": ((100, 110, 9_999_999, 120, 8_888_888, 130), 30, [(REFUSED, 2), (REFUSED, 4)]),
    "a small spike": ((100, 110, 190, 120, 130, 240, 250), 150, [(REFUSED, 2)]),
    "a spike twice": ((100, 110, 190, 190, 120, 200, 250), 150, [(REFUSED, 3)]),
    "a dip": ((100, 110, 3, 120, 130), 30, [(REFUSED, 2)]),
    "a dip to nothing": ((100, 110, 0, 110, 130), 30, [(REFUSED, 2)]),
    "below nothing": ((100, 110, -50, 120, 130), 30, []),
    "below nothing first of all": ((-50, 110, 120, 130), 20, []),
    "a late reading": ((100, 110, 105, 120, 130), 30, [(REFUSED, 1)]),
    "a reset": ((100, 110, 4, 14, 24), 34, [(RESET, 2)]),
    "a reset last of all": ((100, 110, 4), 14, [(RESET, 2)]),
    "two resets": ((100, 110, 4, 14, 3, 13), 37, [(RESET, 2), (RESET, 4)]),
    "a rollover": ((99_980, 99_990, 10, 20), 40, [(ROLLOVER, 2)]),
    "a dip where it may roll over": ((99_980, 99_990, 0, 99_995), 15, [(REFUSED, 2)]),
    "it stands still": ((100, 100, 100, 100), 0, []),
    "another counter that shows more": ((100, 110, 5_000_000, 5_000_010), 20, [(REPLACED, 2)]),
    "another that shows less": ((9_000_000, 9_000_010, 5_000_000, 5_000_010), 20, [(REPLACED, 2)]),
    "it counts backwards": (
        (9e6, 8e6, 7e6, 6e6, 5e6, 4e6, 3e6),
        0,
        [(REPLACED, 1), (REPLACED, 2), (BACKWARDS, 3)],
    ),
}
BY_POWER = {  # Wh that only the power beside it knows of
    "another counter that shows more": 10,
    "another that shows less": 10,
    "it counts backwards": 60,
}
ONLY_POWER = ("a spike last of all", "below nothing first of all")  # knows of one minute


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "with a power"])
@pytest.mark.parametrize("name", COUNTERS)
def test_a_counter_only_counts_on(name: str, beside: bool, kernels: str) -> None:
    """Readings each minute; what is counted [Wh, or kWh of the feeder], and what is noted."""
    shown, counted, noted = COUNTERS[name]
    key, meter = ("E1.value", "E1") if beside else ("FEED.value", "FEED")
    unit = 1e-3 if beside else 1e2  # the feeder rolls over at 1,000 kWh
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    for minute, reading in enumerate(shown):
        if beside:
            stream.at(60 * minute, "P1.value", 0.6)  # 10 Wh a minute
        stream.at(60 * minute, key, reading if beside else reading / 100.0)
    last_s = 60 * (len(shown) - 1)
    stream.event(last_s, Event.SESSION_END)
    block = stream.block()
    ledger = close(mirrored(cut(block, [1] * (len(block) - 1)), kernels).booked())
    by_power = BY_POWER.get(name, 10 if name in ONLY_POWER else 0) if beside else 0
    total = ledger.total_kwh("electricity")
    assert total == pytest.approx((counted + by_power) * (unit if beside else 1e-2), abs=1e-9)
    assert min(ledger.booked.segments["kwh"], default=0.0) >= -1e-12
    assert ledger.balance_error("electricity") <= 1e-9
    notes = ledger.booked.notes
    found = [(int(n["kind"]), round((int(n["t"]) - T0) / 6e10)) for n in notes]
    assert found == noted
    assert {LINE.points[n["point"]].id for n in notes} <= {LINE.points[point_of(meter)].id}
    refused = sum(kind == REFUSED for kind, _ in noted) + sum(reading < 0 for reading in shown)
    assert ledger.booked.quality.bad == refused


def point_of(meter: str) -> int:
    return next(
        p
        for p, point in enumerate(LINE.points)
        if meter in (m.id for m in (point.amount, point.rate) if m is not None)
    )


def test_looking_at_a_reading_in_doubt_decides_nothing(kernels: str) -> None:
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    for minute, reading in enumerate((100.0, 110.0, 5.0, 120.0)):
        stream.at(60 * minute, "FEED.value", reading)
    stream.event(180, Event.SESSION_END)
    mirror = Mirror(LINE, BOOKS)
    totals = []
    for block in cut(stream.block(), [1] * 5):
        mirror.advance(block)
        totals.append(close(mirror.booked()).total_kwh("electricity"))
    assert totals[-1] == pytest.approx(20.0)
    assert [note["kind"] for note in mirror.booked().notes] == [REFUSED]


# --- what no meter can show -------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [-500.0, 1e308, -1e308, 2e15])
@pytest.mark.parametrize("key", ["P1.value", "P2.value", "FEED.value", "G.value"])
def test_what_no_meter_can_show_is_refused_and_counted(
    wrong: float, key: str, kernels: str
) -> None:
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    for second in range(0, 3601, 60):
        for each in ("P1.value", "P2.value", "G.value"):
            stream.at(second, each, 36.0)
        stream.at(second, "FEED.value", 100.0 + second / 100.0)
    for second in (1830, 1831):
        stream.at(second, key, wrong)
    stream.event(3600, Event.SESSION_END)
    ledger = ledger_of(stream, kernels)
    assert cells(ledger, station="S1") == pytest.approx(36.0)
    assert cells(ledger, station="S2") == pytest.approx(36.0)
    assert ledger.total_kwh("electricity") == pytest.approx(36.0)
    assert ledger.booked.quality.bad == 2
    assert ledger.balance_error("electricity") <= 1e-9


def test_a_meter_with_the_wrong_sign_is_told_of() -> None:
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    for second in range(0, 3601, 60):
        stream.at(second, "P2.value", -36.0)
        stream.at(second, "FEED.value", 100.0 + second / 100.0)
    stream.event(3600, Event.SESSION_END)
    ledger = ledger_of(stream)
    assert [(e.name, e.about) for e in events(ledger.booked)] == [("METER_WRONG_SIGN", "P2.value")]
    assert cells(ledger, station="FEED") == pytest.approx(36.0)  # under the feeder's name


@pytest.mark.parametrize("frozen", ["P1.value", "E1.value"])
def test_a_power_and_a_counter_that_contradict_each_other(frozen: str) -> None:
    stream = Stream(LINE)
    stream.at(-1, "S1.state", "processing")
    stream.event(0, Event.SESSION_BEGIN)
    for second in range(0, 3601, 10):
        late = second > 1800
        stream.at(second, "P1.value", 36.0 if not late or frozen == "P1.value" else 37.0)
        counted = second * 10 if not late else 18_000 + (second - 1800) * 20
        stream.at(second, "E1.value", min(counted, 18_000) if frozen == "E1.value" else counted)
    stream.event(3600, Event.SESSION_END)
    ledger = ledger_of(stream)
    found = {(e.name, e.about) for e in events(ledger.booked)}
    assert found == {("POWER_CONTRADICTS_COUNTER", "E1.value")}
    assert cells(ledger, station="S1", evidence="measured") == pytest.approx(18.0, rel=0.06)
    assert ledger.balance_error("electricity") <= 1e-9


def test_a_meters_noise_about_nothing_is_nothing(kernels: str) -> None:
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    stream.at(0, "P2.value", 20.0)
    for second in range(60, 3601, 60):
        stream.at(second, "P2.value", -0.003)
    stream.event(3600, Event.SESSION_END)
    ledger = ledger_of(stream, kernels)
    assert 0 <= cells(ledger, station="S2") < 20.0 / 60
    assert (ledger.booked.quality.bad, ledger.booked.quality.uncertain) == (0, 60)


def test_a_feeder_less_its_sub_meters_is_its_own_rest(kernels: str) -> None:
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    steady(stream, 600, 36.0)
    for second in range(0, 601, 10):
        stream.at(second, "FEED.value", 990.0 + second * 50.0 / 3600.0)
    stream.event(600, Event.SESSION_END)
    ledger = ledger_of(stream, kernels)
    assert cells(ledger, station="FEED") == pytest.approx(600 * 14.0 / 3600.0)
    assert cells(ledger) == pytest.approx(600 * 50.0 / 3600.0)


def test_where_a_feeder_is_mute_its_sub_meters_count(kernels: str) -> None:
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    steady(stream, 600, 36.0)
    stream.event(600, Event.SESSION_END)
    ledger = ledger_of(stream, kernels)
    assert cells(ledger) == pytest.approx(6.0)
    assert cells(ledger, station="FEED") == 0
    assert ledger.balance_error("electricity") <= 1e-9


def gap_stream() -> Stream:
    """100 s of processing V1 at 36 kW, silent from 40 to 70 s; the plant runs on."""
    stream = Stream(LINE)
    stream.at(-2, "S1.state", "processing")
    stream.at(-2, "S1.vehicle", "V1")
    stream.event(0, Event.SESSION_BEGIN)
    for second in [*range(41), *range(70, 101)]:
        stream.at(second, "P1.value", 36.0 if second < 55 else 72.0)
        stream.at(second, "E1.value", second * 10 + max(0, second - 55) * 10)
    stream.event(40, Event.GAP_BEGIN)
    stream.event(100, Event.SESSION_END)
    return stream


def test_what_counted_across_a_gap_is_booked_as_an_estimate(kernels: str) -> None:
    stream = gap_stream()
    stream.at(60, "S1.state", "idle")
    stream.at(60, "S1.vehicle", "")
    ledger = ledger_of(stream, kernels)
    assert cells(ledger, station="S1") == pytest.approx(1.45, rel=1e-9)
    assert cells(ledger, station="S1", state="unknown", vehicle="") > 0
    # 30 s of silence, 0.45 kWh of which the counter knows: 20 s unknown, 10 s idle.
    assert cells(ledger, station="S1", evidence="estimated") == pytest.approx(0.45, rel=1e-6)
    assert cells(ledger, station="S1", state="unknown") == pytest.approx(0.30, rel=1e-6)
    assert cells(
        ledger, station="S1", state="processing", vehicle="V1", evidence="measured"
    ) == pytest.approx(0.4)


@pytest.mark.parametrize("comes_back", [False, True])
def test_what_a_log_lost_is_never_energy_that_somebody_measured(
    kernels: str, comes_back: bool
) -> None:
    """P2 is a power alone; E1 counts beside P1."""
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    for second in range(0, 101, 10):
        if 40 < second < 70 or (second > 40 and not comes_back):
            continue
        stream.at(second, "P1.value", 36.0)
        stream.at(second, "P2.value", 36.0)
        stream.at(second, "E1.value", second * 10)
    for signal in LINE.signals:
        stream.event(40, Event.SAMPLES_LOST, exact=signal.index)
    stream.event(100, Event.SESSION_END)
    ledger = ledger_of(stream, kernels)
    own = cells(ledger, station="S2")
    counted = cells(ledger, station="S1")
    assert own == pytest.approx(0.7 if comes_back else 0.4, rel=1e-9)
    assert cells(ledger, station="S2", evidence="estimated") == pytest.approx(0.0, abs=1e-12)
    assert counted == pytest.approx(1.0 if comes_back else 0.4, rel=1e-9)
    across = 0.3 if comes_back else 0.0
    assert cells(ledger, station="S1", evidence="estimated") == pytest.approx(across, abs=1e-9)
    assert ledger.balance_error("electricity") <= 1e-9


def test_a_lost_span_is_a_gap_of_the_log() -> None:
    damage = Damage(recovered=5, lost_samples=7, lost_spans=((T0 - 10, T0 + 40), (T0 - 9, T0 - 8)))
    mirror = Mirror(LINE, BOOKS, damage=damage)
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    stream.event(100, Event.SESSION_END)
    mirror.advance(stream.block())
    booked = mirror.booked()
    assert booked.gaps == (Gap("log", T0, T0 + 40),)
    assert (booked.quality.gaps, booked.quality.recovered) == (1, 5)


def test_a_value_that_is_repeated_after_a_gap_was_so_all_along(kernels: str) -> None:
    stream = gap_stream()
    stream.repeat("S1.state")
    stream.repeat("S1.vehicle")
    rows = stream._rows
    for row in rows[-2:]:  # they come right after the gap began, in order
        row["order_ns"] = T0 + 40_000_000_001
    ledger = ledger_of(stream, kernels)
    assert cells(ledger, station="S1", state="processing", vehicle="V1") == pytest.approx(
        1.45, rel=1e-9
    )


def test_a_vehicle_that_left_in_a_gap_is_not_work_in_progress_for_ever() -> None:
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    for second, station, vehicle in (
        (10, "S1", "V1"),
        (20, "S1", "V2"),
        (20, "S2", "V1"),
        (70, "S2", "V3"),  # V1 and V2 went on while nobody looked
        (70, "S1", "V4"),
        (80, "S2", ""),
    ):
        stream.at(second, f"{station}.vehicle", vehicle)
    stream.event(30, Event.GAP_BEGIN)
    stream.event(70, Event.GAP_END)
    stream.event(90, Event.SESSION_END)
    accounts = allot(ledger_of(stream))
    fates = dict(zip(accounts.ledger.booked.vehicles, accounts.state.tolist(), strict=True))
    assert fates == {"V1": 1, "V2": 1, "V3": 1, "V4": 0}
    whole = dict(zip(accounts.ledger.booked.vehicles, accounts.complete.tolist(), strict=True))
    assert not whole["V1"]
    assert not whole["V2"]


def test_after_a_gap_a_variant_is_not_put_on_the_vehicle_that_left() -> None:
    stream = Stream(LINE)
    line = replace_variant_signal(stream)
    stream.event(0, Event.SESSION_BEGIN)
    stream.at(10, "S1.vehicle", "V1")
    stream.at(10, "S1.variant", "a")
    stream.event(30, Event.GAP_BEGIN)
    stream.at(50, "S1.variant", "b")  # of one who came and went meanwhile
    stream.at(60, "S1.vehicle", "")
    stream.event(70, Event.SESSION_END)
    mirror = Mirror(line, BOOKS)
    mirror.advance(stream.block())
    booked = mirror.booked()
    assert [booked.variants[v] for v in booked.visits["variant"]] == ["a"]


def replace_variant_signal(stream: Stream) -> Line:
    """The line with a variant signal at S1 too, for the stream and the mirror."""
    text = (
        LINE.text
        + """
[[signal]]
source = "plc"
for = "S1"
role = "variant"
node = "ns=2;s={station}.variant"
"""
    )
    stream.line = parse_line(text, "two.toml")
    return stream.line


def test_bad_samples_are_never_booked_as_measured(kernels: str) -> None:
    stream = Stream(LINE)
    stream.event(0, Event.SESSION_BEGIN)
    for second in range(0, 101, 10):
        bad = 30 <= second < 60
        stream.at(second, "P1.value", 999.0 if bad else 36.0, status=0x80000000 if bad else 0)
    stream.event(100, Event.SESSION_END)
    ledger = ledger_of(stream, kernels)
    assert cells(ledger, station="S1") == pytest.approx(1.0)
    assert cells(ledger, station="S1", evidence="estimated") == pytest.approx(0.3)


@SLOW
@given(streams(), st.lists(st.integers(0, 9), max_size=20))
def test_blocks_and_kernels_change_nothing(stream: Stream, sizes: list[int]) -> None:
    whole = mirrored([stream.block()]).booked()
    for kernels in ("python", "numba"):
        pieces = mirrored(cut(stream.block(), sizes), kernels).booked()
        for name in ("segments", "visits", "stations", "bucket_kwh", "metered_kwh"):
            ours, theirs = getattr(whole, name), getattr(pieces, name)
            assert np.ascontiguousarray(ours).tobytes() == np.ascontiguousarray(theirs).tobytes()


@SLOW
@given(streams())
def test_looking_at_the_mirror_changes_nothing(stream: Stream) -> None:
    watched = Mirror(LINE, BOOKS)
    watched.warm_up()
    for piece in cut(stream.block(), [3] * 40):
        watched.advance(piece)
        watched.booked()
    alone = mirrored([stream.block()]).booked()
    assert watched.booked().segments.tobytes() == alone.segments.tobytes()


@SLOW
@given(streams())
def test_the_balance_closes_whatever_happens(stream: Stream) -> None:
    ledger = ledger_of(stream)
    for carrier in ledger.carriers:
        assert ledger.balance_error(carrier) <= 1e-9
    assert not np.isnan(ledger.cells["kwh"]).any()


@SLOW
@given(streams(), st.sampled_from(("equal", "direct", "time")))
def test_every_kwh_ends_on_a_vehicle_or_on_a_loss(stream: Stream, rule: str) -> None:
    accounts = accounts_of(stream, rule)
    sums = accounts.sums_kwh()
    total = math.fsum(accounts.ledger.cells["kwh"])
    accounted = sums["on_vehicles"] + sums["wip_close"] - sums["wip_open"]
    accounted += sums["losses"] + sums["unexplained"]
    assert accounted == pytest.approx(total, rel=1e-9, abs=1e-9)


def accounts_of(stream: Stream, rule: str) -> Accounts:
    from dataclasses import replace

    ledger = ledger_of(stream)
    allocation = replace(LINE.allocation, idle=rule, base=rule, shared=rule, scrap=rule)
    line = replace(LINE, allocation=allocation)
    return allot(Ledger(replace(ledger.booked, line=line), ledger.cells, ledger.secondary))


def test_the_kernels_reference_runs_uncompiled() -> None:
    assert book.book_python is not book.book
    assert recount.recount_python is not recount.recount


def without_room(mirror: Mirror) -> None:
    """Every table of the mirror is full to the last row."""
    counts = mirror._counts
    mirror._segments = mirror._segments[: counts[booking.SEGMENTS]].copy()
    mirror._visits = mirror._visits[: counts[booking.VISITS]].copy()
    mirror._notes = mirror._notes[: counts[booking.NOTES]].copy()


@SLOW
@given(stream=streams())
def test_a_mirror_that_is_full_makes_room_for_whatever_comes(stream: Stream):
    whole = close(mirrored([stream.block()]).booked())
    mirror = Mirror(LINE, BOOKS)
    mirror.warm_up()
    for block in cut(stream.block(), [1] * len(stream.block())):
        if mirror.begun:
            without_room(mirror)
        mirror.advance(block)
    assert export_columns(close(mirror.booked())) == export_columns(whole)


def test_samples_without_a_session_have_no_period() -> None:
    """What is left of a log whose events are lost: nothing is booked, over no time."""
    stream = Stream(LINE)
    stream.at(0, "P1.value", 5.0)
    stream.at(60, "P1.value", 5.0)
    found = mirrored([stream.block()]).booked()
    assert not found.begun
    assert found.from_ns == found.to_ns > 0
