"""Kills and a soak over several servers: `python -m tests.replicas kills`, `python -m tests.replicas soak`.

Exits with 1 if a token was lost or repeated."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from demos.proxies import catalog
from tests.replicas.soak import soak
from tests.replicas.stage import LEASE_MS, Server, Stage, stage
from tests.replicas.trials import run, undisturbed

PROXIES = ("nginx", "caddy", "haproxy")


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.replicas", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    kills = verbs.add_parser("kills", help="kill the server that writes, so many times behind each proxy")
    kills.add_argument("--count", type=int, default=20)
    kills.add_argument("--proxy", choices=PROXIES, action="append")
    long = verbs.add_parser("soak", help="many answers at once, with a kill every few seconds")
    long.add_argument("--seconds", type=float, default=600)
    long.add_argument("--streams", type=int, default=50)
    long.add_argument("--rate", type=float, default=10, help="tokens a second of each answer")
    long.add_argument("--every", type=float, default=5, help="seconds between two kills")
    asked = parser.parse_args(given)
    if asked.verb == "kills":
        return max(kill_often(name, asked.count) for name in asked.proxy or PROXIES)
    with stage("nginx") as up:
        found = soak(up, asked.seconds, asked.streams, asked.rate, asked.every)
    print(found.line())
    for result in found.not_right[:5]:
        print(f"  not right: {result}")
    for why in found.failed[:5]:
        print(f"  not served: {why}")
    return 0 if found.is_right else 1


def kill_often(name: str, count: int) -> int:
    """Kill the writer so many times behind one proxy, and print what came of it. 0 if every answer was right."""

    def kill(stage: Stage, owner: Server) -> None:
        owner.kill()
        killed.append(owner)

    right, gaps = 0, list[float]()
    with stage(name) as up:
        said = undisturbed(up)
        for number in range(count):
            killed = list[Server]()
            found = run(up, kill, after=20 + 7 * (number % 20))
            right += found.is_right and found.text == said and found.outcome == "completed"
            gaps.append(found.gap_s)
            if not found.is_right or found.text != said:
                print(f"  not right: {found}")
            killed[0].start()
    limit = LEASE_MS / 1000 + 0.5
    print(
        f"{catalog.binaries(name)[0].title}: {right} of {count} right, longest pauses {max(gaps):.2f} s, "
        f"{sum(gap <= limit for gap in gaps)} of {count} within {limit:g} s",
        flush=True,
    )
    return 0 if right == count else 1


if __name__ == "__main__":
    sys.exit(main())
