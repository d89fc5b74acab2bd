"""The types of the browser's side, as TypeScript's own compiler reads them from the JavaScript."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3] / "demos" / "browser"
NODE = Path(sys.prefix) / "bin" / "node"
COMPILER = Path(sys.prefix) / "javascript" / "node_modules" / "typescript" / "bin" / "tsc"
"""Where make test puts it, with npm."""


def test_no_name_and_no_type_is_wrong() -> None:
    if not (NODE.exists() and COMPILER.exists()):
        if os.environ.get("STREAMWISE_REQUIRE_BROWSER") == "1":
            pytest.fail("TypeScript is not installed; make test does that, with npm")
        pytest.skip("TypeScript is not installed; make test does that, with npm")
    ran = subprocess.run([NODE, COMPILER, "--project", PROJECT], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_nobody_switches_the_check_off() -> None:
    for path in PROJECT.rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert "@ts-nocheck" not in text, path
        assert "@ts-ignore" not in text, path
