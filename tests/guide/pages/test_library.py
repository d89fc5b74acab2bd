"""The library's and the comparison's pages without a browser: what they say, and what a bad address does to them."""

from __future__ import annotations

import dataclasses
import re
import time

import pytest
from streamlit.testing.v1 import AppTest

from guide import book as books
from guide.book.link import encode
from guide.model import Folklore
from guide.pages.frame import word
from guide.report import library
from guide.report.report import build
from guide.search.entries import entries as entries_of
from guide.search.index import Index
from tests.every import every
from tests.guide.pages.screens import address, fine, html, one
from tests.patience import seconds

OURS = books.book()
FACT = next(iter(OURS.facts))
ANSWERS = next(case.answers for case in OURS.cases.values() if case.preset)


def shown(test: AppTest) -> list[str]:
    """The claims in the list."""
    text = html(test)
    return [key for key in OURS.facts if f"?fact={key}&" in text or f'?fact={key}"' in text]


def kinds(test: AppTest) -> list[str]:
    """Kinds of what a search for everything shows, in order."""
    return re.findall(r'<li data-kind="(\w+)">', html(test))


def test_every_symptom_is_listed_where_nothing_is_searched() -> None:
    test = one("library")
    assert kinds(test) == ["symptom"] * len(OURS.symptoms)
    assert all(f"library?symptom={key}&amp;" in html(test) for key in OURS.symptoms)


def test_one_search_finds_what_is_known_of_every_kind() -> None:
    test = one("library", q="nginx buffering")
    assert "symptom" in kinds(test)[:2]
    assert {"symptom", "fact", "setting"} <= set(kinds(test))
    assert word("library.count_found", n=len(kinds(test))) in html(test)
    assert "proxy_buffering off" in html(test)


@every("kind", ("symptom", "fact", "folklore", "need", "path", "setting"))
def test_an_entry_of_every_kind_can_be_opened(kind: str) -> None:
    words = {"path": "fargate", "setting": "proxy_read_timeout", "folklore": "bearer token"}.get(kind, "heartbeat")
    test = one("library", q=words)
    assert kind in kinds(test)
    assert word("library.place" if kind == "path" else "library.facts") in html(test)


@every("key", OURS.symptoms)
def test_a_symptom_is_shown_alone_with_its_causes_and_reports(key: str) -> None:
    test = one("library", symptom=key)
    symptom = OURS.symptoms[key]
    assert [header.value for header in test.header] == [symptom.seen]
    assert html(test).count("<li><p>") == len(symptom.causes)
    assert all(report.url.replace("&", "&amp;") in html(test) for report in symptom.reports)


def test_every_fact_is_listed_with_its_figure() -> None:
    test = one("library", show="facts")
    assert set(shown(test)) == set(OURS.facts)
    assert html(test).count('class="sw-fact-figure"') == len(OURS.facts)
    assert word("library.count", n=len(OURS.facts), of=len(OURS.facts)) in html(test)


def test_search_and_filters_go_into_the_address_and_come_from_it() -> None:
    test = one("library", a="1~uplink.nothing", show="facts")
    fine(test.text_input(key="library_q").set_value("  proxy buffer ").run())
    assert address(test) == {"a": "1~uplink.nothing", "show": "facts", "q": "proxy buffer"}
    found = shown(test)
    assert 0 < len(found) < len(OURS.facts)
    fine(test.selectbox(key="library_basis").set_value("measured").run())
    assert address(test) == {"a": "1~uplink.nothing", "show": "facts", "q": "proxy buffer", "basis": "measured"}
    assert all(OURS.facts[key].basis == "measured" for key in shown(test))
    again = one("library", show="facts", q="proxy buffer")
    assert shown(again) == found
    assert again.text_input(key="library_q").value == "proxy buffer"
    fine(test.button(key="library_clear").click().run())
    assert address(test) == {"a": "1~uplink.nothing", "show": "facts"}
    assert test.text_input(key="library_q").value == ""
    assert set(shown(test)) == set(OURS.facts)


def test_a_name_of_something_in_the_path_finds_it() -> None:
    found = html(one("library", q="fargate"))
    assert "Amazon ECS" in found
    assert OURS.questions["path"].places["hosting"].title in found
    assert "It sets no limit itself" in found


