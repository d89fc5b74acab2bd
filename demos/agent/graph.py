"""Demo agent: a LangGraph graph that answers from the guide's facts. Only this module and `nodes` import langgraph.

    plan --tool call--> look_up --> ask a human? --> answer, token by token

Importing this module takes about a second (langgraph), so nothing on the start path does: `demos.server.backend`
imports it in a thread. Drafts of events come out; `demos.agent.event_mapping` translates what langgraph hands over.

With a real model (`demos.agent.openai_model`) the graph is the same, and the model writes the answer. The plan and the
call of the tool stay scripted: small models often cannot call tools, and so every answer has the guide's facts to cite.
"""

from __future__ import annotations

import warnings
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import langsmith
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import (
    AIMessageChunk,
    HumanMessage,
)
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.stream import StreamChannel, StreamTransformer
from langgraph.types import Command

from demos.agent.event_mapping import Mapper, said_again
from demos.agent.facts import Knowledge
from demos.agent.large_result import Blob
from demos.agent.lost_run import LostRun
from demos.agent.nodes import Nodes, ReadSettings, State, make_look_up, run_settings
from demos.agent.scripted_model import ScriptedModel
from demos.agent.steering import Heard, nothing
from demos.protocol.events import ANSWER, Draft
from demos.protocol.run_options import Settings

# Announced at every call; langchain re-arms its warnings on import. By text, since the class is in a private module.
warnings.filterwarnings("ignore", message="The v3 streaming protocol on Pregel is experimental")


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


def build(
    knowledge: Knowledge, model: ScriptedModel, read: ReadSettings = run_settings, hosted: BaseChatModel | None = None
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
        self,
        knowledge: Knowledge,
        model: ScriptedModel | None = None,
        hosted: BaseChatModel | None = None,
        saver: BaseCheckpointSaver[Any] | None = None,
    ) -> None:
        """`saver`: where checkpoints are kept; by default in memory."""
        # Whoever builds agents has LangSmith's variables in the shell. What is asked here is sent nowhere.
        langsmith.configure(enabled=False)
        model = model or ScriptedModel()
        self._graph: Any = build(knowledge, model, hosted=hosted).compile(checkpointer=saver or InMemorySaver())
        # What another process may go on with must not lag behind what readers were sent.
        self._durability = "async" if saver is None else "sync"
        # A page's <img> can ask the classics. Their graph holds no model that could cost anything.
        self._scripted: Any = build(knowledge, model).compile(checkpointer=InMemorySaver())

    def start(
        self, thread: str, question: str, settings: Settings, heard: Heard = nothing, run: str | None = None
    ) -> AsyncGenerator[Draft, None]:
        """Run the graph on a question. Cancelling the task that iterates stops it within milliseconds.

        `heard` is what is said to the run while it writes; only the script listens. `run`: its id, by which `recover`
        finds what the graph has done for it.
        """
        return self._run(_asked(question, run), _config(thread, settings, heard), self._graph)

    def resume(
        self, thread: str, responses: dict[str, Any], settings: Settings, heard: Heard = nothing
    ) -> AsyncGenerator[Draft, None]:
        """Go on after an interrupt: interrupt id -> what the human said."""
        return self._run(Command(resume=responses), _config(thread, settings, heard), self._graph)

    async def recover(self, thread: str, lost: LostRun) -> AsyncGenerator[Draft, None]:
        """Go on with a run from its last checkpoint. A node that was interrupted runs again, from its beginning."""
        config = _config(thread, lost.settings, lost.heard, lost.said)
        state = await self._graph.aget_state(config)
        messages = state.values.get("messages", [])
        turn = [n for n, message in enumerate(messages) if message.id == lost.id]
        given: Any = None
        if turn:
            for draft in said_again(messages[turn[-1] + 1 :]):
                yield draft
            if not state.tasks:  # it had come to its end
                return
            asked = {one.id for task in state.tasks for one in task.interrupts}
            if answers := {key: response for key, response in lost.answered.items() if key in asked}:
                given = Command(resume=answers)
        else:
            given = _asked(lost.question, lost.id)
        async with aclosing(self._run(given, config, self._graph)) as drafts:
            async for draft in drafts:
                yield draft

    def scripted(self, thread: str, question: str, settings: Settings) -> AsyncGenerator[Draft, None]:
        """As `start`, and no real model is asked."""
        return self._run(_asked(question), _config(thread, settings), self._scripted)

    async def _run(self, given: Any, config: RunnableConfig, graph: Any) -> AsyncGenerator[Draft, None]:
        mapper = Mapper()
        settings: Settings = config["configurable"]["settings"]
        blob = Blob(settings.blob_bytes, settings.blob_part_bytes, settings.pace.seed)
        if isinstance(given, dict):  # a new question
            await _newest_only(graph.checkpointer, config["configurable"]["thread_id"])
        run = await graph.astream_events(
            given, config, version="v3", transformers=[_AllModes], durability=self._durability
        )
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


def _asked(question: str, run: str | None = None) -> dict[str, Any]:
    return {"messages": [HumanMessage(question, id=run)], "remark": ""}


def _config(thread: str, settings: Settings, heard: Heard = nothing, said: int = 0) -> RunnableConfig:
    return {"configurable": {"thread_id": thread, "settings": settings, "heard": heard, "said": said}}
