"""What every answer carries, whoever makes it."""

from __future__ import annotations

import pytest

from demos.connections.security_headers import page_policy, script_hashes
from tests.demos.toys import Served

SCRIPT = "<script>\n  window.x = false\n</script>"


@pytest.mark.parametrize("path", ["/health", "/nosuch", "/threads/x", "/stream", "/modules/x/y.js"])
def test_data_may_load_nothing_and_is_framed_by_nobody(site: Served, path: str) -> None:
    headers = site.http.get(path).headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_a_refusal_carries_them_too_and_none_twice(site: Served) -> None:
    answer = site.http.get("/health", headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    names = [name.lower() for name, _ in answer.headers.multi_items()]
    assert names.count("x-content-type-options") == names.count("content-security-policy") == 1


def test_inline_scripts_are_allowed_by_their_hash_alone() -> None:
    (source,) = script_hashes(f'<script type="module" src="x.js"></script>{SCRIPT}')
    # printf '\n  window.x = false\n' | openssl dgst -sha256 -binary | base64
    assert source == "'sha256-Lzye23UPxAzGEAa1FwBNfdUf8mPzII6Ja/z58n/5cx8='"
    assert source in page_policy("a.example", (source,)).decode()
    assert "'unsafe-inline'" not in _directive(page_policy("a.example", (source,)).decode(), "script-src")


@pytest.mark.parametrize(
    ("host", "connects", "frames"),
    [
        ("a.example", "'self' ws://a.example wss://a.example", "'self'"),
        ("192.168.7.7:8501", "'self' ws://192.168.7.7:8501 wss://192.168.7.7:8501", "'self'"),
        ("[2001:db8::1]:8501", "'self'", "'self'"),
        ("[::1]:8501", "'self' http: ws:", "'self' http:"),
        ("", "'self'", "'self'"),
    ],
)
def test_where_a_page_may_connect_to(host: str, connects: str, frames: str) -> None:
    policy = page_policy(host, ()).decode()
    assert _directive(policy, "connect-src") == connects
    assert _directive(policy, "frame-src") == frames
    assert _directive(policy, "frame-ancestors") == "'self'"
    assert _directive(policy, "object-src") == "'none'"


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost:8501", "app.localhost:8501"])
def test_on_this_machine_a_page_may_use_the_servers_of_its_scenarios(host: str) -> None:
    policy = page_policy(host, ()).decode()
    assert "http://127.0.0.1:*" in _directive(policy, "connect-src")
    assert "ws://localhost:*" in _directive(policy, "connect-src")
    assert "http://localhost:*" in _directive(policy, "frame-src")


def _directive(policy: str, name: str) -> str:
    return next(part.split(" ", 1)[1] for part in policy.split("; ") if part.startswith(f"{name} "))
