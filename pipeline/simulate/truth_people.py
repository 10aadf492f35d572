"""The truth about people as they are and speak: silence, absence, waits for replies, tone, and what a survey asks after.

Belongs here: its tables. Does not: files (truth.py), or the spread (truth_spread.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.simulate.absence import days_present
from pipeline.simulate.activity import Activity
from pipeline.simulate.labelled import POSITIVE_FROM, Post, confusion
from pipeline.simulate.network import Network
from pipeline.simulate.prose import MOODY
from pipeline.simulate.spread import World
from pipeline.simulate.survey import ITEMS, Wave
from pipeline.simulate.truth_spread import table
from pipeline.simulate.yammer import message_days


def silence_truth(world: World) -> dict[str, Any]:
    """Which teams fell quiet and from when, which are away, which are hardly reached; and how much of each is present."""
    people, state, department = world.people, world.spread, world.department
    teams = people.team_names
    present = []
    for first in department.blocks:
        days = days_present(people, world.away, world.clock.working, first, first + 27)
        sums = np.bincount(people.team_on(first), weights=days, minlength=len(teams)).astype(np.int64)
        present += [(name, department.day(first).isoformat(), int(n)) for name, n in zip(teams, sums.tolist(), strict=True)]
    return {
        "from": department.day(state.quiet_from).isoformat(), "keeps": state.keeps,
        "teams": [teams[t] for t in np.flatnonzero(state.quiet_team).tolist()],
        "directorates": [people.directorate_names[d] for d in state.quiet_directorates],
        "teams_away": [teams[t] for t in world.absences.teams],
        "lagging_directorates": [people.directorate_names[d] for d in state.lagging],
        "present": table(("team", "block", "person_days"), present),
    }  # fmt: skip


def activity_truth(world: World, found: Activity) -> dict[str, Any]:
    """Of each team and block: staff, its champions by then, and how many were expected to be active, each by its own measure.

    `champions` are those who have begun by the block's end and are in the team on its first day, as everybody is counted.
    """
    people, department, begun = world.people, world.department, world.spread.begun
    rows = []
    for place, first in enumerate(department.blocks):
        team, here = people.team_on(first), people.present(first)
        champions = np.bincount(team[here & (begun < first + 28)], minlength=len(people.team_names)).tolist()
        for number, name in enumerate(people.team_names):
            told = (getattr(found, key)[number, place] for key in ("anything", "reached", "taking_part", "without"))
            rows.append((
                name, people.directorate_names[people.team_directorate[number]], department.day(first).isoformat(),
                int(found.people[number, place]), champions[number], *(round(float(n), 6) for n in told),
            ))  # fmt: skip
    columns = ("team", "directorate", "block", "people", "champions", "anything", "reached", "taking_part", "without")
    return table(columns, rows)


def absence_truth(world: World) -> dict[str, Any]:
    """Every absence within the calendar."""
    ids, day = world.people.staff_id, world.department.day
    rows = ((ids[p], day(first).isoformat(), day(last).isoformat(), why) for p, first, last, why in world.absences.stretches)
    return table(("staff_id", "from", "to", "why"), rows)


def reply_truth(world: World, talk: Network) -> dict[str, Any]:
    """Every public conversation: how long its opener waits, in hours, for the first reply of somebody else.

    `wait_hours` is None where nobody ever replies; `seen` is whether the reply came within the calendar (not seen:
    censored). `median_hours` and `p80_hours` are of all conversations, never answered ones counted as endless.
    """
    end, chosen = world.clock.end, world.department.replies
    days = message_days(world, talk)
    rows = []
    for number, wait in talk.waits.items():
        opened = talk.messages[number]
        seen = wait is not None and opened.at + wait <= end
        rows.append((
            opened.id, world.people.staff_id[opened.sender], world.department.day(int(days[number])).isoformat(),
            None if wait is None else wait / 3600, seen,
        ))  # fmt: skip
    hours = np.sort([np.inf if row[3] is None else row[3] for row in rows])
    median, eighty = (float(hours[int(np.ceil(q * len(hours))) - 1]) if len(hours) else np.inf for q in (0.5, 0.8))
    return {
        "median_hours": median if np.isfinite(median) else None, "p80_hours": eighty if np.isfinite(eighty) else None,
        "drawn_median_hours": chosen.median_hours, "sigma": chosen.sigma, "never_answered": chosen.unanswered,
        "waits": table(("thread", "opener", "day", "wait_hours", "seen"), rows),
    }  # fmt: skip


def tone_truth(world: World, talk: Network, posts: list[Post], checked: list[Post]) -> dict[str, Any]:
    """The true share of glad ones among public texts with a mood, by language and directorate; the labelled posts; the scorer."""
    people = world.people
    home = people.team_directorate[people.team]
    moody = [m for m in talk.messages if m.kind == "public" and m.sender >= 0 and m.said.purpose in MOODY]
    english = [m for m in moody if m.said.language == "en"]
    shares = []
    for number, name in enumerate(people.directorate_names):
        own = [m.said.tone > 0 for m in english if home[m.sender] == number]
        shares.append((name, len(own), float(np.mean(own)) if own else None))
    called, errors = confusion(posts), confusion(checked)
    scored = errors.positive + errors.other
    return {
        "chosen": world.department.texts.positive, "positive_from": POSITIVE_FROM,
        "share": float(np.mean([m.said.tone > 0 for m in moody])) if moody else None,
        "share_english": float(np.mean([m.said.tone > 0 for m in english])) if english else None,
        # Of the posts that the scorer gives a tone, by a larger sample: these differ, for the plain ones get none.
        "scored_share": scored / len(checked) if checked else None,
        "share_of_scored": errors.positive / scored if scored else None,
        "sensitivity": errors.positive_found / errors.positive if errors.positive else None,
        "specificity": errors.other_found / errors.other if errors.other else None,
        "welsh_share": float(np.mean([m.said.language == "cy" for m in talk.messages if m.kind == "public"])),
        "directorates": table(("directorate", "texts", "share"), shares),
        "labelled": table(
            ("message", "text", "positive", "tone"),
            ((talk.messages[x.message].id, talk.messages[x.message].said.text, x.positive, x.tone) for x in posts),
        ),
        "confusion": {name: getattr(called, name) for name in ("positive", "positive_found", "other", "other_found")},
    }  # fmt: skip


def survey_truth(world: World, waves: list[Wave]) -> list[dict[str, Any]]:
    """For each wave and team: staff, responses, and the mean that all of them would have given, 0 to 100, to each item.

    `gap` is the mean of home less work. The mean over a team's whole staff is the truth that its responses are a sample of.
    """
    people, found = world.people, []
    for wave in waves:
        team = people.team_on(wave.day)[wave.asked]
        points = 10.0 * wave.answers
        staff = np.bincount(team, minlength=len(people.team_names))
        answered = np.bincount(team[wave.responded], minlength=len(staff))
        sums = [np.bincount(team, weights=points[:, i], minlength=len(staff)) for i in range(len(ITEMS))]
        rows = [
            (
                people.team_names[t], people.directorate_names[people.team_directorate[t]], int(staff[t]), int(answered[t]),
                *(float(total[t] / staff[t]) for total in sums), float((sums[2][t] - sums[3][t]) / staff[t]),
            )
            for t in np.flatnonzero(staff).tolist()
        ]
        columns = ("team", "directorate", "staff", "responded", *ITEMS, "gap")
        found.append({
            "day": world.department.day(wave.day).isoformat(), "asked": len(wave.asked), "responded": len(wave.responded),
            **{item: float(points[:, i].mean()) for i, item in enumerate(ITEMS)}, "teams": table(columns, rows),
        })  # fmt: skip
    return found
