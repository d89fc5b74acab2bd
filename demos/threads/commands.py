"""Parses and executes a client's commands, over either transport: one frame in, one reply out.

run.start, input.respond, input.inject, state.get (the protocol's), run.cancel (ours: the protocol leaves stopping to
HTTP). Errors of the protocol are replies, not statuses: clients do not read the body of a 4xx.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from demos.limits import Limits
from demos.protocol.errors import Refusal, invalid
from demos.protocol.run_options import MAX_ID, Settings
from demos.protocol.storable import check_storable
from demos.threads.callers import STRANGER, Caller
from demos.threads.positions import position
from demos.threads.registry import Threads

Reply = dict[str, Any]
ASSISTANT = "agent"
"""Name of the one graph here, as official clients name it when they start a run."""


class Commands:
    """Parses commands and executes them."""

    def __init__(self, threads: Threads, limits: Limits, steerable: bool = True) -> None:
        """`steerable`: whether the model accepts input while it writes."""
        self._threads = threads
        self._steerable = steerable
        self._limits = limits
        self._known = {
            "run.start": self._run_start,
            "input.respond": self._input_respond,
            "input.inject": self._input_inject,
            "run.cancel": self._run_cancel,
            "state.get": self._state_get,
        }

    def parse(self, text: str | bytes) -> Mapping[str, Any]:
        """Parse a frame to an object.

        Raises:
            Refusal: too long, not JSON, or not an object.
        """
        if len(text) > self._limits.command_bytes:
            raise Refusal(413, "too_large", f"The command is {len(text)} bytes. Allowed: {self._limits.command_bytes}.")
        try:
            frame = json.loads(text, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise invalid(f"The command is not JSON: {error}.") from None
        if not isinstance(frame, dict):
            raise invalid(
                f"The command is a JSON {type(frame).__name__}. Allowed: an object with id, method and params."
            )
        if not isinstance(frame.get("id"), int | str | None) or not _encodable(frame.get("id")):
            raise invalid("The id of a command is a whole number or text; it comes back with the reply.")
        return frame

    def obey(self, thread_id: str, frame: Mapping[str, Any], caller: Caller = STRANGER) -> Reply:
        """Execute one command of this caller. Never raises for a client's error: the reply reports it."""
        try:
            method = frame.get("method")
            known = self._known.get(method) if isinstance(method, str) else None
            if known is None:
                raise Refusal(
                    400, "unknown_command", f"{method!r:.60} is no command. Allowed: {', '.join(self._known)}."
                )
            params = frame.get("params")
            return known(thread_id, params if isinstance(params, dict) else {}, caller) | {
                "type": "success",
                "id": frame.get("id"),
            }
        except Refusal as refusal:
            return error(frame, refusal)

    def _run_start(self, thread_id: str, params: dict[str, Any], caller: Caller) -> Reply:
        if params.get("assistant_id") not in (None, ASSISTANT):
            given = params["assistant_id"]
            raise Refusal(404, "no_such_assistant", f"There is no assistant {given!r:.60} here. Known: {ASSISTANT!r}.")
        config = params.get("config") or {}
        if not isinstance(config, Mapping):
            raise invalid("params.config must be an object.")
        settings = Settings.read(config.get("configurable") or {}, self._limits)
        thread, run = self._threads.start(thread_id, self._question(params.get("input")), settings, caller)
        return {
            "result": {"run_id": run.id, "thread_id": thread.id},
            "meta": {"applied_through_seq": thread.tell(run.base)},
        }

    def _question(self, given: Any) -> str:
        """Return the text of the newest message."""
        messages = given.get("messages") if isinstance(given, dict) else None
        newest = messages[-1] if isinstance(messages, list) and messages else None
        content = newest.get("content") if isinstance(newest, dict) else newest
        if not isinstance(content, str) or not content.strip():
            raise invalid('params.input must be {"messages": [{"role": "user", "content": "a question"}]}.')
        return self.question(content)

    def question(self, text: str) -> str:
        """Check a question's length, and make it encodable as UTF-8.

        Raises:
            Refusal: too long.
        """
        if len(text) > self._limits.query_chars:
            raise Refusal(
                413, "too_large", f"The question has {len(text)} characters. Allowed: {self._limits.query_chars}."
            )
        return _sendable(text)

    def _input_respond(self, thread_id: str, params: dict[str, Any], caller: Caller) -> Reply:
        thread = self._threads.commanded(thread_id, caller)
        given = params.get("responses", [params])
        if not isinstance(given, list) or not all(
            isinstance(one, dict) and isinstance(one.get("interrupt_id"), str) and "response" in one for one in given
        ):
            raise invalid("params must hold interrupt_id and response, or responses: a list of such pairs.")
        # Our addition: whether all responses are repetitions. A repetition changes nothing and is no error.
        repeated = not any(one["interrupt_id"] in thread.pending for one in given)
        said = {one["interrupt_id"]: one["response"] for one in given}
        said = {key: _sendable(one) if isinstance(one, str) else one for key, one in said.items()}
        check_storable(said, "The response")  # or the run would fail when it is kept, and the question with it
        before = thread.respond(said)
        told = {"run_id": thread.find(None).id, "repeated": repeated}
        return {"result": told, "meta": {"applied_through_seq": thread.tell(before)}}

    def _input_inject(self, thread_id: str, params: dict[str, Any], caller: Caller) -> Reply:
        """Pass a message to the active run; its next token confirms it. The same id again changes nothing."""
        if not self._steerable:
            raise Refusal(501, "not_supported", "The model here takes no input while it writes. Allowed: run.cancel.")
        self._root(params.get("namespace"))
        given = params.get("message")
        message = given if isinstance(given, dict) else {}
        text = message.get("content")
        if not isinstance(text, str) or not text.strip() or message.get("role") != "user":
            raise invalid('params.message must be {"role": "user", "content": "some text"}.')
        if len(text) > self._limits.input_chars:
            raise Refusal(413, "too_large", f"{len(text)} characters. Allowed: {self._limits.input_chars}.")
        said, id = " ".join(_sendable(text).split()), message.get("id")
        if id is not None and not (isinstance(id, str) and 0 < len(id) <= MAX_ID):
            raise invalid(f"params.message.id is {id!r:.60}. Allowed: text of 1 to {MAX_ID} characters.")
        thread = self._threads.commanded(thread_id, caller)
        return {"result": {}, "meta": {"applied_through_seq": thread.tell(thread.inject(said, id))}}

    def _run_cancel(self, thread_id: str, params: dict[str, Any], caller: Caller) -> Reply:
        """Stop the run. `seen`: position that the client has shown; default: the furthest one sent to any stream."""
        thread = self._threads.commanded(thread_id, caller)
        run, seen = thread.find(params.get("run_id")), position(params.get("seen"), "params.seen")
        run.stop()
        unseen = run.unseen(thread.sent if seen is None else seen.within(thread))
        return {"result": {"run_id": run.id, "tokens": run.made, "unseen": unseen}}

    def _state_get(self, thread_id: str, params: dict[str, Any], caller: Caller) -> Reply:
        """Return the state's values, or those in `keys`. The graph here has one namespace, the root."""
        self._root(params.get("namespace"))
        keys = params.get("keys")
        if keys is not None and not (isinstance(keys, list) and all(isinstance(key, str) for key in keys)):
            raise invalid("params.keys must be a list of names of the state's values.")
        thread = self._threads.get(thread_id)
        values = {key: value for key, value in thread.values.items() if keys is None or key in keys}
        return {"result": {"values": values}, "meta": {"applied_through_seq": thread.tell(thread.log.last)}}

    @staticmethod
    def _root(namespace: object) -> None:
        if namespace:
            raise Refusal(404, "no_such_namespace", f"{namespace!r:.60} is no namespace here. Allowed: [].")


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON")


def _encodable(text: object) -> bool:
    """Return False for text with half of a surrogate pair, which cannot be sent back as UTF-8."""
    return not isinstance(text, str) or text.isprintable() or text.encode("utf-8", "ignore").decode() == text


def _sendable(text: str) -> str:
    """Replace halves of surrogate pairs: the thread's state contains the text and is sent as JSON."""
    return text.encode("utf-8", "replace").decode()


def error(frame: Mapping[str, Any], refusal: Refusal) -> Reply:
    """Build an error reply from a refusal."""
    return {"type": "error", "id": frame.get("id"), "error": refusal.code, "message": refusal.message}
