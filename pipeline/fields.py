"""Fields and records of the contract: how each string may touch disk is said in its type.

Belongs here: the privacy types and `Record`. Does not: streams and connectors (connector.py, which re-exports all of
this), or how a pseudonym is made (privacy/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo

__all__ = ["Day", "Excluded", "Glob", "Id", "Label", "Moment", "PersonId", "Privacy", "Prose", "Record", "Rejected", "privacy_of"]


@dataclass(frozen=True)
class Privacy:
    """How a string may touch disk: `person` as a pseudonym, `label` as it is, `prose` as a sidecar that expires."""

    kind: Literal["person", "label", "prose"]
    namespace: str = ""


if TYPE_CHECKING:
    # To a type checker PersonId["login"] is the string that it is before the engine takes it.
    from typing import Literal as PersonId
else:

    class PersonId:
        """A person's identifier in one namespace (`PersonId["email"]`): lands as a keyed pseudonym, never as text.

        Two fields in one namespace join exactly. Values are normalised (trimmed, lower case) first.
        """

        def __class_getitem__(cls, namespace: str) -> Any:
            if not namespace.isidentifier():
                raise TypeError(f"PersonId[...] takes one word as its namespace, not {namespace!r}")
            return Annotated[str, Privacy("person", namespace)]


Label = Annotated[str, Privacy("label")]
"""Text about things (a page, a course, a team): lands as it is, less whatever looks like a person."""

Prose = Annotated[str, Privacy("prose")]
"""What people wrote: lands in a sidecar of the record's own day, stripped of names, and expires."""


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone: give the source's zone in the connector")
    return moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_aware)]
"""A point in time; landed in UTC. A time without a zone is refused, never guessed."""

Day = date


def _beside_config(pattern: str, info: ValidationInfo) -> str:
    folder = (info.context or {}).get("folder")
    return str(Path(folder) / pattern) if folder and pattern else pattern


Glob = Annotated[str, AfterValidator(_beside_config)]
"""A setting that names files (`logs/*.log`); a relative one starts at the folder of tidemark.toml."""


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Id = Annotated[str, BeforeValidator(_text), Privacy("label", "id")]
"""An identifier of a thing, which may exceed 64 bits or arrive as a number: lands as text; one with an @ as a digest."""


@dataclass(frozen=True)
class Rejected:
    """A record that cannot be read: goes to quarantine with the reason and the place, without the value."""

    reason: str
    location: str = ""


@dataclass(frozen=True)
class Excluded:
    """A record that must not be read further: counted under the name of the rule, nothing else is kept."""

    rule: str


class Record(BaseModel):
    """One row of a stream. Unknown fields never land; error messages never show a value."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    @classmethod
    def of(cls, row: Mapping[str, Any], *, location: str = "") -> Self | Rejected:
        """The record in this row, or why it cannot be read (without showing any value)."""
        try:
            return cls.model_validate(row)
        except ValidationError as error:
            fault = error.errors(include_input=False, include_context=False, include_url=False)[0]
            where = ".".join(str(part) for part in fault["loc"])
            return Rejected(f"{fault['type']} at {where}", location)

    @classmethod
    def many(cls, rows: Iterable[Mapping[str, Any]]) -> list[Self | Rejected]:
        """`of` each row; a row that cannot be read stays in the count as Rejected."""
        return [cls.of(row, location=str(number)) for number, row in enumerate(rows)]


def privacy_of(record: type[Record], name: str) -> Privacy | None:
    """The privacy class of one field. A string without one is a TypeError: that is the contract."""
    info = record.model_fields[name]
    found = [m for m in info.metadata if isinstance(m, Privacy)] or list(_nested_privacy(info.annotation))
    if found:
        return found[0]
    if _mentions_str(info.annotation):
        raise TypeError(
            f'{record.__name__}.{name} is a bare str: say PersonId["namespace"], Label or Prose, '
            "so that the engine knows what may touch disk"
        )
    return None


def _nested_privacy(annotation: Any) -> Iterator[Privacy]:
    yield from (m for m in getattr(annotation, "__metadata__", ()) if isinstance(m, Privacy))
    for inner in getattr(annotation, "__args__", ()):
        yield from _nested_privacy(inner)


def _mentions_str(annotation: Any) -> bool:
    return annotation in (str, Any, object, bytes) or any(_mentions_str(inner) for inner in getattr(annotation, "__args__", ()))
