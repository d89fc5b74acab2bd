"""One behaviour for every fault, on a clock that takes no time."""

import asyncio
import dataclasses
import importlib
import pkgutil

import pytest

from demos import faults
from demos.faults import Ending, Fault
from demos.faults.clean import Clean
from demos.faults.nothing import Nothing
from demos.faults.reset import Reset
from demos.faults.silence import Silence


def struck(fault: Fault) -> tuple[Ending, list[float]]:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    return asyncio.run(fault.strike(sleep)), slept


@pytest.mark.parametrize(
    ("fault", "ending", "slept"),
    [
        (Nothing(), Ending.NOT, []),
        (Clean(after_ms=250), Ending.CLEAN, [0.25]),
        (Reset(after_ms=1200), Ending.RESET, [1.2]),
        (Silence(after_ms=0), Ending.SILENT, [0]),
    ],
)
def test_a_fault_waits_in_milliseconds_and_says_how_it_ends(fault, ending, slept):
    assert struck(fault) == (ending, slept)


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(faults.__path__)])
def test_every_file_holds_one_frozen_fault(name):
    module = importlib.import_module(f"demos.faults.{name}")
    kinds = [
        kind for kind in vars(module).values() if dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__
    ]
    assert len(kinds) == 1
    assert kinds[0].__dataclass_params__.frozen
    assert module.__doc__
