"""The staff network on the wire: messages, users and groups with the keys of recorded REST v1 payloads.

Belongs here: the JSON of one record. Does not: pages and tokens (vendors.py), or what is said (network.py).
Recorded shapes: yammer/yam and spring-social-yammer fixtures. Times are "2013/03/13 21:08:48 +0000", some booleans are
strings, `liked_by.names` is a sample, `body.parsed` holds `[[user:ID]]` where `body.plain` holds the name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from typing import Any

import numpy as np

from pipeline.simulate import jsonl
from pipeline.simulate.department import Dice, Ints
from pipeline.simulate.faults import kept, repeated
from pipeline.simulate.names import FIRST, GRADES, LAST, LOCATIONS
from pipeline.simulate.network import BOT, GUEST, GUESTS, Message, Network
from pipeline.simulate.organisation import plain
from pipeline.simulate.spread import World

NETWORK_ID, BOT_ID = 15488, 1_499_000_001
WEB = "https://www.yammer.com/coastal.gov.example"
API = "https://www.yammer.com/api/v1"


def stamp(instant: int) -> str:
    """A UTC second as the network writes it."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y/%m/%d %H:%M:%S +0000")


def user_id(sender: int) -> int:
    """The network's number of a person, a guest or the bot."""
    if sender == BOT:
        return BOT_ID
    return 1_500_000_000 + 37 * sender if sender >= 0 else 1_499_500_000 - sender


def message_days(world: World, network: Network) -> Ints:
    """The local day number of each message."""
    at = np.array([message.at for message in network.messages], dtype=np.int64)
    return world.clock.day(at)


def message_lines(world: World, network: Network) -> Iterator[tuple[int, str]]:
    """One JSON object a message with its day number, ids ascending; `id`, `sender_id` and `group_id` come first."""
    department = world.department
    dice = Dice(department.chance("yammer"))
    names = world.people.name
    days = message_days(world, network)
    stays = kept(department, "network", days).tolist()
    lines = (
        (day, jsonl.line(_message(network, number, message, names, dice)))
        for number, (message, day) in enumerate(zip(network.messages, days.tolist(), strict=True))
        if stays[number]
    )
    yield from repeated(department, "messages", lines)


def _message(network: Network, number: int, message: Message, names: Any, dice: Dice) -> dict[str, Any]:
    group = network.groups[message.group] if message.group >= 0 else None
    direct = message.kind == "direct"
    text, parsed, rich = _body(message, names)
    liked = [dice.below(len(network.accounts)) for _ in range(min(message.likes, 2))]
    starter = network.messages[message.thread].id
    body: dict[str, Any] = {"parsed": parsed, "plain": text, "rich": rich}
    urls = [word for word in text.split() if word.startswith("https://")]
    payload: dict[str, Any] = {
        "id": message.id, "sender_id": user_id(message.sender), "group_id": group.id if group else None,
        "replied_to_id": network.messages[message.reply_to].id if message.reply_to >= 0 else None,
        "thread_id": starter, "network_id": NETWORK_ID,
        "sender_type": "bot" if message.kind == "bot" else "user",
        "message_type": _type(message), "system_message": message.kind == "system", "direct_message": direct,
        "privacy": "private" if direct or (group and group.private) else "public",
        "created_at": stamp(message.at),
        "url": f"{API}/messages/{message.id}", "web_url": f"{WEB}/messages/{message.id}",
        "client_url": "https://www.yammer.com/", "client_type": "Mobile" if message.id % 5 == 0 else "Web",
        "chat_client_sequence": None, "content_excerpt": text[:140],
        "body": {"urls": urls, **body} if urls else body,
        "liked_by": {
            "count": message.likes,
            "names": [{"full_name": names(p), "permalink": plain(names(p)), "user_id": user_id(p)} for p in liked],
        },
        "attachments": [],
    }  # fmt: skip
    if direct:
        payload["conversation_id"] = 324_000 + message.thread
        if number % 2:
            del payload["group_id"]
    return payload


def _type(message: Message) -> str:
    if message.kind == "system":
        return "system"
    return "announcement" if message.said.purpose == "announcement" else "update"


def _body(message: Message, names: Any) -> tuple[str, str, str]:
    """Plain, parsed and rich text; a mention leads the text, as most people write it."""
    text = message.said.text
    rich = escape(text)
    if message.mention < 0:
        return text, text, rich
    name, user = names(message.mention), user_id(message.mention)
    link = f'<a href="{WEB}/users/{user}" data-user-id="{user}">{escape(name)}</a>'
    return f"@{name} {text}", f"[[user:{user}]] {text}", f"{link} {rich}"


