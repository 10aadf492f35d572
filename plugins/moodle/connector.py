"""Moodle: who finished which activity or course, from downloaded completion reports or from its web service.

Belongs here: settings, and the order in which files and courses are read. Does not: the report (progress.py), or the
service (web.py).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from pipeline.connector import (
    Connector,
    Cursor,
    Fatal,
    Field,
    Given,
    Glob,
    Http,
    Iterator,
    Landed,
    Page,
    Record,
    Rejected,
    SecretStr,
    file_pages,
    sheet,
    stream,
    zone_of,
)

from .progress import Progress, Report, Words, course_of
from .web import Activity, Completion, NoCriteria, NotVisible, Web

Reading = Callable[[int, int, Mapping[str, str], bool], Sequence[Record | Rejected]]


class Moodle(Connector):
    """Reads activity completion reports from files, and activities and courses from the web service; either or both."""

    name, channel = "moodle", "learning"

    files: Glob = Field(default="", description='activity completion reports: "moodle/progress.*.csv"; none by default')
    zone: str = Field(default="Europe/London", description="time zone of whoever downloaded the reports: their times have none")
    words: dict[str, Literal["incomplete", "complete", "passed", "failed"]] = Field(
        default={}, description="what a word of the reports means, where Moodle is neither English nor Welsh"
    )
    identity: Literal["email", "username", "idnumber"] = Field(
        default="email", description="the field by which the directory knows people: its email, its login, or its staff_id"
    )
    identity_column: str = Field(default="", description="what its column is called in the reports, where not as in Moodle")
    url: str = Field(default="", description="root of the site, under which /webservice is; none by default")
    token: SecretStr | None = Field(default=None, description="token of the web service")
    course_ids: list[int] = Field(default=[], description="courses to read from the web service: the id= in their addresses")
    requests_per_minute: int = Field(default=600, ge=1, description="how many questions the site is asked at most")
    mandatory: list[str] = Field(default=[], description="courses that must be taken: ids, or the short names in names of reports")
    ca_bundle: Glob = Field(default="", description="file of certificate authorities, where the system's do not do")

    @stream(Progress, kind="unit", exported=True)
    def progress(self, landed: Landed) -> Iterator[Page]:
        """Every activity of every person in the downloaded reports; one file is one unit."""
        self._needs_something()
        report = Report(Words(self.words), zone_of(self.zone), self.identity, self.identity_column)

        def rows(file: Given) -> list[Record | Rejected]:
            course = course_of(file.name)
            with file.open() as content:
                return report.rows(sheet(content, file.name), course, course in self.mandatory)

        yield from file_pages(self.files, landed, rows)

    @stream(Activity, kind="keyed", key=("course", "activity", "user"), cursor="opaque")
    def activities(self, since: Cursor) -> Iterator[Page]:
        """How far everybody who is enrolled is with each activity of the courses; the service knows no changes since a day."""
        if web := self._web():
            yield from self._walk(since, web, web.activities)

    @stream(Completion, kind="keyed", key=("course", "user"), cursor="opaque")
    def completions(self, since: Cursor) -> Iterator[Page]:
        """Whether everybody who is enrolled has finished the courses; those without completion criteria give nothing."""
        if web := self._web():
            yield from self._walk(since, web, web.completion)

    def _walk(self, since: Cursor, web: Web, read: Reading) -> Iterator[Page]:
        """A page a person, course by course. The cursor is the last person read, or nothing when the reading is whole."""
        at = since if isinstance(since, dict) else {}
        faults = list[str]()
        begun = next((place for place, course in enumerate(self.course_ids) if course == at.get("course")), None)
        for place, course in enumerate(self.course_ids[begun or 0 :]):
            after = at.get("user") if begun is not None and place == 0 else None
            must = str(course) in self.mandatory
            try:
                people, rejected = web.people(course)
                yield Page(rejected)
                for user, who in people.items():
                    if not isinstance(after, int) or user > after:
                        yield Page(read(course, user, who, must), cursor={"course": course, "user": user})
            except NoCriteria:
                continue
            except NotVisible as fault:
                faults.append(str(fault))
        yield Page([], cursor={"course": None, "user": None})
        if faults:
            raise Fatal("; ".join(faults))

    def _web(self) -> Web | None:
        self._needs_something()
        if not self.url:
            return None
        if self.token is None or not self.course_ids:
            raise Fatal("the web service needs the secret token, and course_ids: the numbers of the courses to read")
        http = Http(self.url, requests_per=(self.requests_per_minute, 60.0), ca_bundle=self.ca_bundle or None)
        return Web(http, self.token, self.identity)

    def _needs_something(self) -> None:
        if not (self.files or self.url):
            raise Fatal("say what to read: set files for downloaded reports, or url, token and course_ids for the web service")
