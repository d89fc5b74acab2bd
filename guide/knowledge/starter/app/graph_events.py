"""Turns what a graph streams into events: each message once, chunked or whole, from any depth; each question once."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolMessage, convert_to_messages
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command

from app import agent

Event = tuple[str, dict[str, Any]]


def as_json(event: dict[str, Any]) -> str:
    """An event as every reader can read it: what JSON does not know is text, and NaN is null."""
    try:
        return json.dumps(event, default=str, skipkeys=True, allow_nan=False)
    except ValueError:
        plain = json.loads(json.dumps(event, default=str, skipkeys=True), parse_constant=lambda name: None)
        return json.dumps(plain)


BREAKPOINT = "breakpoint-"
SILENT = "The agent ended without a word. It says what its nodes write to `messages`: see app/agent.py."


def with_memory(graph: Any, saver: BaseCheckpointSaver[Any]) -> Any:
    """The graph with a checkpointer, which questions and second turns need: its own, or this one."""
    if hasattr(graph, "compile"):
        return graph.compile(checkpointer=saver)
    return graph if graph.checkpointer else graph.copy({"checkpointer": saver})


class GraphEvents:
    """What one run of a graph says, over all the questions that it asks."""

    def __init__(self, graph: Any, thread: str, events: Iterable[dict[str, Any]] = ()) -> None:
        """`events`: what this run has said already, before a question, perhaps in another process."""
        self._graph, self._config = graph, {"configurable": {"thread_id": thread}}
        self._is_answer = getattr(agent, "is_answer", lambda node, tags: True)
        self._numbers: dict[str, int] = {}  # of messages, by their ids
        self._texts: dict[int, list[str]] = {}  # the pieces of each message
        self._places: dict[tuple[str, ...], list[int]] = {}  # the messages of each part of the graph
        self._open: dict[str, list[int]] = {}  # messages of nodes that are not through yet
        self._again: dict[str, list[str]] = {}  # what a node said before its question: it runs anew after it
        self._held: dict[int, tuple[str, str]] = {}  # node and text of what may be such a repeat, until it differs
        self._asked: set[str] = set()
        for event in events:
            if event["type"] == "token":
                self._said(int(event["message"]), (), event["node"], event["text"])
            elif event["type"] == "question":
                self._asked.add(event["question"])
                self._again, self._numbers = event["unfinished"], event["messages"]

    async def of(self, given: Any) -> AsyncIterator[Event]:
        """Run the graph until it ends or asks; `given` is its input, or a Command that answers.

        Yields `token`, `tool`, `question`, and `end` where nothing is asked."""
        if (told := _told_at_breakpoint(given)) is not None:
            if told != "yes":
                yield "end", {"status": "stopped"}
                return
            given = None  # it goes on where it stopped
        earlier = _messages(await self._state())
        before = {message.id for message in earlier}
        if isinstance(given, dict) and "messages" in given:
            told = convert_to_messages([*_unanswered(earlier), *given["messages"]])
            for message in told:  # what was said before, and comes with the prompt, is not said again
                message.id = message.id or str(uuid.uuid4())
            before |= {message.id for message in told}
            given = {**given, "messages": told}
        options: Any = {"stream_mode": ["messages", "updates"], "version": "v2", "subgraphs": True}
        async for part in self._graph.astream(given, self._config, **options):
            if part["type"] == "updates":
                for event in self._through(part["data"]):
                    yield event
            else:
                for event in self._message(part["ns"], *part["data"]):
                    yield event
        state = await self._state()
        for message in _messages(state):  # what no stream carried: a reply given as a dict, for example
            if isinstance(message, AIMessage) and message.id not in before and message.id not in self._numbers:
                for event in self._message((), message, {"langgraph_node": ""}):
                    yield event
        if questions := _questions(state):
            self._again = {node: ["".join(self._texts[n]) for n in {*said}] for node, said in self._open.items()}
            self._open, self._held = {}, {}
            for question, value in questions.items():
                if question not in self._asked:
                    self._asked.add(question)
                    known = {"unfinished": self._again, "messages": dict(self._numbers)}  # for who goes on from here
                    yield "question", {"question": question, "value": value, **known}
            return
        for event in self._through(list(self._again)):
            yield event
        yield "end", {"status": "completed"} if any(self._texts.values()) else {"status": "failed", "reason": SILENT}

    async def _state(self) -> Any:
        return await self._graph.aget_state(self._config)

    def _through(self, nodes: Iterable[str]) -> Iterator[Event]:
        """These nodes have done their work: what was held back and is no repeat is said."""
        for node in nodes:
            self._open.pop(node, None)
            for number, (by, text) in list(self._held.items()):
                if by == node:
                    del self._held[number]
                    if text not in self._again[node]:
                        yield self._said(number, (), node, text)

    def _message(self, place: Sequence[str], message: BaseMessage, meta: dict[str, Any]) -> Iterator[Event]:
        if not isinstance(message, AIMessage):
            return  # the user's own, a tool's result
        node, chunk, key = meta["langgraph_node"], isinstance(message, AIMessageChunk), str(message.id)
        known = key in self._numbers
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        if (known and not chunk) or not self._is_answer(node, meta.get("tags") or ()):
            return
        calls = message.tool_call_chunks if isinstance(message, AIMessageChunk) else message.tool_calls
        text = str(message.text)
        if text and not (not chunk and self._is_copy(place, node, text)):
            self._open.setdefault(node, []).append(number)
            yield from self._token(number, tuple(place), node, text, chunk)
        yield from (("tool", {"name": call["name"]}) for call in calls if call["name"])

    def _is_copy(self, place: Sequence[str], node: str, text: str) -> bool:
        """Whether a node hands on, word for word, what a graph inside it has said."""
        depth = len(place)
        inside = (
            said for where, said in self._places.items() if "".join(where[depth : depth + 1]).startswith(f"{node}:")
        )
        return any("".join(self._texts[number]) == text for said in inside for number in said)

    def _token(self, number: int, place: tuple[str, ...], node: str, text: str, chunk: bool) -> Iterator[Event]:
        if number not in self._texts or number in self._held:
            text = self._held.pop(number, (node, ""))[1] + text
            if any(before == text or (chunk and before.startswith(text)) for before in self._again.get(node, ())):
                self._held[number] = (node, text)
                self._texts.setdefault(number, [])
                return
        yield self._said(number, place, node, text)

    def _said(self, number: int, place: tuple[str, ...], node: str, text: str) -> Event:
        if not self._texts.get(number):
            self._places.setdefault(place, []).append(number)
        self._texts.setdefault(number, []).append(text)
        return "token", {"text": text, "message": str(number), "node": node}


def _messages(state: Any) -> list[BaseMessage]:
    """All messages of a graph's state."""
    lists = state.values.values() if isinstance(state.values, dict) else ()
    return [one for each in lists if isinstance(each, list) for one in each if isinstance(one, BaseMessage)]


def _questions(state: Any) -> dict[str, Any]:
    """What a graph waits for: its interrupts, or a breakpoint that it was compiled with."""
    if state.next and not state.interrupts:
        place = state.config["configurable"]["checkpoint_id"]
        return {BREAKPOINT + place: {"question": f"Go on with {', '.join(state.next)}?"}}
    return {question.id: question.value for question in state.interrupts}


def _told_at_breakpoint(given: Any) -> Any:
    """The answer to whether a graph shall go on; None for all else that a run is given."""
    answers = given.resume if isinstance(given, Command) and isinstance(given.resume, dict) else {}
    return next((value for question, value in answers.items() if str(question).startswith(BREAKPOINT)), None)


def _unanswered(messages: Sequence[BaseMessage]) -> list[ToolMessage]:
    """Answers to the tool calls of a run that was stopped: models refuse a talk in which they are missing."""
    last = messages[-1] if messages else None
    calls = last.tool_calls if isinstance(last, AIMessage) else []
    return [ToolMessage("The user stopped this.", tool_call_id=call["id"]) for call in calls]
