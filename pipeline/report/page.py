"""The morning page: the order of its blocks, its header and footer, one static HTML file.

Belongs here: putting the blocks together and closing the file (no script, no outside reference). Does not: what a
block says (adoption.py, chats.py, ...), the HTML itself (templates/).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.report import words
from pipeline.report.adoption import adoption
from pipeline.report.block import Block
from pipeline.report.chats import questions, replies
from pipeline.report.learning import learning
from pipeline.report.mood import mood
from pipeline.report.published import Published, Source
from pipeline.report.spreading import spreading
from pipeline.report.taking_part import taking_part
from pipeline.report.unsaid import since, unsaid

ORDER: tuple[Callable[[Published], Block], ...] = (
    adoption, spreading, questions, replies, learning, mood, taking_part, unsaid,
)  # fmt: skip
"""The page from top to bottom, and the only place that says so: a block is numbered by where it stands.

A narrow block and the wide one after it share a row; a full one has its own.
"""

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Freshness:
    """A source in the header: its name, its state as a shape, and how far it has been read."""

    name: str
    state: str
    since: str


def render(published: Published) -> str:
    """The whole page as text; the same edition gives the same text."""
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    edition = published.edition
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        # Ours, and named by its hash in the policy: anything else that claims to be style is refused by the browser.
        style=Markup(style),  # noqa: S704
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        edition=edition,
        day=words.weekday(edition.as_of + timedelta(days=1)),
        data_to=f"{edition.as_of:%A} {edition.as_of.day} {edition.as_of:%B}",
        sources=[Freshness(words.source_name(s.source), _shape(s), since(s)) for s in published.sources],
        roster=_roster(published),
        blocks=[(number, block(published)) for number, block in enumerate(ORDER, start=1)],
        cards=sorted(((words.name_of(m.name), m) for m in published.metrics.values()), key=lambda card: card[0]),
    )


def _shape(source: Source) -> str:
    return source.state if source.state in ("fresh", "behind") and source.fresh_to else "never"


def _roster(published: Published) -> tuple[str, str]:
    """The share of the roster that any source can see, and about how many staff that is."""
    edition = published.edition
    if not edition.roster:
        return "No roster", "without it no share can be said"
    staff = f"{words.count(edition.roster)} staff (count)"
    if edition.visible_share is None:
        return "Share visible not known", f"of {staff}"
    # To the ten: the exact number would tell how few are unseen.
    seen = words.count(round(edition.visible_share * edition.roster / 10) * 10)
    return f"{words.say(edition.visible_share, 'share')} of the roster visible", f"about {seen} of {staff}"
