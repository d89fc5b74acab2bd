"""Shows the earlier results of all proxies at a glance, and those of one in a sentence. Runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from demos.proxies.catalog import CONFIGS, proxies
from demos.proxies.expected import NAMES, expectation, newest
from guide.book import book
from guide.model import ProxyOutcome

SIGNS = {"good": "✓", "fair": "≈", "bad": "✕"}


def sentence(name: str) -> str:
    """What was measured behind a proxy, with both configurations."""
    words = book().words
    found = _newest(name)
    told = {config: _both({name: found[config][way] for way, name in NAMES.items()}) for config in CONFIGS}
    return words["proxies.sum"].format(title=proxies()[name].title, **told)


def show(names: Sequence[str], chosen: str, yours: Sequence[str]) -> None:
    """One table of all proxies. `yours`: those in the visitor's path."""
    words = book().words
    groups = "".join(f'<th scope="colgroup" colspan="2">{_word(f"file.{config}")}</th>' for config in CONFIGS)
    ways = "".join(f'<th scope="col">{escape(name)}</th>' for _ in CONFIGS for name in NAMES.values())
    rows = "".join(_row(name, name == chosen, name in yours) for name in names)
    st.html(
        f'<table class="sw-table sw-overview"><caption>{_word("overview")}</caption><thead>'
        f'<tr><td rowspan="2"></td>{groups}</tr><tr>{ways}</tr></thead><tbody>{rows}</tbody></table>'
    )
    cut = [proxies()[name].title for name in names if _cut_in_silence(name)]
    whole = [proxies()[name].title for name in names if not _cut_in_silence(name)]
    and_ = f" {words['verdict.and']} "
    if cut and whole:
        st.write(words["proxies.overview_silence"].format(cut=_listed(cut, and_), whole=_listed(whole, and_)))


def _row(name: str, chosen: bool, yours: bool) -> str:
    found = _newest(name)
    cells = "".join(_cell(config, way, found[config][way]) for config in CONFIGS for way in NAMES)
    mine = f' <span class="sw-yours">{_word("overview_yours")}</span>' if yours else ""
    version = f'<span class="sw-soft">{escape(_version(name))}</span>'
    mark = ' aria-current="true"' if chosen else ""
    return f'<tr{mark}><th scope="row">{escape(proxies()[name].title)} {version}{mine}</th>{cells}</tr>'


def _cell(config: str, way: str, outcome: ProxyOutcome) -> str:
    tone = _tone(outcome)
    label = f"{book().words[f'proxies.file.{config}']}, {NAMES[way]}"
    short = _short(outcome)
    return (
        f'<td data-name="{escape(label)}" data-tone="{tone}"><span aria-hidden="true">{SIGNS[tone]}</span> {short}</td>'
    )


def _short(outcome: ProxyOutcome) -> str:
    """The outcome in two or three words, and whether a long answer is cut, as HTML."""
    if outcome.opens != "yes":
        return f'{_word("overview_refused")} <span class="sw-soft">{escape(outcome.opens)}</span>'
    tokens = escape(outcome.tokens or "")
    return tokens if outcome.long == "survives" else f'{tokens} <span class="sw-soft">{_word("overview_long")}</span>'


def _tone(outcome: ProxyOutcome) -> str:
    if outcome.opens != "yes" or outcome.tokens in ("held", "cut"):
        return "bad"
    return "good" if outcome.tokens == "one by one" and outcome.long == "survives" else "fair"


def _both(found: dict[str, ProxyOutcome]) -> str:
    """Both transports: one statement where they fared alike."""
    and_ = f" {book().words['verdict.and']} "
    if len({_told("", one) for one in found.values()}) == 1:
        return _told(and_.join(found), next(iter(found.values())))
    return and_.join(_told(name, one) for name, one in found.items())


def _told(name: str, outcome: ProxyOutcome) -> str:
    """How the tokens of one transport came, as a part of a sentence."""
    words = book().words
    if outcome.opens != "yes":
        return words["proxies.sum_refused"].format(name=name, why=outcome.opens)
    told = words[f"proxies.sum_{(outcome.tokens or 'cut').replace(' ', '_')}"].format(name=name)
    return told if outcome.long == "survives" else words["proxies.sum_long"].format(told=told)


def _newest(name: str) -> dict[str, dict[str, ProxyOutcome]]:
    """Configuration -> transport -> what is known of the newest version that was measured."""
    versions = expectation(name).versions
    return {str(c): {way: getattr(found, way) for way in NAMES} for c, found in versions[_version(name)].items()}


def _version(name: str) -> str:
    return newest(expectation(name).versions)


def _cut_in_silence(name: str) -> bool:
    """Whether a stream is cut in a long silence, even with our configuration."""
    return any(one.silence not in (None, "survives") for one in _newest(name)["recommended"].values())


def _listed(names: Sequence[str], and_: str) -> str:
    return and_.join(filter(None, (", ".join(names[:-1]), names[-1])))


def _word(key: str) -> str:
    return escape(book().words[f"proxies.{key}"])
