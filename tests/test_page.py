"""The page as it leaves the house: one closed file, made from published.duckdb alone, standing on any night."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import altair as alt
import duckdb
import pytest

from pipeline import report
from pipeline.figures import kept_back
from pipeline.problems import TidemarkError
from pipeline.report import drawing, page, words
from pipeline.report.published import read
from tests.published import NIGHTS, RUDE, changed, figure, publish, silent, story

EMPTY = {"meta", "link", "br", "img", "hr", "input", "circle", "path", "line", "rect"}


class Outline(HTMLParser):
    """What a machine sees of the page: every tag with its attributes, and the text in it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open, f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            assert self._open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self._open[-1] if self._open else "", data))

    def all(self, *names: str) -> list[dict[str, str]]:
        return [attrs for tag, attrs in self.tags if tag in names]

    def said_in(self, *names: str) -> list[str]:
        return [text for tag, text in self.texts if tag in names]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a night's report; each night is drawn once."""
    done: dict[str, Path] = {}

    def make(night: str) -> Path:
        if night not in done:
            folder = tmp_path_factory.mktemp(night)
            report.write(publish(folder / "published.duckdb", **NIGHTS[night]()), folder / "report")
            done[night] = folder
        return done[night]

    return make


def html(folder: Path) -> str:
    return (folder / "report/index.html").read_text()


# ------------------------------------------------------------------------------------------------ on any night at all
@pytest.mark.parametrize("night", NIGHTS)
def test_the_page_is_whole_closed_and_said_in_words(made: Callable[[str], Path], night: str) -> None:
    text = html(made(night))
    outline = Outline(text)
    for tag in ("script", "iframe", "object", "embed", "form", "link", "base", "img", "foreignobject", "use", "image"):
        assert not outline.all(tag), tag
    for tag, attrs in outline.tags:
        assert "style" not in attrs, tag
        assert not [key for key in attrs if key.startswith("on")], tag
        assert all(attrs.get(key, "#").startswith(("#", "figures.csv")) for key in ("href", "src", "xlink:href")), attrs
        for value in (v for k, v in attrs.items() if "url(" in v and k != "content"):
            assert re.fullmatch(r"url\(#[\w-]+\)", value), value
    ids = Counter(attrs["id"] for _, attrs in outline.tags if "id" in attrs)
    assert [name for name, times in ids.items() if times > 1] == []
    targets = re.findall(r'url\(#([\w-]+)\)|href="#([\w-]+)"|aria-labelledby="([\w-]+)"', text)
    assert {name for found in targets for name in found if name} <= set(ids)

    assert len(outline.all("h1")) == 1
    titles = outline.said_in("h1", "h2")
    assert all(words.fits(title) and not words.avoided(title) and not title.endswith(".") for title in titles), titles
    blocks = [attrs for attrs in outline.all("section") if attrs.get("class", "").startswith("block ")]
    assert len(blocks) == len(page.ORDER)
    for attrs in outline.all("svg"):
        assert attrs.get("aria-hidden") == "true" or (attrs["role"] == "img" and len(attrs["aria-label"]) > 20)
    assert len(outline.all("table")) == len(outline.all("caption"))
    assert all(attrs.get("scope") in ("col", "row") for attrs in outline.all("th"))
    assert "None" not in outline.said_in("td", "th", "p", "strong", "li", "dd")
    assert "nan" not in " ".join(outline.said_in("td", "th", "p", "strong", "li", "dd", "text")).split()


