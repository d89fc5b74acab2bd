"""Turns findings into the result: answers for the wizard, a link, evidence for the record. Sends no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from demos import evidence
from demos.probe.agent_streams import AT_ONCE, served_at_once
from demos.probe.findings import WSGI, findings, resumed
from demos.probe.fingerprints import Named, behind, named
from demos.probe.outcomes import UNTRIED, Finding
from demos.probe.reading import one_by_one, pieces
from demos.probe.run import Seen
from demos.protocol.receipts import percentile
from demos.proxies.trials import Transport
from guide.book import Book
from guide.book.link import encode
from guide.model import Answers, Evidence, Measurement

FORMAT: Final = "streamwise-probe/1"
"""Format that guide/record/probe_file.py reads."""
GOOD, BAD, NOT_PROBED = 0, 1, 2
CLIENTS: Mapping[Transport, str] = {"sse": "httpx", "websocket": "websocket-client"}


@dataclass(frozen=True)
class Result:
    """Findings of one probe, with the answers, link and evidence from them."""

    url: str
    seen: Seen
    named: tuple[Named, ...]
    findings: tuple[Finding, ...]
    answers: Answers
    link: str
    """Link token for the app, without its address; '' if there are no answers."""
    evidence: Evidence | None
    """None: no transport opened."""

    @property
    def code(self) -> int:
        """Exit code: 0 only if every check was made and none is bad."""
        if any(one.verdict == "bad" for one in self.findings):
            return BAD
        return NOT_PROBED if any(one.outcome in UNTRIED for one in self.findings) else GOOD


def judged(book: Book, url: str, seen: Seen, told: str | None = None) -> Result:
    """Build the result of a probe. `told`: the part in front of the server, as given by the user.

    Raises:
        KeyError: `told` is no id of a part of the path.
    """
    headers = [seen.reached.headers, *(one.headers for one in seen.pace.values() if one)]
    here = ((behind(book, told),) if told else ()) + named(book, headers, seen.reached.about, _is_sync(seen))
    here = tuple({one.means: one for one in reversed(here)}.values())[::-1]
    front = tuple(one for one in here if not one.serves)
    found = tuple(findings(book, seen, (*front, *(one for one in here if one.serves))))
    answers = _answers(book, found, here, bool(front))
    token = encode(answers, book.version)
    return Result(url, seen, here, found, answers, f"/?a={token}" if token else "", _evidence(book, seen))


def waits(seen: Seen) -> bool:
    """Whether streams waited for each other; unknown, and so not, where the stream is held."""
    pace = seen.pace["sse"]
    if pace is None or not one_by_one(pace):
        return False
    return seen.agents is not None and 0 < served_at_once(seen.agents.together) < AT_ONCE


def _is_sync(seen: Seen) -> bool:
    """Whether the server behaves as one with workers that serve a stream each."""
    return waits(seen) or seen.reached.about.get("app") == WSGI


def _answers(book: Book, found: Sequence[Finding], here: Sequence[Named], front: bool) -> Answers:
    """Return the answers from the recognised parts and from the outcomes."""
    places = next(qid for qid, question in book.questions.items() if question.places)
    outcomes = {one.outcome for one in found}
    unexplained = {one.outcome for one in found if not any(fix.means and fix.sure for fix in one.fixes)}
    out: dict[str, tuple[str, ...]] = {places: tuple(one.means for one in here)} if here else {}
    for one in book.outcomes.values():
        held = unexplained if one.named is False else outcomes
        if held & set(one.found) and one.named in (None, front):
            for qid, chosen in one.answers.items():
                out[qid] = tuple(dict.fromkeys((*out.get(qid, ()), *chosen)))
    return {qid: out[qid] for qid in book.questions if qid in out}


def _evidence(book: Book, seen: Seen) -> Evidence | None:
    measured = [one for way in CLIENTS if (one := _measured(seen, way)) is not None]
    if not measured:
        return None
    words = book.words
    how = words["probe.how"].format(silence=f"{seen.silence_s:g}", long=f"{seen.long_s:g}", base=seen.reached.base)
    told = {"target": f"{seen.reached.about.get('app')}, {seen.reached.about.get('server')}"[:200]}
    return evidence.make("probe", words["probe.title"], how, measured, 0, 1, told, words["probe.where"])


def _measured(seen: Seen, way: Transport) -> Measurement | None:
    """Return the measurement of one transport: events of its pace, and figures of the other checks."""
    pace = seen.pace[way]
    if pace is None or pace.refused or not pace.at:
        return None
    gaps = sorted(later - earlier for earlier, later in zip(pace.at, pace.at[1:], strict=False))
    silent, long, rest = seen.silent[way], seen.long[way], seen.rest.get(way)
    distinct = len(set(pace.seq))
    figures = {
        "pieces": pieces(pace)[0],
        "pieces_sent": pieces(pace)[1],
        "silence_cut_s": silent.cut_s if silent else None,
        "length_cut_s": long.cut_s if long else None,
    }
    if long and long.cut_s is not None:
        went_on = resumed(long, rest)
        figures["resumed"] = None if went_on is None else int(went_on)
    return Measurement(
        transport=way,
        client=CLIENTS[way],
        tokens=distinct,
        first_token_ms=round(pace.at[0] - pace.started, 2),
        gap_p50_ms=_rounded(percentile(gaps, 50)),
        gap_p95_ms=_rounded(percentile(gaps, 95)),
        gap_max_ms=_rounded(gaps[-1] if gaps else None),
        events=len(pace.seq),
        lost=pace.asked.n - distinct,
        repeated=len(pace.seq) - distinct,
        reconnects=0,
        finished=pace.whole,
        bytes_payload=pace.size,
        figures=figures,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def as_data(result: Result, version: str) -> dict[str, Any]:
    """Return the result as plain data for JSON, which the record page imports."""
    seen = result.seen
    return {
        "format": FORMAT,
        "rules": version,
        "url": result.url,
        "base": seen.reached.base,
        "requests": seen.requests,
        "seconds": seen.seconds,
        "target": dict(seen.reached.about),
        "named": [asdict(one) for one in result.named],
        "findings": [asdict(one) for one in result.findings],
        "answers": {qid: [*chosen] for qid, chosen in result.answers.items()},
        "link": result.link,
        "evidence": [result.evidence.model_dump(mode="json")] if result.evidence else [],
        "code": result.code,
    }
