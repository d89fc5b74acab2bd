"""Which Chromium the browser tests use: the system's own. Nothing is ever downloaded."""

from __future__ import annotations

import functools
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@functools.cache
def find() -> str | None:
    """Path of the first one on PATH; None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)
