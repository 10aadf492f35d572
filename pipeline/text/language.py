"""Tell English, Welsh and other languages apart by the words that no sentence can do without.

Belongs here: the word lists and the rule. Does not: which languages a scorer knows (tone.py).

No model was taken: messages are short, Welsh is often missing from models, and an answer must be explainable to
whoever wrote the message.
"""

# ruff: noqa: SIM905  (lists of words are read and edited as text)
from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.text.clean import WORD

ENGLISH = frozenset(
    """
    the and of to in it that for was on with his they be have this from had not but what all were when we there can
    your which their said if do will each about how up out them then she many some so these would other into has more
    her like him see time could no make than been its who now did get come made over such take only little know because
    very just any our us most after before through where too much should well also back down off always never nothing
    everything need help good great thank thanks please better best work you my me he by or don't didn't can't isn't
    it's i'm i've that's there's we're you're they're won't doesn't wasn't couldn't
    """.split()
)
WELSH = frozenset(
    """
    yn y yr ei ar gan mae roedd oedd wedi mewn fel cael gael neu yw ydy ydi bod fod eu ni ond hefyd â ac nid ddim dim
    gyda gydag bydd fydd fy unrhyw yng ym rhaid sydd sy iawn wrth mynd cyn pan ti beth rhan angen di mi gyfer eraill
    hon newydd yna gweld hyd hynny hyn hwn dw dwi dyma chi chwi arall wneud gwneud dros yma yno nifer ag oes pob bob
    heb ein eich nhw fe os nad rai rhai bellach llawer ffordd eto gall sut pam pwy pryd ble lle diolch fawr mawr da dda
    drwy erbyn rhwng er cymraeg cymru gwaith gwych bore prynhawn croeso nage nac wyt rydw rydyn rydym maen doedd does
    efallai dyna wir byddai byth bu cafodd caiff ôl hanner pobl bobl o pawb bawb helo shwmae hwyl noswaith eisiau
    """.split()
)
# A handful each of French, German, Spanish, Italian, Portuguese, Polish and Romanian: enough to see that a sentence is
# neither English nor Welsh, not to say what it is. No word of the other two lists.
ELSEWHERE = frozenset(
    """
    le les des une est dans que qui nous vous avec pas sont cette mais ou être merci je il elle très aussi der das
    und ist nicht eine mit für auf dem ich sie auch sich bei zu danke sehr wird haben el los por para
    una como muy pero más esto está gracias del porque todo della che sono questo grazie molto anche gli não uma
    muito obrigado você são się nie jest że dla jak są dziękuję bardzo și nu este pentru sunt mulțumesc foarte
    pour votre notre vielen dank bitte alles gute dziękujemy buenos días hola
    """.split()
)

_CLITIC = re.compile(r"(?:[aeiouwyâêîôûŵŷ]|sy|dw)'(?:r|n|i|w|u|m|th|ch|ll)")
_WELSH_SHAPE = re.compile(
    r"[ŵŷ]|^(?:ngh|mh|nh|rh|ff|gwn|gwr|gwl|cych|cyf|cyn|cym|dd)|dd[wy]|[lrf]dd"
    r"|(?:wy[dnr]?|yw|ydd|iad|iaeth|olion|ion?wyd|odd|wch|dd[oi])$|[^aeiou]w[rlnsdt]?$"
)
_ENGLISH_SHAPE = re.compile(r"[kqvxz]|ing|tion|ed|ly|ness|ment|able|ful|ance|ence|ght|ee|oo|sh|ck")
_ELSEWHERE_SHAPE = re.compile(r"[ßñçãõøåæłąęśżźńčšžřěőűășțğı]")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1dff\u2e80-\ud7ff\uf900-\ufdff\ufe70-\ufefc]")


class Evidence(NamedTuple):
    """How much speaks for English, for Welsh, and for neither: 2 a word of the lists, 1 a word of that shape."""

    english: int
    welsh: int
    elsewhere: int
    words: int

    @property
    def language(self) -> str | None:
        """'en', 'cy', 'other', or None where nothing tells."""
        if self.elsewhere >= 4 and self.elsewhere > self.english + self.welsh:
            return "other"
        # One word that looks Welsh (Pudding) is no Welsh text.
        if self.welsh > self.english and (self.welsh > 1 or self.words > 1):
            return "cy"
        return "en" if self.english else None


def weigh(words: list[str]) -> Evidence:
    """The evidence in these words."""
    english = welsh = elsewhere = 0
    for word in words:
        one = _weigh_word(word)
        english, welsh, elsewhere = english + one[0], welsh + one[1], elsewhere + one[2]
    return Evidence(english, welsh, elsewhere, len(words))


def language_of(cleaned: str) -> str | None:
    """The language of a cleaned text: 'en', 'cy', 'other', or None where it is too short to tell."""
    return weigh(WORD.findall(cleaned)).language


@lru_cache(maxsize=100_000)
def _weigh_word(word: str) -> tuple[int, int, int]:
    word = word.lower()
    if word in ENGLISH:
        return 2, 0, 0
    if word in WELSH or _CLITIC.search(word[-4:]):
        return 0, 2, 0
    if _OTHER_SCRIPT.search(word):
        return 0, 0, 4
    if word in ELSEWHERE:
        return 0, 0, 2
    if _ELSEWHERE_SHAPE.search(word):
        return 0, 0, 1
    if _WELSH_SHAPE.search(word):
        return 0, 1, 0
    return (1, 0, 0) if _ENGLISH_SHAPE.search(word) else (0, 0, 0)
