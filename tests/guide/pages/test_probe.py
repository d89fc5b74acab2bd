"""The page that hands out the probe and takes its result back."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from demos.__main__ import main
from demos.probe.budget import TARGETS as OURS
from guide import book as books
from guide.pages import probe
from guide.pages.frame import word
from guide.record.probe_file import FORMAT
from tests.guide.pages.screens import address, fine, html, one

BOOK = books.book()
BAD = {
    "verdict": "bad",
    "sentence": "SSE is held <b>back</b>.",
    "fixes": [{"text": "nginx", "setting": "`proxy_buffering off`"}, {"text": "", "setting": "no-transform"}],
}
GOOD = {"verdict": "good", "sentence": "The upgrade passes.", "fixes": []}


def result(**given: Any) -> bytes:
    told = {"format": FORMAT, "url": "https://here.example", "answers": {"path": ["nginx"]}, "findings": [GOOD, BAD]}
    return json.dumps({**told, **given}).encode()


def test_the_commands_are_for_ones_own_server_address_and_path() -> None:
    test = one("probe", a="1~path.haproxy")
    fine(test.selectbox(key="probe_kind").set_value("wsgi").run())
    fine(test.text_input(key="probe_address").set_value(" https://chat.example/app/ ").run())
    fine(test.selectbox(key="probe_behind").set_value("haproxy").run())
    target, probing, own = (code.value for code in test.code)
    assert target == f"{probe.COMMAND} --target wsgi > target_wsgi.py\n{probe.TARGETS['wsgi']}"
    assert probing == f"{probe.COMMAND} https://chat.example/app --behind haproxy --format json > probe.json"
    assert own == f"{probe.COMMAND} https://chat.example/app/events --own"
    assert address(test)["a"] == "1~path.haproxy"


def test_what_stands_in_ones_own_path_is_offered_first() -> None:
    test = one("probe", a="1~path.haproxy")
    assert test.selectbox(key="probe_behind").options[1] == BOOK.questions["path"].answers["haproxy"].text


@pytest.mark.parametrize("kind", probe.TARGETS)
def test_a_command_that_is_handed_out_is_one_that_there_is(kind: str) -> None:
    assert kind in OURS
    for _, command in probe.commands(kind, "https://a.example/'; rm -rf x", "haproxy"):
        words = shlex.split(command.partition("\n")[0].partition(" > ")[0])
        assert words[:4] == ["python", "-m", "demos", "probe"]
        with pytest.raises(SystemExit) as end:
            main([*words[3:], "--help"])
        assert end.value.code == 0
    assert "https://a.example/'; rm -rf x" in words, "quoted: it stays one word"


def test_a_result_becomes_answers_evidence_and_a_table() -> None:
    test = one("probe")
    fine(test.file_uploader(key="probe_file").set_value(("probe.json", result(), "application/json")).run())
    assert address(test)["a"].endswith("path.nginx")
    assert word("probe.page.count", bad=1, unknown=0, good=1) in html(test)
    text = html(test)
    assert text.index("is held") < text.index("The upgrade passes"), "what is bad stands first"
    assert "&lt;b&gt;back" in text
    assert "<b>back" not in text
    assert "<code>proxy_buffering off</code>" in text
    assert "https://here.example" in test.success[0].value.replace("\\", "").replace("\u2060", "")


@pytest.mark.parametrize(
    "bad",
    [
        b"nonsense",
        b"{}",
        result(findings=[{"verdict": "fine", "sentence": "x"}]),
        result(findings=[GOOD] * 201),
        result(sentence="Nothing listens."),
        result(answers={"colour": ["red"]}),
    ],
)
def test_another_file_changes_nothing_and_says_why(bad: bytes) -> None:
    test = one("probe", a="1~uplink.nothing")
    fine(test.file_uploader(key="probe_file").set_value(("probe.json", bad, "application/json")).run())
    assert address(test)["a"] == "1~uplink.nothing"
    assert len(test.error) == 1
    assert "sw-probe" not in html(test).replace(".sw-probe", "")
