"""Identifiers to keyed pseudonyms: the same person gets the same 16 bytes, nobody without the key gets back.

Belongs here: the formula of a pseudonym and of a content digest. Does not: the key's origin (key.py), or names in
text (scrubber.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b

DIGEST_BYTES = 16
# BLAKE2b's `person` separates the two uses of one key: no digest of a text can equal a pseudonym.
PSEUDONYM_TAG = b"tidemark/1"
CONTENT_TAG = b"tidemark/1 data"
CACHED = 1_000_000

_APOSTROPHES = re.compile("['’‘ʼ`´]")


class Pseudonyms:
    """BLAKE2b(key, tag, namespace, 0x00, normalised identifier) in 16 bytes; remembers what it has computed.

    The key is kept inside the hash states only: it is no attribute, is not shown by repr, and cannot be pickled.
    """

    __slots__ = ("_cache", "_content", "_person")

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("a key has 32 bytes")
        self._person = blake2b(digest_size=DIGEST_BYTES, key=key, person=PSEUDONYM_TAG)
        self._content = blake2b(digest_size=DIGEST_BYTES, key=key, person=CONTENT_TAG)
        self._cache: dict[tuple[str, str], bytes] = {}

    def __repr__(self) -> str:
        return "Pseudonyms(key hidden)"

    def of(self, namespace: str, value: str) -> bytes:
        """The pseudonym of one identifier. A blank one is a ValueError: it would make one person of many."""
        found = self._cache.get((namespace, value))
        if found is None:
            found = self._compute(namespace, value)
            if len(self._cache) >= CACHED:
                self._cache.clear()
            self._cache[namespace, value] = found
        return found

    def many(self, namespace: str, values: Iterable[str]) -> list[bytes]:
        """The pseudonym of each identifier, in order."""
        return [self.of(namespace, value) for value in values]

    def digest(self, *parts: bytes) -> bytes:
        """A keyed digest of some content, 16 bytes: equal only where every part is equal."""
        state = self._content.copy()
        for part in parts:
            state.update(len(part).to_bytes(8, "big"))
            state.update(part)
        return state.digest()

    def _compute(self, namespace: str, value: str) -> bytes:
        if not namespace.isidentifier():
            raise ValueError("a namespace is one word")
        plain = fold_name(value) if namespace == "name" else normalise(value)
        if not plain:
            raise ValueError(f"a blank identifier of namespace {namespace!r} names nobody")
        state = self._person.copy()
        state.update(f"{namespace}\0{plain}".encode("utf-8", "surrogatepass"))
        return state.digest()


def normalise(value: str) -> str:
    """An identifier as it is compared: NFKC, trimmed, case folded."""
    if value.isascii():
        return value.strip().lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold()).strip()


def fold_name(value: str) -> str:
    """A name as people may type it: `normalise`, less accents and apostrophes. Names are matched, never joined."""
    plain = normalise(value)
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _APOSTROPHES.sub("", plain)
