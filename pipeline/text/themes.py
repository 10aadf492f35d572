"""What a text is about: themes by whole words and stems, from a list that a communications team owns.

Belongs here: reading and checking a list, and finding its words in a cleaned text. Does not: the words (warehouse/themes.yml),
or what is made of themes (warehouse/).
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any
from unicodedata import normalize

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.places import shipped
from pipeline.problems import ConfigError
from pipeline.text.language import ENGLISH, WELSH

RULE = "1"  # counted up whenever the same words would find other texts
_NAME = re.compile(r"[^\W\d_][\w '&-]{1,39}")
_PHRASE = re.compile(r"[^\W_][\w'’]*(?:-[\w'’]+)*\*?(?: [^\W_][\w'’]*(?:-[\w'’]+)*\*?)*")
_STEM = 3  # letters; less would begin too many words
_LARGEST, _MOST, _LONGEST, _DEEP = 256 << 10, 100, 80, 4  # bytes of a list, its themes, letters of a phrase, levels

# The first sounds of Welsh words and what they may turn into; longer spellings first, since "ph" is no p.
_MUTATED = (
    (("ch", "dd", "ff", "ng", "ph", "th"), None), (("ll",), "ll?"), (("rh",), "rh?"), (("p",), "(?:p|b|mh|ph)"),
    (("t",), "(?:t|d|nh|th)"), (("c",), "(?:c|g|ngh|ch)"), (("b",), "(?:b|f|m)"), (("d",), "(?:d|dd|n)"),
    (("g",), "(?:g|ng)?"), (("m",), "(?:m|f)"), (tuple("aâeêiîoôuûwŵyŷ"), None),
)  # fmt: skip


class _Words(BaseModel):
    """One theme of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hard: bool = False
    en: list[str] = []
    cy: list[str] = []


@dataclass(frozen=True)
class Theme:
    """A theme, whether leaders find it hard to answer, and how its words are found."""

    name: str
    hard: bool
    words: re.Pattern[str]


@dataclass(frozen=True)
class ThemeList:
    """The themes in the order of their file. `version` changes whenever any text may get other themes."""

    themes: tuple[Theme, ...]
    version: str

    def of(self, cleaned: str) -> tuple[str, ...]:
        """The themes of a cleaned text, in the order of the list; none is an empty tuple."""
        plain = cleaned.lower()
        if not plain.isascii():
            plain = normalize("NFC", plain).replace("’", "'")
        return tuple(theme.name for theme in self.themes if theme.words.search(plain))


def read_themes(path: Path | None = None) -> ThemeList:
    """The list in this file, by default the one that ships. Raises ConfigError naming the file, the theme and what to change."""
    file = path or shipped("warehouse") / "themes.yml"
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"[tidemark.rules] themes: cannot read {file.name} ({error.strerror})") from error
    if len(content) > _LARGEST:
        raise ConfigError(f"{file.name}: is over {_LARGEST >> 10} KB: a list of themes is some pages long")
    return _parsed(file, content)


@lru_cache(maxsize=8)
def _parsed(path: Path, content: bytes) -> ThemeList:
    """The list in a file of this content: what is read again and again is parsed once, and an edit is seen at once."""
    try:
        told = yaml.load(content.decode("utf-8"), _Plain)  # noqa: S506 - a safe loader, and stricter
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path.name}, line {line}: is not UTF-8: save it as UTF-8") from error
    except yaml.YAMLError as error:
        mark, why = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        where, why = f", line {mark.line + 1}" if mark else "", f" ({why[:_LONGEST]})" if why else ""
        raise ConfigError(f"{path.name}{where}: is not YAML that a list of themes may be{why}") from error
    if not isinstance(told, dict) or not told:
        raise ConfigError(f"{path.name}: must name at least one theme, each with lists of words under en and cy")
    if len(told) > _MOST:
        raise ConfigError(f"{path.name}: has {len(told)} themes; more than {_MOST} can be told by nobody")
    found = {str(name): _checked(path, str(name), words) for name, words in told.items()}
    themes = tuple(Theme(name, words.hard, _pattern(words)) for name, words in found.items())
    words_told = json.dumps([RULE, *((name, sorted(w.en), sorted(w.cy)) for name, w in found.items())], ensure_ascii=False)
    return ThemeList(themes, blake2b(words_told.encode(), digest_size=6).hexdigest())


