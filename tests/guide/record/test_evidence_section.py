"""Evidence in the record: honest about what was not measured and not verified."""

from __future__ import annotations

from guide.model import Evidence, Spread
from guide.record.document import Paragraph, Plain, Table
from guide.record.evidence_section import measured


def words(evidence: Evidence) -> tuple[list[str], Table]:
    section = measured(evidence)
    tables = [block for block in section.blocks if isinstance(block, Table)]
    lines = [block.line for block in section.blocks if isinstance(block, Paragraph)]
    return ["".join(span.text for span in line if isinstance(span, Plain)) for line in lines], tables[0]


def test_a_row_for_every_client_and_a_dash_for_what_is_not_known(evidence: Evidence) -> None:
    _, table = words(evidence)
    rows = [[span.text for cell in row for span in cell if isinstance(span, Plain)] for row in table.rows]
    assert rows == [
        ["sse", "EventSource", "100", "0", "0", "1", "401 ms", "20 ms"],
        ["websocket", "naive", "100", "60", "0", "1", "–", "–"],
    ]
    assert [table.head[n] for n in range(len(table.head)) if n not in table.numbers] == ["Transport", "Client"]
    assert all(len(row) == len(table.head) for row in table.rows)


def test_further_figures_have_their_label_and_unit_and_what_nobody_knows_has_no_column(evidence: Evidence) -> None:
    figures = {"stop_ms": 2.25, "wire_bytes": 12345.0, "asked": 3, "wait_s": None}
    first, second = evidence.measurements
    more = evidence.model_copy(
        update={
            "measurements": (first.model_copy(update={"figures": figures, "lost": None}), second),
            "labels": {"stop_ms": "Stop", "wire_bytes": "Wire", "asked": "Times asked", "wait_s": "Wait"},
        }
    )
    _, table = words(more)
    assert table.head[-3:] == ("Stop", "Wire", "Times asked")
    row, other = ([span.text for cell in row for span in cell if isinstance(span, Plain)] for row in table.rows)
    assert (row[3], row[-3:]) == ("–", ["2.2 ms", "12,345 B", "3"])
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
    row, other = ([span.text for cell in row for span in cell if isinstance(span, Plain)] for row in table.rows)
    assert row == ["sse", "EventSource", "100", "0", "0", "1", "401 ms [398..420]", "20 ms [8.2..20], 2 of 3"]
    assert other[3] == "60"


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
