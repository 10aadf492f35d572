"""Serve a plug-in's sample on loopback, to look at it: python -m pipeline.testing plugins/NAME [PORT]."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from pipeline.discovery import load_plugin
from pipeline.testing.contract import samples_of
from pipeline.testing.server import serving


def main(argv: list[str]) -> int:
    """Serve until it is interrupted."""
    folder, *port = argv
    sample = next(s for s in samples_of(load_plugin(Path(folder))) if s.does("answer"))
    with serving(sample.answer, port=int(port[0]) if port else 0) as server:
        print(f"{type(sample).__name__} answers at {server.url} (any token does); stop it with Ctrl-C", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
