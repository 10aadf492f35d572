"""Asking a server for pages: what is asked, what is tried again and how long that takes, and what is never asked."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from pipeline.connector import Deferred, Fatal, Http, Retry, SourceError
from pipeline.http import Busy, Cut, Garbled, NotFound, PageLoop, Refused, WebPage, source_deadline
from tests.loopback import StillClock, answer, serving

TOKEN = "s3cret/token+of=ours"


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def tonight() -> Iterator[None]:
    """A night with 100 seconds left for the source."""
    before = source_deadline.set(100.0)
    yield
    source_deadline.reset(before)


def http(url: str, clock: StillClock | None = None, **settings: object) -> Http:
    return Http(url, clock=clock or StillClock(), rng=random.Random(7), **settings)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------------ asking
def test_asks_below_the_root_with_the_token_and_without_empty_parameters() -> None:
    with serving(answer({"a": [1]})) as server:
        api = http(f"{server.url}/api/v1/", token=SecretStr(f"{TOKEN}\n"))
        assert api.get("messages.json", limit=20, older_than=None, threaded=True) == {"a": [1]}
    assert server.paths() == ["/api/v1/messages.json?limit=20&threaded=true"]
    assert server.header("Authorization") == f"Bearer {TOKEN}"


def test_user_and_password_go_as_basic_and_a_netrc_file_is_never_asked(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else")  # type: ignore[operator]
    monkeypatch.setenv("NETRC", f"{tmp_path}/netrc")
    with serving(answer(1)) as server:
        http(server.url, auth=("lrs", SecretStr("pâss"))).get("x")
        assert server.header("Authorization") == "Basic " + base64.b64encode("lrs:pâss".encode()).decode()
        http(server.url, token=SecretStr(TOKEN)).get("x")
        assert server.header("Authorization") == f"Bearer {TOKEN}"
        http(server.url).get("x")
        assert server.header("Authorization") is None


def test_an_address_with_a_password_or_another_scheme_is_refused() -> None:
    for url in ("https://me:pw@host/api", "ftp://host/api", "host/api", "file:///etc/passwd"):
        with pytest.raises(Fatal, match="without a user or password"):
            Http(url)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'\xef\xbb\xbf{"name": "\xc3\xa9"}', "application/json"),
        (b'{"name": "\xe9"}', "application/json; charset=iso-8859-1"),
        (b'{"name": "\xc3\xa9"}', "application/json; charset=iso-8859-1"),  # claims one charset and is another
        ('{"name": "é"}'.encode("utf-16"), "application/json"),
    ],
)
def test_reads_json_in_the_charset_that_it_is_in(content: bytes, kind: str) -> None:
    with serving(answer(raw=content, Content_Type=kind)) as server:
        assert http(server.url).get("x") == {"name": "é"}


def test_text_is_text_and_an_empty_answer_is_none() -> None:
    with serving(answer(raw="a;é\n".encode()), answer(raw=b"", status=204)) as server:
        assert http(server.url).text("x.csv") == "a;é\n"
        assert http(server.url).get("x") is None
        assert list(http(server.url).pages("x")) == [None]


# ------------------------------------------------------------------------------------------------------------ paging
@pytest.mark.parametrize("link", ["{origin}/api/items?page=2", "/api/items?page=2", "?page=2", "items?page=2"])
def test_follows_links_however_they_are_written(link: str) -> None:
    with serving() as server:
        server.play(answer({"n": 1, "next": link.format(origin=server.url)}), answer({"n": 2, "next": ""}))
        assert [page["n"] for page in http(f"{server.url}/api").pages("items", limit=5)] == [1, 2]
        assert server.paths() == ["/api/items?limit=5", "/api/items?page=2"]


def test_a_function_may_change_the_parameters_of_the_next_page() -> None:
    with serving(answer([9, 8]), answer([7]), answer([])) as server:
        found = http(server.url).pages("m", limit=2, next=lambda page: {"older_than": min(page)} if page else None)
        assert list(found) == [[9, 8], [7], []]
    assert server.paths() == ["/m?limit=2", "/m?limit=2&older_than=8", "/m?limit=2&older_than=7"]


@pytest.mark.parametrize("links", [["/m"], ["/m?b", "/m"], ["/m?b", "/m?b"]], ids=["A-A", "A-B-A", "A-B-B"])
def test_an_address_that_comes_again_ends_the_loop(links: list[str]) -> None:
    with serving(*(answer({"n": n, "next": link}) for n, link in enumerate(links))) as server:
        with pytest.raises(PageLoop, match="circle"):
            list(http(server.url).pages("m"))
        assert len(server.requests) <= 2


@pytest.mark.parametrize(
    "link", ["http://[", "http://[::1/x", "//", "http:///x", "http://127.0.0.1:99999/", "\\\\x\\y", "http://a b/"]
)
@pytest.mark.parametrize("how", ["redirect", "next link"])
def test_links_that_nobody_can_read_are_errors_of_the_source(how: str, link: str) -> None:
    first = answer({"next": link}) if how == "next link" else answer(status=302, Location=link)
    with serving(first, answer(status=404)) as server, pytest.raises(SourceError):
        list(http(server.url).pages("m"))


def test_a_link_that_is_no_text_is_an_error_not_an_end() -> None:
    with serving(answer({"next": 7})) as server, pytest.raises(Fatal, match="not text"):
        list(http(server.url).pages("m"))


@pytest.mark.parametrize("bodies", [["A", "A"], ["A", "B", "A"]], ids="-".join)
def test_a_body_that_comes_again_ends_the_loop(bodies: list[str]) -> None:
    with serving(*map(answer, bodies)) as server:
        numbers = iter(range(2, 100))
        with pytest.raises(PageLoop):
            list(http(server.url).pages("m", page=1, next=lambda _: {"page": next(numbers)}))
        assert len(server.requests) == len(bodies)


def test_no_more_requests_begin_in_a_span_than_the_source_allows(clock: StillClock) -> None:
    with serving(*(answer(n) for n in range(5))) as server:
        api = http(server.url, clock, requests_per=(2, 30))
        assert [api.get("m") for _ in range(5)] == [0, 1, 2, 3, 4]
    assert clock.slept == [30, 30]


# ----------------------------------------------------------------------------------------------------- trying again
def cut_at(count: int, **headers: str) -> bytes:
    whole = answer({"text": "x" * 200}, **headers)
    return whole[: whole.index(b"\r\n\r\n") + 4 + count]


@pytest.mark.parametrize(
    "fault",
    [
        answer(status=500), answer(status=503, Retry_After="7"), answer(status=429), b"", b"HTTP/1.1 2", cut_at(0),
        cut_at(99), answer(raw=b"50\r\n{", length=-1, Transfer_Encoding="chunked"),
        answer(raw=b'{"text": "x', length=-1), answer(raw=b"<html>Sign in</html>", Content_Type="text/html"),
    ],
    ids=["500", "503", "429", "no answer", "half a line", "no body", "half body", "half chunk", "half json", "html"],
)  # fmt: skip
def test_a_page_that_failed_in_passing_is_asked_for_again_whole(fault: bytes, clock: StillClock) -> None:
    with serving(fault, answer({"ok": 1})) as server:
        assert http(server.url, clock).get("m", a=1) == {"ok": 1}
    assert server.paths() == ["/m?a=1"] * 2
    assert len(clock.slept) == 1


@pytest.mark.parametrize(
    ("fault", "error", "times"),
    [
        (answer(status=502), Cut, 5),
        (cut_at(20), Cut, 5),
        (answer(status=429), Busy, 5),
        (answer(raw=b"{", length=-1), Garbled, 2),
        (answer(raw=b'{"a": "\x00"}'), Garbled, 2),
        (answer(raw=b'{"a": NaN}'), Garbled, 2),
        (answer(raw=b'{"a": "\xff"}'), Garbled, 2),
        (answer(raw=b"[" * 200_000), Garbled, 2),
        (answer(raw=b""), Garbled, 2),
        (answer(raw=b"\n <!DOCTYPE html>", Content_Type="text/html"), WebPage, 2),
        (answer(status=400), Refused, 1),
        (answer(status=401), Refused, 1),
        (answer(status=403), Refused, 1),
        (answer(status=404), NotFound, 1),
    ],
)
def test_what_lasts_is_named_after_as_many_tries_as_it_is_worth(fault: bytes, error: type, times: int) -> None:
    with serving(fault) as server:
        with pytest.raises(error, match=f"127.0.0.1:{server.port}/m") as met:
            http(server.url).get("m", person="ann@example.org")
        assert len(server.requests) == times
        assert "ann" not in str(met.value)


def test_each_kind_of_fault_has_its_own_count() -> None:
    with serving(answer(status=500), answer(status=500), answer(raw=b"{"), answer(1)) as server:
        assert http(server.url).get("m") == 1


def test_faults_are_what_the_engine_makes_of_them() -> None:
    assert issubclass(Cut, Retry)
    assert issubclass(Garbled, Retry)
    assert issubclass(Busy, Deferred)
    assert issubclass(WebPage, Fatal)
    assert issubclass(Http.NotFound, Http.Refused)


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [("7", 7, 7.5), ("0", 0, 0.5), ("Mon, 13 Jul 2026 04:01:00 GMT", 60, 60.5),
     ("Sun, 12 Jul 2026 04:00:00 GMT", 0, 0.5), ("soon", 1, 1.5), (None, 1, 1.5)],
)  # fmt: skip
def test_waits_as_long_as_the_server_asks(said: str | None, least: float, most: float, clock: StillClock) -> None:
    with serving(answer(status=429, **({"Retry_After": said} if said else {})), answer(1)) as server:
        http(server.url, clock).get("m")
    assert least <= clock.slept[0] <= most


@pytest.mark.parametrize("said", ["86400", "121", "Tue, 14 Jul 2026 04:00:00 GMT"])
def test_a_pause_longer_than_the_cap_leaves_the_rest_to_the_next_night(said: str, clock: StillClock) -> None:
    with serving(answer(status=429, Retry_After=said)) as server:
        with pytest.raises(Deferred, match="asks for a pause"):
            http(server.url, clock).get("m")
        assert len(server.requests) == 1
    assert clock.slept == []


def test_without_a_word_from_the_server_pauses_grow(clock: StillClock) -> None:
    with serving(answer(status=503)) as server, pytest.raises(Cut):
        http(server.url, clock).get("m")
    assert [round(pause / 2**n, 1) >= 1 for n, pause in enumerate(clock.slept)] == [True] * 4
    assert sum(clock.slept) < 25


def test_nothing_is_asked_and_no_pause_begun_beyond_the_end_of_the_night(tonight: None, clock: StillClock) -> None:
    with serving(answer(status=429, Retry_After="70")) as server:
        with pytest.raises(Deferred, match="used up"):
            http(server.url, clock).get("m")
        assert (len(server.requests), len(clock.slept)) == (2, 1)
        clock.sleep(50)
        with pytest.raises(Deferred, match="used up"):
            http(server.url, clock).get("m")
        assert len(server.requests) == 2


# -------------------------------------------------------------------------------------------- tokens and other servers
def test_a_token_that_ran_out_is_renewed_once() -> None:
    tokens = iter(["old", "new", "newer"])
    with serving(answer(status=401), answer(1), answer(2), answer(status=401)) as server:
        api = http(server.url, token=lambda: next(tokens))
        assert [api.get("a"), api.get("b")] == [1, 2]
        assert [server.header("Authorization", n) for n in range(3)] == ["Bearer old", "Bearer new", "Bearer new"]
        with pytest.raises(Refused, match="renew it"):
            api.get("c")
        assert len(server.requests) == 5


def test_redirects_on_the_same_server_are_followed_with_the_token() -> None:
    with serving(answer(status=302, Location="/n?x=1"), answer(1)) as server:
        assert http(server.url, token=SecretStr(TOKEN)).get("m") == 1
        assert server.paths() == ["/m", "/n?x=1"]
        assert server.header("Authorization") == f"Bearer {TOKEN}"


@pytest.mark.parametrize("how", ["redirect", "next link", "address"])
@pytest.mark.parametrize(
    "where",
    ["http://127.0.0.1:{other}/n", "//127.0.0.1:{other}/n", "https://127.0.0.1:{own}/n", "http://localhost:{own}/n"],
)
def test_another_server_port_or_scheme_is_never_asked(how: str, where: str) -> None:
    with serving(answer(1)) as other, serving() as server:
        where = where.format(other=other.port, own=server.port)
        server.play(answer({"next": where}) if how == "next link" else answer(status=302, Location=where))
        api = http(server.url, token=SecretStr(TOKEN))
        with pytest.raises(Fatal, match="another server"):
            list(api.pages("m")) if how != "address" else api.get(where)
        assert (other.requests, len(server.requests)) == ([], 0 if how == "address" else 1)


def test_a_server_that_is_allowed_gets_no_credentials() -> None:
    with serving(answer(1)) as other, serving(answer(status=302, Location=f"{other.url}/file?sig=1")) as server:
        secret = {"X-Key": SecretStr("k3y-of-ours")}
        api = http(server.url, token=SecretStr(TOKEN), headers=secret, allow_hosts=[f"127.0.0.1:{other.port}"])
        assert api.get("m") == 1
        assert server.header("X-Key") == "k3y-of-ours"
        assert (other.header("Authorization"), other.header("X-Key")) == (None, None)


def test_redirects_in_a_circle_end() -> None:
    with serving(answer(status=302, Location="/m")) as server:
        with pytest.raises(PageLoop):
            http(server.url).get("m")
        assert len(server.requests) == 6
