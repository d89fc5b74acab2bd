"""The MCP server: five tools, two resources and two prompts over one advisor. Needs the package `mcp`.

Texts are the whole of each answer: structured content beside it would send everything twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import CallToolResult, InputRequiredResult, TextContent, ToolAnnotations
from pydantic import ValidationError
from starlette.types import ASGIApp

from guide import __version__
from guide.agents.advisor import Advisor, AdvisorError
from guide.agents.texts import CHOOSE, INSTRUCTIONS, REVIEW
from guide.record.exports import json_file
from streamwise.advice import Advice

Answers = dict[str, str | list[str]]
Ask = Callable[[Callable[[], str]], Awaitable[str]]
"""Runs what makes an answer, and waits for it: in a thread where other things go on meanwhile."""
MOST_WRONG = 5
"""Mistakes in arguments that are told at once."""
READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)


async def at_once(make: Callable[[], str]) -> str:
    """Runs it here: over stdio there is one caller, and nothing else to do."""
    return make()


class GuideServer(MCPServer[Any]):
    """The library's server, whose errors name what is allowed."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            tools = {tool.name: tool.input_schema.get("properties", {}) for tool in await self.list_tools()}
            if name not in tools:
                said = f"no tool is called {name[:60]!r}. Allowed: {', '.join(tools)}"
            elif (words := _in_words(error, tools[name])) is not None:
                said = words
            else:
                raise
            return CallToolResult(content=[TextContent(type="text", text=said)], is_error=True)


def _in_words(error: BaseException, allowed: dict[str, Any]) -> str | None:
    """What was wrong with the arguments; None where something else went wrong."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AdvisorError):
            return str(cause)
        if isinstance(cause, ValidationError):
            wrong = [f"{'.'.join(map(str, one['loc']))[:60]}: {one['msg']}" for one in cause.errors()[:MOST_WRONG]]
            kinds = [f"{name} ({schema.get('type', 'text')})" for name, schema in allowed.items()]
            return f"{'; '.join(wrong)}. Arguments: {', '.join(kinds)}"
        cause = cause.__cause__
    return None


def server(advisor: Advisor, ask: Ask = at_once) -> GuideServer:
    """The server, to be run over stdio or mounted."""
    made = GuideServer("streamwise", version=__version__, instructions=INSTRUCTIONS, log_level="ERROR")
    _add_tools(made, advisor, ask)
    _add_resources(made, advisor)
    return made


def _add_tools(made: GuideServer, advisor: Advisor, ask: Ask) -> None:
    async def said(make: Callable[[], str]) -> str:
        try:
            return await ask(make)
        except AdvisorError as error:
            raise ToolError(str(error)) from error  # anything else is a fault of ours, and logged as such

    tool = _tool(made)

    @tool("All questions with the ids of their answers; with detail (a question's id) that one in words.")
    async def list_questions(detail: str = "") -> str:
        return await said(lambda: advisor.list_questions(detail).text())

    @tool(
        "SSE or WebSocket: choice, strength, reasons with fact ids, settings, needs, what would change it, what to ask "
        "the human. answers: question id to answer id or a list; leave out what you do not know. chosen: a transport "
        "to hold against it."
    )
    async def decide(answers: Answers, chosen: str = "", brief: bool = True) -> str:
        return await said(lambda: advisor.decide(answers, chosen, brief).text())

    @tool("One entry by id, with source and day: a fact, need, symptom, product, or question.answer.")
    async def explain(id: str) -> str:
        return await said(lambda: advisor.explain(id).text())

    @tool("Find entries: an error text, a product in the path (kind=path), a setting, what one sees. Gives ids.")
    async def search(
        query: str,
        limit: int = 5,
        kind: Literal["", "symptom", "fact", "folklore", "need", "path", "setting"] = "",
    ) -> str:
        return await said(lambda: advisor.search(query, limit, kind).text())

    @tool(
        "Files for these answers: starter project, proxy configuration, decision record. Without name the list. "
        "transport: needed where the verdict is level."
    )
    async def get_files(answers: Answers, name: str = "", transport: str = "") -> str:
        return await said(lambda: advisor.get_files(answers, name, transport).text())


def _tool(made: GuideServer) -> Callable[[str], Callable[[Callable[..., Awaitable[str]]], Any]]:
    def described(text: str) -> Callable[[Callable[..., Awaitable[str]]], Any]:
        return made.tool(description=text, annotations=READS, structured_output=False)

    return described


def _add_resources(made: GuideServer, advisor: Advisor) -> None:
    @made.resource("streamwise://fact/{id}", mime_type="text/plain", description="A fact with its sources.")
    def fact(id: str) -> str:
        try:
            return advisor.explain(f"fact:{id}").text()
        except AdvisorError as error:
            raise ResourceNotFoundError(str(error)) from None

    @made.resource("streamwise://schema/record", mime_type="application/schema+json", description="Schema of a record.")
    def record_schema() -> str:
        return json_file.schema()

    @made.prompt(description="Choose a transport for the repository at hand.")
    def choose_transport() -> str:
        return CHOOSE

    @made.prompt(description="Review a decision record against today's rules.")
    def review_record() -> str:
        return REVIEW


def http_app(advice: Advice, path: str) -> tuple[ASGIApp, Callable[[], AbstractAsyncContextManager[None]]]:
    """(application, what runs it). Without sessions: any instance can answer. The app's door has checked who asks."""
    made = server(advice.advisor, advice.run)
    unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = made.streamable_http_app(
        streamable_http_path=path,
        json_response=True,
        stateless_http=True,
        max_request_body_size=advice.limits.command_bytes,
        transport_security=unchecked,
    )
    return app, made.session_manager.run


def run_stdio(advisor: Advisor) -> None:
    """Serve one client over standard input and output, until it leaves."""
    server(advisor).run("stdio")
