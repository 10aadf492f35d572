"""SCIM 2.0: a list that is read whole or not at all, and attributes where each service keeps them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pydantic import ValidationError

from pipeline.connector import Deferred, Excluded, Fatal, Page, Rejected, Retry
from plugins.scim.connector import Scim
from plugins.scim.users import ENTERPRISE, Paths, Person, user_in, value_at
from tests.loopback import Script, answer, serving

FOLDER = Path(__file__).parents[2] / "plugins" / "scim"
PATHS = Paths("employeeNumber", "department", "division", "", "")


def user(number: int, **changes: Any) -> dict[str, Any]:
    """An active user with a number, a team and an address."""
    return {
        "id": f"id-{number}", "userName": f"person{number}@coastal.example", "active": True,
        "name": {"givenName": "Awen", "familyName": "Pryce"},
        "emails": [{"value": f"person{number}@coastal.example", "primary": True}],
        ENTERPRISE: {"employeeNumber": f"S{number}", "department": "Tide Tables", "division": "Science"},
        **changes,
    }  # fmt: skip


def listed(*numbers: int, total: int) -> bytes:
    """A page with these users."""
    return answer({"totalResults": total, "itemsPerPage": len(numbers), "startIndex": 1, "Resources": [user(n) for n in numbers]})


def pull(script: Script, **settings: Any) -> list[Page]:
    return list(Scim(url=f"{script.url}/scim/v2", token="t", **settings).people(None))


def ids(pages: Iterator[Page] | list[Page]) -> list[str]:
    return [record.scim for page in pages for record in page.records if isinstance(record, Person)]


def person(**changes: Any) -> Person:
    found = user_in(user(1, **changes), PATHS, "user 1")
    assert isinstance(found, Person), found
    return found


# ----------------------------------------------------------------------------------------------------------- the list
def test_the_sample_is_two_members_of_staff_and_a_leaver() -> None:
    with serving(answer(raw=(FOLDER / "samples" / "users.json").read_bytes())) as script:
        [page] = pull(script)
    assert [(r.staff_id, r.email, r.login) if isinstance(r, Person) else r for r in page.records] == [
        ("S001", "awen.pryce@coastal.example", "awen.pryce"),
        ("99f1b7bf301047f680b66ab0e17b6bcf", "zoe.tran@coastal.example", "ztran"),
        Excluded("account that is not active"),
    ]


def test_pages_are_counted_from_one_and_follow_what_came_not_what_was_asked_for() -> None:
    with serving(listed(1, 2, total=5), listed(3, 4, total=5), listed(5, total=5)) as script:
        assert ids(pull(script, page_size=3)) == ["id-1", "id-2", "id-3", "id-4", "id-5"]
        asked = [path.partition("?")[2] for path in script.paths()]
    assert asked == [f"startIndex={start}&count=3&sortBy=id" for start in (1, 3, 5)]


def test_a_total_that_says_too_few_does_not_end_a_list_of_full_pages() -> None:
    with serving(listed(1, 2, total=2), listed(3, 4, total=2), listed(5, total=2)) as script:
        assert len(ids(pull(script, page_size=2))) == 5


def test_an_empty_last_page_ends_the_list() -> None:
    with serving(listed(1, 2, total=2), answer({"totalResults": 2})) as script:
        assert len(ids(pull(script, page_size=2))) == 2
        assert len(script.requests) == 2


def test_a_service_without_anybody_is_read_and_empty() -> None:
    with serving(answer({"totalResults": 0, "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]})) as script:
        assert [list(page.records) for page in pull(script)] == [[]]


def test_a_list_that_moved_while_it_was_read_is_read_again() -> None:
    moved = (listed(1, 2, total=4), listed(4, total=3))  # 1 was deleted between the pages, and 3 slipped to the first
    still = (listed(2, 3, total=3), listed(4, total=3))
    with serving(*moved, *still) as script:
        assert ids(pull(script, page_size=2)) == ["id-2", "id-3", "id-4"]


def test_a_list_that_never_holds_still_lands_nothing() -> None:
    steps = [listed(*(number + n for n in (1, 2)), total=9 + number) for number in range(40)]
    with serving(*steps) as script, pytest.raises(Retry, match="moved"):
        pull(script, page_size=2)


def test_fewer_users_than_the_total_are_not_a_list_of_leavers() -> None:
    steps = [listed(1, 2, total=5), answer({"totalResults": 5, "Resources": []})] * 3
    with serving(*steps) as script, pytest.raises(Retry, match="totalResults"):
        pull(script, page_size=2)


def test_a_user_who_comes_twice_fills_no_place() -> None:
    with serving(listed(1, 2, total=4), listed(2, 3, total=4), listed(4, total=4)) as script:
        assert sorted(set(ids(pull(script, page_size=2)))) == ["id-1", "id-2", "id-3", "id-4"]
        assert [path.partition("&")[0][-1] for path in script.paths()] == ["1", "3", "4"]


def test_a_server_that_does_not_turn_pages_is_no_endless_list() -> None:
    with serving(listed(1, 2, total=9)) as script:
        with pytest.raises((Fatal, Retry)):
            pull(script, page_size=2)
        assert len(script.requests) < 8


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "429"}, Deferred),
        ({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "503"}, Retry),
        ({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": 401, "detail": "awen"}, Fatal),
        ({"Resources": [], "totalResults": "many"}, Fatal), ({"Resources": {}, "totalResults": 1}, Fatal), ([], Fatal),
        (None, Fatal),
    ],
)  # fmt: skip
def test_what_is_no_list_is_an_error_by_its_meaning(body: Any, error: type[Exception]) -> None:
    with serving(answer(body)) as script, pytest.raises(error) as raised:
        pull(script)
    assert "awen" not in str(raised.value)


def test_a_server_that_cannot_sort_is_told_of_with_the_setting() -> None:
    with serving(answer({"detail": "no"}, 400)) as script, pytest.raises(Fatal, match="sort_by"):
        pull(script)
    with serving(listed(1, total=1)) as script:
        pull(script, sort_by="", only='userType eq "Employee"')
        assert script.paths() == ["/scim/v2/Users?startIndex=1&count=100&filter=userType+eq+%22Employee%22"]


def test_a_path_that_could_be_an_address_is_no_setting() -> None:
    with pytest.raises(ValidationError, match="team"):
        Scim(url="http://127.0.0.1", token="t", team="department&filter=x")


# -------------------------------------------------------------------------------------------------------------- users
def test_a_user_becomes_a_person() -> None:
    found = person(displayName="Siân Pryce", **{ENTERPRISE: {"employeeNumber": "S1", "manager": {"value": "id-9"}}})
    assert found.model_dump() == {
        "scim": "id-1", "staff_id": "S1", "email": "person1@coastal.example", "login": "person1",
        "mbox_sha1": hashlib.sha1(b"mailto:person1@coastal.example", usedforsecurity=False).hexdigest(),
        "name_tokens": ["awen", "pryce", "siân", "sian"], "team": None, "directorate": None, "grade": None, "location": None,
        "manager": "id-9",
    }  # fmt: skip


@pytest.mark.parametrize("active", [False, "false", "False"])
def test_a_deactivated_account_is_a_leaver(active: Any) -> None:
    assert user_in(user(1, active=active), PATHS, "") == Excluded("account that is not active")


@pytest.mark.parametrize("active", [True, "True", None])
def test_an_account_that_is_active_or_does_not_say_is_staff(active: Any) -> None:
    assert isinstance(user_in(user(1, active=active), PATHS, ""), Person)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None}, {"id": ""}, {"id": 7}, {"active": "perhaps"}, {"active": 1}, {"name": "Awen"}, {"name": {"givenName": 5}},
        {"emails": "a@b"}, {"emails": [{"value": 5}]}, {"userName": 5}, {ENTERPRISE: "none"}, {ENTERPRISE: {"department": 5}},
        {ENTERPRISE: {"employeeNumber": 5}}, {"displayName": ["x"]},
    ],
)  # fmt: skip
def test_a_user_of_another_shape_is_rejected_with_the_place(changes: dict[str, Any]) -> None:
    found = user_in(user(1, **changes), PATHS, "user 1")
    assert isinstance(found, Rejected)
    assert found.location == "user 1"


@pytest.mark.parametrize("row", [None, "x", 5, [], {}])
def test_what_is_no_user_is_rejected(row: Any) -> None:
    assert isinstance(user_in(row, PATHS, "user 1"), Rejected)


def test_the_address_is_the_primary_one_else_of_work_else_the_first_else_the_user_name() -> None:
    home, work, main = ({"value": v, "type": t} for v, t in (("h@x", "home"), ("w@x", "work"), ("m@x", "other")))
    assert person(emails=[home, work, {**main, "primary": True}]).email == "m@x"
    assert person(emails=[home, work]).email == "w@x"
    assert person(emails=[home, {"display": "none"}]).email == "h@x"
    assert person(emails=[]).email == "person1@coastal.example"
    assert person(emails=None, userName="awen").email is None


def test_who_has_no_staff_number_is_known_by_the_id() -> None:
    assert person(**{ENTERPRISE: {}}).staff_id == "id-1"
    assert person(**{ENTERPRISE: {"employeeNumber": "  "}}).staff_id == "id-1"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("title", "HEO"), ("TITLE", "HEO"), ("addresses.locality", "Cardiff"), ("name.formatted", "Awen Pryce"),
        ("department", "Tide Tables"), (f"{ENTERPRISE}:department", "Tide Tables"), ("profession", "Hydrographer"),
        ("urn:example:coastal:1.0:User:team.name", "Buoys"), ("nothing.at.all", None), ("", None),
        ("urn:nobody:has:this", None), ("manager", "id-2"), ("manager.displayName", "Zoë"),
    ],
)  # fmt: skip
def test_paths_lead_into_the_user_the_enterprise_extension_and_any_other(path: str, value: str | None) -> None:
    row = {
        "title": " HEO ", "name": {"formatted": "Awen Pryce"},
        "addresses": [{"type": "home", "locality": "Barry"}, {"type": "work", "locality": "Cardiff"}],
        ENTERPRISE.upper(): {"Department": "Tide Tables", "manager": {"value": "id-2", "displayName": "Zoë"}},
        "urn:example:coastal:1.0:User": {"profession": "Hydrographer", "team": {"name": "Buoys"}, "department": "not this"},
    }  # fmt: skip
    assert value_at(row, path) == value


# ------------------------------------------------------------------------------------------------------------- halves
COLUMNS = """scim blob, staff_id blob, email blob, login blob, mbox_sha1 blob, team varchar, directorate varchar,
    grade varchar, location varchar, valid_from date, valid_to date"""


def half(name: str, *rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What the half makes of people in landing; columns that are not given are empty."""
    given = {"scim": b"i", "staff_id": b"s", "valid_from": "2026-01-12", "valid_to": "9999-12-31"}
    with duckdb.connect() as con:
        con.execute(f"create schema landing; create table landing.scim_people ({COLUMNS})")
        for row in rows:
            full = given | row
            marks = ", ".join("?" for _ in full)
            con.execute(f"insert into landing.scim_people ({', '.join(full)}) values ({marks})", list(full.values()))
        return sorted(con.execute((FOLDER / f"{name}.sql").read_text()).fetchall())


def test_of_two_accounts_of_one_person_the_one_with_a_team_counts() -> None:
    [row] = half("people", {"scim": b"a"}, {"scim": b"b", "team": "Moorings"})
    assert row[:2] == (b"s", "Moorings")


def test_a_name_that_two_people_had_leads_to_neither() -> None:
    rows = half("aliases", {"email": b"e", "login": b"l"}, {"scim": b"i2", "staff_id": b"s2", "email": b"e", "login": b"l2"})
    assert rows == [(b"i", b"s"), (b"i2", b"s2"), (b"l", b"s"), (b"l2", b"s2")]


def test_whoever_gets_a_staff_number_later_stays_the_same_person() -> None:
    rows = half("aliases", {"staff_id": b"i-as-staff", "email": b"e"}, {"staff_id": b"s", "email": b"e"})
    assert rows == [(b"e", b"i-as-staff"), (b"i", b"i-as-staff"), (b"i", b"s")]


def test_whoever_gets_a_new_account_stays_the_same_person() -> None:
    assert half("aliases", {"email": b"e"}, {"scim": b"i2", "email": b"e"}) == [(b"e", b"s"), (b"i", b"s"), (b"i2", b"s")]
