from __future__ import annotations

import dataclasses

import pytest

from demos.proxies.catalog import Binary, proxies
from demos.proxies.matrix import FIRST, Matrix
from demos.proxies.progress import planned
from demos.proxies.trials import TRIALS, Reading
from tests.demos.proxies.toy_results import passage

EVERY = tuple(TRIALS)


def binary(name: str, version: str) -> Binary:
    return Binary(name, proxies()[name], "/nowhere", version)


@pytest.mark.parametrize(
    ("name", "version", "short", "whole"),
    [
        ("caddy", "2.11.7", 4, 2 * 5 + 2 * 6),  # all four connect; TLS is tried with the recommended file only
        ("nginx", "1.31.3", 4, 5 + 1 + 2 * 6),  # the default file refuses WebSocket, which is one reading
        ("nginx", "0.1.0", 4, 2 * 5 + 2 * 6),  # nothing is expected of it, so all may connect
    ],
)
def test_it_counts_what_is_expected(name: str, version: str, short: int, whole: int) -> None:
    assert planned([binary(name, version)], (FIRST,), ()) == short
    assert planned([binary(name, version)], EVERY, ()) == whole
    assert planned([binary(name, version)] * 2, EVERY, ()) == 2 * whole


def test_what_was_measured_counts_more_than_what_was_expected() -> None:
    refused = dataclasses.replace(passage("default", "sse"), readings={FIRST: Reading("sse", 2.0, "HTTP 502")})
    so_far = Matrix("caddy", "Caddy 2.11.7", "2.11.7", (refused, passage("default", "websocket")))
    assert planned([binary("caddy", "2.11.7")], EVERY, [so_far]) == 1 + 5 + 2 * 6
