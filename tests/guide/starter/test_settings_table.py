"""What the README of a project tells of its settings is read from its program."""

from __future__ import annotations

import re

from guide.starter.settings_table import Setting, settings
from tests.guide.starter.projects import every_project

PROGRAM = '''
import os

def _names(variable, default=""):
    return os.environ.get(variable, default).split(",")

HOSTS = _names("HOSTS", "localhost")
"""Names that may be
asked for."""
WAIT_S = float(os.environ.get("WAIT_SECONDS", "15"))
"""How long one waits."""
AGAIN = os.environ.get("WAIT_SECONDS", "1")
"""Not this one."""
SECRET = os.environ.get("SECRET")
MOST = 7
"""No variable."""
print("HOSTS", "is no setting")

def later():
    return os.environ.get("LATER")
'''


def test_each_variable_has_its_default_and_its_meaning() -> None:
    assert settings(PROGRAM) == (
        Setting("HOSTS", "localhost", "Names that may be asked for."),
        Setting("WAIT_SECONDS", "15", "How long one waits."),
        Setting("SECRET", "", ""),
    )


def test_an_empty_program_has_none() -> None:
    assert settings("") == ()


def test_a_readme_has_every_setting_that_says_what_it_is() -> None:
    for project in every_project().values():
        told = [one for one in settings(project.files["app/settings.py"].decode()) if one.what]
        rows = re.findall(r"(?m)^\| `(\w+)` \| (?:`([^`]*)`)? ?\| (.*) \|$", project.files["README.md"].decode())
        assert len(told) >= 5
        assert {(one.name, one.default, one.what.replace("|", "/")) for one in told} <= set(rows)
