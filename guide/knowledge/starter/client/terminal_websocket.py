"""Ask the agent from a terminal, over a WebSocket. After a cut it goes on where it was; Ctrl-C stops the run.

Text goes to stdout, all else to stderr. Exit: 0 completed; 1 failed, stopped or refused; 2 wrong usage; 3 a question
waits; 4 lost (nobody could be reached) or forgotten (the server does not know the run). Requires websocket-client.
"""

import argparse
import json
import os
import random
import re
import signal
import sys
import time
import urllib.request
import uuid
from typing import Any

import websocket

SILENCE_S = float(os.environ.get("SILENCE_SECONDS", "35"))  # until the server has said its heartbeat
PAUSE_S = float(os.environ.get("PAUSE_SECONDS", "0.5"))
MOST_TRIES = 10
ENDS = {1000: "lost", 1008: "refused", 4401: "refused", 4404: "forgotten", 4409: "forgotten"}  # close codes
BROKEN = (OSError, websocket.WebSocketException, ValueError, TypeError, RecursionError)  # the connection, or an event
CONTROLS = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f]")  # a terminal would obey them


def say(*words: object) -> None:
    print(CONTROLS.sub("", " ".join(map(str, words))).encode(errors="replace").decode(), file=sys.stderr, flush=True)


class Reader:
    """One run: starts it, or finds it again, and reads it. `status` then says how it ended."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args, self.run = args, args.run or str(uuid.uuid4())
        self.position = self.before = self.asked_at = args.since or "0"  # ids: of the last event, the one before it
        self.cookie = f"session={args.session}" if args.session else ""
        self.begun, self.stopping, self.status, self.reason = bool(args.run), False, "", ""
        self.tries, self.after, self.silence = 1, 0.0, SILENCE_S  # tries: connections in a row without a new event
        self.message: object = None
        self.questions: dict[str, tuple[str, dict[str, Any]]] = {}  # that wait, each with the position before it
        self.owed: dict[str, dict[str, Any]] = {}  # answers that no event has confirmed: said again after a cut

    def follow(self) -> None:
        while not self.status:
            try:
                self.connect()
                if not self.status:
                    self.pause()
            except KeyboardInterrupt:
                self.status = "lost" if self.stopping else ""
                self.stopping = True  # said on the next connection: to close this one would not end the run

    def pause(self) -> None:
        if self.tries >= MOST_TRIES:
            self.status = "lost"
            return
        self.tries += 1
        say(f"The connection was lost. Trying again ({self.tries} of {MOST_TRIES}).")
        # Doubling, with chance in it, so that a thousand clients do not come back in the same moment.
        time.sleep(max(self.after, min(30, PAUSE_S * 2 ** (self.tries - 1)) * random.uniform(0.5, 1)))

    def connect(self) -> None:
        self.after = 0.0
        try:
            if not (self.args.token or self.cookie):
                # It may set a cookie, by which the server tells its users apart.
                with urllib.request.urlopen(self.args.url, timeout=10) as page:
                    self.cookie = (page.headers.get("Set-Cookie") or "").partition(";")[0]
            url = re.sub("^http", "ws", self.args.url.rstrip("/")) + "/ws"
            # A program needs no Origin; one that the server does not know would be refused.
            socket = websocket.create_connection(url, timeout=self.silence, suppress_origin=True, cookie=self.cookie)
            try:
                self.read(socket)
            finally:
                socket.close(timeout=0)  # not waiting for an answer, which a dead path never gives
        except websocket.WebSocketBadStatusException as refused:
            self.reason, after = f"HTTP {refused.status_code}", str((refused.resp_headers or {}).get("retry-after", ""))
            final = 400 <= refused.status_code < 500 and refused.status_code not in (408, 425, 429)
            self.status = "refused" if final else ""
            self.after = min(30, int(after)) if after.isdecimal() else 0.0
        except BROKEN as error:
            self.reason = str(error)  # cut, silent, or an event that is broken

    def read(self, socket: websocket.WebSocket) -> None:
        # The id is ours: a start that is sent again starts nothing twice.
        new = {"type": "start", "prompt": self.args.prompt, "thread": self.args.thread}
        first = {"type": "resume", "since": self.position} if self.begun else new
        first |= {"run": self.run, "token": self.args.token}
        for message in (first, *self.owed.values(), *([{"type": "stop"}] if self.stopping else [])):
            socket.send(json.dumps({key: value for key, value in message.items() if value is not None}))
        while not self.status:
            kind, data = socket.recv_data()
            if kind == websocket.ABNF.OPCODE_CLOSE:
                code = int.from_bytes(data[:2], "big")
                self.reason = data[2:].decode(errors="replace") or f"Close code {code}"
                self.status = "refused" if code == 4409 and not self.begun else ENDS.get(code, "")
                return
            if kind == websocket.ABNF.OPCODE_TEXT and data.lstrip().startswith(b"{"):  # a sentinel is no event
                self.take(socket, json.loads(data))

    def take(self, socket: websocket.WebSocket, event: dict[str, Any]) -> None:
        if event.get("type") == "ping":
            self.silence = 2 * float(event.get("heartbeat") or 15) + 5
            socket.settimeout(self.silence)
            if not self.begun and event.get("thread"):
                say("Thread", event["thread"])
            return self.ask(socket, next(iter(self.questions))) if self.questions else None
        last = str(event.get("id") or event.get("seq") or "")
        # An id is 3f2a-17, or 17. Another epoch than before is the log of a server that began anew.
        (known, seen), (epoch, number) = (re.findall(r"(.*?)(\d*)$", one)[0] for one in (self.position, last))
        if int(seen or 0) and number and epoch != known:
            self.status = "forgotten"
        elif int(number or 0) > int(seen or 0):
            self.before, self.position = self.position, last
            try:
                self.show(socket, event)
                self.begun, self.tries = True, 0
            except Exception:  # seen is what was handled; Ctrl-C comes when it was
                self.position = self.before
                raise

    def show(self, socket: websocket.WebSocket, event: dict[str, Any]) -> None:
        kind, name = event.get("type"), str(event.get("question"))
        if kind == "token":
            text = "" if self.message in (None, event.get("message")) else "\n\n"  # another message, another paragraph
            self.message = event.get("message")
            text += CONTROLS.sub("", str(event.get("text", "")))
            print(text.encode(errors="replace").decode(), end="", flush=True)
        elif kind == "tool":
            say(f"Working: {event.get('name')}")
        elif kind == "end":
            self.status, self.reason = str(event.get("status")), str(event.get("reason") or "")
        elif kind == "question":
            self.questions[name] = self.before, event
            # One that is read again from the beginning may have been answered: the next ping tells.
            if self.args.answer or self.args.since or not self.args.run:
                self.ask(socket, name)
        elif kind == "answer":
            self.questions.pop(name, None)
            self.owed.pop(name, None)

    def ask(self, socket: websocket.WebSocket, name: str) -> None:
        self.asked_at, event = self.questions[name]
        value, answer = event.get("value"), self.args.answer
        say("\nThe agent asks:", value if isinstance(value, str) else json.dumps(value))
        if answer is None and sys.stdin.isatty():
            answer = sys.stdin.readline().strip() or None
        if answer is None:
            self.status = "waiting"
            return
        self.args.answer = None
        del self.questions[name]
        self.owed[name] = {"type": "answer", "question": name, "value": answer}
        socket.send(json.dumps(self.owed[name]))

    def session(self) -> str:
        return f" --session {self.cookie.removeprefix('session=')}" if self.cookie else ""


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a program in the background would not hear Ctrl-C
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prompt", nargs="?")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    for name in ("--token", "--session", "--thread", "--run", "--since", "--answer"):
        parser.add_argument(name, default=os.environ.get(name[2:].upper()) if name == "--token" else None)
    args = parser.parse_args()
    if bool(args.prompt) == bool(args.run) or not args.url.startswith("http"):
        parser.error("give a prompt, or --run with the id of one that was started")
    reader = Reader(args)
    reader.follow()
    say(f"\n[{reader.status}] {reader.reason}".rstrip())
    if reader.status in ("waiting", "lost"):
        where = f"{reader.asked_at} --answer yes" if reader.status == "waiting" else reader.position
        say(f"Go on: python {sys.argv[0]} --url {args.url}{reader.session()} --run {reader.run} --since {where}")
    sys.exit({"completed": 0, "waiting": 3, "lost": 4, "forgotten": 4}.get(reader.status, 1))


if __name__ == "__main__":
    main()
