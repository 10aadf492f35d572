"""Write a simulated department to disk: the files that its sources leave, what its servers will serve, and the truth.

Belongs here: the layout of the folder, its settings and secrets, and the stamp that says what is in it.
Does not: what happened (the other files) or serving it (serve.py).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from pipeline.problems import ConfigError
from pipeline.simulate import chats, intranet, jsonl, learning, network, organisation, yammer
from pipeline.simulate.department import ZONE, Department
from pipeline.simulate.spread import World, imagine
from pipeline.simulate.truth import Happened, write_truth
from pipeline.simulate.vendors import LMS_USER, STAMP

OURS = ("directory", "intranet", "webchat", "registers", "served", "secrets", "key", "tidemark.toml")


def build(
    department: Department, folder: Path, *, truth: Path, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Make the department in `folder` and its truth in `truth`; do nothing where exactly it is there already.

    Afterwards `folder` holds tidemark.toml, key, secrets/, directory/, intranet/, webchat/ and served/ (JSONL, one
    record a line). The same parameters give the same bytes. Raises ConfigError where `folder` or `truth` holds
    something that the simulator did not make.
    """
    stamp = digest(department)
    if all(_stamped(place) == stamp for place in (folder, truth)):
        progress("the simulated department is there already")
        return
    for place, contents in ((folder, OURS), (truth, None)):
        _clear(place, contents)
    for name in ("directory", "intranet", "webchat", "registers", "served", "secrets"):
        (folder / name).mkdir(mode=0o700)
    progress("people, teams and how the habit spreads")
    world = imagine(department)
    organisation.write_directory(department, world.people, folder / "directory")
    progress(f"{department.messages:,} messages on the network")
    talk = network.converse(world)
    served = folder / "served"
    jsonl.write(served / "yammer_messages.jsonl", yammer.message_lines(world, talk))
    jsonl.write(served / "yammer_users.jsonl", yammer.user_lines(world, talk))
    jsonl.write(served / "yammer_groups.jsonl", yammer.group_lines(talk))
    progress("web chats and meetings")
    webchats = chats.hold(world, talk, "webchats", 0.45, 45)
    meetings = chats.hold(world, talk, "meetings", 0.9, 40)
    chats.moderate(world, meetings)
    chats.write_transcripts(world, webchats, folder / "webchat")
    jsonl.write(served / "graph_questions.jsonl", chats.question_lines(world, meetings))
    progress(f"{department.statements:,} training statements")
    studied = learning.study(world)
    jsonl.write(served / "xapi_statements.jsonl", learning.statement_lines(world, studied))
    _write_register(world, webchats, studied, folder / "registers" / "events.csv")
    progress(f"{department.log_lines:,} lines of access log")
    reading = intranet.write_logs(world, folder / "intranet")
    progress("settings and truth")
    _write_settings(world, talk, folder)
    write_truth(world, Happened(talk, webchats, meetings, studied, reading), truth)
    for place in (folder, truth):
        (place / STAMP).write_text(stamp + "\n")


def _write_register(world: World, webchats: Iterable[chats.Chat], studied: Iterable[learning.Event], path: Path) -> None:
    """What the communications team writes down: each web chat, and the day on which champions began to teach."""
    days = {world.department.day(chat.day): ("Web chat", "broadcast", "chat") for chat in webchats}
    taught = [event.at for event in studied if event.instructor >= 0]
    if taught:
        first = datetime.fromtimestamp(min(taught), ZoneInfo(ZONE)).date()
        days.setdefault(first, ("Champions start", "training", "learning"))
    lines = [f"{day.isoformat()},,{label},{kind},{channel}" for day, (label, kind, channel) in sorted(days.items())]
    path.write_text("\n".join(["day,until,label,kind,channel", *lines]) + "\n", encoding="utf-8")


def digest(department: Department) -> str:
    """What decides whether a folder must be made anew: the parameters, this package's code, and its random numbers."""
    content = hashlib.sha256(department.model_dump_json().encode())
    content.update(f"numpy {np.__version__} pyarrow {pa.__version__}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        content.update(path.read_bytes())
    return content.hexdigest()


def _stamped(place: Path) -> str:
    path = place / STAMP
    return path.read_text().strip() if path.is_file() else ""


def _clear(place: Path, contents: Iterable[str] | None) -> None:
    """Empty a folder of ours and mark it unfinished; refuse one that is not ours."""
    if place.exists() and any(place.iterdir()) and not (place / STAMP).is_file():
        raise ConfigError(f"{place} is not empty and was not made by the simulator: choose another folder or empty it")
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    (place / STAMP).write_text("unfinished\n")
    old = [place / name for name in contents] if contents else sorted(place.glob("*.json"))
    for path in old:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text + "\n")


def _write_settings(world: World, talk: network.Network, folder: Path) -> None:
    """tidemark.toml for exactly these sources; the port is filled in whenever they are served."""
    rng = world.department.chance("secrets")
    _secret(folder / "key", rng.bytes(32).hex())
    for name in ("yammer", "webchat", "training"):
        _secret(folder / "secrets" / name, f"{name}-{rng.bytes(16).hex()}")
    hosts = ", ".join(f'"{world.people.login[p]}"' for p in chats.hosts_of(world, talk))
    (folder / "tidemark.toml").write_text(
        f"""# Made by the simulator for its department; nobody in it exists. The port changes whenever it is served.
[tidemark]
organisation = "Department for Coastal Services"
zone = "{ZONE}"
k = 10
home = "../.tidemark"
today = {world.department.today.isoformat()}
key_file = "key"
retention_days = 30
simulated = true

[connectors.directory]
files = "directory/staff-*.csv"

[connectors.yammer]
url = "http://127.0.0.1:0/yammer"
token_file = "secrets/yammer"
requests_per_30s = 0

[connectors.intranet]
files = "intranet/access-*.log*"

[connectors.webchat]
transcripts = "webchat/chat-*.txt"
zone = "{ZONE}"
hosts = [{hosts}]
nick_namespace = "login"
graph_url = "http://127.0.0.1:0/graph/v1.0"
token_file = "secrets/webchat"

[connectors.events_register]
file = "registers/events.csv"

[connectors.training]
url = "http://127.0.0.1:0/xAPI"
username = "{LMS_USER}"
password_file = "secrets/training"
mandatory = ["/courses/mandatory/"]
login_pages = ["{learning.LOGIN_PAGE}"]
""",
        encoding="utf-8",
    )
