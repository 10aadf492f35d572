"""Transcripts of web chats: every line is accounted for, its time is right, and a file lands once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipeline.connector import Excluded, Fatal, Landed, Page, Rejected
from plugins.webchat import transcript
from plugins.webchat.connector import Line, Webchat

FOLDER = Path(__file__).parents[2] / "plugins" / "webchat"
LONDON = ZoneInfo("Europe/London")
MARCH = date(2026, 3, 4)
HOSTS = ["ztran"]


def pull(files: Path | str, landed: Landed | None = None, **settings: Any) -> list[Page]:
    return list(Webchat(transcripts=str(files), **settings).lines(landed or Landed()))


def remember(*pages: Page, before: Landed | None = None) -> Landed:
    units = dict(before.units if before else {})
    for page in pages:
        assert page.unit
        units.pop(page.unit.replaces or "", None)
        units[page.unit.fingerprint] = (page.unit.name, page.unit.size)
    return Landed(units)


def account(records: Any) -> Counter[str]:
    return Counter(
        r.rule if isinstance(r, Excluded) else r.reason if isinstance(r, Rejected) else "landed" for r in records
    )


def read(*lines: str, day: date | None = MARCH) -> list[Any]:
    return list(transcript.read("\n".join(lines).encode(), day, LONDON))


def times(*clock: str, day: date = MARCH) -> list[str]:
    return [f"{s.moment:%d %H:%M}" for s in read(*(f"[{t}] <a> x" for t in clock), day=day)]


# ------------------------------------------------------------------------------------------------------- transcripts
def test_the_sample_is_read_to_the_last_line() -> None:
    [page] = pull(FOLDER / "samples" / "chat-2026-03-04.txt", hosts=HOSTS)
    assert account(page.records) == {"landed": 10, "joins and leaves": 2, "not a line of a chat": 1}
    assert Rejected("not a line of a chat", "12") in page.records
    line = page.records[5]
    assert isinstance(line, Line)
    assert line.model_dump() == {
        "said_at": datetime(2026, 3, 4, 10, 4, tzinfo=UTC), "nick": "ztran", "login": "ztran", "toward": "apryce",
        "toward_login": "apryce", "channel": "chat", "text": "in May, the keys come on the 11th", "is_question": False,
        "is_host": True, "position": 6,
    }  # fmt: skip


def test_lines_may_say_their_channel_and_day() -> None:
    [page] = pull(FOLDER / "samples" / "harbour.log")
    lines = [r for r in page.records if isinstance(r, Line)]
    assert [f"{line.said_at:%d %H:%M}" for line in lines] == ["28 23:58", "29 00:59", "29 01:01"]
    assert {line.channel for line in lines} == {"harbour"}
    assert {line.is_host for line in lines} == {None}


@pytest.mark.parametrize(
    ("line", "fate"),
    [
        ("[10:00] <a> hello", "landed"),
        ("[10:00:59] <@a> hello", "landed"),
        ("[10:00] <|a|[x]^> hello", "landed"),
        ("[10:00]  * a hums", "landed"),
        ("=== a hums", "landed"),
        ("=== stranger hums", "joins and leaves"),
        ("=== a [~a@host]  has joined #chat", "joins and leaves"),
        ('=== a [~a@host]  has left #chat ["bye"]', "joins and leaves"),
        ("=== a is now known as b", "joins and leaves"),
        ("chat 2026-03-04 === a is now known as b", "joins and leaves"),
        ("=== mode/#chat [+o a]  by a", "joins and leaves"),
        ("[10:00] -robot- a new page", "landed"),
        ("[10:00] -- log rotated --", "not a line of a chat"),
        ("", "empty line"),
        ("[10:00] <a>  ", "nothing is said"),
        ("=== a", "nothing is said"),
        ("[??:??] <a> lost", "not a line of a chat"),
        ("[25:00] <a> late", "not a line of a chat"),
        ("<a> when?", "not a line of a chat"),
        ("and on the next line", "not a line of a chat"),
        ("chat 2026-02-30 [10:00] <a> never", "the day is not one"),
    ],
)
def test_the_fate_of_a_line(line: str, fate: str) -> None:
    found = read("[09:59] <a> hi", line, "[10:01] <a> bye")[1]
    assert account([found]) == {fate: 1}
    if isinstance(found, Rejected):
        assert found.location == "2"


def test_what_somebody_did_before_any_time_is_not_guessed() -> None:
    assert read("=== a hums", "[10:00] <a> hi")[0] == Rejected("no time before it", "1")


# ------------------------------------------------------------------------------------------------------------ clock
def test_times_are_local_and_midnight_is_passed() -> None:
    assert times("23:58", "23:59", "00:01", "12:59", "01:00") == [
        "04 23:58", "04 23:59", "05 00:01", "05 12:59", "06 01:00",
    ]  # fmt: skip
    assert times("14:00", day=date(2026, 7, 1)) == ["01 13:00"]


def test_a_clock_that_counts_to_twelve_passes_noon_and_midnight() -> None:
    assert times("11:50", "12:59", "01:00", "04:51", "12:10", "01:05") == [
        "04 11:50", "04 12:59", "04 13:00", "04 16:51", "05 00:10", "05 01:05",
    ]  # fmt: skip


def test_a_clock_that_is_set_back_a_little_passes_no_midnight() -> None:
    assert times("10:00", "09:58", "10:01") == ["04 10:00", "04 09:58", "04 10:01"]


def test_the_hour_that_comes_twice_is_told_by_the_step_back() -> None:
    assert times("00:59", "01:30", "01:59", "01:00", "01:30", "02:00", day=date(2026, 10, 25)) == [
        "24 23:59", "25 00:30", "25 00:59", "25 01:00", "25 01:30", "25 02:00",
    ]  # fmt: skip


def test_the_hour_that_is_left_out_is_read_in_winter_time() -> None:
    assert times("00:59", "01:30", "02:00", day=date(2026, 3, 29)) == ["29 00:59", "29 01:30", "29 01:00"]


def test_a_file_needs_a_day_from_somewhere(tmp_path: Path) -> None:
    (tmp_path / "noon.txt").write_text("[12:00] <a> hi")
    (tmp_path / "day-2026-05-01.txt").write_text("[12:00] <a> there")
    landed: list[Any] = []
    pages = Webchat(transcripts=str(tmp_path / "*")).lines(Landed())
    with pytest.raises(Fatal, match=r'dates = {"noon\.txt" = 2026-03-04}'):
        landed.extend(pages)
    assert len(landed) == 1
    [one, two] = pull(tmp_path / "*", dates={"noon.txt": MARCH, "day-2026-05-01.txt": "2026-06-01"})
    assert {r.said_at.date() for p in (one, two) for r in p.records if isinstance(r, Line)} == {MARCH, date(2026, 6, 1)}


def test_a_zone_that_is_none_is_said_to_be_so() -> None:
    with pytest.raises(Fatal, match="zone 'Europe/Cardiff'"):
        pull("*.none", zone="Europe/Cardiff")


# ------------------------------------------------------------------------------------------------------------ names
@pytest.mark.parametrize(
    ("text", "toward", "rest"),
    [
        ("Bran: yes", "bran", "yes"),
        ("bran, yes", "bran", "yes"),
        ("@bran: yes", "bran", "yes"),
        ("bran yes", None, "[mention] yes"),
        ("nobody: yes", None, "nobody: yes"),
        ("as bran said, brandy", None, "as [mention] said, brandy"),
        ("awen: myself", None, "myself"),
        ("|x|: hi", "|x|", "hi"),
        ("cy: to the short", "cy", "to the short"),
        ("the cy of old", None, "the cy of old"),
    ],
)
def test_whom_a_line_addresses_and_names(text: str, toward: str | None, rest: str) -> None:
    others = [f"[10:00] <{nick}> hi" for nick in ("bran", "|x|", "cy")]
    said = read(f"[10:00] <awen> {text}", *others)[0]
    assert (said.toward, said.text) == (toward, rest)


@pytest.mark.parametrize("namespace", ["login", "nick"])
def test_nicks_are_logins_only_where_the_setting_says_so(namespace: str) -> None:
    [page] = pull(FOLDER / "samples" / "chat-2026-03-04.txt", nick_namespace=namespace)
    for line in (r for r in page.records if isinstance(r, Line)):
        assert (line.login, line.toward_login) == ((line.nick, line.toward) if namespace == "login" else (None, None))


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Why?", True), ("Why? It was good.", True), ("Is it (really?)", True), ("what?!", True),
        ("Question: the pay", True), ("see https://x.example/?p=1", False), ("No.", False), ("quit: now", False),
    ],
)  # fmt: skip
def test_what_is_a_question(tmp_path: Path, text: str, asks: bool) -> None:
    (tmp_path / "c-2026-03-04.txt").write_text(f"[10:00] <a> {text}")
    [page] = pull(tmp_path / "*")
    assert [r.is_question for r in page.records if isinstance(r, Line)] == [asks]


def test_old_clients_and_byte_order_marks_are_read(tmp_path: Path) -> None:
    new, old = "\ufeff[10:00] <a> caffè\r\n".encode(), "[10:01] <a> caffè\r\n".encode("cp1252")
    (tmp_path / "c-2026-03-04.txt").write_bytes(new + old)
    [page] = pull(tmp_path / "*")
    assert [r.text for r in page.records if isinstance(r, Line)] == ["caffè", "caffè"]


# ------------------------------------------------------------------------------------------------------------ units
@pytest.fixture
def chat(tmp_path: Path) -> Path:
    path = tmp_path / "chat.txt"
    path.write_text("chat 2026-03-04 [10:00] <a> one\nchat 2026-03-04 [10:01] <b> two\n")
    return path


def texts(*pages: Page) -> list[str]:
    return [r.text for page in pages for r in page.records if isinstance(r, Line)]


def test_a_transcript_lands_once_also_when_it_is_renamed_or_copied(chat: Path) -> None:
    first = remember(*pull(chat.parent / "*"))
    (chat.parent / "copy.txt").write_bytes(chat.read_bytes())
    chat.rename(chat.parent / "old.txt")
    assert pull(chat.parent / "*", first) == []


def test_a_transcript_that_grew_replaces_its_shorter_self(chat: Path) -> None:
    [before] = pull(chat)
    (chat.parent / "stale.txt").write_bytes(chat.read_bytes())
    with chat.open("a") as file:
        file.write("chat 2026-03-04 [10:02] <a> three\n")
    [after] = pull(chat.parent / "*", remember(before))
    assert after.unit
    assert before.unit
    assert (after.unit.replaces, texts(after)) == (before.unit.fingerprint, ["one", "two", "three"])


def test_a_corrected_transcript_replaces_the_old_one_and_a_new_chat_does_not(chat: Path) -> None:
    [before] = pull(chat)
    chat.write_text(chat.read_text().replace("two", "2"))
    [corrected] = pull(chat, remember(before))
    chat.write_text("chat 2026-03-05 [10:00] <a> next day\n")
    [fresh] = pull(chat, remember(before, corrected))
    assert corrected.unit
    assert before.unit
    assert fresh.unit
    assert (corrected.unit.replaces, fresh.unit.replaces) == (before.unit.fingerprint, None)
    assert len({before.unit.name, corrected.unit.name, fresh.unit.name}) == 2


def test_two_chats_of_one_name_and_time_are_two(chat: Path) -> None:
    for room in ("north", "south"):
        (chat.parent / room).mkdir()
        (chat.parent / room / "chat.txt").write_text(f"chat 2026-03-04 [10:00] <a> {room}\n")
    chat.unlink()
    pages = pull(chat.parent / "**" / "*.txt")
    assert sorted(texts(*pages)) == ["north", "south"]
    assert {p.unit and p.unit.replaces for p in pages} == {None}
    assert len({p.unit and p.unit.name for p in pages}) == 2


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "is empty"), ("[10:00] <a> hi".encode("utf-16"), "is neither UTF-8"), (b"<!DOCTYPE html>\n", "holds no line of a chat")],
)
def test_a_file_that_is_no_transcript_is_named_after_the_others_landed(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "a-2026-03-04.txt").write_bytes(content)
    (tmp_path / "b-2026-03-04.txt").write_text("[10:00] <a> hi")
    read: list[Page] = []
    with pytest.raises(Fatal, match=f"a-2026-03-04.txt {why}"):
        read.extend(Webchat(transcripts=str(tmp_path / "*")).lines(Landed()))
    assert texts(*read) == ["hi"]


def test_a_pattern_that_names_no_file_is_no_quiet_day(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"transcripts: there is no file \*\.txt"):
        pull(tmp_path / "*.txt")


# ------------------------------------------------------------------------------------------------------- real chats
@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "lines", "landed", "last"),
    [
        ("ubuntu-meeting.0.ascii.txt", 1200, 1173, datetime(2010, 11, 9, 19, 26, tzinfo=UTC)),
        ("stripe.0.ascii.txt", 1200, 1200, datetime(2019, 9, 5, 14, 12, 1, tzinfo=UTC)),
        ("2004-11-15_03.raw.txt", 1250, 1099, datetime(2004, 11, 15, 16, 51, tzinfo=UTC)),
        ("2005-06-27_12.raw.txt", 1250, 1023, datetime(2005, 6, 27, 11, 28, tzinfo=UTC)),
        ("2005-08-08_01.raw.txt", 1250, 1043, datetime(2005, 8, 8, 12, 23, tzinfo=UTC)),
    ],
)
def test_every_line_of_a_real_chat_is_accounted_for(
    *, real_data: Path, name: str, lines: int, landed: int, last: datetime
) -> None:
    given = {"2004-11-15_03.raw.txt": date(2004, 11, 15)}
    [page] = pull(real_data / "sources/chat_irc_gold" / name, dates=given, nick_namespace="nick")
    assert page.unit
    assert page.unit.name.endswith(f"/{name}")
    said = [r for r in page.records if isinstance(r, Line)]
    assert (len(page.records), len(said)) == (lines, landed)
    assert [s.said_at for s in said] == sorted(s.said_at for s in said)
    assert said[-1].said_at == last
    assert sum(1 for r in page.records if isinstance(r, Rejected)) <= 1


@pytest.mark.real
def test_whom_a_line_addresses_is_mostly_whom_people_linked_it_to_by_hand(real_data: Path) -> None:
    folder = real_data / "sources/chat_irc_gold"
    [page] = pull(folder / "ubuntu-meeting.0.ascii.txt", nick_namespace="nick")
    nick = {r.position - 1: r.nick for r in page.records if isinstance(r, Line)}
    toward = {r.position - 1: r.toward for r in page.records if isinstance(r, Line) and r.toward}
    linked: dict[int, set[str]] = {}
    for link in (folder / "ubuntu-meeting.0.annotation.txt").read_text().splitlines():
        one, other = sorted(map(int, link.split()[:2]))
        linked.setdefault(other, set()).add(nick.get(one, ""))
    addressed = [n for n in linked if n in toward]
    agreed = [n for n in addressed if toward[n].casefold() in {who.casefold() for who in linked[n]}]
    assert len(agreed) > 0.6 * len(addressed) > 0
