"""Landing: whole or not at all, every record accounted for, an identical re-run lands nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.connector import Excluded
from pipeline.landing.manifest import Account
from tests.landings import AS_OF, Nights, forget
from tests.sources import Days, Files, Keyed, Roster, Timed, post


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Every test starts with sources that give nothing."""
    forget()


class TestKeyed:
    def test_every_record_is_accounted_for(self, tmp_path: Path) -> None:
        Keyed.posts_given = [post(n) for n in range(25)] + [Excluded("private group")] * 3 + [post(99, at="never")]
        outcome = Nights(tmp_path, Keyed())()
        assert outcome.account == Account(
            read=29, landed=25, excluded={"private group": 3}, quarantined={"datetime_from_date_parsing at at": 1}
        )
        assert outcome.complete

    def test_an_identical_re_run_lands_nothing(self, tmp_path: Path) -> None:
        Keyed.posts_given = [post(n) for n in range(25)]
        night = Nights(tmp_path, Keyed())
        night()
        before = sorted(p.name for p in tmp_path.rglob("*.parquet"))
        again = night()
        assert again.account.landed == 0
        assert sorted(p.name for p in tmp_path.rglob("*.parquet")) == before
        assert len(night.stream.manifests) == 1

    def test_an_edit_lands_and_an_older_version_does_not(self, tmp_path: Path) -> None:
        night = Nights(tmp_path, Keyed())
        Keyed.posts_given = [post(1, version=2)]
        night()
        Keyed.posts_given = [post(1, version=2), post(1, version=3, text="Edited"), post(1, version=1)]
        Keyed.posts_given = [None, *Keyed.posts_given]  # the cursor stands at 1
        assert night().account == Account(read=3, landed=1, unchanged=2)
        assert night.rows() == [(1, 3)]

    def test_a_deleted_record_leaves_the_table(self, tmp_path: Path) -> None:
        Keyed.posts_given = [post(1), post(2), post(1, version=2, gone=True)]
        night = Nights(tmp_path, Keyed())
        night()
        assert night.rows() == [(2, 1)]

    def test_a_failure_half_way_lands_what_was_safe_and_resumes(self, tmp_path: Path) -> None:
        Keyed.posts_given, Keyed.fail_after = [post(n) for n in range(45)], 2
        night = Nights(tmp_path, Keyed())
        failed = night()
        assert (failed.state, failed.account.landed) == ("failed", 20)
        Keyed.fail_after = None
        assert night().account.landed == 25
        assert Keyed.asked == [None, 20]
        assert len(night.rows()) == 45

    def test_an_unforeseen_error_does_not_show_its_text(self, tmp_path: Path) -> None:
        Keyed.posts_given, Keyed.fail_after = [post(1)], 0
        reason = Nights(tmp_path, Keyed())().reason
        assert reason.startswith("unforeseen ConnectionError at tests/sources.py:")
        assert "example.org" not in reason

    @pytest.mark.parametrize("author", ["", "  ", "\t"])
    def test_a_blank_person_is_nobody_and_one_record_does_not_stop_a_stream(self, tmp_path: Path, author: str) -> None:
        Keyed.posts_given = [post(1), post(2, author=author), post(3)]
        outcome = Nights(tmp_path, Keyed())()
        assert outcome.account == Account(read=3, landed=2, quarantined={"blank at author": 1})

    @pytest.mark.parametrize("field", ["text", "topic", "author"])
    def test_half_a_surrogate_pair_is_quarantined_and_does_not_stop_a_stream(self, tmp_path: Path, field: str) -> None:
        Keyed.posts_given = [post(1), post(2, **{field: "a\ud800b"}), post(3, text="a\x00b")]
        night = Nights(tmp_path, Keyed())
        assert night().account == Account(read=3, landed=2, quarantined={"text that is not Unicode": 1})
        assert night().account.landed == 0

    @pytest.mark.parametrize(
        "wrong", [{"id": 10**30}, {"version": -(10**19)}, {"at": datetime(1, 1, 1, tzinfo=UTC)}], ids=["large", "small", "year 1"]
    )
    def test_what_no_column_can_hold_is_quarantined_and_does_not_stop_a_stream(self, tmp_path: Path, wrong: dict) -> None:
        """Graph writes 0001-01-01T00:00:00Z for no time; in London that is a day of the year 0."""
        Keyed.posts_given = [post(1, **wrong), post(2)]
        night = Nights(tmp_path, Keyed())
        assert night().account == Account(read=2, landed=1, quarantined={"a number or time beyond what can be stored": 1})
        assert [row[0] for row in night.rows()] == [2]

    def test_a_source_that_changed_its_format_lands_nothing_and_keeps_its_cursor(self, tmp_path: Path) -> None:
        night = Nights(tmp_path, Keyed())
        Keyed.posts_given = [post(n) for n in range(100)] + [post(n, at="x") for n in range(100, 120)]
        failed = night()
        assert "20 of 120 records of posts cannot be read" in failed.reason
        assert (night.stream.cursor(), failed.account.landed) == (None, 0)

    def test_few_unreadable_records_do_not_stop_a_source(self, tmp_path: Path) -> None:
        Keyed.posts_given = [post(n) for n in range(200)] + [post(n, at="x") for n in range(200, 210)]
        night = Nights(tmp_path, Keyed())
        assert night().complete
        quarantine = pq.read_table(night.stream.folder / "batches/00000001/quarantine.parquet").to_pylist()
        assert len(quarantine) == 10
        assert set(quarantine[0]) == {"reason", "location"}

    def test_a_time_cursor_is_read_again_from_its_look_back(self, tmp_path: Path) -> None:
        Timed.posts_given = [post(n) for n in range(5)]
        night = Nights(tmp_path, Timed())
        night()
        Timed.posts_given = [post(n) for n in range(7)]
        assert night().account == Account(read=4, landed=2, unchanged=2)
        first, second = Timed.asked
        assert first == (None, None)
        assert second[0] == post(2)["at"].replace(minute=4)

    def test_a_backfill_never_moves_the_cursor(self, tmp_path: Path) -> None:
        Timed.posts_given = [post(n) for n in range(10)]
        night = Nights(tmp_path, Timed())
        night()
        stood = night.stream.cursor()
        Timed.posts_given = [post(n, text="changed") for n in range(10)]
        assert night(days=(date(2026, 1, 2), date(2026, 1, 3))).account.landed == 2
        assert night.stream.cursor() == stood

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(order=st.permutations(range(12)), twice=st.lists(st.integers(0, 11), max_size=5))
    def test_any_order_and_any_duplicates_give_the_same_table(
        self, tmp_path_factory: pytest.TempPathFactory, order: list[int], twice: list[int]
    ) -> None:
        versions = [post(n % 4, version=n // 4, text=f"v{n}") for n in range(12)]
        Keyed.posts_given = [versions[n] for n in [*order, *twice]]
        night = Nights(tmp_path_factory.mktemp("order"), Keyed())
        night()
        assert night.rows() == [(0, 2), (1, 2), (2, 2), (3, 2)]
        assert night().account.landed == 0

    @pytest.mark.parametrize("records", [1, 7, 30, 1000])
    def test_a_fill_over_several_short_nights_equals_one_long_one(self, tmp_path: Path, records: int) -> None:
        Keyed.posts_given = [post(n) for n in range(95)]
        once = Nights(tmp_path / "once", Keyed())
        once()
        ticks = iter(range(10_000))
        short = Nights(tmp_path / "short", Keyed())
        states = [short(seconds=2.0, records=records, clock=lambda: float(next(ticks))).state for _ in range(12)]
        assert states[0] == "deferred"
        assert states[-1] == "complete"
        everything = 'id, author, "at", version, topic, text_digest'
        assert short.rows(everything) == once.rows(everything)


class TestUnits:
    def test_a_grown_file_replaces_its_shorter_self(self, tmp_path: Path) -> None:
        Files.files = {"a.log": [post(1), post(2)]}
        night = Nights(tmp_path, Files())
        night()
        Files.files = {"a.log": [post(1), post(2), post(3)]}
        assert night().account.landed == 3
        assert [row[0] for row in night.rows("id")] == [1, 2, 3]

    def test_a_rotated_file_lands_once_and_its_name_can_be_used_again(self, tmp_path: Path) -> None:
        Files.files = {"a.log": [post(1), post(2)]}
        night = Nights(tmp_path, Files())
        night()
        Files.files = {"a.log.1": [post(1), post(2)], "a.log": [post(3)]}
        assert night().account.landed == 1
        assert [row[0] for row in night.rows("id")] == [1, 2, 3]

    def test_nothing_new_says_that_it_was_read_to_its_end(self, tmp_path: Path) -> None:
        night = Nights(tmp_path, Files())
        night(as_of=date(2026, 2, 1))
        night(as_of=date(2026, 2, 2))
        night(as_of=date(2026, 2, 2))
        assert [m.as_of.day for m in night.stream.manifests if m.complete] == [1, 2]


class TestDays:
    def test_a_night_asks_for_every_missing_day_and_the_look_back(self, tmp_path: Path) -> None:
        night = Nights(tmp_path, Days())
        Days.by_day = {date(2026, 1, d): [post(d)] for d in range(1, 10)}
        for day, asked in ((5, [4, 5]), (8, [5, 6, 7, 8]), (9, [8, 9])):
            Days.asked = []
            night(as_of=date(2026, 1, day))
            assert [d.day for d in Days.asked] == asked

    def test_after_an_outage_the_look_back_counts_from_the_last_whole_night(self, tmp_path: Path) -> None:
        night = Nights(tmp_path, Days())
        Days.by_day = {date(2026, 1, d): [post(d)] for d in range(1, 20)}
        night(as_of=date(2026, 1, 5))
        Days.asked = []
        night(as_of=date(2026, 1, 14))
        assert [d.day for d in Days.asked] == list(range(5, 15))

    def test_two_days_without_a_record_are_two_days_that_were_seen(self, tmp_path: Path) -> None:
        nights = Nights(tmp_path, Days())
        nights(as_of=date(2026, 2, 4), days=(date(2026, 2, 1), date(2026, 2, 4)))
        assert [m.unit.name for m in nights.stream.live() if m.unit] == [f"2026-02-0{n}" for n in (1, 2, 3, 4)]

    def test_a_day_that_changed_is_replaced_whole(self, tmp_path: Path) -> None:
        night = Nights(tmp_path, Days())
        day = date(2026, 1, 5)
        Days.by_day = {day: [post(1), post(2)]}
        night(as_of=day)
        Days.by_day = {day: [post(1), post(2), post(3)]}
        night(as_of=day)
        assert [row[0] for row in night.rows("id")] == [1, 2, 3]

    def test_a_day_that_lost_its_rows_is_held_back_until_accepted(self, tmp_path: Path) -> None:
        night = Nights(tmp_path, Days())
        day = date(2026, 1, 5)
        Days.by_day = {day: [post(n) for n in range(20)]}
        night(as_of=day)
        Days.by_day = {day: [post(n) for n in range(15)]}
        held = night(as_of=day)
        assert (held.state, len(night.rows())) == ("held", 20)
        assert "15 rows where it had 20" in held.reason
        assert night(as_of=day, accept=True).complete
        assert len(night.rows()) == 15

    def test_a_day_that_lost_a_fifth_is_not_held_back(self, tmp_path: Path) -> None:
        night = Nights(tmp_path, Days())
        day = date(2026, 1, 5)
        Days.by_day = {day: [post(n) for n in range(20)]}
        night(as_of=day)
        Days.by_day = {day: [post(n) for n in range(16)]}
        assert night(as_of=day).complete


def person(number: int, team: str = "Ops") -> dict:
    return {"staff_id": f"S{number}", "team": team, "name_tokens": ["ann"]}


class TestSnapshots:
    def test_each_snapshot_that_differs_is_kept_with_its_dates(self, tmp_path: Path) -> None:
        Roster.snapshots = {date(2026, 1, 5): [person(1)], date(2026, 1, 12): [person(1)], date(2026, 1, 19): [person(1, "Web")]}
        night = Nights(tmp_path, Roster())
        assert night().account == Account(read=3, landed=2, unchanged=1)
        assert night.rows("team, valid_from, valid_to") == [
            ("Ops", date(2026, 1, 5), date(2026, 1, 19)),
            ("Web", date(2026, 1, 19), date(9999, 12, 31)),
        ]
        assert night().account.landed == 0

    def test_a_half_empty_directory_is_held_back(self, tmp_path: Path) -> None:
        Roster.snapshots = {date(2026, 1, 5): [person(n) for n in range(30)]}
        night = Nights(tmp_path, Roster())
        night()
        Roster.snapshots[date(2026, 1, 12)] = [person(n) for n in range(10)]
        assert night().state == "held"
        assert len(night.rows("team")) == 30

    def test_an_empty_directory_is_held_back_however_small_it_was(self, tmp_path: Path) -> None:
        Roster.snapshots = {date(2026, 1, 5): [person(1), person(2)]}
        night = Nights(tmp_path, Roster())
        night()
        Roster.snapshots[date(2026, 1, 12)] = []
        assert night().state == "held"
        assert len(night.rows("team")) == 2
        assert night(accept=True).complete
        assert night.rows("team, valid_to") == [("Ops", date(2026, 1, 12))] * 2

    def test_what_cannot_be_read_is_judged_also_where_the_rest_is_unchanged(self, tmp_path: Path) -> None:
        Roster.snapshots = {AS_OF: [person(n) for n in range(30)]}
        night = Nights(tmp_path, Roster())
        assert night().complete
        Roster.snapshots[AS_OF] += [{"staff_id": f"S{n}"} for n in range(30, 32)]
        assert night().account == Account(read=32, unchanged=30, quarantined={"missing at team": 2})
        Roster.snapshots[AS_OF] += [{"staff_id": f"S{n}"} for n in range(32, 50)]
        told = night()
        assert (told.state, "20 of 50 records of people cannot be read" in told.reason) == ("failed", True)
        assert len(night.rows("team")) == 30

    def test_a_snapshot_of_a_day_to_come_is_named_and_hides_none_that_is_made_later(self, tmp_path: Path) -> None:
        misdated, this_morning = date(2062, 1, 26), AS_OF + timedelta(days=1)
        Roster.snapshots = {date(2026, 1, 5): [person(1)], this_morning: [person(1, "Web")], misdated: [person(1, "Ops")]}
        night = Nights(tmp_path, Roster())
        told = night()
        assert (told.state, "people is dated 2062-01-26, which is yet to come" in told.reason) == ("failed", True)
        assert [team for team, _ in night.rows("team, valid_from")] == ["Ops", "Web"]
        del Roster.snapshots[misdated]
        assert night(as_of=this_morning).complete

    def test_few_records_of_which_none_can_be_read_are_a_changed_format(self, tmp_path: Path) -> None:
        Roster.snapshots = {date(2026, 1, 5): [{"staff_id": "S1"}, {"staff_id": "S2"}]}
        night = Nights(tmp_path, Roster())
        assert "changed its format" in night().reason
        Roster.snapshots = {date(2026, 1, 5): [{"staff_id": "S1"}, person(2)]}
        assert night().account.quarantined
