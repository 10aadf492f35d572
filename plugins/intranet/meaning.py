"""What the fields of a line mean: who, which page, a picture, a program, a search, a vote, a campaign.

Belongs here: one meaning for all formats and for both ways of cutting. Does not: the formats (grammar.py names them), or
what becomes of the rows (the engine, acts.sql, counts.sql).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from pipeline.connector import Fatal

BOTS = (
    "bot", "crawl", "spider", "slurp", "archiver", "feed", "monitor", "scan", "check_http", "headless", "curl/",
    "wget/", "python-", "libwww", "java/", "go-http-client", "apache-httpclient", "okhttp", "postman",
)  # fmt: skip
ASSETS = (
    "css", "js", "mjs", "map", "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "avif", "bmp", "woff", "woff2", "ttf",
    "eot", "otf", "json", "xml", "rss", "atom", "webmanifest",
)  # fmt: skip
CAMPAIGNS = ("utm_campaign", "mtm_campaign", "pk_campaign")
USEFUL = ("yes", "y", "true", "1", "up", "useful", "helpful", "like", "good", "ie")  # the last is Welsh
NOT_USEFUL = (
    "no", "n", "false", "0", "-1", "down", "not-useful", "not_useful", "not-helpful", "not_helpful", "unhelpful",
    "dislike", "bad", "na",
)  # fmt: skip

# A server names who *tried* to sign in beside a 401: that is nobody yet. A page is decoded before its query is cut, so
# that an address or a query written in %40 or %3F is seen for what it is.
MEAN = r"""
    select
        number, seen_at,
        case when "user" not in ('-', '', '""') and status <> '401' and regexp_full_match("user", $staff, 'i')
             then nullif(lower(split_part(split_part("user", '\', -1), '@', 1)), '') end as person,
        nullif(regexp_replace(regexp_extract(path, '^[^?#;]*'), '[[:cntrl:]]', '', 'g'), '') as page,
        method,
        try_cast(status as bigint) as status,
        agent, raw, path
    from (
        select number, seen_at, replace("user", '\\', '\') as "user", method, status, lower(agent) as agent, raw,
               case when contains(raw, '%') then coalesce(try(url_decode(raw)), raw) else raw end as path
        from (
            select *,
                   case when starts_with(target, '/') then target
                        when contains(target, '://') then regexp_replace(target, '^[^:]*://[^/?#]*/?', '/') end as raw
            from fields))
"""
ROWS = """
    select number, seen_at, person, {page} as page, method, status,
           coalesce(list_contains($assets, split_part(lower(page), '.', -1)) or page = '/robots.txt', false) as asset,
           coalesce($bots <> '' and regexp_matches(agent, $bots), false) as bot,
           {search} as search, {useful} as useful, {campaign} as campaign
    from meant
"""
TELL = """
           coalesce(regexp_full_match(page, $search, 'i'){asked}, false)"""
ASKED = """
                    and (coalesce(method, '') = 'POST' or regexp_matches(raw, $parameter))"""
# The pattern's own group is what was searched for, where that is part of the path: it does not land.
CLEAN = """
           case when regexp_full_match(page, $search, 'i') and regexp_extract(page, $search, 1, 'i') <> ''
                then left(page, strpos(page, regexp_extract(page, $search, 1, 'i')) - 1) else page end"""
VOTE = """
           case when list_contains($useful, lower(regexp_extract(path, $vote, {group}, 'i'))) then true
                when list_contains($not_useful, lower(regexp_extract(path, $vote, {group}, 'i'))) then false end"""
CAMPAIGN = r"""
           case when contains(raw, '?') then
               nullif(trim(left(regexp_replace(coalesce(
                   try(url_decode(replace(regexp_extract(raw, $campaign, 1, 'i'), '+', ' '))),
                   regexp_extract(raw, $campaign, 1, 'i')), '[[:cntrl:]]', '', 'g'), 100)), '') end"""


class Meaning:
    """The select that makes rows of fields, and what is bound in it."""

    def __init__(
        self, *, user_pattern: str = ".+", bots: Iterable[str] = BOTS, search_path: str = "", search_parameter: str = "",
        vote_pattern: str = "", campaign_parameters: Sequence[str] = CAMPAIGNS,
    ) -> None:  # fmt: skip
        page, search, useful, campaign = "page", "cast(null as boolean)", "cast(null as boolean)", "cast(null as varchar)"
        self.bound: dict[str, Any] = {
            "staff": user_pattern, "assets": list(ASSETS), "bots": "|".join(_literal(bot.lower()) for bot in bots if bot),
        }  # fmt: skip
        self._patterns = {"user_pattern": user_pattern}
        if search_path:
            self._patterns["search_path"] = self.bound["search"] = search_path
            search = TELL.format(asked=ASKED if search_parameter else "")
            page = CLEAN if _groups("search_path", search_path).groups else page
            if search_parameter:
                self.bound["parameter"] = f"[?&;]{_literal(search_parameter)}=[^&;#]"
        if vote_pattern:
            self._patterns["vote_pattern"] = self.bound["vote"] = vote_pattern
            group = _groups("vote_pattern", vote_pattern).groupindex.get("vote")
            if group is None:
                raise Fatal("vote_pattern of the access logs has no group `vote`: write (?P<vote>yes|no) where the word is")
            useful = VOTE.format(group=group)
            self.bound |= {"useful": list(USEFUL), "not_useful": list(NOT_USEFUL)}
        if campaign_parameters:
            self.bound["campaign"] = f"[?&;](?:{'|'.join(map(_literal, campaign_parameters))})=([^&;#]*)"
            campaign = CAMPAIGN
        self._rows = ROWS.format(page=page, search=search, useful=useful, campaign=campaign)

    def hold(self, con: duckdb.DuckDBPyConnection) -> None:
        """Raises Fatal naming the setting whose pattern DuckDB (RE2) does not know."""
        for setting, pattern in self._patterns.items():
            try:
                con.execute("select regexp_full_match('', $pattern, 'i')", {"pattern": pattern}).fetchall()
            except duckdb.Error as error:
                raise Fatal(f"{setting} of the access logs is not a pattern that RE2 knows: correct it") from error

    def query(self, fields: str) -> str:
        """The rows of `fields`, the last of these common table expressions."""
        return f"with {fields}, meant as ({MEAN}) {self._rows}"


def _literal(text: str) -> str:
    return "".join(c if c.isalnum() or c in " _" else f"\\{c}" for c in text)


def _groups(setting: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise Fatal(f"{setting} of the access logs is not a regular expression ({error.msg}): correct it") from None
