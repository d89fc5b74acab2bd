from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from demos.proxies.http2.certificate import certificate, trust
from demos.proxies.matrix import CAN_HTTP2

pytestmark = [pytest.mark.proxy, pytest.mark.skipif(not CAN_HTTP2, reason="h2 or trustme: requirements/proxies.txt")]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[int]:
    """Speaks TLS with a fresh certificate; its port."""
    pem = tmp_path / "certificate.pem"
    pem.write_bytes(certificate())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            try:
                with context.wrap_socket(connection, server_side=True) as secure:
                    secure.sendall(b"hello")
            except ssl.SSLError:
                pass  # a client that does not take it

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_our_own_clients_take_it(server: int) -> None:
    plain = socket.create_connection(("127.0.0.1", server))
    with trust().wrap_socket(plain, server_hostname="localhost") as secure:
        assert secure.recv(5) == b"hello"


def test_nobody_else_does(server: int) -> None:
    with socket.create_connection(("127.0.0.1", server)) as plain, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")


def test_each_is_a_fresh_one() -> None:
    assert certificate() != certificate()
