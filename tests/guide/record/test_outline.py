"""The outline of a record: what every form says, in the order and by the titles of MADR 4."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from guide import book as books
from guide.book import Book
from guide.model import Evidence
from guide.record import outline as outlines
from guide.record import path_section as route
from guide.record.document import Document, Figure, Items, Line, Link, Mark, Paragraph, Plain, Section, Table, Typed
from guide.record.outline import outline
from guide.report.report import build
from tests.every import every
from tests.guide.records import record_of
from tests.guide.worlds import Given, partial

OURS = books.book()


def walk(sections: tuple[Section, ...]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from walk(section.parts)


def lines(document: Document) -> Iterator[Line]:
    """Everything that is said in sections, line by line."""
    for section in walk(document.sections):
        yield (Plain(section.title),)
        for block in section.blocks:
            match block:
                case Paragraph(line):
                    yield line
                case Typed(paragraphs):
                    yield from ((Plain(row),) for rows in paragraphs for row in rows)
                case Items(items):
                    yield from items
                case Table(head, rows):
                    yield from ((Plain(name),) for name in head)
                    yield from (cell for row in rows for cell in row)
                case Figure(_, title, says):
                    yield from ((Plain(title),), *says)


def said(line: Line) -> str:
    return "".join(span.text for span in line if not isinstance(span, Mark))


def items(document: Document, title: str) -> list[str]:
    section = next(s for s in walk(document.sections) if s.title == title)
    return [said(item) for block in section.blocks if isinstance(block, Items) for item in block.items]


def outcome(book: Book, answers: Given, **fields: Any) -> list[str]:
    """The paragraphs of the outcome."""
    report = build(book, answers, fields.get("chosen"))
    document = outline(report, record_of(report, **fields))
    section = next(s for s in walk(document.sections) if s.title == outlines.OUTCOME)
    return [said(block.line) for block in section.blocks if isinstance(block, Paragraph)]


@settings(max_examples=60)
@given(partial(OURS))
def test_any_record_has_every_section_and_cites_what_it_lists(answers: Given) -> None:
    report = build(OURS, answers)
    document = outline(report, record_of(report))
    titles = [section.title for section in walk(document.sections)]
    names = ("CONTEXT", "DRIVERS", "OPTIONS", "OUTCOME", "CONSEQUENCES", "CONFIRMATION", "COMPARISON", "MORE")
    more = {route.PATH, route.CLASHES, route.STARTER}
    assert [title for title in titles if title not in more] == [
        getattr(outlines, name) for name in (*names, "REVISIT", "SOURCES")
    ]
    marks = {span.number for line in lines(document) for span in line if isinstance(span, Mark)}
    assert marks <= set(range(1, len(report.sources) + 1)) == set(range(1, len(items(document, "Sources")) + 1))
    for section in walk(document.sections):
        for block in section.blocks:
            if isinstance(block, Table):
                assert {len(row) for row in block.rows} <= {len(block.head)}


@every("case", OURS.cases)
@every("chosen", [None, *OURS.options])
def test_what_is_chosen_is_one_of_the_options_by_the_same_name(case: str, chosen: str | None) -> None:
    report = build(OURS, dict(OURS.cases[case].answers), chosen)
    fields = {"chosen": chosen, "reason": "So."} if chosen else {}
    document = outline(report, record_of(report, **fields))
    assert document.headline in items(document, outlines.OPTIONS)
    first = outcome(OURS, dict(OURS.cases[case].answers), **fields)[0] if chosen else ""
    assert not chosen or first.startswith(f'Chosen option: "{document.headline}", because ')
    assert {*report.shapes.values()} <= {*items(document, outlines.OPTIONS)}


def test_a_reason_against_the_guide_ends_with_one_full_stop() -> None:
    answers: Given = {"uplink": ("nothing",)}
    for reason in ("We have one", "We have one.", " We have\none ", "We have one\u202e"):
        first = outcome(OURS, answers, chosen="websocket", reason=reason)[0]
        assert first.rstrip("\u202c").endswith(("We have one.", "one\u202e\u202c.")), first
    assert outcome(OURS, answers, chosen="websocket", reason="Why not?")[0].endswith("because Why not?")


def test_who_follows_the_guide_has_its_reason_and_may_add_one(teahouse: Book) -> None:
    report = build(teahouse, {"time": ("evening",)})
    first, second = outcome(teahouse, {"time": ("evening",)})
    assert first == f'Chosen option: "{report.headline}", because {report.reasons[0].because}.'
    assert second.startswith(report.sentence)
    document = outline(report, record_of(report, reason="We like it."))
    assert any(said(line) == "We like it." for line in lines(document))


def test_a_level_verdict_is_said_to_be_settled_by_the_deciders(teahouse: Book) -> None:
    first, second = outcome(teahouse, {"time": ("noon",)}, chosen="tea", reason="We have some.")
    assert first.endswith("because We have some.")
    assert second.startswith("The guide called it level.")
    assert second.endswith("The deciders settled it, for the reason above.")


def test_what_lies_outside_is_an_option_too(teahouse: Book) -> None:
    report = build(teahouse, {"taste": ("salty",)})
    document = outline(report, record_of(report))
    assert items(document, outlines.OPTIONS)[-1] == report.name == document.headline
    assert any("lies outside the choice between Tea and Coffee" in said(line) for line in document.decision)
    assert not [b for s in walk(document.sections) for b in s.blocks if isinstance(b, Figure)]


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"uplink": ("nothing",), "network": ("blocked",)}, "is ruled out"),
        ({"uplink": ("steady",)}, "decided, by a margin of"),
        ({"uplink": ("approvals",)}, "one answer can turn it"),
        ({"uplink": ("unknown",)}, "Nothing has been weighed yet."),
    ],
)
def test_how_sure_the_guide_is(answers: Given, says: str) -> None:
    report = build(OURS, answers)
    document = outline(report, record_of(report))
    assert says in said(document.decision[-1])


def test_a_source_of_our_own_is_named_and_is_no_link(teahouse: Book) -> None:
    assert outlines._source("The bench", "demos/protocol/receipts.py") == "The bench (demos/protocol/receipts.py)"
    assert outlines._source("RFC", "https://rfc.example/") == Link("RFC", "https://rfc.example/")


def test_evidence_stands_under_confirmation(evidence: Evidence) -> None:
    report = build(OURS, {"uplink": ("nothing",)})
    document = outline(report, record_of(report, evidence=(evidence, evidence)))
    section = next(s for s in walk(document.sections) if s.title == outlines.CONFIRMATION)
    assert [part.title for part in section.parts] == ["Measured: A dropped connection"] * 2


def test_unknown_quantities_read_well() -> None:
    report = build(
        OURS, {"uplink": ("nothing",), "silence": ("unknown",), "front": ("ours",), "duration": ("unknown",)}
    )
    needs = " ".join(need.what for need in report.needs)
    assert "lasts an unknown time." in needs
    assert "up to an unknown" not in needs
    known = build(OURS, {"uplink": ("nothing",), "silence": ("minutes",)})
    assert "lasts up to 300 s." in " ".join(need.what for need in known.needs)
