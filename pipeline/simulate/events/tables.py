"""A replication as tables in the columns of the shared shapes, with `source` and `channel` in front.

Belongs here: the way from arrays to Arrow, people as 16 random bytes each. Does not: what happened (the modules beside
this), or a warehouse.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from pipeline.simulate.events import Events
from pipeline.simulate.events.doings import NOTHING, SOURCES, VERBS, Acts, act, traces
from pipeline.simulate.events.people import Ints, workdays
from pipeline.simulate.events.records import ITEMS, LANGUAGES, THEMES, answer_surveys, be_away, held, read_texts
from pipeline.simulate.events.spread import SEED
from pipeline.simulate.names import GRADES

Column = Any  # an Arrow array, plain or in parts
OBJECTS = {2: "page", 3: "course"}  # what the sources of SOURCES call what is read and learned


def shape_tables(events: Events) -> dict[str, pa.Table]:
    """Every shape that the replication has rows of: people, acts, texts, answers, champions, presence, events.

    Rows stand in order of time and person. Times are UTC. Hidden edges leave no trace: a reply toward the source, a lesson
    or an invite is there only where the edge is on record. The same scenario gives the same tables.
    """
    scenario, people, true = events.scenario, events.people, events.truth
    rng = np.random.default_rng([scenario.seed, 1])
    name = _pseudonyms(len(people), rng)
    done = act(scenario, people, true, traces(events.seen.pairs, events.seen.kind, events.seen.person), workdays(scenario), rng)
    base = np.datetime64(scenario.first_day, "s")
    made = {"people": _people(events, name), "acts": _acts(done, name, base), "texts": _texts(done, name, base, rng)}
    told = answer_surveys(scenario, people, rng)
    made["answers"] = _table("survey", "learning", {
        "person": name.take(pa.array(told.person)), "happened_at": _moment(told.minute, base),
        "item": _word(told.item, ITEMS), "answer": pa.array(told.answer),
    })  # fmt: skip
    seeds = np.flatnonzero(true.kind == SEED)
    made["champions"] = _table("register", "roster", {
        "person": name.take(pa.array(seeds)), "valid_from": pa.array(held(true.day[seeds], scenario)),
        "valid_to": pa.array(held(people.left[seeds], scenario)),
    })  # fmt: skip
    person, day = be_away(scenario, people, rng)
    made["presence"] = _table("rota", "roster", {
        "person": name.take(pa.array(person)), "day": pa.array(held(day, scenario)), "state": _word(day * 0, ("leave",)),
    })  # fmt: skip
    starts = np.arange(0, scenario.days, 56)
    made["events"] = _table("register", "roster", {
        "day": pa.array(held(starts, scenario)), "label": pa.array([f"Message {n + 1}" for n in range(len(starts))]),
        "until": pa.nulls(len(starts), pa.date32()), "kind": _word(starts * 0, ("broadcast",)),
    })  # fmt: skip
    return made


def thin(done: Acts, kept: np.ndarray) -> Acts:
    """Some of the acts."""
    return replace(done, **{name: getattr(done, name)[kept] for name in Acts.__dataclass_fields__})


def _pseudonyms(count: int, rng: np.random.Generator) -> pa.Array:
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), count, [None, pa.py_buffer(rng.bytes(16 * count))]).cast(pa.binary())


def _people(events: Events, name: pa.Array) -> pa.Table:
    people, scenario = events.people, events.scenario
    order = np.flatnonzero(people.left > np.maximum(people.joined, 0))
    return _table("hr", "roster", {
        "person": name.take(pa.array(order)),
        "team": _word(people.team[order], [f"Team {n:04d}" for n in range(scenario.teams)]),
        "directorate": _word(people.directorate[order], [f"Directorate {n:02d}" for n in range(scenario.directorates)]),
        "valid_from": pa.array(held(people.joined[order], scenario)), "valid_to": pa.array(held(people.left[order], scenario)),
        "grade": _word(people.grade[order], GRADES),
    })  # fmt: skip


def _acts(done: Acts, name: pa.Array, base: np.datetime64) -> pa.Table:
    places = {n: _word(np.arange(int(done.object.max(initial=0)) + 1), None, prefix=f"{word} ") for n, word in OBJECTS.items()}
    objects = pa.nulls(len(done), pa.string())
    for n, words in places.items():
        there = (done.source == n) & (done.object != NOTHING)
        objects = pa.compute.if_else(pa.array(there), words.take(pa.array(np.where(there, done.object, 0))), objects)
    return pa.table({
        "source": _word(done.source, [source for source, _ in SOURCES]),
        "channel": _word(done.source, [channel for _, channel in SOURCES]),
        "person": name.take(pa.array(done.person)), "happened_at": _moment(done.minute, base), "verb": _word(done.verb, VERBS),
        "object": objects, "thread": _thread(done.thread), "toward": name.take(_or_null(done.toward)),
        "mandatory": pa.array(done.mandatory),
    })  # fmt: skip


def _texts(done: Acts, name: pa.Array, base: np.datetime64, rng: np.random.Generator) -> pa.Table:
    read = read_texts(done, rng)
    written = thin(done, read.row)
    themes = pa.ListArray.from_arrays(
        pa.array(np.concatenate([[0], np.cumsum(read.theme >= 0)]), pa.int32()), _word(read.theme[read.theme >= 0], THEMES)
    )
    return pa.table({
        "source": _word(written.source, [source for source, _ in SOURCES]),
        "channel": _word(written.source, [channel for _, channel in SOURCES]),
        "person": name.take(pa.array(written.person)), "happened_at": _moment(written.minute, base),
        "language": _word(read.language, LANGUAGES), "tone": pa.array(read.tone, from_pandas=True),
        "is_question": pa.array(read.is_question), "words": pa.array(read.words, pa.int32()),
        "thread": _thread(written.thread), "verb": _word(written.verb, VERBS), "themes": themes,
    })  # fmt: skip


def _table(source: str, channel: str, columns: dict[str, Column]) -> pa.Table:
    size = len(next(iter(columns.values())))
    named = {"source": pa.repeat(pa.scalar(source), size), "channel": pa.repeat(pa.scalar(channel), size)}
    return pa.table({**named, **columns})


def _moment(minute: Ints, base: np.datetime64) -> pa.Array:
    return pa.array(base.astype("datetime64[us]") + minute.astype("timedelta64[m]"), pa.timestamp("us", "UTC"))


def _or_null(number: Ints) -> pa.Array:
    return pa.array(number, mask=number == NOTHING)


def _thread(number: Ints) -> pa.Array:
    words = _word(np.arange(int(number.max(initial=0)) + 1), None, prefix="thread ")
    return words.take(_or_null(number))


def _word(number: Ints, words: Any, *, prefix: str = "") -> pa.Array:
    """The word of each number; without words the number itself behind a prefix."""
    if words is None:
        return pa.array([f"{prefix}{n}" for n in number.tolist()], pa.string())
    return pa.array(list(words), pa.string()).take(pa.array(number))
