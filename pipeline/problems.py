"""What can go wrong, in the words of whoever must act. Plug-in authors import these from `pipeline.connector`.

    TidemarkError       one line for the operator: what, where, the fix; no traceback without --debug
    ├── ConfigError     a setting is missing or wrong
    ├── LandingError    a file of landing is not what its manifest says
    ├── BrokenPromise   a model's rows break a promise in its header
    └── SourceError     a source did not give what was asked for
        ├── Fatal       a person must act
        ├── Retry       passing; the next night resumes
        └── Deferred    the budget is used up; the next night resumes
"""

from __future__ import annotations

import re

LONGEST = 2000  # characters of a message: nobody reads on
UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class TidemarkError(Exception):
    """Shown to a person as it stands: say what, where, why and the fix, and never show a value from a source.

    A name of a file or a column may come from anywhere: what would command a terminal is left out, what has no end is cut.
    """

    def __str__(self) -> str:
        told = UNSEEN.sub(" ", super().__str__())
        return told if len(told) <= LONGEST else f"{told[:LONGEST]}…"


class ConfigError(TidemarkError):
    """A setting is missing or wrong; the message names the file or variable and the key."""


class LandingError(TidemarkError):
    """A file of landing is missing or not what its manifest says."""


class BrokenPromise(TidemarkError):
    """A model's rows break a promise in its header."""


class SourceError(TidemarkError):
    """A source did not give what was asked for."""


class Fatal(SourceError):
    """A person must act: the token is refused, a scope is missing, a file is not what it claims to be."""


class Retry(SourceError):
    """Passing: it was tried again within the night's budget and failed; the next night resumes."""


class Deferred(SourceError):
    """Not a fault: the time or request budget is used up; the next night resumes."""
