from __future__ import annotations

import pytest

from guide import book as books
from guide.book.config_template import shown
from guide.decision.proxy_configs import hosted, in_path, named, outcome_in_words
from guide.model import UNKNOWN, ProxyOutcome

OURS = books.book()
PATH = next(qid for qid, question in OURS.questions.items() if question.places)


@pytest.mark.parametrize("id", sorted(OURS.configs.keys() & OURS.proxies.keys()))
def test_each_proxy_of_the_path_comes_with_the_file_that_was_run(id: str) -> None:
    (config,) = in_path(OURS, {PATH: (id, "squid")})
    name, text = config.files[0]
    assert text == shown(OURS.configs[id][name])
    assert name.startswith("recommended.")
    assert "{{" not in "".join(text for _, text in config.files)
    for version in OURS.proxies[id].versions:
        assert f"{config.title} {version}" in config.ran
    assert "does not open" not in config.ran


def test_what_the_first_file_names_goes_with_it() -> None:
    assert [[name for name, _ in one.files] for one in in_path(OURS, {PATH: ("traefik", "nginx")})] == [
        ["recommended.conf"],
        ["recommended.yaml", "frame.yaml"],
    ]


@pytest.mark.parametrize("answers", [{}, {PATH: (UNKNOWN,)}, {PATH: ("squid",)}])
def test_nobody_gets_a_file_for_what_does_not_stand_in_the_path(answers: dict[str, tuple[str, ...]]) -> None:
    assert named(OURS, answers) == ()
    assert in_path(OURS, answers) == ()


def test_what_somebody_else_runs_is_told_and_what_runs_on_any_machine_is_not() -> None:
    path = ("cloudfront", "aws-alb", "nginx", "apache", "heroku", "docker", "uvicorn")
    assert hosted(OURS, {PATH: path}) == ("Amazon CloudFront", "AWS Application Load Balancer", "Heroku")
    assert hosted(OURS, {PATH: (UNKNOWN,)}) == hosted(OURS, {}) == ()


def test_how_a_transport_fared_is_the_rest_of_a_sentence() -> None:
    assert outcome_in_words(OURS, ProxyOutcome(opens="HTTP 426")) == "does not connect (HTTP 426)"
    assert outcome_in_words(OURS, ProxyOutcome(opens="yes", tokens="in bursts", long="cut, resumed")) == (
        "connects; tokens arrive in bursts; a long answer: cut, resumed"
    )
