"""Fetch pages of JSON or text from one server, within limits of time and size, again where trying again can help.

Belongs here: addresses, paging, waiting, trying again, and what a status means.
Does not: sockets (http_wire.py), secrets (http_credentials.py), the faults (http_faults.py: drawn there as a tree),
what a page means (plugins/), or how long a night may take (whoever pulls sets `source_deadline`).
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Literal, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from pydantic import SecretStr
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from pipeline.http_credentials import Credentials, Token, unsigned
from pipeline.http_faults import Busy, Cut, Garbled, NotFound, PageLoop, Passing, Refused, Slow, TooLarge, WebPage
from pipeline.http_wire import Reply, Wire
from pipeline.problems import Deferred, Fatal

__all__ = [
    "Busy", "Clock", "Cut", "Garbled", "Http", "NotFound", "PageLoop", "Refused", "Slow", "TooLarge", "WebPage",
    "source_deadline",
]  # fmt: skip

T = TypeVar("T")

source_deadline: ContextVar[float | None] = ContextVar("source_deadline", default=None)
"""When the night's time for one source ends, as `Clock.monotonic()` tells it; None = no end."""


class Clock:
    """The real time; tests give another."""

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds on a scale that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


the_clock: ContextVar[Clock | None] = ContextVar("the_clock", default=None)
"""The clock of every `Http` that is given none: the real one, unless a test has set another."""


@dataclass(frozen=True)
class _Request:
    """What is asked for: an address, and for a POST what is sent there (its Content-Type, its bytes)."""

    url: str
    sent: tuple[str, bytes] | None = None

    @property
    def mark(self) -> bytes:
        return self.url.encode() + (b"\n" + self.sent[1] if self.sent else b"")


