"""What the README of a project says is left to its reader: whatever the answers ask for and the program does not do."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from guide.book import book
from guide.decision.engine import pattern
from guide.decision.starter import lacking, variants
from tests.guide.starter.projects import project, random_answers

Given = dict[str, tuple[str, ...]]
ADDRESS = re.compile(r"(?:GET|POST|WebSocket) (/[\w{}/]+)")
ROUTE = re.compile(r'@(?:app|router)\.(?:get|post|websocket)\("(/[\w{}/]+)"')


def left(answers: Given, option: str) -> str:
    """The chapter on what is left, on one line."""
    readme = project(tuple(answers.items()), option).files["README.md"].decode()
    return " ".join(readme.split("## What is left to you")[1].split("\n## ")[0].split())


@pytest.mark.parametrize(
    ("answers", "option", "said"),
    [
        ({"uplink": ("steady",)}, "websocket", "Add your message to `app/websocket.py`"),
        ({"uplink": ("steady",)}, "sse", "It has no `/runs/{id}/input`"),
        ({"uplink": ("chains",)}, "sse", "It takes no results of tools from a client"),
        ({"uplink": ("remarks",)}, "sse", "a thread whose run goes on is refused with 409"),
        ({"uplink": ("remarks",)}, "websocket", "the close code 4409"),
        ({"uplink": ("remarks",), "resume": ("lose",)}, "sse", "A remark is the next request"),
        ({"uplink": ("controls",), "media": ("binary",)}, "websocket", "no binary frames"),
        ({"uplink": ("controls",), "media": ("binary",)}, "sse", "as base64"),
        ({"uplink": ("controls",), "tabs": ("many_h1",)}, "websocket", "There is no POST"),
        ({"uplink": ("controls",), "hosting": ("serverless",)}, "sse", "must live longer than the run"),
    ],
)
def test_what_the_answers_ask_for_and_the_program_does_not_do(answers: Given, option: str, said: str) -> None:
    assert said in left(answers, option)


def test_a_project_that_does_all_of_it_says_so() -> None:
    assert left({"uplink": ("controls",)}, "sse").startswith("No answer asked for a database, accounts")


def test_a_project_with_redis_does_not_say_that_nobody_asked_for_a_database() -> None:
    said = left({"uplink": ("controls",), "hosting": ("stateless",)}, "sse")
    assert "No answer asked for accounts, metrics" in said
    assert "database" not in said


def test_where_a_design_names_an_address_the_program_has_it_or_the_readme_says_what_there_is_instead() -> None:
    met = set()
    for shape, answers, option in shapes():
        [variant] = variants(book(), answers, option)
        sources = "".join(book().sources[source] for source in variant.files.values() if source)
        has = {re.sub(r"\{\w+\}", "{id}", route) for route in ROUTE.findall(sources)}
        named = {address for lane in book().patterns[shape].lanes for address in ADDRESS.findall(lane.label)}
        told = any(shape in lack.patterns for lack in lacking(book(), answers, variant))
        assert named <= has or told, (shape, named - has)
        met.add(shape)
    assert met == {key for key, one in book().patterns.items() if one.option in book().options}


def test_everything_that_is_lacking_is_lacking_somewhere() -> None:
    met = [
        lack.what
        for _, answers, option in shapes()
        for variant in variants(book(), answers, option)
        for lack in lacking(book(), answers, variant)
    ]
    assert {lack.what for lack in book().starter.lacks.values()} <= set(met)


def shapes() -> Iterator[tuple[str, Given, str]]:
    """(shape, answers, transport) for many sets of answers."""
    for seed in range(1_000):
        answers = random_answers(seed, book())
        for option in book().options:
            yield pattern(book(), answers, option) or "", answers, option
