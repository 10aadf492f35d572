"""Entra ID: of all accounts of a tenant those of staff, and every name that other sources know them by."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest
from pydantic import ValidationError

from pipeline.connector import Excluded, Fatal, Page, Rejected
from plugins.entra_users.connector import NO_NUMBER, EntraUsers, Person
from tests.loopback import Script, answer, serving

FOLDER = Path(__file__).parents[2] / "plugins" / "entra_users"


def account(number: int, **changes: Any) -> dict[str, Any]:
    """An enabled account of a member with an employee number."""
    return {
        "id": f"e-{number}", "accountEnabled": True, "userType": "Member", "employeeId": f"S{number}",
        "displayName": "Pryce, Awen", "givenName": "Awen", "surname": "Pryce", "mail": f"Awen.{number}@coastal.example",
        "userPrincipalName": f"awen{number}@coastal.example", "onPremisesSamAccountName": f"apryce{number}",
        "department": "Tide Tables", "employeeOrgData": {"division": "Science", "costCenter": None}, "officeLocation": "Cardiff",
        **changes,
    }  # fmt: skip


def body(*accounts: Any, more: str = "") -> bytes:
    """A page of Graph."""
    return answer({"value": list(accounts), **({"@odata.nextLink": more} if more else {})})


def pull(script: Script, **settings: Any) -> list[Page]:
    return list(EntraUsers(graph_url=f"{script.url}/v1.0", token="t", **settings).people(None))


def only(row: Any, **settings: Any) -> Any:
    """What becomes of one account beside another that is in order."""
    with serving(body(row, account(99))) as script:
        [page] = pull(script, **settings)
    return page.records[0]


def test_the_sample_is_two_members_of_staff_a_room_and_a_guest() -> None:
    with serving(answer(raw=(FOLDER / "samples" / "users.json").read_bytes())) as script:
        [page] = pull(script)
    assert [record.staff_id if isinstance(record, Person) else record for record in page.records] == [
        "S001", "S004", Excluded("account that is not enabled"), Excluded("guest"),
    ]  # fmt: skip


def test_one_request_asks_for_what_is_read_and_no_more() -> None:
    with serving(body(account(1))) as script:
        pull(script, team="companyName", directorate="department", location="", grade="")
        asked = urlsplit(script.paths()[0])
    query = {name: values[0] for name, values in parse_qs(asked.query).items()}
    assert asked.path == "/v1.0/users"
    assert query.pop("$select").split(",") == [
        "id", "accountEnabled", "userType", "employeeId", "displayName", "givenName", "surname", "mail", "userPrincipalName",
        "onPremisesSamAccountName", "companyName", "department",
    ]  # fmt: skip
    assert query == {"$expand": "manager($select=id)", "$top": "999"}


def test_pages_are_followed_however_short_they_are() -> None:
    with serving() as script:
        script.play(
            body(account(1), more=f"{script.url}/v1.0/users?$skiptoken=a"), body(more="/users?$skiptoken=b"), body(account(2))
        )
        [page] = pull(script)
        assert [record.entra for record in page.records if isinstance(record, Person)] == ["e-1", "e-2"]
        assert script.paths()[1:] == ["/v1.0/users?$skiptoken=a", "/v1.0/users?$skiptoken=b"]


def test_an_account_becomes_a_person() -> None:
    found = only(account(1, manager={"@odata.type": "#microsoft.graph.user", "id": "e-7"}))
    assert found.model_dump() == {
        "entra": "e-1", "staff_id": "S1", "email": "Awen.1@coastal.example", "upn": "awen1@coastal.example", "login": "apryce1",
        "mbox_sha1": hashlib.sha1(b"mailto:awen.1@coastal.example", usedforsecurity=False).hexdigest(),
        "name_tokens": ["pryce", "awen"], "team": "Tide Tables", "directorate": "Science", "grade": None, "location": "Cardiff",
        "manager": "e-7",
    }  # fmt: skip


def test_both_addresses_are_in_the_namespace_that_other_sources_use() -> None:
    [stream] = EntraUsers.streams()
    assert stream.persons() == {
        "entra": "entra", "staff_id": "staff", "email": "email", "upn": "email", "login": "login", "mbox_sha1": "mbox_sha1",
        "name_tokens": "name", "manager": "entra",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"userType": "Guest", "accountEnabled": False}, "guest"), ({"userType": "guest"}, "guest"),
        ({"accountEnabled": False}, "account that is not enabled"), ({"employeeId": None}, NO_NUMBER),
        ({"employeeId": "  "}, NO_NUMBER),
    ],
)  # fmt: skip
def test_guests_leavers_and_rooms_are_left_out_by_name(changes: dict[str, Any], rule: str) -> None:
    assert only(account(1, **changes)) == Excluded(rule)


def test_without_employee_numbers_the_object_id_is_the_staff_number() -> None:
    found = only(account(1, employeeId=None), only_employees=False)
    assert isinstance(found, Person)
    assert found.staff_id == "e-1"


def test_a_tenant_in_which_nobody_has_a_number_is_not_an_empty_roster() -> None:
    nobody = body(account(1, employeeId=None), account(2, userType="Guest"))
    with serving(nobody) as script, pytest.raises(Fatal, match="only_employees"):
        pull(script)
    with serving(body()) as script:
        assert [list(page.records) for page in pull(script)] == [[]]


def test_a_type_that_is_not_said_is_a_member_and_a_missing_mail_leaves_the_principal_name() -> None:
    found = only(account(1, userType=None, mail=None, onPremisesSamAccountName=None, employeeOrgData=None, department=" "))
    assert isinstance(found, Person)
    assert (found.email, found.login, found.team, found.directorate) == (None, None, None, None)
    assert found.mbox_sha1 == hashlib.sha1(b"mailto:awen1@coastal.example", usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("name", ["id", "accountEnabled", "userType", "employeeId"])
def test_what_decides_who_counts_must_be_told(name: str) -> None:
    row = account(1)
    del row[name]
    assert only(row) == Rejected(f"missing at {name}", "page 1, 0")


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 5}, {"id": None}, {"id": ""}, {"accountEnabled": "true"}, {"accountEnabled": None}, {"userType": 1},
        {"employeeId": 1001}, {"mail": ["a"]}, {"displayName": {}}, {"onPremisesSamAccountName": 5}, {"department": 5},
        {"employeeOrgData": {"division": ["x"]}}, {"manager": {"id": 5}},
    ],
)  # fmt: skip
def test_an_account_of_another_shape_is_rejected(changes: dict[str, Any]) -> None:
    found = only(account(1, **changes))
    assert isinstance(found, Rejected)
    assert found.location == "page 1, 0"


@pytest.mark.parametrize("row", [None, "x", 5, []])
def test_what_is_no_account_is_rejected(row: Any) -> None:
    assert isinstance(only(row), Rejected)


@pytest.mark.parametrize("path", ["department,mail", "manager($select=id)", "a.b.c", "a b"])
def test_a_property_that_would_ask_for_more_is_no_setting(path: str) -> None:
    with pytest.raises(ValidationError, match="team"):
        EntraUsers(token="t", team=path)


def test_extension_attributes_may_hold_the_team() -> None:
    found = only(
        account(1, onPremisesExtensionAttributes={"extensionAttribute3": "Moorings"}),
        team="onPremisesExtensionAttributes.extensionAttribute3",
    )
    assert isinstance(found, Person)
    assert found.team == "Moorings"


# ------------------------------------------------------------------------------------------------------------- halves
COLUMNS = """entra blob, staff_id blob, email blob, upn blob, login blob, mbox_sha1 blob, team varchar, directorate varchar,
    grade varchar, location varchar, valid_from date, valid_to date"""


def half(name: str, *rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What the half makes of people in landing; columns that are not given are empty."""
    given = {"entra": b"i", "staff_id": b"s", "valid_from": "2026-01-12", "valid_to": "9999-12-31"}
    with duckdb.connect() as con:
        con.execute(f"create schema landing; create table landing.entra_users_people ({COLUMNS})")
        for row in rows:
            full = given | row
            marks = ", ".join("?" for _ in full)
            con.execute(f"insert into landing.entra_users_people ({', '.join(full)}) values ({marks})", list(full.values()))
        return sorted(con.execute((FOLDER / f"{name}.sql").read_text()).fetchall())


def test_of_two_accounts_of_one_person_the_one_with_a_team_counts_and_both_lead_to_the_person() -> None:
    accounts = ({"entra": b"admin", "upn": b"u2"}, {"entra": b"own", "upn": b"u", "team": "Moorings"})
    [row] = half("people", *accounts)
    assert row[:2] == (b"s", "Moorings")
    assert half("aliases", *accounts) == [(name, b"s") for name in (b"admin", b"own", b"u", b"u2")]


def test_a_mail_address_that_was_another_persons_principal_name_leads_to_neither() -> None:
    rows = half("aliases", {"email": b"e"}, {"entra": b"i2", "staff_id": b"s2", "upn": b"e"})
    assert rows == [(b"i", b"s"), (b"i2", b"s2")]


def test_whoever_gets_an_employee_number_later_stays_the_same_person() -> None:
    rows = half("aliases", {"staff_id": b"i-as-staff", "email": b"e"}, {"staff_id": b"s", "email": b"e"})
    assert rows == [(b"e", b"i-as-staff"), (b"i", b"i-as-staff"), (b"i", b"s")]
