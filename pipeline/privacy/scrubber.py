"""Strip what points to a person from prose and from labels, and leave everything else as it was.

Belongs here: the order of the steps, and which known names go. Does not: the shapes of numbers and addresses
(shapes.py), or which names are everyday words (everyday.py).

Names are known as digests only: the directory lands its name tokens as pseudonyms, a token of the text goes where its
own pseudonym is among them. So nobody's name is written down here, and strangers' names cannot be known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from pipeline.privacy import shapes
from pipeline.privacy.everyday import GIVEN, PLACES, PLAIN
from pipeline.privacy.pseudonyms import Pseudonyms

NAME, EMAIL, MENTION, PHONE, NINO = "[name]", "[email]", "[mention]", "[phone]", "[nino]"
REMEMBERED = 300_000

_LETTERS = r"[^\W\d_]+(?:['’‘ʼ`´][^\W\d_]{2,})*"
_WORD = re.compile(_LETTERS)
_COMPOUND = re.compile(rf"{_LETTERS}(?:[-‐‑]{_LETTERS})*")
_CAMEL = re.compile(r"(?:[A-Z][a-z]{2,}){2,3}")
_HUMP = re.compile(r"[A-Z][a-z]+")
_TIGHT = re.compile(r"[-‐‑._+]|%20|\.?_|")
_SPACED = re.compile(r"[^\S\n]{1,3}|[^\S\n]?\n[^\S\n]?|,[^\S\n]{0,2}|%2C(?:%20)?")
_AFTER_INITIAL = re.compile(r"\.?[^\S\n]?")
_WITHIN_NAME = re.compile(rf"{_TIGHT.pattern}|\s{{1,3}}|{_AFTER_INITIAL.pattern}")
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "lord", "lady"})
_PLACEHOLDERS = frozenset(p.strip("[]") for p in (NAME, EMAIL, MENTION, PHONE, NINO))
# Joiners shape letters and emoji, and go only within words; the others show nothing, or turn what follows about.
_INVISIBLE = re.compile(r"(?<=\w)[\u200c\u200d]+(?=\w)|[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

UNKNOWN, WORDLY, KNOWN = 0, 1, 2


class _Token(NamedTuple):
    """A word of the text: `sort` is UNKNOWN, WORDLY (a known name that is an everyday word too) or KNOWN."""

    start: int
    end: int
    text: str
    sort: int
    part: bool  # of a word in CamelCase

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def initial(self) -> bool:
        return len(self.text) == 1

    @property
    def of_person(self) -> bool:
        """Makes a person's name of the word beside it: North and West are two surnames and no person."""
        word = self.text.lower()
        return self.sort == KNOWN or (self.sort == WORDLY and word not in PLAIN and word not in PLACES)


