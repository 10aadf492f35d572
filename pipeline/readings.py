"""Read prose that has no reading yet: language, tone, themes, question. Readings outlive the text; the text expires.

Belongs here: which texts are unread, and landing what was read. Does not: how a text is read (text.py).
"""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pyarrow as pa

from pipeline import text
from pipeline.connector import Stream
from pipeline.landing.manifest import Account, Manifest
from pipeline.landing.store import Store
from pipeline.landing.tables import READINGS, readings_of

SCHEMA_NUMBER = 1


def read_new(store: Store, connector: str, stream: Stream, as_of: date, themes: text.ThemeList | None = None) -> Account:
    """Land a reading of every text of this stream that has none by the scorer and the list of themes in force.

    `themes` is the list that ships unless told. An identical re-run lands nothing; readings of before there were themes
    have none, and their texts are read anew while they are kept.
    """
    prose = store.stream(connector, stream.name)
    own = store.stream(connector, readings_of(stream.name))
    files = prose.prose_files()
    if not files:
        return Account()
    listed = themes or text.read_themes()
    with own.lock(), duckdb.connect() as con:
        known = """select null::blob as _key, null::varchar as field, null::blob as digest, null::varchar as scorer,
                          null::varchar as theme_list where false"""
        if done := own.row_files():
            known += " union all by name select * from read_parquet($done, union_by_name = true)"
        unread = con.sql(
            f"""select distinct _key, field, digest, text from read_parquet($files) as p
                where not exists (from ({known}) as k where k._key = p._key and k.field = p.field
                                  and k.digest = p.digest and k.scorer = $scorer and k.theme_list = $theme_list)
                order by _key, field, digest""",
            params={"files": files, "scorer": text.scorer_version(), "theme_list": listed.version}
            | ({"done": done} if done else {}),
        ).to_arrow_table()
        if not unread.num_rows:
            return Account()
        seq = own.next_seq()
        read = text.read(unread.column("text").to_pylist(), themes=listed)
        table = pa.table({
            "_key": unread.column("_key"), "field": unread.column("field"), "digest": unread.column("digest"),
            "language": pa.array([r.language for r in read], pa.string()),
            "tone": pa.array([r.tone for r in read], pa.float64()),
            "is_question": pa.array([r.is_question for r in read], pa.bool_()),
            "words": pa.array([r.words for r in read], pa.int32()),
            "scorer": pa.array([r.scorer for r in read], pa.string()),
            "_batch": pa.array([seq] * len(read), pa.int32()),
            "themes": pa.array([r.themes for r in read], pa.list_(pa.string())),
            "theme_list": pa.array([listed.version] * len(read), pa.string()),
        }).select(list(READINGS))  # fmt: skip
        account = Account(read=len(read), landed=len(read))
        own.commit(
            Manifest(connector=connector, stream=own.stream, kind="keyed", seq=seq, schema_number=SCHEMA_NUMBER,
                     connector_version=text.scorer_version(), as_of=as_of, complete=True, account=account),
            table, None,
        )  # fmt: skip
        return account


def expire(store: Store, as_of: date, retention_days: int) -> int:
    """Unlink prose that is older than the retention, and all that was kept for this night only; says how many files."""
    oldest = as_of - timedelta(days=retention_days)
    store.forget_private()
    return sum(stream.expire_prose(oldest) for stream in store.streams())
