"""A reading of a text: all that outlives the text itself.

Belongs here: putting language, purpose, tone and themes together. Does not: any of the four.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.text.clean import WORD, clean, sentences
from pipeline.text.language import Evidence, language_of, weigh
from pipeline.text.purpose import asks, says
from pipeline.text.themes import ThemeList, read_themes
from pipeline.text.tone import Scorer, Tone, scorer_named


class Reading(NamedTuple):
    """`language` is en, cy, other or None (cannot tell); `tone` is in [-1, 1] or None (not scored); `themes` may be none."""

    language: str | None
    tone: Tone
    is_question: bool
    words: int
    scorer: str
    themes: tuple[str, ...] = ()


def read(texts: Sequence[str], scorer: str = "textblob", themes: ThemeList | None = None) -> list[Reading]:
    """A reading of each text, in order; `themes` are those that ship unless told. Raises ValueError for an unknown scorer.

    Tone is that of the sentences that say something: questions, requests and greetings are not mood. A text, or a
    sentence of it, in a language that the scorer does not know is not scored; one too short to tell is.
    """
    judge, listed = scorer_named(scorer), themes or read_themes()
    distinct = list(dict.fromkeys(texts))
    cleaned = [clean(text) for text in distinct]
    parsed = [_parse(text, judge) for text in cleaned]
    tones = judge.score([said for said, *_ in parsed])
    readings = {
        text: Reading(language, tone, question, words, str(judge), listed.of(plain))
        for text, plain, tone, (_, language, question, words) in zip(distinct, cleaned, tones, parsed, strict=True)
    }
    return [readings[text] for text in texts]


def score(texts: Sequence[str], scorer: str = "textblob") -> list[Tone]:
    """The tone of each text in [-1, 1], or None where it is not scored (see `read`)."""
    return [reading.tone for reading in read(texts, scorer)]


def languages(texts: Sequence[str]) -> list[str | None]:
    """The language of each text: 'en', 'cy', 'other', or None where it is too short to tell."""
    return [language_of(clean(text)) for text in texts]


def _parse(cleaned: str, judge: Scorer) -> tuple[str, str | None, bool, int]:
    """What the text says, one sentence a line (empty where nothing can be scored); language; question; words."""
    parts = sentences(cleaned)
    words = [WORD.findall(part) for part in parts]
    weights = [weigh(found) for found in words]
    asked = [asks(part) for part in parts]
    whole = Evidence(*map(sum, zip(*weights, strict=True))) if weights else Evidence(0, 0, 0, 0)
    said: list[str] = []
    if _knows(judge, whole):
        told = zip(parts, weights, asked, strict=True)
        said = [says(part) for part, weight, question in told if not question and _knows(judge, weight)]
    return "\n".join(filter(None, said)), whole.language, any(asked), whole.words


def _knows(judge: Scorer, evidence: Evidence) -> bool:
    return evidence.language is None or evidence.language in judge.languages
