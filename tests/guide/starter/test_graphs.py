"""Ordinary graphs in a starter project: each message arrives once, a question is a question, and nothing ends empty."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.guide.starter import graphs
from tests.guide.starter.projects import every_project
from tests.patience import seconds

DELETE = {"question": "Delete 3 files?"}
GO_ON = {"question": "Go on with canned?"}
HI, MAY_NOT = "Hi there.", "I may not answer that."
EXPECTED: dict[str, tuple[list[str], list[Any], str]] = {
    "a grader first": (['{"route": "billing"}', HI], [], "completed"),
    "a canned reply": ([MAY_NOT], [], "completed"),
    "a canned reply in a graph as a node": ([MAY_NOT], [], "completed"),
    "no word": ([], [], "failed"),
    "two models": (["First.", "Second."], [], "completed"),
    "the same twice": (["Wait.", "Wait."], [], "completed"),
    "a model that dies": (["Half an ans"], [], "The provider died."),
    "a question first": ([HI], [DELETE], "completed"),
    "a question after the answer": ([HI], [DELETE], "completed"),
    "a question in the node that speaks": (["I would delete 3 files.", HI], [DELETE], "completed"),
    "a question, and another answer after it": (["I would delete", "I would. yes"], [DELETE], "completed"),
    "two questions": (["yes yes"], ["One?", "Two?"], "completed"),
    "two questions at once": (["Left yes", "Right yes"], ["Left?", "Right?"], "completed"),
    "a graph as a node that asks": ([HI], [DELETE], "completed"),
    "a graph as a node that answers, asks, answers": ([HI, MAY_NOT], [DELETE], "completed"),
    "the same words inside and outside": ([HI, HI], [DELETE], "completed"),
    "a dict, then a question": ([HI], [DELETE], "completed"),
    "its own checkpointer": ([HI], [DELETE], "completed"),
    "a breakpoint before a node": ([HI, MAY_NOT], [GO_ON], "completed"),
    "a breakpoint after a node": ([HI, MAY_NOT], [GO_ON], "completed"),
    "a breakpoint before all": ([HI], [{"question": "Go on with answer?"}], "completed"),
    "a breakpoint in a graph as a node": ([HI, MAY_NOT], [{"question": "Go on with agent?"}], "completed"),
    graphs.REFUSED: ([HI], [GO_ON], "stopped"),
    "a node for each of several things, that asks": (["a yes", "b yes"], ["a?", "b?"], "completed"),
    "the agent of langgraph": (["Let me add.", "It is 3."], [], "completed"),
    "the agent of langgraph as a node": (["Let me add.", "It is 3."], [], "completed"),
    "a supervisor with two agents": (["I looked it up.", "I wrote it down.", "Both are done."], [], "completed"),
}
"""Text by message, what was asked, and the end; all others say HI and complete."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("project")
    for path, content in next(iter(every_project().values())).files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    command = [sys.executable, "-W", "ignore", str(Path(graphs.__file__))]
    done = subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True,
                          timeout=seconds(120), check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", graphs.GRAPHS)
def test_a_graph_says_everything_once(outcomes: dict[str, list[dict[str, Any]]], name: str) -> None:
    text, asked, end = EXPECTED.get(name, ([HI], [], "completed"))
    for outcome in outcomes[name]:
        assert (outcome["text"], outcome["asked"], outcome["end"]) == (text, asked, end)
        assert outcome["kept"] == 1, "the thread remembers what the user said"


def test_every_expectation_is_of_a_graph() -> None:
    assert EXPECTED.keys() <= graphs.GRAPHS.keys()
