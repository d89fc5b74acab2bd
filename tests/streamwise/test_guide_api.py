"""The guide as JSON on the app's port: every endpoint, its document, its errors, its texts, also below a base path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import jsonschema  # type: ignore[import-untyped]
import pytest
from starlette.routing import Route

from guide.agents import texts
from guide.agents.bounds import LARGEST
from guide.book import book
from streamwise.guide_api import GuideApi
from tests.browser.running import running_app

ROOT = Path(__file__).parents[2]
OURS = book()
ANSWERS = {"uplink": ["controls"], "clients": "browsers", "path": ["nginx"], "resume": "resume"}
BASE = "tools/guide"


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Asks the app, which runs below a base path."""
    with (
        running_app(tmp_path_factory.mktemp("app") / "log", base=BASE) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield client


def test_every_endpoint_answers_as_its_document_says(http: httpx.Client) -> None:
    document = http.get("api/guide/openapi.json").json()
    calls = {
        "questions": http.get("api/guide/questions"),
        "questions?": http.get("api/guide/questions", params={"detail": "path"}),
        "decide": http.post("api/guide/decide", json={"answers": ANSWERS}),
        "entries/{id}": http.get("api/guide/entries/path:nginx"),
        "search": http.get("api/guide/search", params={"q": "1011", "limit": "3"}),
        "files": http.post("api/guide/files", json={"answers": ANSWERS}),
        "files?": http.post("api/guide/files", json={"answers": ANSWERS, "name": "record.json"}),
    }
    for name, response in calls.items():
        assert response.status_code == 200, (name, response.text)
        assert response.headers["cache-control"] == "no-store"
        [operation] = document["paths"][f"/{BASE}/api/guide/{name.rstrip('?')}"].values()
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(response.json(), {**schema, "components": document["components"]})
    assert {path.removeprefix(f"/{BASE}/api/guide/") for path in document["paths"]} == {n.rstrip("?") for n in calls}
    assert calls["decide"].json()["choice"] == "sse"


def test_the_page_about_it_names_every_endpoint() -> None:
    page = (ROOT / "docs" / "agents.md").read_text(encoding="utf-8")
    told = re.findall(r"\| (GET|POST) \| `(/api/guide/[^`]+)`", page)
    routes = [one for one in GuideApi(None).routes() if isinstance(one, Route) and one.methods]  # type: ignore[arg-type]
    served = {(method, one.path) for one in routes for method in one.methods or () if method != "HEAD"}
    assert {*told} == {(method, path) for method, path in served if path.startswith("/api/guide/")}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("POST", "decide", '{"answers": {"uplnk": "controls"}}', 422, "Nearest: uplink"),
        ("POST", "decide", '{"answers": 3}', 400, "answers: "),
        ("POST", "decide", '{"answer": {}}', 400, "Allowed: an object with answers, chosen"),
        ("POST", "decide", "[]", 400, "Allowed: an object"),
        ("POST", "decide", "{", 400, "not JSON"),
        ("POST", "decide", "", 400, "answers: "),
        ("POST", "decide", r'{"answers": {"\ud800": "x"}}', 400, "lone surrogate"),
        ("POST", "decide", r'{"answers": {"path": "\ud83d\ude00"}}', 422, "path: found"),
        ("POST", "files", '{"answers": {}, "name": "x"}', 422, "level"),
        ("GET", "entries/sse-rety-field", None, 404, "Nearest: sse-retry-field"),
        ("GET", "search?q=", None, 422, "query is empty"),
        ("GET", "search?q=nginx&limit=99", None, 422, "from 1 to 10"),
        ("GET", "search?q=nginx&limit=-1", None, 400, "a whole number"),
        ("GET", "search?q=nginx&limit=1e9", None, 400, "a whole number"),
        ("GET", "questions?detail=pth", None, 422, "Nearest: path"),
        ("GET", "nothing", None, 404, "nothing at"),
        ("GET", "decide", None, 405, "Allowed: POST"),
    ],
)
def test_errors_say_whose_fault_it_is(
    http: httpx.Client, method: str, path: str, body: str | None, status: int, said: str
) -> None:
    response = http.request(method, f"api/guide/{path}", content=body)
    assert response.status_code == status, response.text
    assert said in response.json()["message"]
    assert len(response.text) <= LARGEST + 100


def test_a_body_beyond_the_limit_is_refused(http: httpx.Client) -> None:
    assert http.post("api/guide/decide", content=b"x" * 4_200_000).status_code == 413
    assert http.get("api/guide/questions").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"), [({"host": "guide.example.org"}, 421), ({"origin": "https://elsewhere.example"}, 403)]
)
def test_it_stands_behind_the_same_door(http: httpx.Client, headers: dict[str, str], status: int) -> None:
    assert http.post("api/guide/decide", json={"answers": {}}, headers=headers).status_code == status


@pytest.mark.parametrize("name", texts.FILES)
def test_the_texts_for_agents_are_served(http: httpx.Client, name: str) -> None:
    response = http.get(name)
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text == texts.FILES[name](OURS)
