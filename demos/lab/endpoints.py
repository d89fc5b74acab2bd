"""The lab's JSON endpoints: faults, servers that break on purpose, counting of receipts, evidence."""

from __future__ import annotations

import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from demos import evidence, faults
from demos.agent.large_result import text as large_result
from demos.connections.local_address import is_local
from demos.connections.open_streams import CutReason
from demos.connections.responses import caller, client
from demos.lab.child_servers import HERE
from demos.lab.state import Lab
from demos.lab.words import described, lab_words, shown
from demos.protocol.errors import Refusal, invalid
from demos.protocol.receipts import Receipt, measure
from demos.protocol.run_options import LARGEST_SEED, MAX_BLOB_BYTES
from demos.scenarios import scenarios
from demos.server.endpoints import Endpoint, body, endpoint
from demos.threads.runs import Run, Thread
from guide.book import book
from guide.model import Measurement

MOST_FAULTS = 20
LONGEST_DOWN_MS = 30_000
SLACK_MS = 1000
"""By how much a browser's clock may differ, or its request to start may be older than the run."""


def _here(request: Request) -> None:
    """Raises Refusal: a child listens on loopback, so nobody on another machine has a use for one."""
    if client(request) not in HERE:
        raise Refusal(403, "not_here", "Only a browser on the server's own machine may have one. Measure headless.")


class How(BaseModel):
    """What a page says of how its run went: which of our sentences apply, and numbers to fill in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    variants: tuple[str, ...] = Field(default=(), max_length=10)
    so: tuple[str, ...] = Field(default=(), max_length=4, description="what the run has shown")
    values: Mapping[str, str] = Field(default_factory=dict, max_length=200)


class Receipts(BaseModel):
    """Body that the page posts after a run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    thread_id: str | None = Field(default=None, max_length=60)
    receipts: tuple[Receipt, ...] = Field(min_length=1, max_length=50)
    scenario: str | None = Field(default=None, max_length=60, description="must be one of ours to be kept")
    how: How = How()
    browser: str = Field(default="", max_length=200)
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED, description="for what was not a run on this server")


def near(request: Request) -> bool:
    """Whether the browser is on this machine: its address belongs to this machine."""
    return is_local(client(request))


def _check_times(receipt: Receipt, began: float) -> None:
    """Check that a receipt's times fit into what has passed since then.

    Raises:
        Refusal: they do not. No client can have read for longer.
    """
    passed_ms = (time.monotonic() - began) * 1000
    read_ms = max(receipt.at, default=receipt.started) - min((receipt.started, *receipt.at))
    if read_ms > passed_ms + SLACK_MS:
        raise invalid(
            f"The times of {receipt.client!r:.60} span {read_ms:.0f} ms; its first run began {passed_ms:.0f} ms ago."
        )


