"""Any plant: random workshops, stations, edges and trees of meters, and a faulty day of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import strategies as st

from data.line import Line
from data.line_file import parse_line
from data.samples import Event
from tests.twin.streams import STATES, STATUSES, Stream

SECONDS = 2400
HEAD = """
format = "greenline.line/1"
[plant]
id = "any"
names = { en = "Any plant", zh = "任一工厂" }
timezone = "Asia/Shanghai"
currency = "CNY"
[[source]]
id = "plc"
kind = "opcua"
url = "opc.tcp://127.0.0.1:4840"
[[variant]]
id = "a"
names = { en = "A", zh = "甲" }
"""
SIDES = ("generate", "discharge", "export", "charge")  # of the supply, beside the grid


@dataclass
class _Meters:
    """Meters as they are drawn; each may be a counter, a power, or both."""

    draw: st.DrawFn
    text: str = ""
    signals: tuple[tuple[str, str], ...] = ()  # key, kind
    count: int = 0

    def add(self, carrier: str, covers: list[str], parent: str | None, direction: str) -> str:
        """One metering point; gives its id, which is that of its counter where it has one."""
        kinds = self.draw(st.sampled_from((("counter",), ("power",), ("counter", "power"))))
        names = []
        for kind in kinds:
            name = f"M{self.count}"
            self.count += 1
            unit = "kWh" if kind == "counter" else "kW"
            listed = ", ".join(f'"{each}"' for each in covers)
            self.text += f'\n[[meter]]\nid = "{name}"\ncarrier = "{carrier}"\nkind = "{kind}"'
            self.text += f'\nunit = "{unit}"\ncovers = [{listed}]\ndirection = "{direction}"\n'
            self.text += f'parent = "{parent}"\n' if parent else ""
            self.text += "rolls_over_at = 1000\n" if kind == "counter" else ""
            self.text += f'[[signal]]\nsource = "plc"\nfor = "{name}"\nrole = "value"\n'
            self.text += f'node = "ns=2;s={name}"\n'
            self.signals += ((f"{name}.value", kind),)
            names.append(name)
        return names[0]


@st.composite
def plants(draw: st.DrawFn) -> tuple[Line, tuple[tuple[str, str], ...]]:
    """A line, and the keys of its meters' signals with their kinds."""
    shops = {f"w{w}": draw(st.integers(1, 4)) for w in range(draw(st.integers(1, 3)))}
    stations = {f"{shop}s{s}": shop for shop, n in shops.items() for s in range(n)}
    text = HEAD + "".join(_workshop(shop) for shop in shops)
    text += "".join(
        _station(name, shop, draw(st.integers(1, 3))) for name, shop in stations.items()
    )
    names = list(stations)
    text += "".join(
        f'\n[[edge]]\nfrom = "{a}"\nto = "{b}"\ncapacity = {draw(st.integers(0, 3))}\n'
        for a, b in pairwise(names)
    )
    meters = _Meters(draw)
    for carrier in ("electricity", "heat"):
        if carrier == "electricity" or draw(st.booleans()):
            _tree(draw, meters, carrier, stations)
    return parse_line(text + meters.text, "any.toml"), meters.signals


def _workshop(shop: str) -> str:
    return f'\n[[workshop]]\nid = "{shop}"\nnames = {{ en = "{shop}", zh = "{shop}" }}\n'


def _station(name: str, shop: str, places: int) -> str:
    text = f'\n[[station]]\nid = "{name}"\nworkshop = "{shop}"\nplaces = {places}\n'
    text += f'names = {{ en = "{name}", zh = "{name}" }}\ncycle_s = 50\n'
    for role in ("state", "vehicle", "good_count", "reject_count"):
        text += f'[[signal]]\nsource = "plc"\nfor = "{name}"\nrole = "{role}"\n'
        text += f'node = "ns=2;s={name}.{role}"\n'
    return text


def _tree(draw: st.DrawFn, meters: _Meters, carrier: str, stations: dict[str, str]) -> None:
    """Grid, workshops, groups and stations, each metered or not, one under the other."""
    top = meters.add(carrier, ["plant"], None, "import") if draw(st.booleans()) else None
    if top and carrier == "electricity":
        for side in SIDES:
            if draw(st.integers(0, 3)) == 0:
                meters.add(carrier, ["plant"], None, side)
    for shop in dict.fromkeys(stations.values()):
        inside = [name for name, of in stations.items() if of == shop]
        above = top
        if draw(st.booleans()):
            above = meters.add(carrier, [f"workshop:{shop}"], top, "consume")
        if len(inside) > 2 and draw(st.booleans()):
            above, inside = meters.add(carrier, inside[:-1], above, "consume"), inside[:-1]
        for name in inside:
            if draw(st.booleans()):
                meters.add(carrier, [name], above, "consume")


@st.composite
def days(draw: st.DrawFn) -> Stream:
    """A random plant's stream, with bad samples, resets, dips, a gap, and anything out of step."""
    line, meters = draw(plants())
    stream = Stream(line)
    tenths = st.integers(-50, SECONDS * 10)
    watts = st.integers(0, 300_000).map(lambda count: count / 1000.0)
    counts = st.integers(0, 9999).map(lambda count: count / 10.0)

    def samples(key: str, values: st.SearchStrategy[float | int | str], most: int) -> None:
        for tenth in sorted(draw(st.lists(tenths, max_size=most, unique=True))):
            stream.at(tenth / 10, key, draw(values), status=draw(st.sampled_from(STATUSES)))

    for station in line.stations:
        samples(f"{station.id}.state", st.sampled_from(STATES), 8)
        samples(f"{station.id}.vehicle", st.sampled_from(("", "V1", "V2", "V3")), 6)
        samples(f"{station.id}.good_count", st.integers(0, 5), 4)
        samples(f"{station.id}.reject_count", st.integers(0, 2), 2)
    for key, kind in meters:
        samples(key, counts if kind == "counter" else watts, 12)
    stream.event(0, Event.SESSION_BEGIN)
    if draw(st.booleans()):
        begin = draw(st.integers(1, SECONDS - 1))
        stream.event(begin, Event.GAP_BEGIN)
        stream.event(draw(st.integers(begin, SECONDS)), Event.GAP_END)
    stream.event(SECONDS, Event.SESSION_END)
    return stream
