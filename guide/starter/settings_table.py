"""Reads from the program of a project which environment variables it knows, and what each one means.

A variable is read as `os.environ.get("NAME", "default")`, or by a function of the file that does this. What it means
stands as a text below the assignment.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

READS = "os.environ.get"


@dataclass(frozen=True)
class Setting:
    """One environment variable."""

    name: str
    default: str
    what: str


def settings(source: str) -> tuple[Setting, ...]:
    """The variables that are read when a Python file is imported, in order, each once."""
    body = ast.parse(source).body
    readers = {READS, *(node.name for node in body if isinstance(node, ast.FunctionDef) and READS in ast.unparse(node))}
    found: dict[str, Setting] = {}
    for statement, after in zip_longest(body, body[1:]):
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for name, default in _read(statement, readers):
                found.setdefault(name, Setting(name, default, _told(after)))
    return tuple(found.values())


def _read(statement: ast.stmt, readers: set[str]) -> Iterator[tuple[str, str]]:
    """(name, default) of each variable that a statement reads."""
    for call in (node for node in ast.walk(statement) if isinstance(node, ast.Call)):
        given = [one.value if isinstance(one, ast.Constant) else None for one in call.args]
        if ast.unparse(call.func) in readers and given and given[0]:
            yield str(given[0]), str(given[1]) if given[1:] and given[1] is not None else ""


def _told(statement: ast.stmt | None) -> str:
    """The text that a statement is, on one line; '' where it is something else."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return " ".join(str(statement.value.value).split())
    return ""
