"""Scorers of tone: from cleaned sentences in a language the scorer knows to a number in [-1, 1], or None.

Belongs here: what a scorer is, the registry, and the default one on TextBlob's lexicon.
Does not: which sentences are scored at all (reading.py), or what a group's tone is (warehouse/).

TextBlob's `sentences`, `words`, `tags` and `noun_phrases` need corpora that closed networks cannot fetch: never used.
No scorer of this kind sees sarcasm.
"""

# ruff: noqa: SIM905  (lists of words are read and edited as text)
from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import fsum
from typing import Any

Tone = float | None


@dataclass(frozen=True)
class Scorer:
    """`score` takes texts, one sentence a line, and gives a tone in [-1, 1] or None (not scored) for each."""

    name: str
    version: str
    languages: frozenset[str]
    score: Callable[[Sequence[str]], Sequence[Tone]]

    def __str__(self) -> str:
        return f"{self.name}/{self.version}"


_scorers: dict[str, Scorer] = {}


def register(scorer: Scorer) -> Scorer:
    """Make a scorer available by its name. A name that is taken is a ValueError: versions are told apart, not names."""
    if _scorers.setdefault(scorer.name, scorer) is not scorer:
        raise ValueError(f"there is a scorer {scorer.name!r} already")
    return scorer


def scorer_named(name: str) -> Scorer:
    """The scorer of this name; a ValueError that lists the known ones where there is none."""
    if name not in _scorers:
        raise ValueError(f"there is no scorer {name!r}; known: {', '.join(sorted(_scorers))}")
    return _scorers[name]


def scorer_version(name: str = "textblob") -> str:
    """Name and version as readings carry it, e.g. textblob/1; it changes whenever any score may."""
    return str(scorer_named(name))


# ------------------------------------------------------------------------------------------------ the default scorer
# Words that count, order, date, colour or place a thing. The lexicon, made of product reviews, gives them a tone
# ("first" +0.25, "many" +0.5, "sick" -0.7, "own" +0.6); at work they have none, and neither have its words of tone 0.
NEUTRAL = frozenset(
    """
    able average base black certain complete current different digital early few first full general green half last
    latest less live main major many mental more most much new next normal normally other own particular past present
    previous recent right same second serious several sick similar social specific subject sure third usual usually
    various white whole
    """.split()
)
_MARKS = frozenset({"no", "not", "n't", "never", "!"})

_NO_FACES = frozenset({"8)", "*)", ":3"})  # in a list, after a note, in a time of day


def textblob(texts: Sequence[str]) -> list[Tone]:
    """The mean over a text's sentences of TextBlob's polarity; None where no sentence holds a word that has a tone.

    A sentence without such a word counts as 0 in the mean: one warm word does not colour a page.
    """
    return [_text_tone(text) for text in texts]


def _text_tone(text: str) -> Tone:
    tones = [_sentence_tone(sentence) for sentence in text.split("\n") if sentence]
    scored = [tone for tone in tones if tone is not None]
    return round(fsum(scored) / len(tones), 6) + 0.0 if scored else None


@lru_cache(maxsize=100_000)
def _sentence_tone(sentence: str) -> Tone:
    lexicon, known, token = _lexicon()
    tokens = _tokens(token.findall(sentence.lower()), known)
    if known.isdisjoint(tokens):
        return None
    found = [
        polarity
        for words, polarity, _, mood in lexicon(tokens).assessments
        if polarity and (mood or not all(word in NEUTRAL or word in _MARKS for word in words))
    ]
    return fsum(found) / len(found) if found else None


def _tokens(words: list[str], known: frozenset[str]) -> list[str]:
    """The words as the lexicon has them: "n't" apart, other endings off.

    A run of other words becomes one: TextBlob looks only at how long the longest is (up to 3 letters), and is slow.
    """
    kept: list[str] = []
    other = 0
    for word in words:
        plain = word
        if word.endswith("n't"):
            plain, other = "n't", max(other, len(word) - 3)
        elif "'" in word and word not in known:
            plain = word.split("'")[0] or word
        if plain not in known and plain not in _MARKS:
            other = max(other, len(plain))
            continue
        if other:
            kept.append("xxx"[:other])
            other = 0
        kept.append(plain)
    return kept


@cache
def _lexicon() -> tuple[Any, frozenset[str], re.Pattern[str]]:
    """TextBlob's sentiment function, all that it finds a tone in, and what a token is; loaded at the first use.

    (The import takes a second or more: it brings NLTK along.)
    """
    from textblob._text import EMOTICONS
    from textblob.en import sentiment

    sentiment.load()
    faces = {face.lower() for group in EMOTICONS.values() for face in group} - _NO_FACES | {"(!)"}
    return sentiment, frozenset(dict.keys(sentiment)) | faces, _token(faces)


def _token(faces: set[str]) -> re.Pattern[str]:
    """A word, a face (one with letters in it apart from words: "section:s" has none), or any other character."""
    starts = "".join(sorted({re.escape(face[0]) for face in faces}))
    alternatives = []
    for face in sorted(faces, key=lambda face: (-len(face), face)):
        before = r"(?<!\w)" if any(map(str.isalnum, face)) else r"(?<!\d)"
        alternatives.append(before + re.escape(face) + r"(?!\w)")
    return re.compile(rf"[^\W\d_]{{2,}}(?:'[^\W\d_]+)*|(?=[{starts}])(?:{'|'.join(alternatives)})|\S")


register(Scorer("textblob", "1", frozenset({"en"}), textblob))
