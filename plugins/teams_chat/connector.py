"""Channels of Microsoft Teams: what staff write where everybody may read it, from Graph and from exports.

Belongs here: settings, Graph's lists and pages, and where the last night ended. Does not: which channels are read
(places.py), the files of an export (export.py), or a single message (records.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

from pipeline.connector import (
    SENSITIVE_WORDS,
    Connector,
    Cursor,
    Excluded,
    Fatal,
    Field,
    Glob,
    Graph,
    Http,
    Iterator,
    MicrosoftSettings,
    Page,
    stream,
)

from .export import Export
from .places import Places
from .records import Message, message_in

TEAMS = {
    "$filter": "resourceProvisioningOptions/Any(x:x eq 'Team')", "$select": "id,displayName,visibility", "$top": 999,
}  # fmt: skip
MESSAGES = {"$top": 50, "$expand": "replies"}  # Graph gives no more messages a page
REPLIES = 1000  # Graph gives no more with their message, and may forget to say that there are
FORGOTTEN = (400, 404, 410)  # what becomes of a link of Graph's that is too old
UNSEEN = (403, 404, 410)


@dataclass
class Position:
    """Where the last night ended: a link for each channel, newest last, and which files were read under which rules."""

    links: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, cursor: Cursor) -> Position:
        """The position that `cursor` tells."""
        state = cast("dict[str, Any]", cursor) if isinstance(cursor, dict) else {}
        return cls(dict(state.get("channels", {})), list(state.get("files", [])))

    def cursor(self) -> Cursor:
        """What the engine is to keep."""
        return cast(Cursor, {"channels": dict(self.links), "files": list(self.files)})


class TeamsChat(MicrosoftSettings, Connector):
    """Messages of channels, read from Microsoft Graph where tenant or token are set, and from files of an export."""

    name, channel = "teams_chat", "chat"

    teams: list[str] = Field(default_factory=list, description="ids of the teams to read; all of the tenant if none is named")
    private_teams: bool = Field(default=False, description="also read teams that only their members may join")
    exclude_names: list[str] = Field(
        default=list(SENSITIVE_WORDS), description="words in names of teams and channels that are not to be read"
    )
    files: Glob = Field(default="", description='messages of an export, e.g. "export/teams/*/messages_*.json"')
    export_teams: Glob = Field(default="", description="the export's list of teams, teamsList.json: it tells which are public")
    export_channels: Glob = Field(
        default="", description="the export's lists of channels, channels_*.json: they tell which are private"
    )

    @stream(
        Message, kind="keyed", key=("team", "channel", "id"), version="modified_at", tombstone="gone", cursor="opaque",
        day="said_at",
    )  # fmt: skip
    def messages(self, since: Cursor) -> Iterator[Page]:
        """Messages and replies of standard channels of public teams, with who is mentioned and who reacts."""
        signed_in = bool(self.token or self.tenant)
        if not signed_in and not self.files:
            raise Fatal("nothing to read: set tenant, client_id and client_secret for Graph, or files for an export")
        position, faults = Position.of(since), list[str]()
        if self.files:
            yield from self._exported(position, faults)
        if signed_in:
            yield from self._listed(position, faults)
        if faults:
            raise Fatal(f"{'; '.join(faults)}; everything else has landed")

    def _places(self) -> Places:
        return Places(self.exclude_names, named=self.teams, private_teams=self.private_teams)

    # -------------------------------------------------------------------------------------------------------- export
    def _exported(self, position: Position, faults: list[str]) -> Iterator[Page]:
        """Every file that was not read yet under the rules that hold now."""
        try:
            export = Export(
                self._places(), messages=self.files, teams=self.export_teams, channels=self.export_channels
            )  # fmt: skip
        except Fatal as error:
            faults.append(str(error))
            return
        here: list[str] = []
        for file in export.files:
            try:
                here.append(mark := export.mark(file))
                if mark in position.files:
                    continue
                messages = list(export.messages(file))
            except Fatal as error:
                faults.append(str(error))
                continue
            position.files.append(mark)
            yield Page(messages, cursor=position.cursor())
        if not faults:  # of files that are gone nothing needs to be kept
            position.files = list(dict.fromkeys(here))
            yield Page([], cursor=position.cursor())

    # --------------------------------------------------------------------------------------------------------- Graph
    def _listed(self, position: Position, faults: list[str]) -> Iterator[Page]:
        """Every channel that may be read, each from its own link on; the one that was read longest ago comes first."""
        graph, places, unseen, excluded = self.graph(), self._places(), list[str](), list[Excluded]()
        due: list[tuple[str, str]] = []
        for team in self._teams(graph, places, unseen):
            if rule := places.teams[team]:
                excluded.append(Excluded(rule))
                continue
            found = self._channels(graph, places, team)
            unseen += [] if found else [f"team {team}"]
            due += [(team, channel) for channel in found if places.rule(team, channel) is None]
            excluded += [Excluded(rule) for channel in found if (rule := places.rule(team, channel))]
        yield Page(excluded)
        order = {key: at for at, key in enumerate(position.links)}
        for team, channel in sorted(due, key=lambda home: order.get(" ".join(home), -1)):
            try:
                yield from self._channel(graph, team, channel, position)
            except Http.Refused as error:
                if error.status not in UNSEEN:
                    raise
                unseen.append(f"channel {channel} of team {team}")
        if unseen:
            what = ", ".join(unseen[:5]) + (f" and {len(unseen) - 5} more" if len(unseen) > 5 else "")
            faults.append(f"not visible: {what}: give the application the right to read them, or leave them out of `teams`")
        else:
            here = {" ".join(home) for home in due}
            position.links = {key: link for key, link in position.links.items() if key in here}
        yield Page([], cursor=position.cursor())

    def _teams(self, graph: Graph, places: Places, unseen: list[str]) -> list[str]:
        found: list[str] = []
        for team in self.teams:
            try:
                row = graph.http.get(f"groups/{_quoted(team)}", **{"$select": TEAMS["$select"]})
                found += places.learn_teams([row], "groups")
            except Http.Refused as error:
                if error.status not in UNSEEN:
                    raise
                unseen.append(f"team {team}")
        if not self.teams:
            for rows, _ in graph.pages("groups", TEAMS):
                found += places.learn_teams(rows, "groups")
            if not found:
                raise Fatal("Graph shows no team: give the application Group.Read.All, or name the ids in `teams`")
        return list(dict.fromkeys(found))

    def _channels(self, graph: Graph, places: Places, team: str) -> list[str]:
        """The channels of a team, which has one at least; none where they may not be seen."""
        path, found = f"teams/{_quoted(team)}/channels", list[str]()
        try:
            for rows, _ in graph.pages(path, {"$select": "id,displayName,membershipType"}):
                found += places.learn_channels(rows, path)
        except Http.Refused as error:
            if error.status not in UNSEEN:
                raise
        return list(dict.fromkeys(found))

    def _channel(self, graph: Graph, team: str, channel: str, position: Position) -> Iterator[Page]:
        """What has changed in one channel. Graph forgets links: then all of the channel that it still keeps."""
        key, path = f"{team} {channel}", f"teams/{_quoted(team)}/channels/{_quoted(channel)}/messages"
        known = position.links.get(key)
        if known:
            try:
                yield from self._changes(graph, known, {}, (team, channel), position)
                return
            except Http.Refused as error:
                if error.status not in FORGOTTEN:
                    raise
        yield from self._changes(graph, f"{path}/delta", MESSAGES, (team, channel), position)

    def _changes(
        self, graph: Graph, link: str, params: Mapping[str, Any], where: tuple[str, str], position: Position
    ) -> Iterator[Page]:
        key, nothing = " ".join(where), bool(params)
        for rows, body in graph.pages(link, params):
            further, end = graph.following(body), body.get("@odata.deltaLink")
            if further is None and not isinstance(end, str):
                raise Fatal("messages/delta: a page without a link to what follows: Graph has changed its format")
            records = [message_in(row, *where, f"{where[1]}, {at}") for at, row in enumerate(rows)]
            for at, row in enumerate(rows):
                replies = list(_replies(graph, row, where))
                records += [message_in(reply, *where, f"{where[1]}, {at}, reply {n}") for n, reply in enumerate(replies)]
            nothing = nothing and not rows
            position.links.pop(key, None)
            # A channel that shows nothing at all is asked from its beginning again: later pages would only tell of changes.
            if further is not None or not nothing:
                position.links[key] = (further or str(end)).removeprefix(self.graph_url.rstrip("/") + "/")
            yield Page(records, cursor=position.cursor())


def _replies(graph: Graph, row: Any, where: tuple[str, str]) -> Iterator[Any]:
    """All replies to a message: those that came with it, and the rest of very many."""
    if not isinstance(row, Mapping):
        return
    replies = row.get("replies") or []
    if not isinstance(replies, list):
        raise Fatal("messages/delta: replies are not a list: Graph has changed its format")
    yield from replies
    link = graph.following({"@odata.nextLink": row.get("replies@odata.nextLink")})
    if link is None and len(replies) >= REPLIES:
        team, channel = map(_quoted, where)
        link = f"teams/{team}/channels/{channel}/messages/{_quoted(str(row.get('id')))}/replies?$top=50"
    if link is not None:
        for rows, _ in graph.pages(link):
            yield from rows


def _quoted(key: str) -> str:
    return quote(key, safe=":@")
