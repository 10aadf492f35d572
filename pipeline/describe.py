"""Write what a plug-in declares into its README: settings, streams, fields with their privacy class.

Belongs here: the two generated blocks of plugins/<name>/README.md, and the check that they are still true.
Does not: what people write around them (which right is needed, the vendor's limits, what it cannot see).
"""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from pipeline import cards
from pipeline.connector import Connector, Stream
from pipeline.discovery import Plugin, load_plugin
from pipeline.fields import Privacy
from pipeline.places import shipped

HEADINGS = ("What it reads", "Settings", "Streams", "Scopes", "Limits", "What it cannot see")
BLOCKS = ("settings", "streams")
LANDS = {
    "person": "pseudonym", "label": "text, less whatever looks like a person", "id": "identifier",
    "prose": "prose: apart, stripped of names, until it expires",
}  # fmt: skip
KINDS: dict[Any, str] = {
    str: "text", int: "whole number", float: "number", bool: "yes or no", datetime: "moment (UTC)", date: "day",
}  # fmt: skip


def readme(plugin: Plugin, text: str) -> str:
    """The README with its generated blocks made anew. Raises ValueError where a block has no place in it."""
    made = {"settings": settings_of(plugin.name, plugin.connector), "streams": streams_of(plugin.connector.streams())}
    for block in BLOCKS:
        place = re.compile(rf"<!-- {block} -->\n.*?<!-- /{block} -->", re.DOTALL)
        if not place.search(text):
            raise ValueError(f"{plugin.name}/README.md has no place for its {block}: add <!-- {block} --> and <!-- /{block} -->")
        whole = f"<!-- {block} -->\n{made[block]}\n<!-- /{block} -->"
        text = place.sub(lambda _, whole=whole: whole, text)  # type: ignore[misc]
    return text


def settings_of(name: str, connector: type[Connector]) -> str:
    """A table of every setting, and where its secrets come from."""
    secrets = connector.secrets()
    rows = [
        f"| `{field}` | {_default(info)} | {'secret: ' if field in secrets else ''}{_cell(info.description or '')} |"
        for field, info in connector.model_fields.items()
    ]
    table = ["| setting | default | meaning |", "|---|---|---|", *rows]
    if secrets:
        variable = f"TIDEMARK_{name}_{secrets[0]}".upper()
        from_where = f"`{variable}`, from the file that `{variable}_FILE` or the setting `{secrets[0]}_file` names"
        table += ["", f"A secret never stands in tidemark.toml: it comes from the environment, here {from_where}."]
    return "\n".join(table)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "needed"
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined or value is None or value == "":
        return ""
    if isinstance(value, list | tuple | dict):
        return ", ".join(f"`{one}`" for one in value) or "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def streams_of(streams: Iterable[Stream]) -> str:
    """A section for every stream."""
    return "\n\n".join(_stream(stream) for stream in streams)


def _stream(stream: Stream) -> str:
    first = stream.doc.splitlines()[0] if stream.doc else ""
    record = (stream.record.__doc__ or "").strip().splitlines()[0]
    rows = [f"| `{name}` | {_lands(stream, name, privacy)} |" for name, privacy in stream.fields().items()]
    proves = " Known up to its newest record: a night without a new export says nothing of later days." if stream.exported else ""
    return "\n".join([
        f"### {stream.name}", "", f"{first} {_kind(stream)}{proves}", "", f"A row: {record}", "",
        "| field | lands as |", "|---|---|", *rows,
    ])  # fmt: skip


def _kind(stream: Stream) -> str:
    if stream.kind == "keyed":
        newest = f"the greatest `{stream.version}`" if stream.version else "the one read last"
        gone = f"; `{stream.tombstone}` says that it is gone" if stream.tombstone else ""
        return f"Keyed by {_names(stream.key)}: of each key {newest} holds{gone}."
    if stream.kind == "snapshot":
        return f"A snapshot by {_names(stream.key)}: each set that differs is kept with its dates."
    again = f", the last {stream.lookback.days} of them again each night" if stream.lookback else ""
    by_day = f"By the day: a day is replaced whole{again}."
    return by_day if stream.unit == "day" else "By the file or export: each is replaced whole."


def _names(fields: Iterable[str]) -> str:
    return ", ".join(f"`{field}`" for field in fields)


def _lands(stream: Stream, name: str, privacy: Privacy | None) -> str:
    if privacy is None:
        return _plain_kind(stream.record.model_fields[name].annotation)
    if privacy.kind == "person":
        return f"{LANDS['person']} (`{privacy.namespace}`)"
    return LANDS["id" if privacy.namespace == "id" else privacy.kind]


def _plain_kind(annotation: Any) -> str:
    if get_origin(annotation) in (Union, types.UnionType):
        return " or ".join(_plain_kind(part) for part in get_args(annotation) if part is not type(None))
    if get_origin(annotation) is list:
        return f"list of {_plain_kind(get_args(annotation)[0])}s"
    if get_origin(annotation) is Literal:
        return "one of " + ", ".join(map(str, get_args(annotation)))
    if hasattr(annotation, "__metadata__"):
        return _plain_kind(annotation.__origin__)
    return KINDS.get(annotation, str(getattr(annotation, "__name__", annotation)))


def faults(plugin: Plugin) -> list[str]:
    """What is wrong with a plug-in's README, in words: nothing where it is as it should be."""
    path = plugin.folder / "README.md"
    if not path.is_file():
        return [f"{plugin.name} has no README.md"]
    text = path.read_text("utf-8")
    found = re.findall(r"^## (.+)$", text, re.MULTILINE)
    wrong = [] if found == list(HEADINGS) else [f"{plugin.name}/README.md has the headings {found}, they are {list(HEADINGS)}"]
    empty = [h for h in HEADINGS if not re.search(rf"^## {h}\n+(?!## )\S", text, re.MULTILINE)]
    wrong += [f"{plugin.name}/README.md says nothing under {h}" for h in empty]
    try:
        if readme(plugin, text) != text:
            wrong.append(f"{plugin.name}/README.md is not what the plug-in declares: run `make docs`")
    except ValueError as error:
        wrong.append(str(error))
    return wrong


def main(folder: Path | None = None) -> int:
    """Make docs/metrics.md and the generated blocks of every plug-in's README anew; 1 where one has no place for them."""
    cards.write()
    wrong = []
    for path in sorted((folder or shipped("plugins")).glob("*/connector.py")):
        page = path.parent / "README.md"
        try:
            page.write_text(readme(load_plugin(path.parent), page.read_text("utf-8")), "utf-8")
        except (OSError, ValueError) as error:
            wrong.append(f"{path.parent.name}: {error}")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
