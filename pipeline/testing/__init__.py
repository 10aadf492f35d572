"""The contract kit: does a plug-in keep what the engine relies on? In one line of a plug-in's own tests.

    from pipeline.testing import contract
    test_contract = contract("path/to/the/plug-in")

Belongs here: what a plug-in author imports for tests. Does not: anything that runs at night.
"""

from __future__ import annotations

from pipeline.testing.bodies import Body, Csv, JsonLines, JsonList, TextLines, Zipped
from pipeline.testing.contract import contract
from pipeline.testing.sample import Answer, Asked, Place, Sample

__all__ = ["Answer", "Asked", "Body", "Csv", "JsonLines", "JsonList", "Place", "Sample", "TextLines", "Zipped", "contract"]
