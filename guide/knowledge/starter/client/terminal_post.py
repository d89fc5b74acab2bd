"""Ask the agent from a terminal: one POST, whose response is the answer. Ctrl-C closes it and stops the model.

Text goes to stdout, all else to stderr. Exit: 0 completed; 1 failed, stopped or refused; 2 wrong usage; 3 a question
waits; 4 lost (cut, and not asked again unseen, since the model would be paid again). Requires httpx.
"""

import argparse
import codecs
import json
import os
import re
import shlex
import signal
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import httpx

SILENCE_S = float(os.environ.get("SILENCE_SECONDS", "35"))  # more than two heartbeats: then the path is dead
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
    """One turn. `status` then says how it ended."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args, self.answers = args, json.loads(args.answers)
        self.status, self.reason = "", ""
        self.message: object = None
        self.http = httpx.Client(base_url=args.url, timeout=httpx.Timeout(10, read=SILENCE_S))
        self.http.headers.update({"Authorization": f"Bearer {args.token}"} if args.token else {})

    def follow(self) -> None:
        while not self.status:
            try:
                if not self.args.token:
                    self.http.get("/")  # it may set a cookie, by which the server tells its users apart
                self.read()
            except KeyboardInterrupt:
                self.status = "stopped"
            except BROKEN as error:
                self.status, self.reason = "lost", str(error)

    def read(self) -> None:
        body = {"messages": [{"role": "user", "content": self.args.prompt}], "answers": self.answers}
        with self.http.stream("POST", "/answers", json=body) as answer:
            if answer.status_code != 200:
                self.status, self.reason = "refused", f"HTTP {answer.status_code}"
                return
            question = None
            for kind, _, data in events(answer.iter_bytes()):
                if kind == "ping" or not data.lstrip().startswith("{"):
                    continue  # a sentinel such as [DONE] is no event
                event = json.loads(data)
                if event.get("type") == "question":
                    question = event
                elif event.get("type") != "end":
                    self.show(event)
                elif question:
                    return self.ask(question)
                else:
                    self.status, self.reason = str(event.get("status")), str(event.get("reason") or "")
                    return
        self.status, self.reason = "lost", "The answer is not whole"

    def show(self, event: dict[str, Any]) -> None:
        kind = event.get("type")
        if kind == "token":
            text = "" if self.message in (None, event.get("message")) else "\n\n"  # another message, another paragraph
            self.message = event.get("message")
            text += CONTROLS.sub("", str(event.get("text", "")))
            print(text.encode(errors="replace").decode(), end="", flush=True)
        elif kind == "tool":
            say(f"Working: {event.get('name')}")

    def ask(self, event: dict[str, Any]) -> None:
        """Where there is an answer, the turn begins anew with it."""
        value, answer = event.get("value"), None
        say("\nThe agent asks:", value if isinstance(value, str) else json.dumps(value))
        if sys.stdin.isatty():
            answer = sys.stdin.readline().strip() or None
        answers = [*self.answers, {"question": event.get("question"), "value": answer or "yes"}]
        if answer:
            self.answers, self.message = answers, None
            return print(flush=True)  # the text of the turn begins anew
        self.status = "waiting"
        more = ["--url", self.args.url, "--answers", json.dumps(answers), self.args.prompt]
        say("Go on:", shlex.join(["python", sys.argv[0], *more]))


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a program in the background would not hear Ctrl-C
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prompt")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--token", default=os.environ.get("TOKEN"))
    parser.add_argument("--answers", default="[]", help="JSON: what was answered so far")
    reader = Reader(parser.parse_args())
    reader.follow()
    say(f"\n[{reader.status}] {reader.reason}".rstrip())
    sys.exit({"completed": 0, "waiting": 3, "lost": 4}.get(reader.status, 1))


if __name__ == "__main__":
    main()
