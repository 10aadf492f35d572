"""Staff directory of Microsoft Entra ID over Graph: the accounts of a tenant, whole, each night.

Belongs here: settings, the one request, and which account is a member of staff. Does not: paging and sign-in (the shared
Graph of pipeline.connector).
Source: learn.microsoft.com/graph/api/user-list, /graph/api/resources/user.
"""

from collections.abc import Mapping
from typing import Any

from pipeline.connector import (
    Connector,
    Excluded,
    Fatal,
    Field,
    Iterator,
    Label,
    MicrosoftSettings,
    Page,
    PersonId,
    Record,
    Rejected,
    UnitName,
    date,
    login_of,
    mbox_sha1,
    name_tokens,
    stream,
)

DECIDING = ("id", "accountEnabled", "userType", "employeeId")  # null where empty; absent only if the format has changed
NAMES = ("displayName", "givenName", "surname")
OTHERS = ("mail", "userPrincipalName", "onPremisesSamAccountName")
PAGE = 999  # Graph gives no more, and fewer where managers come along
PATH = r"^[A-Za-z0-9]*(\.[A-Za-z0-9]+)?$"
NO_NUMBER = "account without an employee number"


class Person(Record):
    """One enabled account of a member. Of a name only its single words land, and only as pseudonyms."""

    entra: PersonId["entra"] = Field(min_length=1)
    staff_id: PersonId["staff"] = Field(min_length=1)
    email: PersonId["email"] | None = None
    upn: PersonId["email"] | None = None
    login: PersonId["login"] | None = None
    mbox_sha1: PersonId["mbox_sha1"] | None = None
    name_tokens: list[PersonId["name"]]
    team: UnitName | None = None
    directorate: UnitName | None = None
    grade: Label | None = None
    location: Label | None = None
    manager: PersonId["entra"] | None = None


class EntraUsers(MicrosoftSettings, Connector):
    """The accounts of one tenant that are members of staff, read in the application's own name."""

    name, channel = "entra_users", "roster"

    team: str = Field(default="department", pattern=PATH, description="property with the team, e.g. department or officeLocation")
    directorate: str = Field(
        default="employeeOrgData.division", pattern=PATH, description="property with the directorate, e.g. companyName"
    )
    grade: str = Field(default="", pattern=PATH, description="property with the grade, e.g. jobTitle; empty where there is none")
    location: str = Field(default="officeLocation", pattern=PATH, description="property with the place of work")
    only_employees: bool = Field(default=True, description="leave out accounts without an employeeId: rooms, shared mailboxes")

    @stream(Person, kind="snapshot", key="entra")
    def people(self, since: date | None) -> Iterator[Page]:
        """Every member of staff whose account is enabled, as the tenant has them tonight."""
        own = [path.partition(".")[0] for path in (self.team, self.directorate, self.grade, self.location) if path]
        asked = {
            "$select": ",".join(dict.fromkeys((*DECIDING, *NAMES, *OTHERS, *own))),
            "$expand": "manager($select=id)",
            "$top": PAGE,
        }
        records: list[Person | Rejected | Excluded] = []
        for number, (rows, _) in enumerate(self.graph().pages("users", asked), 1):
            records += [self._person(row, f"page {number}, {at}") for at, row in enumerate(rows)]
        if Excluded(NO_NUMBER) in records and not any(isinstance(record, Person) for record in records):
            raise Fatal("users: no account has an employeeId: fill it in Entra, or set only_employees to false")
        yield Page(records)

    def _person(self, row: Any, place: str) -> Person | Rejected | Excluded:
        if not isinstance(row, Mapping):
            return Rejected("not an object", place)
        if absent := next((name for name in DECIDING if name not in row), None):
            return Rejected(f"missing at {absent}", place)
        enabled, kind, number = row["accountEnabled"], row["userType"], row["employeeId"]
        if not isinstance(enabled, bool) or not isinstance(kind, str | None) or not isinstance(number, str | None):
            return Rejected("accountEnabled, userType or employeeId is of another type", place)
        if kind and kind.lower() == "guest":
            return Excluded("guest")
        if not enabled:
            return Excluded("account that is not enabled")
        number = (number or "").strip()
        if self.only_employees and not number:
            return Excluded(NO_NUMBER)
        texts = {name: row.get(name) for name in (*NAMES, *OTHERS)}
        if wrong := next((name for name, text in texts.items() if not isinstance(text, str | None)), None):
            return Rejected(f"not text at {wrong}", place)
        mail, upn = texts["mail"] or None, texts["userPrincipalName"] or None
        given: Mapping[str, Any] = {
            "entra": row["id"],
            "staff_id": number or row["id"],
            "email": mail,
            "upn": upn,
            "login": login_of(texts["onPremisesSamAccountName"] or "") or None,
            "mbox_sha1": mbox_sha1((mail or upn or "").lower()) if mail or upn else None,
            "name_tokens": name_tokens(" ".join(texts[name] or "" for name in NAMES)),
            **{field: _value(row, getattr(self, field)) for field in ("team", "directorate", "grade", "location")},
            "manager": _value(row, "manager.id"),
        }
        return Person.of(given, location=place)


def _value(row: Mapping[str, Any], path: str) -> Any:
    """What is at a property, or in one; None for nothing and for blank text."""
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return (value.strip() or None) if isinstance(value, str) else value
