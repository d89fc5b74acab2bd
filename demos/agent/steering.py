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
    """One run's inputs, in order of arrival. Bounded, since each input makes the answer longer."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._waiting: list[str] = []

    def put(self, text: str) -> None:
        """Add an input. Raises Refusal (429) if the run's limit of inputs is reached."""
        if self._taken + len(self._waiting) >= self._most:
            raise Refusal(429, "too_many_inputs", f"This run was told {self._most} inputs, the limit here.")
        self._waiting.append(text)

    def drain(self) -> list[str]:
        """Return and remove all waiting inputs."""
        taken, self._waiting = self._waiting, []
        self._taken += len(taken)
        return taken
