"""The texts for agents: they name what exists, and are no longer than they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from guide.agents import texts
from guide.book import book
from streamwise.__main__ import DEMOS
from streamwise.guide_api import GuideApi

OURS = book()
ROOT = Path(__file__).parents[3]
TOOLS = ("list_questions", "decide", "explain", "search", "get_files")


def test_llms_txt_is_short_and_names_the_three_doors() -> None:
    text = texts.llms(OURS)
    assert len(text.splitlines()) <= 45
    assert all(f"`{tool}`" in text for tool in TOOLS)
    for name in re.findall(r"\]\(([\w.-]+)\)", text):
        assert name in texts.FILES


def test_the_long_text_holds_every_question_fact_need_and_symptom() -> None:
    text = texts.llms_full(OURS)
    for id in (*OURS.facts, *OURS.needs, *OURS.symptoms):
        assert f"- {id}: " in text
    for question in OURS.questions.values():
        assert question.derived or all(f"- {aid}: {answer.text}" in text for aid, answer in question.answers.items())


@pytest.mark.parametrize("text", [texts.llms(OURS), texts.skill(OURS), texts.CHOOSE, texts.REVIEW, texts.INSTRUCTIONS])
def test_commands_tools_and_addresses_exist(text: str) -> None:
    from guide.__main__ import parser

    help = parser().format_help()
    for verb in re.findall(r"`streamwise (\w+)", text):
        assert verb == "mcp" or verb in DEMOS or f" {verb} " in help, verb
    served = {route.path for route in GuideApi(None).routes()}  # type: ignore[arg-type, attr-defined]
    for address in re.findall(r"/api/guide/[\w.]+", text):
        assert any(path.startswith(address) for path in served), address
    for tool in re.findall(r"\b(?:list|get)_\w+", text):
        assert tool in TOOLS


def test_the_copies_in_the_repository_are_those_that_are_served() -> None:
    """Written by `make docs`, for agents that read the repository and run nothing."""
    for name in ("llms.txt", "skill.md"):
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == texts.FILES[name](OURS)
