"""Moodle's web service: people by pages, activities and courses by person, and all its ways to say no."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.connector import Fatal, Landed, Rejected, Retry, SecretStr
from plugins.moodle import web
from plugins.moodle.connector import Moodle
from plugins.moodle.web import Activity, Completion
from tests.plugins.test_civil_service_learning import half, night

FOLDER = Path(__file__).parents[2] / "plugins" / "moodle"

class Site:
    """A site whose answers are given by function; `asked` are the forms it was sent."""

    def __init__(self, server: HTTPServer) -> None:
        self.asked: list[dict[str, str]] = []
        self.users: dict[int, list[Any]] = {4: [{"id": 12, "email": "bob@x.example"}, {"id": 11, "email": "Ann@x.example"}]}
        self.states: Callable[[int, int], Any] = lambda course, user: {"statuses": [status()], "warnings": []}
        self.completion: Callable[[int, int], Any] = lambda course, user: completed()
        self.refusal: dict[str, str] = {}
        self.url = server.url_for("/moodle")
        server.expect_request("/moodle/webservice/rest/server.php", method="POST").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs(request.get_data(as_text=True)).items()}
        self.asked.append(form)
        course, user = int(form["courseid"]), int(form.get("userid", 0))
        if form["wsfunction"] == "core_enrol_get_enrolled_users":
            start = int(form["options[1][value]"])
            told: Any = self.users[course][start : start + web.PAGE] if course in self.users else error("invalidrecord")
        else:
            told = (self.states if "activities" in form["wsfunction"] else self.completion)(course, user)
        return Response(json.dumps(self.refusal or told), content_type="application/json")


def error(code: str) -> dict[str, str]:
    return {"exception": "moodle_exception", "errorcode": code, "message": "Ann Other cannot be found"}


def status(cmid: Any = 31, state: Any = 1, at: Any = 1772618400) -> dict[str, Any]:
    return {"cmid": cmid, "modname": "page", "instance": 1, "state": state, "timecompleted": at, "tracking": 1}


def completed(done: Any = True, aggregation: int = 1, *times: Any) -> dict[str, Any]:
    told = [{"complete": bool(at), "timecompleted": at, "status": "Yes"} for at in times or (1772618400, 1772704800)]
    return {"completionstatus": {"completed": done, "aggregation": aggregation, "completions": told}, "warnings": []}


@pytest.fixture
def site(httpserver: HTTPServer) -> Site:
    return Site(httpserver)


def moodle(site: Site, **changes: Any) -> Moodle:
    return Moodle(**{"url": site.url, "token": SecretStr("t0ken"), "course_ids": [4], **changes})


def landed(pages: Any) -> list[Any]:
    return [record for page in pages for record in page.records]


def test_only_what_is_needed_of_a_person_is_asked_for_and_the_token_is_in_the_form(site: Site) -> None:
    ann, bob = landed(moodle(site, mandatory=["4"]).activities(None))
    assert ann == Activity.of({
        "course": 4, "activity": 31, "user": "11", "email": "Ann@x.example", "state": "complete", "mandatory": True,
        "happened_at": datetime(2026, 3, 4, 10, tzinfo=UTC),
    })  # fmt: skip
    assert bob.user == "12"
    first = site.asked[0]
    assert (first["options[0][name]"], first["options[0][value]"]) == ("userfields", "id,email")
    assert {form["wstoken"] for form in site.asked} == {"t0ken"}
    assert {form["moodlewsrestformat"] for form in site.asked} == {"json"}


def test_pages_of_people_are_read_until_one_is_empty(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may not be seen is left out of a page: a short page is not the last."""
    monkeypatch.setattr(web, "PAGE", 2)
    site.users[4] = [{"id": n, "email": f"p{n}@x.example"} for n in range(1, 6)]
    people, rejected = web.Web(moodle(site)._web()._http, SecretStr("t"), "email").people(4)  # type: ignore[union-attr]
    assert (list(people), rejected) == ([1, 2, 3, 4, 5], [])
    assert [form["options[1][value]"] for form in site.asked] == ["0", "2", "4", "6"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (status(cmid=None), "missing at cmid"), (status(cmid=True), "missing at cmid"), (status(state=4), "unknown state"),
        (status(state="1"), "unknown state"), (status(state=True), "unknown state"), (status(at=0), "no time at timecompleted"),
        (status(at="soon"), "no time at timecompleted"), ("text", "missing at cmid"), (None, "missing at cmid"),
    ],
)  # fmt: skip
def test_a_status_that_cannot_be_read_says_why(site: Site, row: Any, reason: str) -> None:
    site.states = lambda course, user: {"statuses": [row]}
    assert landed(moodle(site).activities(None))[0] == Rejected(reason, "course 4, status 1")


def test_nought_seconds_is_no_time(site: Site) -> None:
    site.states = lambda course, user: {"statuses": [status(state=0, at=0)]}
    assert landed(moodle(site).activities(None))[0].happened_at is None


@pytest.mark.parametrize(
    ("told", "day"),
    [(completed(), 5), (completed(True, 2), 4), (completed(True, 2, None, 1772704800), 5), (completed(False), None)],
)
def test_a_course_is_finished_when_its_last_criterion_is_met_or_the_first_of_any(site: Site, told: Any, day: int | None) -> None:
    site.completion = lambda course, user: told
    record = landed(moodle(site).completions(None))[0]
    assert isinstance(record, Completion)
    assert (record.completed, record.completed_at and record.completed_at.day) == (day is not None, day)


