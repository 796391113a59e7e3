from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.zones import zone, zone_names


def test_zones_are_those_of_the_pinned_package():
    assert {"Asia/Shanghai", "Europe/Berlin", "UTC", "America/Argentina/Ushuaia"} <= zone_names()
    assert all(zone(name).key == name for name in zone_names())


@pytest.mark.parametrize(
    ("name", "month", "hours"),
    [("Asia/Shanghai", 7, 8), ("Europe/Berlin", 1, 1), ("Europe/Berlin", 7, 2), ("UTC", 7, 0)],
)
def test_offsets(name: str, month: int, hours: int):
    moment = datetime(2026, month, 1, tzinfo=UTC).astimezone(zone(name))
    assert moment.utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["", "Asia/Shanghia", "../zones", "zone.tab", "/etc/passwd"])
def test_an_unknown_zone_is_an_error(name: str):
    with pytest.raises(KeyError):
        zone(name)
