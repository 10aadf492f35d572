"""TOML by hand: whatever is wrong with a file is one error that says why, wherever it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.connector import ColumnMap, Fatal
from pipeline.problems import ConfigError
from pipeline.settings import load
from pipeline.simulate.department import parameters
from pipeline.toml import NotToml, read_toml

WRONG = {
    "cut short": (b"[tidemark", "Expected ']'"),
    "twice": (b"a = 1\na = 2\n", "Cannot overwrite a value"),
    "too deep": (b"a = " + b"[" * 5000 + b"]" * 5000, "nested too deep"),
    "too large a number": (b"a = " + b"9" * 5000, "a number beyond all bounds"),
    "another encoding": ("a = 1\nb = 'â'\n".encode("cp1252"), "line 2 is not UTF-8: save it as UTF-8"),
    "too long": (b"#" * (2 << 20), "over 1 MB"),
}


@pytest.mark.parametrize(("content", "why"), WRONG.values(), ids=list(WRONG))
def test_whatever_is_wrong_is_said_in_each_place_where_toml_is_read(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(NotToml, match=why):
        read_toml(path)
    with pytest.raises(ConfigError, match=rf"x\.toml is not TOML: .*{why}"):
        load({"TIDEMARK_CONFIG": str(path)})
    with pytest.raises(ConfigError, match=rf"x\.toml is not TOML: .*{why}"):
        parameters(path)
    with pytest.raises(Fatal, match=rf"mapping x\.toml is not TOML: .*{why}"):
        ColumnMap.load(path, fields=["a"], required=[])


def test_a_mark_of_its_encoding_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xef\xbb\xbfa = 1\n")
    assert read_toml(tmp_path / "x.toml") == {"a": 1}
