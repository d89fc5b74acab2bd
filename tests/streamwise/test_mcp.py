"""The MCP server by the official client, over stdio and on the app's port: small, plain in its errors, guarded."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from guide.agents.bounds import LARGEST
from guide.book import book
from guide.decision.engine import decide
from tests.browser.running import running_app

ROOT = Path(__file__).parents[2]
OURS = book()
TOKEN = 4
"""Characters of a token, about."""
ANSWERS = {"uplink": ["controls"], "clients": "browsers", "path": ["nginx"], "resume": "resume"}
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPT = {"accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("app") / "log") as url:
        yield url


@asynccontextmanager
async def over_stdio() -> AsyncIterator[Client]:
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "streamwise", "mcp"], cwd=str(ROOT), env={**os.environ}
    )
    async with Client(stdio_client(command)) as client:
        yield client


@asynccontextmanager
async def over_http(url: str) -> AsyncIterator[Client]:
    async with Client(f"{url}/mcp") as client:
        yield client


@pytest.fixture(params=["stdio", "http"])
def connected(request: pytest.FixtureRequest) -> Callable[[], Any]:
    """What connects a client."""
    if request.param == "stdio":
        return over_stdio
    url = request.getfixturevalue("app_url")
    return lambda: over_http(url)


def said(result: Any) -> str:
    [content] = result.content
    assert result.structured_content is None, "everything would be sent twice"
    return str(content.text)


def test_all_tools_within_their_budget(connected: Callable[[], Any]) -> None:
    async def run() -> None:
        async with connected() as client:
            tools = (await client.list_tools()).tools
            listed = json.dumps([tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools])
            assert len(listed) / TOKEN < 900
            assert [tool.name for tool in tools] == ["list_questions", "decide", "explain", "search", "get_files"]
            assert all(tool.annotations.read_only_hint for tool in tools)
            calls: list[tuple[str, dict[str, object]]] = [
                ("list_questions", {}),
                ("list_questions", {"detail": "path"}),
                ("decide", {"answers": ANSWERS, "brief": False}),
                ("explain", {"id": "sse-retry-field"}),
                ("search", {"query": "1011", "limit": 10}),
                ("get_files", {"answers": ANSWERS}),
            ]
            for name, arguments in calls:
                result = await client.call_tool(name, arguments)
                assert not result.is_error
                assert len(said(result)) <= LARGEST
            record = await client.call_tool("get_files", {"answers": ANSWERS, "name": "record.json"})
            assert json.loads(said(record))["verdict"]["choice"] == "sse"

    asyncio.run(run())


def test_a_decision_takes_three_calls_and_few_tokens(connected: Callable[[], Any]) -> None:
    """The tools, the questions, the verdict."""

    async def run() -> None:
        async with connected() as client:
            tools = (await client.list_tools()).tools
            heard = len(json.dumps([tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]))
            heard += len(said(await client.call_tool("list_questions", {})))
            heard += len(said(await client.call_tool("search", {"query": "nginx", "kind": "path", "limit": 3})))
            verdict = said(await client.call_tool("decide", {"answers": ANSWERS}))
            assert verdict.startswith(f"choice: {decide(OURS, {'uplink': ('controls',)}).choice}")
            assert (heard + len(verdict)) / TOKEN < 2500

    asyncio.run(run())


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("decide", {"answers": {"uplnk": "controls"}}, ("Nearest: uplink", "Allowed:")),
        ("decide", {"answers": "controls"}, ("answers:", "answers (object)")),
        ("decide", {}, ("answers:", "answers (object)")),
        ("explain", {"id": "sse-rety-field"}, ("Nearest: sse-retry-field",)),
        ("search", {"query": "nginx", "limit": "many"}, ("limit:", "limit (integer)")),
        ("search", {"query": "nginx", "kind": "paths"}, ("kind:",)),
        ("get_files", {"answers": {}}, ("level", "transport sse")),
        ("search", {"query": "the " * 5000}, ("Allowed: 400",)),
        ("decice", {"answers": {}}, ("'decice'", "Allowed: list_questions, decide")),
    ],
)
def test_every_error_says_what_is_allowed(
    app_url: str, tool: str, arguments: dict[str, object], told: tuple[str, ...]
) -> None:
    async def run() -> None:
        async with over_http(app_url) as client:
            result = await client.call_tool(tool, arguments)
            assert result.is_error
            assert [part for part in told if part not in said(result)] == []
            assert "Error executing tool" not in said(result)

    asyncio.run(run())


def test_resources_and_prompts(connected: Callable[[], Any]) -> None:
    async def run() -> None:
        async with connected() as client:
            fact = (await client.read_resource("streamwise://fact/sse-retry-field")).contents[0]
            assert OURS.facts["sse-retry-field"].claim in fact.text
            schema = (await client.read_resource("streamwise://schema/record")).contents[0]
            assert json.loads(schema.text)["title"] == "Streamwise decision record"
            prompts = {prompt.name for prompt in (await client.list_prompts()).prompts}
            assert prompts == {"choose_transport", "review_record"}
            told = (await client.get_prompt("choose_transport")).messages[0].content.text
            assert "list_questions" in told
            with pytest.raises(Exception, match="Nearest: sse-retry-field"):
                await client.read_resource("streamwise://fact/sse-rety-field")

    asyncio.run(run())


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"host": "guide.example.org"}, 421), ({"origin": "https://elsewhere.example"}, 403), ({}, 200)],
)
def test_a_foreign_name_and_a_foreign_page_are_refused(app_url: str, headers: dict[str, str], status: int) -> None:
    assert httpx.post(f"{app_url}/mcp", json=CALL, headers={**ACCEPT, **headers}).status_code == status


def test_a_body_of_four_mebibytes_is_refused(app_url: str) -> None:
    body = b'{"jsonrpc": "2.0", "id": 1, "method": "' + b"x" * (4 * 1024 * 1024) + b'"}'
    headers = {**ACCEPT, "content-type": "application/json"}
    assert httpx.post(f"{app_url}/mcp", content=body, headers=headers).status_code == 413
    assert httpx.post(f"{app_url}/mcp", json=CALL, headers=ACCEPT).status_code == 200, "and it goes on"


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_there_is_no_session_to_read_or_to_end(app_url: str, method: str) -> None:
    response = httpx.request(method, f"{app_url}/mcp", headers=ACCEPT)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"jsonrpc": "2.0"}', b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_message_is_refused_and_the_server_goes_on(app_url: str, body: bytes) -> None:
    headers = {**ACCEPT, "content-type": "application/json"}
    assert 400 <= httpx.post(f"{app_url}/mcp", content=body, headers=headers).status_code < 500
    assert httpx.post(f"{app_url}/mcp", json=CALL, headers=ACCEPT).status_code == 200


def test_without_the_package_the_app_runs_and_says_so(tmp_path: Path) -> None:
    """As where requirements.txt alone is installed."""
    hide = "lambda name, package=None: None if name == 'mcp' else find(name, package)"
    lines = ["import importlib.util as util", "find = util.find_spec", f"util.find_spec = {hide}"]
    (tmp_path / "sitecustomize.py").write_text("\n".join([*lines, "import sys; sys.modules['mcp'] = None"]))
    with running_app(tmp_path / "log", {"PYTHONPATH": str(tmp_path)}) as url:
        response = httpx.post(f"{url}/mcp", json=CALL, headers=ACCEPT)
        assert (response.status_code, response.json()["error"]) == (501, "not_installed")
        assert "requirements/mcp.txt" in response.json()["message"]
        assert httpx.get(f"{url}/api/guide/questions").status_code == 200
