"""A server that tells a page of a room whatever state a test wants, and notes what the page asks it to do."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from demos.rooms.hosting.room_pages import Name, filled
from demos.server.browser_modules import FOLDER
from guide.book import KNOWLEDGE
from tests.browser.room_states import CODE
from tests.patience import seconds

POLICY = "; ".join(
    ("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:")
)
"""As the real server's: what a page may not do there, it cannot do here."""
KINDS = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
QR = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29"><path fill="#fff" d="M0 0h29v29H0z"/>{}</svg>'


def qr() -> str:
    """Looks like a code, and is none."""
    cells = [(x, y) for x in range(4, 25) for y in range(4, 25) if (x * y * 7 + x * 3 + y * 5) % 11 < 5]
    return QR.format("".join(f'<path d="M{x} {y}h1v1h-1z"/>' for x, y in cells))


ABOUT: dict[str, Any] = {"code": CODE, "rounds": {}}
PAGES: dict[str, Name] = {"wall": "wall", "lead": "lead"}


class RoomServer(ThreadingHTTPServer):
    """Holds one state. `show` hands a new one to whoever reads; `done` is what was asked of /do."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.changed = threading.Condition()
        self.version = 0
        self.state: dict[str, Any] = {}
        self.done: list[dict[str, Any]] = []
        self.refusal: tuple[int, str] | None = None
        """Status and code with which /do is refused from now on."""
        self.known = {"SECRET", "VIEW"}
        self.over = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def show(self, state: dict[str, Any]) -> None:
        with self.changed:
            self.version += 1
            self.state = state | {"version": self.version, "turn": state.get("turn", self.version)}
            self.changed.notify_all()

    def news(self, told: int) -> tuple[int, str]:
        """(version, frame): the state once it is another one than `told`, a ping where none comes for a while."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.version != told or self.over, 2):
                return told, "event: ping\ndata: {}\n\n"
            return self.version, f"id: {self.version}\nevent: state\ndata: {json.dumps(self.state)}\n\n"

    def end(self) -> None:
        with self.changed:
            self.over = True
            self.changed.notify_all()


class _Answer(BaseHTTPRequestHandler):
    server: RoomServer

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if page := PAGES.get(path.removeprefix(f"/r/{CODE}/")):
            return self._send(filled(page, "/modules", "/api", ABOUT).encode(), "text/html")
        if path.startswith("/modules/"):
            name = path.removeprefix("/modules/")
            starters = name == "transports/event_stream.js"
            file = KNOWLEDGE / "starter" / "web" / "event_stream.js" if starters else FOLDER / name
            return self._send(file.read_bytes(), KINDS[file.suffix])
        if path.endswith("/qr.svg"):
            return self._send(qr().encode(), KINDS[".svg"])
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in self.server.known:
            return self._send(b'{"error": "forbidden", "message": "Unknown key."}', "application/json", 403)
        if path.endswith("/events"):
            return self._stream()
        if "/report." in path:
            return self._send(b"the report", "application/octet-stream")
        return self._send(json.dumps(self.server.state).encode(), "application/json")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.changed:
            self.server.done.append(body)
            self.server.changed.notify_all()
            refusal = self.server.refusal
        if refusal:
            said = json.dumps({"error": refusal[1], "message": "That does not go now."}).encode()
            return self._send(said, "application/json", refusal[0])
        return self._send(b'{"ok": true}', "application/json")

    def _send(self, content: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        told = 0
        with contextlib.suppress(OSError):
            while not self.server.over:
                told, said = self.server.news(told)
                self.wfile.write(said.encode())
                self.wfile.flush()


@contextlib.contextmanager
def room_server() -> Iterator[RoomServer]:
    server = RoomServer()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.end()
        server.shutdown()
        server.server_close()
        thread.join(seconds(10))
