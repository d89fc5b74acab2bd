import pytest

from demos.limits import Limits
from demos.scenarios import Scenario, scenarios
from demos.settings import Settings


@pytest.mark.parametrize(("name", "scenario"), scenarios().items())
def test_every_scenario_can_be_shown_and_run(name, scenario):
    assert isinstance(scenario, Scenario)
    assert scenario.watch.endswith(".")
    settings = Settings.read(scenario.configurable(seed=4), Limits())
    assert (settings.pace.seed, settings.n_tokens) == (4, scenario.n_tokens)


def test_faults_strike_while_the_answer_is_written():
    for scenario in scenarios().values():
        ends_ms = scenario.pace.first_token_ms + 1000 * scenario.n_tokens / scenario.pace.rate
        assert all(fault.after_ms < ends_ms * 0.8 for fault in scenario.faults if hasattr(fault, "after_ms"))
