"""Commands that run targets of the Makefile."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def make(*words: str, folder: Path = ROOT) -> list[str]:
    """With this Python's environment as the one that make would have installed."""
    fresh = [option for kind in ("run", "test", "replicas") for option in ("-o", f"{sys.prefix}/installed-{kind}")]
    return ["make", "-C", str(folder), *fresh, f"VENV={sys.prefix}", f"PYTHON={sys.executable}", *words]