class LabEndpoints:
    """Endpoints that only the lab's page and the measurements use."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._backend = lab.backend

    def routes(self) -> list[BaseRoute]:
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/blob", self.blob),
            ("POST", "/threads/{thread_id}/drop", self.drop),
            ("POST", "/threads/{thread_id}/faults", self.faults),
            ("POST", "/children", self.child),
            ("POST", "/children/{id}/restart", self.restart_child),
            ("POST", "/children/{id}/strike", self.strike_child),
            ("POST", "/children/{id}/end", self.end_child),
            ("POST", "/measure", self.measure),
            ("POST", "/evidence", self.keep),
            ("GET", "/evidence/{id}", self.evidence),
        ]
        return [Route(path, endpoint(call), methods=[method]) for method, path, call in table]

    async def blob(self, request: Request) -> Response:
        """Return a large text outside any stream: `?bytes=` is its size."""
        asked = request.query_params.get("bytes", "")
        whole = asked.isascii() and asked.isdigit() and len(asked) < 10
        if not whole or int(asked) > MAX_BLOB_BYTES:
            raise invalid(f"bytes is {asked!r:.60}. Allowed: a whole number from 0 to {MAX_BLOB_BYTES}.")
        return Response(
            large_result(int(asked), seed=1), media_type="text/plain", headers={"Cache-Control": "no-store"}
        )

    async def drop(self, request: Request) -> Response:
        """Fault at the endpoint: cut every stream of a thread now."""
        thread = await self._commanded(request)
        how = (await body(request, self._backend.limits)).get("how", "reset")
        if how not in (CutReason.CLEAN, CutReason.RESET):
            raise invalid(f"how is {how!r:.60}. Allowed: clean, reset.")
        self._backend.sharing.tell("drop", {"thread": thread.id, "how": how})
        return JSONResponse({"dropped": self._backend.streams.drop(thread.id, CutReason(how))})

    async def _commanded(self, request: Request) -> Thread:
        await self._backend.sharing.prepare(request.path_params["thread_id"])
        return self._backend.threads.commanded(request.path_params["thread_id"], caller(request))

    async def faults(self, request: Request) -> Response:
        """Faults at the endpoint for future streams of a thread: each gets the next one, or all get the first."""
        if not self._backend.sharing.is_alone:
            why = "Faults are counted by one server, and here are several. Start one without STREAMWISE_REDIS_URL."
            raise Refusal(501, "not_with_replicas", why)
        thread = await self._commanded(request)
        given = await body(request, self._backend.limits)
        listed = given.get("faults")
        if not isinstance(listed, list) or len(listed) > MOST_FAULTS:
            raise invalid(f"faults must be a list. Allowed in it: up to {MOST_FAULTS} faults.")
        self._lab.faults.plan(thread.id, [faults.read(one) for one in listed], given.get("every") is True)
        return JSONResponse({"faults": len(listed)})

    async def child(self, request: Request) -> Response:
        """Start a child server for a scenario that breaks it on purpose; only for a browser on this machine."""
        _here(request)
        if not self._backend.sharing.is_alone:  # a proxy on this machine would make everybody a browser here
            why = "Servers for scenarios are not started by one of several. Start one without STREAMWISE_REDIS_URL."
            raise Refusal(501, "not_with_replicas", why)
        given = await body(request, self._backend.limits)
        name, choice = given.get("scenario"), given.get("choice")
        scenario = scenarios().get(name) if isinstance(name, str) else None
        if scenario is None or scenario.child is None:
            raise invalid(f"{name!r:.60} is no scenario with a separate server.")
        environment = scenario.children.get(choice) if isinstance(choice, str) else scenario.child
        if environment is None:
            raise invalid(f"{choice!r:.60} is no choice of {name}. Allowed: {', '.join(scenario.children) or 'none'}.")
        page = urlsplit(request.headers.get("origin", "")).netloc
        make = self._lab.children.make
        key, port = await make(environment, page, request.is_disconnected, scenario.command)
        return JSONResponse({"id": key, "port": port})

    async def restart_child(self, request: Request) -> Response:
        """Stop a child as a deployment does, wait `down_ms`, start it again. `refusing`: answer 503 in between."""
        _here(request)
        down_ms = (given := await body(request, self._backend.limits)).get("down_ms", 0)
        if isinstance(down_ms, bool) or not isinstance(down_ms, int | float) or not 0 <= down_ms <= LONGEST_DOWN_MS:
            raise invalid(f"down_ms is {down_ms!r:.60}. Allowed: 0 to {LONGEST_DOWN_MS}.")
        await self._lab.children.restart(request.path_params["id"], down_ms / 1000, given.get("refusing") is True)
        return JSONResponse({"restarted": True})

    async def strike_child(self, request: Request) -> Response:
        """Kill the one that writes, in a child that is a group of servers."""
        _here(request)
        self._lab.children.strike(request.path_params["id"])
        return Response(status_code=204)

    async def end_child(self, request: Request) -> Response:
        _here(request)
        await self._lab.children.end(request.path_params["id"])
        return Response(status_code=204)

    async def measure(self, request: Request) -> Response:
        posted = await self._posted(request)
        return JSONResponse({"measurements": [one.model_dump() for one in await self._measured(posted)]})

    async def keep(self, request: Request) -> Response:
        posted = await self._posted(request)
        if (name := posted.scenario) not in scenarios() or name is None:
            raise invalid(f"{name!r:.60} is no scenario. Allowed: {', '.join(scenarios())}.")
        measured, here = await self._measured(posted), near(request)
        told = {"model": self._backend.model_name} | ({"browser": posted.browser} if posted.browser else {})
        where = "" if here else "browser and server on two machines, over a network"
        seed = self._seed(posted)
        title = book().words[f"scenario.{name}.title"]
        kept = evidence.make(name, title, self._how(name, posted, here), measured, seed, client=told, where=where)
        self._lab.store.keep(kept, client(request))
        return JSONResponse({"id": kept.id, "evidence": kept.model_dump(mode="json")})

    def _how(self, name: str, posted: Receipts, here: bool) -> str:
        """Say in the server's words what was done, and which clients it could not count."""
        model = None if self._backend.model is None else self._backend.model.name
        words = lab_words(name, model, apart=not here)
        said = posted.how
        how = f"{shown(name, words, said.so, said.values)}{described(name, words, said.variants, said.values)}"
        uncounted = ", ".join(one.client for one in posted.receipts if not one.counted)
        return f"{how} {words['lab.how.told'].format(clients=uncounted)}" if uncounted else how

    async def evidence(self, request: Request) -> Response:
        return JSONResponse(self._lab.store.find(request.path_params["id"]).model_dump(mode="json"))

    async def _posted(self, request: Request) -> Receipts:
        given = await body(request, self._backend.limits, self._backend.limits.receipt_bytes)
        try:
            posted = Receipts.model_validate(given)
            if unknown := evidence.unknown_figures(name for one in posted.receipts for name in one.figures):
                raise invalid(f"{unknown[0]!r:.60} is no figure of any scenario.")
            return posted
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise invalid(f"The receipts cannot be counted: {place}: {first['msg']}.") from None

    async def _measured(self, posted: Receipts) -> list[Measurement]:
        return [await self._one(posted, receipt) for receipt in posted.receipts]

    async def _one(self, posted: Receipts, receipt: Receipt) -> Measurement:
        """Count a receipt against its run: here, or on the child server that has the run."""
        if not receipt.counted:
            return measure(receipt, None)
        if receipt.child is None:
            await self._backend.sharing.prepare(receipt.thread_id or posted.thread_id or "")
            run = self._run(posted, receipt)
            _check_times(receipt, self._backend.threads.first_began(run))
            return measure(receipt, run.answer)
        told = receipt.model_copy(update={"child": None}).model_dump(mode="json")
        return Measurement.model_validate((await self._lab.children.measure(receipt.child, [told]))[0])

    def _seed(self, posted: Receipts) -> int:
        """Return the run's seed if the run is on this server; else the seed that the page sent."""
        for receipt in posted.receipts:
            if receipt.counted and receipt.child is None:
                seed: int = self._run(posted, receipt).settings.pace.seed
                return seed
        return posted.seed

    def _run(self, posted: Receipts, receipt: Receipt) -> Run:
        thread_id = receipt.thread_id or posted.thread_id
        if thread_id is None:
            raise invalid("thread_id is missing: without its run, nobody can say which tokens a receipt lacks.")
        return self._backend.threads.get(thread_id).find(receipt.run_id)
