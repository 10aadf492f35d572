"""Estimators that SQL cannot say: pure functions over numpy arrays, one family a module.

Belongs here: a formula, its uncertainty, its published source. Does not: tables, periods, units, thresholds.
"""

from pipeline.estimate.proportion import wilson
from pipeline.estimate.survival import Curve, Quantile, kaplan_meier

__all__ = ["Curve", "Quantile", "kaplan_meier", "wilson"]
