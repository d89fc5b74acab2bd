from __future__ import annotations

import pytest

from demos.harness.excerpt import Excerpt


def test_a_block_ends_where_its_indentation_does() -> None:
    number, text = Excerpt("demos/harness/excerpt.py", "def _depth(").read()
    assert text == "def _depth(line: str) -> int:\n    return len(line) - len(line.lstrip())"
    assert number > 1


def test_a_method_of_a_script_is_read_with_its_closing_brace_and_without_its_indentation() -> None:
    _, text = Excerpt("demos/browser/transports/streams.js", "get ready() {").read()
    assert text == "get ready() {\n  return this.socket?.readyState === WebSocket.OPEN;\n}"
    assert Excerpt("demos/browser/transports/streams.js", "x").language == "javascript"


@pytest.mark.parametrize("first", ["there is no such line", "import"])
def test_a_line_that_is_not_there_once_is_a_mistake(first: str) -> None:
    with pytest.raises(ValueError, match="Allowed: one"):
        Excerpt("demos/harness/excerpt.py", first).read()
