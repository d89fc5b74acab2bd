"""Compares an answer that is made again with what its readers have; passes on what is new.

in the log   "Use SSE, si"        a node that was interrupted runs again from its beginning
made again   "Use SSE, since ..."  -> only "nce ..." is passed on, in the same message
made again   "WebSocket ..."       -> the message gets its error, and a new one begins: nothing is mixed
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from demos.protocol.events import Draft

WHY = "The server that wrote this was lost, and the model now says something else. The answer begins again."
ENDS = ("message-finish", "content-block-finish")
"""Events of a message whose details may differ when it is made again, such as what it cost."""

Place = tuple[tuple[str, ...], str | None]
"""Namespace and node."""


@dataclass
class Message:
    """One message in the log: what it said, in order, consecutive text joined."""

    id: str
    said: list[Draft] = field(default_factory=list)
    is_finished: bool = False

    def add(self, draft: Draft) -> None:
        before = self.said[-1] if self.said else None
        said = before.text if before is not None and _block(before) == _block(draft) else None
        if before is not None and said is not None and draft.text is not None:
            self.said[-1] = _with_text(before, said + draft.text)
        else:
            self.said.append(draft)
        self.is_finished = self.is_finished or draft.data["event"] == "message-finish"


class Said:
    """What readers have of a run."""

    def __init__(self, drafts: Iterable[Draft]) -> None:
        """`drafts`: all events of the run, oldest first."""
        self._others: Counter[str] = Counter()
        self._messages: dict[Place, dict[str, Message]] = {}
        self._now: dict[str, _Retold] = {}
        self._whole: set[str] = set()
        """Messages that readers have from their first event to their last."""
        for draft in drafts:
            if draft.method != "messages":
                self._others[_key(draft)] += 1
                continue
            there = self._messages.setdefault((draft.namespace, draft.node), {})
            if draft.data["event"] == "error":
                there.pop(draft.data["id"], None)  # given up before
            else:
                there.setdefault(draft.data["id"], Message(draft.data["id"])).add(draft)
                if draft.data["event"] == "message-finish":
                    self._whole.add(draft.data["id"])

    def new(self, draft: Draft) -> Iterator[Draft]:
        """What is new in an event that is made again, as drafts for the log."""
        if draft.method != "messages":
            if self._others[key := _key(draft)]:
                self._others[key] -= 1
            else:
                yield draft
            return
        if draft.data["id"] in self._whole:
            return
        there = self._messages.get((draft.namespace, draft.node))
        if draft.data["event"] == "message-start" and there:
            self._now[draft.data["id"]] = _Retold(there.pop(next(iter(there))))
        retold = self._now.get(draft.data["id"])
        if retold is None:
            yield draft
        else:
            yield from retold.new(draft)


class _Retold:
    """One message that is made again."""

    def __init__(self, message: Message) -> None:
        self._message = message
        self._again: list[Draft] = []
        self._is_other = False

    def new(self, draft: Draft) -> Iterator[Draft]:
        if self._is_other:
            yield draft
            return
        self._again.append(draft)
        left = self._message.said
        if not left:
            if not self._message.is_finished:
                yield _named(draft, self._message.id)
        elif draft.text is not None and left[0].text is not None and _block(left[0]) == _block(draft):
            yield from self._text(draft, draft.text, left[0].text)
        elif draft.data["event"] == left[0].data["event"] and (
            draft.data["event"] in ENDS or _named(draft, "") == _named(left[0], "")
        ):
            left.pop(0)
        else:
            yield from self._another()

    def _text(self, draft: Draft, again: str, before: str) -> Iterator[Draft]:
        left = self._message.said
        if before.startswith(again):
            if rest := before[len(again) :]:
                left[0] = _with_text(left[0], rest)
            else:
                left.pop(0)
        elif again.startswith(before) and len(left) == 1:
            left.pop(0)
            yield _named(_with_text(draft, again[len(before) :]), self._message.id)
        else:
            yield from self._another()

    def _another(self) -> Iterator[Draft]:
        self._is_other = True
        first = self._again[0]
        if not self._message.is_finished:
            given_up = {"event": "error", "id": self._message.id, "message": WHY}
            yield Draft("messages", given_up, first.namespace, first.node)
        yield from self._again
        self._again = []


async def retold(source: AsyncGenerator[Draft, None], said: Said) -> AsyncGenerator[Draft, None]:
    """What is new in an answer that is made again."""
    async with aclosing(source) as drafts:
        async for draft in drafts:
            for new in said.new(draft):
                yield new


def _key(draft: Draft) -> str:
    """Of an event that may come once: a tool's begin or end by its call, everything else by all that it says."""
    if draft.method == "tools":
        return f"{draft.data['event']} {draft.data['tool_call_id']}"
    return json.dumps([draft.method, draft.namespace, draft.node, draft.data], sort_keys=True, default=str)


def _block(draft: Draft) -> object:
    return draft.data.get("index")


def _with_text(draft: Draft, text: str) -> Draft:
    return replace(draft, data={**draft.data, "delta": {**draft.data["delta"], "text": text}})


def _named(draft: Draft, id: str) -> Draft:
    return replace(draft, data={**draft.data, "id": id}, pieces=draft.pieces if id else 1)
