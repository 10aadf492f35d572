"""A SCIM 2.0 service in miniature, after the full user representation of RFC 7643 section 8 and a recorded server.

Belongs here: what such a service answers. Does not: what is made of it (connector.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from pipeline.testing import Answer, Asked, JsonList, Place, Sample

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
MOST = 6  # users a page, whatever is asked for

STAFF = [  # given name, family name, team, directorate, number of the manager
    ("Awen", "Pryce", "Harbour Services", "Operations", 3),
    ("Bran", "Oduya-Reese", "Harbour Services", "Operations", 0),
    ("Cerys", "O'Lund", "Tide Tables", "Science", 3),
    ("Zoë", "Tranmere", "Director's Office", "Operations", None),
    ("Dewi", "Okoro", "Tide Tables", "Science", 2),
    ("Efa", "Lindqvist", "Tide Tables", "Science", 2),
    ("Ffion", "Marchetti", "Buoys and Lights", "Operations", 0),
    ("Gethin", "Achterberg", "Buoys and Lights", "Operations", 6),
    ("Hedd", "Nakashima", "Buoys and Lights", "Operations", 6),
    ("Ioan", "Villanueva", "Moorings", "Operations", 6),
    ("Jasmina", "Brathwaite", "Moorings", "Operations", 9),
    ("Kai", "Szymanski", "Chart Room", "Science", 2),
    ("Lleucu", "Demetriou", "Chart Room", "Science", 11),
]


class Service(Sample):
    """Thirteen members of staff and two accounts that are switched off, six users a page."""

    streams: ClassVar = {"people": 13}
    bodies: ClassVar = {
        r"/Users$": JsonList(
            at="Resources",
            required=("id",),
            retyped={
                "id": 7,
                "active": "perhaps",
                "userName": ["a", "b"],
                "emails": "none",
                "name": "Somebody",
                "displayName": 12,
                ENTERPRISE: "none",
            },
        )
    }
    people = (
        *(f"{given} {family}" for given, family, *_ in STAFF),
        *(f"{given.lower()}.{number}@coastal.example" for number, (given, *_) in enumerate(STAFF)),
        *(f"C0{number:04d}" for number in range(13)),
        "2819c223-7f76-453a-919d-413861904600",
    )
    private = ("quartermaine", "Lamplighters")
    exempt: ClassVar = {
        "days_of_23_and_25_hours": "a list of users has no times of its own: somebody is in tonight's list or is not",
    }

    def __init__(self) -> None:
        self.users = [self._user(number, *facts) for number, facts in enumerate(STAFF)]
        for number in (13, 14):
            gone = self._user(number, "Morwen", "Quartermaine", "Lamplighters", "Operations", 0)
            self.users.insert(number // 2, {**gone, "active": False})

    def settings(self, place: Place) -> dict[str, Any]:
        """As an operator would write them for this service."""
        return {"url": f"{place.url}/scim/v2/", "token": place.token, "location": "addresses.locality", "grade": "title"}

    def answer(self, asked: Asked) -> Answer:
        """A page of the list, by index from 1."""
        if asked.path != "/scim/v2/Users":
            return Answer({"schemas": [ERROR], "status": "404", "detail": "no such endpoint"}, 404)
        listed = sorted(self.users, key=lambda user: str(user["id"])) if asked.query.get("sortBy") == "id" else self.users
        start = max(1, int(asked.query.get("startIndex", "1")))
        page = listed[start - 1 :][: min(MOST, int(asked.query.get("count", "100")))]
        body = {
            "schemas": [LIST], "totalResults": len(listed), "itemsPerPage": len(page), "startIndex": start, "Resources": page,
        }  # fmt: skip
        return Answer(body, headers={"Content-Type": "application/scim+json"})

    def add(self, at: datetime) -> None:
        """Somebody joins."""
        user = self._user(len(self.users), "Nia", "Fairweather", "Moorings", "Operations", 9)
        user["meta"]["created"] = user["meta"]["lastModified"] = at.isoformat().replace("+00:00", "Z")
        self.users.append(user)

    def edit(self) -> None:
        """Somebody moves to another team, under another manager."""
        user = next(user for user in self.users if user["displayName"] == "Ioan Villanueva")
        user[ENTERPRISE].update(department="Tide Tables", division="Science", manager={"value": self._id(2)})
        user["meta"].update(lastModified="2026-06-29T16:04:00Z", version='W/"2"')

    def delete(self) -> None:
        """Somebody's account is deleted: it is in no list any more."""
        self.users = [user for user in self.users if user["displayName"] != "Kai Szymanski"]

    def _id(self, number: int) -> str:
        return f"2819c223-7f76-453a-919d-4138619046{(number * 37) % 100:02d}"

    def _user(self, number: int, given: str, family: str, team: str, directorate: str, manager: int | None) -> dict[str, Any]:
        address = f"{given.lower()}.{number}@coastal.example"
        enterprise: dict[str, Any] = {
            "employeeNumber": f"C0{number:04d}", "costCenter": "4130", "organization": "Coastal Data Service",
            "division": directorate, "department": team,
        }  # fmt: skip
        if manager is not None:
            enterprise["manager"] = {"value": self._id(manager), "$ref": f"../Users/{self._id(manager)}"}
        return {
            "schemas": [CORE, ENTERPRISE],
            "id": self._id(number),
            "externalId": f"hr-{number}",
            "meta": {
                "resourceType": "User", "created": "2026-01-12T09:00:00Z", "lastModified": "2026-03-02T11:30:00Z",
                "location": f"https://id.coastal.example/scim/v2/Users/{self._id(number)}", "version": 'W/"1"',
            },
            "userName": address,
            "name": {"formatted": f"{given} {family}", "familyName": family, "givenName": given},
            "displayName": f"{given} {family}",
            "title": "HEO",
            "userType": "Employee",
            "preferredLanguage": "cy-GB",
            "active": True,
            "emails": [
                {"value": f"{given.lower()}{number}@home.example", "type": "home"},
                {"value": address, "type": "work", "primary": True},
            ],
            "phoneNumbers": [{"value": "tel:+44-29-2000-0000", "type": "work"}],
            "addresses": [{"type": "work", "locality": "Cardiff", "country": "GB", "primary": True}],
            "groups": [{"value": "e9e30dba-f08f-4109-8486-d5c6a331660a", "display": "All staff"}],
            ENTERPRISE: enterprise,
        }  # fmt: skip
