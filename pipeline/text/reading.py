"""A reading of a text: all that outlives the text itself.

Belongs here: putting language, purpose and tone together. Does not: any of the three.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.text.clean import WORD, clean, sentences
from pipeline.text.language import Evidence, language_of, weigh
from pipeline.text.purpose import asks, says
from pipeline.text.tone import Scorer, Tone, scorer_named


class Reading(NamedTuple):
    """`language` is en, cy, other or None (cannot tell); `tone` is in [-1, 1] or None (not scored)."""

    language: str | None
    tone: Tone
    is_question: bool
    words: int
    scorer: str


def read(texts: Sequence[str], scorer: str = "textblob") -> list[Reading]:
    """A reading of each text, in order. Raises ValueError for a scorer that is not registered.

    Tone is that of the sentences that say something: questions, requests and greetings are not mood. A text, or a
    sentence of it, in a language that the scorer does not know is not scored; one too short to tell is.
    """
    judge = scorer_named(scorer)
    distinct = list(dict.fromkeys(texts))
    parsed = [_parse(text, judge) for text in distinct]
    tones = judge.score([said for said, *_ in parsed])
    readings = {
        text: Reading(language, tone, question, words, str(judge))
        for text, tone, (_, language, question, words) in zip(distinct, tones, parsed, strict=True)
    }
    return [readings[text] for text in texts]


def score(texts: Sequence[str], scorer: str = "textblob") -> list[Tone]:
    """The tone of each text in [-1, 1], or None where it is not scored (see `read`)."""
    return [reading.tone for reading in read(texts, scorer)]


def languages(texts: Sequence[str]) -> list[str | None]:
    """The language of each text: 'en', 'cy', 'other', or None where it is too short to tell."""
    return [language_of(clean(text)) for text in texts]


def _parse(text: str, judge: Scorer) -> tuple[str, str | None, bool, int]:
    """What the text says, one sentence a line (empty where nothing can be scored); language; question; words."""
    parts = sentences(clean(text))
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
