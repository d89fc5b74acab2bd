"""Generates a large result in the middle of an answer: in one event, or in parts between the tokens."""

from __future__ import annotations

import base64
import random
from collections import deque
from collections.abc import Iterator

from demos.protocol.events import Draft

AFTER_TOKENS = 15
"""When it comes: the answer is well under way."""
NAME = "blob"


def text(size: int, seed: int) -> str:
    """So many characters that no compression shortens much. Same seed, same text."""
    return base64.b64encode(random.Random(seed).randbytes(size * 3 // 4 + 3)).decode()[:size]


class Blob:
    """Comes between the tokens: nothing, one event, or one part after each token."""

    def __init__(self, size: int, part: int, seed: int) -> None:
        """`size` in bytes, 0 for none; `part`: bytes of one event, 0 for all of it at once."""
        whole, step = text(size, seed), part or size or 1
        self._parts = deque(whole[start : start + step] for start in range(0, size, step))
        self._all, self._tokens = len(self._parts), 0

    def after(self, draft: Draft) -> Iterator[Draft]:
        """What follows a draft that was said."""
        self._tokens += draft.is_token
        if draft.is_token and self._parts and self._tokens >= AFTER_TOKENS:
            yield self._next()

    def rest(self) -> Iterator[Draft]:
        """What the answer was too short for; nothing where no answer has begun, as before a question to a human."""
        while self._parts and self._tokens:
            yield self._next()

    def _next(self) -> Draft:
        place = self._all - len(self._parts) + 1
        data = {"part": place, "parts": self._all, "text": self._parts.popleft()}
        return Draft("custom", {"name": NAME, "payload": data})
