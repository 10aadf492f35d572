"""Files that a pattern names: each told from the others, and whether its content is here, grown or made again."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipeline.connector import Excluded, Fatal, Given, Landed, Page, Unit, file_pages, given, given_one


def write(folder: Path, **files: bytes) -> Path:
    for name, content in files.items():
        place = folder / name.replace("__", "/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.with_suffix(".csv").write_bytes(content)
    return folder


def one(folder: Path, content: bytes, name: str = "a") -> Given:
    [file] = given(str(write(folder, **{name: content}) / f"{name}.csv"))
    return file


def landed(*units: Unit | None) -> Landed:
    return Landed({unit.fingerprint: (unit.name, unit.size) for unit in units if unit})


# ------------------------------------------------------------------------------------------------------ which there are
def test_files_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path, b=b"22", a=b"1", c__d=b"333")
    assert [(file.name, file.size) for file in given(f"{tmp_path}/*.csv")] == [("a.csv", 1), ("b.csv", 2)]
    assert [file.name for file in given(f"{tmp_path}/**")] == ["a.csv", "b.csv", "d.csv"]
    assert list(given("")) == []


def test_files_of_one_name_are_told_apart_by_as_much_of_their_path_as_it_takes(tmp_path: Path) -> None:
    write(tmp_path, may__a__x=b"1", june__a__x=b"2", june__b__x=b"3", june__b__y=b"4")
    assert [file.name for file in given(f"{tmp_path}/**/*.csv")] == ["june/a/x.csv", "b/x.csv", "y.csv", "may/a/x.csv"]


def test_a_file_that_a_pattern_finds_twice_is_one(tmp_path: Path) -> None:
    write(tmp_path, a__b__x=b"1")
    assert [file.name for file in given(f"{tmp_path}/**/**/*.csv")] == ["x.csv"]


def test_a_pattern_that_names_no_file_is_an_error_not_a_quiet_day(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(Fatal, match=r"^exports: there is no file \*\.csv: see whether the export still runs") as met:
        list(given(f"{tmp_path}/*.csv", "exports"))
    assert str(tmp_path) not in str(met.value)


# ----------------------------------------------------------------------------------------------------------- content
def test_content_is_read_up_to_a_cap(tmp_path: Path) -> None:
    file = one(tmp_path, b"12345")
    assert file.content(most=5) == b"12345"
    with pytest.raises(Fatal, match=r"a\.csv is over 4 bytes: split it"):
        file.content(most=4)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = one(tmp_path, b"1")
    file.path.unlink()
    for read in (file.open, file.content, lambda: file.digest(1)):
        with pytest.raises(Fatal, match=r"cannot read a\.csv \(No such file or directory\): copy it again"):
            read()


def test_a_file_that_goes_while_files_are_listed_is_named(tmp_path: Path) -> None:
    files = given(str(write(tmp_path, a=b"1", b=b"2") / "*.csv"))
    next(files)
    (tmp_path / "b.csv").unlink()
    with pytest.raises(Fatal, match=r"cannot read b\.csv \(No such file"):
        next(files)


def test_a_digest_is_of_the_first_bytes(tmp_path: Path) -> None:
    content = bytes(range(256)) * 9000  # more than one step
    file = one(tmp_path, content)
    assert file.digest(file.size) == hashlib.sha256(content).hexdigest()
    assert file.digest(1_500_000) == hashlib.sha256(content[:1_500_000]).hexdigest()
    assert file.digest(0) == hashlib.sha256().hexdigest()


# ------------------------------------------------------------------------------------------------------------- units
def test_a_new_file_is_a_unit_and_what_is_here_already_is_none(tmp_path: Path) -> None:
    new = one(tmp_path, b"old").unit(Landed())
    assert new == Unit("a.csv", hashlib.sha256(b"old").hexdigest(), 3)
    assert one(tmp_path, b"old").unit(landed(new)) is None
    assert one(tmp_path, b"old", "copy").unit(landed(new)) is None


def test_a_file_that_grew_replaces_its_shorter_self_under_any_name(tmp_path: Path) -> None:
    shortest, short = one(tmp_path, b"1").unit(Landed()), one(tmp_path, b"1,2").unit(Landed())
    assert shortest is not None
    assert short is not None
    for name in ("a", "rotated"):
        unit = one(tmp_path, b"1,2,3", name).unit(landed(shortest, short))
        assert unit is not None
        assert (unit.name, unit.size, unit.replaces) == (f"{name}.csv", 5, short.fingerprint)


def test_an_export_that_is_made_again_replaces_the_one_of_its_name(tmp_path: Path) -> None:
    old, other = one(tmp_path, b"one").unit(Landed()), one(tmp_path, b"two", "b").unit(Landed())
    assert old is not None
    for content in (b"uno", b"u", b"uno due"):
        unit = one(tmp_path, content).unit(landed(other, old))
        assert unit is not None
        assert unit.replaces == old.fingerprint
    new = one(tmp_path, b"three", "c").unit(landed(other, old))
    assert new is not None
    assert new.replaces is None


def test_a_unit_may_have_another_name_than_its_file(tmp_path: Path) -> None:
    old = one(tmp_path, b"one").unit(Landed(), "march")
    unit = one(tmp_path, b"two", "b").unit(landed(old), "march")
    assert old is not None
    assert unit is not None
    assert (unit.name, unit.replaces) == ("march", old.fingerprint)


def test_a_register_is_one_file(tmp_path: Path) -> None:
    write(tmp_path, a=b"1")
    assert given_one(f"{tmp_path}/*.csv").name == "a.csv"
    write(tmp_path, b=b"2")
    with pytest.raises(Fatal, match=r"file: a\.csv and b\.csv both fit the pattern"):
        given_one(f"{tmp_path}/*.csv")


# --------------------------------------------------------------------------------------------------------- whole files
def counted(file: Given) -> list[Excluded]:
    """As many records as the file has bytes; one of nines cannot be read."""
    if b"9" in file.content():
        raise Fatal(f"{file.name} holds a nine")
    return [Excluded("a byte")] * file.size


def test_each_new_file_is_a_page_and_what_cannot_be_read_is_named_at_the_end(tmp_path: Path) -> None:
    write(tmp_path, a=b"1", b=b"9", c=b"333")
    with pytest.raises(Fatal, match=r"b\.csv holds a nine"):
        list(file_pages(f"{tmp_path}/*.csv", Landed(), counted))
    pages = list(file_pages(f"{tmp_path}/[ac].csv", Landed(), counted))
    assert [(page.unit.name, len(page.records)) for page in pages if page.unit] == [("a.csv", 1), ("c.csv", 3)]


def test_the_unit_before_a_fault_is_said_to_be_whole(tmp_path: Path) -> None:
    write(tmp_path, a=b"1", b=b"9")
    pages = file_pages(f"{tmp_path}/*.csv", Landed(), counted)
    assert next(pages).unit
    assert next(pages) == Page([])
    with pytest.raises(Fatal):
        next(pages)


def test_content_that_is_read_in_another_way_is_new_and_replaces_what_it_gave(tmp_path: Path) -> None:
    write(tmp_path, a=b"1")
    pattern = f"{tmp_path}/*.csv"
    [first] = file_pages(pattern, Landed(), counted, way=lambda _: "by metres")
    assert not list(file_pages(pattern, landed(first.unit), counted, way=lambda _: "by metres"))
    [again] = file_pages(pattern, landed(first.unit), counted, way=lambda _: "by feet")
    assert first.unit
    assert again.unit
    assert again.unit.replaces == first.unit.fingerprint
