"""python -m demos list | serve | measure SCENARIO - the demonstrations without a browser, and without Streamlit."""

from __future__ import annotations

import argparse
import contextlib
import socket

import uvicorn
from starlette.applications import Starlette

from demos.experiment import experiment
from demos.printed import as_json, as_text
from demos.scenarios import scenarios
from guide.book import book

GRACE_S = 1
"""What uvicorn grants open responses at the end; ours are aborted before that."""


def main(arguments: list[str] | None = None) -> None:
    given = _parser().parse_args(arguments)
    match given.verb:
        case "list":
            for name in scenarios():
                print(f"{name:12} {book().words[f'scenario.{name}.title']}: {book().words[f'scenario.{name}.watch']}")
        case "serve":
            serve(given.host, given.port)
        case "measure":
            report = experiment(given.scenario, scenarios()[given.scenario], given.runs, given.seed)
            print(as_json(report) if given.format == "json" else as_text(report))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demos", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="the scenarios, and what to watch in each")
    one = verbs.add_parser("serve", help="serve the demo endpoints alone")
    one.add_argument("--host", default="127.0.0.1")
    one.add_argument("--port", type=int, default=8601, help="0: any free port; the line printed names it")
    one = verbs.add_parser("measure", help="run a scenario without a browser and print what was measured")
    one.add_argument("scenario", choices=sorted(scenarios()))
    one.add_argument("--runs", type=_at_least_one, default=1, help="measured runs per client, after one warm-up")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--format", choices=("text", "json"), default="text")
    return parser


def _at_least_one(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r}. Allowed: a whole number from 1 to 1000")
    return int(text)


def serve(host: str, port: int) -> None:
    """The demo routes on a bare Starlette application, with the traps that the environment names."""
    from demos.server import backend, lifespan, routes
    from demos.traps_laid import laid, named, unchecked

    if names := named():
        print(f"TRAPS: this server is wrong on purpose ({', '.join(names)}). For the lab only.", flush=True)
    app = Starlette(routes=routes(None, laid(backend(), names), unchecked(names)), lifespan=lifespan)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_S,
        ws_per_message_deflate=False,  # as under Streamlit: it keeps a compressor for each socket
    )
    with socket.create_server((host, port), reuse_port=False) as listener:
        print(f"Demo endpoints on http://{host}:{listener.getsockname()[1]}/api", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
