"""Suggestions: what this source is, in a line.

Belongs here: its settings, its records, which export is new. Does not: what a record means (acts.sql).
"""

import json

from pipeline.connector import (
    Archive, Connector, Excluded, Fatal, Field, Given, Glob, Id, Iterator, Landed, Moment, Page, PersonId, Prose, Record,
    Rejected, archive, file_pages, stream,
)  # fmt: skip

MEMBER = "posts.jsonl"


class Post(Record):
    """One post of a channel that everybody may read."""

    id: Id
    author: PersonId["email"]
    sent_at: Moment
    text: Prose = ""


class Suggestions(Connector):
    """Reads ZIP exports that an administrator saves into a folder."""

    name, channel = "suggestions", "chat"
    files: Glob = Field(description='which exports, e.g. "suggestions/*.zip"')

    @stream(Post, kind="unit")
    def posts(self, landed: Landed) -> Iterator[Page]:
        """Every post of every export that is not here yet; an export of the same name replaces the one before."""
        return file_pages(self.files, landed, rows_of)


def rows_of(file: Given) -> list[Post | Rejected | Excluded]:
    """The rows of one export."""
    with file.open() as content, archive(content, file.name) as found:
        return list(rows_in(found))


def rows_in(found: Archive) -> Iterator[Post | Rejected | Excluded]:
    """Every line of one export."""
    if MEMBER not in found:
        raise Fatal(f"{found.name} holds no {MEMBER}: export it again, with messages")
    with found.open(MEMBER) as lines:
        for number, line in enumerate(lines, 1):
            place = f"{found.name}, {MEMBER} line {number}"
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            yield post_in(row, place)


def post_in(row: object, place: str) -> Post | Rejected | Excluded:
    """One line: a record, or why it is none."""
    if not isinstance(row, dict):
        return Rejected("not an object", place)
    if row.get("private"):
        return Excluded("private channel")
    return Post.of(row, location=place)
