"""The words refuse what they do not know."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from guide import model
from tests.every import every
from tests.guide import toy


def words() -> list[type[model.Word]]:
    return [kind for kind in vars(model).values() if isinstance(kind, type) and issubclass(kind, model.Word)]


@every("kind", words())
def test_every_word_refuses_unknown_keys_and_says_what_it_is(kind: type[model.Word]) -> None:
    assert kind.__doc__
    assert kind.model_config["frozen"]
    with pytest.raises(ValidationError, match="colour"):
        kind.model_validate({"colour": "red"})


def test_a_fact_needs_a_source() -> None:
    with pytest.raises(ValidationError, match="source"):
        model.Fact.model_validate({**toy.FACT, "source": []})


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://html.spec.whatwg.org/#x", True),
        ("guide/knowledge/cases.yaml", True),
        ("demos/scenarios/drop.py", True),
        ("http://plain.example/", False),
        ("javascript:alert(1)", False),
        ("/etc/passwd", False),
    ],
)
def test_a_source_is_https_or_a_path_of_this_project(url: str, good: bool) -> None:
    if good:
        assert model.Source(title="t", url=url).url == url
    else:
        with pytest.raises(ValidationError):
            model.Source(title="t", url=url)


@pytest.mark.parametrize("bad", ["", "Upper", "white space", "a" * 61, "ü", "a.b", "a~b", "a+b", "-a"])
def test_ids_fit_into_a_link(bad: str) -> None:
    with pytest.raises(ValidationError):
        model.Case.model_validate(toy.FOLDER["cases.yaml"]["monk"] | {"expect": bad})


def test_yaml_scalars_are_strings_and_are_converted() -> None:
    fact = model.Fact.model_validate(toy.FACT)
    assert fact.checked == datetime.date(2026, 1, 2)
    assert model.Question.model_validate(toy.FOLDER["questions/taste.yaml"]).multiple is True


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", " "), ("title", "x" * 201), ("context", "x" * 5001), ("status", "rejected"), ("date", "soon")],
)
def test_a_record_has_bounds(field: str, value: Any) -> None:
    good: dict[str, Any] = {"title": "t", "date": "2026-11-23", "chosen": "tea", "answers": {}}
    assert model.Record.model_validate(good).status == "proposed"
    with pytest.raises(ValidationError, match=field):
        model.Record.model_validate({**good, field: value})


@pytest.mark.parametrize("field", ["lost", "repeated", "reconnects", "tokens", "events"])
def test_counts_are_not_negative(field: str) -> None:
    good = {
        "transport": "sse",
        "client": "c",
        "tokens": 1,
        "events": 1,
        "lost": 0,
        "repeated": 0,
        "reconnects": 0,
        "finished": True,
    }
    with pytest.raises(ValidationError, match=field):
        model.Measurement.model_validate({**good, field: -1})
