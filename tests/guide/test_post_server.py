"""One POST answered by the event stream, as its snippets stand: on one server, and on two that share nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from demos.faults import Ending
from demos.proxies.catalog import binaries
from demos.proxies.running import Proxied, free_port
from guide.book import KNOWLEDGE, book
from guide.book.config_template import Site, render
from guide.decision import snippets
from guide.decision.engine import decide
from tests.guide.started import PATIENT_S, Client, Served, said, serving, until

KEY = "server-post-fastapi"
WATCHED = """
import agent_run, server_post_fastapi
stop = agent_run.Run.stop
def watched(run, status="stopped"):
    if not run.ended: print("ended as", status, "after", len(run.events), flush=True)
    stop(run, status)
agent_run.Run.stop = watched
app = server_post_fastapi.app
"""
PROMPT = "Hm?"
LONG = "Why a heartbeat? " * 60
"""The snippets' agent repeats it, a character at a time: an answer of several seconds, to be interrupted."""


def asked(prompt: str) -> dict[str, list[dict[str, str]]]:
    return {"messages": [{"role": "user", "content": prompt}]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(KEY, tmp_path_factory.mktemp(KEY) / "copy", WATCHED) as served:
        yield served


def events(text: str) -> list[dict[str, str]]:
    blocks = (dict(line.split(": ", 1) for line in block.split("\n")) for block in text.strip().split("\n\n"))
    return [json.loads(block["data"]) for block in blocks if "data" in block]


def test_the_response_is_the_whole_run_and_has_no_position(server: Served) -> None:
    url = f"http://127.0.0.1:{server.port}/answers"
    with httpx.stream("POST", url, json=asked(PROMPT), trust_env=False) as response:
        assert response.headers["content-type"].partition(";")[0] == "text/event-stream"
        assert response.headers["x-accel-buffering"] == "no"
        text = response.read().decode()
    assert "id:" not in text, "there is no log to come back to"
    found = events(text)
    assert found[0]["type"] == "ping", "while the tool is silent"
    assert "".join(one.get("text", "") for one in found) == said(PROMPT)
    assert (found[-1]["type"], found[-1]["status"]) == ("end", "completed")


def test_closing_the_response_stops_the_model(server: Served) -> None:
    before = len(server.text())
    url = f"http://127.0.0.1:{server.port}/answers"
    with httpx.stream("POST", url, json=asked(LONG), trust_env=False) as response:
        next(chunk for chunk in response.iter_text() if '"token"' in chunk)
    until(lambda: "ended as stopped" in server.text()[before:], "the run stops when its client goes")


@pytest.mark.parametrize("body", [{}, {"messages": []}, {"messages": [{"role": "system", "content": "x"}]}, [], "x"])
def test_what_is_wrong_is_refused(server: Served, body: object) -> None:
    answer = httpx.post(f"http://127.0.0.1:{server.port}/answers", json=body, trust_env=False)
    assert answer.status_code == 422


def test_the_python_client_reads_it_whole_and_does_not_ask_again(server: Served) -> None:
    snippet = book().snippets["client-post-python"]
    whole = Client(snippet, server, PROMPT, PATIENT_S)
    assert whole.rest() == "completed"
    assert (whole.text, whole.opened) == (said(PROMPT), 1)
    cut = Client(snippet, server, LONG, PATIENT_S)
    cut.read(10)
    server.cut(Ending.RESET)
    assert cut.rest() == "lost"
    assert cut.opened == 1, "the model is not paid a second time unseen"


def test_ctrl_c_closes_it_and_so_stops_the_model(server: Served) -> None:
    before = len(server.text())
    client = Client(book().snippets["client-post-python"], server, LONG, PATIENT_S)
    client.read(10)
    client.interrupt()
    assert client.rest() == "stopped"
    until(lambda: "ended as stopped" in server.text()[before:], "the run stops with its client")


@contextmanager
def in_turn(folder: Path, *ports: int) -> Iterator[Proxied]:
    """The recommended nginx in front of these servers, which it asks in turn."""
    binary = binaries("nginx")[0]
    site = Site(free_port(), ports[0], str(folder))
    servers = " ".join(f"server 127.0.0.1:{port};" for port in ports)
    for name, before in (("recommended.conf", f"upstream both {{ {servers} }}\n"), ("frame.conf", "")):
        text = render((KNOWLEDGE / "proxies" / "nginx" / name).read_text(), site)
        target = binary.proxy.config if before else name
        (folder / target).write_text(before + text.replace(f"http://127.0.0.1:{ports[0]}", "http://both"))
    (folder / "log").touch()
    running = Proxied(binary, site, folder / "log", asks="/openapi.json")
    try:
        running.start()
        yield running
    finally:
        running.end()


def test_it_runs_on_two_processes_that_share_nothing(tmp_path: Path) -> None:
    """What is recommended where nothing is resumed and hosting is stateless can be built on plain isolates."""
    answers = {"uplink": ("controls",), "hosting": ("stateless",), "resume": ("restart",), "disconnect": ("stop",)}
    assert decide(book(), answers).pattern == "sse-one-post"
    assert KEY in snippets.chosen(book(), answers, "sse")
    (tmp_path / "proxy").mkdir()
    with ExitStack() as stack:
        both = [stack.enter_context(serving(KEY, tmp_path / name, WATCHED)) for name in ("one", "two")]
        proxy = stack.enter_context(in_turn(tmp_path / "proxy", *(served.port for served in both)))
        url = f"http://127.0.0.1:{proxy.site.port}/answers"
        for turn in range(4):
            answer = httpx.post(url, json=asked(f"Turn {turn}"), timeout=30, trust_env=False)
            assert "".join(one.get("text", "") for one in events(answer.text)) == said(f"Turn {turn}")
        assert [served.text().count('"POST /answers HTTP/1.1" 200') for served in both] == [2, 2], "each had its turn"
        with httpx.stream("POST", url, json=asked(LONG), trust_env=False) as response:
            next(chunk for chunk in response.iter_text() if '"token"' in chunk)
        until(lambda: any("ended as stopped" in served.text() for served in both), "a stop reaches the one that runs")
