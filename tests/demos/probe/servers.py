"""Servers to probe: the two targets as they stand, and others that are none. On loopback; each ends with its block."""

from __future__ import annotations

import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demos.processes.ports import free_port
from guide.book import KNOWLEDGE
from tests.demos.toys import until

Answer = Callable[[str], bytes]
"""The path that was asked for -> everything that is sent back."""


@contextmanager
def target(name: str, *options: str) -> Iterator[int]:
    """The port of a target, run by plain uvicorn as its first lines say, or with options besides."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", f"target_{name}:app", "--port", str(port), *options]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, cwd=KNOWLEDGE / "probe", stdout=log, stderr=log)
        try:
            until(lambda: answers(port) or server.poll() is not None)
            log.seek(0)
            assert server.poll() is None, log.read().decode()
            yield port
        finally:
            server.terminate()
            server.wait()


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    except OSError:
        return False


@contextmanager
def plain(
    answer: Answer, secure: ssl.SSLContext | None = None, listens: bool = True, holds: threading.Event | None = None
) -> Iterator[int]:
    """The port of a server that answers every request with these bytes, and hangs up; or does not wait for one.

    Args:
        holds: hang up only when this is set.
    """

    class Handler(socketserver.StreamRequestHandler):
        def setup(self) -> None:
            if secure:
                self.request = secure.wrap_socket(self.request, server_side=True, do_handshake_on_connect=False)
                try:
                    self.request.do_handshake()
                except OSError:
                    self.request.close()  # the client broke it off
                    raise
            super().setup()

        def finish(self) -> None:
            super().finish()
            self.request.close()

        def handle(self) -> None:
            asked = self.rfile.readline(10_000).decode("latin-1").split() if listens else []
            while listens and self.rfile.readline(10_000).strip():
                pass
            try:
                self.wfile.write(answer(asked[1] if len(asked) > 1 else ""))
                if holds:
                    holds.wait(60)
            except OSError:
                pass  # whoever asked has read enough

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A handshake that the client broke off is what some tests want."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def http(status: str, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "Connection: close", "", ""]).encode() + body


@contextmanager
def mute() -> Iterator[int]:
    """The port of a listener that accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


AUTHORITY = """
[ca]
default_ca = ours
[ours]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = {name}
"""


def certificate(
    folder: Path, name: str = "IP:127.0.0.1", since: str = "20200101000000Z", until: str = "20990101000000Z"
) -> tuple[ssl.SSLContext, Path]:
    """A self-signed one, made by the system's openssl; its file is its own authority."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine to make a certificate with")
    key, asked, cert, config = (folder / name for name in ("key.pem", "asked.pem", "cert.pem", "openssl.cnf"))
    config.write_text(AUTHORITY.format(folder=folder, name=name))
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("01")
    ask = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=probe"]
    sign = ["ca", "-batch", "-selfsign", "-config", config, "-startdate", since, "-enddate", until]
    for command in ([*ask, "-keyout", key, "-out", asked], [*sign, "-keyfile", key, "-in", asked, "-out", cert]):
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert
