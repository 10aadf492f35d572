"""Microsoft Graph: every page of a collection, a report wherever it is handed out, and who signs in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from pipeline.connector import Fatal, Graph, Http, Line, MicrosoftSettings, concealed
from pipeline.http import PageLoop
from tests.loopback import Script, StillClock, answer, named, serving

TOKEN = SecretStr("t0ken-of-ours")
REPORT = "\ufeffReport Refresh Date,User Principal Name\r\n2026-06-28,ann@harbour.example\r\n".encode()


def graph(server: Script, root: str = "/v1.0", **settings: Any) -> Graph:
    url = f"{server.url}{root}"
    return Graph(Http(url, token=TOKEN, clock=StillClock(), **settings), url)


def page(rows: Any, link: str | None = None) -> bytes:
    return answer({"@odata.context": "x", "value": rows, **({"@odata.nextLink": link} if link else {})})


# ------------------------------------------------------------------------------------------------------------- pages
@pytest.mark.parametrize(
    "link",
    ["{origin}/v1.0/users?$skiptoken=a", "/v1.0/users?$skiptoken=a", "/users?$skiptoken=a", "users?$skiptoken=a", "?$skiptoken=a"],
)
def test_links_are_followed_however_they_are_written(link: str) -> None:
    with serving() as server:
        server.play(page([1, 2], link.format(origin=server.url)), page([], "users?$skiptoken=b"), page([3]))
        found = list(graph(server).pages("users", {"$select": "id,mail", "$top": 2, "$filter": None}))
        assert [rows for rows, _ in found] == [[1, 2], [], [3]]
        assert found[0][1]["@odata.context"] == "x"
        assert server.paths()[0] == "/v1.0/users?%24select=id%2Cmail&%24top=2"
        assert server.paths()[1:] == ["/v1.0/users?$skiptoken=a", "/v1.0/users?$skiptoken=b"]
        assert {server.header("Authorization", n) for n in range(3)} == {"Bearer t0ken-of-ours"}


@pytest.mark.parametrize(
    "body", [{}, {"value": None}, {"value": {}}, {"error": {"code": "x", "message": "ann"}}, [], None, "text", 7],
    ids=lambda body: json.dumps(body)[:20],
)  # fmt: skip
def test_an_answer_without_a_list_of_values_is_an_error_not_an_end(body: Any) -> None:
    with serving(page([1], "users?b"), answer(body)) as server:
        met = []
        with pytest.raises(Fatal, match=r"^users: the answer has no list called 'value': Graph has changed its format$"):
            met.extend(rows for rows, _ in graph(server).pages("users?x=1"))
        assert len(server.requests) == 2


@pytest.mark.parametrize("link", [None, "", 7, ["users"], {}])
def test_what_is_no_link_ends_the_collection(link: Any) -> None:
    with serving(answer({"value": [1], "@odata.nextLink": link})) as server:
        assert [rows for rows, _ in graph(server).pages("users")] == [[1]]


def test_a_link_to_another_server_is_not_followed_and_one_that_comes_again_ends() -> None:
    with serving(page([1], "https://graph.other.example/v1.0/users")) as server, pytest.raises(Fatal, match="another server"):
        list(graph(server).pages("users"))
    with serving(page([1], "users")) as server, pytest.raises(PageLoop):
        list(graph(server).pages("users"))


# ------------------------------------------------------------------------------------------------------------ reports
def test_a_report_is_fetched_where_graph_sends_us_and_no_token_goes_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(raw=REPORT, Content_Type="application/octet-stream")) as other, serving() as server:
        server.play(answer(status=302, Location=f"http://reports.office.example:{other.port}/data?sig=abc"))
        with named(monkeypatch, {"reports.office.example": other, "127.0.0.1": server}) as met:
            table = graph(server, allow_hosts=[".office.example"]).report("reports/getX(period='D7')", "getX")
            assert met == ["127.0.0.1", "reports.office.example"]
        assert server.header("Authorization") == "Bearer t0ken-of-ours"
        assert other.header("Authorization") is None
        assert other.paths() == ["/data?sig=abc"]
    assert table.need("report refresh date") == "Report Refresh Date"
    row = Line({"Report Refresh Date": "2026-06-28", "User Principal Name": "ann@harbour.example"}, "getX line 2")
    assert list(table.rows()) == [row]


@pytest.mark.parametrize("host", ["reports.office.example.evil.example", "office.example", "evil-office.example"])
def test_a_report_at_another_host_is_not_fetched(host: str) -> None:
    with serving(answer(status=302, Location=f"http://{host}/data?sig=abc")) as server:
        with pytest.raises(Fatal, match="another server") as met:
            graph(server, allow_hosts=[".office.example"]).report("reports/getX", "getX")
        assert "abc" not in str(met.value)
        assert len(server.requests) == 1


def test_a_report_that_is_none_is_named() -> None:
    with serving(answer(raw=b"<html>Sign in</html>", Content_Type="text/html"), answer(raw=b"")) as server:
        for why in ("getX is a web page", "getX is empty"):
            with pytest.raises(Fatal, match=why):
                graph(server).report("reports/getX", "getX")


@pytest.mark.parametrize(
    ("name", "hidden"),
    [("0123456789ABCDEF0123456789ABCDEF", True), (" d79b3c0a5a2b2d4e5e6e7e8e9eaebece ", True), ("ann@harbour.example", False),
     ("0123456789ABCDEF", False), ("0123456789ABCDEF0123456789ABCDEG", False), ("", False), (None, False)],
)  # fmt: skip
def test_concealed_names_are_known(name: str | None, hidden: bool) -> None:
    assert concealed(name) is hidden


# ----------------------------------------------------------------------------------------------------------- settings
def test_a_token_serves_for_a_trial() -> None:
    with serving(page([1])) as server:
        reached = MicrosoftSettings(graph_url=f"{server.url}/beta/", token=TOKEN).graph()
        assert [rows for rows, _ in reached.pages("users")] == [[1]]
        assert server.paths() == ["/beta/users"]
        assert server.header("Authorization") == "Bearer t0ken-of-ours"


@pytest.mark.parametrize("missing", ["tenant", "client_id", "client_secret"])
def test_where_nothing_says_who_signs_in_the_settings_are_named(missing: str) -> None:
    who: dict[str, Any] = {"tenant": "t", "client_id": "c", "client_secret": SecretStr("s3cret")}
    with pytest.raises(Fatal, match="Graph: set tenant, client_id and the secret client_secret; for a trial the secret") as met:
        MicrosoftSettings(**{name: value for name, value in who.items() if name != missing}).graph()
    assert "s3cret" not in str(met.value)


def test_a_setting_that_there_is_none_of_is_refused_without_its_value() -> None:
    with pytest.raises(ValidationError, match="client_sekret") as met:
        MicrosoftSettings(client_sekret="s3cret")  # type: ignore[call-arg]
    assert "s3cret" not in str(met.value)
