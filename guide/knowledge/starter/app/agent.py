"""Your agent: THE file to edit. `graph` is what runs; put your own in its place, with or without a checkpointer.

Without settings a scripted model answers. MODEL_URL names a server that speaks OpenAI's chat completions
(such as https://api.openai.com/v1), MODEL the model, MODEL_KEY the key.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, SystemMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.tools import tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.types import interrupt

WORD_S = 0.03
"""Between two words of the scripted model."""
RULES = SystemMessage("You look after orders. Answer in a few sentences. Refund only with the tool.")


def is_answer(node: str, tags: Sequence[str]) -> bool:
    """Whose words the user sees: here those of every node, but for models with the tag `internal`."""
    return "internal" not in tags


@tool
async def refund(order: int, euros: int) -> str:
    """Refund an order. A human is asked first."""
    answer = interrupt({"question": f"Refund {euros} EUR for order {order}?"})
    if answer != "yes":
        return "A human has refused the refund."
    await asyncio.sleep(0.2)  # stands for the payment
    return f"{euros} EUR were refunded for order {order}."


class ScriptedModel(BaseChatModel):
    """Stands for a model: asks for the tool where a refund is wanted, and says the rest word by word."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **options: Any) -> ScriptedModel:
        return self

    def _next(self, messages: list[BaseMessage]) -> AIMessage:
        last = messages[-1]
        if isinstance(last, ToolMessage):
            return AIMessage(f"{last.text} Is there anything else?")
        asked = re.search(r"refund\D*(\d+)(?:\D+(\d+))?", last.text, re.IGNORECASE)
        if asked:
            args = {"order": int(asked[2] or 1182), "euros": int(asked[1])}
            call = {"name": "refund", "args": args, "id": f"call-{len(messages)}"}
            return AIMessage("One moment.", tool_calls=[call])
        turn = sum(message.type == "human" for message in messages)
        text = f'You asked: "{last.text}" This is question {turn} of our talk. A model would answer here, word by word.'
        return AIMessage(f"{text} Ask me to refund 40 EUR for order 1182 to see a question.")

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next(messages))])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        reply = self._next(messages)
        for word in re.findall(r"\S+\s*", reply.text):
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
            await asyncio.sleep(WORD_S)
        yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_calls=reply.tool_calls))


def model() -> BaseChatModel:
    if url := os.environ.get("MODEL_URL"):
        from langchain_openai import ChatOpenAI  # takes a second to import

        key: Any = os.environ.get("MODEL_KEY", "none")
        return ChatOpenAI(base_url=url, model=os.environ.get("MODEL", "gpt-5-mini"), api_key=key)
    return ScriptedModel()


chat = model().bind_tools([refund])


async def answer(state: MessagesState) -> dict[str, Any]:
    return {"messages": [await chat.ainvoke([RULES, *state["messages"]])]}


builder = StateGraph(MessagesState)
builder.add_node(answer)
builder.add_node("tools", ToolNode([refund]))
builder.add_edge(START, "answer")
builder.add_conditional_edges("answer", tools_condition)
builder.add_edge("tools", "answer")
graph = builder.compile()
