"""Outdoor temperature and sun: a day's course, wandering weather and clouds."""

from __future__ import annotations

from datetime import UTC, datetime
from math import cos, exp, pi, radians, sin, sqrt

from plc_sim.calendar import Calendar
from plc_sim.plant_schema import WeatherEntry
from plc_sim.streams import Normals, stream

_WARMEST_H = 14.5
_FRONT_MEMORY_S = 21_600.0  # how long a warm or cold spell lasts


class Weather:
    """Temperature [degC] and irradiance on the flat [W/m2] at the plant's place and time."""

    def __init__(self, entry: WeatherEntry, calendar: Calendar, start_ns: int, seed: int) -> None:
        self._entry = entry
        self._calendar = calendar
        self._start_s = start_ns / 1e9
        self._normals = Normals(stream(seed, "weather"))
        self._off = self._normals.next()
        self._cloudiness = self._normals.next()
        self.cover: float | None = None  # a scenario's own cloud cover, 0 to 1
        self.outdoor_c = 0.0
        self.irradiance_wm2 = 0.0
        self.advance(0, 0.0)

    def advance(self, now_us: int, step_s: float) -> None:
        """The weather at a time, ``step_s`` after the last one."""
        entry = self._entry
        self._off = self._wander(self._off, step_s, _FRONT_MEMORY_S)
        self._cloudiness = self._wander(self._cloudiness, step_s, entry.cloud_memory_s)
        clock = self._calendar.clock(now_us)
        hour = clock.hour + clock.minute / 60 + clock.second / 3600
        course = cos(2 * pi * (hour - _WARMEST_H) / 24)
        self.outdoor_c = entry.mean_c + entry.swing_c * course + entry.sd_c * self._off
        clear = clear_sky_wm2(self._start_s + now_us / 1e6, entry.latitude, entry.longitude)
        self.irradiance_wm2 = clear * (1.0 - 0.75 * self._clouds() ** 3.4)

    def _clouds(self) -> float:
        if self.cover is not None:
            return min(1.0, max(0.0, self.cover + 0.1 * self._cloudiness))
        return min(1.0, max(0.0, self._entry.cloud + 0.3 * self._cloudiness))

    def _wander(self, off: float, step_s: float, memory_s: float) -> float:
        keep = exp(-step_s / memory_s)
        return keep * off + sqrt(1.0 - keep * keep) * self._normals.within(3.0)


def sun_height(unix_s: float, latitude: float, longitude: float) -> float:
    """Sine of the sun's elevation, by Cooper's declination and the mean solar time.

    Neglects the equation of time (up to 16 minutes). Latitude and longitude in degrees.
    """
    moment = datetime.fromtimestamp(unix_s, UTC)
    day = moment.timetuple().tm_yday
    declination = radians(23.45) * sin(2 * pi * (284 + day) / 365)
    hours = moment.hour + moment.minute / 60 + moment.second / 3600 + longitude / 15
    turn = 2 * pi * (hours - 12) / 24
    north = radians(latitude)
    return sin(north) * sin(declination) + cos(north) * cos(declination) * cos(turn)


def clear_sky_wm2(unix_s: float, latitude: float, longitude: float) -> float:
    """Irradiance on the flat under a clear sky (Haurwitz 1945) [W/m2].

    Clouds dim it by 0.75 times their cover to the power of 3.4 (Kasten and Czeplak 1980).
    """
    height = sun_height(unix_s, latitude, longitude)
    return 1098.0 * height * exp(-0.057 / height) if height > 0.01 else 0.0
