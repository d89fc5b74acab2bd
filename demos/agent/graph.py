"""The demo agent: a LangGraph graph that answers from the guide's facts. Sole user of langgraph.

    plan --tool call--> look_up --> ask a human? --> answer, token by token

Importing this module takes about a second (langgraph), so nothing on the start path does: `demos.server.backend`
imports it in a thread. Drafts of events come out; `demos.agent.event_mapping` translates what langgraph hands over.

With a real model (`demos.agent.openai_model`) the graph is the same, and the model writes the answer. The plan and the
call of the tool stay scripted: small models often cannot call tools, and so every answer has the guide's facts to cite.
"""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    AnyMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    merge_message_runs,
    trim_messages,
)
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.stream import StreamChannel, StreamTransformer
from langgraph.types import Command, interrupt

from demos.agent import prompt, script
from demos.agent.event_mapping import Mapper
from demos.agent.facts import Knowledge
from demos.agent.large_result import Blob
from demos.agent.scripted_model import ScriptedModel
from demos.agent.steering import Heard, nothing
from demos.protocol.events import ANSWER, Draft
from demos.protocol.run_options import Pace, Settings

# Announced at every call; langchain re-arms its warnings on import. By text, since the class is in a private module.
warnings.filterwarnings("ignore", message="The v3 streaming protocol on Pregel is experimental")

THINKING = Pace(rate=0, first_token_ms=0, jitter=0)
"""Plans are not what anybody measures: they come at once."""

REMEMBERED = 6
"""Messages of the conversation that a real model is sent, the newest question among them."""


class State(MessagesState):
    """What the graph carries besides the messages: what the human said, when one was asked."""

    remark: str


class _AllModes(StreamTransformer):
    """Asks the graph for the stream modes that v3 leaves out unless some transformer requires them.

    `tasks` need more: langgraph's own transformers keep them for themselves. Here they are seen first, and said again
    on a channel, which langgraph forwards as `custom:tasks`.
    """

    required_stream_modes = ("custom", "updates", "checkpoints", "tools", "tasks")
    before_builtins = True

    def __init__(self, scope: tuple[str, ...] = ()) -> None:
        super().__init__(scope)
        self._tasks: StreamChannel[Any] = StreamChannel("tasks")

    def init(self) -> dict[str, Any]:
        return {"said_tasks": self._tasks}

    def process(self, event: Any) -> bool:
        if event["method"] == "tasks":
            self._tasks.push((event["params"]["namespace"], event["params"]["data"]))
        return True


ReadSettings = Callable[[RunnableConfig], Settings]


def _settings(config: RunnableConfig) -> Settings:
    settings: Settings = config["configurable"]["settings"]
    return settings


def make_look_up(knowledge: Knowledge, read: ReadSettings = _settings) -> BaseTool:
    """The agent's one tool. What it may find is a parameter."""

    @tool
    async def look_up(question: str, config: RunnableConfig) -> str:
        """Find the guide's facts that bear on a question; returns their ids as JSON, best first."""
        settings = read(config)
        await asyncio.sleep(settings.silence_ms / 1000)
        return json.dumps(knowledge.look_up(question, settings.answers, settings.facts))

    return look_up


