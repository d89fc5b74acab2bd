"""The connection is reset in the middle of the answer: who comes back, and with what?"""

from demos.faults.reset import Reset
from demos.scenarios import Scenario

SCENARIO = Scenario(
    title="Drop",
    watch="The connection is reset in mid-answer. The event stream comes back by itself with Last-Event-ID; a "
    "WebSocket does so only if somebody wrote the code. Look at lost, repeated and reconnects.",
    faults=(Reset(after_ms=1200),),
)
