"""The first response of every page, and the page that says that there is none."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from streamlit.file_util import get_static_dir

from guide.book import book
from guide.pages.shell import first_page
from guide.pages.shell.places import PLACES
from tests.guide.pages.screens import app

PAGES = first_page.first_pages("")


def test_the_server_knows_every_page_of_the_app() -> None:
    pages = app().session_state["pages"]
    assert list(pages) == list(PLACES)
    assert {page.url_path for page in pages.values()} == set(PAGES)
    assert {name: page.title for name, page in pages.items()} == {n: book().words[w] for n, w in PLACES.items()}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_where_one_is_before_any_script_runs(name: str) -> None:
    page, words = PAGES[name], book().words
    title = words[PLACES[name or "ask"]]
    assert page.count("<title>") == 1
    assert f"<title>{title} · Streamwise</title>" in page
    assert '<html lang="en"' in page
    shown = page.partition("<body>")[2].partition('<div id="root">')[0]
    assert words["start.title" if not name else PLACES[name]] in shown
    assert words["shell.line"] in shown
    assert f"<noscript><p>{words['shell.no_scripts']}</p></noscript>" in shown
    assert "You need to enable JavaScript" not in page


def test_pages_differ_in_words_only() -> None:
    """One content policy is for all of them: it allows scripts by their hash."""
    scripts = {tuple(re.findall(r"<script.*?</script>", page, re.DOTALL)) for page in PAGES.values()}
    assert len(scripts) == 1
    (found,) = scripts
    index = Path(get_static_dir(), "index.html").read_text(encoding="utf-8")
    ours = [script for script in found if script not in index]
    assert len(ours) == 1
    assert [*found].index(ours[0]) == 0, "Streamlit must find what it says"


def test_colours_are_those_of_the_theme() -> None:
    style = re.findall(r"<style>(.*?)</style>", PAGES[""], re.DOTALL)[0]
    assert not re.search(r"\b(LIGHT|DARK)_|_FONT\b", style)
    assert "#fcfaf6" in style
    assert "#171615" in style


def test_the_path_in_front_of_all_names_is_told() -> None:
    assert 'data-base="some/where"' in first_page.first_pages("some/where")[""]
    assert 'data-base=""' in PAGES[""]


def test_another_first_page_of_streamlit_is_an_error_that_says_what_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = Path(get_static_dir(), "index.html").read_text(encoding="utf-8")
    (tmp_path / "index.html").write_text(index.replace('<div id="root"></div>', "<main></main>"), encoding="utf-8")
    monkeypatch.setattr(first_page, "get_static_dir", lambda: str(tmp_path))
    with pytest.raises(ValueError, match=r"0 of '<div id=\"root\"></div>'. Expected: 1"):
        first_page.first_pages("")


@pytest.mark.parametrize(("address", "up"), [("http://x.example/st/no", "./"), ("http://x.example/st/no/way", "../")])
def test_where_there_is_no_page_links_lead_to_those_there_are(address: str, up: str) -> None:
    page = first_page.missing_page(up)
    assert book().words["shell.missing"] in page
    assert "<script" not in page
    (base,) = re.findall(r'<base href="([^"]+)">', page)
    found = [urljoin(urljoin(address, base), link) for link in re.findall(r'<a href="([^"]+)"', page)]
    shown = [name for name in PAGES if name != "compare"]
    assert found == [f"http://x.example/st/{name}" for name in shown]