@dataclass(frozen=True)
class Nodes:
    """The steps of the graph that are ours. Each run's settings come in its config."""

    knowledge: Knowledge
    model: ScriptedModel
    read: ReadSettings
    hosted: BaseChatModel | None = None

    async def plan(self, state: State, config: RunnableConfig) -> dict[str, Any]:
        """Say what will be looked up, and call the tool."""
        asked = _question(state)
        text = script.plan(asked, self.knowledge.reported(self.read(config).answers))
        given: dict[str, Any] = {"text": text, "pace": THINKING, "call": ("look_up", {"question": asked})}
        return {"messages": [await self.model.ainvoke(state["messages"], config, **given)]}

    def ask(self, state: State, config: RunnableConfig) -> dict[str, Any]:
        """Ask a human, if this run is to. Runs again from its top when the answer is there."""
        if not self.read(config).approve:
            return {"remark": ""}
        found = _found(state)
        question = f"Answer from these {len(found)} facts?"
        said = interrupt({"question": question, "facts": found, "allowed": "yes, or a remark"})
        return {"remark": said if isinstance(said, str) else json.dumps(said)}

    async def answer(self, state: State, config: RunnableConfig) -> dict[str, Any]:
        """Write the answer: the script at the run's pace, a real model as it can."""
        settings = self.read(config)
        reported = self.knowledge.reported(settings.answers)
        if self.hosted is not None:
            return {"messages": [await self._ask_model(self.hosted, state, config, reported)]}
        text = script.answer(self.knowledge.facts, _found(state), reported, state.get("remark", ""))
        given: dict[str, Any] = {
            "text": text,
            "pace": settings.pace,
            "n_tokens": settings.n_tokens,
            "fail_at": settings.fail_at,
            "stamp": settings.stamp,
            "heard": config["configurable"].get("heard", nothing),
        }
        return {"messages": [await self.model.ainvoke(state["messages"], config, **given)]}

    async def _ask_model(
        self, hosted: BaseChatModel, state: State, config: RunnableConfig, reported: list[str]
    ) -> BaseMessage:
        """The facts, the conversation, the question. Pace, seed, stamp and fail_at are the script's alone.

        The sources are added here: a model may invent an address, the guide does not.
        """
        facts, found = self.knowledge.facts, _found(state)
        asked = prompt.question(_question(state), state.get("remark", ""))
        told = [SystemMessage(prompt.task(facts, found, reported)), *_before(state), HumanMessage(asked)]
        coda = prompt.coda(facts, found, str(getattr(hosted, "model_name", "a model")))
        return await hosted.ainvoke(merge_message_runs(told), config, n_tokens=self.read(config).n_tokens, coda=coda)


def build(
    knowledge: Knowledge, model: ScriptedModel, read: ReadSettings = _settings, hosted: BaseChatModel | None = None
) -> StateGraph[State]:
    """The graph, not compiled yet. `knowledge` is all it may cite; `read` finds a run's settings in its config.

    `hosted` writes the answers, or else the script does.
    """
    nodes, graph = Nodes(knowledge, model, read, hosted), StateGraph(State)
    graph.add_node("plan", nodes.plan)
    graph.add_node("look_up", ToolNode([make_look_up(knowledge, read)]))
    graph.add_node("ask", nodes.ask)
    graph.add_node(ANSWER, nodes.answer)
    for here, there in ((START, "plan"), ("plan", "look_up"), ("look_up", "ask"), ("ask", ANSWER), (ANSWER, END)):
        graph.add_edge(here, there)
    return graph


