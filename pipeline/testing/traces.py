"""What a source has said and what a landing holds, as text: for rules that look for words in either.

Belongs here: unpacking and decoding, so that a word is found whatever it lies in. Does not: which words (rules_*.py).
"""

from __future__ import annotations

import bz2
import gzip
import html
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pyarrow.parquet as pq

from pipeline.testing.bench import Bench, Pulled
from pipeline.testing.sample import Answer, Asked


def listened(b: Bench) -> tuple[Pulled, str]:
    """A pull, and whatever the source said in it or has in its files, in lower case."""
    heard = [path.read_bytes() for path in sorted(b.files.rglob("*")) if path.is_file()]

    def listening(number: int, asked: Asked, honest: Callable[[], Answer]) -> Answer:
        answer = honest()
        heard.append(answer.content)
        return answer

    pulled = b.pull(listening)
    return pulled, "\n".join(_text(content) for content in heard).lower()


def _text(content: bytes) -> str:
    if content[:2] == b"\x1f\x8b":
        return _text(gzip.decompress(content))
    if content[:3] == b"BZh":
        return _text(bz2.decompress(content))
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as found:
            return "\n".join(_text(found.read(info)) for info in found.infolist())
    text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    try:
        text += json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        text += "".join(_lines(text))
    return f"{text}\n{html.unescape(unquote_plus(text))}"


def _lines(text: str) -> Iterator[str]:
    """JSON a line, with its escapes undone."""
    for line in text.splitlines():
        if line.startswith("{"):
            try:
                yield json.dumps(json.loads(line), ensure_ascii=False)
            except ValueError:
                continue


def landed(home: Path) -> Iterator[tuple[Path, str]]:
    """Every text in the files below a landing, with its file; the cells of tables one by one."""
    for path in sorted(p for p in home.rglob("*") if p.is_file()):
        if path.suffix == ".parquet":
            for column in pq.read_table(path).columns:
                for value in column.to_pylist():
                    yield from ((path, text) for text in _cells(value))
        else:
            yield path, path.read_bytes().decode("utf-8", "replace")


def _cells(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
    elif isinstance(value, list):
        for one in value:
            yield from _cells(one)
