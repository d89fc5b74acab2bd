"""HTML: well nested, asks for nothing, and no text of a user's is anything but text."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from guide import book as books
from guide.model import Record
from guide.record.exports import html_file as page
from guide.record.outline import outline
from guide.report.report import Report, build
from tests.every import every
from tests.guide.record.exports.hostile import HOSTILE, Made
from tests.guide.records import record_of

OURS = books.book()
ALONE = {"meta", "br"}


class Reader(HTMLParser):
    """What is in a page: its elements with attributes, the text of each, and where nesting is wrong."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.close()
        self.wrong += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def said(self) -> str:
        """All text that is seen."""
        return "".join(text for tag, text in self.texts if tag not in ("style", "title"))

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag in tags]


def read(report: Report, record: Record) -> Reader:
    return Reader(page.render(report, record).decode())


@every("case", OURS.cases)
def test_a_page_is_well_formed_and_whole(case: str, made: Callable[[str, str], Made]) -> None:
    report, record, written = made(case, "html")
    found = Reader(written.decode())
    assert written.startswith(b'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">')
    assert found.wrong == []
    assert [tag for tag, _ in found.tags].count("h1") == 1
    headings = [int(tag[1]) for tag, _ in found.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(headings)), "a level is left out"
    document = outline(report, record)
    titles = [
        document.title,
        *(s.title for s in document.sections),
        *(p.title for s in document.sections for p in s.parts),
    ]
    said = found.said()
    assert [said.index(title) for title in titles]
    assert document.headline in said
    assert all(need.title in said and need.confirm.replace("`", "") in said for need in report.needs)
    assert all(row.title in said for row in report.rows)
    assert all(str(cited.fact.checked) in said for cited in report.sources)
    assert f"rules {OURS.version} ({OURS.hash})" in said
    assert found.of("svg") or not report.lanes


@every("case", OURS.cases)
def test_a_page_asks_for_nothing(case: str, made: Callable[[str, str], Made]) -> None:
    report, _, written = made(case, "html")
    found = Reader(written.decode())
    assert not {tag for tag, _ in found.tags} & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    for tag, attrs in found.tags:
        assert not {"src", "srcset", "srcdoc", "background", "action", "poster", "data", "xlink:href"} & set(attrs), tag
        assert "href" not in attrs or tag == "a"
        assert not [name for name in attrs if name.startswith("on")]
        assert "url(" not in (attrs.get("style") or "")
    style = "".join(text for tag, text in found.texts if tag == "style")
    assert not re.search(r"url\(|@import|https?:|expression", style)
    policies = [m["content"] for m in found.of("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [page.POLICY]
    away = [a for a in found.of("a") if not (a["href"] or "").startswith("#")]
    assert {a["href"] for a in away} == {
        s.url for c in report.sources for s in c.fact.source if s.url.startswith("https://")
    }
    assert all(a["rel"] == "noreferrer" and "target" not in a for a in away)


@every("case", OURS.cases)
def test_every_mark_leads_to_its_source(case: str, made: Callable[[str, str], Made]) -> None:
    report, _, written = made(case, "html")
    found = Reader(written.decode())
    ids = [attrs["id"] for _, attrs in found.tags if "id" in attrs]
    assert ids == [f"source-{n}" for n in range(1, len(report.sources) + 1)]
    assert {(a["href"] or "")[1:] for a in found.of("a") if (a["href"] or "").startswith("#")} <= set(ids)


@pytest.mark.parametrize("chosen", ["sse", "websocket"])
def test_hostile_text_stays_text(chosen: str, hostile: dict[str, Any]) -> None:
    report = build(OURS, {"uplink": ("nothing",)}, chosen)
    calm = {key: "x" for key in hostile if key != "evidence"}
    evil = hostile["evidence"][0]
    plain_rows = tuple(m.model_copy(update={"client": "x"}) for m in evil.measurements)
    plain_evidence = evil.model_copy(
        update={"title": "x", "how": "x", "where": "x", "versions": {"x": "x"}, "measurements": plain_rows}
    )
    plain = read(report, record_of(report, chosen=chosen, evidence=(plain_evidence,), **calm))
    found = read(report, record_of(report, chosen=chosen, **hostile))
    assert found.wrong == []
    more = {"p", "br", "bdi"}  # paragraphs and line breaks of their own are all that typed text may make
    assert [t for t in found.tags if t[0] not in more and t[1].get("role") != "region"] == [
        t for t in plain.tags if t[0] not in more and t[1].get("role") != "region"
    ]
    seen = HOSTILE.replace("\x07", "\ufffd").replace("\x00", "\ufffd")
    assert found.said().count(seen) >= 9


def test_what_turns_the_direction_ends_with_the_text() -> None:
    report = build(OURS, {"uplink": ("nothing",)})
    said = page.render(report, record_of(report, title="a\u202eb", deciders="c\u2067d")).decode()
    assert "<bdi>a\u202eb\u202c</bdi>" in said
    assert "<bdi>c\u2067d\u2069</bdi>" in said


def test_the_drawing_takes_its_colours_from_the_page(made: Callable[[str, str], Made]) -> None:
    _, _, written = made(next(iter(OURS.cases)), "html")
    text = written.decode()
    used = set(re.findall(r"var\((--sw-[a-z]+)", text.split("</style>", 1)[1]))
    assert used
    defined = re.findall(r"(--sw-[a-z]+):", text.split("</style>", 1)[0])
    assert all(defined.count(name) == 2 for name in used), "one for light, one for dark"


def test_a_file_stands_as_it_is_and_is_reached_by_the_keyboard() -> None:
    path = next(qid for qid, question in OURS.questions.items() if question.places)
    report = build(OURS, {"uplink": ("controls",), path: tuple(OURS.configs)})
    written = page.render(report, record_of(report)).decode()
    for config in report.configs:
        for _, text in config.files:
            assert f"<code>{escape(text)}</code>" in written
    files = sum(len(config.files) for config in report.configs)
    assert written.count('<pre role="region" tabindex="0" aria-label="File: Recommended Configuration of') == files > 4
