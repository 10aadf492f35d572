"""Files of access logs: each lands once, whoever renamed, packed, copied, cut or damaged it."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import re
import zlib
from pathlib import Path
from typing import Any

import pytest

from pipeline.connector import Bulk, Fatal, Landed
from plugins.intranet import lines, logfile
from plugins.intranet.connector import Intranet
from tests.plugins.test_intranet import FOLDER, a_line, pull


def remember(*bulks: Bulk, before: Landed | None = None) -> Landed:
    """What landing would say after these pages."""
    units = dict(before.units if before else {})
    for bulk in bulks:
        assert bulk.unit
        units.pop(bulk.unit.replaces or "", None)
        units[bulk.unit.fingerprint] = (bulk.unit.name, bulk.unit.size)
    return Landed(units)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress], ids=["plain", "gz", "bz2"])
def test_a_file_may_be_packed_and_is_known_by_its_content(tmp_path: Path, pack: Any) -> None:
    content = (FOLDER / "samples" / "access.log").read_bytes()
    (tmp_path / "a.log").write_bytes(pack(content))
    [bulk] = pull(tmp_path / "*.log")
    assert (bulk.rows.num_rows, len(bulk.rejected)) == (9, 1)
    assert bulk.unit
    assert (bulk.unit.name, bulk.unit.size) == ("a.log", len(content))
    assert bulk.unit.fingerprint.partition("-")[0] == hashlib.sha256(content).hexdigest()


def test_a_log_that_was_rotated_packed_or_copied_lands_once(tmp_path: Path) -> None:
    content = (a_line("ann") + "\n").encode() * 3
    (tmp_path / "access.log").write_bytes(content)
    first = remember(*pull(tmp_path / "*"))
    (tmp_path / "access.log").rename(tmp_path / "access.log.1")
    (tmp_path / "access.log.2.gz").write_bytes(gzip.compress(content))
    assert pull(tmp_path / "*", first) == []
    (tmp_path / "access.log").write_text(a_line("bob") + "\n")
    [fresh] = pull(tmp_path / "*", first)
    assert fresh.rows.column("person").to_pylist() == ["bob"]
    assert fresh.unit
    assert fresh.unit.replaces is None


def test_a_log_that_grew_replaces_its_shorter_self_also_under_a_new_name(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(a_line("ann") + "\n")
    [short] = pull(log)
    with log.open("a") as file:
        file.write(a_line("bob") + "\n")
    log.rename(tmp_path / "access.log.1")
    [long] = pull(tmp_path / "*", remember(short))
    assert long.unit
    assert short.unit
    assert long.unit.replaces == short.unit.fingerprint
    assert long.rows.num_rows == 2


def test_a_log_that_was_damaged_and_is_put_right_replaces_itself(tmp_path: Path) -> None:
    whole = "".join(a_line(f"user{n}") + "\n" for n in range(9))
    log, other = tmp_path / "a" / "access.log", tmp_path / "b" / "access.log"
    for path, content in ((log, whole.replace("user5", "\0ser")), (other, whole.replace("user7", "bob"))):
        path.parent.mkdir()
        path.write_text(content)
    first = pull(tmp_path / "**")
    before = remember(*first)
    assert len(before.units) == 2  # two servers may begin alike
    log.write_text(whole)
    [mended] = pull(tmp_path / "**", before)
    assert mended.unit
    assert mended.unit.replaces in {b.unit.fingerprint for b in first if b.unit and "user7" in str(b.rows.column("person"))}
    assert pull(tmp_path / "**", remember(mended, before=before)) == []


def test_a_log_that_landed_before_its_beginning_was_noted_is_known(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(a_line("ann") + "\n")
    [bulk] = pull(tmp_path / "*")
    assert bulk.unit
    old = bulk.unit.fingerprint.partition("-")[0]
    assert pull(tmp_path / "*", Landed({old: ("a.log", bulk.unit.size)})) == []


def test_a_copy_of_a_log_as_it_was_when_it_was_shorter_adds_nothing(tmp_path: Path) -> None:
    lines = (a_line("ann") + "\n").encode()
    (tmp_path / "access.log").write_bytes(lines * 3)
    (tmp_path / "access.log.old").write_bytes(lines * 2)
    (tmp_path / "empty.log").touch()
    first = pull(tmp_path / "*")
    assert [b.rows.num_rows for b in first] == [3]
    assert pull(tmp_path / "*", remember(*first)) == []


def test_a_file_longer_than_a_block_keeps_every_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logfile, "BLOCK", 1000)
    lines = [a_line(f"user{n}") if n % 7 else "rubbish" for n in range(100)]
    (tmp_path / "a.log").write_text("\n".join(lines))
    [bulk] = pull(tmp_path / "a.log")
    assert bulk.rows.column("person").to_pylist() == [f"user{n}" for n in range(100) if n % 7]
    assert [int(r.location) - 1 for r in bulk.rejected] == [n for n in range(100) if n % 7 == 0]


def test_a_damaged_file_is_named_after_the_others_have_landed(tmp_path: Path) -> None:
    (tmp_path / "good.log").write_text(a_line("ann") + "\n")
    (tmp_path / "half.log.gz").write_bytes(gzip.compress((a_line() * 50).encode())[:-20])
    (tmp_path / "zeros.log").write_bytes(gzip.compress(bytes(2 * logfile.BLOCK)))
    landed: list[Any] = []
    pages = Intranet(files=str(tmp_path / "*")).requests(Landed())
    with pytest.raises(Fatal, match=r"half\.log\.gz.*zeros\.log"):
        landed.extend(pages)
    assert [b.rows.num_rows for b in landed] == [1]


def named(folder: Path) -> str:
    """What is said of files beside which a good one lands."""
    (folder / "good.log").write_text(a_line("ann") + "\n")
    landed: list[Any] = []
    with pytest.raises(Fatal) as told:
        landed.extend(Intranet(files=str(folder / "*")).requests(Landed()))
    assert [b.unit.name for b in landed if b.unit] == ["good.log"]
    return str(told.value)


@pytest.mark.parametrize("fill", [b"\0", b"\n", a_line("ann").encode() + b"\n"], ids=["zeros", "empty lines", "one line"])
def test_a_log_that_was_made_to_burst_is_named_before_it_is_read(tmp_path: Path, fill: bytes) -> None:
    head = (a_line("ann") + "\n").encode() * 3
    packer = zlib.compressobj(9, wbits=31)
    packed = [packer.compress(head), *(packer.compress(fill * ((4 << 20) // len(fill))) for _ in range(20)), packer.flush()]
    (tmp_path / "bomb.log.gz").write_bytes(b"".join(packed))
    assert re.search(r"bomb\.log\.gz \((unpacks to more than 200 times its size|has a line of more than 16 MB)", named(tmp_path))


def test_millions_of_lines_that_are_none_are_not_all_held_in_memory(tmp_path: Path) -> None:
    (tmp_path / "blank.log").write_bytes((a_line("ann") + "\n").encode() * 3 + b"\n" * (8 << 20))
    assert "blank.log (most of its first 1,200,000 lines are not of a log)" in named(tmp_path)


def test_a_log_of_which_much_cannot_be_read_is_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer than half, or not many: what to make of that is the engine's to say."""
    monkeypatch.setattr(lines, "MANY", 10)
    monkeypatch.setattr(lines, "HOPELESS", 30)
    (tmp_path / "a.log").write_text(f"{a_line('ann')}\nrubbish\n" * 50)
    (tmp_path / "b.log").write_text("rubbish\n" * 30)
    assert {b.unit.name: (b.rows.num_rows, len(b.rejected)) for b in pull(tmp_path / "*") if b.unit} == {
        "a.log": (50, 50), "b.log": (0, 30)
    }  # fmt: skip
    (tmp_path / "b.log").write_text("rubbish\n" * 31)
    with pytest.raises(Fatal, match=r"b\.log \(most of its first 31 lines are not of a log\)"):
        pull(tmp_path / "b.log")


def test_nothing_of_a_file_that_fails_half_way_is_taken_for_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logfile, "BLOCK", 1000)
    (tmp_path / "half.log").write_text((a_line("ann") + "\n") * 20 + "x" * 5000)
    (tmp_path / "good.log").write_text(a_line("bob") + "\n")
    landed: list[Any] = []
    with pytest.raises(Fatal, match=r"half\.log"):
        landed.extend(Intranet(files=str(tmp_path / "*")).requests(Landed()))
    assert [b.rows.column("person").to_pylist() for b in landed] == [["bob"]]


def test_no_file_at_all_is_an_error_until_one_has_landed(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match="files"):
        pull(tmp_path / "*.log")
    assert pull(tmp_path / "*.log", Landed({"f": ("a.log", 1)})) == []
