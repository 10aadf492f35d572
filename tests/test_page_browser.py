"""The page in a real browser: on a desk, on a phone, on paper. Nothing scrolls sideways, nothing is fetched."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pipeline import report
from tests.published import NIGHTS, publish

pytestmark = pytest.mark.browser
playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
SEEN = ("usual", "broken", "crowded", "empty")
WIDTHS = (1280, 768, 360, 320)

# Every piece of text that can be seen: its size as drawn, its colour, and what stands behind it.
TEXTS = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), element = walker.currentNode.parentElement;
    const box = element.getBoundingClientRect();
    if (!text || !element.checkVisibility() || !box.width || box.right < 0) continue;
    const svg = element.closest('svg'), style = getComputedStyle(element);
    const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
    let ground = 'rgb(255, 255, 255)';
    for (let e = element; e && !svg; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)') { ground = colour; break; }
    }
    const rim = svg && style.stroke !== 'none';
    if (!rim) found.push({text, size: parseFloat(style.fontSize) * scale, colour: svg ? style.fill : style.color, ground});
  }
  return found;
}"""

OUTLINE = """() => ({
  lang: document.documentElement.lang, title: document.title,
  headings: [...document.querySelectorAll('h1,h2,h3,h4')].filter(h => h.checkVisibility()).map(h => +h.tagName[1]),
  pictures: [...document.querySelectorAll('svg')].filter(s => s.checkVisibility() && s.getAttribute('aria-hidden') !== 'true')
    .map(s => [s.getAttribute('role'), s.getAttribute('aria-label')]),
  links: [...document.querySelectorAll('a')].map(a => [a.textContent.trim(), a.getAttribute('href')]),
  landmarks: ['header', 'main', 'footer'].map(name => document.querySelectorAll(name).length),
  unnamed: [...document.querySelectorAll('[role=region],section:not([aria-hidden])')]
    .filter(e => !e.getAttribute('aria-label') && !document.getElementById(e.getAttribute('aria-labelledby'))).length,
  sideways: [document.documentElement.scrollWidth, window.innerWidth],
})"""


