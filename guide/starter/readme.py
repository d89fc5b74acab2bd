"""Writes the README of a project from the answers. Its words stand here and nowhere else."""

from __future__ import annotations

import datetime
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from guide.report.report import Report, ReportProject
from guide.starter.settings_table import Setting, settings

TEST = ".venv/bin/python -m pytest"
RUN = ".venv/bin/python -m app"
INSTALL = "pip install --require-hashes -r requirements.lock"
ELSEWHERE = "The project is simpler than this: [what is left to you](#what-is-left-to-you) says where."
WIDTH = 120
CODE = re.compile(r"`[^`]*`")
UNBROKEN = "\u00a0"
MOST_LEFT = 4
"""How many needs are told in a sentence each, less what else is lacking; of the others the README has the title."""


@dataclass(frozen=True)
class About:
    """What the README is about."""

    report: Report
    sentence: str
    """What the shape of the recommendation does."""
    project: ReportProject
    texts: Mapping[str, str]
    """The other files of the project."""
    why: tuple[str, ...]
    """Why it is built so."""
    port: str
    proxy_port: str
    tested: datetime.date | None
    versions: Mapping[str, str]
    """Of the packages that the project imports."""


def readme(about: About) -> str:
    """The whole text."""
    parts = (_opening, _start, _yours, _files, _left, _settings, _shipping, _again)
    return "\n\n".join(block for part in parts for block in part(about)) + "\n"


def _text(*sentences: str) -> str:
    return _wrapped(" ".join(sentences))


def _items(texts: Iterable[str]) -> str:
    return "\n".join(_wrapped(f"- {text}", "  ") for text in texts)


def _wrapped(text: str, indent: str = "") -> str:
    """Lines of a page; no command is broken in two."""
    whole = CODE.sub(lambda found: found[0].replace(" ", UNBROKEN), text)
    filled = textwrap.fill(whole, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return filled.replace(UNBROKEN, " ")


def _shell(*commands: str) -> str:
    return "\n".join(["```sh", *commands, "```"])


def _opening(about: About) -> Iterator[str]:
    yield f"# {about.report.pattern_name}"
    yield _text(
        "A small agent whose output streams to a page and to a terminal.",
        about.sentence,
        *([ELSEWHERE] if any(lack.patterns for lack in about.project.lacks) else []),
        "The reasons stand in [docs/decision.md](docs/decision.md).",
    )


def _start(about: About) -> Iterator[str]:
    address = f"http://127.0.0.1:{about.port}"
    yield "## Start it"
    yield _text(
        "You need Python 3.11 or newer, and [uv](https://docs.astral.sh/uv/). With pip, the first two commands are",
        f"`python3 -m venv .venv` and `.venv/bin/python -m {INSTALL}`.",
    )
    yield _shell("uv venv", f"uv {INSTALL}", RUN)
    yield _text(
        f"Then open <{address}>, or the address that the server prints.",
        "The other client, and the tests, which need no network and no model:",
    )
    yield _shell(f'.venv/bin/python client/terminal.py --url {address} "Hello"', TEST)


def _yours(about: About) -> Iterator[str]:
    yield "## Make it yours"
    yield _text(
        "Edit `app/agent.py`. The agent answers from a script until you name a model that speaks OpenAI's chat",
        "completions: `MODEL_URL` is its address, `MODEL` its name, and `MODEL_KEY` its key, if it wants one.",
        "For example `MODEL_URL=http://127.0.0.1:11434/v1 MODEL=llama3.2`.",
    )


def _files(about: About) -> Iterator[str]:
    yield "## What is in here"
    files = [f"`{file.path}`: {file.what}" for file in about.project.files if file.told]
    yield _items((*files, *about.why))


def _left(about: About) -> Iterator[str]:
    left = [need for need in about.report.needs if need.id in about.project.left]
    yield "## What is left to you"
    lacks = [f"**{lack.title}.** {lack.what}" for lack in about.project.lacks]
    most = max(0, MOST_LEFT - len(lacks))
    if left or lacks:
        yield "Your answers ask for this too, and the project does not do it:"
        also = ", ".join(f"{need.title[:1].lower()}{need.title[1:]}" for need in left[most:])
        told = [f"**{need.title}.** {need.brief}" for need in left[:most]]
        yield _items([*lacks, *told, *([f"Also: {also}."] if also else [])])
    database = "" if about.project.axes["log"] == "redis" else "a database, "
    yield f"No answer asked for {database}accounts, metrics or a build of the page."


def _settings(about: About) -> Iterator[str]:
    yield "## Limits and settings"
    told = [one for one in _variables(about) if one.what]
    rows = [f"| `{one.name}` | {_code(one.default)} | {one.what.replace('|', '/')} |" for one in told]
    yield "\n".join(["| Variable | Without it | Meaning |", "| --- | --- | --- |", *rows])


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _variables(about: About) -> tuple[Setting, ...]:
    programs = sorted(path for path in about.texts if path.startswith("app/") and path.endswith(".py"))
    ordered = sorted(programs, key=lambda path: "settings" not in path)
    found: dict[str, Setting] = {}
    for path in ordered:
        for one in settings(about.texts[path]):
            found.setdefault(one.name, one)
    return tuple(found.values())


def _shipping(about: About) -> Iterator[str]:
    yield "## Ship it"
    publish = f"docker run --rm -p 127.0.0.1:{about.port}:{about.port} agent-project"
    yield _shell("docker build -f deploy/Dockerfile -t agent-project .", publish)
    told = [
        "`ALLOWED_HOSTS` must have the name of your service.",
        "What you must set in the path stands in [docs/decision.md](docs/decision.md).",
    ]
    configs = [path for path in about.texts if path.startswith("deploy/") and "Dockerfile" not in path]
    if configs:
        named = " and ".join(f"`{path}`" for path in configs)
        told.append(
            f"With {named}, the proxy listens on port {about.proxy_port} and sends requests to port {about.port}."
        )
    if len(about.report.configs) > 1:
        told.append("Of the proxies in your path, only the one that is usually nearest to the server has a file here.")
    yield _text(*told)


def _again(about: About) -> Iterator[str]:
    versions = ", ".join(f"{name} {version}" for name, version in about.versions.items())
    yield "## Where this comes from"
    yield _text(
        f"Tested on {about.tested} with {versions}. Made by Streamwise, rules {about.report.version}.",
        "`streamwise.json` has the answers. `python -m guide starter streamwise.json --out DIR` makes it again.",
    )
