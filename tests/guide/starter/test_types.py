"""The types of the starter's page, with each of its transports, as TypeScript's compiler reads the JavaScript."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from guide.book import KNOWLEDGE

WEB = KNOWLEDGE / "starter" / "web"
SETTINGS = Path(__file__).parents[3] / "demos" / "browser" / "tsconfig.json"
NODE = Path(sys.prefix) / "bin" / "node"
COMPILER = Path(sys.prefix) / "javascript" / "node_modules" / "typescript" / "bin" / "tsc"
"""Where make test puts it, with npm."""


def test_no_name_and_no_type_is_wrong(tmp_path: Path) -> None:
    if not (NODE.exists() and COMPILER.exists()):
        if os.environ.get("STREAMWISE_REQUIRE_BROWSER") == "1":
            pytest.fail("TypeScript is not installed; make test does that, with npm")
        pytest.skip("TypeScript is not installed; make test does that, with npm")
    shutil.copy(SETTINGS, tmp_path)
    for variant in WEB.glob("stream_*.js"):
        folder = tmp_path / variant.stem
        folder.mkdir()
        for name in ("page.js", "event_stream.js"):
            shutil.copy(WEB / name, folder)
        shutil.copy(variant, folder / "stream.js")
    ran = subprocess.run([NODE, COMPILER, "--project", tmp_path], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_nobody_switches_the_check_off() -> None:
    for path in WEB.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert "@ts-nocheck" not in text, path
        assert "@ts-ignore" not in text, path
