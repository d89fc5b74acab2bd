"""Steps of the demo graph: plan, look up, ask a human, answer. Each run's settings come in its config."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
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
from langgraph.graph import MessagesState
from langgraph.types import interrupt

from demos.agent import prompt, script
from demos.agent.facts import Knowledge
from demos.agent.scripted_model import ScriptedModel
from demos.agent.steering import nothing
from demos.protocol.run_options import Pace, Settings

THINKING = Pace(rate=0, first_token_ms=0, jitter=0)
"""Plans are not what anybody measures: they come at once."""

REMEMBERED = 6
"""Messages of the conversation that a real model is sent, the newest question among them."""


class State(MessagesState):
    """What the graph carries besides the messages: what the human said, when one was asked."""

    remark: str


ReadSettings = Callable[[RunnableConfig], Settings]


def run_settings(config: RunnableConfig) -> Settings:
    """Where a run of ours carries its settings."""
    settings: Settings = config["configurable"]["settings"]
    return settings


def make_look_up(knowledge: Knowledge, read: ReadSettings = run_settings) -> BaseTool:
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
        settings = self.read(config)
        text = script.plan(asked, self.knowledge.reported(settings.answers), settings.approve)
        given: dict[str, Any] = {"text": text, "pace": THINKING, "call": ("look_up", {"question": asked})}
        return {"messages": [await self.model.ainvoke(state["messages"], config, **given)]}

    def ask(self, state: State, config: RunnableConfig) -> dict[str, Any]:
        """Ask a human, if this run is to. Runs again from its top when the answer is there."""
        if not self.read(config).approve:
            return {"remark": ""}
        said = interrupt(script.approval())
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
            "said": config["configurable"].get("said", 0),
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
