"""Serve a simulated department on loopback, in a process of its own: `python -m pipeline.simulate.serve FOLDER`.

Belongs here: the socket, the process and the port in tidemark.toml. Does not: what is answered (vendors.py).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from pipeline.problems import ConfigError
from pipeline.simulate.vendors import CALENDAR, JSON, STAMP, Answer, Vendors

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")
ROOT = Path(__file__).resolve().parents[2]


class Server:
    """A running server. Close it, or use it in a `with`; it also stops when this process ends."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def wait(self) -> None:
        """Stay until the server ends, or until this process is interrupted."""
        self._process.wait()

    def close(self) -> None:
        """Stop the server and wait until it is gone."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(folder: Path, port: int = 0, *, day: date | None = None) -> Server:
    """Serve what `build` made in `folder`, on `port` or any free one, and write the port into its tidemark.toml.

    The servers answer as they would on `day`; without one, on the day that the department was made for. The files that lie
    in the folder are those of that day in any case.

    Raises ConfigError where the folder is not a finished simulated department, the day is none of its own or the port is taken.
    """
    _check(folder)
    if day:
        calendar = json.loads((folder / "served" / CALENDAR).read_text())
        refuse_other_days(day, *(date.fromisoformat(calendar[key]) for key in ("first_day", "today")))
    search = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    asked = ["--port", str(port), "--until-stdin-closes", *(["--day", day.isoformat()] if day else [])]
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline.simulate.serve", str(folder), *asked],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": search},
    )  # fmt: skip
    told = process.stdout.readline().strip() if process.stdout else ""
    server = Server(process, int(told) if told.isdigit() else 0)
    if not server.port:
        server.close()
        raise ConfigError(f"the simulated department could not be served on port {port}: choose another or 0")
    return server


def _check(folder: Path) -> None:
    stamp = folder / STAMP
    if not stamp.is_file() or stamp.read_text().strip() == "unfinished":
        raise ConfigError(f"{folder} holds no finished simulated department: make it with `tidemark simulate {folder}`")


def refuse_other_days(day: date, first: date, today: date) -> None:
    """ConfigError on a day that has no yesterday in the department's calendar: from its first day up to the one before today."""
    if not first < day <= today:
        raise ConfigError(f"the department cannot be served on {day}: choose a day after {first}, its first, and up to {today}")


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, vendors: Vendors) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.vendors = vendors


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    server: _Listener

    def do_GET(self) -> None:
        self._send(self.server.vendors.answer(self.path, self.headers))

    def do_POST(self) -> None:
        self.close_connection = True
        self._send(Answer(405, b'{"error":"read only"}', {"Allow": "GET"}))

    do_PUT = do_DELETE = do_PATCH = do_POST

    def _send(self, answer: Answer) -> None:
        headers = {"Content-Type": JSON, "Content-Length": str(len(answer.body)), **answer.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        reason = self.responses.get(answer.status, ("", ""))[0]
        head = f"HTTP/1.1 {answer.status} {reason}\r\n{lines}\r\n".encode("latin-1")
        # One write: a head on its own would wait for the client's delayed acknowledgement.
        self.wfile.write(head + answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: addresses hold cursors, and the demo's screen is for people."""


def _write_port(folder: Path, port: int) -> None:
    path = folder / "tidemark.toml"
    aside = path.with_suffix(".new")
    aside.write_text(ADDRESS.sub(f"http://127.0.0.1:{port}/", path.read_text(encoding="utf-8")), encoding="utf-8")
    aside.replace(path)


def main() -> None:
    """Serve until stopped; print the port once connections are taken."""
    parser = argparse.ArgumentParser(description="Serve a simulated department on loopback.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--day", type=date.fromisoformat, help="the day on which the servers are asked")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when the process that started it ends")
    asked = parser.parse_args()
    _check(asked.folder)
    listener = _Listener(asked.port, Vendors(asked.folder, asked.day))
    port = listener.server_address[1]
    _write_port(asked.folder, port)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    print(port, flush=True)
    try:
        if asked.until_stdin_closes:
            sys.stdin.read()
        else:
            threading.Event().wait()
    except KeyboardInterrupt:
        pass
    listener.shutdown()
    listener.server_close()


if __name__ == "__main__":
    main()
