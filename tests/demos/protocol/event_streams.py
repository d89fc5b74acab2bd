"""Event streams in every shape that the standard allows."""

from __future__ import annotations

EXAMPLES = (
    *(
        "\ufeffid: 1\nevent: a\ndata: x\ndata:  y\n\n:c\n\ndata: ü€😀\n\n".replace("\n", end).encode()
        for end in ("\n", "\r", "\r\n")
    ),
    b": ping\n\n\n\n:\n\nevent: nothing\n\n",
    b"id: 1\ndata: half",
    b"id: 1\ndata: a\n\nid: 2\ndata: b\n",
    b"id: 7\n\nid\ndata\n\n",
    b"id: a\0b\nretry: 1s\nretry: 250\ndata: x\n\n",
    b"data: a\r\rdata: b\r\n\ndata: c\n\r\n",
    b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata:b\ndata\n\n",
    b"data: \xff\xe2\x82\n\nunknown: x\ndata: \xf0\x9f\x98\x80\n\n",
    b"",
)
"""By the standard's rules; the parsers of the starter are held to them too (tests/guide/starter/byte_streams.py)."""
