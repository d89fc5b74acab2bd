from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from demos.rooms import qr

ADDRESS = "http://192.168.178.23:8501/r/7K3QXP"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("given", "packed"),
    [
        (ADDRESS, ADDRESS.upper()),
        ("http://10.0.0.5:8501/", "HTTP://10.0.0.5:8501/"),
        ("http://room.example/base/r/7K3QXP", "http://room.example/base/r/7K3QXP"),
        (f"{ADDRESS}?x=y", f"{ADDRESS}?x=y"),
        (f"{ADDRESS}#Secret", f"{ADDRESS}#Secret"),
    ],
)
def test_capitals_only_where_case_means_nothing(given: str, packed: str) -> None:
    assert qr.capitals(given) == packed


def test_a_join_address_takes_25_squares_and_a_white_zone_of_four() -> None:
    drawn = ElementTree.fromstring(qr.svg_file(ADDRESS))
    assert drawn.tag == f"{SVG}svg"
    assert drawn.get("viewBox") == "0 0 33 33"  # 25 and twice 4


@pytest.mark.parametrize("drawn", [qr.svg(ADDRESS), qr.svg_file(ADDRESS).decode()])
def test_it_is_black_on_white_and_holds_no_script(drawn: str) -> None:
    root = ElementTree.fromstring(drawn)
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert names <= {"svg", "path", "title"}
    assert {one.get("fill") for one in root.iter() if one.get("fill")} == {"#fff"}
    assert {one.get("stroke") for one in root.iter() if one.get("stroke")} == {"#000"}


def test_a_title_is_escaped() -> None:
    drawn = qr.svg(ADDRESS, "<script>alert(1)</script> & more")
    assert "<script>" not in drawn
    assert ElementTree.fromstring(drawn)[0].text == "<script>alert(1)</script> & more"


def test_in_a_terminal_the_colours_are_its_own() -> None:
    plain, coloured = qr.in_terminal(ADDRESS, colours=False), qr.in_terminal(ADDRESS)
    rows = plain.splitlines()
    assert len({len(row) for row in rows}) == 1
    assert len(rows) == 17  # two squares a row
    assert coloured.replace(qr.WHITE_ON_BLACK, "").replace(qr.USUAL, "") == plain
