from __future__ import annotations

import pytest

from demos.proxies.browser_view import seen, sentence
from demos.proxies.trials import ObservedCut, Reading


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (Reading("sse", 1.0), "nothing"),
        (Reading("sse", 1.0, "HTTP 403"), "refused-sse"),
        (Reading("sse", 1.0, "[Errno 111] Connection refused"), "cut-sse"),
        (Reading("sse", 1.0, cuts=(ObservedCut(5.0, "peer closed connection"),)), "cut-sse"),
        (
            Reading("sse", 1.0, cuts=(ObservedCut(5.0, "peer closed connection"), ObservedCut(6.0, "HTTP 404"))),
            "given-up-sse",
        ),
        (Reading("sse", 0.0, "it did not start", asked=False), "nothing"),
        (Reading("websocket", 1.0, "HTTP 426"), "refused-websocket"),
        (Reading("websocket", 1.0, cuts=(ObservedCut(5.0, "Connection to remote host was lost."),)), "cut-websocket"),
        (Reading("websocket", 1.0, cuts=(ObservedCut(5.0, "close code 1005"),)), "cut-websocket"),
        (Reading("websocket", 1.0, cuts=(ObservedCut(5.0, "close code 1001"),)), "closed-websocket"),
    ],
)
def test_a_page_is_told_less(reading: Reading, expected: str) -> None:
    assert seen(reading) == expected
    assert (sentence(reading) is None) == (expected == "nothing")


def test_a_close_code_is_named() -> None:
    assert "close code 1001." in (
        sentence(Reading("websocket", 1.0, cuts=(ObservedCut(5.0, "close code 1001"),))) or ""
    )
