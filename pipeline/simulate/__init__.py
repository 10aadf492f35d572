"""A simulated department: people who take up the digital network, and every source they leave traces in.

Belongs here: the organisation, how the habit spreads through it, what its systems record, and small servers that hand
those records out in the vendors' own wire formats. Does not: anything the pipeline imports. The simulator is written
from recorded payloads, not from the connectors, and the pipeline never reads its truth: else neither proves the other.

    department.py    the parameters, and the calendar that follows from the seed
    organisation.py  people, teams, joiners, leavers, movers; the directory's CSV files
    spread.py        who takes up the network, when, and because of whom
    network.py       who writes what, when, in reply to whom;   yammer.py    the same on the wire
    chats.py         the chief executive's web chats, as transcripts and as Teams meeting Q&A
    learning.py      courses and champions' sessions as xAPI;   intranet.py  access log lines
    prose.py         texts, from phrases.py and welsh.py;       names.py     what people and teams are called
    truth.py         what really happened;                      jsonl.py     one record, one line
    build.py         writes it all;                             serve.py     serves it, as vendors.py answers
"""
