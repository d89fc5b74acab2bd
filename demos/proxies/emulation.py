"""Somebody else's documented limits, set on a real proxy, for platforms that cannot be run here. Knows no platform.

guide/knowledge/path/ --limits--> Envoy's places --trials--> what it does;  and, from the same limits, what it should
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from demos.clients.readers import posted
from demos.processes.demo_server import Child
from demos.proxies import catalog as proxies
from demos.proxies.catalog import Binary
from demos.proxies.expected import NAMES, TOLD, fate
from demos.proxies.matrix import FIRST, NEVER_S, Matrix, Passage, Watch, behind, server, together, unwatched
from demos.proxies.running import TURNS
from demos.proxies.trials import HEARTBEAT_S, IDLE_S, PATIENCE_S, TRANSPORTS, TRIALS, Reading, Transport, read
from guide.book.load import Book, read_yaml
from guide.model import Emulated, Fact, Fate, PathLimit, Trouble

NAME, CONFIG = "envoy", "emulation"
"""The proxy that can be set to every kind of limit, for each transport apart."""
LENGTH_S = 8
"""To how many seconds a trial shortens a limit on the whole."""
HELD_S = 3.0
"""How long a client waits for a stream that is held: one that stays open never comes."""
TRIED = {Trouble.SILENCE: ("silence", "heartbeat"), Trouble.LENGTH: ("long",)}


@dataclass(frozen=True)
class Limits:
    """What is done to one transport. Seconds; 0: no limit."""

    silence_s: float = 0
    length_s: float = 0
    holds: bool = False
    refused: bool = False


@dataclass(frozen=True)
class Emulation:
    """A platform's limits as documented, and where that is written."""

    id: str
    title: str
    limits: Mapping[Transport, Limits]
    sentences: tuple[str, ...]
    facts: tuple[Fact, ...]

    @property
    def name(self) -> str:
        """Never the platform's own."""
        return f"{self.title}, emulated"

    @property
    def label(self) -> str:
        """What must stand beside every result."""
        sources = "; ".join(f"{one.source[0].title} ({one.source[0].url}), checked {one.checked}" for one in self.facts)
        return f"Emulation of documented limits, not the platform itself: {self.title}. Source: {sources}."

    def told(self) -> list[str]:
        """The limits, as documented and as tried."""
        out = [*self.sentences]
        for way, limit in self.limits.items():
            for name, documented, tried in (("silence", limit.silence_s, IDLE_S), ("length", limit.length_s, LENGTH_S)):
                if documented:
                    out.append(f"{NAMES[way]}, {name}: {documented:g} s documented, {tried} s in its trial.")
        return out


def emulations(book: Book) -> dict[str, Emulation]:
    """Every emulation by the id of its entry in path/.

    Raises:
        KeyError: emulations.yaml names something that does not stand in the path.
        pydantic.ValidationError: it says something about it that nobody knows.
    """
    path = next(question for question in book.questions.values() if question.places)
    text = proxies.folder("emulations.yaml").read_text(encoding="utf-8")
    found = {}
    for id, given in read_yaml(text).items():
        answer, told = path.answers[id], Emulated.model_validate(given)
        limits = {way: _limits(answer.limits, way, told) for way in TRANSPORTS}
        set_here = {*TRIED, Trouble.HOLDS, *([Trouble.UPGRADE] if told.refuses else [])}
        used = [limit for limit in answer.limits if limit.trouble in set_here]
        facts = dict.fromkeys(fact for limit in used for fact in limit.facts)
        sentences = tuple(limit.sentence for limit in used)
        found[id] = Emulation(id, answer.text, limits, sentences, tuple(book.facts[fact] for fact in facts))
    return found


def _limits(given: Sequence[PathLimit], way: Transport, told: Emulated) -> Limits:
    mine = [limit for limit in given if limit.option in (None, way)]

    def least(trouble: Trouble) -> float:
        return min((limit.after for limit in mine if limit.trouble is trouble and limit.after), default=0)

    return Limits(
        silence_s=least(Trouble.SILENCE),
        length_s=least(Trouble.LENGTH),
        holds=any(limit.trouble is Trouble.HOLDS for limit in mine),
        refused=told.refuses and way == "websocket",
    )


