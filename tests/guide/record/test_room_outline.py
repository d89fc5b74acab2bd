from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from guide.record.document import Block, Document, Items, Line, Paragraph, Section, Table
from guide.record.exports import html_file, markdown
from guide.record.room_file import SUFFIXES, room_file
from guide.record.room_outline import LIMITS, TOO_FEW, outline
from guide.record.room_report import RoomReport
from tests.guide.record.exports.hostile import HOSTILE
from tests.guide.record.rooms import a_report, a_round, a_spread, few

REPORT = RoomReport.model_validate(a_report())


def document(**fields: Any) -> Document:
    return outline(RoomReport.model_validate(a_report(**fields)))


def said(line: Line) -> str:
    return "".join(getattr(span, "text", "") for span in line)


def texts(document: Document) -> str:
    """All that a reader sees, a line each."""
    return "\n".join([document.title, document.headline, *map(said, document.decision), *_of(document.sections)])


def _of(sections: tuple[Section, ...]) -> Iterator[str]:
    for section in sections:
        yield section.title
        for block in section.blocks:
            yield from _lines(block)
        yield from _of(section.parts)


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(line):
            yield said(line)
        case Items(items):
            yield from map(said, items)
        case Table(head, rows):
            yield " | ".join(head)
            yield from (" | ".join(map(said, row)) for row in rows)
        case _:
            raise AssertionError(block)


def test_every_part_of_a_room_is_told() -> None:
    found = texts(document())
    for line in (
        "41 people joined. The room was open on 2026-11-30 from 09:05 UTC, for 44 minutes.",
        "Everybody is cut: a round.",
        "A restart: a look at the screen, left out.",
        "Everybody is cut | Nothing is lost: 3; The rest of the answer is lost: 29 | The rest of the answer is lost | "
        "29 of 32",
        "Each cell holds the median of all people, and in brackets the quarter points: the 25th and the 75th "
        "percentile. So half of the people lie between them.",
        "Back after the cut | 1,012 ms [900..1,401] | 250 ms [120..480]",
        "First token | 300 ms | –",
        "Lost, all together | 0 | 2,280 tokens, 38 people",
        "What travels up? | Controls: 20; Voice: 19 | 49% | yes",
        "With each person's own answers, the guide says: SSE: 20; WebSocket: 19.",
        "Everybody is cut: 3 people at most.",
        "Rules 7, hash abc123. Versions: streamlit 1.67.0.",
        *LIMITS,
    ):
        assert line in found, line
    assert "Told by 40 of 41 browsers. 2 people had the page out of view in this round, and are left out." in found
    assert "For 7 people, no WebSocket opened." in found


def test_the_gist_says_what_each_round_has_shown_and_what_to_discuss() -> None:
    assert [said(line) for line in document().decision] == [
        "Everybody is cut: Without code that comes back, the WebSocket lost 60 tokens.",
        "The room differs most on: What travels up?",
    ]
    empty = document(rounds=[], answered=0, questions=[], verdicts=[], discuss=[], stuck=[], steps=[])
    assert [said(line) for line in empty.decision] == ["No round was played to its end."]
    assert "Nobody said that they were stuck." in texts(empty)
    assert empty.headline == "41 people, 0 rounds"


@pytest.mark.parametrize(("rounds", "more"), [(4, []), (5, ["And 1 more round"]), (7, ["And 3 more rounds"])])
def test_the_gist_says_how_many_rounds_it_leaves_out(rounds: int, more: list[str]) -> None:
    gist = [said(line) for line in document(rounds=[a_round()] * rounds, discuss=[]).decision]
    assert [line.partition(":")[0] for line in gist] == ["Everybody is cut"] * 4 + more


def test_what_a_round_has_shown_follows_its_title_in_strong_text() -> None:
    assert "**Everybody is cut:** Without code" in markdown.written(document()).decode()


def test_simulated_people_are_named_wherever_they_count() -> None:
    assert "simulated" not in texts(document())
    found = texts(document(simulated=40, rounds=[a_round(simulated=40)]))
    assert "41 people joined. 40 of them were simulated by a program, not people." in found
    assert "Told by 40 of 41 browsers. 40 of them were simulated." in found
    assert "40 of 41 people were simulated: a program on the presenter's machine" in found


def test_fewer_than_five_people_have_no_figures() -> None:
    found = texts(document(people=4, rounds=[few()], answered=4, questions=[], verdicts=[], discuss=[]))
    assert found.count(TOO_FEW) == 3  # predictions, figures, answers
    assert "ms [" not in found


@pytest.mark.parametrize("told", ["predictions", "figures", "totals"])
def test_figures_of_fewer_than_five_people_are_refused(told: str) -> None:
    with pytest.raises(ValidationError, match=r"figures of 4 people\. Allowed: of 5 or more"):
        RoomReport.model_validate(a_report(rounds=[few(**{told: a_round()[told]})]))


@pytest.mark.parametrize("told", ["questions", "verdicts", "discuss"])
def test_answers_of_fewer_than_five_people_are_refused(told: str) -> None:
    nothing: dict[str, Any] = {"questions": [], "verdicts": [], "discuss": []}
    with pytest.raises(ValidationError, match="answers of 4 people"):
        RoomReport.model_validate(a_report(answered=4, **{**nothing, told: a_report()[told]}))


def test_a_spread_is_in_order() -> None:
    wrong = a_round(figures=[{"title": "Gap", "sse": a_spread(5, 1, 9)}])
    with pytest.raises(ValidationError, match="not in order"):
        RoomReport.model_validate(a_report(rounds=[wrong]))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_each_form_is_written(suffix: str) -> None:
    written, mime = room_file(REPORT, suffix)
    assert written.startswith({"json": b"{", "md": b"# What the room saw", "html": b"<!doc", "pdf": b"%PDF"}[suffix])
    assert mime.split("/")[0] in ("text", "application")


def test_the_json_can_be_read_back() -> None:
    written, _ = room_file(REPORT, "json")
    assert RoomReport.model_validate(json.loads(written)) == REPORT


def test_an_unknown_form_and_wrong_data_are_errors() -> None:
    with pytest.raises(KeyError):
        room_file(REPORT, "docx")
    with pytest.raises(ValidationError):
        RoomReport.model_validate({**a_report(), "names": ["Ann"]})


def test_a_room_has_neither_status_nor_deciders_nor_a_decision() -> None:
    html, text = html_file.written(document()).decode(), markdown.written(document()).decode()
    for word in ("Status", "Deciders", ">Decision<"):
        assert word not in html
    assert '<p class="kicker">In short</p>' in html
    assert not text.startswith("---")


def test_no_text_is_markup() -> None:
    told = RoomReport.model_validate(a_report(rounds=[a_round(title=HOSTILE, so=HOSTILE)], discuss=[HOSTILE]))
    html, _ = room_file(told, "html")
    assert b"<script" not in html
    assert room_file(told, "pdf")[0].startswith(b"%PDF")
