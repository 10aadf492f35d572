"""What access logs say of searches, votes and campaigns; of these only a count and a campaign's name ever land."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.connector import Fatal
from tests.plugins.test_intranet import a_line, half, pull

SEARCH: dict[str, Any] = {"search_path": "/search(/results)?", "search_parameter": "q"}
VOTE: dict[str, Any] = {"vote_pattern": "^/feedback/(?P<vote>[a-z-]+)|[?&]helpful=(?P<other>yes)"}


def rows(folder: Path, *lines: str, **settings: Any) -> Any:
    """The rows of a log of these lines."""
    (folder / "a.log").write_text("".join(f"{line}\n" for line in lines))
    [bulk] = pull(folder / "a.log", **settings)
    assert not bulk.rejected
    return bulk.rows


def counts(table: Any) -> dict[str, int]:
    """Each measure's sum over the hours; the plain traffic is left out."""
    found: dict[str, int] = {}
    for measure, level, unit, _, n in half("counts", table):
        assert (level, unit) == ("organisation", None)
        found[measure] = found.get(measure, 0) + int(n)
    return {measure: n for measure, n in found.items() if measure not in ("requests", "page_views")}


def get(user: str, at: str, target: str, **rest: Any) -> str:
    return a_line(user, time=f"12/Jan/2026:{at} +0000", request=f"GET {target} HTTP/1.1", **rest)


# ------------------------------------------------------------------------------------------------------------ searches
@pytest.mark.parametrize(
    ("target", "search"),
    [
        ("/search?q=pay", True), ("/Search/Results?page=2&q=pay", True), ("/search", False), ("/search?q=", False),
        ("/search?faq=1", False), ("/search/help?q=pay", False), ("/news?q=pay", False), ("*", False),
    ],
)  # fmt: skip
def test_a_search_is_the_search_page_with_something_to_search(tmp_path: Path, target: str, search: bool) -> None:
    [row] = rows(tmp_path, get("ann", "09:00:00", target), **SEARCH).to_pylist()
    assert row["search"] is search


def test_a_form_that_is_posted_has_its_words_elsewhere(tmp_path: Path) -> None:
    line = get("ann", "09:00:00", "/search").replace('"GET', '"POST')
    assert counts(rows(tmp_path, line, **SEARCH))["searches"] == 1


def test_without_a_parameter_every_visit_to_the_search_page_is_a_search(tmp_path: Path) -> None:
    [row] = rows(tmp_path, get("ann", "09:00:00", "/search"), search_path="/search").to_pylist()
    assert row["search"] is True


def test_words_in_the_path_of_a_search_do_not_land(tmp_path: Path) -> None:
    lines = (get("ann", "09:00:00", "/find/quokka%20leave"), get("ann", "09:00:01", "/find/"), get("ann", "09:00:02", "/news"))
    table = rows(tmp_path, *lines, search_path="/find/(.*)")
    assert table.column("page").to_pylist() == ["/find/", "/find/", "/news"]
    assert "quokka" not in str(table.to_pylist())
    assert "quokka" not in str(rows(tmp_path, get("ann", "09:00:00", "/search?q=quokka&utm_campaign=x"), **SEARCH).to_pylist())


@pytest.mark.parametrize(
    ("then", "without"),
    [
        ([("ann", "09:00:30", "/hr/leave")], 0),
        ([("ann", "09:00:00", "/hr/leave")], 0),  # a log has no finer order than seconds
        ([("ann", "09:10:00", "/hr/leave")], 0),
        ([("ann", "09:10:01", "/hr/leave")], 1),
        ([], 1),
        ([("bob", "09:00:30", "/hr/leave")], 1),
        ([("ann", "09:00:30", "/site.css")], 1),
        ([("ann", "09:00:30", "/search?q=again"), ("ann", "09:00:40", "/hr/leave")], 1),
        ([("ann", "09:00:30", "/search?q=again"), ("ann", "09:00:40", "/search?q=oh")], 3),
        ([("ann", "09:00:30", "/a"), ("ann", "09:00:40", "/search?q=oh"), ("ann", "09:00:45", "/b")], 0),
        ([("ann", "09:00:30", "/feedback/yes"), ("-", "09:00:31", "/a")], 1),
    ],
)  # fmt: skip
def test_a_search_without_a_click_opens_no_page_before_the_next(
    tmp_path: Path, then: list[tuple[str, str, str]], without: int
) -> None:
    lines = [get("ann", "08:59:59", "/"), get("ann", "09:00:00", "/search?q=leave"), *(get(*step) for step in then)]
    found = counts(rows(tmp_path, *reversed(lines), **SEARCH, **VOTE))
    assert found["searches_without_a_click"] == without
    assert found["searches"] == found["searches_by_people"] == 1 + sum("q=" in target for *_, target in then)