class Scrubber:
    """Replaces e-mail addresses, mentions, phone and National Insurance numbers, and known names by placeholders.

    `names` are the pseudonyms (namespace `name`) of every name token in the directory. Scrubbing twice is scrubbing
    once. Text beyond ASCII comes back in Unicode's composed form.
    """

    def __init__(self, pseudonyms: Pseudonyms, names: frozenset[bytes]) -> None:
        self._pseudonyms, self._names = pseudonyms, names
        self._harmless: set[str] = set()
        self._sorts: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"Scrubber({len(self._names)} names)"

    def prose(self, text: str) -> str:
        """What somebody wrote, less whoever it names.

        A known name goes wherever it stands. One that is an everyday word (Will, May, Rose) stays when it is alone and
        goes beside another known name (both capitalised), after a title or an initial, or in a login (will.may).
        """
        text = shapes.strip_addresses(_composed(text), EMAIL, MENTION)
        text = shapes.strip_numbers(text, PHONE, NINO)
        return shapes.strip_mentions(self._strip_names(text, label=False), MENTION, NAME)

    def label(self, text: str) -> str:
        """Text about a thing, less whoever it names: as in prose, but a name alone stays.

        An office in Preston and a page about Lincoln are no persons, and one placeholder for both would make one
        thing of two. Search words of an address are cut; numbers count only where they stand apart. A label is one line
        and commands no terminal: line ends and control characters are blanks.
        """
        if shapes.is_uuid(text):
            return text
        text = shapes.strip_addresses(shapes.cut_search(_CONTROL.sub(" ", _composed(text))), EMAIL, MENTION)
        text = shapes.strip_numbers(text, PHONE, NINO, apart=True)
        text = shapes.strip_personal_pages(text, NAME)
        return shapes.strip_mentions(self._strip_names(text, label=True), MENTION, NAME)

    def labels(self, values: Iterable[str]) -> dict[str, str]:
        """Each distinct value and its scrubbed self."""
        return {value: self.label(value) for value in set(values)}

    # ------------------------------------------------------------------------------------------------------- names
    def _strip_names(self, text: str, *, label: bool) -> str:
        # Most texts name nobody: their pieces are all remembered as harmless, and one set difference says so.
        if all(self._is_harmless(piece) for piece in set(text.split()) - self._harmless):
            return text
        tokens = list(self._tokens(text))
        goes = [token.sort == KNOWN and not token.part and not label for token in tokens]
        for i, (one, two) in enumerate(pairwise(tokens)):
            if _together(one, two, text[one.end : two.start], label=label):
                goes[i] = goes[i + 1] = True
            elif two.sort and (_titled(one, two, text) or (one.initial and _initialled(one, two, text))):
                goes[i + 1] = True
        for i, token in enumerate(tokens):
            if label and token.sort == KNOWN and text[token.end : token.end + 2] in ("'s", "’s"):
                goes[i] = True
        for i in range(len(tokens) - 1, 0, -1):
            if goes[i] and tokens[i - 1].initial and _initialled(tokens[i - 1], tokens[i], text):
                goes[i - 1] = True
        return _replace(text, tokens, goes)

    def _is_harmless(self, piece: str) -> bool:
        """No word in a piece of text is a known name; remembered."""
        if any(token.sort for token in self._tokens(piece)):
            return False
        if len(self._harmless) >= REMEMBERED:
            self._harmless.clear()
        self._harmless.add(piece)
        return True

    def _tokens(self, text: str) -> Iterable[_Token]:
        """The words of the text; a double-barrelled name that is known as a whole is one word."""
        for match in _COMPOUND.finditer(text):
            compound, start = match[0], match.start()
            if sort := self._sort(compound):
                yield _Token(start, match.end(), compound, sort, False)
                continue
            camel = _CAMEL.fullmatch(compound) is not None
            for part in (_HUMP if camel else _WORD).finditer(compound):
                yield _Token(start + part.start(), start + part.end(), part[0], self._sort(part[0]), camel)

    def _sort(self, word: str) -> int:
        found = self._sorts.get(word)
        if found is None:
            if len(self._sorts) >= REMEMBERED:
                self._sorts.clear()
            found = self._sorts[word] = self._sort_anew(word)
        return found

    def _sort_anew(self, word: str) -> int:
        plain = word.casefold()
        if len(plain) < 2 or plain in _PLACEHOLDERS or not self._is_known(word):
            return UNKNOWN
        return WORDLY if len(plain) == 2 or plain in GIVEN or plain in PLAIN or plain in PLACES else KNOWN

    def _is_known(self, word: str) -> bool:
        if self._pseudonyms.of("name", word) in self._names:
            return True
        last = re.split("['’‘ʼ`´]", word)[-1]  # D'Souza, where the directory has Souza
        return last != word and len(last) > 2 and self._is_known(last)


def _together(one: _Token, two: _Token, gap: str, *, label: bool) -> bool:
    """Two words that stand side by side make somebody's name."""
    if not (one.sort and two.sort):
        return False
    if _TIGHT.fullmatch(gap):
        return (one.of_person or two.of_person) and len(one.text) + len(two.text) > 4
    if one.part or two.part or not _SPACED.fullmatch(gap):
        return False
    if label:
        return one.of_person or two.of_person
    # "In May, Will ..." is no list of surnames; "Young, Will" is somebody in an index.
    indexed = KNOWN in (one.sort, two.sort) or not one.of_person
    return one.capital and two.capital and (indexed or "," not in gap)


def _titled(one: _Token, two: _Token, text: str) -> bool:
    gap = text[one.end : two.start]
    return two.capital and one.text.lower() in _TITLES and gap in (" ", ". ", ".")


def _initialled(one: _Token, two: _Token, text: str) -> bool:
    """J. Brown, J Khan, j.khan; but no everyday word after an article or a pronoun (A Will, I May)."""
    gap = text[one.end : two.start]
    if (one.start and text[one.start - 1].isalnum()) or not _AFTER_INITIAL.fullmatch(gap) or not gap:
        return False
    if two.sort == KNOWN:
        return one.capital or gap == "."
    return one.capital and two.capital and "." in gap and one.text not in "AI"


def _replace(text: str, tokens: list[_Token], goes: list[bool]) -> str:
    """Put one placeholder for each run of words that go and stand side by side."""
    pieces, done, previous = [], 0, -1
    for i, token in enumerate(tokens):
        if not goes[i]:
            continue
        gap = text[tokens[previous].end : token.start] if previous == i - 1 and i else None
        if gap is None or not _WITHIN_NAME.fullmatch(gap):
            pieces += [text[done : token.start], NAME]
        done, previous = token.end, i
    return "".join([*pieces, text[done:]])


def _composed(text: str) -> str:
    """Letters and their accents as one, and no invisible characters: both would hide a name, or make two names of one."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
