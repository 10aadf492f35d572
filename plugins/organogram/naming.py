"""Which day an organogram stands for, told from its file's name.

Belongs here: the ways in which publishers write a day. Does not: what is in the file (connector.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pipeline.connector import Fatal, date

FIRST_YEAR = 2010
"""No organogram is older: they were begun in that year."""

REFERENCE = ((3, 31), (9, 30))
"""The days of the year for which departments publish."""

_DIGITS = re.compile(r"(?<!\d)(?:(\d{4})[-._](\d\d)[-._](\d\d)|(\d\d)[-._](\d\d)[-._](\d{4}|\d\d)|(\d{8})|(\d{6}))(?!\d)")


def day_of(name: str, dates: Mapping[str, date]) -> date:
    """The day of this file: as `dates` says, else the only one that its name can mean.

    Six digits are read as yymmdd and as ddmmyy. Where several days are left, one on which organograms are due wins.
    Raises Fatal where no day is left, or still several.
    """
    if name in dates:
        return dates[name]
    found = {day for year, month, day_ in _written(name) if (day := _day(year, month, day_)) and day.year >= FIRST_YEAR}
    due = {day for day in found if (day.month, day.day) in REFERENCE}
    chosen = found if len(found) == 1 else due
    if len(chosen) != 1:
        why = f"may be {' or '.join(str(day) for day in sorted(found))}" if found else "is not in its name"
        raise Fatal(f'{name}: its day {why}: say it in the settings, as in dates = {{ "{name}" = 2013-09-30 }}')
    return chosen.pop()


def _written(name: str) -> Iterator[tuple[str, str, str]]:
    """(year, month, day) as each group of digits can be read."""
    for match in _DIGITS.finditer(name):
        y, m, d, d2, m2, y2, eight, six = match.groups()
        if y:
            yield y, m, d
        elif y2:
            yield y2, m2, d2
        elif eight:
            yield eight[:4], eight[4:6], eight[6:]
            yield eight[4:], eight[2:4], eight[:2]
        else:
            yield six[:2], six[2:4], six[4:]
            yield six[4:], six[2:4], six[:2]


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None
