"""From an Altair chart to the SVG that stands in the page: sizes, colours, and a tidy, closed, repeatable text.

Belongs here: what every drawing shares. Does not: what any one chart shows (curve.py, multiples.py, rows.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from xml.etree import ElementTree

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode
from markupsafe import Markup

INK, SOFT, TIDE, WARM, GREY = "#14222e", "#4b5966", "#0f5e8c", "#b3470f", "#76838f"
EDGE, WARM_EDGE, BAND, WARM_BAND = "#5c8fb4", "#c8703d", "#d3e3ee", "#f3dccd"
GRID, OTHER, WHITE = "#dde3e8", "#c3ccd4", "#ffffff"
HATCH = "url(#hatch)"
FONTS = '"Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", sans-serif'

PLAIN = {"aria": False, "background": "transparent", "view": {"stroke": None, "fill": None}}
"""Without Vega's own looks: no frame, no ground, no roles inside the picture (the picture has one)."""

Column = Literal["narrow", "wide", "full"]
Spec = dict[str, Any]
Screen = Literal["desktop", "phone", "paper"]
SCREENS: tuple[Screen, ...] = ("desktop", "phone", "paper")
Layer = Any
"""An `alt.Chart` with its channels; Altair's `encode` has no type."""


@dataclass(frozen=True)
class Size:
    """One of the three ways a chart is drawn: its width, and its type in pixels."""

    name: Screen
    width: int
    text: float
    big: float

    @property
    def phone(self) -> bool:
        return self.name == "phone"

    @property
    def paper(self) -> bool:
        return self.name == "paper"

    def pick(self, desktop: float, phone: float, paper: float) -> float:
        """The measure for this size."""
        return {"desktop": desktop, "phone": phone, "paper": paper}[self.name]


WIDTHS: dict[Column, tuple[int, int, int]] = {
    "narrow": (440, 328, 290),
    "wide": (624, 328, 412),
    "full": (1120, 328, 726),
}


def sizes(column: Column) -> tuple[Size, Size, Size]:
    desktop, phone, paper = WIDTHS[column]
    return Size("desktop", desktop, 13, 20), Size("phone", phone, 12, 18.5), Size("paper", paper, 9.6, 15)


@dataclass(frozen=True)
class Drawing:
    """A chart in its sizes, the sentence that stands for it, and what is written above it."""

    sentence: str
    column: Column
    svgs: tuple[Markup, ...]
    title: str = ""
    measure: str = ""


def draw(
    name: str, sentence: str, column: Column, chart: Callable[[Size], Spec], *, title: str = "", measure: str = "",
    screens: Sequence[Screen] = SCREENS,
) -> Drawing:  # fmt: skip
    """The chart drawn for desktop, phone and paper, or some of them. `name` is unique on the page: ids begin with it."""
    # Charts are checked against the schema by a test; here the checks would take longer than the drawing.
    with debug_mode(False):
        specs = [(chart(size), size.name) for size in sizes(column) if size.name in screens]
    svgs = tuple(Markup(render(spec, f"{name}-{size}", sentence, size)) for spec, size in specs)  # noqa: S704
    return Drawing(sentence, column, svgs, title, measure)


def layered(layers: Sequence[Layer], *, width: float, height: float, pad: tuple[float, float, float, float]) -> Spec:
    """Layers on one plot of this size, with the paddings (top, right, bottom, left) around it exactly as given.

    Put together here and not by `alt.layer`, which copies every layer many times over: half of a page's time.
    """
    top, right, bottom, left = pad
    return combined(layers) | {
        "$schema": alt.SCHEMA_URL, "width": width, "height": height, "autosize": {"type": "none"}, "config": PLAIN,
        "padding": {"top": top, "right": right, "bottom": bottom, "left": left},
    }  # fmt: skip


def combined(layers: Sequence[Layer]) -> Spec:
    """The layers as a specification, with the data of all of them beside it."""
    found: list[Spec] = []
    datasets: Spec = {}
    for layer in layers:
        spec = layer.to_dict(validate=False)
        datasets |= spec.pop("datasets", {})
        # A layer without data of its own draws what the chart around it has; Altair would give it an empty row.
        drop = ("$schema", "config", *(("data",) if layer.data is alt.Undefined else ()))
        found.append({key: value for key, value in spec.items() if key not in drop})
    return {"layer": found, "datasets": datasets}


def rows(values: Sequence[Mapping[str, Any]]) -> Any:
    """Data of a layer. As one text: Altair copies and checks lists cell by cell."""
    data: Any = alt.Data
    return data(values=json.dumps(list(values)), format={"type": "json"})


def fixed(channel: Literal["x", "x2", "y", "y2"], pixels: float) -> Any:
    """A place in pixels instead of a value. (`alt.value` would work out the channel each time, slowly.)"""
    of: Any = {"x": alt.XValue, "x2": alt.X2Value, "y": alt.YValue, "y2": alt.Y2Value}[channel]
    return of(pixels)


