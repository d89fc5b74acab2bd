"""The starter code: what is offered to whom, and each server with each client that belongs to it, as they stand."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demos.faults import Ending
from guide import book as books
from guide.book import Book
from guide.decision.snippets import chosen
from guide.model import Answers
from tests.guide.started import PATIENT_S, SERVERS, SILENCE_S, Client, Start, said

OURS = books.book()
PROMPT = "Why a heartbeat? Ça m'intéresse."
CLIENTS = {
    key: s
    for key, s in OURS.snippets.items()
    if s.side == "client" and s.language == "python" and s.clients != ("post",)
}
"""Those that resume; the one of a single POST has its tests beside its server's."""
PAIRS = [
    (server, client) for server in SERVERS for client in CLIENTS if SERVERS[server].option == CLIENTS[client].option
]
MOST_LINES = 120


# --- what is offered ---


@pytest.mark.parametrize(
    ("answers", "choice", "clients"),
    [
        ({}, "sse", ["client-sse-browser", "client-sse-python"]),
        ({"auth": ("header",)}, "sse", ["client-sse-fetch", "client-sse-python"]),
        ({"clients": ("programs",), "auth": ("header",)}, "sse", ["client-sse-python"]),  # auth is then not asked
        ({"clients": ("browsers", "programs")}, "websocket", ["client-ws-browser", "client-ws-python"]),
        ({"clients": ("mobile",)}, "websocket", ["client-ws-python"]),
        ({"resume": ("restart",)}, "sse", ["client-post-browser", "client-post-python"]),  # those of runs would resume
        (
            {"clients": ("unknown",), "auth": ("unknown",)},
            "level",
            ["client-sse-browser", "client-sse-python", "client-ws-browser", "client-ws-python"],
        ),
    ],
)
def test_what_is_offered_follows_the_answers(ours: Book, answers: Answers, choice: str, clients: list[str]) -> None:
    keys = chosen(ours, answers, choice)
    assert [key for key in keys if ours.snippets[key].side == "client"] == clients
    post = "client-post-python" in clients
    servers = [key for key, snippet in SERVERS.items() if choice in (snippet.option, "level") and not post]
    servers += ["server-post-fastapi"] if post else []
    assert [key for key in keys if ours.snippets[key].side == "server"] == ["agent-run", *servers]


def test_what_lies_outside_gets_no_code(ours: Book) -> None:
    assert all(chosen(ours, {}, choice) == () for choice in ours.outside)


# --- what each file says about itself ---


@pytest.mark.parametrize("key", OURS.snippets)
def test_a_snippet_is_short_and_says_what_it_requires(key: str) -> None:
    snippet, code = OURS.snippets[key], OURS.code[key]
    head = code[: code.index("const " if snippet.language == "javascript" else "from __future__")]
    assert len(code.splitlines()) <= MOST_LINES
    assert set(re.findall(r"[\w-]+==\w+(?:\.\w+)*", head)) == set(snippet.requires)
    assert re.search(r"(Start|Use): |Nothing to start", head), "how is it run?"
    named = {other.file for other in OURS.snippets.values() if other.file in head.replace("./", "")}
    assert snippet.file in named or Path(snippet.file).stem in head or snippet.option is None


@pytest.mark.parametrize("requirement", sorted({r for s in OURS.snippets.values() for r in s.requires}))
def test_what_a_snippet_requires_is_what_it_was_run_with(requirement: str) -> None:
    name, version = requirement.split("==")
    assert importlib.metadata.version(name) == version


# --- every server with every client ---


Begin = Callable[[float], Client]


@pytest.fixture
def begin(request: pytest.FixtureRequest, started: Start) -> Iterator[Begin]:
    """Starts the pair's client: how long it bears a silence, in seconds."""
    server, client = request.param
    begun: list[Client] = []

    def start(silence_s: float) -> Client:
        begun.append(Client(CLIENTS[client], started(server), PROMPT, silence_s))
        return begun[-1]

    yield start
    for each in begun:
        each.kill()


each_pair = pytest.mark.parametrize("begin", PAIRS, indirect=True, ids=["-with-".join(pair) for pair in PAIRS])


@each_pair
def test_a_whole_run_through_a_silence_is_one_connection(begin: Begin) -> None:
    """The agent's tool is silent for longer than the client bears: only heartbeats keep the connection."""
    client = begin(SILENCE_S)
    assert client.rest() == "completed"
    assert client.text.strip() == said(PROMPT)
    assert client.opened == 1


@each_pair
@pytest.mark.parametrize(("ending", "silence_s"), [(Ending.RESET, PATIENT_S), (Ending.SILENT, SILENCE_S)])
def test_a_cut_loses_nothing_and_repeats_nothing(begin: Begin, ending: Ending, silence_s: float) -> None:
    client = begin(silence_s)
    client.read(20)
    client.served.cut(ending)
    assert client.rest() == "completed"
    assert client.text.strip() == said(PROMPT)
    assert client.opened >= 2


@each_pair
def test_a_stop_ends_the_run_and_not_only_the_listening(begin: Begin) -> None:
    client = begin(PATIENT_S)
    client.read(20)
    client.interrupt()
    assert client.rest() == "stopped"
    text = client.text.strip()
    assert said(PROMPT).startswith(text)
    assert 20 <= len(text) < len(said(PROMPT))
    assert client.opened == 1
