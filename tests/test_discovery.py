"""Plug-ins are found by folder; a broken one is reported and the others load."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import discovery
from pipeline.problems import ConfigError
from pipeline.settings import Settings

GOOD = '''
"""A source."""
from collections.abc import Iterator
from pipeline.connector import Connector, Label, Moment, Page, Record, stream
from .words import WORD

class Thing(Record):
    """A thing."""
    id: int
    word: Label = WORD
    at: Moment

class Source(Connector):
    """Reads things."""
    name, channel = "good", "network"

    @stream(Thing, kind="keyed", key="id", cursor="at")
    def things(self, since: object) -> Iterator[Page]:
        """Things."""
        yield Page([])
'''


def plugin(folder: Path, name: str, text: str) -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "connector.py").write_text(text)
    (folder / name / "words.py").write_text('WORD = "tide"\n')
    return folder


def settings(folder: Path, **connectors: dict) -> Settings:
    return Settings(plugins=[folder], folder=folder, connectors=connectors)


def test_a_folder_is_a_source_and_may_hold_modules_of_its_own(tmp_path: Path) -> None:
    found = discovery.find(settings(plugin(tmp_path, "good", GOOD), good={}, again={"use": "good"}))
    assert found.plugins["good"].connector.streams()[0].name == "things"
    assert sorted(found.instances) == ["again", "good"]
    assert not found.broken


def test_a_use_that_is_no_name_is_said(tmp_path: Path) -> None:
    for use in (["good"], 7, {}):
        with pytest.raises(ConfigError, match=r"\[connectors\.again\] use: is the name of a plug-in, in quotes"):
            discovery.find(settings(plugin(tmp_path / str(type(use)), "good", GOOD), again={"use": use}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nonesuch", "ModuleNotFoundError"),
        ("x = 1", "exactly one Connector"),
        (GOOD.replace("word: Label = WORD", "word: str = WORD"), "bare str"),
        ("def (:", "SyntaxError"),
    ],
)
def test_a_broken_plug_in_is_reported_and_the_others_load(tmp_path: Path, text: str, said: str) -> None:
    plugin(tmp_path, "bad", text)
    found = discovery.find(settings(plugin(tmp_path, "good", GOOD), good={}))
    assert said in found.broken["bad"]
    assert "good" in found.instances
    with pytest.raises(ConfigError, match="does not load"):
        found.instance("bad")


def test_two_plug_ins_of_one_name_are_an_error(tmp_path: Path) -> None:
    plugin(tmp_path / "a", "good", GOOD)
    plugin(tmp_path / "b", "good", GOOD)
    with pytest.raises(ConfigError, match="two plug-ins are called 'good'"):
        discovery.find(Settings(plugins=[tmp_path / "a", tmp_path / "b"], folder=tmp_path))


def test_a_connector_without_a_plug_in_is_reported(tmp_path: Path) -> None:
    found = discovery.find(settings(plugin(tmp_path, "good", GOOD), other={}))
    assert "no plug-in is called 'other'" in found.broken["other"]


def test_a_pip_installed_plug_in_loads_only_from_the_allow_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site"
    package.mkdir()
    (package / "sourcepkg.py").write_text(GOOD.replace("from .words import WORD", 'WORD = "tide"'))
    info = package / "sourcepkg-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sourcepkg\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[tidemark.connectors]\npacked = sourcepkg:Source\n")
    monkeypatch.syspath_prepend(str(package))
    assert "packed" not in discovery.find(Settings(folder=tmp_path)).plugins
    assert "packed" in discovery.find(Settings(folder=tmp_path, allow=["packed"])).plugins
