"""A plant with a grid connection, solar cells, a storage and one metered workshop, by counters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from data.factors import Books
from data.line import Line
from data.line_file import parse_line
from data.samples import Event
from tests.twin.streams import Stream
from twin.ledger import Ledger, close
from twin.mirror import Mirror

SLOT_S = 900
HEAD = """
format = "greenline.line/1"
[plant]
id = "supplied"
names = { en = "Supplied", zh = "供电" }
timezone = "Asia/Shanghai"
currency = "CNY"
[[workshop]]
id = "shop"
names = { en = "Shop", zh = "车间" }
[[station]]
id = "S1"
workshop = "shop"
names = { en = "One", zh = "一" }
cycle_s = 50
[[converter]]
id = "compressor"
inputs = ["SHOP"]
outputs = ["AIR"]
[[source]]
id = "plc"
kind = "opcua"
url = "opc.tcp://127.0.0.1:4840"
[[signal]]
source = "plc"
for = ["GRID", "PV", "IN", "OUT", "BACK", "SHOP", "AIR", "AIR_S1", "WATER"]
role = "value"
node = "ns=2;s={meter}"
"""
METERS = (
    ("GRID", "electricity", "plant", "import", None),
    ("PV", "electricity", "plant", "generate", None),
    ("IN", "electricity", "plant", "charge", None),
    ("OUT", "electricity", "plant", "discharge", None),
    ("BACK", "electricity", "plant", "export", None),
    ("SHOP", "electricity", "workshop:shop", "consume", "GRID"),
    ("AIR", "compressed_air", "plant", "consume", None),
    ("AIR_S1", "compressed_air", "S1", "consume", "AIR"),
    ("WATER", "water", "plant", "consume", None),
)


def plant() -> Line:
    """The plant; gas-free, so that all of it is the electricity's."""
    text = HEAD
    for name, carrier, covers, direction, parent in METERS:
        unit = "kWh" if carrier == "electricity" else "m3"
        text += f"""
[[meter]]
id = "{name}"
carrier = "{carrier}"
kind = "counter"
unit = "{unit}"
covers = ["{covers}"]
direction = "{direction}"
"""
        text += f'parent = "{parent}"\n' if parent else ""
    return parse_line(text, "supplied.toml")


LINE = plant()


def ledger_of(amounts: Mapping[str, Sequence[float]], books: Books, line: Line = LINE) -> Ledger:
    """The ledger of amounts by meter and 15-minute slot; meters that are left out are mute."""
    stream = Stream(line)
    stream.event(0, Event.SESSION_BEGIN)
    slots = 0
    for meter, by_slot in amounts.items():
        slots = len(by_slot)
        for i, count in enumerate([0.0, *np.cumsum(by_slot).tolist()]):
            stream.at(i * SLOT_S, f"{meter}.value", float(count))
    stream.event(slots * SLOT_S, Event.SESSION_END)
    mirror = Mirror(line, books)
    mirror.warm_up()
    mirror.advance(stream.block())
    return close(mirror.booked())


def under(ledger: Ledger, books: Books) -> Ledger:
    """The same ledger under other books of equal heating values."""
    return replace(ledger, booked=replace(ledger.booked, books=books))
