"""kill -9 at any moment of a night, then run again: the same figures as an undisturbed run.

Ten moments in `make test`, a hundred in `make torture` (TIDEMARK_KILLS). The moments are spread over the night's own
steps by a seeded draw, not slept for: the night ends itself at the n-th file that it syncs or renames.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.nights import Place
from tests.suggestions import ACTS, CONNECTOR
from tests.test_night import directory, ideas

KILLS = int(os.environ.get("TIDEMARK_KILLS", "10"))

# Runs a night in which every durable step of any process counts down; at zero the whole process group is killed.
NIGHT = """
import os, signal, sys
sys.path.insert(0, {root!r})
from pathlib import Path
counter, at = Path({counter!r}), {at}
def step(event, args):
    if event in ("os.rename", "open", "os.mkdir", "os.remove") and str(args[0]).startswith({home!r}):
        with counter.open("ab") as file:
            file.write(b".")
        if at and counter.stat().st_size >= at:
            os.killpg(int(os.environ["NIGHT_GROUP"]), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
os.environ.setdefault("NIGHT_GROUP", str(os.getpid()))
sys.addaudithook(step)
if len(sys.argv) > 1:
    from pipeline.pull import main
    raise SystemExit(main(sys.argv[1:]))
from pipeline import child, night, settings
command = child.Request.command
child.Request.command = lambda self, config: [sys.executable, __file__, *command(self, config)[3:]]
done = night.run(settings.load(), ephemeral=True)
raise SystemExit(done.exit_code)
"""


def run(place: Place, at: int) -> tuple[int, int]:
    """Exit code of a night that is killed at its at-th durable step (0 = never), and the steps it took."""
    counter = place.folder / "steps"
    counter.write_bytes(b"")
    script = place.folder / "night.py"
    root = str(Path(__file__).resolve().parent.parent)
    script.write_text(NIGHT.format(root=root, counter=str(counter), at=at, home=str(place.home)))
    with place.environment() as environ:
        code = subprocess.run(
            [sys.executable, str(script)], env=environ, start_new_session=True, capture_output=True, check=False
        ).returncode
    return code, counter.stat().st_size


def made(folder: Path) -> Place:
    folder.mkdir()
    place = Place(folder, directory(folder) + ideas(folder))
    place.plugin("suggestions", connector=CONNECTOR, acts=ACTS)
    return place


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int]:
    """The figures of a night that nobody disturbs, and how many durable steps it has."""
    place = made(tmp_path_factory.mktemp("undisturbed") / "night")
    code, steps = run(place, 0)
    assert code == 0
    return place.digest(), steps


def moments() -> list[float]:
    draw = random.Random(20260713)
    return sorted((n + draw.random()) / KILLS for n in range(KILLS))


@pytest.mark.parametrize("moment", moments(), ids=lambda m: f"{m:.3f}")
def test_a_killed_night_heals(tmp_path: Path, undisturbed: tuple[str, int], moment: float) -> None:
    figures, steps = undisturbed
    place = made(tmp_path / "night")
    code, _ = run(place, max(1, int(moment * steps)))
    assert code == -9, "the night was not killed"
    again, _ = run(place, 0)
    assert again == 0
    assert place.digest() == figures
    assert not list(place.home.glob(".warehouse*"))
    assert not list((place.home / "landing").rglob(".tmp-*"))
