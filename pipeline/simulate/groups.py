"""The groups of the staff network: directorates, topics, and those that nobody outside may read.

Belongs here: which groups there are. Does not: what is said in them (network.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.simulate.department import Dice
from pipeline.simulate.names import PRIVATE_GROUPS, STAFF_NETWORKS, TOPIC_GROUPS, UNION_GROUPS
from pipeline.simulate.organisation import People


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the network."""

    id: int
    name: str
    kind: str
    theme: str | None = None

    @property
    def private(self) -> bool:
        """Members only."""
        return self.kind == "private group"


def groups_of(people: People, dice: Dice) -> list[Group]:
    """Directorates, topics, private groups, the union's, staff networks, and a group with a colleague's name."""
    someone = people.name(1 + dice.below(len(people) - 1))
    named: list[tuple[str, str, str | None]] = [(name, "public", None) for name in people.directorate_names]
    named += [(name, "public", theme) for name, theme in TOPIC_GROUPS]
    named += [(f"{someone} leaving do", "public", "wellbeing")]
    named += [(name, "private group", None) for name in PRIVATE_GROUPS]
    named += [(name, "union", None) for name in UNION_GROUPS]
    named += [(name, "staff network", None) for name in STAFF_NETWORKS]
    return [Group(7_000_000 + 1000 * n + dice.below(900), *rest) for n, rest in enumerate(named)]
