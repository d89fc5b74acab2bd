"""The plain pages of a room: what they may load, and what stands there before their script does."""

from __future__ import annotations

import re

import pytest

from guide.book import book
from tests.demos.toys import ToyAgent, backend, served

WORDS = book().words


@pytest.mark.parametrize("page", ["", "/wall", "/lead"])
def test_a_page_has_a_strict_policy_no_script_of_its_own_and_a_sentence_without_one(page: str) -> None:
    with served(backend(ToyAgent())) as site:
        code = site.http.post("/rooms", json={}).json()["code"]
        for letter, written in (("r", code), ("R", code.lower())):
            answer = site.http.get(f"http://127.0.0.1:{site.port}/{letter}/{written}{page}")
            assert answer.status_code == 200
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
            assert "unsafe" not in policy
            scripts = re.findall(r"<script([^>]*)>", answer.text)
            assert all('src="' in one or 'type="application/json"' in one for one in scripts)
            assert not re.search(r"<style|\son\w+=|\sstyle=", answer.text)
            assert WORDS["room.waiting"] in answer.text
            assert "{{" not in answer.text
            assert f'data-code="{code}"' in answer.text


def test_where_there_is_no_room_the_code_is_asked_for_and_a_visit_without_one_is_no_guess() -> None:
    with served(backend(ToyAgent(), room_wrong_codes=2)) as site:
        root = f"http://127.0.0.1:{site.port}/r"
        assert {site.http.get(root).status_code for _ in range(5)} == {200}
        assert [site.http.get(f"{root}/{code}/wall").status_code for code in ("ABC234", "ABC235", "ABC236")] == [
            404,
            404,
            429,
        ]
        strange = site.http.get(f"{root}/%3Cscript%3E")
        assert strange.status_code == 429
        assert "<script>" not in strange.text.replace("<script type", "")
