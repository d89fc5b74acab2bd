"""A probe finds what breaks agents: paths with one fault each, in front of a real target or inside it."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from demos.probe.result import BAD, GOOD, Result
from demos.processes.ports import free_port
from demos.proxies.matrix import CAN_HTTP2
from tests.demos.probe.faulty_paths import PATHS
from tests.demos.probe.probing import advice, bad, faulty_path, faulty_target, probed, running
from tests.demos.probe.servers import certificate, target
from tests.patience import at_once

Targets = Callable[[str], int]
AT_ONCE = 4
SLOWEST_FIRST = sorted(PATHS, key=lambda name: "at-a-time" not in name)
EXPECTED: dict[str, tuple[set[str], str]] = {
    "held-by-one": ({"silence-held"}, "heartbeat"),
    "held-by-two": ({"silence-held"}, "heartbeat"),
    "small-buffer": ({"streams-lumps"}, ""),
    "late-head": ({"first-head-held"}, "at once"),
    "impatient": (set(), ""),  # a head that comes at once is patience enough
    "dealt": ({"instances-several"}, "one log"),
    "deflating": ({"browser-compressed"}, "no-transform"),
    "brotli": ({"browser-compressed"}, "no-transform"),
    "zstandard": ({"browser-compressed"}, "no-transform"),
    "one-at-a-time": ({"streams-wait"}, "worker"),
    "two-at-a-time": ({"streams-wait"}, "worker"),
    "without-post": ({"post-refused"}, ""),
    "small-frames": ({"large-cut"}, "--ws-max-size"),
    "gathered": ({"lumps-late"}, ""),
}
"""name -> what is bad, and a piece of the cure."""


HEADS = {
    "latin": {"charset-wrong"},
    "utf_sixteen": {"charset-wrong"},
    "utf_eight": set[str](),
    "plain_text": {"streams-refused"},
    "aged": {"cached"},
}
"""name of a faulty target -> what is bad."""
COMPRESSING = {"gzipped": {"compressed", "held-by-compression"}, "deflated": {"browser-compressed"}}
BEHIND_HTTP2: dict[str, tuple[set[str], str]] = {
    "none": (set(), ""),
    "connection: keep-alive": ({"http2-broken"}, "Connection: keep-alive"),
    "keep-alive: timeout=5": ({"http2-broken"}, "Connection: keep-alive"),
    "transfer-encoding: chunked": ({"http2-broken"}, "Connection: keep-alive"),
    "X-Loud: upper case": ({"http2-broken"}, ""),
    "reset": ({"http2-broken"}, ""),
    "held": ({"http2-held"}, ""),
}
"""Fault of an edge that speaks HTTP/2 -> what is bad, and a piece of the cure."""


@pytest.fixture(scope="module")
def found_on(targets: Targets, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Result]]]:
    """name of a fault -> what the probe finds there; several at once, since they mostly wait.

    A target takes 32 streams, and a probe opens a dozen at the same time: so there are as many targets as probes.
    """
    with ExitStack() as stack, ThreadPoolExecutor(at_once(AT_ONCE)) as threads:
        found: dict[str, Future[Result]] = {}
        upstreams = itertools.cycle([stack.enter_context(target("starlette")) for _ in range(AT_ONCE)])
        for name in SLOWEST_FIRST:
            upstream = [next(upstreams), *([targets("fastapi")] if name == "dealt" else [])]
            found[name] = threads.submit(probed, stack.enter_context(faulty_path(name, *upstream)))
        for name in (*HEADS, *COMPRESSING):
            found[name] = threads.submit(probed, stack.enter_context(faulty_target(name)), 1)
        for fault in BEHIND_HTTP2 if CAN_HTTP2 else ():
            folder = tmp_path_factory.mktemp("edge")
            port, authority = stack.enter_context(http2_edge(folder, next(upstreams), fault))
            found[fault] = threads.submit(probed, port, 1, authority)
        yield found


@contextmanager
def http2_edge(folder: Path, upstream: int, fault: str) -> Iterator[tuple[int, Path]]:
    """Its port, and the authority to trust."""
    _, authority = certificate(folder)
    (folder / "chain.pem").write_bytes((folder / "key.pem").read_bytes() + authority.read_bytes())
    port = free_port()
    with running(port, sys.executable, "http2_front.py", port, upstream, folder, fault):
        yield port, authority


def test_every_path_has_an_expectation() -> None:
    assert set(EXPECTED) == set(PATHS)


@pytest.mark.parametrize("name", SLOWEST_FIRST)
def test_a_fault_is_found_and_nothing_else_is_blamed(found_on: dict[str, Future[Result]], name: str) -> None:
    outcomes, cure = EXPECTED[name]
    result = found_on[name].result()
    assert bad(result) == outcomes
    assert result.code == (BAD if outcomes else GOOD)
    assert cure in " ".join(advice(result, outcome) for outcome in outcomes)
    for one in result.findings:
        assert "http-no-delay" not in [fix.setting for fix in one.fixes] or one.outcome == "lumps-late"


def test_a_late_head_and_a_gateway_that_does_not_wait() -> None:
    """The head waits for the first event: alone that is told, and behind a gateway the 504 as well."""
    with faulty_target("head_with_body") as port:
        alone = probed(port)
        assert bad(alone) == {"first-head-held"}
        assert "at once" in advice(alone, "first-head-held")
        with faulty_path("impatient", port) as hop:
            assert bad(probed(hop)) == {"first-refused"}


@pytest.mark.parametrize("name", HEADS)
def test_a_head_that_no_browser_takes(found_on: dict[str, Future[Result]], name: str) -> None:
    assert bad(found_on[name].result()) == HEADS[name]


@pytest.mark.parametrize("name", COMPRESSING)
def test_an_application_that_compresses_is_told_so_and_no_proxy_is_blamed(
    found_on: dict[str, Future[Result]], name: str
) -> None:
    result = found_on[name].result()
    assert bad(result) == COMPRESSING[name]
    settings = [fix.setting for one in result.findings if one.verdict == "bad" for fix in one.fixes]
    assert any("no-transform" in each for each in settings)
    assert not any("http-no-delay" in each for each in settings)
    assert "path" not in dict(result.answers), "nobody knows what compresses: it may be the application"


def test_gunicorn_is_named_by_how_it_serves() -> None:
    with faulty_target("gunicorn") as port:
        assert [one.means for one in probed(port, first_s=1).named] == ["gunicorn-asgi"]
        with faulty_path("one-at-a-time", port) as hop:
            result = probed(hop, first_s=1)
    assert [one.means for one in result.named] == ["gunicorn-sync"]
    assert "-k asgi" in advice(result, "streams-wait")
    assert dict(result.answers) == {"path": ("gunicorn-sync",)}, "the server explains it: no proxy is blamed"


@pytest.mark.proxy
@pytest.mark.skipif(not CAN_HTTP2, reason="h2 or trustme: requirements/proxies.txt")
@pytest.mark.parametrize("fault", BEHIND_HTTP2)
def test_an_edge_that_breaks_streams_over_http2_only(found_on: dict[str, Future[Result]], fault: str) -> None:
    outcomes, cure = BEHIND_HTTP2[fault]
    result = found_on[fault].result()
    assert bad(result) == outcomes
    assert cure in " ".join(advice(result, outcome) for outcome in outcomes)
