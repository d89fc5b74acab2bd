"""A page of another site calls a server: what it may open, what it may read, and what it makes the model do."""

from demos.excerpt import Excerpt
from demos.foreign import foreign
from demos.scenarios import Scenario

SCENARIO = Scenario(
    order=150,
    subjects=(
        foreign("sse", checked=False),
        foreign("websocket", checked=False),
        foreign("sse", checked=True),
        foreign("websocket", checked=True),
    ),
    figures=("opened", "readable", "model_runs"),
    code=(
        Excerpt("demos/gate.py", "def _refusal("),
        Excerpt("demos/hosts.py", "def origin_allowed("),
        Excerpt("demos/browser/frame.html", "const trying = {"),
    ),
    child={"LAB_TRAPS": "unchecked"},
)
