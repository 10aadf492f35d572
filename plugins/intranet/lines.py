"""Lines of an access log, to columns: quick for the lines that are as they should be, exact for the rest.

Belongs here: the grammar of common, combined and vhost_combined, and what a page, a person, an asset and a bot is.
Does not: files (logfile.py), or what becomes of the rows (the engine, acts.sql, counts.sql).

Cutting at quotes in DuckDB takes a fifth of the time of a regular expression over the whole line. Whatever does not
fall into place there (escaped quotes, users with blanks, bytes that are not UTF-8, rubbish) is read again, line by
line, by GRAMMAR; what that cannot read either is rejected with its line number: rows + rejected == lines.
"""

from __future__ import annotations

import re
from typing import Any, Self

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.connector import Fatal, Rejected

BOTS = (
    "bot", "crawl", "spider", "slurp", "archiver", "feed", "monitor", "scan", "check_http", "headless", "curl/",
    "wget/", "python-", "libwww", "java/", "go-http-client", "apache-httpclient", "okhttp", "postman",
)  # fmt: skip
ASSETS = (
    "css", "js", "mjs", "map", "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "avif", "bmp", "woff", "woff2", "ttf",
    "eot", "otf", "json", "xml", "rss", "atom", "webmanifest",
)  # fmt: skip
LONGEST = 64 << 10  # characters; a line beyond this is rubbish and not worth a regular expression

QUOTED = r'"(?P<{}>(?:[^"\\]|\\.)*)"'
GRAMMAR = re.compile(
    r"(?:\S+ (?=\S*[.:]))?\S+ \S+ (?P<user>.*?) \[(?P<time>[^\]]{26})\] "
    + QUOTED.format("request") + r" (?P<status>[1-9]\d\d) (?:\d+|-)"
    + r"(?: " + QUOTED.format("referrer") + " " + QUOTED.format("agent")
    + r'(?: (?:[^" ]+|"(?:[^"\\]|\\.)*"))*)?\s*'
)  # fmt: skip
REQUEST = re.compile(r"(?P<method>[A-Z]+(?:-[A-Z]+)*) +(?P<target>\S.*?)(?: +HTTP/[\d.]+)?")
FIELDS = ("number", "person", "time", "method", "target", "status", "agent")

# A line in its place is  host ident user [time] "request" status bytes "referrer" "agent", or ends after bytes;
# with a virtual host before it, the second word is an address: it has a dot or a colon.
CUT = r"""
    select number, line, q[1] as head, q[2] as request, q[3] as counts, q[6] as agent, strpos(q[1], '[') as bracket,
           len(q) = 3 or (len(q) = 7 and q[5] = ' ') as closed
    from (select number, line, string_split(line, '"') as q from lines)
"""
PLACE = r"""
    select *, string_split(left(head, bracket - 2), ' ') as words, string_split(request, ' ') as asked,
           string_split(trim(counts, ' ' || chr(13)), ' ') as counted
    from cut
"""
SPLIT = r"""
    select number, case when fit then words[-1] end as person,
           case when fit then substr(head, bracket + 1, 26) end as time,
           asked[1] as method, asked[2] as target, counted[1] as status, agent
    from (
        select *,
               closed and not contains(line, '\"') and substr(head, bracket + 27) = '] '
               and (len(words) = 3 or (len(words) = 4 and (contains(words[2], '.') or contains(words[2], ':'))))
               and len(asked) = 3 and starts_with(asked[3], 'HTTP/') and regexp_full_match(asked[1], '[A-Z]+')
               and len(counted) = 2 and regexp_full_match(counted[1], '[1-9][0-9][0-9]')
               and regexp_full_match(counted[2], '[0-9]+|-') as fit
        from place)
"""

# The same meaning for both ways of reading. A server names who *tried* to sign in beside a 401: that is nobody yet.
# A page is decoded before its query is cut, so that an address or a query written in %40 or %3F is seen for what it is.
MEAN = r"""
    select
        number,
        try_strptime(time, '%d/%b/%Y:%H:%M:%S %z') as seen_at,
        case when person not in ('-', '', '""') and status <> '401' and regexp_full_match(person, $staff, 'i')
             then nullif(lower(split_part(split_part(person, '\', -1), '@', 1)), '') end as person,
        nullif(regexp_replace(regexp_extract(path, '^[^?#;]*'), '[[:cntrl:]]', '', 'g'), '') as page,
        method,
        try_cast(status as bigint) as status,
        agent
    from (
        select number, time, replace(person, '\\', '\') as person, method, status, lower(agent) as agent,
               case when contains(raw, '%') then coalesce(try(url_decode(raw)), raw) else raw end as path
        from (
            select *,
                   case when starts_with(target, '/') then target
                        when contains(target, '://') then regexp_replace(target, '^[^:]*://[^/?#]*/?', '/') end as raw
            from fields))
"""
ROWS = """
    select number, seen_at, person, page, method, status,
           coalesce(list_contains($assets, split_part(lower(page), '.', -1)) or page = '/robots.txt', false) as asset,
           coalesce($bots <> '' and regexp_matches(agent, $bots), false) as bot
    from meant
"""
QUICK = f"with cut as ({CUT}), place as ({PLACE}), fields as ({SPLIT}), meant as ({MEAN}) {ROWS}"
EXACT = f"with fields as (select * from found), meant as ({MEAN}) {ROWS}"


