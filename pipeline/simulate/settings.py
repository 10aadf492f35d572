"""The department's own tidemark.toml, key and secrets: exactly the sources that it has.

Belongs here: settings as an operator would write them. Does not: the sources' records.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.simulate import chats, learning
from pipeline.simulate.department import ZONE
from pipeline.simulate.intranet import VOTE_PATTERN
from pipeline.simulate.labelled import Post, confusion
from pipeline.simulate.network import Network
from pipeline.simulate.spread import World
from pipeline.simulate.survey import ITEMS
from pipeline.simulate.vendors import LMS_USER

SURVEY = f"""
[connectors.survey_csv]
responses = "survey/wave-*.csv"
person_is = "staff"
items = {{ {", ".join(f"{item} = [0, 10]" for item in ITEMS)} }}
"""


def _secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text + "\n")


def write(world: World, talk: Network, posts: list[Post], folder: Path) -> None:
    """The key, the secrets, and tidemark.toml for exactly these sources; the port is filled in whenever they are served."""
    chosen = world.department
    rng = chosen.chance("secrets")
    _secret(folder / "key", rng.bytes(32).hex())
    for name in ("yammer", "webchat", "training"):
        _secret(folder / "secrets" / name, f"{name}-{rng.bytes(16).hex()}")
    hosts = ", ".join(f'"{world.people.login[p]}"' for p in chats.hosts_of(world, talk))
    surveyed = SURVEY if chosen.survey.waves else ""
    called = confusion(posts)
    (folder / "tidemark.toml").write_text(
        f"""# Made by the simulator for its department; nobody in it exists. The port changes whenever it is served.
[tidemark]
organisation = "Department for Coastal Services"
zone = "{ZONE}"
k = 10
home = "../.tidemark"
today = {chosen.today.isoformat()}
key_file = "key"
retention_days = 30
simulated = true

[tidemark.rules]
colleagues_each = {chosen.champions.colleagues or 10}
senior_grades = ["G6", "SCS"]
comms_teams = ["{world.people.team_names[0]}"]

[tidemark.rules.survey]
capability = ["capability"]
confidence = ["confidence"]
home = ["home"]
work = ["work"]
access = ["access"]

# How the scorer did on {len(posts)} posts that people of the department labelled.
[tidemark.rules.tone]
positive = {called.positive}
positive_found = {called.positive_found}
other = {called.other}
other_found = {called.other_found}

[connectors.directory]
files = "directory/staff-*.csv"

[connectors.yammer]
url = "http://127.0.0.1:0/yammer"
token_file = "secrets/yammer"
requests_per_30s = 0

[connectors.intranet]
files = "intranet/access-*.log*"
search_path = "/search"
search_parameter = "q"
vote_pattern = '{VOTE_PATTERN}'

[connectors.webchat]
transcripts = "webchat/chat-*.txt"
zone = "{ZONE}"
hosts = [{hosts}]
nick_namespace = "login"
graph_url = "http://127.0.0.1:0/graph/v1.0"
token_file = "secrets/webchat"

[connectors.events_register]
file = "registers/events.csv"

[connectors.champions_register]
file = "registers/champions.csv"
person_is = "email"

[connectors.absence_register]
file = "registers/absences.csv"
person_is = "staff"
{surveyed}
[connectors.training]
url = "http://127.0.0.1:0/xAPI"
username = "{LMS_USER}"
password_file = "secrets/training"
mandatory = ["/courses/mandatory/"]
login_pages = ["{learning.LOGIN_PAGE}"]
""",
        encoding="utf-8",
    )
