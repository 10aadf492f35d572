"""Write a simulated department to disk: the files that its sources leave, what its servers will serve, and the truth.

Belongs here: the layout of the folder, its settings and secrets, and the stamp that says what is in it.
Does not: what happened (the other files) or serving it (serve.py).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.problems import ConfigError
from pipeline.simulate import (
    absence,
    cascade,
    chats,
    intranet,
    jsonl,
    labelled,
    learning,
    network,
    organisation,
    settings,
    survey,
    yammer,
)
from pipeline.simulate.department import Department
from pipeline.simulate.spread import World, imagine
from pipeline.simulate.truth import Happened, write_truth
from pipeline.simulate.vendors import CALENDAR, STAMP

FOLDERS = ("directory", "intranet", "webchat", "registers", "survey", "served", "secrets")
CHECKED = 4000  # posts on which the truth knows the scorer's errors
OURS = (*FOLDERS, "key", "tidemark.toml")


def build(
    department: Department, folder: Path, *, truth: Path, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Make the department in `folder` and its truth in `truth`; do nothing where exactly it is there already.

    Afterwards `folder` holds tidemark.toml, key, secrets/, directory/, intranet/, webchat/, registers/, survey/ and
    served/ (JSONL, one record a line). The same parameters give the same bytes. Raises ConfigError where `folder` or `truth` holds
    something that the simulator did not make.
    """
    stamp = digest(department)
    if all(_stamped(place) == stamp for place in (folder, truth)):
        progress("the simulated department is there already")
        return
    for place, contents in ((folder, OURS), (truth, None)):
        _clear(place, contents)
    for name in FOLDERS:
        (folder / name).mkdir(mode=0o700)
    progress("people, teams and how the habit spreads")
    world = imagine(department)
    served, registers = folder / "served", folder / "registers"
    organisation.write_directory(department, world.people, folder / "directory")
    if not department.lost_days("absences")[-1]:
        absence.write_register(department, world.people, world.absences, registers / "absences.csv")
    if not department.lost_days("champions")[-1]:
        cascade.write_register(world, registers / "champions.csv")
    waves = survey.hold(world)
    survey.write_waves(world, waves, folder / "survey")
    progress(f"{department.messages:,} messages on the network")
    talk = network.converse(world)
    jsonl.write_dated(served / "yammer_messages.jsonl", yammer.message_lines(world, talk))
    jsonl.write(served / "yammer_users.jsonl", yammer.user_lines(world, talk))
    jsonl.write(served / "yammer_groups.jsonl", yammer.group_lines(talk))
    progress("web chats and meetings")
    webchats = chats.hold(world, talk, "webchats", 0.45, 45)
    meetings = chats.hold(world, talk, "meetings", 0.9, 40)
    chats.moderate(world, meetings)
    chats.write_transcripts(world, webchats, folder / "webchat")
    jsonl.write_dated(served / "graph_questions.jsonl", chats.question_lines(world, meetings))
    progress(f"{department.statements:,} training statements")
    taught = cascade.lessons(world)
    studied = learning.study(world, taught)
    jsonl.write_dated(served / "xapi_statements.jsonl", learning.statement_lines(world, studied))
    _write_events(world, webchats, registers / "events.csv")
    progress(f"{department.log_lines:,} lines of access log")
    reading = intranet.write_logs(world, folder / "intranet")
    progress("settings and truth")
    posts = labelled.readable(labelled.draw(world, talk, 3 * department.texts.labelled, "labelled"), department.texts.labelled)
    checked = labelled.draw(world, talk, CHECKED, "scored")
    _write_calendar(department, served / CALENDAR)
    settings.write(world, talk, posts, folder)
    write_truth(world, Happened(talk, webchats, meetings, taught, studied, reading, waves, posts, checked), truth)
    for place in (folder, truth):
        (place / STAMP).write_text(stamp + "\n")


def _write_events(world: World, webchats: Iterable[chats.Chat], path: Path) -> None:
    """What the communications team writes down: each web chat and broadcast, and when champions began to teach."""
    day = world.department.day
    days = {day(number): ("All-staff broadcast", "broadcast", "network") for number in world.spread.broadcasts}
    days |= {day(chat.day): ("Web chat", "other", "chat") for chat in webchats}
    begun = world.spread.begun[world.spread.begun < world.department.days]
    if len(begun):
        days.setdefault(day(int(begun.min())), ("Champions start", "training", "learning"))
    lines = [f"{on.isoformat()},,{label},{kind},{channel}" for on, (label, kind, channel) in sorted(days.items())]
    path.write_text("\n".join(["day,until,label,kind,channel", *lines]) + "\n", encoding="utf-8")


def _write_calendar(department: Department, path: Path) -> None:
    """What the servers must know of the days: when they are, how late each source is, and when it is down."""
    outages = [
        {"source": o.source, "from_day": 7 * o.from_week, "to_day": 7 * o.to_week + 6} for o in department.faults.outages
    ]
    content = {
        "first_day": department.first_day.isoformat(), "today": department.today.isoformat(),
        "lag_days": department.faults.lag_days, "outages": outages,
    }  # fmt: skip
    jsonl.write(path, [jsonl.line(content)])


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
