"""Civil Service Learning: who finished which course, how many did, how many are registered, from the service's own reports.

Belongs here: settings, and which file becomes which unit. Does not: the files and their rows (reports.py), or how
overlapping reports count once (counts.sql, acts.sql).
"""

from collections.abc import Callable, Sequence

from pipeline.connector import (
    Connector,
    Fatal,
    Field,
    Given,
    Glob,
    Iterator,
    Landed,
    Page,
    Sheet,
    date,
    file_pages,
    stream,
    zone_of,
)

from .reports import Completion, Learner, ModuleState, PersonalCompletion, Reader, Row, day_of, table


class CivilServiceLearning(Connector):
    """Reads reports that were downloaded from Civil Service Learning, each a CSV file or the ZIP that it comes in."""

    name, channel = "civil_service_learning", "learning"

    completion_files: Glob = Field(default="", description='course completion reports without people: "csl/standard/*.zip"')
    detailed_files: Glob = Field(default="", description='course completion reports with e-mail addresses: "csl/detailed/*.zip"')
    learner_files: Glob = Field(default="", description="registered learner reports, their day in the file's name")
    module_files: Glob = Field(default="", description='module reports with e-mail addresses: "csl/modules/*.csv"')
    zone: str = Field(default="Europe/London", description="time zone of whoever asked for the reports: their times have none")
    mandatory: list[str] = Field(default=[], description="parts of the ids or titles of courses that must be taken")

    @stream(Completion, kind="unit", exported=True)
    def completions(self, landed: Landed) -> Iterator[Page]:
        """Every line of the course completion reports without people; one file is one unit."""
        reader = self._reader()
        yield from _units(landed, self.completion_files, "completion_files", lambda sheet, _: reader.completions(sheet))

    @stream(PersonalCompletion, kind="unit", exported=True)
    def detailed(self, landed: Landed) -> Iterator[Page]:
        """Every line of the course completion reports with e-mail addresses; one file is one unit."""
        reader = self._reader()
        yield from _units(landed, self.detailed_files, "detailed_files", lambda sheet, _: reader.detailed(sheet))

    @stream(Learner, kind="unit")
    def learners(self, landed: Landed) -> Iterator[Page]:
        """Every account in the registered learner reports; one day is one unit."""
        reader, days = self._reader(), dict[date, str]()

        def unit(file: Given) -> str:
            day = day_of(file.name)
            if day in days:
                raise Fatal(f"{days[day]} and {file.name} are both of {day}: keep the right one")
            days[day] = file.name
            return day.isoformat()

        rows: Callable[[Sheet, Given], Sequence[Row]] = lambda sheet, file: reader.learners(sheet, day_of(file.name))  # noqa: E731
        # Two days may have the same accounts.
        yield from _units(landed, self.learner_files, "learner_files", rows, unit, lambda file: day_of(file.name).isoformat())

    @stream(ModuleState, kind="unit")
    def modules(self, landed: Landed) -> Iterator[Page]:
        """Every line of the module reports: how far each person is with a module; one file is one unit."""
        reader = self._reader()
        yield from _units(landed, self.module_files, "module_files", lambda sheet, _: reader.modules(sheet))

    def _reader(self) -> Reader:
        if not (self.completion_files or self.detailed_files or self.learner_files or self.module_files):
            raise Fatal("name the reports: set completion_files, detailed_files, learner_files or module_files")
        return Reader(zone_of(self.zone), self.mandatory)


def _units(
    landed: Landed, pattern: str, setting: str, rows: Callable[[Sheet, Given], Sequence[Row]],
    name: Callable[[Given], str] = lambda file: file.name, way: Callable[[Given], str] = lambda _: "",
) -> Iterator[Page]:  # fmt: skip
    """A page for each report that is not here yet."""

    def read(file: Given) -> Sequence[Row]:
        with table(file) as sheet:
            return rows(sheet, file) if sheet else []

    return file_pages(pattern, landed, read, setting=setting, name=name, way=way)
