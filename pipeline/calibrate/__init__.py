"""The bars: how near the figures come to a truth that is known, replication after replication.

Belongs here: bars, the worlds they are measured in, and the page that says how each stands (docs/calibration.md).
Does not: an estimator (estimate/) or a simulator (simulate/). How a module registers its bars is in bar.py.

    python -m pipeline.calibrate --replications 200 --write docs/calibration.md
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from pipeline.calibrate.bar import Bar, Bound, Measured, Outcome, measure

__all__ = ["Bar", "Bound", "Measured", "Outcome", "bars", "measure"]


def bars() -> tuple[Bar, ...]:
    """Every bar of every module here, modules by name. Raises ValueError where two bars have one name."""
    found: list[Bar] = []
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")):
        found += getattr(import_module(f"{__name__}.{name}"), "BARS", ())
    names = [bar.name for bar in found]
    if len(set(names)) < len(names):
        raise ValueError(f"two bars are called {next(n for n in names if names.count(n) > 1)!r}")
    return tuple(found)
