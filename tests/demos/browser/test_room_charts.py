"""The arithmetic of the wall's drawings, as the pages compute it: run by Node, without a page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from demos.rooms.outcomes import shown
from tests.patience import seconds

ROOM = Path(__file__).parents[3] / "demos" / "browser" / "room"
NODE = Path(sys.prefix) / "bin" / "node"
IMPORTS = {
    "charts/scale.js": "medianOf, evenAxis, axisFor, binned, dotSize, short, unitOf, halfBack, percent",
    "charts/strips.js": "strip",
    "charts/timeline.js": "timelineRows, timelineSo",
    "findings.js": "shared",
    "wall_phases.js": "evenShares",
}
SIMPLE = """
const axis = ({ at, value, ...told }) => told;
const found = {
  medians: [[], [3], [1, 2], [1, 2, 9], [1, 2, 4, 90]].map(medianOf),
  shorts: [0, 5, 0.44, 9.94, 310.4, 999.6, 1020, 9999.4, 12345].map(short),
  percents: [0, 0.001, 0.5, 0.999, 1].map(percent),
  even: axis(axisFor([310, 290])),
  zero: axis(axisFor([0, 0])),
  wide: axis(axisFor([0.4, 90])),
  wider: axis(axisFor([1, 40000])),
  units: [[evenAxis(600), 200], [evenAxis(5000), 2000], [evenAxis(20000), 5000], [axisFor([5, 5000]), 500]].map(
    ([axis, value]) => unitOf(axis)(value),
  ),
  back: [
    halfBack([1, 1, 1, 0, 0, 0.4, 0.5, 1], 100, 250),
    halfBack([1, 1, 1, 0, 0], 100, 250),
    halfBack([1, 1, 0.8, 1], 100, 150),
    halfBack([0.2, 1, 1, 1], 100, 150),
  ],
};
"""


def run(body: str, *given: Any) -> Any:
    """What `body` leaves in `found`. It sees the functions, and `given`."""
    if not NODE.exists():
        if os.environ.get("STREAMWISE_REQUIRE_BROWSER") == "1":
            pytest.fail("Node is not installed; make test does that")
        pytest.skip("Node is not installed; make test does that")
    lines = [f"import {{ {names} }} from {json.dumps((ROOM / file).as_uri())};" for file, names in IMPORTS.items()]
    code = "\n".join([*lines, f"const given = {json.dumps(given)};", body, "console.log(JSON.stringify(found));"])
    ran = subprocess.run(
        [NODE, "--no-warnings", "--input-type=module", "-"],
        input=code,
        capture_output=True,
        text=True,
        timeout=seconds(60),
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def simple() -> Any:
    return run(SIMPLE)


def test_medians_and_short_figures(simple: Any) -> None:
    assert simple["medians"] == [None, 3, 1.5, 2, 3]
    small = ["0 ms", "5 ms", "0.4 ms", "9.9 ms"]
    assert simple["shorts"] == [*small, "310 ms", "1,000 ms", "1,020 ms", "9,999 ms", "12.3 s"]


def test_a_strip_and_its_sentence_write_a_figure_as_the_room_does() -> None:
    given = [0.4, 5, 9.96, 380]
    assert run("const found = given.map(short);", *given) == [f"{shown(one)} ms" for one in given]


def test_all_and_nobody_are_said_of_all_and_nobody_only(simple: Any) -> None:
    assert simple["percents"] == [0, 1, 50, 99, 100]


def test_an_axis_is_even_unless_the_spread_is_wide(simple: Any) -> None:
    assert [tick["value"] for tick in simple["even"]["ticks"]] == [0, 100, 200, 300, 400]
    assert not simple["even"]["log"]
    assert (simple["zero"]["from"], simple["zero"]["to"] > 0) == (0, True)
    assert [tick["value"] for tick in simple["wide"]["ticks"]] == [1, 10, 100]
    assert simple["wide"]["log"]
    assert [round(tick["at"], 3) for tick in simple["wide"]["ticks"]] == [0, 0.5, 1]
    assert [tick["value"] for tick in simple["wider"]["ticks"]] == [1, 10, 100, 1000, 10000]
    assert simple["units"] == ["200 ms", "2,000 ms", "5 s", "500 ms"]


def test_half_of_the_room_is_back_once_half_is_connected_again(simple: Any) -> None:
    assert simple["back"] == [350, None, 0, 0]


@pytest.mark.parametrize("values", [[0.2, 0.4, 90.0], [300.0, 301.0, 310.0], [1.0] * 120, [0.0, 2000.0, 60000.0]])
def test_every_person_is_in_the_bin_that_holds_the_figure(values: list[float]) -> None:
    body = "const { axis, rows } = strip({ sse: given[0], websocket: [] }, 24); const found = { log: axis.log, rows };"
    first, second = run(body, values)["rows"]
    assert sum(one["people"] for one in first["bins"]) == len(values)
    for one in first["bins"]:
        # Figures below the first place of an axis with growing steps stand in its first bin.
        inside = [v for v in values if one["from"] - 1e-6 <= v <= one["to"] + 1e-6 or one is first["bins"][0]]
        assert one["people"] <= len(inside)
    assert (second["people"], second["median"]) == (0, None)


def test_dots_have_room_in_the_fullest_bin() -> None:
    body = "const found = given.map(([people, width, height]) => dotSize(people, width, height, 7));"
    asked = [[1, 11, 30], [41, 11, 25], [120, 11, 25]]
    for (people, width, height), size in zip(asked, run(body, *asked), strict=True):
        assert int(width / size) * int(height / size) >= people
        assert size >= 1


def test_a_table_has_few_rows_and_the_shares_that_are_drawn() -> None:
    shares = [n / 99 for n in range(100)]
    body = "const found = timelineRows({ step_ms: 100, cut_ms: null, sse: given[0], websocket: [] });"
    rows = run(body, shares)
    assert 10 <= len(rows) <= 14
    assert rows[0] == ["0 s", "0 %", "–"]
    assert rows[1] == ["0.8 s", "8 %", "–"]


def test_shares_that_came_at_uneven_times_stand_at_even_ones() -> None:
    told = [(1000, 1, 1), (1400, 0, 0.5), (1610, 0.4, 1), (1650, 0.2, 0), (1700, 0.6, 1)]
    heard = [{"t": t, "sse": sse, "websocket": websocket} for t, sse, websocket in told]
    found = run("const found = evenShares(given[0], 2000);", heard)
    assert found["sse"] == [1, 1, 0, 0, 0.2, 0.6]
    # A drop that is shorter than a step is there all the same.
    assert found["websocket"] == [1, 1, 0.5, 0.5, 0, 1]
    assert run("const found = evenShares([], 2000);")["sse"] == []


def test_questions_share_a_page_as_long_as_there_is_room() -> None:
    small = {"title": "Short?", "bars": [{"label": "Yes"}, {"label": "No"}]}
    large = {"title": "Long? " * 12, "bars": [{"label": "Something long to say " * 3}] * 8}
    sizes = [len(page) for page in run("const found = shared(given);", small, small, small, small, large, large, small)]
    assert sizes == [4, 2, 1]
