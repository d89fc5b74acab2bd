from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
import websocket

from demos.protocol.run_options import Pace, Settings
from tests.browser.running import running_app
from tests.demos.stub_model import QUESTION, Stub, served_on
from tests.demos.toys import Served, until


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The whole app, as `streamlit run` serves it."""
    with (
        running_app(tmp_path_factory.mktemp("app") / "log") as url,
        httpx.Client(base_url=url, trust_env=False) as http,
    ):
        yield http


@pytest.mark.parametrize("path", ["/health", "/stream?query=hi", "/threads/x/stream/events"])
def test_a_foreign_page_gets_403_on_every_get(site: Served, path: str) -> None:
    answer = site.http.get(path, headers={"Origin": "http://evil.example"})
    assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin")


@pytest.mark.parametrize("path", ["/threads", "/threads/x/commands", "/threads/x/stream/events", "/measure"])
def test_a_foreign_page_gets_403_on_every_post(site: Served, path: str) -> None:
    assert site.http.post(path, headers={"Origin": "http://evil.example"}, content="{}").status_code == 403


@pytest.mark.parametrize("path", ["/ws", "/threads/x/stream/events"])
def test_a_foreign_page_opens_no_socket(site: Served, path: str) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        site.socket(path, origin="http://evil.example")


def test_a_name_that_was_pointed_here_is_no_name_of_this_server(site: Served) -> None:
    """DNS rebinding: the page's own name leads here, so Origin and Host agree."""
    headers = {"Host": f"evil.example:{site.port}", "Origin": f"http://evil.example:{site.port}"}
    answer = site.http.get("/health", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (421, "unknown_host")
    assert "STREAMWISE_ALLOWED_HOSTS" in answer.json()["message"]
    with pytest.raises(websocket.WebSocketBadStatusException, match="421"):
        site.socket("/ws", host="evil.example")


def test_a_program_that_sends_no_host_may_come_in(site: Served) -> None:
    connection = site.raw("GET /api/health HTTP/1.0\n\n")
    assert connection.recv(100).startswith(b"HTTP/1.1 200")


def test_its_own_page_may(site: Served) -> None:
    origin = f"http://127.0.0.1:{site.port}"
    assert site.http.get("/health", headers={"Origin": origin}).status_code == 200
    site.socket("/ws", origin=origin).close()


def test_a_handshake_that_lost_its_upgrade_is_told_so(site: Served) -> None:
    answer = site.http.get("/ws", headers={"Sec-WebSocket-Key": "x"})
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")
    assert "Upgrade header" in answer.json()["message"]


def test_what_a_page_can_send_without_asking_never_reaches_a_real_model(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An <img>, a link, a form: GET, or a simple POST with the Origin that browsers add."""
    monkeypatch.setattr("demos.server.tutorial.Settings", lambda: Settings(pace=Pace(rate=0, first_token_ms=0)))
    foreign = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    run = {"messages": [{"role": "user", "content": QUESTION}]}
    frame = json.dumps({"id": 1, "method": "run.start", "params": {"input": run}})
    with served_on(stub.url) as up:
        thread = up.thread()
        assert "[DONE]" in up.http.get("/stream", params={"query": QUESTION}).text
        for path in ("/commands", "/stream/events", "/state", ""):
            up.http.get(f"/threads/{thread}{path}", params={"method": "run.start", "query": QUESTION, "since": 9})
        for origin in ("https://evil.example", "null"):
            answer = up.http.post(f"/threads/{thread}/commands", content=frame, headers=foreign | {"Origin": origin})
            assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin")
        connection = up.socket("/ws")
        connection.send(QUESTION)
        while "done" not in connection.recv():
            pass
        assert stub.requests == []
        same = foreign | {"Origin": f"http://127.0.0.1:{up.port}"}
        assert up.http.post(f"/threads/{thread}/commands", content=frame, headers=same).json()["type"] == "success"
        until(lambda: len(stub.requests) == 1)


def test_a_lost_upgrade_is_told_before_a_foreign_page(site: Served) -> None:
    """A bare proxy often changes Host as well; what ails the handshake is the upgrade."""
    answer = site.http.get("/ws", headers={"Sec-WebSocket-Key": "x", "Origin": "http://proxy.example"})
    assert (answer.status_code, answer.json()["error"]) == (426, "upgrade_lost")


CROSS = {"Sec-Fetch-Site": "cross-site"}
FRAME = CROSS | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
LINK = CROSS | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
IMAGE = {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}


@pytest.mark.parametrize(
    "path",
    ["/stream?query=hi", "/payload", "/traps/answers/k1/naive?rate=1", "/traps/answers/_stcore/naive", "/health"],
)
@pytest.mark.parametrize(
    "headers",
    [
        FRAME,
        LINK,
        CROSS | IMAGE,
        {"Sec-Fetch-Site": "same-site"} | IMAGE,  # another port of this machine
        {"Sec-Fetch-Site": "Cross-Site"},
        {"Sec-Fetch-Site": "something new"},
        {"Referer": "http://evil.example/page"},  # to a LAN address, browsers send no Sec-Fetch-Site
        {"Referer": "http://["},
    ],
)
def test_a_foreign_page_starts_nothing_though_it_names_no_origin(
    site: Served, path: str, headers: dict[str, str]
) -> None:
    answer = site.http.get(path, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin")


@pytest.mark.parametrize("value", ["same-origin", "none"])
def test_a_page_of_ours_and_a_person_may(site: Served, value: str) -> None:
    assert site.http.get("/health", headers={"Sec-Fetch-Site": value}).status_code == 200
    here = f"http://127.0.0.1:{site.port}"
    assert site.http.get("/health", headers={"Referer": f"{here}/lab?s=drop"}).status_code == 200


def test_who_names_an_origin_is_judged_by_it(site: Served) -> None:
    """As a page of an allowed host is, for which every request is cross-site."""
    origin = {"Origin": f"http://127.0.0.1:{site.port}"}
    assert site.http.get("/health", headers=CROSS | origin).status_code == 200


@pytest.mark.parametrize("origin", ["ftp", "x", "ws", "file"])
def test_an_origin_is_of_the_web(site: Served, origin: str) -> None:
    headers = {"Origin": f"{origin}://127.0.0.1:{site.port}"}
    assert site.http.get("/health", headers=headers).status_code == 403


@pytest.mark.parametrize("name", ["Origin", "Host"])
def test_two_of_a_header_that_says_who_asks_are_refused(site: Served, name: str) -> None:
    own = f"127.0.0.1:{site.port}"
    evil = {"Origin": "http://evil.example", "Host": "evil.example"}[name]
    good = {"Origin": f"http://{own}", "Host": own}[name]
    host = "" if name == "Host" else f"Host: {own}\n"
    for first, second in ((evil, good), (good, evil)):
        connection = site.raw(f"GET /api/health HTTP/1.1\n{host}{name}: {first}\n{name}: {second}\n\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_nothing_else_of_the_app_is_open_either(app: httpx.Client) -> None:
    """What Streamlit would serve by its own rules: its pages, its socket, its uploads, its files."""
    paths = ("/", "/lab", "/_stcore/health", "/_stcore/host-config", "/static/js/x.js", "/app/static/inter.woff2")
    for path in paths:
        assert app.get(path, headers={"Host": "evil.example"}).status_code == 421, path
        assert app.get(path, headers={"Origin": "http://127.0.0.1:1"}).status_code == 403, path
        assert app.get(path, headers=FRAME).status_code == 403, path
    assert app.put("/_stcore/upload_file/x/y", headers={"Origin": "null"}, content=b"x").status_code == 403
    for headers in ({"Host": "evil.example", "Origin": "http://evil.example"}, {"Origin": "http://localhost:9"}):
        socket = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
        key = {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
        status = app.get("/_stcore/stream", headers=socket | key | headers).status_code
        assert status == (421 if "Host" in headers else 403)


def test_a_link_from_another_site_opens_a_page(app: httpx.Client) -> None:
    answer = app.get("/lab?s=drop", headers=LINK)
    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_page_that_a_browser_has_kept_keeps_its_policy(app: httpx.Client) -> None:
    first = app.get("/")
    again = app.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert "content-security-policy" not in again.headers


def test_a_person_is_told_by_which_setting_a_name_gets_in(app: httpx.Client) -> None:
    answer = app.get("/", headers={"Host": "<b>evil.example", "Accept": "text/html"})
    assert answer.status_code in (400, 421)
    assert "<b>evil" not in answer.text
    answer = app.get("/", headers={"Host": "guide.example", "Accept": "text/html"})
    assert answer.status_code == 421
    assert "STREAMWISE_ALLOWED_HOSTS=guide.example make run" in answer.text
