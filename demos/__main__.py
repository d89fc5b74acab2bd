"""python -m demos list | serve | measure | proxy | front | probe | room | addresses: the same without a browser."""

from __future__ import annotations

import argparse
import signal
import sys

from demos.lab.report import as_json, as_text
from demos.lab.runner import experiment
from demos.lab.words import first_sentence
from demos.probe.budget import FIRST_S, LONG_S, MOST_S, OWN_S, SILENCE_S, TARGETS
from demos.processes.demo_server import NotStarted
from demos.proxies.catalog import CONFIGS, proxies
from demos.scenarios import scenarios
from guide import __version__
from guide.book import book

MINUTES = 120
SERVERS = ("127.0.0.1:9001", "127.0.0.1:9002", "127.0.0.1:9003")
LINES = "lines: JSON, one line as soon as a reading is there"


def main(arguments: list[str] | None = None) -> None:
    given = _parser().parse_args(arguments)
    match given.verb:
        case "list":
            for name in scenarios():
                print(f"{name:12} {book().words[f'scenario.{name}.title']}: {first_sentence(name)}")
        case "serve":
            from demos.serve import serve

            serve(given.host, given.port)
        case "measure":
            report = experiment(given.scenario, scenarios()[given.scenario], given.runs, given.seed)
            print(as_json(report) if given.format == "json" else as_text(report))
        case "probe":
            sys.exit(probe(given))
        case "addresses":
            print(_addresses(given.host, given.port))
        case "room":
            ended_in_order()
            sys.exit(_room(given))
        case "proxy":
            ended_in_order()
            sys.exit(_proxy(given))
        case "front":
            ended_in_order()
            sys.exit(_front(given))


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
    one.add_argument(
        "--short", action="store_true", help="the first trial only: does it connect, one by one or in bursts"
    )
    one.add_argument("--format", choices=("text", "json", "lines"), default="text", help=LINES)
    one = verbs.add_parser("front", help="run a real proxy in front of several servers, or print its configuration")
    one.add_argument("name", choices=("nginx", "caddy", "haproxy"))
    one.add_argument("--port", type=_port, default=8080)
    one.add_argument("--pages", default="127.0.0.1:8501", help="the server of pages")
    one.add_argument("--server", action="append", help="a server of threads; three unless given")
    one.add_argument("--base", default="", help="the path below which everything is served, such as /streamwise")
    one.add_argument("--print", action="store_true", help="the configuration alone")
    _probe(verbs.add_parser("probe", help="is the path to your own server safe for streams? 0 yes, 1 no, 2 not probed"))
    _rehearsal(verbs.add_parser("room", help="simulated people in a workshop room; 0 if nobody lost anything"))
    one = verbs.add_parser("addresses", help="by which addresses other devices reach a server here, with a QR code")
    one.add_argument("--host", default="0.0.0.0", help="the address that the server listens on; 0.0.0.0: on all")
    one.add_argument("--port", type=_port, default=8501)
    return parser


def _addresses(host: str, port: int) -> str:
    from demos.rooms import addresses, qr

    found = [addresses.url(address, port) for address in addresses.reachable(host)]
    if not found:
        return f"Streamwise on {addresses.url(addresses.LOOPBACK, port)}. Other devices cannot reach this machine."
    drawn = qr.in_terminal(found[0], colours=sys.stdout.isatty())
    others = "".join(f"\nOr, in another network: {url}" for url in found[1:])
    return f"{drawn}\nStreamwise on {found[0]}{others}"


def _rehearsal(one: argparse.ArgumentParser) -> None:
    one.add_argument("--people", type=_at_least_one, default=60, help="how many come; 60 unless given")
    one.add_argument("--attend", action="store_true", help="join a room that you lead yourself; with --url and --code")
    one.add_argument("--minutes", type=_at_least_one, help="leave after so many, with --attend; 120 unless given")
    one.add_argument("--rounds", type=_at_least_one, help="play so many rounds; all three unless given")
    one.add_argument("--naive", type=_percent, default=10, help="percent who resume nowhere; 10 unless given")
    one.add_argument("--seed", type=int, default=1, help="the same number, the same choices of all; 1 unless given")
    one.add_argument("--url", default="", help="of a running server; unless given, one is started for this")
    one.add_argument("--code", default="", help="of an open room there; unless given, one is opened")
    one.add_argument("--secret", default="", help="of the lead page of that room")
    one.add_argument("--pid", type=int, default=0, help="process of that server, to measure its processor time")
    one.add_argument("--format", choices=("text", "json"), default="text", help="of what is printed; text unless given")


