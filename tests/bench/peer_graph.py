"""The demo agent's own graph, as LangGraph's development server loads it: the same nodes, model and knobs.

That server brings its own checkpointer, and hands on `config.configurable` as the client sent it.
"""

from langchain_core.runnables import RunnableConfig

from demos.agent.facts import from_book
from demos.agent.graph import build
from demos.agent.scripted_model import ScriptedModel
from demos.limits import Limits
from demos.protocol.run_options import Settings


def read(config: RunnableConfig) -> Settings:
    """A run's settings from the plain knobs; keys that are the server's own are not looked at."""
    return Settings.read(config["configurable"], Limits())


graph = build(from_book(), ScriptedModel(), read).compile()
