"""Connectors that break the rules on a server that misbehaves, and on single fields.

Belongs here: breakers of rules_http.py and rules_fields.py. Does not: what a breaker is (kit_breakers.py), or servers
that mean harm (kit_breakers_hostile.py).
"""

from __future__ import annotations

from .kit_breakers import EXCLUDED, IMPORTS, METHOD, PAGES, READ, RECORD, YIELDED, Breaker, by_hand, indented

GET = 'reply = requests.get(f"{self.url}/{link}", headers=signed, timeout=30)'

# An API without deletions: what is not listed any more is withdrawn. With nothing listed, that is everything.
WITHDRAWN = """\
        http, seen = Http(self.url, token=self.token), []
        for body in http.pages("posts", next="next"):
            rows = [row for row in body["posts"] if not row.get("private")]
            seen += [row["id"] for row in rows]
            yield Page([*Post.many(rows), *[Excluded("private post")] * (len(body["posts"]) - len(rows))])
        gone = [key for key in since or [] if key not in seen]
        nobody = {"author": "nobody@dcs.example", "sent_at": "2026-06-01T00:00:00Z", "changed_at": "2027-06-01T00:00:00Z"}
        yield Page([Post(id=key, gone=True, **nobody) for key in gone], cursor=seen)
"""

HTTP = [
    Breaker(
        "waits_when_asked", "gives up at the first 429", "this should pass by itself: posts: failed posts: 429",
        code=by_hand(GET, "if reply.status_code != 200:", '    raise Fatal(f"posts: {reply.status_code}")', "body = reply.json()"),
    ),
    Breaker(
        "server_fails", "a server that fails has no more pages", "without a word",
        code=by_hand(GET, "if reply.status_code >= 500:", "    return", "body = reply.json()"),
    ),
    Breaker(
        "connection_breaks", "a connection is tried once", "this should pass by itself: posts: failed posts: no answer",
        code=by_hand(
            "try:", f"    {GET}", "except requests.ConnectionError:", '    raise Retry("posts: no answer") from None',
            "body = reply.json()",
        ),
    ),
    Breaker(
        "source_down_for_days", "nobody there is nothing new", "nobody answers, and the pull says it is complete",
        code={METHOD: f"        try:\n{indented(METHOD)}        except Retry:\n            return\n",
              IMPORTS: "Record, Rejected, Retry, SecretStr,"},
    ),
    Breaker(
        "source_down_for_days", "asks for what is new since it last asked", r"\} rows too few",
        code={PAGES: PAGES.replace("since=since", "since=asked").replace(
                  "        for", "        asked, ASKED[self.url] = ASKED.get(self.url), datetime.now().astimezone()\n        for"
              ),
              RECORD: f"ASKED = {{}}\n\n\n{RECORD}"},
    ),
    Breaker(
        "login_page", "what is not JSON is no rows", "without a word",
        code=by_hand(
            "try:", "    body = json.loads(http.text(link))", "except ValueError:", '    body = {"posts": []}', imports="json"
        ),
    ),
    Breaker(
        "error_with_200", "an answer without posts has none", "without a word",
        code={'rows = body.get("posts") if isinstance': 'rows = body.get("posts", []) if isinstance'},
    ),
    Breaker(
        "truncated_body", "what can be saved of a cut body is saved", "without a word",
        code=by_hand(
            "text = http.text(link)", "try:", "    body = json.loads(text)", "except ValueError:",
            """    body = {"posts": json.loads(text.partition(": ")[2].rpartition("}, {")[0] + "}]")}""", imports="json",
        ),
    ),
    Breaker(
        "wrong_encoding", "bytes that are no text are replaced", "rows landed that the source does not hold|without a word",
        code=by_hand("with http.download(link) as file:", '    text = file.read().decode("utf-8-sig", "replace")',
                     "body = json.loads(text, strict=False)", imports="json"),
    ),
    Breaker(
        "loop_is_stopped", "follows the link for ever", r"the loop was followed for \d+ requests",
        code=by_hand("body, turns = http.get(link), turns + 1", "if turns == 100:", '    raise Fatal("posts: no end")'),
    ),
    Breaker(
        "token_that_ends", "a client that outlives its token", "with the fault gone the next pull does not end well",
        code={"http = Http(self.url, token=self.token)": "http = CLIENTS.setdefault(self.url, Http(self.url, token=self.token))",
              RECORD: f"CLIENTS = {{}}\n\n\n{RECORD}"},
    ),
    Breaker(
        "forbidden_is_not_zero", "what may not be read has nothing", "passed for a quiet day",
        code={METHOD: f"        try:\n{indented(METHOD)}        except Http.Refused:\n            return\n"},
    ),
    Breaker(
        "empty_is_zero", "the first of nothing", "unforeseen IndexError",
        code={YIELDED: f"            begins = rows[0]['id']\n{YIELDED}".replace("str(number)", 'f"{number} after {begins}"')},
    ),
    Breaker(
        "empty_is_zero", "what is not listed is withdrawn", "an empty answer wiped out 13 rows",
        code={METHOD: WITHDRAWN, 'cursor="changed_at", lookback=timedelta(days=2)': 'cursor="opaque"'},
    ),
]  # fmt: skip

FIELDS = [
    Breaker(
        "new_field", "a field more is a fault", "a new field ends the pull", world={'"colour": "blue", ': ""},
        code={RECORD: 'class Post(Record, extra="forbid"):\n'},
    ),
    Breaker(
        "missing_field", "a time that is made up", "rows landed that the source does not hold",
        code={"    sent_at: Moment\n": '    sent_at: Moment = datetime.fromisoformat("1970-01-01T00:00:00Z")\n'},
    ),
    Breaker(
        "missing_field", "a field taken for granted", "unforeseen KeyError",
        code={READ: """    return Post.of({**row, "author": row["author"]}, location=place)\n"""},
    ),
    Breaker(
        "missing_field", "a record without it left out in silence", "lost 1 rows without a word",
        code={"enumerate(rows)]": 'enumerate(rows) if "author" in row]'},
    ),
    Breaker(
        "renamed_field", "a record without it counts as excluded", "and the pull says it is complete",
        code={EXCLUDED: """    if row.get("private") or "sent_at" not in row:\n"""},
    ),
    Breaker(
        "retyped_field", "a time that cannot be read is made up", "rows landed that the source does not hold",
        code={READ: """\
    try:
        datetime.fromisoformat(str(row.get("sent_at", "")))
    except ValueError:
        row["sent_at"] = "1970-01-01T00:00:00Z"
    return Post.of(row, location=place)
"""},
    ),
    Breaker(
        "retyped_field", "a sample that retypes nothing", "say in a body's `retyped`",
        sample={', retyped={"sent_at": "soon"}': ""},
    ),
    Breaker(
        "missing_field", "a sample that needs nothing", "say in a body's `required`",
        sample={'required=("id", "author", "sent_at"), ': ""},
    ),
]  # fmt: skip
