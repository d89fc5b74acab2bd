"""The system's Chromium, driven: a page of ours is loaded, its script answers, and nothing is left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from demos.clients import chromium as driven
from demos.clients.chromium import chromium
from demos.processes.demo_server import served

pytestmark = pytest.mark.browser
ASK = "async (path) => { const said = await fetch(path); return [said.status, await said.json()]; }"


def ours() -> list[str]:
    """Command lines of the processes that hold one of our profiles."""
    lines = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            lines.append((process / "cmdline").read_bytes().decode(errors="replace"))
        except OSError:
            continue  # it has ended meanwhile
    return [line for line in lines if f"streamwise-test-{os.getpid()}" in line]


def test_a_page_is_loaded_asked_and_closed() -> None:
    with chromium() as browser, served() as child:
        assert browser.version.startswith("Chrome/")
        page = browser.page(f"http://127.0.0.1:{child.port}/api/blank")
        status, said = page.run(ASK, "/api/health")
        assert (status, said["status"]) == (200, "ok")
        with pytest.raises(RuntimeError, match="Error: no"):
            page.run("async () => { throw new Error('no'); }")
        with pytest.raises(RuntimeError, match=r"did not answer Runtime\.evaluate within 0\.1 s"):
            page.run("() => new Promise(() => {})", limit_s=0.1)
        assert page.run("() => 1 + 1") == 2  # what came late is not taken for the next answer
        with pytest.raises(RuntimeError, match=r"refused No\.such"):
            browser.command("No.such")
        page.close()
        child.end()
        with pytest.raises(RuntimeError, match="ERR_CONNECTION_REFUSED"):
            browser.page(f"http://127.0.0.1:{child.port}/api/blank")


def test_nothing_is_left_behind_whatever_happens() -> None:
    mark = f"--user-agent=streamwise-test-{os.getpid()}"
    with pytest.raises(RuntimeError, match="script failed"), chromium(mark) as browser:  # noqa: PT012
        assert ours()
        browser.page("about:blank").run("() => nothing_of_that_name")
    assert ours() == []


def test_without_one_it_says_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driven, "find", lambda: None)
    with pytest.raises(RuntimeError, match="needs a browser"), chromium():
        pytest.fail("it started")


def test_one_that_ends_at_once_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driven, "find", lambda: "/bin/false")
    with pytest.raises(RuntimeError, match="did not start"), chromium():
        pytest.fail("it started")