# ---------------------------------------------------------------------------------------------------------------- svg
_NOISE = (
    "class",
    "role",
    "aria-hidden",
    "aria-roledescription",
    "aria-label",
    "pointer-events",
    "font-family",
    "version",
)
_SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"\d+\.\d{2,}")
ElementTree.register_namespace("", "http://www.w3.org/2000/svg")


def render(spec: Spec, name: str, sentence: str, css_class: str = "") -> str:
    """The specification as one `<svg role="img">`: no script, style or outside reference; the same text every time."""
    svg = ElementTree.fromstring(vl_convert.vegalite_to_svg(spec))  # noqa: S314 (our own text)
    _tidy(svg)
    if extent := spec.get("usermeta", {}).get("extent"):
        width, height = map(round, extent)
        svg.attrib.update({"width": f"{width}", "height": f"{height}", "viewBox": f"0 0 {width} {height}"})
    ids = {old: f"{name}-{number}" for number, old in enumerate(_ids(svg))} | {"hatch": f"{name}-hatch"}
    hatched = False
    for element in svg.iter():
        for key, value in list(element.attrib.items()):
            if key == "id":
                element.set(key, ids[value])
            elif value.startswith("url(#"):
                hatched = hatched or value == HATCH
                element.set(key, f"url(#{ids[value[5:-1]]})")
    if hatched:
        svg.insert(0, _hatch(ids["hatch"]))
    svg.attrib.update({"role": "img", "aria-label": sentence, "font-family": FONTS.replace('"', "'")})
    if css_class:
        svg.set("class", css_class)
    return ElementTree.tostring(svg, encoding="unicode")


def _tidy(element: ElementTree.Element) -> None:
    """Drop what draws nothing, and fractions of a pixel that nobody can see."""
    for child in list(element):
        _tidy(child)
        empty = child.tag == f"{_SVG}path" and (child.get("display") == "none" or not child.get("d") or not _inked(child))
        empty = empty or (child.tag == f"{_SVG}text" and not len(child) and not child.text)
        if empty or (child.tag == f"{_SVG}g" and not len(child)):
            element.remove(child)
    for key in _NOISE:
        element.attrib.pop(key, None)
    if element.get("opacity") == "1":
        del element.attrib["opacity"]
    for key in ("d", "transform", "x2", "y2", "x", "y"):
        if (value := element.get(key)) is not None:
            element.set(key, _NUMBER.sub(lambda n: f"{float(n[0]):.1f}".removesuffix(".0"), value))


def _inked(path: ElementTree.Element) -> bool:
    """Whether a path leaves a mark: Vega writes a background for every group, mostly without any."""
    return path.get("fill", "none") not in ("none", "transparent") or path.get("stroke", "none") not in (
        "none",
        "transparent",
    )


def _ids(svg: ElementTree.Element) -> list[str]:
    return [value for element in svg.iter() if (value := element.get("id"))]


def _hatch(name: str) -> ElementTree.Element:
    """45 degree lines, the sign of what is hidden; Vega knows no patterns."""
    defs = ElementTree.Element(f"{_SVG}defs")
    turned = {
        "id": name,
        "width": "5",
        "height": "5",
        "patternUnits": "userSpaceOnUse",
        "patternTransform": "rotate(45)",
    }
    pattern = ElementTree.SubElement(defs, f"{_SVG}pattern", turned)
    ElementTree.SubElement(pattern, f"{_SVG}rect", {"width": "5", "height": "5", "fill": WHITE})
    ElementTree.SubElement(pattern, f"{_SVG}line", {"y2": "5", "stroke": GREY, "stroke-width": "1.6"})
    return defs


# --------------------------------------------------------------------------------------------------------------- text
_THIN, _FAT = frozenset("ijl.,;:'|!ftI()[] "), frozenset("mwMW%@")


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a line of Arial is, in pixels (a little over rather than under)."""
    ems = sum(0.3 if c in _THIN else 0.87 if c in _FAT else 0.68 if c.isupper() else 0.56 for c in text)
    return ems * size * (1.07 if bold else 1.0)


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """The text on one line, or on two of about the same length; what does not fit this width ends in an ellipsis."""

    def wide(line: str) -> float:
        return text_width(line, size, bold=bold)

    words = text.split()
    if wide(text) <= width or len(words) < 2:
        return [_shorten(text, width, size, bold)]
    splits = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    fitting = [split for split in splits if wide(split[0]) <= width]
    first, second = min(fitting or splits[:1], key=lambda split: max(map(wide, split)))
    return [_shorten(first, width, size, bold), _shorten(second, width, size, bold)]


def _shorten(line: str, width: float, size: float, bold: bool) -> str:
    if text_width(line, size, bold=bold) <= width:
        return line
    while line and text_width(f"{line}…", size, bold=bold) > width:
        line = line[:-1]
    return f"{line.rstrip()}…"
