"""Protect people before anything touches disk: keyed pseudonyms for identifiers, placeholders in what they wrote.

Belongs here: the key, the pseudonym, and what is stripped from prose and labels.
Does not: which field is of which privacy class (connector.py), or files (landing/).
"""

from __future__ import annotations

from pipeline.privacy.key import load_key
from pipeline.privacy.pseudonyms import Pseudonyms
from pipeline.privacy.scrubber import Scrubber

__all__ = ["Pseudonyms", "Scrubber", "load_key"]
