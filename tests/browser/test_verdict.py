"""The recommendation in a real browser: level, the path, sources that open, and the moment when it is settled."""

from __future__ import annotations

import zipfile

from playwright.sync_api import Locator, Page, expect

from guide.book import book
from guide.book.link import encode
from guide.decision.engine import asked_questions, decide
from guide.model import Answers
from tests.browser.screen import arrives, axe, settle

LEVEL = book().cases["local-task-board"].answers
PROXIES: Answers = {
    "uplink": ("controls",),
    "media": ("text",),
    "silence": ("minutes",),
    "duration": ("hours",),
    "path": ("nginx", "envoy", "uvicorn"),
}


def stretch(page: Page, title: str) -> Locator:
    """The list of one stretch of the path."""
    return page.get_by_test_id("stMultiSelect").filter(has=page.get_by_label(title))


def name(page: Page, title: str, typed: str) -> None:
    """Search a list and take what it offers first."""
    field = stretch(page, title).locator("input")
    field.click()
    field.press_sequentially(typed)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    settle(page)


def test_a_level_case_says_so_and_what_would_tip_it(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/verdict?a={encode(LEVEL)}")
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Level")
    expect(page.locator(".sw-share")).to_contain_text("one side or the other wins")
    expect(page.locator(".sw-session")).to_contain_text("the design of the session does")
    expect(page.get_by_role("heading", name="What would settle it")).to_be_visible()
    first = page.locator(".sw-turns a").first
    expect(first).to_be_visible()
    assert first.get_attribute("target") == "_blank"
    assert "(opens a new tab)" in str(first.get_attribute("aria-label"))
    page.goto(f"{app_url}/{first.get_attribute('href')}")
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare with a change")


def test_the_path_says_what_cuts_first_what_to_set_and_how_often_to_beat(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/verdict?a={encode(PROXIES)}")
    settle(page)
    cuts = page.locator(".sw-cuts section")
    expect(cuts).to_have_count(len(book().options))
    sse, websocket = cuts.first, cuts.last
    expect(sse).to_contain_text("Envoy ends it after 15 s")
    expect(sse).to_contain_text("nginx ends it after 60 s of silence")
    expect(websocket).to_contain_text("nginx ends it after 60 s of silence")
    expect(websocket).not_to_contain_text("ends it after 15 s")
    expect(page.locator(".sw-heartbeat")).to_contain_text("every 15 s")
    settings = page.locator(".st-key-step_settings .sw-settings")
    for setting in ("X-Accel-Buffering: no", "proxy_read_timeout 3600s", "timeout: 0s"):
        expect(settings).to_contain_text(setting)
    page.locator(".sw-fold summary", has_text="Part by part").press("Enter")
    theirs = page.locator(".sw-tiers tr", has_text="drops a client that answers no ping")
    expect(theirs.locator("td").last).to_have_text("No")  # it concerns the other transport alone
    row = page.locator(".sw-tiers tr", has_text="Envoy").filter(has_text="15 s")
    expect(row).to_contain_text("Longer, or it never ends")
    assert axe(page) == []


def test_the_steps_are_copied_handed_out_and_lead_to_what_they_name(app_url: str, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{app_url}/verdict?a={encode(PROXIES)}")
    settle(page)
    steps = page.locator(".st-key-steps .sw-step h3")
    expect(steps.first).to_contain_text("1")
    assert 5 <= steps.count() <= 7
    page.get_by_role("button", name="Copy as a Markdown checklist").click()
    expect(page.locator(".st-key-steps").get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.count("- [ ] **") == steps.count()
    assert f"{app_url}/verdict?a={encode(PROXIES, book().version)}" in copied
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download the project").click()
    assert begun.value.suggested_filename == "streamwise-sse.zip"
    with zipfile.ZipFile(begun.value.path()) as archive:
        assert "streamwise-sse/app/agent.py" in archive.namelist()
        told = archive.read("streamwise-sse/app/agent.py").decode()
    page.locator(".st-key-project_steps summary").press("Enter")
    tab = page.get_by_role("tab", name="app/agent.py")
    tab.click()
    expect(page.get_by_role("tabpanel").filter(visible=True)).to_contain_text(told.splitlines()[0])
    assert axe(page) == []
    need = page.locator("#need-explicit-stop")
    expect(need).not_to_be_visible()
    page.locator(".sw-step-links a", has_text="Stop a run by a command").click()
    expect(need).to_be_in_viewport()
    page.go_back()
    page.locator(".st-key-step_commands .sw-live").click()
    arrives(page, lambda url: "/lab?" in url and "s=stop" in url)
    settle(page)


def test_a_mark_leads_to_its_source_that_to_its_fact_and_back_to_where_they_were_left(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/verdict?a={encode(LEVEL)}")
    settle(page)
    expect(page.locator("#source-1")).not_to_be_visible()
    mark, source = page.locator(".sw-reasons .sw-cite").first, page.locator(".sw-sources > li").last
    mark.press("Enter")
    expect(page.locator("#source-1")).to_be_visible()
    expect(mark).not_to_be_in_viewport()
    fact = source.locator("a.sw-within")
    cited = str(fact.get_attribute("href"))
    fact.click()
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(book().words["library.title"])
    assert page.url.endswith(cited)
    assert f"a={encode(LEVEL)}" in cited
    page.go_back()
    expect(source).to_be_in_viewport()
    settle(page)
    page.go_back()
    expect(mark).to_be_in_viewport()
    settle(page)
    assert "#" not in page.url
    expect(page.locator(".sw-contents a").last).to_be_visible()
    for anchor in page.locator(".sw-contents a").evaluate_all("links => links.map(a => a.getAttribute('href'))"):
        assert page.locator(anchor).count() == 1, anchor


def test_stretches_of_the_path_survive_reload_back_and_forward(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/?at=path&a=1~uplink.nothing")
    settle(page)
    name(page, "Proxy or ingress", "envo")
    name(page, "Hosting", "rail")
    there = page.url
    assert "path.envoy.railway" in there
    page.reload()
    settle(page)
    arrives(page, lambda url: url == there)
    expect(stretch(page, "Proxy or ingress")).to_contain_text("Envoy")
    expect(stretch(page, "Hosting")).to_contain_text("Railway")
    page.go_back()
    settle(page)
    expect(stretch(page, "Proxy or ingress")).to_contain_text("Envoy")
    expect(stretch(page, "Hosting")).not_to_contain_text("Railway")
    page.go_forward()
    settle(page)
    expect(stretch(page, "Hosting")).to_contain_text("Railway")
    page.get_by_test_id("stCheckbox").filter(has_text="Nothing that we know of").click()
    settle(page)
    arrives(page, lambda url: "path.nothing&" in url)
    expect(stretch(page, "Proxy or ingress")).not_to_contain_text("Envoy")
    assert axe(page) == []


def test_the_panel_says_when_it_is_settled_and_leads_to_the_recommendation(app_url: str, page: Page) -> None:
    """An upgrade that is refused for good, and a path that lets event streams through, leave one transport."""
    answers: dict[str, tuple[str, ...]] = {
        "media": ("text",),
        "clients": ("browsers",),
        "path": ("nothing",),
        "stack": ("neither",),
    }
    assert not decide(book(), answers).settled
    page.goto(f"{app_url}/?at=network&a={encode(answers)}")
    settle(page)
    settled = page.locator(".settled")
    expect(settled).not_to_be_visible()
    page.get_by_test_id("stRadioOption").filter(has_text="Yes, and that will not change").click()
    settle(page)
    expect(settled).to_contain_text("Settled. You can read the recommendation now")
    expect(page.locator(".sw-settled")).to_be_visible()
    after = {**answers, "network": ("blocked",)}
    assert len(asked_questions(book(), after)) > len(after), "questions are still open"
    assert axe(page) == []
    settled.get_by_role("button").click()
    settle(page)
    arrives(page, lambda url: "/verdict?a=" in url)
    expect(page.locator(".sw-strength")).to_contain_text("ruled out")
