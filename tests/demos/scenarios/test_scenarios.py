"""One behaviour for every scenario: it can be run, shown, read about, and its code is really there."""

from __future__ import annotations

from pathlib import Path

import pytest

from demos.limits import Limits
from demos.protocol.run_options import Settings
from demos.scenarios import Scenario, groups, scenarios
from guide.book import book

ROOT = Path(__file__).parents[3]
ALL = pytest.mark.parametrize(("name", "scenario"), scenarios().items())


@ALL
def test_it_can_be_run(name: str, scenario: Scenario) -> None:
    assert isinstance(scenario, Scenario)
    settings = Settings.read(scenario.configurable(seed=4), Limits())
    assert (settings.pace.seed, settings.n_tokens) == (4, scenario.n_tokens)
    who = [(subject.transport, subject.client) for subject in scenario.subjects]
    assert len(who) == len(set(who)) > 1


def test_each_stands_under_one_heading_and_the_order_is_that_of_the_headings() -> None:
    """Whoever steps through them by key meets them as they stand on the page."""
    assert [name for names in groups().values() for name in names] == list(scenarios())
    assert all(book().words[f"lab.group.{group}"] for group in groups())
    assert len(groups()) == 4


@ALL
def test_it_can_be_read_about(name: str, scenario: Scenario) -> None:
    words = book().words
    assert words[f"scenario.{name}.watch"].endswith(".")
    assert words[f"scenario.{name}.predict"].endswith("?")
    assert sum(key.startswith(f"scenario.{name}.predict.") for key in words) >= 2
    assert len(words[f"scenario.{name}.title"]) <= 28
    for figure in scenario.figures:
        assert words[f"figure.{figure}"]


@ALL
def test_it_can_be_shown(name: str, scenario: Scenario) -> None:
    script = (ROOT / "demos" / "browser" / "scenarios" / f"{name}.js").read_text(encoding="utf-8")
    assert f"export const {name} = " in script
    catalog = (ROOT / "demos" / "browser" / "scenarios" / "catalog.js").read_text(encoding="utf-8")
    assert f'import {{ {name} }} from "./{name}.js";' in catalog


@ALL
def test_the_code_that_made_the_difference_is_there(name: str, scenario: Scenario) -> None:
    assert scenario.code
    for excerpt in scenario.code:
        number, text = excerpt.read()
        assert number > 0
        assert 2 <= len(text.splitlines()) <= 40, excerpt


def test_faults_strike_while_the_answer_is_written() -> None:
    for scenario in scenarios().values():
        if not scenario.faults:
            continue
        ends_ms = scenario.pace.first_token_ms + 1000 * scenario.n_tokens / scenario.pace.rate
        late = [one["after_ms"] + one["spread_ms"] for one in map(vars, scenario.faults) if "after_ms" in one]
        assert all(at < ends_ms * 0.8 for at in late)
        tokens = [one["after_tokens"] for one in map(vars, scenario.faults) if one.get("after_tokens")]
        assert all(count <= scenario.n_tokens / 2 for count in tokens)


def test_no_two_have_the_same_place() -> None:
    orders = [scenario.order for scenario in scenarios().values()]
    assert sorted(set(orders)) == orders