def places(limits: Mapping[Transport, Limits]) -> dict[str, str]:
    """What stands in the configuration's places."""
    out = {}
    for way, limit in limits.items():
        out[f"{way}_silence"] = f"{limit.silence_s:g}s"
        out[f"{way}_length"] = f"{limit.length_s:g}s"
        out[f"{way}_holds"] = str(limit.holds).lower()
        out[f"{way}_upgrade"] = str(not limit.refused).lower()
    return out


def shortened(limits: Mapping[Transport, Limits], trouble: Trouble) -> dict[Transport, Limits]:
    """For a trial of one trouble: its limits at a length that can be waited for, and no other."""
    silence, length = trouble is Trouble.SILENCE, trouble is Trouble.LENGTH
    return {
        way: replace(
            limit,
            silence_s=IDLE_S if silence and limit.silence_s else 0,
            length_s=LENGTH_S if length and limit.length_s else 0,
        )
        for way, limit in limits.items()
    }


def predicted(limits: Limits) -> Fate:
    """What follows from the limits, if the platform is as documented and nothing else is in the way."""
    if limits.refused:
        return Fate(opens="HTTP 403")
    if limits.holds:
        return Fate(opens="timed out")
    return Fate(
        opens="yes",
        tokens="one by one",
        silence="cut, resumed" if limits.silence_s else None,
        heartbeat="survives" if limits.silence_s else None,
        long="cut, resumed" if limits.length_s else None,
    )


def emulate(emulation: Emulation, binary: Binary, watch: Watch = unwatched) -> Matrix:
    """Try both transports behind a proxy with these limits; takes up to half a minute. `watch`: as for a matrix.

    Raises:
        ProxyFailed, Busy, RuntimeError: as `demos.proxies.matrix.matrix`.
    """
    with TURNS.turn(), server(NEVER_S) as silent, server(HEARTBEAT_S) as lively:
        passages = asyncio.run(together(lambda: _emulate(emulation, binary, silent, lively, watch), silent, lively))
    return Matrix(emulation.id, emulation.name, binary.version, passages)


async def _emulate(
    emulation: Emulation, binary: Binary, silent: Child, lively: Child, watch: Watch
) -> tuple[Passage, ...]:
    async def tried(name: str, way: Transport, limits: Mapping[Transport, Limits]) -> Reading:
        upstream = lively if TRIALS[name].heartbeat else silent
        patience_s = HELD_S if emulation.limits[way].holds else PATIENCE_S
        async with behind(binary, CONFIG, upstream, more=places(limits)) as (proxy, control):
            return await read(TRIALS[name], way, proxy.api, control, patience_s=patience_s)

    async def into(passage: Passage, name: str, trouble: Trouble) -> None:
        limits = shortened(emulation.limits, trouble)
        passage.readings[name] = await tried(name, passage.transport, limits)
        watch(passage, name)

    passages = []
    async with behind(binary, CONFIG, silent, more=places(emulation.limits)) as (proxy, _):
        page = await asyncio.to_thread(posted, proxy.api)
    for way, limit in emulation.limits.items():
        plain = await tried(FIRST, way, emulation.limits)
        passages.append(Passage(CONFIG, way, bool(limit.silence_s), page, {FIRST: plain}))
        watch(passages[-1], FIRST)
    async with asyncio.TaskGroup() as group:
        for passage in passages:
            for trouble, names in TRIED.items():
                for name in names if _suffers(emulation.limits[passage.transport], trouble) else ():
                    if not passage.readings[FIRST].refused:
                        group.create_task(into(passage, name, trouble))
    return tuple(passages)


def _suffers(limits: Limits, trouble: Trouble) -> bool:
    return bool(limits.silence_s if trouble is Trouble.SILENCE else limits.length_s)


def surprises(emulation: Emulation, matrix: Matrix) -> list[str]:
    """One sentence for each thing that does not follow from the limits."""
    return [*_surprises(emulation, matrix)]


def _surprises(emulation: Emulation, matrix: Matrix) -> Iterator[str]:
    for passage in matrix.passages:
        found, wanted = fate(passage), predicted(emulation.limits[passage.transport])
        for field, told in TOLD.items():
            if (is_ := getattr(found, field)) != (was := getattr(wanted, field)):
                where = f"{matrix.title}, {NAMES[passage.transport]}"
                yield f"{where}: {told}: {is_ or 'not tried'}, expected {was or 'nothing'}"
