"""The lab in Firefox: it plays six scenarios to their results, and no script of ours fails there.

What Firefox does differently is part of the lesson: it gives up EventSource at the first refused connection.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.firefox import Firefox, find_firefox, firefox
from tests.browser.labs import SHORT
from tests.patience import seconds

FOUND = find_firefox()
pytestmark = pytest.mark.skipif(FOUND is None, reason="no Firefox on this machine")
RUN_S = seconds(120)
"""No scenario takes longer."""
_FIND = """((id, all = (root) => [...root.querySelectorAll("*")]) => {
  const roots = [document];
  for (const root of roots) {
    const found = root.querySelector(`[data-testid="${id}"]`);
    if (found) return found;
    roots.push(...all(root).flatMap((one) => one.shadowRoot ?? []));
  }
  return null;
})"""


@pytest.fixture(scope="module")
def fox() -> Iterator[Firefox]:
    assert FOUND is not None
    with firefox(FOUND) as driven:
        yield driven


def text(fox: Firefox, test_id: str) -> str:
    return str(fox.evaluate(f"({_FIND}('{test_id}')?.textContent ?? '').trim()"))


def play(fox: Firefox, app_url: str, scenario: str) -> str:
    """One run of a scenario with its default choices; what is said of it."""
    fox.open("about:blank")
    fox.errors.clear()  # of the page that was left while it still loaded
    fox.open(f"{app_url}/lab?s={scenario}")
    fox.wait(f"Boolean({_FIND}('lab-start')?.textContent.trim()) && {_FIND}('lab-start')?.disabled === false", RUN_S)
    fox.evaluate(f"{_FIND}('lab-question').value = '{SHORT}'")
    fox.evaluate(f"void {_FIND}('lab-start').click()")
    fox.wait(f"{_FIND}('lab-start')?.disabled === true", RUN_S)
    fox.wait(f"{_FIND}('lab-start')?.disabled === false && {_FIND}('lab-sentence').textContent !== ''", RUN_S)
    return text(fox, "lab-sentence")


@pytest.mark.parametrize("scenario", ["plain", "drop", "stop", "silence", "restart", "tabs"])
def test_a_scenario_plays_to_its_result(fox: Firefox, app_url: str, scenario: str) -> None:
    said = play(fox, app_url, scenario)
    assert any(letter.isdigit() for letter in said), said
    assert "1 attempts" not in said
    assert fox.errors == []
