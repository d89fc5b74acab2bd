"""Endpoint GET /api/payload: streams one answer in four forms, and counts the bytes of each on each transport.

    piece   {form, text, size, token, events, tokens, bytes}   for each event: its beginning, the totals so far
    form    {form, events, tokens, per_token}   at the end of each form
    done    {ratios, largest, shares}           at the end: the effect of each choice, in total and in each form
The event stream only reports sizes: the counted bytes are framed and compressed here, but not sent.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from demos.connections.responses import EventStream, client
from demos.lab.payload_sizes import Meter, Piece, pieces, ratios, shares
from demos.protocol import sse
from demos.protocol.errors import invalid
from demos.protocol.events import encode
from demos.protocol.payload_forms import FORMS
from demos.protocol.run_options import Settings
from demos.server.backend import Backend
from demos.server.endpoints import endpoint
from demos.threads.runs import Agent
from demos.threads.shares import Share
from guide.book import book

QUESTION: Final = "What does a token cost on the wire?"
LONG: Final = 40
"""Number of facts in the answer: enough text for `MOST_TOKENS` without repetition, which would make compression look
better."""
N_TOKENS, MOST_TOKENS = 900, 1500
"""The default gives more text than fits into the WebSocket's compression window of 4 KiB."""
SHOWN: Final = 220
"""Characters of an event that the page shows."""


class Payloads:
    """The endpoint, and who uses it."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._share = Share(backend.limits, "payloads", "runs that are being weighed", retry_s=10)

    def routes(self) -> list[BaseRoute]:
        return [Route("/payload", endpoint(self.get), methods=["GET"])]

    async def get(self, request: Request) -> Response:
        """`forms` (all), `seed`, `rate` (tokens a second; 0: flat out) and `tokens`, from the URL."""
        asked = request.query_params
        forms = asked.get("forms", ",".join(FORMS)).split(",")
        if not set(forms) <= set(FORMS) or len(forms) != len(set(forms)):
            raise invalid(f"forms is {asked['forms']!r:.60}. Allowed: {', '.join(FORMS)}, each once.")
        rate, tokens = _whole(asked.get("rate", "0"), "rate"), _whole(asked.get("tokens", str(N_TOKENS)), "tokens")
        if not 1 <= tokens <= MOST_TOKENS:
            raise invalid(f"tokens is {tokens}. Allowed: a whole number from 1 to {MOST_TOKENS}.")
        given = {"seed": _whole(asked.get("seed", "1"), "seed"), "rate": rate, "n_tokens": tokens}
        facts = sorted(book().facts)[:LONG]
        settings = Settings.read(given | {"first_token_ms": 0, "facts": facts}, self._backend.limits)
        address = client(request)
        frames = self._frames(forms, settings)
        return EventStream(self._backend.streams, frames, address, during=self._weighing(address))

    @contextmanager
    def _weighing(self, address: str) -> Iterator[None]:
        """Limit the number of concurrent streams; each also counts as a run of this address."""
        with self._share.hold(address), self._backend.threads.answer(address):
            yield

    async def _frames(self, forms: list[str], settings: Settings) -> AsyncGenerator[bytes, None]:
        async with asyncio.timeout(self._backend.limits.run_seconds):
            agent, meters = await self._backend.agent(), {form: Meter() for form in forms}
            for form, meter in meters.items():
                async with aclosing(self._form(agent, form, meter, settings)) as frames:
                    async for frame in frames:
                        yield frame
        found = ratios(meters)
        largest = max(found, key=lambda name: found[name])
        yield _event("done", ratios=found, largest=largest, shares=shares(meters))

    async def _form(self, agent: Agent, form: str, meter: Meter, settings: Settings) -> AsyncGenerator[bytes, None]:
        thread = str(uuid.uuid4())
        try:
            async with aclosing(pieces(agent, form, thread, QUESTION, settings)) as found:
                async for piece in found:
                    meter.add(piece)
                    yield _event("piece", form=form, **_look(piece), **_totals(meter), bytes=meter.bytes)
            yield _event("form", form=form, **_totals(meter), per_token=meter.per_token)
        finally:
            await agent.forget(thread)


def _look(piece: Piece) -> dict[str, Any]:
    return {"text": piece.text[:SHOWN], "size": len(piece.text.encode()), "token": bool(piece.token)}


def _totals(meter: Meter) -> dict[str, int]:
    return {"events": meter.events, "tokens": meter.tokens}


def _event(name: str, **data: Any) -> bytes:
    return sse.encode(encode(data), event=name)


def _whole(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise invalid(f"{name} is {text!r:.60}. Allowed: a whole number, 0 or more.")
    return int(text)
