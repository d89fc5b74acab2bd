"""The packages of a project: which it uses, in which versions its lock has them, and the ranges that follow."""

from __future__ import annotations

import re
from collections.abc import Mapping

from guide.book import Book
from guide.decision.starter import fits_axes

LOCK = "requirements.lock"
_PIN = re.compile(r"(?m)^([a-z0-9-]+)==([0-9][0-9a-z.]*)")


def pinned(lock: str) -> dict[str, str]:
    """Name -> version of every package in a lock."""
    return dict(_PIN.findall(lock))


def direct(book: Book, axes: Mapping[str, str], extra: str | None) -> tuple[str, ...]:
    """Names of the packages that a project imports itself; `extra`: those of an optional group."""
    packages = book.starter.packages.items()
    return tuple(name for name, one in packages if one.extra == extra and fits_axes(one.when, axes))


def extras(book: Book) -> tuple[str, ...]:
    """The optional groups."""
    return tuple(sorted({one.extra for one in book.starter.packages.values() if one.extra}))


def ranges(names: tuple[str, ...], versions: Mapping[str, str]) -> tuple[str, ...]:
    """`name>=1.2.3,<2`: from the version that was tested up to the next one that may break."""
    return tuple(f"{name}>={versions[name]},<{int(versions[name].split('.')[0]) + 1}" for name in names)
