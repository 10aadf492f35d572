"""What is kept of an xAPI statement: who, did what, with which course, when; nothing of scores, answers or devices.

Belongs here: the wire format of one statement. Does not: paging and cursors (connector.py).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.connector import Excluded, Id, Label, Moment, PersonId, Record, Rejected, datetime

VOIDED = "voided"
GROUP = "group as actor"


class Statement(Record):
    """One act of one learner, under the one name that the statement gives each person. A voided one keeps its id."""

    id: Id
    stored: Moment
    voided: bool = False
    happened_at: Moment | None = None
    verb: Label | None = None
    object: Label | None = None
    parent: Label | None = None
    mandatory: bool | None = None
    actor_login: PersonId["login"] | None = None
    actor_email: PersonId["email"] | None = None
    actor_mbox_sha1: PersonId["mbox_sha1"] | None = None
    actor_openid: PersonId["openid"] | None = None
    actor_account: PersonId["account"] | None = None
    instructor_login: PersonId["login"] | None = None
    instructor_email: PersonId["email"] | None = None
    instructor_mbox_sha1: PersonId["mbox_sha1"] | None = None
    instructor_openid: PersonId["openid"] | None = None
    instructor_account: PersonId["account"] | None = None


class Reader:
    """Reads statements.

    mandatory    parts of the ids of courses that must be taken
    login_pages  home pages of accounts whose names are logins
    """

    def __init__(self, mandatory: Sequence[str], login_pages: Sequence[str]) -> None:
        self._mandatory = [part.lower() for part in mandatory if part]
        self._login_pages = {page.rstrip("/").lower() for page in login_pages}

    def read(self, row: Any, location: str) -> Statement | Rejected | Excluded:
        """The statement in a row, or the one that it voids."""
        if not isinstance(row, Mapping):
            return Rejected("not an object", location)
        for name, kind in (("id", str), ("actor", Mapping), ("verb", Mapping), ("object", Mapping), ("timestamp", str)):
            if not isinstance(row.get(name), kind) or not row[name]:
                return Rejected(f"missing at {name}", location)
        verb = row["verb"].get("id")
        if not isinstance(verb, str) or not _last_part(verb):
            return Rejected("missing at verb.id", location)
        happened, thing = moment(row["timestamp"]), row["object"]
        if happened is None:
            return Rejected("no time with a zone at timestamp", location)
        stored = moment(row.get("stored")) or happened
        if _last_part(verb) == VOIDED:
            if not isinstance(thing.get("id"), str):
                return Rejected("missing at object.id", location)
            return Statement.of({"id": thing["id"].lower(), "stored": stored, "voided": True}, location=location)
        if row["actor"].get("objectType") == "Group":
            return Excluded(GROUP)
        actor = self._person(row["actor"])
        if actor is None:
            return Rejected("nobody at actor", location)
        about, parent = _activity(thing), _activity(_parent(row))
        if about is None and thing.get("objectType", "Activity") == "Activity":
            return Rejected("missing at object.id", location)
        return Statement.of(
            {
                "id": row["id"].lower(), "stored": stored, "happened_at": happened, "verb": _last_part(verb),
                "object": about, "parent": parent, "mandatory": self._must(about, parent),
                **{f"actor_{kind}": value for kind, value in actor.items()},
                **{f"instructor_{kind}": value for kind, value in (self._person(_instructor(row)) or {}).items()},
            },
            location=location,
        )  # fmt: skip

    def _must(self, *ids: str | None) -> bool:
        return any(part in name.lower() for name in ids if name for part in self._mandatory)

    def _person(self, agent: Any) -> dict[str, str] | None:
        """Namespace -> value of an agent's one identifier (an account that is a login has both); None for nobody."""
        if not isinstance(agent, Mapping) or agent.get("objectType") == "Group":
            return None
        for key, kind in (("mbox", "email"), ("mbox_sha1sum", "mbox_sha1"), ("openid", "openid")):
            if isinstance(value := agent.get(key), str) and value:
                return {kind: re.sub(r"(?i)^mailto:", "", value)}
        account = agent.get("account")
        page, name = (account.get("homePage"), account.get("name")) if isinstance(account, Mapping) else (None, None)
        if not isinstance(page, str) or not isinstance(name, str) or not page or not name:
            return None
        login = {"login": name} if page.rstrip("/").lower() in self._login_pages else {}
        return {"account": f"{page}|{name}", **login}


def stored_at(row: Any) -> datetime | None:
    """When the store took a statement in, where it says so. When it happened is no substitute: a learner's clock may be
    years ahead, and would move the cursor past everything."""
    return moment(row.get("stored")) if isinstance(row, Mapping) else None


def moment(value: Any) -> datetime | None:
    """A time as ISO 8601 with its zone; None where it is none."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.upper())
    except ValueError:
        return None
    return found if found.tzinfo else None


def _last_part(iri: str) -> str:
    return re.split(r"[/#:]", iri.rstrip("/#"))[-1].lower()


def _activity(thing: Any) -> str | None:
    """The id of an activity without its query. Objects that are people or other statements have none."""
    if not isinstance(thing, Mapping) or thing.get("objectType", "Activity") != "Activity":
        return None
    name = thing.get("id")
    return name.split("?")[0] or None if isinstance(name, str) else None


def _parent(row: Mapping[str, Any]) -> Any:
    context: Any = row.get("context")
    related = context.get("contextActivities") if isinstance(context, Mapping) else None
    found = related.get("parent") or related.get("grouping") if isinstance(related, Mapping) else None
    return found[0] if isinstance(found, list) and found else found


def _instructor(row: Mapping[str, Any]) -> Any:
    context: Any = row.get("context")
    return context.get("instructor") if isinstance(context, Mapping) else None
