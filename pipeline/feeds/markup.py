"""HTML that people wrote in, to text.

Belongs here: tags. Does not: which field is HTML (plugins/), or names in the text (privacy/).
"""

from __future__ import annotations

from html.parser import HTMLParser

BREAKS = frozenset({
    "blockquote", "br", "dd", "div", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "table",
    "td", "th", "tr", "ul",
})  # fmt: skip
UNSEEN = frozenset({"script", "style", "title", "at"})


def plain(content: str) -> str:
    """HTML as text: blocks on lines of their own, nothing of scripts, and none of the people whom it mentions."""
    reader = _Text()
    reader.feed(content)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BREAKS:
            self.pieces.append("\n")
        elif tag in ("img", "emoji") and not self._unseen:
            self.pieces.append(dict(attrs).get("alt") or "")
        elif tag in UNSEEN:
            self._unseen += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data.replace("\n", " "))
