"""The bars of the champions' effect: right where chance deals, and flagged where volunteers or spillover make it wrong.

Belongs here: the settings and the comparison. Does not: the teams (simulate/events/panel.py), the effect and its two
flags (estimate/event_study.py), which the metric calls too.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from pipeline.calibrate.bar import Bar, Bound, Outcome
from pipeline.estimate.event_study import Ties, study_effect
from pipeline.simulate.events.panel import Panel, Told, tell


def att(seed: int, *, world: Panel) -> Outcome:
    """Whether the interval holds the true effect, the error, and which of the two flags fire; nothing where refused."""
    told = tell(world.model_copy(update={"seed": seed}))
    teams, blocks = told.rate.shape
    team, block = np.repeat(np.arange(teams), blocks), np.tile(np.arange(blocks), teams)
    found = study_effect(team, block, told.first[team], told.rate.reshape(-1), ties=_ties(told), seed=seed)
    if found.att is None or found.low is None or found.high is None or found.pretrend is None or found.spillover is None:
        return {}
    truth = _truth(told)
    return {
        "covered": float(found.low <= truth <= found.high), "error": found.att - truth,
        "rising": float(found.pretrend.fires), "spilling": float(found.spillover.fires),
        "flagged": float(found.pretrend.fires or found.spillover.fires),
    }  # fmt: skip


def _truth(told: Told) -> float:
    """The mean over reached teams of the mean effect over the blocks since: what the figure says it is."""
    since = np.arange(told.rate.shape[1]) >= told.first[:, None]
    own = (told.effect * since).sum(axis=1) / np.maximum(since.sum(axis=1), 1)
    return float(own[told.first > 0].mean())


def _ties(told: Told) -> Ties:
    """The same ties in every block, none of them taught."""
    pairs, blocks = told.pairs, told.rate.shape[1]
    row = np.tile(np.arange(len(pairs)), blocks)
    return Ties(pairs[row, 0], pairs[row, 1], np.repeat(np.arange(blocks), len(pairs)), pairs[row, 2], np.zeros(row.size))


RIGHT = (
    Bound("covered", "share of intervals that hold the true effect", 0.92, 0.98),
    Bound("error", "mean error, as a share of people", -0.005, 0.005, kind="mean"),
)
QUIET = Bound("rising", "share in which 'volunteers' is flagged although nobody rose before", high=0.2)
ROW = "champion ATT, random assignment"
FLAGS = "champion ATT, caveat flags"
LOT = "209 teams, 18 blocks, half of them reached by lot in four waves"

BARS = (
    Bar("champions by lot, one effect", ROW, f"{LOT}; effect 6 points", (*RIGHT, QUIET), partial(att, world=Panel()), times=5),
    Bar(
        "champions by lot, effects differ", ROW,
        f"{LOT}; effect 8 points in the first wave and 2 less in each later one, growing over 3 blocks, teams differ by 3",
        (*RIGHT, QUIET), partial(att, world=Panel(effect=0.08, by_start=-0.02, ramp=3, differ=0.03)), times=5,
    ),
    Bar(
        "champions by lot, any block", ROW,
        "209 teams, 18 blocks, half of them reached by lot in any block from the 5th to the 15th; effect 6 points",
        (*RIGHT, QUIET), partial(att, world=Panel(starts=tuple(range(4, 15)))), times=5,
    ),
    Bar(
        "champions and closed teams", FLAGS, f"{LOT}; 1 % of ties lead outside a team",
        (Bound("spilling", "share in which 'spillover' is flagged although there is no way for it", high=0.1),),
        partial(att, world=Panel(outside=0.01)),
    ),
    Bar(
        "champions spill over", FLAGS,
        f"{LOT}; effect 8 points, half of all ties lead outside a team and carry the effect as far as they lead to reached teams",
        (
            Bound("spilling", "share in which 'spillover' is flagged", low=0.8),
            Bound("covered", "share of intervals that hold the true effect: the flag is needed", high=0.92),
        ),
        partial(att, world=Panel(effect=0.08, spillover=1.0, outside=0.5)),
    ),
    Bar(
        "champions volunteer", FLAGS, "209 teams, 18 blocks, four waves; rising teams volunteer, by about 5 to 1",
        (
            Bound("rising", "share in which 'volunteers' is flagged", low=0.8),
            Bound("covered", "share of intervals that hold the true effect: the flag is needed", high=0.92),
        ),
        partial(att, world=Panel(selection=2.0)),
        note="A rise too small to show before a champion comes still moves the effect: where rising teams volunteer half as "
        "strongly, about half of the runs are flagged. The figure says that silence of the flag proves little.",
    ),
)  # fmt: skip