def unknown_accounts(world: World) -> list[bool]:
    """For everybody, whether their account has an e-mail address that the directory does not know."""
    rng = world.department.chance("identity mismatches")
    return [bool(one) for one in rng.random(len(world.people)) < world.department.faults.mismatches]


def user_lines(world: World, network: Network) -> Iterator[str]:
    """One JSON object an account: staff with an account, leavers' closed ones, and guests nobody's directory knows."""
    people, department = world.people, world.department
    dice = Dice(department.chance("yammer users"))
    mismatched = unknown_accounts(world)
    posts = [0] * len(people)
    for message in network.messages:
        if message.sender >= 0:
            posts[message.sender] += 1
    for p in range(len(people)):
        if not network.accounts[p]:
            continue
        address = people.email[p]
        if mismatched[p]:
            address = f"{people.login[p]}@old.coastal.gov.example"
        elif dice.roll() < 0.05:
            address = ".".join(part.capitalize() for part in address.split("."))
        closed = int(people.left[p]) < department.days
        user = _user((people.first[p], people.last[p]), user_id(p), address, people.login[p], dice)
        user["stats"]["updates"] = posts[p]
        user["state"] = "soft_delete" if closed else "active"
        user["job_title"] = GRADES[people.grade[p]] if dice.roll() < 0.7 else None
        user["location"] = LOCATIONS[people.location[p]] if dice.roll() < 0.6 else ""
        user["department"] = people.team_names[people.team[p]] if dice.roll() < 0.5 else None
        user["contact"]["phone_numbers"] = [{"number": people.phone[p], "type": "work"}] if dice.roll() < 0.4 else []
        yield jsonl.line(user)
    for n in range(GUESTS):
        first, last = dice.pick(FIRST), dice.pick(LAST)
        permalink = f"{plain(first)}-{plain(last)}-guest"
        address = f"{plain(first)}.{plain(last)}@supplier.example"
        user = _user((first, last), user_id(GUEST - n), address, permalink, dice)
        yield jsonl.line(user)


def _user(name: tuple[str, str], number: int, address: str, permalink: str, dice: Dice) -> dict[str, Any]:
    first, last = name
    since = f"202{dice.below(5)}/0{1 + dice.below(9)}/12 09:17:02 +0000"
    picture = f"https://mug0.assets-yammer.com/mugshot/images/48x48/{number:x}"
    return {
        "id": number, "type": "user", "name": permalink, "full_name": f"{first} {last}", "first_name": first,
        "last_name": last, "state": "active", "activated_at": since,
        "job_title": None, "location": "", "department": None,
        "contact": {
            "email_addresses": [{"type": "primary", "address": address}], "phone_numbers": [],
            "im": {"provider": "", "username": ""}, "has_fake_email": False,
        },
        "stats": {"followers": dice.below(60), "following": dice.below(80), "updates": 0},
        "url": f"{API}/users/{number}", "web_url": f"{WEB}/users/{permalink}", "mugshot_url": picture,
        "mugshot_url_template": picture.replace("48x48", "{width}x{height}"),
        "admin": "false", "verified_admin": "false", "can_broadcast": "false", "guid": None, "network_id": NETWORK_ID,
        "network_name": "Coastal Services", "network_domains": ["coastal.gov.example"], "timezone": "London",
        "birth_date": "", "hire_date": None, "expertise": "", "interests": "", "kids_names": "",
        "significant_other": "", "summary": "", "schools": [], "previous_companies": [], "external_urls": [],
    }  # fmt: skip


def group_lines(network: Network) -> Iterator[str]:
    """One JSON object a group; private groups are listed with their privacy."""
    last: dict[int, Message] = {}
    count: dict[int, int] = {}
    for message in network.messages:
        last[message.group] = message
        count[message.group] = count.get(message.group, 0) + 1
    for number, group in enumerate(network.groups):
        permalink = plain(group.name.replace(" ", "-"))
        newest = last.get(number)
        payload = {
            "id": group.id, "type": "group", "name": permalink, "full_name": group.name, "description": "",
            "privacy": "private" if group.private else "public", "created_at": "2019/02/18 22:34:19 +0000",
            "stats": {
                "members": 12 + 31 * (number % 9), "updates": count.get(number, 0),
                "last_message_id": newest.id if newest else None,
                "last_message_at": stamp(newest.at) if newest else None,
            },
            "url": f"{API}/groups/{group.id}", "web_url": f"{WEB}/groups/{permalink}",
            "mugshot_url": "https://mug0.assets-yammer.com/images/group_profile_small.gif",
        }  # fmt: skip
        yield jsonl.line(payload)
