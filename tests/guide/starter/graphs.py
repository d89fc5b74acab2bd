"""Ordinary graphs, each run as a starter project runs one: python graphs.py in its folder. Prints JSON by name.

Each is run twice: by one `GraphEvents` for the whole run, and by a new one after each question, as elsewhere.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any, TypedDict

from langchain_core.language_models import FakeListChatModel, FakeMessagesListChatModel
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import create_react_agent
from langgraph.types import Command, Send, interrupt
from pydantic import BaseModel

MOST_PASSES = 6


def model(text: str, **options: Any) -> FakeListChatModel:
    return FakeListChatModel(responses=[text], **options)


def sequence(*nodes: Callable[..., Any]) -> Any:
    builder = StateGraph(MessagesState)
    builder.add_sequence(list(nodes))
    builder.add_edge(START, nodes[0].__name__)
    builder.add_edge(nodes[-1].__name__, END)
    return builder


def around(graph: Any) -> Any:
    """A graph in which that graph is the only node."""
    builder = StateGraph(MessagesState)
    builder.add_node("agent", graph)
    builder.add_edge(START, "agent")
    builder.add_edge("agent", END)
    return builder.compile()


def beside(*nodes: Callable[..., Any]) -> Any:
    builder = StateGraph(MessagesState)
    for node in nodes:
        builder.add_node(node)
        builder.add_edge(START, node.__name__)
        builder.add_edge(node.__name__, END)
    return builder.compile()


async def answer(state: MessagesState) -> dict[str, Any]:
    return {"messages": [await model("Hi there.").ainvoke(state["messages"])]}


async def grader(state: MessagesState) -> dict[str, Any]:
    await model('{"route": "billing"}').ainvoke(state["messages"])
    return {}


async def tagged_grader(state: MessagesState) -> dict[str, Any]:
    await model('{"route": "billing"}').with_config(tags=["internal"]).ainvoke(state["messages"])
    return {}


async def whole(state: MessagesState) -> dict[str, Any]:
    kept = FakeMessagesListChatModel(responses=[AIMessage("Hi there.")])
    return {"messages": [await kept.ainvoke(state["messages"])]}


async def not_streaming(state: MessagesState) -> dict[str, Any]:
    return {"messages": [await model("Hi there.", disable_streaming=True).ainvoke(state["messages"])]}


def not_async(state: MessagesState) -> dict[str, Any]:
    return {"messages": [model("Hi there.").invoke(state["messages"])]}


async def canned(state: MessagesState) -> dict[str, Any]:
    return {"messages": [AIMessage("I may not answer that.")]}


async def as_dict(state: MessagesState) -> dict[str, Any]:
    return {"messages": [{"role": "assistant", "content": "Hi there."}]}


async def as_tuple(state: MessagesState) -> dict[str, Any]:
    return {"messages": [("ai", "Hi there.")]}


async def in_blocks(state: MessagesState) -> dict[str, Any]:
    return {"messages": [AIMessage([{"type": "text", "text": "Hi "}, {"type": "text", "text": "there."}])]}


async def silent(state: MessagesState) -> dict[str, Any]:
    return {}


async def twice(state: MessagesState) -> dict[str, Any]:
    first = await model("First.").ainvoke(state["messages"])
    return {"messages": [first, await model("Second.").ainvoke(state["messages"])]}


async def same_twice(state: MessagesState) -> dict[str, Any]:
    first = await model("Wait.").ainvoke(state["messages"])
    return {"messages": [first, await model("Wait.").ainvoke(state["messages"])]}


async def dies(state: MessagesState) -> dict[str, Any]:
    await model("Half an ans").ainvoke(state["messages"])
    raise RuntimeError("The provider died.")


inner = sequence(answer).compile()


async def invokes(state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
    said = await inner.ainvoke({"messages": state["messages"]}, config)
    return {"messages": said["messages"][-1:]}


async def copies(state: MessagesState) -> dict[str, Any]:
    said = await inner.ainvoke({"messages": state["messages"]})
    return {"messages": [AIMessage(said["messages"][-1].text, name="inner")]}


async def asks(state: MessagesState) -> dict[str, Any]:
    interrupt({"question": "Delete 3 files?"})
    return {}


async def says_and_asks(state: MessagesState) -> dict[str, Any]:
    said = await model("I would delete 3 files.").ainvoke(state["messages"])
    interrupt({"question": "Delete 3 files?"})
    return {"messages": [said]}


async def says_more_after_it(state: MessagesState) -> dict[str, Any]:
    text = "I would delete" if len(state["messages"]) % 2 else "I would"
    said = await model(text).ainvoke(state["messages"])
    yes = interrupt({"question": "Delete 3 files?"})
    return {"messages": [said, await model(f"I would. {yes}").ainvoke(state["messages"])]}


async def asks_twice(state: MessagesState) -> dict[str, Any]:
    return {"messages": [AIMessage(f"{interrupt('One?')} {interrupt('Two?')}")]}


async def left(state: MessagesState) -> dict[str, Any]:
    return {"messages": [AIMessage(f"Left {interrupt('Left?')}")]}


async def right(state: MessagesState) -> dict[str, Any]:
    return {"messages": [AIMessage(f"Right {interrupt('Right?')}")]}


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


class ToolModel(FakeMessagesListChatModel):
    """Answers from a list, and takes tools."""

    def bind_tools(self, tools: Any, **options: Any) -> ToolModel:
        return self


def reacts() -> Any:
    call = AIMessage("Let me add.", tool_calls=[{"name": "add", "args": {"a": 1, "b": 2}, "id": "call"}])
    return create_react_agent(ToolModel(responses=[call, AIMessage("It is 3.")]), [add])


def supervised() -> Any:
    """A supervisor that hands over to two agents, each a graph, and sums up."""

    async def supervisor(state: MessagesState) -> Command[Any]:
        done = sum(isinstance(message, AIMessage) for message in state["messages"])
        if done < 2:
            return Command(goto=("research", "writing")[done])
        return Command(goto=END, update={"messages": [await model("Both are done.").ainvoke(state["messages"])]})

    async def researcher(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await model("I looked it up.").ainvoke(state["messages"])]}

    async def writer(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await model("I wrote it down.").ainvoke(state["messages"])]}

    builder = StateGraph(MessagesState)
    builder.add_node("supervisor", supervisor, destinations=("research", "writing", END))
    for name, node in (("research", researcher), ("writing", writer)):
        builder.add_node(name, sequence(node).compile())
        builder.add_edge(name, "supervisor")
    builder.add_edge(START, "supervisor")
    return builder.compile()


def same_outside() -> Any:
    """A graph says something and asks; then a node beside it says the same, which is no copy."""
    builder = StateGraph(MessagesState)
    builder.add_node("agent", sequence(answer, asks).compile())
    builder.add_node(whole)
    builder.add_edge(START, "agent")
    builder.add_edge("agent", "whole")
    builder.add_edge("whole", END)
    return builder.compile()


def with_own_memory() -> Any:
    graph = sequence(asks, answer).compile(checkpointer=InMemorySaver())
    return graph.with_config(configurable={"thread_id": "its own"})


class PydanticState(BaseModel):
    messages: Annotated[list[AnyMessage], add_messages]


def pydantic() -> Any:
    async def says(state: PydanticState) -> dict[str, Any]:
        return {"messages": [await model("Hi there.").ainvoke(state.messages)]}

    builder = StateGraph(PydanticState)
    builder.add_node(says)
    builder.add_edge(START, "says")
    builder.add_edge("says", END)
    return builder.compile()


class File(TypedDict):
    file: str


def many_at_once() -> Any:
    """One node, started for each of two files, that asks each time."""

    async def deletes(state: File) -> dict[str, Any]:
        return {"messages": [AIMessage(f"{state['file']} {interrupt(state['file'] + '?')}")]}

    builder = StateGraph(MessagesState)
    builder.add_node(deletes)
    files = [Send("deletes", {"file": name}) for name in ("a", "b")]
    builder.add_conditional_edges(START, lambda state: files, ["deletes"])
    builder.add_edge("deletes", END)
    return builder.compile()


REFUSED = "a breakpoint that is refused"
GRAPHS: dict[str, Callable[[], Any]] = {
    "one model": sequence(answer).compile,
    "a grader first": sequence(grader, answer).compile,
    "a grader with a tag": sequence(tagged_grader, answer).compile,
    "a graph as a node": lambda: around(inner),
    "four graphs deep": lambda: around(around(around(inner))),
    "a graph invoked in a node": sequence(invokes).compile,
    "a graph whose answer is copied": sequence(copies).compile,
    "a model that answers whole": sequence(whole).compile,
    "a model that does not stream": sequence(not_streaming).compile,
    "a node that is not async": sequence(not_async).compile,
    "a canned reply": sequence(canned).compile,
    "a canned reply in a graph as a node": lambda: around(sequence(canned).compile()),
    "a reply as a dict": sequence(as_dict).compile,
    "a reply as a tuple": sequence(as_tuple).compile,
    "a reply in blocks": sequence(in_blocks).compile,
    "no word": sequence(silent).compile,
    "two models": sequence(twice).compile,
    "the same twice": sequence(same_twice).compile,
    "a model that dies": sequence(dies).compile,
    "a question first": sequence(asks, answer).compile,
    "a question after the answer": sequence(answer, asks).compile,
    "a question in the node that speaks": sequence(says_and_asks, answer).compile,
    "a question, and another answer after it": sequence(says_more_after_it).compile,
    "two questions": sequence(asks_twice).compile,
    "two questions at once": lambda: beside(left, right),
    "a graph as a node that asks": lambda: around(sequence(asks, answer).compile()),
    "a graph as a node that answers, asks, answers": lambda: around(sequence(answer, asks, canned).compile()),
    "the same words inside and outside": same_outside,
    "a dict, then a question": sequence(as_dict, asks).compile,
    "its own checkpointer": with_own_memory,
    "a breakpoint before a node": lambda: sequence(answer, canned).compile(interrupt_before=["canned"]),
    "a breakpoint after a node": lambda: sequence(answer, canned).compile(interrupt_after=["answer"]),
    "a breakpoint before all": lambda: sequence(answer).compile(interrupt_before="*"),
    "a breakpoint in a graph as a node": lambda: around(sequence(answer, canned).compile(interrupt_before=["canned"])),
    REFUSED: lambda: sequence(answer, canned).compile(interrupt_before=["canned"]),
    "a node for each of several things, that asks": many_at_once,
    "a state of pydantic": pydantic,
    "not compiled": lambda: sequence(answer),
    "the agent of langgraph": reacts,
    "the agent of langgraph as a node": lambda: around(reacts()),
    "a supervisor with two agents": supervised,
}


async def outcome(graph: Any, anew: bool, told: str = "yes") -> dict[str, Any]:
    """What a reader gets who answers so: its messages, what was asked, how it ended, and what a second turn says."""
    project: Any = import_module("app.graph_events")
    translated, with_memory = project.GraphEvents, project.with_memory

    kept = with_memory(graph, InMemorySaver())
    says, given = translated(kept, "thread"), {"messages": [("user", "Hello")]}
    events: list[dict[str, Any]] = []
    found: dict[str, Any] = {"text": [], "asked": [], "end": None}
    try:
        for _ in range(MOST_PASSES):
            asked = []
            async for kind, data in says.of(given):
                events.append(json.loads(json.dumps({"type": kind, **data}, default=str)))
                if kind == "question":
                    asked.append(data["question"])
                    found["asked"].append(data["value"])
                elif kind == "end":
                    found["end"] = data["status"]
            if not asked:
                break
            given = Command(resume=dict.fromkeys(asked, told))  # type: ignore[assignment]
            says = translated(kept, "thread", events) if anew else says
    except RuntimeError as error:
        found["end"] = str(error)
    messages: dict[str, str] = {}
    for event in events:
        if event["type"] == "token":
            messages[event["message"]] = messages.get(event["message"], "") + event["text"]
    found["text"] = list(messages.values())
    state = await kept.aget_state({"configurable": {"thread_id": "thread"}})
    found["kept"] = sum(isinstance(message, HumanMessage) for message in state.values.get("messages", []))
    return found


async def main() -> None:
    logging.disable(logging.CRITICAL)
    found = {
        name: [await outcome(make(), anew, "no" if name == REFUSED else "yes") for anew in (False, True)]
        for name, make in GRAPHS.items()
    }
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main())
