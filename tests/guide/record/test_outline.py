"""The outline of a record: what every form says, in the order and by the titles of MADR 4."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from guide import book as books
from guide.book import Book
from guide.model import Evidence
from guide.record import appendix as appendices
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
    names = ("CONTEXT", "DRIVERS", "OPTIONS", "OUTCOME", "CONSEQUENCES", "CONFIRMATION", "MORE", "REVISIT")
    more = {route.CLASHES, route.STARTER, appendices.NEEDS}
    assert [title for title in titles if title not in more and not title.startswith("Recommended")] == [
        *(getattr(outlines, name) for name in names),
        *(getattr(appendices, name) for name in ("APPENDIX", "ANSWERS")),
        route.PATH,
        *(getattr(appendices, name) for name in ("COMPARISON", "SOURCES")),
    ]
    marks = {span.number for line in lines(document) for span in line if isinstance(span, Mark)}
    assert marks <= set(range(1, len(report.sources) + 1)) == set(range(1, len(items(document, "Sources")) + 1))
    for section in walk(document.sections):
        for block in section.blocks:
            if isinstance(block, Table):
                assert {len(row) for row in block.rows} <= {len(block.head)}


@settings(max_examples=60)
@given(partial(OURS))
def test_a_short_record_is_the_beginning_of_the_whole_one_and_lists_only_what_it_cites(answers: Given) -> None:
    report = build(OURS, answers)
    short, whole = (outline(report, record_of(report), short) for short in (True, False))
    first, last = ([section.title for section in walk(one.sections)] for one in (short, whole))
    without = [title for title in first if title != appendices.SOURCES]
    assert without == last[: len(without)]
    assert last[len(without)] == appendices.APPENDIX
    marks = [span.number for line in (*short.decision, *lines(short)) for span in line if isinstance(span, Mark)]
    count = len(items(short, appendices.SOURCES)) if appendices.SOURCES in first else 0
    assert list(dict.fromkeys(marks)) == list(range(1, count + 1)), "numbered in the order in which they are met"


@settings(max_examples=60)
@given(partial(OURS))
def test_a_short_record_cites_the_same_sources_as_the_whole_one_does_there(answers: Given) -> None:
    report = build(OURS, answers)
    short, whole = (outline(report, record_of(report), short) for short in (True, False))
    new = [span.number for line in (*short.decision, *lines(short)) for span in line if isinstance(span, Mark)]
    old = [span.number for line in (*whole.decision, *lines(whole)) for span in line if isinstance(span, Mark)]
    numbers = dict(zip(new, old[: len(new)], strict=True))
    assert [numbers[n] for n in new] == old[: len(new)]
    for n, item in enumerate(items(short, appendices.SOURCES) if new else [], 1):
        fact = next(cited.fact for cited in report.sources if cited.number == numbers[n])
        assert fact.source[0].title in item
        assert str(fact.checked) in item


@settings(max_examples=60)
@given(partial(OURS))
def test_when_to_revisit_it_is_at_most_five_lines_of_which_none_is_twice(answers: Given) -> None:
    report = build(OURS, answers)
    found = items(outline(report, record_of(report)), outlines.REVISIT)
    assert 1 <= len(found) <= 5
    conditions = [text.partition(":")[0] for text in found]
    assert len(conditions) == len({*conditions})
    pairs = {turn.when for turn in report.turns if turn.size > 1}
    assert not pairs & {text.removeprefix("If ") for text in conditions}


def test_a_need_is_a_title_and_one_sentence_and_stands_in_full_in_the_appendix() -> None:
    report = build(OURS, {"uplink": ("nothing",)})
    document = outline(report, record_of(report))
    brief, full = items(document, outlines.CONSEQUENCES), items(document, appendices.NEEDS)
    assert len(brief) == len(full) == len(report.needs)
    for need, short, long in zip(report.needs, brief, full, strict=True):
        assert short.startswith(f"{need.title}. ")
        assert long.startswith(short)
    assert any(len(long) > len(short) for short, long in zip(brief, full, strict=True))
    assert len(items(document, outlines.CONFIRMATION)) == len(report.needs)


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
    (first,) = outcome(teahouse, {"time": ("evening",)})
    assert first == f'Chosen option: "{report.headline}", because {report.reasons[0].because}.'
    document = outline(report, record_of(report, reason="We like it."))
    assert said(document.decision[0]).startswith(report.sentence)
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
    assert any(teahouse.words["verdict.outside"] in said(line) for line in document.decision)
    assert not [b for s in walk(document.sections) for b in s.blocks if isinstance(b, Figure)]


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"uplink": ("nothing",), "network": ("blocked",)}, "is ruled out"),
        ({"uplink": ("steady",)}, "Leaning. The margin is 4 points"),
        ({"uplink": ("approvals",)}, "one answer can change it"),
        ({"uplink": ("unknown",)}, "We have nothing to weigh yet."),
    ],
)
def test_how_sure_the_guide_is(answers: Given, says: str) -> None:
    report = build(OURS, answers)
    document = outline(report, record_of(report))
    assert says in said(document.decision[-1])


def test_a_source_of_our_own_is_named_and_is_no_link(teahouse: Book) -> None:
    assert appendices._source("The bench", "demos/protocol/receipts.py") == "The bench (demos/protocol/receipts.py)"
    assert appendices._source("RFC", "https://rfc.example/") == Link("RFC", "https://rfc.example/")


def test_evidence_stands_after_when_to_revisit(evidence: Evidence) -> None:
    report = build(OURS, {"uplink": ("nothing",)})
    document = outline(report, record_of(report, evidence=(evidence, evidence)))
    section = next(s for s in walk(document.sections) if s.title == outlines.MORE)
    assert [part.title for part in section.parts] == [outlines.REVISIT, *["Measured: A dropped connection"] * 2]


def test_unknown_quantities_read_well() -> None:
    report = build(
        OURS, {"uplink": ("nothing",), "silence": ("unknown",), "front": ("ours",), "duration": ("unknown",)}
    )
    needs = " ".join(need.what for need in report.needs)
    assert "lasts an unknown time." in needs
    assert "up to an unknown" not in needs
    known = build(OURS, {"uplink": ("nothing",), "silence": ("minutes",)})
    assert "lasts up to 300 s." in " ".join(need.what for need in known.needs)
