"""What proves who we are is shown to nobody: not in errors or those behind them, not in logs, in no form."""

from __future__ import annotations

import base64
import logging
import traceback
from collections.abc import Callable
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from pipeline.connector import Fatal, Http, SourceError
from tests.loopback import answer, serving

TOKEN = "s3cret/token+of=ours"


def told(error: BaseException) -> str:
    """All that an error and the errors behind it could ever say."""
    behind = [error.__cause__, error.__context__]
    return "".join(traceback.format_exception(error)) + repr(error) + "".join(told(e) for e in behind if e)


FORMS = [TOKEN, quote(TOKEN), quote(TOKEN, safe=""), base64.b64encode(TOKEN.encode()).decode()]


@pytest.mark.parametrize("form", FORMS, ids=["plain", "quoted", "all quoted", "base64"])
@pytest.mark.parametrize(
    "fault",
    [lambda f: answer(status=302, Location=f"http://other.example/{f}"), lambda f: answer({"next": f"/x/{f}?{f}"}),
     lambda f: answer(status=500, raw=f.encode(), X_Echo=f), lambda f: answer(raw=f.encode()),
     lambda f: b"HTTP/1.1 " + f.encode()],
    ids=["redirect", "next link", "echo in 500", "echo as body", "echo as status"],
)  # fmt: skip
def test_no_error_or_log_shows_the_token_in_any_form(
    fault: Callable[[str], bytes], form: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with serving(fault(form), answer(status=404)) as server:
        api = Http(server.url, token=SecretStr(TOKEN), headers={"X-Key": SecretStr(TOKEN)}, attempts=1)
        with pytest.raises(SourceError) as met:
            list(api.pages("m"))
    assert not [f for f in FORMS if f in told(met.value) + repr(api)]
    assert not [f for f in FORMS if f in caplog.text]


def test_a_token_that_no_header_can_hold_is_not_shown() -> None:
    with serving(answer(1)) as server:
        for broken in (f"{TOKEN}\nX: y", f"{TOKEN}\u2603"):
            with pytest.raises(Fatal, match="cannot be written") as met:
                Http(server.url, token=SecretStr(broken)).get("m")
            assert TOKEN not in told(met.value)
        assert server.requests == []


def test_where_no_token_can_be_had_the_reason_is_not_shown() -> None:
    def broken() -> str:
        raise ValueError(f"bad password {TOKEN}")

    with pytest.raises(Fatal, match=r"no token could be had \(ValueError\)") as met:
        Http("http://127.0.0.1:9", token=broken).get("m")
    assert TOKEN not in told(met.value)
