"""What holds whatever the proxy; every real one is in tests/demos/proxies."""

from __future__ import annotations

import shutil

import pytest

from demos.proxies import catalog as proxies
from demos.proxies import matrix as module
from demos.proxies.catalog import Binary
from demos.proxies.matrix import matrix
from demos.proxies.running import ProxyFailed
from demos.proxies.trials import Trial
from tests.known import known


def test_a_proxy_that_does_not_start_ends_it() -> None:
    nginx = proxies.proxies()["nginx"]
    broken = Binary("nginx", nginx, shutil.which("false") or "", "0.0.0")
    with pytest.raises(ProxyFailed, match=r"nginx 0\.0\.0 did not start"):
        matrix(broken)


HERE = proxies.binaries("caddy") or proxies.binaries("nginx")


@pytest.mark.proxy
@pytest.mark.skipif(not HERE, reason="neither Caddy nor nginx is on this machine")
def test_who_watches_is_told_of_each_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Trial("five words", {"rate": 50, "n_tokens": 5, "first_token_ms": 0, "seed": 1})
    monkeypatch.setattr(module, "TRIALS", {"plain": quick, "again": quick})
    told: list[tuple[str, str]] = []
    found = matrix(HERE[0], ("recommended",), lambda passage, name: told.append((passage.transport, name)), ("again",))
    assert told[:2] == [("sse", "plain"), ("websocket", "plain")]
    assert sorted(told[2:]) == [("sse", "again"), ("websocket", "again")]
    assert [known(passage.readings["again"].measurement).tokens for passage in found.passages] == [5, 5]