class Lines:
    """Reads blocks of lines; `take` gives the rows and the rejected lines since the last `take`."""

    def __init__(self, user_pattern: str, bots: list[str]) -> None:
        words = ("".join(c if c.isalnum() or c == " " else f"\\{c}" for c in bot.lower()) for bot in bots if bot)
        self._given = {"staff": user_pattern, "bots": "|".join(words), "assets": list(ASSETS)}
        self._con = duckdb.connect(config={"enable_external_access": "false", "autoinstall_known_extensions": "false"})
        self._con.execute("set TimeZone = 'UTC'")
        try:
            self._con.execute("select regexp_full_match('', $staff, 'i')", {"staff": user_pattern}).fetchall()
        except duckdb.Error as error:
            raise Fatal("user_pattern of the access logs is not a pattern that RE2 knows: correct it") from error
        self._tables: list[Any] = []
        self._rejected: list[Rejected] = []
        self._lines = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()

    def take(self) -> tuple[Any, list[Rejected]]:
        """(Arrow table with the columns of a request, rejected lines in order); forgets them."""
        empty = self._mean(EXACT, "found", _table([]))
        taken = pa.concat_tables([empty, *self._tables]).drop_columns("number"), self._rejected
        self._tables, self._rejected, self._lines = [], [], 0
        return taken

    def read(self, block: bytes) -> None:
        """Whole lines, without the last line end."""
        lines = pc.split_pattern(pa.array([block], pa.large_binary()), b"\n").flatten()
        numbers = pa.array(range(len(lines)), pa.int64())
        rows = self._mean(QUICK, "lines", _readable(numbers, lines))
        good = rows.filter(pc.is_valid(rows.column("seen_at"))) if rows.column("seen_at").null_count else rows
        self._tables.append(good)
        if good.num_rows < len(lines):
            rest = pc.invert(pc.is_in(numbers, good.column("number").combine_chunks()))
            self._read_exactly(numbers.filter(rest).to_pylist(), lines.filter(rest).to_pylist())
        self._lines += len(lines)

    def _read_exactly(self, numbers: list[int], lines: list[bytes]) -> None:
        found: list[tuple[Any, ...]] = []
        lost: dict[int, str] = {}
        for number, line in zip(numbers, lines, strict=True):
            fields = _fields(line.decode("utf-8", "replace"))
            if isinstance(fields, str):
                lost[number] = fields
            else:
                found.append((number, *fields))
        rows = self._mean(EXACT, "found", _table(found))
        good = rows.filter(pc.is_valid(rows.column("seen_at")))
        undated = {row[0] for row in found}.difference(good.column("number").to_pylist())
        lost.update(dict.fromkeys(undated, "the time is not one"))
        self._tables.append(good)
        self._rejected += [Rejected(lost[number], str(self._lines + number + 1)) for number in sorted(lost)]

    def _mean(self, query: str, name: str, table: Any) -> Any:
        self._con.register(name, table)
        try:
            return self._con.sql(query, params=self._given).to_arrow_table()
        finally:
            self._con.unregister(name)


def _readable(numbers: Any, lines: Any) -> Any:
    """The lines that may go to DuckDB as text: all of a block that is UTF-8, else those that are plain ASCII."""
    try:
        return pa.table({"number": numbers, "line": lines.cast(pa.large_string())})
    except pa.ArrowInvalid:
        plain = pc.string_is_ascii(lines.view(pa.large_string()))
        return pa.table({"number": numbers.filter(plain), "line": lines.filter(plain).cast(pa.large_string())})


def _fields(line: str) -> tuple[str | None, ...] | str:
    """FIELDS of a line after its number, or in words why it is not a line of an access log."""
    if not line.strip():
        return "empty line"
    if len(line) > LONGEST:
        return "line too long"
    if not (found := GRAMMAR.fullmatch(line)):
        return "a quote is not closed" if line.replace('\\"', "").count('"') % 2 else "not a line of an access log"
    asked = REQUEST.fullmatch(found["request"])
    method, target = (asked["method"], asked["target"]) if asked else (None, None)
    return found["user"], found["time"], method, target, found["status"], found["agent"]


def _table(rows: list[tuple[Any, ...]]) -> Any:
    columns = list(zip(*rows, strict=True)) or [()] * len(FIELDS)
    kinds = [pa.int64()] + [pa.large_string()] * (len(FIELDS) - 1)
    return pa.table([pa.array(c, k) for c, k in zip(columns, kinds, strict=True)], names=list(FIELDS))
