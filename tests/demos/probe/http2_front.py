"""An edge that speaks HTTP/2, with one fault: `python http2_front.py PORT UPSTREAM FOLDER FAULT`.

`FOLDER` holds `chain.pem`, the certificate with its key. `FAULT` is a header as `name: value`, or one of `none`, `held`
and `reset`. Whoever does not offer HTTP/2 is passed through, byte by byte.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from pathlib import Path

import httpx
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived
from h2.exceptions import ProtocolError

PIECE = 65_536
Headers = list[tuple[str, str]]


class Front:
    """One connection of a client."""

    def __init__(self, writer: asyncio.StreamWriter, upstream: int, fault: str) -> None:
        self._writer, self._upstream, self._fault = writer, upstream, fault
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._h2.config.validate_outbound_headers = self._h2.config.normalize_outbound_headers = False

    async def serve(self, reader: asyncio.StreamReader) -> None:
        self._h2.initiate_connection()
        await self._send()
        answers = []
        while data := await reader.read(PIECE):
            for event in self._h2.receive_data(data):
                if isinstance(event, RequestReceived):
                    path = next(str(value) for name, value in event.headers or [] if name in (":path", b":path"))
                    answers.append(asyncio.create_task(self._answer(event.stream_id or 0, path)))
            await self._send()

    async def _answer(self, stream: int, path: str) -> None:
        url = f"http://127.0.0.1:{self._upstream}{path}"
        async with httpx.AsyncClient(timeout=60) as http, http.stream("GET", url) as answer:
            kind = answer.headers.get("content-type", "")
            head: Headers = [(":status", str(answer.status_code)), ("content-type", kind)]
            is_stream, kept = "event-stream" in kind, b""
            if is_stream and ":" in self._fault:
                name, _, value = self._fault.partition(": ")
                head.append((name, value))
            try:
                self._h2.send_headers(stream, head)
                async for piece in answer.aiter_raw():
                    kept += piece
                    if is_stream and self._fault == "held":
                        continue
                    if is_stream and self._fault == "reset" and len(kept) > 300:
                        self._h2.reset_stream(stream, 2)
                        return await self._send()
                    self._h2.send_data(stream, piece)
                    await self._send()
                self._h2.send_data(stream, kept if is_stream and self._fault == "held" else b"", end_stream=True)
                await self._send()
            except (ProtocolError, OSError):
                self._writer.close()  # the client has given it up

    async def _send(self) -> None:
        self._writer.write(self._h2.data_to_send())
        await self._writer.drain()


async def passed_on(near: asyncio.StreamReader, far: asyncio.StreamWriter) -> None:
    try:
        while data := await near.read(PIECE):
            far.write(data)
            await far.drain()
    finally:
        far.close()


async def main(port: int, upstream: int, folder: Path, fault: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem")
    context.set_alpn_protocols(["h2", "http/1.1"])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2":
                await Front(writer, upstream, fault).serve(reader)
            else:
                far, to = await asyncio.open_connection("127.0.0.1", upstream)
                await asyncio.gather(passed_on(reader, to), passed_on(far, writer))
        except (OSError, ProtocolError):
            pass  # whoever asked has left
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", port, ssl=context) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]))
