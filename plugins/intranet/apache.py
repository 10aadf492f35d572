"""Apache and nginx logs: common, combined and vhost_combined, and what hosters make of them.

Belongs here: the grammar of such a line. Does not: what its fields mean (meaning.py), or other formats.

Cutting at quotes in DuckDB takes a fifth of the time of a regular expression over the whole line. Whatever does not
fall into place there (escaped quotes, users with blanks, bytes that are not UTF-8, rubbish) is read again by GRAMMAR.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pipeline.connector import moment

from .grammar import Cut, Fields, Part, method_and_target

TIME = "%d/%b/%Y:%H:%M:%S %z"
QUOTED = r'"(?P<{}>(?:[^"\\]|\\.)*)"'
GRAMMAR = re.compile(
    r"(?:\S+ (?=\S*[.:]))?\S+ \S+ (?P<user>.*?) \[(?P<time>[^\]]{26})\] (?:\([^()]*\) )?"
    + QUOTED.format("request") + r" (?P<status>[1-9]\d\d) (?:\d+|-)"
    + r"(?: " + QUOTED.format("referrer") + " " + QUOTED.format("agent")
    + r'(?: (?:[^" ]+|"(?:[^"\\]|\\.)*"))*)?\s*'
)  # fmt: skip

# A line in its place is  host ident user [time] "request" status bytes "referrer" "agent", or ends after bytes;
# with a virtual host before it, the second word is an address: it has a dot or a colon.
QUICK = rf"""
cut as (
    select number, line, q[1] as head, q[2] as request, q[3] as counts, q[6] as agent, strpos(q[1], '[') as bracket,
           len(q) = 3 or (len(q) = 7 and q[5] = ' ') as closed
    from (select number, line, string_split(line, '"') as q from lines)
),
place as (
    select *, string_split(left(head, bracket - 2), ' ') as words, string_split(request, ' ') as asked,
           string_split(trim(counts, ' ' || chr(13)), ' ') as counted
    from cut
),
fields as (
    select number, words[-1] as "user",
           case when fit then try_strptime(substr(head, bracket + 1, 26), '{TIME}') end as seen_at,
           asked[1] as method, asked[2] as target, counted[1] as status, agent
    from (
        select *,
               closed and not contains(line, '\"') and substr(head, bracket + 27) = '] '
               and (len(words) = 3 or (len(words) = 4 and (contains(words[2], '.') or contains(words[2], ':'))))
               and len(asked) = 3 and starts_with(asked[3], 'HTTP/') and regexp_full_match(asked[1], '[A-Z]+')
               and len(counted) = 2 and regexp_full_match(counted[1], '[1-9][0-9][0-9]')
               and regexp_full_match(counted[2], '[0-9]+|-') as fit
        from place)
)"""


class Apache:
    """Reads common, combined and vhost_combined; further fields at the end of a line are passed over."""

    def claims(self, line: str) -> bool:
        """A line that it can read."""
        return isinstance(_cut(line), Fields)

    def parts(self, numbers: Any, lines: Any) -> Iterator[Part]:
        """Every line is of the one form."""
        yield Part(numbers, lines, _cut, QUICK)


def _cut(line: str) -> Cut:
    if not (found := GRAMMAR.fullmatch(line)):
        return "a quote is not closed" if line.replace('\\"', "").count('"') % 2 else "not a line of an access log"
    if not (seen_at := _moment(found["time"])):
        return "the time is not one"
    method, target = method_and_target(found["request"])
    return Fields(found["user"], seen_at, method, target, found["status"], found["agent"])


def _moment(text: str) -> datetime | None:
    return moment(text, formats=(TIME,))
