"""`python -m pipeline.calibrate`: measure the bars and, on request, write their page.

Belongs here: the command line. Does not: measuring (run.py), wording (page.py). Ends with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from pipeline.calibrate import bars
from pipeline.calibrate.page import say, write_page
from pipeline.calibrate.run import cores, replicate

FIRST_SEED = 1001


def main(arguments: list[str] | None = None) -> int:
    """Measure every bar, or those named; 0 where all hold."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.calibrate", description="Measure the bars of the figures.")
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED, help="seeds count up from here")
    parser.add_argument("--only", action="append", metavar="NAME", help="bars whose name begins so; may be repeated")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page here; of all bars only")
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    chosen = parser.parse_args(arguments)
    if chosen.replications < 1 or (chosen.write and chosen.only):
        parser.error("--replications is at least 1, and --write goes without --only: the page is of all bars")
    found = [bar for bar in bars() if not chosen.only or bar.name.startswith(tuple(chosen.only))]
    if not found:
        parser.error(f"no bar begins with {', '.join(chosen.only)}; there are {', '.join(bar.name for bar in bars())}")
    first, results = chosen.first_seed, []
    with cores(chosen.processes) as each:
        for bar in found:
            began = time.perf_counter()
            results.append(replicate(bar, range(first, first + bar.times * chosen.replications), each))
            for measured in results[-1].measured:
                word = "holds " if measured.passed else "MISSED"
                sys.stdout.write(f"{word} {bar.name}: {measured.bound.what} {say(measured)}, bar {measured.bound}\n")
            sys.stdout.write(f"       {time.perf_counter() - began:.1f} s\n")
            sys.stdout.flush()
    if chosen.write:
        chosen.write.write_text(write_page(results, first, chosen.replications), encoding="utf-8")
    return 0 if all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
