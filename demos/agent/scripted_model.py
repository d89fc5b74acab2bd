"""Scripted chat model of the agent: deterministic and offline, without a real language model."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from demos.agent import script
from demos.agent.model_settings import ModelTrouble
from demos.agent.steering import Heard, nothing
from demos.agent.timetable import Timetable
from demos.protocol.run_options import Pace

Sleep = Callable[[float], Awaitable[None]]


async def _sleep(seconds: float) -> None:
    """asyncio's sleep; 0 seconds still lets other tasks run, or a flat-out answer would stall every reader."""
    await asyncio.sleep(seconds)


class ModelFailed(ModelTrouble):
    """The model failed because it was told to."""

    def __init__(self, made: int) -> None:
        super().__init__(f"the model failed after {made} tokens, as fail_at asked it to")


class ScriptedModel(BaseChatModel):
    """A chat model that follows a script: first it calls the tool, and once it has the tool's answer it writes.

    Keyword arguments of a call, since every run has its own: `text` (what to say), `pace`, `n_tokens`, `fail_at`,
    `stamp`, `heard` (what was said meanwhile: the next token says it, before the text goes on), `said` (how many tokens
    were said before: they are made again at once, in one piece) and `call` (name and arguments of a tool, called after
    the text).
    """

    sleep: Sleep = _sleep
    clock: Callable[[], float] = time.monotonic

    @property
    def _llm_type(self) -> str:
        return "streamwise-scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **given: Any,
    ) -> ChatResult:
        """The whole message at once, for callers that do not stream. Takes no time."""
        tokens = script.pieces(given.get("text", ""), given.get("n_tokens"))
        calls = [{"name": name, "args": args, "id": _call_id(messages)} for name, args in _calls(given)]
        return ChatResult(generations=[ChatGeneration(message=AIMessage("".join(tokens), tool_calls=calls))])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **given: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        """Token by token, at the pace that was asked for."""
        before: list[str] = []
        said: int = given.get("said", 0)
        async for text in self._texts(given, said):
            if len(before) < said:
                before.append(text)
                if len(before) < said:
                    continue
                text = "".join(before)
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))
        for index, (name, args) in enumerate(_calls(given)):
            call = tool_call_chunk(name=name, args=json.dumps(args), id=_call_id(messages), index=index)
            yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[call]))

    async def _texts(self, given: dict[str, Any], said: int) -> AsyncIterator[str]:
        tokens: Iterable[str] = script.pieces(given.get("text", ""), given.get("n_tokens"))
        pace: Pace = given.get("pace", Pace())
        fail_at, stamp = given.get("fail_at"), given.get("stamp", False)
        heard: Heard = given.get("heard", nothing)
        due = Timetable(islice(pace.gaps(), said, None), self.clock)
        spoken = 0
        for made, token in enumerate(tokens):
            if spoken >= said:
                await self.sleep(due.wait())
            while remarks := heard():
                yield script.heard(remarks)
                spoken += 1
                if spoken >= said:
                    await self.sleep(due.wait())
            if made == fail_at:
                raise ModelFailed(made)
            yield f"{time.monotonic_ns()} " if stamp else token
            spoken += 1
        if remarks := heard():  # during the last token
            yield script.heard(remarks)


def _calls(given: dict[str, Any]) -> Sequence[tuple[str, dict[str, Any]]]:
    call = given.get("call")
    return [] if call is None else [call]


def _call_id(messages: Sequence[BaseMessage]) -> str:
    """Unique in its thread, and the same when the same run is made again."""
    return f"call_{1 + sum(isinstance(message, ToolMessage) for message in messages)}"
