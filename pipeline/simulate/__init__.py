"""A simulated department: people who take up the digital network, and every source they leave traces in.

Belongs here: the organisation, how the habit spreads through it, what its systems record, and small servers that hand
those records out in the vendors' own wire formats. Does not: anything the pipeline imports. The simulator is written
from recorded payloads, not from the connectors, and the pipeline never reads its truth: else neither proves the other.

    parameters.py    what may be chosen, a block a mechanism;   department.py  size, days and dice;   clock.py  hours
    organisation.py  people, teams, joiners, leavers, movers; the directory's CSV files
    absence.py       who is away;                               spread.py      who takes up the network, when, because of whom
    cascade.py       champions and whom they train;             effect.py      what champions did to their teams' writing
    activity.py      how likely everybody was to do anything
    plan.py          who writes on which day;                   replies.py     how long openers wait for a reply
    network.py       who writes what in reply to whom;          yammer.py      the same on the wire;  groups.py  where
    chats.py         the chief executive's web chats, as transcripts and as Teams meeting Q&A
    learning.py      courses and champions' sessions as xAPI;   intranet.py    access log lines
    survey.py        capability and confidence, a file a wave;  labelled.py    posts that people have labelled
    prose.py         texts, from phrases.py and welsh.py;       names.py       what people and teams are called
    faults.py        what is lost and what comes twice;         jsonl.py       one record, one line
    truth.py         what really happened, with truth_spread.py and truth_people.py
    build.py         writes it all, with settings.py;           serve.py       serves it, as vendors.py answers
    events/          worlds of bare events for the calibration, without any wire
"""
