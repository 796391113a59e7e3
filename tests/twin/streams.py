"""Sequenced streams for tests: a small line, and random days of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from data.line import Line
from data.line_file import parse_line
from data.samples import Event, Flag, SampleBlock, Samples, TextTable, ValueType, empty

T0 = 1_772_402_400_000_000_000
SECOND = 1_000_000_000

LINE = """
format = "greenline.line/1"
[plant]
id = "two"
names = { en = "Two stations", zh = "两工位" }
timezone = "Asia/Shanghai"
currency = "CNY"
takt_s = 60
[[workshop]]
id = "shop"
names = { en = "Shop", zh = "车间" }
[[station]]
id = "S1"
workshop = "shop"
names = { en = "One", zh = "一" }
cycle_s = 50
[[station]]
id = "S2"
workshop = "shop"
names = { en = "Two", zh = "二" }
cycle_s = 50
[[edge]]
from = "S1"
to = "S2"
capacity = 2
[[variant]]
id = "a"
names = { en = "A", zh = "甲" }
[[meter]]
id = "FEED"
carrier = "electricity"
kind = "counter"
unit = "kWh"
covers = ["workshop:shop"]
direction = "import"
rolls_over_at = 1000
[[meter]]
id = "P1"
carrier = "electricity"
kind = "power"
unit = "kW"
covers = ["S1"]
parent = "FEED"
[[meter]]
id = "E1"
carrier = "electricity"
kind = "counter"
unit = "Wh"
covers = ["S1"]
parent = "FEED"
rolls_over_at = 100000
[[meter]]
id = "P2"
carrier = "electricity"
kind = "power"
unit = "kW"
covers = ["S2"]
parent = "FEED"
[[meter]]
id = "G"
carrier = "natural_gas"
kind = "flow"
unit = "m3/h"
covers = ["workshop:shop"]
direction = "import"
[[source]]
id = "plc"
kind = "opcua"
url = "opc.tcp://127.0.0.1:4840"
[[signal]]
source = "plc"
for = ["S1", "S2"]
role = "state"
node = "ns=2;s={station}.state"
[[signal]]
source = "plc"
for = ["S1", "S2"]
role = "vehicle"
node = "ns=2;s={station}.vin"
[[signal]]
source = "plc"
for = "S2"
role = "reject_count"
node = "ns=2;s={station}.reject"
[[signal]]
source = "plc"
for = ["P1", "E1", "G", "FEED"]
role = "value"
node = "ns=2;s={meter}"
[[signal]]
source = "plc"
for = "P2"
role = "value"
node = "ns=2;s={meter}"
hold = "linear"
"""


def two_stations() -> Line:
    """Two stations in series: a counter and a power, a linear power, a feeder, gas by flow."""
    return parse_line(LINE, "two.toml")


class Stream:
    """Collects samples by signal key and gives them in canonical order."""

    def __init__(self, line: Line) -> None:
        self.line, self.texts = line, TextTable()
        self._rows: list[Samples] = []

    def at(self, second: float, key: str, value: float | int | str, *, status: int = 0) -> None:
        """One sample of a signal, ``second`` after T0."""
        row = self._row(second)
        row["signal"], row["status"] = self.line.signal_index[key], status
        if isinstance(value, str):
            row["type"], row["exact"] = ValueType.TEXT, self.texts.intern(value)
        elif isinstance(value, int):
            row["type"], row["exact"], row["value"] = ValueType.INTEGER, value, value
        else:
            row["type"], row["value"] = ValueType.REAL, value
        self._rows.append(row)

    def repeat(self, key: str) -> None:
        """The signal's last sample again, as after a reconnection: a late duplicate."""
        number = self.line.signal_index[key]
        row = next(r for r in reversed(self._rows) if r["signal"][0] == number).copy()
        row["order_ns"] = max(int(r["order_ns"][0]) for r in self._rows)
        row["flags"] = int(Flag.LATE | Flag.DUPLICATE)
        self._rows.append(row)

    def event(self, second: float, kind: Event, exact: int = 0) -> None:
        """An event of the stream, ``second`` after T0."""
        row = self._row(second)
        row["signal"], row["exact"] = int(kind), exact
        self._rows.append(row)

    def __repr__(self) -> str:
        """What hypothesis prints of a stream that breaks a promise."""
        keys = [signal.key for signal in self.line.signals]
        rows = np.concatenate(self._rows)
        return "\n" + "\n".join(
            f"{(row['order_ns'] - T0) / SECOND:8.1f} "
            f"{keys[row['signal']] if row['signal'] >= 0 else Event(int(row['signal'])).name:16}"
            f"{row['value']:.9g} {row['exact']} {row['status']:x}"
            for row in rows[np.argsort(rows["order_ns"], kind="stable")]
        )

    def _row(self, second: float) -> Samples:
        row = empty(1)
        row["time_ns"] = row["order_ns"] = T0 + round(second * SECOND)
        row["receive_ns"] = row["time_ns"] + 1_000_000
        return row

    def block(self) -> SampleBlock:
        """All of it as one block, in canonical order."""
        samples = np.concatenate(self._rows)
        rank = np.where(samples["signal"] < 0, 2, (samples["flags"] & Flag.LATE) != 0)
        signal = np.where(samples["signal"] < 0, 0, samples["signal"])
        return SampleBlock(samples[np.lexsort((signal, rank, samples["order_ns"]))], self.texts)


