"""PDF: read back, page by page. Tagged, titled, no page blank, and no text of a user's is markup."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pypdf import PdfReader

from guide import book as books
from guide.record.document import Section
from guide.record.exports import pdf
from guide.record.outline import outline
from guide.report.report import build
from tests.guide.record.exports.hostile import HOSTILE, Made
from tests.guide.records import record_of
from tests.patience import seconds
from tests.pdf_text import pages

OURS = books.book()


def squeezed(text: str) -> str:
    """Without blanks and hyphens, since lines break where typst likes."""
    return re.sub(r"[\s\u00ad\u200b\u2010-]", "", text)


def titles(sections: tuple[Section, ...]) -> Iterator[str]:
    for section in sections:
        yield section.title
        yield from titles(section.parts)


def outlined(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, list):
            yield from outlined(entry)
        else:
            yield entry.title


def addresses(pages: list[str]) -> list[str]:
    return re.findall(r"https://\S+", "".join(pages))


def structure(tag: Any) -> Iterator[Any]:
    """All tags of the file, depth first."""
    tag = tag.get_object()
    if isinstance(tag, dict):
        yield tag
        below = tag.get("/K", [])
        for child in below if isinstance(below, list) else [below]:
            yield from structure(child)


@pytest.mark.parametrize("case", OURS.cases)
def test_every_case_reads_back_whole(case: str, made: Callable[[str, str], Made]) -> None:
    report, record, written = made(case, "pdf")
    found = PdfReader(io.BytesIO(written))
    texts = pages(written)
    assert 3 <= len(texts) <= 9
    for n, text in enumerate(texts, 1):
        footer = f"{outline(report, record).colophon} {n} / {len(texts)}"
        assert squeezed(text).endswith(squeezed(footer))
        assert len(squeezed(text)) > len(squeezed(footer)), f"page {n} is blank"
    said = squeezed("".join(texts))
    document = outline(report, record)
    assert list(outlined(found.outline)) == list(titles(document.sections))
    assert all(squeezed(title) in said for title in titles(document.sections))
    assert squeezed(document.headline) in said
    assert all(squeezed(need.title) in said for need in report.needs)
    assert all(squeezed(str(cited.fact.checked)) in said for cited in report.sources)
    assert squeezed(f"rules {OURS.version} ({OURS.hash})") in said
    assert "401 ms" in " ".join(texts)
    assert not [url for url in addresses(texts) if "\u200b" in url], "what is copied must lead somewhere"


@pytest.mark.parametrize("case", OURS.cases)
def test_every_case_is_tagged_titled_and_of_its_day(case: str, made: Callable[[str, str], Made]) -> None:
    report, record, written = made(case, "pdf")
    found = PdfReader(io.BytesIO(written))
    assert found.metadata is not None
    assert found.metadata.title == record.title
    assert found.metadata.author == record.deciders
    assert f"{found.metadata.creation_date:%Y-%m-%d}" == str(record.date)
    root: Any = found.root_object
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "pdfuaid:part" in root["/Metadata"].get_data().decode()
    links = {
        note["/A"]["/URI"]
        for page in found.pages
        for note in (n.get_object() for n in page.get("/Annots", []))
        if "/URI" in note.get("/A", {})
    }
    assert links == {s.url for c in report.sources for s in c.fact.source if s.url.startswith("https://")}
    assert not root.get("/OpenAction", {}).get("/S")
    assert b"/JavaScript" not in written


def test_the_drawing_is_in_it_and_has_a_text(made: Callable[[str, str], Made]) -> None:
    case = next(name for name in OURS.cases if OURS.cases[name].expect == "sse")
    report, _, written = made(case, "pdf")
    found = PdfReader(io.BytesIO(written))
    said = squeezed("".join(pages(written)))
    assert squeezed("Event log") in said
    assert all(squeezed(lane.label) in said for lane in report.lanes)
    tagged = [tag for tag in structure(found.root_object["/StructTreeRoot"]) if tag.get("/S") == "/Figure"]
    assert [report.pattern_name in str(tag["/Alt"]) for tag in tagged] == [True]


def test_hostile_text_stays_text(hostile: dict[str, Any]) -> None:
    report = build(OURS, {"uplink": ("nothing",)})
    said = squeezed("".join(pages(pdf.render(report, record_of(report, **hostile)))))
    # In reading order only up to the change of direction: after it the letters stand as they are seen.
    assert said.count(squeezed(HOSTILE.split("\u202e")[0])) >= 8
    assert "[U+4F60][U+597D]" in said
    assert "[U+1F4A5]" in said
    assert "你" not in said
    assert said.count("w") >= 2000


def test_no_word_runs_off_the_paper() -> None:
    """Typst breaks a line only where a language would, and has no warning for what stands out."""
    report = build(OURS, {"uplink": ("nothing",)})
    record = record_of(report, title="W" * 200, context="W" * 5000, deciders="https://" + "m" * 490)
    lines = [row for text in pages(pdf.render(report, record)) for row in text.splitlines()]
    wide = [row for row in lines if re.search("[Wm]{20}", row)]
    assert sum(row.count("W") for row in wide) >= 5000
    assert max(map(len, wide)) < 90, "of these, the widest of letters, a line has room for about 60"


def test_the_same_record_gives_the_same_bytes(made: Callable[[str, str], Made]) -> None:
    report, record, written = made(next(iter(OURS.cases)), "pdf")
    assert pdf.render(report, record) == written


def test_a_fresh_process_has_it_within_two_seconds_of_processor_time() -> None:
    """Not of the clock: what else runs on the machine takes its share of that."""
    code = """
