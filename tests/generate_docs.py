"""Write the generated pages of docs/ from the code: `make docs`. tests/test_docs.py holds them equal to it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from demos.limits import PREFIX, Limits
from demos.proxies import front
from guide.agents import texts
from guide.book import book

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
COMMANDS, SETTINGS = DOCS / "commands.md", DOCS / "settings.md"
NGINX = ROOT / "deploy" / "nginx.conf"
FOR_AGENTS = ("llms.txt", "skill.md")
"""Texts that an agent reads in the repository; the long one is served only."""
HALVES = ("guide", "demos")
OTHERS = {
    "STREAMWISE_ALLOWED_HOSTS": (
        "none",
        "further names of this server, such as a proxy's public name, separated by commas; others are refused (421)",
    ),
    "STREAMWISE_HEARTBEAT_SECONDS": ("15", "how often a silent stream says that it lives"),
    "STREAMWISE_ROOM_PASSWORD": (
        "none",
        "what opens a workshop room from another machine; none: only this machine may",
    ),
    "STREAMWISE_COALESCE_MS": ("8", "text that comes faster than one piece in this time is joined; 0: never"),
    "STREAMWISE_EVIDENCE_FOLDER": (
        "`.streamwise` in the project's folder",
        "where the app keeps what was measured, for after a restart; `off`: in memory only",
    ),
    "STREAMWISE_REDIS_URL": (
        "none",
        "an engine (Redis 6.2 or newer, or Valkey) over which several servers share their threads (replicas.md)",
    ),
    "STREAMWISE_REPLICA": ("host and process", "this server's name among them"),
    "STREAMWISE_LEASE_MS": ("1500", "after that long without a sign of life another server goes on with its runs"),
    "STREAMWISE_ON_LOSS": ("continue", "what becomes of a run whose server is lost: `continue` or `fail`"),
    "STREAMWISE_REDIS_PREFIX": ("streamwise:", "in front of every key in the engine"),
    "STREAMWISE_ENGINE": ("found on the path", "the program of Redis or Valkey, for the scenario *Server lost*"),
    "STREAMWISE_MODEL_URL": ("none", "the base URL of a real model's server, mostly ending in /v1"),
    "STREAMWISE_MODEL": ("none", "the model's name, as that server knows it"),
    "STREAMWISE_MODEL_KEY": ("none", "its key, where it asks for one"),
    "STREAMWISE_MODEL_SILENCE_SECONDS": ("120", "how long a real model may say nothing"),
}
"""Every setting that is no limit: its default, and what it does."""
FIRST = "<!-- Written by `make docs`; change the code, not this page. -->\n\n"


def main() -> None:
    COMMANDS.write_text(commands(), encoding="utf-8")
    SETTINGS.write_text(settings(), encoding="utf-8")
    NGINX.write_text(nginx(), encoding="utf-8")
    for name in FOR_AGENTS:
        (DOCS / name).write_text(texts.FILES[name](book()), encoding="utf-8")


def commands() -> str:
    """Every command with its help, as the program prints it."""
    parts = [FIRST, "# Commands\n\nEach runs from the project's folder, with the Python of `.venv`.\n"]
    for half in HALVES:
        named = re.search(r"\{([a-z,]+)\}", usage(half))
        assert named
        parts += [f"\n## python -m {half} {verb}\n\n```text\n{usage(half, verb)}```\n" for verb in named[1].split(",")]
    return "".join(parts)


def nginx() -> str:
    """The proxy's file for deploy/compose.yaml, where servers have names."""
    servers = ("server1:9001", "server2:9001", "server3:9001")
    return f"# Written by `make docs`.\n{front.text(front.Front('nginx', 8080, 'pages:8501', servers))}"


def usage(*words: str) -> str:
    """What --help prints, at a width that does not depend on the terminal."""
    environment = os.environ | {"COLUMNS": "110", "NO_COLOR": "1"}
    ran = subprocess.run(
        [sys.executable, "-m", *words, "--help"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return ran.stdout


def settings() -> str:
    """Every variable of the environment that the server reads."""
    told = meanings()
    limits = [(f"{PREFIX}{field.name.upper()}", f"{field.default:,}", told[field.name]) for field in fields(Limits)]
    others = [(name, *row) for name, row in OTHERS.items()]
    return (
        f"{FIRST}# Settings\n\n"
        "`make run HOST=0.0.0.0 PORT=9000` says where the app listens; else only this machine can reach it.\n"
        "What Streamlit itself is told stands in `.streamlit/config.toml`, with the reasons. All others are variables\n"
        "of the environment. One with a value that is not allowed stops the start, and says what is allowed.\n\n"
        f"{table(others)}\n"
        f"## Limits\n\nEach is a whole number above zero.\n\n{table(limits)}"
    )


def meanings() -> dict[str, str]:
    """The sentence below each field of `Limits`, which Python itself does not keep."""
    tree = ast.parse((ROOT / "demos/limits.py").read_text(encoding="utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Limits")
    return {
        field.target.id: text.value.value
        for field, text in zip(body, body[1:], strict=False)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }


def table(rows: list[tuple[str, str, str]]) -> str:
    lines = [f"| `{name}` | {default} | {meaning} |\n" for name, default, meaning in rows]
    return "| Variable | Unless set | Meaning |\n| --- | --- | --- |\n" + "".join(lines)


if __name__ == "__main__":
    main()
