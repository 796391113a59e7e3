"""A line of parts that meets vehicles: K1 makes parts, S1 takes one for each, S2 is the last."""

from __future__ import annotations

from data.factors import Books
from data.line import BookNames, Line
from data.line_file import parse_line
from data.samples import Event
from tests.twin.streams import Stream
from twin.accounts import Accounts, Opening, allot
from twin.ledger import close
from twin.mirror import Mirror

TAKT_S = 60
CAPACITY = 2
_HEAD = """
format = "greenline.line/1"
[plant]
id = "rack"
names = { en = "Rack", zh = "料架" }
timezone = "UTC"
currency = "CNY"
[[workshop]]
id = "parts"
names = { en = "Parts", zh = "零件" }
[[workshop]]
id = "body"
names = { en = "Body", zh = "车身" }
[[workshop]]
id = "power"
names = { en = "Power", zh = "动力" }
"""
_STATIONS = (("K1", "parts"), ("S1", "body"), ("S2", "body"), ("U1", "power"))
_EDGES = (("K1", "S1", "join", CAPACITY), ("S1", "S2", "flow", 2), ("S2", "S1", "rework", 2))


def rack_line(*, rework: bool = False, bom: str = "") -> Line:
    """The line; with ``rework`` S2 sends back to S1, ``bom`` is a key of variant a."""
    parts = [_HEAD]
    for variant in ("a", "b", "c"):
        own = bom if variant == "a" else ""
        parts.append(
            f'[[variant]]\nid = "{variant}"\nmass_kg = 1500\n'
            f'names = {{ en = "{variant}", zh = "{variant}" }}\n{own}\n'
        )
    for station, workshop in _STATIONS:
        names = f'names = {{ en = "{station}", zh = "{station}" }}'
        parts.append(f'[[station]]\nid = "{station}"\nworkshop = "{workshop}"\n{names}\n')
        parts.append(
            f'[[meter]]\nid = "P_{station}"\ncarrier = "electricity"\nkind = "power"\nunit = "kW"\n'
            f'covers = ["{station}"]\ndirection = "import"\n'
        )
    for origin, target, kind, capacity in _EDGES[: None if rework else 2]:
        parts.append(
            f'[[edge]]\nfrom = "{origin}"\nto = "{target}"\nkind = "{kind}"\n'
            f"capacity = {capacity}\n"
        )
    parts.append('[[source]]\nid = "plc"\nkind = "opcua"\nurl = "opc.tcp://127.0.0.1:1"\n')
    stations = '["K1", "S1", "S2"]'
    for role in ("state", "vehicle", "variant", "reject_count"):
        parts.append(
            f'[[signal]]\nsource = "plc"\nfor = {stations}\nrole = "{role}"\n'
            f'node = "ns=2;s={{station}}.{role}"\n'
        )
    parts.append(
        '[[signal]]\nsource = "plc"\nfor = "P_*"\nrole = "value"\nnode = "ns=2;s={meter}"\n'
    )
    return parse_line("".join(parts), "rack.toml")


class Shop(Stream):
    """A stream of this line, in which stations are entered and left."""

    def begin(self, at: float = 0.0) -> None:
        """All stations empty and idle, all powers 36 kW, 0.01 kWh a second, from ``at`` on."""
        for station in ("K1", "S1", "S2"):
            self.at(at - 2, f"{station}.vehicle", "")
            self.at(at - 2, f"{station}.state", "starved")
            self.at(at - 2, f"{station}.reject_count", 0)
        for station, _ in _STATIONS:
            self.at(at - 1, f"P_{station}.value", 36.0)
        self.event(at, Event.SESSION_BEGIN)

    def stay(self, station: str, name: str, variant: str, begin: float, end: float) -> None:
        """``name`` is at a station and processed there."""
        self.at(begin, f"{station}.vehicle", name)
        self.at(begin, f"{station}.variant", variant)
        self.at(begin, f"{station}.state", "processing")
        self.at(end, f"{station}.vehicle", "")
        self.at(end, f"{station}.state", "starved")

    def accounts(self, end: float, opening: dict[str, Opening] | None = None) -> Accounts:
        """The accounts of all of it, closed at ``end``."""
        self.event(end, Event.SESSION_END)
        mirror = Mirror(self.line, Books.load(BookNames(), None), brought=opening or ())
        mirror.advance(self.block())
        return allot(close(mirror.booked()), opening)


def took(accounts: Accounts) -> dict[str, str]:
    """Which vehicle took each part."""
    names = accounts.ledger.booked.vehicles
    return {
        names[part]: names[vehicle]
        for part, vehicle in enumerate(accounts.joined_to.tolist())
        if vehicle >= 0
    }
