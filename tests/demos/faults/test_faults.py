"""One behaviour for every fault, on a clock that takes no time."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
import pkgutil
from typing import Any

import pytest

from demos import faults
from demos.faults import Ending, Fault, Passage, moment, read, seeded
from demos.faults.clean import Clean
from demos.faults.idle import Idle
from demos.faults.nothing import Nothing
from demos.faults.reset import Reset
from demos.faults.silence import Silence
from demos.protocol.errors import Refusal
from demos.protocol.run_options import LARGEST_SEED


def struck(fault: Fault, passes_at: tuple[float, ...] = (), token_s: float = 1.0) -> tuple[Ending, float]:
    """How it ends, and when: bytes pass at the seconds given, and a token every `token_s` seconds."""
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    def quiet() -> float:
        return now - max((at for at in passes_at if at <= now), default=0.0)

    async def scene() -> Ending:
        passage = Passage()
        striking = asyncio.create_task(fault.strike(sleep, quiet, passage.passed))
        nonlocal now
        while not striking.done():
            if getattr(fault, "after_tokens", 0) > passed():
                now += token_s
                passage.add(1)
            await asyncio.sleep(0)
        return striking.result()

    def passed() -> int:
        return round(now / token_s)

    return asyncio.run(scene()), round(now, 6)


@pytest.mark.parametrize(
    ("fault", "ending", "at"),
    [
        (Nothing(), Ending.NOT, 0),
        (Clean(after_ms=250), Ending.CLEAN, 0.25),
        (Reset(after_ms=1200), Ending.RESET, 1.2),
        (Silence(after_ms=0), Ending.SILENT, 0),
        (Idle(idle_ms=500), Ending.RESET, 0.5),
        (Clean(0, after_tokens=3), Ending.CLEAN, 3),
        (Reset(after_ms=250, after_tokens=3), Ending.RESET, 3.25),
        (Silence(0, after_tokens=20), Ending.SILENT, 20),
    ],
)
def test_a_fault_waits_for_tokens_and_milliseconds_and_says_how_it_ends(
    fault: Fault, ending: Ending, at: float
) -> None:
    assert struck(fault) == (ending, at)


def test_a_fault_that_waits_for_tokens_strikes_at_the_same_word_on_a_slow_machine() -> None:
    fast, slow = (struck(Reset(0, after_tokens=20), token_s=token_s) for token_s in (0.01, 6.0))
    assert (fast, slow) == ((Ending.RESET, 0.2), (Ending.RESET, 120))


def test_what_passes_puts_the_idle_limit_off() -> None:
    assert struck(Idle(idle_ms=500), passes_at=(0.1, 0.4, 0.8)) == (Ending.RESET, 1.3)


def test_the_same_seed_strikes_at_the_same_moment() -> None:
    moments = [moment(1000, 300, seed) for seed in range(50)]
    assert moments == [moment(1000, 300, seed) for seed in range(50)]
    assert len(set(moments)) == 50
    assert all(0.7 <= at <= 1.3 for at in moments)
    assert seeded(Reset(1000, 300), 7) == Reset(1000, 300, 7)
    assert seeded(Idle(5), 7) == Idle(5)
    assert moment(100, 500, 3) >= 0


def test_a_seed_is_no_time_and_has_the_range_of_a_runs_seed() -> None:
    assert read({"fault": "reset", "after_ms": 5, "seed": 999_999}) == Reset(5, seed=999_999)
    assert read({"fault": "reset", "after_ms": 5, "seed": LARGEST_SEED}) == Reset(5, seed=LARGEST_SEED)


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(faults.__path__)])
def test_every_file_holds_one_frozen_fault(name: str) -> None:
    module = importlib.import_module(f"demos.faults.{name}")
    kinds: list[Any] = [
        kind for kind in vars(module).values() if dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__
    ]
    assert kinds == [faults.faults()[name]]
    assert kinds[0].__dataclass_params__.frozen
    assert module.__doc__
    settings = {field.name: 5 for field in dataclasses.fields(kinds[0])}
    assert read({"fault": name, **settings}) == kinds[0](**settings)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "an object with `fault`"),
        ({}, "None is no fault"),
        ({"fault": "nosuch"}, "Allowed: clean, idle"),
        ({"fault": "reset"}, "lacks after_ms"),
        ({"fault": "reset", "after_ms": "1"}, "Allowed: 0 to 600000"),
        ({"fault": "reset", "after_ms": True}, "Allowed: 0 to 600000"),
        ({"fault": "reset", "after_ms": -1}, "Allowed: 0 to 600000"),
        ({"fault": "reset", "after_ms": float("nan")}, "Allowed: 0 to 600000"),
        ({"fault": "reset", "after_ms": 1, "seed": 2**53 + 1}, "Allowed: 0 to 9007199254740992"),
        ({"fault": "reset", "after_ms": 1, "after_tokens": -1}, "Allowed: 0 to 600000"),
        ({"fault": "reset", "after_bytes": 5}, "no setting 'after_bytes'"),
    ],
)
def test_a_fault_that_cannot_be_read_says_what_is_allowed(given: dict[str, Any] | None, said: str) -> None:
    with pytest.raises(Refusal, match="Allowed") as refused:
        read(given)
    assert said in refused.value.message
