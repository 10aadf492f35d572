"""What proves who we are to one server: added to a request at the last moment, renewed once, shown to nobody.

Belongs here: token, password, secret headers, and hiding them in whatever form they come back.
Does not: which server may see them (http.py), or where they are kept (settings).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote, quote_plus

import requests
from pydantic import SecretStr
from requests.auth import HTTPBasicAuth

from pipeline.problems import Fatal, SourceError

Token = SecretStr | Callable[[], str | SecretStr] | None
Sign = Callable[[requests.PreparedRequest], requests.PreparedRequest]


class Credentials:
    """A token, or a user and password, and headers of which some may be secret."""

    def __init__(
        self, token: Token, auth: tuple[str, SecretStr] | None, headers: Mapping[str, str | SecretStr]
    ) -> None:
        self._source = token if callable(token) else None
        self._bearer = token if isinstance(token, SecretStr) else None
        self._auth, self._headers = auth, dict(headers)

    def renew(self) -> bool:
        """Forget the token so that the next request asks for another; False where there is nobody to ask."""
        if self._source is None:
            return False
        self._bearer = None
        return True

    def headers(self) -> dict[str, str]:
        """The headers as they go out: never log them."""
        return {name: _plain(value) for name, value in self._headers.items()}

    def sign(self) -> Sign:
        """What writes the Authorization header into one request. Raises Fatal where no token can be had."""
        if self._bearer is None and self._source is not None:
            self._bearer = self._acquire(self._source)
        bearer, basic = self._bearer, self._auth

        def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
            if bearer is not None:
                request.headers["Authorization"] = f"Bearer {bearer.get_secret_value().strip()}"
            elif basic is not None:
                HTTPBasicAuth(basic[0].encode(), basic[1].get_secret_value().encode())(request)
            return request

        return sign

    def hide(self, text: str) -> str:
        """The text with every form of every secret struck out, longest first."""
        found = [value for value in (self._bearer, *self._headers.values()) if isinstance(value, SecretStr)]
        plain = [secret.get_secret_value().strip() for secret in found]
        if self._auth:
            user, password = self._auth[0], self._auth[1].get_secret_value()
            plain += [password, f"{user}:{password}"]
        for form in sorted({form for secret in plain if secret for form in _forms(secret)}, key=len, reverse=True):
            text = text.replace(form, "[secret]")
        return text

    @staticmethod
    def _acquire(source: Callable[[], str | SecretStr]) -> SecretStr:
        kind = ""
        try:
            return SecretStr(_plain(source()))
        except SourceError:
            raise
        except Exception as error:
            kind = type(error).__name__
        # Raised out here, so that it does not carry an error which may hold the secret.
        raise Fatal(f"no token could be had ({kind})")


def unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stands where credentials would: with nothing there requests looks into ~/.netrc."""
    return request


def _forms(secret: str) -> Iterator[str]:
    raw = secret.encode()
    for packed in (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()):
        yield from (packed, packed.rstrip("="), quote(packed, safe=""))
    yield from (secret, quote(secret), quote(secret, safe=""), quote_plus(secret))


def _plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
