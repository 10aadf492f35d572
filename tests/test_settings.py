"""Settings: one file, the environment, and errors that name the file and the key, never a value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipeline.connector import Connector, Glob, Page, SecretStr
from pipeline.problems import ConfigError
from pipeline.settings import Settings, configure, load


class Source(Connector):
    """A source with a secret and files."""

    name, channel = "source", "network"
    url: str = "http://127.0.0.1"
    token: SecretStr | None = None
    files: Glob = ""

    def nothing(self) -> Iterator[Page]:
        """No stream."""
        yield Page([])


def config(folder: Path, text: str) -> dict[str, str]:
    (folder / "tidemark.toml").write_text(text)
    return {"TIDEMARK_CONFIG": str(folder / "tidemark.toml")}


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = config(tmp_path, '[tidemark]\nk = 12\norganisation = "Tides"\ntoday = 2026-07-13\n')
    monkeypatch.setenv("TIDEMARK_K", "20")
    found = load(environ)
    assert (found.k, found.organisation, found.as_of()) == (20, "Tides", date(2026, 7, 12))
    assert found.home == tmp_path / ".tidemark"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tidemark]\nk = 4\n", "[tidemark] k: "),
        ("[tidemark]\nkay = 4\n", "[tidemark] kay: "),
        ('[tidemark]\nzone = "Mars/Base"\n', "[tidemark] zone: "),
        ("[tidemark]\nretention_days = 91\n", "[tidemark] retention_days: "),
        ("[tidemark]\nk = 100000000000000000000\n", "[tidemark] k: "),
        ('[tidemark]\nzone = "Europe"\n', "[tidemark] zone: is not a time zone"),
        (f'[tidemark]\nzone = "{"a" * 9000}"\n', "[tidemark] zone: is not a time zone"),
        ("[tidemark]\ntoday = 0001-01-01\n", "[tidemark] today: "),
        ("[tidemark]\ntoday = 9999-12-31\n", "[tidemark] today: "),
        ("[tidemark]\nsource_minutes = inf\n", "[tidemark] source_minutes: "),
        ("[tidemark]\nthreads = 100000000\n", "[tidemark] threads: "),
        ("[tidemark]\npulls_at_once = 100000000\n", "[tidemark] pulls_at_once: "),
        ("[tidemark]\nsource_memory_mb = 99999999999999999999\n", "[tidemark] source_memory_mb: "),
        ('[tidemark]\norganisation = "a\\nb"\n', "[tidemark] organisation: must be one line"),
        ('[tidemark]\norganisation = " "\n', "[tidemark] organisation: must be one line"),
        ('tidemark = "x"\n', "tidemark is a table"),
        ('[tidemark]\nhome = "a\\u0000"\n', "it holds a NUL character"),
        ("[tidemrk]\n", "unknown table [tidemrk]"),
        ("[tidemark\n", "is not TOML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(config(tmp_path, text))
    assert said in str(error.value)
    assert "tidemark.toml" in str(error.value)


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("")
    with pytest.raises(ConfigError, match="home, or TIDEMARK_HOME: here is a file; name a folder"):
        load(config(tmp_path, '[tidemark]\nhome = "here"\n'))
    with pytest.raises(ConfigError, match="here is a file"):
        load(config(tmp_path, "") | {"TIDEMARK_HOME": str(tmp_path / "here")})


def test_a_threshold_of_five_is_the_floor(tmp_path: Path) -> None:
    assert load(config(tmp_path, "[tidemark]\nk = 5\n")).k == 5


def test_a_secret_in_the_file_is_refused_without_showing_it(tmp_path: Path) -> None:
    found = load(config(tmp_path, '[connectors.source]\ntoken = "hunter2"\n'))
    with pytest.raises(ConfigError, match=r"\[connectors.source\] token is a secret") as error:
        configure("source", Source, found, {})
    assert "hunter2" not in str(error.value)


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file\n")
    found = load(config(tmp_path, '[connectors.source]\ntoken_file = "token"\nfiles = "logs/*.log"\n'))
    read = configure("source", Source, found, {})
    assert read.token.get_secret_value() == "from-file"
    assert read.files == str(tmp_path / "logs/*.log")
    wins = configure("source", Source, found, {"TIDEMARK_SOURCE_TOKEN": "from-env"})
    assert wins.token.get_secret_value() == "from-env"


def test_an_unknown_setting_of_a_connector_is_named(tmp_path: Path) -> None:
    found = load(config(tmp_path, '[connectors.source]\nurll = "x"\n'))
    with pytest.raises(ConfigError, match=r"\[connectors.source\] urll"):
        configure("source", Source, found, {})


def test_a_named_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a file"):
        load({"TIDEMARK_CONFIG": str(tmp_path / "none.toml")})


def test_a_missing_secret_says_where_it_may_come_from() -> None:
    class Locked(Connector):
        """Needs a token."""

        name, channel = "locked", "network"
        token: SecretStr

    places = "set TIDEMARK_LOCKED_TOKEN, TIDEMARK_LOCKED_TOKEN_FILE, or token_file"
    with pytest.raises(ConfigError, match=f"token: Field required; {places}"):
        configure("locked", Locked, Settings(), {})
