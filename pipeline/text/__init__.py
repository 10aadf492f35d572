"""Read what people wrote: its language, its tone, its themes, and whether it asks something. Nothing here keeps any text.

Belongs here: everything from a text to a reading of it. Does not: whose text it is, files, or what a metric makes of
readings (warehouse/).
"""

from __future__ import annotations

from pipeline.text.purpose import is_question
from pipeline.text.reading import Reading, languages, read, score
from pipeline.text.themes import ThemeList, read_themes
from pipeline.text.tone import Scorer, register, scorer_version

__all__ = [
    "Reading",
    "Scorer",
    "ThemeList",
    "is_question",
    "languages",
    "read",
    "read_themes",
    "register",
    "score",
    "scorer_version",
]
