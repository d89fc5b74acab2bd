"""Symptoms: enough of them, each can be told from the others and cured, and names only what there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from demos.__main__ import main as demos
from guide import book as books
from guide.__main__ import main as guide
from tests.every import every

OURS = books.book()
ROOT = Path(__file__).parents[2]
TEXTS = [
    (key, text)
    for key, symptom in OURS.symptoms.items()
    for cause in symptom.causes
    for text in (cause.why, cause.tell, cause.cure, cause.setting or "")
]
COMMANDS = sorted({code for _, text in TEXTS for code in re.findall(r"`([^`]+)`", text) if " -m demos" in code})


def test_there_are_at_least_forty_each_with_public_reports() -> None:
    assert len(OURS.symptoms) >= 40
    assert all(report.url.startswith("https://") for each in OURS.symptoms.values() for report in each.reports)


@every("command", COMMANDS)
def test_a_command_that_tells_causes_apart_is_one_that_there_is(command: str) -> None:
    half, *arguments = shlex.split(command.split(".venv/bin/python -m ")[1].replace("URL", "http://127.0.0.1:9"))
    with pytest.raises(SystemExit) as end:
        (demos if half == "demos" else guide)([*arguments, "--help"])
    assert end.value.code == 0


@every("key", [key for key, symptom in OURS.symptoms.items() if symptom.see])
def test_a_scenario_that_shows_it_is_one_of_the_labs(key: str) -> None:
    assert (ROOT / "demos" / "scenarios" / f"{OURS.symptoms[key].see}.py").is_file()


def test_a_scenario_that_a_text_names_is_called_so_on_screen() -> None:
    titles = {text for key, text in OURS.words.items() if re.fullmatch(r"scenario\.\w+\.title", key)}
    named = {name for _, text in TEXTS for name in re.findall(r"[Tt]he scenario ([A-Z][\w' -]*?) of the lab", text)}
    named |= {
        name
        for _, text in TEXTS
        for pair in re.findall(r"[Tt]he scenarios ([A-Z][\w' -]*?) and ([A-Z][\w' -]*?) of the lab", text)
        for name in pair
    }
    assert named
    assert named <= titles


def test_no_text_belongs_to_two_symptoms() -> None:
    """An error text leads to one symptom: whoever pastes it should not have to choose."""
    texts = [text.casefold() for symptom in OURS.symptoms.values() for text in symptom.texts]
    assert sorted({text for text in texts if texts.count(text) > 1}) == []
