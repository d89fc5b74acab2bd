"""Scenario: a page of another site calls a server. Measures what it can open and read, and whether the model runs."""

from demos.harness.cross_site_subject import foreign
from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario

SCENARIO = Scenario(
    order=150,
    group="limits",
    subjects=(
        foreign("sse", checked=False),
        foreign("websocket", checked=False),
        foreign("sse", checked=True),
        foreign("websocket", checked=True),
    ),
    figures=("opened", "readable", "model_runs"),
    code=(
        Excerpt("demos/connections/access.py", "def _foreign("),
        Excerpt("demos/connections/hosts.py", "def origin_allowed("),
        Excerpt("demos/browser/pages/other_site.html", "const trying = {"),
    ),
    child={"LAB_TRAPS": "unchecked"},
)
