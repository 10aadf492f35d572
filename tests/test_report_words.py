"""The words and judgements of the page: numbers as text, rose and fell, titles. Nothing is drawn here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report import adoption, chats, learning, mood, taking_part, unsaid, words
from pipeline.report.changes import Change, compare, latest_change
from pipeline.report.published import Figure, Source
from pipeline.report.stretches import gaps, pieces, runs, still_open
from tests.published import AS_OF, wilson


def fig(value: float | None, low: float | None = None, high: float | None = None, **changes: Any) -> Figure:
    made = Figure("m", 1, "", "organisation", "All", "week", AS_OF - timedelta(6), AS_OF, value, low, high, 1000, 1000.0,
                  "ok", "", AS_OF)  # fmt: skip
    return replace(made, **changes)


def share(value: float, base: int, **changes: Any) -> Figure:
    return fig(value, *wilson(value, base), base=base, **changes)


def moved(by: float, half: float = 0.01, before: float = 0.4) -> Change:
    return Change(fig(before), fig(before + by, before + by - 0.01, before + by + 0.01), by, by - half, by + half)


# ------------------------------------------------------------------------------------------------------------ numbers
@pytest.mark.parametrize(
    ("value", "of", "text"),
    [
        (0.412, "share", "41%"), (0.415, "share", "42%"), (0.0041, "share", "under 1%"), (0.9971, "share", "over 99%"),
        (10.46, "hours", "10.5 hours"), (0.5, "hours", "30 minutes"), (96.0, "hours", "4.0 days"),
        (1.62, "number", "1.6"), (-0.124, "number", "−0.12"), (-0.001, "number", "0.00"),
    ],
)  # fmt: skip
def test_numbers_are_written_one_way(value: float, of: words.Kind, text: str) -> None:
    assert words.say(value, of) == text


def test_all_or_none_of_a_unit_is_never_written() -> None:
    nobody, everybody = share(0.0, 20), share(1.0, 20)
    assert words.with_range(nobody, "share") == "under 17%"
    assert words.with_range(everybody, "share") == "over 83%"
    assert words.value_of(fig(0.0, base=30), "share") == "under 10%"  # without an interval: the rule of three


def test_ranges_are_said_as_far_as_they_are_known() -> None:
    assert words.range_of(fig(0.41, 0.39, 0.43), "share") == "39% to 43%"
    assert words.range_of(fig(10.0, 9.1, 12.2), "hours") == "9.1 to 12.2 hours"
    assert words.range_of(fig(10.0, 9.1, None), "hours") == "at least 9.1 hours"
    assert words.range_of(fig(0.1), "number") == ""


def test_points_keep_a_digit_where_rounding_would_say_none() -> None:
    assert [words.points(x) for x in (0.031, -0.01, 0.004)] == ["3 points", "1 point", "0.4 points"]
    assert words.points(0.0311, 1) == "3.1 points"
    assert [words.signed(x, "share") for x in (0.031, -0.004, 0.0)] == ["+3.1", "−0.4", "0.0"]


def test_dates_are_said_once() -> None:
    assert words.span(date(2026, 9, 7), date(2026, 9, 20)) == "7 to 20 Sep"
    assert words.span(date(2026, 8, 30), date(2026, 9, 5)) == "30 Aug to 5 Sep"
    assert words.span(date(2026, 9, 5), date(2026, 9, 5)) == "5 Sep"


# ------------------------------------------------------------------------------------------------------ rose and fell
@pytest.mark.parametrize(
    ("hits", "low", "high"),
    [((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090), ((5, 56, 0, 29), -0.0381, 0.1926)],
)
def test_the_interval_of_a_change_is_newcombes(hits: tuple[int, int, int, int], low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10."""
    a, m, b, n = hits
    change = compare(share(b / n, n), share(a / m, m))
    assert change is not None
    assert (change.low, change.high) == (pytest.approx(low, abs=2e-4), pytest.approx(high, abs=2e-4))


def test_a_change_is_only_said_where_its_interval_leaves_out_zero() -> None:
    before = share(0.40, 3000)
    for after, said in ((0.41, "no change seen"), (0.44, "rose"), (0.36, "fell")):
        change = compare(before, share(after, 3000))
        assert change is not None
        assert change.direction == said


