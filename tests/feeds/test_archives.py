"""ZIPs: members are read by name and checked to the end; what is damaged, locked or made to burst is named."""

from __future__ import annotations

import io
import random
import zipfile
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import pytest

from pipeline.connector import Archive, Fatal, Line, archive, sheet

TABLE = b"id,text\n" + b"1,some words that are there\n" * 200
WAYS = {"stored": zipfile.ZIP_STORED, "deflate": zipfile.ZIP_DEFLATED, "bzip2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}


def packed(way: int = zipfile.ZIP_DEFLATED, **members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", way) as made:
        for name, content in (members or {"a.csv": TABLE}).items():
            made.writestr(name, content)
    return out.getvalue()


def read(content: bytes, member: str = "a.csv") -> bytes:
    with archive(io.BytesIO(content), "e.zip") as found, found.open(member) as file:
        return file.read()


def everything(found: Archive) -> list[bytes]:
    contents = []
    for member in found.members:
        with found.open(member) as file:
            contents.append(file.read())
    return contents


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_members_are_read_by_name(way: int) -> None:
    with archive(io.BytesIO(packed(way, **{"b/": b"", "b/c.csv": b"2", "a.csv": TABLE})), "e.zip") as found:
        assert found.members == ["a.csv", "b/c.csv"]
        assert ("b/c.csv" in found, "b/" in found, "c.csv" in found) == (True, False, False)
        assert everything(found) == [TABLE, b"2"]


def test_a_table_is_read_from_within_whatever_its_encoding() -> None:
    with archive(io.BytesIO(packed(**{"a.csv": "name\nZoë\n".encode("cp1252") * 50_000})), "e.zip") as found:
        with found.open("a.csv") as file:
            table = sheet(file, "a.csv", encodings=("utf-8-sig", "ascii", "cp1252"))
            row = next(table.rows())
            assert isinstance(row, Line)
            assert row.cells == {"name": "Zoë"}
        with found.open("a.csv") as file:
            assert file.read(4) == b"name"


def test_a_name_that_leads_out_of_the_folder_leads_nowhere(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # type: ignore[arg-type]
    names = ["../../up.csv", "/etc/passwd", "C:\\x.csv", "a/../b.csv"]
    with archive(io.BytesIO(packed(**dict.fromkeys(names, b"1"))), "e.zip") as found:
        assert sorted(names) == found.members
        assert everything(found) == [b"1"] * 4
    assert list(tmp_path.iterdir()) == []  # type: ignore[attr-defined]


def test_a_member_that_is_not_there_or_there_twice_is_named() -> None:
    out = io.BytesIO(packed())
    with zipfile.ZipFile(out, "a") as made:
        made.writestr("b.csv", b"2")
        with pytest.warns(UserWarning, match="Duplicate name"):
            made.writestr("a.csv", b"another")
    assert read(out.getvalue(), "b.csv") == b"2"
    for member, times in (("a.csv", 2), ("c.csv", 0)):
        with pytest.raises(Fatal, match=rf"e\.zip holds {member} {times} times, not once: export it again"):
            read(out.getvalue(), member)


# ----------------------------------------------------------------------------------------------------------- hostile
def test_what_is_made_to_burst_is_cut_off_early() -> None:
    with archive(io.BytesIO(packed(**{"a.csv": bytes(100 << 20)})), "e.zip") as found, found.open("a.csv") as file:
        with pytest.raises(Fatal, match=r"e\.zip, a\.csv unpacks to more than 200 times its size: it is not an export"):
            deque(iter(lambda: file.read(1 << 16), b""), maxlen=0)
        assert file.tell() < 30 << 20


def test_what_says_that_it_will_burst_is_not_begun() -> None:
    heads = packed(**{f"{n}.csv": b"" for n in range(6)}).split(b"PK\x01\x02")
    lying = b"PK\x01\x02".join([heads[0], *(head[:20] + b"\xfe\xff\xff\xff" + head[24:] for head in heads[1:])])
    with pytest.raises(Fatal, match=r"e\.zip would unpack to more than 16 GB: ask for a shorter time"):
        read(lying)


def test_what_is_encrypted_is_named() -> None:
    content = bytearray(packed())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Fatal, match=r"e\.zip is encrypted: export it without a password"):
        read(bytes(content))


# ----------------------------------------------------------------------------------------------------------- damaged
@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"<html>", packed()[:-1], packed()[:100], packed()[40:]],
    ids=["empty", "its mark", "a web page", "cut at the end", "cut", "without its beginning"],
)  # fmt: skip
def test_what_is_no_whole_zip_is_named(content: bytes) -> None:
    with pytest.raises(Fatal, match=r"e\.zip(, a\.csv)? is not (a whole ZIP|whole) \(\w+\): fetch it again"):
        read(content)


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_a_member_that_is_not_what_was_packed_is_named(way: int) -> None:
    content = bytearray(packed(way))
    content[60] ^= 0x55
    with pytest.raises(Fatal, match=r"e\.zip, a\.csv is not whole \(\w+\): fetch it again"):
        read(bytes(content))


def test_a_member_whose_check_sum_is_wrong_is_not_taken_for_whole() -> None:
    content = bytearray(packed(zipfile.ZIP_STORED, **{"a.csv": TABLE * 9}))
    content[content.rindex(b"some")] ^= 1
    with archive(io.BytesIO(bytes(content)), "e.zip") as found, found.open("a.csv") as file:
        assert file.read(10) == TABLE[:10]
        with pytest.raises(Fatal, match=r"e\.zip, a\.csv is not whole \(BadZipFile\)"):
            file.read()


def test_a_way_of_packing_that_we_cannot_read_is_named() -> None:
    content = bytearray(packed())
    for at, place in ((0, 8), (content.index(b"PK\x01\x02"), 10)):
        content[at + place] = 9  # Deflate64, as Windows packs what is large
    with pytest.raises(Fatal, match=r"a\.csv is not whole, or packed in a way that cannot be read: pack it again as a plain ZIP"):
        read(bytes(content))


def _cut(content: bytearray, rng: random.Random) -> bytearray:
    return content[: rng.randrange(len(content))]


def _headless(content: bytearray, rng: random.Random) -> bytearray:
    return content[rng.randrange(len(content)) :]


def _changed(content: bytearray, rng: random.Random) -> bytearray:
    for _ in range(rng.choice([1, 2, 5])):
        content[rng.randrange(len(content))] = rng.randrange(256)
    return content


def _lied(content: bytearray, rng: random.Random) -> bytearray:
    content[rng.randrange(content.index(b"PK\x01\x02"), len(content))] = rng.randrange(256)
    return content


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
@pytest.mark.parametrize("damage", [_cut, _headless, _changed, _lied], ids=lambda f: f.__name__.strip("_"))
def test_any_damage_is_an_error_of_the_source_or_does_no_harm(damage: Callable[..., bytearray], way: int) -> None:
    rng, whole = random.Random(7), packed(way, **{"a.csv": TABLE[:99], "b/é.csv": b"2"})
    for _ in range(150):
        with suppress(Fatal), archive(io.BytesIO(bytes(damage(bytearray(whole), rng))), "e.zip") as found:
            assert set(everything(found)) <= {TABLE[:99], b"2", b""}


def test_errors_of_the_reader_are_its_own() -> None:
    with pytest.raises(ValueError, match="mine"), archive(io.BytesIO(packed()), "e.zip") as found, found.open("a.csv"):
        raise ValueError("mine")
