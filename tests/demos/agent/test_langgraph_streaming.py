"""What LangGraph hands over in each way of streaming, on the locked versions: the facts of `facts/langgraph.yaml`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Literal

from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import Command, interrupt

TEXT = "Hi there, this is it."
CHUNKS = 9
"""Into which the fake model cuts TEXT: five words and four spaces."""
Graph = StateGraph[MessagesState, None, MessagesState, MessagesState]


def _model(streams: bool = True) -> GenericFakeChatModel:
    return GenericFakeChatModel(messages=iter([AIMessage(TEXT)]), disable_streaming=not streams)


def _agent(says: Literal["streams", "whole", "canned", "asks"] = "streams") -> Graph:
    """A graph of one node that answers."""
    model = _model(says != "whole")

    async def speak(state: MessagesState) -> dict[str, Any]:
        if says == "canned":
            return {"messages": [AIMessage(TEXT)]}
        if says == "asks":
            interrupt("Delete it?")
        return {"messages": [await model.ainvoke(state["messages"])]}

    return _one_node("speak", speak)


def _one_node(name: str, node: Any) -> Graph:
    graph: Graph = StateGraph(MessagesState)
    graph.add_node(name, node)
    graph.add_edge(START, name)
    graph.add_edge(name, END)
    return graph


def _called_inside() -> Graph:
    """A node that calls a compiled graph and hands on its last message."""
    inner = _agent().compile()

    async def call(state: MessagesState) -> dict[str, Any]:
        said = await inner.ainvoke({"messages": state["messages"]})
        return {"messages": [said["messages"][-1]]}

    return _one_node("call", call)


def _config() -> Any:
    return {"configurable": {"thread_id": "one"}}


def _question() -> Any:
    return {"messages": [HumanMessage("Hi?")]}


def _messages(graph: Graph, subgraphs: bool = False) -> Counter[str]:
    """Kinds of what `stream_mode="messages"` hands over."""

    async def read() -> Counter[str]:
        compiled, found = graph.compile(checkpointer=InMemorySaver()), Counter[str]()
        parts: AsyncIterator[Any] = compiled.astream(
            _question(), _config(), stream_mode="messages", subgraphs=subgraphs
        )
        async for part in parts:
            found[type((part[1] if subgraphs else part)[0]).__name__] += 1
        return found

    return asyncio.run(read())


def _updates(graph: Graph, subgraphs: bool = False) -> list[str]:
    """Nodes of which `stream_mode="updates"` tells, in order."""

    async def read() -> list[str]:
        compiled, found = graph.compile(checkpointer=InMemorySaver()), list[str]()
        parts: AsyncIterator[Any] = compiled.astream(_question(), _config(), stream_mode="updates", subgraphs=subgraphs)
        async for part in parts:
            found += part[1] if subgraphs else part
        return found

    return asyncio.run(read())


def _events(graph: Graph) -> Counter[str]:
    """Names of what `astream_events(version="v2")` hands over."""

    async def read() -> Counter[str]:
        compiled = graph.compile(checkpointer=InMemorySaver())
        return Counter(
            [event["event"] async for event in compiled.astream_events(_question(), _config(), version="v2")]
        )

    return asyncio.run(read())


def test_messages_hand_over_the_tokens_of_a_model_that_streams() -> None:
    assert _messages(_agent()) == {"AIMessageChunk": CHUNKS}
    assert _events(_agent())["on_chat_model_stream"] == CHUNKS


def test_a_graph_as_a_node_is_told_as_one_whole_message_without_subgraphs() -> None:
    assert _messages(_one_node("inner", _agent().compile())) == {"AIMessage": 1}
    assert _messages(_one_node("inner", _agent().compile()), subgraphs=True) == {"AIMessageChunk": CHUNKS}
    assert _events(_one_node("inner", _agent().compile()))["on_chat_model_stream"] == CHUNKS


def test_a_graph_that_a_node_calls_is_told_in_the_same_way() -> None:
    assert _messages(_called_inside()) == {"AIMessage": 1}
    assert _messages(_called_inside(), subgraphs=True)["AIMessageChunk"] == CHUNKS


def test_a_model_that_does_not_stream_and_a_canned_reply_come_whole() -> None:
    assert _messages(_agent("whole")) == _messages(_agent("canned")) == {"AIMessage": 1}
    events = _events(_agent("whole"))
    assert (events["on_chat_model_stream"], events["on_chat_model_end"]) == (0, 1)
    assert not [name for name in _events(_agent("canned")) if name.startswith("on_chat_model")]


def test_updates_come_once_a_node_and_nested_ones_only_with_subgraphs() -> None:
    assert _updates(_agent()) == ["speak"]
    assert _updates(_one_node("inner", _agent().compile())) == ["inner"]
    assert _updates(_one_node("inner", _agent().compile()), subgraphs=True) == ["speak", "inner"]


def test_a_question_stands_in_updates_and_nowhere_in_messages_or_events() -> None:
    assert _messages(_agent("asks")) == {}
    assert _updates(_agent("asks")) == ["__interrupt__"]
    assert not [name for name in _events(_agent("asks")) if "chat_model" in name or "interrupt" in name]


def test_a_response_runs_the_node_again_from_its_beginning() -> None:
    ran: list[str] = []

    async def ask(state: MessagesState) -> dict[str, Any]:
        ran.append("before")
        return {"messages": [AIMessage(str(interrupt("Delete it?")))]}

    async def talk() -> Any:
        graph = _one_node("ask", ask).compile(checkpointer=InMemorySaver())
        await graph.ainvoke(_question(), _config())
        return await graph.ainvoke(Command(resume="yes"), _config())

    said = asyncio.run(talk())
    assert said["messages"][-1].content == "yes"
    assert ran == ["before", "before"]


def test_each_part_names_the_node_that_speaks() -> None:
    router, answer = _model(), _model()

    async def route(state: MessagesState) -> dict[str, Any]:
        await router.ainvoke(state["messages"])
        return {}

    async def speak(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await answer.ainvoke(state["messages"])]}

    async def read() -> Counter[str]:
        graph = _one_node("route", route)
        graph.add_node("speak", speak)
        graph.add_edge("route", "speak")
        parts: AsyncIterator[Any] = graph.compile().astream(_question(), stream_mode="messages")
        return Counter([metadata["langgraph_node"] async for _, metadata in parts])

    assert asyncio.run(read()) == {"route": CHUNKS, "speak": CHUNKS}
