"""Mailbox for input to a running answer: a command puts text in, the model reads it before its next token."""

from __future__ import annotations

from collections.abc import Callable

from demos.protocol.errors import Refusal

Heard = Callable[[], list[str]]
"""Returns the input since the last call; called before each token."""


def nothing() -> list[str]:
    """Return no input, for a model that takes none while it writes."""
    return []


class Mailbox:
    """One run's inputs, in order of arrival. Bounded, since each input makes the answer longer.

    It remembers before which token each was taken, so that an answer that is made again is made the same.
    """

    def __init__(self, most: int, taken: Callable[[int], None] = lambda turn: None) -> None:
        """`taken`: called with the turn in which inputs were taken, before they are returned."""
        self._most = most
        self._told = taken
        self._turn = 0
        self._waiting: list[str] = []
        self._taken: list[tuple[int, list[str]]] = []
        self._again: dict[int, list[str]] = {}
        self._closed_until = 0

    @property
    def count(self) -> int:
        """Inputs so far, taken or not."""
        return len(self._waiting) + sum(len(texts) for _, texts in self._taken)

    def put(self, text: str) -> None:
        """Add an input. Raises Refusal (429) if the run's limit of inputs is reached."""
        self.admit()
        self.add(text)

    def admit(self) -> None:
        """Check that one more may come. Raises Refusal (429) if the run's limit of inputs is reached."""
        if self.count >= self._most:
            raise Refusal(429, "too_many_inputs", f"This run was told {self._most} inputs, the limit here.")

    def add(self, text: str) -> None:
        """Add an input that was let in before."""
        self._waiting.append(text)

    def drain(self) -> list[str]:
        """Return all new inputs. Called before each token: a turn."""
        self._turn += 1
        if self._turn <= self._closed_until:
            return self._again.get(self._turn, [])
        if not self._waiting:
            return []
        self._told(self._turn)
        return self.take(self._turn)

    def take(self, turn: int) -> list[str]:
        """Return all that waits, as taken in this turn."""
        texts, self._waiting = self._waiting, []
        self._taken.append((turn, texts))
        return list(texts)

    def rewind(self, turns: int) -> None:
        """Begin again: the first `turns` turns get what they got before, and only later ones what is new."""
        # What was taken for a token that nobody has seen is new again.
        unseen = [text for turn, texts in self._taken if turn > turns for text in texts]
        self._taken = [(turn, texts) for turn, texts in self._taken if turn <= turns]
        self._waiting = [*unseen, *self._waiting]
        self._turn, self._closed_until, self._again = 0, turns, dict(self._taken)
