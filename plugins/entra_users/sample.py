"""The accounts of a tenant in miniature, after the documented answer of Graph's GET /users.

Belongs here: what Graph answers. Does not: what is made of it (connector.py).
Source of the payloads: learn.microsoft.com/graph/api/user-list, /graph/api/resources/user.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from pipeline.testing import Answer, Asked, JsonList, Place, Sample

MOST = 6  # accounts a page: with managers Graph gives fewer than it is asked for

STAFF = [  # given name, surname, team, directorate, number of the manager
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
    ("Jasmina", "Brathwaite", "Moorings", None, 9),
    ("Kai", "Szymanski", "Chart Room", "Science", 2),
    ("Lleucu", "Demetriou", None, "Science", 11),
]


class Tenant(Sample):
    """Thirteen members of staff, a guest, a leaver whose account is disabled, and a meeting room; six accounts a page."""

    streams: ClassVar = {"people": 13}
    bodies: ClassVar = {
        r"/users$": JsonList(
            at="value",
            required=("id", "accountEnabled", "userType", "employeeId"),
            retyped={
                "id": 7,
                "accountEnabled": "true",
                "userType": 1,
                "employeeId": 1001,
                "mail": ["a", "b"],
                "displayName": {"text": "Somebody"},
                "department": 12,
                "employeeOrgData.division": 4,
            },
        )
    }
    people = (
        *(f"{given} {surname}" for given, surname, *_ in STAFF),
        *(f"{given}.{number}@coastal.example" for number, (given, *_) in enumerate(STAFF)),
        *(f"E-{number:04d}" for number in range(13)),
        "48d31887-5fad-4d73-a9f5-3c356e680007",
    )
    private = ("Quartermaine", "Gwesteion", "Chandlery")
    exempt: ClassVar = {
        "days_of_23_and_25_hours": "a list of accounts has no times of its own: somebody is in tonight's list or is not",
    }

    def __init__(self) -> None:
        self.users = [self._user(number, *facts) for number, facts in enumerate(STAFF)]
        guest = self._user(20, "Ivo", "Gwesteion", None, None, None)
        guest["userPrincipalName"] = "ivo_gwesteion.example#EXT#@coastal.onmicrosoft.example"
        room = self._user(21, "", "", None, None, None)
        self.users.insert(2, {**guest, "userType": "Guest", "employeeId": None})
        self.users.insert(7, {**self._user(22, "Morwen", "Quartermaine", "Moorings", "Operations", 9), "accountEnabled": False})
        self.users.insert(9, {**room, "displayName": "Chandlery Room 2", "givenName": None, "surname": None, "employeeId": None})

    def settings(self, place: Place) -> dict[str, Any]:
        """As an operator would write them for this tenant."""
        return {"graph_url": f"{place.url}/v1.0", "token": place.token, "grade": "jobTitle"}

    def answer(self, asked: Asked) -> Answer:
        """A page of the collection; the link to the next is opaque to whoever follows it."""
        if asked.path != "/v1.0/users":
            return Answer({"error": {"code": "ResourceNotFound", "message": "Resource not found for the segment."}}, 404)
        start = int(asked.query.get("$skiptoken", "X'0'")[2:-1])
        page = self.users[start : start + min(MOST, int(asked.query.get("$top", "100")))]
        body: dict[str, Any] = {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users(id,manager())", "value": page}
        if start + len(page) < len(self.users):
            token = f"X'{start + len(page)}'"
            body["@odata.nextLink"] = f"http://{asked.headers['host']}/v1.0/users?$top=999&$skiptoken={token}"
        return Answer(body)

    def add(self, at: datetime) -> None:
        """Somebody joins."""
        self.users.append(self._user(len(self.users) + 20, "Nia", "Fairweather", "Moorings", "Operations", 9))

    def edit(self) -> None:
        """Somebody moves to another team, under another manager."""
        user = next(user for user in self.users if user["surname"] == "Villanueva")
        user.update(department="Tide Tables", employeeOrgData={"division": "Science", "costCenter": "4130"})
        user["manager"]["id"] = self._id(2)

    def delete(self) -> None:
        """Somebody's account is deleted: it is in no list any more."""
        self.users = [user for user in self.users if user["surname"] != "Szymanski"]

    def _id(self, number: int) -> str:
        return f"48d31887-5fad-4d73-a9f5-3c356e68{number * 7:04d}"

    def _user(
        self, number: int, given: str, surname: str, team: str | None, directorate: str | None, manager: int | None
    ) -> dict[str, Any]:
        user: dict[str, Any] = {
            "id": self._id(number),
            "accountEnabled": True,
            "userType": "Member",
            "employeeId": f"E-{number:04d}",
            "displayName": f"{surname}, {given}",
            "givenName": given,
            "surname": surname,
            "mail": f"{given}.{number}@coastal.example",
            "userPrincipalName": f"{given}.{number}@coastal.example",
            "onPremisesSamAccountName": f"{given.lower()}{number}",
            "department": team,
            "employeeOrgData": {"division": directorate, "costCenter": "4130"} if directorate else None,
            "officeLocation": "Cardiff" if number % 2 else None,
            "jobTitle": "HEO",
        }
        if manager is not None:
            user["manager"] = {"@odata.type": "#microsoft.graph.user", "id": self._id(manager)}
        return user
