"""What a breaker is: a connector that breaks one rule of the contract kit, as an author in a hurry would.

Belongs here: making one out of a pattern of the scaffold, and the breakers of rules on declarations and first pulls.
Does not: breakers of the other rules (kit_breakers_*.py), or the tests that run them (test_kit_rules.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.discovery import load_plugin
from pipeline.scaffold import new_connector
from pipeline.testing.contract import samples_of
from pipeline.testing.rule import RULES, Case

Swaps = Mapping[str, str]
"""A snippet of a file -> what stands there instead."""

NAME = "suggestions"  # as the patterns call themselves: their snippets stand in a copy as they stand in the scaffold


@dataclass(frozen=True)
class Breaker:
    """One way to break a rule.

    rule    which one must notice
    how     what the author did
    says    words of the rule's own message (regular expression): it must notice for the right reason
    like    the pattern that is changed
    code    what is changed in its connector
    sample  what is changed in its sample by the author's mistake
    halves  what is changed in its SQL halves, by file
    world   what is changed in its sample because the source is like that: with this alone the rule is kept
    engine  what is broken in the engine, for rules that only the engine can break
    sound   a clean first pull still lands what the sample holds
    """

    rule: str
    how: str
    says: str
    like: str = "rest"
    code: Swaps = field(default_factory=dict)
    sample: Swaps = field(default_factory=dict)
    halves: Mapping[str, Swaps] = field(default_factory=dict)
    world: Swaps = field(default_factory=dict)
    engine: Callable[[], AbstractContextManager[object]] = nullcontext
    sound: bool = True

    def __str__(self) -> str:
        return f"{self.rule}-{self.how}"

    def case(self, folder: Path, *, broken: bool = True) -> Case:
        """The pattern with the change in it (or only the world's), and the sample to judge it by."""
        new_connector(NAME, self.like, folder)
        place = folder / NAME
        swap(place / "sample.py", self.world)
        if broken:
            swap(place / "connector.py", self.code)
            swap(place / "sample.py", self.sample)
            for name, swaps in self.halves.items():
                swap(place / name, swaps)
        plugin = load_plugin(place)
        samples = samples_of(plugin)
        whole = Case(plugin, samples)
        return whole if RULES[self.rule].applies(whole) else Case(plugin, samples, samples[0])


def swap(path: Path, swaps: Swaps) -> None:
    """Put each text where its snippet was; a snippet that is not there (once) is a breaker that breaks nothing."""
    text = path.read_text()
    for snippet, instead in swaps.items():
        assert text.count(snippet) == 1, f"{path.name} holds this {text.count(snippet)} times: {snippet}"
        text = text.replace(snippet, instead)
    path.write_text(text)


# ------------------------------------------------------------------------------------- snippets of the pattern "rest"
PAGES = """\
        http = Http(self.url, token=self.token)
        for body in http.pages("posts", next="next", since=since):
"""
CHECKED = """\
            rows = body.get("posts") if isinstance(body, dict) else None
            if not isinstance(rows, list):
                raise Fatal("posts: the answer has no list of posts: is url the root of the API?")
"""
YIELDED = "            yield Page([post_in(row, str(number)) for number, row in enumerate(rows)])\n"
METHOD = PAGES + CHECKED + YIELDED
READ = "    return Post.of(row, location=place)\n"
EXCLUDED = """    if row.get("private"):\n"""
RECORD = "class Post(Record):\n"
IMPORTS = "Record, Rejected, SecretStr,"
AUTHOR = """    author: PersonId["email"]\n"""


def by_hand(*ask: str, imports: str = "requests", first: str = "turns = 0") -> Swaps:
    """A connector that follows the pages by itself: `ask` are the lines that make `body` of `link`."""
    lines = "\n".join(f"        {line}" for line in ask)
    pages = f"""\
import {imports}
from urllib.parse import quote


def pages(self, since):
    http = Http(self.url, token=self.token)
    signed = {{"Authorization": f"Bearer {{self.token.get_secret_value()}}"}}
    link = "posts" + (f"?since={{quote(since.isoformat())}}" if since else "")
    {first}
    while link:
{lines}
        yield body
        link = "posts" + body["next"] if body.get("next") else None


{RECORD}"""
    return {PAGES: "        for body in pages(self, since):\n", IMPORTS: "Record, Rejected, Retry, SecretStr,", RECORD: pages}


def indented(text: str) -> str:
    """The text, one step further in."""
    return "".join(f"    {line}" for line in text.splitlines(keepends=True))


PLUGIN = [
    Breaker(
        "settings_are_explained", "a setting without a word", "say what these settings are for",
        code={'url: str = Field(description="root of the API, e.g. https://suggestions.example.gov.uk/api")': "url: str"},
    ),
    Breaker(
        "secrets_are_secret", "a token as text", "make these settings SecretStr", sound=False,
        code={"    token: SecretStr = ": "    token: str = "},
    ),
    Breaker(
        "strings_have_a_privacy_class", "the raw answer kept for later", "cannot be", sound=False,
        code={"    gone: bool = False\n": "    gone: bool = False\n    raw: dict = {}\n"},
    ),
    Breaker(
        "every_stream_has_a_sample", "a second stream that nobody tries", "samples try",
        code={YIELDED: f'''{YIELDED}
    @stream(Post, kind="keyed", key="id", day="sent_at")
    def comments(self, since: datetime | None) -> Iterator[Page]:
        """Comments on posts."""
        yield Page([])
'''},
    ),
    Breaker(
        "exemptions_are_argued", "an exemption without a reason", "argue why late_is_found",
        sample={"exempt = {": 'exempt = {"late_is_found": "n/a", '},
    ),
    Breaker(
        "exemptions_are_argued", "an exemption from nothing", "is no rule",
        sample={'{"window_does_not_move_the_cursor":': '{"windows_are_closed":'},
    ),
    Breaker(
        "lands_what_it_holds", "the last page is dropped", "the sample says", sound=False,
        code={YIELDED: f"            if len(rows) < 4:\n                return\n{YIELDED}"},
    ),
    Breaker(
        "same_again_lands_nothing", "a record says when it was read", "landed again",
        code={"    text: Prose": "    read_at: Moment\n    text: Prose",
              READ: '    return Post.of({**row, "read_at": datetime.now().astimezone()}, location=place)\n'},
    ),
    Breaker(
        "halves_give_rows", "a condition that is never true", "acts.sql gives no row",
        halves={"acts.sql": {"from landing.suggestions_posts": "from landing.suggestions_posts where gone is null"}},
    ),
    Breaker(
        "halves_give_rows", "texts joined by the wrong column", "texts.sql gives no row",
        halves={"texts.sql": {"r._key = p._key": "r._key = p._row"}},
    ),
    Breaker(
        "halves_give_rows", "a column of a shape forgotten", "lacks the column person",
        halves={"acts.sql": {"author as person, ": ""}},
    ),
    Breaker(
        "people_are_pseudonyms", "a login as a label", "a person is to be read",
        code={AUTHOR: "    author: Label\n", "Iterator, Moment": "Iterator, Label, Moment",
              READ: """    return Post.of({**row, "author": row["author"].partition("@")[0]}, location=place)\n"""},
    ),
    Breaker(
        "people_are_pseudonyms", "a digest of its own as an id", "a person is to be read",
        code={AUTHOR: "    author: Id\n", RECORD: f"import hashlib\n\n\n{RECORD}",
              READ: """\
    digest = hashlib.sha256(row["author"].encode()).hexdigest()
    return Post.of({**row, "author": digest}, location=place)
"""},
    ),
    Breaker(
        "people_are_pseudonyms", "a sample whose people are in nothing", "to look for them tests nothing",
        sample={"    people = PEOPLE\n": '    people = ("mabli.okonjo@dcs.example",)\n'},
    ),
    Breaker(
        "private_never_lands", "the wrong field asked", "what is private is to be read", sound=False,
        code={EXCLUDED: """    if row.get("is_private"):\n"""},
    ),
    Breaker(
        "private_never_lands", "left out in silence", "not counted as excluded",
        code={"enumerate(rows)]": 'enumerate(rows) if not row.get("private")]'},
    ),
]  # fmt: skip
