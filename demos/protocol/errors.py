"""Refusals of a request: HTTP status, error code and message."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """Something asked for cannot be had. `message` says whose fault it is, where, and what is allowed.

    `code` is one of the protocol's error codes (`invalid_argument`, `no_such_run` ...) or a word of ours;
    `status` is the HTTP status; a WebSocket is closed with `close_code`, which is 4000 + status. `retry_s`: seconds
    after which it may be asked for again, sent as Retry-After; None where waiting does not help.
    """

    def __init__(self, status: int, code: str, message: str, retry_s: int | None = None) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.retry_s = retry_s
        super().__init__(message)

    @property
    def close_code(self) -> int:
        return 4000 + self.status

    @property
    def body(self) -> dict[str, Any]:
        """The JSON that an HTTP answer carries."""
        return {"error": self.code, "message": self.message}


def invalid(message: str) -> Refusal:
    """The caller sent something that does not mean anything here."""
    return Refusal(400, "invalid_argument", message)


def body_too_large(most: int) -> Refusal:
    """A request's body has more than `most` bytes."""
    return Refusal(413, "too_large", f"The body is larger than {most} bytes, the limit here.")


def body_too_slow(seconds: int) -> Refusal:
    """A request's body took longer than that."""
    return Refusal(408, "too_slow", f"The body did not arrive within {seconds} s, the limit here.")


def no_such_interrupt(message: str) -> Refusal:
    """A response to a question that does not wait for it."""
    return Refusal(409, "no_such_interrupt", message)


def unknown_thread(thread_id: str) -> Refusal:
    """No such thread: never made, or forgotten after being idle."""
    return Refusal(
        404,
        "no_such_thread",
        f"There is no thread {thread_id[:60]!r} here: it was never made, or it was forgotten after being idle. "
        "Make one with POST /api/threads.",
    )
