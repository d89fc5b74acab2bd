from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import httpx
import pytest

from demos.processes.supervised import stop
from demos.proxies import catalog as proxies
from demos.proxies.catalog import Binary
from demos.proxies.running import ProxyFailed, proxied
from tests.demos.toys import Served, until

HERE = [binary for name in proxies.proxies() for binary in proxies.binaries(name)]
if_any = pytest.mark.skipif(not HERE, reason="no proxy is on this machine")


def in_folder(folder: str) -> list[int]:
    """Processes that work there, whatever they call themselves: a worker of nginx hides its command."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "cwd").startswith(folder):
                found.append(int(process.name))
        except OSError:
            continue
    return found


@pytest.mark.proxy
@if_any
@pytest.mark.parametrize("binary", HERE, ids=lambda binary: binary.title)
def test_it_lives_as_long_as_the_block_and_comes_back_on_the_same_port(binary: Binary, site: Served) -> None:
    with proxied(binary, "recommended", site.port) as proxy:
        folder = proxy.site.folder
        assert in_folder(folder)
        for _ in range(2):
            assert httpx.get(f"{proxy.api}/health", trust_env=False).status_code == 200
            proxy.restart()
    assert in_folder(folder) == []
    assert not Path(folder).exists()


@pytest.mark.proxy
@if_any
@pytest.mark.parametrize("binary", HERE, ids=lambda binary: binary.title)
def test_nothing_survives_when_we_are_killed(binary: Binary, site: Served, tmp_path: Path) -> None:
    told = tmp_path / "told"
    us = f"""
        import time
        from pathlib import Path
        from demos.proxies import catalog as proxies
        from demos.proxies.running import proxied
        binary = next(b for b in proxies.binaries({binary.name!r}) if b.version == {binary.version!r})
        with proxied(binary, "default", {site.port}) as proxy:
            Path({str(told)!r}).write_text(proxy.site.folder + "\\n")
            time.sleep(600)
    """
    starter = subprocess.Popen([sys.executable, "-c", textwrap.dedent(us)], cwd=Path(__file__).parents[3])
    until(lambda: told.exists() and told.read_text().endswith("\n"))
    folder = told.read_text().strip()
    assert len(in_folder(folder)) >= 2  # the watcher, and the proxy
    starter.kill()
    starter.wait()
    until(lambda: not in_folder(folder))
    shutil.rmtree(folder)  # all that is left behind


@pytest.mark.proxy
@if_any
@pytest.mark.parametrize("binary", HERE, ids=lambda binary: binary.title)
def test_large_bodies_pass(binary: Binary, site: Served) -> None:
    """Larger than what a proxy keeps in memory."""
    with proxied(binary, "recommended", site.port) as proxy:
        answer = httpx.post(f"{proxy.api}/measure", content=b" " * 200_000 + b"{}", trust_env=False)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_argument")


@pytest.mark.proxy
@if_any
def test_one_that_ends_by_itself_says_what_it_said(site: Served) -> None:
    def ended() -> None:
        with proxied(HERE[0], "default", site.port) as proxy:
            assert proxy.process
            stop(proxy.process, at_once=True)

    with pytest.raises(ProxyFailed, match="ended by itself"):
        ended()


@pytest.mark.proxy
@if_any
def test_one_that_cannot_start_says_why(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = HERE[0]
    monkeypatch.setattr(proxies, "template", lambda name, config: "}")
    with pytest.raises(ProxyFailed, match=f"{binary.title} did not start.*It said: .*\\S"), proxied(binary, "x", 1):
        pytest.fail("it started")
