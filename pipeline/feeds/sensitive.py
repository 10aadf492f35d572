"""Groups whose very membership tells special-category data: trade unions, and staff networks by faith, ethnicity,
disability, sex or orientation.

Belongs here: the words by which they are known, and finding them in a name. Does not: which groups there are (plugins/).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

SENSITIVE = "trade union or staff network"
"""The rule under which such a group is excluded."""

SENSITIVE_WORDS = (
    "union", "unison", "unite", "pcs", "prospect", "fda", "gmb", "staff network", "staff association",
    "diversity network", "women's network", "bame", "race", "ethnicity", "faith", "christian", "muslim", "islamic",
    "jewish", "hindu", "sikh", "lgbt", "lgbtq", "lgbtqi", "pride", "trans", "disability", "disabled", "neurodiversity",
    "neurodivergent", "mental health", "menopause",
)  # fmt: skip


def names_with(words: Iterable[str]) -> Callable[[str], bool]:
    """Whether a name has one of these words or phrases, whole or with an s, in any case; dashes part words."""
    plain = [re.escape(_words(word)) for word in words if _words(word)]
    found = re.compile(rf"\b({'|'.join(plain)})s?\b" if plain else r"(?!)")
    return lambda name: bool(found.search(_words(name)))


def _words(text: str) -> str:
    return " ".join(re.findall(r"[\w']+", text.lower().replace("_", " ")))
