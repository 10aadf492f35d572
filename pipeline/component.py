"""Tidemark inside somebody's Dagster project: `dg scaffold defs pipeline.component.Tidemark engagement`.

Belongs here: the front door, which names a configuration. Does not: anything behind it (definitions.py).
"""
# No `from __future__ import annotations`: Dagster reads annotations at run time.

import os

import dagster as dg

from pipeline import settings
from pipeline.definitions import build


class Tidemark(dg.Component, dg.Model, dg.Resolvable):
    """The nightly job, its assets and its schedule, from one tidemark.toml.

    config  the file, relative to the folder of this component's defs.yaml
    """

    config: str = "tidemark.toml"

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """What `pipeline.definitions` gives for this configuration. Raises ConfigError where it cannot hold."""
        return build(settings.load({**os.environ, "TIDEMARK_CONFIG": str(context.path / self.config)}))
