"""AWS load balancers: the access logs of the classic ELB and of the Application Load Balancer.

Belongs here: the grammar of such a line. Does not: what its fields mean (meaning.py). Neither knows who is signed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipeline.connector import Excluded, moment

from .grammar import STATUS, Cut, Fields, Part, method_and_target

# [type] time balancer client target three-durations status target-status received sent "request" "agent" and more;
# the request names scheme, host and port.
GRAMMAR = re.compile(
    r"(?:[a-z0-9]+ )?(?P<time>\d{4}-\d\d-\d\dT[\d:.]+Z)(?: \S+){6} (?P<status>\S+) \S+ \S+ \S+ "
    r'"(?P<request>(?:[^"\\]|\\.)*)"(?: "(?P<agent>(?:[^"\\]|\\.)*)".*)?\s*'
)


class Balancer:
    """Reads both: the Application Load Balancer puts the type of the connection first."""

    def claims(self, line: str) -> bool:
        """A line of its form, whatever was asked."""
        return GRAMMAR.fullmatch(line) is not None

    def parts(self, numbers: Any, lines: Any) -> Iterator[Part]:
        """Every line is of the one form."""
        yield Part(numbers, lines, _cut)


def _cut(line: str) -> Cut:
    if not (found := GRAMMAR.fullmatch(line)):
        return "not a line of a load balancer"
    if not (seen_at := moment(found["time"])):
        return "the time is not one"
    if not STATUS.fullmatch(found["status"]):
        # A listener for TCP writes the same line about a connection, with dashes for the request.
        return Excluded("not a web request") if found["request"].startswith("- - -") else "no status"
    method, target = method_and_target(found["request"])
    return Fields(None, seen_at, method, target, found["status"], found["agent"])
