"""What one viewer has seen of a run, and what is wrong with it. Pure: no server, no clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demos.protocol.events import ANSWER
from tests.soak.plan import GRACE_S, NOTICE_S, Plan


@dataclass
class Sighting:
    """One viewer's account. It reads from `since`, and the run begins after `base`."""

    name: str
    since: int
    base: int
    seqs: list[int] = field(default_factory=list)
    kinds: dict[int, str] = field(default_factory=dict)
    answer: dict[int, str] = field(default_factory=dict)
    """The answer's text, by sequence number."""
    ends: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    """Terminal events of this run."""
    wrong: list[str] = field(default_factory=list)
    """What needs nobody to compare it."""
    longest_away: float = 0.0
    _left: float | None = None

    @property
    def last(self) -> int:
        """The position to come back from."""
        return self.seqs[-1] if self.seqs else self.since

    @property
    def over(self) -> bool:
        return bool(self.ends)

    @property
    def text(self) -> str:
        return "".join(self.answer.values())

    def take(self, text: str) -> dict[str, Any]:
        """Note one event, as it came."""
        event: dict[str, Any] = json.loads(text)
        seq, params = event["seq"], event["params"]
        data = params["data"]
        kind = f"{event['method']} {data.get('event', '')}".strip()
        self.seqs.append(seq)
        self.kinds[seq] = kind
        if seq > self.base:
            if kind in ("lifecycle completed", "lifecycle failed") and not params["namespace"]:
                self.ends.append((seq, data))
            if kind == "messages content-block-delta" and params.get("node") == ANSWER:
                self.answer[seq] = data["delta"].get("text", "")
        return event

    def left(self, now: float) -> None:
        """The connection is over."""
        self._left = now

    def back(self, now: float) -> None:
        """It is there again."""
        if self._left is not None:
            self.longest_away, self._left = max(self.longest_away, now - self._left), None

    def tokens(self, up_to: float = float("inf")) -> int:
        """Tokens of a stamped answer, up to a position: each is a time and a space."""
        return sum(text.count(" ") for seq, text in self.answer.items() if seq <= up_to)

    def missing(self, asked: Iterable[int]) -> list[int]:
        """What did not come. A question that was answered meanwhile is not asked again, and is not missing."""
        absent = set(range(self.since + 1, self.last + 1)) - set(self.seqs) - set(asked)
        return sorted(seq for seq in absent if self.kinds.get(seq + 1) != "lifecycle interrupted")

    @property
    def repeated(self) -> int:
        return len(self.seqs) - len(set(self.seqs))


@dataclass
class Stop:
    """A run.cancel: what the viewer had, and what the reply said."""

    seen: int
    tokens: int
    unseen: int


def faults(plan: Plan, seen: list[Sighting], asked: set[int], state: Mapping[str, Any], stop: Stop | None) -> list[str]:
    """Everything that is wrong with one run that is over, in words.

    `asked`: sequence numbers of questions to a human, on this thread.
    """
    found = [f"{each.name}: {wrong}" for each in seen for wrong in each.wrong]
    for each in seen:
        if missing := each.missing(asked):
            found.append(f"{each.name}: lost {missing[:5]} of {each.last}")
        if each.repeated or each.seqs != sorted(each.seqs):
            found.append(f"{each.name}: {each.repeated} repeated, or out of order")
        if len(each.ends) != 1 or each.ends[0][0] != state["metadata"]["last_seq"]:
            found.append(f"{each.name}: ends {each.ends}, the log ends with {state['metadata']['last_seq']}")
    if any((each.text, each.ends) != (seen[0].text, seen[0].ends) for each in seen):
        found.append("two viewers saw different texts or ends")
    if state["next"] or state["status"] not in ("idle", "error"):
        found.append(f"not at rest: {state['status']}, next {state['next']}")
    questions = {
        seq for each in seen for seq, kind in each.kinds.items() if kind == "input.requested" and seq > each.base
    }
    if len(questions) > (1 if plan.answered else 0):
        found.append(f"asked at {questions}")
    return found + _ending(plan, seen[0], state, stop)


def _ending(plan: Plan, first: Sighting, state: Mapping[str, Any], stop: Stop | None) -> list[str]:
    """Whether it ended as it had to, with as much text as it had to."""
    found = []
    data = first.ends[0][1]
    ended, why, tokens = data["event"], data.get("error", ""), first.tokens()
    alone = why.startswith("cancelled: nobody was reading")
    match plan.ending:
        case "completes":
            right = ended == "completed"
        case "fails":
            right = ended == "failed" and "fail_at" in why
        case "is left":
            right = ended == "completed" or (alone and first.longest_away > GRACE_S - NOTICE_S)
        case "is stopped":
            right = (ended, why) == ("failed", "cancelled") or (
                ended == "completed" and (stop is None or stop.tokens == plan.tokens)
            )
    if not right:
        found.append(f"a run that {plan.ending} ended with {dict(data)}, away {first.longest_away:.2f} s, {stop}")
    due = plan.tokens if ended == "completed" else plan.fail_at
    if plan.stamp and due is not None and tokens != due:
        found.append(f"{tokens} tokens of {due}")
    if plan.stamp and stop and (stop.tokens, stop.unseen) != (tokens, tokens - first.tokens(stop.seen)):
        found.append(f"{stop}, but {tokens} tokens came, {first.tokens(stop.seen)} of them up to there")
    if ended == "completed" and _said(state) != first.text:
        found.append("the state holds another text than was streamed")
    return found


def _said(state: Mapping[str, Any]) -> str:
    content = state["values"]["messages"][-1]["content"]
    return content if isinstance(content, str) else "".join(block.get("text", "") for block in content)