@dataclass
class Visit:
    """A page that is open, and what it said and asked for while it opened."""

    page: Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    with playwright_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of each night that is looked at."""
    found = {}
    for night in SEEN:
        folder = tmp_path_factory.mktemp(night)
        found[night] = report.write(publish(folder / "published.duckdb", **NIGHTS[night]()), folder / "report")
    return found


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Visit]]:
    context = browser.new_context()

    def open_page(path: Path, width: int = 1280, media: str = "screen") -> Visit:
        here = Visit(context.new_page())
        here.page.set_viewport_size({"width": width, "height": 900})
        here.page.emulate_media(media=media)
        here.page.on("console", lambda message: here.said.append(message.text))
        here.page.on("pageerror", lambda error: here.said.append(str(error)))
        here.page.on("request", lambda request: here.asked.append(request.url))
        here.page.goto(path.as_uri(), wait_until="load")
        return here

    yield open_page
    context.close()


def channels(colour: str) -> list[float]:
    return [float(part) / 255 for part in re.findall(r"[\d.]+", colour)[:3]]


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in channels(colour))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("night", SEEN)
def test_the_page_fits_and_fetches_nothing(
    visit: Callable[..., Visit], drawn: dict[str, Path], night: str, width: int
) -> None:
    here = visit(drawn[night], width)
    assert here.said == [], "no error and no breach of the policy"
    assert here.asked == [drawn[night].as_uri()], "nothing but the page itself"
    seen = here.page.evaluate(OUTLINE)
    assert seen["sideways"][0] <= width
    for summary in here.page.query_selector_all("summary"):
        summary.click()
    assert here.page.evaluate(OUTLINE)["sideways"][0] <= width, "also with every table open"
    assert seen["title"] != "broken", "a name is text, never script"


@pytest.mark.parametrize("night", SEEN)
def test_who_cannot_see_the_page_can_read_it(visit: Callable[..., Visit], drawn: dict[str, Path], night: str) -> None:
    seen = visit(drawn[night]).page.evaluate(OUTLINE)
    assert seen["lang"] == "en"
    assert seen["title"].startswith("Tidemark: ")
    assert seen["landmarks"] == [1, 1, 1]
    assert seen["unnamed"] == 0
    assert seen["headings"][0] == 1
    assert seen["headings"].count(1) == 1
    deeper = [b - a for a, b in zip(seen["headings"], seen["headings"][1:], strict=False)]
    assert max(deeper) <= 1, "no level of heading is skipped"
    assert all(role == "img" and len(label) > 20 for role, label in seen["pictures"])
    assert all(text and href for text, href in seen["links"])


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("night", SEEN)
def test_all_text_is_large_and_dark_enough(
    visit: Callable[..., Visit], drawn: dict[str, Path], night: str, width: int
) -> None:
    texts = visit(drawn[night], width).page.evaluate(TEXTS)
    assert len(texts) > 50
    small = [(t["text"], t["size"]) for t in texts if t["size"] < 11]
    assert not small
    pale = [(t["text"], t["colour"]) for t in texts if contrast(t["colour"], t["ground"]) < 4.5]
    assert not pale


def test_each_size_shows_each_chart_once(visit: Callable[..., Visit], drawn: dict[str, Path]) -> None:
    for width, media in ((1280, "screen"), (768, "screen"), (360, "screen"), (726, "print")):
        page = visit(drawn["usual"], width, media).page
        shown = page.evaluate(
            "() => [...document.querySelectorAll('svg[role=img]')].filter(s => s.checkVisibility()).map(s => s.ariaLabel)"
        )
        assert len(shown) == len(set(shown)) == 10


def test_the_keyboard_finds_the_skip_link_and_the_tables(visit: Callable[..., Visit], drawn: dict[str, Path]) -> None:
    page = visit(drawn["usual"]).page
    page.keyboard.press("Tab")
    first = "() => [document.activeElement.textContent, document.activeElement.getBoundingClientRect().left >= 0]"
    assert page.evaluate(first) == ["Skip to the figures", True]
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"


@pytest.mark.parametrize("night", SEEN)
def test_the_front_of_the_paper_holds_the_answers_up_to_the_mood(
    visit: Callable[..., Visit], drawn: dict[str, Path], night: str
) -> None:
    page = visit(drawn[night], 726, "print").page
    texts = page.evaluate(TEXTS)
    small = [(t["text"], t["size"]) for t in texts if t["size"] < 8]
    assert not small, "6 points"
    if night in ("usual", "broken"):
        foot = page.evaluate("() => document.getElementById('mood').getBoundingClientRect().bottom")
        assert foot < (297 - 16) / 25.4 * 96, "A4, less its margins"
    pdf = page.pdf(prefer_css_page_size=True)
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert pages <= (4 if night != "crowded" else 9)


def test_the_policy_stops_script_and_style_that_are_not_ours(
    visit: Callable[..., Visit], drawn: dict[str, Path], tmp_path: Path
) -> None:
    """The check above can fail: what is smuggled into the page is refused, and the browser says so."""
    smuggled = (
        "<script>document.title = 'broken'</script><p id='probe' style='color: red'>x</p>"
        "<style>#main{display:none}</style><img src='http://127.0.0.1:9/x.png'>"
    )
    path = tmp_path / "index.html"
    path.write_text(drawn["usual"].read_text().replace("</body>", smuggled + "</body>"))
    here = visit(path)
    assert here.page.title() != "broken"
    assert here.page.evaluate("() => getComputedStyle(document.getElementById('probe')).color") != "rgb(255, 0, 0)"
    assert here.page.evaluate("() => document.getElementById('main').checkVisibility()")
    assert len([line for line in here.said if "Content Security Policy" in line]) >= 4
