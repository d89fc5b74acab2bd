"""One POST whose response is the event stream, from Python. Nothing is resumed; Ctrl-C closes it and stops the model.

Requires: httpx==0.28.1, and client_sse_python.py beside this file, for its parser
Start:    python client_post_python.py http://127.0.0.1:8000 "Why a heartbeat?"
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator

import httpx
from client_sse_python import parse

SILENCE_S = float(os.environ.get("SILENCE_SECONDS", "35"))  # two heartbeats and a bit: then the path is taken for dead


class Answer:
    """One answer. Iterate it for its text; `status` then says how it ended: completed, failed, stopped, or lost."""

    def __init__(self, base: str, prompt: str) -> None:
        self.url = f"{base}/answers"
        self.messages = [{"role": "user", "content": prompt}]  # with what was said before in front of it
        self.status = ""

    def __iter__(self) -> Iterator[str]:
        timeout = httpx.Timeout(10, read=SILENCE_S)
        try:
            with httpx.stream("POST", self.url, json={"messages": self.messages}, timeout=timeout) as response:
                response.raise_for_status()
                for fields in parse(response.iter_text()):
                    event = json.loads(fields["data"])
                    if event["type"] == "token":
                        yield event["text"]
                    elif event["type"] == "end":
                        self.status = event["status"]
                        return
        except httpx.TransportError:
            pass  # cut, refused, or silent for too long
        # Never repeated unseen: the model would be paid again, and the answer may differ.
        self.status = "lost"


def main(base: str, prompt: str) -> None:
    answer = Answer(base.rstrip("/"), prompt)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background a shell ignores it
    try:
        for text in answer:
            print(text, end="", flush=True)
    except KeyboardInterrupt:
        answer.status = "stopped"
    print(f"\n[{answer.status}]", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
