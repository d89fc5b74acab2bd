from __future__ import annotations

import pytest

from demos.pages.overview import sentence
from demos.proxies.catalog import proxies
from demos.proxies.expected import expectation, newest

ALIKE = "With the recommended one, SSE and WebSocket tokens arrive one by one."


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("nginx", "SSE tokens arrive one by one and WebSocket is refused (HTTP 426)"),
        ("envoy", "SSE tokens arrive one by one (but a long answer is cut) and WebSocket is refused (HTTP 403)"),
        ("haproxy", "SSE tokens arrive in bursts and WebSocket tokens arrive one by one"),
        ("caddy", "SSE and WebSocket tokens arrive one by one"),
    ],
)
def test_one_sentence_says_what_was_measured(name: str, default: str) -> None:
    title = proxies()[name].title
    assert sentence(name) == f"**With the default configuration of {title}, {default}.** {ALIKE}"


@pytest.mark.parametrize("name", proxies())
def test_a_heartbeat_keeps_every_stream_as_the_page_says(name: str) -> None:
    versions = expectation(name).versions
    for config in versions[newest(versions)].values():
        for outcome in (config.sse, config.websocket):
            assert outcome.heartbeat in (None, "survives")
