"""Possible outcomes of a check: verdict, related problem in the path, sentence. Reads no stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from demos.probe.fingerprints import Fix, Named, cures, question_of
from demos.proxies.expected import NAMES
from demos.proxies.trials import Transport
from guide.book import Book
from guide.model import Trouble

Verdict = Literal["good", "bad", "unknown"]
OUTCOMES: Mapping[str, tuple[Verdict, Trouble | None]] = {
    "reached": ("good", None),
    "redirected": ("good", None),
    "http-two": ("good", None),
    "http-one": ("good", None),
    "http-unknown": ("unknown", None),
    "http-unread": ("unknown", None),
    "streams-singly": ("good", None),
    "streams-lumps": ("bad", Trouble.HOLDS),
    "streams-held": ("bad", Trouble.HOLDS),
    "streams-refused": ("bad", None),
    "streams-broken": ("bad", None),
    "uncompressed": ("good", None),
    "compressed": ("bad", Trouble.HOLDS),
    "compressed-passes": ("unknown", Trouble.HOLDS),
    "compressed-flushed": ("good", None),
    "header-needed": ("unknown", Trouble.HOLDS),
    "framing-open": ("good", None),
    "framing-length": ("bad", Trouble.HOLDS),
    "upgrade-passes": ("good", None),
    "upgrade-refused": ("bad", Trouble.UPGRADE),
    "upgrade-unserved": ("bad", None),
    "upgrade-none": ("unknown", None),
    "resume-works": ("good", None),
    "resume-fails": ("bad", None),
    "silence-survives": ("good", None),
    "silence-cut": ("bad", Trouble.SILENCE),
    "silence-lost": ("bad", Trouble.SILENCE),
    "silence-pinged": ("unknown", None),
    "silence-length": ("unknown", None),
    "beating-cut": ("bad", Trouble.LENGTH),
    "heartbeat-suffices": ("good", None),
    "heartbeat-tight": ("unknown", None),
    "heartbeat-fails": ("bad", Trouble.SILENCE),
    "long-survives": ("good", None),
    "long-cut": ("bad", Trouble.LENGTH),
    "long-resumes": ("good", None),
    "long-lost": ("bad", None),
    "rest-untried": ("unknown", None),
    "lumps-late": ("bad", Trouble.HOLDS),
    "held-by-compression": ("bad", Trouble.HOLDS),
    "silence-held": ("bad", Trouble.HOLDS),
    "browser-plain": ("good", None),
    "browser-flushed": ("good", None),
    "browser-compressed": ("bad", Trouble.HOLDS),
    "browser-held": ("bad", Trouble.HOLDS),
    "browser-refused": ("bad", None),
    "charset-wrong": ("bad", None),
    "post-passes": ("good", None),
    "post-held": ("bad", Trouble.HOLDS),
    "post-refused": ("bad", None),
    "post-broken": ("bad", None),
    "streams-together": ("good", None),
    "streams-wait": ("bad", Trouble.CAPACITY),
    "first-passes": ("good", None),
    "first-head-held": ("bad", Trouble.SILENCE),
    "first-refused": ("bad", Trouble.SILENCE),
    "first-cut": ("bad", Trouble.SILENCE),
    "large-passes": ("good", None),
    "large-cut": ("bad", None),
    "large-late": ("unknown", None),
    "http2-passes": ("good", None),
    "http2-held": ("bad", Trouble.HOLDS),
    "http2-broken": ("bad", None),
    "http2-untried": ("unknown", None),
    "instances-one": ("good", None),
    "instances-several": ("bad", None),
    "cached": ("bad", None),
    "target-old": ("unknown", None),
    "untried": ("unknown", None),
    "refused-later": ("unknown", None),
}
"""Outcomes of a check: verdict, and the problem that the guide has a fix for. The sentence is in the guide's words."""
UNTRIED = ("untried", "refused-later", "http2-untried", "target-old", "upgrade-none")
"""Outcomes without a result, neither good nor bad."""


@dataclass(frozen=True)
class Finding:
    """Result of one check."""

    outcome: str
    verdict: Verdict
    transport: Transport | None
    sentence: str
    fixes: tuple[Fix, ...] = ()
    ask: str = ""
    """What to ask to find the cause, where nothing in front names itself."""


@dataclass(frozen=True)
class Judge:
    """Builds findings with the guide's words and fixes."""

    book: Book
    here: tuple[Named, ...]
    """The parts of the path, the server last."""

    def found(self, outcome: str, way: Transport | None = None, **told: object) -> Finding:
        verdict, trouble = OUTCOMES[outcome]
        name = NAMES[way] if way else ""
        cure = cures(self.book, self.here, outcome, trouble, way or "")
        ask = "" if any(fix.means and fix.sure for fix in cure) else question_of(self.book, outcome)
        return Finding(outcome, verdict, way, self.book.words[f"probe.{outcome}"].format(name=name, **told), cure, ask)
