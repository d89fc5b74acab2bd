"""The connection is reset in the middle of the answer: who comes back, and with what?"""

from demos.excerpt import Excerpt
from demos.faults.reset import Reset
from demos.scenarios import Scenario

SCENARIO = Scenario(
    order=20,
    faults=(Reset(after_ms=1200, spread_ms=300),),
    figures=("wire_bytes", "connections"),
    code=(
        Excerpt("demos/browser/streams.js", "#supervise() {"),
        Excerpt("demos/browser/streams.js", "#supervise({ code, reason }) {"),
    ),
)
