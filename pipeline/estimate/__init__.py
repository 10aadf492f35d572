"""Estimators that SQL cannot say: pure functions over numpy arrays, one family a module.

Belongs here: a formula, its uncertainty, its published source. Does not: tables, periods, units, thresholds.
"""

from pipeline.estimate.agenda import Gap, agenda_gap
from pipeline.estimate.cascade import Backtest, Forecast, backtest, forecast, mean_reached, median_reached
from pipeline.estimate.caveats import Pretrend, Spillover, pretrend_flag, spillover_flag
from pipeline.estimate.counts import NegativeBinomial, negative_binomial, theta_ml, theta_moments
from pipeline.estimate.difference import Difference, matched_changes, mean_change, newcombe
from pipeline.estimate.effect import Aggregate, AttGt, Band, aggregate, att_gt, band
from pipeline.estimate.event_study import Effect, Ties, effect_words, study_effect
from pipeline.estimate.funnel import Funnel, Lines, funnel_proportion, funnel_rate, funnel_ratio, proportion_limits, ratio_limits
from pipeline.estimate.generation import Generation, generation_interval
from pipeline.estimate.growth import Bass, Ceiling, Growth, bass, ceiling, grow
from pipeline.estimate.influence import Shuffle, shuffle_test
from pipeline.estimate.intervals import byar, poisson_exact, poisson_interval
from pipeline.estimate.mean import mean_interval
from pipeline.estimate.medians import Median, median
from pipeline.estimate.multiplicity import Rejections, benjamini_hochberg, bonferroni
from pipeline.estimate.offspring import Dispersion, offspring_dispersion
from pipeline.estimate.pooling import (
    BetaBinomial,
    OneWay,
    RandomEffects,
    beta_binomial,
    dersimonian_laird,
    one_way_reml,
    reml,
    sampling_variance,
)
from pipeline.estimate.prevalence import Prevalence, rogan_gladen
from pipeline.estimate.proportion import wilson
from pipeline.estimate.randomise import Balance, Deal, deal, redeal_p
from pipeline.estimate.rates import gamma_moments, kappa_moments
from pipeline.estimate.reproduction import (
    Reproduction,
    discrete_gamma,
    intrinsic,
    over_dispersion,
    pressure,
    reproduction,
    verdict,
)
from pipeline.estimate.segregation import (
    Assortativity,
    Permuted,
    TieShare,
    assortativity,
    coleman,
    ei_index,
    ei_permutation,
    ei_share,
    freeman,
    gupta_anderson_may,
    mixing_matrix,
    orwg,
    reciprocity,
)
from pipeline.estimate.silence import Quiet, newly_quiet, persistently_quiet
from pipeline.estimate.sources import Pairs, Sources, weigh_sources
from pipeline.estimate.spread import Bound, Range, Sensitivity, Spread, assess
from pipeline.estimate.survival import Curve, LogRank, Quantile, kaplan_meier, kaplan_meier_by, log_rank
from pipeline.estimate.trees import Trees, each_tree, offspring_of, structural_virality, top_share
from pipeline.estimate.wallinga_teunis import Cohorts, cohort_reproduction, wallinga_teunis

__all__ = [
    "Aggregate",
    "Assortativity",
    "AttGt",
    "Backtest",
    "Balance",
    "Band",
    "Bass",
    "BetaBinomial",
    "Bound",
    "Ceiling",
    "Cohorts",
    "Curve",
    "Deal",
    "Difference",
    "Dispersion",
    "Effect",
    "Forecast",
    "Funnel",
    "Gap",
    "Generation",
    "Growth",
    "Lines",
    "LogRank",
    "Median",
    "NegativeBinomial",
    "OneWay",
    "Pairs",
    "Permuted",
    "Pretrend",
    "Prevalence",
    "Quantile",
    "Quiet",
    "RandomEffects",
    "Range",
    "Rejections",
    "Reproduction",
    "Sensitivity",
    "Shuffle",
    "Sources",
    "Spillover",
    "Spread",
    "TieShare",
    "Ties",
    "Trees",
    "agenda_gap",
    "aggregate",
    "assess",
    "assortativity",
    "att_gt",
    "backtest",
    "band",
    "bass",
    "benjamini_hochberg",
    "beta_binomial",
    "bonferroni",
    "byar",
    "ceiling",
    "cohort_reproduction",
    "coleman",
    "deal",
    "dersimonian_laird",
    "discrete_gamma",
    "each_tree",
    "effect_words",
    "ei_index",
    "ei_permutation",
    "ei_share",
    "forecast",
    "freeman",
    "funnel_proportion",
    "funnel_rate",
    "funnel_ratio",
    "gamma_moments",
    "generation_interval",
    "grow",
    "gupta_anderson_may",
    "intrinsic",
    "kaplan_meier",
    "kaplan_meier_by",
    "kappa_moments",
    "log_rank",
    "matched_changes",
    "mean_change",
    "mean_interval",
    "mean_reached",
    "median",
    "median_reached",
    "mixing_matrix",
    "negative_binomial",
    "newcombe",
    "newly_quiet",
    "offspring_dispersion",
    "offspring_of",
    "one_way_reml",
    "orwg",
    "over_dispersion",
    "persistently_quiet",
    "poisson_exact",
    "poisson_interval",
    "pressure",
    "pretrend_flag",
    "proportion_limits",
    "ratio_limits",
    "reciprocity",
    "redeal_p",
    "reml",
    "reproduction",
    "rogan_gladen",
    "sampling_variance",
    "shuffle_test",
    "spillover_flag",
    "structural_virality",
    "study_effect",
    "theta_ml",
    "theta_moments",
    "top_share",
    "verdict",
    "wallinga_teunis",
    "weigh_sources",
    "wilson",
]
