"""Rules on the plug-in as a whole and on its first clean pull.

Belongs here: declarations, halves, privacy, what lands at first. Does not: faults and changes (the other rules_*.py).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from pydantic import SecretStr

from pipeline import shapes
from pipeline.landing.columns import landed_schema
from pipeline.models import ModelError
from pipeline.testing.bench import Bench
from pipeline.testing.rule import RULES, Case, always, rule, whole
from pipeline.testing.traces import landed, listened

SECRET = re.compile(r"(^|_)(token|password|secret|key|service_account)$")
ARGUMENT = 25  # characters; less is no argument


@rule(whole)
def settings_are_explained(case: Case) -> None:
    """Every setting says in a line what it is for."""
    silent = [name for name, field in case.plugin.connector.model_fields.items() if not field.description]
    assert not silent, f"say what these settings are for, with Field(description=...): {silent}"


@rule(whole)
def secrets_are_secret(case: Case) -> None:
    """A setting that is a secret by its name is a SecretStr, so that it is shown to nobody."""
    kind = case.plugin.connector
    bare = [name for name in kind.model_fields if SECRET.search(name) and name not in kind.secrets()]
    assert not bare, f"make these settings {SecretStr.__name__}: {bare}"


@rule(whole)
def strings_have_a_privacy_class(case: Case) -> None:
    """Every text of every record is a PersonId, a Label, an Id or Prose, and lies in no field that could hold anything."""
    for stream in case.plugin.connector.streams():
        try:
            landed_schema(stream)
        except (TypeError, ValueError) as error:
            raise AssertionError(f"{stream.name}: {error}") from None


@rule(whole)
def every_stream_has_a_sample(case: Case) -> None:
    """The samples of a plug-in try all of its streams."""
    tried = {name for sample in case.samples for name in sample.streams}
    known = {stream.name for stream in case.plugin.connector.streams()}
    assert known, "the connector has no stream"
    assert tried == known, f"samples try {sorted(tried)}; the streams are {sorted(known)}"


@rule(whole)
def exemptions_are_argued(case: Case) -> None:
    """An exemption names a rule that there is, and why it cannot hold here."""
    for sample in case.samples:
        for name, why in sample.exempt.items():
            assert name in RULES, f"{type(sample).__name__} is exempt from {name!r}, which is no rule"
            assert len(why) >= ARGUMENT, f"{type(sample).__name__}: argue why {name} cannot hold for this source"


@rule(always)
def lands_what_it_holds(case: Case) -> None:
    """A clean first pull lands every record of the sample, and accounts for each."""
    counts = {name: len(rows) for name, rows in case.truth.items()}
    assert counts == dict(case.sample.streams), f"landed {counts}, the sample says {dict(case.sample.streams)}"
    assert all(counts.values()), f"the sample holds nothing of a stream: it tests nothing: {counts}"


@rule(always)
def same_again_lands_nothing(case: Case) -> None:
    """A second pull of an unchanged source lands nothing, on the same night and on the next."""
    with case.bench() as b:
        b.pull()
        before = b.rows()
        for days_later in (0, 1):
            again = b.pull(as_of=b.night(days_later))
            assert again.complete, f"the second pull does not end well: {again.said()}"
            if not any(s.unit == "day" and days_later for s in b.streams):  # a new day is new
                assert again.landed == 0, f"{again.landed} records landed again: {again.said()}"
                assert b.rows() == before, "the rows have changed"


@rule(always)
def halves_give_rows(case: Case) -> None:
    """The SQL halves fit their shapes, keep each row's promises, and give rows of this sample."""
    try:
        found = shapes.read_halves(case.plugin.folder, case.plugin.name, case.plugin.name, case.plugin.connector.channel)
        tables = {f"{case.plugin.name}_{stream.name}{part}" for stream in case.streams for part in ("", "_readings")}
        own = [half for half in found if tables.intersection(half.tables)]
        assert own, "no half reads these streams: they reach no metric"
        with case.bench() as b:
            b.pull()
            with b.warehouse() as con:
                sieved = [shapes.sieve(con, half) for half in own]
    except ModelError as error:
        raise AssertionError(str(error)) from None
    for one in sieved:
        assert not one.left_out, f"{one.half.shape}.sql: {one.left_out}"
        whole = tables.issuperset(one.half.tables)
        assert one.rows or not whole, f"{one.half.shape}.sql gives no row of this sample"
    assert any(one.rows for one in sieved), f"{', '.join(h.shape + '.sql' for h in own)}: no row of this sample"


@rule(always)
def people_are_pseudonyms(case: Case) -> None:
    """No name, address or number of a person is in anything that landed, nor a part or a digest of one."""
    assert case.sample.people, "the sample names nobody: give `people`, so that the kit can look for them"
    with case.bench() as b:
        _, said = listened(b)
        heard = any(word.lower() in said for word in case.sample.people)
        assert heard, "nobody in `people` is in anything that the source says: to look for them tests nothing"
        logins = [word.partition("@")[0] for word in case.sample.people if re.search(r"[.\d].*@", word)]
        _absent(b, [*case.sample.people, *logins, *_digests(case.sample.people)], "a person")


def _digests(words: Sequence[str]) -> list[str]:
    """What anybody can make of the words without our key, and so undo with a list of staff."""
    told = [f"{scheme}{word.lower()}".encode() for word in words for scheme in ("", "mailto:")]
    return [hashlib.new(way, text).hexdigest() for text in told for way in ("md5", "sha1", "sha256")]


@rule(always)
def private_never_lands(case: Case) -> None:
    """What must not be read by default is in nothing that landed, and is accounted for as excluded."""
    assert case.sample.private, "give `private`: a word in whatever of this source must not be read; or argue in `exempt`"
    with case.bench() as b:
        pulled = b.pull()
        _absent(b, case.sample.private, "what is private")
        excluded = sum(sum(o.account.excluded.values()) for o in pulled.outcomes.values())
        assert excluded, "what is private was not counted as excluded: yield Excluded(rule) for it"


def _absent(b: Bench, words: Sequence[str], what: str) -> None:
    """Texts are compared decoded and in any case; what is short or a number must be a whole cell to count."""
    parts = {word.lower() for word in words if len(word) > 3 and not word.isdigit()}
    cells = {word.lower() for word in words} - parts
    for path, text in landed(b.home):
        lowered = text.lower()
        told = lowered in cells or any(word in lowered for word in parts)
        assert not told, f"{what} is to be read in {path.relative_to(b.home)}"
