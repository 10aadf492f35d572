"""One request on the wire: servers that drip, stall or send bombs, and servers that are not who they should be."""

from __future__ import annotations

import gzip
import shutil
import ssl
import subprocess
import time
import tracemalloc
from pathlib import Path

import pytest

from pipeline.connector import Deferred, Fatal, Http
from pipeline.http import Cut, Slow, TooLarge, source_deadline
from tests.loopback import StillClock, answer, drip, hang_up, packed, serving

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
MIB = 1 << 20


def http(url: str, **settings: object) -> Http:
    return Http(url, clock=StillClock(), **settings)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that only those trust who are given it; its key is beside it."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem",
         "-out", folder / "certificate.pem"], check=True, capture_output=True,
    )  # fmt: skip
    return folder / "certificate.pem"


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    return context


# -------------------------------------------------------------------------------------------------------------- time
@pytest.mark.parametrize(
    ("before", "byte"),
    [(b"", b"H"), (HEAD, b"X: y\r\n"), (HEAD + b"Content-Length: 9999\r\n\r\n", b" "),
     (CHUNKED, b"1\r\n \r\n"), (CHUNKED, b"0"), (HEAD + b"\r\n", b" ")],
    ids=["status line", "headers", "body", "chunks", "size of a chunk", "body without end"],
)  # fmt: skip
def test_an_answer_that_drips_is_cut_off_in_time(before: bytes, byte: bytes) -> None:
    with serving(drip(byte, before)) as server:
        began = time.monotonic()
        with pytest.raises(Slow, match="no whole answer"):
            http(server.url, deadline=0.15).get("m")
        assert time.monotonic() - began < 0.9
        assert len(server.requests) == 2


def test_an_answer_that_drips_is_cut_off_in_time_over_tls_too(certificate: Path, tls: ssl.SSLContext) -> None:
    with serving(drip(b" ", HEAD + b"Content-Length: 9999\r\n\r\n"), context=tls) as server:
        began = time.monotonic()
        with pytest.raises(Slow):
            http(server.url, deadline=0.15, ca_bundle=certificate).get("m")
        assert time.monotonic() - began < 0.9


def test_a_server_that_says_nothing_is_left_after_the_read_timeout() -> None:
    with serving(lambda _: time.sleep(0.3)) as server, pytest.raises(Cut, match="ReadTimeout"):
        http(server.url, timeout=(1, 0.05), attempts=2).get("m")


def test_the_end_of_the_night_cuts_an_answer_that_still_comes() -> None:
    class Ticking(StillClock):
        def monotonic(self) -> float:
            return time.monotonic()

    before = source_deadline.set(time.monotonic() + 0.15)
    try:
        with serving(drip(b" ", HEAD + b"\r\n")) as server, pytest.raises(Deferred, match="used up"):
            Http(server.url, clock=Ticking()).get("m")
    finally:
        source_deadline.reset(before)


def test_an_alarm_does_not_ring_for_the_next_request() -> None:
    with serving(answer(1)) as server:
        api = http(server.url, deadline=0.1)
        api.get("m")
        time.sleep(0.15)
        assert api.get("m") == 1


def test_nobody_there_and_hanging_up_are_passing() -> None:
    with serving(hang_up, answer(1)) as server:
        assert http(server.url).get("m") == 1
    with pytest.raises(Cut, match="no connection"):
        http(server.url).get("m")


# -------------------------------------------------------------------------------------------------------------- size
def test_packed_bodies_are_unpacked_also_in_several_members() -> None:
    parts = gzip.compress(b'{"a": ') + gzip.compress(b"1}")
    with serving(packed(b"[2]"), answer(raw=parts, Content_Encoding="gzip")) as server:
        assert http(server.url).get("m") == [2]
        assert http(server.url).get("m") == {"a": 1}
        assert server.header("Accept-Encoding") == "gzip"


@pytest.mark.parametrize("cut", [5, 60])
def test_a_packed_body_that_ends_early_is_asked_for_again(cut: int) -> None:
    whole = gzip.compress(bytes(range(256)) * 9)
    with serving(answer(raw=whole[:cut], length=-1, Content_Encoding="gzip"), packed(b"text")) as server:
        assert http(server.url).text("m") == "text"


def test_what_is_not_packed_as_it_says_is_asked_for_again() -> None:
    with serving(answer(raw=b"[1]", Content_Encoding="gzip"), answer([1])) as server:
        assert http(server.url).get("m") == [1]


def test_a_bomb_is_seen_before_it_has_gone_off() -> None:
    bomb = gzip.compress(bytes(200 * MIB), 1)
    with serving(answer(raw=bomb, Content_Encoding="gzip")) as server:
        api = http(server.url, max_body=8 * MIB)
        tracemalloc.start()
        with pytest.raises(TooLarge, match="over 8388608 bytes"):
            api.get("m")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 16 * MIB
        assert len(server.requests) == 1


def test_a_body_without_end_is_given_up_at_the_cap() -> None:
    def endless(connection: object) -> None:
        connection.sendall(HEAD + b"\r\n")  # type: ignore[attr-defined]
        while True:
            connection.sendall(b" " * MIB)  # type: ignore[attr-defined]

    with serving(endless) as server, pytest.raises(TooLarge):
        http(server.url, max_body=3 * MIB).get("m")


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "zstd", "deflate"])
def test_a_body_packed_in_another_way_is_refused(coding: str) -> None:
    with serving(answer(raw=b"x", Content_Encoding=coding)) as server, pytest.raises(Fatal, match="not asked for"):
        http(server.url).get("m")


# ------------------------------------------------------------------------------------------------------------- trust
def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answer(1), context=tls) as server:
        with pytest.raises(Fatal, match="no trusted TLS connection"):
            http(server.url).get("m")
        assert server.requests == []
        assert http(server.url, ca_bundle=certificate).get("m") == 1
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert http(server.url).get("m") == 1


def test_a_certificate_for_another_name_is_refused(tls: ssl.SSLContext, certificate: Path) -> None:
    with serving(answer(1), context=tls) as server, pytest.raises(Fatal, match="no trusted TLS"):
        http(server.url.replace("127.0.0.1", "localhost"), ca_bundle=certificate).get("m")


def test_a_bundle_that_is_not_there_is_named() -> None:
    with pytest.raises(Fatal, match=r"ca_bundle: there is no file /nowhere\.pem"):
        http("https://127.0.0.1:9", ca_bundle="/nowhere.pem")


def test_a_connection_that_breaks_during_the_handshake_is_passing(certificate: Path) -> None:
    with serving(answer(1)) as server, pytest.raises(Cut):
        http(server.url.replace("http:", "https:"), ca_bundle=certificate, timeout=(0.2, 0.2), attempts=2).get("m")