class Agent:
    """The graph, ready to run on any number of threads at once."""

    def __init__(
        self, knowledge: Knowledge, model: ScriptedModel | None = None, hosted: BaseChatModel | None = None
    ) -> None:
        model = model or ScriptedModel()
        self._graph: Any = build(knowledge, model, hosted=hosted).compile(checkpointer=InMemorySaver())
        # A page's <img> can ask the classics. Their graph holds no model that could cost anything.
        self._scripted: Any = build(knowledge, model).compile(checkpointer=InMemorySaver())

    def start(
        self, thread: str, question: str, settings: Settings, heard: Heard = nothing
    ) -> AsyncGenerator[Draft, None]:
        """Run the graph on a question. Cancelling the task that iterates stops it within milliseconds.

        `heard` is what is said to the run while it writes; only the script listens.
        """
        return self._run(_asked(question), _config(thread, settings, heard), self._graph)

    def resume(
        self, thread: str, responses: dict[str, Any], settings: Settings, heard: Heard = nothing
    ) -> AsyncGenerator[Draft, None]:
        """Go on after an interrupt: interrupt id -> what the human said."""
        return self._run(Command(resume=responses), _config(thread, settings, heard), self._graph)

    def scripted(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[Draft, None]:
        """As `start`, and no real model is asked."""
        return self._run(_asked(question), _config(thread, settings), self._scripted)

    async def _run(self, given: Any, config: RunnableConfig, graph: Any) -> AsyncGenerator[Draft, None]:
        mapper = Mapper()
        settings: Settings = config["configurable"]["settings"]
        blob = Blob(settings.blob_bytes, settings.blob_part_bytes, settings.pace.seed)
        if not isinstance(given, Command):
            await _newest_only(graph.checkpointer, config["configurable"]["thread_id"])
        run = await graph.astream_events(given, config, version="v3", transformers=[_AllModes])
        async with run:
            async for event in run:
                for draft in mapper.drafts(event):
                    yield draft
                    for part in blob.after(draft):
                        yield part
        for part in blob.rest():
            yield part
        # Only now: a fast human would otherwise answer a run that has not wound down yet.
        for draft in mapper.interrupts():
            yield draft

    async def tokens(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[str, None]:
        """The answer's tokens alone, the way the tutorials do it. Always scripted, as everything below."""
        async with aclosing(self.events(thread, question, settings)) as events:
            async for _, token in events:
                if token:
                    yield token

    async def events(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[tuple[Any, str], None]:
        """What `astream_events(version="v2")` hands over, all of it; with each the answer's text in it, mostly none."""
        async for event in self._scripted.astream_events(_asked(question), _config(thread, settings), version="v2"):
            is_answer = event["metadata"].get("langgraph_node") == ANSWER
            is_token = event["event"] == "on_chat_model_stream" and is_answer
            yield event, event["data"]["chunk"].text if is_token else ""

    async def messages(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[tuple[Any, str], None]:
        """What `astream(stream_mode="messages")` hands over: (message, metadata), and the answer's text in it."""
        config = _config(thread, settings)
        async for said in self._scripted.astream(_asked(question), config, stream_mode="messages"):
            is_token = said[1].get("langgraph_node") == ANSWER and isinstance(said[0], AIMessageChunk)
            yield said, said[0].text if is_token else ""

    async def forget(self, thread: str) -> None:
        """Drop what the checkpointer keeps for a thread."""
        for graph in (self._graph, self._scripted):
            await graph.checkpointer.adelete_thread(thread)


async def _newest_only(saver: Any, thread: str) -> None:
    """Between two runs only the newest checkpoint matters. To keep all would cost the square of a thread's turns."""
    at = {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}
    newest = await saver.aget_tuple(at)
    if newest is not None:
        await saver.adelete_thread(thread)
        await saver.aput(at, newest.checkpoint, newest.metadata, newest.checkpoint["channel_versions"])


def _asked(question: str) -> dict[str, Any]:
    return {"messages": [HumanMessage(question)], "remark": ""}


def _config(thread: str, settings: Settings, heard: Heard = nothing) -> RunnableConfig:
    return {"configurable": {"thread_id": thread, "settings": settings, "heard": heard}}


def _question(state: State) -> str:
    return next(str(message.text) for message in reversed(state["messages"]) if isinstance(message, HumanMessage))


def _before(state: State) -> list[BaseMessage]:
    """The conversation before the newest question: questions and answers as plain text, no plans, no tools."""
    said: list[AnyMessage] = [
        type(message)(str(message.text))
        for message in state["messages"]
        if isinstance(message, HumanMessage) or (isinstance(message, AIMessage) and not message.tool_calls)
    ]
    kept = trim_messages(said, max_tokens=REMEMBERED, token_counter=len, strategy="last", start_on="human")
    return kept[:-1]


def _found(state: State) -> list[str]:
    """Fact ids from the newest tool result."""
    result = next(message for message in reversed(state["messages"]) if isinstance(message, ToolMessage))
    found: list[str] = json.loads(str(result.content))
    return found
