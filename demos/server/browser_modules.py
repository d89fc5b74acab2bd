"""Serves the ES modules of demos/browser, the starter's parser, and styles of the room: GET /api/modules/VERSION/PATH.

The version is a short hash of all of them, so that a page never mixes files of two versions, and a browser may keep
each for ever. A page whose first try failed asks for VERSION.1, VERSION.2 and so on: the same files at a fresh address,
as browsers remember that a module could not be loaded.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from demos.connections.access import refused
from demos.connections.first_pages import takes_gzip
from demos.protocol.errors import Refusal
from guide.book import KNOWLEDGE

FOLDER = Path(__file__).parents[1] / "browser"
BORROWED: Mapping[str, Path] = {"transports/event_stream.js": KNOWLEDGE / "starter" / "web" / "event_stream.js"}
"""Path below demos/browser -> the file that is served there: the lab runs what people take with the starter."""
_VERSION = re.compile(r"(?P<hash>[0-9a-f]{16})(\.[1-9][0-9]?)?")
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Encoding",
}


@functools.cache
def modules() -> Mapping[str, bytes]:
    """Map path below demos/browser -> content. Read once, on the first request."""
    files = {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.rglob("*.js"))}
    files |= {path.relative_to(FOLDER).as_posix(): path for path in sorted((FOLDER / "room").glob("*.css"))}
    files |= BORROWED
    del files["loader.js"]  # Streamlit gets it as text
    return {path: file.read_bytes() for path, file in files.items()}


@functools.cache
def _packed(path: str) -> bytes:
    """The same as gzip. A room of people loads a page through one access point."""
    return gzip.compress(modules()[path], mtime=0)


@functools.cache
def version() -> str:
    """Hash of all modules; changes with any content or file name."""
    known = hashlib.sha256()
    for path, content in modules().items():
        known.update(f"{path} {len(content)}\n".encode() + content)
    return known.hexdigest()[:16]


def modules_path() -> str:
    """Where this version's modules are, below the demos' endpoints; `/PATH.js` goes behind it."""
    return f"modules/{version()}"


def routes() -> list[BaseRoute]:
    """Routes for the demos' API."""
    return [Route("/modules/{version}/{path:path}", _module, methods=["GET"])]


async def _module(request: Request) -> Response:
    asked, path = request.path_params["version"], request.path_params["path"]
    matched = _VERSION.fullmatch(asked)
    if matched is None or matched["hash"] != version():
        why = f"This server has another version of its pages than {asked[:40]!r}. Load the page again."
        return refused(Refusal(404, "other_version", why))
    # Looked up by its whole name: no path leads out of the folder.
    content = modules().get(path)
    if content is None:
        return refused(Refusal(404, "not_found", f"There is no module {path[:100]!r}."))
    kind = "text/css" if path.endswith(".css") else "text/javascript"
    headers = _HEADERS | {"Content-Type": f"{kind}; charset=utf-8"}
    if takes_gzip(request.headers.get("accept-encoding", "")):
        content, headers = _packed(path), headers | {"Content-Encoding": "gzip"}
    return Response(content, headers=headers)
