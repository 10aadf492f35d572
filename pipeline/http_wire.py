"""One request on the wire: cut off in time, bounded in size, unpacked and decoded with care.

Belongs here: sockets, the alarm, packed bodies, charsets, the names of transport faults.
Does not: trying again, redirects, what a status means (http.py), or what a value means (plugins/).
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import IO, Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from pipeline.http_credentials import Sign
from pipeline.http_faults import Cut, Garbled, Slow, TooLarge, WebPage
from pipeline.problems import Fatal

STEP = 1 << 20  # bytes unpacked at a time, so that a bomb is seen before it has gone off


@dataclass(frozen=True)
class Reply:
    """What came back from `where` (an address for people); the body is unpacked, and empty where it was not wanted."""

    where: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def whole(self) -> None:
        """That it came whole is all that is asked: the body is in a file."""

    def json(self) -> Any:
        """The value in the body; None for a 204. Raises WebPage or Garbled."""
        if self.status == 204:
            return None
        text = self.text()
        if text.lstrip()[:1] == "<":
            raise WebPage(f"{self.where}: a web page came instead of JSON, often a login: check address and token")
        try:
            return json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            kind = type(error).__name__
        # Raised out here: the parser's error holds the whole body.
        raise Garbled(f"{self.where}: the body is not JSON, or only a part of it ({kind})")

    def text(self) -> str:
        """The body as text: UTF-8, else UTF-16 by its byte order mark, else what Content-Type says. Raises Garbled."""
        said = re.search(r"(?i)charset=[\"']?([\w.-]+)", self.headers.get("Content-Type", ""))
        first = "utf-16" if self.body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        for charset in (first, *(said.groups() if said else ())):
            with suppress(UnicodeDecodeError, LookupError):
                return self.body.decode(charset)
        raise Garbled(f"{self.where}: the body is not text in the charset that it claims")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


class Wire:
    """Connections to one server. No cookies, no redirects; certificates are always checked."""

    def __init__(self, *, timeout: tuple[float, float], max_body: int, ca_bundle: str | None) -> None:
        self._timeout, self._max_body, self._verify = timeout, max_body, ca_bundle or True
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter())

    def send(
        self, url: str, where: str, sign: Sign, headers: Mapping[str, str], seconds: float, *,
        sent: tuple[str, bytes] | None = None, into: IO[bytes] | None = None, refusals: bool = False,
    ) -> Reply:  # fmt: skip
        """The answer to one GET, or to a POST of `sent` (Content-Type, bytes); its body goes `into` a file where one is given.

        With `refusals` the body of a 4xx is kept too.
        Raises Cut, Slow, TooLarge or Fatal, whose messages name `where` and no value.
        """
        kind, content = sent or (None, None)
        asked = {"User-Agent": "tidemark", **headers, "Accept-Encoding": "gzip", **({"Content-Type": kind} if kind else {})}
        outcome: Reply | Exception
        with _Alarm(seconds) as alarm:
            try:
                with self._session.request(
                    "POST" if sent else "GET", url, data=content, auth=sign, headers=asked,
                    stream=True, allow_redirects=False, timeout=self._timeout, verify=self._verify,
                ) as response:  # fmt: skip
                    status = response.status_code
                    wanted = 200 <= status < 300 or (refusals and 400 <= status < 500)
                    body = self._body(response, where, into) if wanted else b""
                    outcome = Reply(where, status, response.headers, body)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError, zlib.error) as error:
                outcome = _named(error, where)
        # Raised out here: the library's own errors hold the whole address, and some hold the header that they refuse.
        if alarm.rung:  # what was cut off may look like a whole answer that ends with its connection
            raise Slow(f"{where}: no whole answer within {seconds:.0f} s")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _body(self, response: requests.Response, where: str, into: IO[bytes] | None) -> bytes:
        coding = response.headers.get("Content-Encoding", "").strip().lower()
        if coding not in ("", "identity", "gzip", "x-gzip"):
            raise Fatal(f"{where}: the body is packed in a way that was not asked for")
        body, size = bytearray(), 0
        if into is not None:
            into.seek(0)
            into.truncate()
        for part in _unpacked(_chunks(response), where) if coding.endswith("gzip") else _chunks(response):
            size += len(part)
            if size > self._max_body:
                body.clear()  # else it lives as long as the error does
                raise TooLarge(f"{where}: the body is over {self._max_body} bytes")
            if into is None:
                body += part
            else:
                into.write(part)
        return bytes(body)


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """The body as it comes. read1 gives what one recv brought; read waits for a full chunk however slowly it drips."""
    while chunk := response.raw.read1(65_536, decode_content=False):
        yield chunk


def _unpacked(chunks: Iterator[bytes], where: str) -> Iterator[bytes]:
    unpack = None
    for chunk in chunks:
        rest = chunk
        while rest:
            if unpack is None or unpack.eof:
                unpack = zlib.decompressobj(31)  # one gzip member may follow another
            yield unpack.decompress(rest, STEP)
            rest = unpack.unconsumed_tail or unpack.unused_data
    if unpack and not unpack.eof:
        raise Cut(f"{where}: the packed body ends before its end")


def _named(error: Exception, where: str) -> Exception:
    kind = type(error).__name__
    if isinstance(error, requests.exceptions.SSLError) and not _hung_up(error):
        return Fatal(f"{where}: no trusted TLS connection: check the certificate, or set ca_bundle")
    if isinstance(error, ValueError):
        return Fatal(f"{where}: the request cannot be written: check address, token and headers ({kind})")
    return Cut(f"{where}: no connection, or it broke before the end ({kind})")


def _hung_up(error: BaseException) -> bool:
    cause = error.__cause__ or error.__context__
    return isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError) or (cause is not None and _hung_up(cause))


class _Alarm:
    """Cuts the connection of one request when its time is up: a read timeout begins anew with every byte that drips."""

    current: ContextVar[_Alarm | None] = ContextVar("alarm", default=None)

    def __init__(self, seconds: float) -> None:
        self.rung = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), self._ring)
        self._timer.daemon = True

    def __enter__(self) -> _Alarm:
        self._before = _Alarm.current.set(self)
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()  # so that it cannot cut the next request on this connection
        _Alarm.current.reset(self._before)

    def watch(self, connection: socket.socket) -> None:
        """Name the socket that the answer comes through."""
        self._socket = connection
        if self.rung:
            self._ring()

    def _ring(self) -> None:
        self.rung = True
        if self._socket is not None:
            with suppress(OSError):
                # Not SSLSocket.shutdown: that one drops the encryption while the other thread still reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Watched:
    """Mixed into urllib3's connections: tells the alarm which socket to cut, before the first byte of the answer."""

    sock: socket.socket

    def getresponse(self) -> Any:
        if alarm := _Alarm.current.get():
            alarm.watch(self.sock)
        return super().getresponse()  # type: ignore[misc]


class _Adapter(HTTPAdapter):
    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        if not issubclass(pool.ConnectionCls, _Watched):
            pool.ConnectionCls = type("Watched", (_Watched, pool.ConnectionCls), {})
        return pool
