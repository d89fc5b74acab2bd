"""Scenarios, one per file: its `SCENARIO`. The file name is the id. A file without one is an error.

    demos/scenarios/NAME.py            what is measured without a browser, and which code made the difference
    demos/browser/scenarios/NAME.js    what the lab's page does; catalog.js beside it lists it
    guide/knowledge/words/en/scenario-NAME.yaml    every word of it on screen
A fact that a scenario shows names it in `see`.
"""

from __future__ import annotations

import importlib
import pkgutil

from demos.harness.scenario import STEADY, Group, Scenario

__all__ = ["STEADY", "Group", "Scenario", "groups", "scenarios"]


def scenarios() -> dict[str, Scenario]:
    """Every scenario by id, in order.

    Raises:
        AttributeError: a file here holds no `SCENARIO`.
    """
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    found: dict[str, Scenario] = {name: importlib.import_module(f"{__name__}.{name}").SCENARIO for name in names}
    return dict(sorted(found.items(), key=lambda pair: (pair[1].order, pair[0])))


def groups() -> dict[Group, list[str]]:
    """The ids of all scenarios under their headings, in order."""
    found: dict[Group, list[str]] = {}
    for name, scenario in scenarios().items():
        found.setdefault(scenario.group, []).append(name)
    return found
