"""Times: any format to one moment in UTC; hours that come twice or never; what is no time is none, never an error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.connector import Fatal, date, day_in, epoch, moment, zone_of

LONDON = zone_of("Europe/London")
BRITISH = "%d/%m/%Y %H:%M"
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SECONDS = st.integers(-2_000_000_000, 4_000_000_000)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


# -------------------------------------------------------------------------------------------------------------- text
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-03-01T10:20:30Z", utc(2026, 3, 1, 10, 20, 30)),
        (" 2026-03-01t10:20:30.123456789z\n", utc(2026, 3, 1, 10, 20, 30, 123456)),
        ("2026-03-01 10:20:30+05:30", utc(2026, 3, 1, 4, 50, 30)),
        ("2026-07-01 10:20", utc(2026, 7, 1, 9, 20)),
        ("2026-07-01", utc(2026, 6, 30, 23)),
        ("20260701", utc(2026, 6, 30, 23)),
        ("01/07/2026 10:20", utc(2026, 7, 1, 9, 20)),
        ("07/31/2026", utc(2026, 7, 30, 23)),
        ("0001-01-01T00:00:00Z", utc(1, 1, 1)),
    ],
)
def test_times_are_read_as_iso_or_by_the_first_format_that_fits(text: str, found: datetime) -> None:
    assert moment(text, LONDON, ["%Q", BRITISH, "%m/%d/%Y"]) == found
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [None, "", "  ", "soon", "31/02/2026 10:00", "2026-02-30", "2026-01-01T24:01", "10:00", 1767225600, 12.5, ["2026-01-01"],
     "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "1712010112345", "1767225600", "2026"],
)  # fmt: skip
def test_what_is_no_time_is_none(text: object) -> None:
    assert moment(text, LONDON, [BRITISH]) is None


def test_a_wall_clock_needs_a_zone_and_an_offset_needs_none() -> None:
    assert moment("2026-07-01 10:20") is None
    assert moment("2026-07-01 10:20+01:00") == moment("2026-07-01 10:20", LONDON) == utc(2026, 7, 1, 9, 20)


@pytest.mark.parametrize("text", ["2026-10-25 01:30", "25/10/2026 01:30"])
def test_an_hour_that_comes_twice_means_its_first_time(text: str) -> None:
    assert moment(text, LONDON, [BRITISH]) == utc(2026, 10, 25, 0, 30)
    assert moment("2026-10-25 01:30+00:00", LONDON) == utc(2026, 10, 25, 1, 30)


@pytest.mark.parametrize("text", ["2026-03-29 01:30", "29/03/2026 01:30"])
def test_an_hour_that_is_skipped_counts_from_the_offset_before_it(text: str) -> None:
    assert moment(text, LONDON, [BRITISH]) == utc(2026, 3, 29, 1, 30)
    assert moment("2026-03-29 00:59", LONDON) == utc(2026, 3, 29, 0, 59)
    assert moment("2026-03-29 02:00", LONDON) == utc(2026, 3, 29, 1)


@given(SECONDS, OFFSETS)
def test_a_time_with_its_offset_is_read_as_it_was_written(second: int, offset: timezone) -> None:
    when = datetime.fromtimestamp(second, offset)
    assert epoch(second) == (when if second else None)
    assert moment(when.isoformat()) == moment(when.isoformat(" "), LONDON) == when


@given(SECONDS)
def test_the_wall_clock_tells_the_moment_but_for_an_hour_a_year(second: int) -> None:
    when = datetime.fromtimestamp(second - second % 60, UTC)
    wall = when.astimezone(LONDON)
    told = when - timedelta(hours=wall.fold)
    assert moment(wall.replace(tzinfo=None).isoformat(), LONDON) == moment(wall.strftime(BRITISH), LONDON, [BRITISH]) == told


@given(st.text(max_size=20))
def test_any_text_is_a_moment_in_utc_or_none(text: str) -> None:
    found = moment(text, LONDON, [BRITISH])
    assert found is None or found.tzinfo is UTC


# ----------------------------------------------------------------------------------------------------------- numbers
@pytest.mark.parametrize(
    ("value", "per_second", "found"),
    [
        (1767225600, 1, utc(2026, 1, 1)),
        ("1767225600.000200", 1, utc(2026, 1, 1, 0, 0, 0, 200)),
        (1767225600123, 1000, utc(2026, 1, 1, 0, 0, 0, 123000)),
        (1767225600123456, 1_000_000, utc(2026, 1, 1, 0, 0, 0, 123456)),
        (-86400, 1, utc(1969, 12, 31)),
    ],
)
def test_counts_since_1970_are_moments(value: object, per_second: int, found: datetime) -> None:
    assert epoch(value, per_second) == found


@pytest.mark.parametrize("value", [None, 0, "0", "", "soon", True, [1], {}, float("nan"), "inf", 10**400, 1e18, b"1"])
def test_nothing_and_what_is_no_count_is_none(value: object) -> None:
    assert epoch(value) is None


# ------------------------------------------------------------------------------------------------------------- zones
@pytest.mark.parametrize("name", ["", "London", "Europe", "../Europe/London", "/etc/localtime", "a\0b", "x" * 300])
def test_a_zone_that_there_is_none_of_is_named_with_its_setting(name: str) -> None:
    with pytest.raises(Fatal, match=r"^wiki_zone '.*' is not a time zone: write it as Europe/London"):
        zone_of(name, "wiki_zone")


@pytest.mark.parametrize(
    ("text", "found"), [("2026-03-29", date(2026, 3, 29)), ("31/12/2026", date(2026, 12, 31)), ("soon", None), ("", None)]
)
def test_a_day_comes_out_as_it_is_written(text: str, found: date | None) -> None:
    assert day_in(text, ["%d/%m/%Y"]) == found
