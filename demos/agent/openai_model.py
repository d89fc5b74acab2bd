"""Chat model of the graph that calls an OpenAI-compatible server. The only user of langchain_openai.

Importing it takes most of a second more, and the library may not be installed: only `demos.server.backend` does, once
a URL is set, in the thread that loads langgraph. It knows no facts and no graph.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Self, cast
from urllib.parse import urlsplit

from langchain_core import exceptions as failures
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_openai.chat_models.base import BaseChatOpenAI
from pydantic import Field, SecretStr

from demos.agent.model_settings import KEY, NAME, URL, ModelAddress, ModelTrouble

CONNECT_S = 5.0
"""How long a connection may take to come about, each time it is tried."""
RETRIES = 1
"""Tries after the first one that met no server, a busy one or a failing one. Never once the answer has begun."""
MOST_TOKENS = 2_000
"""Default maximum of tokens of an answer."""
NO_KEY = "none"
"""Sent where no key is set: the library would otherwise look for another vendor's key in the environment."""


class HostedModel(BaseChatOpenAI):
    """Streams chat completions. Every failure is a `ModelTrouble`; to cancel is to close the connection.

    Keyword arguments of a call: `n_tokens`, the most that the answer may have, and `coda`, said after the answer.
    """

    address: ModelAddress = Field(exclude=True)  # or the key would be in every dump

    @classmethod
    def at(cls, address: ModelAddress) -> Self:
        """The model at an address. Nothing is sent before the first question."""
        model = cls(
            address=address,
            base_url=address.url,
            api_key=SecretStr(address.key or NO_KEY),
            model=address.name,
            max_retries=RETRIES,
            timeout=(CONNECT_S, None, None, CONNECT_S),  # reading is bounded below, chunk by chunk
            stream_chunk_timeout=None,
            stream_usage=True,
            streaming=True,
            use_responses_api=False,
            # A handshake is little beside an answer, and a connection that is kept may be dead when it is used again.
            default_headers={"Connection": "close"},
        )
        # Otherwise taken from the environment, where they belong to another vendor's account.
        model.root_async_client.organization = model.root_async_client.project = None
        return model

    @property
    def _llm_type(self) -> str:
        return "streamwise-hosted"

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        *,
        n_tokens: int | None = None,
        coda: str = "",
        **given: Any,
    ) -> AsyncGenerator[ChatGenerationChunk, None]:
        """The answer as it comes, then the coda.

        Raises:
            ModelTrouble: no answer, or not a whole one.
        """
        most = n_tokens or MOST_TOKENS
        given[self._bound] = most
        came, made, whole = False, 0, False
        chunks = cast("AsyncGenerator[ChatGenerationChunk]", super()._astream(messages, stop, run_manager, **given))
        try:
            async with aclosing(chunks):
                while not (whole and made > most) and (chunk := await self._next(chunks)) is not None:
                    came, made = True, made + bool(chunk.text)
                    whole = whole or made > most or bool((chunk.generation_info or {}).get("finish_reason"))
                    if made <= most:  # servers that know no bound would write on
                        yield chunk
        except Exception as error:
            # Without its cause: that holds what the server said, and a server may repeat the key.
            raise ModelTrouble(self._why(error, came)) from None
        if not made or not whole:
            raise ModelTrouble(self._ended_early(came, made, whole))
        if coda:
            yield ChatGenerationChunk(message=AIMessageChunk(content=coda))

    @property
    def _bound(self) -> str:
        """OpenAI's newer models refuse the old name of the bound; most other servers do not know the new one."""
        host = urlsplit(self.address.url).hostname or ""
        return "max_completion_tokens" if f".{host}".endswith(".openai.com") else "max_tokens"

    async def _next(self, chunks: AsyncGenerator[ChatGenerationChunk, None]) -> ChatGenerationChunk | None:
        async with asyncio.timeout(self.address.silence_s):
            return await anext(chunks, None)

    def _ended_early(self, came: bool, made: int, whole: bool) -> str:
        """The stream is over, and nothing was wrong with it as a stream."""
        at = self.address.url
        if not came:
            return f"What answered at {at} is no stream of chat completions. Check {URL}; it mostly ends in /v1."
        if not whole:
            return f"The model at {at} broke off after {made} tokens: its server ended the stream. Look into its log."
        return (
            f"The model {self.address.name!r} at {at} ended its answer without a word. "
            "One that thinks first may need more tokens: n_tokens."
        )

    def _why(self, error: Exception, came: bool) -> str:
        """One failure as a sentence for readers. The table goes from the special to the general."""
        at, name, silence = self.address.url, self.address.name, self.address.silence_s
        busy = f"The model's server at {at} takes no more requests now. Try later, or look at the account's limits."
        table: list[tuple[type[Exception], str]] = [
            (failures.ModelTimeoutError, f"{at} took no connection within {CONNECT_S:g} s. Check {URL}."),
            (failures.ModelConnectionError, f"No model's server answers at {at}. Is it running, and is {URL} right?"),
            (failures.ModelAuthenticationError, f"The model's server at {at} refused the key. Check {KEY}."),
            (failures.ModelPermissionDeniedError, f"The key may not use {name!r} at {at}. Check {KEY} and {NAME}."),
            (failures.ModelNotFoundError, f"{at} has no model {name!r}, or is no base URL. Check {NAME} and {URL}."),
            (failures.ModelRateLimitError, busy),
            (failures.ContextOverflowError, f"The question and its facts are too long for {name!r} at {at}."),
            (failures.ModelInvalidRequestError, f"The model's server at {at} refused the request."),
            (failures.ModelAPIError, f"The model's server at {at} failed. Look into its log."),
            (TimeoutError, f"The model {name!r} at {at} said nothing for {silence:g} s, the limit here."),
        ]
        known = next((sentence for kind, sentence in table if isinstance(error, kind)), None)
        if came and (known is None or isinstance(error, failures.ModelConnectionError)):
            known = f"The model at {at} broke off in the middle of its answer ({type(error).__name__})."
        if known is None:
            known = f"What answered at {at} is no stream of chat completions ({type(error).__name__}). Check {URL}."
        return known + self._said(error)

    def _said(self, error: Exception) -> str:
        """The server's status and own words, where it gave any."""
        status, body = getattr(error, "status_code", None), getattr(error, "body", None)
        words = body.get("message") if isinstance(body, Mapping) else None
        if not isinstance(words, str) or not words.strip():
            return f" (Status {status}.)" if status else ""
        words = self.address.hide(" ".join(words.split()))[:200]
        return f" It said{f' with status {status}' if status else ''}: {words}"
