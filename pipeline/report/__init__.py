"""The report: what a communications team reads each morning, made from published.duckdb and from nothing else.

Belongs here: the page, its downloads, the summary for a terminal, the plot of one metric. Does not: computing a
figure (warehouse/, pipeline/estimate), withholding one (that is done before anything is published).

Drawing needs Altair, which takes a second to import: it is imported where it is needed.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["plot", "summary", "write"]


def write(published: Path, folder: Path) -> Path:
    """Write index.html and figures.csv into the folder and give the page's path.

    Each file is whole or as it was before; both are private to the owner. Raises TidemarkError where the published
    file cannot be read.
    """
    from pipeline.report.export import figures_csv
    from pipeline.report.page import render
    from pipeline.report.published import read

    edition = read(published)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # With the mark that makes spreadsheets read UTF-8.
    _replace(folder / "figures.csv", b"\xef\xbb\xbf" + figures_csv(edition).encode())
    return _replace(folder / "index.html", render(edition).encode())


def summary(published: Path) -> str:
    """The edition on one screen of plain text. Raises TidemarkError where the published file cannot be read."""
    from pipeline.report.published import read
    from pipeline.report.terminal import summary as told

    return told(read(published))


def plot(published: Path, metric: str) -> str | None:
    """One metric of the whole organisation over time as an SVG of its own, or None where nothing of it is said."""
    from pipeline.report.published import read
    from pipeline.report.single import plot as drawn

    return drawn(read(published), metric)


def _replace(path: Path, content: bytes) -> Path:
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    beside.write_bytes(content)
    return beside.replace(path)
