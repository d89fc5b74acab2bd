from __future__ import annotations

import importlib.util

import pytest

from demos.agent.model_settings import ModelAddress

KEY = "sk-not-for-your-eyes"
SET = {"STREAMWISE_MODEL_URL": "http://127.0.0.1:11434/v1", "STREAMWISE_MODEL": "small"}


def test_nothing_is_set_and_the_scripted_model_answers() -> None:
    assert ModelAddress.from_environment({}) is None
    assert ModelAddress.from_environment({"STREAMWISE_MODEL_URL": " "}) is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:11434/v1", "https://models.example/v1/", "http://[::1]:8080"])
def test_what_is_set(url: str) -> None:
    found = ModelAddress.from_environment(SET | {"STREAMWISE_MODEL_URL": url, "STREAMWISE_MODEL_KEY": f"{KEY}\n"}, 7)
    assert found == ModelAddress(url.rstrip("/"), "small", KEY, 7)
    assert KEY not in f"{found!r} {found}"
    assert found.hide(f"Bearer {KEY}!") == "Bearer [key]!"
    assert ModelAddress(url, "small").hide("as it is") == "as it is"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"STREAMWISE_MODEL_URL": "127.0.0.1:11434"},
            r"MODEL_URL is '127.0.0.1:11434'. Allowed: an address",
        ),
        ({"STREAMWISE_MODEL_URL": "ftp://a.example"}, "Allowed: an address with http or https"),
        ({"STREAMWISE_MODEL_URL": "http://"}, "Allowed: an address"),
        ({"STREAMWISE_MODEL_URL": "http://[::1/v1"}, "Allowed: an address"),
        ({"STREAMWISE_MODEL_URL": "http://a.example:99999/v1"}, "Allowed: an address"),
        ({"STREAMWISE_MODEL_URL": "http://a.example/ü v1"}, "Allowed: an address"),
        ({"STREAMWISE_MODEL_URL": f"http://me:{KEY}@a.example/v1"}, "Set the key as STREAMWISE_MODEL_KEY instead"),
        ({"STREAMWISE_MODEL_URL": f"me:{KEY}@a.example/v1"}, "Allowed: an address"),
        ({"STREAMWISE_MODEL_URL": f"http://a.example/v1?key={KEY}"}, "has a query or a fragment"),
        ({"STREAMWISE_MODEL_URL": f"a.example/v1?key={KEY}"}, "Allowed: an address"),
        ({"STREAMWISE_MODEL_URL": "http://a.example/v1/chat/completions"}, "names an endpoint"),
        ({"STREAMWISE_MODEL": ""}, "STREAMWISE_MODEL is ''. Allowed: the name of a model"),
        ({"STREAMWISE_MODEL": "x" * 201}, "Allowed: the name of a model"),
        ({"STREAMWISE_MODEL": "a\nb"}, "Allowed: the name of a model"),
        ({"STREAMWISE_MODEL_KEY": f"{KEY} ü"}, "STREAMWISE_MODEL_KEY does not fit into a header"),
        ({"STREAMWISE_MODEL_KEY": KEY + "x" * 4000}, "up to 4000 characters"),
        (
            {"STREAMWISE_MODEL_URL": "", "STREAMWISE_MODEL_KEY": KEY},
            "STREAMWISE_MODEL and .*KEY have no use without",
        ),
    ],
)
def test_what_is_refused_and_no_key_is_repeated(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        ModelAddress.from_environment(SET | given)
    assert KEY not in str(caught.value)


def test_a_library_that_is_missing_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"not installed. Install it: .* -m pip install -r requirements/model.txt"):
        ModelAddress.from_environment(SET)
    assert ModelAddress.from_environment({}) is None
