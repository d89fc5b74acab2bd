"""A WebSocket from Python: resumes after a lost connection, notices a silent one, stops on Ctrl-C.

Requires: websocket-client==1.9.2
Start:    python client_ws_python.py ws://127.0.0.1:8000/ws "Why a heartbeat?"
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
import uuid
from collections.abc import Iterator

import websocket

SILENCE_S = float(os.environ.get("SILENCE_SECONDS", "35"))  # two heartbeats and a bit: then the path is taken for dead
MOST_TRIES = 10
FINAL = {1008: "refused", 4404: "forgotten"}  # close codes after which coming back does not help


class Answer:
    """One run. Iterate it for its text; `status` then says how it ended."""

    def __init__(self, url: str, prompt: str) -> None:
        self.url, self.prompt, self.run = url, prompt, str(uuid.uuid4())
        self.seen, self.tries, self.status = 0, 0, ""
        self.stopping = False
        self.socket: websocket.WebSocket | None = None

    def __iter__(self) -> Iterator[str]:
        while not self.status:
            try:
                yield from self._read()
            except websocket.WebSocketBadStatusException as refused:
                if 400 <= refused.status_code < 500:
                    raise
            except (OSError, websocket.WebSocketException):
                pass  # cut, refused, or silent for too long
            if not self.status:
                self._pause()

    def _read(self) -> Iterator[str]:
        # A program needs no Origin; one that the server does not know would be refused.
        socket = websocket.create_connection(self.url, timeout=SILENCE_S, suppress_origin=True)
        try:
            yield from self._follow(socket)
        finally:
            socket.close(timeout=0)  # not waiting for an answer, which a dead path never gives

    def _follow(self, socket: websocket.WebSocket) -> Iterator[str]:
        # The id of the run is ours, so a start that is sent again after a cut starts nothing twice.
        where = {"since": self.seen} if self.seen else {"prompt": self.prompt}
        socket.send(json.dumps({"type": "resume" if self.seen else "start", "run": self.run, **where}))
        self.socket = socket
        if self.stopping:
            self.stop()  # asked before a cut, or before there was a connection
        while not self.status:
            kind, data = socket.recv_data()
            if kind == websocket.ABNF.OPCODE_CLOSE:
                self.status = FINAL.get(int.from_bytes(data[:2], "big"), "")
                return
            self.tries = 0
            event = json.loads(data)
            if event.get("seq", 0) <= self.seen:
                continue  # a ping, or an event that came twice
            self.seen = event["seq"]
            if event["type"] == "token":
                yield event["text"]
            elif event["type"] == "end":
                self.status = event["status"]

    def stop(self) -> None:
        """Ask the server to end the run; closing the socket would not. After a cut it is asked again."""
        self.stopping = True
        try:
            if self.socket is not None:
                self.socket.send(json.dumps({"type": "stop"}))
        except (OSError, websocket.WebSocketException):
            pass  # the next connection says it

    def _pause(self) -> None:
        """Doubling, with chance in it, so that a thousand clients do not come back in the same moment."""
        if self.tries >= MOST_TRIES:
            raise ConnectionError(f"Gave up after {MOST_TRIES} tries without a word from the server.")
        time.sleep(min(30, 0.5 * 2**self.tries) * random.uniform(0.5, 1))
        self.tries += 1


def main(url: str, prompt: str) -> None:
    answer = Answer(url, prompt)

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C ends the program
        threading.Thread(target=answer.stop, daemon=True).start()

    signal.signal(signal.SIGINT, stop)
    for text in answer:
        print(text, end="", flush=True)
    print(f"\n[{answer.status}]", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
