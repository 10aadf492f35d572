"""The manifest of a batch: what it holds, where it stands, and the account of every record read.

Belongs here: the file format of manifest.json. Does not: where batches live (store.py).
"""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, JsonValue, NonNegativeInt

from pipeline.problems import LandingError


class Account(BaseModel):
    """read = landed + quarantined (by reason) + excluded (by rule) + unchanged; nothing is ever just gone."""

    model_config = ConfigDict(extra="forbid")

    read: NonNegativeInt = 0
    landed: NonNegativeInt = 0
    quarantined: dict[str, int] = {}
    excluded: dict[str, int] = {}
    unchanged: NonNegativeInt = 0

    def closes(self) -> bool:
        """Whether every record that was read is accounted for."""
        return self.read == (self.landed + sum(self.quarantined.values()) + sum(self.excluded.values()) + self.unchanged)

    def plus(self, other: Account) -> Account:
        """Both accounts in one."""

        def both(mine: dict[str, int], theirs: dict[str, int]) -> dict[str, int]:
            return {k: mine.get(k, 0) + theirs.get(k, 0) for k in sorted({*mine, *theirs})}

        return Account(
            read=self.read + other.read,
            landed=self.landed + other.landed,
            quarantined=both(self.quarantined, other.quarantined),
            excluded=both(self.excluded, other.excluded),
            unchanged=self.unchanged + other.unchanged,
        )


class File(BaseModel):
    """A file of the batch, relative to the stream's folder."""

    model_config = ConfigDict(extra="forbid")

    path: str
    rows: NonNegativeInt
    sha256: str = ""


class UnitOf(BaseModel):
    """The unit a batch holds; see `pipeline.connector.Unit`."""

    model_config = ConfigDict(extra="forbid")

    name: str
    fingerprint: str
    size: int = 0


class Manifest(BaseModel):
    """One batch. `seq` is a number of the stream's own, never a clock time; `as_of` is the night's day."""

    model_config = ConfigDict(extra="forbid")

    connector: str
    stream: str
    kind: str
    seq: int
    schema_number: int
    connector_version: str
    as_of: date
    complete: bool
    cursor: JsonValue = None
    unit: UnitOf | None = None
    snapshot: date | None = None
    replaces: list[int] = []
    account: Account = Account()
    rows: File | None = None
    quarantine: File | None = None
    prose: list[File] = []
    days: dict[date, int] = {}

    def check(self) -> Manifest:
        """Itself, or LandingError where the account does not close."""
        if not self.account.closes():
            raise LandingError(
                f"{self.connector}/{self.stream} batch {self.seq}: the account does not close "
                f"({self.account.model_dump_json()}); nothing of it was landed"
            )
        return self
