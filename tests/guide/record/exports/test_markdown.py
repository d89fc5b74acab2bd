"""Markdown: a MADR 4 record. Read back with a Markdown parser, so that what people typed is seen to be text."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from guide import book as books
from guide.book import read_yaml
from guide.model import Evidence, Record
from guide.record import path_section as route
from guide.record.document import Document, Line, Plain
from guide.record.exports import markdown
from guide.report.report import Report, build
from tests.every import every
from tests.guide.records import record_of

OURS = books.book()
HEADINGS = [
    "## Context and Problem Statement",
    "## Decision Drivers",
    "## Considered Options",
    "## Decision Outcome",
    "### Consequences",
    "### Confirmation",
    "## More Information",
    "### When to revisit",
    "### Measured: A dropped connection",
    "## Appendix",
    "### All Answers",
    "### What to Build, in Full",
    "### Pros and Cons of the Options",
    "### Sources",
]
HOSTILE = [
    "# A heading",
    "a\n# heading",
    "a\n====\nb",
    "a\n---\nb",
    "---\nstatus: hacked\n---",
    "<script>alert(1)</script>",
    "<b>bold</b> & &lt;i&gt; &#60;i&#62;",
    "<!-- comment",
    "[link](javascript:alert(1)) ![image](https://evil.example/x.png)",
    "<https://evil.example>",
    "[ref]: https://evil.example\n[ref]",
    "| a | b |\n| --- | --- |\n| c | d |",
    "a | b | c",
    "`code` ``` fence",
    "```\nfence\n```",
    "~~~\nfence\n~~~",
    "> quote",
    "a\n> quote",
    "* item\n* item",
    "- item\n+ item",
    "1. item\n2) item",
    "    four spaces",
    "a\n\n    code",
    "\tcode",
    "**bold** _it_ __x__ ~~gone~~",
    "back\\slash \\# \\",
    "a  \nb",
    "***",
    "_ _ _",
    "\\",
    "a\u2028# heading\u2029b\x85c\x0b# d\x0c# e",
    "a\r# heading\r\n# other",
    "see https://evil.example and http://evil.example/a_b_c, or www.evil.example",
    "WWW.evil.example HTTPS://evil.example ftp://evil.example",
    "it costs $5, then $x^2$ and $$y$$",
    "C#",
    "a ##",
]


@functools.lru_cache(maxsize=32)  # a plain record stands beside many others
def parse(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text.split("---\n", 2)[2])


def flat(tokens: list[Token]) -> list[Token]:
    return [inner for token in tokens for inner in (token, *flat(token.children or []))]


def shape(tokens: list[Token]) -> list[tuple[str, str]]:
    """Kinds of blocks in order: what user text may not change."""
    return [(token.type, token.tag) for token in tokens]


def written(report: Report, record: Record) -> str:
    return markdown.render(report, record).decode()


@every("case", OURS.cases)
def test_headings_of_madr_in_order(case: str, evidence: Evidence) -> None:
    report = build(OURS, dict(OURS.cases[case].answers))
    text = written(report, record_of(report, evidence=(evidence,)))
    found = [line for line in text.splitlines() if re.match(r"#{2,3} ", line)]
    more = {f"### {route.PATH}", f"### {route.CLASHES}", f"### {route.STARTER}"}
    assert [heading for heading in found if heading not in more] == HEADINGS
    assert f"### {route.PATH}" in found
    assert text.count("\n# ") == 1
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@every("case", OURS.cases)
def test_the_front_matter_is_yaml(case: str) -> None:
    report = build(OURS, dict(OURS.cases[case].answers))
    for deciders in ("", 'Ann, "Bob": #1', "---\nstatus: hacked", "- a\n- b", "'", "💥 \u2028 \x07\x7f\ufeff\\"):
        text = written(report, record_of(report, deciders=deciders, status="proposed"))
        front = read_yaml(text.split("---\n")[1])
        assert front["status"] == "proposed"
        assert datetime.date.fromisoformat(front["date"])
        assert front.get("decision-makers", "") == " ".join(deciders.split())


@every("case", OURS.cases)
def test_our_own_text_holds_no_html_and_its_tables_are_whole(case: str, evidence: Evidence) -> None:
    report = build(OURS, dict(OURS.cases[case].answers))
    text = written(report, record_of(report, evidence=(evidence,)))
    tokens = flat(parse(text))
    assert not [t.content for t in tokens if t.type.startswith("html")]
    assert [t.type for t in tokens].count("table_open") == 3
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, table


@every("case", OURS.cases)
def test_every_citation_has_its_source(case: str) -> None:
    report = build(OURS, dict(OURS.cases[case].answers))
    body, sources = written(report, record_of(report)).split("### Sources")
    listed = {int(n) for n in re.findall(r"(?m)^(\d+)\. ", sources)}
    assert {int(n) for n in re.findall(r"\[(\d+)\]", body)} <= listed
    assert listed == set(range(1, len(report.sources) + 1))
    links = [t.attrs["href"] for t in flat(parse(written(report, record_of(report)))) if t.type == "link_open"]
    assert {s.url for c in report.sources for s in c.fact.source} == set(links)


@every("hostile", HOSTILE)
@every("field", ["title", "context", "reason", "deciders"])
def test_what_people_type_stays_text(field: str, hostile: str) -> None:
    report = build(OURS, {"uplink": ("nothing",)}, "websocket")
    fields: dict[str, Any] = {"chosen": "websocket", "reason": "Because.", field: hostile}
    plain = written(report, record_of(report, **{**fields, field: "plain"}))
    text = written(report, record_of(report, **fields))
    assert_same_shape(plain, text)


@settings(max_examples=120)
@given(
    st.text(alphabet=st.sampled_from("#*_[]()<>|`~-+=&;!\\ \n\t1.)\u2028ab:/"), min_size=1, max_size=40).filter(
        str.strip
    )
)
def test_no_mixture_of_markup_does_anything(typed: str) -> None:
    report = build(OURS, {"uplink": ("nothing",)})
    plain = written(report, record_of(report, title="plain", context="plain"))
    text = written(report, record_of(report, title=typed, context=typed))
    assert_same_shape(plain, text)


def assert_same_shape(plain: str, text: str) -> None:
    """Only more paragraphs and line breaks than with plain text; no heading, HTML, link, list, code or table."""

    def without_breaks(tokens: list[Token]) -> list[tuple[str, str]]:
        kinds = shape(tokens)
        return [kind for n, kind in enumerate(kinds) if kind[0] not in ("paragraph_open", "paragraph_close", "inline")]

    assert without_breaks(parse(text)) == without_breaks(parse(plain)), text[:600]
    allowed = {"text", "softbreak", "hardbreak", "text_special"}
    extra = [
        t for t in flat(parse(text)) if t.type.startswith(("html", "image", "code", "em_", "strong_", "link_", "s_"))
    ]
    ours = [
        t for t in flat(parse(plain)) if t.type.startswith(("html", "image", "code", "em_", "strong_", "link_", "s_"))
    ]
    assert len(extra) == len(ours), [t.content or t.attrs for t in extra if t.type not in allowed]


@every("hostile", HOSTILE)
@every("field", ["title", "context"])
def test_what_people_type_can_be_read(field: str, hostile: str) -> None:
    """Escaped, not mutilated: a reader of the rendered record sees the characters that were typed."""
    report = build(OURS, {"uplink": ("nothing",)})
    seen = " ".join(
        "".join("\n" if t.type == "softbreak" else t.content for t in token.children or [])
        for token in parse(written(report, record_of(report, **{field: hostile})))
        if token.type == "inline"
    )
    assert "".join(hostile.split()) in "".join(seen.split())


def test_hostile_evidence_stays_text(evidence: Evidence) -> None:
    hostile = "<b>x</b> | [a](b)\n# h"
    measurements = tuple(m.model_copy(update={"client": hostile}) for m in evidence.measurements)
    evil = evidence.model_copy(
        update={
            "title": hostile,
            "how": hostile,
            "where": hostile,
            "versions": {hostile: hostile},
            "measurements": measurements,
        }
    )
    report = build(OURS, {"uplink": ("nothing",)})
    plain = written(report, record_of(report, evidence=(evidence,)))
    text = written(report, record_of(report, evidence=(evil,)))
    assert_same_shape(plain, text)


def test_unverified_evidence_says_so(evidence: Evidence) -> None:
    report = build(OURS, {"uplink": ("nothing",)})
    assert "not verified" not in written(report, record_of(report, evidence=(evidence,)))
    unverified = evidence.model_copy(update={"verified": False})
    assert "not verified here" in written(report, record_of(report, evidence=(unverified,)))


def test_measurements_are_a_table(evidence: Evidence) -> None:
    report = build(OURS, {"uplink": ("nothing",)})
    text = written(report, record_of(report, evidence=(evidence,)))
    assert "| Figure | SSE, EventSource | WebSocket, naive |\n| --- | ---: | ---: |\n" in text
    assert "| Lost | 0 | 60 |\n" in text
    assert "| First token | 401 ms | – |\n" in text


def test_a_decision_against_the_guide_says_so() -> None:
    report = build(OURS, {"uplink": ("nothing",)}, "websocket")
    text = written(report, record_of(report, chosen="websocket", reason="We have one."))
    assert 'Chosen option: "WebSocket' in text
    assert "because We have one." in text
    assert "The deciders chose otherwise" in text


def test_a_level_verdict_that_was_settled_says_so() -> None:
    report = build(OURS, {"uplink": ("unknown",)}, "sse")
    text = written(report, record_of(report, chosen="sse", reason="We know it."))
    assert "The guide called it level" in text
    assert 'Chosen option: "SSE' in text


@every("hostile", HOSTILE)
@every("field", ["title", "context", "reason"])
def test_nothing_of_githubs_is_left_alive(field: str, hostile: str) -> None:
    """GitHub makes links of bare addresses and formulas of what stands between dollars; our parser does neither."""
    report = build(OURS, {"uplink": ("nothing",)})
    text = written(report, record_of(report, **{field: hostile}))
    ours = re.sub(r"\]\(https://[^)]*\)", "", text)
    assert not re.search(r"(?i)(https?|ftp)://|\bwww\.", ours)
    assert not re.search(r"(?<!\\)(\\\\)*\$", ours)


@every("before", ["", " ", "  "])
@every("after", ["", " ", "  "])
def test_strong_text_is_strong_whatever_blanks_stand_at_its_ends(before: str, after: str) -> None:
    said = (Plain("So"), Plain(f"{before}Title:{after}", "strong"), Plain(" Both."))
    text = markdown.written(document_of(said)).decode()
    (found,) = [t for t in MarkdownIt("commonmark").parse(text) if t.type == "inline" and "Both" in t.content]
    kinds = [(t.type, t.content) for t in found.children or [] if t.type.startswith("strong") or t.content.strip()]
    assert [kind for kind, _ in kinds] == ["text", "strong_open", "text", "strong_close", "text"]
    assert kinds[2][1] == "Title:"


def test_strong_text_of_blanks_alone_is_blanks() -> None:
    assert (
        "\n\nSo Both.\n" in markdown.written(document_of((Plain("So"), Plain(" ", "strong"), Plain("Both.")))).decode()
    )


def document_of(said: Line) -> Document:
    return Document("Title", "", datetime.date(2026, 11, 30), "", "Headline", (said,), (), "End")


def test_texts_of_the_knowledge_cannot_break_a_table() -> None:
    report = build(OURS, {"uplink": ("nothing",)})
    odd = "a | b\n| c `d | e` <b>"
    answers = tuple(dataclasses.replace(a, ask=odd, texts=(odd, odd)) for a in report.answers)
    rows = tuple(dataclasses.replace(r, title=odd, cells=(odd,) * len(r.cells)) for r in report.rows)
    text = written(dataclasses.replace(report, answers=answers, rows=rows), record_of(report))
    count = [sum(t.type == "tr_open" for t in flat(parse(each))) for each in (text, written(report, record_of(report)))]
    assert count[0] == count[1]
    cells = [len(re.findall(r"(?<!\\)\|", row)) for row in text.splitlines() if row.startswith("|")]
    assert set(cells) == {3, 4}
    assert not [t for t in flat(parse(text)) if t.type.startswith("html")]


def test_a_file_stands_as_it_is_whatever_is_in_it() -> None:
    report = with_configs()
    files = [text for config in report.configs for _, text in config.files]
    fences = [
        token.content
        for token in MarkdownIt().parse(markdown.render(report, record_of(report)).decode())
        if token.type == "fence"
    ]
    assert fences == [text.rstrip() + "\n" for text in files]
    evil = dataclasses.replace(report.configs[0], files=(("x", "a\n```\n# heading\n````\n"),))
    report = dataclasses.replace(report, configs=(evil,))
    tokens = MarkdownIt().parse(markdown.render(report, record_of(report)).decode())
    assert [token.content for token in tokens if token.type == "fence"] == ["a\n```\n# heading\n````\n"]


def with_configs() -> Report:
    path = next(qid for qid, question in OURS.questions.items() if question.places)
    return build(OURS, {"uplink": ("controls",), path: tuple(OURS.configs)})
