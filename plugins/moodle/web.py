"""Moodle's web service: who is enrolled in a course, and how far each person is with it and its activities.

Belongs here: functions, their answers and errors. Does not: the order in which courses are read (connector.py).
Source: Moodle's admin pages of its API (core_enrol_get_enrolled_users, core_completion_get_activities_completion_status,
core_completion_get_course_completion_status). Errors come with status 200 as {"exception", "errorcode", "message"}.
"""

import re
from collections.abc import Mapping
from typing import Any

from pipeline.connector import Fatal, Http, Id, Label, Moment, PersonId, Record, Rejected, Retry, SecretStr, epoch

from .progress import DONE, STATES, person_of

PATH = "webservice/rest/server.php"
PAGE = 500
TOKEN = ("invalidtoken", "invalidtimedtoken", "invalidiptoken")
SERVICE = ("accessexception", "servicenotavailable", "enablewsdescription", "restdisabled")
PASSING = ("sitemaintenance", "upgraderunning", "dbconnectionfailed", "ratelimitexceeded")
ANY = 2  # a course is finished by any of its criteria, not by all


class NotVisible(Fatal):
    """One course cannot be read; others may be."""


class NoCriteria(NotVisible):
    """Nothing says when this course is finished."""


class Activity(Record):
    """One activity of a course for one person, as it is now."""

    course: Id
    activity: Id
    user: PersonId["moodle"]
    email: PersonId["email"] | None = None
    login: PersonId["login"] | None = None
    staff: PersonId["staff"] | None = None
    state: Label
    happened_at: Moment | None
    mandatory: bool


class Completion(Record):
    """Whether one person has finished one course, and when."""

    course: Id
    user: PersonId["moodle"]
    email: PersonId["email"] | None = None
    login: PersonId["login"] | None = None
    staff: PersonId["staff"] | None = None
    completed: bool
    completed_at: Moment | None
    mandatory: bool


class Web:
    """One site. `identity` is the field of a user by which a person is known; no other field is asked for."""

    def __init__(self, http: Http, token: SecretStr, identity: str) -> None:
        self._http, self._identity = http, identity
        self._told = {"wstoken": token.get_secret_value(), "moodlewsrestformat": "json"}

    def people(self, course: int) -> tuple[dict[int, dict[str, str]], list[Rejected]]:
        """Who is enrolled, as user id -> person, in the order of the ids; and whom nothing identifies."""
        read, people, rejected = 0, dict[int, dict[str, str]](), list[Rejected]()

        def following(page: Any) -> Mapping[str, int] | None:
            """Users whom the account may not see are taken out of a page: only an empty one is the last."""
            nonlocal read
            read += PAGE
            return {"options[1][value]": read} if isinstance(page, list) and page else None

        options = {
            "options[0][name]": "userfields", "options[0][value]": f"id,{self._identity}",
            "options[1][name]": "limitfrom", "options[1][value]": 0,
            "options[2][name]": "limitnumber", "options[2][value]": PAGE,
        }  # fmt: skip
        function = {"wsfunction": "core_enrol_get_enrolled_users", "courseid": course}

        for page in self._http.pages(PATH, next=following, sent="form", **self._told, **function, **options):
            for place, row in enumerate(_listed(_judged(page, course), "enrolled users")):
                number = row.get("id") if isinstance(row, Mapping) else None
                who = person_of(self._identity, row.get(self._identity)) if isinstance(row, Mapping) else None
                if not isinstance(number, int) or isinstance(number, bool) or who is None:
                    what = "id" if who else self._identity
                    rejected.append(Rejected(f"nobody at {what}", f"course {course}, user {read + place + 1}"))
                else:
                    people[number] = who
        if rejected and not people:
            raise NotVisible(f"course {course}: no {self._identity} of anybody is shown: let the account view user identity")
        return dict(sorted(people.items())), rejected

    def activities(self, course: int, user: int, who: Mapping[str, str], mandatory: bool) -> list[Record | Rejected]:
        """How far one person is with each activity of a course."""
        answer = self._ask("core_completion_get_activities_completion_status", course, user)
        found: list[Record | Rejected] = []
        for place, row in enumerate(_listed(answer.get("statuses"), "statuses")):
            where = f"course {course}, status {place + 1}"
            told = row if isinstance(row, Mapping) else {}
            number, state, at = told.get("cmid"), told.get("state"), epoch(told.get("timecompleted"))
            if not isinstance(number, int) or isinstance(number, bool):
                found.append(Rejected("missing at cmid", where))
            elif isinstance(state, bool) or not isinstance(state, int) or not 0 <= state < len(STATES):
                found.append(Rejected("unknown state", where))
            elif at is None and STATES[state] in DONE:
                found.append(Rejected("no time at timecompleted", where))
            else:
                kept = {"course": course, "activity": number, "user": str(user), "state": STATES[state], "happened_at": at}
                found.append(Activity.of({**kept, "mandatory": mandatory, **who}, location=where))
        return found

    def completion(self, course: int, user: int, who: Mapping[str, str], mandatory: bool) -> list[Record | Rejected]:
        """Whether one person has finished a course. Raises NoCriteria where the course has no such thing."""
        answer, where = self._ask("core_completion_get_course_completion_status", course, user), f"course {course}"
        status = answer.get("completionstatus")
        if not isinstance(status, Mapping):
            raise Fatal("Moodle's answer has no 'completionstatus': its web service has changed its format")
        completed, criteria = status.get("completed"), _listed(status.get("completions"), "completions")
        if not isinstance(completed, bool):
            return [Rejected("not true or false at completed", where)]
        # The service does not give the course's own time: it is that of the last criterion, or of the first of any.
        met = [epoch(c.get("timecompleted")) for c in criteria if isinstance(c, Mapping) and c.get("complete") is True]
        times = [time for time in met if time]
        at = (min if status.get("aggregation") == ANY else max)(times, default=None) if completed else None
        if completed and at is None:
            return [Rejected("completed without a time", where)]
        told = {"course": course, "user": str(user), "completed": completed, "completed_at": at, "mandatory": mandatory, **who}
        return [Completion.of(told, location=where)]

    def _ask(self, function: str, course: int, user: int) -> Mapping[str, Any]:
        params = {**self._told, "wsfunction": function, "courseid": course, "userid": user}
        answer = _judged(self._http.post(PATH, sent="form", **params), course)
        if not isinstance(answer, Mapping):
            raise Fatal(f"Moodle's answer to {function} is no object: is url the root of the site?")
        return answer


def _listed(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise Fatal(f"Moodle gives no list of {what}: is url the root of the site, and the web service switched on?")
    return value


def _judged(answer: Any, course: int) -> Any:
    """The answer. An error that came with status 200 raises by its meaning; its text is not shown, it may name people."""
    if not isinstance(answer, Mapping) or not ("exception" in answer or "errorcode" in answer):
        return answer
    told = answer.get("errorcode")
    code = told if isinstance(told, str) and re.fullmatch(r"\w{1,60}", told) else "no error code"
    if code in TOKEN:
        raise Fatal(f"Moodle does not accept the token ({code}): make a new one for this service")
    if code in SERVICE:
        raise Fatal(f"Moodle's service does not offer what is needed ({code}): add the functions that README.md names to it")
    if code in PASSING:
        raise Retry(f"Moodle is not to be had now ({code})")
    if code == "nocriteriaset":
        raise NoCriteria(f"course {course}: no completion criteria are set")
    raise NotVisible(f"course {course} cannot be read ({code}): see whether it exists and whether the account may see its reports")
