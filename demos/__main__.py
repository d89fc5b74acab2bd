"""python -m demos list | serve | measure | proxy | emulate | probe: the demonstrations without a browser."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from demos.lab.report import as_json, as_text
from demos.lab.runner import experiment
from demos.probe.budget import LONG_S, MOST_S, SILENCE_S, TARGETS
from demos.processes.parent_watch import tied
from demos.proxies.catalog import CONFIGS, Binary, binaries, proxies
from demos.scenarios import scenarios
from guide import __version__
from guide.book.load import book

GRACE_S = 1
"""What uvicorn grants open responses at the end; ours are aborted before that."""
LOW_PRIORITY = 10
"""Niceness of a measurement that the app has asked for: people watch streams in the app meanwhile."""

PIP = "python -m pip install -r requirements/proxies.txt"
LINES = "lines: JSON, one line as soon as a reading is there"


def main(arguments: list[str] | None = None) -> None:
    given = _parser().parse_args(arguments)
    if tied() and given.verb == "measure" and hasattr(os, "nice"):
        os.nice(LOW_PRIORITY)
    match given.verb:
        case "list":
            for name in scenarios():
                print(f"{name:12} {book().words[f'scenario.{name}.title']}: {book().words[f'scenario.{name}.watch']}")
        case "serve":
            serve(given.host, given.port)
        case "measure":
            report = experiment(given.scenario, scenarios()[given.scenario], given.runs, given.seed)
            print(as_json(report) if given.format == "json" else as_text(report))
        case "emulate":
            ended_in_order()
            sys.exit(emulate(given.name, given.format))
        case "probe":
            sys.exit(probe(given))
        case "proxy":
            ended_in_order()
            sys.exit(
                buffering(given.format)
                if given.buffering
                else proxy(given.name, given.config, given.format, given.short)
            )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demos", description=__doc__)
    parser.add_argument("--version", action="version", version=f"Streamwise {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="the scenarios, and what to watch in each")
    one = verbs.add_parser("serve", help="serve the demo endpoints alone")
    one.add_argument("--host", default="127.0.0.1")
    one.add_argument("--port", type=_port, default=8601, help="0: any free port; the line printed names it")
    one = verbs.add_parser("measure", help="run a scenario without a browser and print what was measured")
    one.add_argument("scenario", choices=sorted(scenarios()))
    one.add_argument("--runs", type=_at_least_one, default=1, help="measured runs per client, after one warm-up")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--format", choices=("text", "json"), default="text")
    one = verbs.add_parser("proxy", help="run a real proxy and print what it does to both transports")
    one.add_argument("name", choices=[*proxies(), "all"])
    one.add_argument("--buffering", action="store_true", help="nginx alone, whatever NAME: what it holds, and when")
    one.add_argument("--config", choices=CONFIGS, help="one of the two; both unless given")
    one.add_argument("--short", action="store_true", help="the first trial only: opens or not, one by one or in lumps")
    one.add_argument("--format", choices=("text", "json", "lines"), default="text", help=LINES)
    one = verbs.add_parser("emulate", help="documented limits of a platform that cannot be run here, on a real proxy")
    one.add_argument("name", help="the id of an entry in guide/knowledge/proxies/emulations.yaml")
    one.add_argument("--format", choices=("text", "json", "lines"), default="text", help=LINES)
    _probe(verbs.add_parser("probe", help="is the path to your own server safe for streams? 0 yes, 1 no, 2 not probed"))
    return parser


def _probe(one: argparse.ArgumentParser) -> None:
    one.add_argument("url", nargs="?", help="where the target is to be reached, as its clients would")
    one.add_argument("--target", choices=TARGETS, help="print the server to put behind your proxy, and stop")
    one.add_argument("--silence", type=_seconds, default=SILENCE_S, help="seconds of silence to try; 18 unless given")
    one.add_argument("--long", type=_seconds, default=LONG_S, help="seconds of a lively stream; 20 unless given")
    one.add_argument("--behind", metavar="ID", help="what stands in front, where no header names it: haproxy, aws-nlb")
    one.add_argument("--ca", metavar="FILE", help="certificate authorities to trust besides the usual ones")
    one.add_argument("--format", choices=("text", "json"), default="text")


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 1 <= number <= MOST_S:
        raise argparse.ArgumentTypeError(f"{text!r}. Allowed: seconds from 1 to {MOST_S:g}")
    return number


def probe(given: argparse.Namespace) -> int:
    """Print a target, or probe one; 2 where neither was asked for."""
    from demos.probe import cli as printed

    if given.target:
        print(printed.target(given.target), end="")
        return 0
    if given.url is None:
        print("nothing to probe. Allowed: a URL, or --target", file=sys.stderr)
        return 2
    return printed.run(given.url, given.silence, given.long, given.format, given.behind, given.ca)


def _at_least_one(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r}. Allowed: a whole number from 1 to 1000")
    return int(text)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r}. Allowed: a whole number from 0 to 65535")
    return int(text)


def ended_in_order() -> None:
    """SIGTERM ends us as Ctrl-C does, so that no folder of a proxy is left behind."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def proxy(name: str, config: str | None, form: str, short: bool = False) -> int:
    """Try a proxy in every version that is here, or all of them, and print what was found.

    1 if none is here, or one did not start.
    """
    from demos.proxies import tables
    from demos.proxies.expected import changes
    from demos.proxies.json_lines import watched
    from demos.proxies.matrix import EVERYTHING, FIRST, matrix, unwatched
    from demos.proxies.running import ProxyFailed

    here = _here(list(proxies()) if name == "all" else [name])
    found, failed = [], 0
    for binary in here:
        watch = watched(binary, binary.name, binary.title, say) if form == "lines" else unwatched
        try:
            tried = matrix(binary, (config,) if config else CONFIGS, watch, (FIRST,) if short else EVERYTHING)
        except ProxyFailed as error:
            print(error, file=sys.stderr)
            failed += 1
            continue
        found.append((tried, changes(tried)))
        if form == "text":
            print(tables.as_text(*found[-1]), end="\n\n", flush=True)
    if form == "json":
        print(tables.as_json(found))
    return 0 if here and not failed else 1


