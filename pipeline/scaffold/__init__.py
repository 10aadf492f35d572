"""A new plug-in that works at once: one folder with connector, halves, sample, README and its test.

Belongs here: copying one of the patterns beside this file under another name. Does not: what a plug-in must keep
(testing/).
"""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.describe import readme
from pipeline.discovery import load_plugin
from pipeline.places import shipped
from pipeline.problems import ConfigError

PATTERNS = {
    "rest": "a server that is asked page by page, with a token",
    "csv": "tables that somebody saves into a folder",
    "export": "ZIP exports that an administrator saves into a folder",
}
HERE = Path(__file__).parent
WORD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def new_connector(name: str, like: str, folder: Path) -> list[Path]:
    """Write `folder`/`name` after a pattern; gives the files. Raises ConfigError on a name or place that cannot be."""
    if not WORD.fullmatch(name):
        raise ConfigError(f"{name!r} cannot be a plug-in: take one lower-case word, as in staff_survey")
    if like not in PATTERNS:
        raise ConfigError(f"--like {like!r}: there is {', '.join(PATTERNS)}")
    place = folder / name
    if (shipped("plugins") / name).exists() and not place.exists():
        raise ConfigError(f"a plug-in called {name} ships with Tidemark: configure that one, or take another name")
    if place.exists():
        raise ConfigError(f"{place.name}/ is there already: take another name, or remove it")
    words = {"suggestions": name, "Suggestions": "".join(part.title() for part in name.split("_"))}
    place.mkdir(parents=True)
    for path in sorted([*(HERE / like).glob("*.py"), *(HERE / like).glob("*.sql")]):
        (place / path.name).write_text(_renamed(path.read_text("utf-8"), words), "utf-8")
    (place / f"test_{name}.py").write_text((HERE / "test_plugin.py.txt").read_text("utf-8"), "utf-8")
    page = place / "README.md"
    page.write_text(readme(load_plugin(place), _renamed((HERE / "README.md.txt").read_text("utf-8"), words)), "utf-8")
    return sorted(path for path in place.iterdir() if path.is_file())


def _renamed(text: str, words: dict[str, str]) -> str:
    return re.sub("|".join(words), lambda found: words[found[0]], text)
