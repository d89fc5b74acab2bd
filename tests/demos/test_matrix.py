"""What holds whatever the proxy; every real one is in tests/demos/proxies."""

import shutil

import pytest

from demos import proxies
from demos.matrix import matrix
from demos.proxied import TURNS, ProxyFailed
from demos.proxies import Binary


def test_a_proxy_that_does_not_start_ends_it_and_gives_the_turn_back():
    nginx = proxies.proxies()["nginx"]
    broken = Binary("nginx", nginx, shutil.which("false") or "", "0.0.0")
    with pytest.raises(ProxyFailed, match=r"nginx 0\.0\.0 did not start"):
        matrix(broken)
    with TURNS.turn():
        assert TURNS.waiting == 0
