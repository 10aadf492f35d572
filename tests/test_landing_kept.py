"""What landing keeps of people, and what it does when a file of it is damaged."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.landing.manifest import Account, Manifest
from pipeline.landing.store import Store
from pipeline.privacy import Pseudonyms
from pipeline.problems import LandingError
from tests.landings import AS_OF, KEY, Nights, forget
from tests.sources import Days, Keyed, post


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Every test starts with sources that give nothing."""
    forget()


class TestProtection:
    def test_people_are_pseudonyms_and_prose_is_apart(self, tmp_path: Path) -> None:
        Keyed.posts_given = [post(1, text="Ask ann@example.org", topic="See bob@example.org")]
        night = Nights(tmp_path, Keyed())
        night()
        [row] = pq.read_table(night.stream.folder / "batches/00000001/rows.parquet").to_pylist()
        assert row["author"] == Pseudonyms(KEY).of("login", "login1")
        assert "text" not in row
        [prose] = [pq.read_table(p).to_pylist() for p in night.stream.prose_files()]
        assert "example.org" not in prose[0]["text"] + row["topic"]
        assert "day=2026-01-02" in night.stream.prose_files()[0]

    def test_without_a_directory_text_never_reaches_landing(self, tmp_path: Path) -> None:
        Keyed.posts_given = [post(1)]
        night = Nights(tmp_path, Keyed())
        night(names=frozenset())
        assert not list((tmp_path / "landing").rglob("prose"))
        assert [Path(p).relative_to(tmp_path).parts[0] for p in night.stream.prose_files()] == ["private"]
        night.store.forget_private()
        assert night.stream.prose_files() == []

    def test_prose_expires_by_the_records_own_day(self, tmp_path: Path) -> None:
        Keyed.posts_given = [post(1), post(20)]
        night = Nights(tmp_path, Keyed())
        night()
        assert night.stream.expire_prose(date(2026, 1, 15)) == 1
        assert len(night.stream.prose_files()) == 1

    def test_a_text_that_was_edited_or_withdrawn_is_kept_nowhere(self, tmp_path: Path) -> None:
        Keyed.posts_given = [post(1), post(2), post(3)]
        night = Nights(tmp_path, Keyed())
        night()
        Keyed.posts_given += [post(1, version=2, text="Mended"), post(2, version=2, text=None, gone=True)]
        night()
        assert self.texts(night) == ["Mended", "Text number 3"]
        night()
        assert self.texts(night) == ["Mended", "Text number 3"]

    def test_the_text_of_a_file_that_was_replaced_is_kept_nowhere(self, tmp_path: Path) -> None:
        Days.by_day = {AS_OF: [post(1), post(2)]}
        night = Nights(tmp_path, Days())
        night()
        Days.by_day = {AS_OF: [post(1, text="Mended"), post(2)]}
        night()
        assert self.texts(night) == ["Mended", "Text number 2"]

    @staticmethod
    def texts(night: Nights) -> list[str]:
        """Every text in every prose file, read by a manifest or not."""
        files = (night.store.root).rglob("prose/*/*.parquet")
        return sorted(text for path in files for text in pq.read_table(path).column("text").to_pylist())

    def test_files_are_for_their_owner_only(self, tmp_path: Path) -> None:
        Keyed.posts_given = [post(1)]
        Nights(tmp_path, Keyed())()
        for path in (tmp_path / "landing").rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path


class TestDamage:
    def test_an_account_that_does_not_close_never_lands(self, tmp_path: Path) -> None:
        stream = Store(tmp_path).stream("a", "b")
        manifest = Manifest(connector="a", stream="b", kind="keyed", seq=1, schema_number=1, connector_version="1",
                            as_of=AS_OF, complete=True, account=Account(read=2, landed=1))  # fmt: skip
        with pytest.raises(LandingError, match="does not close"):
            stream.commit(manifest, None, None)
        assert not stream.manifests

    def test_a_damaged_manifest_is_named(self, tmp_path: Path) -> None:
        Keyed.posts_given = [post(1)]
        night = Nights(tmp_path, Keyed())
        night()
        path = night.stream.folder / "batches/00000001/manifest.json"
        path.write_text(json.dumps({"seq": "x"}))
        with pytest.raises(LandingError, match="manifest of batch 00000001 is damaged"):
            _ = Store(tmp_path).stream("keyed", "posts").manifests

    def test_a_missing_file_is_named_not_read_as_nothing(self, tmp_path: Path) -> None:
        Keyed.posts_given = [post(1)]
        night = Nights(tmp_path, Keyed())
        night()
        (night.stream.folder / "batches/00000001/rows.parquet").unlink()
        with pytest.raises(LandingError, match=r"rows\.parquet is missing"):
            night.rows()

    def test_a_file_that_is_cut_short_is_named(self, tmp_path: Path) -> None:
        Keyed.posts_given = [post(n) for n in range(50)]
        night = Nights(tmp_path, Keyed())
        night()
        rows = night.stream.folder / "batches/00000001/rows.parquet"
        rows.write_bytes(rows.read_bytes()[:-100])
        with pytest.raises(LandingError, match=r"rows\.parquet is cut short: restore landing"):
            night.rows()
        assert "is cut short" in night().reason

    def test_a_half_written_batch_does_not_exist_and_is_cleared(self, tmp_path: Path) -> None:
        Keyed.posts_given = [post(1)]
        night = Nights(tmp_path, Keyed())
        half = night.stream.batches / ".tmp-00000001-1"
        half.mkdir(parents=True)
        (half / "rows.parquet").write_bytes(b"PAR1")
        night()
        assert not half.exists()
        assert [m.seq for m in night.stream.manifests] == [1]

    def test_a_second_writer_is_told_who_holds_the_stream(self, tmp_path: Path) -> None:
        night = Nights(tmp_path, Keyed())
        with night.stream.lock():
            assert "is being pulled by process" in night().reason

    def test_another_schema_is_refused_with_the_fix(self, tmp_path: Path) -> None:
        Keyed.posts_given = [post(1)]
        night = Nights(tmp_path, Keyed())
        night()
        path = night.stream.folder / "batches/00000001/manifest.json"
        path.write_text(path.read_text().replace('"schema_number": 1', '"schema_number": 7'))
        fresh = Nights(tmp_path, Keyed())
        assert "landed with schema 7" in fresh().reason
