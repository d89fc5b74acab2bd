"""Scenario: the size of one answer in four forms, on both transports, plain and compressed."""

import json

from demos.clients.readers import milliseconds
from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.harness.testbed import MeasurementSetup, Stage, Subject
from demos.protocol import sse
from demos.protocol.payload_forms import COMPRESSED, FORMS
from demos.protocol.run_options import Pace
from guide.model import Measurement


def weighing(wire: str, how: str, form: str) -> Subject:
    """One form on one transport, as the server counts it."""

    async def measure(stage: Stage, on: MeasurementSetup) -> Measurement:
        settings = on.settings
        asked = {"forms": form, "seed": on.seed, "rate": int(settings["rate"]), "tokens": settings["n_tokens"]}
        found, began, first, decoder = {}, milliseconds(), None, sse.Decoder()
        async with stage.control.stream("GET", "/payload", params=asked) as answer:
            answer.raise_for_status()
            async for part in answer.aiter_raw():
                for message in decoder.feed(part):
                    found[message.event] = json.loads(message.data)
                    if first is None and message.event == "piece" and found["piece"]["token"]:
                        first = round(milliseconds() - began, 2)
        whole, sizes = found["form"], found["form"]["per_token"]
        plain, compressed = sizes[wire], sizes[f"{wire}_{how}"]
        return Measurement(
            transport="sse" if wire == "sse" else "websocket",
            client=form,
            tokens=whole["tokens"],
            events=whole["events"],
            first_token_ms=first,
            reconnects=0,
            finished="done" in found,
            figures={
                "plain_token_bytes": round(plain, 2),
                "compressed_token_bytes": round(compressed, 2),
                "compression_times": round(plain / compressed, 2),
            },
        )

    return Subject("sse" if wire == "sse" else "websocket", form, measure)


SCENARIO = Scenario(
    order=140,
    group="limits",
    subjects=tuple(weighing(wire, how, form) for wire, how in COMPRESSED for form in FORMS),
    pace=Pace(rate=1000, first_token_ms=0, jitter=0),
    n_tokens=900,
    figures=(
        "sse_token_bytes",
        "sse_gzip_token_bytes",
        "websocket_token_bytes",
        "websocket_deflate_token_bytes",
        "form_times",
        "transport_times",
        "plain_token_bytes",
        "compressed_token_bytes",
        "compression_times",
    ),
    code=(
        Excerpt("demos/lab/payload_sizes.py", "async def pieces("),
        Excerpt("demos/lab/payload_sizes.py", "class Meter:"),
    ),
)
