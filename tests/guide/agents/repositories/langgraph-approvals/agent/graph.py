from langgraph.types import Command, interrupt


def refund(state):
    answer = interrupt({"question": "Refund 40 EUR?"})
    return {"approved": answer == "yes"}
