"""The drawing: well-formed, named for those who cannot see it, and no text of it can become markup."""

from __future__ import annotations

import dataclasses
from xml.etree import ElementTree

from guide import book as books
from guide.book import Book
from guide.model import Lane
from guide.report.diagram import svg
from guide.report.report import build
from tests.every import every

OURS = books.book()
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert('x')</script> & \"quotes\" ]]> \u202e"


def drawn(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


@every("case", OURS.cases)
def test_every_case_is_drawn_or_lies_outside(case: str) -> None:
    report = build(OURS, dict(OURS.cases[case].answers))
    text = svg(report)
    if report.verdict.kind == "outside":
        assert text == ""
        return
    root = drawn(text)
    words = " ".join(root.itertext())
    assert root.get("role") == "img"
    assert report.pattern_name in (root.get("aria-label") or "")
    assert all(lane.label in words and lane.detail in words for lane in report.lanes)


@every("pattern", OURS.patterns)
def test_nothing_is_drawn_outside_the_frame(pattern: str) -> None:
    report = dataclasses.replace(build(OURS, {}), lanes=OURS.patterns[pattern].lanes)
    root = drawn(svg(report))
    _, _, width, height = map(float, (root.get("viewBox") or "").split())
    for box in root.iter(f"{SVG}rect"):
        assert float(box.get("x", 0)) + float(box.get("width", 0)) <= width
        assert float(box.get("y", 0)) + float(box.get("height", 0)) <= height
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.get("y", 0)) <= height


def test_hostile_text_stays_text(teahouse: Book) -> None:
    report = build(teahouse, {})
    hostile = tuple(Lane(way=way, label=HOSTILE, detail=HOSTILE) for way in ("up", "down", "both"))
    text = svg(dataclasses.replace(report, lanes=hostile, pattern_name=HOSTILE, sentence=HOSTILE))
    root = drawn(text)
    assert "<script" not in text
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        "svg",
        "title",
        "style",
        "rect",
        "text",
        "line",
        "path",
    }
    assert not [name for element in root.iter() for name in list(element.attrib) if name.lower().startswith("on")]
    assert " ".join(root.itertext()).count("<script>") >= 6


def test_what_lies_outside_is_not_drawn(teahouse: Book) -> None:
    assert svg(build(teahouse, {"taste": ("salty",)})) == ""
