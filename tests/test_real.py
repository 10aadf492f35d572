"""Real recordings that nobody here wrote, through the same Dagster job as every night (`make real`)."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.landing.store import Store
from tests.nights import Place

pytestmark = pytest.mark.real
TRANSCRIPTS = {"2004-11-15_03.raw.txt": "2004-11-15", "2005-06-27_12.raw.txt": "2005-06-27", "2005-08-08_01.raw.txt": "2005-08-08"}


def learning_record_store(lines: list[dict]) -> object:
    """A Learning Record Store that pages 500 statements with a relative `more`, whose last page is empty."""

    def answer(request: Request) -> Response:
        assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"tidemark:s3cret").decode()
        start = int(parse_qs(urlsplit(request.url).query).get("from", ["0"])[0])
        page = lines[start : start + 500]
        more = f"/xAPI/statements?from={start + 500}" if len(page) == 500 else ""
        return Response(json.dumps({"statements": page, "more": more}), content_type="application/json")

    return answer


@pytest.fixture(scope="module")
def real(real_data: Path, tmp_path_factory: pytest.TempPathFactory, make_httpserver: HTTPServer) -> Place:
    """One night over everything real."""
    sources = real_data / "sources"
    with gzip.open(sources / "xapi/fun_mooc_statements_1-11000.jsonl.gz", "rt") as file:
        statements = [json.loads(line) for line in file]
    make_httpserver.expect_request("/xAPI/statements").respond_with_handler(learning_record_store(statements))
    thread = json.loads((sources / "yammer/yam_messages_in_thread.json").read_text())
    public = json.loads((sources / "yammer/yam_message.json").read_text())
    feed = {**thread, "messages": [*thread["messages"], public]}

    def messages(request: Request) -> Response:
        older = request.args.get("older_than")
        page = [m for m in feed["messages"] if older is None or m["id"] < int(older)]
        return Response(json.dumps({**feed, "messages": page}), content_type="application/json")

    make_httpserver.expect_request("/yammer/messages.json").respond_with_handler(messages)
    users = json.loads((sources / "yammer/ssy_yammer-users.json").read_text())
    groups = json.loads((sources / "yammer/ssy_yammer-groups.json").read_text())
    for path, rows in (("users", users), ("groups", groups)):
        make_httpserver.expect_request(f"/yammer/{path}.json").respond_with_handler(
            lambda request, rows=rows: Response(
                json.dumps(rows if request.args.get("page", "1") == "1" else []), content_type="application/json"
            )
        )
    folder = tmp_path_factory.mktemp("real")
    (folder / "token").write_text("t0ken")
    (folder / "password").write_text("s3cret")
    chats = folder / "chats"
    chats.mkdir()
    for name in (*TRANSCRIPTS, "ubuntu-meeting.0.ascii.txt"):
        (chats / name).symlink_to(sources / "chat_irc_gold" / name)
    dates = ", ".join(f'"{name}" = "{day}"' for name, day in TRANSCRIPTS.items())
    place = Place(
        folder,
        f"""
[connectors.intranet]
files = "{sources}/access_logs/apache_combined_1-5000.log"
[connectors.webchat]
transcripts = "chats/*.txt"
dates = {{ {dates} }}
zone = "UTC"
[connectors.training]
url = "{make_httpserver.url_for("/xAPI")}"
username = "tidemark"
password_file = "password"
[connectors.yammer]
url = "{make_httpserver.url_for("/yammer")}"
token_file = "token"
requests_per_30s = 0
""",
        zone="UTC",
    )
    night = place.night()
    assert night.broken == {}
    assert night.published
    return place


def test_the_real_access_log_gives_its_days_as_counts(real: Place) -> None:
    per_day = real.ask(
        "select day, sum(n)::int from staging.counts where measure = 'requests' group by day order by day", warehouse=True
    )
    assert per_day == [(date(2015, 5, 17), 1632), (date(2015, 5, 18), 2893), (date(2015, 5, 19), 475)]
    assert real.ask("select count(*) from landing.intranet_requests where person is not null", warehouse=True) == [(0,)]


def test_the_real_statements_are_all_there(real: Place) -> None:
    actor = "coalesce(actor_email, actor_mbox_sha1, actor_account, actor_openid)"
    [(n, people)] = real.ask(f"select count(*), count(distinct {actor}) from landing.training_statements", warehouse=True)
    assert (n, people) == (11000, 1294)
    assert dict(real.ask("select verb, count(*)::int from landing.training_statements group by verb", warehouse=True)) == {
        "played": 3320, "paused": 3260, "interacted": 1757, "seeked": 1486, "initialized": 664, "completed": 331,
        "terminated": 161, "downloaded": 21,
    }  # fmt: skip
    assert real.ask("select distinct verb from staging.acts where source = 'training'", warehouse=True) == [("learn",)]


def test_every_line_of_the_real_transcripts_is_accounted_for(real: Place) -> None:
    accounts = {
        m.unit.name.split("/")[-1]: m.account
        for m in Store(real.home).stream("webchat", "lines").manifests if m.unit
    }  # fmt: skip
    assert {name: a.read for name, a in accounts.items()} == {
        **dict.fromkeys(TRANSCRIPTS, 1250),
        "ubuntu-meeting.0.ascii.txt": 1200,
    }
    for account in accounts.values():
        assert set(account.excluded) <= {"joins and leaves"}
        assert account.landed > 1000


def test_public_messages_land_and_the_private_thread_is_excluded_by_name(real: Place) -> None:
    [manifest] = [m for m in Store(real.home).stream("yammer", "messages").manifests if m.account.read]
    assert (manifest.account.read, manifest.account.landed) == (2, 1)
    assert manifest.account.excluded == {"direct message": 1}


def test_every_account_closes(real: Place) -> None:
    manifests = [m for s in Store(real.home).streams() for m in s.manifests]
    assert len(manifests) >= 8
    assert all(m.account.closes() for m in manifests)


def test_without_a_roster_the_page_says_what_it_cannot_say(real: Place) -> None:
    assert real.ask("select count(*) from report.figures where value is not null") == [(0,)]
    page = (real.home / "report/index.html").read_text()
    assert "cannot" in page.lower()


def test_without_a_directory_no_text_was_landed(real: Place) -> None:
    assert not list((real.home / "landing").rglob("prose"))
    assert not (real.home / "private").exists()
    [(read,)] = real.ask("select count(*) from landing.webchat_lines_readings", warehouse=True)
    assert read > 4000
