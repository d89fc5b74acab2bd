"""The words of one scenario as its page shows them, and as its evidence is described."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from demos.protocol.errors import invalid
from guide.book import book

_VALUE = re.compile(r"[0-9.,\u2013-]{1,20}")
"""What a page may fill in: a number, or a dash for none. All other words are ours."""
SPOILT = "not_"
"""How the keys begin of sentences that say why a run did not show its point."""
FIELDS = {"how": "variants", "so": "so"}
"""A family of sentences, and what the page calls those that apply."""
_PLACE = re.compile(r"\{(\w+)\}")


def lab_words(name: str, model: str | None = None, apart: bool = False) -> dict[str, str]:
    """The lab's words and those of one scenario.

    Where a model writes, `NAME.hosted` says it instead of `NAME`; where two machines are at work, `NAME.apart`.
    """
    families = ("lab.", "figure.", f"scenario.{name}.")
    found = {key: text for key, text in book().words.items() if key.startswith(families)}
    if apart:
        found |= {key.removesuffix(".apart"): text for key, text in found.items() if key.endswith(".apart")}
    if model is not None:
        said = {key.removesuffix(".hosted"): text for key, text in found.items() if key.endswith(".hosted")}
        found |= {key: text.replace("{model}", model) for key, text in said.items()}
    # A scenario's own word stands in for the lab's of the same name.
    own = {key.removeprefix(f"scenario.{name}."): text for key, text in found.items() if key.startswith("scenario.")}
    return found | {f"lab.{key}": text for key, text in own.items()}


def first_sentence(name: str) -> str:
    """Say what a scenario is about. What follows on the page tells of its panes and of the first choices there."""
    text = book().words[f"scenario.{name}.watch"]
    return f"{text.partition('. ')[0].removesuffix('.')}."


def shown(name: str, words: Mapping[str, str], keys: Sequence[str], values: Mapping[str, str]) -> str:
    """Say what a run has shown, in our own words; empty where the page does not tell.

    Raises:
        Refusal: there is no such sentence, or it says that the run did not show its point: that is no evidence.
    """
    if spoilt := [key for key in keys if key.startswith(SPOILT)]:
        raise invalid(f"This run did not show its point ({spoilt[0]:.60}), so it is not kept. Run it again.")
    sentences = _sentences(name, words, "so", keys)
    told = words["lab.so"].replace("{told}", " ".join(sentences))
    return f"{_filled(told, values)} " if keys else ""


def described(name: str, words: Mapping[str, str], variants: Sequence[str], values: Mapping[str, str]) -> str:
    """Say what was done in a run that a page has watched, in our own words.

    Args:
        words: those of the scenario `name`.
        variants: which of its sentences apply.
        values: numbers that the page fills in.

    Raises:
        Refusal: there is no such sentence, or a value is no number.
    """
    for key, value in values.items():
        if not _VALUE.fullmatch(value):
            raise invalid(f"how.values.{key:.60} is {value!r:.60}. Allowed: a number.")
    return _filled(" ".join([words["lab.how.base"], *_sentences(name, words, "how", variants)]), values)


def _sentences(name: str, words: Mapping[str, str], family: str, keys: Sequence[str]) -> list[str]:
    """Raises Refusal: there is no such sentence."""
    known = {key.removeprefix(found) for key in words if key.startswith(found := f"scenario.{name}.{family}.")}
    if unknown := [one for one in keys if one not in known]:
        allowed = ", ".join(sorted(known)) or "none"
        raise invalid(f"how.{FIELDS[family]} holds {unknown[0]!r:.60}. Allowed: {allowed}.")
    return [words[f"scenario.{name}.{family}.{one}"] for one in keys]


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values.get(place[1], "\u2013"), text)
