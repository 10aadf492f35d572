"""Tokens from an OAuth 2.0 authority of Microsoft's kind, renewed when they are about to end or are refused.

Belongs here: asking for a token. Does not: sending it (http_credentials.py), or which scope a feed needs (plugins/).
Source: learn.microsoft.com/entra/identity-platform (client credentials; resource owner password credentials).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from pipeline.fields import Glob
from pipeline.http_credentials import unsigned
from pipeline.http_faults import Cut
from pipeline.http_wire import Wire
from pipeline.problems import Fatal

SECONDS = 30.0
PASSING = ("temporarily_unavailable", "server_error")  # RFC 6749, 4.1.2.1
WHERE = "the sign-in authority"


class DelegatedSignIn(BaseModel):
    """Settings of a connector that signs in as an account; put it before Connector among the bases."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    tenant: str = Field(default="", description="tenant id or domain to sign in at; or give a token")
    authority: str = Field(default="https://login.microsoftonline.com", description="where to sign in, without the tenant")
    client_id: str = Field(default="", description="application through which the account signs in")
    client_secret: SecretStr | None = Field(default=None, description="secret of that application, where it has one")
    username: str = Field(default="", description="account that signs in; what it may read, is read")
    password: SecretStr | None = Field(default=None, description="password of that account")
    token: SecretStr | None = Field(default=None, description="a token, for a trial: it ends within the hour")
    ca_bundle: Glob = Field(default="", description="file of certificate authorities, where the system's do not do")

    def signed_in(self, scope: str) -> SecretStr | Callable[[], SecretStr]:
        """The `token=` of Http. Raises Fatal where nothing says who signs in."""
        if self.token is not None:
            return self.token
        if not (self.tenant and self.client_id and self.username and self.password):
            raise Fatal("set tenant, client_id, username and the secret password of an account; for a trial the secret token")
        return sign_in(
            f"{self.authority.rstrip('/')}/{self.tenant}", self.client_id, scope, client_secret=self.client_secret,
            username=self.username, password=self.password, ca_bundle=self.ca_bundle,
        )  # fmt: skip


def sign_in(
    authority: str, client_id: str, scope: str, *, client_secret: SecretStr | None = None, username: str = "",
    password: SecretStr | None = None, ca_bundle: str = "",
) -> Callable[[], SecretStr]:  # fmt: skip
    """A function that gives a token each time it is asked, for the `token=` of Http.

    With a `username` in that person's name (delegated), else in the application's own. A second call asks the authority
    anew: Http calls again only after a 401. Its errors: Fatal with the authority's short error code, never its text,
    which names accounts; Retry where the authority cannot be reached. No server but the authority is asked.
    """
    if (password if username else client_secret) is None:
        raise Fatal("to sign in, set the secret client_secret, or username and the secret password")

    def token() -> SecretStr:
        import msal  # half a second to import, and most connectors need none of it

        kind, secret = msal.PublicClientApplication, {}
        if client_secret is not None:
            kind, secret = msal.ConfidentialClientApplication, {"client_credential": client_secret.get_secret_value()}
        answer: Mapping[str, Any] | None = None
        try:
            client = _Authority(authority, ca_bundle)
            # Instance discovery would ask Microsoft whether it knows the authority: whoever set it knows.
            app = kind(client_id, authority=authority, http_client=client, instance_discovery=False, **secret)
            if username and password is not None:
                answer = app.acquire_token_by_username_password(username, password.get_secret_value(), scopes=[scope])
            else:
                answer = app.acquire_token_for_client(scopes=[scope])
        except (ValueError, KeyError, msal.exceptions.MsalServiceError):
            pass
        # Raised out here: the library's own errors hold the authority's text.
        if answer is None:
            raise Fatal("authority is not one that can be signed in at: write https://login.microsoftonline.com/TENANT")
        if not isinstance(found := answer.get("access_token"), str):
            code = str(answer.get("error"))
            if code in PASSING:
                raise Cut(f"{WHERE} gives no token now ({code})")
            code = code if re.fullmatch(r"[a-z_]{1,64}", code) else "no reason given"
            raise Fatal(f"no token could be had ({code}): check client, secret, consent and scope")
        return SecretStr(found)

    return token


@dataclass(frozen=True)
class _Answer:
    status_code: int
    text: str
    headers: Mapping[str, str]


class _Authority:
    """The library's HTTP client: within limits of time and size, and so that no secret goes where another server points."""

    def __init__(self, authority: str, ca_bundle: str) -> None:
        self._own = urlsplit(authority)
        if self._own.scheme != "https":
            raise ValueError("a secret is sent under TLS alone")
        self._wire = Wire(timeout=(10.0, SECONDS), max_body=1 << 20, ca_bundle=ca_bundle or None)

    def post(self, url: str, *, data: Mapping[str, Any] | str, headers: Mapping[str, str], **_: object) -> _Answer:
        """The answer to a form; to what is none, as federated sign-in sends, there is no answer."""
        return self._ask(url, headers, data)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, **_: object) -> _Answer:
        """The answer to a question."""
        return self._ask(url, headers or {})

    def close(self) -> None:
        """There is nothing to end."""

    def _ask(self, url: str, headers: Mapping[str, str], data: Mapping[str, Any] | str | None = None) -> _Answer:
        asked = urlsplit(url)
        if (asked.scheme, asked.hostname) != (self._own.scheme, self._own.hostname) or isinstance(data, str):
            raise Fatal(f"{WHERE} leads to {asked.hostname}: an account is needed that signs in at the authority itself")
        url = asked._replace(netloc=self._own.netloc).geturl()  # the library forgets the port where it asks for the realm
        sent = ("application/x-www-form-urlencoded", urlencode(data).encode()) if data else None
        reply = self._wire.send(url, WHERE, unsigned, headers, SECONDS, sent=sent, refusals=True)
        if reply.status == 429 or reply.status >= 500:
            raise Cut(f"{WHERE} answers {reply.status}")
        if 300 <= reply.status < 400:
            raise Fatal(f"{WHERE} leads elsewhere ({reply.status}): set the address that it leads to")
        # The library logs what is no JSON.
        if (sent or reply.status < 400) and not isinstance(reply.json(), dict):
            raise Fatal(f"{WHERE} does not answer as one: check its address")
        return _Answer(reply.status, reply.text(), reply.headers)
