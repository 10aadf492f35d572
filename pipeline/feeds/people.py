"""People as rosters write them: the words of a name, the bare login, the address as learning records digest it, their unit.

Belongs here: what every roster has to do alike, or else the same person is two. Does not: which column or attribute
holds what (plugins/), or pseudonyms (privacy/).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from pipeline.fields import Label

UnitName = Annotated[Label, Field(max_length=200)]
"""What a roster calls a team or directorate; what is longer is the text of another column."""

WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


def login_of(text: str) -> str:
    """The bare login of `DOMAIN\\user`, `user@domain` or `user`: logs write any of them."""
    return text.rpartition("\\")[2].partition("@")[0]


def mbox_sha1(email: str) -> str:
    """The address as a learning record names people: sha1 of its mailto IRI."""
    return hashlib.sha1(f"mailto:{email}".encode(), usedforsecurity=False).hexdigest()


@lru_cache(maxsize=200_000)  # the same names come with every snapshot
def name_tokens(name: str) -> tuple[str, ...]:
    """The words of a name by which it is found in text: lower case, two letters or more, each once, in order.

    A word with a hyphen or apostrophe comes whole and in parts; one with an accent also as it is typed without.
    """
    tokens: list[str] = []
    for word in WORD.findall(unicodedata.normalize("NFC", name.replace("\u2019", "'").replace("\u2010", "-")).lower()):
        for token in (word, *re.split(r"['-]", word)):
            bare = "".join(c for c in unicodedata.normalize("NFD", token) if not unicodedata.combining(c))
            tokens += [token, unicodedata.normalize("NFC", bare)]
    return tuple(dict.fromkeys(token for token in tokens if len(token) > 1))