def _probe(one: argparse.ArgumentParser) -> None:
    one.add_argument("url", nargs="?", help="where the target is to be reached, as its clients would")
    one.add_argument("--target", choices=TARGETS, help="print the server to put behind your proxy, and stop")
    one.add_argument("--silence", type=_seconds, default=SILENCE_S, help="seconds of silence to try; 18 unless given")
    one.add_argument("--long", type=_seconds, default=LONG_S, help="seconds of a lively stream; 20 unless given")
    one.add_argument(
        "--first", type=_seconds, default=FIRST_S, help="seconds until a late first event; 30 unless given"
    )
    one.add_argument("--own", action="store_true", help="read the address itself as your stream, without our target")
    one.add_argument("--post", metavar="BODY", help="of your own stream: ask by POST; the first message of a WebSocket")
    one.add_argument("--header", action="append", default=[], metavar="'NAME: VALUE'", help="sent to your own stream")
    one.add_argument("--seconds", type=_seconds, default=OWN_S, help="to read your own stream; 30 by default")
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


def _room(given: argparse.Namespace) -> int:
    from demos.crowd import cli

    if mistake := _mistaken(given):
        print(mistake, file=sys.stderr)
        return 2
    share, minutes = given.naive / 100, given.minutes or MINUTES
    asked = cli.Asked(
        given.people, given.seed, given.url, given.code, given.secret, given.pid, given.rounds, share, minutes
    )
    return (cli.attend if given.attend else cli.run)(asked, given.format)


def _mistaken(given: argparse.Namespace) -> str:
    """What does not go together among the options of `room`."""
    if given.attend:
        if not (given.url and given.code):
            return "--attend needs --url and --code"
        return "--attend presses no buttons: no --secret, --rounds or --pid" if _leads(given) else ""
    if given.minutes:
        return "--minutes goes with --attend"
    if bool(given.code) != bool(given.secret) or (given.code and not given.url):
        return "--code and --secret go together, and with --url. To lead the room yourself: --attend"
    return ""


def _leads(given: argparse.Namespace) -> bool:
    return bool(given.secret or given.rounds or given.pid)


def _proxy(given: argparse.Namespace) -> int:
    from demos.proxies import cli

    if given.buffering:
        return cli.buffering(given.format)
    return cli.proxy(given.name, given.config, given.format, given.short)


def _front(given: argparse.Namespace) -> int:
    from demos.proxies import front

    asked = front.Front(given.name, given.port, given.pages, tuple(given.server or SERVERS), given.base)
    if mistake := asked.mistake():
        print(mistake, file=sys.stderr)
        return 2
    if given.print:
        print(front.text(asked), end="")
        return 0
    return front.run(asked)


def probe(given: argparse.Namespace) -> int:
    """Print a target, or probe one; 2 where neither was asked for."""
    from demos.probe import cli as printed

    if given.target:
        print(printed.target(given.target), end="")
        return 0
    if given.url is None:
        print("nothing to probe. Allowed: a URL, or --target", file=sys.stderr)
        return 2
    if given.own or given.post is not None or given.header or "?" in given.url or given.url.startswith("ws"):
        return printed.run_own(given.url, given.post, given.header, given.seconds, given.format, given.ca)
    return printed.run(given.url, given.silence, given.long, given.format, given.behind, given.ca, given.first)


def _at_least_one(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r}. Allowed: a whole number from 1 to 1000")
    return int(text)


def _percent(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 100:
        raise argparse.ArgumentTypeError(f"{text!r}. Allowed: a whole number from 0 to 100")
    return int(text)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r}. Allowed: a whole number from 0 to 65535")
    return int(text)


def ended_in_order() -> None:
    """SIGTERM ends us as Ctrl-C does, so that no folder of a proxy is left behind."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except NotStarted as error:
        sys.exit(error.said or str(error))
