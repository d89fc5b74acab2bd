"""Settings of one run of the demo agent: pace, seed, approval, the user's answers. Read from `config.configurable`.

Everything is optional and bounded; unknown keys are ignored, since clients put their own things there.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from demos.limits import Limits
from demos.protocol.errors import invalid
from demos.protocol.storable import check_storable

LARGEST_SEED = 2**53
"""As far as JavaScript counts without a gap."""

MAX_BLOB_BYTES = 1_000_000
"""Of a run's blob. A quarter of what a thread's log holds by default, so that nothing is evicted for it."""
MAX_ID = 60
"""Characters of an id of the guide."""


@dataclass(frozen=True)
class Pace:
    """When tokens come: `first_token_ms` of thinking, then `rate` tokens a second, each gap off by up to `jitter`."""

    seed: int = 1
    rate: float = 30.0
    first_token_ms: float = 400.0
    jitter: float = 0.3

    def gaps(self) -> Iterator[float]:
        """Seconds to wait before each token, for ever. A rate of 0 means flat out. Same seed, same gaps."""
        chance = random.Random(self.seed)
        yield self.first_token_ms / 1000
        while True:
            yield (1 + self.jitter * chance.uniform(-1, 1)) / self.rate if self.rate else 0.0


@dataclass(frozen=True)
class Settings:
    """One run's settings."""

    pace: Pace = Pace()
    approve: bool = False
    """Ask a human before answering."""
    on_disconnect: Literal["keep", "stop"] = "keep"
    """What becomes of the run while nobody reads it."""
    grace_ms: float = 5_000.0
    """How long nobody must have been reading before a run that is not kept is stopped."""
    fail_at: int | None = None
    """The model raises after this many tokens of the answer."""
    silence_ms: float = 0.0
    """How long the tool says nothing before it answers."""
    stamp: bool = False
    """Each token of the answer is the time at which the model made it: nanoseconds of the monotonic clock, a space."""
    n_tokens: int | None = None
    """Cut or extend the answer to this many tokens, no more and no fewer; the last one ends a sentence."""
    blob_bytes: int = 0
    """Size of something large that the run says in mid-answer, on the custom channel."""
    blob_part_bytes: int = 0
    """It comes in parts of this size, one after each token; 0: in one piece."""
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The user's answers in the guide: question id -> answer ids."""
    facts: tuple[str, ...] = ()
    """Ids of facts that the answer should rest on; the server looks them up, so that no citation can be forged."""

    def kept(self) -> dict[str, Any]:
        """As JSON, for another process that goes on with the run."""
        return asdict(self)

    @classmethod
    def restored(cls, kept: Mapping[str, Any]) -> Self:
        """What `kept` returned, after its way through JSON."""
        answers = {question: tuple(chosen) for question, chosen in kept["answers"].items()}
        return cls(**{**kept, "pace": Pace(**kept["pace"]), "answers": answers, "facts": tuple(kept["facts"])})

    @classmethod
    def read(cls, given: Any, limits: Limits) -> Self:
        """Check what a client sent.

        Raises:
            Refusal: naming the key, what was found and what is allowed.
        """
        if not isinstance(given, Mapping):
            raise invalid("config.configurable must be an object.")
        check_storable(given, "config.configurable")
        pace = Pace(
            seed=int(_number(given, "seed", Pace.seed, 0, LARGEST_SEED, whole=True)),
            rate=_number(given, "rate", Pace.rate, 0, 10_000),
            first_token_ms=_number(given, "first_token_ms", Pace.first_token_ms, 0, 60_000),
            jitter=_number(given, "jitter", Pace.jitter, 0, 1),
        )
        on_disconnect = given.get("on_disconnect", "keep")
        if on_disconnect not in ("keep", "stop"):
            raise invalid(f"config.configurable.on_disconnect is {on_disconnect!r:.60}. Allowed: keep, stop.")
        return cls(
            pace=pace,
            approve=_flag(given, "approve"),
            on_disconnect=on_disconnect,
            grace_ms=_number(given, "grace_ms", cls.grace_ms, 0, 600_000),
            fail_at=_count(given, "fail_at", 0, limits.tokens),
            silence_ms=_number(given, "silence_ms", cls.silence_ms, 0, 600_000),
            stamp=_flag(given, "stamp"),
            n_tokens=_count(given, "n_tokens", 1, limits.tokens),
            blob_bytes=_count(given, "blob_bytes", 0, MAX_BLOB_BYTES) or 0,
            blob_part_bytes=_count(given, "blob_part_bytes", 0, MAX_BLOB_BYTES) or 0,
            answers=_answers(given.get("answers") or {}),
            facts=_ids(given.get("facts") or [], "facts"),
        )


def _flag(given: Mapping[str, Any], key: str) -> bool:
    value = given.get(key, False)
    if not isinstance(value, bool):
        raise invalid(f"config.configurable.{key} is {value!r:.60}. Allowed: true or false.")
    return value


def _count(given: Mapping[str, Any], key: str, low: int, high: int) -> int | None:
    return None if given.get(key) is None else int(_number(given, key, low, low, high, whole=True))


def _number(given: Mapping[str, Any], key: str, default: float, low: float, high: float, whole: bool = False) -> float:
    value = given.get(key, default)
    kinds = int if whole else (int, float)
    # The range also refuses NaN and both infinities.
    if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        raise invalid(f"config.configurable.{key} is {value!r:.60}. Allowed: {kind} from {low:,} to {high:,}.")
    return value


def _ids(given: Any, where: str) -> tuple[str, ...]:
    found = (given,) if isinstance(given, str) else given
    if not isinstance(found, list | tuple) or len(found) > 50 or not all(_is_id(key) for key in found):
        raise invalid(f"config.configurable.{where} must be a list of at most 50 ids of the guide.")
    return tuple(found)


def _answers(given: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, Mapping) or len(given) > 50 or not all(_is_id(key) for key in given):
        raise invalid("config.configurable.answers must map at most 50 question ids to lists of answer ids.")
    return {key: _ids(chosen, f"answers.{key}") for key, chosen in given.items()}


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_ID
