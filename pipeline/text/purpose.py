"""What a sentence is for: to ask, to request, to greet, or to say something.

Belongs here: patterns of English and Welsh sentences. Does not: tone; only sentences that say something have one.
"""

from __future__ import annotations

import re

from pipeline.text.clean import clean, sentences

_ALL = r"(?:\s(?:all|both|colleagues|everybody|everyone|folks|pawb|team|there))?"
_OPENING = rf"(?:(?:(?:hi|hello|hey){_ALL}|so|and|but|also|ok|okay|sorry|thanks|quick question)\b[\s,:–-]+)*"
_ASKED = re.compile(r"\?[\s!?\"'”’)\]]*$")
_WHO = r"(?:i|we|you|they|he|she|anyone|anybody|someone|somebody|there)"
_WHAT = rf"(?:{_WHO}|it|this|that|these|those|the|my|our|your)"
# Without a question mark: word order alone tells.
_INVERTED = re.compile(
    rf"{_OPENING}(?:"
    rf"(?:how|what|when|where|why|who|which)(?:\s\w+)?"
    rf"\s(?:do|does|did|can|could|should|would|will|is|are|was|were|has|have)\s{_WHAT}\b"
    rf"|(?:is|are|does|did|can|could|should|would)\s{_WHAT}\b|(?:do|have|will|has|shall)\s{_WHO}\b"
    r"|any(?:one|body)\s(?:know|else|got|have)\b|any\s(?:idea|chance|news)\b"
    r"|(?:i\s(?:was|am)\s|i'm\s)?wondering\s(?:if|whether|how|what|when|where|why|who)\b"
    r"|(?:a\s)?oes\b|(?:sut|pryd|pam|pwy|ble|faint)\b|beth\s(?:yw|ydy|ydi|sy|sydd|mae|am|oedd|fydd|fyddai|ydych)\b"
    r")",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    rf"{_OPENING}(?:please|pls|plz|kindly|os gwelwch yn dda"
    r"|(?:can|could|would|will)\s(?:you|some(?:one|body)|any(?:one|body))\b)",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^(?:good\s(?:morning|afternoon|evening|day)|happy\s(?:new year|christmas|easter|birthday|friday)|hello|hey|hi)\b"
    rf"{_ALL}\b[\s,!.]*"
    r"|\b(?:(?:kind|best|warm)(?:est)?\s(?:regards|wishes)|all the best|best,?$|have a (?:good|great|lovely|nice|fab)\s"
    r"(?:day|evening|weekend|week|time|christmas|easter|holiday|break|one))\b",
    re.IGNORECASE,
)


def is_question(text: str) -> bool:
    """Some sentence of the text asks something, with or without a question mark, in English or Welsh."""
    return any(asks(sentence) for sentence in sentences(clean(text)))


def asks(sentence: str) -> bool:
    """The sentence is a question."""
    return _ASKED.search(sentence) is not None or _INVERTED.match(sentence) is not None


def says(sentence: str) -> str:
    """What a sentence that asks nothing says beside requesting and greeting; empty where that is all it does."""
    return "" if _REQUEST.match(sentence) else _GREETING.sub(" ", sentence).strip()
