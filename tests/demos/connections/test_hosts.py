from __future__ import annotations

import pytest

from demos.connections.hosts import allowed_hosts, host_allowed, origin_allowed, own_names

HOST = "guide.example:8501"


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, HOST, True),
        ("http://guide.example:8501", HOST, True),
        ("HTTP://GUIDE.example:8501", HOST, True),
        ("https://guide.example", "guide.example", True),
        ("https://guide.example", "guide.example:443", True),
        ("http://guide.example:80", "guide.example", True),
        ("http://guide.example:8502", HOST, False),
        ("http://guide.example.evil.example:8501", HOST, False),
        ("http://evil.example", HOST, False),
        ("null", HOST, False),
        ("http://[", HOST, False),
        ("", HOST, False),
        ("https://proxy.example", HOST, True),
        ("https://proxy.example:9000", HOST, False),
    ],
)
def test_origins(origin: str | None, host: str, allowed: bool) -> None:
    assert origin_allowed(origin, host, {"proxy.example"}) is allowed


def test_the_allow_list_comes_from_the_environment() -> None:
    given = {"STREAMWISE_ALLOWED_HOSTS": " https://a.example/, b.example:8080 ,"}
    assert allowed_hosts(given) == {"a.example", "b.example:8080"}


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        (None, True),
        ("a;frame-ancestors *;.localhost", False),  # it would end up in a content policy of ours
        ("a b.localhost", False),
        ("evil.example\\.localhost", False),
        ("[::1%;script-src *]", False),
        ("127.0.0.1:8501", True),
        ("192.168.7.7:8501", True),
        ("[::1]:8501", True),
        ("localhost", True),
        ("LOCALHOST:8501", True),
        ("app.localhost:8501", True),
        ("laptop:8501", True),
        ("laptop.local:8501", True),
        ("other.local:8501", False),
        ("proxy.example", True),
        ("Proxy.example:443", True),
        ("port.example:9000", True),
        ("port.example:9001", False),
        ("evil.example:8501", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("proxy.example@evil.example", False),
        ("evil.example/proxy.example", False),
        ("proxy.example:x", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_hosts(host: str | None, allowed: bool) -> None:
    assert host_allowed(host, {"proxy.example", "port.example:9000"}, own_names("Laptop.local")) is allowed
