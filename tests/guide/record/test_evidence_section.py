"""Evidence in the record: honest about what was not measured and not verified."""

from __future__ import annotations

from typing import Any

import pytest

from guide.model import Evidence, Spread
from guide.record.document import Paragraph, Plain, Table
from guide.record.evidence_section import MOST_CLIENTS, measured, spoiled


def words(evidence: Evidence) -> tuple[list[str], Table]:
    section = measured(evidence)
    tables = [block for block in section.blocks if isinstance(block, Table)]
    lines = [block.line for block in section.blocks if isinstance(block, Paragraph)]
    return ["".join(span.text for span in line if isinstance(span, Plain)) for line in lines], tables[0]


def columns(table: Table) -> list[list[str]]:
    """The figures of each client, from the top."""
    rows = [["".join(span.text for span in cell if isinstance(span, Plain)) for cell in row] for row in table.rows]
    return [list(column) for column in zip(*rows, strict=True)]


def test_figures_stand_below_each_other_a_column_for_every_client_and_a_dash_for_what_is_not_known(
    evidence: Evidence,
) -> None:
    _, table = words(evidence)
    assert table.head == ("Figure", "SSE, EventSource", "WebSocket, naive")
    assert columns(table) == [
        ["Tokens", "Lost", "Repeated", "Reconnects", "First token", "Gap p50"],
        ["100", "0", "0", "1", "401 ms", "20 ms"],
        ["100", "60", "0", "1", "–", "–"],
    ]
    assert table.numbers == (1, 2)


def test_a_client_that_has_its_transports_name_is_named_once(evidence: Evidence) -> None:
    first, second = evidence.measurements
    more = evidence.model_copy(update={"measurements": (first, second.model_copy(update={"client": "WebSocket"}))})
    assert words(more)[1].head[1:] == ("SSE, EventSource", "WebSocket")


def test_many_clients_have_several_tables_with_the_same_figures(evidence: Evidence) -> None:
    first, second = evidence.measurements
    section = measured(evidence.model_copy(update={"measurements": (first, second) * 3}))
    tables = [block for block in section.blocks if isinstance(block, Table)]
    assert [len(table.head) - 1 for table in tables] == [MOST_CLIENTS, 2]
    assert columns(tables[0])[0] == columns(tables[1])[0]


def test_further_figures_have_their_label_and_unit_and_what_nobody_knows_has_no_row(evidence: Evidence) -> None:
    figures = {"stop_ms": 2.25, "wire_bytes": 12345.0, "asked": 3, "wait_s": None}
    first, second = evidence.measurements
    more = evidence.model_copy(
        update={
            "measurements": (first.model_copy(update={"figures": figures, "lost": None}), second),
            "labels": {"stop_ms": "Stop", "wire_bytes": "Wire", "asked": "Times asked", "wait_s": "Wait"},
        }
    )
    titles, one, other = columns(words(more)[1])
    assert titles[-3:] == ["Stop", "Wire", "Times asked"]
    assert (one[1], one[-3:]) == ("–", ["2.2 ms", "12,345 B", "3"])
    assert other[-3:] == ["–", "–", "–"]


def test_after_several_runs_least_and_most_stand_beside_the_median_where_they_differ(evidence: Evidence) -> None:
    first, second = evidence.measurements
    spread = {
        "lost": Spread(least=0, most=0, runs=3),
        "first_token_ms": Spread(least=398, most=420.2, runs=3),
        "gap_p50_ms": Spread(least=8.25, most=20, runs=2),
    }
    _, table = words(
        evidence.model_copy(update={"runs": 3, "measurements": (first.model_copy(update={"spread": spread}), second)})
    )
    _, one, other = columns(table)
    assert one == ["100", "0", "0", "1", "401 ms [398..420]", "20 ms [8.2..20], 2 of 3"]
    assert other[1] == "60"


@pytest.mark.parametrize(("scenario", "left_out"), [("approve", "First token"), ("stop", "Lost")])
def test_what_says_something_else_than_its_name_is_left_out(scenario: str, left_out: str, evidence: Evidence) -> None:
    assert left_out in columns(words(evidence)[1])[0]
    assert left_out not in columns(words(evidence.model_copy(update={"scenario": scenario}))[1])[0]


@pytest.mark.parametrize(
    ("scenario", "client", "changes", "found"),
    [
        ("drop", "EventSource", {}, False),
        ("drop", "EventSource", {"finished": False}, True),
        ("drop", "naive", {"finished": False, "lost": 60}, False),
        ("drop", "fetch, one POST", {"finished": False, "lost": 60}, False),
        ("drop", "naive", {"lost": None}, True),
        ("approve", "EventSource", {"finished": False, "figures": {"asked": 1}}, True),
        ("stop", "EventSource", {"finished": False}, False),
        ("tabs", "EventSource", {"finished": False, "lost": None, "tokens": 0, "figures": {"opened": 6}}, False),
        ("tabs", "EventSource", {"finished": False, "lost": None, "tokens": 0, "figures": {"opened": None}}, True),
    ],
)
def test_a_run_that_shows_nothing_is_spoiled(
    scenario: str, client: str, changes: dict[str, Any], found: bool, evidence: Evidence
) -> None:
    one = evidence.measurements[0].model_copy(update={"client": client, **changes})
    assert spoiled(evidence.model_copy(update={"scenario": scenario, "measurements": (one,)})) == found


def test_what_was_done_where_and_with_what(evidence: Evidence) -> None:
    assert words(evidence)[0] == [
        "Both connections were reset after 40 tokens. One run, seed 7, 2026-11-23 12:30 UTC, one machine, loopback.",
        "Versions: streamlit 1.67.0.",
    ]
    assert measured(evidence).title == "Measured: A dropped connection"
    assert "Median of 3 runs [least..most]" in words(evidence.model_copy(update={"runs": 3}))[0][0]
    assert len(words(evidence.model_copy(update={"versions": {}}))[0]) == 1


def test_unverified_evidence_says_so_and_cannot_turn_that_around(evidence: Evidence) -> None:
    said = words(evidence.model_copy(update={"verified": False, "where": "here\u202e"}))[0][0]
    assert said.endswith("here\u202e\u202c. Loaded from a file; not verified here.")
