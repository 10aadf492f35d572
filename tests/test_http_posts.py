"""What is sent to a server, what is fetched into a file, and which hosts are led to: nothing goes where it should not."""

from __future__ import annotations

import gzip
import json
import os
import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from pipeline.connector import Fatal, Http
from pipeline.http import Cut, PageLoop, Refused, TooLarge, the_clock
from tests.loopback import Script, StillClock, answer, named, packed, serving

TOKEN = SecretStr("t0ken-of-ours")
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def http(server: Script, **settings: Any) -> Http:
    return Http(f"{server.url}/api", clock=StillClock(), rng=random.Random(7), **settings)


def methods(server: Script) -> list[str]:
    return [request.split(" ")[0] for request in server.requests]


# ----------------------------------------------------------------------------------------------------------- posting
def test_parameters_are_posted_as_json() -> None:
    asked = {"from": date(2026, 6, 1), "at": datetime(2026, 6, 1, 9, tzinfo=UTC), "deep": {"list": [1, None, True]}, "none": None}
    with serving(answer({"ok": 1})) as server:
        assert http(server, token=TOKEN).post("run", **asked) == {"ok": 1}
    assert (methods(server), server.paths()) == (["POST"], ["/api/run"])
    assert (server.header("Content-Type"), server.header("Authorization")) == (JSON, "Bearer t0ken-of-ours")
    assert json.loads(server.bodies[0]) == {
        "from": "2026-06-01", "at": "2026-06-01T09:00:00+00:00", "deep": {"list": [1, None, True]},
    }  # fmt: skip


def test_parameters_are_posted_as_a_form() -> None:
    asked = {"a": "é&=", "b": [1, 2], "c": True, "d": [False], "e": datetime(2026, 6, 1, tzinfo=UTC), "f": None}
    with serving(answer(raw=b"", status=204)) as server:
        assert http(server).post("run?x=1", sent="form", **asked) is None
    assert server.paths() == ["/api/run?x=1"]
    assert server.header("Content-Type") == FORM
    assert server.bodies == [b"a=%C3%A9%26%3D&b=1&b=2&c=true&d=false&e=2026-06-01T00%3A00%3A00%2B00%3A00"]


def test_lists_in_an_address_are_written_like_single_values() -> None:
    with serving(answer(1)) as server:
        http(server).get("run", a=[True, False], b=date(2026, 6, 1))
    assert server.paths() == ["/api/run?a=true&a=false&b=2026-06-01"]


@pytest.mark.parametrize("fault", [answer(status=503), answer(raw=b"{", length=-1), answer({"a": 1})[:-3]])
def test_a_post_that_failed_in_passing_is_sent_again_whole(fault: bytes) -> None:
    with serving(fault, answer(1)) as server:
        assert http(server).post("run", sent="form", a=1) == 1
    assert server.bodies == [b"a=1", b"a=1"]


def test_what_is_posted_is_in_no_error() -> None:
    with serving(answer({"error": "k3y-of-ours"}, status=400)) as server, pytest.raises(Refused) as met:
        http(server).post("run", sent="form", key="k3y-of-ours")
    assert "k3y" not in repr(met.value)


