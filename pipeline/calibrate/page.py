"""The page of the bars: what each measured, at which seeds, and what cannot be held.

Belongs here: the words and tables of docs/calibration.md, the same bytes for the same seeds. Does not: measuring.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.calibrate.bar import Measured
from pipeline.calibrate.run import Result

HEAD = """\
# Calibration: how near the figures come to a known truth

Made by `make calibrate`; the same seeds give the same bytes. Each line simulates a world whose truth is known, computes the
figure as the product does, and counts how often it is right. The interval in brackets is the chance error of so many
replications (95 %; Clopper-Pearson for a share). A true 95 % misses 92 to 98 % of 200 replications in 3 % of runs.

| quantity | world | measured | bound | result | of | verdict |
|---|---|---|---|---|---|---|
"""


def write_page(results: Sequence[Result], first_seed: int, replications: int) -> str:
    """The whole page of bars that were measured so many times, or `times` as many, from this seed on."""
    lines = [_line(result, measured) for result in results for measured in result.measured]
    failed = [result.bar.name for result in results if not result.passed]
    parts = [HEAD, "\n".join(lines), "\n\n", _told(first_seed, replications, failed)]
    notes = [result.bar for result in results if result.bar.note]
    if notes:
        parts += ["\n## Notes\n\n", "\n".join(f"- **{bar.name}**: {bar.note}" for bar in notes), "\n"]
    return "".join(parts)


def say(measured: Measured) -> str:
    """The measured number with its chance error, in the bound's own terms."""
    if not measured.of:
        return "nothing told"
    if measured.count is None:
        return f"{measured.value:.4f} [{measured.low:.4f}, {measured.high:.4f}]"
    return f"{100 * measured.value:.1f} % [{100 * measured.low:.1f}, {100 * measured.high:.1f}]"


def _line(result: Result, measured: Measured) -> str:
    bar, bound = result.bar, measured.bound
    cells = [bar.row, bar.setting, bound.what, str(bound), say(measured), f"{measured.of} of {measured.replications}",
             "holds" if measured.passed else "**missed**"]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _told(first: int, count: int, failed: Sequence[str]) -> str:
    missed = f"Missed: {', '.join(failed)}." if failed else "Every bar holds."
    return f"{count} replications of each bar, more where the table says so, at seeds from {first} upward. {missed}\n"
