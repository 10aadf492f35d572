"""Which teams and channels may be read: by Microsoft Graph's lists, by the lists of an export, or at the operator's word.

Belongs here: the rules on teams and channels, and the format of both kinds of lists. Does not: messages (records.py), or
asking for a list (connector.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.connector import SENSITIVE, Fatal, names_with

PRIVATE_TEAM, PRIVATE_CHANNEL, SHARED_CHANNEL = "private team", "private channel", "shared channel"

# How Graph and an export name the same of a team and of a channel: id, name, who may see it.
TEAM = (("id", "GroupsId"), ("displayName", "Name"), ("visibility", "Privacy"))
CHANNEL = (("id", "Id"), ("displayName", "DisplayName"), ("membershipType", "MembershipType"))
Names = tuple[tuple[str, str], ...]


class Places:
    """The rules by which a team or channel is not read, and the teams and channels that were learnt so far."""

    def __init__(self, words: Iterable[str], *, named: Iterable[str], private_teams: bool) -> None:
        self._sensitive = names_with(words)
        self._named, self._private_teams = frozenset(named), private_teams
        self.teams: dict[str, str | None] = {}
        self.channels: dict[str, str | None] = {}

    def learn_teams(self, rows: Iterable[Any], where: str) -> list[str]:
        """Take in a list of teams; gives their ids. Raises Fatal where one lacks its id, name or visibility."""
        found = [_three(row, TEAM, where) for row in rows]
        for key, name, visibility in found:
            private = visibility.lower() != "public" and not self._private_teams
            self.teams[key] = PRIVATE_TEAM if private else self._by_name(name)
        return [key for key, _, _ in found]

    def learn_channels(self, rows: Iterable[Any], where: str) -> list[str]:
        """Take in a list of channels; gives their ids. Raises Fatal where one lacks its id, name or membership."""
        found = [_three(row, CHANNEL, where) for row in rows]
        for key, name, membership in found:
            standard, private = membership.lower() == "standard", membership.lower() == "private"
            closed = None if standard else PRIVATE_CHANNEL if private else SHARED_CHANNEL
            self.channels[key] = closed or self._by_name(name)
        return [key for key, _, _ in found]

    def rule(self, team: str, channel: str) -> str | None:
        """Why this channel is not read, or None. What no list tells is private, unless the settings name its team."""
        unknown = team not in self._named
        return self.teams.get(team, PRIVATE_TEAM if unknown else None) or self.channels.get(
            channel, PRIVATE_CHANNEL if unknown else None
        )

    def _by_name(self, name: str) -> str | None:
        return SENSITIVE if self._sensitive(name) else None

    def __repr__(self) -> str:
        """All that decides; files that were read under other rules are read again."""
        return repr((sorted(self.teams.items()), sorted(self.channels.items()), sorted(self._named)))


def _three(row: Any, names: Names, where: str) -> tuple[str, str, str]:
    """Id, name and who may see it; a name or visibility that is null is empty text, and so private."""
    found = []
    for either in names:
        name = next((n for n in either if isinstance(row, Mapping) and n in row), None)
        value = row[name] if name else None
        if name is None or not isinstance(value, str | None) or (either is names[0] and not value):
            raise Fatal(f"{where}: an entry has no {either[0]} as text: its format has changed, nothing there is read")
        found.append(value or "")
    return found[0], found[1], found[2]