# ----------------------------------------------------------------------------------------------------- posts and others
@pytest.mark.parametrize(("status", "then"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_a_redirect_on_the_same_server_is_followed_as_its_status_says(status: int, then: str) -> None:
    with serving(answer(status=status, Location="/there"), answer(1)) as server:
        assert http(server).post("run", sent="form", key="k3y-of-ours") == 1
    assert (methods(server), server.paths()[1]) == (["POST", then], "/there")
    assert server.bodies[1] == (b"key=k3y-of-ours" if then == "POST" else b"")
    assert server.header("Content-Type") == (FORM if then == "POST" else None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_what_was_posted_is_never_sent_on_to_another_host(status: int) -> None:
    with serving(answer(1)) as other, serving(answer(status=status, Location=f"{other.url}/x")) as server:
        allowed = http(server, token=TOKEN, allow_hosts=[f"127.0.0.1:{other.port}"])
        assert allowed.post("run", sent="form", key="k3y-of-ours") == 1
        assert (methods(other), other.bodies, other.header("Authorization")) == (["GET"], [b""], None)
        with pytest.raises(Fatal, match="another server"):
            http(server).post("run", sent="form", key="k3y-of-ours")
        assert len(other.requests) == 1


def test_a_token_that_ran_out_is_renewed_once_and_the_post_sent_again() -> None:
    tokens = iter(["old", "new", "newer", "newest"])
    with serving(answer(status=401), answer(1), answer(status=401)) as server:
        api = http(server, token=lambda: SecretStr(next(tokens)))
        assert api.post("run", a=1) == 1
        assert server.bodies == [b'{"a":1}'] * 2
        with pytest.raises(Refused, match="renew it"):
            api.post("run", a=2)
        assert [server.header("Authorization", n) for n in range(4)] == [f"Bearer {t}" for t in ("old", "new", "new", "newer")]


def test_a_host_that_never_saw_the_token_cannot_have_it_renewed() -> None:
    tokens = iter(["first", "second"])
    with serving(answer(status=401)) as other, serving(answer(status=302, Location=f"{other.url}/x")) as server:
        with pytest.raises(Refused):
            http(server, token=lambda: next(tokens), allow_hosts=[f"127.0.0.1:{other.port}"]).get("m")
        assert (len(server.requests), len(other.requests), next(tokens)) == (1, 1, "second")


# ------------------------------------------------------------------------------------------------------------ paging
def test_pages_are_asked_for_by_posts_of_what_changes() -> None:
    with serving(*(answer({"rows": rows}) for rows in ([1, 2], [3, 4], [5]))) as server:
        offsets = iter([2, 4, None])
        pages = http(server).pages("run", next=lambda _: {"offset": n} if (n := next(offsets)) else None, sent="json", limit=2)
        assert [page["rows"] for page in pages] == [[1, 2], [3, 4], [5]]
    assert methods(server) == ["POST"] * 3
    assert [json.loads(body) for body in server.bodies] == [{"limit": 2}, {"limit": 2, "offset": 2}, {"limit": 2, "offset": 4}]


def test_a_link_from_a_posted_page_is_followed_by_a_get() -> None:
    with serving(answer({"n": 1, "next": "?page=2"}), answer({"n": 2})) as server:
        assert [page["n"] for page in http(server).pages("run", sent="form", key="k3y")] == [1, 2]
    assert (methods(server), server.paths(), server.bodies) == (["POST", "GET"], ["/api/run", "/api/run?page=2"], [b"key=k3y", b""])


@pytest.mark.parametrize("sent", ["json", "form"])
def test_a_post_that_comes_again_ends_the_loop(sent: str) -> None:
    with serving(*(answer({"n": n}) for n in range(9))) as server:
        with pytest.raises(PageLoop, match="circle"):
            list(http(server).pages("run", next=lambda page: {"offset": 5}, sent=sent, offset=0))  # type: ignore[arg-type]
        assert len(server.requests) == 2


# --------------------------------------------------------------------------------------------------------- into a file
def test_a_body_is_fetched_into_a_nameless_file_that_is_gone_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    content = os.urandom(300_000)
    with serving(answer(raw=content), packed(content), answer(status=302, Location="/other"), answer(raw=b"1")) as server:
        for expected in (content, content, b"1"):
            with http(server, token=TOKEN).download("export", include="csv", model=None) as file:
                assert list(tmp_path.iterdir()) == []
                assert file.read() == expected
            assert file.closed
    assert server.paths() == ["/api/export?include=csv"] * 3 + ["/other"]
    assert server.header("Authorization") == "Bearer t0ken-of-ours"


LONGER = b"0123456789" * 9999


@pytest.mark.parametrize(
    "fault",
    [answer(raw=LONGER)[:-5], answer(raw=gzip.compress(LONGER)[:-9], length=-1, Content_Encoding="gzip"),
     answer(raw=b"%x\r\n%s\r\n5\r\nab" % (len(LONGER), LONGER), length=-1, Transfer_Encoding="chunked")],
    ids=["length", "packed", "chunk"],
)  # fmt: skip
def test_a_body_that_was_cut_is_fetched_again_from_the_start(fault: bytes) -> None:
    with serving(fault, answer(status=503), fault, answer(raw=b"short")) as server:
        with http(server).download("export") as file:
            assert file.read() == b"short"
        assert len(server.requests) == 4


def test_a_body_that_is_always_cut_is_named_and_nothing_of_it_is_given() -> None:
    with serving(answer(raw=b"x" * 99)[:-5]) as server:
        with pytest.raises(Cut, match="broke before the end"), http(server).download("export"):
            pytest.fail("there is no file")
        assert len(server.requests) == 5


@pytest.mark.parametrize("whole", [answer(raw=b"x" * 2000), packed(b"x" * 2000)], ids=["plain", "packed"])
def test_a_body_over_the_cap_is_given_up(whole: bytes) -> None:
    with serving(whole) as server:
        with pytest.raises(TooLarge, match="over 1999 bytes"), http(server, max_body=1999).download("export"):
            pytest.fail("there is no file")
        assert len(server.requests) == 1
        with http(server, max_body=2000).download("export") as file:
            assert len(file.read()) == 2000
    assert Http.TooLarge is TooLarge


def test_what_is_not_there_is_no_empty_file() -> None:
    with serving(answer({"error": 1}, status=404)) as server, pytest.raises(Http.NotFound), http(server).download("export"):
        pytest.fail("there is no file")


def test_an_error_of_the_reader_closes_the_file_and_is_its_own() -> None:
    with serving(answer(raw=b"1")) as server:
        with pytest.raises(KeyError), http(server).download("export") as file:
            raise KeyError("mine")
        assert file.closed


# ------------------------------------------------------------------------------------------------------------- hosts
@pytest.mark.parametrize("host", ["a.files.example", "b.a.files.example", "A.Files.Example"])
def test_every_host_in_a_domain_may_be_led_to_and_gets_no_credentials(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(1)) as other, serving(answer(status=302, Location=f"http://{host}:{other.port}/x")) as server:
        with named(monkeypatch, {host.lower(): other, "127.0.0.1": server}):
            assert http(server, token=TOKEN, headers={"X-Key": TOKEN}, allow_hosts=[".FILES.example"]).get("m") == 1
        assert (other.header("Authorization"), other.header("X-Key")) == (None, None)


@pytest.mark.parametrize(
    "host", ["files.example", "evilfiles.example", "a.files.example.org", "example", "a.files.example@evil.example"]
)
def test_no_host_outside_the_domain_may_be_led_to(host: str) -> None:
    with serving(answer(status=302, Location=f"http://{host}/x")) as server:
        with pytest.raises(Fatal, match="another server"):
            http(server, allow_hosts=[".files.example"]).get("m")
        assert len(server.requests) == 1


# ------------------------------------------------------------------------------------------------------------- clock
def test_every_connection_that_is_given_no_clock_goes_by_the_one_that_is_set() -> None:
    clock, own = StillClock(), StillClock()
    before = the_clock.set(clock)
    try:
        with serving(answer(status=429, Retry_After="100"), answer(1), answer(status=429, Retry_After="50"), answer(1)) as server:
            assert Http(server.url).get("m") == 1
            assert Http(server.url, clock=own).get("m") == 1
    finally:
        the_clock.reset(before)
    assert [round(sum(c.slept)) // 50 for c in (clock, own)] == [2, 1]
