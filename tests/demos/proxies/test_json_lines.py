from __future__ import annotations

import dataclasses
import json

import pytest

from demos.proxies.buffering.nginx import CASES, Row
from demos.proxies.catalog import Binary, proxies
from demos.proxies.json_lines import lines, matrices, row_line, rows, watched
from demos.proxies.matrix import EVERYTHING, TransportResult
from demos.proxies.trials import Reading
from tests.demos.proxies.toy_results import passage

NGINX = Binary("nginx", proxies()["nginx"], "/nowhere", "1.31.3")


def said(*passages: TransportResult) -> str:
    """Every reading as a process would print it."""
    written: list[str] = []
    watch = watched(NGINX, "nginx", NGINX.title, written.append)
    for one in passages:
        for trial in one.readings:
            watch(one, trial)
    return "".join(f"{line}\n" for line in written)


def test_a_matrix_comes_back_as_it_was() -> None:
    there = passage(page="HTTP 403")
    refused = dataclasses.replace(
        passage(transport="websocket"), readings={"plain": Reading("websocket", 2.0, "HTTP 426")}
    )
    (matrix,) = matrices(lines(said(there, refused)))
    assert (matrix.name, matrix.title, matrix.version) == ("nginx", "nginx 1.31.3", "1.31.3")
    assert matrix.passages == (there, refused)
    assert matrix.tried == EVERYTHING


def test_each_line_counts_as_soon_as_it_is_whole_and_what_is_no_json_is_left_out() -> None:
    text = said(passage())
    part = text[: len(text) // 2]
    assert len(lines(part)) == part.count("\n") > 0
    (matrix,) = matrices(lines(part))
    assert 0 < len(matrix.passages[0].readings) < len(EVERYTHING)
    assert lines("Caddy is not on this machine\n" + text) == lines(text)
    assert matrices(lines("")) == []


@pytest.mark.parametrize("version", ["1.31.3", "none"])
def test_a_row_comes_back_as_it_was(version: str) -> None:
    row = Row(CASES[4], version, 50.0, 1500.0, 30, 30, compressed=True)
    assert rows(lines(row_line(row) + "\n")) == [row]
    assert "reading" not in json.loads(row_line(row))