def buffering(form: str) -> int:
    """What nginx holds back in every version that is here; 1 if it is not here."""
    from demos.proxies import tables
    from demos.proxies.buffering.nginx import NAME, buffering, direct
    from demos.proxies.json_lines import row_line

    here = _here([NAME])
    rows = [row for binary in here for row in buffering(binary)]
    if form == "lines":
        for row in (direct(), *rows) if here else ():
            say(row_line(row))
        return 0 if here else 1
    told = tables.buffering_json if form == "json" else tables.buffering_text
    if here:
        print(told(NAME, rows, direct()))
    return 0 if here else 1


def emulate(name: str, form: str) -> int:
    """Try documented limits of something that cannot be run here; 1 if Envoy is not here, 2 if nobody has that name."""
    from demos.proxies import tables
    from demos.proxies.emulation import NAME, emulate, emulations, surprises
    from demos.proxies.json_lines import watched
    from demos.proxies.matrix import unwatched
    from guide.book.load import book

    known = emulations(book())
    if name not in known:
        print(f"no emulation is called {name!r}. Allowed: {', '.join(known)}", file=sys.stderr)
        return 2
    one = known[name]
    here = _here([NAME])
    for binary in here[:1]:
        found = emulate(one, binary, watched(binary, name, one.name, say) if form == "lines" else unwatched)
        if form == "lines":
            continue
        told = surprises(one, found)
        text = "\n".join([one.label, *one.told(), "", tables.as_text(found, told)])
        print(tables.as_json([(found, told)]) if form == "json" else text)
    return 0 if here else 1


def say(line: str) -> None:
    """One line, at once: somebody watches."""
    print(line, flush=True)


def _here(names: Sequence[str]) -> list[Binary]:
    """What is on this machine; the rest is named, with how to have it."""
    here = [binary for one in names for binary in binaries(one)]
    for one in set(names) - {binary.name for binary in here}:
        missing = proxies()[one]
        print(f"{missing.title} is not on this machine and is left out. To have it: {PIP}", file=sys.stderr)
    return here


def serve(host: str, port: int, beside: Sequence[BaseRoute] = ()) -> None:
    """The demo routes on a bare Starlette application, with traps that the environment names, and others `beside`.

    Exits with 1 where it cannot start.
    """
    from demos.broken_servers.enabled import laid, named, unchecked
    from demos.routes import backend, lifespan, routes

    if names := named():
        print(f"TRAPS: this server is wrong on purpose ({', '.join(names)}). For the lab only.", flush=True)
    try:
        app = Starlette(routes=[*routes(None, laid(backend(), names), unchecked(names)), *beside], lifespan=lifespan)
        opened = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except ValueError as error:  # a variable of the environment
        sys.exit(str(error))
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]  # Python adds the address, which is said here
        sys.exit(f"Cannot listen on {host}, port {port}: {why}. Choose others: --host, --port.")
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_S,
        ws_per_message_deflate=False,  # as under Streamlit: it keeps a compressor for each socket
    )
    shown = f"[{host}]" if ":" in host else host
    with opened as listener:
        print(f"Demo endpoints on http://{shown}:{listener.getsockname()[1]}/api, process {os.getpid()}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
