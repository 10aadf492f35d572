"""Numbers as people type them into a sheet.

Belongs here: text to a number. Does not: which numbers a scale has (plugins/).
"""

from __future__ import annotations

import re

NUMBER = re.compile(r"[+-]?\d{1,6}([.,]\d{0,6})?")
THOUSANDS = re.compile(r"[+-]?[^\D0]\d{0,2},\d{3}")


def number(text: str) -> float | None:
    """The number, in any script's digits and with a point or a comma before its decimals; None where it is none.

    Not all that float() takes is one: nobody who types 1_0, 1e308 or inf means a number. 1,204 may be either of two.
    """
    if not NUMBER.fullmatch(text := text.strip()) or THOUSANDS.fullmatch(text):
        return None
    return float(text.replace(",", "."))
