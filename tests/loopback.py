"""A server on loopback that answers each request with the next step of a script, and a clock that nobody waits for.

A step is the bytes of a whole answer (status line to end; the connection is closed after it), or a function of the
connection, for servers that drip or hang up. The last step repeats.
"""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3.util.connection

from pipeline.http import Clock

Step = bytes | Callable[[socket.socket], None]


def answer(
    body: Any = None, status: int = 200, *, raw: bytes | None = None, length: int | None = None, **headers: str
) -> bytes:  # fmt: skip
    """An answer whose Content-Length is true unless `length` says another (-1: none)."""
    content = raw if raw is not None else json.dumps(body).encode()
    lines = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    if length != -1:
        lines["Content-Length"] = str(len(content) if length is None else length)
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Status\r\nConnection: close\r\n{head}\r\n".encode() + content


def packed(content: bytes) -> bytes:
    """An answer that is gzipped."""
    return answer(raw=gzip.compress(content), Content_Encoding="gzip")


class Script:
    """What the server is asked (`.requests`: head of each as text, `.bodies`: what was sent) and where it is (`.url`)."""

    def __init__(self, steps: Sequence[Step], context: ssl.SSLContext | None) -> None:
        self._steps, self._context = list(steps), context
        self._closed = False
        self.requests: list[str] = []
        self.bodies: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def play(self, *steps: Step) -> None:
        """The steps, where they need to know the server's address."""
        self._steps = list(steps)

    def paths(self) -> list[str]:
        """The path and query of each request."""
        return [request.split(" ")[1] for request in self.requests]

    def header(self, name: str, number: int = -1) -> str | None:
        """One header of one request."""
        lines = [line.split(": ", 1) for line in self.requests[number].split("\r\n")[1:] if ": " in line]
        return next((value for key, value in lines if key.lower() == name.lower()), None)

    def close(self) -> None:
        """Stop listening."""
        self._closed = True
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._closed:
            connection, _ = self._listener.accept()
            with connection, suppress(OSError):
                self._answer(self._context.wrap_socket(connection, server_side=True) if self._context else connection)

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            told = b""
            while b"\r\n\r\n" not in told:
                if not (part := connection.recv(4096)):
                    return
                told += part
            head, _, body = told.partition(b"\r\n\r\n")
            self.requests.append(head.decode())
            while len(body) < int(self.header("Content-Length") or 0):
                body += connection.recv(4096)
            self.bodies.append(body)
            step = self._steps[min(len(self.requests), len(self._steps)) - 1]
            if callable(step):
                step(connection)
            else:
                connection.sendall(step)


def drip(text: bytes, before: bytes = b"") -> Step:
    """Sends `before` at once, then `text` every 20 ms until the other side hangs up."""

    def step(connection: socket.socket) -> None:
        connection.sendall(before)
        for _ in range(500):
            time.sleep(0.02)
            connection.sendall(text)

    return step


def hang_up(connection: socket.socket) -> None:
    """Resets the connection instead of answering."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def serving(*steps: Step, context: ssl.SSLContext | None = None) -> Iterator[Script]:
    """A server that plays these steps, one a request."""
    script = Script(steps, context)
    try:
        yield script
    finally:
        script.close()


@contextmanager
def named(monkeypatch: pytest.MonkeyPatch, servers: Mapping[str, Script]) -> Iterator[list[str]]:
    """Whoever connects to one of these hosts, at any port, is led to its server; yields the hosts that were connected to."""
    connect, met = urllib3.util.connection.create_connection, list[str]()

    def led(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        met.append(address[0])
        return connect(("127.0.0.1", servers[address[0]].port), *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr("urllib3.util.connection.create_connection", led)
        for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            patch.delenv(name, raising=False)
        yield met


class StillClock(Clock):
    """Time passes only by sleeping, and sleeping takes no time; `.slept` says how long each sleep was."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        """13 July 2026 at four, and what was slept since."""
        return datetime(2026, 7, 13, 4, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """What was slept so far."""
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        """Note it."""
        self.slept.append(seconds)
