"""Intranet access logs: combined lines of staff, kiosks and robots, with everything that real logs hold.

Belongs here: which line is written when, and its bytes. Does not: who works here (organisation.py).

Lines are put together by column, a week at a time. Files are rotated at four on Monday mornings, so that each spans
two Mondays; the first one is compressed. Some browsers sign in as DOMAIN\\login: the Apache server escapes that
backslash in its log (two of them), the proxy that writes the other two thirds does not (one).
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.simulate import phrases
from pipeline.simulate.department import Dice, Flags, Floats, Ints
from pipeline.simulate.faults import kept
from pipeline.simulate.organisation import plain
from pipeline.simulate.spread import World

LINES_A_SITTING = 5
ASSETS, ROBOTS, KIOSKS, UNSIGNED, POSTS = 0.62, 0.035, 0.08, 0.012, 0.02
ROTATED_AT = 4 * 3600
SPOILED = 0.00003
SITE = "https://intranet.coastal.gov.example"
STAFF, KIOSK, ROBOT = 0, 1, 2
PAGE, SEARCH, USEFUL, NOT_USEFUL, CAMPAIGN = range(5)
VOTE_PATTERN = "^/feedback/(?P<vote>yes|no)"
CAMPAIGNS = ("network-launch", "champions", "web-chat")
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0"
AGENTS = (
    WINDOWS + " Safari/537.36", WINDOWS + " Safari/537.36 Edg/143.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (compatible; SearchCrawler-bot/2.1; +https://search.coastal.gov.example/)", "UptimeRobot/2.0",
)  # fmt: skip
ASSET_PATHS = (
    "/static/css/site.css?v=41", "/static/js/app.js?v=41", "/static/js/menu.js", "/static/fonts/body.woff2",
    "/favicon.ico", "/static/img/logo.svg", "/static/css/print.css", *(f"/media/stories/{n}.jpg" for n in range(90)),
)  # fmt: skip
SECTIONS = ("hr", "it", "policies", "forms", "estates", "finance", "digital", "ceo-blog", "wellbeing", "cymraeg")
STATUS = (200, 304, 302, 404, 500, 401)
ANSWERED = (0.87, 0.07, 0.02, 0.035, 0.005)  # shares of STATUS among pages
DRAWN_AGAIN = 4  # times that somebody else is drawn for a sitting of whoever is away


@dataclass
class Reading:
    """What the logs truly hold. `readers` are the people with a page view, by week and by day number.

    `sittings` is people x blocks: how many sittings with a page view are expected of each, whoever then sat down.
    """

    lines: int = 0
    unreadable: int = 0
    assets: int = 0
    robots: int = 0
    page_views: int = 0
    searches: int = 0
    votes_useful: int = 0
    votes_not_useful: int = 0
    campaign_reads: int = 0
    readers_of_week: dict[int, Ints] = field(default_factory=dict)
    readers_on_day: dict[int, int] = field(default_factory=dict)
    sittings: Floats = field(default_factory=lambda: np.zeros((0, 0)))


def write_logs(world: World, folder: Path) -> Reading:
    """One file a week, `access-YYYY-MM-DD.log` (the first `.log.gz`): as many lines as the department asks for."""
    logs = _Logs(world)
    weeks = world.department.weeks
    share = (world.clock.working.reshape(weeks, 7).sum(axis=1) + 0.3) * np.linspace(1, 1.25, weeks)
    count = logs.rng.multinomial(world.department.log_lines, share / share.sum()).tolist()
    rest = memoryview(b"")
    for week in range(weeks):
        instant, text = logs.week(week, count[week])
        rotated = int(np.searchsorted(instant, world.clock.instant(7 * week, ROTATED_AT))) if week else 0
        if week:
            _write(folder, world, week - 1, b"".join((rest, _bytes(text[:rotated]))))
        rest = _bytes(text[rotated:])
    _write(folder, world, weeks - 1, bytes(rest))
    return logs.reading


def _write(folder: Path, world: World, week: int, content: bytes) -> None:
    path = folder / f"access-{world.department.day(7 * week).isoformat()}.log"
    if week:
        path.write_bytes(content)
    else:
        Path(f"{path}.gz").write_bytes(gzip.compress(content, compresslevel=1, mtime=0))


def _bytes(text: pa.StringArray) -> memoryview:
    """The characters of all lines, one after the other, without a copy."""
    if not len(text):
        return memoryview(b"")
    _, offsets, data = text.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[text.offset : text.offset + len(text) + 1]
    return memoryview(data)[int(ends[0]) : int(ends[-1])]


@dataclass
class _Lines:
    """The columns of a week's lines. `person` counts for staff only; `status` indexes STATUS."""

    who: Ints
    person: Ints
    day: Ints
    sitting: Ints
    instant: Ints
    asset: Flags
    post: Flags
    signed: Flags
    status: Ints
    path: Ints

    def take(self, which: Flags) -> _Lines:
        """Some of the lines."""
        return _Lines(*(getattr(self, one.name)[which] for one in fields(self)))


