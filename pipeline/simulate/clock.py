"""A department's calendar in seconds: wall-clock times as UTC instants, working days and bank holidays.

Belongs here: time. Does not: what happens in it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from pipeline.simulate.department import ZONE, Department, Flags, Ints


class Clock:
    """Local days of the calendar as UTC instants (seconds since 1970), clock changes included."""

    def __init__(self, department: Department) -> None:
        self.department = department
        self._zone = ZoneInfo(ZONE)
        days = [department.day(n) for n in range(department.days)]
        noons = [datetime.combine(d, time(12), self._zone) for d in days]
        self._noon = np.array([int(n.timestamp()) for n in noons], dtype=np.int64)
        holidays = {h for year in {d.year for d in days} for h in bank_holidays(year)}
        self.working: Flags = np.array([d.weekday() < 5 and d not in holidays for d in days])
        hours = range(-24, 24 * (department.days + 1))
        start = datetime.combine(days[0], time(), UTC)
        offsets = [self._offset(start + timedelta(hours=h)) for h in hours]
        self._hour_zero = int(start.timestamp()) - 24 * 3600
        self._offsets = np.array(offsets, dtype=np.int64)

    def _offset(self, moment: datetime) -> int:
        shift = moment.astimezone(self._zone).utcoffset()
        return 0 if shift is None else int(shift.total_seconds())

    def instant(self, day: npt.ArrayLike, seconds: npt.ArrayLike) -> Ints:
        """UTC seconds of a wall-clock time (seconds since midnight) on a day number."""
        moment: Ints = self._noon[np.asarray(day)] + np.asarray(seconds, dtype=np.int64) - 12 * 3600
        return moment

    def offset(self, instant: npt.ArrayLike) -> Ints:
        """Seconds by which the wall clock is ahead of UTC."""
        ahead: Ints = self._offsets[(np.asarray(instant) - self._hour_zero) // 3600]
        return ahead

    def day(self, instant: npt.ArrayLike) -> Ints:
        """The local day number of UTC seconds."""
        zero = int(self.instant(0, 0))
        seconds = np.asarray(instant, dtype=np.int64)
        number: Ints = (seconds + self.offset(np.minimum(seconds, self.end)) - zero - int(self.offset(zero))) // 86_400
        return number

    @property
    def end(self) -> int:
        """UTC seconds of the last second of the last day."""
        return int(self.instant(self.department.days - 1, 24 * 3600 - 1))


def bank_holidays(year: int) -> list[date]:
    """Bank holidays of England and Wales in a year, substitutes for those on a weekend included."""
    golden, century = year % 19, year // 100
    moon = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon -= (moon // 28) * (1 - (29 // (moon + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    days = moon - weekday
    month = 3 + (days + 40) // 44
    easter = date(year, month, days + 28 - 31 * (month // 4))
    new_year = date(year, 1, 1)
    early_may = date(year, 5, 1) + timedelta(days=-date(year, 5, 1).weekday() % 7)
    spring = date(year, 5, 31) - timedelta(days=date(year, 5, 31).weekday())
    substitute = new_year + timedelta(days={5: 2, 6: 1}.get(new_year.weekday(), 0))
    summer = date(year, 8, 31) - timedelta(days=date(year, 8, 31).weekday())
    christmas = [date(year, 12, 25), date(year, 12, 26)]
    moved = {4: (0, 2), 5: (2, 2), 6: (2, 0)}.get(christmas[0].weekday(), (0, 0))  # the 25th on a Friday, Saturday, Sunday
    christmas = [day + timedelta(days=by) for day, by in zip(christmas, moved, strict=True)]
    return [substitute, easter - timedelta(days=2), easter + timedelta(days=1), early_may, spring, summer, *christmas]
