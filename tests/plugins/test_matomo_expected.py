"""Matomo: the answers that its own project expects of itself, in every report that is asked for, are read as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pytest_httpserver import HTTPServer

from pipeline.connector import Fatal, Rejected
from plugins.matomo.connector import PageDay, SiteDay
from tests.plugins.test_matomo import DAY, Server, matomo, told

pytestmark = pytest.mark.real


@pytest.fixture
def server(httpserver: HTTPServer) -> Server:
    return Server(httpserver)


@pytest.fixture
def expected(real_data: Path) -> Callable[[str], list[Any]]:
    """The answers of one method for one site, as the JSON renderer would write them."""
    folder = real_data / "sources" / "matomo_expected"

    def answers(method: str) -> list[Any]:
        files = sorted(folder.glob(f"*__{method}_*.xml"))
        roots = [ElementTree.parse(path).getroot() for path in files]  # noqa: S314 - files of our own
        sites = [site for root in roots for site in (root if root.tag == "results" else [root])]
        assert sites, f"no file of {method}"
        return [as_json(site) for site in sites]

    return answers


def as_json(element: ElementTree.Element) -> Any:
    if any(child.tag == "row" for child in element):
        return [as_json(child) for child in element if child.tag == "row"]
    if len(element):
        return {child.tag: as_json(child) for child in element}
    return (element.text or "").strip() if element.tag != "result" else []


def test_summaries_have_the_expected_numbers(server: Server, expected: Callable[[str], list[Any]]) -> None:
    for answer in expected("VisitsSummary.get"):
        server.answers["VisitsSummary.get"] = lambda _, said=answer: said
        found = told(matomo(server).days(DAY))
        numbers = [(int(answer["nb_visits"]), int(answer["nb_actions"]))] if answer else []  # a day without visits is []
        assert [(day.visits, day.actions) for day in found if isinstance(day, SiteDay)] == numbers
        assert len(found) == len(numbers)


def test_pages_have_the_expected_numbers(server: Server, expected: Callable[[str], list[Any]]) -> None:
    answers = expected("Actions.getPageUrls")
    lists = [answer for answer in answers if isinstance(answer, list)]
    assert lists
    for answer in lists:
        server.answers["Actions.getPageUrls"] = lambda _, said=answer: said
        found = told(matomo(server).pages(DAY))
        assert len(found) == len(answer)
        assert not [row for row in found if isinstance(row, Rejected)]
        assert sum(row.hits for row in found if isinstance(row, PageDay)) == sum(int(row["nb_hits"]) for row in answer)


def test_a_comparison_which_is_never_asked_for_is_no_list_of_pages(server: Server, expected: Callable[[str], list[Any]]) -> None:
    [other] = [answer for answer in expected("Actions.getPageUrls") if not isinstance(answer, list)]
    server.answers["Actions.getPageUrls"] = lambda _: other
    with pytest.raises(Fatal, match="no list of rows"):
        told(matomo(server).pages(DAY))


def test_no_searches_are_none(server: Server, expected: Callable[[str], list[Any]]) -> None:
    [terms] = expected("Actions.getSiteSearchKeywords")
    server.answers["Actions.getSiteSearchKeywords"] = lambda _: terms
    server.answers["Actions.getSiteSearchNoResultKeywords"] = lambda _: []
    assert told(matomo(server).searches(DAY)) == terms == []
