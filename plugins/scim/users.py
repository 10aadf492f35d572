"""Users of SCIM 2.0 as the people they are.

Belongs here: attributes, and which account counts. Does not: requests (connector.py).
Source: RFC 7643 (core user, enterprise extension, multi-valued attributes; names of attributes have no case).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.connector import Excluded, Field, Label, PersonId, Record, Rejected, UnitName, login_of, mbox_sha1, name_tokens

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
KINDS = {"name": Mapping, "emails": list, ENTERPRISE: Mapping}
TRUE_OR_FALSE = {"true": True, "false": False}


class Person(Record):
    """One active account. Of a name only its single words land, and only as pseudonyms."""

    scim: PersonId["scim"] = Field(min_length=1)
    staff_id: PersonId["staff"] = Field(min_length=1)
    email: PersonId["email"] | None = None
    login: PersonId["login"] | None = None
    mbox_sha1: PersonId["mbox_sha1"] | None = None
    name_tokens: list[PersonId["name"]]
    team: UnitName | None = None
    directorate: UnitName | None = None
    grade: Label | None = None
    location: Label | None = None
    manager: PersonId["scim"] | None = None


@dataclass(frozen=True)
class Paths:
    """Where the settings say that things are: `title`, `name.formatted`, `urn:...:User:department`."""

    staff_id: str
    team: str
    directorate: str
    grade: str
    location: str


def user_in(row: Any, paths: Paths, place: str) -> Person | Rejected | Excluded:
    """The person whose account this is."""
    active = attribute(row, "active")
    if isinstance(active, str):
        active = TRUE_OR_FALSE.get(active.lower(), active)
    if active is False:
        return Excluded("account that is not active")
    if active is not True and active is not None:
        return Rejected("active is neither true nor false", place)
    if wrong := next((name for name, kind in KINDS.items() if not isinstance(attribute(row, name), kind | None)), None):
        return Rejected(f"another type at {wrong.rpartition(':')[2]}", place)
    names = [attribute(attribute(row, "name"), part) for part in ("formatted", "givenName", "middleName", "familyName")]
    names += [attribute(row, "displayName"), attribute(row, "nickName")]
    if not all(isinstance(part, str | None) for part in names):
        return Rejected("a name that is not text", place)
    user_name = attribute(row, "userName")
    email = value_at(row, "emails") or (user_name if isinstance(user_name, str) and "@" in user_name else None)
    given: Mapping[str, Any] = {
        "scim": attribute(row, "id"),
        "staff_id": value_at(row, paths.staff_id) or attribute(row, "id"),
        "email": email,
        "login": login_of(user_name) or None if isinstance(user_name, str) else user_name,
        "mbox_sha1": mbox_sha1(email.lower()) if isinstance(email, str) else None,
        "name_tokens": name_tokens(" ".join(filter(None, names))),
        **{field: value_at(row, getattr(paths, field)) for field in ("team", "directorate", "grade", "location")},
        "manager": value_at(row, "manager"),
    }
    return Person.of(given, location=place)


def attribute(holder: Any, name: str) -> Any:
    """The attribute of this name, whatever its case; None where there is none, or nothing that holds any."""
    if not isinstance(holder, Mapping):
        return None
    if name in holder:
        return holder[name]
    return next((value for key, value in holder.items() if isinstance(key, str) and key.lower() == name.lower()), None)


def value_at(user: Any, path: str) -> Any:
    """What is at a path of the user itself, of the enterprise extension, or of another; of several values the main one.

    None for nothing and for blank text. A path with a colon names the extension before its last one.
    """
    if not path or not isinstance(user, Mapping):
        return None
    extension, _, rest = path.rpartition(":")
    others = [value for key, value in user.items() if isinstance(key, str) and key.lower().startswith("urn:")]
    holders = [attribute(user, extension)] if extension else [user, attribute(user, ENTERPRISE), *others]
    for holder in holders:
        value = holder
        for name in rest.split("."):
            value = _main(attribute(value, name))
        value = attribute(value, "value") if isinstance(value, Mapping) else value
        if isinstance(value, str):
            value = value.strip()
        if value not in (None, ""):
            return value
    return None


def _main(value: Any) -> Any:
    """Of an attribute with several values the one that is primary, else one of work, else the first."""
    if not isinstance(value, list):
        return value
    primary = (one for one in value if attribute(one, "primary") is True)
    work = (one for one in value if attribute(one, "type") == "work")
    return next(primary, None) or next(work, None) or next(iter(value), None)
