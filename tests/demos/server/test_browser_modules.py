"""The browser's modules: kept for ever, never mixed with another version's, and nothing else of the disk."""

from __future__ import annotations

import asyncio
import re
from pathlib import PurePosixPath

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from demos.lab.state import Lab
from demos.routes import routes
from demos.server.browser_modules import BORROWED, FOLDER, modules, modules_path, version
from guide.book import KNOWLEDGE
from tests.demos.toys import Served, backend

IMPORT = re.compile(r'^import .* from "([^"]+)";$', re.MULTILINE)


def test_a_module_is_script_and_is_kept_for_ever(site: Served) -> None:
    path = f"/{modules_path()}/transports/streams.js"
    answer = site.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content == (FOLDER / "transports" / "streams.js").read_bytes()
    head = site.http.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == answer.headers["content-length"]
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]
    plain = site.http.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content
    assert int(answer.headers["content-length"]) * 2 < int(plain.headers["content-length"]) == len(plain.content)
    again = site.http.get(path.replace(version(), f"{version()}.2"))
    assert (again.status_code, again.content) == (200, answer.content)


def test_the_parser_is_the_file_that_people_take_with_the_starter(site: Served) -> None:
    answer = site.http.get(f"/{modules_path()}/transports/event_stream.js")
    assert answer.content == (KNOWLEDGE / "starter" / "web" / "event_stream.js").read_bytes()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert b"TextDecoder" not in b"".join(one for path, one in modules().items() if path not in BORROWED)


@pytest.mark.parametrize("other", ["0000000000000000", "x", "{}.0", "{}.100", "{}x", "%2e%2e"])
def test_another_version_is_refused_in_words(site: Served, other: str) -> None:
    answer = site.http.get(f"/modules/{other.format(version())}/lab.js")
    assert (answer.status_code, answer.json()["error"]) == (404, "other_version")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["", "nosuch.js", "lab.css", "lab.html", "loader.js", "..%2fserver%2fbackend.py", "..%2f..%2fapp.py",
             "%2e%2e/%2e%2e/app.py", "transports%2f..%2f..%2froutes.py", "%2fetc%2fpasswd", "lab.js%00", "lab.js/"]
)  # fmt: skip
def test_only_what_is_listed_is_served(site: Served, path: str) -> None:
    with site.raw(f"GET /api/{modules_path()}/{path} HTTP/1.1\nHost: 127.0.0.1:{{port}}\nConnection: close\n\n") as c:
        said = b"".join(iter(lambda: c.recv(4096), b""))
    assert said.startswith(b"HTTP/1.1 404 ")
    assert b"There is no" in said


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_but_reading(site: Served, method: str) -> None:
    answer = site.http.request(method, f"/{modules_path()}/lab.js")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_below_a_base_path() -> None:
    transport = httpx.ASGITransport(Starlette(routes=[Mount("/some/where", routes=routes(Lab(backend())))]))

    async def get() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:1") as http:
            return await http.get(f"/some/where/api/{modules_path()}/lab.js")

    assert asyncio.run(get()).status_code == 200


def test_every_import_is_a_module_beside_it() -> None:
    for path, content in modules().items():
        for asked in IMPORT.findall(content.decode()):
            assert asked.startswith("."), path
            parts: list[str] = [*PurePosixPath(path).parent.parts]
            for part in asked.split("/"):
                if part == "..":
                    parts.pop()
                elif part != ".":
                    parts.append(part)
            assert "/".join(parts) in modules(), f"{path} imports {asked}"


def test_transports_know_nothing_of_the_lab() -> None:
    for path, content in modules().items():
        if path.startswith("transports/") and path not in BORROWED:
            text = content.decode()
            assert all(asked.startswith("./") or asked == "../words.js" for asked in IMPORT.findall(text)), path
            assert not re.search(r"\bdocument\b|Streamlit", text), path
