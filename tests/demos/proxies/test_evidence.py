from __future__ import annotations

import dataclasses

from demos.proxies.evidence import proof
from demos.proxies.matrix import FIRST, Matrix, TransportResult
from demos.proxies.trials import Reading
from guide.record.document import Plain, Table
from guide.record.evidence_section import measured
from tests.demos.proxies.toy_results import CUT, passage, reading


def refused() -> TransportResult:
    return dataclasses.replace(
        passage("default", "websocket"), readings={"plain": Reading("websocket", 2.0, "HTTP 426")}
    )


def test_one_measurement_for_each_configuration_and_transport_and_what_came_of_it_in_words() -> None:
    found = proof(Matrix("nginx", "nginx 1.31.3", "1.31.3", (passage("default"), refused(), passage())), "nginx")
    assert [one.client for one in found.measurements] == ["httpx, default", "default", "httpx, recommended"]
    assert [one.tokens for one in found.measurements] == [40, 0, 40]
    assert "WebSocket, default: opens: HTTP 426." in found.how
    assert "a long answer: survives" in found.how
    assert found.versions["nginx"] == "1.31.3"
    assert found.measurements[0].figures["cuts"] == 2


def test_every_figure_has_a_label_so_that_the_record_prints_it() -> None:
    later = dataclasses.replace(reading(), delay_p50_ms=0.4)
    worse = passage(plain=later, long=reading(cuts=CUT, lost=3, repeated=1))
    found = proof(Matrix("nginx", "nginx 1.31.3", "1.31.3", (worse,)), "nginx")
    assert found.how.startswith("Each run")
    assert "a long answer: cut, lost" in found.how
    table = measured(found).blocks[1]
    assert isinstance(table, Table)
    assert set(found.labels.values()) <= {span.text for row in table.rows for span in row[0] if isinstance(span, Plain)}
    assert set(found.labels) == set(found.measurements[0].figures)


def test_a_short_look_says_nothing_of_what_was_not_tried() -> None:
    short = dataclasses.replace(passage(), readings={FIRST: reading()})
    found = proof(Matrix("nginx", "nginx 1.31.3", "1.31.3", (short,), (FIRST,)), "nginx")
    assert "cuts" not in found.measurements[0].figures
    assert "long" not in found.how
