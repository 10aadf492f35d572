"""Web servers' access logs: which pages staff open, what they search and find useful, and the traffic without a name.

Belongs here: the settings, the record, and the files in their order. Does not: opening and knowing a file
(logfile.py), what a line says (lines.py and the formats), or what it means (meaning.py).
"""

import glob
import zlib
from collections import deque
from dataclasses import replace
from pathlib import Path

from pipeline.connector import (
    Bulk,
    Connector,
    Fatal,
    Field,
    Glob,
    Iterator,
    Label,
    Landed,
    Moment,
    PersonId,
    Record,
    Unit,
    stream,
    zone_of,
)

from . import formats
from .lines import Lines
from .logfile import Log, Unfit, known
from .meaning import BOTS, CAMPAIGNS, Meaning


class Request(Record):
    """One line of a log: a request to the web server; `person` is set where the server knew who asked."""

    seen_at: Moment
    person: PersonId["login"] | None = None
    page: Label | None = None
    method: Label | None = None
    status: int
    asset: bool
    bot: bool
    search: bool | None = None
    useful: bool | None = None
    campaign: Label | None = None


class Intranet(Connector):
    """Reads access logs of Apache, nginx, IIS, Caddy, Traefik, CloudFront, AWS load balancers and others; .gz and .bz2 too."""

    name, channel = "intranet", "intranet"
    files: Glob = Field(
        description='Pattern of the files, e.g. "logs/access*.log*"; relative to tidemark.toml; `**` reaches into folders.'
    )
    format: formats.Name = Field(
        "auto",
        description="How lines are written: apache (common, combined, vhost_combined; nginx too), w3c (IIS, CloudFront), json "
        "(nginx, Caddy, Traefik), balancer (AWS ELB and ALB), pattern (`pattern`), or auto: each file's first lines show it.",
    )
    user_pattern: str = Field(
        ".+",
        description="RE2 pattern that the *whole* remote user must match to be staff, e.g. 'DCS\\\\.+'; case is ignored; a "
        "doubled backslash in the log counts as one.",
    )
    bots: list[str] = Field(
        default_factory=lambda: list(BOTS),
        description="Parts of a user agent, in any case, that mark a program, not a person; a list replaces the default.",
    )
    search_path: str = Field(
        "",
        description="RE2 pattern that the *whole* path of the search page matches, e.g. '/search(/results)?'; without it no "
        "searches are told. Where the path holds the words, put them in a group, '/search/(.*)': they do not land.",
    )
    search_parameter: str = Field(
        "",
        description="Parameter with the words searched for, e.g. 'q': the search page opened without it is not a search. Its "
        "value is never kept.",
    )
    vote_pattern: str = Field(
        "",
        description="RE2 pattern, found anywhere in path and query, of a vote on a page's usefulness, with the group `vote` "
        "around a word like yes or no, e.g. '^/feedback/(?P<vote>yes|no)'; without it no votes are told.",
    )
    campaign_parameters: list[str] = Field(
        default_factory=lambda: list(CAMPAIGNS),
        description="Parameters of an address that name the campaign a reader came from; the one part of a query that lands.",
    )
    fields: dict[formats.Field, str] = Field(
        default_factory=dict,
        description='Formats w3c and json: names that this server gives to fields, e.g. {user = "x-remote-user"}; they go '
        "before the usual ones. Nested JSON is named with dots.",
    )
    pattern: str = Field(
        "",
        description="RE2 pattern that matches a whole line, with the groups time, status, request (or method and "
        "target), user and agent; files whose first lines it matches are read by it.",
    )
    time_format: str = Field(
        "",
        description="How `pattern` or JSON writes a time, in the codes of strptime, e.g. '%d/%m/%Y %H:%M:%S'; default ISO 8601.",
    )
    zone: str = Field("Europe/London", description="Time zone of times without an offset, where the format does not say UTC.")

    @stream(Request, kind="unit", bulk=True, daily=True)
    def requests(self, landed: Landed) -> Iterator[Bulk]:
        """Every line of every file that is not here yet; a file that only grew replaces its shorter self."""
        recognise = formats.recogniser(
            self.format, pattern=self.pattern, time_format=self.time_format, fields=self.fields, zone=zone_of(self.zone)
        )
        meaning = Meaning(
            user_pattern=self.user_pattern, bots=self.bots, search_path=self.search_path,
            search_parameter=self.search_parameter, vote_pattern=self.vote_pattern,
            campaign_parameters=self.campaign_parameters,
        )  # fmt: skip
        paths = [path for path in map(Path, glob.glob(self.files, recursive=True)) if path.is_file()]
        if not paths and not landed.units:
            raise Fatal("no file matches `files` of the access logs: correct the pattern, or give access to the folder")
        lengths = {path: path.stat().st_size for path in paths}
        # Longest first: a copy of a log as it was when it was shorter is then known to be part of it.
        paths.sort(key=lambda path: (-lengths[path], path.name))
        units, parts, unfit = dict(landed.units), set[str](), list[str]()
        waiting, late = deque(paths), set[Path]()
        with Lines(recognise, meaning) as lines:
            while waiting:
                path = waiting.popleft()
                try:
                    with Log(path) as log:
                        digests = log.digests({size for _, size in units.values()} | set(lengths.values()))
                        if log.size == 0 or digests[log.size] in parts:
                            continue
                        found = known(path.name, log, digests, units)
                        if found.alike and path not in late:
                            late.add(path)
                            waiting.append(path)  # until all the others are known
                            continue
                        if unit := found.unit:
                            if gone := [old for old in found.alike if old.partition("-")[0] not in parts]:
                                unit = replace(unit, replaces=gone[0])
                            yield _bulk(log, lines, unit)
                            units.pop(unit.replaces or "", None)
                            units[unit.fingerprint] = (unit.name, unit.size)
                        parts.update(digests.values())
                except FileNotFoundError:
                    continue  # rotated away meanwhile: it is found under its new name
                except (OSError, EOFError, zlib.error, Unfit) as error:
                    why = error if isinstance(error, Unfit) else getattr(error, "strerror", None) or "damaged"
                    unfit.append(f"{path.name} ({why})")
        if unfit:
            names = ", ".join(sorted(unfit))
            raise Fatal(f"cannot read {names}: copy it again or take it out of `files`; the others have landed")


def _bulk(log: Log, lines: Lines, unit: Unit) -> Bulk:
    """The whole file as one page: the engine takes a bulk page for the whole of its unit."""
    try:
        for block in log.blocks():
            lines.read(block)
    finally:
        rows, rejected, excluded = lines.take()
    return Bulk(rows=rows, unit=unit, rejected=rejected, excluded=excluded)
