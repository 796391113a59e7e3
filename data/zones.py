"""Time zones by IANA name, from the pinned tzdata, so that every machine reckons alike."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from data.toml_file import KeyPath, Sheet, nearest


@cache
def zone_names() -> frozenset[str]:
    """Every zone that the pinned tzdata knows."""
    listing = files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return frozenset(listing.split())


@cache
def zone(name: str) -> ZoneInfo:
    """A zone from the pinned tzdata, not from the system; raises KeyError."""
    if name not in zone_names():
        raise KeyError(name)
    package = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with package.open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def check_zone(sheet: Sheet, path: KeyPath, name: str) -> None:
    """Notes a zone that nobody knows."""
    if name not in zone_names():
        limit = 'unknown time zone: it is an IANA name such as "Asia/Shanghai"'
        sheet.fault(path, limit, name, nearest(name, zone_names()))
