"""The whole matrix behind every real proxy of this machine, held against what is expected of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from demos.proxies import catalog as proxies
from demos.proxies.expected import expectation
from tests.patience import seconds

ROOT = Path(__file__).parents[3]
AT_ONCE = 2
"""Matrices that run at the same time: they mostly wait, but one of them should not delay another's tokens."""
LONGEST_S = seconds(240)
Running = dict[str, Future[Any]]
PROXIES = [pytest.param((name, 0), id=name) for name in proxies.proxies()]
OLDER = pytest.param(("nginx", 1), id="nginx-of-the-system")
"""Before 1.29.7 nginx asks servers in HTTP/1.0, so systems that ship an older one see something else."""

pytestmark = pytest.mark.proxy


@pytest.fixture(scope="session")
def matrices(request: pytest.FixtureRequest) -> Iterator[Running]:
    """name -> what `python -m demos proxy NAME` finds, one a version; only what a selected test wants is run."""
    tests = [item for item in request.session.items if isinstance(item, pytest.Function)]
    ones = [item.callspec.params["one"] for item in tests if "matrices" in item.fixturenames]
    wanted = {one[0] for one in ones if isinstance(one, tuple)}
    here = sorted(filter(proxies.binaries, wanted), key=lambda name: -len(proxies.binaries(name)))  # the longest first
    with ThreadPoolExecutor(AT_ONCE) as threads:
        running: Running = {name: threads.submit(tried, name) for name in here}
        yield running
        for future in running.values():
            future.cancel()


def tried(name: str) -> Any:
    command = [sys.executable, "-m", "demos", "proxy", name, "--format", "json"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_S, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def matrix(matrices: Running, one: tuple[str, int]) -> Any:
    name, version = one
    if len(proxies.binaries(name)) <= version:
        pytest.skip(f"{name} is not on this machine" + (" in a second version" if version else ""))
    return matrices[name].result()[version]


@pytest.mark.parametrize("one", [*PROXIES, OLDER])
def test_each_behaves_as_expected(matrices: Running, one: tuple[str, int]) -> None:
    assert matrix(matrices, one)["changes"] == []


@pytest.mark.parametrize("one", [*PROXIES, OLDER])
def test_recommended_settings_do_what_they_are_for(matrices: Running, one: tuple[str, int]) -> None:
    """Both open, one by one; a heartbeat outlives the limits; a long answer is whole; a restart costs nothing."""
    assert matrix(matrices, one)["shortcomings"] == []


@pytest.mark.parametrize("one", [*PROXIES, OLDER])
def test_a_bare_proxy_that_strips_the_upgrade_is_answered_at_once(matrices: Running, one: tuple[str, int]) -> None:
    for passage in matrix(matrices, one)["passages"]:
        plain = passage["readings"]["plain"]
        assert plain["refused"] is None or plain["opened_ms"] < 1000
        if passage["transport"] == "websocket" and plain["refused"]:
            assert set(passage["readings"]) == {"plain"}


@pytest.mark.parametrize("one", [OLDER])
def test_the_system_has_the_older_nginx(one: tuple[str, int]) -> None:
    """Otherwise nothing here has seen it; `.ci/run` unpacks Debian's."""
    found = proxies.binaries("nginx")
    if len(found) < 2:
        pytest.skip("nginx is not on this machine in a second version")
    assert found[0].version != found[1].version


@pytest.mark.parametrize("one", PROXIES)
def test_what_was_measured_is_the_version_that_is_installed(one: tuple[str, int]) -> None:
    found = proxies.binaries(one[0])
    if not found:
        pytest.skip(f"{one[0]} is not on this machine")
    assert found[0].version in expectation(one[0]).versions, "measure it anew, and say so in expected.yaml"
