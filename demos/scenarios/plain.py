"""One run, nothing goes wrong: the two transports beside each other."""

from demos.scenarios import Scenario

SCENARIO = Scenario(
    title="Plain",
    watch="First token and gaps: on one machine they are the same, since the model sets the pace. The bytes around "
    "each token differ a little.",
)
