"""Tokens for a service account of Google, from the key that its console hands out as JSON.

Belongs here: signing in. Does not: what is asked with the token (report.py).
Source: developers.google.com/identity/protocols/oauth2/service-account.
"""

import json
from collections.abc import Callable
from functools import partial

from pipeline.connector import Fatal, Retry, SecretStr

SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
SECONDS = 30.0
WRONG = "service_account is not a key of a service account: give the whole JSON file that Google's console made"


def sign_in(service_account: SecretStr, *, plain: bool, ca_bundle: str = "") -> Callable[[], SecretStr]:
    """A function that gives a new token each time it is asked. `plain`: the API itself is asked without TLS, on one's own
    machine, and so may be the address that the key names for tokens.

    Its errors: Fatal where the key is none, or is not accepted; Retry where Google cannot be reached.
    """

    def token() -> SecretStr:
        import requests  # with the library half a second to import, and only this plug-in needs it
        from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
        from google.auth.transport.requests import Request
        from google.oauth2.service_account import Credentials

        fault: Fatal | Retry | None = None
        try:
            info = json.loads(service_account.get_secret_value())
            where = info["token_uri"]
            if not where.startswith("https://" if not plain else ("https://", "http://")):
                raise Fatal("service_account: its token_uri is not https: get the key from Google's console again")
            credentials = Credentials.from_service_account_info(info, scopes=[SCOPE])  # type: ignore[no-untyped-call]
            session = requests.Session()
            session.verify = ca_bundle or True
            credentials.refresh(partial(Request(session), timeout=SECONDS))
        except TransportError as error:
            fault = Retry(f"Google's sign-in cannot be reached ({type(error).__name__})")
        except RefreshError as error:
            again = bool(error.retryable)
            fault = (
                Retry("Google's sign-in fails for now")
                if again
                else Fatal("Google does not accept the service account: see that it exists, its key is valid and the clock right")
            )
        except (GoogleAuthError, ValueError, KeyError, TypeError, AttributeError):
            fault = Fatal(WRONG)
        # Raised out here: the library's own errors may hold what was sent.
        if fault:
            raise fault
        if not isinstance(credentials.token, str):
            raise Fatal("Google's sign-in gave no token: see that the service account may use the Analytics Data API")
        return SecretStr(credentials.token)

    return token