def test_intervals_that_do_not_overlap_are_a_change() -> None:
    change = compare(fig(0.40, 0.38, 0.42), fig(0.45, 0.43, 0.47))
    assert change is not None
    assert change.direction == "rose"


def test_looking_at_many_changes_widens_each() -> None:
    before, after = share(0.40, 3000), share(0.428, 3000)
    alone, among = compare(before, after), compare(before, after, among=8)
    assert alone is not None
    assert among is not None
    assert (alone.direction, among.direction) == ("rose", "no change seen")


@pytest.mark.parametrize("other", [None, fig(0.4), fig(0.4, 0.38, None), fig(None, status="suppressed")])
def test_without_two_intervals_no_change_is_said(other: Figure | None) -> None:
    assert compare(other, share(0.4, 3000)) is None
    assert compare(share(0.4, 3000), other) is None


def test_a_change_is_over_exactly_four_weeks() -> None:
    weeks = [share(0.2 + i / 50, 3000, end=AS_OF - timedelta(7 * (5 - i))) for i in range(6)]
    change = latest_change(weeks)
    assert change is not None
    assert change.before is weeks[1]
    assert latest_change([w for w in weeks if w is not weeks[1]]) is None


# -------------------------------------------------------------------------------------------------------------- titles
def test_the_headline_follows_the_figures() -> None:
    last = fig(0.41, 0.39, 0.43)
    assert adoption.title(last, moved(0.031)) == "41% of staff now take part regularly, up 3 points in four weeks"
    assert adoption.title(last, moved(-0.031)) == "41% of staff now take part regularly, down 3 points in four weeks"
    assert adoption.title(last, moved(0.005)) == "Nothing unusual this week: 41% of staff take part regularly"
    assert adoption.title(last, None).endswith("no earlier figure to compare with yet")
    assert adoption.title(fig(None, status="no_data"), None) == "We cannot say this week how many staff take part regularly"
    assert adoption.title(None, None) == "Nothing can be said yet about how many staff take part"


def test_the_headline_names_the_one_that_stands_out_if_there_is_room() -> None:
    changes = {"Operations": moved(-0.05), "Policy": moved(0.05)}
    said = adoption.title(fig(0.41), moved(0.031), adoption.stands_out(changes), changes)
    assert said == "41% of staff now take part regularly, up 3 points in four weeks; Operations fell"
    long = "Office of the Permanent Secretary and Parliamentary Business"
    changes = {long: moved(-0.05), "Policy": moved(0.05)}
    assert long not in adoption.title(fig(0.41), moved(0.031), long, changes)


def test_only_one_directorate_ever_stands_out() -> None:
    up, still, down = moved(0.05), moved(0.001), moved(-0.05)
    assert adoption.stands_out({"a": up, "b": up, "c": still}) == "c"
    assert adoption.stands_out({"a": up, "b": down, "c": still}) == "b"
    assert adoption.stands_out({"a": down, "b": down, "c": up}) == ""
    assert adoption.stands_out({"a": up, "b": still, "c": still, "d": None}) == ""


def test_a_block_says_no_more_than_its_figures() -> None:
    assert chats.questions_title(fig(0.91), moved(0.001)) == "91% of web chat questions get an answer; no change seen"
    assert chats.replies_title(fig(10.5), moved(-3.1, half=1.0, before=13)) == (
        "Half of all posts get a reply within 10.5 hours, 3.1 hours sooner than before"
    )
    assert learning.title(fig(0.12), moved(0.03)) == "12% of staff finished a voluntary course, up 3 points in four weeks"
    assert mood.title(fig(0.12), fig(0.82)) == (
        "Tone index reads 0.12, too rough to call a change; 82% of text was readable"
    )


