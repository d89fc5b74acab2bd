"""Command line of the probe: prints its result as text or JSON, and returns the exit code."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Literal

from demos.probe.budget import FIRST_S, MOST_REQUESTS, OWN_S, longest_in_turn_s, longest_s
from demos.probe.fingerprints import places
from demos.probe.own_stream import cli as own
from demos.probe.own_stream.run import answers_with_events
from demos.probe.reach import Unreachable, trust
from demos.probe.result import FORMAT, NOT_PROBED, Result, as_data, judged, waits
from demos.probe.run import probe
from demos.proxies.tables import aligned, printable
from guide.book import KNOWLEDGE, Book, book

Form = Literal["text", "json"]


def target(name: str) -> str:
    """Return the source of a target, the same file that the tests run."""
    return Path(KNOWLEDGE, "probe", f"target_{name}.py").read_text(encoding="utf-8")


def as_text(known: Book, result: Result) -> str:
    """Format a result: one line per finding with its fixes, the recognised parts of the path, the cost, a link."""
    words = known.words
    rows = [(words[f"probe.{one.verdict}"], one.sentence) for one in result.findings]
    lines: list[str] = []
    told = set[str]()
    for line, one in zip(aligned(rows), result.findings, strict=True):
        lines.append(line)
        for fix in one.fixes:
            if fix.setting in told:
                continue  # said for an earlier finding
            told.add(fix.setting)
            kind = "probe.cure" if not fix.means else "probe.fix" if fix.sure else "probe.maybe"
            lines.append("         " + words[kind].format(**vars(fix)))
            if fix.file:
                lines.append("         " + words["probe.file"].format(file=fix.file))
        if one.ask and one.ask not in told:
            told.add(one.ask)
            lines.append("         " + words["probe.ask"].format(ask=one.ask))
    front = [words["probe.by"].format(text=one.text, by=one.by) for one in result.named if not one.serves]
    seen, first_s = result.seen, max(result.seen.late, default=FIRST_S)
    longest = longest_in_turn_s if waits(seen) else longest_s
    most_s = longest(seen.silence_s, seen.long_s, first_s=first_s)
    cost = words["probe.cost"].format(
        requests=seen.requests, seconds=f"{seen.seconds:g}", most=MOST_REQUESTS, longest=f"{most_s:.0f}"
    )
    link = [words["probe.answers"].format(link=result.link)] if result.link else []
    lines = [*(front or [words["probe.none"]]), "", *lines, "", cost, *link]
    return "\n".join(map(printable, lines))


ELSEWHERE = ("missing", "page", "other")
"""Where no target answers, but something else does: perhaps a stream of the user's."""


def run_own(url: str, body: str | None, headers: list[str], seconds: float, form: Form, ca: str | None) -> int:
    """Read a user's own stream and print. Exit codes as of `run`."""
    asked = own.request(url, body, headers, seconds)
    if isinstance(asked, str):
        print(asked, file=sys.stderr)
        return NOT_PROBED
    return own.run(book().words, asked, form, ca)


def _as_own(known: Book, url: str, form: Form, ca: str | None) -> int | None:
    """Read an address that no target serves as a stream; None if no event stream answers there either."""
    asked = own.request(url, None, [], OWN_S)
    if isinstance(asked, str) or not answers_with_events(asked, trust(ca)):
        return None
    if form == "text":
        print(known.words["probe.own.hint"])
    return own.run(known.words, asked, form, ca)


def run(
    url: str,
    silence_s: float,
    long_s: float,
    form: Form,
    told: str | None = None,
    ca: str | None = None,
    first_s: float = FIRST_S,
) -> int:
    """Probe and print. Exit code 0: all good; 1: a check failed; 2: the target or a part was not probed."""
    known = book()
    allowed = [aid for aid, answer in places(known).answers.items() if answer.place]
    if told is not None and told not in allowed:
        print(f"nothing in the path is called {told!r}. Allowed: {', '.join(allowed)}", file=sys.stderr)
        return NOT_PROBED
    try:
        result = judged(known, url, probe(url, silence_s, long_s, ca, first_s=first_s), told)
    except Unreachable as error:
        if error.outcome in ELSEWHERE and (code := _as_own(known, url, form, ca)) is not None:
            return code
        said = known.words[f"probe.no.{error.outcome}"].format(**error.told)
        if form == "json":
            print(json.dumps({"format": FORMAT, "url": url, "problem": error.outcome, "sentence": said}, indent=2))
        else:
            print(printable(said))
        return NOT_PROBED
    except OSError as error:
        print(f"{ca}: {error}", file=sys.stderr)
        return NOT_PROBED
    print(json.dumps(as_data(result, known.version), indent=2) if form == "json" else as_text(known, result))
    return result.code
