"""Facts that the demo agent may cite, and the meaning of the user's answers. Reads the book only on request."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from guide.model import Answers, Fact

_WORD = re.compile(r"[a-z0-9]{3,}")
_ENDING = re.compile(r"(?<=[a-z]{3})(ing|ed|es|e|s)$")
_COMMON = frozenset(
    _WORD.findall(
        "the and for with that this from have has are was were will would should could can may our your you what which "
        "when where why how who does did not but use using used need needs want over into than then they them their "
        "there its one two any all each more most some about between instead also only "
    )
)
"""Words that every question has."""


@dataclass(frozen=True)
class Knowledge:
    """Facts by id; for each answer (question id, answer id) how it is reported and which facts its effects cite."""

    facts: Mapping[str, Fact]
    said: Mapping[tuple[str, str], str] = field(default_factory=dict)
    cited: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def reported(self, answers: Answers) -> list[str]:
        """Return the user's answers as short sentences, without unknown ids."""
        return [self.said[key] for key in _pairs(answers) if key in self.said]

    def look_up(self, question: str, answers: Answers, wanted: Sequence[str] = (), limit: int = 5) -> list[str]:
        """Ids of the facts that bear on the question, best first; the same question finds the same facts.

        A fact counts for the question's words that it holds, rarer words for more; facts behind the user's own answers
        and facts asked for by id count extra and all have room. Nothing fits: an empty list.
        """
        behind = {fact for pair in _pairs(answers) for fact in self.cited.get(pair, ())}
        asked, said = _words(question), {word for text in self.reported(answers) for word in _words(text)}
        scores: dict[str, float] = {}
        for key, words in self._held.items():
            # The question comes first; the user's own answers only lean the choice.
            score = sum(
                _rarity(word, self._held.values()) * (1.0 if word in asked else 0.2) for word in words & (asked | said)
            )
            score += 1.0 * (key in behind) + 4.0 * (key in wanted)
            if score > 0:
                scores[key] = score
        return sorted(scores, key=lambda key: (-scores[key], key))[: max(limit, len(wanted))]

    @functools.cached_property
    def _held(self) -> dict[str, set[str]]:
        """The words of each fact: the same for every question, and most of what a look-up takes."""
        return {key: _words(f"{key} {fact.claim} {fact.figure}") for key, fact in self.facts.items()}


def _rarity(word: str, texts: Collection[set[str]]) -> float:
    """What a shared word is worth: the fewer facts hold it, the more."""
    return math.log(1 + len(texts) / sum(word in text for text in texts))


def _pairs(answers: Answers) -> list[tuple[str, str]]:
    return [(question, answer) for question, chosen in answers.items() for answer in chosen]


def _words(text: str) -> set[str]:
    """The words that carry meaning, without their endings: buffers, buffered and buffering are one."""
    return {_ENDING.sub("", word) for word in set(_WORD.findall(text.lower())) - _COMMON}


def from_book() -> Knowledge:
    """The guide's own knowledge. Imported here, so that the demos start without reading it."""
    from guide.book import book

    questions = book().questions
    answers = {(qid, aid): answer for qid, q in questions.items() for aid, answer in q.answers.items()}
    return Knowledge(
        facts=book().facts,
        said={key: answer.said for key, answer in answers.items()},
        cited={key: tuple(f for effect in answer.effects for f in effect.facts) for key, answer in answers.items()},
    )
