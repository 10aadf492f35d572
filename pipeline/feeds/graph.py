"""Microsoft Graph: settings that its feeds share, pages of a collection, reports behind a redirect, concealed names.

Belongs here: what is the same for every collection and report. Does not: any one of them (plugins/).
Sources: learn.microsoft.com/graph/paging, /graph/api/resources/report, /graph/api/resources/adminreportsettings.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from pipeline.feeds.sign_in import sign_in
from pipeline.feeds.tables import Sheet, sheet
from pipeline.fields import Glob
from pipeline.http import Http
from pipeline.problems import Fatal

SCOPE = "https://graph.microsoft.com/.default"
REPORT_HOSTS = (".office.com", ".office365.com", ".microsoft.com")  # where reports are handed out
CONCEALED = re.compile(r"[0-9A-Fa-f]{32}")


class MicrosoftSettings(BaseModel):
    """Settings of a connector to Microsoft Graph; put it before Connector among the bases."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    graph_url: str = Field(default="https://graph.microsoft.com/v1.0", description="root and version of Graph")
    tenant: str = Field(default="", description="tenant id or domain to sign in at; or give a token")
    authority: str = Field(default="https://login.microsoftonline.com", description="where to sign in, without the tenant")
    client_id: str = Field(default="", description="application that signs in")
    client_secret: SecretStr | None = Field(default=None, description="secret of that application")
    token: SecretStr | None = Field(default=None, description="a token, for a trial: it ends within the hour")
    report_hosts: list[str] = Field(default=list(REPORT_HOSTS), description="where Graph may send us to fetch a report")
    ca_bundle: Glob = Field(default="", description="file of certificate authorities, where the system's do not do")

    def graph(self) -> Graph:
        """A connection with these settings. Raises Fatal where nothing says who signs in."""
        token: SecretStr | Callable[[], SecretStr] | None = self.token
        if token is None:
            if not (self.tenant and self.client_id and self.client_secret):
                raise Fatal("Graph: set tenant, client_id and the secret client_secret; for a trial the secret token")
            where = f"{self.authority.rstrip('/')}/{self.tenant}"
            token = sign_in(where, self.client_id, SCOPE, client_secret=self.client_secret, ca_bundle=self.ca_bundle)
        http = Http(self.graph_url, token=token, allow_hosts=self.report_hosts, ca_bundle=self.ca_bundle or None)
        return Graph(http, self.graph_url)


class Graph:
    """One tenant's Graph."""

    def __init__(self, http: Http, url: str) -> None:
        self.http = http
        self._root = "/" + url.split("://", 1)[-1].rstrip("/").partition("/")[2]

    def pages(self, path: str, params: Mapping[str, Any] | None = None) -> Iterator[tuple[list[Any], Mapping[str, Any]]]:
        """(rows, whole body) of each page of a collection. Raises Fatal where an answer has no list called `value`."""
        for body in self.http.pages(path, next=self.following, **dict(params or {})):
            rows = body.get("value") if isinstance(body, Mapping) else None
            if not isinstance(rows, list):
                raise Fatal(f"{path.partition('?')[0]}: the answer has no list called 'value': Graph has changed its format")
            yield rows, body

    def following(self, body: Any) -> str | None:
        """The link to the next page. Documented ones may start with a slash and still mean: below the version."""
        link = body.get("@odata.nextLink") if isinstance(body, Mapping) else None
        if not isinstance(link, str):
            return None
        return link.lstrip("/") if link.startswith("/") and not link.startswith(f"{self._root}/") else link

    def report(self, path: str, name: str) -> Sheet:
        """A report as a table. Graph answers 302 to an address that is good for minutes and takes no credentials."""
        return sheet(io.BytesIO(self.http.text(path).encode()), name)


def concealed(name: str | None) -> bool:
    """Whether a report hides who this is: the tenant's displayConcealedNames turns every name into 32 hex digits."""
    return bool(name and CONCEALED.fullmatch(name.strip()))