class _Plain(yaml.SafeLoader):
    """YAML as a person writes a list: every name once, nothing that stands for something else, few levels."""

    _level = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """One value of the file. Raises a YAMLError where it is an alias or lies too deep."""
        begins = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="* stands for words elsewhere: write them here", problem_mark=begins)
        if self._level > _DEEP:
            raise yaml.MarkedYAMLError(problem="too many levels", problem_mark=begins)
        self._level += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._level -= 1

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The names in a mapping with what they hold. Raises a YAMLError where one comes twice, in whatever case."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value.strip().casefold() in seen:
                    raise yaml.MarkedYAMLError(problem=f"{key.value!r} comes twice: keep one", problem_mark=key.start_mark)
                seen.add(key.value.strip().casefold())
        return super().construct_mapping(node, deep)


def _checked(path: Path, name: str, told: object) -> _Words:
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{path.name}: theme {name[:_LONGEST]!r}: a name is 2 to 40 letters, digits and spaces, a letter first")
    try:
        words = _Words.model_validate(told)
    except ValidationError as error:
        fault = error.errors(include_context=False, include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in fault["loc"])
        raise ConfigError(f"{path.name}: theme {name!r}{f', key {key!r}' if key else ''}: {fault['msg']}") from None
    if not words.en and not words.cy:
        raise ConfigError(f"{path.name}: theme {name!r}: has no words; list some under en or cy")
    for phrase in [*words.en, *words.cy]:
        stems = [part for part in phrase.split() if part.endswith("*")]
        if len(phrase) > _LONGEST or not _PHRASE.fullmatch(phrase) or any(len(stem) <= _STEM for stem in stems):
            raise ConfigError(
                f"{path.name}: theme {name!r}: {phrase[:_LONGEST]!r} is neither a word nor a phrase; letters, digits, ' and -, "
                f"with * only at the end of a word of {_STEM} letters or more"
            )
        if len(phrase) == 1 or (len(phrase.rstrip("*")) <= _STEM and phrase.lower().rstrip("*") in ENGLISH | WELSH):
            raise ConfigError(f"{path.name}: theme {name!r}: {phrase!r} is in nearly every text, whatever it is about: take it out")
    return words


def _pattern(words: _Words) -> re.Pattern[str]:
    """Every word of the theme, whole; the longest need not come first, since only whether one is there is asked."""
    phrases = {_phrase(phrase, welsh=False) for phrase in words.en} | {_phrase(phrase, welsh=True) for phrase in words.cy}
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(phrases))})(?!\w)")


def _phrase(phrase: str, *, welsh: bool) -> str:
    parts = phrase.lower().replace("’", "'").split()
    return r"\s+".join(_word(part, welsh=welsh) for part in parts)


def _word(word: str, *, welsh: bool) -> str:
    stem, plain = word.endswith("*"), word.rstrip("*")
    found = _mutations(plain) if welsh else _joined(plain)
    return found + (r"[\w'-]*" if stem else "")


def _mutations(word: str) -> str:
    """The word with its first sound as it is or mutated; before a vowel an h may stand."""
    for starts, turned in _MUTATED:
        for start in starts:
            if word.startswith(start):
                if turned is None:
                    return ("h?" if len(start) == 1 else "") + _joined(word)
                return turned + _joined(word[len(start) :])
    return _joined(word)


def _joined(word: str) -> str:
    """A hyphen may be a space: e-learning, e learning."""
    return r"[\s-]+".join(re.escape(part) for part in word.split("-"))