class _Logs:
    """The lines of one week after the other, and a true account of what is in them."""

    def __init__(self, world: World) -> None:
        people = world.people
        self.rng = rng = world.department.chance("intranet")
        self.reading = Reading(sittings=np.zeros((len(people), len(world.department.blocks))))
        self._world = world
        slow = np.isin(people.team_directorate[people.team], world.spread.lagging)
        signs_in = rng.random(len(people)) > 0.05
        self._habit: Floats = rng.gamma(1.6, 1.0, len(people)) * np.where(slow, world.department.spread.lagging, 1.0) * signs_in
        self._domain: Flags = rng.random(len(people)) < 0.4
        proxied, escaped = (f"COASTAL\\{n}" for n in people.login), (f"COASTAL\\\\{n}" for n in people.login)
        self._users = pa.array(["-", "svc-crawler", *people.login, *proxied, *escaped])
        paths, popular, kinds = _pages(world, Dice(rng))
        self._kind: Ints = np.concatenate([np.full(len(ASSET_PATHS), PAGE), kinds])
        self._paths, self._asked = pa.array([*ASSET_PATHS, *paths]), np.cumsum(popular)
        vote = popular[np.isin(kinds, (USEFUL, NOT_USEFUL))].sum() / popular.sum()
        staff = (1 - ROBOTS - KIOSKS) * (1 - UNSIGNED)
        self._viewed = staff * (1 - ASSETS) * (1 - POSTS) * sum(ANSWERED[:2]) * (1 - vote)  # of all lines of a sitting
        self._times = pa.array([f"{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d} " for n in range(86_400)])
        self._addresses = pa.array([f"10.{n // 250}.{n % 250}.{37 * n % 250 + 1} - " for n in range(2500)])

    def week(self, week: int, n: int) -> tuple[Ints, pa.StringArray]:
        """UTC seconds and text of n lines, in order of time, less those of days that the logs do not hold."""
        department = self._world.department
        self._expect(week, n)
        lines = self._draw(week, n)
        lines = lines.take(kept(department, "intranet", lines.day) & (lines.day < department.shown_until("intranet")))
        n = len(lines.who)
        spoiled = self.rng.random(n) < SPOILED
        if n and not week:
            spoiled[n // 2] = True
        self._account(week, lines, spoiled)
        return lines.instant, _spoil(self._text(lines), spoiled)

    def _draw(self, week: int, n: int) -> _Lines:
        rng, clock = self.rng, self._world.clock
        who = rng.choice(3, n, p=(1 - ROBOTS - KIOSKS, KIOSKS, ROBOTS))
        sittings = max(1, n // LINES_A_SITTING)
        sitting = rng.integers(0, sittings, n)
        present = self._habit * self._world.people.present(7 * week + 3)
        days = np.where(clock.working[7 * week : 7 * week + 7], 1.0, 0.05)
        sat_down = 7.5 * 3600 + rng.beta(1.6, 1.9, sittings) * 10 * 3600
        day = 7 * week + rng.choice(7, sittings, p=days / days.sum())
        person = rng.choice(len(present), sittings, p=present / present.sum())
        for _ in range(DRAWN_AGAIN):
            absent = np.flatnonzero(self._world.away[person, day])
            person[absent] = rng.choice(len(present), len(absent), p=present / present.sum())
        who[self._world.away[person, day][sitting] & (who == STAFF)] = KIOSK
        person, day = person[sitting], day[sitting]
        second = sat_down[sitting] + rng.exponential(240, n)
        machine = who == ROBOT
        day = np.where(machine, 7 * week + rng.integers(0, 7, n), day)
        second = np.where(machine, rng.integers(0, 86_400, n), np.minimum(second, 86_399)).astype(np.int64)
        order = np.argsort(clock.instant(day, second), kind="stable")
        asset = (rng.random(n) < ASSETS) & ~machine[order]
        status = np.where(asset, rng.choice(2, n, p=(0.6, 0.4)), rng.choice(5, n, p=ANSWERED))
        page = len(ASSET_PATHS) + np.searchsorted(self._asked, rng.random(n) * self._asked[-1], side="right")
        path = np.where(asset, rng.integers(0, len(ASSET_PATHS), n), page)
        staff = who[order] == STAFF
        unsigned = staff & (rng.random(n) < UNSIGNED)
        return _Lines(
            who[order], person[order], day[order], sitting[order], clock.instant(day, second)[order], asset,
            ~asset & (rng.random(n) < POSTS), staff & ~unsigned, np.where(unsigned, STATUS.index(401), status), path,
        )  # fmt: skip

    def _text(self, lines: _Lines) -> pa.StringArray:
        rng, clock, n = self.rng, self._world.clock, len(lines.who)
        count = len(self._domain)
        spelling = np.where(self._domain[lines.person], np.where(rng.random(n) < 1 / 3, 2, 1), 0)
        user = np.where(lines.signed, 2 + count * spelling + lines.person, 0)
        user[(lines.who == ROBOT) & (rng.random(n) < 0.3)] = 1
        ahead = clock.offset(lines.instant)
        wall = lines.instant + ahead
        first = int(wall[0]) // 86_400 if n else 0
        dates = [f"[{_date(first + d)}:" for d in range(9)]
        agent = np.where(lines.who == ROBOT, 3 + lines.sitting % 2, lines.sitting % 3)
        size = np.where(lines.status == STATUS.index(304), 0, rng.integers(1, 2500, n))
        return pc.binary_join_element_wise(
            self._addresses.take(pa.array(np.where(lines.who == KIOSK, lines.sitting % 7, lines.sitting % 2500))),
            self._users.take(pa.array(user)), " ", pa.array(dates).take(pa.array(wall // 86_400 - first)),
            self._times.take(pa.array(wall % 86_400)),
            pa.array(["+0000] \"", "+0100] \""]).take(pa.array(ahead // 3600)),
            pa.array(["GET ", "POST "]).take(pa.array(lines.post.astype(np.int8))), self._paths.take(pa.array(lines.path)),
            " HTTP/1.1\" ", pa.array([f"{code} " for code in STATUS]).take(pa.array(lines.status)),
            pa.array(["- ", *(f"{137 * k} " for k in range(1, 2500))]).take(pa.array(size)),
            pa.array([f'"{SITE}/" "', '"-" "']).take(pa.array((~lines.asset).astype(np.int8))),
            pa.array([f'{name}"\n' for name in AGENTS]).take(pa.array(agent)), "",
        )  # fmt: skip

    def _account(self, week: int, lines: _Lines, spoiled: Flags) -> None:
        kind, seen = self._kind[lines.path], (lines.status < 2) & ~lines.asset & ~spoiled & (lines.who != ROBOT)
        vote = np.isin(kind, (USEFUL, NOT_USEFUL))
        view = seen & lines.signed & ~lines.post & ~vote
        voted = (lines.status < 3) & vote & ~spoiled & (lines.who != ROBOT)
        self.reading.searches += int((seen & (kind == SEARCH)).sum())
        self.reading.votes_useful += int((voted & (kind == USEFUL)).sum())
        self.reading.votes_not_useful += int((voted & (kind == NOT_USEFUL)).sum())
        self.reading.campaign_reads += int((seen & ~lines.post & (kind == CAMPAIGN)).sum())
        self.reading.lines += len(view)
        self.reading.unreadable += int(spoiled.sum())
        self.reading.assets += int(lines.asset.sum())
        self.reading.robots += int((lines.who == ROBOT).sum())
        self.reading.page_views += int(view.sum())
        self.reading.readers_of_week[week] = np.unique(lines.person[view])
        for day in range(7 * week, 7 * week + 7):
            self.reading.readers_on_day[day] = len(np.unique(lines.person[view & (lines.day == day)]))


    def _expect(self, week: int, n: int) -> None:
        """How many of the week's sittings with a page view are expected of each, before anybody is drawn."""
        world, first = self._world, 7 * week
        block = (first - world.department.days % 28) // 28
        if block < 0:
            return
        sittings = max(1, n // LINES_A_SITTING)
        weight = self._habit * world.people.present(first + 3)
        weight /= weight.sum()
        days = np.where(world.clock.working[first : first + 7], 1.0, 0.05)
        away = world.away[:, first : first + 7]
        gone = weight @ away  # by day: the chance that who is drawn is away, and somebody else is drawn
        draws = (gone[:, None] ** np.arange(1 + DRAWN_AGAIN)).sum(axis=1)
        share = weight * (~away @ (days / days.sum() * draws))
        self.reading.sittings[:, block] += sittings * -np.expm1(-n / sittings * self._viewed) * share


def _date(days: int) -> str:
    return str(np.datetime64(days, "D").astype("O").strftime("%d/%b/%Y"))


def _spoil(text: pa.StringArray, spoiled: Flags) -> pa.StringArray:
    """Some lines end where the disk was full, or before the last quotation mark."""
    whole = text.filter(pa.array(spoiled)).to_pylist()
    cut = [line[:-2] + "\n" if n % 2 else line[: len(line) // 3] + "\n" for n, line in enumerate(whole, 1)]
    return pc.replace_with_mask(text, pa.array(spoiled), pa.array(cut, type=pa.string()))


def _pages(world: World, dice: Dice) -> tuple[list[str], Floats, Ints]:
    """Paths of pages, how often each is asked for, and its kind; profiles, searches and forms hold names and addresses."""
    people = world.people
    things = [thing for theme in phrases.THINGS.values() for thing in theme]
    topics = [plain(thing.removeprefix("the ").replace(" ", "-")) for thing in things]
    paths = ["/", "/news/", *(f"/{section}/" for section in SECTIONS)]
    paths += [f"/{dice.pick(SECTIONS)}/{topic}" for topic in topics]
    paths += [f"/news/{dice.pick(topics)}-{n}" for n in range(200)]
    weight = [1 / (n + 2) for n in range(len(paths))]
    usual = sum(weight)
    anybody = [dice.below(len(people)) for _ in range(min(900, len(people)))]
    profiles = [f"/people/{plain(people.first[p])}-{plain(people.last[p])}" for p in anybody]
    searches = [f"/search?q={quote(dice.pick(topics).replace('-', ' '))}&page={1 + dice.below(3)}" for _ in range(300)]
    letters = [f"/search?q={quote(people.email[p])}" for p in anybody[::2][:150]]
    forms = [f"/forms/leave?user={people.email[p]}&step=2" for p in anybody[1::2][:150]]
    news = [path for path in paths if path.startswith("/news/")]
    yes, no = ([f"/feedback/{word}?page={quote(dice.pick(news))}" for _ in range(60)] for word in ("yes", "no"))
    linked = [f"{dice.pick(news)}?utm_campaign={name}" for name in CAMPAIGNS for _ in range(5)]
    kinds = [PAGE] * len(paths)
    for more, share, kind in (
        (profiles, 0.02, PAGE), (searches, 0.06, SEARCH), (letters, 0.005, SEARCH), (forms, 0.005, PAGE),
        (yes, 0.008, USEFUL), (no, 0.004, NOT_USEFUL), (linked, 0.01, CAMPAIGN),
    ):  # fmt: skip
        paths += more
        weight += [share * usual / len(more)] * len(more)
        kinds += [kind] * len(more)
    return paths, np.array(weight), np.array(kinds)