import time
from guide.record.exports import pdf
from guide.book import book
from guide.report.report import build
from tests.guide.records import record_of
report = build(book(), {"uplink": ("nothing",)})
record = record_of(report)
begun = time.process_time()
assert pdf.render(report, record).startswith(b"%PDF-")
print(time.process_time() - begun)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) < seconds(2)


def test_what_no_font_has_is_found_in_what_typst_says() -> None:
    said = 'error: PDF/UA-1 error: the text `"{}"` could not be displayed with font `"Libertinus Serif"`\n = hint: x\n'
    assert pdf._lacking(said.format("你") + said.format("\\u{7}")) == {"你", "\x07"}
    assert pdf._lacking("error: unknown variable: x") == set()
    assert pdf._lacking(said.format("1\\u{fe0f}\\u{20e3}")) == {"\ufe0f", "\u20e3"}, "the digit has a glyph"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("1\ufe0f\u20e3 Use SSE", "1[U+FE0F][U+20E3]UseSSE"),
        ("t W\u20e3 x", "tW[U+20E3]x"),
        ('"\u20dd and {\u20dd and \\\u20dd', '"[U+20DD]and{[U+20DD]and\\[U+20DD]'),
        ("100 %\u20e3", "100%[U+20E3]"),
        ("\U0001f469\u200d\U0001f4bb", "[U+1F469][U+200D][U+1F4BB]"),
        ("\U0001f1e9\U0001f1ea", "[U+1F1E9][U+1F1EA]"),
    ],
)
def test_a_mark_that_no_font_has_changes_nothing_else(title: str, shown: str) -> None:
    report = build(OURS, {"uplink": ("nothing",)})

    def text(of: str) -> str:
        return squeezed("".join(pages(pdf.render(report, record_of(report, title=of)))))

    said = text(title)
    assert squeezed(shown) in said
    plain = text("plain")
    assert said.count("[U+") - plain.count("[U+") <= 3 * (said.count(squeezed(shown)))
    for letter in "Wt1%":
        assert abs(said.count(letter) - plain.count(letter)) <= 12, letter


def test_files_of_proxies_are_in_it_line_for_line() -> None:
    path = next(qid for qid, question in OURS.questions.items() if question.places)
    report = build(OURS, {"uplink": ("controls",), path: tuple(OURS.configs)})
    said = re.sub(r"\s+", "", "".join(pages(pdf.render(report, record_of(report)))))
    for config in report.configs:
        for _, text in config.files:
            for row in text.splitlines():
                assert re.sub(r"\s+", "", row) in said, row
