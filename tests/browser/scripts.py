"""The lab's modules by themselves, in a real browser on an empty page: no app, no server, no canvas."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route

from demos.server.browser_modules import modules, modules_path
from guide.book import book

STAND_INS = (Path(__file__).parent / "stand_ins.js").read_text(encoding="utf-8")
ORIGIN = "http://localhost:9"
"""Nobody listens there: what the page asks of it is answered by the test."""
_CALL = """async ([modules, standIns, body, WORDS, ...given]) => {
  const names = Object.assign({ WORDS, given }, ...(await Promise.all(modules.map((one) => import(one)))));
  const AsyncFunction = (async () => {}).constructor;
  return new AsyncFunction(...Object.keys(names), `{ ${standIns}\\n${body} }`)(...Object.values(names));
}"""


def evaluated(page: Page, body: str, *given: Any, streams: Mapping[str, bytes] | None = None) -> Any:
    """What `body`, the body of an async function, returns. It sees what the modules export, `WORDS` and `given`.

    `streams`: event streams by their paths, for it to read.
    """
    here = f"/api/{modules_path()}"

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(f"{ORIGIN}{here}/")
        content, stream = modules().get(path), (streams or {}).get(urlsplit(route.request.url).path)
        if stream is not None:
            route.fulfill(body=stream, content_type="text/event-stream")
        elif content is None:
            route.fulfill(body="<!doctype html><title>Empty</title>", content_type="text/html")
        else:
            route.fulfill(body=content, content_type="text/javascript; charset=utf-8")

    page.route(f"{ORIGIN}/**", answer)
    page.goto(ORIGIN)
    return page.evaluate(
        _CALL,
        [[f"{here}/{path}" for path in modules() if path.endswith(".js")], STAND_INS, body, dict(book().words), *given],
    )
