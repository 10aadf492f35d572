"""Signing in: the secret goes to the authority that was set and nowhere else, and no error or log shows it."""

from __future__ import annotations

import logging
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr

from pipeline.connector import Fatal, Http, MicrosoftSettings, Retry, SourceError, sign_in
from pipeline.http import Refused
from tests.loopback import Script, Step, StillClock, answer, hang_up, named, serving
from tests.test_http_credentials import told

SECRET, PASSWORD, ACCOUNT = "s3cret~of.ours", "pâss word&1", "svc.harvest@harbour.example"
TEXT = f"AADSTS50034: {ACCOUNT} with {SECRET} and {PASSWORD} does not exist"
SCOPE = "https://graph.microsoft.com/.default"
WELL_KNOWN = "/harbour/v2.0/.well-known/openid-configuration"
MANAGED = answer({"ver": "1.0", "account_type": "Managed"})
Make = Callable[..., Callable[[], SecretStr]]

pytestmark = pytest.mark.filterwarnings("ignore:This API has been deprecated for public client flows:DeprecationWarning")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for loopback and for the authority that is the default; its key is beside it."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=authority", "-addext", "subjectAltName=IP:127.0.0.1,DNS:login.microsoftonline.com",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"], check=True, capture_output=True,
    )  # fmt: skip
    return folder / "certificate.pem"


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    return context


@pytest.fixture
def authority(tls: ssl.SSLContext) -> Iterator[Script]:
    with serving(context=tls) as server:
        yield server


@pytest.fixture
def as_application(authority: Script, certificate: Path) -> Make:
    def make(url: str = f"{authority.url}/harbour", **more: Any) -> Callable[[], SecretStr]:
        bundle = str(certificate)
        return sign_in(url, "app", SCOPE, **{"client_secret": SecretStr(SECRET), "ca_bundle": bundle, **more})

    return make


@pytest.fixture
def as_account(as_application: Make) -> Make:
    def make(**more: Any) -> Callable[[], SecretStr]:
        return as_application(**{"username": ACCOUNT, "password": SecretStr(PASSWORD), **more})

    return make


def config(server: Script, **more: Any) -> bytes:
    at = f"{server.url}/harbour"
    ends = {"authorization_endpoint": f"{at}/oauth2/v2.0/authorize", "token_endpoint": f"{at}/oauth2/v2.0/token", "issuer": at}
    return answer({**ends, **more})


def token(value: str = "t0ken", **more: Any) -> bytes:
    return answer({"token_type": "Bearer", "expires_in": 3599, "access_token": value, **more})


def form(server: Script, number: int = -1) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(server.bodies[number].decode()).items()}


# ------------------------------------------------------------------------------------------------------ being let in
def test_an_application_signs_in_with_its_secret(authority: Script, as_application: Make) -> None:
    authority.play(config(authority), token())
    found = as_application()()
    assert found.get_secret_value() == "t0ken"
    assert "t0ken" not in repr(found)
    assert authority.paths() == [WELL_KNOWN, "/harbour/oauth2/v2.0/token"]
    sent = form(authority)
    assert {name: sent[name] for name in ("grant_type", "client_id", "client_secret", "scope")} == {
        "grant_type": "client_credentials", "client_id": "app", "client_secret": SECRET, "scope": SCOPE,
    }  # fmt: skip
    assert SECRET not in "".join(authority.requests)


@pytest.mark.parametrize("secret", [None, SecretStr(SECRET)], ids=["public client", "confidential client"])
def test_an_account_signs_in_with_its_password(secret: SecretStr | None, authority: Script, as_account: Make) -> None:
    authority.play(config(authority), MANAGED, token())
    assert as_account(client_secret=secret)().get_secret_value() == "t0ken"
    assert authority.paths()[1].startswith("/common/userrealm/")
    sent = form(authority)
    assert (sent["grant_type"], sent["username"], sent["password"]) == ("password", ACCOUNT, PASSWORD)
    assert sent.get("client_secret") == (SECRET if secret else None)
    assert SCOPE in sent["scope"].split()


def test_each_call_asks_anew(authority: Script, as_application: Make) -> None:
    authority.play(config(authority), token("one"), config(authority), token("two"))
    ask = as_application()
    assert [ask().get_secret_value(), ask().get_secret_value()] == ["one", "two"]


def test_a_token_that_is_refused_is_asked_for_again_once(authority: Script, as_application: Make) -> None:
    authority.play(*(step for name in ("one", "two", "three") for step in (config(authority), token(name))))
    with serving(answer(1), answer(status=401), answer(2), answer(status=401)) as server:
        api = Http(server.url, token=as_application(), clock=StillClock())
        assert [api.get("a"), api.get("b")] == [1, 2]
        assert [server.header("Authorization", n) for n in range(3)] == ["Bearer one", "Bearer one", "Bearer two"]
        assert len(authority.requests) == 4
        with pytest.raises(Refused, match="renew it"):
            api.get("c")
        assert len(authority.requests) == 6


