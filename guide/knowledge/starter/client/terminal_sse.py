"""Ask the agent from a terminal, over server-sent events. After a cut it goes on where it was; Ctrl-C stops the run.

Text goes to stdout, all else to stderr. Exit: 0 completed; 1 failed, stopped or refused; 2 wrong usage; 3 a question
waits; 4 lost (nobody could be reached) or forgotten (the server does not know the run). Requires httpx.
"""

import argparse
import codecs
import json
import os
import random
import re
import signal
import sys
import time
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import httpx

SILENCE_S = float(os.environ.get("SILENCE_SECONDS", "35"))  # until the server has said its heartbeat
PAUSE_S = float(os.environ.get("PAUSE_SECONDS", "0.5"))
MOST_TRIES = 10
ENDS = {404: "forgotten", 409: "forgotten", 410: "forgotten", 408: "", 425: "", 429: ""}  # other 4xx: refused
BROKEN = (httpx.RequestError, ValueError, TypeError, RecursionError)  # the connection, or an event
CONTROLS = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f]")  # a terminal would obey them


def say(*words: object) -> None:
    print(CONTROLS.sub("", " ".join(map(str, words))).encode(errors="replace").decode(), file=sys.stderr, flush=True)


def events(chunks: Iterable[bytes]) -> Iterator[tuple[str, str, str]]:
    """Type, id and data of each event, as the HTML standard reads them. Half an event at the end is dropped."""
    utf8 = codecs.getincrementaldecoder("utf-8-sig")("replace")
    pieces, data, kind, last, after_cr = list[str](), list[str](), "", "", False
    for text in map(utf8.decode, chunks):
        first, *others = re.split("\r\n|\r|\n", text.removeprefix("\n") if after_cr else text)
        after_cr = text.endswith("\r") if text else after_cr  # it ended its line at once; an LF would belong to it
        pieces.append(first)
        for following in others:
            line, pieces = "".join(pieces), [following]  # joined once: a line may be long, and come in many pieces
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                data.append(value)
            elif name == "event":
                kind = value
            elif name == "id" and "\0" not in value:
                last = value
            elif not line:
                if data:
                    yield kind, last, "\n".join(data)
                data, kind = [], ""


class Reader:
    """One run: starts it, or finds it again, and reads it. `status` then says how it ended."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.http = httpx.Client(base_url=args.url, timeout=httpx.Timeout(10, read=SILENCE_S))
        self.http.headers.update({"Authorization": f"Bearer {args.token}"} if args.token else {})
        self.http.cookies.update({"session": args.session} if args.session else {})
        self.args, self.run = args, args.run or str(uuid.uuid4())
        self.position = self.before = self.asked_at = args.since or "0"  # ids: of the last event, the one before it
        self.begun, self.stopping, self.status, self.reason = bool(args.run), False, "", ""
        self.tries, self.after = 1, 0.0  # connections in a row without a new event; seconds to wait, as asked for
        self.message: object = None
        self.questions: dict[str, tuple[str, dict[str, Any]]] = {}  # that wait, each with the position before it

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
            if not (self.args.token or self.http.cookies):
                self.http.get("/")  # it may set a cookie, by which the server tells its users apart
            if not self.begun:
                body = {"run": self.run, "prompt": self.args.prompt, "thread": self.args.thread}
                # The id is ours: a start that is sent again starts nothing twice.
                answer = self.http.post("/runs", json={key: value for key, value in body.items() if value})
                if not answer.is_success:
                    return self.refused(answer, {409: "refused"})
                self.run, self.begun = answer.json()["run"], True
                say("Thread", answer.json().get("thread"))
            if self.stopping:
                self.http.post(f"/runs/{self.run}/stop")
            self.read()
        except BROKEN as error:
            self.reason = str(error)

    def read(self) -> None:
        params, headers = {"since": self.position}, {"Last-Event-ID": self.position}
        with self.http.stream("GET", f"/runs/{self.run}/events", params=params, headers=headers) as answer:
            if answer.status_code != 200:
                return self.refused(answer, {204: "completed"})  # it is over, and all of it was seen
            for kind, last, data in events(answer.iter_bytes()):
                if data.lstrip().startswith("{"):  # a sentinel such as [DONE] is no event
                    self.take(kind, last, data)
                if self.status:
                    return

    def refused(self, answer: httpx.Response, special: dict[int, str]) -> None:
        self.reason, after = f"HTTP {answer.status_code}", answer.headers.get("Retry-After", "")
        self.status = (ENDS | special).get(answer.status_code, "refused" if answer.is_client_error else "")
        self.after = min(30, int(after)) if after.isdecimal() else 0.0

    def take(self, kind: str, last: str, data: str) -> None:
        if kind == "ping":
            silence = 2 * float(json.loads(data).get("heartbeat") or 15) + 5
            self.http.timeout = httpx.Timeout(10, read=silence)  # from the next connection on
            return self.ask(next(iter(self.questions))) if self.questions else None
        # An id is 3f2a-17, or 17. Another epoch than before is the log of a server that began anew.
        (known, seen), (epoch, number) = (re.findall(r"(.*?)(\d*)$", one)[0] for one in (self.position, last))
        if int(seen or 0) and number and epoch != known:
            self.status = "forgotten"
        elif int(number or 0) > int(seen or 0):
            self.before, self.position = self.position, last
            try:
                self.show(json.loads(data))
                self.tries = 0
            except Exception:  # seen is what was handled; Ctrl-C comes when it was
                self.position = self.before
                raise

    def show(self, event: dict[str, Any]) -> None:
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
                self.ask(name)
        elif kind == "answer":
            self.questions.pop(name, None)

    def ask(self, name: str) -> None:
        self.asked_at, event = self.questions[name]
        value, answer = event.get("value"), self.args.answer
        say("\nThe agent asks:", value if isinstance(value, str) else json.dumps(value))
        if answer is None and sys.stdin.isatty():
            answer = sys.stdin.readline().strip() or None
        if answer is None:
            self.status = "waiting"
            return
        told = self.http.post(f"/runs/{self.run}/answer", json={"question": name, "value": answer})
        if told.is_success:
            self.args.answer = None
            del self.questions[name]
        say("Answered:", answer if told.is_success else f"not taken, HTTP {told.status_code}")

    def session(self) -> str:
        return f" --session {self.http.cookies['session']}" if "session" in self.http.cookies else ""


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
