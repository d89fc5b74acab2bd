"""One event with a very long line, in small pieces, for readers of event streams in a browser."""

from __future__ import annotations

PIECE = 1000
"""Bytes of the line that come at once."""
SIZES = (1_000_000, 2_000_000)
LONG_LINE = """
  const shortest = async (size, line, read) => {
    const texts = ['data: {"x": "', "x".repeat(line), '"}\\n\\n'];
    const [head, body, tail] = texts.map((text) => new TextEncoder().encode(text));
    const times = [];
    for (let turn = 0; turn < 5; turn++) {
      let left = size / line + 2;
      const pull = (to) => (left-- ? to.enqueue(left === size / line + 1 ? head : left ? body : tail) : to.close());
      const began = performance.now();
      const data = await read(new ReadableStream({ pull }));
      times.push(performance.now() - began);
      if (JSON.parse(data).x.length !== size) throw new Error(`${data.length} of ${size}`);
    }
    return Math.min(...times);
  };
"""
"""`shortest(size, line, read)`: the least time, of five, in which `read` makes the data of one event of a stream."""


def linear(once: float, twice: float) -> bool:
    """Whether the line of twice the length took at most three times as long; 2 ms are the clock's."""
    return twice < 3 * once + 2