@pytest.mark.parametrize("night", NIGHTS)
def test_the_policy_names_the_one_style_and_nothing_else(made: Callable[[str], Path], night: str) -> None:
    text = html(made(night))
    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    [policy] = [a["content"] for a in Outline(text).all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("night", NIGHTS)
def test_text_is_large_enough_to_read(made: Callable[[str], Path], night: str) -> None:
    smallest = {"desktop": 11.0, "phone": 11.0, "paper": 8.0}  # pixels; 8 are 6 points
    for css_class, body in re.findall(r'<svg [^>]*class="(desktop|phone|paper)"[^>]*>(.*?)</svg>', html(made(night)), re.DOTALL):
        sizes = [float(size) for size in re.findall(r'<text[^>]*font-size="([\d.]+)px"', body)]
        assert min(sizes, default=99) >= smallest[css_class]


@pytest.mark.parametrize("night", NIGHTS)
def test_the_summary_fits_a_terminal(made: Callable[[str], Path], night: str) -> None:
    lines = report.summary(made(night) / "published.duckdb").splitlines()
    assert len(lines) <= 26
    assert max(map(len, lines)) <= 110
    assert any(word in "\n".join(lines) for word in ("take part", "No figure"))


# ----------------------------------------------------------------------------------------------- what a night must say
def test_a_usual_night_says_so(made: Callable[[str], Path]) -> None:
    outline = Outline(html(made("usual")))
    assert outline.said_in("h1") == ["Nothing unusual this week: 40% of staff take part regularly"]
    said = " ".join(outline.said_in("p", "b", "span", "dd", "div", "body"))
    assert "Monday 13 July 2026" in said
    assert "Data to 23:59 on Sunday 12 July" in said
    assert "(simulated figures)" in said
    assert "92% of the roster visible" in said
    assert "about 2,760 of 3,000 staff (count)" in said
    assert "Late, to 8 Jul 2026" in said
    assert "Other cut-offs give 35% to 46%." in said
    assert "Figures rest on at least 10 people. Before they are published, all of them together are attacked," in said


def test_a_rise_is_told_beside_an_event_and_never_because_of_it(made: Callable[[str], Path]) -> None:
    outline = Outline(html(made("risen")))
    [headline] = outline.said_in("h1")
    assert "up " in headline
    assert headline.endswith("; Operations fell")
    said = " ".join(outline.said_in("p"))
    assert "Seven of eight directorates rose; Operations fell." in said
    assert "came alongside “Permanent Secretary’s web chat”; we cannot yet say it came from it." in said
    assert drawing.WARM in html(made("risen"))


def test_blocks_are_numbered_as_they_stand(made: Callable[[str], Path]) -> None:
    questions = re.findall(r'<p class="question"><b>(\d+)</b> (.*?)</p>', html(made("usual")))
    assert [int(number) for number, _ in questions] == list(range(1, len(page.ORDER) + 1))
    assert questions[0][1] == "What changed?"
    assert questions[-1][1] == "What cannot be said yet?"


def test_what_is_hidden_is_marked_and_explained_and_its_value_is_nowhere(tmp_path: Path) -> None:
    secret = 0.123456789
    rows = [figure("completion_share", r["period_end"], secret, unit_level="directorate", unit="Policy", base=375)
            if (r["metric"], r["unit"]) == ("completion_share", "Policy") else r for r in story()]  # fmt: skip
    hidden = changed(
        rows, lambda r: r["value"] == secret, lambda r: silent(r, "suppressed", kept_back(10))
    )
    report.write(publish(tmp_path / "published.duckdb", hidden), tmp_path / "report")
    text = html(tmp_path)
    block = text[text.index('id="learning"') : text.index('id="mood"')]
    assert "url(#learning-desktop-hatch)" in block
    assert "[c]" in block
    assert f"hidden [c]: {kept_back(10)}" in block
    row = re.search(r'<tr><th scope="row">Policy</th>(.*?)</tr>', block)
    assert row
    assert re.findall("<td>(.*?)</td>", row[1])[0] == "[c]"
    assert "12%" not in row[1]


def test_a_gap_is_drawn_as_one_and_told_with_its_dates(made: Callable[[str], Path]) -> None:
    text = html(made("broken"))
    svg = next(s for s in re.findall(r"<svg .*?</svg>", text, re.DOTALL) if 'class="desktop"' in s and "take part" in s)
    assert "no data 23 Feb to 15 Mar" in svg
    assert ">No data<" in svg
    assert "stroke-dasharray" in svg
    assert "hidden [c] 13 Apr to 10 May" in text
    assert "The data cannot carry it" in text
    assert "fewer than 20 posts were written" in text


def test_every_tick_that_is_drawn_is_labelled(made: Callable[[str], Path]) -> None:
    """Vega thins the values it is given where it would have chosen fewer itself."""
    text = html(made("usual"))
    block = text[text.index('id="learning"') : text.index('id="mood"')]
    for svg in re.findall(r"<svg .*?</svg>", block, re.DOTALL):
        assert [label for label in (">0<", ">5%<", ">10%<", ">15%<") if label not in svg] == []


def test_a_first_night_without_any_source_says_what_to_do(made: Callable[[str], Path]) -> None:
    text = html(made("empty"))
    assert "Nothing can be said yet about how many staff take part" in text
    assert text.count("ask for a new token") >= 5
    assert "No roster" in text
    assert not Outline(text).all("figure")


def test_a_week_without_data_says_the_last_figure_and_its_day(made: Callable[[str], Path]) -> None:
    said = " ".join(Outline(html(made("behind"))).said_in("p"))
    assert "No data: the network has no data since 19 June. It was 38% (36% to 40%) on 14 June 2026." in said


def test_names_are_text_whatever_they_look_like(made: Callable[[str], Path]) -> None:
    text = html(made("crowded"))
    outline = Outline(text)
    cells = outline.said_in("th")
    assert all(name in cells for name in RUDE)
    assert "<b>Bold" not in text
    assert "30 directorates" in " ".join(outline.said_in("p"))
    assert "6 more directorates (count)" in outline.said_in("strong")


# -------------------------------------------------------------------------------------------- the same file, every time
def test_the_same_figures_give_the_same_bytes_in_another_process(made: Callable[[str], Path], tmp_path: Path) -> None:
    folder = made("broken")
    code = "import sys; from pathlib import Path; from pipeline import report; report.write(Path(sys.argv[1]), Path(sys.argv[2]))"
    subprocess.run(
        [sys.executable, "-c", code, folder / "published.duckdb", tmp_path], check=True, cwd=page.TEMPLATES.parents[2],
        env=os.environ | {"PYTHONHASHSEED": "77", "TZ": "Pacific/Auckland", "LC_ALL": "C"},
    )  # fmt: skip
    for name in ("index.html", "figures.csv"):
        assert (tmp_path / name).read_bytes() == (folder / "report" / name).read_bytes()


def test_the_files_are_private_whole_and_alone(made: Callable[[str], Path]) -> None:
    folder = made("usual") / "report"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {p.name: p.stat().st_mode & 0o777 for p in folder.iterdir()} == {"index.html": 0o600, "figures.csv": 0o600}


def test_a_page_that_cannot_be_made_leaves_the_old_one(made: Callable[[str], Path], tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report/index.html").write_text("the old page")
    with pytest.raises(TidemarkError, match=r"There is no published\.duckdb"):
        report.write(tmp_path / "published.duckdb", tmp_path / "report")
    (tmp_path / "published.duckdb").write_bytes(b"not a database at all" * 400)
    with pytest.raises(TidemarkError, match="cannot be read as a published edition"):
        report.write(tmp_path / "published.duckdb", tmp_path / "report")
    publish(tmp_path / "published.duckdb", [])
    with duckdb.connect(str(tmp_path / "published.duckdb")) as db:
        db.execute("delete from report.editions")
    with pytest.raises(TidemarkError, match="holds no edition"):
        report.write(tmp_path / "published.duckdb", tmp_path / "report")
    assert (tmp_path / "report/index.html").read_text() == "the old page"


def test_every_chart_keeps_the_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    specs: list[dict[str, Any]] = []

    def keep(spec: dict[str, Any], name: str, sentence: str, css_class: str = "") -> str:
        # The other sizes differ in numbers only, and the schema is slow.
        if css_class == "desktop":
            specs.append(spec)
        return "<svg></svg>"

    monkeypatch.setattr(drawing, "render", keep)
    page.render(read(publish(tmp_path / "published.duckdb", **NIGHTS["broken"]())))
    assert len(specs) >= len(page.ORDER)
    for spec in specs:
        alt.Chart.from_dict(json.loads(json.dumps(spec)), validate=True)


@pytest.mark.slow
def test_the_page_is_drawn_in_six_seconds(tmp_path: Path) -> None:
    published = publish(tmp_path / "published.duckdb", story(weeks=78))
    code = "import sys; from pathlib import Path; from pipeline import report; report.write(Path(sys.argv[1]), Path(sys.argv[2]))"
    before = os.times()
    subprocess.run([sys.executable, "-c", code, published, tmp_path], check=True, cwd=page.TEMPLATES.parents[2])
    after = os.times()
    # Seconds of work, not of waiting for a busy machine.
    assert after.children_user + after.children_system - before.children_user - before.children_system < 6


# ------------------------------------------------------------------------------------------------------------- colours
def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_colour_that_carries_text_or_a_line_can_be_told_from_white(made: Callable[[str], Path]) -> None:
    for colour in (drawing.INK, drawing.SOFT, drawing.TIDE, drawing.WARM):
        assert contrast(colour, "#ffffff") >= 4.5
    for colour in (drawing.GREY, drawing.EDGE, drawing.WARM_EDGE):
        assert contrast(colour, "#ffffff") >= 3
    style = (page.TEMPLATES / "page.css").read_text()
    for colour in re.findall(r"[;{]color:(#\w+)", style):
        assert contrast(colour, "#ffffff") >= 4.5
    texts = re.findall(r'<text[^>]*fill="(#\w+)"', html(made("risen")) + html(made("broken")))
    assert set(texts) <= {drawing.INK, drawing.SOFT, drawing.TIDE, drawing.WARM, drawing.WHITE}
