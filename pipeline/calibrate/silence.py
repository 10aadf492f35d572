"""The bars of silence: who fell quiet is found, who only had an uneven month or was not seen is not.

Belongs here: the settings and the comparison. Does not: the counts (simulate/events/silence.py), the test (estimate/silence.py).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from pipeline.calibrate.bar import Bar, Bound, Outcome
from pipeline.estimate.silence import newly_quiet
from pipeline.simulate.events.silence import Contributions, observe


def flags(seed: int, *, world: Contributions) -> Outcome:
    """What is flagged: the false share of it, the share of the silent found, anything at all, and teams that were not seen."""
    told = observe(world.model_copy(update={"seed": seed}))
    # A block in which a source was not read has no exposure: it cannot be compared.
    exposure = np.where(told.seen, told.present, 0)
    found = newly_quiet(told.acts, exposure, absent=told.away, window=world.window, seed=seed).flagged
    outcome = {
        "any": float(found.any()), "unseen": float(found[told.outage].any()),
        "false": float((found & ~told.silent).sum() / max(int(found.sum()), 1)),
    }  # fmt: skip
    return outcome | ({"power": float(found[told.silent].mean())} if told.silent.any() else {})


ROW = "silence, kappa 3-6, 12 weeks"
UNSEEN = Bound("unseen", "share of runs that flag a team whose source was down", high=0.0)
SETTING = "209 teams, 13 blocks of history, 3 of window, about 14 acts a team and block, kappa 3 to 6"

BARS = (
    Bar(
        "silence, a tenth silent", ROW, f"{SETTING}; a tenth of the teams fall to 0.2 to 0.4 of their rate",
        (
            Bound("false", "false discoveries, as a share of what is flagged", high=0.15, kind="mean"),
            Bound("power", "share of the silent teams that are flagged", low=0.45, kind="mean"),
            UNSEEN,
        ),
        partial(flags, world=Contributions()),
    ),
    Bar(
        "silence, nobody silent", ROW, f"{SETTING}; nobody is silent",
        (Bound("any", "share of runs that flag anybody", high=0.1), UNSEEN), partial(flags, world=Contributions(silent=0.0)),
    ),
)  # fmt: skip
