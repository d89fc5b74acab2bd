import asyncio

import pytest

from demos.connection import abort


def test_without_a_transport_it_fails_loudly():
    async def receive():
        return {"type": "http.disconnect"}

    with pytest.raises(ConnectionAbortedError, match="on purpose"):
        asyncio.run(abort(receive))