def test_what_a_log_cannot_tell_is_not_zero(tmp_path: Path) -> None:
    assert counts(rows(tmp_path, get("-", "09:00:00", "/search?q=pay"), **SEARCH)) == {"searches": 1}
    nothing_set = rows(tmp_path, get("ann", "09:00:00", "/search?q=pay"), get("ann", "09:00:00", "/feedback/yes"))
    assert counts(nothing_set) == {}
    assert nothing_set.column("search").to_pylist() == [None, None]


def test_failed_searches_and_those_of_programs_do_not_count(tmp_path: Path) -> None:
    lines = (get("ann", "09:00:00", "/search?q=a", status=500), get("ann", "09:00:00", "/search?q=a", agent="searchbot"))
    assert counts(rows(tmp_path, *lines, **SEARCH)) == {}


# --------------------------------------------------------------------------------------------------------------- votes
@pytest.mark.parametrize(
    ("target", "useful"),
    [
        ("/feedback/yes", True), ("/feedback/NO?page=/hr", False), ("/feedback/not-useful", False), ("/feedback/ie", True),
        ("/feedback/na", False), ("/feedback/perhaps", None), ("/a/feedback/yes", None), ("/feedback/y%65s", True),
    ],
)  # fmt: skip
def test_a_vote_is_a_word_in_the_address(tmp_path: Path, target: str, useful: bool | None) -> None:
    [row] = rows(tmp_path, get("-", "09:00:00", target), **VOTE).to_pylist()
    assert row["useful"] is useful


def test_votes_are_counted_and_are_neither_acts_nor_page_views(tmp_path: Path) -> None:
    lines = [get("ann", "09:00:00", "/feedback/yes"), get("-", "09:01:00", "/feedback/no", status=204)]
    lines += [get("-", "09:02:00", "/feedback/no", status=404), get("-", "09:02:00", "/feedback/no", agent="a bot")]
    table = rows(tmp_path, *lines, get("-", "10:00:00", "/feedback/yes").replace('"GET', '"POST'), **VOTE)
    assert counts(table) == {"votes_useful": 2, "votes_not_useful": 1}
    assert half("acts", table) == []
    assert "page_views" not in {measure for measure, *_ in half("counts", table)}


def test_an_hour_with_one_kind_of_vote_has_none_of_the_other(tmp_path: Path) -> None:
    table = rows(tmp_path, get("-", "09:00:00", "/feedback/yes"), **VOTE)
    assert counts(table) == {"votes_useful": 1, "votes_not_useful": 0}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"vote_pattern": "/feedback/(yes|no)"}, "group `vote`"), ({"vote_pattern": "("}, "vote_pattern"),
        ({"search_path": "(?<=a)b"}, "search_path"), ({"search_path": "("}, "search_path"),
    ],
)  # fmt: skip
def test_a_pattern_that_cannot_hold_is_named(tmp_path: Path, settings: dict[str, str], says: str) -> None:
    with pytest.raises(Fatal, match=says):
        rows(tmp_path, get("-", "09:00:00", "/"), **settings)


# ----------------------------------------------------------------------------------------------------------- campaigns
@pytest.mark.parametrize(
    ("target", "campaign"),
    [
        ("/a?utm_source=mail&utm_campaign=Spring+Survey%21", "Spring Survey!"), ("/a?pk_campaign=x#y", "x"),
        ("/a?utm_campaign=", None),
        ("/a?xutm_campaign=x", None), ("/a", None), ("/a?mtm_campaign=bad%ff", "bad%ff"), ("/a?utm_campaign=a%00b", "ab"),
        (f"/a?utm_campaign={'x' * 300}", "x" * 100), ("/a?ref=mail", None),
    ],
)  # fmt: skip
def test_a_campaign_is_the_one_part_of_a_query_that_lands(tmp_path: Path, target: str, campaign: str | None) -> None:
    [row] = rows(tmp_path, get("ann", "09:00:00", target)).to_pylist()
    assert (row["campaign"], row["page"]) == (campaign, "/a")


def test_reads_from_a_campaign_are_counted_by_its_name(tmp_path: Path) -> None:
    lines = [get(user, "09:00:00", "/a?utm_campaign=spring") for user in ("ann", "bob", "-")]
    lines += [get("-", "09:00:00", "/b.css?utm_campaign=spring"), get("-", "09:00:00", "/a?utm_campaign=new", status=404)]
    table = rows(tmp_path, *lines, get("-", "09:00:00", "/a?pk_campaign=new"))
    assert counts(table) == {"campaign_reads": 4, "campaign: spring": 3, "campaign: new": 1}
    assert counts(rows(tmp_path, *lines, campaign_parameters=[])) == {}
    assert counts(rows(tmp_path, get("-", "09:00:00", "/a?ref=mail"), campaign_parameters=["ref"]))["campaign: mail"] == 1
