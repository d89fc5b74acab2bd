"""The take-away. One file, one format: its docstring's first line is the button's label; MIME, SUFFIX, render().

A file that is put here appears on the record page; `formats()` finds it.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import Protocol

from guide.model import Record
from guide.report.report import Report


class Render(Protocol):
    def __call__(self, report: Report, record: Record, short: bool = False) -> bytes:
        """`short`: without the appendix."""
        ...


@dataclass(frozen=True)
class Format:
    name: str
    label: str
    mime: str
    suffix: str
    render: Render

    @property
    def text(self) -> bool:
        """Whether a person can read the file as it stands."""
        return self.mime.startswith("text/") or self.mime == "application/json"


def formats() -> list[Format]:
    """All formats, by file name.

    Raises:
        AttributeError: a file here lacks MIME, SUFFIX or render.
    """
    found = []
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        label = (module.__doc__ or "").strip().splitlines()[0].rstrip(".")
        found.append(Format(info.name, label, module.MIME, module.SUFFIX, module.render))
    return found