def test_a_course_without_criteria_gives_nothing_and_then_its_activities_are_learning(site: Site, tmp_path: Path) -> None:
    site.users[7] = [{"id": 11, "email": "ann@x.example"}]
    site.completion = lambda course, user: completed() if course == 4 else error("nocriteriaset")
    connector = moodle(site, course_ids=[7, 4])
    outcomes = night(connector, tmp_path)
    assert all(outcome.complete for outcome in outcomes.values())
    acts = half(connector, tmp_path, (FOLDER / "acts.sql").read_text())
    assert sorted(course for _, _, _, course, _ in acts) == ["4", "4", "7/31"]
    presence = half(connector, tmp_path, (FOLDER / "presence.sql").read_text())
    assert [state for _, _, state in presence] == ["activity complete"] * 2
    site.asked.clear()
    assert sum(outcome.account.landed for outcome in night(connector, tmp_path).values()) == 0
    assert len(site.asked) > 6  # all is read again, since the service knows no changes


def test_a_state_that_was_reset_is_no_longer_learning(site: Site, tmp_path: Path) -> None:
    site.completion = lambda course, user: error("nocriteriaset")
    for state in (1, 0):
        site.states = lambda course, user, state=state: {"statuses": [status(state=state)]}  # type: ignore[misc]
        night(moodle(site), tmp_path)
    assert half(moodle(site), tmp_path, (FOLDER / "acts.sql").read_text()) == []


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("invalidtoken", Fatal, "does not accept the token"), ("invalidtimedtoken", Fatal, "does not accept the token"),
        ("accessexception", Fatal, "add the functions"), ("sitemaintenance", Retry, "not to be had now"),
        ("nopermissions", Fatal, r"course 4 cannot be read \(nopermissions\)"),
        ("Ann Other cannot", Fatal, r"course 4 cannot be read \(no error code\)"),
    ],
)
def test_errors_that_come_with_200_are_told_by_their_meaning_and_without_their_text(
    site: Site, code: str, kind: type[Exception], said: str
) -> None:
    site.refusal = error(code)
    for stream in ("activities", "completions"):
        with pytest.raises(kind, match=said) as caught:
            list(getattr(moodle(site), stream)(None))
        assert "Ann" not in str(caught.value)


def test_a_course_that_cannot_be_read_is_told_when_the_others_have_landed(site: Site, tmp_path: Path) -> None:
    connector = moodle(site, course_ids=[9, 4])
    for _ in range(2):  # the next night begins at the beginning
        outcome = night(connector, tmp_path)["activities"]
        assert outcome.state == "failed"
        assert "course 9 cannot be read (invalidrecord)" in outcome.reason
    assert len(half(connector, tmp_path, "select * from landing.moodle_activities")) == 2


def test_a_night_that_was_cut_goes_on_with_the_next_person(site: Site) -> None:
    site.users[7] = site.users[4]
    pages = moodle(site, course_ids=[4, 7]).activities(None)
    cursors = [page.cursor for page in pages]
    assert cursors == [
        None, {"course": 4, "user": 11}, {"course": 4, "user": 12}, None, {"course": 7, "user": 11}, {"course": 7, "user": 12},
        {"course": None, "user": None},
    ]  # fmt: skip
    site.asked.clear()
    rest = landed(moodle(site, course_ids=[4, 7]).activities({"course": 7, "user": 11}))
    assert [(record.course, record.user) for record in rest] == [("7", "12")]
    assert {form["courseid"] for form in site.asked} == {"7"}
    assert len(landed(moodle(site, course_ids=[4]).activities({"course": 7, "user": 11}))) == 2


def test_people_who_show_no_address_are_told(site: Site) -> None:
    site.users[4] = [{"id": 11, "email": "ann@x.example"}, {"id": 12}, {"email": "cy@x.example"}, "text"]
    found = landed(moodle(site).activities(None))
    assert [row.reason for row in found if isinstance(row, Rejected)] == ["nobody at email", "nobody at id", "nobody at email"]
    site.users[4] = [{"id": 11}, {"id": 12}]
    with pytest.raises(Fatal, match="course 4: no email of anybody is shown"):
        list(moodle(site).activities(None))


@pytest.mark.parametrize("body", [[], {}, None, "text", {"statuses": None}, {"completionstatus": []}])
def test_an_answer_of_another_shape_is_never_taken_for_nothing(site: Site, body: Any) -> None:
    site.states = site.completion = lambda course, user: body
    for stream in ("activities", "completions"):
        with pytest.raises(Fatal, match="Moodle"):
            list(getattr(moodle(site), stream)(None))


def test_without_anything_to_read_it_says_what_to_set(site: Site) -> None:
    for stream, given in (("progress", Landed()), ("activities", None), ("completions", None)):
        with pytest.raises(Fatal, match="say what to read"):
            list(getattr(Moodle(), stream)(given))
    with pytest.raises(Fatal, match="needs the secret token, and course_ids"):
        list(moodle(site, course_ids=[]).activities(None))
    assert list(Moodle(files="x.csv").activities(None)) == []
    assert list(moodle(site).progress(Landed())) == []
