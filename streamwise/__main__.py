"""One command for all: `streamwise decide | export | starter | watch | search | probe | mcp | ...`.

The guide's verbs are those of `python -m guide`, the others those of `python -m demos`. What a verb needs is imported
when it is used, so that the guide alone works where no server is installed.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from difflib import get_close_matches

from guide.__main__ import main as guide_main
from guide.__main__ import parser
from guide.agents.advisor import advisor_of_today
from guide.book import book

DEMOS = {
    "probe": "tests the path to your server",
    "list": "the scenarios, and what to watch in each",
    "serve": "serves the demo endpoints alone",
    "measure": "runs a scenario without a browser",
    "proxy": "runs proxies with configurations, bare and recommended",
    "front": "runs a proxy in front of several servers",
    "room": "a workshop room",
    "addresses": "the addresses under which this machine is reached",
}
EXTRAS = {
    "mcp": "mcp",
    **dict.fromkeys(("redis", "hiredis"), "replicas"),
    **dict.fromkeys(("starlette", "uvicorn", "websockets", "segno", "prometheus_client"), "app"),
    **dict.fromkeys(("langgraph", "langchain_core", "langsmith", "streamlit"), "app"),
    "httpx": "",
    "websocket": "",
    "typst": "pdf",
}
"""Package that is missing -> the extra that brings it; empty: the package alone does."""
USAGE = 2
PROG = "streamwise"


def command() -> None:
    """The installed command `streamwise`."""
    sys.exit(main())


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code of the verb; 2 where there is no such verb, or where it needs what is not installed."""
    given = [*(sys.argv[1:] if arguments is None else arguments)]
    verb = next((one for one in given if not one.startswith("-")), "")
    try:
        if verb == "mcp":
            return _mcp(given)
        if verb in DEMOS:
            importlib.import_module("demos.__main__").main(given)
            return 0
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        # Named by its place: on the package index the name may be somebody else's.
        package = f".[{extra}]" if extra else "."
        print(f"{verb} needs {error.name}. In Streamwise's folder: pip install '{package}'", file=sys.stderr)
        return USAGE
    verbs = [*guide_verbs(), "mcp", *DEMOS]
    if verb and verb not in verbs:
        near = get_close_matches(verb, verbs, 1)
        nearest = f" Nearest: {near[0]}." if near else ""
        print(f"no verb is called {verb[:60]!r}.{nearest} Allowed: {', '.join(verbs)}", file=sys.stderr)
        return USAGE
    if not verb and not {"--version", "-V"} & {*given}:
        print(_help())
        return 0 if {"-h", "--help"} & {*given} else USAGE
    return guide_main(given, PROG)


def guide_verbs() -> list[str]:
    """As the guide's own parser has them."""
    [action] = [one for one in parser()._actions if isinstance(one, argparse._SubParsersAction)]
    return [*action.choices]


def _mcp(given: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="streamwise mcp", description="Serves the guide's five tools to one client over standard input and output."
    )
    parser.parse_args([one for one in given if one != "mcp"])
    from streamwise.tools import run_stdio

    run_stdio(advisor_of_today(book()))
    return 0


def _help() -> str:
    verbs = {"mcp": "serves the guide to a coding agent (MCP over standard input and output)", **DEMOS}
    return "\n".join([parser(PROG).format_help(), "and:", *(f"    {verb:20}{what}" for verb, what in verbs.items())])


if __name__ == "__main__":
    command()
