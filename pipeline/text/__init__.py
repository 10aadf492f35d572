"""Read what people wrote: its language, its tone, and whether it asks something. Nothing here keeps any text.

Belongs here: everything from a text to a reading of it. Does not: whose text it is, files, or what a metric makes of
readings (warehouse/).
"""

from __future__ import annotations

from pipeline.text.purpose import is_question
from pipeline.text.reading import Reading, languages, read, score
from pipeline.text.tone import Scorer, register, scorer_version

__all__ = ["Reading", "Scorer", "is_question", "languages", "read", "register", "score", "scorer_version"]
