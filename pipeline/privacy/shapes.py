"""What is personal by its shape alone: e-mail addresses, mentions, phone and National Insurance numbers, some URLs.

Belongs here: patterns that need no list of anybody. Does not: names (scrubber.py).
"""

from __future__ import annotations

import re

_USER_MARK = re.compile(r"\[\[user:[^\]\n]{0,100}\]\]", re.IGNORECASE)
_AT = re.compile(r"[@＠]|%40")
# A run of address characters is tried once, at its start: without the look-behind a long run costs its square.
_EMAIL = re.compile(r"(?<![\w.+'’%~-])[\w.+'’%~-]+(?:[@＠]|%40)[\w-]+(?:\.[\w-]+)*")
_CLOCK_OR_COUNT = r"\d+(?:[.:]\d+)?\s?(?:am|pm)?(?!\w)"

_DIGIT = re.compile(r"\d")
_GAP = r"[\s().\-–—·]{0,3}"
_LONG_NUMBER = re.compile(rf"(?:[+＋]{_GAP})?\d(?:{_GAP}\d){{8,}}")
_LONG_NUMBER_APART = re.compile(rf"(?<![\w.+-])(?:[+＋]{_GAP})?\d(?:{_GAP}\d){{8,}}(?![\w-])")
_DAY = re.compile(
    r"(?<![\d./-])(?:\d{4}[./-][01]?\d[./-][0-3]?\d|[0-3]?\d[./-][01]?\d[./-](?:\d{4}|\d{2}))(?![./-]?\d)"
)
_DIALLED = rf"[+＋]{_GAP}\d(?:{_GAP}\d){{7,14}}|(?<!\d)0(?:{_GAP}\d){{9,}}"
_PHONE_APART = re.compile(_DIALLED)
# In prose also a mobile whose zero a spreadsheet took, the American form, and any long row of digits.
_PHONE = re.compile(rf"{_DIALLED}|(?<!\d)7(?:[ -]?\d){{9}}(?!\d)|\(?\d{{3}}\)?[ .-]\d{{3}}[ .-]\d{{4}}(?!\d)|\d{{10,}}")

_PREFIX = "[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
_SPACE = r"[\s.\-–]{0,2}"
_PAIRS = rf"{_SPACE}\d\d{_SPACE}\d\d{_SPACE}\d\d"
_LITTLE_WORDS = "am|an|as|at|be|by|go|he|is|me|my|no|on|or|so|to|we"
_NINO = re.compile(
    rf"{_PREFIX}\d{{6}}(?!\d)(?:{_SPACE}[A-Da-d](?![^\W_]))?|{_PREFIX}{_PAIRS}{_SPACE}[A-D](?![^\W_])"
    rf"|(?!(?i:{_LITTLE_WORDS})(?![^\W_]))(?i:{_PREFIX}{_PAIRS}{_SPACE}[A-D])(?![^\W_])"
)
_NINO_APART = re.compile(rf"(?<![^\W_])(?i:{_PREFIX}{_PAIRS}{_SPACE}[A-D])(?![^\W_])")

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:/)?/", re.IGNORECASE)
_NUMBERED = re.compile(rf"[\w.-]{{1,30}}=(?:\d{{1,9}}|{_UUID.pattern})")
_PERSONAL_PAGE = re.compile(r"(/(?:personal|profiles?)/|/~)(?!\[name\])[^/?#\s]+", re.IGNORECASE)


def strip_addresses(text: str, mark: str, mention: str) -> str:
    """Replace e-mail addresses by `mark` and Yammer's [[user:ID]] by `mention`."""
    if "[[" in text:
        text = _USER_MARK.sub(mention, text)
    return _EMAIL.sub(mark, text) if _AT.search(text) else text


def strip_mentions(text: str, mark: str, name: str) -> str:
    """Replace @somebody; `name` is the placeholder that a known somebody has become already."""
    if "@" not in text and "＠" not in text:
        return text
    somebody = rf"(?:{re.escape(name)}|\w)(?:{re.escape(name)}|\w|[.'’-](?=\w))*"
    return re.sub(rf"[@＠](?!{_CLOCK_OR_COUNT}){somebody}", mark, text)


def strip_numbers(text: str, phone: str, nino: str, *, apart: bool = False) -> str:
    """Replace phone and National Insurance numbers; with `apart` only those that touch no letter, digit or hyphen."""
    if not _DIGIT.search(text):
        return text
    text = (_NINO_APART if apart else _NINO).sub(nino, text)
    wanted = _PHONE_APART if apart else _PHONE

    def judge(found: re.Match[str]) -> str:
        return phone if wanted.search(_DAY.sub("|", found[0])) else found[0]

    return (_LONG_NUMBER_APART if apart else _LONG_NUMBER).sub(judge, text)


def strip_personal_pages(text: str, name: str) -> str:
    """Replace whose page it is in /personal/..., /profile/... and /~..., which are logins more often than names."""
    return _PERSONAL_PAGE.sub(rf"\g<1>{name}", text)


def cut_search(text: str) -> str:
    """An address less what was searched for; parameters that are plain numbers name things and stay."""
    if "?" not in text or not _ADDRESS.match(text):
        return text
    address, _, search = text.partition("?")
    kept = [part for part in re.split("[&;]", search.partition("#")[0]) if _NUMBERED.fullmatch(part)]
    return address + ("?" + "&".join(kept) if kept else "")


def is_uuid(text: str) -> bool:
    """A UUID, which holds digits and letters enough to look like anything."""
    return _UUID.fullmatch(text) is not None
