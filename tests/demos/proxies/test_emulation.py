"""Documented limits on a real proxy do what follows from them. That the platform does the same is not shown here."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from demos.proxies import catalog as proxies
from demos.proxies.emulation import CONFIG, NAME, Limits, emulations, places, predicted, shortened, surprises
from demos.proxies.matrix import Matrix, Passage
from demos.proxies.trials import TRANSPORTS, Reading
from guide.book.config_template import Site, render
from guide.book.load import book
from guide.model import Trouble

ALL = emulations(book())
TRIED = ["azure-front-door", "gcp-cloud-run", "heroku", "diladele"]
"""Between them every kind of limit, on each transport that has it."""
AT_ONCE = 3


def kinds(ids):
    out = set()
    for one in ids:
        for way, limit in ALL[one].limits.items():
            out |= {(way, kind) for kind, value in vars(limit).items() if value}
    return out


def test_those_that_are_tried_have_every_kind_of_limit():
    assert kinds(TRIED) == kinds(ALL)


@pytest.mark.parametrize("one", ALL.values(), ids=lambda one: one.id)
def test_each_has_a_limit_a_label_with_source_and_date_and_a_configuration(one):
    assert any(limit != Limits() for limit in one.limits.values())
    assert one.label.startswith("Emulation of documented limits, not the platform itself")
    assert all(fact.source[0].url in one.label and str(fact.checked) in one.label for fact in one.facts)
    assert one.facts
    assert one.sentences[0] in one.told()
    render(proxies.template(NAME, CONFIG), Site(1, 2, "/tmp/x"), more=places(one.limits))


def test_limits_come_from_the_path_by_transport():
    assert ALL["azure-front-door"].limits == {
        "sse": Limits(holds=True),
        "websocket": Limits(silence_s=300, length_s=14_400),
    }
    assert ALL["heroku"].limits["sse"] == Limits(silence_s=30)  # of two, the one that bites first
    assert ALL["diladele"].limits["websocket"].refused


def test_a_trial_shortens_its_own_limit_and_lifts_the_others():
    limits = {way: Limits(silence_s=60, length_s=900) for way in TRANSPORTS}
    assert shortened(limits, Trouble.SILENCE)["sse"] == Limits(silence_s=5)
    assert shortened(limits, Trouble.LENGTH)["sse"] == Limits(length_s=8)
    assert shortened({"sse": Limits()}, Trouble.LENGTH)["sse"] == Limits()


def test_what_follows_from_limits():
    assert predicted(Limits(refused=True)).opens == "HTTP 403"
    assert predicted(Limits(holds=True, length_s=29)).opens == "timed out"
    assert predicted(Limits(silence_s=60)).silence == "cut, resumed"
    assert predicted(Limits(length_s=60)).long == "cut, resumed"
    assert predicted(Limits()).tokens == "one by one"


def test_what_does_not_follow_is_a_sentence():
    one = ALL["diladele"]
    refused = {"plain": Reading("websocket", 2.0, "HTTP 500")}
    matrix = Matrix(one.id, "Toy", "1.0.0", (Passage(CONFIG, "websocket", False, None, refused),))
    assert surprises(one, matrix) == ["Toy, WebSocket: opens: HTTP 500, expected HTTP 403"]


@pytest.mark.proxy
@pytest.mark.skipif(not proxies.binaries(NAME), reason="Envoy is not on this machine")
def test_envoy_with_these_limits_does_what_follows_from_them():
    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert [surprise for found in threads.map(tried, TRIED) for surprise in found["changes"]] == []


def tried(name):
    command = [sys.executable, "-m", "demos", "emulate", name, "--format", "json"]
    ran = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=240, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)[0]