def one_vehicle(line: Line, gap: tuple[int, int], end: int) -> Stream:
    """A vehicle through both stations, each of which fails, and a gap in which time goes on [s]."""
    stream = Stream(line)
    stream.event(0, Event.SESSION_BEGIN)
    for second, station in ((10, "S1"), (110, "S2")):
        stream.at(second, f"{station}.vehicle", "V1")
        stream.at(second, f"{station}.state", "processing")
        stream.at(second + 60, f"{station}.state", "failed")
        stream.at(second + 80, f"{station}.vehicle", "")
    for second in [*range(gap[0] + 1), *range(gap[1], end + 1)]:
        stream.at(second, "P1.value", 36.0)
        stream.at(second, "FEED.value", second * 0.0123)
    stream.event(gap[0], Event.GAP_BEGIN)
    stream.event(gap[1], Event.GAP_END)
    stream.event(end, Event.SESSION_END)
    return stream


def cut(block: SampleBlock, sizes: list[int]) -> list[SampleBlock]:
    """The block in pieces of these sizes, and the rest."""
    pieces, at = [], 0
    for size in sizes:
        pieces.append(SampleBlock(block.samples[at : at + size], block.texts))
        at += size
    return [*pieces, SampleBlock(block.samples[at:], block.texts)]


STATES = ("processing", "idle", "starved", "blocked", "failed", "nonsense")
STATUSES = (0, 0, 0, 0, 0x40000000, 0x80000000)


@st.composite
def streams(draw: st.DrawFn, seconds: int = 4000) -> Stream:
    """Random hours of two stations, with bad samples, resets, rollovers, gaps and repeats."""
    line = two_stations()
    stream = Stream(line)
    whole = st.integers(0, seconds * 10)
    seen: set[str] = set()

    def samples(key: str, values: st.SearchStrategy[Any], most: int) -> None:
        for tenth in sorted(draw(st.lists(whole, max_size=most, unique=True))):
            status = draw(st.sampled_from(STATUSES))
            stream.at(tenth / 10 - 5, key, draw(values), status=status)
            seen.add(key)

    for station in ("S1", "S2"):
        samples(f"{station}.state", st.sampled_from(STATES), 12)
        samples(f"{station}.vehicle", st.sampled_from(("", "V1", "V2", "V3", "V4")), 8)
    samples("S2.reject_count", st.integers(0, 3), 3)
    kw = st.integers(0, 500_000).map(lambda watts: watts / 1000.0)
    for key in ("P1.value", "P2.value", "G.value"):
        samples(key, kw, 20)
    samples("E1.value", st.integers(0, 99_999), 10)
    samples("FEED.value", st.integers(0, 99_999).map(lambda tenth: tenth / 100.0), 10)
    stream.event(0, Event.SESSION_BEGIN)
    if draw(st.booleans()):
        begin = draw(st.integers(1, seconds - 1))
        stream.event(begin, Event.GAP_BEGIN)
        stream.event(draw(st.integers(begin, seconds)), Event.GAP_END)
    stream.event(seconds, Event.SESSION_END)
    return stream
