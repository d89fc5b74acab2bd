"""A probe finds what breaks agents: paths with one fault each, in front of a real target or inside it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from demos.probe.result import BAD, GOOD, Result, judged
from demos.probe.run import probe
from demos.proxies.running import free_port
from guide.book import book
from tests.demos.probe.faulty_paths import PATHS
from tests.demos.probe.servers import answers
from tests.demos.toys import until

HERE = Path(__file__).parent
Targets = Callable[[str], int]


@contextmanager
def running(port: int, *command: object) -> Iterator[int]:
    """A process that listens on a port, ended with the block."""
    server = subprocess.Popen([sys.executable, *map(str, command)], cwd=HERE)
    try:
        until(lambda: answers(port) or server.poll() is not None)
        assert server.poll() is None
        yield port
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def found_on(targets: Targets) -> Iterator[dict[str, Future[Result]]]:
    """name of a faulty path -> what the probe finds there; several at once, since they mostly wait."""
    with ExitStack() as stack, ThreadPoolExecutor(AT_ONCE) as threads:
        found: dict[str, Future[Result]] = {}
        for name in SLOWEST_FIRST:
            upstream = [targets("starlette"), *([targets("fastapi")] if name == "dealt" else [])]
            port = free_port()
            stack.enter_context(running(port, "faulty_paths.py", name, port, *upstream))
            found[name] = threads.submit(probed, port)
        yield found


@contextmanager
def faulty_target(name: str) -> Iterator[int]:
    port = free_port()
    options = ("--log-level", "warning", "--no-server-header")
    with running(port, "-m", "uvicorn", f"faulty_targets:{name}", "--port", port, *options) as there:
        yield there


def probed(port: int, first_s: float = 2) -> Result:
    url = f"http://127.0.0.1:{port}"
    return judged(book(), url, probe(url, silence_s=1.5, long_s=1, first_s=first_s))


def bad(result: Result) -> set[str]:
    return {one.outcome for one in result.findings if one.verdict == "bad"}


def advice(result: Result, outcome: str) -> str:
    return " ".join(fix.setting for one in result.findings if one.outcome == outcome for fix in one.fixes)


EXPECTED: dict[str, tuple[set[str], str]] = {
    "held-by-one": ({"silence-held"}, "heartbeat"),
    "impatient": (set(), ""),  # a head that comes at once is patience enough
    "dealt": ({"instances-several"}, "one log"),
    "deflating": ({"browser-compressed"}, "no-transform"),
    "one-at-a-time": ({"streams-wait"}, "worker"),
    "without-post": ({"post-refused"}, ""),
    "small-frames": ({"large-cut"}, "--ws-max-size"),
    "gathered": ({"lumps-late"}, ""),
}


AT_ONCE = 4
SLOWEST_FIRST = sorted(PATHS, key=lambda name: name != "one-at-a-time")


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
        hop = free_port()
        with running(hop, "faulty_paths.py", "impatient", hop, port):
            assert bad(probed(hop)) == {"first-refused"}


@pytest.mark.parametrize(("name", "outcome"), [("latin", "charset-wrong"), ("aged", "cached")])
def test_a_head_that_no_browser_takes(name: str, outcome: str) -> None:
    with faulty_target(name) as port:
        assert bad(probed(port, first_s=1)) == {outcome}


def test_gunicorn_is_named_by_how_it_serves() -> None:
    with faulty_target("gunicorn") as port:
        assert [one.means for one in probed(port, first_s=1).named] == ["gunicorn-asgi"]
        hop = free_port()
        with running(hop, "faulty_paths.py", "one-at-a-time", hop, port):
            result = probed(hop, first_s=1)
    assert [one.means for one in result.named] == ["gunicorn-sync"]
    assert "-k asgi" in advice(result, "streams-wait")
    assert dict(result.answers) == {"path": ("gunicorn-sync",)}, "the server explains it: no proxy is blamed"
