"""Which scenario a verdict points to, told from the facts behind it."""

from __future__ import annotations

from dataclasses import replace

from guide import book as books
from guide.decision.engine import decide
from guide.decision.lab_scenario import pointed

OURS = books.book()


def test_nothing_answered_points_nowhere() -> None:
    assert pointed(OURS, decide(OURS, {})) is None


def test_it_is_the_scenario_that_shows_most_of_the_facts() -> None:
    case = next(case for case in OURS.cases.values() if decide(OURS, case.answers).reasons)
    verdict = decide(OURS, case.answers)
    cited = list(dict.fromkeys(fact for reason in verdict.reasons for fact in reason.effect.facts))
    facts = {key: fact.model_copy(update={"see": None}) for key, fact in OURS.facts.items()}
    facts[cited[0]] = facts[cited[0]].model_copy(update={"see": "shown"})
    assert pointed(replace(OURS, facts=facts), verdict) == "shown"
