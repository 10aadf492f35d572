"""Real servers of other people, each in an environment of its own, started by a test and ended with it.

Belongs here: how a server is installed, started and filled. Does not: what a connector should make of it (the tests).
"""

from __future__ import annotations

from tests.servers.environments import environment, free_port, running

__all__ = ["environment", "free_port", "running"]
