"""Server-sent events from Python: resumes after a lost connection, notices a silent one, stops on Ctrl-C.

Requires: httpx==0.28.1
Start:    python client_sse_python.py http://127.0.0.1:8000 "Why a heartbeat?"
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator

import httpx

SILENCE_S = float(os.environ.get("SILENCE_SECONDS", "35"))  # two heartbeats and a bit: then the path is taken for dead
MOST_TRIES = 10
AGAIN = {408, 425, 429}  # of the answers 4xx, those that may be another one next time


def pause(tries: int) -> None:
    """Doubling, with chance in it, so that a thousand clients do not come back in the same moment."""
    if tries >= MOST_TRIES:
        raise ConnectionError(f"Gave up after {MOST_TRIES} tries without a word from the server.")
    time.sleep(min(30, 0.5 * 2**tries) * random.uniform(0.5, 1))


def parse(chunks: Iterable[str]) -> Iterator[dict[str, str]]:
    """Fields of each event, as the HTML standard reads them. Half an event at the end is dropped: it comes again."""
    rest, fields = "", dict[str, str]()
    for chunk in chunks:
        *lines, rest = re.split(r"\r\n|\n|\r(?!\Z)", rest + chunk)
        for line in lines:
            if not line:
                if "data" in fields:
                    yield fields
                fields = {}
                continue
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields[name]}\n{value}" if name == "data" and name in fields else value


class Answer:
    """One run. Iterate it for its text; `status` then says how it ended."""

    def __init__(self, base: str, prompt: str) -> None:
        self.http = httpx.Client(timeout=httpx.Timeout(10, read=SILENCE_S))
        # Not repeated by itself: nobody knows whether a start that got no answer has started something.
        started = self.http.post(f"{base}/runs", json={"prompt": prompt}).raise_for_status()
        self.url = f"{base}/runs/{started.json()['run']}"
        self.seen, self.tries, self.status = 0, 0, ""

    def __iter__(self) -> Iterator[str]:
        while not self.status:
            try:
                yield from self._read()
            except httpx.TransportError:
                pass  # cut, refused, or silent for too long
            if not self.status:
                pause(self.tries)
                self.tries += 1

    def _read(self) -> Iterator[str]:
        with self.http.stream("GET", f"{self.url}/events", headers={"Last-Event-ID": str(self.seen)}) as response:
            if response.status_code == 204:
                self.status = "ended"
            if response.status_code >= 500 or response.status_code in AGAIN:
                return
            response.raise_for_status()
            for fields in parse(response.iter_text()):
                self.tries = 0
                event = json.loads(fields["data"])
                self.seen = int(fields.get("id", self.seen))
                if event["type"] == "token":
                    yield event["text"]
                elif event["type"] == "end":
                    self.status = event["status"]
                    return

    def stop(self) -> None:
        """Ask the server to end the run; closing the stream would not. The last event still comes."""
        for tries in itertools.count():
            try:
                if self.http.post(f"{self.url}/stop").status_code < 500:
                    return
            except httpx.TransportError:
                pass
            pause(tries)


def main(base: str, prompt: str) -> None:
    answer = Answer(base.rstrip("/"), prompt)

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C ends the program
        threading.Thread(target=answer.stop, daemon=True).start()

    signal.signal(signal.SIGINT, stop)
    for text in answer:
        print(text, end="", flush=True)
    print(f"\n[{answer.status}]", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