class Http:
    """One server, and what may be asked of it. Whatever goes wrong is a SourceError that shows no secret and no query.

    url             the root that paths are appended to; a path with a leading slash starts at the server's root
    token           sent as `Authorization: Bearer`; a function is asked for one, and once more after a 401
    auth            user and password, sent as `Authorization: Basic`
    headers         sent with every request to this server; a value may be a SecretStr
    requests_per    (n, seconds): no more than n requests begin in any such span
    timeout         seconds (to connect, between two bytes)
    deadline        seconds for one try of one request, body included
    max_body        bytes of a body once it is unpacked
    attempts        how often a page is tried where trying again can help
    retry_after_cap seconds that a server may ask us to wait; above it, Deferred
    allow_hosts     "host", "host:port" or ".domain" (every host in it) that redirects and links may also lead to; they
                    never get credentials
    ca_bundle       file of the certificate authorities to trust; certificates are always checked
    """

    Refused = Refused
    NotFound = NotFound
    TooLarge = TooLarge

    def __init__(
        self, url: str, *, token: Token = None, auth: tuple[str, SecretStr] | None = None,
        headers: Mapping[str, str | SecretStr] | None = None, requests_per: tuple[int, float] | None = None,
        timeout: tuple[float, float] = (10.0, 30.0), deadline: float = 120.0, max_body: int = 64 << 20,
        attempts: int = 5, retry_after_cap: float = 120.0, allow_hosts: Collection[str] = (),
        ca_bundle: str | Path | None = None, clock: Clock | None = None, rng: random.Random | None = None,
    ) -> None:  # fmt: skip
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise Fatal("url must be http:// or https:// and a host, without a user or password in it")
        if ca_bundle and not Path(ca_bundle).exists():
            raise Fatal(f"ca_bundle: there is no file {ca_bundle}")
        self.url = url.rstrip("/")
        self._origin = _origin(url)
        self._credentials = Credentials(token, auth, headers or {})
        self._wire = Wire(timeout=timeout, max_body=max_body, ca_bundle=str(ca_bundle) if ca_bundle else None)
        self._deadline, self._attempts, self._retry_after_cap = deadline, attempts, retry_after_cap
        self._allow_hosts = {host.lower() for host in allow_hosts}
        self._clock = clock or the_clock.get() or Clock()
        self._rng = rng or random.Random()  # noqa: S311 - spreads retries, hides nothing
        self._span = requests_per[1] if requests_per else 0.0
        self._begun: deque[float] = deque(maxlen=requests_per[0] if requests_per else 0)

    def __repr__(self) -> str:
        return f"Http({self._shown(self.url)!r})"

    # ------------------------------------------------------------------------------------------------------- asking
    def get(self, path_or_url: str, **params: Any) -> Any:
        """The JSON at this address (None for an empty 204). Parameters that are None are left out."""
        return self._try(self._request(path_or_url, params), Reply.json)

    def post(self, path_or_url: str, *, sent: Literal["json", "form"] = "json", **params: Any) -> Any:
        """The JSON that answers a POST of these parameters, as a JSON object or as a form."""
        return self._try(self._request(path_or_url, params, sent), Reply.json)

    def text(self, path_or_url: str, **params: Any) -> str:
        """The text at this address: UTF-8, or what its byte order mark or Content-Type says."""
        return self._try(self._request(path_or_url, params), Reply.text)

    @contextmanager
    def download(self, path_or_url: str, **params: Any) -> Iterator[IO[bytes]]:
        """The body at this address as a nameless file that is gone afterwards: for what is too large for memory."""
        request = self._request(path_or_url, params)
        with TemporaryFile() as file:
            self._try(request, Reply.whole, into=file)
            file.seek(0)
            yield file

    def pages(
        self, path_or_url: str, *, next: str | Callable[[Any], str | Mapping[str, Any] | None] = "next",
        sent: Literal["json", "form"] | None = None, **params: Any,
    ) -> Iterator[Any]:  # fmt: skip
        """The JSON of every page from this address on. A page or an address that comes again raises PageLoop.

        `next` is the key of the link to the next page, or a function of the page: it gives a link, the parameters
        that change for the next page, or None at the end. Links may be absolute, from the server's root (/...),
        a query (?...) or relative to `url`. With `sent` each page is asked for by a POST of the parameters.
        """
        request, seen = self._request(path_or_url, params, sent), set[bytes]()
        while True:
            self._first_time(request.mark, seen, request.url)
            page, body = self._try(request, lambda reply: (reply.json(), reply.body))
            if body:
                self._first_time(body, seen, request.url)
            yield page
            step = next(page) if callable(next) else page.get(next) if isinstance(page, Mapping) else None
            if not step:
                return
            if isinstance(step, Mapping):
                params = {**params, **step}
                request = self._request(path_or_url, params, sent)
            elif not isinstance(step, str):
                raise Fatal(f"{self._shown(request.url)}: the link to its next page is not text")
            else:
                request = _Request(self._linked(request.url, step) if step.startswith("?") else self._address(step, {}))

    def _first_time(self, what: bytes, seen: set[bytes], url: str) -> None:
        mark = hashlib.blake2b(what, digest_size=16).digest()
        if mark in seen:
            raise PageLoop(f"{self._shown(url)}: the same page came again, its paging leads in a circle")
        seen.add(mark)

    # ----------------------------------------------------------------------------------------------------- addresses
    def _request(self, path_or_url: str, params: Mapping[str, Any], sent: str | None = None) -> _Request:
        if sent is None:
            return _Request(self._address(path_or_url, params))
        given = {name: value for name, value in params.items() if value is not None}
        if sent == "json":
            body = json.dumps(given, default=_written, separators=(",", ":")).encode()
            return _Request(self._address(path_or_url, {}), ("application/json", body))
        form = urlencode({name: _written(value) for name, value in given.items()}, doseq=True).encode()
        return _Request(self._address(path_or_url, {}), ("application/x-www-form-urlencoded", form))

    def _address(self, path_or_url: str, params: Mapping[str, Any]) -> str:
        if re.match(r"(?i)https?://", path_or_url):
            url = path_or_url
        elif path_or_url.startswith("/"):
            url = urljoin(self.url, path_or_url)
        else:
            url = f"{self.url}/{path_or_url}" if path_or_url else self.url
        request = requests.PreparedRequest()
        with suppress(requests.RequestException, ValueError):
            request.prepare_url(url, {name: _written(value) for name, value in params.items()})
        if not request.url:
            raise Fatal(f"{self._shown(self.url)}: an address there cannot be read")
        return self._allowed(request.url)

    def _linked(self, url: str, link: str) -> str:
        """Where a link leads from this address, in the sense of the web."""
        with suppress(ValueError):
            return self._address(urljoin(url, link), {})
        raise Fatal(f"{self._shown(url)}: leads to an address that cannot be read")

    def _allowed(self, url: str) -> str:
        """The address, if it stays on this server or leads to one that the connector allows, never from TLS to none."""
        (scheme, host, port), own = _origin(url), self._origin
        within = {host[at:] for at, sign in enumerate(host) if sign == "."}
        named = {host, f"{host}:{port}", *within} & self._allow_hosts and (scheme == "https" or own[0] == scheme == "http")
        if (scheme, host, port) != own and not named:
            raise Fatal(
                f"{self._shown(self.url)}: leads to {self._shown(url)}, another server, port or scheme: "
                "set that address in the settings if it is right"
            )
        return url

    def _shown(self, url: str) -> str:
        parts = urlsplit(url)
        return self._credentials.hide(f"{parts.netloc.rpartition('@')[2]}{parts.path}")

    # -------------------------------------------------------------------------------------------------- trying again
    def _try(self, request: _Request, read: Callable[[Reply], T], into: IO[bytes] | None = None) -> T:
        met: Counter[type] = Counter()

        def enough(state: RetryCallState) -> bool:
            fault = _fault(state)
            met[type(fault)] += 1
            return state.attempt_number >= self._attempts or met[type(fault)] >= fault.tries

        again = Retrying(
            retry=retry_if_exception_type(Passing), stop=enough, wait=self._pause, sleep=self._sleep, reraise=True
        )
        return again(lambda: read(self._ask(request, into)))

    def _pause(self, state: RetryCallState) -> float:
        named = _fault(state).pause
        grown = min(2.0 ** (state.attempt_number - 1), 60.0)
        return (grown if named is None else named) + self._rng.uniform(0, grown / 2)

    def _sleep(self, seconds: float) -> None:
        if seconds >= self._left():
            raise Deferred(f"{self._shown(self.url)}: tonight's time for this source is used up")
        self._clock.sleep(seconds)

    def _left(self) -> float:
        end = source_deadline.get()
        return math.inf if end is None else end - self._clock.monotonic()

    # ---------------------------------------------------------------------------------------------------- one request
    def _ask(self, request: _Request, into: IO[bytes] | None) -> Reply:
        """The good answer to one request, over redirects and a renewed token."""
        renewed = False
        for _ in range(6):
            reply = self._send(request, into)
            own = _origin(request.url) == self._origin
            if reply.status == 401 and own and not renewed and self._credentials.renew():
                renewed = True
            elif reply.status in (301, 302, 303, 307, 308) and "Location" in reply.headers:
                url = self._linked(request.url, reply.headers["Location"])
                # What was posted goes nowhere else: it may hold a token.
                kept = reply.status in (307, 308) and _origin(url) == self._origin
                request = replace(request, url=url, sent=request.sent if kept else None)
            else:
                return self._judged(reply)
        raise PageLoop(f"{self._shown(request.url)}: its redirects lead in a circle")

    def _send(self, request: _Request, into: IO[bytes] | None) -> Reply:
        url = request.url
        if self._begun.maxlen and len(self._begun) == self._begun.maxlen:
            early = self._begun[0] + self._span - self._clock.monotonic()
            if early > 0:
                self._sleep(early)
        if self._left() <= 0:
            raise Deferred(f"{self._shown(url)}: tonight's time for this source is used up")
        self._begun.append(self._clock.monotonic())
        own = _origin(url) == self._origin
        sign, headers = (self._credentials.sign(), self._credentials.headers()) if own else (unsigned, {})
        seconds = min(self._deadline, self._left())
        return self._wire.send(url, self._shown(url), sign, headers, seconds, sent=request.sent, into=into)

    def _judged(self, reply: Reply) -> Reply:
        where, status = reply.where, reply.status
        if 200 <= status < 300:
            return reply
        if status == 401:
            raise Refused(f"{where}: the token or password is not accepted (401): renew it", status)
        if status == 403:
            raise Refused(f"{where}: the account may not read this (403): ask for the right or the scope", status)
        if status in (404, 410):
            raise NotFound(f"{where}: there is nothing here ({status}): check the address", status)
        if status not in (408, 425, 429) and status < 500:
            raise Refused(f"{where}: the server refuses the request ({status})", status)
        fault = (Busy if status == 429 else Cut)(f"{where}: the server answers {status}, again and again")
        fault.pause = _retry_after(reply.headers.get("Retry-After", ""), self._clock.now())
        if fault.pause is not None and fault.pause > self._retry_after_cap:
            raise Deferred(f"{where}: the server asks for a pause of {fault.pause:.0f} s ({status})")
        raise fault


def _written(value: Any) -> Any:
    """A parameter as servers read it: truth values in lower case, times in ISO 8601."""
    if isinstance(value, list | tuple):
        return [_written(one) for one in value]
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else value


def _fault(state: RetryCallState) -> Passing:
    fault = state.outcome.exception() if state.outcome else None
    return fault if isinstance(fault, Passing) else Passing()


def _origin(url: str) -> tuple[str, str, int | None]:
    parts, port = urlsplit(url), None
    with suppress(ValueError):
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port


def _retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait; None where the server did not say, or not so that it can be read."""
    if re.fullmatch(r"\d+(\.\d+)?", value.strip()):
        return float(value)
    with suppress(ValueError, TypeError):
        until = parsedate_to_datetime(value)
        return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())
    return None