@every("topic", library.topics(library.shelf(OURS)))
def test_each_topic_shows_its_file(topic: str) -> None:
    expected = {key for key in OURS.facts if OURS.files[f"facts/{key}"] == f"facts/{topic}.yaml"}
    assert set(shown(one("library", topic=topic))) == expected


def test_used_by_my_answers_is_what_the_recommendation_cites() -> None:
    test = one("library", a=encode(ANSWERS), show="facts")
    fine(test.toggle(key="library_mine").set_value(True).run())
    assert address(test)["mine"] == "1"
    assert set(shown(test)) == {cited.id for cited in build(OURS, ANSWERS).sources}


def test_without_answers_nothing_is_mine_and_the_page_says_why() -> None:
    test = one("library", mine="1")
    assert shown(test) == []
    assert word("library.none_mine") in [text.value for text in test.markdown]
    assert test.button(key="library_clear")


def test_nothing_found_says_what_to_do() -> None:
    test = one("library", q="zzzz")
    assert shown(test) == []
    assert word("library.none") in [text.value for text in test.markdown]


def shapes() -> list[str]:
    """A fact of every shape: which fields it fills, and whether it has one or several of what is listed."""
    found: dict[object, str] = {}
    for key, fact in OURS.facts.items():
        filled = ((name, len(value) > 1) for name, value in fact if isinstance(value, tuple) and value)
        found.setdefault((fact.basis, *filled, *(name for name, value in fact if value)), key)
    return list(found.values())


@every("key", shapes())
def test_a_fact_of_every_shape_is_shown_alone(key: str) -> None:
    test = one("library", fact=key)
    assert [header.value for header in test.header] == [OURS.facts[key].claim]
    assert OURS.facts[key].source[0].url.replace("&", "&amp;") in html(test)
    assert word("library.uses") in html(test)


def test_from_one_fact_to_all() -> None:
    test = one("library", fact=FACT, q="proxy")
    fine(test.button(key="library_all").click().run())
    assert address(test) == {"q": "proxy"}


@pytest.mark.parametrize("fact", ["nonsense", "<script>alert(1)</script>", "x" * 10_000, "`", "{0.__class__}"])
def test_an_unknown_fact_or_symptom_is_named_and_the_rest_is_shown(fact: str) -> None:
    for field in ("fact", "symptom"):
        test = one("library", **{field: fact})
        (warning,) = test.warning
        assert fact[:20] in warning.value.replace("\\", ""), "its marks are escaped, and shown as they are"
        assert len(warning.value) < 200
        assert len(kinds(test)) == len(OURS.symptoms)


@pytest.mark.parametrize(
    ("field", "value"), [("basis", "guessed"), ("topic", "x" * 999), ("mine", "2"), ("show", "me")]
)
def test_an_unknown_filter_is_named_and_left_aside(field: str, value: str) -> None:
    test = one("library", **({"show": "facts"} | {field: value}))
    (warning,) = test.warning
    assert f"{field} {value[:40]!r}" in warning.value
    assert kinds(test) if field == "show" else set(shown(test)) == set(OURS.facts)


def test_a_search_cannot_become_markup() -> None:
    test = one("library", q="<img src=x onerror=alert(1)>")
    assert "<img" not in html(test)
    assert test.text_input(key="library_q").value == "<img src=x onerror=alert(1)>"


def test_no_folklore_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guide.pages.sections.folklore._told", lambda: ())
    test = one("library", show="folklore")
    assert [info.value for info in test.info] == [word("library.folklore_none")]


def test_folklore_is_shown_with_its_verdict_and_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Folklore(
        said="Streams are <i>slow</i>.",
        heard="articles",
        verdict="half-true",
        truth="Some are.",
        facts=(FACT,),
        try_it="Run one.",
        see="drop",
    )
    book = dataclasses.replace(OURS, folklore={"slow": told})
    entries = library.folklore(book)
    monkeypatch.setattr("guide.pages.sections.folklore._told", lambda: entries)
    monkeypatch.setattr("guide.pages.sections.folklore.index", lambda: Index(entries_of(book)))
    test = one("library")
    fine(test.segmented_control(key="library_show").set_value("folklore").run())
    assert address(test) == {"show": "folklore"}
    text = html(test)
    assert "Streams are &lt;i&gt;slow&lt;/i&gt;." in text
    assert word("library.verdict.half-true") in text
    assert f"library?fact={FACT}" in text
    assert 'href="lab?s=' in text
    fine(test.text_input(key="library_q").set_value("fast").run())
    assert "Streams are" not in html(test)
    fine(test.segmented_control(key="library_show").set_value("facts").run())
    assert address(test) == {"show": "facts", "q": "fast"}