def test_how_staff_take_part_counts_what_moved() -> None:
    newest: dict[str, Figure | None] = {"reach_share": fig(0.9), "active_share": fig(0.7)}

    def said(**changes: Change | None) -> str:
        return taking_part.title(changes, newest)

    assert said(a=moved(0.001), b=None) == "Nothing unusual in how staff take part"
    assert said(a=moved(0.05), b=moved(0.001)) == "One of two measures of taking part rose; no change seen in the rest"
    assert said(a=moved(0.05), b=moved(-0.05)) == "One of two measures of taking part rose and one fell"
    assert said(a=moved(-0.05), b=moved(-0.05)) == "All two measures of taking part fell"
    assert said(a=None) == "It is too early to say whether taking part changes"
    assert taking_part.title({}, {"reach_share": None}) == "We cannot say yet how staff take part"


values = st.floats(0, 1)
changes_ = st.one_of(st.none(), st.builds(moved, st.floats(-0.4, 0.4)))
names = st.text(alphabet="abc -", min_size=1, max_size=120).filter(str.strip)


@given(value=values, change=changes_, name=names, other=changes_)
def test_every_title_is_short_and_avoids_the_words_to_avoid(
    value: float, change: Change | None, name: str, other: Change | None
) -> None:
    last, among = fig(value, max(0, value - 0.1), min(1, value + 0.1)), {name: other}
    said = [
        adoption.title(last, change, name, among), chats.questions_title(last, change), chats.replies_title(last, change),
        learning.title(last, change), mood.title(last, last), mood.title(None, last),
        taking_part.title({"a": change, "b": other}, {"a": last}), unsaid.title(3000, 12000, 11),
    ]  # fmt: skip
    for title in said:
        assert words.fits(title), title
        assert not words.avoided(title), title
        assert not title.endswith("."), title


def test_the_check_for_words_to_avoid_can_fail() -> None:
    assert words.avoided("A significant rise drove users") == ["drove", "significant", "users"]
    assert words.avoided("Nobody was scored or abused") == []


# ------------------------------------------------------------------------------------------------ what is not a number
def test_a_gap_is_named_by_its_days_and_its_reason() -> None:
    def week(back: int, **changes: Any) -> Figure:
        end = AS_OF - timedelta(7 * back)
        return replace(share(0.4, 3000, start=end - timedelta(6), end=end), **changes)

    hole = {"value": None, "low": None, "high": None, "status": "no_data"}
    series = [week(5), week(4), week(3, **hole), week(2, **hole), week(1), week(0)]
    [gap] = gaps(series)
    assert (gap.left, gap.right, gap.words) == (series[1].end, series[4].end, "no data")
    assert (gap.start, gap.end) == (series[2].start, series[3].end)
    assert [len(run) for run in runs(series)] == [2, 2]
    missing = [week(5), week(4), week(1), week(0)]
    [gap] = gaps(missing)
    assert (gap.start, gap.end, gap.status) == (series[2].start, series[3].end, "no_data")


def test_only_what_ends_provisional_is_still_open() -> None:
    """The first weeks may be provisional too, and settle no more: the line between must stay whole."""
    weeks = [fig(0.1 * i, end=AS_OF - timedelta(7 * (5 - i)), start=AS_OF - timedelta(7 * (5 - i) + 6),
                 status="provisional" if i in (0, 4, 5) else "ok") for i in range(6)]  # fmt: skip
    assert still_open(weeks) == weeks[4:]
    assert pieces(weeks) == [(False, weeks[:4]), (True, weeks[3:])]
    assert still_open(weeks[:4]) == []


def test_a_cell_without_a_figure_says_so() -> None:
    assert words.cell(fig(None, status="suppressed"), "share") == "[c]"
    assert words.cell(fig(None, status="no_data"), "share") == "no data"
    assert words.cell(None, "share") == "no figure yet"
    assert words.why_not(fig(None, status="suppressed", reason="fewer than 10 people")) == "hidden [c]: fewer than 10 people"


def test_a_source_says_how_far_it_has_been_read() -> None:
    def source(state: str, day: date | None) -> str:
        return unsaid.since(Source("a", "chat", day, state, "", "", None))

    day = date(2026, 7, 8)
    assert source("fresh", day) == "to 8 Jul"
    assert source("behind", day) == f"Late, to 8 Jul {day.year}"
    assert source("never", None) == source("behind", None) == "No data yet"
