"""Event streams as bytes that public bug reports found somebody's parser wrong about, and their siblings."""

from __future__ import annotations

from tests.demos.protocol.event_streams import EXAMPLES

A, B = b'data: {"text": "A"}', b'data: {"text": "B"}'
STREAMS: dict[str, bytes] = {
    "CR alone ends lines": b"id: 1\revent: token\r" + A + b"\r\rid: 2\r" + B + b"\r\r",
    "CRLF": b"id: 1\r\nevent: token\r\n" + A + b"\r\n\r\nid: 2\r\n" + B + b"\r\n\r\n",
    "characters of many bytes": 'id: 1\ndata: {"text": "那个 🌍 é"}\n\n'.encode(),
    "a byte order mark first": b"\xef\xbb\xbfid: 1\n" + A + b"\n\n",
    "comments and blank lines": b"id: 1\n" + A + b"\n\n: ping\n\n:\n\n: \n\nid: 2\n:x\n" + B + b"\n\n\n\n",
    "a sentinel after the end": b"id: 1\nevent: token\n" + A + b"\n\ndata: [DONE]\n\n",
    "data of many lines": b'id: 1\ndata: {"a":1,\ndata:  "b":2}\ndata\ndata:\n\n',
    "no last blank line": b"id: 1\n" + A + b"\n\nid: 2\n" + B + b"\n",
    "no space after the colon": b'id:1\nevent:token\ndata:{"text": "A"}\n\ndata:  two\n\n',
    "line ends of Unicode": "id: 1\ndata: a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg\n\n".encode(),
    # --- siblings ---
    "all line ends at once": b"id: 1\r" + A + b"\r\n\nid: 2\n" + B + b"\r\r\n\n\r",
    "a blank line of CR and one of LF": b"data: a\r\n\r\rdata: b\n\r\ndata: c\r\r",
    "two byte order marks": b"\xef\xbb\xbf\xef\xbb\xbfdata: lost\ndata: kept\n\n",
    "half a byte order mark": b"\xef\xbb\n" + A + b"\n\n",
    "bytes that are no UTF-8": b"data: \xff\xc3\xe2\x82\n\ndata: ok\n\n",
    "a character that ends with the stream": b"data: a\n\ndata: \xf0\x9f\x8c",
    "an id with NUL": b"id: 1\n" + A + b"\n\nid: 2\0\n" + B + b"\n\n",
    "an empty id": b"id: 1\n" + A + b"\n\nid\n" + B + b"\n\nid: 3\nid:\n" + A + b"\n\n",
    "an id without data": b"id: 7\n\n" + A + b"\n\nevent: lost\n\n" + B + b"\n\n",
    "names that are none": b"Data: x\n data: y\ndata : z\nretry: 9\n\n" + A + b"\nunknown\n\n",
    "colons in values": b"event: a:b\nid: 3f2a-17\ndata: : c:: \n\n",
    "empty data": b"data\n\ndata:\n\ndata: \n\nevent: token\ndata\ndata\n\n",
    "nothing": b"",
    "blank lines only": b"\n\r\n\r\r\n\n",
    **{f"example {n}": stream for n, stream in enumerate(EXAMPLES, 1)},
}
