"""A department as events: who adopts when, what is seen of it, and every shape that the pipeline reads, in arrays.

Belongs here: replications by the hundred for the calibration bars, and large departments for the benchmark, without the
way through the vendors' formats. Does not: those formats (the modules above), or anything the pipeline imports.

    scenario.py  the parameters, one block for each mechanism;   people.py   roster, contacts, ties, working days
    spread.py    who adopts when, truly because of whom;         observe.py  what systems see of it
    talk.py      who talks to whom because of when they began
    doings.py    what people do on the network, in chats, pages and courses;   records.py  texts, answers, absence, registers
    tables.py    all of it in the columns of the shared shapes, people as pseudonyms
    panel.py, rates.py, replies.py, silence.py, tone.py   worlds of one figure each, that need no adopters
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.events.observe import Seen, observe
from pipeline.simulate.events.people import NEVER, Ints, People, found, meet, ties, workdays
from pipeline.simulate.events.scenario import (
    Branching,
    Broadcast,
    Contacts,
    Observation,
    Outage,
    Own,
    Roster,
    Saturation,
    Scenario,
    Seeds,
    Talk,
    TeamEvents,
    read_scenario,
)
from pipeline.simulate.events.spread import Adoption, along_curve, keenness, spread
from pipeline.simulate.events.talk import talk

__all__ = [
    "NEVER", "Adoption", "Branching", "Broadcast", "Contacts", "Events", "Observation", "Outage", "Own", "People", "Roster",
    "Saturation", "Scenario", "Seeds", "Seen", "Talk", "TeamEvents", "read_scenario", "replicate",
]  # fmt: skip


@dataclass(frozen=True)
class Events:
    """One replication: `people`, directed ties ego -> alter (some twice), and what is `seen`; the `truth` is its own object.

    An estimator is given people, ties and seen. Only a judge, and what people do because of it, reads the truth.
    """

    scenario: Scenario
    people: People
    ego: Ints
    alter: Ints
    seen: Seen
    truth: Adoption


def replicate(scenario: Scenario) -> Events:
    """One department from a scenario, the same arrays each time. Raises ValueError where the staff are too few for it."""
    streams = np.random.SeedSequence(scenario.seed).spawn(6)
    roster, social, mind, time, sight, after = (np.random.default_rng(stream) for stream in streams)
    people, following = found(scenario, roster), workdays(scenario)
    keen = keenness(scenario, people, mind)
    contacts = meet(scenario, people, keen, social)
    ego, alter = ties(scenario, contacts, social)
    if scenario.saturation:
        truth = along_curve(scenario, people, following, time)
    else:
        truth = spread(scenario, people, contacts, keen, following, time)
    asks, asked = talk(scenario, truth.day, after)
    ego, alter = np.concatenate([ego, asks]), np.concatenate([alter, asked])
    return Events(scenario, people, ego, alter, observe(scenario, people, truth, sight), truth)
