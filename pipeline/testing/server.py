"""A real HTTP server on loopback that answers for a sample, and lets a fault come between.

Belongs here: sockets of the kit. Does not: which faults there are (faults.py), or what the source says (the sample).
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pipeline.testing.sample import Answer, Asked

Deed = Callable[[socket.socket], None]
"""What is done to a connection instead of answering."""

Fault = Callable[[int, Asked, Callable[[], Answer]], "Answer | Deed"]
"""(number of the request from 1, the request, the honest answer) -> what is answered instead."""


def none(number: int, asked: Asked, honest: Callable[[], Answer]) -> Answer:
    """No fault."""
    return honest()


class Server:
    """One server. `fault` may be set between pulls; `asked` are the requests since `forget`."""

    def __init__(self, answer: Callable[[Asked], Answer], context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.fault: Fault = none
        self.asked: list[Asked] = []
        self._answer, self._lock = answer, threading.Lock()
        kit = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 5
            disable_nagle_algorithm = True  # else each answer waits 40 ms for the other side to say that its head came

            def do_GET(self) -> None:
                kit._handle(self)

            do_POST = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        class Threads(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A connection that the other side cut is what the kit is about."""

        self._http = Threads(("127.0.0.1", port), Handler)
        if context:
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def forget(self) -> None:
        """Count requests from 1 again."""
        self.asked = []

    def close(self) -> None:
        """Stop."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        content = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(handler.command, handler.path, headers, content)
        with self._lock:  # the sample is one world, and the connector asks one thing after the other
            self.asked.append(asked)
            given = self.fault(len(self.asked), asked, lambda: self._answer(asked))
        if isinstance(given, Answer):
            _send(handler, given)
        else:
            handler.close_connection = True
            with suppress(OSError):
                given(handler.connection)


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    content = answer.content
    with suppress(OSError):
        handler.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **answer.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)


@contextmanager
def serving(answer: Callable[[Asked], Answer], context: ssl.SSLContext | None = None, port: int = 0) -> Iterator[Server]:
    """A server for as long as it is needed; on a free port where none is named."""
    server = Server(answer, context, port)
    try:
        yield server
    finally:
        server.close()


# ------------------------------------------------------------------------------------------------------------- deeds
def hang_up(connection: socket.socket) -> None:
    """Reset the connection without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def cut_at(content: bytes, at: int) -> Deed:
    """Promise the whole body, send `at` bytes of it, and reset."""

    def deed(connection: socket.socket) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        connection.sendall(head.encode() + content[:at])
        connection.shutdown(socket.SHUT_RDWR)

    return deed


def drip(done: threading.Event) -> Deed:
    """Send a blank now and then, for ever."""

    def deed(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n")
        while not done.wait(0.02):
            connection.sendall(b" ")

    return deed


def hang(done: threading.Event) -> Deed:
    """Take the request and say nothing."""

    def deed(_: socket.socket) -> None:
        done.wait()

    return deed
