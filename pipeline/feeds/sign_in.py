"""Tokens from an OAuth 2.0 authority of Microsoft's kind, renewed when they are about to end or are refused.

Belongs here: asking for a token. Does not: sending it (http_credentials.py), or which scope a feed needs (plugins/).
Source: learn.microsoft.com/entra/identity-platform (client credentials; resource owner password credentials).
"""

from __future__ import annotations

from collections.abc import Callable

import requests
from pydantic import SecretStr

from pipeline.problems import Fatal, Retry

SECONDS = 30.0


def sign_in(
    authority: str, client_id: str, scope: str, *, client_secret: SecretStr | None = None, username: str = "",
    password: SecretStr | None = None, ca_bundle: str = "",
) -> Callable[[], SecretStr]:  # fmt: skip
    """A function that gives a token each time it is asked, for the `token=` of Http.

    With a `username` in that person's name (delegated), else in the application's own. A second call asks the authority
    anew: Http calls again only after a 401. Its errors: Fatal with the authority's short error code, never its text,
    which names accounts; Retry where the authority cannot be reached.
    """

    def token() -> SecretStr:
        import msal  # half a second to import, and most connectors need none of it

        session = requests.Session()
        session.verify = ca_bundle or True
        kind, secret = msal.PublicClientApplication, {}
        if client_secret is not None:
            kind, secret = msal.ConfidentialClientApplication, {"client_credential": client_secret.get_secret_value()}
        reason = ""
        try:
            known = authority.startswith("https://login.microsoftonline.")
            app = kind(client_id, authority=authority, http_client=_Timed(session), instance_discovery=known or False, **secret)
            if username and password is not None:
                answer = app.acquire_token_by_username_password(username, password.get_secret_value(), scopes=[scope])
            else:
                answer = app.acquire_token_for_client(scopes=[scope])
        except (requests.RequestException, OSError) as error:
            reason = type(error).__name__
        except ValueError:
            raise Fatal("authority is not one that can be signed in at: write https://login.microsoftonline.com/TENANT") from None
        # Raised out here: the library's own error holds the request with the secret in it.
        if reason:
            raise Retry(f"the sign-in authority cannot be reached ({reason})")
        if "access_token" not in answer:
            code = str(answer.get("error", "no reason given"))
            raise Fatal(f"no token could be had ({code}): check client, secret, consent and scope")
        return SecretStr(answer["access_token"])

    return token


class _Timed:
    """The library's HTTP client with an end to its patience."""

    def __init__(self, session: requests.Session) -> None:
        self._session = session

    def post(self, url: str, **kwargs: object) -> requests.Response:
        """One POST."""
        return self._session.post(url, timeout=SECONDS, **kwargs)  # type: ignore[arg-type]

    def get(self, url: str, **kwargs: object) -> requests.Response:
        """One GET."""
        return self._session.get(url, timeout=SECONDS, **kwargs)  # type: ignore[arg-type]

    def close(self) -> None:
        """End its connections."""
        self._session.close()
