"""From a message as it was sent to the sentences somebody wrote.

Belongs here: markup, addresses, quotations, emoji, and where a sentence ends. Does not: what a sentence says or is for.

TextBlob's own splitter needs a corpus that closed networks cannot fetch, so this one is ours.
"""

from __future__ import annotations

import html
import re

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")

# Bounded, here and below: what is never closed must not be sought again from every start.
_TAG = re.compile(
    r"<(script|style)\b.{0,9999}?</\1\s{0,9}>|<!--.{0,999}?-->|</?[a-zA-Z][^<>]*>", re.IGNORECASE | re.DOTALL
)
_BLOCK = re.compile(r"<(?:br|/p|/div|/li|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_QUOTED = re.compile(r"^[ \t]{0,9}>.*$", re.MULTILINE)
_QUOTE_MARK = re.compile(r"^[ \t]{0,9}>+", re.MULTILINE)
_ADDRESS = re.compile(
    r"\b(?:https?://|www\.)\S+|\[\[(?:user|tag|topic):[^\]]{0,99}\]\]|\[(?:name|email|mention|phone|nino)\]"
    r"|(?<![\w.+'%-])[\w.+'%-]*@\w[\w.-]*"
)
_HASHTAG = re.compile(r"#(\w+)")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|_+")
# TextBlob knows faces written with punctuation only.
_FACES = {
    ":)": "😀😃😄😁😆😊🙂☺😍🥰🤩😎🥳🎉🎊👏👍🙌❤💙💚💛🧡💜🖤🤗💪",
    ":(": "😢😭😞😔☹🙁😟😩😫😣😖👎💔😡😠🤬😤😒🙄",
}
_EMOJI = {ord(face): f" {plain} " for plain, faces in _FACES.items() for face in faces} | {
    0xFE0F: None, 0x2019: "'", 0x2018: "'", 0x02BC: "'",
}  # fmt: skip
_ABBREVIATED = "".join(rf"(?<!\b{a})" for a in (r"Mr\.", r"Mrs\.", r"Ms\.", r"Dr\.", r"e\.g\.", r"i\.e\.", r"vs\."))
_END = re.compile(rf"(?<=[.!?…]){_ABBREVIATED}[\"'”)\]]*\s+|(?<=[.!?…]['\")])\s+|\n+")


def clean(text: str) -> str:
    """The words of the sender: no markup, addresses, mentions, placeholders or quoted lines; one apostrophe; faces."""
    if "<" in text:
        text = _TAG.sub(" ", _BLOCK.sub("\n", text))
    if "&" in text:
        text = html.unescape(text)
    if ">" in text:
        # A reply whose line ends were lost is all quotation by its first character: then it is the sender's.
        own = _QUOTED.sub("", text)
        text = own if own.strip() else _QUOTE_MARK.sub("", text)
    text = _ADDRESS.sub(" ", text)
    if "#" in text:
        text = _HASHTAG.sub(lambda tag: _HUMP.sub(" ", tag[1]), text)
    return text if text.isascii() else text.translate(_EMOJI).replace("\N{NO-BREAK SPACE}", " ")


def sentences(cleaned: str) -> list[str]:
    """The sentences of a cleaned text, each with its closing mark; lines end sentences too."""
    return [part for part in map(str.strip, _END.split(cleaned)) if part]
