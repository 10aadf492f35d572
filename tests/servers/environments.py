"""Install a server beside the project, not into it, and run it for as long as a test needs it.

Belongs here: virtual environments and processes. Does not: any one server (the modules beside this one).

    bin = environment("matrix", "matrix-synapse==1.163.2")
    port = free_port()
    with running([bin / "python", "-m", "server", str(port)], {}, lambda: answers(port), tmp_path / "server.log"):
        ...

An environment is made once and kept in .servers/ of the checkout, or where TIDEMARK_SERVERS says. Where it cannot be made
the test is skipped and says why; with CI_SERVERS=required it fails.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_INSTALL = 300
SECONDS_TO_START = 60
SECONDS_TO_END = 10
TAIL = 2000  # characters of a log that a message shows


def environment(name: str, *requirements: str) -> Path:
    """The bin folder of a virtual environment with these packages; skips the test where it cannot be made."""
    said = "\n".join((*requirements, sys.version))
    home = Path(os.environ.get("TIDEMARK_SERVERS", ROOT / ".servers"))
    made = home / f"{name}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{made}.lock"):  # two workers of one run may want the same environment
        if not made.is_dir():
            _make(made, name, requirements)
    return made / "bin"


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str | Path], env: Mapping[str, str], ready: Callable[[], object], log: Path, *, folder: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A server that is `ready`, and is ended with all its children afterwards. What it says goes to `log`.

    `env` is added to ours; `ready` is asked until it gives something true, and may raise OSError until then. A server
    that ends by itself, or is not ready within a minute, fails the test with the end of its log.
    """
    with log.open("ab") as out:
        process = subprocess.Popen(
            [str(part) for part in command], env={**os.environ, **env}, cwd=folder or log.parent,
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        _await(process, ready, log)
        yield process
    finally:
        _end(process)


def _make(made: Path, name: str, requirements: Sequence[str]) -> None:
    """Aside, and renamed when it is whole: an install that was cut short is never taken for one."""
    aside = made.with_name(f"{made.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    uv = [sys.executable, "-m", "uv"]
    for step in (
        [*uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, str(aside)],
        [*uv, "pip", "install", "--quiet", "--python", str(aside / "bin" / "python"), *requirements],
    ):
        try:
            done = subprocess.run(step, capture_output=True, text=True, timeout=SECONDS_TO_INSTALL, check=False)
        except subprocess.TimeoutExpired:
            _unavailable(f"{name}: not installed within {SECONDS_TO_INSTALL} s")
        if done.returncode:
            _unavailable(f"{name} cannot be installed: {' '.join(done.stderr.split())[-300:]}")
    aside.rename(made)


def _unavailable(why: str) -> NoReturn:
    if os.environ.get("CI_SERVERS") == "required":
        pytest.fail(why)
    pytest.skip(why)


def _await(process: subprocess.Popen[bytes], ready: Callable[[], object], log: Path) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < end:
        with suppress(OSError):
            if ready():
                return
        time.sleep(0.1)
    what = "is not ready in time" if process.poll() is None else f"ended with {process.returncode}"
    pytest.fail(f"{process.args[0]} {what}; the end of {log}:\n{log.read_text(errors='replace')[-TAIL:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_END)
            if sign == signal.SIGTERM:
                continue  # children that outlive their parent are ended too
            return