def test_a_rerun_of_the_library_is_quick() -> None:
    test = one("library")
    began = time.perf_counter()
    fine(test.text_input(key="library_q").set_value("stream").run())
    assert time.perf_counter() - began < seconds(0.5), "about 15 ms on an idle machine"


def test_compare_starts_with_a_copy_and_says_so() -> None:
    test = one("compare", a=encode(ANSWERS))
    assert word("compare.same") in html(test)
    assert test.button(key="compare_take").disabled
    assert address(test) == {"a": encode(ANSWERS)}


def test_a_change_of_b_leaves_a_alone_and_stands_in_the_address() -> None:
    test = one("compare", a="1~uplink.nothing~media.text")
    fine(test.multiselect(key="compare_many_uplink").set_value(["steady"]).run())
    assert address(test) == {"a": "1~uplink.nothing~media.text", "b": "1~uplink.steady~media.text"}
    headers = [header.value for header in test.header]
    assert headers[0] == build(OURS, {"uplink": ("nothing",), "media": ("text",)}).headline
    assert headers[1] == build(OURS, {"uplink": ("steady",), "media": ("text",)}).headline
    assert word("compare.turned", a="Server-Sent Events", b="WebSocket") in html(test)
    fine(test.selectbox(key="compare_one_media").set_value(None).run())
    assert address(test)["b"] == "1~uplink.steady"


def test_several_answers_and_not_sure_exclude_each_other_in_b() -> None:
    test = one("compare", a="1~uplink.nothing~clients.browsers")
    fine(test.multiselect(key="compare_many_clients").select("unknown").run())
    assert address(test)["b"] == "1~uplink.nothing~clients.unknown"
    fine(test.multiselect(key="compare_many_clients").select("programs").run())
    assert address(test)["b"] == "1~uplink.nothing~clients.programs"


def test_swap_twice_is_as_before() -> None:
    test = one("compare", a="1~uplink.nothing", b="1~uplink.steady")
    fine(test.button(key="compare_swap").click().run())
    assert address(test) == {"a": "1~uplink.steady", "b": "1~uplink.nothing"}
    fine(test.button(key="compare_swap").click().run())
    assert address(test) == {"a": "1~uplink.nothing", "b": "1~uplink.steady"}
    fine(test.button(key="compare_copy").click().run())
    assert address(test) == {"a": "1~uplink.nothing", "b": "1~uplink.nothing"}


def test_b_without_any_answer_is_not_a_copy_of_a() -> None:
    test = one("compare", a="1~uplink.nothing")
    fine(test.multiselect(key="compare_many_uplink").set_value([]).run())
    assert address(test)["b"] == "1"
    assert word("compare.same") not in html(test)


def test_without_answers_there_is_nothing_to_compare() -> None:
    test = one("compare")
    assert [found.value for found in test.title] == [word("compare.empty_title")]


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("1~uplink.nothing", "1~uplink.loud", "B: answer 'loud' to 'uplink'"),
        ("1~uplink.nothing", "9~uplink.steady", "B: version '9'"),
        ("1~colour.red~uplink.nothing", "1~uplink.steady", "question 'colour'"),
        ("1~uplink.nothing", "<script>alert(1)</script>", "B: version"),
        ("1~uplink.nothing", "1~" + "x" * 5000, "B: link of 5002 characters"),
    ],
)
def test_a_bad_token_names_its_problem_and_its_side(a: str, b: str, said: str) -> None:
    test = one("compare", a=a, b=b)
    (warning,) = test.warning
    assert said in warning.value
    assert "<script" not in html(test).replace("<style", "")


@every("case", OURS.cases)
def test_every_case_can_be_compared(case: str) -> None:
    test = one("compare", a="1~uplink.nothing", b=encode(OURS.cases[case].answers))
    level = word("verdict.level_long")
    report = build(OURS, OURS.cases[case].answers)
    assert test.header[1].value == (
        level if report.verdict.kind == "level" and report.verdict.reasons else report.headline
    )