def test_graph_signs_in_with_the_settings_of_its_feeds(authority: Script, certificate: Path, tls: ssl.SSLContext) -> None:
    authority.play(config(authority), token())
    with serving(answer({"value": [1]}), context=tls) as server:
        settings = MicrosoftSettings(
            graph_url=f"{server.url}/v1.0", tenant="harbour", authority=f"{authority.url}/", client_id="app",
            client_secret=SecretStr(SECRET), ca_bundle=str(certificate),
        )  # fmt: skip
        assert [rows for rows, _ in settings.graph().pages("users")] == [[1]]
        assert server.header("Authorization") == "Bearer t0ken"
    assert (authority.paths()[0], form(authority)["scope"]) == (WELL_KNOWN, SCOPE)


@pytest.mark.parametrize("settings", [{}, {"username": ACCOUNT}, {"username": ACCOUNT, "client_secret": SecretStr(SECRET)},
                                      {"password": SecretStr(PASSWORD)}])  # fmt: skip
def test_who_has_nothing_to_show_is_told_what_to_set(settings: dict[str, Any]) -> None:
    with pytest.raises(Fatal, match="set the secret client_secret, or username and the secret password"):
        sign_in("https://127.0.0.1:9/harbour", "app", SCOPE, **settings)


# ---------------------------------------------------------------------------------------------- nobody else is asked
@pytest.mark.parametrize("who", ["as_application", "as_account"])
def test_no_host_but_the_default_authority_is_asked(
    who: str, authority: Script, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = "login.microsoftonline.com"
    at = f"https://{host}/harbour/oauth2/v2.0"
    known = config(authority, token_endpoint=f"{at}/token", authorization_endpoint=f"{at}/authorize")
    authority.play(known, *([MANAGED] if who == "as_account" else []), token())
    with named(monkeypatch, {host: authority}) as met:
        assert request.getfixturevalue(who)(url=f"https://{host}/harbour")().get_secret_value() == "t0ken"
    assert set(met) == {host}
    assert authority.header("Host") == host


@pytest.mark.parametrize("where", ["https://evil.example/token", "http://127.0.0.1/token", "//evil.example/token", "token"])
def test_a_secret_is_not_sent_where_the_authority_points(where: str, authority: Script, as_application: Make) -> None:
    authority.play(config(authority, token_endpoint=where), token())
    with pytest.raises(Fatal):
        as_application()()
    assert authority.paths() == [WELL_KNOWN]


@pytest.mark.parametrize(
    ("end", "path"),
    [("metadata_url", "/adfs/services/trust/mex"), ("active_auth_url", "/adfs/services/trust/2005/usernamemixed")],
)
def test_a_federated_account_does_not_show_its_password_elsewhere(end: str, path: str, authority: Script, as_account: Make) -> None:
    realm = {"account_type": "Federated", "federation_protocol": "WSTrust", f"federation_{end}": f"https://adfs.evil.example{path}"}
    authority.play(config(authority), answer(realm), token())
    with pytest.raises(Fatal, match=r"leads to adfs\.evil\.example: an account is needed that signs in at the authority itself"):
        as_account()()
    assert authority.bodies == [b"", b""]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("at", [0, 1])
def test_a_redirect_is_not_followed(status: int, at: int, authority: Script, as_application: Make) -> None:
    with serving(token()) as other:
        steps = [config(authority), answer(status=status, Location=f"{other.url}/{SECRET}")]
        authority.play(*steps[1 - at :])
        with pytest.raises(Fatal, match=rf"the sign-in authority leads elsewhere \({status}\)") as met:
            as_application()()
        assert other.requests == []
        assert SECRET not in told(met.value)


def test_a_netrc_file_is_never_asked(
    authority: Script, as_application: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else")
    monkeypatch.setenv("NETRC", f"{tmp_path}/netrc")
    authority.play(config(authority), token())
    as_application()()
    assert [authority.header("Authorization", n) for n in range(2)] == [None, None]


# ------------------------------------------------------------------------------------------------------ being refused
def nothing_is_shown(error: BaseException, log: str) -> bool:
    return not [word for word in (SECRET, PASSWORD, ACCOUNT, "AADSTS", "harvest", "t0ken") if word in told(error) + log]


@pytest.mark.parametrize("who", ["as_application", "as_account"])
@pytest.mark.parametrize("code", ["invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope"])
def test_the_code_of_a_refusal_is_told_and_nothing_else(
    code: str, who: str, authority: Script, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    refused = answer({"error": code, "error_description": TEXT, "error_codes": [50034]}, status=401)
    authority.play(config(authority), *([MANAGED] if who == "as_account" else []), refused)
    with pytest.raises(Fatal, match=rf"^no token could be had \({code}\): check client, secret, consent and scope$") as met:
        request.getfixturevalue(who)()()
    assert nothing_is_shown(met.value, caplog.text)


@pytest.mark.parametrize("body", [{"error": TEXT}, {"error": {"code": TEXT}}, {"access_token": None}, {"access_token": 7}, {}])
def test_an_answer_without_token_and_code_is_a_refusal(
    body: Any, authority: Script, as_application: Make, caplog: pytest.LogCaptureFixture
) -> None:
    authority.play(config(authority), answer(body, status=400))
    with pytest.raises(Fatal, match=r"no token could be had \(no reason given\)") as met:
        as_application()()
    assert nothing_is_shown(met.value, caplog.text)


@pytest.mark.parametrize(
    ("known", "answered", "kind"),
    [
        (answer({"error": "invalid_tenant", "error_description": TEXT}, status=400), None, Fatal),
        (answer(raw=TEXT.encode(), status=404), None, Fatal),
        (answer({}), None, Fatal),
        (answer([TEXT]), None, Fatal),
        (answer(raw=f"<html>{TEXT}".encode()), None, Fatal),
        (answer(raw=f'{{"issuer": "{TEXT}'.encode(), length=-1), None, Retry),
        (None, answer([TEXT]), Fatal),
        (None, answer(raw=f"<html>{TEXT}".encode(), status=403), Fatal),
        (None, answer(raw=TEXT.encode()), Retry),
        (None, answer(raw=TEXT.encode(), status=400), Retry),
        (None, answer(raw=b" " * (2 << 20)), Fatal),
    ],
    ids=["no such tenant", "nothing there", "no addresses", "list", "web page", "cut", "list for a token", "web page for a token",
         "text for a token", "text of a refusal", "huge"],
)  # fmt: skip
def test_what_is_no_authority_is_named_and_not_quoted(
    known: bytes | None, answered: bytes | None, kind: type[SourceError], authority: Script, as_application: Make,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    authority.play(*([known] if known else [config(authority), answered or b""]))
    with pytest.raises(kind, match="authority") as met:
        as_application()()
    assert nothing_is_shown(met.value, "")
    assert not [r.getMessage() for r in caplog.records if r.levelno > logging.DEBUG and "AADSTS" in r.getMessage()]


@pytest.mark.parametrize("where", ["http://127.0.0.1:9/harbour", "https://127.0.0.1:9", "https:///harbour", "harbour", "", "https://["])
def test_an_address_that_is_none_to_sign_in_at_is_refused_at_once(where: str, authority: Script, as_application: Make) -> None:
    with pytest.raises(Fatal, match="authority is not one that can be signed in at: write https://") as met:
        as_application(url=where)()
    assert nothing_is_shown(met.value, "")
    assert authority.requests == []


def test_an_authority_that_nobody_vouches_for_gets_no_secret(authority: Script, as_application: Make) -> None:
    authority.play(config(authority), token())
    with pytest.raises(Fatal, match="the sign-in authority: no trusted TLS connection"):
        as_application(ca_bundle="")()
    assert authority.requests == []


# ---------------------------------------------------------------------------------------------------------- in passing
def test_an_authority_that_is_not_there_is_tried_again_later(as_application: Make, certificate: Path) -> None:
    with pytest.raises(Retry, match="the sign-in authority: no connection, or it broke") as met:
        as_application(url="https://127.0.0.1:9/harbour")()
    assert nothing_is_shown(met.value, "")


@pytest.mark.parametrize("at", [0, 1], ids=["addresses", "token"])
@pytest.mark.parametrize(
    "fault",
    [answer(status=500), answer({"error": "temporarily_unavailable"}, status=503), answer(status=429, Retry_After="9"), hang_up,
     answer({"error": "x" * 99})[:-9]],
    ids=["500", "503", "429", "hang up", "cut"],
)  # fmt: skip
def test_a_fault_in_passing_is_tried_again_later(fault: Step, at: int, authority: Script, as_application: Make) -> None:
    steps = [config(authority), token()]
    authority.play(*steps[:at], fault, *steps)
    ask = as_application()
    with pytest.raises(Retry, match="the sign-in authority"):
        ask()
    assert ask().get_secret_value() == "t0ken"


@pytest.mark.parametrize("code", ["temporarily_unavailable", "server_error"])
def test_a_refusal_that_passes_is_tried_again_later(code: str, authority: Script, as_application: Make) -> None:
    authority.play(config(authority), answer({"error": code}, status=400))
    with pytest.raises(Retry, match=rf"the sign-in authority gives no token now \({code}\)"):
        as_application()()


def test_a_connection_waits_for_an_authority_that_fails_in_passing(authority: Script, as_application: Make) -> None:
    authority.play(answer(status=503), hang_up, config(authority), answer(status=429), config(authority), token())
    clock = StillClock()
    with serving(answer(1)) as server:
        assert Http(server.url, token=as_application(), clock=clock).get("m") == 1
    assert len(clock.slept) == 3
