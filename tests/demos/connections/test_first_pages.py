"""The first response of a page, and of an address where there is none."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from demos.connections.first_pages import ELSE, FirstPages, Pages

PAGES = {"": "<p>start</p>", "lab": "<p>lab</p>"}


async def behind(request: Request) -> Response:
    """Like Streamlit: a page for whatever it does not know."""
    if request.url.path.endswith(("/script.js", "/health")):
        return PlainTextResponse("plain", 404 if "lab" in request.url.path else 200)
    return HTMLResponse("<p>Streamlit</p>")


def visitor(base: str = "") -> TestClient:
    told = Pages(PAGES, lambda up: f"<p>missing {up}</p>", base, "ask")
    app = Starlette(
        routes=[Route("/{path:path}", behind, methods=["GET", "POST"])], middleware=[Middleware(FirstPages, told)]
    )
    return TestClient(app)


@pytest.mark.parametrize("base", ["", "some/where"])
@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/", 200, "<p>start</p>"),
        ("/lab", 200, "<p>lab</p>"),
        ("/nonsense", 404, "<p>missing ./</p>"),
        ("/lab/deeper/still", 404, "<p>missing ../../</p>"),
        ("/index.html", 404, "<p>missing ./</p>"),
        ("/static/js/gone.js", 404, "<p>missing ../../</p>"),
        ("/media/a-record-to-download.html", 200, "<p>Streamlit</p>"),
        ("/api/x", 200, "<p>Streamlit</p>"),
        ("/_stcore/health", 200, "plain"),
        *((f"/{name}", 404, "<p>missing ./</p>") for name in sorted(ELSE)),
        ("/static/script.js", 200, "plain"),
        ("/lab/_stcore/health", 404, "plain"),
    ],
)
def test_what_an_address_gets(base: str, path: str, status: int, text: str) -> None:
    with visitor(base) as http:
        answer = http.get(f"/{base}{path}" if base else path)
    assert (answer.status_code, answer.text) == (status, text)


def test_what_is_not_ours_is_left_alone() -> None:
    """So is the base without its last slash: Streamlit leads from there to the one with it."""
    with visitor("some") as http:
        for path in ("/", "/lab", "/something/lab", "/some"):
            assert http.get(path).text == "<p>Streamlit</p>"
        assert http.post("/some/lab").text == "<p>Streamlit</p>"


def test_a_page_is_packed_for_who_can_unpack_it_and_asked_for_again_each_time() -> None:
    with visitor() as http:
        packed = http.get("/lab", headers={"Accept-Encoding": "gzip"})
        plain = http.get("/lab", headers={"Accept-Encoding": "identity"})
        refused = http.get("/lab", headers={"Accept-Encoding": "gzip;q=0, br"})
        liked = http.get("/lab", headers={"Accept-Encoding": "br;q=0.2, GZIP ; q=0.5"})
    assert packed.headers["content-encoding"] == liked.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in refused.headers
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text == PAGES["lab"]
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.headers["cache-control"] == "no-cache"


def test_who_has_a_page_is_not_sent_it_again_until_it_differs() -> None:
    with visitor() as http:
        tag = http.get("/lab").headers["etag"]
        again = http.get("/lab", headers={"If-None-Match": tag})
        other = http.get("/", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert other.text == PAGES[""]


@pytest.mark.parametrize("base", ["", "some"])
def test_the_start_by_its_own_name_is_the_start(base: str) -> None:
    with visitor(base) as http:
        answer = http.get(f"/{base}/ask?at=path&a=1~x" if base else "/ask?at=path&a=1~x", follow_redirects=True)
        assert answer.text == PAGES[""]
        assert answer.url.params["at"] == "path"
        assert answer.url.path.strip("/") == base


def test_a_way_up_has_an_end() -> None:
    with visitor() as http:
        answer = http.get("/x" + "/x" * 5000)
    assert answer.status_code == 404
    assert len(answer.text) < 500
